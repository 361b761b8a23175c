#include "test.h"

#include "core/buf.h"
#include "dialog_fixture.h"

/* Guards as they are parsed: written out again with every bracket, and what is wrong with the rest, at which column. The guard is
 * the condition `probe` of the mini dialog. */

static const char *const op_words[] = {
    [GUARD_ALWAYS] = "always",
    [GUARD_NEVER] = "never",
    [GUARD_LESS] = "<",
    [GUARD_LESS_EQUAL] = "<=",
    [GUARD_MORE] = ">",
    [GUARD_MORE_EQUAL] = ">=",
    [GUARD_EQUAL] = "=",
    [GUARD_UNSURE] = "unsure",
    [GUARD_KNOWN] = "known",
    [GUARD_UNKNOWN] = "unknown",
    [GUARD_STILL_UNSURE] = "still",
    [GUARD_AND] = "and",
    [GUARD_OR] = "or",
    [GUARD_NOT] = "not",
    [GUARD_AT_LEAST] = "at-least",
};

static const struct guard_node *write_node(struct buf *b, const struct dialog *d, const struct guard_node *n) {
    const struct guard_node *end = n + n->span;
    const struct finding *f = &d->findings[n->finding];
    switch ((enum guard_op)n->op) {
    case GUARD_ALWAYS:
    case GUARD_NEVER:
        buf_printf(b, "%s", op_words[n->op]);
        break;
    case GUARD_LEVEL:
        buf_printf(b, "level %s", level_name((enum level)n->number));
        break;
    case GUARD_NOT:
    case GUARD_AND:
    case GUARD_OR:
    case GUARD_AT_LEAST:
        buf_printf(b, "(%s", op_words[n->op]);
        if (n->op == GUARD_AT_LEAST)
            buf_printf(b, " %g", (double)n->number);
        const struct guard_node *child = n + 1;
        for (unsigned i = 0; i < n->children; i++) {
            buf_add_char(b, ' ');
            child = write_node(b, d, child);
        }
        assert_ptr_equal(child, end);
        buf_add_char(b, ')');
        break;
    case GUARD_YES:
        buf_add(b, f->name);
        break;
    case GUARD_IS:
        buf_printf(b, "%.*s:%.*s", STR_ARG(f->name), STR_ARG(f->options[(int)n->number].name));
        break;
    case GUARD_HAS:
        buf_printf(b, "%.*s&%g", STR_ARG(f->name), (double)n->number);
        break;
    case GUARD_LESS:
    case GUARD_LESS_EQUAL:
    case GUARD_MORE:
    case GUARD_MORE_EQUAL:
    case GUARD_EQUAL:
        buf_printf(b, "%.*s%s%g", STR_ARG(f->name), op_words[n->op], (double)n->number);
        break;
    default:
        buf_printf(b, "%.*s?%s", STR_ARG(f->name), op_words[n->op]);
        break;
    }
    return end;
}

static struct dialog *load_probe(struct fixture *f, const char *guard) {
    fixture_open(f);
    fixture_edit(
        f, "conditions.yaml", "danger_sign:",
        arena_printf(&f->arena, "probe: %s\nin_list: any of brake_failed, frame_cracked\ndanger_sign:", guard).ptr);
    fixture_edit(f, "triage-second.yaml", "when: frame_cracked is known",
                 "when: probe and in_list and frame_cracked is known");
    return fixture_load(f);
}

struct good {
    const char *guard, *tree;
};

