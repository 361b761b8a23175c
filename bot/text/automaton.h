/* Private to text/: many sequences of numbers, found in one pass (Aho and Corasick, CACM 18(6), 1975).
 *
 * The first step of a sequence is a row indexed by symbol; the others are hops in one hash table, with a mask in each node that says
 * no to most symbols without a look at it. What a walk looks at is kept small and apart from the rest, because most of a walk is waiting
 * for memory. Built on the heap, then made in an arena by automaton_settle().
 *
 * Sequences are of two sorts, those with an even value and those with an odd one; where both end, each can be had without the other. Of
 * those that end together the longer come first, then even values in their order, and odd ones with the one added last before the others. */
#ifndef TEXT_AUTOMATON_H
#define TEXT_AUTOMATON_H

#include "core/arena.h"

enum { SEQUENCE_MAX = 24, OUTPUTS_MAX = 1 << 26 };

struct node {
    uint64_t children; /* bit node_bit(symbol) is set if there may be an edge */
    uint32_t fail;
    uint32_t outputs[2]; /* first in outputs, or 0: of even values and of odd ones */
    uint32_t mark;       /* the caller's */
    uint32_t parent, symbol; /* the edge that leads here */
};

struct edge {
    uint32_t node, symbol, target; /* node 0: a free slot */
};

/* An edge as a walk looks for it: most that are not there differ in the tag; the node it leads to has the last word. In this order no hop looks like
 * an address, of which an image may have none. */
struct hop {
    uint32_t target, tag; /* target 0: a free slot */
};

/* A sequence that ends here. */
struct output {
    uint32_t value;     /* the caller's */
    uint32_t next : 26; /* the next one that ends here, or 0 */
    uint32_t length : 5;
    uint32_t is_exact : 1; /* exacts[] has something of the caller's about it */
};

struct ending { /* the same while building */
    uint32_t next, value, exact, length;
};

struct automaton {
    struct node *nodes;     /* [0] is the root */
    struct output *outputs; /* [0] is none */
    uint32_t *root;         /* node by symbol */
    struct hop *hops;
    uint32_t *exacts;     /* by output; 0: none */
    size_t node_count, edge_count, output_count, root_count;
    /* While building, on the heap. */
    struct edge *edges;
    struct ending *endings;
    size_t node_cap, ending_cap;
    uint32_t edge_mask;
    uint32_t hop_mask; /* once settled */
    bool failed;       /* no memory */
};

void automaton_init(struct automaton *m);
void automaton_finish(struct automaton *m);
/* Adds a sequence of 1 to SEQUENCE_MAX symbols, none of them 0. The same sequence with the same value and no `exact` is kept once. */
void automaton_add(struct automaton *m, const uint32_t *symbols, size_t count, uint32_t value, uint32_t exact);
/* Whether some sequence begins with these symbols. Only once it is settled. */
bool automaton_knows(const struct automaton *m, const uint32_t *symbols, size_t count);
/* Links it up and moves it into the arena; symbols must be below symbol_count. False without memory. The heap is freed either way. */
bool automaton_settle(struct automaton *m, struct arena *a, size_t symbol_count);

static inline uint32_t node_bit(uint32_t symbol) { return (symbol * UINT32_C(0x9E3779B1)) >> 26; }

static inline uint64_t edge_hash(uint32_t node, uint32_t symbol) {
    uint64_t h = ((uint64_t)node << 32 | symbol) * UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 32;
}

uint32_t automaton_step_slowly(const struct automaton *m, uint32_t state, uint32_t symbol);

/* The state after symbol; 0 is the start. Most symbols go on nowhere and begin anew. */
static inline uint32_t automaton_step(const struct automaton *m, uint32_t state, uint32_t symbol) {
    const struct node *node = &m->nodes[state];
    if (node->fail || (node->children >> node_bit(symbol) & 1))
        return automaton_step_slowly(m, state, symbol);
    return symbol < m->root_count ? m->root[symbol] : 0;
}

#endif
