/* Rooms, private chats and the turn as a transaction, on a small dialog. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "small_dialog.h"

struct fixture {
    struct dialog *dialog;
    const struct dialog *dialogs[1];
    struct engine *engine;
    const struct engine_reply *replies;
    size_t count;
    int64_t now_ms;
    char said[4096];
};

static int set_up(void **state) {
    static struct fixture f;
    f = (struct fixture){.now_ms = INT64_C(1769860800000)};
    f.dialog = small_dialog();
    if (!f.dialog)
        return -1;
    f.dialogs[0] = f.dialog;
    struct engine_config config = {.dialogs = f.dialogs, .dialog_count = 1, .country = STR("gb"), .max_sessions = 100,
                                   .session_ttl_ms = INT64_C(3600) * 1000};
    f.engine = engine_new(&config, NULL);
    *state = &f;
    return f.engine ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    engine_free(f->engine);
    dialog_free(f->dialog);
    return 0;
}

static struct engine_from in_room(const char *nick, bool addressed) {
    static char aside[64];
    snprintf(aside, sizeof aside, "clinic@rooms/%s", nick);
    return (struct engine_from){.platform = STR("xmpp"), .room = STR("clinic@rooms"), .who = str_of(nick),
                                .nick = str_of(nick), .aside = str_of(aside), .addressed = addressed};
}

static struct engine_from in_private(const char *who) {
    return (struct engine_from){.platform = STR("xmpp"), .who = str_of(who), .addressed = true};
}

static const char *say(struct fixture *f, struct engine_from from, const char *text) {
    f->count = engine_message(f->engine, &from, str_of(text), f->now_ms, &f->replies);
    size_t at = 0;
    f->said[0] = '\0';
    for (size_t i = 0; i < f->count; i++)
        at += (size_t)snprintf(f->said + at, sizeof f->said - at, "%s%.*s\n", f->replies[i].aside ? "(aside) " : "",
                               STR_ARG(f->replies[i].text));
    f->now_ms += 1000;
    return f->said;
}

static bool has(const char *text, const char *part) { return strstr(text, part) != NULL; }

static void a_whole_talk_in_private(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    assert_true(has(say(f, ann, "hi"), "Hello."));
    assert_true(has(f->said, "Any of these?"));
    assert_int_equal(f->replies[f->count - 1].choice_count, 5);
    assert_true(f->replies[f->count - 1].numbered);
    assert_true(has(say(f, ann, "none"), "How many cups"));
    assert_true(has(say(f, ann, "6"), "This sounds harmless"));
    assert_true(has(f->said, "a lot of coffee: you drink 6 cups a day"));
    assert_true(has(f->said, "Drink a cup less."));
    assert_true(has(f->said, "Rest a little."));
    assert_true(has(f->said, "Be well."));
    assert_true(engine_session(f->engine, &ann, NULL)->flags & SESSION_ENDED);
}

/* A corrected message counts instead of the one that it stands for, not beside it. */
static void corrections(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org"), again = ann;
    again.corrects = true;
    assert_string_equal(say(f, again, "hi"), ""); /* of a talk that is over, or never was */
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "none"), "How many cups"));
    assert_true(has(say(f, ann, "qwxz"), "I did not get that."));
    /* nothing had come of that one: what was said before it stays */
    assert_true(has(say(f, again, "60"), "That cannot be."));
    assert_true(has(say(f, again, "16"), "you drink 16 cups a day"));
    assert_true(has(say(f, again, "6"), "you drink 6 cups a day"));
    assert_true(has(say(f, again, "2"), "This sounds harmless"));
    assert_false(has(f->said, "cups a day"));
    /* a question in between is answered again */
    assert_true(has(say(f, ann, "how long does it last"), "Mostly a few days."));
    assert_true(has(say(f, again, "how long will it last"), "Mostly a few days."));
    /* what was told stays told */
    assert_true(has(say(f, ann, "my left arm is numb"), "Call 999 now."));
    say(f, again, "my left leg is fine");
    assert_int_equal(engine_session(f->engine, &ann, NULL)->told, LEVEL_EMERGENCY);
    say(f, ann, "stop");
    assert_string_equal(say(f, again, "stop it"), "");
}

