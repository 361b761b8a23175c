#include "dialog/normal.h"

/* ---- answers of single findings ---- */

void normal_read_atom(const struct atom *a, struct value v, bool *yes, bool *no) {
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
        normal_read_atom(&n->atoms[i], v, &yes, &no);
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

/* ---- reading a frame ---- */

/* The words of a plane. */
static inline uint64_t *plane(const struct normal *n, uint64_t *words, enum truth_plane p) { return words + (unsigned)p * n->plane_words; }

static void read_planes(const struct normal *n, const struct frame *frame, struct known *out) {
    unsigned words = n->plane_words;
    uint64_t *is = out->truth.yes, *not = out->truth.no;
    for (unsigned w = 0; w < words; w++) {
        uint64_t low = frame->bits[FRAME_STATE_LOW * words + w] & n->yesnos.bits[w];
        uint64_t high = frame->bits[FRAME_STATE_HIGH * words + w] & n->yesnos.bits[w];
        uint64_t yes = frame->bits[FRAME_YES * words + w] & n->yesnos.bits[w];
        uint64_t known = low & high, said = low | high, unsure = low ^ high, still = high & ~low;
        plane(n, is, TRUTH_YES)[w] = plane(n, is, TRUTH_SURE)[w] = yes;
        plane(n, is, TRUTH_KNOWN)[w] = known;
        plane(n, is, TRUTH_UNKNOWN)[w] = ~said;
        plane(n, is, TRUTH_UNSURE)[w] = unsure;
        plane(n, is, TRUTH_STILL_UNSURE)[w] = still;
        plane(n, not, TRUTH_YES)[w] = known & ~yes;
        plane(n, not, TRUTH_SURE)[w] = ~yes;
        plane(n, not, TRUTH_KNOWN)[w] = ~known;
        plane(n, not, TRUTH_UNKNOWN)[w] = said;
        plane(n, not, TRUTH_UNSURE)[w] = ~unsure;
        plane(n, not, TRUTH_STILL_UNSURE)[w] = ~still;
        out->said.bits[w] = said;
        out->unsure.bits[w] = low & ~high;
        out->askable.bits[w] = ~high;
    }
}

/* Code 0 is unknown, and that is how the truth began: only bits that are set lead anywhere. */
static void read_fields(const struct normal *n, const struct view *v, struct known *out) {
    for (unsigned w = 0; w < FRAME_BYTES / 8; w++) {
        uint64_t word = v->frame->bits[w];
        for (uint64_t left = word & n->fields[w]; left;) {
            uint16_t f = n->finding_at[w * 64 + (unsigned)__builtin_ctzll(left)], slot = n->slots[f];
            const struct reach *r = &n->reach[f];
            uint64_t code = code_of(r, word);
            unsigned class = class_of(r, code);
            left &= ~r->field;
            slot_set_add(&out->said, slot);
            if (code == VALUE_UNSURE)
                slot_set_add(&out->unsure, slot);
            else
                out->askable.bits[slot / 64] &= ~(UINT64_C(1) << slot % 64);
            if (class != r->any_class || !r->state_mask) {
                put(&out->truth, r, &n->answers[class]);
            } else {
                struct answers a = normal_answers(n, f, frame_get(v->dialog, v->frame, f));
                put(&out->truth, r, &a);
            }
        }
    }
}

/* Unknown findings whose `if` is no count as their `else`. */
static void put_elses(const struct normal *n, const struct slot_set *these, struct known *out) {
    uint64_t *is = out->truth.yes, *not = out->truth.no;
    for (unsigned w = 0; w < n->plane_words; w++) {
        uint64_t yes = these->bits[w] & n->else_yes.bits[w], no = these->bits[w] & n->else_no.bits[w];
        if (!(yes | no))
            continue;
        plane(n, is, TRUTH_YES)[w] |= yes;
        plane(n, not, TRUTH_YES)[w] |= no;
        plane(n, is, TRUTH_SURE)[w] |= yes;
        plane(n, not, TRUTH_SURE)[w] &= ~yes;
        plane(n, is, TRUTH_KNOWN)[w] |= yes | no;
        plane(n, not, TRUTH_KNOWN)[w] &= ~(yes | no);
        plane(n, is, TRUTH_UNKNOWN)[w] &= ~(yes | no);
        plane(n, not, TRUTH_UNKNOWN)[w] |= yes | no;
    }
    for (unsigned w = 0; w < n->slot_words; w++) {
        for (uint64_t left = these->bits[w] & ~n->yesnos.bits[w]; left; left &= left - 1) {
            const struct reach *r = &n->reach[n->findings[w * 64 + (unsigned)__builtin_ctzll(left)]];
            put(&out->truth, r, &n->answers[r->else_class]);
        }
    }
}

static enum kleene eval_if(const struct only_if *i, const struct view *v, const struct known *k) {
    struct view plain = {v->dialog, v->frame, v->told, NULL};
    if (!i->simple)
        return i->guard->normal->tree ? guard_eval(i->guard, &plain) : normal_eval(i->guard->normal, &k->truth);
    uint64_t is = k->truth.yes[i->one.word], is_not = k->truth.no[i->one.word];
    if ((i->one.plain & is) | (i->one.negated & is_not))
        return KLEENE_YES;
    return (i->one.plain & ~is_not) | (i->one.negated & ~is) ? KLEENE_OPEN : KLEENE_NO;
}

/* Adds the `if`s that look at something known. */
static void find_touched(const struct normal *n, const struct slot_set *said, struct dependants *touched) {
    for (unsigned w = 0; w < n->slot_words; w++)
        for (uint64_t left = said->bits[w] & n->parents.bits[w]; left; left &= left - 1) {
            const struct dependants *d = &n->dependants[w * 64 + (unsigned)__builtin_ctzll(left)];
            slot_set_join(&touched->findings, &d->findings);
            for (unsigned i = 0; i < n->if_words; i++)
                touched->ifs[i] |= d->ifs[i];
        }
}

/* All is as at the start but for the `if`s that are touched. These come in an order in which each may look at the `else`s of those before. */
static void read_ifs(const struct normal *n, const struct view *v, struct known *out) {
    struct dependants touched = n->loose;
    find_touched(n, &out->said, &touched);
    slot_set_join(&touched.findings, &out->said);
    struct slot_set ruled_out = slot_set_less(&n->start_out, &touched.findings), to_put = ruled_out;
    out->waiting = slot_set_less(&n->start_waiting, &touched.findings);
    for (unsigned w = 0; w < n->if_words; w++)
        for (uint64_t left = touched.ifs[w]; left; left &= left - 1) {
            const struct only_if *i = &n->ifs[w * 64 + (unsigned)__builtin_ctzll(left)];
            struct slot_set unknown = slot_set_less(&i->findings, &out->said);
            if (slot_set_is_empty(&unknown))
                continue;
            if (i->looks_back && !slot_set_is_empty(&to_put)) {
                put_elses(n, &to_put, out);
                to_put = (struct slot_set){{0}};
            }
            enum kleene k = eval_if(i, v, out);
            if (k == KLEENE_NO)
                slot_set_join(&to_put, &unknown);
            if (k != KLEENE_YES)
                slot_set_join(k == KLEENE_NO ? &ruled_out : &out->waiting, &unknown);
        }
    put_elses(n, &to_put, out);
    slot_set_join(&ruled_out, &out->waiting);
    out->askable = slot_set_less(&out->askable, &ruled_out);
}

void known_read(const struct normal *n, const struct view *v, struct known *out) {
    out->said = out->unsure = out->waiting = (struct slot_set){{0}};
    for (unsigned w = 0; w < FINDING_WORDS; w++)
        out->askable.bits[w] = UINT64_MAX;
    for (unsigned w = (unsigned)TRUTH_PLANES * n->plane_words; w < n->word_count; w++) {
        out->truth.yes[w] = n->start.yes[w];
        out->truth.no[w] = n->start.no[w];
    }
    read_planes(n, v->frame, out);
    read_fields(n, v, out);
    read_ifs(n, v, out);
}

static inline void add_dead(const struct normal *n, unsigned class, struct rule_set *out) {
    for (unsigned i = 0; i < n->rule_words; i++)
        out->bits[i] |= n->dead[class * n->rule_words + i];
}

void normal_find_dead(const struct view *v, struct rule_set *out) {
    const struct normal *n = v->dialog->normal;
    const struct truth *t = &v->known->truth;
    *out = (struct rule_set){{0}};
    for (unsigned w = 0; w < n->plane_words; w++) {
        for (uint64_t left = t->no[w] & v->known->said.bits[w]; left; left &= left - 1)
            add_dead(n, (w * 64 + (unsigned)__builtin_ctzll(left)) * YESNO_CLASSES + VALUE_KNOWN, out);
        for (uint64_t left = t->yes[w]; left; left &= left - 1)
            add_dead(n, (w * 64 + (unsigned)__builtin_ctzll(left)) * YESNO_CLASSES + VALUE_KNOWN + 1, out);
    }
    for (unsigned w = 0; w < FRAME_BYTES / 8; w++)
        for (uint64_t left = v->frame->bits[w] & n->fields[w]; left;) {
            const struct reach *r = &n->reach[n->finding_at[w * 64 + (unsigned)__builtin_ctzll(left)]];
            add_dead(n, class_of(r, code_of(r, v->frame->bits[w])), out);
            left &= ~r->field;
        }
}

static inline void add_rules(const struct normal *n, struct rule_set *to, const uint64_t *from, size_t at) {
    from += at * n->rule_words;
    for (unsigned i = 0; i < n->rule_words; i++)
        to->bits[i] |= from[i];
}

void normal_add_lifted(const struct view *v, uint16_t finding, struct rule_set *rules) {
    const struct normal *n = v->dialog->normal;
    const struct reach *r = &n->reach[finding];
    uint16_t slot = n->slots[finding];
    unsigned class;
    if (v->dialog->findings[finding].kind == FINDING_YESNO)
        class = r->first_class + (unsigned)frame_state(v->dialog, v->frame, finding) + frame_plane_bit(v->dialog, v->frame, FRAME_YES, slot);
    else
        class = class_of(r, code_of(r, v->frame->bits[r->frame_word]));
    add_rules(n, rules, n->lifted, class);
    if (class == r->first_class) /* taken back: its `else` may stand instead */
        add_rules(n, rules, n->lifted, r->else_class);
    add_rules(n, rules, n->through, finding);
}

/* ---- what an open guard waits for ---- */

static bool collect(const struct view *v, const struct want *w, struct slot_set *out);

/* Unknown findings with an open `if` are asked only when that has been settled. */
static bool wait_for_ifs(const struct view *v, unsigned word, uint64_t left, struct slot_set *out) {
    const struct normal *n = v->dialog->normal;
    for (; left; left &= left - 1) {
        uint16_t slot = (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(left));
        if (!normal_needs(v, &v->dialog->findings[n->findings[slot]].only_if, out))
            slot_set_add(out, slot);
    }
    return true;
}

static bool wait_for(const struct view *v, const struct want *w, uint64_t open, struct slot_set *out) {
    unsigned word = w->slot == DIALOG_NONE ? w->word : w->slot / 64u;
    uint64_t findings = w->slot == DIALOG_NONE ? open : UINT64_C(1) << w->slot % 64;
    uint64_t now = findings & v->known->askable.bits[word], later = findings & v->known->waiting.bits[word];
    out->bits[word] |= now;
    return (later && wait_for_ifs(v, word, later, out)) || now;
}

static inline uint64_t open_atoms(const struct truth *t, const struct want *w) {
    return (w->plain | w->negated) & ~(t->yes[w->word] | t->no[w->word]);
}

static inline enum kleene eval_atoms(const struct truth *t, const struct want *w) {
    uint64_t is = t->yes[w->word], is_not = t->no[w->word];
    uint64_t yes = (w->plain & is) | (w->negated & is_not), no = (w->plain & is_not) | (w->negated & is);
    if (w->all)
        return no ? KLEENE_NO : open_atoms(t, w) ? KLEENE_OPEN : KLEENE_YES;
    return yes ? KLEENE_YES : open_atoms(t, w) ? KLEENE_OPEN : KLEENE_NO;
}

static inline enum kleene eval_want(const struct truth *t, const struct want *w) { return w->atoms ? eval_atoms(t, w) : normal_eval_parts(t, w); }

enum kleene normal_eval_parts(const struct truth *t, const struct want *w) {
    enum kleene settling = w->all ? KLEENE_NO : KLEENE_YES;
    bool open = false;
    for (const struct want *part = w + 1, *end = w + w->span; part < end; part += part->span) {
        enum kleene k = eval_want(t, part);
        if (k == settling)
            return k;
        open |= k == KLEENE_OPEN;
    }
    return open ? KLEENE_OPEN : (enum kleene)(KLEENE_YES - settling);
}

/* Of a part that is open. True where it waits for something. */
static bool collect(const struct view *v, const struct want *w, struct slot_set *out) {
    const struct truth *t = &v->known->truth;
    bool any = false;
    if (w->atoms)
        return wait_for(v, w, open_atoms(t, w), out);
    for (const struct want *part = w + 1; part < w + w->span && !(any && w->in_turn); part += part->span)
        if (eval_want(t, part) == KLEENE_OPEN)
            any |= collect(v, part, out);
    return any;
}

__attribute__((noinline)) static bool needs_of_tree(const struct view *v, const struct guard *g, struct slot_set *out) {
    struct finding_set findings = {{0}};
    guard_needs(g, v, &findings);
    for (unsigned i = 0; i < FINDING_WORDS; i++)
        for (uint64_t left = findings.bits[i]; left; left &= left - 1)
            slot_set_add(out, v->dialog->normal->slots[i * 64 + (unsigned)__builtin_ctzll(left)]);
    return !finding_set_is_empty(&findings);
}

bool normal_needs(const struct view *v, const struct guard *g, struct slot_set *out) {
    if (!g->nodes)
        return false;
    if (g->normal->tree)
        return needs_of_tree(v, g, out);
    return normal_eval(g->normal, &v->known->truth) == KLEENE_OPEN && collect(v, g->normal->wants, out);
}

bool normal_needs_of_open(const struct view *v, const struct guard *g, struct slot_set *out) {
    return g->normal->tree ? needs_of_tree(v, g, out) : collect(v, g->normal->wants, out);
}
