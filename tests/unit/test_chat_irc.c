/* The IRC codec: its tables and keys, and its connection. */
#include "irc_play.h"

#include "chat_ops_assert.h"

/* ---- tables and keys ---- */

static void the_tables_are_right(void **state) {
    (void)state;
    size_t n;
    const struct irc_handler *h = irc_handlers(&n);
    chat_ops_assert(&irc_ops);
    assert_string_equal(irc_ops.name, "irc");
    for (size_t i = 0; i < n; i++) {
        assert_non_null(h[i].fn);
        assert_int_not_equal(h[i].phases, 0);
        assert_true(i == 0 || strcmp(h[i - 1].command, h[i].command) < 0);
    }
}

static bool key_takes(const char *name, const char *value) {
    for (const struct chat_key *k = irc_ops.keys; k->name; k++)
        if (strcmp(k->name, name) == 0) {
            struct err e = {0};
            bool fine = k->check(str_of(value), &e);
            assert_int_equal(fine, e.code == ERR_NONE);
            return fine;
        }
    fail_msg("no key %s", name);
    return false;
}

static void keys_are_checked(void **state) {
    (void)state;
    static const char *const good_nicks[] = {"lippy", "[Lip]_1", "l"};
    static const char *const bad_nicks[] = {"", "1lippy", "-lip", "lip py", "lip!py", "#lip", "lip@home",
                                            "0123456789012345678901234567890", "lip\r\nQUIT"};
    static const char *const good_rooms[] = {"#clinic", "&local", "##x"};
    static const char *const bad_rooms[] = {"", "clinic", "#", "#a b", "#a,b", "#a\nQUIT", "#\a"};
    for (size_t i = 0; i < sizeof good_nicks / sizeof *good_nicks; i++)
        assert_true(key_takes("nick", good_nicks[i]));
    for (size_t i = 0; i < sizeof bad_nicks / sizeof *bad_nicks; i++)
        assert_false(key_takes("nick", bad_nicks[i]));
    for (size_t i = 0; i < sizeof good_rooms / sizeof *good_rooms; i++)
        assert_true(key_takes("rooms", good_rooms[i]));
    for (size_t i = 0; i < sizeof bad_rooms / sizeof *bad_rooms; i++)
        assert_false(key_takes("rooms", bad_rooms[i]));
}

static void the_origin_is_the_servers_own_or_as_configured(void **state) {
    (void)state;
    struct made_of m = usual;
    for (int i = 0; i < 3; i++) {
        m.origin = i == 0 ? "https://chat.test" : "";
        m.websocket = i == 2 ? "ws://127.0.0.1:8067/x" : "wss://irc.test:8097/";
        struct play p = begin(&m);
        irc_ops.dial(p.c, p.now_ms);
        drain(&p);
        want_all(&p, i == 0   ? "D wss://irc.test:8097/ https://chat.test\n"
                     : i == 1 ? "D wss://irc.test:8097/ https://irc.test:8097\n"
                              : "D ws://127.0.0.1:8067/x http://127.0.0.1:8067\n");
        finish(&p);
    }
}

static void a_refused_websocket_is_explained(void **state) {
    (void)state;
    struct play p = begin(&usual);
    irc_ops.closed(p.c, &(struct chat_end){.status = 403}, p.now_ms);
    drain(&p);
    want_all(&p, "N the server refused the websocket (HTTP status 403): does it allow the origin https://irc.test:8097?\n");
    irc_ops.closed(p.c, &(struct chat_end){.status = 503}, p.now_ms);
    irc_ops.closed(p.c, &(struct chat_end){0}, p.now_ms);
    drain(&p);
    want_all(&p, "");
    finish(&p);
}

/* ---- the connection ---- */

static void a_server_that_falls_silent(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    feed(&p, "PING :a b");
    want(&p, "C PONG :a b\n");
    clear(&p);
    tick(&p, IRC_SILENCE_MS);
    want_all(&p, "C PING :lippy\nW +30000\n");
    feed(&p, ":irc.test PONG irc.test :lippy");
    tick(&p, IRC_PONG_MS);
    assert_int_equal(count(&p, "X "), 0);
    tick(&p, IRC_SILENCE_MS);
    want(&p, "C PING :lippy\n");
    tick(&p, IRC_PONG_MS);
    want(&p, "X retry: the server went silent\n");
    finish(&p);
}

