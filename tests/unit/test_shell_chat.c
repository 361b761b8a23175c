/* The small pieces between a chat platform and the engine: replies as text, a domain's document. */
#include "test.h"

#include <stdio.h>

#include "shell/discover.h"
#include "shell/render.h"

/* --- render ------------------------------------------------------------------------------------------------------ */

static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no")};
static const struct engine_reply replies[] = {
    {.text = STR_INIT("In private, then."), .aside = false},
    {.text = STR_INIT("Hello *there*."), .aside = true},
    {.text = STR_INIT("Since when?"), .choices = choices, .choice_count = 2, .numbered = true, .aside = true},
    {.text = STR_INIT("Any of these?"), .choices = choices, .choice_count = 2, .aside = true},
};

static void test_render(void **state) {
    (void)state;
    struct buf out;
    buf_init_heap(&out);
    render_replies(&out, replies, 4, false, STR("ann"));
    assert_str(buf_str(&out), "ann: In private, then.");
    buf_clear(&out);
    render_replies(&out, replies, 4, true, STR_NONE);
    assert_str(buf_str(&out), "Hello *there*.\n\nSince when?\n1. yes\n2. no\n\nAny of these?\n- yes\n- no");
    buf_clear(&out);
    render_replies(&out, replies, 1, true, STR("ann"));
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

/* --- discover ---------------------------------------------------------------------------------------------------- */

#define LINK(href) "{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":" href "}"

static void test_discover(void **state) {
    (void)state;
    char url[DISCOVER_URL_CAP];
    struct err e = {0};
    assert_true(discover_websocket(
        STR("{\"x\":1,\"links\":[7,{},{\"rel\":\"urn:xmpp:alt-connections:xbosh\",\"href\":\"https://example.org/"
            "b\"}," LINK("\"ws://example.org/a\"") "," LINK("\"wss://127.0.0.1/a\"") "," LINK("12") "," LINK(
                "\"wss://x.example.org:5281/"
                "ws\"") "," LINK("\"wss://second.example.org/ws\"") "]}"),
        url, &e));
    assert_string_equal(url, "wss://x.example.org:5281/ws");

    const char *without[] = {"",
                             "{",
                             "[]",
                             "null",
                             "{\"links\":null}",
                             "{\"links\":{}}",
                             "{\"links\":[]}",
                             "<XRD/>",
                             "{\"links\":[" LINK("\"http://example.org/\"") "]}"};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        e = (struct err){0};
        assert_false(discover_websocket(str_of(without[i]), url, &e));
        assert_int_equal(e.code, ERR_PROTOCOL);
    }
}

static void test_discover_deep(void **state) {
    (void)state;
    static char deep[200000];
    char url[DISCOVER_URL_CAP];
    memset(deep, '[', sizeof deep);
    assert_false(discover_websocket((struct str){deep, sizeof deep}, url, NULL));
}

static void test_discover_long_address(void **state) {
    (void)state;
    static char document[2000];
    char url[DISCOVER_URL_CAP];
    int n = snprintf(document, sizeof document, "{\"links\":[" LINK("\"wss://example.org/%01000d\"") "]}", 0);
    assert_false(discover_websocket((struct str){document, (size_t)n}, url, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_discover),
        cmocka_unit_test(test_discover_deep),
        cmocka_unit_test(test_discover_long_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
