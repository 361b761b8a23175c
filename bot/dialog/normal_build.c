/* Building the normal form: the atoms, and the guards as conjunctions of disjunctions. What they mean for each other is in normal_link.c. */
#include "dialog/normal_work.h"

#include <stdlib.h>
#include <string.h>

enum { LITERALS_FEW = 20 }; /* beyond them a guard is looked at part by part: that ends sooner */

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

static bool is_yesno(const struct builder *b, uint16_t finding) { return b->dialog->findings[finding].kind == FINDING_YESNO; }

static void list_atoms(struct builder *b) {
    for (size_t i = 0; i < b->block_count; i++)
        for (size_t k = 0; k < b->blocks[i].count; k++)
            if (is_atom(&b->blocks[i].nodes[k]) && !is_yesno(b, b->blocks[i].nodes[k].finding))
                b->listed[b->listed_count++] = atom_of(&b->blocks[i].nodes[k]);
}

/* Each atom once; those of one finding lie in one word, with fillers in front where they would not. What does not fit is left out. */
static size_t spread_atoms(struct builder *b, size_t most) {
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
        if (n + own > most)
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

static uint16_t bit_in_plane(const struct builder *b, enum truth_plane plane, uint16_t finding) {
    return (uint16_t)((unsigned)plane * b->out->plane_words * 64 + b->dialog->findings[finding].slot);
}

/* The node's atom, as guard_node.atom has it. */
static uint16_t number_of(const struct builder *b, const struct guard_node *n) {
    if (!is_atom(n))
        return GUARD_NO_ATOM;
    if (is_yesno(b, n->finding))
        return (uint16_t)(bit_in_plane(b, plane_of((enum guard_op)n->op), n->finding) + 1);
    struct atom key = atom_of(n);
    const struct atom *at = bsearch(&key, b->atoms, b->out->first[b->dialog->finding_count], sizeof key, compare_atoms);
    return at ? (uint16_t)((unsigned)TRUTH_PLANES * b->out->plane_words * 64 + (unsigned)(at - b->atoms) + 1) : GUARD_NO_ATOM;
}

static bool collect_atoms(struct builder *b) {
    const struct dialog *d = b->dialog;
    size_t nodes = 0, planes = (size_t)TRUTH_PLANES * d->plane_words;
    for (size_t i = 0; i < b->block_count; i++)
        nodes += b->blocks[i].count;
    b->listed = calloc(nodes + 1, sizeof *b->listed);
    b->atoms = calloc(TRUTH_WORDS_MAX * 64, sizeof *b->atoms);
    uint16_t *first = ARENA_ARRAY(b->arena, uint16_t, (size_t)d->finding_count + 1);
    if (!b->listed || !b->atoms || !first)
        return false;
    list_atoms(b);
    qsort(b->listed, b->listed_count, sizeof *b->listed, compare_atoms);
    size_t n = spread_atoms(b, (TRUTH_WORDS_MAX - planes) * 64);
    struct atom *kept = ARENA_ARRAY(b->arena, struct atom, n);
    if (!kept)
        return false;
    for (size_t i = 0; i < n; i++) { /* by members: no stray bytes in a dialog's gaps */
        kept[i].op = b->atoms[i].op;
        kept[i].finding = b->atoms[i].finding;
        kept[i].number = b->atoms[i].number;
    }
    b->out->atoms = kept;
    b->out->plane_words = d->plane_words;
    b->out->word_count = (uint16_t)(planes + (n + 63) / 64);
    for (uint32_t f = 0, at = 0; f <= d->finding_count; f++) {
        while (at < n && b->atoms[at].finding < f)
            at++;
        first[f] = (uint16_t)at;
    }
    b->out->first = first;
    for (size_t i = 0; i < b->block_count; i++)
        for (size_t k = 0; k < b->blocks[i].count; k++)
            b->blocks[i].nodes[k].atom = number_of(b, &b->blocks[i].nodes[k]);
    return true;
}

/* ---- folding ---- */

static bool are_one_atom(const struct builder *b, const struct guard_node *n, const struct guard_node *next) {
    return n->op == GUARD_KNOWN && next->op == GUARD_YES && n->finding == next->finding && is_yesno(b, n->finding);
}

/* Copies a guard, with "x is known and x" as one atom, which is never open. Returns the end of the copy. */
static struct guard_node *fold(const struct builder *b, const struct guard_node *n, struct guard_node *to) {
    struct guard_node *own = to++;
    *own = *n;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        if (n->op != GUARD_AND || i + 1u == n->children || !are_one_atom(b, child, child + 1)) {
            to = fold(b, child, to);
            continue;
        }
        *to = *child;
        to++->atom = (uint16_t)(bit_in_plane(b, TRUTH_SURE, child->finding) + 1);
        own->children--;
        child++;
        i++;
    }
    own->span = (uint16_t)(to - own);
    if (n->op != GUARD_AND || own->children > 1)
        return to;
    memmove(own, own + 1, (own->span - 1u) * sizeof *own);
    return to - 1;
}

/* ---- conjunctions of disjunctions ---- */

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

/* ---- what is waited for ---- */

