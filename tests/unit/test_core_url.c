#include "test.h"

#include "core/url.h"

static void taken_apart(void **state) {
    (void)state;
    struct url u;
    assert_true(url_parse(STR("wss://example.org/xmpp-websocket"), &u, NULL));
    assert_true(u.tls && !u.http);
    assert_int_equal(u.port, 443);
    assert_str(u.path, "/xmpp-websocket");
    assert_true(url_parse(STR("WS://[::1]:5280"), &u, NULL));
    assert_false(u.tls);
    assert_str(u.host, "::1");
    assert_str(u.authority, "[::1]:5280");
    assert_str(u.path, "/");
    assert_int_equal(u.port, 5280);
    assert_true(url_parse(STR("https://chat.example.org/api?x=1"), &u, NULL));
    assert_true(u.tls && u.http);
    assert_str(u.path, "/api?x=1");
    assert_true(url_parse(STR("http://127.0.0.1:8065"), &u, NULL));
    assert_int_equal(u.port, 8065);
}

static void refused(void **state) {
    (void)state;
    struct url u;
    const char *wrong[] = {"ftp://example.org/",  "wss://",       "wss:///path", "wss://u:p@example.org/", "wss://a:0/",
                           "wss://a:70000/",      "ws://a:x/",    "wss://[::1/", "wss://a b/",             "wss://a/b c",
                           "wss://a/\r\nHost: b", "wss://a/#f",   "wss://[::1]x/", "",                     "example.org",
                           "wss://example.org?x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(url_parse(str_of(wrong[i]), &u, NULL));
}

static void loopback(void **state) {
    (void)state;
    const char *home[] = {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "a.localhost"};
    const char *away[] = {"127.example.org", "128.0.0.1", "localhost.example.org", "notlocalhost", "::2", ""};
    for (size_t i = 0; i < sizeof home / sizeof *home; i++)
        assert_true(url_is_loopback(str_of(home[i])));
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        assert_false(url_is_loopback(str_of(away[i])));
    assert_true(url_is_numeric(STR("::1")) && url_is_numeric(STR("192.0.2.1")));
    assert_false(url_is_numeric(STR("192.0.2")) || url_is_numeric(STR("example.org")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(taken_apart), cmocka_unit_test(refused), cmocka_unit_test(loopback)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
