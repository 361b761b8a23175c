/* The fast look at all rules against the plain walk over each rule's tree: random talks through the real dialog and the small one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialog/load.h"
#include "dialog/triage.h"
#include "dialog_fixture.h"

enum { TALKS = 150, ANSWERS = 40, CHANGES_MAX = 3 };

static uint32_t seed;
static unsigned pick(unsigned below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 10) % below;
}

static struct value random_value(const struct finding *f) {
    unsigned values = f->kind == FINDING_YESNO ? 2 : f->option_count ? f->option_count : 1;
    if (pick(8) == 0)
        return (struct value){pick(2) ? VALUE_UNSURE : VALUE_STILL_UNSURE, 0};
    if (f->kind == FINDING_NUMBER)
        return (struct value){VALUE_KNOWN, f->low + (float)pick((unsigned)(f->high - f->low) + 1) / (float)(1u << pick(6))};
    return (struct value){VALUE_KNOWN, (float)pick(f->kind == FINDING_SET ? 1u << values : values)};
}

/* ---- the plain reading ---- */

struct plain {
    enum level level;
    uint16_t fired[DIALOG_RULES_MAX];
    size_t fired_count;
    struct finding_set needs[LEVEL_EMERGENCY + 1];
};

static void read_plainly(const struct view *v, struct plain *out) {
    memset(out, 0, sizeof *out);
    for (uint16_t r = 0; r < v->dialog->rule_count; r++) {
        const struct rule *rule = &v->dialog->rules[r];
        enum kleene k = guard_needs(&rule->when, v, &out->needs[rule->level]);
        assert_int_equal(k, guard_eval(&rule->when, v));
        if (k != KLEENE_YES || (rule->level < LEVEL_ROUTINE && out->level > rule->level))
            continue;
        out->fired[out->fired_count++] = r;
        if (rule->level > out->level)
            out->level = rule->level;
    }
}

static void compare_all(struct triage_watch *w, const struct plain *plain) {
    struct triage fast;
    enum level fires = plain->level > LEVEL_SELF_CARE ? plain->level : LEVEL_SELF_CARE;
    triage_eval(w, pick(2) ? fires : LEVEL_EMERGENCY, &fast);
    size_t kept = plain->fired_count < TRIAGE_FIRED_MAX ? plain->fired_count : TRIAGE_FIRED_MAX;
    assert_int_equal(fast.level, plain->level);
    assert_int_equal(fast.fired_count, kept);
    assert_memory_equal(fast.fired, plain->fired, kept * sizeof fast.fired[0]);
}

/* One rule at a time, beginning anywhere. */
static void compare_rules(struct triage_watch *w, const struct view *v) {
    uint16_t count = v->dialog->rule_count, first = (uint16_t)pick(count);
    for (uint16_t i = 0; i < count; i++) {
        uint16_t r = (uint16_t)((first + i) % count);
        assert_int_equal(triage_fires(w, r), guard_eval(&v->dialog->rules[r].when, v) == KLEENE_YES);
    }
}

static void compare_set(const struct dialog *d, const struct slot_set *slots, const struct finding_set *plain) {
    for (uint16_t f = 0; f < d->finding_count; f++)
        assert_int_equal(slot_set_has(slots, d->findings[f].slot), finding_set_has(plain, f));
}

static void compare_needs(struct triage_watch *w, const struct dialog *d, const struct plain *plain) {
    for (enum level level = LEVEL_SELF_CARE; level <= LEVEL_EMERGENCY; level++) {
        if (pick(2))
            compare_set(d, triage_needs(w, level), &plain->needs[level]);
        struct slot_set some = {{0}};
        struct finding_set both = {{0}};
        for (uint16_t f = 0; f < d->finding_count; f++) {
            if (pick(4))
                continue;
            slot_set_add(&some, d->findings[f].slot);
            if (finding_set_has(&plain->needs[level], f))
                finding_set_add(&both, f);
        }
        struct slot_set of_some = triage_needs_of(w, level, &some);
        compare_set(d, &of_some, &both);
        compare_set(d, triage_needs(w, level), &plain->needs[level]);
    }
}

