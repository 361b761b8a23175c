/* Discord: answers out, and what comes of them. */
#include "discord_play.h"

#define CLICK(id, custom) \
    "{\"t\":\"INTERACTION_CREATE\",\"s\":2,\"op\":0,\"d\":{\"id\":\"" id "\",\"token\":\"tok-" id "\",\"type\":3,\"channel_id\":\"501\"," \
    "\"guild_id\":\"301\",\"member\":{\"user\":{\"id\":\"11\"}},\"data\":{\"custom_id\":\"" custom "\"}}}"

static bool say_to(struct play *p, const char *to, const char *id, const char *text) {
    struct chat_part part = {.text = str_of(text), .choices = p->choices, .choice_count = p->choice_count, .numbered = p->numbered};
    struct err e = {0};
    bool fine = discord_ops.say(p->c, &(struct chat_say){.to = str_of(to), .answers = str_of(id), .parts = &part, .part_count = 1},
                                p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static void a_message_to_a_channel(void **state) {
    (void)state;
    struct play p = begin_ready();
    assert_true(say_to(&p, "g:501:11", "900", "a *b* @everyone `c`"));
    want_results(&p, "H POST /channels/501/messages {\"content\":\"a **b** @\xe2\x80\x8b" "everyone \\\\`c\\\\`\",\"allowed_mentions\":{\"parse\":[],"
                 "\"replied_user\":false},\"nonce\":\"3e4202382fc202d3-0\",\"enforce_nonce\":true,\"message_reference\":{\"message_id\":\"900\","
                 "\"channel_id\":\"501\",\"fail_if_not_exists\":false}}\n");
    answer(&p, 200, "{\"id\":\"1\"}");
    assert_true(say_to(&p, "c:501:11", "900", "x"));
    assert_int_equal(count(&p, "message_reference"), 0);
    answer(&p, 403, "{\"code\":50007,\"message\":\"Cannot send messages to this user\"}");
    want(&p, "N an answer cannot be delivered (HTTP status 403, code 50007)\n");
    assert_int_equal(p.c->letter_count, 0);
    assert_false(say_to(&p, "c:501", "900", "x"));
    finish(&p);
}

static void long_texts_go_in_pieces(void **state) {
    (void)state;
    enum { WORDS = 1500 };
    char text[WORDS * 5 + 1];
    for (size_t i = 0; i < WORDS; i++)
        memcpy(text + 5 * i, "\xf0\x9f\x99\x82 ", 6); /* two UTF-16 units and a blank */
    struct play p = begin_ready();
    assert_true(say_to(&p, "c:501:11", "900", text));
    assert_int_equal(count(&p, "/channels/501/messages"), 3);
    want(&p, "-2\",\"enforce_nonce\"");
    struct str rest = buf_str(&p.log);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        size_t at = str_find(line, STR("\"content\":\""));
        if (at != SIZE_MAX) {
            line = str_slice(line, at + 11, SIZE_MAX);
            assert_true(str_find(line, STR("\"")) / 5 * 3 + 2 <= DISCORD_CONTENT_MOST);
        }
    }
    finish(&p);
}

static void quick_replies(void **state) {
    (void)state;
    struct play p = begin_ready();
    p.choices[0] = STR("Yes");
    p.choices[1] = STR("No");
    p.choice_count = 2;
    say_to(&p, "c:501:11", "900", "Is it?");
    want(&p, "\"content\":\"Is it?\",");
    want(&p, "\"components\":[{\"type\":1,\"components\":[{\"type\":2,\"style\":2,\"label\":\"Yes\",\"custom_id\":\"lippy:11:p:");
    want(&p, ":No\"}]}]}");
    clear(&p);
    p.choices[2] = STR("one side of the face drooping or weak, a lopsided smile");
    p.choice_count = 3;
    say_to(&p, "c:501:11", "900", "Is it?"); /* too long, and no numbers to pick by */
    assert_int_equal(count(&p, "components"), 0);
    want(&p, "Is it?\\n- Yes\\n- No\\n- one side");
    clear(&p);
    p.numbered = true;
    say_to(&p, "c:501:11", "900", "Is it?");
    want(&p, "Is it?\\n1. Yes\\n2. No\\n3. one side");
    want(&p, "\"label\":\"3\",\"custom_id\":\"lippy:11:p:");
    clear(&p);
    for (p.choice_count = 0; p.choice_count < DISCORD_BUTTONS_MOST; p.choice_count++)
        p.choices[p.choice_count] = STR("x");
    say_to(&p, "c:501:11", "900", "Is it?");
    assert_int_equal(count(&p, "\"type\":1,"), 4);
    clear(&p);
    p.choices[p.choice_count++] = STR("x");
    say_to(&p, "c:501:11", "900", "Is it?");
    assert_int_equal(count(&p, "components"), 0);
    finish(&p);
}

/* Finds the id of the first button in the log. */
static void button_id(const struct play *p, char id[128]) {
    struct str s = buf_str(&p->log);
    s = str_slice(s, str_find(s, STR("\"custom_id\":\"")) + 13, SIZE_MAX);
    struct str found = str_cut(&s, '"');
    snprintf(id, 128, "%.*s", STR_ARG(found));
}

static void old_buttons_are_taken_away(void **state) {
    (void)state;
    struct play p = begin_ready();
    char first[128], frame[600];
    p.choices[0] = STR("1 day");
    p.choice_count = 1;
    say_to(&p, "c:501:11", "900", "How long?");
    button_id(&p, first);
    clear(&p);
    snprintf(frame, sizeof frame, CLICK("901", "%s"), first);
    p.reply = "How strong?";
    feed(&p, frame);
    want(&p, ": 1 day\n");
    clear(&p);
    snprintf(frame, sizeof frame, CLICK("902", "%s"), first);
    feed(&p, frame); /* once more: the question is another by now */
    want_results(&p, "H POST /interactions/902/tok-902/callback {\"type\":7,\"data\":{\"components\":[]}}\n");
    finish(&p);
}

static void the_key_of_an_answer_is_the_same_after_a_restart(void **state) {
    (void)state;
    struct play p = begin_ready(), q = begin_ready();
    say_to(&p, "c:501:11", "900", "x");
    say_to(&q, "c:501:11", "900", "x");
    assert_true(str_equal(buf_str(&p.log), buf_str(&q.log)));
    clear(&q);
    say_to(&q, "c:501:11", "901", "x");
    assert_false(str_equal(buf_str(&p.log), buf_str(&q.log)));
    finish(&p);
    finish(&q);
}

static void a_private_channel_is_asked_for_once(void **state) {
    (void)state;
    struct play p = begin_ready();
    say_to(&p, "11", "900", "one");
    say_to(&p, "11", "900", "two");
    want_results(&p, "H POST /users/@me/channels {\"recipient_id\":\"11\"}\n");
    answer(&p, 400, "{\"code\":50035}");
    want_results(&p, "H POST /users/@me/channels {\"recipients\":[\"11\"]}\n"); /* as older servers want it */
    answer(&p, 200, "{\"id\":\"502\"}");
    want(&p, "H POST /channels/502/messages {\"content\":\"one\",");
    want(&p, "H POST /channels/502/messages {\"content\":\"two\",");
    clear(&p);
    say_to(&p, "11", "900", "three");
    want(&p, "H POST /channels/502/messages {\"content\":\"three\",");
    clear(&p);
    say_to(&p, "12", "900", "four");
    answer(&p, 403, "{\"code\":50007}");
    want(&p, "N a private answer cannot be delivered (HTTP status 403, code 50007)\n");
    finish(&p);
}

static void an_interaction_answered_too_late_is_answered_in_private(void **state) {
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct play p = begin_ready();
        p.reply = "Since when?";
        feed(&p, CLICK("901", "lippy:11:p:00000001:x"));
        want(&p, "/callback {\"type\":4,");
        clear(&p);
        if (how == 0) /* it has been answered: our own request came twice */
            answer(&p, 400, "{\"code\":40060}");
        else if (how == 1)
            answer(&p, 404, "{\"code\":10062}");
        else
            answer(&p, 0, "");
        want_results(&p, how == 0 ? "" : "H POST /users/@me/channels {\"recipient_id\":\"11\"}\n");
        if (how > 0) {
            answer(&p, 200, "{\"id\":\"502\"}");
            want(&p, "H POST /channels/502/messages {\"content\":\"Since when?\",");
            want(&p, "\"enforce_nonce\":true");
            answer(&p, 200, "{}");
        }
        assert_int_equal(p.c->letter_count, 0);
        finish(&p);
    }
}

