/* Private to hear*.c: a message while it is being turned into findings.
 *
 *     hear_about         whom the message is about (hear_about.c)
 *     gather_hits        phrases -> values, idioms, anchors of numbers, things counted, topics, commands
 *     hear_numbers       quantities -> number findings (hear_numbers.c)
 *     hear_answers       yes, no, none, only ... -> the findings asked (hear_answers.c)
 *     hear_likes         what a sign sounds like, where words are left that nothing above understood (hear_likes.c) */
#ifndef DIALOG_HEAR_WORK_H
#define DIALOG_HEAR_WORK_H

#include "dialog/hear.h"

enum { ANCHORS_MAX = 64, COUNTED_MAX = 24, IDIOMS_MAX = 24 };

/* A place in the message that draws quantities to a number finding. */
struct anchor {
    uint16_t finding;
    uint16_t first, last;
    uint8_t clause;
};

/* One thing that is counted: "coffee", worth `number` each. */
struct counted {
    uint16_t finding;
    float number;
    uint16_t first, last;
    uint8_t clause, context;
    uint32_t phrase;
};

struct hearer {
    const struct dialog *d;
    const struct reading *r;
    struct asked asked;
    uint64_t asked_bits[DIALOG_FINDINGS_MAX / 64], heard_bits[DIALOG_FINDINGS_MAX / 64]; /* by finding */
    unsigned meant; /* bit n: a phrase has a meaning of enum meaning_kind n */
    bool about_other;
    uint16_t about; /* the finding that says whom the talk is about, or DIALOG_NONE */
    struct hearing *out;
    struct heard heard[HEARD_MAX];
    size_t heard_count;
    struct passed_over passed[HEARD_MAX];
    size_t passed_count;
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    struct counted counted[COUNTED_MAX];
    size_t counted_count;
    struct passed_over idioms[IDIOMS_MAX];
    size_t idiom_count;
    uint64_t sign_clauses[4]; /* bit n: clause n has a phrase of a sign, whatever came of it */
    uint32_t used;            /* bit n: quantity n has found its finding */
};

static inline bool has_finding(const uint64_t *bits, uint16_t finding) { return bits[finding / 64] >> finding % 64 & 1; }
static inline void add_finding(uint64_t *bits, uint16_t finding) { bits[finding / 64] |= UINT64_C(1) << finding % 64; }

static inline bool is_asked(const struct hearer *h, uint16_t finding) { return has_finding(h->asked_bits, finding); }

struct heard *heard_find(struct hearer *h, uint16_t finding);
/* Adds, or settles it with what was heard of the finding before: a correction replaces, a sign outweighs its denial. */
void heard_add(struct hearer *h, const struct heard *new);
void heard_answer(struct hearer *h, uint16_t finding, struct value v, enum heard_how how);
void pass_over(struct hearer *h, uint16_t finding, uint16_t first, uint16_t last, uint8_t context, uint32_t phrase);
/* Whether a cue of the kind begins in tokens from ... to - 1. */
bool cue_between(const struct reading *r, enum cue_kind kind, size_t from, size_t to);
/* The option of a choice that plain "no" means, or DIALOG_NONE. */
uint16_t option_of_no(const struct finding *f);

static inline struct str token_text(const struct reading *r, size_t t) {
    return (struct str){r->text.ptr + r->tokens[t].start, r->tokens[t].length}; /* always inside the text */
}
/* The idiom that a phrase of the finding is part of, or NULL. */
const struct passed_over *hit_idiom(const struct hearer *h, const struct hit *hit, uint16_t finding);
/* Whether a longer phrase of the same finding says it better. */
bool hit_is_outdone(const struct hearer *h, size_t hit, uint16_t finding);

/* --- hear_about.c --- */

/* Somebody who is named and not just called "he" or "she". */
bool names_another(const struct reading *r);
/* A word of the first person; "my mum" is none. */
bool speaks_of_self(const struct reading *r);
/* "My wife says I mumble": between the words for somebody else stands the first person. */
bool tells_of_me(const struct reading *r, const struct hit *hit);
/* Whom the message is about counts for the rest of it, so it is looked for first. */
void hear_about(struct hearer *h);
/* Asked whom it is about, somebody who is named: "my father, seventy eight". */
void hear_who_is_named(struct hearer *h);

void hear_numbers(struct hearer *h);
/* What no phrase holds (hear_likes.c); after all others. */
void hear_likes(struct hearer *h);
void hear_answers(struct hearer *h);

#endif
