#include "dialog/triage.h"

enum { LITERALS_LONG = 12 };

static bool has_bit(const uint64_t *bits, uint16_t n) { return bits[n / 64] >> (n % 64) & 1; }
static void set_bit(uint64_t *bits, uint16_t n) { bits[n / 64] |= UINT64_C(1) << (n % 64); }

static const struct normal *normal_of(const struct triage_watch *w) { return w->view.dialog->normal; }

void triage_watch_start(struct triage_watch *w, const struct view *v) {
    const struct normal *n = v->dialog->normal;
    w->view = *v;
    w->view.truth = &w->known.truth;
    truth_read(n, v, &w->known);
    for (unsigned i = 0; i < n->rule_words; i++)
        w->judged.bits[i] = w->fires.bits[i] = w->open.bits[i] = w->asked.bits[i] = 0;
    for (int level = LEVEL_NONE; level <= LEVEL_EMERGENCY; level++)
        w->need[level] = (struct finding_set){{0}};
}

/* A rule that nothing known touches stands as at the start; a part of one atom has decided most of the others, the normal form nearly all. */
static enum kleene judge(struct triage_watch *w, uint16_t r) {
    const struct normal *n = normal_of(w);
    if (!(known_touched(&w->known, r / 64) >> (r % 64) & 1))
        return has_bit(n->start_yes.bits, r) ? KLEENE_YES : has_bit(n->start_open.bits, r) ? KLEENE_OPEN : KLEENE_NO;
    if (known_dead(n, &w->known, r / 64) >> (r % 64) & 1)
        return KLEENE_NO;
    if (!has_bit(w->judged.bits, r)) {
        const struct normal_guard *g = &n->rules[r];
        enum kleene k = g->tree ? guard_eval(&w->view.dialog->rules[r].when, &w->view) : normal_eval(g, &w->known.truth);
        set_bit(w->judged.bits, r);
        if (k == KLEENE_YES)
            set_bit(w->fires.bits, r);
        else if (k == KLEENE_OPEN)
            set_bit(w->open.bits, r);
    }
    return has_bit(w->fires.bits, r) ? KLEENE_YES : has_bit(w->open.bits, r) ? KLEENE_OPEN : KLEENE_NO;
}

bool triage_fires(struct triage_watch *w, uint16_t rule) { return judge(w, rule) == KLEENE_YES; }

/* Word i of the rules that may fire. */
static uint64_t alive(const struct triage_watch *w, unsigned i) {
    const struct normal *n = normal_of(w);
    uint64_t touched = known_touched(&w->known, i);
    return (touched & ~known_dead(n, &w->known, i)) | (~touched & n->start_yes.bits[i]);
}

void triage_eval(struct triage_watch *w, struct triage *out) {
    const struct dialog *d = w->view.dialog;
    *out = (struct triage){.level = LEVEL_NONE};
    for (unsigned i = 0; i < normal_of(w)->rule_words; i++) {
        for (uint64_t left = alive(w, i); left; left &= left - 1) {
            uint16_t r = (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left));
            enum level level = d->rules[r].level;
            if (level < LEVEL_ROUTINE && out->level > level)
                return; /* the rules come by level: self-care is for those without anything else */
            if (!triage_fires(w, r))
                continue;
            if (level > out->level)
                out->level = level;
            if (out->fired_count < TRIAGE_FIRED_MAX)
                out->fired[out->fired_count++] = r;
        }
    }
}

uint16_t triage_rising(struct triage_watch *w, const uint16_t *findings, size_t count, enum level above) {
    const struct normal *n = normal_of(w);
    struct rule_set rules = n->loose;
    for (size_t i = 0; i < count; i++)
        normal_add_lifted(n, w->view.frame, findings[i], &rules);
    for (unsigned i = 0; i < n->rule_words; i++) {
        for (uint64_t left = rules.bits[i] & alive(w, i); left; left &= left - 1) {
            uint16_t r = (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left));
            if (w->view.dialog->rules[r].level <= above)
                return DIALOG_NONE; /* and so are all that follow */
            if (triage_fires(w, r))
                return r;
        }
    }
    return DIALOG_NONE;
}

/* An open rule is asked once a turn what it waits for, and only when somebody wants to know. That judges it, too, which pays where the normal form
 * is long. */
static void look_for_needs(struct triage_watch *w, uint16_t r) {
    const struct rule *rule = &w->view.dialog->rules[r];
    const struct normal_guard *g = &normal_of(w)->rules[r];
    set_bit(w->asked.bits, r);
    if (g->tree || g->to - g->from > LITERALS_LONG || judge(w, r) == KLEENE_OPEN)
        guard_needs(&rule->when, &w->view, &w->need[rule->level]);
}

/* Word i of the level's rules that may be open and were not asked yet. */
static uint64_t unasked(const struct triage_watch *w, const struct level_rules *level, unsigned i) {
    return level->all.bits[i] & known_touched(&w->known, i) & ~known_dead(normal_of(w), &w->known, i) & ~w->asked.bits[i];
}

bool triage_waits_for(struct triage_watch *w, enum level level, uint16_t finding) {
    const struct normal *n = normal_of(w);
    const struct level_rules *rules = &n->levels[level];
    const uint64_t *touches = n->touches + (size_t)finding * n->rule_words;
    const uint64_t *waits = n->start_waits + (size_t)finding * n->rule_words;
    if (finding_set_has(&w->need[level], finding))
        return true;
    for (unsigned i = rules->from; i < rules->to; i++)
        if (waits[i] & rules->all.bits[i] & ~known_touched(&w->known, i))
            return true;
    for (unsigned i = rules->from; i < rules->to; i++) {
        if ((touches[i] & rules->all.bits[i]) == 0)
            continue;
        for (uint64_t left = touches[i] & unasked(w, rules, i); left; left &= left - 1) {
            look_for_needs(w, (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left)));
            if (finding_set_has(&w->need[level], finding))
                return true;
        }
    }
    return false;
}

bool triage_waits(struct triage_watch *w, enum level level) {
    const struct normal *n = normal_of(w);
    const struct level_rules *rules = &n->levels[level];
    if (!finding_set_is_empty(&w->need[level]))
        return true;
    for (unsigned i = rules->from; i < rules->to; i++)
        if (n->start_waiting.bits[i] & rules->all.bits[i] & ~known_touched(&w->known, i))
            return true;
    for (unsigned i = rules->from; i < rules->to; i++) {
        for (uint64_t left = unasked(w, rules, i); left; left &= left - 1) {
            look_for_needs(w, (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left)));
            if (!finding_set_is_empty(&w->need[level]))
                return true;
        }
    }
    return false;
}
