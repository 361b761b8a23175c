#include "text/automaton.h"

#include <stdlib.h>
#include <string.h>

void automaton_init(struct automaton *m) { *m = (struct automaton){.node_count = 1, .output_count = 1}; }

void automaton_finish(struct automaton *m) {
    free(m->nodes);
    free(m->edges);
    free(m->outputs);
    free(m->root);
    *m = (struct automaton){0};
}

static bool grow(struct automaton *m, void *array, size_t *cap, size_t used, size_t size) {
    void **old = array;
    if (used < *cap)
        return true;
    size_t wanted = *cap ? *cap * 2 : 1024;
    char *bigger = realloc(*old, wanted * size);
    if (!bigger) {
        m->failed = true;
        return false;
    }
    memset(bigger + *cap * size, 0, (wanted - *cap) * size); /* the first of each is never set */
    *old = bigger;
    *cap = wanted;
    return true;
}

static void edges_put(struct edge *edges, uint32_t mask, struct edge new) {
    uint32_t at = edge_hash(new.node, new.symbol) & mask;
    while (edges[at].node)
        at = (at + 1) & mask;
    edges[at] = new;
}

/* At most half full. */
static bool edges_room(struct automaton *m) {
    size_t have = m->edges ? (size_t)m->edge_mask + 1 : 0;
    if ((m->edge_count + 1) * 2 <= have)
        return true;
    size_t wanted = have ? have * 2 : 512;
    struct edge *bigger = calloc(wanted, sizeof *bigger);
    if (!bigger) {
        m->failed = true;
        return false;
    }
    for (size_t i = 0; i < have; i++)
        if (m->edges[i].node)
            edges_put(bigger, (uint32_t)(wanted - 1), m->edges[i]);
    free(m->edges);
    m->edges = bigger;
    m->edge_mask = (uint32_t)(wanted - 1);
    return true;
}

static bool root_room(struct automaton *m, uint32_t symbol) {
    if (symbol < m->root_count)
        return true;
    size_t wanted = symbol + symbol / 2 + 256;
    uint32_t *bigger = realloc(m->root, wanted * sizeof *bigger);
    if (!bigger) {
        m->failed = true;
        return false;
    }
    memset(bigger + m->root_count, 0, (wanted - m->root_count) * sizeof *bigger);
    m->root = bigger;
    m->root_count = wanted;
    return true;
}

static uint32_t child(const struct automaton *m, uint32_t node, uint32_t symbol) {
    if (node == 0)
        return symbol < m->root_count ? m->root[symbol] : 0;
    return automaton_edge(m, node, symbol);
}

static uint32_t add_child(struct automaton *m, uint32_t node, uint32_t symbol) {
    bool room = grow(m, &m->nodes, &m->node_cap, m->node_count, sizeof *m->nodes) &&
                (node ? edges_room(m) : root_room(m, symbol));
    if (!room)
        return 0;
    uint32_t new = (uint32_t)m->node_count++;
    m->nodes[new] = (struct node){0};
    if (node == 0) {
        m->root[symbol] = new;
    } else {
        m->nodes[node].children |= UINT32_C(1) << node_bit(symbol);
        edges_put(m->edges, m->edge_mask, (struct edge){node, symbol, new});
        m->edge_count++;
    }
    return new;
}

void automaton_add(struct automaton *m, const uint32_t *symbols, size_t count, uint32_t value, uint32_t exact) {
    uint32_t node = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t next = child(m, node, symbols[i]);
        node = next ? next : add_child(m, node, symbols[i]);
        if (node == 0)
            return;
    }
    for (uint32_t o = m->nodes[node].output; o && !exact; o = m->outputs[o].next)
        if (m->outputs[o].value == value && !m->outputs[o].exact)
            return;
    if (!grow(m, &m->outputs, &m->output_cap, m->output_count, sizeof *m->outputs))
        return;
    m->outputs[m->output_count] = (struct output){m->nodes[node].output, value, exact, (uint32_t)count};
    m->nodes[node].output = (uint32_t)m->output_count++;
}

bool automaton_knows(const struct automaton *m, const uint32_t *symbols, size_t count) {
    uint32_t node = 0;
    for (size_t i = 0; i < count; i++) {
        node = child(m, node, symbols[i]);
        if (node == 0)
            return false;
    }
    return true;
}

/* How a node is reached: from which parent, by which symbol, in how many steps. */
struct reach {
    uint32_t parent, symbol, depth;
};

