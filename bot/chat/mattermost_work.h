/* Private to the Mattermost codec: its state, and what its files do for each other.
 *
 *     mattermost.c        the table of operations, its keys, timers
 *     mattermost_login.c  from "who are we?" to ready; sequence numbers; what outlasts a restart
 *     mattermost_talk.c   posts and reactions of others
 *     mattermost_send.c   our answers and the reactions under our questions
 *     mattermost_catch.c  what the websocket did not bring, by REST */
#ifndef CHAT_MATTERMOST_WORK_H
#define CHAT_MATTERMOST_WORK_H

#include "chat/json.h"
#include "chat/mattermost.h"
#include "chat/outbox.h"
#include "chat/pace.h"
#include "chat/seen.h"
#include "core/arena.h"
#include "core/buf.h"

enum {
    MM_ID_LEN = 26,
    MM_ID_SIZE = MM_ID_LEN + 1,
    MM_NAME_SIZE = 72,
    MM_TEXT_MOST = 16383,        /* of a post, in code points */
    MM_FRAME_MOST = 1024 * 1024, /* a larger event is no post that a person can write */
    MM_LOGIN_MS = 10 * 1000,     /* the server itself hangs up after five seconds */
    MM_PING_MS = 30 * 1000,
    MM_PONG_MS = 20 * 1000,
    MM_CHECK_MS = 60 * 1000,             /* a revoked token keeps its websocket: we ask */
    MM_KEEP_MS = 1000,                   /* between two CHAT_KEEPs */
    MM_OVERLAP_MS = 5000,                /* catching up begins so much before the last post we know */
    MM_HORIZON_MS = 24 * 60 * 60 * 1000, /* what is older is not answered any more */
    MM_CATCH_AGAIN_MS = 30 * 1000,
    MM_CATCH_MOST = 200, /* channels caught up with at once */
    MM_SENDS_MOST = 512,
    MM_SEND_BYTES_MOST = 1024 * 1024,
    MM_SEND_TRIES_MOST = 7,
    MM_SEND_AGE_MOST_MS = 10 * 60 * 1000,
    MM_BUSY = 32,            /* answers that wait: then there are no reactions, which cost as much as answers do */
    MM_REACT_MS = 60 * 1000, /* after which quick replies are not worth putting any more */
    MM_TALKS = 256,
    MM_CHOICES_MOST = 10,
    MM_PLACES = 256,
    MM_PLACES_KEPT = 64,
    MM_HANDLED = 64,
    MM_THREADS = 512,
    MM_ADDRESS_SIZE = 2 + 3 * MM_ID_SIZE,
    MM_ROOM_SIZE = 2 * MM_ID_SIZE,
};

enum mm_phase {
    MM_OFF,    /* no websocket, or not open yet */
    MM_ASKING, /* who are we? */
    MM_LOGIN,  /* the websocket is open */
    MM_READY,
    MM_DOWN, /* CHAT_CLOSE is queued; nothing counts any more */
};

/* What a CHAT_HTTP is for: the lowest bits of its number; the others are a serial number. */
enum mm_request { MM_ASK_ME = 1, MM_CHECK_ME, MM_LIST, MM_POSTS, MM_DIRECT, MM_SEND, MM_REACT };
enum { MM_REQUEST_BITS = 3 };

/* A channel with people who have talked with us. */
struct mm_place {
    char channel[MM_ID_SIZE];
    char user[MM_ID_SIZE]; /* with whom it is a direct one; "?": not known; empty: it is none */
};

/* An address of ours, the `to` and `aside` of messages: d/CHANNEL/ROOT/USER in a direct channel, c/CHANNEL/ROOT/USER in others,
 * USER alone where the direct channel is still to be found. ROOT is a thread's first post, or empty. Slices. */
struct mm_address {
    bool direct;
    struct str channel, root, user;
};

/* Somebody's talk with us: what was said last, on both sides. */
struct mm_talk {
    char to[MM_ADDRESS_SIZE]; /* empty: free */
    char nick[MM_NAME_SIZE];
    char question[MM_ID_SIZE]; /* our post, where it asks something that their reactions answer; empty: none is open */
    size_t choices;
    char said[MM_ID_SIZE]; /* their post; edited, it is a correction */
    uint64_t said_hash;
};

/* A post of ours, until we know that it is there. */
struct mm_send {
    struct mm_send *next;
    uint64_t serial; /* of the request that is on its way; 0: none */
    char to[MM_ADDRESS_SIZE];
    char key[24 + MM_ID_SIZE + 1]; /* its pending_post_id */
    char arrived[MM_ID_SIZE];      /* the post's id, where the websocket has shown it to us */
    int64_t said_ms, not_before_ms;
    unsigned tries;
    bool behind; /* another of the same talk */
    size_t choices;
    size_t len;
    char text[];
};

struct mm_catch {
    bool lost; /* something has been missed that catching up has not begun to fetch */
    bool running;
    bool failed;       /* a channel of the one that runs */
    unsigned failures; /* one after the other, which make the pauses longer */
    uint64_t serial;
    int64_t since_ms, again_at_ms;
    struct mm_place places[MM_CATCH_MOST];
    size_t count, at;
};