static const struct good good[] = {
    {"brake_failed", "brake_failed"},
    {"not brake_failed", "(not brake_failed)"},
    {"not not brake_failed", "brake_failed"},
    {"brake_failed is unsure", "brake_failed?unsure"},
    {"brake_failed is still unsure", "brake_failed?still"},
    {"brake_failed is unknown", "brake_failed?unknown"},
    {"brake_failed is known", "brake_failed?known"},
    {"brake_failed is not unsure", "(not brake_failed?unsure)"},
    {"not brake_failed is unsure", "(not brake_failed?unsure)"},
    {"rides_per_week is still unsure", "rides_per_week?still"},
    {"tools is known", "tools?known"},
    {"squeak_place is chain", "squeak_place:chain"},
    {"squeak_place is not chain", "(not squeak_place:chain)"},
    {"tools has spanner", "tools&2"},
    {"tools has any of oil, other", "tools&5"},
    {"tools has none", "(not tools&7)"},
    {"rides_per_week > 4", "rides_per_week>4"},
    {"rides_per_week>=4", "rides_per_week>=4"},
    {"rides_per_week < 4.5", "rides_per_week<4.5"},
    {"rides_per_week <= 0", "rides_per_week<=0"},
    {"rides_per_week = 7", "rides_per_week=7"},
    {"brake_failed and frame_cracked", "(and brake_failed frame_cracked)"},
    {"brake_failed and frame_cracked and wheel_loose", "(and brake_failed frame_cracked wheel_loose)"},
    {"brake_failed or frame_cracked and wheel_loose", "(or brake_failed (and frame_cracked wheel_loose))"},
    {"(brake_failed or frame_cracked) and wheel_loose", "(and (or brake_failed frame_cracked) wheel_loose)"},
    {"not (brake_failed or wheel_loose)", "(not (or brake_failed wheel_loose))"},
    {"not brake_failed and wheel_loose", "(and (not brake_failed) wheel_loose)"},
    {"((brake_failed))", "brake_failed"},
    {"any of brake_failed, not frame_cracked, rides_per_week > 3",
     "(or brake_failed (not frame_cracked) rides_per_week>3)"},
    {"at least 2 of brake_failed, frame_cracked, wheel_loose", "(at-least 2 brake_failed frame_cracked wheel_loose)"},
    {"at least 2 of (brake_failed and frame_cracked), (any of wheel_loose, frame_cracked)",
     "(at-least 2 (and brake_failed frame_cracked) (or wheel_loose frame_cracked))"},
    {"wheel_loose and any of brake_failed, frame_cracked", "(and wheel_loose (or brake_failed frame_cracked))"},
    {"(any of brake_failed, frame_cracked) and wheel_loose", "(and (or brake_failed frame_cracked) wheel_loose)"},
    {"in_list", "(or brake_failed frame_cracked)"},
    {"not in_list and wheel_loose", "(and (not (or brake_failed frame_cracked)) wheel_loose)"},
    {"at least 1 of in_list, in_list", "(at-least 1 (or brake_failed frame_cracked) (or brake_failed frame_cracked))"},
    {"level is urgent", "level urgent"},
    {"level is self_care or always", "(or level self_care always)"},
    {"never", "never"},
    {"'brake_failed'", "brake_failed"},
    {"\"brake_failed\\tor\\nwheel_loose\"", "(or brake_failed wheel_loose)"},
    {">\n  brake_failed\n  or wheel_loose", "(or brake_failed wheel_loose)"},
    {"brake_failed\n  or\n  wheel_loose", "(or brake_failed wheel_loose)"},
};

static void guards_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct fixture f;
        struct dialog *d = load_probe(&f, good[i].guard);
        if (!d)
            fail_msg("%s: %.*s", good[i].guard, STR_ARG(f.problems.items[0].message));
        struct buf b;
        buf_init(&b, &f.arena);
        const struct guard *g = &d->rules[dialog_find_rule(d, STR("E2"))].when;
        assert_int_equal(g->nodes[0].op, GUARD_AND);
        assert_int_equal(g->nodes[0].span, g->count);
        write_node(&b, d, &g->nodes[1]);
        assert_str(buf_str(&b), good[i].tree);
        dialog_free(d);
        fixture_close(&f);
    }
}

struct bad {
    const char *guard;
    unsigned line, column; /* in conditions.yaml; "probe: " takes 7 columns */
    const char *message;
};

