#include "test.h"

#include <stdio.h>

#include "chat/web_work.h"
#include "chat_ops_assert.h"
#include "core/utf8.h"

#define HOST "127.0.0.1:8077"

struct play {
    struct chat *c;
    int64_t now_ms;
    struct buf log; /* what came out since it was last looked at */
};

struct made_of {
    struct str origin;
    uint64_t connections, per_address, messages, per_address_messages, proxy;
};

static struct chat *make(const struct made_of *m, struct err *e) {
    static struct str origins[1];
    struct chat_value values[CHAT_KEYS_MAX] = {0};
    origins[0] = m->origin;
    for (size_t i = 0; web_ops.keys[i].name; i++) {
        const char *name = web_ops.keys[i].name;
        values[i].text = str_of(web_ops.keys[i].standard_text);
        values[i].number = web_ops.keys[i].standard;
        if (strcmp(name, "origin") == 0)
            values[i] = (struct chat_value){.items = origins, .item_count = m->origin.len > 0};
        if (strcmp(name, "connections") == 0 && m->connections)
            values[i].number = m->connections;
        if (strcmp(name, "connections_per_address") == 0 && m->per_address)
            values[i].number = m->per_address;
        if (strcmp(name, "messages_per_minute") == 0 && m->messages)
            values[i].number = m->messages;
        if (strcmp(name, "messages_per_minute_per_address") == 0 && m->per_address_messages)
            values[i].number = m->per_address_messages;
        if (strcmp(name, "behind_proxy") == 0)
            values[i].number = m->proxy;
    }
    return web_ops.make(&(struct chat_setup){.values = values, .entropy = "0123456789abcde"}, e);
}

static void drain(struct play *p) {
    struct chat_out out;
    while (web_ops.next(p->c, &out)) {
        assert_true(utf8_is_valid(out.text));
        switch (out.kind) {
        case CHAT_WIRE: buf_printf(&p->log, "%u> %.*s\n", (unsigned)out.number, STR_ARG(out.text)); break;
        case CHAT_MESSAGE: buf_printf(&p->log, "M %.8s: %.*s\n", out.who.ptr, STR_ARG(out.text)); break;
        case CHAT_CLOSE: buf_printf(&p->log, "X %u %u: %.*s\n", (unsigned)out.number, out.code, STR_ARG(out.text)); break;
        case CHAT_WAKE_AT: buf_printf(&p->log, "W +%lld\n", (long long)(out.at_ms - p->now_ms)); break;
        default: fail_msg("a result of kind %d", (int)out.kind);
        }
    }
}

static void want_all(struct play *p, const char *text) {
    if (!str_equal(buf_str(&p->log), str_of(text)))
        fail_msg("not\n%s\nbut\n%.*s", text, STR_ARG(buf_str(&p->log)));
    buf_clear(&p->log);
}

static void want(struct play *p, const char *text) {
    if (str_find(buf_str(&p->log), str_of(text)) == SIZE_MAX)
        fail_msg("\"%s\" is not in\n%.*s", text, STR_ARG(buf_str(&p->log)));
}

