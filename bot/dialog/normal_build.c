/* Building the normal form: the atoms, and the guards as conjunctions of disjunctions. What they mean for each other is in normal_link.c. */
#include "dialog/normal_work.h"

#include <stdlib.h>
#include <string.h>

/* A clause under construction: wide, for simple set operations. */
struct wide {
    uint64_t plain[TRUTH_WORDS_MAX], negated[TRUTH_WORDS_MAX];
};

struct formula {
    struct wide clauses[NORMAL_CLAUSES_MAX];
    unsigned count;
};

static struct atom atom_of(const struct guard_node *n) {
    bool plain = n->op == GUARD_YES || n->op >= GUARD_UNSURE;
    return (struct atom){n->op, n->finding, plain ? 0 : n->number};
}

static int compare_atoms(const void *a, const void *b) {
    const struct atom *x = a, *y = b;
    if (x->finding != y->finding)
        return x->finding < y->finding ? -1 : 1;
    if (x->op != y->op)
        return x->op < y->op ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void list_atoms(struct builder *b) {
    for (size_t i = 0; i < b->block_count; i++)
        for (size_t k = 0; k < b->blocks[i].count; k++)
            if (is_atom(&b->blocks[i].nodes[k]))
                b->listed[b->listed_count++] = atom_of(&b->blocks[i].nodes[k]);
}

/* Each atom once; those of one finding lie in one word, with fillers in front where they would not. What does not fit is left out. */
static size_t spread_atoms(struct builder *b) {
    size_t n = 0;
    for (size_t i = 0, to; i < b->listed_count; i = to) {
        size_t own = 0, from = n;
        uint16_t finding = b->listed[i].finding;
        for (to = i; to < b->listed_count && b->listed[to].finding == finding; to++)
            own += to == i || compare_atoms(&b->listed[to - 1], &b->listed[to]) != 0;
        if (own > 64)
            own = 64;
        while (n % 64 + own > 64)
            b->atoms[n++] = (struct atom){GUARD_ALWAYS, finding, 0};
        if (n + own > TRUTH_WORDS_MAX * 64)
            return from;
        for (size_t k = i; k < to && own > 0; k++) {
            if (k > i && compare_atoms(&b->listed[k - 1], &b->listed[k]) == 0)
                continue;
            b->atoms[n++] = b->listed[k];
            own--;
        }
    }
    return n;
}

static void number_atoms(struct builder *b) {
    for (size_t i = 0; i < b->block_count; i++) {
        for (size_t k = 0; k < b->blocks[i].count; k++) {
            struct guard_node *n = &b->blocks[i].nodes[k];
            struct atom key = atom_of(n);
            const struct atom *at = is_atom(n) ? bsearch(&key, b->atoms, b->out->atom_count, sizeof key, compare_atoms) : NULL;
            n->atom = at ? (uint16_t)(at - b->atoms + 1) : GUARD_NO_ATOM;
        }
    }
}

static bool collect_atoms(struct builder *b) {
    const struct dialog *d = b->dialog;
    size_t nodes = 0;
    for (size_t i = 0; i < b->block_count; i++)
        nodes += b->blocks[i].count;
    b->listed = calloc(nodes + 1, sizeof *b->listed);
    b->atoms = calloc(TRUTH_WORDS_MAX * 64, sizeof *b->atoms);
    uint16_t *first = ARENA_ARRAY(b->arena, uint16_t, (size_t)d->finding_count + 1);
    if (!b->listed || !b->atoms || !first)
        return false;
    list_atoms(b);
    qsort(b->listed, b->listed_count, sizeof *b->listed, compare_atoms);
    size_t n = spread_atoms(b);
    struct atom *kept = ARENA_ARRAY(b->arena, struct atom, n);
    if (!kept)
        return false;
    for (size_t i = 0; i < n; i++) { /* by members: no stray bytes in a dialog's gaps */
        kept[i].op = b->atoms[i].op;
        kept[i].finding = b->atoms[i].finding;
        kept[i].number = b->atoms[i].number;
    }
    b->out->atoms = kept;
    b->out->atom_count = (uint16_t)n;
    b->out->word_count = (uint16_t)((n + 63) / 64);
    for (uint32_t f = 0, at = 0; f <= d->finding_count; f++) {
        while (at < n && b->atoms[at].finding < f)
            at++;
        first[f] = (uint16_t)at;
    }
    b->out->first = first;
    number_atoms(b);
    return true;
}

static bool add_literal(const struct guard_node *n, bool negated, struct formula *out) {
    if (n->atom == GUARD_NO_ATOM)
        return false;
    unsigned bit = n->atom - 1u;
    out->count = 1;
    memset(out->clauses, 0, sizeof out->clauses[0]);
    uint64_t *words = negated ? out->clauses[0].negated : out->clauses[0].plain;
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
    return true;
}

/* a says no less than b: then b adds nothing beside it. */
static bool is_within(const struct wide *a, const struct wide *b) {
    uint64_t outside = 0;
    for (unsigned i = 0; i < TRUTH_WORDS_MAX; i++)
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
            for (unsigned w = 0; w < TRUTH_WORDS_MAX; w++) {
                both.plain[w] |= part->clauses[k].plain[w];
                both.negated[w] |= part->clauses[k].negated[w];
            }
            if (!add_clause(scratch, &both))
                return false;
        }
    }
    any->count = scratch->count;
    memcpy(any->clauses, scratch->clauses, scratch->count * sizeof scratch->clauses[0]);
    return true;
}