static void an_emergency_is_told_in_that_turn(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "my left arm is numb"), "Call 999 now."));
    assert_false(has(f->said, "?"));
    assert_true(has(say(f, ann, "ok"), "Please call now."));
    assert_true(has(say(f, ann, "none of these"), "Please call now."));
    assert_int_equal(engine_session(f->engine, &ann, NULL)->told, LEVEL_EMERGENCY);
}

static void a_doubt_is_asked_again_and_is_no_no(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "maybe my face is drooping"), "Smile at a mirror"));
    assert_true(has(say(f, ann, "not sure"), "Any of these?")); /* the rest is still to be asked */
    assert_true(has(say(f, ann, "none"), "Please see a doctor today."));
    assert_true(has(f->said, "it stays unclear"));
}

static void a_screen_not_understood_is_taken_apart(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "qwxz"), "I did not get that."));
    assert_true(has(f->said, "Is one side of your face drooping?"));
    assert_true(has(say(f, ann, "no"), "Is an arm weak?"));
    assert_true(has(say(f, ann, "no"), "Did you have a fit?"));
    assert_true(has(say(f, ann, "no"), "How many cups"));
}

static void commands_work_everywhere(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "why"), "They can be serious."));
    assert_true(has(f->said, "Any of these?"));
    assert_true(has(say(f, ann, "how long does it last"), "Mostly a few days. (Source: Act FAST)"));
    assert_true(has(f->said, "Any of these?"));
    say(f, ann, "none");
    assert_true(has(say(f, ann, "back"), "One step back."));
    assert_true(has(f->said, "Any of these?"));
    assert_true(has(say(f, ann, "back"), "There is nothing to go back to."));
    assert_true(has(say(f, ann, "sources"), "https://example.org/fast"));
    say(f, ann, "none");
    assert_true(has(say(f, ann, "summary"), "No:* droop"));
    assert_true(has(say(f, ann, "restart"), "Hello."));
    assert_int_equal(frame_get(f->dialog, &engine_session(f->engine, &ann, NULL)->now, 1).state, VALUE_UNKNOWN);
    assert_true(has(say(f, ann, "delete my data"), "All gone."));
    assert_null(engine_session(f->engine, &ann, NULL));
    assert_true(has(say(f, ann, "hi"), "Hello."));
    assert_true(has(say(f, ann, "stop"), "Goodbye."));
}

static void numbers_pick_quick_replies(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    say(f, ann, "hi");
    assert_true(has(say(f, ann, "4"), "How many cups")); /* none of these */
    struct engine_from bob = in_private("bob@example.org");
    say(f, bob, "hi");
    assert_true(has(say(f, bob, "2"), "Call 999 now.")); /* the second sign */
}

static void silent_in_a_room_until_called(void **state) {
    struct fixture *f = *state;
    say(f, in_room("ann", false), "my arm is numb");
    assert_int_equal(f->count, 0);
    assert_true(has(say(f, in_room("ann", true), "hi"), "In private or here?"));
    assert_false(has(f->said, "Any of these?"));
    assert_true(has(say(f, in_room("ann", false), "here"), "Any of these?"));
    say(f, in_room("bob", false), "hello all");
    assert_int_equal(f->count, 0);
    say(f, in_room("ann", false), "@bob look at this");
    assert_int_equal(f->count, 0);
    assert_true(has(say(f, in_room("ann", false), "none"), "How many cups"));
    f->now_ms += INT64_C(31) * 60 * 1000; /* long ago: call again */
    say(f, in_room("ann", false), "6");
    assert_int_equal(f->count, 0);
    assert_true(has(say(f, in_room("ann", true), "6"), "This sounds harmless"));
}

