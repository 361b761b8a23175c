/* Discord: messages and clicks in. */
#include "discord_play.h"

#define ALICE "\"author\":{\"id\":\"11\",\"username\":\"alice\"}"
#define MESSAGE(id, rest) "{\"t\":\"MESSAGE_CREATE\",\"s\":2,\"op\":0,\"d\":{\"id\":\"" id "\",\"channel_id\":\"501\"," rest "}}"
#define IN_GUILD "\"guild_id\":\"301\",\"mentions\":[{\"id\":\"5\"},{\"id\":\"77\"}]"
#define INTERACTION(id, type, rest) \
    "{\"t\":\"INTERACTION_CREATE\",\"s\":2,\"op\":0,\"d\":{\"id\":\"" id "\",\"token\":\"tok-" id "\",\"type\":" type ",\"channel_id\":\"501\"," rest "}}"
#define MEMBER "\"guild_id\":\"301\",\"member\":{\"user\":{\"id\":\"11\"}}"
#define USER "\"context\":1,\"user\":{\"id\":\"11\"}"
#define BUTTON(id) "\"data\":{\"component_type\":2,\"custom_id\":\"" id "\"}"

static void a_direct_message(void **state) {
    (void)state;
    struct play p = begin_ready();
    feed(&p, MESSAGE("900", ALICE ",\"guild_id\":null,\"thread\":null,\"webhook_id\":null,\"content\":\"my lip twitches\""));
    want_results(&p, "H1 POST /channels/501/typing \nM who=11 room= to=c:501:11 aside= id=900: my lip twitches\n");
    feed(&p, MESSAGE("900", ALICE ",\"content\":\"my lip twitches\"")); /* replayed */
    want_results(&p, "");
    feed(&p, MESSAGE("18446744073709551615", ALICE ",\"type\":19,\"content\":\"\""));
    want(&p, "id=18446744073709551615: \n");
    finish(&p);
}

static void a_mention_in_a_guild(void **state) {
    (void)state;
    struct play p = begin_ready();
    feed(&p, MESSAGE("900", ALICE "," IN_GUILD ",\"content\":\"<@77> my <:lip:123> hurts <@!77>, <@&9> <#8> a<b <t:1:R>\""));
    want_results(&p, "H1 POST /channels/501/typing \n"
                 "M who=11 room=501 to=g:501:11 aside=11 id=900 discreet: my   hurts  ,     a<b\n");
    finish(&p);
}

static void what_is_not_for_us(void **state) {
    (void)state;
    static const char *const messages[] = {
        MESSAGE("1", ALICE ",\"guild_id\":\"301\",\"content\":\"lippy, hello\",\"mentions\":[{\"id\":\"5\"}]"),
        MESSAGE("2", ALICE ",\"guild_id\":\"301\",\"content\":\"@everyone\",\"mention_everyone\":true,\"mentions\":[]"),
        MESSAGE("3", ALICE ",\"guild_id\":\"301\",\"content\":\"<@&77>\",\"mention_roles\":[\"77\"]"),
        MESSAGE("4", "\"author\":{\"id\":\"77\"},\"content\":\"me\""),
        MESSAGE("5", "\"author\":{\"id\":\"12\",\"bot\":true},\"content\":\"a bot\""),
        MESSAGE("6", "\"author\":{\"id\":\"12\",\"system\":true},\"content\":\"the system\""),
        MESSAGE("7", ALICE ",\"webhook_id\":\"12\",\"content\":\"a webhook\""),
        MESSAGE("8", ALICE ",\"type\":6,\"content\":\"pinned a message\""),
        "{\"t\":\"MESSAGE_UPDATE\",\"s\":2,\"op\":0,\"d\":{\"id\":\"9\",\"channel_id\":\"501\"," ALICE ",\"content\":\"edited\"}}",
    };
    struct play p = begin_ready();
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        feed(&p, messages[i]);
    want_results(&p, "");
    finish(&p);
}

static void the_slash_command(void **state) {
    (void)state;
    struct play p = begin_ready();
    p.reply = "Since when?";
    feed(&p, INTERACTION("901", "2", MEMBER ",\"data\":{\"name\":\"lip\",\"options\":[{\"name\":\"text\",\"type\":3,\"value\":\"my lip\"}]}"));
    want_results(&p, "M who=11 room= to=i:ep:11:901:tok-901 aside= id=901: my lip\n"
                 "H POST /interactions/901/tok-901/callback {\"type\":4,\"data\":{\"content\":\"Since when?\",\"allowed_mentions\":{\"parse\":[],"
                 "\"replied_user\":false},\"components\":[{\"type\":1,\"components\":[{\"type\":2,\"style\":2,\"label\":\"Write an answer\","
                 "\"custom_id\":\"lippy:11:p:00000000:\"}]}],\"flags\":64}}\n");
    answer(&p, 204, "");
    feed(&p, INTERACTION("902", "2", USER ",\"data\":{\"name\":\"lip\"}"));
    want_results(&p, "M who=11 room= to=i:dp:11:902:tok-902 aside= id=902: \n"
                 "H POST /interactions/902/tok-902/callback {\"type\":4,\"data\":{\"content\":\"Since when?\",\"allowed_mentions\":{\"parse\":[],"
                 "\"replied_user\":false}}}\n");
    finish(&p);
}

