#include "chat/xmpp_work.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/compose.h"
#include "chat/host_meta.h"
#include "core/url.h"
#include "core/utf8.h"

enum {
    OUT_COUNT_MOST = 1024,
    OUT_BYTES_MOST = 4 * 1024 * 1024,
    HELD_COUNT_MOST = 64,
    HELD_BYTES_MOST = 256 * 1024,
    SENT_COUNT_MOST = 512, /* not acknowledged */
    SENT_BYTES_MOST = 1024 * 1024,
};

enum {
    ANY_PHASE = PHASE_OPENING | PHASE_FEATURES | PHASE_LOGIN | PHASE_RESUMING | PHASE_BINDING | PHASE_READY | PHASE_GOODBYE
};

static const struct xmpp_handler handlers[] = {
    {"a", NS_SM, PHASE_READY, true, xmpp_on_ack},
    {"challenge", NS_SASL, PHASE_LOGIN, false, xmpp_on_challenge},
    {"close", NS_FRAMING, ANY_PHASE, false, xmpp_on_close},
    {"enabled", NS_SM, PHASE_BINDING, true, xmpp_on_enabled},
    {"error", NS_STREAM, ANY_PHASE, false, xmpp_on_stream_error},
    {"failed", NS_SM, PHASE_RESUMING | PHASE_BINDING, true, xmpp_on_failed},
    {"failure", NS_SASL, PHASE_LOGIN, false, xmpp_on_failure},
    {"features", NS_STREAM, PHASE_FEATURES, false, xmpp_on_features},
    {"iq", NS_CLIENT, PHASE_BINDING | PHASE_READY, true, xmpp_on_iq},
    {"message", NS_CLIENT, PHASE_READY, true, xmpp_on_message},
    {"open", NS_FRAMING, PHASE_OPENING, false, xmpp_on_open},
    {"presence", NS_CLIENT, PHASE_READY, true, xmpp_on_presence},
    {"r", NS_SM, PHASE_READY, true, xmpp_on_ack_asked},
    {"resumed", NS_SM, PHASE_RESUMING, false, xmpp_on_resumed},
    {"success", NS_SASL, PHASE_LOGIN, false, xmpp_on_success},
};

const struct xmpp_handler *xmpp_handlers(size_t *count) {
    *count = sizeof handlers / sizeof handlers[0];
    return handlers;
}

static int compare_handler(const void *key, const void *element) {
    const struct xml *x = key;
    const struct xmpp_handler *handler = element;
    int order = str_compare(x->name, str_of(handler->name));
    return order ? order : str_compare(x->ns, str_of(handler->ns));
}

char *xmpp_copy(struct str s) {
    char *copy = malloc(s.len + 1);
    if (!copy)
        return NULL;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

/* The next 32 bytes grown from the entropy: HMAC of a counter, so that what was drawn tells nothing of it. */
static void draw(struct chat *c, unsigned char bytes[32]) {
    unsigned char counter[8];
    for (unsigned i = 0; i < sizeof counter; i++)
        counter[i] = (unsigned char)(c->drawn >> (8 * i));
    c->drawn++;
    HMAC(EVP_sha256(), c->entropy, sizeof c->entropy, counter, sizeof counter, bytes, NULL);
}

void xmpp_id(struct chat *c, char id[XMPP_ID_SIZE]) {
    unsigned char bytes[32];
    draw(c, bytes);
    for (unsigned i = 0; i < (XMPP_ID_SIZE - 1) / 2; i++)
        snprintf(id + i * 2, 3, "%02x", bytes[i]);
}

uint32_t xmpp_random(struct chat *c) {
    unsigned char bytes[32];
    draw(c, bytes);
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put(struct chat *c, const struct chat_out *out) {
    if (!outbox_put(&c->out, out))
        c->phase = PHASE_DOWN;
}

struct buf *xmpp_write(struct chat *c) {
    buf_clear(&c->wire);
    return &c->wire;
}

void xmpp_send(struct chat *c) {
    struct chat_out out = {.kind = CHAT_WIRE, .text = buf_str(&c->wire)};
    if (c->phase == PHASE_DOWN || c->phase == PHASE_OFF)
        return;
    if (c->wire.failed)
        out = (struct chat_out){.kind = CHAT_NOTE, .text = STR("no memory for a stanza; it was not sent")};
    put(c, &out);
}

void xmpp_note(struct chat *c, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = utf8_head(str_of(text), sizeof text)});
}

