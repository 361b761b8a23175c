/* A chat platform as a codec: bytes and time in; messages, frames, requests, wake-ups and closings out. No socket, no clock.
 *
 * The shell owns connections, TLS, timers, retries and rate limits, once for all platforms. It calls dial() when a connection
 * is wanted, opened() when the websocket is up, feed() for each whole frame, closed() when it is gone or did not come up,
 * answered() when an HTTP request has its answer, tick() when a wake-up is due, and after each of these drains next() until it
 * returns false. The codec never calls back. Time is in milliseconds, must not decrease, and starts anywhere.
 *
 *     dial     -> next: CHAT_DIAL, or CHAT_HTTP first ("where is your gateway?")
 *     opened   -> next: CHAT_WIRE <open/> ...
 *     feed     -> next: CHAT_MESSAGE -> engine -> say -> next: CHAT_WIRE, or CHAT_HTTP
 *     closed   -> next: CHAT_CLOSE, when it should not simply be tried again
 *
 * What a peer sends never makes a codec exit or assert: feed() returns false with the reason, the stream is closed. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "core/err.h"
#include "core/str.h"

struct chat; /* a codec's own */

#define CHAT_NEVER INT64_MAX /* a time that does not come */
static inline int64_t chat_sooner(int64_t a, int64_t b) { return a < b ? a : b; }

enum chat_out_kind {
    CHAT_READY,   /* logged in, on the server's own word; text: who we are on the platform */
    CHAT_MESSAGE, /* somebody said something that may be for us */
    CHAT_DIAL,    /* open a websocket. While one is open: the new one first, then the old one is dropped */
    CHAT_WIRE,    /* send bytes as one text frame, on the websocket whose frame is being fed, else the newest */
    CHAT_HTTP,    /* send a request; answered() brings its answer, after retries */
    CHAT_WAKE_AT, /* call tick() at at_ms, or a little later; replaces the wake-up before it */
    CHAT_CLOSE,   /* close the websocket; close says what then */
    CHAT_KEEP,    /* text is to be had again after a restart (chat_setup.kept); replaces what was kept before; secret */
    CHAT_NOTE,    /* something the operator's log should say; no secrets, nothing of what people wrote */
};

/* What to do after a close. */
enum chat_close {
    CHAT_RETRY,       /* connect again, with backoff */
    CHAT_RETRY_LATER, /* connect again after a long pause: the server asked us to go away */
    CHAT_STOP,        /* never connect again: wrong password, unknown host, replaced by another login */
    CHAT_DONE,        /* we said goodbye (after quit()) */
};

enum chat_method { CHAT_GET, CHAT_POST, CHAT_PUT, CHAT_PATCH, CHAT_DELETE };

/* The strings of a result, in one list: the queue copies them all. */
#define CHAT_OUT_STRINGS(X)                                                                                            \
    X(who)    /* CHAT_MESSAGE: key of the person within the platform, for the session; nobody else can get hold of it */ \
    X(room)   /* CHAT_MESSAGE: of the room, empty in private */                                                        \
    X(to)     /* CHAT_MESSAGE: the address to hand to say() for an answer in the same place; opaque */                 \
    X(nick)   /* CHAT_MESSAGE: how to address them in a room */                                                        \
    X(aside)  /* CHAT_MESSAGE: the address for a private answer to the same person, and the `who` of what they write in \
                 private; empty where there is none */                                                                 \
    X(id)     /* CHAT_MESSAGE: of the message, for chat_say.answers; empty where the platform has none */              \
    X(url)    /* CHAT_DIAL, CHAT_HTTP: whole */                                                                        \
    X(auth)   /* CHAT_DIAL, CHAT_HTTP: the Authorization header's value, or empty; secret */                           \
    X(origin) /* CHAT_DIAL: the Origin header's value, or empty */                                                     \
    X(type)   /* CHAT_HTTP: Content-Type of text; empty: application/json */                                           \
    X(lane)   /* CHAT_HTTP: requests of one lane are answered in order, one at a time; empty: on its own */            \
    X(text)   /* CHAT_MESSAGE without our name; CHAT_WIRE the frame; CHAT_HTTP the body; CHAT_NOTE, CHAT_CLOSE the      \
                 reason; CHAT_KEEP the bytes */