static void an_interaction_that_nothing_is_said_to_is_acknowledged(void **state) {
    (void)state;
    struct play p = begin_ready();
    feed(&p, INTERACTION("901", "3", USER "," BUTTON("lippy:11:p:00000001:Yes")));
    want_results(&p, "M who=11 room= to=i:dp:11:901:tok-901 aside= id=901: Yes\nH POST /interactions/901/tok-901/callback {\"type\":6}\n");
    answer(&p, 404, "{\"code\":10062}");
    want_results(&p, "");
    finish(&p);
}

static void clicks(void **state) {
    (void)state;
    struct play p = begin_ready();
    /* somebody else's button; one that is not ours; a form to write in */
    feed(&p, INTERACTION("901", "3", MEMBER "," BUTTON("lippy:12:r:00000001:Yes")));
    want_results(&p, "H POST /interactions/901/tok-901/callback {\"type\":6}\n");
    feed(&p, INTERACTION("902", "3", MEMBER "," BUTTON("other:11:r:1:Yes")));
    want_results(&p, "");
    feed(&p, INTERACTION("903", "3", MEMBER "," BUTTON("lippy:11:p:00000000:")));
    want(&p, "/interactions/903/tok-903/callback {\"type\":9,\"data\":{\"custom_id\":\"lippy\",\"title\":\"Lippy\",");
    clear(&p);
    p.reply = "thanks";
    feed(&p, INTERACTION("904", "5", MEMBER ",\"data\":{\"custom_id\":\"lippy\",\"components\":[{\"type\":1,\"components\":[{\"type\":4,"
                                            "\"custom_id\":\"text\",\"value\":\"three days\"}]}]}"));
    want(&p, "M who=11 room= to=i:ep:11:904:tok-904 aside= id=904: three days\n");
    feed(&p, INTERACTION("905", "5", USER ",\"data\":{\"components\":[{\"type\":18,\"component\":{\"type\":4,\"value\":\"two\"}}]}"));
    want(&p, "id=905: two\n");
    finish(&p);
}

static void a_room_click_goes_on_for_one_person_only(void **state) {
    (void)state;
    struct play p = begin_ready();
    p.reply = "I go on with you in private.";
    p.aside = "Only you see this.";
    feed(&p, INTERACTION("901", "3", MEMBER "," BUTTON("lippy:11:r:00000001:in private")));
    want(&p, "M who=11 room=501 to=i:er:11:901:tok-901 aside=11 id=901: in private\n");
    want(&p, "H POST /interactions/901/tok-901/callback {\"type\":4,\"data\":{\"content\":\"I go on with you in private.\",");
    want(&p, "H1 POST /webhooks/78/tok-901 {\"content\":\"Only you see this.\",");
    assert_int_equal(count(&p, "\"flags\":64"), 2);
    assert_int_equal(count(&p, "/users/@me/channels"), 0);
    finish(&p);
}

static void addresses(void **state) {
    (void)state;
    struct discord_address a;
    static const char *const good[] = {"1", "c:1:2", "g:1:2", "i:ep:1:2:tok", "i:dr:1:2:a.b-c_d=~"};
    static const char *const bad[] = {"", "x", "c:1", "c:1:", "c::2", "g:1:2:3", "i:e:1:2:tok", "i:ep:1:2:", "i:ep:1:2:a/b", "i:ep:x:2:t",
                                      "123456789012345678901", "c:1:2/3", "z:1:2"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(discord_address_read(str_of(good[i]), &a));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (discord_address_read(str_of(bad[i]), &a))
            fail_msg("%s is taken for an address", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_direct_message),
        cmocka_unit_test(a_mention_in_a_guild),
        cmocka_unit_test(what_is_not_for_us),
        cmocka_unit_test(the_slash_command),
        cmocka_unit_test(an_interaction_that_nothing_is_said_to_is_acknowledged),
        cmocka_unit_test(clicks),
        cmocka_unit_test(a_room_click_goes_on_for_one_person_only),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
