/* Private to text/: which places of a message may hold parts of one "+" phrase, and of which.
 *
 * Where parts end in the automaton of phrases, its node has a kind: the set of those parts. Most words of a message belong to some part
 * and nearly all pairs of them to no phrase; a bit for each pair of kinds says so before any part is looked at. */
#ifndef TEXT_PAIRS_H
#define TEXT_PAIRS_H

#include "core/arena.h"

struct lexicon;

enum { KINDS_MAX = 1024, KIND_WORDS = KINDS_MAX / 64 }; /* more of them share bits, which are then only less telling */

struct kind_set {
    uint64_t bits[KIND_WORDS];
};

/* A phrase that is kept under a part, and the one of its other parts that the fewest phrases have. */
struct keyed {
    uint32_t spread, partner;
};

struct pairs {
    struct kind_set *meets; /* by kind % KINDS_MAX: those that may be parts of one phrase with it */
    uint32_t *parts_from;   /* by kind: its parts are parts[parts_from[kind]] up to, not including, parts[parts_from[kind + 1]] */
    uint32_t *parts;
    uint32_t *keyed_from; /* by kind: the same of the phrases under its parts */
    struct keyed *keyed;
};

/* Gives the nodes of l->phrases their kinds (node.mark: kind + 1) once the spreads are in place: those of part p are from
 * spreads_from[p] to spreads_from[p + 1], each with its partner. False without memory. */
bool pairs_build(struct lexicon *l, const uint32_t *spreads_from, const uint32_t *partners);

static inline void kind_add(struct kind_set *s, uint32_t kind) { s->bits[kind / 64 % KIND_WORDS] |= UINT64_C(1) << kind % 64; }
static inline bool kind_has(const struct kind_set *s, uint32_t kind) { return s->bits[kind / 64 % KIND_WORDS] >> kind % 64 & 1; }

#endif