struct chat_out {
    enum chat_out_kind kind;
#define X(name) struct str name;
    CHAT_OUT_STRINGS(X)
#undef X
    bool addressed;        /* CHAT_MESSAGE: private, or begins with our name in any of its forms */
    bool discreet;         /* CHAT_MESSAGE: the room sees the answer, though it could be one for a single person's eyes: nothing of
                              the talk is to be said there but an emergency's advice */
    bool corrects;         /* CHAT_MESSAGE: it stands for what the same person said last, which was answered */
    int64_t at_ms;         /* CHAT_WAKE_AT; CHAT_HTTP: not to be begun after it, 0: no such time */
    enum chat_close close; /* CHAT_CLOSE */
    unsigned code;         /* CHAT_CLOSE: for our close frame (RFC 6455 7.4); 0: 1000 */
    enum chat_method method; /* CHAT_HTTP */
    uint64_t number;         /* CHAT_HTTP: the codec's own, comes back with the answer. CHAT_WIRE and CHAT_CLOSE of a chat_server: the
                                connection; a CHAT_CLOSE of 0: of all, the end */
    bool once;               /* CHAT_HTTP: sent twice it would be done twice; not repeated when it may have arrived */
    bool dialing;            /* CHAT_HTTP: for a dial(), which has pauses of its own: repeated only when told to wait (429) */
};

/* What came of a CHAT_HTTP. Strings last for the call. */
struct chat_answer {
    uint64_t number;
    unsigned status; /* of HTTP; 0: there was none, why says the reason */
    struct str body, why;
};

/* How a dial() ended. Strings last for the call. */
struct chat_end {
    bool was_open;   /* opened() had been called */
    unsigned code;   /* of the peer's close frame (RFC 6455 7.4); 0: none */
    unsigned status; /* of HTTP, where the upgrade was refused; 0: none */
    struct str why;
};

/* One text of an answer, with its quick replies. */
struct chat_part {
    struct str text; /* our own markup: see chat/compose.h */
    const struct str *choices;
    size_t choice_count;
    bool numbered; /* a number picks one */
    uint8_t together; /* the first so many may be picked together; 0: one only */
    uint8_t level;    /* how soon it tells them to get help: 0 it says nothing of that, 1 can wait, 2 a visit, 3 today, 4 call now */
};

/* One message of ours. */
struct chat_say {
    struct str to;      /* `to` or `aside` of a CHAT_MESSAGE */
    struct str nick;    /* in a room: whom it is for; empty in private */
    struct str answers; /* the CHAT_MESSAGE's id; empty where there is none */
    bool aside;         /* an answer in private to what was said in a room */
    bool forget;        /* they asked us to delete everything: what the platform's codec holds of the talk, too */
    const struct chat_part *parts;
    size_t part_count;
};

/* ---- configuration: the keys of a platform's INI section ---- */

enum chat_key_kind {
    CHAT_KEY_TEXT,
    CHAT_KEY_LIST,   /* separated by commas */
    CHAT_KEY_SECRET, /* "token": the INI has token_file and token_env, one of them */
    CHAT_KEY_WS,     /* ws:// or wss:// */
    CHAT_KEY_HTTP,   /* http:// or https://, without a slash at the end */
    CHAT_KEY_NUMBER,
    CHAT_KEY_YES_NO,
};

struct chat_key {
    const char *name;
    enum chat_key_kind kind;
    bool required;
    uint64_t min, max, standard; /* of a number; standard also of yes (1) and no (0) */
    const char *standard_text;   /* where the key is left out; NULL: empty */
    bool (*check)(struct str text, struct err *e); /* of the text or of each item; NULL: any */
};

enum { CHAT_KEYS_MAX = 16 };

struct chat_value {
    struct str text; /* followed by a NUL */
    const struct str *items;
    size_t item_count;
    uint64_t number; /* yes is 1 */
};

/* Strings last as long as the codec. */
struct chat_setup {
    const struct chat_value *values; /* one for each key, in their order */
    int64_t long_pause_ms;           /* the operator's pause after CHAT_RETRY_LATER */
    struct str kept;                 /* of CHAT_KEEP in an earlier run; checked by the codec as any input; may be empty */
    unsigned char entropy[16];       /* random, new for each start of the program */
};

/* ---- platforms that people come to ---- */

