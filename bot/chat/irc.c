#include "chat/irc.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/compose.h"
#include "chat/irc_line.h"
#include "chat/outbox.h"
#include "chat/scram.h"
#include "chat/seen.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/url.h"
#include "core/utf8.h"

enum {
    OUT_COUNT_MOST = 1024,
    OUT_BYTES_MOST = 1 << 20,
    HELD_COUNT_MOST = 512, /* lines that wait for the login or for their turn */
    HELD_BYTES_MOST = 256 * 1024,
    LINE_MOST = 510,       /* RFC 1459, without the line end */
    TEXT_MOST = 400,       /* of a PRIVMSG: what is left when the server puts our address in front */
    FRAME_MOST = 16 * 1024, /* tags may take 8191 bytes */
    LOGIN_MS = 30 * 1000,
    SILENCE_MS = 60 * 1000,
    PONG_MS = 30 * 1000,
    GOODBYE_MS = 2 * 1000,
    BURST_LINES = 8, /* then one each */
    REFILL_MS = 1200,
    REJOIN_MS = 10 * 60 * 1000,
    NICKS_MOST = 3, /* lippy, lippy_, lippy__ */
    BATCHES_MOST = 8,
    CAPS_CAP = 256,
    NICK_CAP = 64,
    SASL_CHUNK = 400,
};

#define NEVER INT64_MAX

enum phase { PHASE_OFF, PHASE_LOGIN, PHASE_READY, PHASE_GOODBYE, PHASE_DOWN };

struct channel {
    struct str name; /* as configured */
    bool in;
    int64_t join_at_ms; /* NEVER: in, or barred */
};

struct chat {
    struct arena life;
    struct str url, wanted_nick, account, origin;
    char *password;
    size_t password_len;
    struct channel *channels;
    size_t channel_count;
    int64_t long_pause_ms;

    enum phase phase;
    bool quitting;
    char nick[NICK_CAP];
    unsigned nicks_tried;
    char caps[CAPS_CAP]; /* asked for and to be asked for */
    bool wants_sasl, sasl_offered;
    char batches[BATCHES_MOST][32]; /* open ones that play history back */
    int64_t now_ms, login_by_ms, quiet_at_ms, pong_by_ms, gone_by_ms, told_ms;
    unsigned lines_left; /* of the flood limit */
    int64_t filled_ms;

    struct seen seen;
    struct outbox out;
    struct outbox held;
    struct buf line;
};

/* ---- out ---- */

static void put(struct chat *c, const struct chat_out *out) {
    if (outbox_push(&c->out, out))
        return;
    struct chat_out close = {.kind = CHAT_CLOSE, .close = CHAT_RETRY, .text = STR("too much to send at once")};
    outbox_clear(&c->out);
    outbox_push(&c->out, &close);
    c->phase = PHASE_DOWN;
}

static void note(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct chat *c, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = utf8_head(str_of(text), sizeof text)});
}

static bool end(struct chat *c, enum chat_close how, struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static bool end(struct chat *c, enum chat_close how, struct err *e, enum err_code code, const char *format, ...) {
    char text[240];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(e, code, "%s", text);
    if (c->phase == PHASE_DOWN)
        return false;
    if (c->phase == PHASE_GOODBYE)
        how = CHAT_DONE;
    c->phase = PHASE_DOWN;
    put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = how, .text = utf8_head(str_of(text), sizeof text)});
    return false;
}

