/* Private to text/: many sequences of numbers, found in one pass (Aho and Corasick, CACM 18(6), 1975).
 *
 * The first step of a sequence is a row indexed by symbol; the others are edges in one hash table, with a mask in each node that says
 * no to most symbols without a look at it. Built on the heap, then moved into an arena by automaton_settle(). */
#ifndef TEXT_AUTOMATON_H
#define TEXT_AUTOMATON_H

#include "core/arena.h"

enum { SEQUENCE_MAX = 24 };

struct node {
    uint32_t fail;
    uint32_t output;   /* first in outputs, or 0 */
    uint32_t children; /* bit node_bit(symbol) is set if there may be an edge */
};

struct edge {
    uint32_t node, symbol, target; /* node 0: a free slot */
};

/* A sequence that ends here. */
struct output {
    uint32_t next;  /* the next one that ends here, or 0 */
    uint32_t value; /* the caller's */
    uint32_t exact; /* the caller's; 0: none */
    uint32_t length;
};

struct automaton {
    struct node *nodes; /* [0] is the root */
    struct edge *edges;
    struct output *outputs; /* [0] is none */
    uint32_t *root;         /* node by symbol */
    size_t node_count, edge_count, output_count, root_count;
    size_t node_cap, output_cap;
    uint32_t edge_mask;
    bool failed; /* no memory */
};

void automaton_init(struct automaton *m);
void automaton_finish(struct automaton *m);
/* Adds a sequence of 1 to SEQUENCE_MAX symbols, none of them 0. The same sequence with the same value and no `exact` is kept once. */
void automaton_add(struct automaton *m, const uint32_t *symbols, size_t count, uint32_t value, uint32_t exact);
/* Whether some sequence begins with these symbols. */
bool automaton_knows(const struct automaton *m, const uint32_t *symbols, size_t count);
/* Links it up and moves it into the arena; symbols must be below symbol_count. False without memory. The heap is freed either way. */
bool automaton_settle(struct automaton *m, struct arena *a, size_t symbol_count);

static inline uint32_t node_bit(uint32_t symbol) { return (symbol * UINT32_C(0x9E3779B1)) >> 27; }

static inline uint32_t edge_hash(uint32_t node, uint32_t symbol) {
    uint64_t h = ((uint64_t)node << 32 | symbol) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(h >> 32);
}

/* The edge from node by symbol, or 0. */
static inline uint32_t automaton_edge(const struct automaton *m, uint32_t node, uint32_t symbol) {
    if (!(m->nodes[node].children >> node_bit(symbol) & 1))
        return 0;
    for (uint32_t at = edge_hash(node, symbol) & m->edge_mask;; at = (at + 1) & m->edge_mask) {
        const struct edge *edge = &m->edges[at];
        if (edge->node == node && edge->symbol == symbol)
            return edge->target;
        if (edge->node == 0)
            return 0;
    }
}

/* The state after symbol; 0 is the start. */
static inline uint32_t automaton_step(const struct automaton *m, uint32_t state, uint32_t symbol) {
    for (; state; state = m->nodes[state].fail) {
        uint32_t target = automaton_edge(m, state, symbol);
        if (target)
            return target;
    }
    return symbol < m->root_count ? m->root[symbol] : 0;
}

#endif
