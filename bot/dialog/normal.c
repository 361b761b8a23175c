#include "dialog/normal.h"

#include <stdlib.h>
#include <string.h>

/* ---- building ---- */

/* A clause under construction: wide, for simple set operations. */
struct wide {
    uint64_t plain[NORMAL_WORDS_MAX], negated[NORMAL_WORDS_MAX];
};

struct formula {
    struct wide clauses[NORMAL_CLAUSES_MAX];
    unsigned count;
    bool too_large;
};

struct builder {
    const struct dialog *dialog;
    struct arena *arena;
    struct normal *out;
    struct atom *atoms;
    size_t atom_cap;
};

static bool is_atom(unsigned op) { return op != GUARD_ALWAYS && op != GUARD_NEVER && op < GUARD_NOT; }

static struct atom atom_of(const struct guard_node *n) {
    bool level = n->op == GUARD_LEVEL;
    bool plain = n->op == GUARD_YES || (n->op >= GUARD_UNSURE && !level);
    return (struct atom){n->op, level ? DIALOG_NONE : n->finding, plain ? 0 : n->number};
}

static int compare_atoms(const void *a, const void *b) {
    const struct atom *x = a, *y = b;
    if (x->finding != y->finding)
        return x->finding < y->finding ? -1 : 1;
    if (x->op != y->op)
        return x->op < y->op ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static size_t count_nodes(const struct dialog *d) {
    size_t n = 0;
    for (uint16_t i = 0; i < d->rule_count; i++)
        n += d->rules[i].when.count;
    for (uint16_t i = 0; i < d->finding_count; i++)
        n += d->findings[i].only_if.count;
    return n;
}

static void list_atoms(struct builder *b, const struct guard *g) {
    for (size_t i = 0; i < g->count; i++)
        if (is_atom(g->nodes[i].op))
            b->atoms[b->atom_cap++] = atom_of(&g->nodes[i]);
}

static bool collect_atoms(struct builder *b) {
    const struct dialog *d = b->dialog;
    b->atoms = ARENA_ARRAY(b->arena, struct atom, count_nodes(d) + 1);
    uint16_t *first = ARENA_ARRAY(b->arena, uint16_t, (size_t)d->finding_count + 2);
    if (!b->atoms || !first)
        return false;
    for (uint16_t i = 0; i < d->rule_count; i++)
        list_atoms(b, &d->rules[i].when);
    for (uint16_t i = 0; i < d->finding_count; i++)
        list_atoms(b, &d->findings[i].only_if);
    qsort(b->atoms, b->atom_cap, sizeof *b->atoms, compare_atoms);
    size_t n = 0;
    for (size_t i = 0; i < b->atom_cap; i++)
        if (n == 0 || compare_atoms(&b->atoms[n - 1], &b->atoms[i]) != 0)
            b->atoms[n++] = b->atoms[i];
    if (n > NORMAL_WORDS_MAX * 64)
        n = NORMAL_WORDS_MAX * 64; /* guards with the rest keep their trees */
    b->out->atoms = b->atoms;
    b->out->atom_count = (uint16_t)n;
    b->out->word_count = (uint16_t)((n + 63) / 64);
    for (uint32_t f = 0, at = 0; f <= d->finding_count; f++) {
        while (at < n && b->atoms[at].finding < f)
            at++;
        first[f] = (uint16_t)at;
    }
    b->out->first = first;
    return true;
}

static bool add_literal(struct builder *b, const struct guard_node *n, bool negated, struct formula *out) {
    struct atom key = atom_of(n);
    const struct atom *at = bsearch(&key, b->atoms, b->out->atom_count, sizeof key, compare_atoms);
    if (!at)
        return false;
    size_t bit = (size_t)(at - b->atoms);
    out->count = 1;
    memset(out->clauses, 0, sizeof out->clauses[0]);
    uint64_t *words = negated ? out->clauses[0].negated : out->clauses[0].plain;
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
    return true;
}

/* a says no less than b: then b adds nothing beside it. */
static bool is_within(const struct wide *a, const struct wide *b) {
    uint64_t outside = 0;
    for (unsigned i = 0; i < NORMAL_WORDS_MAX; i++)
        outside |= (a->plain[i] & ~b->plain[i]) | (a->negated[i] & ~b->negated[i]);
    return outside == 0;
}

static bool add_clause(struct formula *f, const struct wide *clause) {
    for (unsigned i = 0; i < f->count; i++)
        if (is_within(&f->clauses[i], clause))
            return true;
    if (f->count == NORMAL_CLAUSES_MAX)
        return false;
    f->clauses[f->count++] = *clause;
    return true;
}

static bool conjoin(struct formula *all, const struct formula *part) {
    for (unsigned i = 0; i < part->count; i++)
        if (!add_clause(all, &part->clauses[i]))
            return false;
    return true;
}

static bool disjoin(struct formula *any, const struct formula *part, struct formula *scratch) {
    scratch->count = 0;
    for (unsigned i = 0; i < any->count; i++) {
        for (unsigned k = 0; k < part->count; k++) {
            struct wide both = any->clauses[i];
            for (unsigned w = 0; w < NORMAL_WORDS_MAX; w++) {
                both.plain[w] |= part->clauses[k].plain[w];
                both.negated[w] |= part->clauses[k].negated[w];
            }
            if (!add_clause(scratch, &both))
                return false;
        }
    }
    *any = *scratch;
    return true;
}

/* The normal form of a subtree; false where it grows too large. */
static bool normalise(struct builder *b, const struct guard_node *n, bool negated, struct formula *out) {
    bool yes = (n->op == GUARD_ALWAYS) != negated;
    switch (n->op) {
    case GUARD_ALWAYS:
    case GUARD_NEVER: /* yes is the empty conjunction, no the empty disjunction */
        out->count = yes ? 0 : 1;
        memset(out->clauses, 0, sizeof out->clauses[0]);
        return true;
    case GUARD_NOT:
        return normalise(b, n + 1, !negated, out);
    case GUARD_AT_LEAST:
        return false;
    case GUARD_AND:
    case GUARD_OR:
        break;
    default:
        return add_literal(b, n, negated, out);
    }
    bool conjunction = (n->op == GUARD_AND) != negated, fits = true;
    struct formula *part = calloc(2, sizeof *part);
    if (!part)
        return false;
    out->count = conjunction ? 0 : 1;
    memset(out->clauses, 0, sizeof out->clauses[0]);
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children && fits; i++, child += child->span)
        fits = normalise(b, child, negated, part) && (conjunction ? conjoin(out, part) : disjoin(out, part, part + 1));
    free(part);
    return fits;
}

