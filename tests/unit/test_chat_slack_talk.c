/* Slack: what others say, click and command. */
#include "slack_play.h"

static void in_private(void **state) {
    (void)state;
    struct play p = begin();
    event(&p, "e1", IN_DM("1795519265.000007", "hello"));
    want(&p, "M who=U1 room= to=d/D1//U1 nick= aside= id=1795519265.000007 addressed: hello\n");
    clear(&p);
    event(&p, "e2", "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",\"text\":\"in a thread\",\"ts\":\"1795519266.1\","
                    "\"thread_ts\":\"1795519265.000007\",\"subtype\":null,\"bot_id\":null}");
    want(&p, "to=d/D1/1795519265.000007/U1 nick= aside= id=1795519266.1 addressed: in a thread\n");
    finish(&p);
}

static void in_a_channel(void **state) {
    (void)state;
    struct play p = begin();
    event(&p, "e1", IN_ROOM("5.1", "U1", "hello, lippy and @lippy and <!channel> <!here>", ""));
    want_all(&p, "C {\"envelope_id\":\"e1\"}\n");
    event(&p, "e2", IN_ROOM("6.1", "U1", "<@U0BOT>: hello", ""));
    want(&p, "M who=U1 room=C1/6.1 to=c/C1/6.1/U1 nick=U1 aside=U1 id=6.1 addressed: hello\n");
    clear(&p);
    /* the thread is ours now, but not all in it is for us */
    event(&p, "e3", IN_ROOM("7.1", "U2", "what is that?", ",\"thread_ts\":\"6.1\""));
    want(&p, "M who=U2 room=C1/6.1 to=c/C1/6.1/U2 nick=U2 aside=U2 id=7.1: what is that?\n");
    clear(&p);
    event(&p, "e4", IN_ROOM("8.1", "U2", "elsewhere", ",\"thread_ts\":\"5.1\""));
    want_all(&p, "C {\"envelope_id\":\"e4\"}\n");
    event(&p, "e5", IN_ROOM("9.1", "U2", "shown to all <@U0BOT|lippy>", ",\"thread_ts\":\"5.1\",\"subtype\":\"thread_broadcast\""));
    want(&p, "to=c/C1/5.1/U2 nick=U2 aside=U2 id=9.1 addressed: shown to all @lippy\n");
    clear(&p);
    event(&p, "e6", IN_ROOM("10.1", "U3", "<@U0BOT>", ""));
    want(&p, "id=10.1 addressed: \n");
    finish(&p);
}

static void each_once(void **state) {
    (void)state;
    struct play p = begin();
    event(&p, "e1", IN_ROOM("6.1", "U1", "<@U0BOT> hello", ""));
    event(&p, "e2", "{\"type\":\"app_mention\",\"channel\":\"C1\",\"user\":\"U1\",\"text\":\"<@U0BOT> hello\",\"ts\":\"6.1\",\"event_ts\":\"6.1\"}");
    event(&p, "e1", IN_ROOM("6.1", "U1", "<@U0BOT> hello", ""));
    assert_int_equal(count(&p, "M who"), 1);
    assert_int_equal(count(&p, "C {"), 3);
    /* the same time in another channel is another message; and the mention alone will do */
    event(&p, "e3", "{\"type\":\"app_mention\",\"channel\":\"C2\",\"user\":\"U1\",\"text\":\"<@U0BOT> hello\",\"ts\":\"6.1\"}");
    assert_int_equal(count(&p, "M who"), 2);
    /* sent again by a program that had lost its connection */
    event(&p, "e4", "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",\"text\":\"x\",\"ts\":\"7.1\",\"client_msg_id\":\"a-b\"}");
    event(&p, "e5", "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",\"text\":\"x\",\"ts\":\"7.2\",\"client_msg_id\":\"a-b\"}");
    assert_int_equal(count(&p, "M who"), 3);
    finish(&p);
}

