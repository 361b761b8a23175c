/* The Mattermost codec: its tables and keys, and its connection. */
#include "mattermost_play.h"

#include "chat_ops_assert.h"

/* ---- tables and keys ---- */

static void the_tables_are_right(void **state) {
    (void)state;
    size_t n;
    const struct mm_handler *h = mm_handlers(&n);
    chat_ops_assert(&mattermost_ops);
    assert_string_equal(mattermost_ops.name, "mattermost");
    for (size_t i = 0; i < n; i++) {
        assert_non_null(h[i].fn);
        assert_true(i == 0 || strcmp(h[i - 1].event, h[i].event) < 0);
    }
}

static void a_token_that_is_none(void **state) {
    (void)state;
    static const char *const bad[] = {"", "two words", "a\r\nX: y", "\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_null(make(str_of(bad[i]), STR_NONE, false, &e));
        assert_int_equal(e.code, ERR_SCHEMA);
        assert_true(i == 0 || !strstr(e.message, bad[i]));
    }
}

/* ---- liveness ---- */

static void a_server_that_falls_silent(void **state) {
    (void)state;
    struct play p = begin();
    tick(&p, MM_PING_MS);
    want(&p, "C {\"seq\":2,\"action\":\"ping\"}\n");
    tick(&p, MM_PONG_MS - 1);
    assert_int_equal(count(&p, "X "), 0);
    feed(&p, PONG("2"));
    tick(&p, MM_PING_MS);
    want(&p, "C {\"seq\":3,\"action\":\"ping\"}\n");
    feed(&p, PONG("2"));                                      /* an answer to another question */
    feed(&p, "{\"event\":\"typing\",\"data\":{},\"seq\":1}"); /* it speaks, but does not hear us */
    tick(&p, MM_PONG_MS);
    want(&p, "X retry: the server went silent\n");
    finish(&p);
}

static void no_hello(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    answer(&p, 200, IS_ME);
    open_it(&p);
    assert_int_equal(count(&p, "R "), 0);
    feed(&p, "{\"status\":\"FAIL\",\"seq_reply\":1,\"error\":{\"id\":\"api.web_socket_router.not_authenticated.app_error\"}}");
    feed(&p, PONG("1")); /* not without a hello, on a new connection */
    assert_int_equal(count(&p, "R "), 0);
    tick(&p, MM_LOGIN_MS);
    want(&p, "X retry: no hello within 10 s\n");
    finish(&p);
}

/* A revoked token leaves the websocket as it is. */
static void the_token_is_checked_now_and_then(void **state) {
    (void)state;
    struct play p = begin();
    for (int i = 0; i < 2; i++) {
        tick(&p, MM_PING_MS);
        feed(&p, i == 0 ? PONG("2") : PONG("3"));
    }
    want(&p, "H GET /users/me\n");
    clear(&p);
    answer(&p, 200, "{\"id\":\"" ME "\",\"username\":\"lippert\"}");
    assert_string_equal(p.c->name, "lippert");
    tick(&p, MM_PING_MS);
    feed(&p, PONG("4"));
    tick(&p, MM_PING_MS);
    want(&p, "H GET /users/me\n");
    answer(&p, 401, "{\"id\":\"api.context.session_expired.app_error\",\"status_code\":401}");
    want(&p, "X stop: the token is not valid, or not any more (HTTP status 401)\n");
    finish(&p);
}

static void a_failing_check_is_no_end(void **state) {
    (void)state;
    struct play p = begin();
    tick(&p, MM_PING_MS);
    feed(&p, PONG("2"));
    tick(&p, MM_PING_MS);
    answer(&p, 500, "");
    assert_int_equal(count(&p, "X "), 0);
    assert_string_equal(p.c->name, "lippy");
    finish(&p);
}

static void a_refused_websocket_is_explained(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    mattermost_ops.closed(p.c, &(struct chat_end){.status = 403}, p.now_ms);
    drain(&p);
    want_all(&p, "N the server refused the websocket (HTTP status 403): does a proxy before it pass websockets on?\n");
    mattermost_ops.closed(p.c, &(struct chat_end){.status = 429}, p.now_ms);
    drain(&p);
    want_all(&p, "");
    finish(&p);
}

static void goodbye(void **state) {
    (void)state;
    for (int how = 0; how < 2; how++) {
        struct play p = how ? begin() : begin_kept(STR_NONE);
        mattermost_ops.quit(p.c, p.now_ms);
        mattermost_ops.quit(p.c, p.now_ms);
        drain(&p);
        want_all(&p, "X done: goodbye\n");
        assert_true(p.kept_len > 0);
        close_it(&p);
        assert_false(say(&p, "d/" DM "//" ALICE, "too late"));
        dial(&p);
        want_all(&p, "");
        finish(&p);
    }
}

/* ---- frames of any kind ---- */

static const char *const frames[] = {
    HELLO(CONNECTION),
    PONG("1"),
    "{\"event\":\"posted\",\"data\":{\"channel_type\":\"O\",\"sender_name\":\"@alice\",\"mentions\":\"[\\\"" ME
    "\\\"]\",\"post\":\"{\\\"id\\\":\\\"" POST1 "\\\",\\\"create_at\\\":1795519247322,\\\"user_id\\\":\\\"" ALICE
    "\\\",\\\"channel_id\\\":\\\"" TOWN
    "\\\",\\\"root_id\\\":\\\"\\\",\\\"message\\\":\\\"@lippy h\\u00e9\\\",\\\"props\\\":{}}\"},\"seq\":1}",
    "{\"event\":\"reaction_added\",\"data\":{\"reaction\":\"{\\\"user_id\\\":\\\"" ALICE "\\\",\\\"post_id\\\":\\\"" POST2
    "\\\",\\\"emoji_name\\\":\\\"one\\\"}\"},\"seq\":2}",
    "{\"event\":\"status_change\",\"data\":{\"status\":\"online\"},\"seq\":3}",
};

