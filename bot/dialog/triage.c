#include "dialog/triage.h"

#include <string.h>

static bool is_settled(const uint64_t *settled, uint16_t r) {
    return settled && r < RULES_SETTLED_MAX && settled[r / 64] >> (r % 64) & 1;
}

void triage_eval(const struct view *v, uint64_t *settled, struct triage *out) {
    const struct dialog *d = v->dialog;
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    memset(out->need, 0, sizeof out->need);
    for (uint16_t r = 0; r < d->rule_count; r++) {
        if (is_settled(settled, r))
            continue;
        const struct rule *rule = &d->rules[r];
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            break; /* the rules come by level: self-care is for those without anything else */
        bool steady;
        enum kleene k = guard_needs(&rule->when, v, &out->need[rule->level], &steady);
        if (k == KLEENE_NO && steady && settled && r < RULES_SETTLED_MAX)
            settled[r / 64] |= UINT64_C(1) << (r % 64);
        if (k != KLEENE_YES)
            continue;
        if (rule->level > out->level)
            out->level = rule->level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}
