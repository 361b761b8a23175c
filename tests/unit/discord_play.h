/* A server played against the Discord codec: frames and answers go in, what comes out is in the log. */
#ifndef DISCORD_PLAY_H
#define DISCORD_PLAY_H

#include "test.h"

#include <stdio.h>

#include "chat/discord_work.h"
#include "core/utf8.h"

struct play {
    struct chat *c;
    int64_t now_ms;
    struct buf log;        /* what came out since clear() */
    char kept[2048];       /* of CHAT_KEEP, the last */
    uint64_t first_number; /* of the requests in the log; those before are of no interest */
    uint64_t last_number;
    const char *reply; /* said to each message at once, as the engine does; NULL: nothing */
    const char *aside; /* and this in private */
    struct str choices[30];
    size_t choice_count;
    bool numbered;
};

#define TOKEN "Geheim.77"

static inline struct chat *make(const char *kept, const char *gateway, struct err *e) {
    struct chat_value values[8] = {0};
    for (size_t i = 0; discord_ops.keys[i].name; i++) {
        const struct chat_key *k = &discord_ops.keys[i];
        values[i].text = str_of(k->standard_text);
        if (strcmp(k->name, "token") == 0)
            values[i].text = STR(TOKEN);
        else if (strcmp(k->name, "gateway") == 0)
            values[i].text = str_of(gateway);
        else if (strcmp(k->name, "api") == 0)
            values[i].text = STR("https://discord.test/api/v10");
        else if (strcmp(k->name, "command") == 0)
            values[i].text = STR("lip");
        else
            fail_msg("what is the key %s?", k->name);
    }
    return discord_ops.make(&(struct chat_setup){.values = values, .kept = str_of(kept), .entropy = "0123456789abcde"}, e);
}

static inline void answer_message(struct play *p, const struct chat_out *out) {
    char to[700], aside[64], id[64];
    struct err e = {0};
    snprintf(to, sizeof to, "%.*s", STR_ARG(out->to));
    snprintf(aside, sizeof aside, "%.*s", STR_ARG(out->aside));
    snprintf(id, sizeof id, "%.*s", STR_ARG(out->id));
    if (p->reply) {
        struct chat_part part = {
            .text = str_of(p->reply), .choices = p->choices, .choice_count = p->choice_count, .numbered = p->numbered};
        assert_true(discord_ops.say(p->c, &(struct chat_say){.to = str_of(to), .answers = str_of(id), .parts = &part, .part_count = 1},
                                    p->now_ms, &e));
    }
    if (p->aside) {
        struct chat_part part = {.text = str_of(p->aside)};
        assert_true(discord_ops.say(
            p->c, &(struct chat_say){.to = str_of(aside), .answers = str_of(id), .aside = true, .parts = &part, .part_count = 1},
            p->now_ms, &e));
    }
}

static inline void log_out(struct play *p, const struct chat_out *out) {
    static const char *const closes[] = {"retry", "retry later", "stop", "done"};
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    struct buf *b = &p->log;
    switch (out->kind) {
    case CHAT_READY: buf_printf(b, "R %.*s\n", STR_ARG(out->text)); break;
    case CHAT_WAKE_AT: buf_printf(b, "W +%lld\n", (long long)(out->at_ms - p->now_ms)); break;
    case CHAT_NOTE: buf_printf(b, "N %.*s\n", STR_ARG(out->text)); break;
    case CHAT_CLOSE: buf_printf(b, "X %s %u: %.*s\n", closes[out->close], out->code, STR_ARG(out->text)); break;
    case CHAT_WIRE: buf_printf(b, "C %.*s\n", STR_ARG(out->text)); break;
    case CHAT_DIAL: buf_printf(b, "D %.*s\n", STR_ARG(out->url)); break;
    case CHAT_KEEP:
        assert_true(out->text.len < sizeof p->kept);
        snprintf(p->kept, sizeof p->kept, "%.*s", STR_ARG(out->text));
        break;
    case CHAT_HTTP:
        assert_int_equal(out->auth.len > 0, str_find(out->url, STR("/interactions/")) == SIZE_MAX &&
                                                str_find(out->url, STR("/webhooks/")) == SIZE_MAX);
        assert_true(out->lane.len > 0 && str_starts_with(out->url, STR("https://discord.test/api/v10/")));
        p->last_number = out->number;
        buf_printf(b, "H%s %s %.*s %.*s\n", out->once ? "1" : "", methods[out->method],
                   STR_ARG(str_slice(out->url, strlen("https://discord.test/api/v10"), SIZE_MAX)), STR_ARG(out->text));
        break;
    case CHAT_MESSAGE:
        buf_printf(b, "M who=%.*s room=%.*s to=%.*s aside=%.*s id=%.*s%s: %.*s\n", STR_ARG(out->who), STR_ARG(out->room),
                   STR_ARG(out->to), STR_ARG(out->aside), STR_ARG(out->id), out->discreet ? " discreet" : "", STR_ARG(out->text));
        assert_true(out->addressed);
        answer_message(p, out);
        break;
    }
}

