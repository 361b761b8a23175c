/* The Discord codec: its tables and keys, what it keeps over a restart, frames of any kind. */
#include "discord_play.h"

#include "chat_ops_assert.h"

static void the_tables_are_right(void **state) {
    (void)state;
    size_t n;
    const struct discord_event *all = discord_events(&n);
    chat_ops_assert(&discord_ops);
    assert_string_equal(discord_ops.name, "discord");
    assert_int_equal(strncmp(discord_ops.user_agent, "DiscordBot (https://", 20), 0);
    for (size_t i = 0; i < n; i++)
        assert_true(all[i].fn && (i == 0 || strcmp(all[i - 1].name, all[i].name) < 0));
}

static void a_command_has_small_letters(void **state) {
    (void)state;
    static const char *const good[] = {"lip", "a", "lip-talk_2"}, *const bad[] = {"", "Lip", "lip talk", "/lip", "l\xc3\xa9"};
    for (const struct chat_key *k = discord_ops.keys; k->name; k++) {
        for (size_t i = 0; k->check && i < sizeof good / sizeof *good; i++)
            assert_true(k->check(str_of(good[i]), NULL));
        for (size_t i = 0; k->check && i < sizeof bad / sizeof *bad; i++)
            assert_false(k->check(str_of(bad[i]), NULL));
    }
}

#define RESUME(seq) "C {\"op\":6,\"d\":{\"token\":\"" TOKEN "\",\"session_id\":\"sess-1\",\"seq\":" #seq "}}\n"

static void a_session_outlasts_a_restart(void **state) {
    (void)state;
    struct play p = begin_ready();
    feed(&p, "{\"op\":0,\"s\":9,\"t\":\"TYPING_START\",\"d\":{}}");
    discord_ops.quit(p.c, p.now_ms);
    drain(&p);
    want_results(&p, "X done 4000: goodbye\n");
    struct play q = begin_kept(p.kept, NULL);
    finish(&p);
    dial(&q);
    want_results(&q, "D wss://resume.test/?v=10&encoding=json\n");
    open_it(&q);
    feed(&q, HELLO);
    want_results(&q, RESUME(9));
    feed(&q, "{\"op\":0,\"s\":10,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"5\",\"channel_id\":\"6\",\"author\":{\"id\":\"1\"},"
             "\"content\":\"missed\"}}");
    want(&q, ": missed\n");
    clear(&q);
    feed(&q, "{\"op\":0,\"s\":11,\"t\":\"RESUMED\",\"d\":{}}");
    want_results(&q, "R Lippy\n"); /* and the command is registered once */
    finish(&q);
}

static void what_was_kept_for_another_account_or_by_nobody_is_of_no_use(void **state) {
    (void)state;
    struct play p = begin_ready();
    char other[2048];
    snprintf(other, sizeof other, "%s", p.kept);
    *(strstr(other, "\"of\":\"") + 6) ^= 1;
    finish(&p);
    const char *const kept[] = {other, "x", "{}", "[1]", "{\"of\":7}", "\xff"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        p = begin_kept(kept[i], NULL);
        dial(&p);
        want_results(&p, "H GET /gateway/bot \n");
        finish(&p);
    }
}

/* What is kept, with any byte of it another, or cut short. */
static void kept_bytes_of_any_kind(void **state) {
    (void)state;
    struct play p = begin_ready();
    char kept[2048];
    snprintf(kept, sizeof kept, "%s", p.kept);
    finish(&p);
    for (size_t i = 0; kept[i]; i++) {
        char was = kept[i];
        for (int how = 0; how < 3; how++) {
            kept[i] = (char)(how == 0 ? 0 : how == 1 ? '"' : was ^ 1);
            p = begin_kept(kept, NULL);
            dial(&p);
            finish(&p);
        }
        kept[i] = was;
    }
}

static void what_changes_is_kept_soon(void **state) {
    (void)state;
    struct play p = begin_ready();
    tick(&p, DISCORD_KEEP_SOON_MS);
    feed(&p, "{\"op\":0,\"s\":20,\"t\":\"X\",\"d\":1}");
    tick(&p, DISCORD_KEEP_LATE_MS - 1);
    assert_null(strstr(p.kept, "\"seq\":20"));
    tick(&p, 1);
    assert_non_null(strstr(p.kept, "\"seq\":20"));
    feed(&p, "{\"op\":0,\"s\":21,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"5\",\"channel_id\":\"6\",\"author\":{\"id\":\"1\"}}}");
    tick(&p, DISCORD_KEEP_SOON_MS);
    assert_non_null(strstr(p.kept, "\"seq\":21"));
    assert_null(strstr(p.kept, TOKEN));
    finish(&p);
}

