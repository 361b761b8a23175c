/* Slack: our messages on their way, and what is read of the history. */
#include "slack_play.h"

#define KEY(key) ",\"unfurl_links\":false,\"unfurl_media\":false,\"metadata\":{\"event_type\":\"lippy_answer\",\"event_payload\":{\"key\":\"" key "\"}}} once\n"

static const char *last_key(const struct play *p) {
    static char key[COMPOSE_KEY_SIZE];
    struct str s = buf_str(&p->log);
    size_t at = str_find(s, STR("{\"key\":\""));
    assert_true(at != SIZE_MAX);
    struct str rest = str_slice(s, at + strlen("{\"key\":\""), SIZE_MAX);
    slack_copy(key, sizeof key, str_cut(&rest, '"'));
    return key;
}

static void to_where_it_belongs(void **state) {
    (void)state;
    struct play p = begin();
    struct chat_part part = {.text = STR_INIT("*so* <https://x.test> & 1 < 2 <!channel> @here")};
    say_parts(&p, "d/D1//U1", "", &part, 1);
    want(&p, "H POST chat.postMessage {\"channel\":\"D1\",\"text\":\"*so* <https://x.test> &amp; 1 &lt; 2 &lt;!channel&gt; @\xe2\x80\x8bhere\",");
    clear(&p);
    say_parts(&p, "c/C1/6.1/U2", "U2", &part, 1);
    want(&p, "{\"channel\":\"C1\",\"thread_ts\":\"6.1\",\"text\":\"<@U2>: *so*");
    clear(&p);
    /* in private, where the channel is not known */
    say(&p, "U3", "hello");
    want_all(&p, "H POST conversations.open {\"users\":\"U3\"}\n");
    answer(&p, 200, FINE);
    answer(&p, 200, FINE);
    answer(&p, 200, "{\"ok\":true,\"channel\":{\"id\":\"D3\"}}");
    want(&p, "H POST chat.postMessage {\"channel\":\"D3\",\"text\":\"hello\"");
    answer(&p, 200, FINE);
    clear(&p);
    tick(&p, SLACK_PACE_MS);
    say(&p, "U3", "again");
    want(&p, "H POST chat.postMessage {\"channel\":\"D3\",\"text\":\"again\"");
    assert_false(say(&p, "../x", "nowhere"));
    assert_false(say(&p, "", "nowhere"));
    finish(&p);
}

static void one_after_the_other_one_a_second(void **state) {
    (void)state;
    struct play p = begin();
    say(&p, "d/D1//U1", "one");
    say(&p, "d/D1//U1", "two");
    say(&p, "d/D2//U2", "other");
    assert_int_equal(count(&p, "H POST"), 2);
    clear(&p);
    answer(&p, 200, FINE);
    want_all(&p, "");
    tick(&p, SLACK_PACE_MS - 1);
    assert_int_equal(count(&p, "H POST"), 0);
    tick(&p, 1);
    want(&p, "\"text\":\"two\"");
    finish(&p);
}

static void long_ones_in_pieces(void **state) {
    (void)state;
    struct play p = begin();
    struct buf text;
    buf_init_heap(&text);
    for (int i = 0; i < 1000; i++)
        buf_add(&text, STR("words & \xf0\x9f\x98\xb6 "));
    struct chat_part part = {.text = buf_str(&text)};
    say_parts(&p, "d/D1//U1", "", &part, 1);
    unsigned pieces = 0;
    for (; p.request_count > 0; pieces++) {
        clear(&p);
        answer(&p, 200, FINE);
        tick(&p, SLACK_PACE_MS);
    }
    assert_int_equal(pieces, (1000 * (strlen("words &amp; ") + 3) + SLACK_TEXT_MOST - 1) / SLACK_TEXT_MOST);
    buf_finish(&text);
    finish(&p);
}

static void buttons(void **state) {
    (void)state;
    static const struct str few[] = {STR_INIT("yes"), STR_INIT("no & never")};
    static const struct str large[] = {STR_INIT("one side of the face drooping or weak, a lopsided smile"), STR_INIT("none of these")};
    struct chat_part part = {.text = STR_INIT("Is it?"), .choices = few, .choice_count = 2, .numbered = true};
    struct play p = begin();
    say_parts(&p, "d/D1//U1", "", &part, 1);
    want(&p, "\"text\":\"Is it?\\n1. yes\\n2. no &amp; never\",\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"Is it?\"}},"
             "{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"action_id\":\"");
    want(&p, "/2\",\"text\":{\"type\":\"plain_text\",\"text\":\"no & never\"},\"value\":\"2\"}]}]");
    clear(&p);
    part.numbered = false;
    say_parts(&p, "d/D2//U2", "", &part, 1);
    want(&p, "\"value\":\"no & never\"");
    clear(&p);
    /* long ones stand in the text */
    part = (struct chat_part){.text = STR_INIT("Is it?"), .choices = large, .choice_count = 2, .numbered = true};
    say_parts(&p, "d/D3//U3", "", &part, 1);
    want(&p, "\"text\":{\"type\":\"mrkdwn\",\"text\":\"Is it?\\n1. one side of the face drooping or weak, a lopsided smile\\n2. none of these\"}");
    want(&p, "\"text\":{\"type\":\"plain_text\",\"text\":\"2\"},\"value\":\"2\"");
    clear(&p);
    part.numbered = false;
    say_parts(&p, "d/D4//U4", "", &part, 1);
    assert_int_equal(count(&p, "blocks"), 0);
    /* blocks that are not liked: the text will do */
    clear(&p);
    for (int i = 0; i < 4; i++)
        answer(&p, 200, i < 3 ? "{\"ok\":false,\"error\":\"invalid_blocks\"}" : FINE);
    tick(&p, SLACK_PACE_MS);
    assert_int_equal(count(&p, "chat.postMessage"), 3);
    assert_int_equal(count(&p, "blocks"), 0);
    finish(&p);
}

