#include "text/parts.h"

#include <stdlib.h>
#include <string.h>

#include "text/inside.h"

/* Kinds while they are told apart: by hash, the node that had each first. */
struct kinds {
    uint32_t *slots, mask; /* place in firsts + 1 */
    uint32_t *firsts;
    size_t count;
};

static const struct output *outputs_of(const struct automaton *m, uint32_t node, uint32_t *at) {
    *at = m->nodes[node].outputs[VALUE_IS_PART];
    return m->outputs;
}

static uint32_t hash_parts(const struct automaton *m, uint32_t node) {
    uint32_t at, hash = 0;
    for (const struct output *o = outputs_of(m, node, &at); at; at = o[at].next)
        hash = (hash ^ o[at].value) * UINT32_C(0x9E3779B1);
    return hash ^ hash >> 15;
}

static bool same_end(const struct automaton *m, uint32_t a, uint32_t b) {
    const struct output *x = &m->outputs[a], *y = &m->outputs[b];
    return x->value == y->value && x->length == y->length && m->exacts[a] == m->exacts[b];
}

static bool same_parts(const struct automaton *m, uint32_t a, uint32_t b) {
    uint32_t i, j;
    const struct output *o = outputs_of(m, a, &i);
    outputs_of(m, b, &j);
    for (; i && j; i = o[i].next, j = o[j].next)
        if (!same_end(m, i, j))
            return false;
    return i == j;
}

/* The kind of a node, from 0 on. */
static size_t kind_of(struct kinds *k, const struct automaton *m, uint32_t node) {
    uint32_t at = hash_parts(m, node) & k->mask;
    for (; k->slots[at]; at = (at + 1) & k->mask)
        if (same_parts(m, node, k->firsts[k->slots[at] - 1]))
            return k->slots[at] - 1;
    k->firsts[k->count] = node;
    k->slots[at] = (uint32_t)++k->count;
    return k->count - 1;
}

static bool sort_nodes(struct automaton *m, struct kinds *k) {
    size_t slots = 64;
    while (slots < m->node_count * 2)
        slots *= 2;
    k->mask = (uint32_t)(slots - 1);
    k->slots = calloc(slots, sizeof *k->slots);
    k->firsts = calloc(m->node_count, sizeof *k->firsts);
    if (!k->slots || !k->firsts)
        return false;
    for (uint32_t n = 1; n < m->node_count; n++)
        if (m->nodes[n].outputs[VALUE_IS_PART])
            m->nodes[n].mark = (uint32_t)kind_of(k, m, n) + 1;
    return true;
}

enum { NO_BIT = SIGNATURE_BITS };

/* By part: its signature bit, or NO_BIT where it is no phrase's partner. On the heap; NULL without memory. */
static uint16_t *give_bits(const struct lexicon *l, const uint32_t *partners) {
    uint16_t *bits = malloc((l->part_count + 1) * sizeof *bits);
    unsigned next = 0;
    for (size_t p = 0; bits && p <= l->part_count; p++)
        bits[p] = NO_BIT;
    for (size_t s = 0; bits && s < l->spread_count; s++)
        if (bits[partners[s]] == NO_BIT)
            bits[partners[s]] = (uint16_t)(next++ % SIGNATURE_BITS);
    return bits;
}

/* How many parts the kinds have, and how many phrases under these. */
static void count(const struct lexicon *l, const struct kinds *k, const uint32_t *spreads_from, size_t *ends, size_t *keyed) {
    const struct output *o = l->phrases.outputs;
    uint32_t at;
    *ends = *keyed = 0;
    for (size_t kind = 0; kind < k->count; kind++)
        for (outputs_of(&l->phrases, k->firsts[kind], &at); at; at = o[at].next) {
            uint32_t part = o[at].value >> 1;
            ++*ends;
            *keyed += spreads_from[part + 1] - spreads_from[part];
        }
}

static void list(struct lexicon *l, const struct kinds *k, const uint32_t *spreads_from, const uint32_t *partners, const uint16_t *bits) {
    const struct output *o = l->phrases.outputs;
    struct parts *p = &l->parts;
    uint32_t at, ends = 0, keyed = 0;
    for (size_t i = 0; i < k->count; i++) {
        struct kind *kind = &p->kinds[i];
        kind->ends = ends;
        kind->keyed = keyed;
        for (outputs_of(&l->phrases, k->firsts[i], &at); at; at = o[at].next) {
            uint32_t part = o[at].value >> 1;
            p->ends[ends++] = (struct part_end){part, at};
            if (bits[part] != NO_BIT)
                signature_add(&kind->has, bits[part]);
            for (uint32_t s = spreads_from[part]; s < spreads_from[part + 1]; s++) {
                p->keyed[keyed++] = (struct keyed){s, bits[partners[s]]};
                signature_add(&kind->wants, bits[partners[s]]);
            }
        }
        kind->ends_end = ends;
        kind->keyed_end = keyed;
    }
}

bool parts_build(struct lexicon *l, const uint32_t *spreads_from, const uint32_t *partners) {
    struct kinds k = {0};
    struct parts *p = &l->parts;
    uint16_t *bits = give_bits(l, partners);
    bool ok = bits && sort_nodes(&l->phrases, &k);
    if (ok) {
        size_t ends, keyed;
        count(l, &k, spreads_from, &ends, &keyed);
        p->kinds = ARENA_ARRAY(l->arena, struct kind, k.count);
        p->ends = ARENA_ARRAY(l->arena, struct part_end, ends);
        p->keyed = ARENA_ARRAY(l->arena, struct keyed, keyed);
        ok = p->kinds && p->ends && p->keyed;
    }
    if (ok)
        list(l, &k, spreads_from, partners, bits);
    free(bits);
    free(k.slots);
    free(k.firsts);
    return ok;
}