static inline void drain(struct play *p) {
    struct chat_out out;
    while (discord_ops.next(p->c, &out)) {
        assert_true(utf8_is_valid(out.text));
        assert_true(out.kind != CHAT_WIRE || (out.text.len > 0 && out.text.len <= DISCORD_FRAME_MOST));
        assert_true(out.kind == CHAT_WIRE || out.kind == CHAT_HTTP || str_find(out.text, STR(TOKEN)) == SIZE_MAX);
        log_out(p, &out);
    }
}

#define PLAYED discord_ops
#include "codec_play.h"

/* Each line is a frame, as the bytes at the end of what may be read. */
static inline bool feed(struct play *p, const char *frames) {
    struct str rest = str_of(frames);
    bool fine = true;
    while (rest.len > 0) {
        fine = feed_str(p, str_cut(&rest, '\n'));
    }
    return fine;
}

static inline void answer_number(struct play *p, uint64_t number, unsigned status, const char *body) {
    struct chat_answer a = {.number = number, .status = status, .body = str_of(body), .why = STR("no answer")};
    discord_ops.answered(p->c, &a, p->now_ms);
    drain(p);
}

/* To the request that came last. */
static inline void answer(struct play *p, unsigned status, const char *body) { answer_number(p, p->last_number, status, body); }

static inline void lose(struct play *p, unsigned code) {
    discord_ops.closed(p->c, &(struct chat_end){.was_open = true, .code = code}, p->now_ms);
    drain(p);
}

static inline struct play begin_kept(const char *kept, const char *gateway) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(kept, gateway, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

static inline struct play begin(void) { return begin_kept("", NULL); }

#define GATEWAY "{\"url\":\"wss://gateway.test\",\"shards\":1,\"session_start_limit\":{\"total\":1000,\"remaining\":999,\"reset_after\":14400000}}"
#define HELLO "{\"t\":null,\"s\":null,\"op\":10,\"d\":{\"heartbeat_interval\":41250,\"_trace\":[\"[\\\"x\\\"]\"]}}"
#define READY                                                                                                                       \
    "{\"t\":\"READY\",\"s\":1,\"op\":0,\"d\":{\"v\":10,\"user\":{\"id\":\"77\",\"username\":\"Lippy\",\"bot\":true},\"guilds\":[]," \
    "\"session_id\":\"sess-1\",\"resume_gateway_url\":\"wss://resume.test/\",\"application\":{\"id\":\"78\",\"flags\":0}}}"
#define IDENTIFY                                                                                                        \
    "C {\"op\":2,\"d\":{\"properties\":{\"os\":\"linux\",\"browser\":\"lippy\",\"device\":\"lippy\"},\"token\":\"" TOKEN \
    "\",\"intents\":4608}}\n"

/* Logged in, the slash command registered. */
static inline struct play begin_ready(void) {
    struct play p = begin();
    dial(&p);
    answer(&p, 200, GATEWAY);
    open_it(&p);
    feed(&p, HELLO "\n" READY);
    answer(&p, 200, "[]");
    clear(&p);
    return p;
}

/* All but wake-ups. */
static inline void want_results(struct play *p, const char *text) {
    struct str rest = buf_str(&p->log);
    struct buf got;
    buf_init_heap(&got);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        if (!str_starts_with(line, STR("W ")))
            buf_printf(&got, "%.*s\n", STR_ARG(line));
    }
    if (!str_equal(buf_str(&got), str_of(text)))
        fail_msg("not\n%s\nbut\n%.*s", text, STR_ARG(buf_str(&got)));
    buf_finish(&got);
    clear(p);
}

#endif