static void the_newest_question_only(void **state) {
    (void)state;
    static const struct str few[] = {STR_INIT("yes"), STR_INIT("no")};
    struct chat_part part = {.text = STR_INIT("Is it?"), .choices = few, .choice_count = 2, .numbered = true};
    struct play p = begin();
    char first[COMPOSE_KEY_SIZE];
    say_parts(&p, "d/D1//U1", "", &part, 1);
    snprintf(first, sizeof first, "%s", last_key(&p));
    assert_non_null(slack_find_question(p.c, str_of(first)));
    assert_null(slack_find_question(p.c, STR_NONE));
    say(&p, "U1", "something else"); /* the same talk, by another address */
    assert_null(slack_find_question(p.c, str_of(first)));
    finish(&p);
}

/* A message whose request ended like that; gives what came of it. */
static struct play said_with(const char *to, unsigned status, const char *body) {
    struct play p = begin();
    say(&p, to, "hello");
    clear(&p);
    answer(&p, status, body);
    tick(&p, SLACK_PACE_MS);
    return p;
}

static void lost_answers_are_looked_for(void **state) {
    (void)state;
    static const struct {
        unsigned status;
        const char *body;
    } lost[] = {{0, ""}, {500, ""}, {408, ""}, {200, "<html>"}, {200, "{\"ok\":false,\"error\":\"internal_error\"}"}};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        struct play p = said_with("c/C1/6.1/U1", lost[i].status, lost[i].body);
        want_all(&p, "H GET conversations.replies?channel=C1&ts=6.1&oldest=1795519265.000007&limit=200&include_all_metadata=true\n");
        /* another with another key: this one is not there */
        answer(&p, 200, "{\"ok\":true,\"messages\":[{\"user\":\"U0BOT\",\"text\":\"hello\",\"metadata\":{\"event_payload\":{\"key\":\"x\"}}}]}");
        want(&p, "H POST chat.postMessage");
        char found[200];
        snprintf(found, sizeof found, "{\"ok\":true,\"messages\":[null,{\"metadata\":{\"event_payload\":{\"key\":\"%s\"}}}]}", last_key(&p));
        clear(&p);
        answer(&p, 0, "");
        tick(&p, 4 * SLACK_PACE_MS);
        want(&p, "H GET conversations.replies");
        clear(&p);
        answer(&p, 200, found);
        tick(&p, 60 * 1000);
        want_all(&p, "");
        finish(&p);
    }
    /* a server without metadata */
    struct play p = said_with("d/D1//U1", 0, "");
    want(&p, "H GET conversations.history?channel=D1&oldest=");
    clear(&p);
    answer(&p, 200, "{\"ok\":true,\"messages\":[{\"user\":\"U0BOT\",\"text\":\"hello\"}]}");
    tick(&p, 60 * 1000);
    want_all(&p, "");
    finish(&p);
    /* and one that does not let us look */
    p = said_with("d/D1//U1", 0, "");
    clear(&p);
    answer(&p, 200, "{\"ok\":false,\"error\":\"missing_scope\"}");
    want(&p, "H POST chat.postMessage");
    finish(&p);
}

static void refusals(void **state) {
    (void)state;
    struct play p = said_with("d/D1//U1", 200, "{\"ok\":false,\"error\":\"channel_not_found\"}");
    want_all(&p, "N an answer is lost: Slack refuses it (channel_not_found)\n");
    finish(&p);
    p = said_with("d/D1//U1", 200, "{\"ok\":false,\"error\":\"ratelimited\"}");
    want(&p, "H POST chat.postMessage"); /* it was not done: nothing to look for */
    for (unsigned i = 1; i < SLACK_SEND_TRIES_MOST; i++) {
        answer(&p, 429, "");
        tick(&p, 60 * 1000);
    }
    want(&p, "N an answer is lost: Slack does not take it\n");
    finish(&p);
    p = said_with("d/D1//U1", 200, "{\"ok\":false,\"error\":\"token_revoked\"}");
    want(&p, "X stop: Slack refuses the bot_token: token_revoked\n");
    finish(&p);
}

static void without_a_websocket(void **state) {
    (void)state;
    struct play p = begin();
    close_it(&p);
    say(&p, "d/D1//U1", "hello");
    want(&p, "H POST chat.postMessage");
    finish(&p);
    p = begin_kept(STR_NONE);
    say(&p, "d/D1//U1", "too early");
    want_all(&p, "");
    dial(&p);
    answer(&p, 200, IS_ME);
    want(&p, "too early");
    finish(&p);
}

static void too_many(void **state) {
    (void)state;
    struct play p = begin();
    unsigned taken = 0;
    while (say(&p, "d/D1//U1", "hello") && taken < 10000)
        taken++;
    assert_int_equal(taken, SLACK_SENDS_MOST);
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_where_it_belongs),         cmocka_unit_test(one_after_the_other_one_a_second),
        cmocka_unit_test(long_ones_in_pieces),         cmocka_unit_test(buttons),
        cmocka_unit_test(the_newest_question_only),    cmocka_unit_test(lost_answers_are_looked_for),
        cmocka_unit_test(refusals),                    cmocka_unit_test(without_a_websocket),
        cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests_name("Slack's answers", tests, NULL, NULL);
}