static struct want *add_want(struct want **to, bool atoms, bool all, bool in_turn) {
    struct want *w = (*to)++;
    w->atoms = atoms;
    w->all = all;
    w->in_turn = in_turn;
    w->span = 1;
    return w;
}

/* An atom, with those of the parts before that can be told from it by their bits. */
static void want_atom(const struct builder *b, const struct guard_node *n, bool negated, bool all, struct want *from, struct want **to) {
    unsigned bit = n->atom - 1u, planes = (unsigned)TRUTH_PLANES * b->out->plane_words;
    uint16_t slot = bit / 64 < planes ? DIALOG_NONE : b->dialog->findings[n->finding].slot;
    struct want *w = from;
    while (w < *to && !(w->atoms && w->word == bit / 64 && w->slot == slot))
        w += w->span;
    if (w >= *to)
        w = add_want(to, true, all, false);
    w->word = (uint16_t)(bit / 64);
    w->slot = slot;
    *(negated ? &w->negated : &w->plain) |= UINT64_C(1) << bit % 64;
}

static void want_parts(const struct builder *b, const struct guard_node *n, bool negated, struct want **to);

/* One of the parts `from` on, which belong to one `and` or `or`. */
static void want_part(const struct builder *b, const struct guard_node *n, bool negated, bool all, bool in_turn, struct want *from, struct want **to) {
    for (; n->op == GUARD_NOT; n++)
        negated = !negated;
    if (is_atom(n))
        want_atom(b, n, negated, all, in_turn ? *to : from, to);
    else
        want_parts(b, n, negated, to);
}

static void want_parts(const struct builder *b, const struct guard_node *n, bool negated, struct want **to) {
    bool all = n->op == GUARD_AND || n->op == GUARD_ALWAYS, in_turn = n->op == GUARD_AND;
    struct want *own = add_want(to, false, all != negated, in_turn);
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span)
        want_part(b, child, negated, all != negated, in_turn, own + 1, to);
    own->span = (uint16_t)(*to - own);
}

/* ---- a guard ---- */

static bool has_tree_only(const struct guard_node *n, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (n[i].op == GUARD_AT_LEAST || n[i].op == GUARD_LEVEL || (is_atom(&n[i]) && n[i].atom == GUARD_NO_ATOM))
            return true;
    return false;
}

static unsigned words_of(const struct wide *w) {
    unsigned words = 0;
    for (unsigned i = 0; i < TRUTH_WORDS_MAX; i++)
        words += (w->plain[i] | w->negated[i]) != 0;
    return words;
}

/* The quickest to look at first: any of them may tell that the guard is no. */
static void store_clauses(const struct builder *b, const struct formula *f, struct normal_guard *out, struct literals *to) {
    out->from = to;
    for (unsigned words = 0; words <= TRUTH_WORDS_MAX; words++)
        for (unsigned i = 0; i < f->count; i++)
            if (words_of(&f->clauses[i]) == words)
                to = store_clause(b, &f->clauses[i], to);
    out->to = to;
}

static bool build_guard(struct builder *b, const struct guard_block *g) {
    struct normal_guard *out = g->normal;
    struct formula *f = malloc(sizeof *f);
    struct want *wants = ARENA_ARRAY(b->arena, struct want, g->count + 2);
    if (!f || !wants) {
        free(f);
        return false;
    }
    fold(b, g->nodes, b->folded);
    out->tree = has_tree_only(g->nodes, g->count);
    struct want *end = wants;
    if (!out->tree) { /* a single atom has parts, too: one */
        const struct guard_node *root = b->folded;
        while (root->op == GUARD_NOT)
            root++;
        struct want *whole = is_atom(root) ? add_want(&end, false, true, true) : NULL;
        want_part(b, b->folded, false, true, true, end, &end);
        if (whole)
            whole->span = (uint16_t)(end - whole);
    }
    out->wants = wants;
    bool fits = !out->tree && normalise(b->folded, false, f);
    size_t most = 0;
    f->count = fits ? f->count : 0;
    for (unsigned i = 0; i < f->count; i++)
        most += words_of(&f->clauses[i]) + 1;
    struct literals *literals = ARENA_ARRAY(b->arena, struct literals, most);
    if (literals)
        store_clauses(b, f, out, literals);
    out->by_parts = !out->tree && (!fits || out->to - out->from > LITERALS_FEW);
    free(f);
    return literals != NULL;
}

const struct normal *normal_build(const struct dialog *d, struct arena *a, const struct guard_block *blocks, size_t count) {
    struct normal *n = ARENA_NEW(a, struct normal);
    struct builder b = {.dialog = d, .arena = a, .out = n, .blocks = blocks, .block_count = count};
    size_t largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = blocks[i].count > largest ? blocks[i].count : largest;
    b.folded = calloc(largest + 1, sizeof *b.folded);
    bool good = n && b.folded && collect_atoms(&b);
    for (size_t i = 0; i < count && good; i++)
        good = build_guard(&b, &blocks[i]);
    good = good && normal_link(&b);
    free(b.folded);
    free(b.listed);
    free(b.atoms);
    return good ? n : NULL;
}