static void a_talk_moves_to_private_with_what_is_known(void **state) {
    struct fixture *f = *state;
    assert_true(has(say(f, in_room("ann", true), "how many coffee is ok? i have 9 coffee"), "In private or here?"));
    assert_true(has(say(f, in_room("ann", false), "in private"), "I have written to you."));
    assert_true(has(f->said, "(aside) Here we are alone.\n\nAny of these?"));
    struct engine_from aside = in_private("clinic@rooms/ann");
    assert_true(has(say(f, aside, "none"), "This sounds harmless"));
    say(f, in_room("ann", false), "thanks all");
    assert_int_equal(f->count, 0); /* in the room the talk is over */
}

static void an_emergency_in_a_room_waits_for_no_offer(void **state) {
    struct fixture *f = *state;
    assert_true(has(say(f, in_room("ann", true), "my face is drooping"), "Call 999 now."));
    assert_false(has(f->said, "In private"));
}

static void a_discreet_room_sees_the_offer_and_an_emergency_only(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_room("ann", true);
    ann.discreet = true;
    for (int i = 0; i < 2; i++) { /* called by name alone, or with something said */
        assert_true(has(say(f, ann, i == 0 ? "" : "i have 9 coffee"), "Hello.") || i > 0);
        assert_true(has(f->said, "Only in private."));
        assert_int_equal(f->replies[f->count - 1].choice_count, 1);
        assert_true(str_equal(f->replies[f->count - 1].choices[0], STR("in private")));
        assert_false(f->replies[f->count - 1].numbered);
    }
    static const char *const more[] = {"here", "none", "2", "how long does it last"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        assert_string_equal(say(f, ann, more[i]), "Only in private.\n");
    assert_true(has(say(f, ann, "in private"), "I have written to you.\n(aside) Here we are alone."));
    /* what was said by the way is known */
    assert_true(has(say(f, in_private("clinic@rooms/ann"), "none"), "This sounds harmless"));
    struct engine_from bob = in_room("bob", true);
    bob.discreet = true;
    say(f, bob, "hi");
    assert_true(has(say(f, bob, "my arm is numb"), "Call 999 now."));
    assert_true(has(say(f, bob, "ok"), "Please call now."));
    assert_true(has(say(f, bob, "stop"), "Goodbye."));
}

static void everyone_has_their_own_talk(void **state) {
    struct fixture *f = *state;
    say(f, in_private("ann@example.org"), "hi");
    say(f, in_private("ann@example.org"), "none");
    assert_true(has(say(f, in_private("bob@example.org"), "hi"), "Any of these?"));
    assert_true(has(say(f, in_room("ann@example.org", true), "hi"), "In private or here?"));
    assert_int_equal(engine_session_count(f->engine), 3);
    engine_tick(f->engine, f->now_ms + INT64_C(2) * 3600 * 1000);
    assert_int_equal(engine_session_count(f->engine), 0);
}

static void any_bytes_get_an_answer(void **state) {
    struct fixture *f = *state;
    struct engine_from ann = in_private("ann@example.org");
    static char big[1 << 20];
    memset(big, 'x', sizeof big - 1);
    static const char *const messages[] = {"", " ", "\x01\x02", "\xff\xfe\x80", "\xe2\x80\xae" "abc", "\xf0\x9f\x98\x80", big};
    say(f, ann, "hi");
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        say(f, ann, messages[i]);
        assert_true(f->count > 0);
    }
    f->count = engine_message(f->engine, &ann, (struct str){"a\0b", 3}, f->now_ms, &f->replies);
    assert_true(f->count > 0);
    assert_non_null(engine_session(f->engine, &ann, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_whole_talk_in_private),
        TEST(corrections),
        TEST(an_emergency_is_told_in_that_turn),
        TEST(a_doubt_is_asked_again_and_is_no_no),
        TEST(a_screen_not_understood_is_taken_apart),
        TEST(commands_work_everywhere),
        TEST(numbers_pick_quick_replies),
        TEST(silent_in_a_room_until_called),
        TEST(a_talk_moves_to_private_with_what_is_known),
        TEST(an_emergency_in_a_room_waits_for_no_offer),
        TEST(a_discreet_room_sees_the_offer_and_an_emergency_only),
        TEST(everyone_has_their_own_talk),
        TEST(any_bytes_get_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
