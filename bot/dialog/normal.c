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

static inline void add_rules(const struct normal *n, uint64_t *to, const uint64_t *from, size_t at) {
    from += at * n->rule_words;
    for (unsigned i = 0; i < n->rule_words; i++)
        to[i] |= from[i];
}

static inline uint64_t code_of(const struct reach *r, uint64_t word) { return word >> r->shift & ((UINT64_C(1) << r->width) - 1); }

/* The class of a code, or DIALOG_NONE. */
static inline uint16_t class_of(const struct reach *r, uint64_t code) {
    unsigned span = 0;
    if (r->state_mask && (code & r->state_mask) >= VALUE_KNOWN)
        return DIALOG_NONE;
    if (!r->steps || code < VALUE_KNOWN)
        return (uint16_t)(r->first_class + code);
    while (span < r->step_count && r->steps[span] <= code)
        span++;
    return (uint16_t)(r->first_class + VALUE_KNOWN + span);
}

static void put_class(const struct normal *n, const struct reach *r, uint16_t class, struct known *out) {
    put(&out->truth, r, &n->classes[class]);
    add_rules(n, out->dead.bits, n->dead, class);
}

/* Code 0 is unknown, and that is how the truth began: only bits that are set lead anywhere. conditional: bits of the findings whose `if` may
 * have been decided. */
static void read_known(const struct normal *n, const struct view *v, struct known *out, uint64_t *conditional) {
    for (unsigned w = 0; w < FRAME_BYTES / 8; w++) {
        for (uint64_t word = v->frame->bits[w], left = word; left;) {
            uint16_t f = n->finding_at[w * 64 + (unsigned)__builtin_ctzll(left)];
            const struct reach *r = &n->reach[f];
            uint64_t code = code_of(r, word);
            left &= ~(((UINT64_C(1) << r->width) - 1) << r->shift);
            finding_set_add(&out->said, f);
            if (code == VALUE_UNSURE)
                finding_set_add(&out->unsure, f);
            for (unsigned i = 0; i < n->finding_words; i++)
                conditional[i] |= r->conditional[i];
            add_rules(n, out->touched.bits, n->touches, f);
            uint16_t class = class_of(r, code);
            if (class != DIALOG_NONE) {
                put_class(n, r, class, out);
            } else {
                struct answers a = normal_answers(n, f, frame_get(v->dialog, v->frame, f));
                put(&out->truth, r, &a);
            }
        }
    }
}

/* An unknown finding whose `if` is no counts as its `else`. */
static void read_conditional(const struct normal *n, const struct view *v, uint16_t f, struct known *out) {
    if (finding_set_has(&out->said, f))
        return;
    const struct reach *r = &n->reach[f];
    const struct normal_guard *g = &n->only_ifs[f];
    struct view plain = {v->dialog, v->frame, v->told, NULL};
    enum kleene k = g->tree ? guard_eval(&v->dialog->findings[f].only_if, &plain) : normal_eval(g, &out->truth);
    put_class(n, r, k == KLEENE_NO ? r->else_class : r->first_class, out);
}

static inline void copy_words(uint64_t *to, const uint64_t *from, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] = from[i];
}

static inline void clear_words(uint64_t *to, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] = 0;
}

void truth_read(const struct normal *n, const struct view *v, struct known *out) {
    uint64_t conditional[FINDING_WORDS] = {0};
    copy_words(out->truth.yes, n->start.yes, n->word_count);
    copy_words(out->truth.no, n->start.no, n->word_count);
    out->said = out->unsure = (struct finding_set){{0}};
    copy_words(out->touched.bits, n->loose.bits, n->rule_words);
    clear_words(out->dead.bits, n->rule_words);
    read_known(n, v, out, conditional);
    if (n->level_matters && v->told != LEVEL_NONE)
        memset(conditional, 0xff, sizeof conditional);
    for (unsigned w = 0; w * 64 < n->conditional_count; w++) {
        unsigned rest = n->conditional_count - w * 64;
        for (uint64_t left = rest < 64 ? conditional[w] & ((UINT64_C(1) << rest) - 1) : conditional[w]; left; left &= left - 1)
            read_conditional(n, v, n->conditional[w * 64 + (unsigned)__builtin_ctzll(left)], out);
    }
}

void normal_add_lifted(const struct normal *n, const struct frame *frame, uint16_t finding, struct rule_set *rules) {
    const struct reach *r = &n->reach[finding];
    uint16_t class = class_of(r, code_of(r, frame->bits[r->frame_word]));
    if (class == DIALOG_NONE)
        add_rules(n, rules->bits, n->touches, finding);
    else
        add_rules(n, rules->bits, n->lifted, class);
    if (class == r->first_class) /* taken back: its `else` may stand instead */
        add_rules(n, rules->bits, n->lifted, r->else_class);
    add_rules(n, rules->bits, n->through, finding);
}

/* ---- evaluating ---- */

enum kleene normal_eval(const struct normal_guard *g, const struct truth *t) {
    bool open = false;
    uint64_t yes = 0, may = 0;
    for (const struct literals *l = g->from; l < g->to; l++) {
        uint64_t is = t->yes[l->word], is_not = t->no[l->word];
        yes |= (l->plain & is) | (l->negated & is_not);
        may |= (l->plain & ~is_not) | (l->negated & ~is);
        if (!l->last)
            continue;
        if (!may)
            return KLEENE_NO;
        open |= yes == 0;
        yes = may = 0;
    }
    return open ? KLEENE_OPEN : KLEENE_YES;
}
