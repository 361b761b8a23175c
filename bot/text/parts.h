/* Private to text/: which parts of "+" phrases end at a node of the automaton of phrases, and which phrases are kept under these.
 *
 * Nodes where the same parts end are of one kind; what there is to know of a kind stands in a row, so that a message which holds most
 * parts of no phrase, as nearly all do, is done with them at once. */
#ifndef TEXT_PARTS_H
#define TEXT_PARTS_H

#include "core/arena.h"

struct lexicon;

/* A phrase that is kept under a part, and the one of its other parts that the fewest phrases have. */
struct keyed {
    uint32_t spread, partner;
};

struct parts {
    uint32_t *from; /* by kind: its parts are parts[from[kind]] up to, not including, parts[from[kind + 1]] */
    uint32_t *parts;
    uint32_t *keyed_from; /* by kind: the same of the phrases under its parts */
    struct keyed *keyed;
};

/* Gives the nodes of l->phrases their kinds (node.mark: kind + 1) once the spreads are in place: those of part p are from
 * spreads_from[p] to spreads_from[p + 1], each with its partner. False without memory. */
bool parts_build(struct lexicon *l, const uint32_t *spreads_from, const uint32_t *partners);

#endif