static bool is_steady(const struct builder *b, const struct wide *w) {
    for (uint16_t i = 0; i < b->out->atom_count; i++)
        if (b->atoms[i].op >= GUARD_UNSURE && ((w->plain[i / 64] | w->negated[i / 64]) >> (i % 64) & 1))
            return false;
    return true;
}

static bool store_clause(struct builder *b, const struct wide *w, struct clause *out) {
    struct literals *words = ARENA_ARRAY(b->arena, struct literals, NORMAL_WORDS_MAX);
    if (!words)
        return false;
    for (uint16_t i = 0; i < b->out->word_count; i++)
        if (w->plain[i] | w->negated[i])
            words[out->word_count++] = (struct literals){w->plain[i], w->negated[i], i};
    out->words = words;
    out->steady = is_steady(b, w);
    return true;
}

static bool build_guard(struct builder *b, const struct guard *g, struct normal_guard *out) {
    if (!g->nodes)
        return true;
    struct formula *f = calloc(1, sizeof *f);
    if (!f)
        return false;
    out->tree = !normalise(b, g->nodes, false, f);
    struct clause *clauses = ARENA_ARRAY(b->arena, struct clause, f->count);
    bool good = clauses != NULL;
    for (unsigned i = 0; good && !out->tree && i < f->count; i++)
        good = store_clause(b, &f->clauses[i], &clauses[i]);
    out->clauses = clauses;
    out->clause_count = (uint16_t)f->count;
    free(f);
    return good;
}