bool xmpp_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...) {
    char text[sizeof e->message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(e, code, "%s", text);
    if (c->phase == PHASE_DOWN)
        return false;
    if (c->phase == PHASE_GOODBYE) {
        close = CHAT_DONE; /* whatever went wrong on the way out */
    } else {
        buf_add(xmpp_write(c), STR("<close xmlns='" NS_FRAMING "'/>"));
        xmpp_send(c);
    }
    if (c->phase == PHASE_DOWN)
        return false; /* the queue was full and the stream has ended over that */
    c->phase = PHASE_DOWN;
    put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = close, .text = str_of(text)});
    return false;
}

/* All but what a resumed stream goes on with. What the shell never took counts as sent: the server does not have it. */
static void forget_stream(struct chat *c) {
    struct chat_out out;
    while (outbox_next(&c->out, &out))
        xmpp_stream_sent(c, &out);
    scram_finish(&c->scram);
    if (!c->stream.id) {
        free(c->self);
        c->self = NULL;
        c->self_jid = (struct jid){0};
    }
    c->stream.offered = c->stream.counts = c->stream.ask = c->stream.asking = false;
    c->authenticated = c->used_scram = c->bind_any = c->needs_session = false;
    c->bind_id[0] = c->session_id[0] = '\0';
    c->login_by_ms = c->quiet_at_ms = c->pong_by_ms = c->gone_by_ms = c->told_ms = CHAT_NEVER;
    if (c->wire.ptr)
        OPENSSL_cleanse(c->wire.ptr, c->wire.cap);
    outbox_finish(&c->out);
}

static void op_opened(struct chat *c, int64_t now_ms) {
    forget_stream(c);
    c->now_ms = now_ms;
    if (c->quitting) {
        c->phase = PHASE_DOWN;
        put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
        return;
    }
    c->login_by_ms = now_ms + XMPP_LOGIN_MS;
    c->phase = PHASE_OPENING;
    xmpp_open_stream(c);
}

static void heard(struct chat *c) {
    c->pong_by_ms = CHAT_NEVER;
    if (c->phase == PHASE_READY)
        c->quiet_at_ms = c->now_ms + XMPP_SILENCE_MS;
}

static bool handle(struct chat *c, const struct xml *x, struct err *e) {
    const struct xmpp_handler *handler = bsearch(x, handlers, sizeof handlers / sizeof handlers[0], sizeof handlers[0],
                                                 compare_handler);
    if (!handler)
        return true; /* RFC 6120 lets a client pass over what it did not ask for */
    if (handler->phases & c->phase)
        return handler->fn(c, x, e);
    if (handler->elsewhere || c->phase == PHASE_GOODBYE)
        return true;
    return xmpp_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server sent <%s/> out of turn", handler->name);
}

static bool feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    struct err why = {0};
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase == PHASE_OFF || c->phase == PHASE_DOWN)
        return true;
    if (binary)
        return xmpp_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server sent a binary frame");
    if (frame.len > XMPP_FRAME_MOST)
        return xmpp_end(c, CHAT_RETRY, e, ERR_LIMIT, "the server sent a frame of %zu bytes", frame.len);
    arena_reset(&c->frame);
    const struct xml *x = xml_read(&c->frame, frame, &why);
    if (!x)
        return xmpp_end(c, CHAT_RETRY, e, why.code, "the server sent %s", why.message);
    heard(c);
    bool ready = c->phase == PHASE_READY;
    if (!handle(c, x, e))
        return false;
    if (ready)
        xmpp_stream_heard(c, x);
    return true;
}

/* After what breaks the protocol nobody can say any more who has had what. */
static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    if (feed(c, frame, binary, now_ms, e))
        return true;
    xmpp_stream_give_up(c);
    return false;
}

/* ---- finding the way ---- */

static void op_dial(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->websocket.len > 0) {
        put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = c->websocket});
        return;
    }
    struct buf *url = xmpp_write(c);
    buf_printf(url, "https://%.*s/.well-known/host-meta.json", STR_ARG(c->domain));
    put(c, &(struct chat_out){.kind = CHAT_HTTP, .method = CHAT_GET, .url = buf_str(url), .dialing = true});
}

