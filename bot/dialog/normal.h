/* The guards of a dialog in a form that is fast to look at after every message.
 *
 * Every question a guard asks of a finding ("face_droop is yes", "age > 40") is an atom with a bit, and two bit vectors say what is true and
 * what is false (struct truth). Of yes-or-no findings the atoms lie in planes, as their values do in a frame: a few operations on words answer
 * all of them. The values of other findings fall into classes between which no atom can tell: the three states without an answer, each value of
 * a choice, the spans of a number between what guards compare it with. What a class answers is worked out once, at loading.
 *
 * A guard becomes a conjunction of disjunctions of atoms (conjunctive normal form by distribution, which holds in Kleene's logic too), each
 * decided in a few instructions; and, for what an open one waits for, its own tree with neighbouring atoms as one node. Const. */
#ifndef DIALOG_NORMAL_H
#define DIALOG_NORMAL_H

#include <assert.h>

#include "core/arena.h"
#include "dialog/guard.h"

enum {
    NORMAL_CLAUSES_MAX = 32, /* of one guard; beyond it is looked at part by part */
    NORMAL_CLASSES_MAX = 64, /* of one finding; beyond it is read atom by atom */
    TRUTH_WORDS_MAX = 32,
    YESNO_CLASSES = 6,       /* of each yes-or-no finding: unknown, unsure, still unsure, no, yes; and of its `else` */
    FINDING_WORDS = DIALOG_FINDINGS_MAX / 64,
    RULE_WORDS = DIALOG_RULES_MAX / 64,
};

/* The atoms of yes-or-no findings: normal.plane_words words each, in which a finding has the bit of its slot. Those of others lie behind. */
enum truth_plane {
    TRUTH_YES,
    TRUTH_SURE, /* "known and yes" */
    TRUTH_KNOWN,
    TRUTH_UNKNOWN,
    TRUTH_UNSURE,
    TRUTH_STILL_UNSURE,
    TRUTH_PLANES,
};

/* What is true in a view and what is false, a bit for each atom; neither: open. Beyond the atoms bits say nothing. */
struct truth {
    uint64_t yes[TRUTH_WORDS_MAX], no[TRUTH_WORDS_MAX];
};

/* A set of findings, by slot; one of rules. Words from normal.slot_words, rule_words on stay zero. */
struct slot_set {
    uint64_t bits[FINDING_WORDS];
};
struct rule_set {
    uint64_t bits[RULE_WORDS];
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

/* A part of a guard, for what it waits for: atoms of one word, or parts, which follow. A `not` stands at the atoms only. */
struct want {
    uint64_t plain, negated; /* of atoms */
    uint16_t word;
    uint16_t slot;  /* of the finding they ask; DIALOG_NONE in a plane: there the bits tell */
    uint16_t span;  /* parts of this part, itself included */
    bool atoms;
    bool all;       /* it is no if one is; otherwise yes if one is */
    bool in_turn;   /* it waits for the first open one that can be asked only (an author's `and`, also under a `not`) */
};

struct normal_guard {
    const struct literals *from, *to;
    const struct want *wants;
    bool by_parts; /* its parts are quicker than many disjunctions */
    bool tree;     /* not about findings alone: only its tree tells */
};

/* Answers to the atoms of one finding, all of which lie in one word. */
struct answers {
    uint64_t yes, no;
};

/* How a finding is read out of a frame. */
struct reach {
    uint64_t field;          /* where its code lies in a frame's word */
    uint64_t atoms;
    uint16_t word;           /* of its atoms */
    uint8_t frame_word, shift, width;
    uint16_t state_mask;     /* of the code, where only the states have classes; 0: all codes have one */
    uint16_t first_class;    /* of code 0 (slots and classes of yes-or-no findings go side by side, YESNO_CLASSES each); a class each for the codes 1, 2 ..., or from the code 3 on for the spans between the steps */
    uint16_t else_class;     /* of its `else` */
    uint16_t any_class;      /* where only the states have classes: of any known value; its answers have to be found */
    const uint16_t *steps;   /* of a number: codes at which the next span begins */
    uint16_t step_count;
};

/* An `if`, and the findings that have it. Most are a single question. */
struct only_if {
    const struct guard *guard;
    struct literals one;   /* all of it, if it is no more */
    bool simple;           /* it is */
    bool looks_back;       /* at a finding with an `if` */
    struct slot_set findings;
};

/* `if`s that look at a finding, or at one whose `if` does; and the findings that have them. */
struct dependants {
    uint64_t ifs[FINDING_WORDS];
    struct slot_set findings;
};

/* What a rule stands at when nothing is known of what it looks at. */
struct rule_start {
    struct slot_set looks; /* at these findings, and at those that their `if`s look at */
    struct slot_set needs;
    uint8_t worth;         /* enum kleene */
    bool never;            /* it looks at the level too: that is no start */
};

struct normal {
    uint16_t plane_words, word_count; /* of a truth */
    uint16_t slot_words, rule_words;
    struct slot_set yesnos;
    const uint16_t *slots;        /* by finding */
    const uint16_t *findings;     /* by slot */
    const struct slot_set *screens; /* members, by screen */

    const struct only_if *ifs;    /* those that others look at first */
    uint16_t if_count, if_words;  /* words of a set of them */
    const struct dependants *dependants; /* by slot */
    struct slot_set parents;      /* findings that have any */
    struct dependants loose;      /* those that look at the level too, or at what has no atom */
    struct slot_set start_out, start_waiting; /* when nothing is known: findings whose `if` is no; is open */
    struct slot_set else_yes, else_no; /* yes-or-no findings whose `else` is that */

