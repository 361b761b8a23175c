/* Private to text/: which known word a slip of the keys was meant to be.
 *
 * Every known word is kept under its deletes: itself with one letter left out, or two if it is long. A slip shares a delete with the word
 * that was meant, whatever the slip was (symmetric delete); what is found so is weighed by optimal string alignment, where likely slips
 * (a swap, a doubled letter, a key next to the right one) weigh less than unlikely ones. */
#ifndef TEXT_SLIPS_H
#define TEXT_SLIPS_H

#include "core/arena.h"
#include "text/vocabulary.h"

/* A target is a form, or a stem with this bit. */
#define TARGET_IS_STEM (UINT32_C(1) << 31)

struct slips {
    uint32_t *slots; /* place in targets + 1, above 8 bits of the delete's hash; 0 is free */
    uint32_t *targets;
    uint32_t mask;
    size_t target_count;
};

struct slip {
    uint32_t target; /* 0: none, or several that are equally likely */
    unsigned edits;  /* 1 or 2 */
};

/* Into the arena; false without room. */
bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a);

/* What `word` was meant to be. `stem` is its Snowball stem, looked for among the stems. Only a-z, at least 4 letters. */
struct slip slips_find(const struct slips *s, const struct vocabulary *words, struct str word, struct str stem);

#endif
