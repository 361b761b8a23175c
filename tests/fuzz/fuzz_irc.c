/* An IRC server that may send anything, by the scripts of tests/wire/README.md: "S LINE", "@opened", "@tick MS", "@say TO|TEXT" and so on;
 * expectations are passed over. What people say is answered with the same words, so it goes the whole way round. */
#include "fuzz.h"

#include "chat/irc_work.h"

enum { LINES_MAX = 256, OUT_MAX = 4096, VALUES = 8 };

struct stream {
    struct chat *c;
    int64_t now_ms;
};

static struct chat *make(void) {
    static const struct str rooms[] = {STR_INIT("#clinic"), STR_INIT("#ward")};
    struct chat_value values[VALUES] = {0};
    struct err e = {0};
    for (size_t i = 0; irc_ops.keys[i].name; i++) {
        struct str name = str_of(irc_ops.keys[i].name);
        assert(i < VALUES);
        values[i].number = irc_ops.keys[i].standard;
        if (str_equal(name, STR("websocket")))
            values[i].text = STR("wss://irc.test:8097/");
        else if (str_equal(name, STR("nick")))
            values[i].text = STR("lippy");
        else if (str_equal(name, STR("password")))
            values[i].text = STR("secret");
        else if (str_equal(name, STR("rooms")))
            values[i] = (struct chat_value){.items = rooms, .item_count = 2};
    }
    struct chat *c = irc_ops.make(&(struct chat_setup){.values = values, .entropy = "0123456789abcde"}, &e);
    assert(c);
    return c;
}

static bool say(struct stream *s, struct str to, struct str nick, struct str text) {
    struct chat_part part = {.text = text};
    struct err e = {0};
    bool fine = irc_ops.say(s->c, &(struct chat_say){.to = to, .nick = nick, .parts = &part, .part_count = 1}, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    return fine;
}

/* Whatever we were sent, what we send is one line that fits; nothing people wrote is in a note. */
static void drain(struct stream *s) {
    struct chat_out out;
    unsigned count = 0;
    while (irc_ops.next(s->c, &out)) {
        assert(++count < OUT_MAX);
        if (out.kind == CHAT_WIRE) {
            assert(out.text.len > 0 && out.text.len <= IRC_LINE_MOST);
            assert(str_find(out.text, STR("\n")) == SIZE_MAX && str_find(out.text, STR("\r")) == SIZE_MAX);
            assert(!memchr(out.text.ptr, 0, out.text.len));
        }
        if (out.kind == CHAT_NOTE || out.kind == CHAT_CLOSE)
            assert(out.text.len > 0 && out.text.len < 600 && utf8_is_valid(out.text));
        if (out.kind == CHAT_MESSAGE) {
            const struct str strings[] = {out.who, out.room, out.to, out.nick, out.aside, out.id, out.text};
            for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
                assert(utf8_is_valid(strings[i]));
            assert(out.who.len > 0 && out.to.len > 0 && (out.room.len > 0 || out.addressed));
            say(s, out.to, out.nick, out.text);
            if (out.aside.len > 0)
                say(s, out.aside, STR_NONE, out.text);
        }
    }
}

static void feed(struct stream *s, struct str line, bool binary) {
    struct err e = {0};
    char *exact = fuzz_exact(line);
    bool fine = irc_ops.feed(s->c, (struct str){exact, line.len}, binary, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    free(exact);
}

static void act(struct stream *s, struct str line) {
    struct str word = str_cut(&line, ' ');
    uint64_t ms;
    if (str_equal(word, STR("S")))
        feed(s, line, false);
    else if (str_equal(word, STR("@binary")))
        feed(s, line, true);
    else if (str_equal(word, STR("@opened")))
        irc_ops.opened(s->c, s->now_ms);
    else if (str_equal(word, STR("@closed")))
        irc_ops.closed(s->c, &(struct chat_end){.was_open = true}, s->now_ms);
    else if (str_equal(word, STR("@quit")))
        irc_ops.quit(s->c, s->now_ms);
    else if (str_equal(word, STR("@say"))) {
        struct str to = str_cut(&line, '|');
        say(s, to, STR_NONE, line);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms) && ms < UINT32_MAX)
        irc_ops.tick(s->c, s->now_ms += (int64_t)ms);
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stream s = {.c = make(), .now_ms = 1000};
    struct str rest = {(const char *)data, size};
    for (unsigned i = 0; i < LINES_MAX && rest.len > 0; i++)
        act(&s, str_cut(&rest, '\n'));
    irc_ops.free(s.c);
    return 0;
}