/* Every guard that a dialog has, by atoms and by the frame; and what they wait for. */
static void compare_guard(const struct guard *g, const struct view *plain, const struct view *fast) {
    struct finding_set one = {{0}}, other = {{0}};
    assert_int_equal(guard_eval(g, plain), guard_eval(g, fast));
    assert_int_equal(guard_needs(g, plain, &one), guard_needs(g, fast, &other));
    assert_memory_equal(&one, &other, sizeof one);
}

static void compare_guards(const struct view *plain, const struct view *fast) {
    const struct dialog *d = plain->dialog;
    for (uint16_t i = 0; i < d->rule_count; i++)
        compare_guard(&d->rules[i].when, plain, fast);
    for (uint16_t i = 0; i < d->finding_count; i++)
        compare_guard(&d->findings[i].only_if, plain, fast);
    for (uint16_t i = 0; i < d->cause_count; i++)
        for (uint16_t k = 0; k < d->causes[i].point_count; k++)
            compare_guard(&d->causes[i].points[k].only_if, plain, fast);
    for (uint16_t i = 0; i < d->remedy_count; i++) {
        compare_guard(&d->remedies[i].only_if, plain, fast);
        for (uint16_t k = 0; k < d->remedies[i].caution_count; k++)
            compare_guard(&d->remedies[i].cautions[k].only_if, plain, fast);
    }
    for (uint16_t i = 0; i < d->state_count; i++)
        for (uint16_t k = 0; k < d->states[i].next_count; k++)
            compare_guard(&d->states[i].next[k].only_if, plain, fast);
    for (uint16_t i = 0; i < d->always_count; i++)
        compare_guard(&d->always[i].only_if, plain, fast);
    compare_guard(&d->about_other, plain, fast);
}

/* What is unknown or unsure can be asked, unless its `if` is no; what has an open `if` waits for that. */
static void compare_known(const struct known *known, const struct view *v) {
    for (uint16_t f = 0; f < v->dialog->finding_count; f++) {
        enum value_state state = frame_get(v->dialog, v->frame, f).state;
        uint16_t slot = v->dialog->findings[f].slot;
        enum kleene only_if = state == VALUE_UNKNOWN ? guard_eval(&v->dialog->findings[f].only_if, v) : KLEENE_YES;
        assert_int_equal(slot_set_has(&known->said, slot), state != VALUE_UNKNOWN);
        assert_int_equal(slot_set_has(&known->unsure, slot), state == VALUE_UNSURE);
        assert_int_equal(slot_set_has(&known->waiting, slot), only_if == KLEENE_OPEN);
        assert_int_equal(slot_set_has(&known->askable, slot), state <= VALUE_UNSURE && only_if == KLEENE_YES);
    }
}

/* A few findings have changed; *reached: the rule of the highest level that fired before, or DIALOG_NONE. */
static void compare(const struct view *v, const uint16_t *changed, size_t count, uint16_t *reached) {
    struct plain plain;
    struct triage_watch w;
    read_plainly(v, &plain);
    triage_watch_start(&w, v);
    enum level before = *reached == DIALOG_NONE ? LEVEL_NONE : v->dialog->rules[*reached].level;
    if (*reached == DIALOG_NONE || triage_fires(&w, *reached)) {
        uint16_t rising = triage_rising(&w, changed, count, before);
        assert_int_equal(rising != DIALOG_NONE, plain.level > before);
        if (rising != DIALOG_NONE)
            assert_int_equal(v->dialog->rules[rising].level, plain.level);
    }
    *reached = plain.fired_count > 0 ? plain.fired[0] : DIALOG_NONE;
    switch (pick(3)) { /* each can be the first to look */
    case 0:
        compare_all(&w, &plain);
        break;
    case 1:
        compare_needs(&w, v->dialog, &plain);
        break;
    default:
        break;
    }
    compare_rules(&w, v);
    compare_needs(&w, v->dialog, &plain);
    compare_all(&w, &plain);
    compare_guards(v, &w.view);
    compare_known(&w.known, v);
}

