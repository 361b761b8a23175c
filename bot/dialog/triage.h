/* All rules, looked at again: which fire, the level they give, and what the open ones still need. */
#ifndef DIALOG_TRIAGE_H
#define DIALOG_TRIAGE_H

#include "dialog/guard.h"

enum { TRIAGE_FIRED_MAX = 32 };

struct triage {
    enum level level;                        /* the highest that fires */
    uint16_t fired[TRIAGE_FIRED_MAX];        /* rules, highest level first */
    uint16_t fired_count;
    uint64_t open[DIALOG_RULES_MAX / 64];    /* rules that are open; self-care rules only while nothing higher fires */
};

void triage_eval(const struct view *v, struct triage *out);

/* What the open rules of a level wait for. Adds to *need. True if any rule of the level is open for want of an answer that can
 * still be asked for. */
bool triage_needs(const struct view *v, const struct triage *t, enum level level, struct finding_set *need);

#endif
