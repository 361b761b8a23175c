/* A server played against the Mattermost codec: frames and answers go in, what comes out is in the log. */
#ifndef MATTERMOST_PLAY_H
#define MATTERMOST_PLAY_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/mattermost_work.h"
#include "core/utf8.h"

#define ME "meeeeeeeeeeeeeeeeeeeeeeeee"
#define ALICE "aliceaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bobbbbbbbbbbbbbbbbbbbbbbbb"
#define TOWN "towntowntowntowntowntownto"
#define DM "dmdmdmdmdmdmdmdmdmdmdmdmdm"
#define CONNECTION "conn1conn1conn1conn1conn1a"
#define OTHER_CONNECTION "conn2conn2conn2conn2conn2a"
#define POST1 "post1post1post1post1post1a"
#define POST2 "post2post2post2post2post2a"
#define POST3 "post3post3post3post3post3a"
#define SERVER_MS 1795519247000LL

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

static inline struct chat *make(struct str token, struct str kept, bool private_only, struct err *e) {
    struct chat_value values[] = {{.text = STR_INIT("https://chat.test")}, {.text = token}, {.number = private_only}};
    return mattermost_ops.make(&(struct chat_setup){.values = values, .kept = kept, .entropy = "0123456789abcde"}, e);
}

static inline void log_request(struct play *p, const struct chat_out *out) {
    static const char *const methods[] = {[CHAT_GET] = "GET", [CHAT_POST] = "POST"};
    static const char base[] = "https://chat.test/api/v4";
    assert_true(str_starts_with(out->url, STR("https://chat.test/api/v4")));
    assert_true(str_equal(out->auth, STR("Bearer the-token")));
    assert_true(p->request_count < REQUESTS_MOST);
    p->requests[p->request_count++] = out->number;
    buf_printf(&p->log, "H %s %.*s%s%.*s%s\n", methods[out->method], STR_ARG(str_slice(out->url, sizeof base - 1, SIZE_MAX)),
               out->text.len ? " " : "", STR_ARG(out->text), out->once ? " once" : "");
}

static inline void log_out(struct play *p, const struct chat_out *out) {
    static const char *const closes[] = {"retry", "retry later", "stop", "done"};
    struct buf *b = &p->log;
    switch (out->kind) {
    case CHAT_READY:
        buf_printf(b, "R %.*s\n", STR_ARG(out->text));
        break;
    case CHAT_WAKE_AT:
        buf_printf(b, "W +%lld\n", (long long)(out->at_ms - p->now_ms));
        break;
    case CHAT_NOTE:
        buf_printf(b, "N %.*s\n", STR_ARG(out->text));
        break;
    case CHAT_CLOSE:
        buf_printf(b, "X %s: %.*s\n", closes[out->close], STR_ARG(out->text));
        break;
    case CHAT_WIRE:
        buf_printf(b, "C %.*s\n", STR_ARG(out->text));
        break;
    case CHAT_DIAL:
        assert_true(str_equal(out->auth, STR("Bearer the-token")));
        buf_printf(b, "D %.*s\n", STR_ARG(out->url));
        break;
    case CHAT_KEEP:
        assert_true(out->text.len < KEPT_MOST);
        memcpy(p->kept, out->text.ptr, out->text.len);
        p->kept_len = out->text.len;
        break;
    case CHAT_HTTP:
        log_request(p, out);
        break;
    case CHAT_MESSAGE:
        buf_printf(b, "M who=%.*s room=%.*s to=%.*s nick=%.*s aside=%.*s id=%.*s%s%s%s: %.*s\n", STR_ARG(out->who), STR_ARG(out->room),
                   STR_ARG(out->to), STR_ARG(out->nick), STR_ARG(out->aside), STR_ARG(out->id), out->addressed ? " addressed" : "",
                   out->corrects ? " corrects" : "", out->discreet ? " discreet" : "", STR_ARG(out->text));
        break;
    }
}

static inline void drain(struct play *p) {
    struct chat_out out;
    while (mattermost_ops.next(p->c, &out)) {
        assert_true(utf8_is_valid(out.text) && utf8_is_valid(out.who) && utf8_is_valid(out.nick) && utf8_is_valid(out.room));
        log_out(p, &out);
    }
}

#define PLAYED mattermost_ops
#include "codec_play.h"

static inline bool feed(struct play *p, const char *frame) { return feed_str(p, str_of(frame)); }

/* Answers the oldest request that waits. */
static inline void answer(struct play *p, unsigned status, const char *body) {
    assert_true(p->request_count > 0);
    struct chat_answer a = {.number = p->requests[0], .status = status, .body = str_of(body), .why = str_of(status ? "" : "no way")};
    memmove(p->requests, p->requests + 1, --p->request_count * sizeof *p->requests);
    mattermost_ops.answered(p->c, &a, p->now_ms);
    drain(p);
}

