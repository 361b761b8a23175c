/* A domain's host-meta document. */
#include "test.h"

#include <stdio.h>

#include "chat/host_meta.h"

#define LINK(href) "{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":" href "}"

static void documents(void **state) {
    (void)state;
    char url[HOST_META_URL_CAP];
    struct err e = {0};
    assert_true(host_meta_websocket(
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
        assert_false(host_meta_websocket(str_of(without[i]), url, &e));
        assert_int_equal(e.code, ERR_PROTOCOL);
    }
}

static void nested_deeply(void **state) {
    (void)state;
    static char deep[200000];
    char url[HOST_META_URL_CAP];
    memset(deep, '[', sizeof deep);
    assert_false(host_meta_websocket((struct str){deep, sizeof deep}, url, NULL));
}

static void a_long_address(void **state) {
    (void)state;
    static char document[2000];
    char url[HOST_META_URL_CAP];
    int n = snprintf(document, sizeof document, "{\"links\":[" LINK("\"wss://example.org/%01000d\"") "]}", 0);
    assert_false(host_meta_websocket((struct str){document, (size_t)n}, url, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(nested_deeply),
        cmocka_unit_test(a_long_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
