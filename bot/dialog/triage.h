/* All rules, looked at again: which fire, the level they give, and what the open ones still need. */
#ifndef DIALOG_TRIAGE_H
#define DIALOG_TRIAGE_H

#include "dialog/normal.h"

enum {
    TRIAGE_FIRED_MAX = 32,
    RULES_SETTLED_MAX = 64, /* so many rules, the first of the dialog, can be passed over once they are settled */
};

struct triage {
    enum level level;                 /* the highest that fires */
    uint16_t fired[TRIAGE_FIRED_MAX]; /* rules, highest level first */
    uint16_t fired_count;
    uint64_t waits[LEVEL_EMERGENCY + 1][NORMAL_WORDS_MAX]; /* by level: atoms its open rules wait for */
    struct finding_set trees[LEVEL_EMERGENCY + 1];         /* and findings, of the rules that have no normal form */
};

/* settled: a bit for each of the first RULES_SETTLED_MAX rules that is "no" for good: more answers can only leave it so. It is read and
 * brought up to date; the caller clears it when an answer is taken back or changed. NULL: all rules are looked at. */
void triage_eval(const struct view *v, uint64_t *settled, struct triage *out);

/* What the open rules of a level wait for: adds to *need. */
void triage_needs(const struct view *v, const struct triage *t, enum level level, struct finding_set *need);

#endif
