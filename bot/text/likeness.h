/* What a message sounds like, in words that no phrase holds: a small linear model over the dialog's example sentences.
 *
 * Features are the stems of the words, pairs of neighbours, and runs of four letters inside words, each worth more the fewer examples
 * have it (Salton and Buckley 1988). Each target (a finding's number; here it is only a number) has a weight for each feature; the weights are
 * those of an averaged perceptron of several classes (Crammer and Singer 2003; Collins 2002), taught from the examples when a dialog loads:
 * always in the same order, so the same files give the same model. It lies in the dialog's arena and is then const. */
#ifndef TEXT_LIKENESS_H
#define TEXT_LIKENESS_H

#include "text/reading.h"

enum {
    LIKENESS_EXAMPLES_MAX = 6000, /* examples of nothing beyond it are thinned out */
    LIKENESS_TARGETS_MAX = 120,
    LIKENESS_BEST_MAX = 4,
    LIKENESS_NOTHING = 0xffff, /* the target of examples that mean none of the others */
};

struct likeness;

struct likeness_example {
    struct str text;
    uint16_t target;
};

/* score: its share among all targets and nothing; less than this is not told. */
#define LIKENESS_SCORE_MIN 0.1f
struct likeness_match {
    uint16_t target;
    float score;
};

/* Texts that have a target are borrowed for the likeness's life. Both arenas may be the same; `work` is free again after it. NULL when an
 * arena is full or there are more targets than LIKENESS_TARGETS_MAX. */
const struct likeness *likeness_build(const struct lexicon *l, const struct likeness_example *examples, size_t count,
                                      struct arena *out, struct arena *work);

/* Scores the tokens of a reading whose bit is set in `use` (bit t % 64 of use[t / 64]): each clause of several words for itself, and all
 * together; the better counts. Fills best, at most LIKENESS_BEST_MAX, the highest first, each target once, and gives their number. */
size_t likeness_find(const struct likeness *k, const struct lexicon *l, const struct reading *r, const uint64_t *use,
                     struct likeness_match *best);

/* The example of a target that shares most with the message, to show why; slow. It lasts as long as the texts that were borrowed. Empty when
 * the arena is full. */
struct str likeness_example(const struct likeness *k, const struct lexicon *l, const struct reading *r, uint16_t target,
                            struct arena *a);

#endif
