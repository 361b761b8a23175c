/* Private to text/: what a word means that the vocabulary does not have as it is written.
 *
 * In this order: another ending of a known stem; letters held down ("nooo"); a slip of the keys, found by the deletes of both words
 * (symmetric delete) and weighed by how likely the slip is; two words run together. */
#ifndef TEXT_MEND_H
#define TEXT_MEND_H

#include "core/arena.h"
#include "text/vocabulary.h"

struct lexicon;

struct resolution {
    uint32_t form; /* what it was read as, or 0 */
    uint32_t stem; /* 0: an unknown word */
    uint32_t second; /* of two words run together: the other form, from byte `split` on */
    uint8_t split;
    uint8_t flags; /* enum token_flag: MENDED, GUESSED */
};

/* The index of slips. A target is a form, or a stem with TARGET_IS_STEM. */
#define TARGET_IS_STEM (UINT32_C(1) << 31)

struct slips {
    uint32_t *slots; /* places in targets, plus 1 */
    uint32_t *targets;
    uint32_t mask;
    size_t target_count;
};

/* Words looked up lately. A pure memo: what a word means does not depend on what is in it. */
struct memo;

/* Into the arena; false without room. */
bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a);
struct memo *memo_new(struct arena *a);

/* What a folded word of letters means that vocabulary_find() does not know; hash is its fold_hash(). */
struct resolution mend(const struct lexicon *l, struct str word, uint32_t hash);

#endif
