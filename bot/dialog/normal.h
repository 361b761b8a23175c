/* The rules of a dialog in a form that is fast to look at after every message.
 *
 * Every question a guard asks of a finding ("face_droop is yes", "age > 40") is an atom with a bit; a guard becomes a conjunction of
 * disjunctions of atoms (conjunctive normal form by distribution, which holds in Kleene's logic too). Two bit vectors, what is true and what
 * is false, then decide a disjunction in a few instructions. A guard that does not fit keeps its tree. Built once, at loading; const. */
#ifndef DIALOG_NORMAL_H
#define DIALOG_NORMAL_H

#include "core/arena.h"
#include "dialog/guard.h"

enum {
    NORMAL_WORDS_MAX = 12,   /* 768 atoms */
    NORMAL_CLAUSES_MAX = 32, /* of one guard; beyond it keeps its tree */
};

struct atom {
    uint8_t op; /* enum guard_op */
    uint16_t finding; /* DIALOG_NONE: about the level told */
    float number;
};

/* Some atoms of a disjunction: those of one word of the vectors. */
struct literals {
    uint64_t plain, negated;
    uint16_t word;
};

struct clause {
    const struct literals *words;
    uint16_t word_count;
    bool steady; /* "no" for good: none of its atoms asks how sure somebody is */
};

struct normal_guard {
    const struct clause *clauses; /* in the order of the author's parts */
    uint16_t clause_count;
    bool tree; /* too large: evaluate the guard itself */
};

struct normal {
    const struct atom *atoms; /* by finding */
    uint16_t atom_count, word_count;
    const uint16_t *first;    /* of finding f: atoms first[f] up to, not including, first[f + 1] */
    const struct normal_guard *rules;
    const struct normal_guard *only_ifs; /* by finding */
    const uint16_t *conditional;         /* findings with an `if`, those that others look at first */
    uint16_t conditional_count;
    uint64_t yes[NORMAL_WORDS_MAX], no[NORMAL_WORDS_MAX], open[NORMAL_WORDS_MAX]; /* when nothing is known */
};

/* The truth of all atoms. */
struct truth {
    uint64_t yes[NORMAL_WORDS_MAX], no[NORMAL_WORDS_MAX];
    uint64_t open[NORMAL_WORDS_MAX]; /* neither, and an answer can be asked for */
};

/* NULL when the arena is full. */
const struct normal *normal_build(const struct dialog *d, struct arena *a);

void truth_read(const struct normal *n, const struct view *v, struct truth *t);
/* As guard_needs(), but *wait (word_count words) gets the atoms instead of their findings. */
enum kleene normal_eval(const struct normal *n, const struct normal_guard *g, const struct truth *t, uint64_t *wait, bool *steady);
/* The findings that the atoms in wait stand for; of one whose `if` is open what that waits for. */
void normal_findings(const struct normal *n, const struct view *v, const uint64_t *wait, struct finding_set *out);

#endif
