/* Guards against a second, naive reading of Kleene's tables, on random trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialog/guard.h"

enum { YESNOS = 5, NUMBER = YESNOS, SET, FINDINGS, NODES_MAX = 64 };

static struct finding findings[FINDINGS];
static struct dialog dialog = {.findings = findings, .finding_count = FINDINGS, .plane_words = 1};

static int set_up(void **state) {
    (void)state;
    memset(findings, 0, sizeof findings);
    uint16_t bit = FRAME_PLANES * 64;
    for (uint16_t i = 0; i < FINDINGS; i++) {
        struct finding *f = &findings[i];
        f->kind = i < YESNOS ? FINDING_YESNO : i == NUMBER ? FINDING_NUMBER : FINDING_SET;
        f->width = i < YESNOS ? 1 : i == NUMBER ? 16 : 2 + 4;
        f->bit = i < YESNOS ? i : bit;
        f->screen = DIALOG_NONE;
        bit = (uint16_t)(bit + (i < YESNOS ? 0 : f->width));
    }
    return 0;
}

static uint32_t seed;
static unsigned pick(unsigned below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 10) % below;
}

/* ---- random guards ---- */

static struct guard_node nodes[NODES_MAX];
static uint16_t used;

static void add_atom(void) {
    struct guard_node *n = &nodes[used++];
    *n = (struct guard_node){.span = 1};
    switch (pick(6)) {
    case 0:
        n->op = GUARD_MORE;
        n->finding = NUMBER;
        n->number = (float)pick(10);
        break;
    case 1:
        n->op = GUARD_HAS;
        n->finding = SET;
        n->number = (float)(1 + pick(15));
        break;
    case 2:
        n->op = (uint8_t)(GUARD_UNSURE + pick(4));
        n->finding = (uint16_t)pick(FINDINGS);
        break;
    default:
        n->op = GUARD_YES;
        n->finding = (uint16_t)pick(YESNOS);
    }
}

static void add_tree(unsigned depth) {
    if (depth == 0 || used > NODES_MAX - 24 || pick(4) == 0) {
        add_atom();
        return;
    }
    uint16_t at = used++;
    static const uint8_t ops[] = {GUARD_NOT, GUARD_AND, GUARD_OR, GUARD_AT_LEAST};
    uint8_t op = ops[pick(4)];
    unsigned children = op == GUARD_NOT ? 1 : 2 + pick(2);
    nodes[at] = (struct guard_node){.op = op, .children = (uint8_t)children, .number = (float)(1 + pick(children))};
    for (unsigned i = 0; i < children; i++)
        add_tree(depth - 1);
    nodes[at].span = (uint16_t)(used - at);
}

/* ---- the naive reading: over all ways in which what is open could turn out ---- */

static enum kleene naive(const struct guard_node *n, const struct frame *f) {
    struct value v = n->op < GUARD_NOT ? frame_get(&dialog, f, n->finding) : (struct value){0};
    bool known = v.state == VALUE_KNOWN;
    unsigned yes = 0, no = 0, open = 0;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = naive(child, f);
        yes += k == KLEENE_YES;
        no += k == KLEENE_NO;
        open += k == KLEENE_OPEN;
    }
    switch (n->op) {
    case GUARD_YES:
        return !known ? KLEENE_OPEN : v.number == 1 ? KLEENE_YES : KLEENE_NO;
    case GUARD_MORE:
        return !known ? KLEENE_OPEN : v.number > n->number ? KLEENE_YES : KLEENE_NO;
    case GUARD_HAS:
        return !known ? KLEENE_OPEN : ((unsigned)v.number & (unsigned)n->number) ? KLEENE_YES : KLEENE_NO;
    case GUARD_UNSURE:
        return v.state == VALUE_UNSURE || v.state == VALUE_STILL_UNSURE ? KLEENE_YES : KLEENE_NO;
    case GUARD_STILL_UNSURE:
        return v.state == VALUE_STILL_UNSURE ? KLEENE_YES : KLEENE_NO;
    case GUARD_KNOWN:
        return known ? KLEENE_YES : KLEENE_NO;
    case GUARD_UNKNOWN:
        return v.state == VALUE_UNKNOWN ? KLEENE_YES : KLEENE_NO;
    case GUARD_NOT:
        return yes ? KLEENE_NO : no ? KLEENE_YES : KLEENE_OPEN;
    case GUARD_AND:
        return no ? KLEENE_NO : open ? KLEENE_OPEN : KLEENE_YES;
    case GUARD_OR:
        return yes ? KLEENE_YES : open ? KLEENE_OPEN : KLEENE_NO;
    default:
        return (float)yes >= n->number ? KLEENE_YES : (float)(yes + open) < n->number ? KLEENE_NO : KLEENE_OPEN;
    }
}

static struct value random_value(uint16_t finding, bool known) {
    if (!known && pick(3) == 0)
        return (struct value){VALUE_UNKNOWN, 0};
    if (!known && pick(4) == 0)
        return (struct value){pick(2) ? VALUE_UNSURE : VALUE_STILL_UNSURE, 0};
    unsigned values = findings[finding].kind == FINDING_YESNO ? 2 : findings[finding].kind == FINDING_NUMBER ? 12 : 16;
    return (struct value){VALUE_KNOWN, (float)pick(values)};
}

static void guards_agree_with_kleene(void **state) {
    (void)state;
    for (seed = 1; seed < 4000000000u && used < UINT16_MAX; seed += 997) {
        static unsigned rounds;
        if (++rounds > 20000)
            break;
        used = 0;
        add_tree(3);
        struct guard g = {.nodes = nodes, .count = used};
        struct frame f = {{0}};
        for (uint16_t i = 0; i < FINDINGS; i++)
            frame_set(&dialog, &f, i, random_value(i, false));
        struct view v = {&dialog, &f, LEVEL_NONE, NULL};
        assert_int_equal(guard_eval(&g, &v), naive(nodes, &f));
    }
}