static void a_token_that_is_no_longer_right(void **state) {
    (void)state;
    struct play p = begin_ready();
    p.reply = "Since when?";
    feed(&p, CLICK("901", "lippy:11:p:00000001:x"));
    answer(&p, 401, "{\"code\":50027}"); /* an interaction's own token */
    assert_int_equal(count(&p, "X "), 0);
    answer(&p, 401, "{\"code\":0}");
    want(&p, "X stop 4000: the token is no longer right (HTTP status 401)\n");
    finish(&p);
}

static void a_ban_is_told(void **state) {
    (void)state;
    struct play p = begin_ready();
    say_to(&p, "c:501:11", "900", "x");
    clear(&p);
    answer(&p, 403, "<!doctype html><html>error code: 1015</html>");
    want_results(&p, "N an answer cannot be delivered: Cloudflare keeps this address out (HTTP status 403)\n");
    finish(&p);
}

static void answers_under_way_are_bounded(void **state) {
    (void)state;
    struct play p = begin_ready();
    for (int i = 0; i < DISCORD_LETTERS_MOST; i++) {
        assert_true(say_to(&p, "c:501:11", "900", "x"));
        clear(&p);
    }
    assert_false(say_to(&p, "c:501:11", "900", "x"));
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_to_a_channel),
        cmocka_unit_test(long_texts_go_in_pieces),
        cmocka_unit_test(quick_replies),
        cmocka_unit_test(old_buttons_are_taken_away),
        cmocka_unit_test(the_key_of_an_answer_is_the_same_after_a_restart),
        cmocka_unit_test(a_private_channel_is_asked_for_once),
        cmocka_unit_test(an_interaction_answered_too_late_is_answered_in_private),
        cmocka_unit_test(a_token_that_is_no_longer_right),
        cmocka_unit_test(a_ban_is_told),
        cmocka_unit_test(answers_under_way_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
