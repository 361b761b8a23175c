/* Private to the Discord codec: its state, and what its files do for each other.
 *
 *     discord.c        the table of operations, its keys, timers, what is kept over a restart
 *     discord_gate.c   the gateway: where it is, login, resuming, heartbeat, how it ends
 *     discord_talk.c   messages and clicks in
 *     discord_post.c   answers out: pieces, buttons, which request carries them, what comes of it */
#ifndef CHAT_DISCORD_WORK_H
#define CHAT_DISCORD_WORK_H

#include "chat/discord.h"
#include "chat/discord_frame.h"
#include "chat/json.h"
#include "chat/outbox.h"
#include "chat/seen.h"
#include "core/arena.h"
#include "core/buf.h"

enum {
    DISCORD_FRAME_MOST = 4096,    /* of ours, or close code 4002 */
    DISCORD_FRAMES_A_MINUTE = 110, /* of ours; above 120 we are thrown out */
    DISCORD_HELLO_MS = 15 * 1000,
    DISCORD_LOGIN_MS = 60 * 1000,
    DISCORD_STEADY_MS = 60 * 1000,        /* ready for so long, a login was a good one */
    DISCORD_IDENTIFY_MS = 5 * 1000,       /* between two logins at least, and twice as long each time */
    DISCORD_IDENTIFY_MOST_MS = 600 * 1000,
    DISCORD_LOGINS_DEAR = 100,            /* fewer left than that are spread over the rest of the day */
    DISCORD_RATE_PAUSE_MS = 60 * 1000,    /* after close code 4008 */
    DISCORD_KEEP_SOON_MS = 1000,          /* what is kept is written so soon after a message for us */
    DISCORD_KEEP_LATE_MS = 15 * 1000,     /* and so soon after any other event */
    DISCORD_RESUMES_MOST = 3,             /* failures at the address to resume at, before the usual one is asked for */
    DISCORD_CLOSE_CODE = 4000,            /* ours: 1000 and 1001 would end the session */
    DISCORD_CALLBACK_MS = 2500,           /* an interaction is to be answered within 3 s */
    DISCORD_TYPING_MS = 1000,             /* a typing notice that comes later says nothing */
    DISCORD_CONTENT_MOST = 2000,          /* characters of a message. Documented without saying which: UTF-16 units are the most careful */
    DISCORD_BUTTONS_A_ROW = 5,
    DISCORD_BUTTONS_MOST = 20,            /* four rows of five; the fifth has the button to write */
    DISCORD_LABEL_MOST = 38,              /* of a button, so that it can be read on a phone; 80 are allowed */
    DISCORD_ID_MOST = 20,                 /* digits of a snowflake */
    DISCORD_TOKEN_MOST = 500,             /* of an interaction */
    DISCORD_ADDRESS_SIZE = 600,
    DISCORD_SESSION_MOST = 120,
    DISCORD_URL_MOST = 300,
    DISCORD_NAME_MOST = 128,
    DISCORD_LETTERS_MOST = 512,           /* answers under way */
    DISCORD_PLACES = 256,                 /* remembered private channels */
    DISCORD_ASKED = 1024,                 /* remembered last questions */
};

/* What people see where they pick the slash command. */
#define DISCORD_COMMAND_ABOUT "Talk with me. In a server, only you see what I say."
#define DISCORD_COMMAND_TEXT "What you want to tell me"

/* Types of an interaction's answer. */
enum { DISCORD_MESSAGE = 4, DISCORD_NO_CHANGE = 6, DISCORD_UPDATE = 7, DISCORD_MODAL = 9 };

enum discord_phase {
    PHASE_OFF,    /* no websocket */
    PHASE_WAIT,   /* a dial waits for its time */
    PHASE_ASK,    /* asking where the gateway is */
    PHASE_DIAL,
    PHASE_HELLO,  /* open, until the server's hello */
    PHASE_LOGIN,  /* identifying or resuming, or about to */
    PHASE_READY,
    PHASE_DOWN,   /* CHAT_CLOSE is queued; nothing counts any more */
};

/* What a session is resumed with; kept over a restart. */
struct discord_session {
    char id[DISCORD_SESSION_MOST + 1]; /* empty: there is none */
    char url[DISCORD_URL_MOST + 1];
    int64_t seq; /* -1: nothing yet */
    char user[DISCORD_ID_MOST + 1], name[DISCORD_NAME_MOST + 1], app[DISCORD_ID_MOST + 1]; /* who we are */
};

/* Where an answer goes; slices of the text. As text, by discord_address_write():
 *     USER               in private, wherever that is: the direct messages, or the interaction that is being answered
 *     c:CHANNEL:USER     a channel of direct messages
 *     g:CHANNEL:USER     a channel of a guild, where all can read it
 *     i:WHERE:USER:ID:TOKEN  an interaction. WHERE is two letters: e (ephemeral, in a guild) or d (in direct messages); and
 *                        p (of the private talk) or r (of the talk in the room) */
