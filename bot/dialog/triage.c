#include "dialog/triage.h"

#include <string.h>

void triage_eval(const struct view *v, struct triage *out) {
    const struct dialog *d = v->dialog;
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    memset(out->open, 0, sizeof out->open);
    for (uint16_t r = 0; r < d->rule_count; r++) {
        const struct rule *rule = &d->rules[r];
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            break; /* the rules come by level: self-care is for those without anything else */
        enum kleene k = guard_eval(&rule->when, v);
        if (k == KLEENE_OPEN)
            out->open[r / 64] |= UINT64_C(1) << (r % 64);
        if (k != KLEENE_YES)
            continue;
        if (rule->level > out->level)
            out->level = rule->level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

bool triage_needs(const struct view *v, const struct triage *t, enum level level, struct finding_set *need) {
    const struct dialog *d = v->dialog;
    struct finding_set found = {{0}};
    for (unsigned word = 0; word < DIALOG_RULES_MAX / 64; word++) {
        for (uint64_t left = t->open[word]; left; left &= left - 1) {
            const struct rule *rule = &d->rules[word * 64 + (unsigned)__builtin_ctzll(left)];
            if (rule->level == level)
                guard_needs(&rule->when, v, &found);
        }
    }
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        need->bits[i] |= found.bits[i];
    return !finding_set_is_empty(&found);
}