static void what_is_no_message(void **state) {
    (void)state;
    static const char *const events[] = {
        IN_ROOM("1.1", "U1", "<@U0BOT> x", ",\"bot_id\":\"B1\""),
        IN_ROOM("1.2", "U1", "<@U0BOT> x", ",\"bot_profile\":{}"),
        IN_ROOM("1.3", "U0BOT", "<@U0BOT> x", ""),
        IN_ROOM("1.4", "USLACKBOT", "<@U0BOT> x", ""),
        IN_ROOM("1.5", "U1", "<@U0BOT> x", ",\"subtype\":\"bot_message\""),
        IN_ROOM("1.6", "U1", "<@U0BOT> x", ",\"subtype\":\"message_changed\",\"message\":{\"user\":\"U1\"}"),
        IN_ROOM("1.7", "U1", "<@U0BOT> x", ",\"subtype\":\"message_deleted\""),
        IN_ROOM("1.8", "U1", "<@U0BOT> x", ",\"subtype\":\"channel_join\""),
        IN_ROOM("x", "U1", "<@U0BOT> x", ""),
        IN_ROOM("1.9", "U/1", "<@U0BOT> x", ""),
        IN_ROOM("1.10", "U1", "<@U0BOT> x", ",\"thread_ts\":\"../x\""),
        "{\"type\":\"message\",\"channel\":\"D1\",\"user\":\"U1\",\"text\":\"x\",\"ts\":1.5}",
        "{\"type\":\"message\",\"channel\":null,\"user\":\"U1\",\"text\":\"x\",\"ts\":\"1.5\"}",
        "{\"type\":\"message\",\"channel\":\"D1\",\"text\":\"x\",\"ts\":\"1.5\"}",
        "{\"type\":\"message\",\"channel\":\"D1\",\"user\":\"U1\",\"text\":null,\"ts\":\"1.5\"}",
        "{\"type\":\"message\",\"channel\":\"D1\",\"user\":\"U1\",\"text\":{},\"ts\":\"1.6\"}",
        "{\"type\":\"reaction_added\",\"user\":\"U1\"}",
        "{}", "[]", "null", "5",
    };
    struct play p = begin();
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        event(&p, "e", events[i]);
        want_all(&p, "C {\"envelope_id\":\"e\"}\n");
    }
    feed(&p, "{\"envelope_id\":\"e\",\"type\":\"events_api\"}");
    want_all(&p, "C {\"envelope_id\":\"e\"}\n");
    finish(&p);
}

static void text_as_it_is_seen(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"a &lt;b&gt; &amp;amp; &c", "a <b> &amp; &c"},
        {"see <http://x.test/?a&amp;b|this &amp; that>, <http://y.test>", "see this & that, http://y.test"},
        {"<@U2|bob> <@U3> <#C1|general> <!here> <!subteam^S1|@team>", "@bob @U3 #general @here @@team"},
        {"<mailto:a@x.test|a@x.test>", "a@x.test"},
        {"a <unclosed", "a unclosed"},
        {"<> a", "a"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct play p = begin();
        char inside[400], want_text[200];
        snprintf(inside, sizeof inside, "{\"type\":\"message\",\"channel\":\"D1\",\"user\":\"U1\",\"text\":\"%s\",\"ts\":\"1.5\"}", texts[i][0]);
        snprintf(want_text, sizeof want_text, "addressed: %s\n", texts[i][1]);
        event(&p, "e", inside);
        want(&p, want_text);
        finish(&p);
    }
}

static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no"), STR_INIT("not sure")};
static const struct chat_part question = {.text = STR_INIT("Is it?"), .choices = choices, .choice_count = 3, .numbered = true};

#define CLICK(user, action, value) \
    "{\"envelope_id\":\"e9\",\"type\":\"interactive\",\"accepts_response_payload\":true,\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"" user "\"}," \
    "\"channel\":{\"id\":\"C1\"},\"container\":{\"message_ts\":\"7.1\",\"channel_id\":\"C1\"},\"message\":{\"ts\":\"7.1\",\"text\":\"Is it?\",\"blocks\":[{\"type\":\"section\"},{\"type\":\"actions\"}]}," \
    "\"actions\":[{\"type\":\"button\",\"action_id\":\"" action "\",\"text\":{\"type\":\"plain_text\",\"text\":\"no\"},\"value\":\"" value "\",\"action_ts\":\"8.1\"}]}}"

