/* A platform with a websocket and requests that may send and answer anything, by the scripts of tests/wire/README.md: "S FRAME",
 * "@answer STATUS BODY", "@opened", "@tick MS" and so on; expectations are passed over. What people say is answered with the same words and
 * three choices, here and in private, so it goes the whole way round.
 *
 * Who includes this has defined ops, values, and what their own server's addresses and people look like. */
#ifndef FUZZ_REQUESTS_H
#define FUZZ_REQUESTS_H

#include "fuzz.h"

#include "chat/json.h"
#include "core/url.h"

enum { REQUESTS_MAX = 64, LINES_MAX = 256, ROUNDS = 4096, MESSAGES_MAX = 64 };

struct stream {
    struct chat *c;
    int64_t now_ms;
    uint64_t requests[REQUESTS_MAX]; /* that wait for an answer */
    size_t request_count;
    size_t messages;
    struct buf kept;
    bool closed;
};

static void make(struct stream *s) {
    struct err e = {0};
    s->c = ops->make(&(struct chat_setup){.values = values, .kept = buf_str(&s->kept), .entropy = "0123456789abcde"}, &e);
    assert(s->c);
    s->request_count = 0;
}

/* ---- what comes out ---- */

/* Whatever we were sent, what we send is JSON. */
static void check_json(struct str text) {
    cJSON *document = json_read(text);
    assert(document);
    cJSON_Delete(document);
}

static void answer_message(struct stream *s, const struct chat_out *out) {
    static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no"), STR_INIT("not sure")};
    const struct str strings[] = {out->who, out->room, out->to, out->nick, out->aside, out->id, out->text};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        assert(utf8_is_valid(strings[i]));
    assert(is_person(out->who) && out->to.len > 0 && out->id.len > 0 && (out->room.len > 0 || out->addressed));
    assert((out->room.len > 0) == (out->aside.len > 0));
    if (s->messages++ > MESSAGES_MAX)
        return;
    struct chat_part part = {.text = out->text, .choices = choices, .choice_count = 3, .numbered = true};
    struct err e = {0};
    for (size_t i = 0; i < 2; i++) {
        struct str to = i == 0 ? out->to : out->aside;
        struct chat_say say = {.to = to, .nick = out->nick, .answers = out->id, .parts = &part, .part_count = 1};
        if (to.len > 0)
            assert(ops->say(s->c, &say, s->now_ms, &e) || e.code == ERR_LIMIT);
    }
}

static void take(struct stream *s, const struct chat_out *out) {
    switch (out->kind) {
    case CHAT_WIRE:
        check_json(out->text);
        break;
    case CHAT_HTTP:
        assert(is_path(out->url));
        if (out->method == CHAT_POST)
            check_json(out->text);
        if (s->request_count < REQUESTS_MAX)
            s->requests[s->request_count++] = out->number;
        break;
    case CHAT_DIAL:
        assert(is_websocket(out->url));
        break;
    case CHAT_KEEP:
        check_json(out->text);
        buf_clear(&s->kept);
        buf_add(&s->kept, out->text);
        break;
    case CHAT_CLOSE:
        s->closed = true;
        break;
    case CHAT_MESSAGE:
        answer_message(s, out);
        break;
    case CHAT_NOTE:
        assert(utf8_is_valid(out->text));
        break;
    case CHAT_READY:
    case CHAT_WAKE_AT:
        break;
    }
}

static void drain(struct stream *s) {
    struct chat_out out;
    unsigned rounds = 0;
    while (ops->next(s->c, &out)) {
        assert(rounds++ < ROUNDS);
        take(s, &out);
    }
}

/* ---- what goes in ---- */

static void answer(struct stream *s, struct str line) {
    uint64_t status = 0;
    if (s->request_count == 0 || !str_to_u64(str_cut(&line, ' '), &status))
        return;
    char *body = fuzz_exact(line);
    struct chat_answer a = {.number = s->requests[0], .status = (unsigned)(status % 1000), .body = {body, line.len}, .why = STR("no way")};
    memmove(s->requests, s->requests + 1, --s->request_count * sizeof *s->requests);
    ops->answered(s->c, &a, s->now_ms);
    free(body);
}

static void feed(struct stream *s, struct str line) {
    char *frame = fuzz_exact(line);
    struct err e = {0};
    bool fine = ops->feed(s->c, (struct str){frame, line.len}, false, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    free(frame);
}

static void restart(struct stream *s) {
    ops->quit(s->c, s->now_ms);
    drain(s);
    ops->free(s->c);
    make(s);
}

static void act(struct stream *s, struct str line) {
    struct str word = str_cut(&line, ' ');
    uint64_t ms = 0;
    if (str_equal(word, STR("S")))
        feed(s, line);
    else if (str_equal(word, STR("@answer")))
        answer(s, line);
    else if (str_equal(word, STR("@dial")))
        ops->dial(s->c, s->now_ms);
    else if (str_equal(word, STR("@opened")))
        ops->opened(s->c, s->now_ms);
    else if (str_equal(word, STR("@closed")))
        ops->closed(s->c, &(struct chat_end){.was_open = true}, s->now_ms);
    else if (str_equal(word, STR("@restart")))
        restart(s);
    else if (str_equal(word, STR("@kept"))) {
        buf_clear(&s->kept);
        buf_add(&s->kept, line);
        ops->free(s->c);
        make(s);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms)) {
        s->now_ms += (int64_t)(ms % 10000000);
        ops->tick(s->c, s->now_ms);
    }
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = {(const char *)data, size};
    struct stream s = {.now_ms = 1000};
    buf_init_heap(&s.kept);
    make(&s);
    for (unsigned i = 0; rest.len > 0 && i < LINES_MAX; i++)
        act(&s, str_cut(&rest, '\n'));
    ops->free(s.c);
    buf_finish(&s.kept);
    return 0;
}

#endif
