#include "text/automaton.h"

#include <stdlib.h>
#include <string.h>

void automaton_init(struct automaton *m) { *m = (struct automaton){.node_count = 1, .output_count = 1}; }

void automaton_finish(struct automaton *m) {
    free(m->nodes);
    free(m->edges);
    free(m->endings);
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
    uint32_t at = (uint32_t)edge_hash(new.node, new.symbol) & mask;
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
    if (!(m->nodes[node].children >> node_bit(symbol) & 1))
        return 0;
    uint32_t at = (uint32_t)edge_hash(node, symbol) & m->edge_mask;
    while (m->edges[at].node && (m->edges[at].node != node || m->edges[at].symbol != symbol))
        at = (at + 1) & m->edge_mask;
    return m->edges[at].target;
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
        m->nodes[node].children |= UINT64_C(1) << node_bit(symbol);
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
    uint32_t *first = &m->nodes[node].outputs[value & 1];
    for (uint32_t o = *first; o && !exact; o = m->endings[o].next)
        if (m->endings[o].value == value && !m->endings[o].exact)
            return;
    if (!grow(m, &m->endings, &m->ending_cap, m->output_count, sizeof *m->endings))
        return;
    if (m->output_count == OUTPUTS_MAX) {
        m->failed = true;
        return;
    }
    m->endings[m->output_count] = (struct ending){*first, value, exact, (uint32_t)count};
    *first = (uint32_t)m->output_count++;
}

/* The edge from node by symbol, or 0. */
static uint32_t automaton_edge(const struct automaton *m, uint32_t node, uint32_t symbol) {
    if (!(m->nodes[node].children >> node_bit(symbol) & 1))
        return 0;
    uint64_t hash = edge_hash(node, symbol);
    for (uint32_t at = (uint32_t)hash & m->hop_mask;; at = (at + 1) & m->hop_mask) {
        const struct hop hop = m->hops[at];
        if (hop.target == 0)
            return 0;
        const struct node *to = &m->nodes[hop.target];
        if (hop.tag == (uint32_t)(hash >> 32) && to->parent == node && to->symbol == symbol)
            return hop.target;
    }
}

uint32_t automaton_step_slowly(const struct automaton *m, uint32_t state, uint32_t symbol) {
    for (; state; state = m->nodes[state].fail) {
        uint32_t target = automaton_edge(m, state, symbol);
        if (target)
            return target;
    }
    return symbol < m->root_count ? m->root[symbol] : 0;
}

