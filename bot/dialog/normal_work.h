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
    struct atom *listed; /* of findings that are not yes or no, as they come */
    size_t listed_count;
    struct atom *atoms; /* each once, in its place behind the planes */
    struct guard_node *folded; /* a guard under way */
};

/* Whether the node asks something of a finding. */
static inline bool is_atom(const struct guard_node *n) { return n->op > GUARD_NEVER && n->op < GUARD_LEVEL; }

/* The plane of a question to a yes-or-no finding. */
static inline enum truth_plane plane_of(enum guard_op op) {
    switch (op) {
    case GUARD_KNOWN:
        return TRUTH_KNOWN;
    case GUARD_UNKNOWN:
        return TRUTH_UNKNOWN;
    case GUARD_UNSURE:
        return TRUTH_UNSURE;
    case GUARD_STILL_UNSURE:
        return TRUTH_STILL_UNSURE;
    default:
        return TRUTH_YES;
    }
}

/* What depends on what, the classes of values, and how everything stands when nothing is known: when the atoms and all guards are there. False
 * when the arena is full. */
bool normal_link(struct builder *b);

#endif
