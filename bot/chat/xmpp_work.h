/* Private to the XMPP codec: its state, and what its files do for each other.
 *
 *     xmpp.c        the table of operations, timers, frames in and out
 *     xmpp_login.c  from <open/> to a bound resource; how a stream ends
 *     xmpp_stream.c what is on its way, and taking up a broken stream
 *     xmpp_room.c   joining rooms, staying in them
 *     xmpp_nicks.c  changes of nicks
 *     xmpp_talk.c   messages and queries
 *     xmpp_words.c  a person's own words, corrections, receipts and the like */
#ifndef CHAT_XMPP_WORK_H
#define CHAT_XMPP_WORK_H

#include "chat/jid.h"
#include "chat/outbox.h"
#include "chat/scram.h"
#include "chat/seen.h"
#include "chat/xml.h"
#include "chat/xmpp.h"

#define NS_CLIENT "jabber:client"
#define NS_STREAM "http://etherx.jabber.org/streams"
#define NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_FRAMING "urn:ietf:params:xml:ns:xmpp-framing"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define NS_MUC "http://jabber.org/protocol/muc"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_MUC_OWNER "http://jabber.org/protocol/muc#owner"
#define NS_SM "urn:xmpp:sm:3"
#define NS_DISCO "http://jabber.org/protocol/disco#info"
#define NS_ROSTER "jabber:iq:roster"
#define NS_VERSION "jabber:iq:version"
#define NS_PING "urn:xmpp:ping"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_MARKERS "urn:xmpp:chat-markers:0"
#define NS_HINTS "urn:xmpp:hints"
#define NS_STATES "http://jabber.org/protocol/chatstates"
#define NS_REPLY "urn:xmpp:reply:0"
#define NS_FALLBACK "urn:xmpp:fallback:0"
#define NS_DELAY "urn:xmpp:delay"
#define NS_CORRECT "urn:xmpp:message-correct:0"
#define NS_INVITE "jabber:x:conference"
#define NS_OCCUPANT "urn:xmpp:occupant-id:0"
#define NS_ORIGIN "urn:xmpp:sid:0"

enum {
    XMPP_FRAME_MOST = 1024 * 1024, /* servers stop at 256 KiB or so */
    XMPP_FRAME_ARENA = 4 * XMPP_FRAME_MOST,
    XMPP_SAY_MOST = 60 * 1024,
    XMPP_STANZA_MOST = 96 * 1024,
    XMPP_ROOMS_MOST = 64,
    XMPP_SENDERS = 128,
    XMPP_NICKS = 128, /* changes that are remembered */
    XMPP_BURST = 40,           /* messages of one sender at once */
    XMPP_REFILL_MS = 2 * 1000, /* and one more each */
    XMPP_LOGIN_MS = 30 * 1000,
    XMPP_SILENCE_MS = 60 * 1000, /* before we ask whether the server is still there */
    XMPP_PONG_MS = 30 * 1000,
    XMPP_GOODBYE_MS = 2 * 1000,
    XMPP_JOIN_MS = 30 * 1000,
    XMPP_STILL_IN_MS = 15 * 60 * 1000, /* XEP-0410 */
    XMPP_LONG_PAUSE_MS = 10 * 60 * 1000,
    XMPP_JOINS_QUICK = 8,  /* attempts with backoff; later ones have the long pause between them */
    XMPP_JOINS_MOST = 100, /* attempts before a room is given up */
    XMPP_KICKS_MOST = 3,
    XMPP_ID_SIZE = 25,
    XMPP_STREAM_ID_MOST = 4000, /* XEP-0198 has it that an id is at most so long */
};

/* Where the stream is. */
enum xmpp_phase {
    PHASE_OFF = 1 << 0,      /* no websocket */
    PHASE_OPENING = 1 << 1,  /* <open/> sent */
    PHASE_FEATURES = 1 << 2, /* the server's <open/> is here, its features are not */
    PHASE_LOGIN = 1 << 3,    /* <auth/> sent */
    PHASE_RESUMING = 1 << 4, /* the stream before was asked for */
    PHASE_BINDING = 1 << 5,  /* a resource asked for, or a session, or stream management */
    PHASE_READY = 1 << 6,
    PHASE_GOODBYE = 1 << 7, /* <close/> sent because of quit() */
    PHASE_DOWN = 1 << 8,    /* CHAT_CLOSE is queued; nothing counts any more */
};

enum xmpp_room_state {
    ROOM_OUT,     /* to be joined at at_ms */
    ROOM_JOINING, /* asked; the answer is due by at_ms */
    ROOM_IN,      /* next looked after at at_ms */
    ROOM_BARRED,  /* not wanted there; until the next login */
};