static inline bool say_parts(struct play *p, const char *to, const char *answers, const struct chat_part *parts, size_t count) {
    struct err e = {0};
    struct chat_say say = {.to = str_of(to), .answers = str_of(answers), .parts = parts, .part_count = count};
    bool fine = mattermost_ops.say(p->c, &say, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static inline bool say(struct play *p, const char *to, const char *text) {
    return say_parts(p, to, POST1, &(struct chat_part){.text = str_of(text)}, 1);
}

static inline void close_it(struct play *p) {
    mattermost_ops.closed(p->c, &(struct chat_end){.was_open = true, .code = 1006}, p->now_ms);
    drain(p);
}

#define IS_ME "{\"id\":\"" ME "\",\"username\":\"lippy\",\"is_bot\":true}"
#define HELLO(id) "{\"event\":\"hello\",\"data\":{\"connection_id\":\"" id "\",\"server_version\":\"9.5.1.1.x.true\"},\"seq\":0}\n"
#define PONG(seq) "{\"status\":\"OK\",\"seq_reply\":" seq ",\"data\":{\"text\":\"pong\",\"server_time\":1795519247000,\"version\":\"9\"}}\n"

static inline struct play begin_kept(struct str kept) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(STR("the-token"), kept, false, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

static inline void connect_it(struct play *p, const char *hello) {
    dial(p);
    answer(p, 200, IS_ME);
    open_it(p);
    if (hello)
        feed(p, hello);
    feed(p, PONG("1"));
}

static inline struct play begin(void) {
    struct play p = begin_kept(STR_NONE);
    connect_it(&p, HELLO(CONNECTION));
    clear(&p);
    return p;
}

/* A post as the server sends it: JSON within JSON. */
struct made_post {
    const char *id, *user, *channel, *root, *message, *type, *props; /* NULL: as usual */
    const char *pending, *channel_type, *sender, *mentions;
    int64_t create_at, delete_at, edit_at;
};

static inline cJSON *made_post(const struct made_post *m) {
    cJSON *post = cJSON_CreateObject();
    cJSON_AddStringToObject(post, "id", m->id ? m->id : POST1);
    cJSON_AddNumberToObject(post, "create_at", (double)(m->create_at ? m->create_at : SERVER_MS + 1000));
    cJSON_AddNumberToObject(post, "edit_at", (double)m->edit_at);
    cJSON_AddNumberToObject(post, "delete_at", (double)m->delete_at);
    cJSON_AddStringToObject(post, "user_id", m->user ? m->user : ALICE);
    cJSON_AddStringToObject(post, "channel_id", m->channel ? m->channel : DM);
    cJSON_AddStringToObject(post, "root_id", m->root ? m->root : "");
    cJSON_AddStringToObject(post, "message", m->message ? m->message : "hello");
    cJSON_AddStringToObject(post, "type", m->type ? m->type : "");
    cJSON_AddStringToObject(post, "pending_post_id", m->pending ? m->pending : "");
    cJSON_AddItemToObject(post, "props", m->props ? cJSON_Parse(m->props) : cJSON_CreateObject());
    return post;
}

static inline void send_post(struct play *p, const char *event, int seq, const struct made_post *m) {
    cJSON *frame = cJSON_CreateObject(), *data = cJSON_AddObjectToObject(frame, "data"), *post = made_post(m);
    char *text = cJSON_PrintUnformatted(post);
    cJSON_AddStringToObject(frame, "event", event);
    cJSON_AddNumberToObject(frame, "seq", seq);
    cJSON_AddStringToObject(data, "post", text);
    cJSON_AddStringToObject(data, "channel_type", m->channel_type ? m->channel_type : "D");
    cJSON_AddStringToObject(data, "sender_name", m->sender ? m->sender : "@alice");
    if (m->mentions)
        cJSON_AddStringToObject(data, "mentions", m->mentions);
    char *whole = cJSON_PrintUnformatted(frame);
    feed(p, whole);
    cJSON_free(text);
    cJSON_free(whole);
    cJSON_Delete(post);
    cJSON_Delete(frame);
}

static inline void posted(struct play *p, int seq, const struct made_post *m) { send_post(p, "posted", seq, m); }

static inline void edited(struct play *p, int seq, const struct made_post *m) { send_post(p, "post_edited", seq, m); }

static inline void reacted(struct play *p, int seq, const char *user, const char *post, const char *emoji) {
    char text[600];
    snprintf(text, sizeof text,
             "{\"event\":\"reaction_added\",\"data\":{\"reaction\":\"{\\\"user_id\\\":\\\"%s\\\",\\\"post_id\\\":\\\"%s\\\","
             "\\\"emoji_name\\\":\\\"%s\\\"}\"},\"seq\":%d}",
             user, post, emoji, seq);
    feed(p, text);
}

#endif
