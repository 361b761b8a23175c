/* A chat platform as a codec: frames and time in; messages, frames, wake-ups and closings out. No socket, no clock.
 *
 * The shell owns the connection. It calls opened() when the websocket is up, feed() for each whole frame, closed() when
 * it is gone, tick() when a wake-up is due, and after each of these drains next() until it returns false. The codec
 * never calls back. Time is in milliseconds, must not decrease, and starts anywhere.
 *
 *     open socket -> opened -> next: CHAT_WIRE <open/> ...
 *     frame       -> feed   -> next: CHAT_MESSAGE -> engine -> say -> next: CHAT_WIRE <message/>
 *
 * What a peer sends never makes a codec exit or assert: feed() returns false with the reason, the stream is closed. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "core/err.h"
#include "core/str.h"

struct chat; /* a codec's own; the platform's header makes it */

enum chat_out_kind {
    CHAT_READY,   /* logged in; text: who we are on the platform */
    CHAT_MESSAGE, /* somebody said something that may be for us */
    CHAT_WIRE,    /* send bytes as one text frame */
    CHAT_WAKE_AT, /* call tick() at at_ms, or a little later; replaces the wake-up before it */
    CHAT_CLOSE,   /* close the websocket; close says what then */
    CHAT_NOTE,    /* something the operator's log should say; no secrets, nothing of what people wrote */
};

/* What to do after a close. */
enum chat_close {
    CHAT_RETRY,       /* connect again, with backoff */
    CHAT_RETRY_LATER, /* connect again after a long pause: the server asked us to go away */
    CHAT_STOP,        /* never connect again: wrong password, unknown host, replaced by another login */
    CHAT_DONE,        /* we said goodbye (after quit()) */
};

struct chat_out {
    enum chat_out_kind kind;
    /* CHAT_MESSAGE. Who: key of the person within the platform, for the session; room: of the room, empty in private;
     * to: the address to hand to say() for an answer in the same place; nick: how to address them in a room;
     * aside: the address for a private answer to the same person, and the `who` of what they write in private; empty
     * where there is none. Addresses are opaque. */
    struct str who, room, to, nick, aside;
    bool addressed;        /* private, or begins with our name in any of its forms */
    struct str text;       /* CHAT_MESSAGE without that name; CHAT_WIRE the frame; CHAT_NOTE, CHAT_CLOSE the reason */
    int64_t at_ms;         /* CHAT_WAKE_AT */
    enum chat_close close; /* CHAT_CLOSE */
};

/* One platform. All members are required; chat_ops_assert() in the tests holds them to it. */
struct chat_ops {
    const char *name;        /* "xmpp" */
    const char *subprotocol; /* the websocket subprotocol to ask for, or NULL for none */
    /* The websocket is open: a new stream begins. Also after a reconnect; what was said before is kept. */
    void (*opened)(struct chat *c, int64_t now_ms);
    /* A whole frame arrived. False: the stream is beyond repair; a CHAT_CLOSE is queued. */
    bool (*feed)(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e);
    /* The websocket is gone, for whatever reason. No more output until opened(), but for the CHAT_CLOSE of a quit(). */
    void (*closed)(struct chat *c, int64_t now_ms);
    void (*tick)(struct chat *c, int64_t now_ms);
    /* The next result, in order. Strings last until the next call of any function on c. */
    bool (*next)(struct chat *c, struct chat_out *out);
    /* Queue a message to `to` (an address out of a CHAT_MESSAGE). Held while not logged in, within a limit; false with
     * ERR_LIMIT past it. */
    bool (*say)(struct chat *c, struct str to, struct str text, int64_t now_ms, struct err *e);
    /* Say goodbye: leave the rooms, end the stream, then CHAT_CLOSE with CHAT_DONE. */
    void (*quit)(struct chat *c, int64_t now_ms);
    /* NULL is fine. */
    void (*free)(struct chat *c);
};

/* If text begins with our name ("lippy: x", "@lippy x", "Lippy, x", "hey lippy x", alone or with a mark behind it;
 * ASCII case ignored), *rest is what follows, trimmed, and true. A slice of text. Also true for "... @lippy" anywhere,
 * with the text unchanged. */
bool chat_is_addressed(struct str text, struct str name, struct str *rest);

/* Milliseconds before connection attempt number `attempt` (0, 1, 2 ...): doubles from 1 s to 5 min, with `random` (any
 * 32 random bits) spreading it over its upper half. */
int64_t chat_backoff_ms(unsigned attempt, uint32_t random);

#endif