static struct play begin(const struct made_of *m) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(m, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

static void finish(struct play *p) {
    web_ops.free(p->c);
    buf_finish(&p->log);
}

static unsigned ask(struct play *p, uint64_t conn, struct chat_request request, struct chat_page *page) {
    struct chat_page own;
    page = page ? page : &own;
    if (request.host.len == 0)
        request.host = STR(HOST);
    web_ops.server->requested(p->c, conn, &request, page, p->now_ms);
    return page->status;
}

static struct str header(const struct chat_page *page, const char *name) {
    for (size_t i = 0; i < page->header_count; i++)
        if (strcmp(page->headers[i].name, name) == 0)
            return page->headers[i].value;
    return STR_NONE;
}

static const char *cookie_of(struct play *p, unsigned char person) {
    static char text[100];
    unsigned char id[WEB_ID_BYTES] = {person};
    char value[WEB_COOKIE_SIZE];
    web_cookie_make(p->c, id, value);
    snprintf(text, sizeof text, "lippy=%.*s", (int)sizeof value, value);
    return text;
}

static unsigned upgrade(struct play *p, uint64_t conn, const char *cookie, const char *origin) {
    struct chat_request request = {
        .reads = true, .websocket = true, .path = STR("/talk"), .cookie = str_of(cookie), .origin = str_of(origin)};
    return ask(p, conn, request, NULL);
}

static bool feed(struct play *p, uint64_t conn, const char *frame) {
    struct err e = {0};
    bool fine = web_ops.server->feed(p->c, conn, str_of(frame), false, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

/* A page of that person, told all that was. */
static void enter(struct play *p, uint64_t conn, unsigned char person) {
    assert_true(web_ops.server->arrived(p->c, conn, STR("192.0.2.1")));
    assert_int_equal(upgrade(p, conn, cookie_of(p, person), "http://" HOST), 101);
    assert_true(feed(p, conn, "{\"hello\":\"\",\"after\":0}"));
    buf_clear(&p->log);
}

static bool say(struct play *p, unsigned char person, struct chat_part part, bool forget) {
    unsigned char id[WEB_ID_BYTES] = {person};
    char to[WEB_ID_SIZE];
    struct err e = {0};
    web_hex(to, id, sizeof id);
    bool fine = web_ops.say(p->c, &(struct chat_say){.to = {to, sizeof to}, .parts = &part, .part_count = 1, .forget = forget}, p->now_ms, &e);
    drain(p);
    return fine;
}

/* --- requests --- */

static void test_pages(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    struct chat_page page;
    web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/")}, &page), 200);
    assert_string_equal(page.type, "text/html; charset=utf-8");
    assert_true(str_starts_with(page.body, STR("<!doctype html>")));
    assert_true(str_starts_with(header(&page, "content-security-policy"), STR("default-src 'none'; ")));
    assert_true(str_starts_with(header(&page, "set-cookie"), STR("lippy=00000000000000000000000000000000")));
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/page.js")}, &page), 200);
    assert_int_equal(header(&page, "set-cookie").len, 0);
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/../page.js")}, &page), 404);
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/index.html")}, &page), 404);
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/talk")}, &page), 426);
    assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .websocket = true, .path = STR("/")}, &page), 404);
    assert_int_equal(ask(&p, 1, (struct chat_request){.path = STR("/")}, &page), 405);
    assert_int_equal(ask(&p, 9, (struct chat_request){.reads = true, .path = STR("/")}, &page), 503); /* nobody */
    finish(&p);
}

static void test_hosts(void **state) {
    (void)state;
    static const struct {
        const char *host;
        unsigned status;
    } hosts[] = {
        {"localhost:8077", 200}, {"localhost", 200}, {"a.localhost:1", 200}, {"127.0.0.1", 200}, {"[::1]:8077", 200}, {"192.168.1.7:8077", 200},
        {"evil.example", 421}, {"evil.example:8077", 421}, {"localhost.evil.example", 421}, {"127.0.0.1.evil.example", 421}, {"[::1", 421}, {"x y", 421},
    };
    struct play p = begin(&(struct made_of){0});
    web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        assert_int_equal(ask(&p, 1, (struct chat_request){.reads = true, .path = STR("/"), .host = str_of(hosts[i].host)}, NULL), hosts[i].status);
    finish(&p);
}

static void test_origins(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    static const char *const others[] = {"", "null", "http://evil.example", "https://" HOST, "http://127.0.0.1", "http://127.0.0.1:80770", "http://" HOST "/"};
    web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(upgrade(&p, 1, cookie_of(&p, 1), others[i]), 403);
    assert_int_equal(upgrade(&p, 1, cookie_of(&p, 1), "http://" HOST), 101);
    finish(&p);

    p = begin(&(struct made_of){.origin = STR("https://lippy.example")});
    web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
    char cookie[120];
    snprintf(cookie, sizeof cookie, "__Host-%s", cookie_of(&p, 1));
    assert_int_equal(upgrade(&p, 1, cookie, "http://" HOST), 403);
    assert_int_equal(upgrade(&p, 1, cookie_of(&p, 1), "https://lippy.example"), 403); /* of another name */
    assert_int_equal(upgrade(&p, 1, cookie, "https://lippy.example"), 101);
    finish(&p);
}

static void test_cookies(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0}), other = begin(&(struct made_of){0});
    unsigned char id[WEB_ID_BYTES], one[WEB_ID_BYTES] = {1};
    char text[400];
    snprintf(text, sizeof text, "a=b; lippy=%064d; x; %s; lippy=", 0, cookie_of(&p, 1));
    assert_true(web_cookie_read(p.c, str_of(text), id));
    assert_memory_equal(id, one, sizeof id);
    /* any other digit, and any shorter one, is not ours */
    snprintf(text, sizeof text, "%s", cookie_of(&p, 1));
    size_t len = strlen(text);
    for (size_t i = sizeof "lippy=" - 1; i < len; i++) {
        char was = text[i];
        text[i] = was == '0' ? '1' : '0';
        assert_false(web_cookie_read(p.c, str_of(text), id));
        text[i] = 'g';
        assert_false(web_cookie_read(p.c, str_of(text), id));
        text[i] = was;
        assert_false(web_cookie_read(p.c, (struct str){text, i}, id));
    }
    memset(other.c->entropy, 7, sizeof other.c->entropy); /* another start of the program */
    assert_false(web_cookie_read(other.c, str_of(text), id));
    finish(&p);
    finish(&other);
}