static void nothing_is_said_after_goodbye(void **state) {
    (void)state;
    struct play p = begin_ready();
    struct chat_part part = {.text = STR("too late")};
    struct err e = {0};
    discord_ops.quit(p.c, p.now_ms);
    discord_ops.quit(p.c, p.now_ms);
    assert_false(discord_ops.say(p.c, &(struct chat_say){.to = STR("1"), .parts = &part, .part_count = 1}, p.now_ms, &e));
    drain(&p);
    assert_int_equal(count(&p, "X done"), 1);
    lose(&p, 0);
    assert_int_equal(count(&p, "X done"), 2);
    finish(&p);
}

static const char stream[] = HELLO "\n" READY
    "\n{\"op\":11}\n{\"op\":1,\"d\":null}"
    "\n{\"t\":\"MESSAGE_CREATE\",\"s\":2,\"op\":0,\"d\":{\"type\":0,\"id\":\"901\",\"channel_id\":\"501\",\"guild_id\":\"301\",\"author\":"
    "{\"id\":\"11\",\"username\":\"alice\",\"bot\":false},\"webhook_id\":null,\"content\":\"<@77> h\xc3\xa9 \\u00e9\",\"mentions\":[{\"id\":\"77\"}]}}"
    "\n{\"t\":\"INTERACTION_CREATE\",\"s\":3,\"op\":0,\"d\":{\"type\":2,\"id\":\"902\",\"token\":\"tok-1\",\"channel_id\":\"501\",\"guild_id\":"
    "\"301\",\"member\":{\"user\":{\"id\":\"11\"}},\"data\":{\"name\":\"lip\",\"options\":[{\"name\":\"text\",\"type\":3,\"value\":\"hi\"}]}}}"
    "\n{\"op\":9,\"d\":false}\n{\"op\":7,\"d\":null}";

/* As the last frame of a stream, each frame cut at every byte. */
static void frames_cut_at_every_byte(void **state) {
    (void)state;
    for (size_t cut = 0; cut < sizeof stream; cut++) {
        char *text = malloc(cut + 1);
        assert_non_null(text);
        memcpy(text, stream, cut);
        text[cut] = '\0';
        struct play p = begin();
        p.reply = "one *two* @three";
        dial(&p);
        answer(&p, 200, GATEWAY);
        open_it(&p);
        feed(&p, text);
        tick(&p, 1000);
        finish(&p);
        free(text);
    }
}

static void hostile_frames(void **state) {
    (void)state;
    static const char *const events[] = {"READY", "RESUMED", "MESSAGE_CREATE", "INTERACTION_CREATE", "MESSAGE_UPDATE"};
    static const char *const data[] = {
        "null", "1", "[]", "{}", "\"x\"", "true", "{\"author\":7,\"id\":8}", "{\"id\":\"1\",\"author\":{\"id\":\"../../x\"}}",
        "{\"id\":\"1\",\"channel_id\":\"2/3\",\"author\":{\"id\":\"5\"},\"content\":\"x\"}",
        "{\"id\":\"123456789012345678901\",\"channel_id\":\"2\",\"author\":{\"id\":\"5\"}}",
        "{\"id\":\"5\",\"type\":3,\"token\":\"a/../b\",\"user\":{\"id\":\"1\"},\"data\":{\"custom_id\":\"lippy:1:p:0:x\"}}",
        "{\"id\":\"6\",\"type\":3,\"token\":\"a?b\",\"member\":[],\"data\":[]}", "{\"user\":{\"id\":\"\"},\"session_id\":7}",
        "{\"mentions\":{\"id\":\"77\"},\"mentions\":[[[]]],\"guild_id\":\"1\",\"id\":\"4\",\"channel_id\":\"4\",\"author\":{\"id\":\"4\"}}",
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        for (size_t k = 0; k < sizeof data / sizeof *data; k++) {
            char frame[300];
            struct play p = begin_ready();
            snprintf(frame, sizeof frame, "{\"op\":0,\"s\":5,\"t\":\"%s\",\"d\":%s}", events[i], data[k]);
            assert_true(feed(&p, frame));
            assert_int_equal(count(&p, "M "), 0);
            assert_int_equal(count(&p, "H"), 0);
            finish(&p);
        }
    static const char *const broken[] = {"hello?", "[]", "{\"op\":0", "{\"op\":0,\"t\":\"READY\",\"d\":{\"a\":nul}}",
                                         "{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{\"a\":\"\xff\"}}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct play p = begin_ready();
        assert_false(feed(&p, broken[i]));
        want(&p, "X retry 4000: ");
        assert_true(feed(&p, READY)); /* nothing counts any more */
        finish(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_right),
        cmocka_unit_test(a_command_has_small_letters),
        cmocka_unit_test(a_session_outlasts_a_restart),
        cmocka_unit_test(what_was_kept_for_another_account_or_by_nobody_is_of_no_use),
        cmocka_unit_test(kept_bytes_of_any_kind),
        cmocka_unit_test(what_changes_is_kept_soon),
        cmocka_unit_test(nothing_is_said_after_goodbye),
        cmocka_unit_test(frames_cut_at_every_byte),
        cmocka_unit_test(hostile_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