/* One line, at once: it does not wait for the flood limit, which is for what people make us say. */
static void send(struct chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void send(struct chat *c, const char *format, ...) {
    char text[LINE_MOST + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(c, &(struct chat_out){.kind = CHAT_WIRE, .text = str_of(text)});
    OPENSSL_cleanse(text, sizeof text);
}

/* ---- flood ---- */

static void refill(struct chat *c) {
    int64_t more = (c->now_ms - c->filled_ms) / REFILL_MS;
    if (more <= 0)
        return;
    c->filled_ms += more * REFILL_MS;
    c->lines_left = more + c->lines_left > BURST_LINES ? BURST_LINES : c->lines_left + (unsigned)more;
}

static void send_held(struct chat *c) {
    struct chat_out out;
    refill(c);
    while (c->phase == PHASE_READY && c->lines_left > 0 && outbox_next(&c->held, &out)) {
        c->lines_left--;
        put(c, &out);
    }
    outbox_release(&c->held);
}

/* ---- login ---- */

static void try_nick(struct chat *c) {
    snprintf(c->nick, sizeof c->nick, "%.*s%.*s", STR_ARG(c->wanted_nick), (int)c->nicks_tried, "___");
    send(c, "NICK %s", c->nick);
}

static void begin_login(struct chat *c) {
    c->phase = PHASE_LOGIN;
    c->login_by_ms = c->now_ms + LOGIN_MS;
    c->nicks_tried = 0;
    c->caps[0] = '\0';
    c->sasl_offered = false;
    send(c, "CAP LS 302");
    try_nick(c);
    send(c, "USER %.*s 0 * :Lippy, a chat program", STR_ARG(c->wanted_nick));
}

static bool has_cap(struct str list, const char *name) {
    while (list.len > 0) {
        struct str cap = str_cut(&list, ' ');
        if (str_equal(str_cut(&cap, '='), str_of(name)))
            return true;
    }
    return false;
}

static void want_caps(struct chat *c, struct str offered) {
    static const char *const wanted[] = {"message-tags", "server-time", "echo-message", "batch", "account-tag"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (has_cap(offered, wanted[i]) && !has_cap(str_of(c->caps), wanted[i]))
            snprintf(c->caps + strlen(c->caps), sizeof c->caps - strlen(c->caps), "%s%s", c->caps[0] ? " " : "", wanted[i]);
    c->sasl_offered |= has_cap(offered, "sasl");
}

static bool on_caps_listed(struct chat *c, struct err *e) {
    if (c->wants_sasl && !c->sasl_offered)
        return end(c, CHAT_STOP, e, ERR_AUTH, "the server offers no SASL, so the account's password cannot be used");
    if (c->wants_sasl)
        snprintf(c->caps + strlen(c->caps), sizeof c->caps - strlen(c->caps), "%ssasl", c->caps[0] ? " " : "");
    if (c->caps[0])
        send(c, "CAP REQ :%s", c->caps);
    else
        send(c, "CAP END");
    return true;
}

static bool on_cap(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str verb = irc_line_param(l, 1);
    if (c->phase != PHASE_LOGIN)
        return true;
    if (str_equal(verb, STR("LS"))) {
        bool more = str_equal(irc_line_param(l, 2), STR("*"));
        want_caps(c, irc_line_param(l, more ? 3 : 2));
        return more || on_caps_listed(c, e);
    }
    if (str_equal(verb, STR("ACK"))) {
        if (c->wants_sasl && has_cap(irc_line_param(l, 2), "sasl"))
            send(c, "AUTHENTICATE PLAIN");
        else
            send(c, "CAP END");
    } else if (str_equal(verb, STR("NAK"))) {
        if (c->wants_sasl && c->caps[0] && strcmp(c->caps, "sasl") != 0) { /* once more with what is needed */
            snprintf(c->caps, sizeof c->caps, "sasl");
            send(c, "CAP REQ :sasl");
        } else if (c->wants_sasl) {
            return end(c, CHAT_STOP, e, ERR_AUTH, "the server refuses SASL, so the account's password cannot be used");
        } else {
            send(c, "CAP END");
        }
    }
    return true;
}

/* RFC 4616 in base64, in pieces of 400 bytes (IRCv3 SASL). */
static bool on_authenticate(struct chat *c, const struct irc_line *l, struct err *e) {
    struct buf plain, coded;
    (void)e;
    if (c->phase != PHASE_LOGIN || !c->wants_sasl || !str_equal(irc_line_param(l, 0), STR("+")))
        return true;
    buf_init_heap(&plain);
    buf_init_heap(&coded);
    buf_add_char(&plain, '\0');
    buf_add(&plain, c->account);
    buf_add_char(&plain, '\0');
    buf_add(&plain, (struct str){c->password, c->password_len});
    base64_add(&coded, buf_str(&plain));
    struct str rest = buf_str(&coded);
    while (rest.len >= SASL_CHUNK) {
        send(c, "AUTHENTICATE %.*s", SASL_CHUNK, rest.ptr);
        rest = str_slice(rest, SASL_CHUNK, SIZE_MAX);
    }
    send(c, "AUTHENTICATE %.*s", rest.len ? (int)rest.len : 1, rest.len ? rest.ptr : "+");
    OPENSSL_cleanse(plain.ptr, plain.cap);
    OPENSSL_cleanse(coded.ptr, coded.cap);
    buf_finish(&plain);
    buf_finish(&coded);
    return true;
}

static bool on_sasl_done(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l, (void)e;
    if (c->phase == PHASE_LOGIN)
        send(c, "CAP END");
    return true;
}

static bool on_sasl_failed(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l;
    return end(c, CHAT_STOP, e, ERR_AUTH, "the account or its password is wrong (SASL, %.*s)", STR_ARG(l->command));
}

static void join(struct chat *c, struct channel *ch) {
    send(c, "JOIN %.*s", STR_ARG(ch->name));
    ch->join_at_ms = c->now_ms + c->long_pause_ms; /* asked again, should nothing come of it */
}

static bool on_welcome(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    if (c->phase != PHASE_LOGIN)
        return true;
    struct str nick = irc_line_param(l, 0);
    if (nick.len > 0 && nick.len < sizeof c->nick)
        snprintf(c->nick, sizeof c->nick, "%.*s", STR_ARG(nick));
    c->phase = PHASE_READY;
    c->login_by_ms = NEVER;
    c->quiet_at_ms = c->now_ms + SILENCE_MS;
    c->lines_left = BURST_LINES;
    c->filled_ms = c->now_ms;
    put(c, &(struct chat_out){.kind = CHAT_READY, .text = str_of(c->nick)});
    for (size_t i = 0; i < c->channel_count; i++)
        join(c, &c->channels[i]);
    send_held(c);
    return true;
}

/* ISUPPORT: a server with a bot mode is told that we are one (IRCv3 bot mode). */
static bool on_support(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    for (size_t i = 1; i < l->param_count; i++)
        if (str_starts_with(l->params[i], STR("BOT=")) && l->params[i].len == 5)
            send(c, "MODE %s +%c", c->nick, l->params[i].ptr[4]);
    return true;
}

static bool on_nick_taken(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l;
    if (c->phase != PHASE_LOGIN)
        return true;
    if (++c->nicks_tried >= NICKS_MOST)
        return end(c, CHAT_RETRY_LATER, e, ERR_PROTOCOL, "the nick %.*s and its like are taken", STR_ARG(c->wanted_nick));
    try_nick(c);
    return true;
}

static bool on_nick_refused(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l;
    return c->phase != PHASE_LOGIN || end(c, CHAT_STOP, e, ERR_AUTH, "the server does not allow the nick %s", c->nick);
}

static bool on_refused(struct chat *c, const struct irc_line *l, struct err *e) {
    return end(c, CHAT_STOP, e, ERR_AUTH, "the server refuses us: %.*s",
               STR_ARG(str_slice(irc_line_param(l, l->param_count ? l->param_count - 1 : 0), 0, 120)));
}

/* ---- rooms ---- */

/* RFC 1459 calls {}|^ the small letters of []\~; a server that does not sees no harm in it. */
static char lower(char ch) {
    if (ch >= 'A' && ch <= 'Z')
        return (char)(ch | 0x20);
    return ch == '[' ? '{' : ch == ']' ? '}' : ch == '\\' ? '|' : ch == '~' ? '^' : ch;
}

static bool same(struct str a, struct str b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

static bool is_us(const struct chat *c, struct str nick) { return same(nick, str_of(c->nick)); }

static struct channel *find_channel(struct chat *c, struct str name) {
    for (size_t i = 0; i < c->channel_count; i++)
        if (same(c->channels[i].name, name))
            return &c->channels[i];
    return NULL;
}

static bool on_join(struct chat *c, const struct irc_line *l, struct err *e) {
    struct channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (is_us(c, l->nick) && ch) {
        ch->in = true;
        ch->join_at_ms = NEVER;
        note(c, "in %.*s", STR_ARG(ch->name));
    }
    return true;
}

static void out_of(struct chat *c, struct channel *ch) {
    ch->in = false;
    ch->join_at_ms = c->now_ms + c->long_pause_ms;
}

static bool on_kick(struct chat *c, const struct irc_line *l, struct err *e) {
    struct channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (ch && is_us(c, irc_line_param(l, 1))) {
        out_of(c, ch);
        note(c, "kicked out of %.*s; back after the long pause", STR_ARG(ch->name));
    }
    return true;
}

static bool on_part(struct chat *c, const struct irc_line *l, struct err *e) {
    struct channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (ch && is_us(c, l->nick))
        out_of(c, ch);
    return true;
}

/* Banned, full, by invitation, with a key, for registered nicks, no such channel: asked again after the long pause. */
static bool on_barred(struct chat *c, const struct irc_line *l, struct err *e) {
    struct channel *ch = find_channel(c, irc_line_param(l, 1));
    (void)e;
    if (ch) {
        out_of(c, ch);
        note(c, "cannot join %.*s (%.*s); tried again after the long pause", STR_ARG(ch->name), STR_ARG(l->command));
    }
    return true;
}

static bool on_nick(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str nick = irc_line_param(l, 0);
    (void)e;
    if (is_us(c, l->nick) && nick.len > 0 && nick.len < sizeof c->nick)
        snprintf(c->nick, sizeof c->nick, "%.*s", STR_ARG(nick));
    return true;
}

/* ---- messages ---- */

static bool on_batch(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str mark = irc_line_param(l, 0), type = irc_line_param(l, 1), name = str_slice(mark, 1, SIZE_MAX);
    (void)e;
    for (size_t i = 0; i < BATCHES_MOST && mark.len > 1 && mark.len < sizeof c->batches[0]; i++) {
        bool open = mark.ptr[0] == '+' && !c->batches[i][0] && (str_equal(type, STR("chathistory")) || str_equal(type, STR("znc.in/playback")));
        bool close = mark.ptr[0] == '-' && str_equal(str_of(c->batches[i]), name);
        if (open || close) {
            snprintf(c->batches[i], sizeof c->batches[i], "%.*s", open ? (int)name.len : 0, name.ptr);
            return true;
        }
    }
    return true;
}

static bool is_history(const struct chat *c, const struct irc_line *l) {
    bool there;
    struct str batch = irc_line_tag(l, "batch", &there);
    for (size_t i = 0; there && batch.len > 0 && i < BATCHES_MOST; i++)
        if (str_equal(str_of(c->batches[i]), batch))
            return true;
    return false;
}

/* CTCP: "\1ACTION waves\1" is text; a question about our program is answered; the rest is passed over. */
static struct str without_ctcp(struct chat *c, const struct irc_line *l, struct str text) {
    if (text.len == 0 || text.ptr[0] != '\1')
        return text;
    text = str_slice(text, 1, SIZE_MAX);
    text = str_cut(&text, '\1');
    struct str word = str_cut(&text, ' ');
    if (str_equal(word, STR("ACTION")))
        return text;
    refill(c);
    if (str_equal(word, STR("VERSION")) && c->lines_left > 0) {
        c->lines_left--;
        send(c, "NOTICE %.*s :\1VERSION Lippy " LIPPY_VERSION "\1", STR_ARG(l->nick));
    }
    return STR_NONE;
}

/* Bold, colours and the like, which mIRC's control characters make. */
static void add_without_colours(struct buf *b, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char ch = (unsigned char)text.ptr[i];
        if (ch == 3) {
            size_t digits = 0;
            while (digits < 2 && i + 1 < text.len && text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9')
                i++, digits++;
        } else if (ch >= 0x20 || ch == '\t') {
            buf_add_char(b, (char)ch);
        }
    }
}

static bool on_privmsg(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str target = irc_line_param(l, 0), text = irc_line_param(l, 1), rest;
    bool from_bot, has_id, private = is_us(c, target);
    struct channel *ch = find_channel(c, target);
    struct str id = irc_line_tag(l, "msgid", &has_id);
    struct buf who, said;
    (void)e;
    irc_line_tag(l, "bot", &from_bot);
    if (c->phase != PHASE_READY || (!private && !ch) || is_us(c, l->nick) || from_bot || is_history(c, l) ||
        str_find(l->source, STR("!")) == SIZE_MAX || (has_id && !seen_first(&c->seen, id)))
        return true;
    text = without_ctcp(c, l, text);
    buf_init_heap(&who);
    buf_init_heap(&said);
    for (size_t i = 0; i < l->source.len; i++)
        buf_add_char(&who, lower(l->source.ptr[i]));
    add_without_colours(&said, text);
    struct chat_out out = {
        .kind = CHAT_MESSAGE,
        .who = buf_str(&who),
        .room = private ? STR_NONE : ch->name,
        .to = private ? buf_str(&who) : ch->name,
        .nick = l->nick,
        .aside = private ? STR_NONE : buf_str(&who),
        .id = id,
        .addressed = true,
        .text = buf_str(&said),
    };
    if (!private) {
        out.addressed = chat_is_addressed(out.text, str_of(c->nick), &rest);
        out.text = rest;
    }
    if (text.len > 0 && !who.failed && !said.failed && utf8_is_valid(out.text))
        put(c, &out);
    buf_finish(&who);
    buf_finish(&said);
    return true;
}

/* ---- the rest ---- */

static bool on_ping(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    send(c, "PONG :%.*s", STR_ARG(str_slice(irc_line_param(l, 0), 0, 400)));
    return true;
}

static bool on_error(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str why = str_slice(irc_line_param(l, 0), 0, 120);
    bool lined = str_find(why, STR("-Lined")) != SIZE_MAX || str_find(why, STR("-lined")) != SIZE_MAX;
    return end(c, lined ? CHAT_RETRY_LATER : CHAT_RETRY, e, ERR_PROTOCOL, "the server closes: %.*s", STR_ARG(why));
}

typedef bool handler_fn(struct chat *c, const struct irc_line *l, struct err *e);

static const struct handler {
    const char *command;
    handler_fn *fn;
} handlers[] = {
    {"001", on_welcome},     {"005", on_support},     {"403", on_barred},      {"405", on_barred},      {"432", on_nick_refused},
    {"433", on_nick_taken},  {"436", on_nick_taken},  {"464", on_refused},     {"465", on_refused},     {"471", on_barred},
    {"473", on_barred},      {"474", on_barred},      {"475", on_barred},      {"477", on_barred},      {"902", on_sasl_failed},
    {"903", on_sasl_done},   {"904", on_sasl_failed}, {"905", on_sasl_failed}, {"908", on_sasl_failed}, {"AUTHENTICATE", on_authenticate},
    {"BATCH", on_batch},     {"CAP", on_cap},         {"ERROR", on_error},     {"JOIN", on_join},       {"KICK", on_kick},
    {"NICK", on_nick},       {"PART", on_part},       {"PING", on_ping},       {"PRIVMSG", on_privmsg},
};

static int compare_handler(const void *key, const void *element) {
    return str_compare(*(const struct str *)key, str_of(((const struct handler *)element)->command));
}

/* ---- the table ---- */

static void forget_stream(struct chat *c) {
    c->login_by_ms = c->quiet_at_ms = c->pong_by_ms = c->gone_by_ms = c->told_ms = NEVER;
    memset(c->batches, 0, sizeof c->batches);
    for (size_t i = 0; i < c->channel_count; i++) {
        c->channels[i].in = false;
        c->channels[i].join_at_ms = NEVER;
    }
    outbox_finish(&c->out);
}

static void op_dial(struct chat *c, int64_t now_ms) {
    c->now_ms = now_ms;
    put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = c->url, .origin = c->origin});
}

static void op_opened(struct chat *c, int64_t now_ms) {
    forget_stream(c);
    c->now_ms = now_ms;
    begin_login(c);
}

static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    struct irc_line l;
    outbox_release(&c->out);
    c->now_ms = now_ms;
    (void)binary; /* the binary subprotocols carry the same lines */
    if (c->phase == PHASE_OFF || c->phase == PHASE_DOWN)
        return true;
    if (frame.len > FRAME_MOST)
        return end(c, CHAT_RETRY, e, ERR_LIMIT, "the server sent a line of %zu bytes", frame.len);
    c->pong_by_ms = NEVER;
    if (c->phase == PHASE_READY)
        c->quiet_at_ms = now_ms + SILENCE_MS;
    if (!irc_line_read(frame, &l))
        return true;
    const struct handler *h = bsearch(&l.command, handlers, sizeof handlers / sizeof *handlers, sizeof *handlers, compare_handler);
    return !h || h->fn(c, &l, e);
}

static void op_closed(struct chat *c, const struct chat_end *ended, int64_t now_ms) {
    bool goodbye = c->phase == PHASE_GOODBYE;
    (void)ended;
    forget_stream(c);
    c->now_ms = now_ms;
    c->phase = PHASE_OFF;
    if (goodbye)
        put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
}

/* We ask for nothing over HTTP. */
static void op_answered(struct chat *c, const struct chat_answer *answer, int64_t now_ms) {
    (void)answer;
    c->now_ms = now_ms;
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = NEVER;
    if (c->phase == PHASE_LOGIN && now_ms >= c->login_by_ms)
        end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "no login within %d s", LOGIN_MS / 1000);
    if (c->phase == PHASE_GOODBYE && now_ms >= c->gone_by_ms)
        end(c, CHAT_DONE, NULL, ERR_NONE, "goodbye");
    if (c->phase != PHASE_READY)
        return;
    if (now_ms >= c->pong_by_ms) {
        end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "the server went silent");
        return;
    }
    if (now_ms >= c->quiet_at_ms) {
        send(c, "PING :lippy");
        c->quiet_at_ms = NEVER;
        c->pong_by_ms = now_ms + PONG_MS;
    }
    for (size_t i = 0; i < c->channel_count; i++)
        if (now_ms >= c->channels[i].join_at_ms)
            join(c, &c->channels[i]);
    send_held(c);
}

