#include "dialog/names.h"

#include <string.h>

enum { FIRST_CAP = 32, NAMES_MAX = 1 << 20, SEARCHES_MAX = 400 };

void names_init(struct names *n, struct arena *a) { *n = (struct names){.arena = a}; }

/* The slot that holds text, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *n, struct str text) {
    uint32_t mask = n->slot_count - 1;
    uint32_t i = (uint32_t)(str_hash(text) >> 7) & mask;
    while (n->slots[i] && !str_equal(n->items[n->slots[i] - 1].text, text))
        i = (i + 1) & mask;
    return &n->slots[i];
}

struct name *names_find(const struct names *n, struct str text) {
    if (n->count == 0)
        return NULL;
    uint32_t at = *slot_of(n, text);
    return at ? &n->items[at - 1] : NULL;
}

static bool grow(struct names *n) {
    uint32_t cap = n->cap ? n->cap * 2 : FIRST_CAP;
    struct name *items = ARENA_ARRAY(n->arena, struct name, cap);
    uint32_t *slots = ARENA_ARRAY(n->arena, uint32_t, cap * (size_t)2);
    if (!items || !slots || cap > NAMES_MAX)
        return false;
    if (n->count > 0)
        memcpy(items, n->items, n->count * sizeof *items);
    n->items = items;
    n->slots = slots;
    n->cap = cap;
    n->slot_count = cap * 2;
    for (uint32_t i = 0; i < n->count; i++)
        *slot_of(n, items[i].text) = i + 1;
    return true;
}

struct name *names_add(struct names *n, struct str text, const struct node *key, const struct node *value) {
    if (n->count == n->cap && !grow(n))
        return NULL;
    uint32_t *slot = slot_of(n, text);
    if (*slot)
        return NULL;
    n->items[n->count] = (struct name){.text = text, .key = key, .value = value, .index = n->count};
    *slot = ++n->count;
    return &n->items[n->count - 1];
}

struct nearest nearest_to(struct str wanted) {
    unsigned slips = wanted.len <= 3 ? 1 : wanted.len <= 8 ? 2 : 3;
    return (struct nearest){.wanted = wanted, .distance = slips + 1};
}

void nearest_offer(struct nearest *n, struct str candidate) {
    unsigned distance = str_distance(n->wanted, candidate, n->distance - 1);
    if (distance < n->distance) {
        n->distance = distance;
        n->text = candidate;
    }
}

void nearest_offer_names(struct nearest *n, struct names *names) {
    if (names->searches++ >= SEARCHES_MAX)
        return;
    for (uint32_t i = 0; i < names->count && n->distance > 0; i++)
        nearest_offer(n, names->items[i].text);
    struct name *best = n->text.len ? names_find(names, n->text) : NULL;
    if (best)
        best->used = true;
}
