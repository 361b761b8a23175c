/* A server played against the IRC codec: lines go in, what comes out is in the log. */
#ifndef IRC_PLAY_H
#define IRC_PLAY_H

#include "test.h"

#include <stdio.h>

#include "chat/irc_work.h"
#include "core/utf8.h"

struct play {
    struct chat *c;
    int64_t now_ms;
    struct buf log; /* what came out since clear() */
};

enum { VALUES = 8 };

struct made_of {
    const char *nick, *account, *password, *origin, *websocket;
    struct str rooms[4];
    size_t room_count;
    uint64_t lines;
};

__attribute__((unused)) static const struct made_of usual = {.nick = "lippy", .rooms = {STR_INIT("#clinic"), STR_INIT("#ward")}, .room_count = 2};

__attribute__((unused)) static const struct made_of with_password = {.nick = "lippy", .account = "LipBot", .password = "secret"};

#define SASL_CAPS ":irc.test CAP * LS :batch sasl=EXTERNAL,PLAIN"

static inline struct chat *make(const struct made_of *m, struct err *e) {
    struct chat_value values[VALUES] = {0};
    for (size_t i = 0; irc_ops.keys[i].name; i++) {
        const char *name = irc_ops.keys[i].name;
        assert_true(i < VALUES);
        if (strcmp(name, "websocket") == 0)
            values[i].text = str_of(m->websocket ? m->websocket : "wss://irc.test:8097/");
        else if (strcmp(name, "nick") == 0)
            values[i].text = str_of(m->nick);
        else if (strcmp(name, "account") == 0)
            values[i].text = str_of(m->account);
        else if (strcmp(name, "password") == 0)
            values[i].text = str_of(m->password);
        else if (strcmp(name, "origin") == 0)
            values[i].text = str_of(m->origin);
        else if (strcmp(name, "rooms") == 0)
            values[i] = (struct chat_value){.items = m->rooms, .item_count = m->room_count};
        else if (strcmp(name, "lines_per_minute") == 0)
            values[i].number = m->lines ? m->lines : irc_ops.keys[i].standard;
        else
            fail_msg("what is the key %s?", name);
    }
    return irc_ops.make(&(struct chat_setup){.values = values, .entropy = "0123456789abcde"}, e);
}

static inline void log_out(struct play *p, const struct chat_out *out) {
    static const char *const closes[] = {"retry", "retry later", "stop", "done"};
    struct buf *b = &p->log;
    switch (out->kind) {
    case CHAT_READY: buf_printf(b, "R %.*s\n", STR_ARG(out->text)); break;
    case CHAT_WAKE_AT: buf_printf(b, "W +%lld\n", (long long)(out->at_ms - p->now_ms)); break;
    case CHAT_NOTE: buf_printf(b, "N %.*s\n", STR_ARG(out->text)); break;
    case CHAT_CLOSE: buf_printf(b, "X %s: %.*s\n", closes[out->close], STR_ARG(out->text)); break;
    case CHAT_WIRE: buf_printf(b, "C %.*s\n", STR_ARG(out->text)); break;
    case CHAT_DIAL: buf_printf(b, "D %.*s %.*s\n", STR_ARG(out->url), STR_ARG(out->origin)); break;
    case CHAT_MESSAGE:
        buf_printf(b, "M who=%.*s room=%.*s to=%.*s nick=%.*s aside=%.*s id=%.*s%s: %.*s\n", STR_ARG(out->who), STR_ARG(out->room),
                   STR_ARG(out->to), STR_ARG(out->nick), STR_ARG(out->aside), STR_ARG(out->id), out->addressed ? " addressed" : "",
                   STR_ARG(out->text));
        break;
    default: fail_msg("a result of kind %d", (int)out->kind);
    }
}

static inline void drain(struct play *p) {
    struct chat_out out;
    while (irc_ops.next(p->c, &out)) {
        assert_true(out.kind == CHAT_WIRE || utf8_is_valid(out.text));
        if (out.kind == CHAT_WIRE) {
            assert_true(out.text.len > 0 && out.text.len <= IRC_LINE_MOST);
            assert_true(str_find(out.text, STR("\n")) == SIZE_MAX && str_find(out.text, STR("\r")) == SIZE_MAX);
        }
        log_out(p, &out);
    }
}

#define PLAYED irc_ops
#include "codec_play.h"

/* Each line is a frame. */
static inline bool feed(struct play *p, const char *lines) {
    struct str rest = str_of(lines);
    bool fine = true;
    while (rest.len > 0) {
        fine = feed_str(p, str_cut(&rest, '\n'));
    }
    return fine;
}

static inline bool say(struct play *p, const char *to, const char *text) {
    struct chat_part part = {.text = str_of(text)};
    struct err e = {0};
    bool fine = irc_ops.say(p->c, &(struct chat_say){.to = str_of(to), .parts = &part, .part_count = 1}, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static inline struct play begin(const struct made_of *m) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(m, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

#define CAPS ":irc.test CAP * LS :account-tag batch echo-message inspircd.org/poison message-tags server-time"
#define WELCOME ":irc.test 001 lippy :Welcome to the network lippy!lippy@127.0.0.1"

/* Logged in, in both channels, with the flood limit's lines to spare. */
static inline struct play begin_in(const struct made_of *m) {
    struct play p = begin(m);
    open_it(&p);
    feed(&p, CAPS "\n:irc.test CAP lippy ACK :message-tags\n" WELCOME);
    feed(&p, ":lippy!lippy@127.0.0.1 JOIN #clinic * :Lippy\n:lippy!lippy@127.0.0.1 JOIN :#Ward");
    tick(&p, 20 * 1000);
    clear(&p);
    return p;
}

#endif