/* --- the talk --- */

static void test_talk(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    struct str choices[] = {STR("yes"), STR("no \"x\"")};
    web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
    upgrade(&p, 1, cookie_of(&p, 1), "http://" HOST);
    feed(&p, 1, "{\"hello\":\"\",\"after\":0}");
    want_all(&p, "1> {\"talk\":\"\"}\n1> {\"live\":true}\n");
    feed(&p, 1, "{\"say\":\" my lip \",\"id\":\"a\"}");
    want(&p, "1> {\"me\":\"my lip\",\"id\":\"a\",\"n\":1}\nM 01000000: my lip\nW +86400000\n");
    buf_clear(&p.log);
    say(&p, 1, (struct chat_part){.text = STR("*Call*"), .level = 4, .choices = choices, .choice_count = 2, .numbered = true, .together = 2}, false);
    want_all(&p, "1> {\"parts\":[{\"text\":\"*Call*\",\"level\":4,\"choices\":[\"yes\",\"no \\\"x\\\"\"],\"numbered\":true,\"together\":2}],\"n\":2}\n");
    feed(&p, 1, "{\"say\":\"2\",\"as\":\"no\",\"id\":\"b\"}");
    want_all(&p, "1> {\"me\":\"no\",\"id\":\"b\",\"n\":3}\nM 01000000: 2\n");
    feed(&p, 1, "{\"say\":\"2\",\"id\":\"b\"}");
    want_all(&p, "1> {\"had\":\"b\"}\n");
    finish(&p);
}

static void test_again_after_a_cut(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    char hello[100];
    enter(&p, 1, 1);
    feed(&p, 1, "{\"say\":\"one\",\"id\":\"a\"}");
    say(&p, 1, (struct chat_part){.text = STR("two")}, false);
    const struct web_talk *talk = web_talk_find(&p.c->talks, p.c->guests[0].id);
    web_ops.server->left(p.c, 1);
    buf_clear(&p.log);

    /* what the page has is not told again; in another person's talk, or an older one, all of it is */
    web_ops.server->arrived(p.c, 2, STR("192.0.2.1"));
    upgrade(&p, 2, cookie_of(&p, 1), "http://" HOST);
    snprintf(hello, sizeof hello, "{\"hello\":\"%016llx\",\"after\":1}", (unsigned long long)talk->name);
    feed(&p, 2, hello);
    want(&p, "\"talk\"");
    want(&p, "two");
    assert_true(str_find(buf_str(&p.log), STR("one")) == SIZE_MAX);
    web_ops.server->arrived(p.c, 3, STR("192.0.2.1"));
    upgrade(&p, 3, cookie_of(&p, 1), "http://" HOST);
    feed(&p, 3, "{\"hello\":\"0123456789abcdef\",\"after\":2}");
    want(&p, "3> {\"me\":\"one\"");
    buf_clear(&p.log);

    /* a stranger who knows the name sees nothing, now or later */
    web_ops.server->arrived(p.c, 4, STR("192.0.2.1"));
    upgrade(&p, 4, cookie_of(&p, 2), "http://" HOST);
    hello[strlen(hello) - 2] = '0';
    feed(&p, 4, hello);
    want_all(&p, "4> {\"talk\":\"\"}\n4> {\"live\":true}\n");
    say(&p, 1, (struct chat_part){.text = STR("three")}, false);
    want_all(&p, "2> {\"parts\":[{\"text\":\"three\"}],\"n\":3}\n3> {\"parts\":[{\"text\":\"three\"}],\"n\":3}\n");
    finish(&p);
}