/* Answering what guard_needs names, again and again, always settles a guard in which nothing stays unsure. */
static void needs_lead_to_a_decision(void **state) {
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        seed = round * 7919 + 3;
        used = 0;
        add_tree(3);
        struct guard g = {.nodes = nodes, .count = used};
        struct frame f = {{0}};
        struct view v = {&dialog, &f, LEVEL_NONE, NULL};
        unsigned asked = 0;
        while (guard_eval(&g, &v) == KLEENE_OPEN) {
            struct finding_set need = {{0}};
            guard_needs(&g, &v, &need);
            assert_false(finding_set_is_empty(&need));
            for (uint16_t i = 0; i < FINDINGS; i++)
                if (finding_set_has(&need, i))
                    frame_set(&dialog, &f, i, random_value(i, true));
            assert_true(++asked <= FINDINGS);
        }
        struct finding_set none = {{0}};
        guard_needs(&g, &v, &none);
        assert_true(finding_set_is_empty(&none));
    }
}

static void an_and_asks_its_first_open_part(void **state) {
    (void)state;
    struct guard_node and[] = {{.op = GUARD_AND, .children = 2, .span = 3},
                               {.op = GUARD_YES, .finding = 0, .span = 1},
                               {.op = GUARD_YES, .finding = 1, .span = 1}};
    struct guard g = {.nodes = and, .count = 3};
    struct frame f = {{0}};
    struct view v = {&dialog, &f, LEVEL_NONE, NULL};
    struct finding_set need = {{0}};
    guard_needs(&g, &v, &need);
    assert_true(finding_set_has(&need, 0) && !finding_set_has(&need, 1));
    frame_set(&dialog, &f, 0, (struct value){VALUE_STILL_UNSURE, 0}); /* cannot be asked any more: the second can */
    need = (struct finding_set){{0}};
    guard_needs(&g, &v, &need);
    assert_true(!finding_set_has(&need, 0) && finding_set_has(&need, 1));
    frame_set(&dialog, &f, 1, VALUE_NO);
    assert_int_equal(guard_eval(&g, &v), KLEENE_NO);
}

static void a_finding_that_does_not_apply_counts_as_its_else(void **state) {
    (void)state;
    static const struct guard_node older[] = {{.op = GUARD_MORE, .finding = NUMBER, .number = 12, .span = 1}};
    static const struct guard_node yes[] = {{.op = GUARD_YES, .finding = 0, .span = 1}};
    findings[0].only_if = (struct guard){.nodes = older, .count = 1};
    findings[0].otherwise = VALUE_NO;
    struct guard g = {.nodes = yes, .count = 1};
    struct frame f = {{0}};
    struct view v = {&dialog, &f, LEVEL_NONE, NULL};
    struct finding_set need = {{0}};
    guard_needs(&g, &v, &need);
    assert_true(finding_set_has(&need, NUMBER)); /* first whether it applies at all */
    assert_false(finding_set_has(&need, 0));
    frame_set(&dialog, &f, NUMBER, (struct value){VALUE_KNOWN, 7});
    assert_int_equal(guard_eval(&g, &v), KLEENE_NO);
    frame_set(&dialog, &f, NUMBER, (struct value){VALUE_KNOWN, 40});
    assert_int_equal(guard_eval(&g, &v), KLEENE_OPEN);
}

static void frames_keep_every_value(void **state) {
    (void)state;
    struct frame f = {{0}};
    for (unsigned n = 0; n <= 4096; n++) {
        frame_set(&dialog, &f, NUMBER, (struct value){VALUE_KNOWN, (float)n});
        assert_true(frame_get(&dialog, &f, NUMBER).number == (float)n);
    }
    for (float n = 0.01f; n < 60000; n *= 1.37f) {
        frame_set(&dialog, &f, NUMBER, (struct value){VALUE_KNOWN, n});
        float got = frame_get(&dialog, &f, NUMBER).number;
        assert_true(got > n * 0.999f && got < n * 1.001f);
    }
    findings[NUMBER].width = 12;
    for (unsigned n = 0; n <= 256; n++) {
        frame_set(&dialog, &f, NUMBER, (struct value){VALUE_KNOWN, (float)n});
        assert_true(frame_get(&dialog, &f, NUMBER).number == (float)n);
    }
    for (enum value_state s = VALUE_UNKNOWN; s <= VALUE_STILL_UNSURE; s++) {
        for (uint16_t i = 0; i < FINDINGS; i++) {
            frame_set(&dialog, &f, i, (struct value){s, 0});
            assert_int_equal(frame_get(&dialog, &f, i).state, s);
        }
    }
    frame_set(&dialog, &f, SET, (struct value){VALUE_KNOWN, 9});
    frame_set(&dialog, &f, 2, VALUE_YES);
    assert_true(frame_get(&dialog, &f, SET).number == 9);
    assert_true(frame_get(&dialog, &f, 1).state == VALUE_STILL_UNSURE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(guards_agree_with_kleene, set_up),
        cmocka_unit_test_setup(needs_lead_to_a_decision, set_up),
        cmocka_unit_test_setup(an_and_asks_its_first_open_part, set_up),
        cmocka_unit_test_setup(a_finding_that_does_not_apply_counts_as_its_else, set_up),
        cmocka_unit_test_setup(frames_keep_every_value, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