    /* Findings that are not yes or no: */
    const struct reach *reach;    /* by finding; of yes-or-no findings with their classes only */
    uint64_t fields[FRAME_BYTES / 8]; /* their bits in a frame */
    uint8_t finding_at[FRAME_BYTES * 8]; /* by bit of a frame */
    const struct atom *atoms;     /* by finding, from the bit behind the planes on */
    const uint16_t *first;        /* of finding f: atoms first[f] up to, not including, first[f + 1] */
    const struct answers *answers; /* by class */
    struct truth start;           /* when nothing is known */

    /* Rows of sets of rules, rule_words words each. */
    const uint64_t *lifted;       /* by class: these say yes to an atom, and may fire by it */
    const uint64_t *dead;         /* by class: these are "no" with it, as a part of them which is a single atom is */
    const uint64_t *touches;      /* by finding: rules that look at it, or at one whose `if` does */
    const uint64_t *through;      /* by finding: rules that may fire because the `if` of another finding looks at it */
    const struct rule_start *starts; /* by rule */
    struct rule_set levels[LEVEL_EMERGENCY + 1];
    struct rule_set loose_rules;  /* rules that more than the atoms of their findings can make fire, or that fire from the start */
    bool level_matters;           /* a rule or an `if` looks at the level told */
};

/* blocks: all guards of the dialog. NULL when the arena is full. */
const struct normal *normal_build(const struct dialog *d, struct arena *a, const struct guard_block *blocks, size_t count);

/* What a view tells. */
struct known {
    struct truth truth;
    struct slot_set said;    /* not unknown */
    struct slot_set unsure;  /* of these, once unsure: they may be asked again */
    struct slot_set askable; /* unknown or once unsure, and no `if` stands before */
    struct slot_set waiting; /* unknown, and their `if` is open */
};

void known_read(const struct normal *n, const struct view *v, struct known *out);

enum kleene normal_eval_parts(const struct truth *t, const struct want *w);

/* Of a guard that is no `tree`. */
static inline enum kleene normal_eval(const struct normal_guard *g, const struct truth *t) {
    if (g->by_parts)
        return normal_eval_parts(t, g->wants);
    bool open = false;
    uint64_t yes = 0, may = 0;
    for (const struct literals *l = g->from; l < g->to; l++) {
        uint64_t is = t->yes[l->word], is_not = t->no[l->word];
        yes |= (l->plain & is) | (l->negated & is_not);
        may |= (l->plain & ~is_not) | (l->negated & ~is);
        if (!l->last)
            continue;
        if (!may)
            return KLEENE_NO;
        open |= yes == 0;
        yes = may = 0;
    }
    return open ? KLEENE_OPEN : KLEENE_YES;
}
/* Adds what an open guard waits for, as guard_needs() does. True where it waits for something. The view has what is known. */
bool normal_needs(const struct view *v, const struct guard *g, struct slot_set *out);
/* The same of a guard that is known to be open. */
bool normal_needs_of_open(const struct view *v, const struct guard *g, struct slot_set *out);
/* Rules that are "no", as can be told without a look at them. */
void normal_find_dead(const struct view *v, struct rule_set *out);
/* Adds the rules that the finding's value in the frame may have made fire, if it is new. */
void normal_add_lifted(const struct view *v, uint16_t finding, struct rule_set *rules);

/* For normal_build(): what a value says to an atom; to all of a finding that is not yes or no. */
void normal_read_atom(const struct atom *a, struct value v, bool *yes, bool *no);
struct answers normal_answers(const struct normal *n, uint16_t finding, struct value v);

static inline void slot_set_add(struct slot_set *s, uint16_t slot) { s->bits[slot / 64] |= UINT64_C(1) << (slot % 64); }
static inline bool slot_set_has(const struct slot_set *s, uint16_t slot) { return s->bits[slot / 64] >> (slot % 64) & 1; }
/* Written out: a loop of so few costs more than its work. */
static_assert(FINDING_WORDS == 4, "the sets of findings are written out below");
static inline bool slot_set_is_empty(const struct slot_set *s) { return (s->bits[0] | s->bits[1] | s->bits[2] | s->bits[3]) == 0; }
static inline bool slot_sets_meet(const struct slot_set *a, const struct slot_set *b) {
    return ((a->bits[0] & b->bits[0]) | (a->bits[1] & b->bits[1]) | (a->bits[2] & b->bits[2]) | (a->bits[3] & b->bits[3])) != 0;
}
static inline void slot_set_join(struct slot_set *to, const struct slot_set *from) {
    to->bits[0] |= from->bits[0];
    to->bits[1] |= from->bits[1];
    to->bits[2] |= from->bits[2];
    to->bits[3] |= from->bits[3];
}
static inline struct slot_set slot_set_both(const struct slot_set *a, const struct slot_set *b) {
    return (struct slot_set){{a->bits[0] & b->bits[0], a->bits[1] & b->bits[1], a->bits[2] & b->bits[2], a->bits[3] & b->bits[3]}};
}
static inline struct slot_set slot_set_less(const struct slot_set *a, const struct slot_set *b) {
    return (struct slot_set){{a->bits[0] & ~b->bits[0], a->bits[1] & ~b->bits[1], a->bits[2] & ~b->bits[2], a->bits[3] & ~b->bits[3]}};
}

#endif