static void test_forgotten(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    enter(&p, 1, 1);
    feed(&p, 1, "{\"say\":\"secret\",\"id\":\"a\"}");
    buf_clear(&p.log);
    say(&p, 1, (struct chat_part){.text = STR("gone")}, true);
    want(&p, "1> {\"talk\":\"");
    want(&p, "1> {\"parts\":[{\"text\":\"gone\"}],\"n\":1}\n");
    enter(&p, 2, 1);
    const struct web_talk *talk = web_talk_find(&p.c->talks, p.c->guests[0].id);
    assert_int_equal(talk->line_count, 1);
    /* and after its time */
    p.now_ms += p.c->talks.keep_ms;
    web_ops.tick(p.c, p.now_ms);
    assert_null(web_talk_find(&p.c->talks, p.c->guests[0].id));
    assert_int_equal(p.c->talks.bytes, 0);
    finish(&p);
}

/* --- limits --- */

static void test_bad_frames(void **state) {
    (void)state;
    static const char *const frames[] = {
        "", "{", "[]", "7", "null", "{}", "{\"say\":\"x\",\"id\":\"1\"}", "{\"hello\":7}", "{\"hello\":null}", "\xff", "{\"hello\":\"\"}x",
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct play p = begin(&(struct made_of){0});
        web_ops.server->arrived(p.c, 1, STR("192.0.2.1"));
        upgrade(&p, 1, cookie_of(&p, 1), "http://" HOST);
        assert_false(feed(&p, 1, frames[i]));
        want(&p, "X 1 1008: ");
        assert_true(feed(&p, 1, "{\"hello\":\"\",\"after\":0}")); /* nothing more is heard */
        finish(&p);
    }
}

/* Each frame of a talk cut at each byte: refused, or what it says; never more. */
static void test_cut_at_every_byte(void **state) {
    (void)state;
    static const char *const frames[] = {
        "{\"hello\":\"0123456789abcdef\",\"after\":12}", "{\"say\":\"a \\\"b\\u00e9\\n\",\"as\":\"\xc3\xa9\",\"id\":\"abc\"}"};
    for (size_t f = 0; f < 2; f++)
        for (size_t len = 0; len < strlen(frames[f]); len++) {
            struct play p = begin(&(struct made_of){0});
            char cut[100];
            snprintf(cut, sizeof cut, "%.*s", (int)len, frames[f]);
            enter(&p, 1, 1);
            assert_false(feed(&p, 1, cut));
            finish(&p);
        }
}

static void test_messages_a_minute(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){.messages = 6, .per_address_messages = 6000});
    char frame[60];
    enter(&p, 1, 1);
    for (int i = 0; i < WEB_BURST; i++) {
        snprintf(frame, sizeof frame, "{\"say\":\"x\",\"id\":\"%d\"}", i);
        feed(&p, 1, frame);
    }
    buf_clear(&p.log);
    feed(&p, 1, "{\"say\":\"x\",\"id\":\"z\"}");
    want_all(&p, "1> {\"wait\":10,\"id\":\"z\"}\n");
    p.now_ms += 10000;
    feed(&p, 1, "{\"say\":\"x\",\"id\":\"z\"}");
    want(&p, "M 01000000: x");
    /* the same from there on: then the connection goes */
    for (int i = 0; i < WEB_REFUSALS; i++)
        assert_true(feed(&p, 1, "{\"say\":\"x\",\"id\":\"y\"}"));
    assert_false(feed(&p, 1, "{\"say\":\"x\",\"id\":\"y\"}"));
    want(&p, "X 1 1008: far too many messages");
    finish(&p);
}

static void test_messages_of_an_address(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){.messages = 6000, .per_address_messages = 6, .per_address = 100});
    unsigned taken = 0;
    for (unsigned char i = 1; i <= 60; i++) {
        enter(&p, i, i);
        feed(&p, i, "{\"say\":\"x\",\"id\":\"1\"}");
        taken += str_find(buf_str(&p.log), STR("M ")) != SIZE_MAX;
    }
    assert_int_equal(taken, WEB_ADDRESS_BURST);
    finish(&p);
}

static void test_connections(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){.connections = 5, .per_address = 3});
    for (uint64_t i = 1; i <= 3; i++)
        assert_true(web_ops.server->arrived(p.c, i, STR("2001:db8::1")));
    assert_false(web_ops.server->arrived(p.c, 4, STR("2001:db8::2"))); /* the same network */
    assert_true(web_ops.server->arrived(p.c, 5, STR("2001:db8:0:1::2")));
    assert_true(web_ops.server->arrived(p.c, 6, STR("192.0.2.1")));
    assert_false(web_ops.server->arrived(p.c, 7, STR("192.0.2.2"))); /* five in all */
    web_ops.server->left(p.c, 1);
    assert_true(web_ops.server->arrived(p.c, 8, STR("2001:db8::2")));
    finish(&p);
}