/* A child's number is above its parent's, so parents come first. */
static void find_reaches(const struct automaton *m, struct reach *reaches) {
    for (size_t s = 0; s < m->root_count; s++)
        if (m->root[s])
            reaches[m->root[s]] = (struct reach){0, (uint32_t)s, 1};
    for (size_t i = 0; m->edges && i <= m->edge_mask; i++)
        if (m->edges[i].node)
            reaches[m->edges[i].target] = (struct reach){m->edges[i].node, m->edges[i].symbol, 0};
    for (size_t n = 1; n < m->node_count; n++)
        if (reaches[n].parent)
            reaches[n].depth = reaches[reaches[n].parent].depth + 1;
}

/* New numbers for the nodes, those near the root first: nearly all of a walk is there, so let it share cache lines. */
static void number_by_depth(const struct automaton *m, const struct reach *reaches, uint32_t *numbers) {
    uint32_t next[SEQUENCE_MAX + 2] = {0};
    for (size_t n = 1; n < m->node_count; n++)
        next[reaches[n].depth + 1]++;
    next[0] = 1;
    for (size_t d = 1; d < SEQUENCE_MAX + 2; d++)
        next[d] += next[d - 1];
    for (size_t n = 1; n < m->node_count; n++)
        numbers[n] = next[reaches[n].depth]++;
}

/* Copies m into s, under the new numbers. What ends at one node comes to lie in a row. */
static void renumber(const struct automaton *m, const struct reach *reaches, const uint32_t *numbers,
                     struct automaton *s, struct reach *new_reaches) {
    for (size_t i = 0; i < s->root_count; i++)
        s->root[i] = numbers[m->root[i]];
    for (size_t i = 0; m->edges && i <= m->edge_mask; i++) {
        struct edge e = m->edges[i];
        if (e.node)
            edges_put(s->edges, s->edge_mask, (struct edge){numbers[e.node], e.symbol, numbers[e.target]});
    }
    for (size_t n = 1; n < m->node_count; n++) {
        s->nodes[numbers[n]] = m->nodes[n];
        new_reaches[numbers[n]] = (struct reach){numbers[reaches[n].parent], reaches[n].symbol, reaches[n].depth};
    }
    uint32_t out = 1;
    for (size_t n = 1; n < m->node_count; n++) {
        uint32_t o = s->nodes[n].output;
        if (o)
            s->nodes[n].output = out;
        for (; o; o = m->outputs[o].next, out++) {
            s->outputs[out] = m->outputs[o];
            s->outputs[out].next = m->outputs[o].next ? out + 1 : 0;
        }
    }
}

/* Where each node falls back to; what ends there ends at the node too. Nodes come by depth, so what they fall back to is done. */
static void link_up(struct automaton *s, const struct reach *reaches) {
    for (uint32_t n = 1; n < s->node_count; n++) {
        uint32_t parent = reaches[n].parent;
        uint32_t fail = parent ? automaton_step(s, s->nodes[parent].fail, reaches[n].symbol) : 0;
        s->nodes[n].fail = fail;
        uint32_t *last = &s->nodes[n].output;
        while (*last)
            last = &s->outputs[*last].next;
        *last = s->nodes[fail].output;
    }
}

bool automaton_settle(struct automaton *m, struct arena *a, size_t symbol_count) {
    struct automaton s = *m;
    s.root_count = m->root_count < symbol_count ? m->root_count : symbol_count;
    s.nodes = ARENA_ARRAY(a, struct node, m->node_count);
    s.edges = ARENA_ARRAY(a, struct edge, m->edges ? (size_t)m->edge_mask + 1 : 1);
    s.outputs = ARENA_ARRAY(a, struct output, m->output_count);
    s.root = ARENA_ARRAY(a, uint32_t, s.root_count);
    struct reach *reaches = calloc(m->node_count * 2, sizeof *reaches);
    uint32_t *numbers = calloc(m->node_count, sizeof *numbers);
    bool ok = !m->failed && s.nodes && s.edges && s.outputs && s.root && reaches && numbers;
    if (ok) {
        find_reaches(m, reaches);
        number_by_depth(m, reaches, numbers);
        renumber(m, reaches, numbers, &s, reaches + m->node_count);
        link_up(&s, reaches + m->node_count);
    }
    free(reaches);
    free(numbers);
    automaton_finish(m);
    if (ok)
        *m = s;
    return ok;
}