static void op_answered(struct chat *c, const struct chat_answer *answer, int64_t now_ms) {
    char url[HOST_META_URL_CAP], why[300];
    struct err e = {0};
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (answer->status == 0)
        err_set(&e, ERR_IO, "%.*s", STR_ARG(answer->why));
    else if (answer->status != 200)
        err_set(&e, ERR_PROTOCOL, "status %u", answer->status);
    if (!e.code && host_meta_websocket(answer->body, url, &e)) {
        c->tls = true; /* it names no others */
        put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = str_of(url)});
        return;
    }
    snprintf(why, sizeof why, "host-meta.json of %.*s: %s", STR_ARG(c->domain), e.message);
    put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_RETRY, .text = str_of(why)});
}

static void op_closed(struct chat *c, const struct chat_end *end, int64_t now_ms) {
    (void)end;
    bool goodbye = c->phase == PHASE_GOODBYE;
    forget_stream(c);
    c->now_ms = now_ms;
    c->phase = PHASE_OFF;
    if (goodbye)
        put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
}

static void ask_for_life(struct chat *c) {
    char id[XMPP_ID_SIZE];
    xmpp_id(c, id);
    XML_FILL(xmpp_write(c), "<iq xmlns='" NS_CLIENT "' type='get' to='%' id='%'><ping xmlns='" NS_PING "'/></iq>",
             c->self_jid.domain, str_of(id));
    xmpp_send(c);
    c->quiet_at_ms = CHAT_NEVER;
    c->pong_by_ms = c->now_ms + XMPP_PONG_MS;
}

/* No <close/>: to a server that was merely slow it would be the end of the session. */
static void lose_silent_server(struct chat *c) {
    c->phase = PHASE_DOWN;
    put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_RETRY, .text = STR("the server went silent")});
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    if (now_ms >= c->login_by_ms && c->phase != PHASE_READY && c->phase != PHASE_GOODBYE)
        xmpp_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "no login within %d s", XMPP_LOGIN_MS / 1000);
    if (now_ms >= c->gone_by_ms && c->phase == PHASE_GOODBYE)
        xmpp_end(c, CHAT_DONE, NULL, ERR_NONE, "goodbye; the server did not answer it");
    if (c->phase != PHASE_READY)
        return;
    if (now_ms >= c->pong_by_ms)
        lose_silent_server(c);
    else if (now_ms >= c->quiet_at_ms)
        ask_for_life(c);
    xmpp_rooms_tick(c);
}

static int64_t due_ms(const struct chat *c) {
    switch (c->phase) {
    case PHASE_OFF:
    case PHASE_DOWN:
        return CHAT_NEVER;
    case PHASE_READY:
        return chat_sooner(chat_sooner(c->quiet_at_ms, c->pong_by_ms), xmpp_rooms_due_ms(c));
    case PHASE_GOODBYE:
        return c->gone_by_ms;
    default:
        return c->login_by_ms;
    }
}

static bool op_next(struct chat *c, struct chat_out *out) {
    if (!outbox_next(&c->out, out) && !(xmpp_stream_ask(c) && outbox_next(&c->out, out)))
        return outbox_wake(due_ms(c), &c->told_ms, out);
    xmpp_stream_sent(c, out);
    return true;
}

/* Nothing is released here: to and text may be what next() lent, and a message has several answers. */
static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    struct buf text;
    c->now_ms = now_ms;
    buf_init_heap(&text);
    compose_text(&text, say, COMPOSE_STYLING, SIZE_MAX);
    bool said = !text.failed ? xmpp_say(c, say, buf_str(&text), e) : err_set(e, ERR_LIMIT, "no memory");
    buf_finish(&text);
    return said;
}

