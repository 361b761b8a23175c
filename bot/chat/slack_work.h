/* Private to the Slack codec: its state, and what its files do for each other.
 *
 *     slack.c        the table of operations, its keys, timers, requests and what their answers mean
 *     slack_login.c  from "who are we?" to hello; envelopes; how connections are replaced; what outlasts a restart
 *     slack_talk.c   messages, clicks and slash commands of others
 *     slack_send.c   our answers, with their buttons
 *     slack_catch.c  what no websocket brought, from the history */
#ifndef CHAT_SLACK_WORK_H
#define CHAT_SLACK_WORK_H

#include "chat/compose.h"
#include "chat/json.h"
#include "chat/outbox.h"
#include "chat/pace.h"
#include "chat/seen.h"
#include "chat/slack.h"
#include "core/arena.h"
#include "core/buf.h"

enum {
    SLACK_ID_SIZE = 33, /* U..., C..., D...: capital letters and digits, about eleven of them today */
    SLACK_TS_SIZE = 25, /* seconds.microseconds: the id of a message within its channel, and its time */
    SLACK_NAME_SIZE = 84,
    SLACK_TEXT_MOST = 3000,        /* of a message, in UTF-16 units: a section takes 3000 characters, a message is advised to stay below 4000 */
    SLACK_FRAME_MOST = 1024 * 1024, /* a larger event is no message that a person can write */
    SLACK_HELLO_MS = 15 * 1000,
    SLACK_OVERLAP_MS = 5 * 1000,   /* after a connection was replaced: goodbyes are the old one's */
    SLACK_REFRESH_MS = 2 * 1000,   /* between two attempts to get another connection, and twice as long each time */
    SLACK_KEEP_MS = 1000,          /* between two CHAT_KEEPs */
    SLACK_PACE_MS = 1000,          /* between two messages to one channel */
    SLACK_CATCH_BACK_S = 5,        /* catching up begins so much before the last message we know */
    SLACK_CATCH_AGAIN_MS = 30 * 1000,
    SLACK_PAGE = 200,              /* messages of the history at once */
    SLACK_PAGES_MOST = 10,         /* of one place */
    SLACK_SENDS_MOST = 512,
    SLACK_SEND_BYTES_MOST = 1024 * 1024,
    SLACK_SEND_TRIES_MOST = 7,
    SLACK_SEND_AGE_MOST_MS = 10 * 60 * 1000,
    SLACK_UPDATE_MS = 60 * 1000,   /* after which buttons are not worth taking away any more */
    SLACK_QUESTIONS = 256,
    SLACK_BUTTONS_MOST = 25,
    SLACK_LABEL_MOST = 30,         /* of a button, in UTF-16 units, so that it can be read on a phone; 75 are allowed */
    SLACK_PLACES = 256,
    SLACK_PLACES_KEPT = 64,
    SLACK_HANDLED = 64,
    SLACK_PACED = 256,
    SLACK_ADDRESS_SIZE = 2 + 2 * SLACK_ID_SIZE + SLACK_TS_SIZE,
    SLACK_ROOM_SIZE = SLACK_ID_SIZE + SLACK_TS_SIZE,
    SLACK_KEY_SIZE = SLACK_ID_SIZE + SLACK_TS_SIZE + 8, /* of a message that was handled */
};

enum slack_phase {
    SLACK_OFF,   /* no websocket, or not open yet */
    SLACK_LOGIN, /* open, until hello */
    SLACK_READY,
    SLACK_DOWN,  /* CHAT_CLOSE is queued; nothing counts any more */
};

/* What a CHAT_HTTP is for: the lowest bits of its number; the others are a serial number. */
enum slack_request { SLACK_AUTH = 1, SLACK_OPEN, SLACK_DIRECT, SLACK_SEND, SLACK_CHECK, SLACK_UPDATE, SLACK_HISTORY };
enum { SLACK_REQUEST_BITS = 3 };

/* What an answer of the Web API means. */
enum slack_verdict {
    SLACK_FINE,
    SLACK_LOST,    /* no answer, or a broken one: it may have been done */
    SLACK_AGAIN,   /* not done; later it may be */
    SLACK_REFUSED, /* never will be */
    SLACK_FATAL,   /* nothing will be: the connection has been given up */
};

/* Strings last as long as the document. */
struct slack_reply {
    enum slack_verdict verdict;
    cJSON *body;      /* or NULL */
    struct str error; /* Slack's name of it, or empty; letters, digits and _ */
};

/* Where people have talked with us: a channel of direct messages, a channel, or a thread in one. */
struct slack_place {
    char channel[SLACK_ID_SIZE];
    char thread[SLACK_TS_SIZE]; /* its first message; empty: all that is in no thread */
    char user[SLACK_ID_SIZE];   /* with whom it is a direct one; empty: it is not */
};

/* An address of ours, the `to` and `aside` of messages: d/CHANNEL/THREAD/USER in direct messages, c/CHANNEL/THREAD/USER elsewhere, USER
 * alone where the channel is still to be found. THREAD may be empty. Slices. */
struct slack_address {
    bool direct;
    struct str channel, thread, user;
};

/* The newest question that we have put to somebody somewhere, whose buttons are their answers. */
struct slack_question {
    char key[COMPOSE_KEY_SIZE]; /* of the message with the buttons; empty: free */
    char to[SLACK_ADDRESS_SIZE];
};

