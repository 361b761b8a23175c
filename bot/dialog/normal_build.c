/* Building the rules' normal form: see normal.h. */
#include "dialog/normal.h"

#include <stdlib.h>
#include <string.h>

/* A clause under construction: wide, for simple set operations. */
struct wide {
    uint64_t plain[NORMAL_WORDS_MAX], negated[NORMAL_WORDS_MAX];
};

struct formula {
    struct wide clauses[NORMAL_CLAUSES_MAX];
    unsigned count;
};

struct builder {
    const struct dialog *dialog;
    struct arena *arena;
    struct normal *out;
    struct atom *listed; /* of all guards, as they come */
    size_t listed_count;
    struct atom *atoms; /* each once, in its place */
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
            b->listed[b->listed_count++] = atom_of(&g->nodes[i]);
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
        if (n + own > NORMAL_WORDS_MAX * 64)
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

static bool collect_atoms(struct builder *b) {
    const struct dialog *d = b->dialog;
    b->listed = ARENA_ARRAY(b->arena, struct atom, count_nodes(d) + 1);
    b->atoms = ARENA_ARRAY(b->arena, struct atom, NORMAL_WORDS_MAX * 64);
    uint16_t *first = ARENA_ARRAY(b->arena, uint16_t, (size_t)d->finding_count + 2);
    if (!b->listed || !b->atoms || !first)
        return false;
    for (uint16_t i = 0; i < d->rule_count; i++)
        list_atoms(b, &d->rules[i].when);
    for (uint16_t i = 0; i < d->finding_count; i++)
        list_atoms(b, &d->findings[i].only_if);
    qsort(b->listed, b->listed_count, sizeof *b->listed, compare_atoms);
    size_t n = spread_atoms(b);
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
    any->count = scratch->count;
    memcpy(any->clauses, scratch->clauses, scratch->count * sizeof scratch->clauses[0]);
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
    struct formula *part = malloc(2 * sizeof *part);
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

/* A disjunction of nothing keeps one empty entry: it is "no". */
static struct literals *store_clause(const struct builder *b, const struct wide *w, struct literals *to) {
    struct literals *from = to;
    bool steady = is_steady(b, w);
    for (uint16_t i = 0; i < b->out->word_count; i++)
        if (w->plain[i] | w->negated[i])
            *to++ = (struct literals){w->plain[i], w->negated[i], i, false, steady};
    if (to == from)
        *to++ = (struct literals){.steady = steady};
    to[-1].last = true;
    return to;
}

static bool build_guard(struct builder *b, const struct guard *g, struct normal_guard *out) {
    if (!g->nodes)
        return true;
    struct formula *f = malloc(sizeof *f);
    if (!f)
        return false;
    out->tree = !normalise(b, g->nodes, false, f);
    size_t most = 0;
    for (unsigned i = 0; !out->tree && i < f->count; i++)
        for (unsigned w = 0; w < NORMAL_WORDS_MAX; w++)
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

/* ---- what depends on what ---- */

/* Adds what a guard looks at. True where it looks at the level told. */
static bool add_looked_at(const struct guard *g, struct finding_set *set) {
    bool level = false;
    for (size_t i = 0; i < g->count; i++) {
        if (g->nodes[i].op == GUARD_LEVEL)
            level = true;
        else if (is_atom(g->nodes[i].op))
            finding_set_add(set, g->nodes[i].finding);
    }
    return level;
}

/* Adds what the `if` of any of them looks at, and so on. */
static bool close_over(const struct dialog *d, struct finding_set *set) {
    bool level = false;
    struct finding_set done = {{0}};
    for (bool more = true; more;) {
        more = false;
        for (uint16_t f = 0; f < d->finding_count; f++) {
            if (!finding_set_has(set, f) || finding_set_has(&done, f))
                continue;
            finding_set_add(&done, f);
            level |= add_looked_at(&d->findings[f].only_if, set);
            more = true;
        }
    }
    return level;
}

static void link_rules(struct builder *b, struct rule_set *touches) {
    const struct dialog *d = b->dialog;
    for (uint16_t r = 0; r < d->rule_count; r++) {
        struct finding_set on = {{0}};
        bool level = add_looked_at(&d->rules[r].when, &on);
        level |= close_over(d, &on);
        uint64_t bit = UINT64_C(1) << (r % 64);
        b->out->level_rules.bits[r / 64] |= level ? bit : 0;
        for (uint16_t f = 0; f < d->finding_count; f++)
            touches[f].bits[r / 64] |= finding_set_has(&on, f) ? bit : 0;
    }
}

static void link_conditionals(struct builder *b, struct reach *reach) {
    const struct dialog *d = b->dialog;
    for (uint16_t i = 0; i < b->out->conditional_count; i++) {
        struct finding_set on = {{0}};
        finding_set_add(&on, b->out->conditional[i]);
        bool level = close_over(d, &on);
        uint64_t bit = UINT64_C(1) << (i % 64);
        b->out->level_conditionals[i / 64] |= level ? bit : 0;
        for (uint16_t f = 0; f < d->finding_count; f++)
            reach[f].conditional[i / 64] |= finding_set_has(&on, f) ? bit : 0;
    }
}

/* ---- how findings are read ---- */

/* Every value a code can stand for, read once and for all. */
static bool keep_answers(struct builder *b, uint16_t f, struct reach *r) {
    const struct finding *finding = &b->dialog->findings[f];
    unsigned codes = 1u << r->width;
    if (!r->atoms || finding->kind == FINDING_NUMBER || finding->width > 16 || codes > NORMAL_CODES_MAX)
        return true;
    struct answers *all = ARENA_ARRAY(b->arena, struct answers, codes);
    for (unsigned code = 0; all && code < codes; code++) {
        struct frame frame = {{0}};
        frame.bits[finding->bit / 64] = (uint64_t)code << r->shift;
        all[code] = normal_answers(b->out, f, frame_get(b->dialog, &frame, f));
    }
    r->codes = all;
    return all != NULL;
}

static bool build_reach(struct builder *b, struct reach *reach) {
    struct normal *n = b->out;
    for (uint16_t f = 0; f < b->dialog->finding_count; f++) {
        const struct finding *finding = &b->dialog->findings[f];
        struct reach *r = &reach[f];
        r->width = (uint8_t)finding->width;
        r->shift = (uint8_t)(finding->bit % 64);
        for (uint16_t i = 0; i < finding->width; i++)
            n->finding_at[finding->bit + i] = (uint8_t)f;
        for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++) {
            if (n->atoms[i].op == GUARD_ALWAYS)
                continue;
            r->word = i / 64;
            r->atoms |= UINT64_C(1) << (i % 64);
        }
        r->otherwise = normal_answers(n, f, finding->otherwise);
        if (!keep_answers(b, f, r))
            return false;
    }
    n->reach = reach;
    return true;
}

/* ---- when nothing is known ---- */

static void read_nothing_known(struct builder *b) {
    struct normal *n = b->out;
    for (uint16_t i = n->first[b->dialog->finding_count]; i < n->atom_count; i++)
        n->start.no[i / 64] |= UINT64_C(1) << (i % 64); /* no level was told */
    for (uint16_t f = 0; f < b->dialog->finding_count; f++) {
        struct answers a = normal_answers(n, f, (struct value){VALUE_UNKNOWN, 0});
        n->start.yes[n->reach[f].word] |= a.yes;
        n->start.no[n->reach[f].word] |= a.no;
    }
}

static void judge_nothing_known(struct builder *b, struct finding_set *needs) {
    const struct dialog *d = b->dialog;
    struct normal *n = b->out;
    struct frame nothing = {{0}};
    struct seen seen = {{0}, {0}};
    struct view v = {d, &nothing, LEVEL_NONE, &seen};
    for (uint16_t i = 0; i < n->conditional_count; i++) {
        uint16_t f = n->conditional[i];
        enum kleene k = guard_eval(&d->findings[f].only_if, &v);
        const struct reach *r = &n->reach[f];
        if (k != KLEENE_NO)
            continue;
        n->start.yes[r->word] = (n->start.yes[r->word] & ~r->atoms) | r->otherwise.yes;
        n->start.no[r->word] = (n->start.no[r->word] & ~r->atoms) | r->otherwise.no;
    }
    for (uint16_t r = 0; r < d->rule_count; r++) {
        enum kleene k = guard_needs(&d->rules[r].when, &v, &needs[r], NULL);
        n->start_yes.bits[r / 64] |= k == KLEENE_YES ? UINT64_C(1) << (r % 64) : 0;
        n->start_open.bits[r / 64] |= k == KLEENE_OPEN ? UINT64_C(1) << (r % 64) : 0;
    }
    n->start_needs = needs;
}

const struct normal *normal_build(const struct dialog *d, struct arena *a) {
    struct normal *n = ARENA_NEW(a, struct normal);
    struct builder b = {.dialog = d, .arena = a, .out = n};
    struct normal_guard *rules = ARENA_ARRAY(a, struct normal_guard, d->rule_count);
    struct normal_guard *only_ifs = ARENA_ARRAY(a, struct normal_guard, d->finding_count);
    struct reach *reach = ARENA_ARRAY(a, struct reach, d->finding_count);
    struct rule_set *touches = ARENA_ARRAY(a, struct rule_set, d->finding_count);
    struct finding_set *needs = ARENA_ARRAY(a, struct finding_set, d->rule_count);
    if (!n || !rules || !only_ifs || !reach || !touches || !needs || !collect_atoms(&b) || !order_conditional(&b))
        return NULL;
    for (uint16_t i = 0; i < d->rule_count; i++)
        if (!build_guard(&b, &d->rules[i].when, &rules[i]))
            return NULL;
    for (uint16_t i = 0; i < d->finding_count; i++)
        if (!build_guard(&b, &d->findings[i].only_if, &only_ifs[i]))
            return NULL;
    n->rules = rules;
    n->only_ifs = only_ifs;
    n->rule_words = (uint16_t)((d->rule_count + 63) / 64);
    n->finding_words = (uint16_t)((d->finding_count + 63) / 64);
    n->touches = touches;
    link_rules(&b, touches);
    link_conditionals(&b, reach);
    if (!build_reach(&b, reach))
        return NULL;
    read_nothing_known(&b);
    judge_nothing_known(&b, needs);
    return n;
}