static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    c->quitting = true;
    if (c->phase == PHASE_OFF || c->phase == PHASE_DOWN) {
        put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
        return;
    }
    if (c->phase == PHASE_READY) {
        xmpp_rooms_leave(c);
        buf_add(xmpp_write(c), STR("<presence xmlns='" NS_CLIENT "' type='unavailable'/>"));
        xmpp_send(c);
        xmpp_stream_answer(c); /* else what we had would be sent back to its senders */
    }
    buf_add(xmpp_write(c), STR("<close xmlns='" NS_FRAMING "'/>"));
    xmpp_send(c);
    if (c->phase == PHASE_DOWN)
        return;
    c->phase = PHASE_GOODBYE;
    c->gone_by_ms = now_ms + XMPP_GOODBYE_MS;
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    free(c->stream.id);
    c->stream.id = NULL;
    forget_stream(c);
    outbox_finish(&c->stream.sent);
    if (c->password) {
        OPENSSL_cleanse(c->password, c->password_len);
        free(c->password);
    }
    for (size_t i = 0; i < c->room_count; i++) {
        free(c->rooms[i].nick);
        free(c->rooms[i].password);
    }
    xmpp_nicks_finish(c);
    for (size_t i = 0; i < XMPP_SENDERS; i++)
        free(c->senders[i].who);
    outbox_finish(&c->held);
    buf_finish(&c->wire);
    arena_finish(&c->said);
    arena_finish(&c->frame);
    arena_finish(&c->life);
    OPENSSL_cleanse(c, sizeof *c);
    free(c);
}

static bool add_room(struct chat *c, struct str text, struct err *e) {
    struct jid jid;
    struct str normal = jid_normal(&c->life, text);
    if (!jid_split(normal, &jid) || jid.node.len == 0 || jid.resource.len > 0)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is no address of a room; one looks like help@rooms.example.org",
                       STR_ARG(str_slice(text, 0, 100)));
    if (xmpp_room_find(c, normal))
        return true;
    struct xmpp_room *room = &c->rooms[c->room_count];
    *room = (struct xmpp_room){.jid = normal, .nick = xmpp_copy(c->nick), .at_ms = CHAT_NEVER};
    if (!room->nick)
        return err_set(e, ERR_LIMIT, "no memory for the rooms");
    c->room_count++;
    return true;
}

static bool nick_is_fine(struct str nick) {
    struct jid jid;
    char room[128] = "a@b/";
    if (nick.len == 0 || nick.len > 64 || str_trim(nick).len != nick.len)
        return false;
    memcpy(room + 4, nick.ptr, nick.len);
    return jid_split((struct str){room, 4 + nick.len}, &jid);
}

static bool take_account(struct chat *c, const struct xmpp_config *config, struct err *e) {
    struct jid jid;
    struct buf prepared;
    struct str normal = jid_normal(&c->life, config->jid);
    if (!jid_split(normal, &jid) || jid.node.len == 0)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is no account; one looks like lippy@example.org",
                       STR_ARG(str_slice(config->jid, 0, 100)));
    c->user = jid.node;
    c->domain = jid.domain;
    c->bare = jid.bare;
    /* A resource of our own: after a crash, logging in again puts our ghost out. */
    c->resource = jid.resource.len > 0 ? jid.resource : STR("lippy");
    c->password = xmpp_copy(config->password);
    c->password_len = config->password.len;
    if (!c->password)
        return err_set(e, ERR_LIMIT, "no memory for the account");
    buf_init_heap(&prepared);
    bool fine = saslprep(&prepared, config->password, NULL);
    if (prepared.ptr)
        OPENSSL_cleanse(prepared.ptr, prepared.cap);
    buf_finish(&prepared);
    return fine ? true : err_set(e, ERR_SCHEMA, "the password is empty, not UTF-8 or has control characters");
}

static bool take_config(struct chat *c, const struct xmpp_config *config, struct err *e) {
    c->tls = config->tls;
    c->websocket = arena_copy(&c->life, config->websocket);
    c->long_pause_ms = config->long_pause_ms > 0 ? config->long_pause_ms : XMPP_LONG_PAUSE_MS;
    memcpy(c->entropy, config->entropy, sizeof c->entropy);
    seen_init(&c->seen, c->entropy);
    if (!take_account(c, config, e))
        return false;
    if (!nick_is_fine(config->nick))
        return err_set(e, ERR_SCHEMA, "the nick is empty, over 64 bytes or has characters that no nick may have");
    c->nick = arena_copy(&c->life, config->nick);
    if (config->room_count > XMPP_ROOMS_MOST)
        return err_set(e, ERR_LIMIT, "%zu rooms; %d is the most", config->room_count, XMPP_ROOMS_MOST);
    c->rooms = ARENA_ARRAY(&c->life, struct xmpp_room, XMPP_ROOMS_MOST);
    c->invitations = ARENA_ARRAY(&c->life, struct str, config->invitation_count);
    if (!c->rooms || !c->invitations)
        return err_set(e, ERR_LIMIT, "no memory for the rooms");
    for (size_t i = 0; i < config->invitation_count; i++)
        c->invitations[c->invitation_count++] = jid_normal(&c->life, config->invitations[i]);
    for (size_t i = 0; i < config->room_count; i++)
        if (!add_room(c, config->rooms[i], e))
            return false;
    return true;
}