static void clicks(void **state) {
    (void)state;
    struct play p = begin();
    char frame[1200], key[COMPOSE_KEY_SIZE];
    say_parts(&p, "c/C1/6.1/U1", "U1", &question, 1);
    snprintf(key, sizeof key, "%s", p.c->questions[0].key);
    clear(&p);
    snprintf(frame, sizeof frame, CLICK("U2", "%s/2", "2"), key);
    feed(&p, frame);
    feed(&p, CLICK("U1", "other/2", "2"));
    feed(&p, "{\"envelope_id\":\"e9\",\"type\":\"interactive\",\"payload\":{\"type\":\"view_submission\"}}");
    feed(&p, "{\"envelope_id\":\"e9\",\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"actions\":[null]}}");
    assert_int_equal(count(&p, "C {\"envelope_id\":\"e9\"}\n"), 4);
    assert_int_equal(count(&p, "M "), 0);
    clear(&p);
    snprintf(frame, sizeof frame, CLICK("U1", "%s/2", "2"), key);
    feed(&p, frame);
    want_all(&p, "C {\"envelope_id\":\"e9\"}\nM who=U1 room=C1/6.1 to=c/C1/6.1/U1 nick=U1 aside=U1 id=8.1 addressed: 2\n"
                 "H POST chat.update {\"channel\":\"C1\",\"ts\":\"7.1\",\"text\":\"Is it?\",\"blocks\":[{\"type\":\"section\"},"
                 "{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\",\"text\":\"\xe2\x9c\x93 no\"}]}]}\n");
    feed(&p, frame); /* delivered once more, or clicked once more */
    want_all(&p, "C {\"envelope_id\":\"e9\"}\n");
    finish(&p);
}

static void commands(void **state) {
    (void)state;
    static const char command[] = "{\"envelope_id\":\"e1\",\"type\":\"slash_commands\",\"payload\":{\"command\":\"/lip\",\"text\":\"it &amp; twitches\","
                                  "\"user_id\":\"U1\",\"channel_id\":\"C1\",\"channel_name\":\"general\",\"trigger_id\":\"5192664357.5192664358.71c2\"}}";
    struct play p = begin();
    feed(&p, command);
    want(&p, "M who=U1 room= to=U1 nick= aside= id=5192664357.5192664358.71c2 addressed: it & twitches\n");
    feed(&p, command);
    assert_int_equal(count(&p, "M who"), 1);
    clear(&p);
    feed(&p, "{\"envelope_id\":\"e2\",\"type\":\"slash_commands\",\"payload\":{\"user_id\":null}}");
    want_all(&p, "C {\"envelope_id\":\"e2\"}\n");
    finish(&p);
}

static void nobody_takes_all(void **state) {
    (void)state;
    struct play p = begin();
    char inside[200];
    for (int i = 0; i < 2 * PACE_BURST; i++) {
        snprintf(inside, sizeof inside, "{\"type\":\"message\",\"channel\":\"D1\",\"user\":\"U1\",\"text\":\"x\",\"ts\":\"%d.1\"}", i + 1);
        event(&p, "e", inside);
    }
    assert_int_equal(count(&p, "M who"), PACE_BURST);
    assert_int_equal(count(&p, "N somebody writes faster"), 1);
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_private),         cmocka_unit_test(in_a_channel), cmocka_unit_test(each_once), cmocka_unit_test(what_is_no_message),
        cmocka_unit_test(text_as_it_is_seen), cmocka_unit_test(clicks),       cmocka_unit_test(commands),  cmocka_unit_test(nobody_takes_all),
    };
    return cmocka_run_group_tests_name("Slack's people", tests, NULL, NULL);
}
