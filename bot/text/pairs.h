/* Private to text/: whether two places of a message may hold parts of one "+" phrase.
 *
 * Where parts end in the automaton of phrases, its node has a kind: the set of those parts. Most words of a message belong to some part
 * and nearly all pairs of them to no phrase; a bit for each pair of kinds says so before any part is looked at. */
#ifndef TEXT_PAIRS_H
#define TEXT_PAIRS_H

#include "core/arena.h"

struct lexicon;

enum { KINDS_MAX = 1024, KIND_WORDS = KINDS_MAX / 64 }; /* more of them share a number, which is only less telling */

struct kind_set {
    uint64_t bits[KIND_WORDS];
};

struct pairs {
    struct kind_set *meets; /* by kind: those that may be parts of one phrase with it */
    uint64_t *part_meets;   /* the same by part, as kind_bit()s */
};

static inline uint64_t kind_bit(uint32_t kind) { return UINT64_C(1) << kind % 64; }

/* Gives the nodes of l->phrases their kinds (node.mark: kind + 1) once the spreads are in place. False without memory. */
bool pairs_build(struct lexicon *l);

static inline void kind_add(struct kind_set *s, uint32_t kind) { s->bits[kind / 64] |= UINT64_C(1) << kind % 64; }
static inline bool kind_has(const struct kind_set *s, uint32_t kind) { return s->bits[kind / 64] >> kind % 64 & 1; }

static inline bool kinds_meet(const struct kind_set *a, const struct kind_set *b) {
    uint64_t common = 0;
    for (unsigned i = 0; i < KIND_WORDS; i++)
        common |= a->bits[i] & b->bits[i];
    return common != 0;
}

#endif