struct chat *xmpp_new(const struct xmpp_config *config, struct err *e) {
    struct chat *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    arena_init(&c->frame, XMPP_FRAME_ARENA);
    arena_init(&c->said, XMPP_FRAME_ARENA);
    buf_init_heap(&c->wire);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    outbox_init(&c->stream.sent, SENT_COUNT_MOST, SENT_BYTES_MOST);
    outbox_init(&c->held, HELD_COUNT_MOST, HELD_BYTES_MOST);
    c->phase = PHASE_OFF;
    forget_stream(c);
    if (!take_config(c, config, e)) {
        op_free(c);
        return NULL;
    }
    return c;
}

/* ---- the INI ---- */

static bool check_jid(struct str value, struct err *e) {
    struct str bare = value;
    bare = str_cut(&bare, '/');
    size_t at = str_find(bare, STR("@"));
    return (at != SIZE_MAX && at > 0 && at + 1 < bare.len) ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is not an address; it looks like lippy@example.org", STR_ARG(value));
}

static bool check_room(struct str room, struct err *e) {
    size_t at = str_find(room, STR("@"));
    return (at != SIZE_MAX && at > 0 && at + 1 < room.len && str_find(room, STR("/")) == SIZE_MAX) ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is not a room's address; it looks like name@rooms.example.org", STR_ARG(room));
}

static bool check_invitation(struct str value, struct err *e) {
    struct jid jid;
    return (jid_split(value, &jid) && jid.resource.len == 0) ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is neither a room's address nor the domain of rooms; they look like name@rooms.example.org "
                                  "and rooms.example.org", STR_ARG(value));
}

enum { KEY_JID, KEY_PASSWORD, KEY_NICK, KEY_ROOMS, KEY_INVITATIONS, KEY_WEBSOCKET };

static const struct chat_key keys[] = {
    [KEY_JID] = {.name = "jid", .kind = CHAT_KEY_TEXT, .required = true, .check = check_jid},
    [KEY_PASSWORD] = {.name = "password", .kind = CHAT_KEY_SECRET, .required = true},
    [KEY_NICK] = {.name = "nick", .kind = CHAT_KEY_TEXT},
    [KEY_ROOMS] = {.name = "rooms", .kind = CHAT_KEY_LIST, .check = check_room},
    [KEY_INVITATIONS] = {.name = "invitations", .kind = CHAT_KEY_LIST, .check = check_invitation},
    [KEY_WEBSOCKET] = {.name = "websocket", .kind = CHAT_KEY_WS},
    {0},
};

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    const struct chat_value *v = setup->values;
    struct str rest = v[KEY_JID].text, local = str_cut(&rest, '@');
    struct url url;
    struct xmpp_config config = {
        .jid = v[KEY_JID].text,
        .password = v[KEY_PASSWORD].text,
        .nick = v[KEY_NICK].text.len > 0 ? v[KEY_NICK].text : local,
        .rooms = v[KEY_ROOMS].items,
        .room_count = v[KEY_ROOMS].item_count,
        .invitations = v[KEY_INVITATIONS].items,
        .invitation_count = v[KEY_INVITATIONS].item_count,
        .websocket = v[KEY_WEBSOCKET].text,
        .tls = url_parse(v[KEY_WEBSOCKET].text, &url, NULL) && url.tls,
        .long_pause_ms = setup->long_pause_ms,
    };
    memcpy(config.entropy, setup->entropy, sizeof config.entropy);
    return xmpp_new(&config, e);
}

const struct chat_ops xmpp_ops = {
    .name = "xmpp",
    .subprotocols = "xmpp",
    .keys = keys,
    .make = op_make,
    .dial = op_dial,
    .opened = op_opened,
    .feed = op_feed,
    .closed = op_closed,
    .answered = op_answered,
    .tick = op_tick,
    .next = op_next,
    .say = op_say,
    .quit = op_quit,
    .free = op_free,
};