/* An HTTP request, or one for a websocket. Strings last for the call; headers that are not there are empty. */
struct chat_request {
    bool reads;     /* GET or HEAD */
    bool websocket; /* an upgrade is asked for */
    struct str path;
    struct str host, origin, cookie, forwarded; /* headers; forwarded: X-Forwarded-For */
    unsigned char random[16];                   /* fresh */
};

struct chat_header {
    const char *name;
    struct str value;
};

/* The answer. Strings last until the next call of any function on the codec. */
struct chat_page {
    unsigned status; /* of HTTP; 101: the websocket may be opened */
    const char *type;
    struct str body;
    const struct chat_header *headers;
    size_t header_count;
};

/* What a platform has that listens instead of dialing. The shell accepts connections and gives each a number from 1 up, never the same
 * twice; one connection may make some requests and then become a websocket. */
struct chat_server {
    void (*place)(const struct chat *c, struct str *address, uint16_t *port); /* where to listen; the address is numeric */
    /* Somebody connects. False: close it; left() is not called then. */
    bool (*arrived)(struct chat *c, uint64_t conn, struct str address);
    void (*requested)(struct chat *c, uint64_t conn, const struct chat_request *request, struct chat_page *page, int64_t now_ms);
    /* A whole frame. False: the peer breaks the rules; a CHAT_CLOSE is queued. */
    bool (*feed)(struct chat *c, uint64_t conn, struct str frame, bool binary, int64_t now_ms, struct err *e);
    void (*left)(struct chat *c, uint64_t conn);
    size_t frame_most; /* bytes; the shell refuses longer ones */
};

/* One platform. All members but subprotocols and user_agent are required; chat_ops_assert() in the tests holds them to it. One with a
 * server has that instead of dial, opened, feed, closed and answered. */
struct chat_ops {
    const char *name;          /* "xmpp": of the INI's section, too */
    const char *subprotocols;  /* of the websocket, separated by commas, the best first; NULL: none */
    bool subprotocol_optional; /* a server that picks none is fine */
    const char *user_agent;    /* of HTTP requests; NULL: our name and version */
    const struct chat_key *keys; /* ends with a NULL name */
    const struct chat_server *server; /* NULL: it dials */
    /* NULL with the reason where the configuration cannot be used. */
    struct chat *(*make)(const struct chat_setup *setup, struct err *e);
    /* A connection is wanted: at the start and after each loss, when its pause is over. The answer is a CHAT_DIAL, at once, at
     * a CHAT_WAKE_AT or when a CHAT_HTTP was answered, or a CHAT_CLOSE. */
    void (*dial)(struct chat *c, int64_t now_ms);
    /* The websocket is open: a new stream begins. What was said before is kept. */
    void (*opened)(struct chat *c, int64_t now_ms);
    /* A whole frame arrived. False: the stream is beyond repair; a CHAT_CLOSE is queued. */
    bool (*feed)(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e);
    /* The websocket is gone, for whatever reason, or did not come up. */
    void (*closed)(struct chat *c, const struct chat_end *end, int64_t now_ms);
    void (*answered)(struct chat *c, const struct chat_answer *answer, int64_t now_ms);
    void (*tick)(struct chat *c, int64_t now_ms);
    /* The next result, in order. Strings last until the next call of any function on c but say(). */
    bool (*next)(struct chat *c, struct chat_out *out);
    /* Queue a message. Held while not logged in, within a limit; false with ERR_LIMIT past it. */
    bool (*say)(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e);
    /* Say goodbye, then CHAT_CLOSE with CHAT_DONE. */
    void (*quit)(struct chat *c, int64_t now_ms);
    /* NULL is fine. */
    void (*free)(struct chat *c);
};

/* If text begins with our name ("lippy: x", "@lippy x", "Lippy, x", "hey lippy x", alone or with a mark behind it;
 * ASCII case ignored), *rest is what follows, trimmed, and true. A slice of text. Also true for "... @lippy" anywhere,
 * with the text unchanged. */
bool chat_is_addressed(struct str text, struct str name, struct str *rest);

/* Milliseconds before connection attempt number `attempt` (0, 1, 2 ...): anywhere below a ceiling that doubles from 1 s to
 * 5 min ("full jitter"), but at least a quarter of a second. random: any 32 random bits. */
int64_t chat_backoff_ms(unsigned attempt, uint32_t random);

#endif