struct slack_send; /* a message of ours, until we know that it is there */

struct slack_catch {
    bool lost;         /* something has been missed that catching up has not begun to fetch */
    bool running;
    bool failed;       /* a place of the one that runs */
    unsigned failures; /* one after the other, which make the pauses longer */
    uint64_t serial;
    int64_t again_at_ms;
    struct slack_place places[SLACK_PLACES];
    size_t count, at;
    unsigned pages;
    cJSON *found; /* messages of the place, from all pages */
};

struct chat {
    struct arena life; /* the configuration */
    struct str api;
    char *app_auth, *bot_auth; /* "Bearer ..." */
    bool private_only;

    enum slack_phase phase;
    bool quitting, told_scope;
    char me[SLACK_ID_SIZE], name[SLACK_NAME_SIZE];
    uint64_t asked;           /* the request for a connection under way, or 0 */
    bool refreshing;          /* a connection that will end is to be replaced by a new one */
    unsigned refreshes;       /* attempts to do so */
    char newest[SLACK_TS_SIZE]; /* time of the newest message that has come; empty: none */
    char done[SLACK_TS_SIZE];   /* all until then has been looked at, where something is lost */

    int64_t now_ms;
    int64_t hello_by_ms, refresh_at_ms, keep_at_ms; /* CHAT_NEVER: not running */
    int64_t overlap_until_ms, kept_ms, told_ms;
    uint64_t serial;

    struct slack_place places[SLACK_PLACES]; /* a ring */
    size_t place_next;
    char handled[SLACK_HANDLED][SLACK_KEY_SIZE]; /* a ring of what was handed on last */
    size_t handled_next;
    struct slack_question questions[SLACK_QUESTIONS]; /* a ring */
    size_t question_next;
    struct slack_catch catch;
    struct slack_send *sends; /* in their order */
    size_t send_count, send_bytes;
    int64_t pace_at_ms[SLACK_PACED]; /* when the channels with that hash may have another message */
    unsigned char entropy[16];

    struct seen seen;
    struct pace pace;
    struct outbox out;
};

/* slack.c */

void slack_put(struct chat *c, const struct chat_out *out);
void slack_note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void slack_end(struct chat *c, enum chat_close close, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Calls a method of the Web API and gives the request's serial number. method: with its query; body is freed, NULL: a GET. more: lane, at_ms,
 * once, dialing. */
uint64_t slack_request(struct chat *c, enum slack_request what, const char *method, cJSON *body, struct chat_out more);
/* Free the body. An error after which nothing works ends the connection: SLACK_FATAL. */
struct slack_reply slack_read_reply(struct chat *c, const struct chat_answer *a);
bool slack_is_id(struct str s);
bool slack_is_ts(struct str s);
/* As strcmp(), by time. The empty one is before all. */
int slack_ts_compare(struct str a, struct str b);
void slack_copy(char *to, size_t size, struct str s);
/* Adds NAME=VALUE to a query, behind ? or &. */
void slack_add_query(struct buf *url, const char *name, struct str value);

/* slack_login.c */

void slack_ask_connection(struct chat *c);
void slack_on_auth(struct chat *c, uint64_t serial, const struct slack_reply *r, const struct chat_answer *a);
void slack_on_open(struct chat *c, uint64_t serial, const struct slack_reply *r, const struct chat_answer *a);
/* False: the frame is none of Slack's. */
bool slack_on_frame(struct chat *c, const cJSON *frame);
/* Reads what was kept; anything odd in it is passed over. */
void slack_recall(struct chat *c, struct str kept);
void slack_keep(struct chat *c);
void slack_keep_soon(struct chat *c);

typedef void slack_handler_fn(struct chat *c, const cJSON *frame);
struct slack_handler {
    const char *type;
    slack_handler_fn *fn;
};
/* Sorted by type; the tests look. */
const struct slack_handler *slack_handlers(size_t *count);

/* slack_talk.c */

slack_handler_fn slack_on_event, slack_on_interactive, slack_on_command;
/* A message of anybody's. */
void slack_take_message(struct chat *c, const cJSON *message, struct str channel, bool direct);
bool slack_address_read(struct str text, struct slack_address *out);
void slack_know_place(struct chat *c, struct str channel, struct str thread, struct str user);

/* slack_send.c */

bool slack_say(struct chat *c, const struct chat_say *say, struct err *e);
/* Sends what may be sent now. */
void slack_work(struct chat *c);
int64_t slack_sends_due_ms(const struct chat *c);
/* When we leave: all that has a place to go to. */
void slack_flush(struct chat *c);
void slack_on_direct(struct chat *c, uint64_t serial, const struct slack_reply *r);
void slack_on_sent(struct chat *c, uint64_t serial, const struct slack_reply *r);
void slack_on_checked(struct chat *c, uint64_t serial, const struct slack_reply *r);
void slack_forget_sends(struct chat *c);
struct slack_question *slack_find_question(struct chat *c, struct str key);

/* slack_catch.c */

/* From now on messages may be missed, until catching up has fetched them. */
void slack_lost(struct chat *c);
/* Begins to catch up where that is due. */
void slack_catch_up(struct chat *c);
void slack_on_history(struct chat *c, uint64_t serial, const struct slack_reply *r);

#endif
