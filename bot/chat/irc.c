#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/irc_work.h"
#include "core/url.h"
#include "core/utf8.h"

enum {
    OUT_COUNT_MOST = 1024,
    OUT_BYTES_MOST = 1 << 20,
    HELD_COUNT_MOST = 512,
    HELD_BYTES_MOST = 256 * 1024,
};

/* ---- out ---- */

void irc_put(struct chat *c, const struct chat_out *out) {
    if (!outbox_put(&c->out, out))
        c->phase = PHASE_DOWN;
}

/* Formats text that came from a server, in part: what is no UTF-8 of it becomes a question mark. */
static struct str format_text(char *text, size_t size, const char *format, va_list args) {
    uint32_t point;
    vsnprintf(text, size, format, args);
    struct str s = utf8_head(str_of(text), size);
    for (size_t i = 0, bytes; i < s.len; i += bytes) {
        bytes = utf8_next(str_slice(s, i, SIZE_MAX), &point);
        if (point < 0x20 || point == 0x7f || (bytes == 1 && point == 0xfffd))
            text[i] = '?';
    }
    return s;
}

void irc_note(struct chat *c, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    struct str s = format_text(text, sizeof text, format, args);
    va_end(args);
    irc_put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = s});
}

bool irc_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...) {
    char text[240];
    va_list args;
    va_start(args, format);
    struct str s = format_text(text, sizeof text, format, args);
    va_end(args);
    err_set(e, code, "%.*s", STR_ARG(s));
    if (c->phase == PHASE_DOWN)
        return false;
    if (c->phase == PHASE_GOODBYE)
        close = CHAT_DONE;
    c->phase = PHASE_DOWN;
    irc_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = close, .text = s});
    return false;
}

void irc_send(struct chat *c, const char *format, ...) {
    char text[IRC_LINE_MOST + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    irc_put(c, &(struct chat_out){.kind = CHAT_WIRE, .text = str_of(text)});
    OPENSSL_cleanse(text, sizeof text);
    if (c->lines_left > 0)
        c->lines_left--;
}

/* ---- the flood limit ---- */

static void refill(struct chat *c) {
    int64_t more = (c->now_ms - c->filled_ms) / c->refill_ms;
    bool full = more >= IRC_BURST_LINES - (int64_t)c->lines_left;
    c->lines_left = full ? IRC_BURST_LINES : c->lines_left + (unsigned)more;
    c->filled_ms = full ? c->now_ms : c->filled_ms + more * c->refill_ms;
}

bool irc_may_send(struct chat *c) {
    refill(c);
    return c->phase == PHASE_READY && c->lines_left > 0;
}

void irc_work(struct chat *c) {
    struct chat_out out;
    for (size_t i = 0; i < c->channel_count; i++)
        if (c->now_ms >= c->channels[i].join_at_ms && irc_may_send(c))
            irc_join(c, &c->channels[i]);
    while (irc_may_send(c) && outbox_next(&c->held, &out)) {
        c->lines_left--;
        irc_put(c, &out);
    }
    outbox_release(&c->held);
}

/* ---- the connection ---- */

static bool on_ping(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    irc_send(c, "PONG :%.*s", STR_ARG(str_slice(irc_line_param(l, 0), 0, 400)));
    return true;
}

enum { LOGIN = PHASE_LOGIN, READY = PHASE_READY, LIVE = PHASE_LOGIN | PHASE_READY, ANY = LIVE | PHASE_GOODBYE };

const struct irc_handler *irc_handlers(size_t *count) {
    static const struct irc_handler handlers[] = {
        {"001", LOGIN, irc_on_welcome},
        {"005", READY, irc_on_support},
        {"403", READY, irc_on_barred}, /* no such channel */
        {"405", READY, irc_on_barred}, /* too many channels */
        {"432", LOGIN, irc_on_nick_refused},
        {"433", LOGIN, irc_on_nick_taken},
        {"436", LOGIN, irc_on_nick_taken},
        {"464", LOGIN, irc_on_refused}, /* the connection's password */
        {"465", LIVE, irc_on_refused},  /* banned from the server */
        {"471", READY, irc_on_barred},  /* full */
        {"473", READY, irc_on_barred},  /* by invitation */
        {"474", READY, irc_on_barred},  /* banned */
        {"475", READY, irc_on_barred},  /* has a key */
        {"477", READY, irc_on_barred},  /* for registered nicks */
        {"902", LOGIN, irc_on_sasl_failed},
        {"903", LOGIN, irc_on_sasl_done},
        {"904", LOGIN, irc_on_sasl_failed},
        {"905", LOGIN, irc_on_sasl_failed},
        {"908", LOGIN, irc_on_sasl_failed},
        {"AUTHENTICATE", LOGIN, irc_on_authenticate},
        {"BATCH", READY, irc_on_batch},
        {"CAP", LOGIN, irc_on_cap},
        {"ERROR", ANY, irc_on_error},
        {"JOIN", READY, irc_on_join},
        {"KICK", READY, irc_on_kick},
        {"NICK", LIVE, irc_on_nick},
        {"PART", READY, irc_on_part},
        {"PING", ANY, on_ping},
        {"PRIVMSG", READY, irc_on_privmsg},
    };
    *count = sizeof handlers / sizeof *handlers;
    return handlers;
}

static int compare_handler(const void *key, const void *element) {
    return str_compare(*(const struct str *)key, str_of(((const struct irc_handler *)element)->command));
}

static bool handle(struct chat *c, struct str text, struct err *e) {
    struct irc_line l;
    size_t count;
    const struct irc_handler *all = irc_handlers(&count);
    if (!irc_line_read(text, &l))
        return true;
    const struct irc_handler *h = bsearch(&l.command, all, count, sizeof *all, compare_handler);
    return !h || !(h->phases & c->phase) || h->fn(c, &l, e);
}

/* ---- the table ---- */

static void forget_stream(struct chat *c) {
    c->login_by_ms = c->quiet_at_ms = c->pong_by_ms = c->gone_by_ms = c->nick_at_ms = c->told_ms = CHAT_NEVER;
    memset(c->batches, 0, sizeof c->batches);
    for (size_t i = 0; i < c->channel_count; i++)
        c->channels[i].join_at_ms = CHAT_NEVER;
    outbox_finish(&c->out);
}

static void op_dial(struct chat *c, int64_t now_ms) {
    c->now_ms = now_ms;
    irc_put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = c->url, .origin = c->origin});
}