bool automaton_knows(const struct automaton *m, const uint32_t *symbols, size_t count) {
    uint32_t node = 0;
    for (size_t i = 0; i < count; i++) {
        node = node ? automaton_edge(m, node, symbols[i]) : symbols[i] < m->root_count ? m->root[symbols[i]] : 0;
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

/* The edge of a node, which has its new number. */
static void put_hop(struct automaton *s, struct edge edge) {
    uint64_t hash = edge_hash(edge.node, edge.symbol);
    uint32_t at = (uint32_t)hash & s->hop_mask;
    while (s->hops[at].target)
        at = (at + 1) & s->hop_mask;
    s->hops[at] = (struct hop){.target = edge.target, .tag = (uint32_t)(hash >> 32)};
    s->nodes[edge.target].parent = edge.node;
    s->nodes[edge.target].symbol = edge.symbol;
}

/* What ends at a node of m comes to lie in a row from s->outputs[first] on: even values in their order, odd ones with the latest first. Gives
 * the place behind it. */
static uint32_t put_outputs(const struct automaton *m, uint32_t ending, struct automaton *s, uint32_t first) {
    uint32_t end = first;
    for (; ending; ending = m->endings[ending].next, end++) {
        const struct ending *e = &m->endings[ending];
        uint32_t to = end;
        for (; to > first && !(e->value & 1) && e->value < s->outputs[to - 1].value; to--) {
            s->outputs[to] = s->outputs[to - 1];
            s->exacts[to] = s->exacts[to - 1];
        }
        s->outputs[to] = (struct output){.value = e->value, .length = e->length & 31, .is_exact = e->exact != 0};
        s->exacts[to] = e->exact;
    }
    for (uint32_t o = first; o < end; o++)
        s->outputs[o].next = o + 1 < end ? (o + 1) & (OUTPUTS_MAX - 1) : 0;
    return end;
}

/* Copies m into s, under the new numbers. */
static void renumber(const struct automaton *m, const struct reach *reaches, const uint32_t *numbers,
                     struct automaton *s, struct reach *new_reaches, uint32_t *old) {
    for (size_t i = 0; i < s->root_count; i++)
        s->root[i] = numbers[m->root[i]];
    for (size_t i = 0; m->edges && i <= m->edge_mask; i++) {
        struct edge e = m->edges[i];
        if (e.node)
            put_hop(s, (struct edge){numbers[e.node], e.symbol, numbers[e.target]});
    }
    for (uint32_t n = 1; n < m->node_count; n++) {
        old[numbers[n]] = n;
        new_reaches[numbers[n]] = (struct reach){numbers[reaches[n].parent], reaches[n].symbol, reaches[n].depth};
    }
    uint32_t out = 1;
    for (size_t n = 1; n < m->node_count; n++) {
        const struct node *from = &m->nodes[old[n]];
        s->nodes[n].children = from->children;
        for (unsigned sort = 0; sort < 2; sort++) {
            s->nodes[n].outputs[sort] = from->outputs[sort] ? out : 0;
            out = put_outputs(m, from->outputs[sort], s, out);
        }
    }
}

/* Where each node falls back to; what ends there ends at the node too. Nodes come by depth, so what they fall back to is done. */
static void link_up(struct automaton *s, const struct reach *reaches) {
    for (uint32_t n = 1; n < s->node_count; n++) {
        uint32_t parent = reaches[n].parent;
        uint32_t fail = parent ? automaton_step(s, s->nodes[parent].fail, reaches[n].symbol) : 0;
        s->nodes[n].fail = fail;
        for (unsigned sort = 0; sort < 2; sort++) {
            uint32_t last = s->nodes[n].outputs[sort], more = s->nodes[fail].outputs[sort];
            while (last && s->outputs[last].next)
                last = s->outputs[last].next;
            if (last)
                s->outputs[last].next = more & (OUTPUTS_MAX - 1);
            else
                s->nodes[n].outputs[sort] = more;
        }
    }
}

/* Slots of the table of hops: at most two thirds full. */
static size_t hop_slots(size_t edges) {
    size_t slots = 2;
    while (slots * 2 < edges * 3 + 2)
        slots *= 2;
    return slots;
}

bool automaton_settle(struct automaton *m, struct arena *a, size_t symbol_count) {
    struct automaton s = {.node_count = m->node_count, .edge_count = m->edge_count, .output_count = m->output_count};
    size_t slots = hop_slots(m->edge_count);
    s.root_count = m->root_count < symbol_count ? m->root_count : symbol_count;
    s.hop_mask = (uint32_t)(slots - 1);
    s.nodes = ARENA_ARRAY(a, struct node, m->node_count);
    s.outputs = ARENA_ARRAY(a, struct output, m->output_count);
    s.root = ARENA_ARRAY(a, uint32_t, s.root_count);
    s.hops = ARENA_ARRAY(a, struct hop, slots);
    s.exacts = ARENA_ARRAY(a, uint32_t, m->output_count);
    struct reach *reaches = calloc(m->node_count * 2, sizeof *reaches);
    uint32_t *numbers = calloc(m->node_count * 2, sizeof *numbers);
    bool ok = !m->failed && s.nodes && s.outputs && s.root && s.hops && s.exacts && reaches && numbers;
    if (ok) {
        find_reaches(m, reaches);
        number_by_depth(m, reaches, numbers);
        renumber(m, reaches, numbers, &s, reaches + m->node_count, numbers + m->node_count);
        link_up(&s, reaches + m->node_count);
    }
    free(reaches);
    free(numbers);
    automaton_finish(m);
    if (ok)
        *m = s;
    return ok;
}
