/* The rules, looked at again after every message: which fire, the level they give, and what the open ones still need. */
#ifndef DIALOG_TRIAGE_H
#define DIALOG_TRIAGE_H

#include "dialog/normal.h"

enum {
    TRIAGE_FIRED_MAX = 32,
    RULES_SETTLED_MAX = 64, /* so many rules, the first of the dialog, are passed over once they are settled */
};

/* All rules at once. */
struct triage {
    enum level level;                 /* the highest that fires */
    uint16_t fired[TRIAGE_FIRED_MAX]; /* rules, highest level first; of self-care only where nothing higher fires */
    uint16_t fired_count;
    struct finding_set need[LEVEL_EMERGENCY + 1]; /* by level: what its open rules wait for */
};

void triage_eval(const struct view *v, struct triage *out);

/* One turn's look at the rules, each at most once and only when it is asked for: most turns need to know of few. */
struct triage_watch {
    const struct view *view;
    /* A bit for each of the first RULES_SETTLED_MAX rules that is "no" for good: more answers can only leave it so. Kept over the turns of a
     * talk; whoever takes an answer back or changes one clears it. */
    uint64_t *settled;
    uint64_t looked[DIALOG_RULES_MAX / 64], fires[DIALOG_RULES_MAX / 64];
    uint64_t open[DIALOG_RULES_MAX / 64]; /* and not asked yet what it waits for */
    struct finding_set need[LEVEL_EMERGENCY + 1];
    bool read; /* truth and touched are of the view as it stands */
    struct truth truth;
    struct rule_set touched;
};

/* Again after the frame or the level told has changed. */
void triage_watch_start(struct triage_watch *w, const struct view *v, uint64_t *settled);
bool triage_fires(struct triage_watch *w, uint16_t rule);
/* Whether an open rule of the level waits for this finding's answer; for any answer. */
bool triage_waits_for(struct triage_watch *w, enum level level, uint16_t finding);
bool triage_waits(struct triage_watch *w, enum level level);

#endif