static const struct bad bad[] = {
    {"brake_faild", 1, 8, "no finding or condition named \"brake_faild\"; did you mean \"brake_failed\"?"},
    {"brake_failed and danger_sig", 1, 25,
     "no finding or condition named \"danger_sig\"; did you mean \"danger_sign\"?"},
    {"zebra", 1, 8, "no finding or condition named \"zebra\""},
    {"brake_failed frame_cracked", 1, 21, "\"and\" or \"or\" is expected here, not \"frame_cracked\""},
    {"brake_failed and", 1, 24, "the guard ends where a finding or a condition is expected"},
    {"not", 1, 11, "the guard ends where a finding or a condition is expected"},
    {"and brake_failed", 1, 8, "a finding or a condition is expected here, not \"and\""},
    {"brake_failed or or wheel_loose", 1, 24, "a finding or a condition is expected here, not \"or\""},
    {"(brake_failed or wheel_loose", 1, 8, "a ( without its )"},
    {"brake_failed)", 1, 20, "\"and\" or \"or\" is expected here, not \")\""},
    {"(brake_failed wheel_loose)", 1, 22, "\"and\", \"or\" or \")\" is expected here, not \"wheel_loose\""},
    {"()", 1, 9, "a finding or a condition is expected here, not \")\""},
    {"brake_failed; wheel_loose", 1, 20, "\"and\" or \"or\" is expected here, not \";\""},
    {"brake_failed \xe2\x82\xac", 1, 21, "\"and\" or \"or\" is expected here, not \"\xe2\x82\xac\""},
    {"brake_failed > 3", 1, 21, "\"brake_failed\" is a yes or no; only a number can be compared"},
    {"squeak_place > 3", 1, 21, "\"squeak_place\" is a choice; only a number can be compared"},
    {"brake_failed is yes", 1, 24,
     "\"brake_failed\" is a yes or no, not a choice; write it alone, or with \"not\" before it"},
    {"rides_per_week is 5", 1, 26, "\"rides_per_week\" is a number, not a choice; compare it with < <= = >= >"},
    {"tools is oil", 1, 17, "\"tools\" is a set, not a choice; write \"has\""},
    {"squeak_place is chian", 1, 24, "\"squeak_place\" has no value \"chian\"; did you mean \"chain\"?"},
    {"squeak_place is", 1, 23, "the guard ends where unsure, known, unknown or a value is expected"},
    {"squeak_place is still", 1, 29, "the guard ends where unsure, known, unknown or a value is expected"},
    {"squeak_place is still chain", 1, 30, "\"unsure\" is expected here, not \"chain\""},
    {"squeak_place has chain", 1, 8, "\"squeak_place\" is a choice; only a set has values"},
    {"tools has sapnner", 1, 18, "\"tools\" has no value \"sapnner\"; did you mean \"spanner\"?"},
    {"tools has any oil", 1, 22, "\"of\" is expected here, not \"oil\""},
    {"tools has any of oil, sponner", 1, 30, "\"tools\" has no value \"sponner\"; did you mean \"spanner\"?"},
    {"tools has any of oil, spanner and brake_failed", 1, 38,
     "put ( ) around the list before \"and\", so that it is clear where it ends"},
    {"squeak_place", 1, 8, "\"squeak_place\" is a choice; say what it should be: \"squeak_place is ...\""},
    {"tools", 1, 8, "\"tools\" is a set; say what it should be: \"tools has ...\""},
    {"rides_per_week and brake_failed", 1, 8,
     "\"rides_per_week\" is a number; say what it should be: \"rides_per_week > ...\""},
    {"rides_per_week > many", 1, 25, "a number is expected here, not \"many\""},
    {"rides_per_week > 3x", 1, 25, "a number is expected here, not \"3x\""},
    {"rides_per_week => 3", 1, 23, "< <= = >= or > is expected here, not \"=>\""},
    {"rides_per_week == 3", 1, 23, "< <= = >= or > is expected here, not \"==\""},
    {"any brake_failed", 1, 12, "\"of\" is expected here, not \"brake_failed\""},
    {"any of brake_failed, wheel_loose and frame_cracked", 1, 41,
     "put ( ) around the list before \"and\", so that it is clear where it ends"},
    {"any of brake_failed, any of wheel_loose, frame_cracked", 1, 29, "put ( ) around a list inside a list"},
    {"any of brake_failed,", 1, 28, "the guard ends where a finding or a condition is expected"},
    {"at least two of brake_failed, wheel_loose", 1, 17, "a number from 1 up is expected here, not \"two\""},
    {"at least 0 of brake_failed, wheel_loose", 1, 17, "a number from 1 up is expected here, not \"0\""},
    {"at least 3 of brake_failed, wheel_loose", 1, 17, "at least 3 of 2 can never be"},
    {"at most 3 of brake_failed, wheel_loose", 1, 11, "\"least\" is expected here, not \"most\""},
    {"level is emergncy", 1, 17, "no level is called \"emergncy\"; did you mean \"emergency\"?"},
    {"level > urgent", 1, 14, "\"is\" is expected here, not \">\""},
    {"probe", 1, 8, "the condition \"probe\" refers to itself, directly or by way of others"},
    {"", 1, 7, "a text is missing here"},
    {"[brake_failed]", 1, 8, "a text is expected here, not a list"},
    /* Places inside other ways of writing a text. */
    {"'brake_failed or whel_loose'", 1, 25,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
    {"\"brake_failed or whel_loose\"", 1, 25,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
    {"\"brake\\x5ffailed or whel_loose\"", 1, 28,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
    {"brake_failed\n\n  or whel_loose", 3, 6,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
    {">\n  brake_failed\n  or whel_loose", 3, 6,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
    {"|  # why\n  brake_failed\n  or whel_loose", 3, 6,
     "no finding or condition named \"whel_loose\"; did you mean \"wheel_loose\"?"},
};

static const struct problem *problem_of(const struct problems *p, const char *message) {
    for (size_t i = 0; i < p->count; i++)
        if (str_equal(p->items[i].message, str_of(message)))
            return &p->items[i];
    return NULL;
}

static void problems_have_their_column(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fixture f;
        assert_null(load_probe(&f, bad[i].guard));
        const struct problem *p = problem_of(&f.problems, bad[i].message);
        if (!p)
            fail_msg("%s: not \"%s\" but \"%.*s\"", bad[i].guard, bad[i].message, STR_ARG(f.problems.items[0].message));
        assert_str(p->file, "conditions.yaml");
        if (p->line != bad[i].line || p->column != bad[i].column)
            fail_msg("%s: at %u:%u", bad[i].guard, p->line, p->column);
        if (f.problems.count > 1) /* one mistake, one problem */
            fail_msg("%s: also \"%.*s\"", bad[i].guard, STR_ARG(f.problems.items[1].message));
        fixture_close(&f);
    }
}

/* ---- bounds ---- */

static char *repeated(struct fixture *f, const char *head, const char *part, unsigned times, const char *tail) {
    struct buf b;
    buf_init(&b, &f->arena);
    buf_printf(&b, "%s", head);
    for (unsigned i = 0; i < times; i++)
        buf_printf(&b, "%s", part);
    buf_printf(&b, "%s", tail);
    return b.ptr;
}

static void assert_one_problem(struct fixture *f, const char *message) {
    assert_null(fixture_load(f));
    if (!problem_of(&f->problems, message))
        fail_msg("not \"%s\" but \"%.*s\"", message, STR_ARG(f->problems.items[0].message));
    fixture_close(f);
}

static void deep_brackets(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml", "danger_sign: ", repeated(&f, "danger_sign: ", "(", 300000, "x "));
    assert_one_problem(&f, "brackets are nested too deep");

    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml", "danger_sign: ", repeated(&f, "danger_sign: ", "any of (", 60000, "x "));
    assert_one_problem(&f, "brackets are nested too deep");

    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml", "danger_sign: ", repeated(&f, "danger_sign: ", "not ", 100000, ""));
    struct dialog *d = fixture_load(&f);
    assert_non_null(d);
    dialog_free(d);
    fixture_close(&f);
}

static void long_chains(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml",
                 "danger_sign: ", repeated(&f, "danger_sign: brake_failed", " or wheel_loose", 20000, "\nx: "));
    assert_one_problem(&f, "the guard is too large, with its conditions opened");
}

/* Each condition twice the one before: a billion laughs. */
static void conditions_that_double(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct buf b;
    buf_init(&b, &f.arena);
    buf_add(&b, *fixture_file(&f, "conditions.yaml"));
    buf_printf(&b, "c0: brake_failed and wheel_loose\n");
    for (int i = 1; i < 40; i++)
        buf_printf(&b, "c%d: c%d and c%d\n", i, i - 1, i - 1);
    fixture_put(&f, "conditions.yaml", b.ptr);
    assert_one_problem(&f, "the guard is too large, with its conditions opened");
}

static void conditions_in_a_long_row(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct buf b;
    buf_init(&b, &f.arena);
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "c%d: c%d\n", i, i + 1);
    buf_printf(&b, "c5000: brake_failed\n");
    buf_add(&b, *fixture_file(&f, "conditions.yaml"));
    fixture_put(&f, "conditions.yaml", b.ptr);
    assert_one_problem(&f, "conditions stand inside each other too deep at \"c12\"");
}

static void conditions_in_a_circle(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "conditions.yaml",
                 "danger_sign:", "a: b or brake_failed\nb: not c\nc: always and a\ndanger_sign:");
    assert_one_problem(&f, "the condition \"a\" refers to itself, directly or by way of others");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guards_are_read),        cmocka_unit_test(problems_have_their_column),
        cmocka_unit_test(deep_brackets),          cmocka_unit_test(long_chains),
        cmocka_unit_test(conditions_that_double), cmocka_unit_test(conditions_in_a_long_row),
        cmocka_unit_test(conditions_in_a_circle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