static void op_opened(struct chat *c, int64_t now_ms) {
    forget_stream(c);
    c->now_ms = now_ms;
    irc_begin_login(c);
}

/* A frame is a line; some gateways put several into one. The binary subprotocols carry the same lines. */
static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    bool fine = true;
    (void)binary;
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase == PHASE_OFF || c->phase == PHASE_DOWN)
        return true;
    if (frame.len > IRC_FRAME_MOST)
        return irc_end(c, CHAT_RETRY, e, ERR_LIMIT, "the server sent a line of %zu bytes", frame.len);
    c->pong_by_ms = CHAT_NEVER;
    if (c->phase == PHASE_READY)
        c->quiet_at_ms = now_ms + IRC_SILENCE_MS;
    while (fine && frame.len > 0 && c->phase != PHASE_DOWN)
        fine = handle(c, str_cut(&frame, '\n'), e);
    return fine;
}

static void op_closed(struct chat *c, const struct chat_end *ended, int64_t now_ms) {
    bool goodbye = c->phase == PHASE_GOODBYE;
    forget_stream(c);
    c->now_ms = now_ms;
    c->phase = PHASE_OFF;
    if (goodbye)
        irc_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
    else if (ended->status == 400 || ended->status == 403)
        irc_note(c, "the server refused the websocket (HTTP status %u): does it allow the origin %.*s?", ended->status,
                 STR_ARG(c->origin));
}

/* We ask for nothing over HTTP. */
static void op_answered(struct chat *c, const struct chat_answer *answer, int64_t now_ms) {
    (void)answer;
    c->now_ms = now_ms;
}

static void tick_ready(struct chat *c) {
    if (c->now_ms >= c->pong_by_ms) {
        irc_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "the server went silent");
        return;
    }
    if (c->now_ms >= c->quiet_at_ms) {
        irc_send(c, "PING :lippy");
        c->quiet_at_ms = CHAT_NEVER;
        c->pong_by_ms = c->now_ms + IRC_PONG_MS;
    }
    if (c->now_ms >= c->nick_at_ms)
        irc_ask_nick_again(c);
    irc_work(c);
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    if (c->phase == PHASE_LOGIN && now_ms >= c->login_by_ms)
        irc_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "no login within %d s", IRC_LOGIN_MS / 1000);
    else if (c->phase == PHASE_GOODBYE && now_ms >= c->gone_by_ms)
        irc_end(c, CHAT_DONE, NULL, ERR_NONE, "goodbye");
    else if (c->phase == PHASE_READY)
        tick_ready(c);
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t due_ms(const struct chat *c) {
    if (c->phase == PHASE_LOGIN)
        return c->login_by_ms;
    if (c->phase == PHASE_GOODBYE)
        return c->gone_by_ms;
    if (c->phase != PHASE_READY)
        return CHAT_NEVER;
    int64_t due = chat_sooner(chat_sooner(c->quiet_at_ms, c->pong_by_ms), c->nick_at_ms);
    int64_t line_at_ms = c->lines_left > 0 ? c->now_ms : c->filled_ms + c->refill_ms;
    for (size_t i = 0; i < c->channel_count; i++)
        due = chat_sooner(due, later(c->channels[i].join_at_ms, line_at_ms));
    return c->held.count > 0 ? chat_sooner(due, line_at_ms) : due;
}

static bool op_next(struct chat *c, struct chat_out *out) {
    return outbox_next(&c->out, out) || outbox_wake(due_ms(c), &c->told_ms, out);
}

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    c->now_ms = now_ms;
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    bool fine = irc_hold(c, say, e);
    irc_work(c);
    return fine;
}

