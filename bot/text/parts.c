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

static bool same_parts(const struct automaton *m, uint32_t a, uint32_t b) {
    uint32_t i, j;
    const struct output *o = outputs_of(m, a, &i);
    outputs_of(m, b, &j);
    for (; i && j; i = o[i].next, j = o[j].next)
        if (o[i].value != o[j].value)
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

/* How many parts the kinds have, and how many phrases under these. */
static void count(const struct lexicon *l, const struct kinds *k, const uint32_t *spreads_from, size_t *parts, size_t *keyed) {
    const struct output *o = l->phrases.outputs;
    uint32_t at;
    *parts = *keyed = 0;
    for (size_t kind = 0; kind < k->count; kind++)
        for (outputs_of(&l->phrases, k->firsts[kind], &at); at; at = o[at].next) {
            uint32_t part = o[at].value >> 1;
            ++*parts;
            *keyed += spreads_from[part + 1] - spreads_from[part];
        }
}

static void list(struct lexicon *l, const struct kinds *k, const uint32_t *spreads_from, const uint32_t *partners) {
    const struct output *o = l->phrases.outputs;
    struct parts *p = &l->parts;
    uint32_t at, parts = 0, keyed = 0;
    for (size_t kind = 0; kind < k->count; kind++) {
        for (outputs_of(&l->phrases, k->firsts[kind], &at); at; at = o[at].next) {
            uint32_t part = o[at].value >> 1;
            p->parts[parts++] = part;
            for (uint32_t s = spreads_from[part]; s < spreads_from[part + 1]; s++)
                p->keyed[keyed++] = (struct keyed){s, partners[s]};
        }
        p->from[kind + 1] = parts;
        p->keyed_from[kind + 1] = keyed;
    }
}

bool parts_build(struct lexicon *l, const uint32_t *spreads_from, const uint32_t *partners) {
    struct kinds k = {0};
    struct parts *p = &l->parts;
    bool ok = sort_nodes(&l->phrases, &k);
    if (ok) {
        size_t parts, keyed;
        count(l, &k, spreads_from, &parts, &keyed);
        p->from = ARENA_ARRAY(l->arena, uint32_t, k.count + 1);
        p->parts = ARENA_ARRAY(l->arena, uint32_t, parts);
        p->keyed_from = ARENA_ARRAY(l->arena, uint32_t, k.count + 1);
        p->keyed = ARENA_ARRAY(l->arena, struct keyed, keyed);
        ok = p->from && p->parts && p->keyed_from && p->keyed;
    }
    if (ok)
        list(l, &k, spreads_from, partners);
    free(k.slots);
    free(k.firsts);
    return ok;
}
