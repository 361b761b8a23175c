/* All rules, looked at again: which fire, the level they give, and what the open ones still need. */
#ifndef DIALOG_TRIAGE_H
#define DIALOG_TRIAGE_H

#include "dialog/guard.h"

enum { TRIAGE_FIRED_MAX = 32 };

struct triage {
    enum level level;                       /* the highest that fires */
    uint16_t fired[TRIAGE_FIRED_MAX];       /* rules, highest level first */
    uint16_t fired_count;
    struct finding_set need[LEVEL_EMERGENCY + 1]; /* by level: what its open rules wait for */
};

void triage_eval(const struct view *v, struct triage *out);

#endif
