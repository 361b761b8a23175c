#include "dialog/triage.h"

#include <string.h>

void triage_eval(const struct view *v, struct triage *out) {
    const struct dialog *d = v->dialog;
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    memset(out->need, 0, sizeof out->need);
    for (uint16_t r = 0; r < d->rule_count; r++) {
        const struct rule *rule = &d->rules[r];
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            break; /* the rules come by level: self-care is for those without anything else */
        if (guard_needs(&rule->when, v, &out->need[rule->level]) != KLEENE_YES)
            continue;
        if (rule->level > out->level)
            out->level = rule->level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}
