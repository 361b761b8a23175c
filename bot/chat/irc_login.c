#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "chat/irc_work.h"
#include "chat/scram.h"

enum { SASL_CHUNK = 400 };

/* ---- the nick ---- */

static void try_nick(struct chat *c) {
    snprintf(c->nick, sizeof c->nick, "%.*s%.*s", STR_ARG(c->wanted_nick), (int)c->nicks_tried, "___");
    irc_send(c, "NICK %s", c->nick);
}

static void take_nick(struct chat *c, struct str nick) {
    if (nick.len > 0 && nick.len < sizeof c->nick)
        snprintf(c->nick, sizeof c->nick, "%.*s", STR_ARG(nick));
    c->nick_at_ms = irc_is_us(c, c->wanted_nick) ? CHAT_NEVER : c->now_ms + c->long_pause_ms;
}

/* Our own ghost may have had it: a connection that the server had not yet given up. */
void irc_ask_nick_again(struct chat *c) {
    c->nick_at_ms = c->now_ms + c->long_pause_ms;
    irc_send(c, "NICK %.*s", STR_ARG(c->wanted_nick));
}

bool irc_on_nick(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    if (irc_is_us(c, l->nick))
        take_nick(c, irc_line_param(l, 0));
    return true;
}

bool irc_on_nick_taken(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l;
    if (++c->nicks_tried >= IRC_NICKS_MOST)
        return irc_end(c, CHAT_RETRY_LATER, e, ERR_PROTOCOL, "the nick %.*s and its like are taken", STR_ARG(c->wanted_nick));
    try_nick(c);
    return true;
}

bool irc_on_nick_refused(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l;
    return irc_end(c, CHAT_STOP, e, ERR_AUTH, "the server does not allow the nick %s", c->nick);
}

/* ---- capabilities ---- */

void irc_begin_login(struct chat *c) {
    c->phase = PHASE_LOGIN;
    c->login_by_ms = c->now_ms + IRC_LOGIN_MS;
    c->nicks_tried = 0;
    c->caps[0] = '\0';
    c->sasl_offered = c->sasl_done = c->ascii_case = false;
    irc_send(c, "CAP LS 302");
    try_nick(c);
    irc_send(c, "USER lippy 0 * :Lippy, a chat program");
}

static bool has_cap(struct str list, const char *name, struct str *value) {
    while (list.len > 0) {
        *value = str_cut(&list, ' ');
        if (str_equal(str_cut(value, '='), str_of(name)))
            return true;
    }
    return false;
}

static void add_cap(struct chat *c, const char *name) {
    size_t len = strlen(c->caps);
    snprintf(c->caps + len, sizeof c->caps - len, "%s%s", len ? " " : "", name);
}

/* Only what we know: to ask for some things is a mistake on purpose (inspircd.org/poison). */
static void want_caps(struct chat *c, struct str offered) {
    static const char *const wanted[] = {"message-tags", "server-time", "echo-message", "batch"};
    struct str value;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (has_cap(offered, wanted[i], &value) && !has_cap(str_of(c->caps), wanted[i], &value))
            add_cap(c, wanted[i]);
    c->sasl_offered |= has_cap(offered, "sasl", &value) && (value.len == 0 || str_find(value, STR("PLAIN")) != SIZE_MAX);
}

static bool on_caps_listed(struct chat *c, struct err *e) {
    /* Services come back some time after their server does. */
    if (c->wants_sasl && !c->sasl_offered)
        return irc_end(c, CHAT_RETRY_LATER, e, ERR_PROTOCOL, "the server offers no SASL PLAIN (are its services there?), so the "
                                                            "account's password is of no use");
    if (c->wants_sasl)
        add_cap(c, "sasl");
    if (c->caps[0])
        irc_send(c, "CAP REQ :%s", c->caps);
    else
        irc_send(c, "CAP END");
    return true;
}

static bool on_caps_refused(struct chat *c, struct err *e) {
    if (c->wants_sasl && strcmp(c->caps, "sasl") == 0)
        return irc_end(c, CHAT_RETRY_LATER, e, ERR_PROTOCOL, "the server takes back its offer of SASL");
    if (c->wants_sasl) { /* once more with what is needed */
        snprintf(c->caps, sizeof c->caps, "sasl");
        irc_send(c, "CAP REQ :sasl");
    } else {
        irc_send(c, "CAP END");
    }
    return true;
}

bool irc_on_cap(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str verb = irc_line_param(l, 1), list = irc_line_param(l, 2), value;
    if (str_equal(verb, STR("LS"))) {
        bool more = l->param_count > 3 && str_equal(list, STR("*"));
        want_caps(c, more ? irc_line_param(l, 3) : list);
        return more || on_caps_listed(c, e);
    }
    if (str_equal(verb, STR("NAK")))
        return on_caps_refused(c, e);
    if (str_equal(verb, STR("ACK"))) {
        if (!c->wants_sasl)
            irc_send(c, "CAP END");
        else if (has_cap(list, "sasl", &value))
            irc_send(c, "AUTHENTICATE PLAIN");
    }
    return true;
}

