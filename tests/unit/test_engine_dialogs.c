/* Two dialogs in one bot: the opening picks one, and the talk stays with it. */
#include "test.h"

#include <stdio.h>

#include "engine/engine.h"
#include "shell/files.h"

enum { LIP, HICCUPS, DIALOGS };

static struct dialog *own[DIALOGS];
static const struct dialog *dialogs[DIALOGS];
static int64_t now_ms = INT64_C(1769860800000); /* a Saturday */

static int load(void **state) {
    static const char *const folders[] = {[LIP] = "dialogs/lip-twitching", [HICCUPS] = "dialogs/hiccups"};
    (void)state;
    for (size_t i = 0; i < DIALOGS; i++) {
        struct problems p;
        problems_init(&p);
        own[i] = dialog_load_dir(folders[i], &p);
        dialogs[i] = own[i];
        problems_finish(&p);
        if (!own[i])
            return -1;
    }
    return 0;
}

static int unload(void **state) {
    (void)state;
    for (size_t i = 0; i < DIALOGS; i++)
        dialog_free(own[i]);
    return 0;
}

static struct engine *new_engine(void) {
    struct engine_config config = {.dialogs = dialogs, .dialog_count = DIALOGS, .country = STR("gb"), .max_sessions = 200,
                                   .session_ttl_ms = INT64_C(3600) * 1000};
    struct engine *e = engine_new(&config, NULL);
    assert_non_null(e);
    return e;
}

static struct engine_from person(const char *who) {
    return (struct engine_from){.platform = STR("test"), .who = str_of(who), .addressed = true};
}

static uint8_t dialog_after(struct engine *e, const char *who, const char *text) {
    struct engine_from from = person(who);
    const struct engine_reply *replies;
    assert_true(engine_message(e, &from, str_of(text), now_ms, &replies) > 0);
    const struct session *s = engine_session(e, &from, NULL);
    assert_non_null(s);
    return s->dialog;
}

static void the_opening_picks(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint8_t dialog;
    } openings[] = {
        {"I have had hiccups since Monday", HICCUPS},
        {"my lip twitches", LIP},
        {"MY UPPER LIP WONT STOP TWITCHING", LIP},
        {"cant stop hiccuping, it is driving me mad", HICCUPS},
        {"hicups again :(", HICCUPS},
        {"I am stressed, drink a lot of coffee, sleep badly, and now I have the hiccups", HICCUPS},
        {"After a curry and a beer my lip started to flutter", LIP},
        {"my mum has hiccups for three days after her operation", HICCUPS},
        {"no hiccups this time, but the lip is twitching", LIP},
        {"hello", LIP}, /* says nothing of either: the first */
        {"help", LIP},
        {"my chest feels tight", LIP},
    };
    struct engine *e = new_engine();
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        char who[16];
        snprintf(who, sizeof who, "p%zu", i);
        uint8_t chosen = dialog_after(e, who, openings[i].text);
        if (chosen != openings[i].dialog)
            fail_msg("\"%s\" opens dialog %u", openings[i].text, chosen);
    }
    engine_free(e);
}

static void the_talk_stays(void **state) {
    (void)state;
    struct engine *e = new_engine();
    assert_int_equal(dialog_after(e, "ann", "hiccups since this morning"), HICCUPS);
    assert_int_equal(dialog_after(e, "ann", "me, 34"), HICCUPS);
    assert_int_equal(dialog_after(e, "ann", "my lip twitches a bit too"), HICCUPS);
    assert_int_equal(dialog_after(e, "bob", "my lip twitches"), LIP);
    assert_int_equal(dialog_after(e, "ann", "none"), HICCUPS);
    engine_free(e);
}

/* Whichever dialog it opens, an emergency is answered in the same turn. */
static void an_emergency_in_either(void **state) {
    (void)state;
    static const char *const openings[] = {"my lip twitches and my chest feels tight", "I have hiccups and my chest feels tight",
                                           "hiccups and one side of my face is drooping", "one side of my face is drooping"};
    struct engine *e = new_engine();
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        char who[16];
        snprintf(who, sizeof who, "q%zu", i);
        struct engine_from from = person(who);
        const struct engine_reply *replies;
        size_t count = engine_message(e, &from, str_of(openings[i]), now_ms, &replies);
        bool called = false;
        for (size_t r = 0; r < count; r++)
            called |= str_find(replies[r].text, STR("999")) != SIZE_MAX;
        assert_true(called);
    }
    engine_free(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_opening_picks),
        cmocka_unit_test(the_talk_stays),
        cmocka_unit_test(an_emergency_in_either),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
