/* Private to text/: whether two places of a message may hold parts of one "+" phrase.
 *
 * Where parts end in the automaton of phrases, its node has a kind: the set of those parts. Most words of a message belong to some part
 * and nearly all pairs of them to no phrase; a bit for each pair of kinds says so before any part is looked at. */
#ifndef TEXT_PAIRS_H
#define TEXT_PAIRS_H

#include "core/arena.h"

struct lexicon;

enum { KINDS_MAX = 1024 }; /* more of them share a number, which is only less telling */

struct pairs {
    uint64_t *bits; /* bit b % 64 of bits[a * row + b / 64]: kinds a + 1 and b + 1 may be parts of one phrase */
    uint32_t row;
};

/* Gives the nodes of l->phrases their kinds (node.mark: kind, from 1) once the spreads are in place. False without memory. */
bool pairs_build(struct lexicon *l);

/* Whether places of these kinds may meet in a phrase. */
static inline bool pairs_meet(const struct pairs *p, uint32_t a, uint32_t b) {
    return p->bits[(size_t)(a - 1) * p->row + (b - 1) / 64] >> ((b - 1) % 64) & 1;
}

#endif
