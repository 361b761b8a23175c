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
#include "shell/files.h"

enum { TALKS = 150, ANSWERS = 40 };

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
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            continue;
        assert_int_equal(guard_needs(&rule->when, v, &out->needs[rule->level], NULL), guard_eval(&rule->when, v));
        if (guard_eval(&rule->when, v) != KLEENE_YES)
            continue;
        out->fired[out->fired_count++] = r;
        if (rule->level > out->level)
            out->level = rule->level;
    }
}

static void compare_all(const struct view *v, const struct plain *plain) {
    struct triage fast;
    triage_eval(v, &fast);
    size_t kept = plain->fired_count < TRIAGE_FIRED_MAX ? plain->fired_count : TRIAGE_FIRED_MAX;
    assert_int_equal(fast.level, plain->level);
    assert_int_equal(fast.fired_count, kept);
    assert_memory_equal(fast.fired, plain->fired, kept * sizeof fast.fired[0]);
    assert_memory_equal(fast.need, plain->needs, sizeof fast.need);
}

/* One rule at a time, beginning anywhere, with what earlier turns have settled. */
static void compare_watch(const struct view *v, uint64_t *settled) {
    struct triage_watch watch;
    struct finding_set needs[LEVEL_EMERGENCY + 1] = {{{0}}};
    uint16_t count = v->dialog->rule_count, first = (uint16_t)pick(count);
    triage_watch_start(&watch, v, settled);
    for (uint16_t i = 0; i < count; i++) {
        uint16_t r = (uint16_t)((first + i) % count);
        const struct rule *rule = &v->dialog->rules[r];
        bool fires = guard_needs(&rule->when, v, &needs[rule->level], NULL) == KLEENE_YES;
        assert_int_equal(triage_fires(&watch, r), fires);
    }
    for (enum level level = LEVEL_SELF_CARE; level <= LEVEL_EMERGENCY; level++) {
        assert_int_equal(triage_waits(&watch, level), !finding_set_is_empty(&needs[level]));
        for (uint16_t f = 0; f < v->dialog->finding_count; f++)
            assert_int_equal(triage_waits_for(&watch, level, f), finding_set_has(&needs[level], f));
    }
}

static void compare(const struct view *v, uint64_t *settled) {
    struct plain plain;
    view_changed(v);
    read_plainly(v, &plain);
    view_changed(v);
    compare_all(v, &plain);
    compare_watch(v, settled);
}

/* A talk: one answer after another; those that only add are read with what earlier turns have settled. */
static void play(const struct dialog *d) {
    struct frame frame = {{0}};
    struct seen seen = {{0}, {0}};
    struct view v = {d, &frame, LEVEL_NONE, &seen};
    uint64_t settled[RULES_SETTLED_MAX / 64] = {0};
    compare(&v, settled);
    for (unsigned i = 0; i < ANSWERS; i++) {
        uint16_t f = (uint16_t)pick(d->finding_count);
        bool changes = frame_get(d, &frame, f).state == VALUE_KNOWN || d->findings[f].only_if.nodes;
        frame_set(d, &frame, f, random_value(&d->findings[f]));
        if (changes)
            memset(settled, 0, sizeof settled);
        if (pick(10) == 0 && v.told < LEVEL_EMERGENCY)
            v.told++;
        compare(&v, settled);
    }
}

static void play_folder(const char *dir) {
    struct problems p;
    problems_init(&p);
    struct dialog *d = dialog_load_dir(dir, &p);
    assert_non_null(d);
    for (unsigned talk = 0; talk < TALKS; talk++) {
        seed = talk * 7919 + 1;
        play(d);
    }
    dialog_free(d);
    problems_finish(&p);
}

static void lip_twitching_agrees_with_the_plain_walk(void **state) {
    (void)state;
    play_folder("dialogs/lip-twitching");
}

static void the_small_dialog_agrees_with_the_plain_walk(void **state) {
    (void)state;
    play_folder("tests/data/mini");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lip_twitching_agrees_with_the_plain_walk),
        cmocka_unit_test(the_small_dialog_agrees_with_the_plain_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