/* ---- SASL ---- */

/* RFC 4616 in base64, in pieces of 400 bytes (IRCv3 SASL). */
bool irc_on_authenticate(struct chat *c, const struct irc_line *l, struct err *e) {
    struct buf plain, coded;
    (void)e;
    if (!c->wants_sasl || c->sasl_done || !str_equal(irc_line_param(l, 0), STR("+")))
        return true;
    buf_init_heap(&plain);
    buf_init_heap(&coded);
    buf_add_char(&plain, '\0');
    buf_add(&plain, c->account);
    buf_add_char(&plain, '\0');
    buf_add(&plain, (struct str){c->password, c->password_len});
    base64_add(&coded, buf_str(&plain));
    struct str rest = buf_str(&coded);
    for (; rest.len >= SASL_CHUNK; rest = str_slice(rest, SASL_CHUNK, SIZE_MAX))
        irc_send(c, "AUTHENTICATE %.*s", SASL_CHUNK, rest.ptr);
    if (rest.len == 0) /* also tells that a piece of just 400 was the last */
        rest = STR("+");
    irc_send(c, "AUTHENTICATE %.*s", STR_ARG(rest));
    OPENSSL_cleanse(plain.ptr, plain.len);
    OPENSSL_cleanse(coded.ptr, coded.len);
    buf_finish(&plain);
    buf_finish(&coded);
    return true;
}

bool irc_on_sasl_done(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)l, (void)e;
    if (!c->sasl_done)
        irc_send(c, "CAP END");
    c->sasl_done = true;
    return true;
}

bool irc_on_sasl_failed(struct chat *c, const struct irc_line *l, struct err *e) {
    return irc_end(c, CHAT_STOP, e, ERR_AUTH, "the server refuses us: wrong account or password (SASL, %.*s)", STR_ARG(l->command));
}

/* ---- in, and out again ---- */

bool irc_on_welcome(struct chat *c, const struct irc_line *l, struct err *e) {
    if (c->wants_sasl && !c->sasl_done)
        return irc_end(c, CHAT_RETRY_LATER, e, ERR_PROTOCOL, "the server let us in without the account's password");
    c->phase = PHASE_READY;
    c->login_by_ms = CHAT_NEVER;
    c->quiet_at_ms = c->now_ms + IRC_SILENCE_MS;
    c->lines_left = IRC_BURST_LINES;
    c->filled_ms = c->now_ms;
    take_nick(c, irc_line_param(l, 0));
    irc_put(c, &(struct chat_out){.kind = CHAT_READY, .text = str_of(c->nick)});
    for (size_t i = 0; i < c->channel_count; i++)
        c->channels[i].join_at_ms = c->now_ms;
    irc_work(c);
    return true;
}

/* ISUPPORT. A server with a bot mode is told that we are one (IRCv3 bot mode). */
bool irc_on_support(struct chat *c, const struct irc_line *l, struct err *e) {
    (void)e;
    for (size_t i = 1; i < l->param_count; i++) {
        struct str value = l->params[i], name = str_cut(&value, '=');
        if (str_equal(name, STR("BOT")) && value.len == 1)
            irc_send(c, "MODE %s +%c", c->nick, value.ptr[0]);
        else if (str_equal(name, STR("CASEMAPPING")))
            c->ascii_case = str_equal(value, STR("ascii"));
    }
    return true;
}

static struct str reason(const struct irc_line *l) {
    return str_slice(irc_line_param(l, l->param_count > 0 ? l->param_count - 1 : 0), 0, 120);
}

/* Banned, or the connection wants a password. */
bool irc_on_refused(struct chat *c, const struct irc_line *l, struct err *e) {
    return irc_end(c, CHAT_STOP, e, ERR_AUTH, "the server refuses us: %.*s", STR_ARG(reason(l)));
}

/* A restart and the like is over soon; whoever does not want us, now, is left alone for longer. */
bool irc_on_error(struct chat *c, const struct irc_line *l, struct err *e) {
    static const char *const unwanted[] = {"-Lined", "-lined", "Killed", "hrottled", "lood", "oo many", "oo fast"};
    struct str why = reason(l);
    enum chat_close how = CHAT_RETRY;
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        if (str_find(why, str_of(unwanted[i])) != SIZE_MAX)
            how = CHAT_RETRY_LATER;
    return irc_end(c, how, e, ERR_PROTOCOL, "the server closes: %.*s", STR_ARG(why));
}
