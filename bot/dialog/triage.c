#include "dialog/triage.h"

#include <string.h>

void triage_eval(const struct view *v, struct triage *out) {
    const struct dialog *d = v->dialog;
    *out = (struct triage){.level = LEVEL_NONE};
    for (uint16_t r = 0; r < d->rule_count; r++) {
        const struct rule *rule = &d->rules[r];
        if (rule->level < LEVEL_ROUTINE && out->level > rule->level)
            break; /* the rules come by level: self-care is for those without anything else */
        if (guard_needs(&rule->when, v, &out->need[rule->level], NULL) != KLEENE_YES)
            continue;
        if (rule->level > out->level)
            out->level = rule->level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

static bool has_bit(const uint64_t *bits, uint16_t n) { return bits[n / 64] >> (n % 64) & 1; }
static void set_bit(uint64_t *bits, uint16_t n) { bits[n / 64] |= UINT64_C(1) << (n % 64); }

void triage_watch_start(struct triage_watch *w, const struct view *v, uint64_t *settled) {
    *w = (struct triage_watch){.view = v, .settled = settled};
}

static void look(struct triage_watch *w, uint16_t r) {
    if (has_bit(w->looked, r) || (r < RULES_SETTLED_MAX && has_bit(w->settled, r)))
        return;
    const struct rule *rule = &w->view->dialog->rules[r];
    bool steady = false;
    enum kleene k = guard_needs(&rule->when, w->view, &w->need[rule->level], &steady);
    set_bit(w->looked, r);
    if (k == KLEENE_YES)
        set_bit(w->fires, r);
    else if (k == KLEENE_NO && steady && r < RULES_SETTLED_MAX)
        set_bit(w->settled, r);
}

bool triage_fires(struct triage_watch *w, uint16_t rule) {
    look(w, rule);
    return has_bit(w->fires, rule);
}

bool triage_waits_for(struct triage_watch *w, enum level level, uint16_t finding) {
    const struct dialog *d = w->view->dialog;
    const struct finding *f = &d->findings[finding];
    for (uint16_t i = 0; i < f->rule_count; i++) {
        if (d->rules[f->rules[i]].level != level)
            continue;
        look(w, f->rules[i]);
        if (finding_set_has(&w->need[level], finding))
            return true;
    }
    return finding_set_has(&w->need[level], finding);
}

bool triage_waits(struct triage_watch *w, enum level level) {
    const struct dialog *d = w->view->dialog;
    bool waits = !finding_set_is_empty(&w->need[level]);
    for (uint16_t r = 0; r < d->rule_count && !waits && d->rules[r].level >= level; r++) {
        if (d->rules[r].level != level)
            continue;
        look(w, r);
        waits = !finding_set_is_empty(&w->need[level]);
    }
    return waits;
}
