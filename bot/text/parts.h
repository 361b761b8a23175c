/* Private to text/: which parts of "+" phrases end at a node of the automaton of phrases, and which phrases are kept under these.
 *
 * Each phrase is kept under one of its parts, its key, and names another as its partner. Nodes where the same parts end in the same way are of one kind;
 * what there is to know of a kind stands in a row. Every partner has a bit in a small signature, which it shares with others: the signatures
 * of the kinds in a clause, or-ed together, say at once of most phrases, and of most kinds, that what they need is not there. */
#ifndef TEXT_PARTS_H
#define TEXT_PARTS_H

#include "core/arena.h"

struct lexicon;

enum { SIGNATURE_WORDS = 4, SIGNATURE_BITS = 64 * SIGNATURE_WORDS };

struct signature {
    uint64_t words[SIGNATURE_WORDS];
};

/* A phrase that is kept under a part, and the signature bit of its partner: the one of its other parts that the fewest phrases have. */
struct keyed {
    uint32_t spread, partner_bit;
};

struct kind {
    struct signature has, wants; /* of those of its parts that are partners; of the partners of the phrases under its parts */
    uint32_t ends, ends_end;     /* its parts: from where to where in parts.ends */
    uint32_t keyed, keyed_end;   /* the phrases under them: the same in parts.keyed */
};

/* A part that ends there, and its output of the automaton. */
struct part_end {
    uint32_t part, output;
};

struct parts {
    struct kind *kinds;
    struct part_end *ends;
    struct keyed *keyed;
};

static inline void signature_add(struct signature *s, unsigned bit) { s->words[bit / 64] |= UINT64_C(1) << bit % 64; }
static inline bool signature_has(const struct signature *s, unsigned bit) { return s->words[bit / 64] >> bit % 64 & 1; }

static inline void signature_join(struct signature *s, const struct signature *more) {
    for (int i = 0; i < SIGNATURE_WORDS; i++)
        s->words[i] |= more->words[i];
}

static inline bool signatures_meet(const struct signature *a, const struct signature *b) {
    uint64_t common = 0;
    for (int i = 0; i < SIGNATURE_WORDS; i++)
        common |= a->words[i] & b->words[i];
    return common != 0;
}

/* Gives the nodes of l->phrases their kinds (node.mark: kind + 1) once the spreads are in place: those of part p are from
 * spreads_from[p] to spreads_from[p + 1], each with its partner. False without memory. */
bool parts_build(struct lexicon *l, const uint32_t *spreads_from, const uint32_t *partners);

#endif
