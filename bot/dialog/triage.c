#include "dialog/triage.h"

static bool has_bit(const struct rule_set *s, uint16_t n) { return s->bits[n / 64] >> (n % 64) & 1; }
static void set_bit(struct rule_set *s, uint16_t n) { s->bits[n / 64] |= UINT64_C(1) << (n % 64); }

static const struct normal *normal_of(const struct triage_watch *w) { return w->view.dialog->normal; }

void triage_watch_start(struct triage_watch *w, const struct view *v) {
    const struct normal *n = v->dialog->normal;
    w->view = *v;
    w->view.known = &w->known;
    known_read(n, v, &w->known);
    for (unsigned i = 0; i < n->rule_words; i++)
        w->judged.bits[i] = w->fires.bits[i] = w->open.bits[i] = w->asked.bits[i] = 0;
    for (int level = LEVEL_NONE; level <= LEVEL_EMERGENCY; level++)
        w->need[level] = (struct slot_set){{0}};
    w->looked_for_dead = false;
}

/* Word i of a level's rules that may be yes or open. */
static uint64_t alive(struct triage_watch *w, enum level level, unsigned i) {
    if (!w->looked_for_dead) {
        normal_find_dead(&w->view, &w->dead);
        w->looked_for_dead = true;
    }
    return normal_of(w)->levels[level].bits[i] & ~w->dead.bits[i];
}

/* Whether anything is known of what it looks at: most rules stand as at the start for long. */
static inline bool is_touched(const struct triage_watch *w, const struct rule_start *start) {
    return start->never || slot_sets_meet(&start->looks, &w->known.said);
}

static enum kleene judge_touched(struct triage_watch *w, uint16_t r) {
    if (!has_bit(&w->judged, r)) {
        const struct guard *when = &w->view.dialog->rules[r].when;
        enum kleene k = when->normal->tree ? guard_eval(when, &w->view) : normal_eval(when->normal, &w->known.truth);
        set_bit(&w->judged, r);
        if (k == KLEENE_YES)
            set_bit(&w->fires, r);
        else if (k == KLEENE_OPEN)
            set_bit(&w->open, r);
        return k;
    }
    return has_bit(&w->fires, r) ? KLEENE_YES : has_bit(&w->open, r) ? KLEENE_OPEN : KLEENE_NO;
}

static enum kleene judge(struct triage_watch *w, uint16_t r) {
    const struct rule_start *start = &normal_of(w)->starts[r];
    return is_touched(w, start) ? judge_touched(w, r) : (enum kleene)start->worth;
}

bool triage_fires(struct triage_watch *w, uint16_t rule) { return judge(w, rule) == KLEENE_YES; }

static void add_fired(struct triage_watch *w, enum level level, uint64_t left, unsigned word, struct triage *out) {
    for (; left; left &= left - 1) {
        uint16_t r = (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(left));
        if (!triage_fires(w, r))
            continue;
        if (out->level == LEVEL_NONE)
            out->level = level;
        if (out->fired_count < TRIAGE_FIRED_MAX)
            out->fired[out->fired_count++] = r;
    }
}

/* Self-care is for those without anything else. */
void triage_eval(struct triage_watch *w, enum level most, struct triage *out) {
    const struct normal *n = normal_of(w);
    out->level = LEVEL_NONE;
    out->fired_count = 0;
    for (enum level level = LEVEL_EMERGENCY; level >= LEVEL_ROUTINE || (level == LEVEL_SELF_CARE && out->level == LEVEL_NONE); level--)
        for (unsigned i = 0; i < n->rule_words; i++)
            add_fired(w, level, alive(w, level, i) & (level > most ? n->loose_rules.bits[i] : UINT64_MAX), i, out);
}

uint16_t triage_rising(struct triage_watch *w, const uint16_t *findings, size_t count, enum level above) {
    const struct normal *n = normal_of(w);
    struct rule_set rules = n->loose_rules;
    for (size_t i = 0; i < count; i++)
        normal_add_lifted(&w->view, findings[i], &rules);
    for (unsigned i = 0; i < n->rule_words; i++) {
        for (uint64_t left = rules.bits[i]; left; left &= left - 1) {
            uint16_t r = (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left));
            if (w->view.dialog->rules[r].level <= above)
                return DIALOG_NONE; /* and so are all that follow */
            if (triage_fires(w, r))
                return r;
        }
    }
    return DIALOG_NONE;
}

/* An open rule is asked once a turn what it waits for, and only when somebody wants to know. */
static void look_for_needs(struct triage_watch *w, uint16_t r) {
    const struct rule *rule = &w->view.dialog->rules[r];
    const struct rule_start *start = &normal_of(w)->starts[r];
    set_bit(&w->asked, r);
    if (!is_touched(w, start))
        slot_set_join(&w->need[rule->level], &start->needs);
    else if (judge_touched(w, r) == KLEENE_OPEN)
        normal_needs_of_open(&w->view, &rule->when, &w->need[rule->level]);
}

/* Asks all rules of a level, or those of a set. */
static void ask_rules(struct triage_watch *w, enum level level, const struct rule_set *these) {
    for (unsigned i = 0; i < normal_of(w)->rule_words; i++) {
        uint64_t left = alive(w, level, i) & ~w->asked.bits[i] & (these ? these->bits[i] : UINT64_MAX);
        for (; left; left &= left - 1)
            look_for_needs(w, (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left)));
    }
}

const struct slot_set *triage_needs(struct triage_watch *w, enum level level) {
    ask_rules(w, level, NULL);
    return &w->need[level];
}

struct slot_set triage_needs_of(struct triage_watch *w, enum level level, const struct slot_set *findings) {
    const struct normal *n = normal_of(w);
    struct rule_set rules = {{0}};
    for (unsigned s = 0; s < n->slot_words; s++)
        for (uint64_t left = findings->bits[s]; left; left &= left - 1) {
            const uint64_t *touches = n->touches + (size_t)n->findings[s * 64 + (unsigned)__builtin_ctzll(left)] * n->rule_words;
            for (unsigned i = 0; i < n->rule_words; i++)
                rules.bits[i] |= touches[i];
        }
    ask_rules(w, level, &rules);
    return slot_set_both(&w->need[level], findings);
}