static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t due_ms(const struct chat *c) {
    int64_t due = NEVER;
    if (c->phase == PHASE_LOGIN)
        return c->login_by_ms;
    if (c->phase == PHASE_GOODBYE)
        return c->gone_by_ms;
    if (c->phase != PHASE_READY)
        return NEVER;
    due = sooner(c->quiet_at_ms, c->pong_by_ms);
    for (size_t i = 0; i < c->channel_count; i++)
        due = sooner(due, c->channels[i].join_at_ms);
    return c->held.count > 0 ? sooner(due, c->filled_ms + REFILL_MS) : due;
}

static bool op_next(struct chat *c, struct chat_out *out) {
    if (outbox_next(&c->out, out))
        return true;
    int64_t due = due_ms(c);
    if (due >= c->told_ms)
        return false;
    c->told_ms = due;
    *out = (struct chat_out){.kind = CHAT_WAKE_AT, .at_ms = due};
    return true;
}

/* Lists are set in one line as far as it goes: every line of ours costs a second of the flood limit. */
static void join_list_lines(struct buf *b) {
    for (size_t i = 0; i + 1 < b->len; i++) {
        struct str here = str_slice(buf_str(b), i + 1, 4);
        bool item = here.ptr[0] == '-' || (here.ptr[0] >= '0' && here.ptr[0] <= '9');
        if (b->ptr[i] == '\n' && item)
            b->ptr[i] = '\t'; /* a blank to compose_cut(), and shown as "  " */
    }
}