/* The normal form of a subtree; false where it grows too large. */
static bool normalise(const struct guard_node *n, bool negated, struct formula *out) {
    bool yes = (n->op == GUARD_ALWAYS) != negated;
    switch (n->op) {
    case GUARD_ALWAYS:
    case GUARD_NEVER: /* yes is the empty conjunction, no the empty disjunction */
        out->count = yes ? 0 : 1;
        memset(out->clauses, 0, sizeof out->clauses[0]);
        return true;
    case GUARD_NOT:
        return normalise(n + 1, !negated, out);
    case GUARD_AT_LEAST:
    case GUARD_LEVEL:
        return false;
    case GUARD_AND:
    case GUARD_OR:
        break;
    default:
        return add_literal(n, negated, out);
    }
    bool conjunction = (n->op == GUARD_AND) != negated, fits = true;
    struct formula *part = malloc(2 * sizeof *part);
    if (!part)
        return false;
    out->count = conjunction ? 0 : 1;
    memset(out->clauses, 0, sizeof out->clauses[0]);
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children && fits; i++, child += child->span)
        fits = normalise(child, negated, part) && (conjunction ? conjoin(out, part) : disjoin(out, part, part + 1));
    free(part);
    return fits;
}

/* A disjunction of nothing keeps one empty entry: it is "no". */
static struct literals *store_clause(const struct builder *b, const struct wide *w, struct literals *to) {
    struct literals *from = to;
    for (uint16_t i = 0; i < b->out->word_count; i++) {
        if (!(w->plain[i] | w->negated[i]))
            continue;
        to->plain = w->plain[i];
        to->negated = w->negated[i];
        to->word = i;
        to++;
    }
    if (to == from)
        to++;
    to[-1].last = true;
    return to;
}

static bool build_guard(struct builder *b, const struct guard *g, struct normal_guard *out) {
    if (!g->nodes)
        return true;
    struct formula *f = malloc(sizeof *f);
    if (!f)
        return false;
    out->tree = !normalise(g->nodes, false, f);
    size_t most = 0;
    for (unsigned i = 0; !out->tree && i < f->count; i++)
        for (unsigned w = 0; w < TRUTH_WORDS_MAX; w++)
            most += w == 0 || (f->clauses[i].plain[w] | f->clauses[i].negated[w]) != 0;
    struct literals *from = ARENA_ARRAY(b->arena, struct literals, most), *to = from;
    for (unsigned i = 0; from && !out->tree && i < f->count; i++)
        to = store_clause(b, &f->clauses[i], to);
    out->from = from;
    out->to = to;
    free(f);
    return from != NULL;
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
                if (is_atom(&g->nodes[i]))
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

const struct normal *normal_build(const struct dialog *d, struct arena *a, const struct guard_block *blocks, size_t count) {
    struct normal *n = ARENA_NEW(a, struct normal);
    struct builder b = {.dialog = d, .arena = a, .out = n, .blocks = blocks, .block_count = count};
    struct normal_guard *rules = ARENA_ARRAY(a, struct normal_guard, d->rule_count);
    struct normal_guard *only_ifs = ARENA_ARRAY(a, struct normal_guard, d->finding_count);
    bool good = n && rules && only_ifs && collect_atoms(&b) && order_conditional(&b);
    for (uint16_t i = 0; i < d->rule_count && good; i++)
        good = build_guard(&b, &d->rules[i].when, &rules[i]);
    for (uint16_t i = 0; i < d->finding_count && good; i++)
        good = build_guard(&b, &d->findings[i].only_if, &only_ifs[i]);
    if (good) {
        n->rules = rules;
        n->only_ifs = only_ifs;
        good = normal_link(&b);
    }
    free(b.listed);
    free(b.atoms);
    return good ? n : NULL;
}
