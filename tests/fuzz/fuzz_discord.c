/* A Discord that may send and answer anything, by the scripts of tests/wire/README.md: "S FRAME", "@opened", "@answer 200 BODY" and so on, and
 * "@kept BYTES" of an earlier run; expectations are passed over. What people say is answered with the same words, where they said it and aside. */
#include "fuzz.h"

#include "chat/discord_work.h"

enum { LINES_MAX = 256, OUT_MAX = 4096, VALUES = 8 };

struct stream {
    struct chat *c;
    int64_t now_ms;
    uint64_t asked; /* the newest request */
};

static struct chat *make(struct str kept) {
    struct chat_value values[VALUES] = {0};
    struct err e = {0};
    for (size_t i = 0; discord_ops.keys[i].name; i++) {
        struct str name = str_of(discord_ops.keys[i].name);
        assert(i < VALUES);
        values[i].text = str_of(discord_ops.keys[i].standard_text);
        if (str_equal(name, STR("token")))
            values[i].text = STR("Geheim.77");
        else if (str_equal(name, STR("api")))
            values[i].text = STR("https://discord.test/api/v10");
        else if (str_equal(name, STR("command")))
            values[i].text = STR("lip");
    }
    struct chat *c = discord_ops.make(&(struct chat_setup){.values = values, .kept = kept, .entropy = "0123456789abcde"}, &e);
    assert(c);
    return c;
}

static void say(struct stream *s, struct str to, struct str id, struct str text, bool aside) {
    const struct str choices[] = {text, STR("No")};
    struct chat_part part = {.text = text, .choices = choices, .choice_count = 2, .numbered = text.len % 2};
    struct err e = {0};
    bool fine = discord_ops.say(
        s->c, &(struct chat_say){.to = to, .answers = id, .aside = aside, .parts = &part, .part_count = 1}, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
}

/* What we send is JSON, within the limits, and goes to the server's own paths. */
static void look_at(const struct chat_out *out) {
    bool wire = out->kind == CHAT_WIRE;
    if (wire || (out->kind == CHAT_HTTP && out->text.len > 0)) {
        cJSON *json = json_read(out->text);
        assert(json && (!wire || out->text.len <= DISCORD_FRAME_MOST));
        cJSON_Delete(json);
    }
    if (out->kind == CHAT_HTTP) {
        assert(str_starts_with(out->url, STR("https://discord.test/api/v10/")) && out->lane.len > 0);
        assert(str_find(out->url, STR("..")) == SIZE_MAX || str_find(out->url, STR("/..")) == SIZE_MAX);
        for (size_t i = 0; i < out->url.len; i++)
            assert(out->url.ptr[i] > ' ' && out->url.ptr[i] != '?' && out->url.ptr[i] != '#');
    }
    if (out->kind == CHAT_DIAL)
        assert(str_starts_with(out->url, STR("wss://")));
    if (out->kind == CHAT_NOTE || out->kind == CHAT_CLOSE)
        assert(out->text.len > 0 && utf8_is_valid(out->text) && str_find(out->text, STR("Geheim")) == SIZE_MAX);
}

static void drain(struct stream *s) {
    struct chat_out out;
    unsigned count = 0;
    while (discord_ops.next(s->c, &out)) {
        assert(++count < OUT_MAX);
        look_at(&out);
        if (out.kind == CHAT_HTTP)
            s->asked = out.number;
        if (out.kind != CHAT_MESSAGE)
            continue;
        assert(out.who.len > 0 && out.to.len > 0 && out.addressed && utf8_is_valid(out.text));
        say(s, out.to, out.id, out.text, false);
        if (out.aside.len > 0)
            say(s, out.aside, out.id, out.text, true);
    }
}

static void feed(struct stream *s, struct str frame) {
    struct err e = {0};
    char *exact = fuzz_exact(frame);
    bool fine = discord_ops.feed(s->c, (struct str){exact, frame.len}, false, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    free(exact);
}

static void answer(struct stream *s, struct str words) {
    uint64_t status = 0;
    struct str first = str_cut(&words, ' ');
    char *body = fuzz_exact(words);
    if (str_to_u64(first, &status) && status < 600)
        discord_ops.answered(s->c,
                             &(struct chat_answer){.number = s->asked, .status = (unsigned)status, .body = {body, words.len}, .why = STR("why")},
                             s->now_ms);
    free(body);
}

static void act(struct stream *s, struct str line) {
    struct str word = str_cut(&line, ' ');
    uint64_t number = 0;
    if (str_equal(word, STR("S")))
        feed(s, line);
    else if (str_equal(word, STR("@dial")))
        discord_ops.dial(s->c, s->now_ms);
    else if (str_equal(word, STR("@opened")))
        discord_ops.opened(s->c, s->now_ms);
    else if (str_equal(word, STR("@answer")))
        answer(s, line);
    else if (str_equal(word, STR("@closed"))) {
        str_to_u64(line, &number);
        discord_ops.closed(s->c, &(struct chat_end){.was_open = true, .code = (unsigned)(number % 5000)}, s->now_ms);
    } else if (str_equal(word, STR("@quit")))
        discord_ops.quit(s->c, s->now_ms);
    else if (str_equal(word, STR("@tick")) && str_to_u64(line, &number) && number < UINT32_MAX)
        discord_ops.tick(s->c, s->now_ms += (int64_t)number);
    else if (str_equal(word, STR("@kept"))) {
        discord_ops.free(s->c);
        s->c = make(line);
    }
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stream s = {.c = make(STR_NONE), .now_ms = 1000};
    struct str rest = {(const char *)data, size};
    for (unsigned i = 0; i < LINES_MAX && rest.len > 0; i++)
        act(&s, str_cut(&rest, '\n'));
    discord_ops.free(s.c);
    return 0;
}