/* Each frame cut at every byte ends the stream and nothing else: the next one works as before. */
static void frames_cut_at_every_byte(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct str whole = str_trim(str_of(frames[i]));
        for (size_t cut = 0; cut < whole.len; cut++) {
            struct play p = begin();
            assert_false(feed_str(&p, str_slice(whole, 0, cut)));
            want_all(&p, "X retry: the server sent something that is no event\n");
            assert_true(feed(&p, frames[2])); /* nothing counts any more */
            want_all(&p, "");
            close_it(&p);
            connect_it(&p, HELLO(OTHER_CONNECTION));
            want(&p, "D wss://chat.test/api/v4/websocket?connection_id=&sequence_number=0\n");
            want(&p, "R @lippy\n");
            want(&p, "H GET /users/me/channels\n"); /* what was in the broken one is fetched */
            finish(&p);
        }
    }
}

static void events_with_anything_in_them(void **state) {
    (void)state;
    static const char *const odd[] = {
        "{}",
        "{\"event\":null,\"seq\":null}",
        "{\"event\":5,\"data\":7,\"seq\":\"1\"}",
        "{\"event\":\"hello\"}",
        "{\"event\":\"hello\",\"data\":{\"connection_id\":{},\"server_version\":[]},\"seq\":-1e300}",
        "{\"event\":\"hello\",\"data\":{\"connection_id\":\"../../x?y=\",\"server_version\":\"5.1\"}}",
        "{\"event\":\"posted\"}",
        "{\"event\":\"posted\",\"data\":{\"post\":\"\"}}",
        "{\"event\":\"posted\",\"data\":{\"post\":\"{\"}}",
        "{\"event\":\"posted\",\"data\":{\"post\":\"[]\"}}",
        "{\"event\":\"posted\",\"data\":{\"post\":{\"id\":\"" POST1 "\"}}}",
        "{\"event\":\"posted\",\"data\":{\"post\":\"{\\\"id\\\":\\\"" POST1 "\\\",\\\"user_id\\\":null,\\\"channel_id\\\":3}\"}}",
        "{\"event\":\"posted\",\"data\":{\"channel_type\":\"D\",\"post\":\"{\\\"id\\\":\\\"" POST1 "\\\",\\\"user_id\\\":\\\"" ALICE
        "\\\",\\\"channel_id\\\":\\\"../../../../../../../..\\\",\\\"message\\\":\\\"x\\\"}\"}}",
        "{\"event\":\"reaction_added\",\"data\":{\"reaction\":\"{\\\"user_id\\\":[],\\\"post_id\\\":\\\"\\\",\\\"emoji_name\\\":7}\"}}",
        "{\"event\":\"never_heard_of\",\"data\":[[[[[[]]]]]],\"seq\":9007199254740993}",
        "{\"status\":\"OK\",\"seq_reply\":{}}",
        "{\"status\":\"OK\",\"seq_reply\":1,\"data\":{\"server_time\":\"soon\"}}",
        "{\"event\":\"posted\",\"data\":{\"post\":\"\\u0000\"},\"seq\":1e999}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct play p = begin();
        assert_true(feed(&p, odd[i]));
        assert_int_equal(count(&p, "M ") + count(&p, "X "), 0);
        posted(&p, 1, &(struct made_post){.message = "still there?"});
        want(&p, "still there?\n");
        finish(&p);
    }
    static const char *const none[] = {"", "[]", "1", "\"x\"", "null", "{\"a\":1}{", "{\"a\":\"\xff\"}", "{,}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct play p = begin();
        assert_false(feed(&p, none[i]));
        finish(&p);
    }
    struct play p = begin();
    assert_false(mattermost_ops.feed(p.c, STR("{}"), true, p.now_ms, NULL)); /* binary */
    finish(&p);
}

static void a_huge_event_is_passed_over_and_its_content_fetched(void **state) {
    (void)state;
    struct play p = begin();
    enum { SIZE = 10 << 20 };
    char *huge = malloc(SIZE);
    assert_non_null(huge);
    memset(huge, '{', SIZE);
    assert_true(feed_str(&p, (struct str){huge, SIZE}));
    free(huge);
    want(&p, "N an event of 10485760 bytes is passed over\n");
    want(&p, "H GET /users/me/channels\n");
    posted(&p, 5, &(struct made_post){0});
    assert_int_equal(count(&p, "/users/me/channels"), 1);
    finish(&p);
}

static void garbage_of_every_length(void **state) {
    (void)state;
    static const char bytes[] = "\0\1\n {}[]:,\"\\u00\xff\xc3\xa9 eventpostedhellodataseqnulltrue-1e9" CONNECTION;
    uint32_t random = 1;
    for (size_t len = 0; len < 400; len++) {
        struct play p = begin();
        char *text = malloc(len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = bytes[(random >> 16) % (sizeof bytes - 1)];
        }
        feed_str(&p, (struct str){text, len});
        free(text);
        finish(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_right),
        cmocka_unit_test(a_token_that_is_none),
        cmocka_unit_test(a_server_that_falls_silent),
        cmocka_unit_test(no_hello),
        cmocka_unit_test(the_token_is_checked_now_and_then),
        cmocka_unit_test(a_failing_check_is_no_end),
        cmocka_unit_test(a_refused_websocket_is_explained),
        cmocka_unit_test(goodbye),
        cmocka_unit_test(frames_cut_at_every_byte),
        cmocka_unit_test(events_with_anything_in_them),
        cmocka_unit_test(a_huge_event_is_passed_over_and_its_content_fetched),
        cmocka_unit_test(garbage_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
