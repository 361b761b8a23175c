/* The rules of a dialog in a form that is fast to look at after every message.
 *
 * Every question a guard asks of a finding ("face_droop is yes", "age > 40") is an atom with a bit; a guard becomes a conjunction of
 * disjunctions of atoms (conjunctive normal form by distribution, which holds in Kleene's logic too). Two bit vectors, what is true and what
 * is false, then decide a disjunction in a few instructions. A guard that does not fit keeps its tree.
 *
 * What a talk knows is little beside what could be known: everything is also kept as it stands when nothing is known, and only what
 * the known findings touch is looked at anew. Built once, at loading; const. */
#ifndef DIALOG_NORMAL_H
#define DIALOG_NORMAL_H

#include "core/arena.h"
#include "dialog/guard.h"

enum {
    NORMAL_WORDS_MAX = 12,   /* 768 atoms */
    NORMAL_CLAUSES_MAX = 32, /* of one guard; beyond it keeps its tree */
    NORMAL_CODES_MAX = 32,   /* codes of a finding whose answers are kept ready */
    FINDING_WORDS = DIALOG_FINDINGS_MAX / 64,
    RULE_WORDS = DIALOG_RULES_MAX / 64,
};

struct atom {
    uint8_t op; /* enum guard_op; GUARD_ALWAYS only fills up a word */
    uint16_t finding; /* DIALOG_NONE: about the level told */
    float number;
};

/* Some atoms of a disjunction: those of one word of the vectors. A guard's stand in a row, in the order of the author's parts. */
struct literals {
    uint64_t plain, negated;
    uint16_t word;
    bool last;   /* of its disjunction */
    bool steady; /* its disjunction is "no" for good: none of its atoms asks how sure somebody is */
};

struct normal_guard {
    const struct literals *from, *to;
    bool tree; /* too large: evaluate the guard itself */
};

/* Answers to the atoms of one finding, all of which lie in one word. */
struct answers {
    uint64_t yes, no;
};

/* How a finding is read out of a frame, and what depends on it. */
struct reach {
    uint64_t atoms;
    uint16_t word;
    uint8_t width, shift;         /* its code in a frame's word */
    const struct answers *codes;  /* by code; NULL: too many, read it atom by atom */
    struct answers otherwise;     /* as its `else` */
    uint64_t conditional[FINDING_WORDS]; /* bits of normal.conditional whose `if` looks at it, itself included */
};

struct rule_set {
    uint64_t bits[RULE_WORDS];
};

/* The truth of all atoms. */
struct truth {
    uint64_t yes[NORMAL_WORDS_MAX], no[NORMAL_WORDS_MAX];
};

struct normal {
    const struct atom *atoms; /* by finding */
    uint16_t atom_count, word_count;
    uint16_t rule_words, finding_words;
    const uint16_t *first;    /* of finding f: atoms first[f] up to, not including, first[f + 1] */
    const struct reach *reach;           /* by finding */
    const struct rule_set *touches;      /* by finding: rules that look at it, or at one whose `if` does */
    struct rule_set level_rules;         /* rules that look at the level told */
    uint64_t level_conditionals[FINDING_WORDS];
    uint8_t finding_at[FRAME_BYTES * 8]; /* by bit of a frame */
    const struct normal_guard *rules;
    const struct normal_guard *only_ifs; /* by finding */
    const uint16_t *conditional;         /* findings with an `if`, those that others look at first */
    uint16_t conditional_count;
    /* When nothing is known: */
    struct truth start;
    struct rule_set start_yes, start_open;
    const struct finding_set *start_needs; /* by rule */
};

/* NULL when the arena is full. */
const struct normal *normal_build(const struct dialog *d, struct arena *a);

/* What is true in the view; *touched: rules that may differ from how they stand when nothing is known. */
void truth_read(const struct normal *n, const struct view *v, struct truth *t, struct rule_set *touched);
/* What an open guard waits for is the affair of its tree: guard_needs(). *steady (may be NULL): as there. */
enum kleene normal_eval(const struct normal_guard *g, const struct truth *t, bool *steady);

/* For normal_build(): the answers of a value to the atoms of a finding. */
struct answers normal_answers(const struct normal *n, uint16_t finding, struct value v);

#endif
