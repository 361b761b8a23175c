/* Private to the web codec: its state, and what its files do for each other.
 *
 *     web.c       the table of operations, its keys, connections, frames in and out
 *     web_page.c  requests: the page's files, who may ask, cookies
 *     web_talk.c  what was said, as long as it is kept */
#ifndef CHAT_WEB_WORK_H
#define CHAT_WEB_WORK_H

#include "chat/outbox.h"
#include "chat/web.h"
#include "core/arena.h"
#include "core/buf.h"

enum {
    WEB_ID_BYTES = 16,
    WEB_ID_SIZE = 2 * WEB_ID_BYTES,     /* in hexadecimal */
    WEB_COOKIE_SIZE = 2 * WEB_ID_SIZE,  /* the id, and the proof that we gave it */
    WEB_COOKIE_DAYS = 30,
    WEB_FRAME_MOST = 4096,
    WEB_LINES_MOST = 400,               /* of a talk; then the oldest go */
    WEB_TALK_BYTES = 64 * 1024,
    WEB_REPEATS = 32,                   /* message ids that are known again */
    WEB_TABS = 8,                       /* of one cookie */
    WEB_BURST = 12,                     /* messages at once; then by messages_per_minute */
    WEB_ADDRESS_BURST = 4 * WEB_BURST,  /* of all behind an address */
    WEB_REFUSALS = 20,                  /* messages over the limit in a row, then the connection is closed */
    WEB_ADDRESSES = 1024,
    WEB_SLOTS = 4096,                   /* of the table of talks */
    WEB_HEADERS = 10,
};

/* Close codes of our own (RFC 6455 7.4.2), which the page knows. */
enum { WEB_CLOSE_POLICY = 1008, WEB_CLOSE_AWAY = 1001, WEB_CLOSE_TABS = 4001 };

/* One frame of a talk, as it is sent. */
struct web_line {
    struct web_line *next;
    uint64_t number;
    size_t len;
    char frame[];
};

/* What was said with one person. */
struct web_talk {
    unsigned char id[WEB_ID_BYTES];
    uint64_t name;                   /* another each time a talk begins */
    struct web_talk *next;           /* in its slot */
    struct web_talk *older, *newer;
    struct web_line *first, *last;
    size_t line_count, bytes;
    uint64_t next_number;
    uint64_t repeats[WEB_REPEATS];   /* hashes of ids */
    size_t repeat_at;
    int64_t touched_ms, busy_ms;     /* busy_ms: see web_may() */
};

struct web_talks {
    struct web_talk *slots[WEB_SLOTS];
    struct web_talk *oldest, *newest;
    size_t bytes, bytes_most;
    int64_t keep_ms;
    uint64_t made; /* talks so far */
    unsigned char key[16];
};

/* A connection. */
struct web_guest {
    uint64_t conn;    /* 0: free */
    uint64_t address; /* its hash */
    unsigned char id[WEB_ID_BYTES];
    bool websocket, greeted;
    unsigned refused; /* messages over the limit in a row */
};

struct chat {
    struct arena life; /* the configuration */
    struct str address;
    uint16_t port;
    const struct str *origins;
    size_t origin_count;
    bool secure; /* the origins are https: so is the cookie */
    bool behind_proxy;
    size_t per_address;
    int64_t each_ms, each_address_ms; /* between messages */
    unsigned char entropy[16];

    struct web_guest *guests;
    size_t guest_most;
    struct web_talks talks;
    int64_t addresses_busy_ms[WEB_ADDRESSES];
    int64_t now_ms, told_ms;
    bool quitting;
    struct outbox out;
    struct buf frame; /* the one being written */

    struct chat_header headers[WEB_HEADERS]; /* of the last page */
    char set_cookie[256];
};

/* web.c */

uint64_t web_address_key(const struct chat *c, struct str address);
/* A connection of so many that an address may have. */
bool web_address_full(const struct chat *c, const struct web_guest *but, uint64_t address);
/* The oldest websockets of a person who has too many are closed. */
void web_make_room(struct chat *c, const unsigned char id[WEB_ID_BYTES]);
/* Whether one more may come now where each takes each_ms and `burst` may come at once: 0, and it is counted; or the milliseconds to wait.
 * *busy_ms: when all that came is worked off. */
int64_t web_may(int64_t *busy_ms, int64_t now_ms, int64_t each_ms, int64_t burst);

void web_hex(char *out, const unsigned char *bytes, size_t count); /* no NUL */
bool web_unhex(unsigned char *out, struct str text, size_t count);

/* web_page.c */

void web_requested(struct chat *c, struct web_guest *g, const struct chat_request *request, struct chat_page *page);
/* The person whose valid cookie is among those of a header. */
bool web_cookie_read(const struct chat *c, struct str header, unsigned char id[WEB_ID_BYTES]);
void web_talks_key(struct chat *c); /* one that tells nothing of that of the cookies */
void web_cookie_make(const struct chat *c, const unsigned char id[WEB_ID_BYTES], char out[WEB_COOKIE_SIZE]);

struct web_file {
    const char *path, *type;
    const unsigned char *bytes;
    size_t len;
};
extern const struct web_file web_files[]; /* written by the build from bot/page; ends with a NULL path */

/* web_talk.c */

struct web_talk *web_talk_find(const struct web_talks *t, const unsigned char id[WEB_ID_BYTES]);
/* Begins one; NULL without memory. */
struct web_talk *web_talk_add(struct web_talks *t, const unsigned char id[WEB_ID_BYTES], int64_t now_ms);
/* Keeps a frame; lasts until the next change. NULL without memory. The oldest of the talk, and the talks untouched for longest, make room. */
const struct web_line *web_talk_keep(struct web_talks *t, struct web_talk *talk, struct str frame, int64_t now_ms);
/* False: this id came before. */
bool web_talk_is_new(struct web_talks *t, struct web_talk *talk, struct str id, bool remember);
/* Forgets what was said; the talk goes on as another. */
void web_talk_clear(struct web_talks *t, struct web_talk *talk);
void web_talks_expire(struct web_talks *t, int64_t now_ms);
int64_t web_talks_due_ms(const struct web_talks *t); /* CHAT_NEVER: no talks */
void web_talks_finish(struct web_talks *t);

#endif