struct discord_address {
    char kind; /* 'u', 'c', 'g', 'i' */
    struct str channel, user, id, token;
    bool ephemeral, in_room;
};

struct discord_letter; /* an answer whose request is under way, or waits for its private channel */

struct discord_place {
    char user[DISCORD_ID_MOST + 1], channel[DISCORD_ID_MOST + 1];
};

/* The buttons last shown to somebody; others that are still on the screen are for questions long gone. */
struct discord_asked {
    uint64_t who;      /* a hash of the person, in a room or in private; 0: free */
    uint32_t question; /* a hash of it; 0: it had no buttons */
};

struct chat {
    struct arena life; /* the configuration */
    struct str api, gateway, command;
    char *auth; /* "Bot " and the token */
    size_t auth_len;
    unsigned char entropy[16];
    uint64_t drawn;      /* random numbers so far */
    uint64_t account;    /* a hash of server and token: what is kept for another is of no use */
    uint64_t command_hash; /* of the slash command */
    bool registered;       /* the server has it */

    enum discord_phase phase;
    bool quitting;
    struct discord_session session;
    bool resuming;                  /* in PHASE_LOGIN: rather than identifying */
    unsigned resume_fails;          /* in a row */
    unsigned logins;                /* IDENTIFYs since one that was steady */
    bool limit_waited;              /* for the few logins that are left */

    int64_t now_ms;
    int64_t dial_at_ms, identify_at_ms; /* not before */
    int64_t hello_by_ms, login_by_ms, login_at_ms, beat_at_ms, keep_at_ms; /* CHAT_NEVER: not running */
    int64_t beat_ms, ready_ms, told_ms;
    bool beat_answered, was_ready;
    int64_t minute_ms; /* when counting frames_sent began */
    unsigned frames_sent;

    /* the message that was handed out last, should it be an interaction */
    char at_hand[DISCORD_ADDRESS_SIZE]; /* its address; empty: none, or answered by others */
    bool at_hand_done;                  /* its callback is on its way */

    uint64_t numbers; /* of requests */
    uint64_t gateway_number, command_number;
    struct discord_letter *letters;
    size_t letter_count;
    struct discord_place places[DISCORD_PLACES];
    struct discord_asked asked[DISCORD_ASKED];
    struct seen seen;
    struct outbox out;
};

/* An event's data. */
typedef void discord_event_fn(struct chat *c, const cJSON *d);

struct discord_event {
    const char *name;
    discord_event_fn *fn;
};

/* Sorted by name; the tests look. */
const struct discord_event *discord_events(size_t *count);

/* discord.c */

void discord_put(struct chat *c, const struct chat_out *out);
void discord_note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Closes the connection. Returns false with the reason in e. */
bool discord_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Digits only, and not too many. */
bool discord_is_id(struct str s);
/* Anywhere from least to most. */
int64_t discord_random(struct chat *c, int64_t least, int64_t most);
/* What is to outlast a restart has changed: written at once, or by then. */
void discord_keep(struct chat *c, int64_t within_ms);
/* A request with a number of its own, which is returned. path: behind the API's address. Others of out are the caller's. */
uint64_t discord_ask(struct chat *c, struct chat_out *out, const char *path, ...) __attribute__((format(printf, 3, 4)));
/* Copies what fits; the empty string where it does not, or has bytes below a blank. */
void discord_set(char *out, size_t size, struct str value);

/* discord_gate.c */

void discord_dial(struct chat *c);
void discord_opened(struct chat *c);
bool discord_feed(struct chat *c, struct str frame, struct err *e);
void discord_closed(struct chat *c, const struct chat_end *end);
/* The answer to where the gateway is. */
void discord_gateway_told(struct chat *c, const struct chat_answer *a);
void discord_gate_tick(struct chat *c);
int64_t discord_gate_due_ms(const struct chat *c);
/* Whether a refusal came from what stands before the server rather than from it: Cloudflare's ban of our address. */
bool discord_is_ban(const struct chat_answer *a);
discord_event_fn discord_on_ready, discord_on_resumed;

/* discord_talk.c */

discord_event_fn discord_on_message, discord_on_interaction;
bool discord_address_read(struct str text, struct discord_address *a);

/* discord_post.c */

bool discord_say(struct chat *c, const struct chat_say *say, struct err *e);
/* Answers an interaction with no text: DISCORD_NO_CHANGE, or DISCORD_UPDATE, which takes the buttons away. */
void discord_acknowledge(struct chat *c, const struct discord_address *a, int type);
/* Opens the window for words of one's own. */
void discord_ask_words(struct chat *c, const struct discord_address *a);
void discord_typing(struct chat *c, struct str channel);
/* Whether the buttons of that question are the last that were shown to the person there. */
bool discord_is_asked(const struct chat *c, struct str user, bool in_room, uint32_t question);
void discord_learn_place(struct chat *c, struct str user, struct str channel);
void discord_answered(struct chat *c, const struct chat_answer *a);
void discord_drop_letters(struct chat *c);

#endif
