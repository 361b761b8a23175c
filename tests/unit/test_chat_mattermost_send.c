/* The Mattermost codec: our answers. */
#include "mattermost_play.h"

#include "chat/compose.h"

#define TO "d/" DM "//" ALICE
#define SENT(id) "{\"id\":\"" id "\"}"

static void a_post(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, "c/" TOWN "/" POST1 "/" ALICE, "*Soon* a_b @channel");
    want(&p, "C {\"seq\":2,\"action\":\"user_typing\",\"data\":{\"channel_id\":\"" TOWN "\",\"parent_id\":\"" POST1 "\"}}\n");
    want(&p, "H POST /posts {\"channel_id\":\"" TOWN "\",\"root_id\":\"" POST1 "\",\"message\":\"**Soon** a\\\\_b @\xe2\x80\x8b"
             "channel\",\"pending_post_id\":\"" ME ":");
    want(&p, "\"} once\n");
    answer(&p, 201, SENT(POST2));
    assert_int_equal(p.c->send_count, 0);
    finish(&p);
}

static void addresses_that_are_none(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "x", "d/", "d/" DM "//", "e/" DM "//" ALICE, "d/" DM "/x/" ALICE, "d/../" ALICE, "c/" DM "//" ALICE "/x"};
    struct play p = begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(say(&p, bad[i], "hello"));
    want_all(&p, "");
    finish(&p);
}

/* The key is the same after a restart, and another for another piece, text or message answered. */
static void keys(void **state) {
    (void)state;
    char first[800];
    for (int i = 0; i < 4; i++) {
        struct play p = begin();
        say_parts(&p, TO, i == 3 ? POST2 : POST1, &(struct chat_part){.text = str_of(i == 2 ? "other" : "text")}, 1);
        struct str log = buf_str(&p.log);
        log = str_slice(log, str_find(log, STR("pending_post_id")), SIZE_MAX);
        if (i == 0)
            snprintf(first, sizeof first, "%.*s", STR_ARG(log));
        assert_int_equal(str_equal(log, str_of(first)), i < 2);
        finish(&p);
    }
}

static void one_after_the_other_in_a_talk(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, TO, "one");
    say(&p, TO, "two");
    say(&p, "c/" TOWN "/" POST1 "/" BOB, "another talk");
    assert_int_equal(count(&p, "H "), 2);
    want(&p, "another talk");
    clear(&p);
    answer(&p, 201, SENT(POST2));
    want(&p, "\"message\":\"two\"");
    finish(&p);
}

static void long_answers_in_pieces(void **state) {
    (void)state;
    struct play p = begin();
    struct buf text;
    buf_init_heap(&text);
    while (text.len < 2 * 4 * MM_TEXT_MOST)
        buf_add(&text, STR("\xf0\x9f\x98\xb6\xf0\x9f\x98\xb6\xf0\x9f\x98\xb6\xf0\x9f\x98\xb6 "));
    say(&p, TO, text.ptr);
    size_t pieces = 0;
    while (p.request_count > 0) {
        assert_int_equal(p.request_count, 1);
        size_t at = str_find(buf_str(&p.log), STR("\"message\":\""));
        struct str message = str_slice(buf_str(&p.log), at + 11, SIZE_MAX);
        message = str_slice(message, 0, str_find(message, STR("\"")));
        assert_true(message.len > 0 && compose_length(message, COMPOSE_POINTS) <= MM_TEXT_MOST);
        clear(&p);
        answer(&p, 201, SENT(POST2));
        pieces++;
    }
    assert_int_equal(pieces, 3);
    buf_finish(&text);
    finish(&p);
}

static void held_until_ready(void **state) {
    (void)state;
    struct play p = begin();
    close_it(&p);
    assert_true(say(&p, TO, "held"));
    assert_int_equal(count(&p, "H "), 0);
    connect_it(&p, HELLO(CONNECTION));
    want(&p, "\"message\":\"held\"");
    finish(&p);
}

static void not_more_than_can_be_held(void **state) {
    (void)state;
    struct play p = begin();
    for (int i = 0; i < MM_SENDS_MOST; i++)
        assert_true(say(&p, TO, "x"));
    assert_false(say(&p, TO, "x"));
    assert_int_equal(p.request_count, 1);
    finish(&p);
}

static void a_private_answer_finds_its_channel_once(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, ALICE, "in private");
    say(&p, ALICE, "more");
    want_all(&p, "H POST /channels/direct [\"" ME "\",\"" ALICE "\"]\n");
    answer(&p, 201, "{\"id\":\"" DM "\",\"type\":\"D\"}");
    want(&p, "H POST /posts {\"channel_id\":\"" DM "\",\"root_id\":\"\",\"message\":\"in private\"");
    answer(&p, 201, SENT(POST2));
    answer(&p, 201, SENT(POST3));
    clear(&p);
    say(&p, ALICE, "again");
    assert_int_equal(count(&p, "/channels/direct"), 0);
    want(&p, "\"action\":\"user_typing\"");
    finish(&p);
}