/* A talk: one message after another with a few answers, some of them taken back. */
static void play(const struct dialog *d) {
    struct frame frame = {{0}};
    struct view v = {d, &frame, LEVEL_NONE, NULL};
    uint16_t reached = DIALOG_NONE;
    compare(&v, NULL, 0, &reached);
    for (unsigned i = 0; i < ANSWERS; i++) {
        uint16_t changed[CHANGES_MAX];
        size_t count = 1 + pick(CHANGES_MAX);
        for (size_t k = 0; k < count; k++) {
            uint16_t f = changed[k] = (uint16_t)pick(d->finding_count);
            struct value answer = random_value(&d->findings[f]);
            if (d->findings[f].kind == FINDING_YESNO && pick(3))
                answer = VALUE_NO;
            frame_set(d, &frame, f, pick(20) ? answer : (struct value){VALUE_UNKNOWN, 0});
        }
        if (pick(10) == 0 && v.told < LEVEL_EMERGENCY)
            v.told++;
        compare(&v, changed, count, &reached);
    }
}

static void play_talks(const struct dialog *d) {
    assert_non_null(d);
    for (unsigned talk = 0; talk < TALKS; talk++) {
        seed = talk * 7919 + 1;
        play(d);
    }
}

static void play_folder(const char *dir) {
    struct problems p;
    problems_init(&p);
    struct dialog *d = dialog_load_dir(dir, &p);
    play_talks(d);
    dialog_free(d);
    problems_finish(&p);
}

static void lip_twitching_agrees_with_the_plain_walk(void **state) {
    (void)state;
    play_folder("dialogs/lip-twitching");
}

static void the_small_dialogs_agree_with_the_plain_walk(void **state) {
    (void)state;
    play_folder("tests/data/mini");
    play_folder("dialogs/hiccups");
}

/* What the dialogs do not have: an `if` that another depends on, rules that an `else` makes fire, levels in guards, guards too large for the normal
 * form, numbers at their bounds. */
static void odd_guards_agree_with_the_plain_walk(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    *fixture_file(&f, "findings-odd.yaml") = STR(
        "bell: {kind: yesno, short: a bell, ask: Is there a bell?, yes: [bell rings]}\n"
        "bell_loud: {kind: yesno, short: a loud bell, ask: Is it loud?, yes: [loud bell], if: bell, else: no}\n"
        "bell_far: {kind: yesno, short: heard from afar, ask: From afar?, yes: [far bell], if: bell_loud and bell is known, else: no}\n"
        "bell_age: {kind: number, short: its age, ask: How old is it?, unit: years, measure: years, range: [0, 90], if: bell_far or bell is unsure, else: 4}\n"
        "late: {kind: yesno, short: late, ask: Are you late?, yes: [being late], if: level is urgent, else: yes}\n"
        "gears: {kind: number, short: gears, ask: How many gears?, unit: gears, measure: count, range: [0, 4000]}\n"
        "pump: {kind: yesno, short: a pump, ask: Is there a pump?, yes: [pump works]}\n");
    *fixture_file(&f, "triage-odd.yaml") = STR(
        "O1: {level: emergency, when: not bell_loud and pump, because: x, sources: [Manual], basis: source}\n"
        "O2: {level: urgent, when: not bell_far and gears > 21, because: x, sources: [Manual], basis: source}\n"
        "O3: {level: routine, when: bell_age = 4, because: x, sources: [Manual], basis: source}\n"
        "O4: {level: routine, when: level is routine and pump is unsure, because: x, sources: [Manual], basis: source}\n"
        "O5: {level: urgent, when: late and gears < 3, because: x, sources: [Manual], basis: source}\n"
        "O6: {level: emergency, when: gears = 7 or gears >= 500 and bell_age <= 10, because: x, sources: [Manual], basis: source}\n"
        "O7: {level: urgent, when: (bell and pump and gears > 1) or (bell_loud and gears > 3 and late) or (bell_far and pump is known and gears > 5) or (bell_age > 2 and bell and late),"
        " because: x, sources: [Manual], basis: source}\n"
        "O8: {level: routine, when: bell is unknown and pump is known, because: x, sources: [Manual], basis: source}\n"
        "O9: {level: urgent, when: \"not at least 2 of bell_far, pump, gears > 0.5\", because: x, sources: [Manual], basis: source}\n");
    struct dialog *d = dialog_load(f.files, f.count, &f.problems);
    for (size_t i = 0; i < f.problems.count; i++)
        print_error("%.*s\n", STR_ARG(f.problems.items[i].message));
    play_talks(d);
    dialog_free(d);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lip_twitching_agrees_with_the_plain_walk),
        cmocka_unit_test(the_small_dialogs_agree_with_the_plain_walk),
        cmocka_unit_test(odd_guards_agree_with_the_plain_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