static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    c->quitting = true;
    if (c->phase == PHASE_OFF || c->phase == PHASE_DOWN) {
        irc_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
        return;
    }
    irc_send(c, "QUIT :goodbye");
    c->phase = PHASE_GOODBYE;
    c->gone_by_ms = now_ms + IRC_GOODBYE_MS;
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    outbox_finish(&c->out);
    outbox_finish(&c->held);
    buf_finish(&c->line);
    arena_finish(&c->life);
    if (c->password) {
        OPENSSL_cleanse(c->password, c->password_len);
        free(c->password);
    }
    free(c);
}

/* ---- the INI ---- */

static bool check_nick(struct str nick, struct err *e) {
    bool fine = nick.len > 0 && nick.len <= 30 && nick.ptr[0] != '-' && (nick.ptr[0] < '0' || nick.ptr[0] > '9');
    for (size_t i = 0; i < nick.len; i++)
        fine = fine && (unsigned char)nick.ptr[i] > ' ' && !strchr("!@#&+,:*?", nick.ptr[i]) && nick.ptr[i] != 0x7f;
    return fine || err_set(e, ERR_SCHEMA, "\"%.*s\" is no nick", STR_ARG(nick));
}

static bool check_channel(struct str name, struct err *e) {
    bool fine = name.len > 1 && name.len <= 64 && strchr("#&+!", name.ptr[0]);
    for (size_t i = 0; i < name.len; i++)
        fine = fine && (unsigned char)name.ptr[i] > ' ' && name.ptr[i] != ',';
    return fine || err_set(e, ERR_SCHEMA, "\"%.*s\" is no channel; one looks like #help", STR_ARG(name));
}

enum { KEY_WEBSOCKET, KEY_NICK, KEY_ROOMS, KEY_ACCOUNT, KEY_PASSWORD, KEY_ORIGIN, KEY_LINES };

static const struct chat_key keys[] = {
    [KEY_WEBSOCKET] = {.name = "websocket", .kind = CHAT_KEY_WS, .required = true},
    [KEY_NICK] = {.name = "nick", .kind = CHAT_KEY_TEXT, .standard_text = "lippy", .check = check_nick},
    [KEY_ROOMS] = {.name = "rooms", .kind = CHAT_KEY_LIST, .check = check_channel},
    [KEY_ACCOUNT] = {.name = "account", .kind = CHAT_KEY_TEXT},
    [KEY_PASSWORD] = {.name = "password", .kind = CHAT_KEY_SECRET},
    [KEY_ORIGIN] = {.name = "origin", .kind = CHAT_KEY_TEXT},
    [KEY_LINES] = {.name = "lines_per_minute", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 6000, .standard = 50},
    {0},
};

/* A page of the same host: some servers want an Origin header, of any value. */
static struct str default_origin(struct arena *a, struct str websocket) {
    struct url url;
    if (!url_parse(websocket, &url, NULL))
        return STR_NONE;
    return arena_printf(a, "%s://%.*s", url.tls ? "https" : "http", STR_ARG(url.authority));
}

/* One named twice is one. */
static void add_channel(struct chat *c, struct str name) {
    for (size_t i = 0; i < c->channel_count; i++)
        if (irc_same(c, c->channels[i].name, name))
            return;
    c->channels[c->channel_count++].name = arena_copy(&c->life, name);
}

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    const struct chat_value *v = setup->values;
    struct chat *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    outbox_init(&c->held, HELD_COUNT_MOST, HELD_BYTES_MOST);
    buf_init_heap(&c->line);
    seen_init(&c->seen, setup->entropy);
    pace_init(&c->pace, setup->entropy);
    c->phase = PHASE_OFF;
    c->refill_ms = 60 * 1000 / (int64_t)(v[KEY_LINES].number ? v[KEY_LINES].number : keys[KEY_LINES].standard);
    c->long_pause_ms = setup->long_pause_ms > 0 ? setup->long_pause_ms : IRC_LONG_PAUSE_MS;
    c->url = arena_copy(&c->life, v[KEY_WEBSOCKET].text);
    c->wanted_nick = arena_copy(&c->life, v[KEY_NICK].text);
    c->account = arena_copy(&c->life, v[KEY_ACCOUNT].text.len ? v[KEY_ACCOUNT].text : v[KEY_NICK].text);
    c->origin = v[KEY_ORIGIN].text.len ? arena_copy(&c->life, v[KEY_ORIGIN].text) : default_origin(&c->life, c->url);
    c->channels = ARENA_ARRAY(&c->life, struct irc_channel, v[KEY_ROOMS].item_count);
    c->wants_sasl = v[KEY_PASSWORD].text.len > 0;
    c->password_len = v[KEY_PASSWORD].text.len;
    c->password = malloc(c->password_len + 1);
    if (!c->channels || !c->password || !c->origin.ptr) {
        op_free(c);
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    if (c->password_len > 0)
        memcpy(c->password, v[KEY_PASSWORD].text.ptr, c->password_len);
    for (size_t i = 0; i < v[KEY_ROOMS].item_count; i++)
        add_channel(c, v[KEY_ROOMS].items[i]);
    forget_stream(c);
    return c;
}

const struct chat_ops irc_ops = {
    .name = "irc",
    .subprotocols = "text.ircv3.net,text.inspircd.org",
    .subprotocol_optional = true,
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