/* Findings with an `if`, in an order in which each comes after those it looks at; circles, which the loader refuses, come last. */
static bool order_conditional(struct builder *b) {
    const struct dialog *d = b->dialog;
    uint16_t *order = ARENA_ARRAY(b->arena, uint16_t, (size_t)d->finding_count + 1);
    bool *done = ARENA_ARRAY(b->arena, bool, (size_t)d->finding_count + 1);
    if (!order || !done)
        return false;
    uint16_t n = 0;
    for (bool force = false, moved = true; moved || !force; force = !moved) {
        moved = false;
        for (uint16_t f = 0; f < d->finding_count; f++) {
            const struct guard *g = &d->findings[f].only_if;
            bool ready = g->nodes && !done[f];
            for (size_t i = 0; i < g->count && ready && !force; i++) {
                uint16_t on = g->nodes[i].finding;
                if (is_atom(g->nodes[i].op) && g->nodes[i].op != GUARD_LEVEL)
                    ready = on == f || !d->findings[on].only_if.nodes || done[on];
            }
            if (ready) {
                done[f] = moved = true;
                order[n++] = f;
            }
        }
    }
    b->out->conditional = order;
    b->out->conditional_count = n;
    return true;
}

static void read_atom(const struct atom *a, struct value v, bool *yes, bool *no);

static void read_nothing_known(struct normal *n) {
    for (uint16_t i = 0; i < n->atom_count; i++) {
        bool yes = false, no = n->atoms[i].finding == DIALOG_NONE;
        if (!no)
            read_atom(&n->atoms[i], (struct value){VALUE_UNKNOWN, 0}, &yes, &no);
        uint64_t bit = UINT64_C(1) << (i % 64);
        n->yes[i / 64] |= yes ? bit : 0;
        n->no[i / 64] |= no ? bit : 0;
        n->open[i / 64] |= yes || no ? 0 : bit;
    }
}

const struct normal *normal_build(const struct dialog *d, struct arena *a) {
    struct normal *n = ARENA_NEW(a, struct normal);
    struct builder b = {.dialog = d, .arena = a, .out = n};
    struct normal_guard *rules = ARENA_ARRAY(a, struct normal_guard, d->rule_count);
    struct normal_guard *only_ifs = ARENA_ARRAY(a, struct normal_guard, d->finding_count);
    if (!n || !rules || !only_ifs || !collect_atoms(&b) || !order_conditional(&b))
        return NULL;
    for (uint16_t i = 0; i < d->rule_count; i++)
        if (!build_guard(&b, &d->rules[i].when, &rules[i]))
            return NULL;
    for (uint16_t i = 0; i < d->finding_count; i++)
        if (!build_guard(&b, &d->findings[i].only_if, &only_ifs[i]))
            return NULL;
    n->rules = rules;
    n->only_ifs = only_ifs;
    read_nothing_known(n);
    return n;
}

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

static void set_atoms(const struct normal *n, uint16_t finding, struct value v, struct truth *t) {
    bool askable = v.state == VALUE_UNKNOWN || v.state == VALUE_UNSURE;
    for (uint16_t i = n->first[finding]; i < n->first[finding + 1]; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        bool yes, no;
        read_atom(&n->atoms[i], v, &yes, &no);
        t->yes[i / 64] = (t->yes[i / 64] & ~bit) | (yes ? bit : 0);
        t->no[i / 64] = (t->no[i / 64] & ~bit) | (no ? bit : 0);
        t->open[i / 64] = (t->open[i / 64] & ~bit) | (askable && !yes && !no ? bit : 0);
    }
}

