/* A Slack played against the codec: frames and answers go in, what comes out is in the log. */
#ifndef SLACK_PLAY_H
#define SLACK_PLAY_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/slack_work.h"
#include "core/utf8.h"

enum { REQUESTS_MOST = 64, KEPT_MOST = 16 * 1024 };

struct play {
    struct chat *c;
    int64_t now_ms;
    struct buf log;                   /* what came out since clear() */
    uint64_t requests[REQUESTS_MOST]; /* numbers of those that wait for an answer, the oldest first */
    size_t request_count;
    char kept[KEPT_MOST]; /* the last CHAT_KEEP */
    size_t kept_len;
};

static inline struct chat *make_with(const char *app_token, const char *bot_token, const char *api, struct str kept, struct err *e) {
    struct chat_value values[] = {{.text = str_of(app_token)}, {.text = str_of(bot_token)}, {.text = str_of(api)}, {.number = 0}};
    return slack_ops.make(&(struct chat_setup){.values = values, .kept = kept, .entropy = "0123456789abcde"}, e);
}

static inline struct chat *make(struct str kept, struct err *e) {
    return make_with("xapp-app", "xoxb-bot", "https://slack.test/api", kept, e);
}

static inline void log_request(struct play *p, const struct chat_out *out) {
    static const char base[] = "https://slack.test/api/";
    bool opens = str_find(out->url, STR("apps.connections.open")) != SIZE_MAX;
    assert_true(str_starts_with(out->url, STR("https://slack.test/api/")));
    assert_true(str_equal(out->auth, opens ? STR("Bearer xapp-app") : STR("Bearer xoxb-bot")));
    assert_true(p->request_count < REQUESTS_MOST);
    p->requests[p->request_count++] = out->number;
    buf_printf(&p->log, "H %s %.*s%s%.*s%s\n", out->method == CHAT_GET ? "GET" : "POST",
               STR_ARG(str_slice(out->url, sizeof base - 1, SIZE_MAX)), out->text.len ? " " : "", STR_ARG(out->text), out->once ? " once" : "");
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
    case CHAT_DIAL: buf_printf(b, "D %.*s\n", STR_ARG(out->url)); break;
    case CHAT_KEEP:
        assert_true(out->text.len < KEPT_MOST);
        memcpy(p->kept, out->text.ptr, out->text.len);
        p->kept_len = out->text.len;
        break;
    case CHAT_HTTP: log_request(p, out); break;
    case CHAT_MESSAGE:
        buf_printf(b, "M who=%.*s room=%.*s to=%.*s nick=%.*s aside=%.*s id=%.*s%s%s: %.*s\n", STR_ARG(out->who), STR_ARG(out->room),
                   STR_ARG(out->to), STR_ARG(out->nick), STR_ARG(out->aside), STR_ARG(out->id), out->addressed ? " addressed" : "",
                   out->discreet ? " discreet" : "", STR_ARG(out->text));
        break;
    }
}

static inline void drain(struct play *p) {
    struct chat_out out;
    while (slack_ops.next(p->c, &out)) {
        assert_true(utf8_is_valid(out.text) && utf8_is_valid(out.who) && utf8_is_valid(out.to) && utf8_is_valid(out.id));
        log_out(p, &out);
    }
}

#define PLAYED slack_ops
#include "codec_play.h"

static inline bool feed(struct play *p, const char *frame) { return feed_str(p, str_of(frame)); }

/* Answers the oldest request that waits. */
static inline void answer(struct play *p, unsigned status, const char *body) {
    assert_true(p->request_count > 0);
    struct chat_answer a = {.number = p->requests[0], .status = status, .body = str_of(body), .why = str_of(status ? "" : "no way")};
    memmove(p->requests, p->requests + 1, --p->request_count * sizeof *p->requests);
    slack_ops.answered(p->c, &a, p->now_ms);
    drain(p);
}

static inline bool say_parts(struct play *p, const char *to, const char *nick, const struct chat_part *parts, size_t count) {
    struct err e = {0};
    struct chat_say say = {.to = str_of(to), .nick = str_of(nick), .answers = STR("1795519265.000007"), .parts = parts, .part_count = count};
    bool fine = slack_ops.say(p->c, &say, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static inline bool say(struct play *p, const char *to, const char *text) {
    return say_parts(p, to, "", &(struct chat_part){.text = str_of(text)}, 1);
}

static inline void close_it(struct play *p) {
    slack_ops.closed(p->c, &(struct chat_end){.was_open = true, .code = 1006}, p->now_ms);
    drain(p);
}

#define IS_ME "{\"ok\":true,\"url\":\"https://t.slack.test/\",\"team_id\":\"T01\",\"user\":\"lippy\",\"user_id\":\"U0BOT\",\"bot_id\":\"B0BOT\"}"
#define OPENED "{\"ok\":true,\"url\":\"wss://wss.slack.test/link/?ticket=1\"}"
#define HELLO "{\"type\":\"hello\",\"num_connections\":1,\"connection_info\":{\"app_id\":\"A01\"},\"debug_info\":{\"host\":\"x\"}}"
#define FINE "{\"ok\":true}"

static inline struct play begin_kept(struct str kept) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(kept, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

static inline void connect_it(struct play *p) {
    dial(p);
    answer(p, 200, IS_ME);
    answer(p, 200, OPENED);
    open_it(p);
    feed(p, HELLO);
}

static inline struct play begin(void) {
    struct play p = begin_kept(STR_NONE);
    connect_it(&p);
    clear(&p);
    return p;
}

/* An envelope with this event. */
static inline void event(struct play *p, const char *id, const char *inside) {
    char frame[4000];
    int len = snprintf(frame, sizeof frame,
                       "{\"envelope_id\":\"%s\",\"type\":\"events_api\",\"payload\":{\"type\":\"event_callback\",\"event_id\":\"Ev%s\","
                       "\"event\":%s},\"accepts_response_payload\":false}",
                       id, id, inside);
    assert_true(len > 0 && (size_t)len < sizeof frame);
    feed(p, frame);
}

#define IN_DM(ts, text) \
    "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",\"text\":\"" text "\",\"ts\":\"" ts "\"}"
#define IN_ROOM(ts, user, text, more) \
    "{\"type\":\"message\",\"channel\":\"C1\",\"channel_type\":\"channel\",\"user\":\"" user "\",\"text\":\"" text "\",\"ts\":\"" ts "\"" more "}"

#endif
