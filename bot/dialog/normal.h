/* The guards of a dialog in a form that is fast to look at after every message.
 *
 * Every question a guard asks of a finding ("face_droop is yes", "age > 40") is an atom with a bit, and two bit vectors say what is true and
 * what is false (struct truth). A rule becomes a conjunction of disjunctions of atoms (conjunctive normal form by distribution, which holds
 * in Kleene's logic too), each decided in a few instructions; what does not fit keeps its tree.
 *
 * A finding's values fall into classes between which no atom can tell: the three states without an answer, each value of a choice, the spans of a
 * number between what guards compare it with. What a class means for the atoms and for the rules is worked out once, at loading. So
 * is how everything stands when nothing is known: only what the known findings touch is looked at. Const. */
#ifndef DIALOG_NORMAL_H
#define DIALOG_NORMAL_H

#include "core/arena.h"
#include "dialog/guard.h"

enum {
    NORMAL_CLAUSES_MAX = 32, /* of one guard; beyond it keeps its tree */
    NORMAL_CLASSES_MAX = 64, /* of one finding; beyond it is read atom by atom */
    FINDING_WORDS = DIALOG_FINDINGS_MAX / 64,
    RULE_WORDS = DIALOG_RULES_MAX / 64,
};

struct atom {
    uint8_t op; /* enum guard_op; GUARD_ALWAYS only fills up a word */
    uint16_t finding;
    float number;
};

/* Some atoms of a disjunction: those of one word of the vectors. A guard's stand in a row, in the order of the author's parts. */
struct literals {
    uint64_t plain, negated;
    uint16_t word;
    bool last; /* of its disjunction */
};

struct normal_guard {
    const struct literals *from, *to;
    bool tree; /* too large, or not about findings alone: evaluate the guard itself */
};

/* Answers to the atoms of one finding, all of which lie in one word. */
struct answers {
    uint64_t yes, no;
};

/* How a finding is read out of a frame. */
struct reach {
    uint64_t atoms;
    uint16_t word;
    uint64_t field;          /* where its code lies in a frame's word */
    uint8_t frame_word, width, shift;
    uint16_t state_mask;     /* of the code, where only the states have classes; 0: all codes have one */
    uint16_t first_class;    /* of code 0; a class each for the codes 1, 2 ..., or from the code 3 on for the spans between the steps */
    uint16_t else_class;     /* of its `else` */
    uint16_t any_class;      /* where only the states have classes: of any known value; its answers have to be found */
    const uint16_t *steps;   /* of a number: codes at which the next span begins */
    uint16_t step_count;
};

/* A set of rules: normal.rule_words words. */
struct rule_set {
    uint64_t bits[RULE_WORDS];
};

/* What a class means. Its sets lie behind one another: adding them up takes one loop. */
struct class_row {
    struct answers answers;
    uint64_t sets[];
};

/* Where in the sets of a row, or of all rows together, each begins. Rules: */
enum { SET_TOUCHED };                                              /* they look at the finding, or at one whose `if` does */
#define SET_DEAD(n) ((n)->rule_words)                              /* they are "no": a part which is a single atom is */
/* Bits of normal.conditional: */
#define SET_RULED_OUT(n) (2u * (n)->rule_words)                    /* their `if` is no, in the same way */
#define SET_DOUBTED(n) (2u * (n)->rule_words + (n)->if_words)      /* their `if` may be another than when nothing is known */
enum { SETS_WORDS_MAX = 2 * RULE_WORDS + 2 * FINDING_WORDS };

struct normal {
    const struct atom *atoms; /* by finding */
    uint16_t atom_count, word_count;
    uint16_t rule_words, finding_words, if_words;
    uint16_t set_words; /* of a row */
    const uint16_t *first;    /* of finding f: atoms first[f] up to, not including, first[f + 1] */
    const struct reach *reach; /* by finding */
    uint8_t finding_at[FRAME_BYTES * 8]; /* by bit of a frame */

    const struct class_row *rows; /* by class; normal_row() */
    /* Rows of sets of rules, rule_words words each. By class: */
    const uint64_t *lifted;  /* these say yes to an atom, and may fire by it */
    /* By finding: */
    const uint64_t *touches; /* rules that look at it, or at one whose `if` does */
    const uint64_t *through; /* rules that may fire because the `if` of another finding looks at it */
    const uint64_t *start_waits; /* rules that wait for it when nothing is known */

    struct level_rules {
        uint16_t from, to; /* they lie in these words of a set */
        struct rule_set all;
    } levels[LEVEL_EMERGENCY + 1];
    struct rule_set loose;    /* rules that more than the atoms of their findings can make fire, or that fire from the start */
    uint64_t loose_ifs[FINDING_WORDS]; /* bits of normal.conditional: more than the atoms can decide it */
    bool level_matters;       /* a rule or an `if` looks at the level told */
    const struct normal_guard *rules;
    const struct normal_guard *only_ifs; /* by finding */
    const uint16_t *conditional;         /* findings with an `if`, those that others look at first */
    uint16_t conditional_count;
    /* When nothing is known: */
    struct truth start;
    uint64_t start_elses[FINDING_WORDS]; /* bits of normal.conditional: their `else` stands */
    struct rule_set start_yes, start_open;
    struct rule_set start_waiting; /* of the open ones those that wait for something */
};

/* blocks: all guards of the dialog. NULL when the arena is full. */
const struct normal *normal_build(const struct dialog *d, struct arena *a, const struct guard_block *blocks, size_t count);

/* What a reading finds out. */
struct known {
    struct truth truth;
    struct finding_set said;   /* findings that are not unknown */
    struct finding_set unsure; /* of these, once unsure: they may be asked again */
    uint64_t sets[SETS_WORDS_MAX]; /* of all values together */
};

/* Word i of the rules that may differ from how they stand when nothing is known, and of those among them that are "no" without a look. */
static inline uint64_t known_touched(const struct known *k, unsigned i) { return k->sets[SET_TOUCHED + i]; }
static inline uint64_t known_dead(const struct normal *n, const struct known *k, unsigned i) { return k->sets[SET_DEAD(n) + i]; }

static inline const struct class_row *normal_row(const struct normal *n, unsigned class) {
    return (const struct class_row *)((const uint64_t *)n->rows + class * (2u + n->set_words));
}

void truth_read(const struct normal *n, const struct view *v, struct known *out);
enum kleene normal_eval(const struct normal_guard *g, const struct truth *t);
/* Adds the rules that the finding's value in the frame may have made fire, if it is new. */
void normal_add_lifted(const struct normal *n, const struct frame *frame, uint16_t finding, struct rule_set *rules);

/* For normal_build(): the answers of a value to the atoms of a finding. */
struct answers normal_answers(const struct normal *n, uint16_t finding, struct value v);

#endif