/* An unknown finding whose `if` is no counts as its `else`, and there is nothing to ask. */
static void set_otherwise(const struct normal *n, uint16_t finding, struct value v, struct truth *t) {
    set_atoms(n, finding, v, t);
    for (uint16_t i = n->first[finding]; i < n->first[finding + 1]; i++)
        t->open[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

void truth_read(const struct normal *n, const struct view *v, struct truth *t) {
    const struct dialog *d = v->dialog;
    size_t bytes = n->word_count * sizeof(uint64_t);
    memcpy(t->yes, n->yes, bytes);
    memcpy(t->no, n->no, bytes);
    memcpy(t->open, n->open, bytes);
    for (uint16_t f = 0; f < d->finding_count; f++) {
        const struct finding *finding = &d->findings[f];
        uint64_t rest = v->frame->bits[finding->bit / 64] >> (finding->bit % 64);
        if ((rest & ((UINT64_C(1) << finding->width) - 1)) != 0) /* a zero is unknown, and that is how the truth began */
            set_atoms(n, f, frame_get(d, v->frame, f), t);
    }
    for (uint16_t i = n->first[d->finding_count]; i < n->atom_count; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        bool yes = (float)v->told >= n->atoms[i].number;
        t->yes[i / 64] |= yes ? bit : 0;
        t->no[i / 64] &= ~(yes ? bit : 0);
    }
    for (uint16_t i = 0; i < n->conditional_count; i++) {
        uint16_t f = n->conditional[i];
        if (frame_get(d, v->frame, f).state != VALUE_UNKNOWN)
            continue;
        const struct normal_guard *g = &n->only_ifs[f];
        enum kleene k = g->tree ? guard_eval(&d->findings[f].only_if, v) : normal_eval(n, g, t, NULL, NULL);
        if (k == KLEENE_NO)
            set_otherwise(n, f, d->findings[f].otherwise, t);
    }
}

/* ---- evaluating ---- */

static enum kleene eval_clause(const struct clause *c, const struct truth *t) {
    uint64_t yes = 0, may = 0;
    for (unsigned i = 0; i < c->word_count; i++) {
        const struct literals *l = &c->words[i];
        uint64_t is = t->yes[l->word], is_not = t->no[l->word];
        yes |= (l->plain & is) | (l->negated & is_not);
        may |= (l->plain & ~is_not) | (l->negated & ~is);
    }
    return yes ? KLEENE_YES : may ? KLEENE_OPEN : KLEENE_NO;
}

static uint64_t add_open(const struct clause *c, const struct truth *t, uint64_t *wait) {
    uint64_t any = 0;
    for (unsigned i = 0; i < c->word_count; i++) {
        const struct literals *l = &c->words[i];
        uint64_t open = (l->plain | l->negated) & t->open[l->word];
        wait[l->word] |= open;
        any |= open;
    }
    return any;
}

enum kleene normal_eval(const struct normal *n, const struct normal_guard *g, const struct truth *t, uint64_t *wait, bool *steady) {
    (void)n;
    uint32_t open = 0;
    for (unsigned i = 0; i < g->clause_count; i++) {
        enum kleene k = eval_clause(&g->clauses[i], t);
        if (k == KLEENE_NO) {
            if (steady)
                *steady = g->clauses[i].steady;
            return KLEENE_NO;
        }
        open |= (uint32_t)(k == KLEENE_OPEN) << i;
    }
    for (uint32_t left = wait ? open : 0; left; left &= left - 1)
        if (add_open(&g->clauses[__builtin_ctz(left)], t, wait))
            break; /* the first open part that can be asked is enough */
    return open ? KLEENE_OPEN : KLEENE_YES;
}

void normal_findings(const struct normal *n, const struct view *v, const uint64_t *wait, struct finding_set *out) {
    uint16_t last = DIALOG_NONE;
    for (unsigned w = 0; w < n->word_count; w++) {
        for (uint64_t left = wait[w]; left; left &= left - 1) {
            uint16_t f = n->atoms[w * 64 + (unsigned)__builtin_ctzll(left)].finding;
            if (f == last)
                continue;
            last = f;
            const struct finding *finding = &v->dialog->findings[f];
            struct finding_set before = {{0}};
            if (finding->only_if.nodes && frame_get(v->dialog, v->frame, f).state == VALUE_UNKNOWN &&
                guard_needs(&finding->only_if, v, &before, NULL) == KLEENE_OPEN && !finding_set_is_empty(&before)) {
                for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
                    out->bits[i] |= before.bits[i];
            } else {
                finding_set_add(out, f);
            }
        }
    }
}