static bool hold_line(struct chat *c, struct str to, struct str text, struct err *e) {
    buf_clear(&c->line);
    buf_printf(&c->line, "PRIVMSG %.*s :", STR_ARG(to));
    for (size_t i = 0; i < text.len; i++)
        buf_add(&c->line, text.ptr[i] == '\t' ? STR("  ") : str_slice(text, i, 1));
    struct chat_out out = {.kind = CHAT_WIRE, .text = buf_str(&c->line)};
    return (!c->line.failed && outbox_push(&c->held, &out)) || err_set(e, ERR_LIMIT, "too many lines wait to be sent");
}

static bool hold_text(struct chat *c, struct str to, struct str text, struct err *e) {
    bool fine = true;
    while (fine && text.len > 0) {
        struct str line = str_cut(&text, '\n'), piece;
        while (fine && (piece = compose_cut(&line, TEXT_MOST, COMPOSE_BYTES)).len > 0)
            fine = hold_line(c, to, piece, e);
    }
    return fine;
}

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    struct str to = say->to;
    struct buf text;
    c->now_ms = now_ms;
    to = str_cut(&to, '!'); /* a person's key begins with the nick */
    if (to.len == 0 || to.len > 200 || str_find(to, STR(" ")) != SIZE_MAX)
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    buf_init_heap(&text);
    compose_text(&text, say, COMPOSE_IRC, SIZE_MAX);
    join_list_lines(&text);
    bool fine = !text.failed ? hold_text(c, to, buf_str(&text), e) : err_set(e, ERR_LIMIT, "no memory");
    buf_finish(&text);
    send_held(c);
    return fine;
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
    send(c, "QUIT :goodbye");
    c->phase = PHASE_GOODBYE;
    c->gone_by_ms = now_ms + GOODBYE_MS;
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