static void goodbye(void **state) {
    (void)state;
    for (int how = 0; how < 4; how++) {
        struct play p = how == 3 ? begin(&usual) : begin_in(&usual);
        irc_ops.quit(p.c, p.now_ms);
        irc_ops.quit(p.c, p.now_ms);
        drain(&p);
        assert_int_equal(count(&p, "C QUIT :goodbye\n"), how < 3);
        if (how == 0)
            assert_false(feed(&p, "ERROR :Closing link: (lippy@h) [goodbye]"));
        else if (how == 1)
            irc_ops.closed(p.c, &(struct chat_end){.was_open = true}, p.now_ms);
        else if (how == 2)
            tick(&p, IRC_GOODBYE_MS);
        drain(&p);
        assert_int_equal(count(&p, "X done: "), 1);
        assert_int_equal(count(&p, "X "), 1);
        assert_false(say(&p, "alice!a@h", "too late"));
        finish(&p);
    }
}

static void frames_of_any_kind(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    struct err e = {0};
    /* several lines in one frame, and a binary one */
    assert_true(irc_ops.feed(p.c, STR(":a!a@h PRIVMSG lippy :one\r\n:a!a@h PRIVMSG lippy :two\r\n\r\n"), true, p.now_ms, &e));
    drain(&p);
    want(&p, ": one\n");
    want(&p, ": two\n");
    /* one that is not looked into */
    assert_false(irc_ops.feed(p.c, (struct str){"PING", 10 * 1024 * 1024}, false, p.now_ms, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    drain(&p);
    want(&p, "X retry: the server sent a line of 10485760 bytes\n");
    finish(&p);
}

static const char whole_stream[] = SASL_CAPS
    "\n:irc.test CAP lippy ACK :batch sasl\nAUTHENTICATE +\n:irc.test 903 lippy :ok\n" WELCOME
    "\n:irc.test 005 lippy BOT=B CASEMAPPING=rfc1459 :are supported by this server\n@time=x :lippy!l@h JOIN #clinic * :Lippy"
    "\n@msgid=1;batch=a :alice!a@h PRIVMSG #clinic :lippy: \001ACTION h\xc3\xa9\001\n:irc.test BATCH +a chathistory #clinic"
    "\n:x!y@z KICK #clinic lippy :go\n:irc.test 474 lippy #clinic :no\n:lippy!l@h NICK lippy2\nPING :1\nERROR :bye";

/* Each frame of a stream cut at every byte, as its last frame, with the bytes at the end of what may be read. */
static void frames_cut_at_every_byte(void **state) {
    (void)state;
    struct made_of m = with_password;
    m.rooms[0] = STR("#clinic");
    m.room_count = 1;
    for (size_t cut = 0; cut < sizeof whole_stream; cut++) {
        struct play p = begin(&m);
        open_it(&p);
        struct str rest = {whole_stream, cut};
        while (rest.len > 0) {
            struct str line = str_cut(&rest, '\n');
            struct err e = {0};
            char *exact = malloc(line.len ? line.len : 1);
            assert_non_null(exact);
            memcpy(exact, line.ptr, line.len);
            bool fine = irc_ops.feed(p.c, (struct str){exact, line.len}, false, p.now_ms, &e);
            free(exact);
            assert_int_equal(fine, e.code == ERR_NONE);
            drain(&p);
        }
        tick(&p, 1000);
        finish(&p);
    }
}

static void garbage_of_every_length(void **state) {
    (void)state;
    static const char bytes[] = "\0\1\2\3\r\n :@!#;=,+-\xff\xc3\xa9 PRIVMSG BATCH JOIN 001 433 lippy #clinic";
    uint32_t random = 1;
    struct play p = begin_in(&usual);
    for (size_t len = 0; len < 700; len++) {
        struct err e = {0};
        char *text = malloc(len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = bytes[(random >> 16) % (sizeof bytes - 1)];
        }
        assert_true(irc_ops.feed(p.c, (struct str){text, len}, len % 2, p.now_ms, &e));
        free(text);
        drain(&p);
    }
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_right),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(the_origin_is_the_servers_own_or_as_configured),
        cmocka_unit_test(a_refused_websocket_is_explained),
        cmocka_unit_test(a_server_that_falls_silent),
        cmocka_unit_test(goodbye),
        cmocka_unit_test(frames_of_any_kind),
        cmocka_unit_test(frames_cut_at_every_byte),
        cmocka_unit_test(garbage_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