static void test_behind_a_proxy(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){.per_address = 1, .proxy = 1});
    struct chat_request request = {.reads = true, .websocket = true, .path = STR("/talk"), .origin = STR("http://" HOST)};
    request.cookie = str_of(cookie_of(&p, 1));
    static const struct {
        const char *forwarded;
        unsigned status;
    } from[] = {{"203.0.113.1", 101}, {"203.0.113.9, 203.0.113.1", 429}, {"203.0.113.1, 203.0.113.2", 101}};
    for (size_t i = 0; i < 3; i++) {
        assert_true(web_ops.server->arrived(p.c, i + 1, STR("127.0.0.1")));
        request.forwarded = str_of(from[i].forwarded);
        assert_int_equal(ask(&p, i + 1, request, NULL), from[i].status);
    }
    finish(&p);
}

static void test_tabs(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    for (unsigned i = 1; i <= WEB_TABS; i++)
        enter(&p, i, 1);
    web_ops.server->arrived(p.c, 99, STR("192.0.2.1"));
    assert_int_equal(upgrade(&p, 99, cookie_of(&p, 1), "http://" HOST), 101);
    drain(&p);
    want_all(&p, "X 1 4001: open in too many places\n");
    finish(&p);
}

static void test_what_is_kept(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){.messages = 6000, .per_address_messages = 60000});
    static char long_text[30001];
    memset(long_text, 'x', sizeof long_text - 1);
    enter(&p, 1, 1);
    for (int i = 0; i < 2 * WEB_LINES_MOST; i++)
        say(&p, 1, (struct chat_part){.text = STR("hello")}, false);
    const struct web_talk *talk = web_talk_find(&p.c->talks, p.c->guests[0].id);
    assert_int_equal(talk->line_count, WEB_LINES_MOST);
    assert_int_equal(talk->last->number, 2 * WEB_LINES_MOST);
    for (int i = 0; i < 5; i++)
        say(&p, 1, (struct chat_part){.text = str_of(long_text)}, false);
    assert_true(talk->bytes <= WEB_TALK_BYTES);
    /* of many people, those untouched for longest are forgotten; who speaks is not */
    p.c->talks.bytes_most = 200000;
    for (unsigned char i = 2; i < 40; i++) {
        say(&p, i, (struct chat_part){.text = str_of(long_text)}, false);
        assert_true(p.c->talks.bytes <= 200000);
    }
    assert_null(web_talk_find(&p.c->talks, p.c->guests[0].id));
    assert_non_null(web_talk_find(&p.c->talks, (unsigned char[WEB_ID_BYTES]){39}));
    finish(&p);
}

static void test_quit(void **state) {
    (void)state;
    struct play p = begin(&(struct made_of){0});
    enter(&p, 1, 1);
    web_ops.quit(p.c, p.now_ms);
    drain(&p);
    want_all(&p, "X 1 1001: stopping\nX 0 0: goodbye\n");
    assert_false(web_ops.server->arrived(p.c, 2, STR("192.0.2.1")));
    finish(&p);
}

static void test_configuration(void **state) {
    (void)state;
    struct err e = {0};
    chat_ops_assert(&web_ops);
    for (size_t i = 0; web_ops.keys[i].name; i++) {
        if (strcmp(web_ops.keys[i].name, "address") == 0) {
            assert_true(web_ops.keys[i].check(STR("::1"), &e));
            assert_false(web_ops.keys[i].check(STR("localhost"), &e));
        }
        if (strcmp(web_ops.keys[i].name, "origin") == 0) {
            assert_true(web_ops.keys[i].check(STR("https://a.example:8443"), &e));
            assert_false(web_ops.keys[i].check(STR("https://a.example/"), &e));
            assert_false(web_ops.keys[i].check(STR("https://a.example/x"), &e));
            assert_false(web_ops.keys[i].check(STR("wss://a.example"), &e));
            assert_false(web_ops.keys[i].check(STR("a.example"), &e));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages), cmocka_unit_test(test_hosts), cmocka_unit_test(test_origins), cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_talk), cmocka_unit_test(test_again_after_a_cut), cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_bad_frames), cmocka_unit_test(test_cut_at_every_byte), cmocka_unit_test(test_messages_a_minute),
        cmocka_unit_test(test_messages_of_an_address), cmocka_unit_test(test_connections), cmocka_unit_test(test_behind_a_proxy),
        cmocka_unit_test(test_tabs), cmocka_unit_test(test_what_is_kept), cmocka_unit_test(test_quit), cmocka_unit_test(test_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
