/* Private to the building of the normal form. */
#ifndef DIALOG_NORMAL_WORK_H
#define DIALOG_NORMAL_WORK_H

#include "dialog/normal.h"

struct builder {
    const struct dialog *dialog;
    struct arena *arena;
    struct normal *out;
    const struct guard_block *blocks;
    size_t block_count;
    struct atom *listed; /* of all guards, as they come */
    size_t listed_count;
    struct atom *atoms; /* each once, in its place */
};

/* Whether the node asks something of a finding. */
static inline bool is_atom(const struct guard_node *n) { return n->op > GUARD_NEVER && n->op < GUARD_LEVEL; }

/* What depends on what, the classes of values, and how everything stands when nothing is known: when atoms, rules and only_ifs are there. False
 * when the arena is full. */
bool normal_link(struct builder *b);

#endif
