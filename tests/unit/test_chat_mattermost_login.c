/* The Mattermost codec: who we are, hello, resuming, and what outlasts a restart. */
#include "mattermost_play.h"

static void first_login(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    want_all(&p, "H GET /users/me\n");
    answer(&p, 200, IS_ME);
    want_all(&p, "D wss://chat.test/api/v4/websocket?connection_id=&sequence_number=0\n");
    open_it(&p);
    want_all(&p, "C {\"seq\":1,\"action\":\"ping\"}\nW +10000\n");
    feed(&p, HELLO(CONNECTION));
    want_all(&p, "R @lippy\nW +0\n"); /* to keep the connection's name */
    feed(&p, HELLO(CONNECTION));
    want_all(&p, "");
    feed(&p, PONG("1"));
    tick(&p, 0);
    assert_true(str_find((struct str){p.kept, p.kept_len}, STR("\"connection\":\"" CONNECTION "\",\"seq\":1,\"done\":1795519247000")) !=
                SIZE_MAX);
    assert_int_equal(count(&p, "H "), 0); /* nothing has been missed: nothing was there */
    finish(&p);
}

static void servers_that_do_not_say_who_we_are(void **state) {
    (void)state;
    static const struct {
        unsigned status;
        const char *body, *close;
    } all[] = {
        {0, "", "X retry: cannot ask the server who we are: no way\n"},
        {500, "", "X retry: cannot ask the server who we are (HTTP status 500); is url the address of a Mattermost?\n"},
        {200, "<html>", "X retry: cannot ask the server who we are (HTTP status 200); is url the address of a Mattermost?\n"},
        {200, "{\"id\":\"../x\",\"username\":\"a\"}", "X retry: cannot ask"},
        {200, "{\"id\":\"" ME "\"}", "X retry: cannot ask"},
        {401, "{}", "X stop: the token is not valid, or not any more (HTTP status 401)\n"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct play p = begin_kept(STR_NONE);
        dial(&p);
        answer(&p, all[i].status, all[i].body);
        want(&p, all[i].close);
        assert_int_equal(count(&p, "D "), 0);
        finish(&p);
    }
}

static void an_answer_to_an_earlier_dial_counts_no_more(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    dial(&p);
    answer(&p, 500, "");
    assert_int_equal(count(&p, "X "), 0);
    answer(&p, 200, IS_ME);
    assert_int_equal(count(&p, "D "), 1);
    finish(&p);
}

static void resumes_where_it_was(void **state) {
    (void)state;
    for (int how = 0; how < 2; how++) {
        struct play p = begin();
        posted(&p, 1, &(struct made_post){.id = POST1});
        feed(&p, "{\"event\":\"status_change\",\"data\":{},\"seq\":2}");
        close_it(&p);
        clear(&p);
        dial(&p);
        answer(&p, 200, IS_ME);
        want(&p, "D wss://chat.test/api/v4/websocket?connection_id=" CONNECTION "&sequence_number=3\n");
        open_it(&p);
        assert_int_equal(count(&p, "R "), 0);
        if (how == 0)
            posted(&p, 3, &(struct made_post){.id = POST2, .message = "while you were away"});
        else
            feed(&p, PONG("1"));
        want(&p, "R @lippy\n");
        assert_int_equal(count(&p, "while you were away"), how == 0);
        assert_int_equal(count(&p, "/channels"), 0);
        finish(&p);
    }
}

static void what_the_server_has_not_kept_is_fetched(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    close_it(&p);
    clear(&p);
    connect_it(&p, HELLO(OTHER_CONNECTION));
    want(&p, "N the server has not kept what was written meanwhile\n");
    want(&p, "R @lippy\n");
    want(&p, "H GET /users/me/channels\n");
    assert_int_equal(p.c->expected, 1);
    finish(&p);
}

/* A connection that cannot be resumed is dropped without a word. */
static void a_resumption_that_fails_is_not_tried_again(void **state) {
    (void)state;
    struct play p = begin();
    close_it(&p);
    dial(&p);
    answer(&p, 200, IS_ME);
    open_it(&p);
    close_it(&p);
    clear(&p);
    dial(&p);
    answer(&p, 200, IS_ME);
    want(&p, "D wss://chat.test/api/v4/websocket?connection_id=&sequence_number=0\n");
    finish(&p);
}

static void a_gap_in_the_numbers_is_fetched(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    posted(&p, 1, &(struct made_post){.id = POST1}); /* once more */
    assert_int_equal(count(&p, "M "), 1);
    assert_int_equal(count(&p, "H "), 0);
    posted(&p, 4, &(struct made_post){.id = POST2});
    want(&p, "N events are missing; they are fetched\n");
    want(&p, "H GET /users/me/channels\n");
    posted(&p, 3, &(struct made_post){.id = POST3}); /* it comes after all */
    assert_int_equal(count(&p, "M "), 3);
    assert_int_equal(count(&p, "/users/me/channels"), 1);
    finish(&p);
}

static void a_restart_goes_on_where_it_was(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    tick(&p, MM_KEEP_MS);
    struct play q = begin_kept((struct str){p.kept, p.kept_len});
    dial(&q);
    answer(&q, 200, IS_ME);
    want(&q, "D wss://chat.test/api/v4/websocket?connection_id=" CONNECTION "&sequence_number=2\n");
    open_it(&q);
    posted(&q, 1, &(struct made_post){.id = POST1}); /* handled before */
    assert_int_equal(count(&q, "M "), 0);
    posted(&q, 2, &(struct made_post){.id = POST2});
    assert_int_equal(count(&q, "M "), 1);
    /* nothing of people is kept, but the channels are, for a server that does not list them */
    struct str kept = {p.kept, p.kept_len};
    assert_true(str_find(kept, STR(ALICE)) == SIZE_MAX && str_find(kept, STR("hello")) == SIZE_MAX);
    feed(&q, PONG("1"));
    posted(&q, 9, &(struct made_post){.id = POST3, .channel = TOWN, .channel_type = "O", .message = "lippy, hello"});
    answer(&q, 404, "{}");
    want(&q, "H GET /channels/" TOWN "/posts");
    answer(&q, 200, "{}");
    want(&q, "H GET /channels/" DM "/posts");
    finish(&q);
    finish(&p);
}

static void what_was_kept_of_another_account_does_not_count(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    tick(&p, MM_KEEP_MS);
    struct play q = begin_kept((struct str){p.kept, p.kept_len});
    dial(&q);
    answer(&q, 200, "{\"id\":\"" BOB "\",\"username\":\"lippy2\"}");
    want(&q, "D wss://chat.test/api/v4/websocket?connection_id=&sequence_number=0\n");
    finish(&q);
    finish(&p);
}

static void whatever_was_kept(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    tick(&p, MM_KEEP_MS);
    for (size_t cut = 0; cut <= p.kept_len; cut++) {
        struct play q = begin_kept((struct str){p.kept, cut});
        dial(&q);
        answer(&q, 200, IS_ME);
        want(&q, cut < p.kept_len ? "connection_id=&" : "connection_id=" CONNECTION "&");
        finish(&q);
    }
    static const char *const odd[] = {
        "[]", "{\"version\":2,\"me\":\"" ME "\"}", "{\"version\":1,\"me\":5}",
        "{\"version\":1,\"me\":\"" ME
        "\",\"connection\":\"x\",\"seq\":1,\"done\":-5,\"handled\":{\"a\":[]},\"places\":[1,{\"channel\":\"x\"}]}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct play q = begin_kept(str_of(odd[i]));
        connect_it(&q, HELLO(CONNECTION));
        want(&q, "R @lippy\n");
        finish(&q);
    }
    finish(&p);
}

static void not_kept_at_every_message(void **state) {
    (void)state;
    struct play p = begin();
    tick(&p, 0);
    tick(&p, MM_KEEP_MS);
    p.kept_len = 0;
    posted(&p, 1, &(struct made_post){.id = POST1});
    tick(&p, 0);
    assert_true(p.kept_len > 0);
    p.kept_len = 0;
    posted(&p, 2, &(struct made_post){.id = POST2});
    tick(&p, MM_KEEP_MS - 1);
    assert_int_equal(p.kept_len, 0);
    tick(&p, 1);
    assert_true(p.kept_len > 0);
    finish(&p);
}

static void an_old_server_is_told_of(void **state) {
    (void)state;
    static const struct {
        const char *version;
        bool old;
    } all[] = {{"5.36.1.x", true}, {"5.37.0..abc.false", false}, {"4.10.0", true}, {"10.2.0.x", false}, {"dev", false}, {"", false}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char hello[300];
        struct play p = begin_kept(STR_NONE);
        snprintf(hello, sizeof hello, "{\"event\":\"hello\",\"data\":{\"connection_id\":\"" CONNECTION "\",\"server_version\":\"%s\"}}",
                 all[i].version);
        connect_it(&p, hello);
        assert_int_equal(count(&p, "N the server is of version "), all[i].old);
        finish(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_login),
        cmocka_unit_test(servers_that_do_not_say_who_we_are),
        cmocka_unit_test(an_answer_to_an_earlier_dial_counts_no_more),
        cmocka_unit_test(resumes_where_it_was),
        cmocka_unit_test(what_the_server_has_not_kept_is_fetched),
        cmocka_unit_test(a_resumption_that_fails_is_not_tried_again),
        cmocka_unit_test(a_gap_in_the_numbers_is_fetched),
        cmocka_unit_test(a_restart_goes_on_where_it_was),
        cmocka_unit_test(what_was_kept_of_another_account_does_not_count),
        cmocka_unit_test(whatever_was_kept),
        cmocka_unit_test(not_kept_at_every_message),
        cmocka_unit_test(an_old_server_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
