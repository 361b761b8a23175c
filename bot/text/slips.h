/* Private to text/: which known word a slip of the keys was meant to be.
 *
 * One slip: every known word is kept under its deletes, itself and without each of its letters. A word with a slip shares a delete with the
 * word that was meant, whatever the slip was (symmetric delete). Two slips in a long word: the words that begin with its letter stand
 * on shelves by length, each with the set of its letters, which tells most of them apart.
 *
 * What is found so is weighed by optimal string alignment, where likely slips (a swap, a doubled letter, a key next to the right one)
 * weigh less than unlikely ones. */
#ifndef TEXT_SLIPS_H
#define TEXT_SLIPS_H

#include "core/arena.h"
#include "text/vocabulary.h"

/* A target is a form, or a stem with this bit. */
#define TARGET_IS_STEM (UINT32_C(1) << 31)

enum {
    SLIP_LEN_MAX = 24, /* longer words are not mended */
    SLIP_LONG_LEN = 8, /* from here on two slips are thought of */
    SLIP_LENGTHS = SLIP_LEN_MAX - SLIP_LONG_LEN + 1,
    SLIP_SHELVES = 26 * SLIP_LENGTHS,
};

struct long_target {
    uint32_t target, letters; /* bit n: it has the letter 'a' + n */
};

struct slips {
    uint32_t *slots; /* place in targets + 1, above 8 bits of the delete's hash; 0 is free */
    uint32_t *targets;
    uint32_t mask;
    size_t target_count;
    struct long_target *long_targets;
    uint32_t shelves[SLIP_SHELVES + 1]; /* where each begins in long_targets */
};

struct slip {
    uint32_t target; /* 0: none, or several that are equally likely */
    bool guessed;    /* two edits, or another word is as near but rarer in the dialog */
};

/* Into the arena; false without room. */
bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a);

/* What `word` was meant to be. `stem` is its Snowball stem, looked for among the stems. Only a-z, at least 4 letters. */
struct slip slips_find(const struct slips *s, const struct vocabulary *words, struct str word, struct str stem);

#endif
