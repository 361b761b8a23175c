#include "dialog/triage.h"

void triage_eval(const struct view *v, struct triage *out) {
    const struct dialog *d = v->dialog;
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    for (uint16_t r = 0; r < d->rule_count; r++) {
        const struct rule *rule = &d->rules[r];
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            break; /* the rules come by level: self-care is for those without anything else */
        if (guard_eval(&rule->when, v) != KLEENE_YES)
            continue;
        if (rule->level > out->level)
            out->level = rule->level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

bool triage_needs(const struct view *v, enum level level, struct finding_set *need) {
    const struct dialog *d = v->dialog;
    struct finding_set found = {0};
    for (uint16_t r = 0; r < d->rule_count && d->rules[r].level >= level; r++)
        if (d->rules[r].level == level)
            guard_needs(&d->rules[r].when, v, &found);
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        need->bits[i] |= found.bits[i];
    return !finding_set_is_empty(&found);
}