struct chat {
    struct arena life; /* the configuration */
    struct str url;
    char *auth; /* "Bearer ..." */
    size_t auth_len;
    bool private_only;

    enum mm_phase phase;
    bool quitting, told_ready;
    char me[MM_ID_SIZE], name[MM_NAME_SIZE];
    char connection[MM_ID_SIZE]; /* to be resumed; empty: none */
    bool resuming;
    int64_t expected;  /* sequence number of the next event; -1: any */
    int64_t done_ms;   /* all posts until then have been looked at, in the server's time; 0: unknown */
    int64_t newest_ms; /* of the posts that have come */
    int64_t server_ms; /* the server's time, as last told; 0: not yet */

    int64_t now_ms;
    int64_t login_by_ms, ping_at_ms, pong_by_ms, check_at_ms, keep_at_ms; /* CHAT_NEVER: not running */
    int64_t kept_ms, told_ms;
    uint64_t serial, ping_seq, asked, checked; /* asked, checked: the requests under way, or 0 */
    int64_t action_seq;

    struct mm_place places[MM_PLACES]; /* a ring */
    size_t place_next;
    char handled[MM_HANDLED][MM_ID_SIZE]; /* a ring of what was handed on last */
    size_t handled_next;
    char threads[MM_THREADS][MM_ID_SIZE]; /* a ring of those in which somebody has spoken to us */
    size_t thread_next;
    struct mm_talk talks[MM_TALKS]; /* a ring */
    size_t talk_next;
    struct mm_catch catch;
    struct mm_send *sends; /* in their order */
    size_t send_count, send_bytes;

    struct seen seen;
    struct pace pace;
    struct outbox out;
};

/* mattermost.c */

void mm_put(struct chat *c, const struct chat_out *out);
void mm_note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mm_end(struct chat *c, enum chat_close close, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Sends a request and gives its number. Path behind /api/v4; body is freed, NULL: a GET. more: lane, at_ms, once, dialing. */
uint64_t mm_request(struct chat *c, enum mm_request what, const char *path, cJSON *body, struct chat_out more);
/* An action over the websocket; data is freed. Gives its seq. */
uint64_t mm_action(struct chat *c, const char *action, cJSON *data);
/* 26 small letters and digits. */
bool mm_is_id(struct str s);
void mm_copy(char *to, size_t size, struct str s);

/* mattermost_login.c */

void mm_ask_who_we_are(struct chat *c);
void mm_on_who_we_are(struct chat *c, const struct chat_answer *a);
void mm_on_checked(struct chat *c, const struct chat_answer *a);
void mm_begin_login(struct chat *c);
void mm_ping(struct chat *c);
/* False: the frame is none of Mattermost's. */
bool mm_on_frame(struct chat *c, const cJSON *frame);
/* Reads what was kept; anything odd in it is passed over. */
void mm_recall(struct chat *c, struct str kept);
void mm_keep(struct chat *c);
void mm_keep_soon(struct chat *c);

/* mattermost_talk.c */

typedef void mm_handler_fn(struct chat *c, const cJSON *data);
struct mm_handler {
    const char *event;
    mm_handler_fn *fn;
};
/* Sorted by event; the tests look. */
const struct mm_handler *mm_handlers(size_t *count);
mm_handler_fn mm_on_hello, mm_on_post_edited, mm_on_posted, mm_on_reaction_added;

/* A post of anybody's. type: of the channel, "D" for a direct one; sender: with or without an @, or empty. */
void mm_take_post(struct chat *c, const cJSON *post, struct str type, struct str sender);
bool mm_address_read(struct str text, struct mm_address *out);
void mm_know_place(struct chat *c, struct str channel, struct str user);
/* Whether two addresses are one talk: private ones are, whatever the thread. */
bool mm_same_talk(struct str a, struct str b);
/* The talk at an address; a new one takes the place of the oldest. */
struct mm_talk *mm_talk_at(struct chat *c, struct str to);

/* mattermost_send.c */

/* Of emoji, 1 to 10. */
extern const char *const mm_number_names[MM_CHOICES_MOST];

bool mm_say(struct chat *c, const struct chat_say *say, struct err *e);
/* Sends what may be sent now. */
void mm_work(struct chat *c);
int64_t mm_sends_due_ms(const struct chat *c);
/* When we leave: all that has a place to go to. */
void mm_flush(struct chat *c);
void mm_on_sent(struct chat *c, uint64_t serial, const struct chat_answer *a);
void mm_on_direct(struct chat *c, uint64_t serial, const struct chat_answer *a);
/* The server shows us a post of our own: by its pending_post_id, or where it has none by its text. */
void mm_on_own_post(struct chat *c, const cJSON *post);
void mm_forget_sends(struct chat *c);

/* mattermost_catch.c */

void mm_lost(struct chat *c, const char *why);
/* Begins to catch up where that is due. */
void mm_catch_up(struct chat *c);
void mm_on_list(struct chat *c, uint64_t serial, const struct chat_answer *a);
void mm_on_posts(struct chat *c, uint64_t serial, const struct chat_answer *a);

#endif
