/* Messages to the mini dialog, and what they tell in the light of what was asked. */
#include "test.h"

#include "core/buf.h"
#include "dialog/hear.h"
#include "dialog/json.h"

#include "dialog_fixture.h"

static const int64_t now_s = 1769860800; /* 2026-01-31T12:00:00Z */

static struct dialog *dialog;
static struct arena turn;

static int set_up(void **state) {
    (void)state;
    dialog = fixture_dialog();
    arena_init(&turn, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dialog_free(dialog);
    arena_finish(&turn);
    return 0;
}

/* A message, what was asked before it ("a b"), and what is heard ("a=yes b=3"), by name. */
struct example {
    const char *message, *asked, *heard;
};

static struct hearing hear_one(const char *message, const char *asked) {
    static uint16_t findings[16];
    struct asked a = {findings, 0};
    struct hearing h;
    struct str rest = str_of(asked);
    while (rest.len > 0) {
        findings[a.count] = dialog_find_finding(dialog, str_cut(&rest, ' '));
        assert_int_not_equal(findings[a.count], DIALOG_NONE);
        a.count++;
    }
    assert_true(hear(dialog, str_of(message), a, false, now_s, &turn, &h));
    return h;
}

static struct str heard_of(const struct hearing *h) {
    struct buf b;
    buf_init(&b, &turn);
    for (uint16_t f = 0; f < dialog->finding_count; f++)
        for (size_t i = 0; i < h->heard_count; i++)
            if (h->heard[i].finding == f) {
                buf_printf(&b, "%s%.*s=", b.len ? " " : "", STR_ARG(dialog->findings[f].name));
                json_add_value(&b, dialog, f, h->heard[i].value);
            }
    return b.len ? buf_str(&b) : STR("");
}

static void check(const struct example *examples, size_t count) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct hearing h = hear_one(examples[i].message, examples[i].asked);
        struct str got = heard_of(&h);
        if (!str_equal(got, str_of(examples[i].heard))) {
            print_error("\"%s\" asked \"%s\"\n    gave %.*s\n    not  %s\n", examples[i].message, examples[i].asked,
                        STR_ARG(got), examples[i].heard);
            wrong++;
        }
        arena_reset(&turn);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(...) \
    check((const struct example[]){__VA_ARGS__}, sizeof((const struct example[]){__VA_ARGS__}) / sizeof(struct example))

static void signs(void **state) {
    (void)state;
    CHECK({"my brakes are gone", "", "brake_failed=\"yes\""},
          {"no crack in the frame but the wheel wobbles", "", "frame_cracked=\"no\" wheel_loose=\"yes\""},
          {"maybe a crack in the frame", "", "frame_cracked=\"unsure\""}, {"what if the brake fails", "", ""},
          {"brakes are fine", "", "brake_failed=\"no\""}, {"the brakes might fail", "", "brake_failed=\"unsure\""},
          {"the brake fluid is gone", "", ""}, {"can't stop", "", "brake_failed=\"yes\""},
          {"how does a frame crack", "", ""}, {"hello", "", ""});
}

static void numbers_and_signs(void **state) {
    (void)state;
    CHECK({"the wheel is loose for two weeks", "", "wheel_loose=\"yes\" loose_days=14"},
          {"for 3 days", "", "loose_days=3"}, {"3 days", "wheel_loose", "loose_days=3"},
          {"yes, since yesterday", "wheel_loose", "wheel_loose=\"yes\" loose_days=1"},
          {"2 rides a day", "", "rides_per_week=14"}, {"I ride 3 times", "", "rides_per_week=3"},
          {"two rides and a weekend tour", "rides_per_week", "rides_per_week=4"},
          {"5, sorry, 6", "rides_per_week", "rides_per_week=6"});
}

static void single_answers(void **state) {
    (void)state;
    CHECK({"yes", "brake_failed", "brake_failed=\"yes\""}, {"nope", "brake_failed", "brake_failed=\"no\""},
          {"not sure", "brake_failed", "brake_failed=\"unsure\""}, {"maybe", "brake_failed", "brake_failed=\"unsure\""},
          {"no, the frame is cracked", "brake_failed", "brake_failed=\"no\" frame_cracked=\"yes\""},
          {"it does", "brake_failed", "brake_failed=\"yes\""}, {"never had any", "brake_failed", "brake_failed=\"no\""},
          {"3", "rides_per_week", "rides_per_week=3"}, {"none", "rides_per_week", "rides_per_week=0"},
          {"once or twice", "rides_per_week", "rides_per_week=2"}, {"every day", "rides_per_week", "rides_per_week=7"},
          {"a friend's", "whose", "whose=\"friend\""}, {"2", "squeak_place", "squeak_place=\"brake\""},
          {"chain, i meant the brake squeals", "squeak_place", "squeak_place=\"brake\""},
          {"oil and a wrench", "tools", "tools=[\"oil\",\"spanner\"]"}, {"no", "tools", "tools=[\"none\"]"},
          {"screwdriver", "tools", "tools=[\"other\"]"}, {"hmm what do you mean?", "tools", ""});
}

static void screens(void **state) {
    (void)state;
    const char *const all = "brake_failed frame_cracked wheel_loose";
    CHECK({"none", all, "brake_failed=\"no\" frame_cracked=\"no\" wheel_loose=\"no\""},
          {"all of them", all, "brake_failed=\"yes\" frame_cracked=\"yes\" wheel_loose=\"yes\""},
          {"the second one", all, "frame_cracked=\"yes\""},
          {"1 and 3", all, "brake_failed=\"yes\" wheel_loose=\"yes\""}, {"the last one", all, "wheel_loose=\"yes\""},
          {"only the wheel thing", all, "brake_failed=\"no\" frame_cracked=\"no\" wheel_loose=\"yes\""},
          {"all except the crack", all, "brake_failed=\"yes\" frame_cracked=\"no\" wheel_loose=\"yes\""},
          {"no, only the brake fails", all, "brake_failed=\"yes\" frame_cracked=\"no\" wheel_loose=\"no\""},
          {"yes", all, ""}, {"the wheel wobbles", all, "wheel_loose=\"yes\""},
          {"not sure", all, "brake_failed=\"unsure\" frame_cracked=\"unsure\" wheel_loose=\"unsure\""});
}

static void range(void **state) {
    (void)state;
    struct hearing h = hear_one("500", "rides_per_week");
    assert_true(h.out_of_range);
    assert_int_equal(h.heard_count, 0);
    assert_false(h.answered);
    h = hear_one("50", "rides_per_week");
    assert_false(h.out_of_range);
    assert_true(h.answered);
}

static void requests(void **state) {
    (void)state;
    assert_int_equal(hear_one("help", "").command, COMMAND_HELP);
    assert_int_equal(hear_one("why do you ask", "").command, COMMAND_WHY);
    assert_int_equal(hear_one("please stop", "").command, COMMAND_STOP);
    assert_int_equal(hear_one("the brakes stop squeaking", "").command, -1);
    assert_true(hear_one("hi there", "").social);
    assert_true(hear_one("thank you", "").social);
    assert_false(hear_one("thanks, the brake fails", "").social);
    assert_int_equal(hear_one("hello", "").topic, DIALOG_NONE);
}

static void passed_over(void **state) {
    (void)state;
    struct hearing h = hear_one("the brake fluid is gone", "");
    assert_true(h.passed_count > 0);
    assert_int_equal(h.passed[0].context, 0);
    h = hear_one("what if the brake fails", "");
    assert_true(h.passed_count > 0);
    assert_true(h.passed[0].context & CONTEXT_SUPPOSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(signs),          cmocka_unit_test(numbers_and_signs),
                                       cmocka_unit_test(single_answers), cmocka_unit_test(screens),
                                       cmocka_unit_test(range),          cmocka_unit_test(requests),
                                       cmocka_unit_test(passed_over)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
