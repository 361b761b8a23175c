/* The names of one kind that a dialog defines: found by hash, with the nearest one for "did you mean".
 *
 * Private to the loader. Texts are borrowed; the table lives in the arena it was started with. */
#ifndef DIALOG_NAMES_H
#define DIALOG_NAMES_H

#include "core/arena.h"

struct node;

struct name {
    struct str text;
    const struct node *key, *value; /* where it is defined; value may be NULL */
    uint32_t index;                 /* the caller's; at first its number in the order of adding */
    bool used;
};

struct names {
    struct arena *arena;
    struct name *items;
    uint32_t *slots; /* number of an item + 1; open addressing */
    uint32_t count, cap, slot_count;
    uint32_t searches; /* of the nearest */
};

void names_init(struct names *n, struct arena *a);
/* The new name, or NULL when it is there already or the arena is full: names_find() tells which. Pointers last until the next names_add(). */
struct name *names_add(struct names *n, struct str text, const struct node *key, const struct node *value);
struct name *names_find(const struct names *n, struct str text);

/* The most similar of several candidates, offered one at a time. */
struct nearest {
    struct str wanted, text; /* text: the best so far; empty for none */
    unsigned distance;
};

/* How many slips are still taken for a slip grows with the length of what is wanted. */
struct nearest nearest_to(struct str wanted);
void nearest_offer(struct nearest *n, struct str candidate);
/* Offers all, and counts the best as used: a misspelt use is a use. Of thousands of misspelt names only the first get that:
 * no more problems are shown than those. */
void nearest_offer_names(struct nearest *n, struct names *names);

#endif