static void a_direct_channel_that_is_refused(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, ALICE, "in private");
    answer(&p, 403, "{\"id\":\"api.context.permissions.app_error\",\"message\":\"no\"}");
    want(&p, "N an answer is lost: the server refuses it (HTTP status 403, api.context.permissions.app_error)\n");
    say(&p, BOB, "in private");
    answer(&p, 201, "{\"id\":5}");
    tick(&p, 1000);
    assert_int_equal(count(&p, "\"" BOB "\"]"), 2);
    finish(&p);
}

static void refusals(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, TO, "one");
    say(&p, TO, "two");
    answer(&p, 400, "{\"id\":\"two\\nlines\"}");
    want(&p, "N an answer is lost: the server refuses it (HTTP status 400)\n");
    want(&p, "\"message\":\"two\"");
    answer(&p, 401, "{}");
    want(&p, "X stop: ");
    finish(&p);
}

/* A failure may have come after the post was made. */
static void after_a_failure_again_with_the_same_key(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, TO, "one");
    answer(&p, 500, "");
    assert_int_equal(count(&p, "/posts"), 1);
    tick(&p, 1000);
    assert_int_equal(count(&p, "/posts"), 2);
    struct str log = buf_str(&p.log);
    struct str key = str_slice(log, str_find(log, STR(ME ":")), 45);
    log = str_slice(log, str_find(log, STR(ME ":")) + 1, SIZE_MAX);
    assert_true(str_find(log, key) != SIZE_MAX);
    for (int i = 0; i < MM_SEND_TRIES_MOST - 1; i++) {
        answer(&p, 0, "");
        p.c->ping_at_ms = p.c->check_at_ms = CHAT_NEVER; /* of no interest here */
        tick(&p, 40 * 1000);
    }
    want(&p, "N an answer is lost: the server does not take it (HTTP status 0)\n");
    assert_int_equal(p.c->send_count, 0);
    finish(&p);
}

static void seen_on_the_websocket_it_is_not_sent_again(void **state) {
    (void)state;
    struct play p = begin();
    static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no")};
    struct chat_part part = {.text = STR("Well?"), .choices = choices, .choice_count = 2, .numbered = true};
    for (int when = 0; when < 2; when++) {
        say_parts(&p, TO, POST1, &part, 1);
        struct made_post own = {.id = POST3, .user = ME, .pending = p.c->sends->key};
        if (when == 0)
            posted(&p, 1, &own);
        answer(&p, 0, "");
        if (when == 1)
            posted(&p, 2, &own);
        tick(&p, 5000);
        assert_int_equal(count(&p, "H POST /posts"), 1);
        assert_int_equal(count(&p, "H POST /reactions"), 2);
        answer(&p, 200, "{}");
        answer(&p, 200, "{}");
        clear(&p);
        part.text = STR("Well now?");
    }
    assert_int_equal(p.c->send_count, 0);
    finish(&p);
}

static void found_by_its_text_after_a_loss(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, TO, "one");
    answer(&p, 0, "");
    close_it(&p);
    connect_it(&p, HELLO(OTHER_CONNECTION));
    clear(&p);
    tick(&p, 0);
    while (p.request_count > 1) /* the post sent again, which the server has forgotten to know */
        answer(&p, 500, "");
    posted(&p, 1, &(struct made_post){.id = POST3, .user = ME, .message = "one"});
    clear(&p);
    tick(&p, 60 * 1000);
    assert_int_equal(count(&p, "H POST /posts"), 0);
    finish(&p);
}

static void leaving_sends_all(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, TO, "one");
    say(&p, TO, "two");
    say(&p, TO, "three");
    clear(&p);
    mattermost_ops.quit(p.c, p.now_ms);
    drain(&p);
    assert_int_equal(count(&p, "H POST /posts"), 2);
    want(&p, "X done: goodbye\n");
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post),
        cmocka_unit_test(addresses_that_are_none),
        cmocka_unit_test(keys),
        cmocka_unit_test(one_after_the_other_in_a_talk),
        cmocka_unit_test(long_answers_in_pieces),
        cmocka_unit_test(held_until_ready),
        cmocka_unit_test(not_more_than_can_be_held),
        cmocka_unit_test(a_private_answer_finds_its_channel_once),
        cmocka_unit_test(a_direct_channel_that_is_refused),
        cmocka_unit_test(refusals),
        cmocka_unit_test(after_a_failure_again_with_the_same_key),
        cmocka_unit_test(seen_on_the_websocket_it_is_not_sent_again),
        cmocka_unit_test(found_by_its_text_after_a_loss),
        cmocka_unit_test(leaving_sends_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
