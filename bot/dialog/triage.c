#include "dialog/triage.h"

#include <string.h>

static bool has_bit(const uint64_t *bits, uint16_t n) { return bits[n / 64] >> (n % 64) & 1; }
static void set_bit(uint64_t *bits, uint16_t n) { bits[n / 64] |= UINT64_C(1) << (n % 64); }

/* What the rules are judged by. */
struct facts {
    const struct view *view;
    const struct truth *truth;
    const struct rule_set *touched;
};

/* A rule that nothing known touches stands as at the start; most others are decided by the normal form. */
static enum kleene judge(const struct facts *on, uint16_t r, bool *steady) {
    const struct normal *n = on->view->dialog->normal;
    if (!has_bit(on->touched->bits, r))
        return has_bit(n->start_yes.bits, r) ? KLEENE_YES : has_bit(n->start_open.bits, r) ? KLEENE_OPEN : KLEENE_NO;
    if (!n->rules[r].tree)
        return normal_eval(&n->rules[r], on->truth, steady);
    struct finding_set unused = {{0}};
    return guard_needs(&on->view->dialog->rules[r].when, on->view, &unused, steady);
}

/* What an open rule waits for. */
static void add_needs(const struct facts *on, uint16_t r, struct finding_set *need) {
    const struct normal *n = on->view->dialog->normal;
    if (has_bit(on->touched->bits, r)) {
        guard_needs(&on->view->dialog->rules[r].when, on->view, need, NULL);
        return;
    }
    for (unsigned i = 0; i < n->finding_words; i++)
        need->bits[i] |= n->start_needs[r].bits[i];
}

void triage_eval(const struct view *v, struct triage *out) {
    const struct dialog *d = v->dialog;
    struct truth truth;
    struct rule_set touched;
    struct facts on = {v, &truth, &touched};
    truth_read(d->normal, v, &truth, &touched);
    *out = (struct triage){.level = LEVEL_NONE};
    for (uint16_t r = 0; r < d->rule_count; r++) {
        enum level level = d->rules[r].level;
        if (level < LEVEL_ROUTINE && out->level > level)
            break; /* the rules come by level: self-care is for those without anything else */
        enum kleene k = judge(&on, r, NULL);
        if (k == KLEENE_OPEN)
            add_needs(&on, r, &out->need[level]);
        if (k != KLEENE_YES)
            continue;
        if (level > out->level)
            out->level = level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

void triage_watch_start(struct triage_watch *w, const struct view *v, uint64_t *settled) {
    w->view = v;
    w->settled = settled;
    w->read = false;
    memset(w->looked, 0, sizeof w->looked);
    memset(w->fires, 0, sizeof w->fires);
    memset(w->open, 0, sizeof w->open);
    memset(w->need, 0, sizeof w->need);
}

static struct facts facts_of(struct triage_watch *w) {
    if (!w->read)
        truth_read(w->view->dialog->normal, w->view, &w->truth, &w->touched);
    w->read = true;
    return (struct facts){w->view, &w->truth, &w->touched};
}

static void look(struct triage_watch *w, uint16_t r) {
    if (has_bit(w->looked, r) || (r < RULES_SETTLED_MAX && has_bit(w->settled, r)))
        return;
    struct facts on = facts_of(w);
    bool steady = false;
    enum kleene k = judge(&on, r, &steady);
    set_bit(w->looked, r);
    if (k == KLEENE_YES)
        set_bit(w->fires, r);
    else if (k == KLEENE_OPEN)
        set_bit(w->open, r);
    else if (steady && r < RULES_SETTLED_MAX)
        set_bit(w->settled, r);
}

bool triage_fires(struct triage_watch *w, uint16_t rule) {
    look(w, rule);
    return has_bit(w->fires, rule);
}

/* An open rule is asked once a turn what it waits for, and only when somebody wants to know. */
static void look_for_needs(struct triage_watch *w, uint16_t r) {
    look(w, r);
    if (!has_bit(w->open, r))
        return;
    struct facts on = facts_of(w);
    add_needs(&on, r, &w->need[w->view->dialog->rules[r].level]);
    w->open[r / 64] &= ~(UINT64_C(1) << (r % 64));
}

bool triage_waits_for(struct triage_watch *w, enum level level, uint16_t finding) {
    const struct dialog *d = w->view->dialog;
    const struct finding *f = &d->findings[finding];
    for (uint16_t i = 0; i < f->rule_count; i++) {
        if (d->rules[f->rules[i]].level != level)
            continue;
        look_for_needs(w, f->rules[i]);
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
        look_for_needs(w, r);
        waits = !finding_set_is_empty(&w->need[level]);
    }
    return waits;
}
