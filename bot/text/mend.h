/* Private to text/: what a word means that the vocabulary does not have as it is written.
 *
 * In this order: another ending of a known stem; letters held down ("nooo"); one slip of the keys; two words run together ("myface");
 * two slips. */
#ifndef TEXT_MEND_H
#define TEXT_MEND_H

#include "core/arena.h"
#include "text/vocabulary.h"

struct lexicon;

struct resolution {
    uint32_t form;   /* what it was read as, or 0 */
    uint32_t stem;   /* 0: an unknown word */
    uint32_t second; /* of two words run together: the other form, from byte `split` on */
    uint8_t split;
    uint8_t flags; /* enum token_flag: MENDED, GUESSED */
};

/* Words looked up lately. A pure memo: what a word means does not depend on what is in it. */
struct memo;

struct memo *memo_new(struct arena *a);

/* What a folded word of letters means that vocabulary_find() does not know; hash is its fold_hash(). */
struct resolution mend(const struct lexicon *l, struct str word, uint32_t hash);

#endif