struct xmpp_room {
    struct str jid; /* bare */
    char *nick;     /* ours there, as the room last said or as we asked; on the heap */
    enum xmpp_room_state state;
    int64_t at_ms;
    unsigned joins, kicks; /* since we were last in; since the login */
    bool nick_changed;     /* the one retry with another nick is used up */
    char *password;        /* of an invitation; on the heap; NULL: none */
    bool invited, gone;    /* only because of an invitation; put out since then: not joined again without another one */
    bool occupant_ids;     /* the room marks its occupants (XEP-0421): seen on our own presence, so not forged */
    char ping_id[XMPP_ID_SIZE];
};

/* Who has another nick now than when we met them, all on the heap; room NULL: free. */
struct xmpp_nick {
    const struct xmpp_room *room;
    char *first, *now, *mark; /* mark: the room's own for the person, or empty */
};

/* Somebody who wrote: a token bucket, and what they wrote last, by hashes. */
struct xmpp_sender {
    char *who; /* on the heap; NULL is free */
    int64_t filled_ms;
    unsigned left;
    bool told;
    uint64_t first_id, last_id; /* under which it came, first and when it was last corrected; 0: none */
    uint64_t text, message;     /* its words; the id of its CHAT_MESSAGE, 0: none */
    bool answered;
};

/* What outlives a connection (XEP-0198). */
struct xmpp_stream {
    bool offered, counts;  /* on this connection: by the server; what we send is counted */
    bool enabled;          /* the server said so: what comes is counted */
    bool ask, asking;      /* something new is on its way; an <r/> is */
    uint32_t heard, acked; /* stanzas that came; that the server says it had */
    struct outbox sent;    /* the stanzas behind `acked`, oldest first; id: of a text; number: how often it was given up */
    char *id;              /* by which the stream can be resumed; on the heap; NULL: it cannot */
};

struct chat {
    struct arena life; /* the configuration */
    struct str user, domain, bare, resource, nick;
    char *password;
    size_t password_len;
    struct str websocket; /* empty: ask the domain */
    bool tls;
    int64_t long_pause_ms;
    unsigned char entropy[16];
    uint64_t drawn; /* numbers drawn from entropy so far */

    enum xmpp_phase phase;
    bool authenticated, quitting;
    bool used_scram;
    struct scram scram;
    char bind_id[XMPP_ID_SIZE], session_id[XMPP_ID_SIZE];
    bool bind_any, needs_session;
    char *self; /* our full address; on the heap */
    struct jid self_jid;

    int64_t now_ms;
    int64_t login_by_ms, quiet_at_ms, pong_by_ms, gone_by_ms; /* CHAT_NEVER: not running */
    int64_t told_ms;                                          /* the wake-up given out last */

    struct xmpp_room *rooms; /* XMPP_ROOMS_MOST */
    size_t room_count;
    struct str *invitations; /* rooms, and domains of rooms, where we may go when invited */
    size_t invitation_count;
    struct xmpp_nick nicks[XMPP_NICKS];
    size_t next_nick;
    struct xmpp_sender senders[XMPP_SENDERS];
    struct xmpp_stream stream;
    struct seen seen;
    struct outbox out;
    struct outbox held; /* messages said before they could be sent; room tells which room they wait for */
    struct arena said;  /* the address of the message being said */
    struct arena frame; /* the element being handled */
    struct buf wire;    /* the frame being written */
};

/* What to do with an element. False: the stream is beyond repair and closed. */
typedef bool xmpp_handler_fn(struct chat *c, const struct xml *x, struct err *e);

struct xmpp_handler {
    const char *name, *ns;
    unsigned phases; /* in which it is handled */
    bool elsewhere;  /* in other phases: false breaks the protocol, true is passed over */
    xmpp_handler_fn *fn;
};

struct xmpp_query {
    const char *name, *ns;
    bool (*fn)(struct chat *c, const struct xml *iq, const struct xml *query);
};

/* Both sorted by name, then namespace; the tests look. */
const struct xmpp_handler *xmpp_handlers(size_t *count);
const struct xmpp_query *xmpp_queries(size_t *count);

/* xmpp.c */

/* An empty buffer for the next frame, then its sending. */
struct buf *xmpp_write(struct chat *c);
void xmpp_send(struct chat *c);
void xmpp_note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends the stream: <close/>, then CHAT_CLOSE with the reason. Returns false with the reason in e. */
bool xmpp_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A new id: never the same again, nor one of an earlier run. */
void xmpp_id(struct chat *c, char id[XMPP_ID_SIZE]);
uint32_t xmpp_random(struct chat *c);
/* Heap copies; NULL without memory. */
char *xmpp_copy(struct str s);

