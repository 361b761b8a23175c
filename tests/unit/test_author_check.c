#include "test.h"

#include "author/check.h"
#include "dialog_fixture.h"

static struct str report(struct fixture *f, void (*write)(struct buf *, struct str, const struct problems *)) {
    struct buf b;
    buf_init(&b, &f->arena);
    write(&b, STR("some/where/"), &f->problems);
    return buf_str(&b);
}

static void problems_as_lines(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml", "any of brake_failed", "any of brake_faild");
    fixture_edit(&f, "dialog.yaml", "start: hello\n", "");
    assert_null(fixture_load(&f));
    assert_str(report(&f, check_report), "some/where: no \"start\" in dialog.yaml\n"
                                         "some/where/conditions.yaml:1:21: no finding or condition named "
                                         "\"brake_faild\"; did you mean \"brake_failed\"?\n"
                                         "2 problems\n");
    fixture_close(&f);
}

static void one_problem(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "dialog.yaml", "start: hello\n", "");
    assert_null(fixture_load(&f));
    assert_str(report(&f, check_report), "some/where: no \"start\" in dialog.yaml\n1 problem\n");
    fixture_close(&f);
}

static void too_many_to_show(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < LOAD_PROBLEMS_MAX + 11; i++)
        problems_add(&f.problems, STR("says.yaml"), (unsigned)i + 1, 1, "no. %d", i);
    struct str text = report(&f, check_report);
    assert_int_not_equal(str_find(text, STR("says.yaml:100:1: no. 99\n111 problems, the first 100 of them shown\n")),
                         SIZE_MAX);
    fixture_close(&f);
}

static void nothing_to_report(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    assert_int_equal(report(&f, check_report).len, 0);
    fixture_close(&f);
}

/* ---- style ---- */

static const struct remark {
    const char *file, *old, *new, *remarks;
} remarks[] = {
    {"says.yaml", "Ride well.", "Ride very well.", ""},
    {"says.yaml", "Ride well.",
     "\"Good. One two three four five six seven eight nine ten one two three four five six seven eight nine ten (yes) "
     "more.\"",
     "some/where/says.yaml:9:14: remark: a sentence of more than 20 words: \"One two three four five six seven eight "
     "nine ten one two "
     "thr...\"\n1 remark\n"},
    {"says.yaml", "Ride well.",
     "One two three four five six seven eight nine ten, one two 3.5 four five six seven - eight nine ten.", ""},
    {"says.yaml", "Ride well.", "\"Is it? Is it?\"", ""},
    {"says.yaml", " {club}.", " base.", "some/where/places.yaml: remark: no wording fills in {club}\n1 remark\n"},
    {"findings.yaml", "Is there a crack in the frame?", "Is there a crack? Or a bump?",
     "some/where/findings.yaml:16:35: remark: more than one question: \"Is there a crack? Or a bump?\"\n1 remark\n"},
    {"findings.yaml", "brakes work]", "brakes work, the brakes work well]",
     "some/where/findings.yaml:9:38: remark: \"the brakes work well\" adds nothing: where it is said, \"brakes work\" "
     "is heard already\n"
     "1 remark\n"},
    {"findings.yaml", "[brake fails, brakes", "[the brake fails badly, brake fails, front brake fails, brakes",
     "some/where/findings.yaml:8:9: remark: \"the brake fails badly\" adds nothing: where it is said, \"brake fails\" "
     "is heard already; "
     "so with 1 more of this list\n1 remark\n"},
    {"topics.yaml", "  ask: [what is dear]\n", "  ask: [what is dear, what does it cost]\n",
     "some/where/topics.yaml:8:23: remark: another topic always answers \"what does it cost\" before this one\n1 "
     "remark\n"},
    {"topics.yaml", "  ask: [what does it cost,", "  if: tools has oil\n  ask: [what is dear, what does it cost,", ""},
};

/* The mini dialog has two topics for one phrase, and a place key without use, on purpose: they are put right first. */
static void style(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) {
        const struct remark *r = &remarks[i];
        struct fixture f;
        fixture_open(&f);
        fixture_edit(&f, "topics.yaml", "  ask: [what does it cost]\n", "  ask: [what is dear]\n");
        fixture_edit(&f, "says.yaml", "back: One step back.", "back: One step back, to {club}.");
        fixture_edit(&f, r->file, r->old, r->new);
        struct dialog *d = fixture_load(&f);
        if (!d)
            fail_msg("%s: %.*s", r->new, STR_ARG(f.problems.items[0].message));
        check_style(d, f.files, f.count, &f.problems);
        assert_str(report(&f, check_report_style), r->remarks);
        dialog_free(d);
        fixture_close(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_as_lines), cmocka_unit_test(one_problem), cmocka_unit_test(too_many_to_show),
        cmocka_unit_test(nothing_to_report), cmocka_unit_test(style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
