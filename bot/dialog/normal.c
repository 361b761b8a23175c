#include "dialog/normal.h"

#include <string.h>

/* ---- reading a frame ---- */

static void read_atom(const struct atom *a, struct value v, bool *yes, bool *no) {
    bool known = v.state == VALUE_KNOWN, is;
    switch ((enum guard_op)a->op) {
    case GUARD_UNSURE:
        is = v.state == VALUE_UNSURE || v.state == VALUE_STILL_UNSURE;
        known = true;
        break;
    case GUARD_STILL_UNSURE:
        is = v.state == VALUE_STILL_UNSURE;
        known = true;
        break;
    case GUARD_KNOWN:
        is = known;
        known = true;
        break;
    case GUARD_UNKNOWN:
        is = v.state == VALUE_UNKNOWN;
        known = true;
        break;
    default:
        is = known && guard_compare((enum guard_op)a->op, v.number, a->number);
    }
    *yes = known && is;
    *no = known && !is;
}

struct answers normal_answers(const struct normal *n, uint16_t finding, struct value v) {
    struct answers a = {0, 0};
    for (uint16_t i = n->first[finding]; i < n->first[finding + 1]; i++) {
        bool yes, no;
        if (n->atoms[i].op == GUARD_ALWAYS)
            continue;
        read_atom(&n->atoms[i], v, &yes, &no);
        uint64_t bit = UINT64_C(1) << (i % 64);
        a.yes |= yes ? bit : 0;
        a.no |= no ? bit : 0;
    }
    return a;
}

static inline void put(struct truth *t, const struct reach *r, const struct answers *a) {
    t->yes[r->word] = (t->yes[r->word] & ~r->atoms) | a->yes;
    t->no[r->word] = (t->no[r->word] & ~r->atoms) | a->no;
}

/* What the reading found out on the way. */
struct touched {
    struct rule_set *rules;
    uint64_t conditional[FINDING_WORDS];
};

static void touch(const struct normal *n, uint16_t f, struct touched *out) {
    for (unsigned i = 0; i < n->rule_words; i++)
        out->rules->bits[i] |= n->touches[f].bits[i];
    for (unsigned i = 0; i < n->finding_words; i++)
        out->conditional[i] |= n->reach[f].conditional[i];
}

/* Code 0 is unknown, and that is how the truth began: only bits that are set lead anywhere. */
static void read_known(const struct normal *n, const struct view *v, struct truth *t, struct touched *out) {
    for (unsigned w = 0; w < FRAME_BYTES / 8; w++) {
        for (uint64_t left = v->frame->bits[w]; left;) {
            uint16_t f = n->finding_at[w * 64 + (unsigned)__builtin_ctzll(left)];
            const struct reach *r = &n->reach[f];
            uint64_t mask = (UINT64_C(1) << r->width) - 1;
            uint64_t code = v->frame->bits[w] >> r->shift & mask;
            left &= ~(mask << r->shift);
            touch(n, f, out);
            if (r->codes) {
                put(t, r, &r->codes[code]);
            } else if (r->atoms) {
                struct answers a = normal_answers(n, f, frame_get(v->dialog, v->frame, f));
                put(t, r, &a);
            }
        }
    }
}

static void read_level(const struct normal *n, const struct view *v, struct truth *t, struct touched *out) {
    if (v->told == LEVEL_NONE)
        return;
    for (uint16_t i = n->first[v->dialog->finding_count]; i < n->atom_count; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        bool yes = (float)v->told >= n->atoms[i].number;
        t->yes[i / 64] |= yes ? bit : 0;
        t->no[i / 64] &= ~(yes ? bit : 0);
    }
    for (unsigned i = 0; i < n->rule_words; i++)
        out->rules->bits[i] |= n->level_rules.bits[i];
    for (unsigned i = 0; i < n->finding_words; i++)
        out->conditional[i] |= n->level_conditionals[i];
}

/* An unknown finding whose `if` is no counts as its `else`. */
static void read_conditional(const struct normal *n, const struct view *v, uint16_t f, struct truth *t) {
    const struct reach *r = &n->reach[f];
    const struct finding *finding = &v->dialog->findings[f];
    if ((v->frame->bits[finding->bit / 64] >> r->shift & ((UINT64_C(1) << r->width) - 1)) != 0)
        return;
    const struct normal_guard *g = &n->only_ifs[f];
    enum kleene k = g->tree ? guard_eval(&finding->only_if, v) : normal_eval(g, t, NULL);
    if (k == KLEENE_NO) {
        put(t, r, &r->otherwise);
    } else {
        struct answers a = normal_answers(n, f, (struct value){VALUE_UNKNOWN, 0});
        put(t, r, r->codes ? &r->codes[0] : &a);
    }
}

static inline void copy_words(uint64_t *to, const uint64_t *from, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] = from[i];
}

void truth_read(const struct normal *n, const struct view *v, struct truth *t, struct rule_set *touched) {
    struct touched out = {.rules = touched};
    copy_words(t->yes, n->start.yes, n->word_count);
    copy_words(t->no, n->start.no, n->word_count);
    memset(touched, 0, sizeof *touched);
    read_known(n, v, t, &out);
    read_level(n, v, t, &out);
    for (unsigned w = 0; w < n->finding_words; w++)
        for (uint64_t left = out.conditional[w]; left; left &= left - 1)
            read_conditional(n, v, n->conditional[w * 64 + (unsigned)__builtin_ctzll(left)], t);
}

/* ---- evaluating ---- */

enum kleene normal_eval(const struct normal_guard *g, const struct truth *t, bool *steady) {
    bool open = false;
    uint64_t yes = 0, may = 0;
    for (const struct literals *l = g->from; l < g->to; l++) {
        uint64_t is = t->yes[l->word], is_not = t->no[l->word];
        yes |= (l->plain & is) | (l->negated & is_not);
        may |= (l->plain & ~is_not) | (l->negated & ~is);
        if (!l->last)
            continue;
        if (!may) {
            if (steady)
                *steady = l->steady;
            return KLEENE_NO;
        }
        open |= yes == 0;
        yes = may = 0;
    }
    return open ? KLEENE_OPEN : KLEENE_YES;
}
