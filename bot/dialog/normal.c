#include "dialog/normal.h"

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

static inline void add_rules(const struct normal *n, struct rule_set *to, const uint64_t *from, size_t at) {
    from += at * n->rule_words;
    for (unsigned i = 0; i < n->rule_words; i++)
        to->bits[i] |= from[i];
}

static inline uint64_t code_of(const struct reach *r, uint64_t word) { return (word & r->field) >> r->shift; }

static inline unsigned class_of(const struct reach *r, uint64_t code) {
    unsigned span = 0;
    if (r->state_mask && (code & r->state_mask) >= VALUE_KNOWN)
        return r->any_class;
    if (!r->steps || code < VALUE_KNOWN)
        return (unsigned)(r->first_class + code);
    while (span < r->step_count && r->steps[span] <= code)
        span++;
    return r->first_class + VALUE_KNOWN + span;
}

static inline void put_class(const struct normal *n, const struct reach *r, unsigned class, struct known *out) {
    const struct class_row *row = normal_row(n, class);
    put(&out->truth, r, &row->answers);
    const uint64_t *from = row->sets, *end = from + n->set_words;
    for (uint64_t *to = out->sets; from < end; from += 2, to += 2) { /* their number is even */
        to[0] |= from[0];
        to[1] |= from[1];
    }
}

/* Code 0 is unknown, and that is how the truth began: only bits that are set lead anywhere. */
static void read_said(const struct normal *n, const struct view *v, struct known *out) {
    for (unsigned w = 0; w < FRAME_BYTES / 8; w++) {
        for (uint64_t word = v->frame->bits[w], left = word; left;) {
            uint16_t f = n->finding_at[w * 64 + (unsigned)__builtin_ctzll(left)];
            const struct reach *r = &n->reach[f];
            uint64_t code = code_of(r, word);
            unsigned class = class_of(r, code);
            left &= ~r->field;
            finding_set_add(&out->said, f);
            if (code == VALUE_UNSURE)
                finding_set_add(&out->unsure, f);
            put_class(n, r, class, out);
            if (r->state_mask && class == r->any_class) {
                struct answers a = normal_answers(n, f, frame_get(v->dialog, v->frame, f));
                put(&out->truth, r, &a);
            }
        }
    }
}

static bool is_ruled_out(const struct normal *n, const struct view *v, uint16_t f, const struct truth *t) {
    const struct normal_guard *g = &n->only_ifs[f];
    struct view plain = {v->dialog, v->frame, v->told, NULL};
    return (g->tree ? guard_eval(&v->dialog->findings[f].only_if, &plain) : normal_eval(g, t)) == KLEENE_NO;
}

/* An unknown finding whose `if` is no counts as its `else`. That may decide the `if` of others, which come later in the order. */
static void read_elses(const struct normal *n, const struct view *v, struct known *out) {
    const uint64_t *sure = out->sets + SET_RULED_OUT(n), *doubted = out->sets + SET_DOUBTED(n);
    for (unsigned w = 0; w < n->if_words; w++) {
        uint64_t ahead = UINT64_MAX;
        for (uint64_t left; (left = (sure[w] | doubted[w]) & ahead) != 0;) {
            uint64_t bit = left & -left;
            uint16_t f = n->conditional[w * 64 + (unsigned)__builtin_ctzll(left)];
            ahead = ~(bit | (bit - 1));
            if (finding_set_has(&out->said, f))
                continue;
            if ((sure[w] & bit) || is_ruled_out(n, v, f, &out->truth))
                put_class(n, &n->reach[f], n->reach[f].else_class, out);
            else if (n->start_elses[w] & bit)
                put_class(n, &n->reach[f], n->reach[f].first_class, out);
        }
    }
}

static inline void copy_words(uint64_t *to, const uint64_t *from, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] = from[i];
}

void truth_read(const struct normal *n, const struct view *v, struct known *out) {
    copy_words(out->truth.yes, n->start.yes, n->word_count);
    copy_words(out->truth.no, n->start.no, n->word_count);
    out->said = out->unsure = (struct finding_set){{0}};
    for (unsigned i = 0; i < n->set_words; i++)
        out->sets[i] = 0;
    copy_words(out->sets + SET_TOUCHED, n->loose.bits, n->rule_words);
    copy_words(out->sets + SET_DOUBTED(n), n->loose_ifs, n->if_words);
    read_said(n, v, out);
    read_elses(n, v, out);
}

void normal_add_lifted(const struct normal *n, const struct frame *frame, uint16_t finding, struct rule_set *rules) {
    const struct reach *r = &n->reach[finding];
    unsigned class = class_of(r, code_of(r, frame->bits[r->frame_word]));
    add_rules(n, rules, n->lifted, class);
    if (class == r->first_class) /* taken back: its `else` may stand instead */
        add_rules(n, rules, n->lifted, r->else_class);
    add_rules(n, rules, n->through, finding);
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
