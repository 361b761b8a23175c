#include "dialog/triage.h"

#include <string.h>

static bool is_settled(const uint64_t *settled, uint16_t r) {
    return settled && r < RULES_SETTLED_MAX && settled[r / 64] >> (r % 64) & 1;
}

static enum kleene eval_rule(const struct view *v, const struct truth *truth, uint16_t r, struct triage *out, bool *steady) {
    const struct rule *rule = &v->dialog->rules[r];
    const struct normal_guard *g = &v->dialog->normal->rules[r];
    if (g->tree)
        return guard_needs(&rule->when, v, &out->trees[rule->level], steady);
    return normal_eval(v->dialog->normal, g, truth, out->waits[rule->level], steady);
}

void triage_eval(const struct view *v, uint64_t *settled, struct triage *out) {
    const struct dialog *d = v->dialog;
    struct truth truth;
    truth_read(d->normal, v, &truth);
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    memset(out->waits, 0, sizeof out->waits);
    memset(out->trees, 0, sizeof out->trees);
    for (uint16_t r = 0; r < d->rule_count; r++) {
        if (is_settled(settled, r))
            continue;
        enum level level = d->rules[r].level;
        if (level < LEVEL_ROUTINE && out->level > level)
            break; /* the rules come by level: self-care is for those without anything else */
        bool steady = false;
        enum kleene k = eval_rule(v, &truth, r, out, &steady);
        if (k == KLEENE_NO && steady && settled && r < RULES_SETTLED_MAX)
            settled[r / 64] |= UINT64_C(1) << (r % 64);
        if (k != KLEENE_YES)
            continue;
        if (level > out->level)
            out->level = level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

void triage_needs(const struct view *v, const struct triage *t, enum level level, struct finding_set *need) {
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        need->bits[i] |= t->trees[level].bits[i];
    normal_findings(v->dialog->normal, v, t->waits[level], need);
}