/* xmpp_login.c */

void xmpp_open_stream(struct chat *c);
/* Asks for a resource: a new session. */
void xmpp_bind(struct chat *c);
/* Logged in, newly or again; what a new session begins with. */
void xmpp_ready(struct chat *c);
void xmpp_begin_session(struct chat *c);
/* An answer to one of the login's own queries? */
bool xmpp_login_result(struct chat *c, const struct xml *iq, bool *ours, struct err *e);
xmpp_handler_fn xmpp_on_open, xmpp_on_close, xmpp_on_stream_error, xmpp_on_features, xmpp_on_challenge, xmpp_on_success,
    xmpp_on_failure;

/* xmpp_stream.c */

void xmpp_stream_enable(struct chat *c);
void xmpp_stream_resume(struct chat *c);
/* There is nothing to resume: texts that the server may not have are held, to be said again. */
void xmpp_stream_give_up(struct chat *c);
/* A frame leaves; an element has been handled. */
void xmpp_stream_sent(struct chat *c, const struct chat_out *out);
void xmpp_stream_heard(struct chat *c, const struct xml *x);
/* Asks what the server has, if there is something new to know: true. Tells what we have. */
bool xmpp_stream_ask(struct chat *c);
void xmpp_stream_answer(struct chat *c);
xmpp_handler_fn xmpp_on_enabled, xmpp_on_resumed, xmpp_on_failed, xmpp_on_ack, xmpp_on_ack_asked;

/* xmpp_room.c */

/* By bare address; NULL where it is none of ours. */
struct xmpp_room *xmpp_room_find(struct chat *c, struct str bare);
void xmpp_rooms_start(struct chat *c);
/* We are where we were. */
void xmpp_rooms_resumed(struct chat *c);
void xmpp_rooms_leave(struct chat *c);
void xmpp_rooms_tick(struct chat *c);
int64_t xmpp_rooms_due_ms(const struct chat *c);
/* The room said that we are not in it. */
void xmpp_room_lost(struct chat *c, struct xmpp_room *room, int64_t wait_ms);
bool xmpp_room_result(struct chat *c, const struct xml *iq);
bool xmpp_is_invitation(const struct xml *x);
void xmpp_on_invitation(struct chat *c, const struct xml *x);
/* The room's own mark for the person, where it gives one: with it, nobody goes on with the talk of another whose nick they took. */
struct str xmpp_occupant_mark(const struct xmpp_room *room, const struct xml *x);
xmpp_handler_fn xmpp_on_presence;

/* xmpp_nicks.c */

/* The nick under which we met who has this one now; lasts as long as the frame's arena and the next change. And the other way round. */
struct str xmpp_first_nick(struct chat *c, struct xmpp_room *room, struct str nick, struct str mark);
struct str xmpp_nick_now(const struct chat *c, const struct xmpp_room *room, struct str first, struct str mark);
void xmpp_renamed(struct chat *c, struct xmpp_room *room, struct str old, struct str nick, struct str mark);
void xmpp_nicks_finish(struct chat *c);

/* xmpp_talk.c */

/* text: what say is as text. */
bool xmpp_say(struct chat *c, const struct chat_say *say, struct str text, struct err *e);
/* Sends what waited for a room, or for the login where room is empty. */
void xmpp_send_held(struct chat *c, struct str room);
xmpp_handler_fn xmpp_on_message, xmpp_on_iq;

/* xmpp_words.c */

bool xmpp_is_encrypted(const struct xml *x);
/* The body without what others said or programs put there. Empty where nothing is left. */
struct str xmpp_own_words(struct chat *c, const struct xml *x);
/* Whether it answers one of our messages in the room. */
bool xmpp_is_reply_to(const struct xml *x, const struct xmpp_room *room);
/* False: a correction of something else than the last message, or of nothing in it. answered: of one that we answered. */
bool xmpp_corrects(struct chat *c, struct xmpp_sender *sender, const struct xml *x, struct str text, bool *answered);
/* For CHAT_MESSAGE, and for chat_say.answers: what an answer needs to know of the message. In the frame's arena. */
struct str xmpp_message_id(struct chat *c, struct xmpp_sender *sender, const struct xml *x, const struct xmpp_room *room);
void xmpp_answered(struct chat *c, struct str message_id);
/* Into the message being written. */
void xmpp_write_marks(struct chat *c, const struct chat_say *say, bool in_room);
void xmpp_send_composing(struct chat *c, const struct xml *x, bool through_room);
void xmpp_send_receipt(struct chat *c, const struct xml *x);

#endif
