/* Private to the IRC codec: its state, and what its files do for each other.
 *
 *     irc.c        the table of operations, its keys, timers, lines in and out, the flood limit
 *     irc_login.c  from CAP LS to 001; how a server ends a connection
 *     irc_talk.c   channels, and messages in and out */
#ifndef CHAT_IRC_WORK_H
#define CHAT_IRC_WORK_H

#include "chat/irc.h"
#include "chat/irc_line.h"
#include "chat/outbox.h"
#include "chat/pace.h"
#include "chat/seen.h"
#include "core/arena.h"
#include "core/buf.h"

enum {
    IRC_LINE_MOST = 510,        /* RFC 1459, without the line end */
    IRC_TEXT_MOST = 400,        /* of a PRIVMSG, and less where the addresses in front are long */
    IRC_FRAME_MOST = 16 * 1024, /* tags may take 8191 bytes */
    IRC_SOURCE_MOST = 200,      /* nick!user@host */
    IRC_LOGIN_MS = 30 * 1000,
    IRC_SILENCE_MS = 60 * 1000, /* before we ask whether the server is still there */
    IRC_PONG_MS = 30 * 1000,
    IRC_GOODBYE_MS = 2 * 1000,
    IRC_LONG_PAUSE_MS = 10 * 60 * 1000,
    IRC_BURST_LINES = 8, /* of ours at once; then by lines_per_minute */
    IRC_NICKS_MOST = 3,  /* lippy, lippy_, lippy__ */
    IRC_BATCHES = 8,
    IRC_BATCH_SIZE = 32,
    IRC_CAPS_SIZE = 256,
    IRC_NICK_SIZE = 64,
};

enum irc_phase {
    PHASE_OFF = 1 << 0,     /* no websocket */
    PHASE_LOGIN = 1 << 1,   /* until 001 */
    PHASE_READY = 1 << 2,
    PHASE_GOODBYE = 1 << 3, /* QUIT sent */
    PHASE_DOWN = 1 << 4,    /* CHAT_CLOSE is queued; nothing counts any more */
};

struct irc_channel {
    struct str name;    /* as configured */
    int64_t join_at_ms; /* CHAT_NEVER: in */
};

struct chat {
    struct arena life; /* the configuration */
    struct str url, wanted_nick, account, origin;
    char *password;
    size_t password_len;
    struct irc_channel *channels;
    size_t channel_count;
    int64_t long_pause_ms, refill_ms;

    enum irc_phase phase;
    bool quitting;
    char nick[IRC_NICK_SIZE]; /* ours, as the server last said or as we asked */
    unsigned nicks_tried;
    char caps[IRC_CAPS_SIZE]; /* that we ask for */
    bool wants_sasl, sasl_offered, sasl_done;
    bool ascii_case;                            /* the server's CASEMAPPING is ascii */
    char batches[IRC_BATCHES][IRC_BATCH_SIZE]; /* open ones that play history back */

    int64_t now_ms;
    int64_t login_by_ms, quiet_at_ms, pong_by_ms, gone_by_ms; /* CHAT_NEVER: not running */
    int64_t nick_at_ms;                                       /* when we ask for our own nick again */
    int64_t told_ms;                                          /* the wake-up given out last */
    unsigned lines_left;                                      /* of the flood limit */
    int64_t filled_ms;

    struct pace pace;
    struct seen seen;
    struct outbox out;
    struct outbox held; /* lines that wait for the login, or for their turn */
    struct buf line;    /* the one being written */
};

/* What to do with a line. False: the connection is closed. */
typedef bool irc_handler_fn(struct chat *c, const struct irc_line *l, struct err *e);

struct irc_handler {
    const char *command;
    unsigned phases; /* in which it is handled */
    irc_handler_fn *fn;
};

/* Sorted by command; the tests look. */
const struct irc_handler *irc_handlers(size_t *count);

/* irc.c */

void irc_put(struct chat *c, const struct chat_out *out);
void irc_note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line, at once: it counts for the flood limit, but does not wait for it. */
void irc_send(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* May a line that nobody waits for be sent now? */
bool irc_may_send(struct chat *c);
/* Closes the connection. Returns false with the reason in e. */
bool irc_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Sends what is due and what is held, as far as the flood limit lets us. */
void irc_work(struct chat *c);

/* irc_login.c */

void irc_begin_login(struct chat *c);
void irc_ask_nick_again(struct chat *c);
irc_handler_fn irc_on_cap, irc_on_authenticate, irc_on_sasl_done, irc_on_sasl_failed, irc_on_welcome, irc_on_support, irc_on_nick,
    irc_on_nick_taken, irc_on_nick_refused, irc_on_refused, irc_on_error;

/* irc_talk.c */

/* Two nicks or channels under the server's case mapping. */
bool irc_same(const struct chat *c, struct str a, struct str b);
bool irc_is_us(const struct chat *c, struct str nick);
void irc_join(struct chat *c, struct irc_channel *ch);
/* Holds an answer, cut into lines. */
bool irc_hold(struct chat *c, const struct chat_say *say, struct err *e);
irc_handler_fn irc_on_join, irc_on_kick, irc_on_part, irc_on_barred, irc_on_batch, irc_on_privmsg;

#endif
