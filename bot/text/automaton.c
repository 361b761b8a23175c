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

/* Where node falls back to, given where its parent does; then what ends there ends here too. */
static void link_node(struct automaton *m, uint32_t parent, uint32_t symbol, uint32_t node) {
    uint32_t fail = parent ? automaton_step(m, m->nodes[parent].fail, symbol) : 0;
    m->nodes[node].fail = fail;
    uint32_t *last = &m->nodes[node].output;
    while (*last)
        last = &m->outputs[*last].next;
    *last = m->nodes[fail].output;
}

/* Nodes at one depth after those above them. A child's number is above its parent's but not in order of depth, so: sort by depth. */
static bool link_up(struct automaton *m) {
    size_t count = m->node_count;
    struct edge *up = calloc(count, sizeof *up); /* by node: parent (as node), symbol, depth (as target) */
    uint32_t *order = calloc(count, sizeof *order);
    bool ok = up && order;
    if (ok) {
        for (size_t s = 0; s < m->root_count; s++)
            if (m->root[s])
                up[m->root[s]] = (struct edge){0, (uint32_t)s, 1};
        for (size_t i = 0; m->edges && i <= m->edge_mask; i++)
            if (m->edges[i].node)
                up[m->edges[i].target] = (struct edge){m->edges[i].node, m->edges[i].symbol, 0};
        size_t starts[SEQUENCE_MAX + 2] = {0};
        for (size_t n = 1; n < count; n++) { /* parents come first */
            if (up[n].node)
                up[n].target = up[up[n].node].target + 1;
            starts[up[n].target + 1]++;
        }
        for (size_t d = 1; d < SEQUENCE_MAX + 2; d++)
            starts[d] += starts[d - 1];
        for (size_t n = 1; n < count; n++)
            order[starts[up[n].target]++] = (uint32_t)n;
        for (size_t i = 0; i + 1 < count; i++)
            link_node(m, up[order[i]].node, up[order[i]].symbol, order[i]);
    }
    free(up);
    free(order);
    return ok;
}

static void *settled(struct arena *a, const void *from, size_t count, size_t size) {
    void *to = arena_alloc(a, count ? count : 1, size);
    if (to && from && count)
        memcpy(to, from, count * size);
    return to;
}

bool automaton_settle(struct automaton *m, struct arena *a, size_t symbol_count) {
    bool ok = !m->failed && link_up(m);
    struct automaton s = *m;
    if (ok) {
        s.root_count = m->root_count < symbol_count ? m->root_count : symbol_count;
        s.nodes = settled(a, m->nodes, m->nodes ? m->node_count : 0, sizeof *s.nodes);
        s.edges = settled(a, m->edges, m->edges ? (size_t)m->edge_mask + 1 : 0, sizeof *s.edges);
        s.outputs = settled(a, m->outputs, m->outputs ? m->output_count : 0, sizeof *s.outputs);
        s.root = settled(a, m->root, s.root_count, sizeof *s.root);
        ok = s.nodes && s.edges && s.outputs && s.root;
    }
    automaton_finish(m);
    if (ok)
        *m = s;
    return ok;
}