enum { KEY_WEBSOCKET, KEY_NICK, KEY_ROOMS, KEY_ACCOUNT, KEY_PASSWORD, KEY_ORIGIN };

static const struct chat_key keys[] = {
    [KEY_WEBSOCKET] = {.name = "websocket", .kind = CHAT_KEY_WS, .required = true},
    [KEY_NICK] = {.name = "nick", .kind = CHAT_KEY_TEXT, .standard_text = "lippy", .check = check_nick},
    [KEY_ROOMS] = {.name = "rooms", .kind = CHAT_KEY_LIST, .check = check_channel},
    [KEY_ACCOUNT] = {.name = "account", .kind = CHAT_KEY_TEXT},
    [KEY_PASSWORD] = {.name = "password", .kind = CHAT_KEY_SECRET},
    [KEY_ORIGIN] = {.name = "origin", .kind = CHAT_KEY_TEXT},
    {0},
};

/* A page of the same host: some servers want an Origin header, of any value. */
static struct str default_origin(struct arena *a, struct str websocket) {
    struct url url;
    if (!url_parse(websocket, &url, NULL))
        return STR_NONE;
    return arena_printf(a, "%s://%.*s", url.tls ? "https" : "http", STR_ARG(url.authority));
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
    c->long_pause_ms = setup->long_pause_ms > 0 ? setup->long_pause_ms : REJOIN_MS;
    c->url = arena_copy(&c->life, v[KEY_WEBSOCKET].text);
    c->wanted_nick = arena_copy(&c->life, v[KEY_NICK].text);
    c->account = arena_copy(&c->life, v[KEY_ACCOUNT].text.len ? v[KEY_ACCOUNT].text : v[KEY_NICK].text);
    c->origin = v[KEY_ORIGIN].text.len ? arena_copy(&c->life, v[KEY_ORIGIN].text) : default_origin(&c->life, c->url);
    c->channel_count = v[KEY_ROOMS].item_count;
    c->channels = ARENA_ARRAY(&c->life, struct channel, c->channel_count);
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
    for (size_t i = 0; i < c->channel_count; i++)
        c->channels[i].name = arena_copy(&c->life, v[KEY_ROOMS].items[i]);
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
