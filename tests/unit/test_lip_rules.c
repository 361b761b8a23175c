/* The rules of the lip dialog by brute force: over the values of its findings each rule fires exactly when its condition holds, and for each
 * a talk made up from such values reaches it; no advice is given while an emergency or urgent rule still waits for an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "dialog/load.h"
#include "dialog/machine.h"
#include "shell/files.h"

enum {
    DOMAIN_MAX = 40,
    ASSIGNMENTS_MAX = 20000,
    CANDIDATES_MAX = 2000,
    TALKS_MAX = 60, /* tried for one rule */
    TURNS_MAX = 60,
    FINDINGS_OF_RULE_MAX = 48,
};

static struct dialog *dialog;

static int load_dialog(void **state) {
    (void)state;
    struct problems problems;
    problems_init(&problems);
    dialog = dialog_load_dir(LIPPY_SOURCE_DIR "/dialogs/lip-twitching", &problems);
    problems_finish(&problems);
    return dialog ? 0 : -1;
}

static int free_dialog(void **state) {
    (void)state;
    dialog_free(dialog);
    return 0;
}

static uint32_t seed;
static unsigned pick(unsigned below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 10) % below;
}

/* ---- conditions, read a second time and naively ---- */

struct assignment {
    struct value of[DIALOG_FINDINGS_MAX];
};

static enum kleene naive(const struct guard_node *n, const struct assignment *a, enum level told);

static struct value value_in(const struct assignment *a, uint16_t f, enum level told) {
    struct value v = a->of[f];
    const struct finding *finding = &dialog->findings[f];
    if (v.state == VALUE_UNKNOWN && finding->only_if.nodes && naive(finding->only_if.nodes, a, told) == KLEENE_NO)
        return finding->otherwise;
    return v;
}

static enum kleene of_bool(bool yes) { return yes ? KLEENE_YES : KLEENE_NO; }

static enum kleene naive_atom(const struct guard_node *n, struct value v) {
    switch (n->op) {
    case GUARD_UNSURE:
        return of_bool(v.state == VALUE_UNSURE || v.state == VALUE_STILL_UNSURE);
    case GUARD_STILL_UNSURE:
        return of_bool(v.state == VALUE_STILL_UNSURE);
    case GUARD_KNOWN:
        return of_bool(v.state == VALUE_KNOWN);
    case GUARD_UNKNOWN:
        return of_bool(v.state == VALUE_UNKNOWN);
    default:
        break;
    }
    if (v.state != VALUE_KNOWN)
        return KLEENE_OPEN;
    double is = (double)v.number, want = (double)n->number;
    if (is > want * 0.998 && is < want * 1.002)
        is = want; /* numbers are kept to so much */
    switch (n->op) {
    case GUARD_YES:
        return of_bool(is == 1);
    case GUARD_IS:
    case GUARD_EQUAL:
        return of_bool(is == want);
    case GUARD_HAS:
        return of_bool(((unsigned)is & (unsigned)want) != 0);
    case GUARD_LESS:
        return of_bool(is < want);
    case GUARD_LESS_EQUAL:
        return of_bool(is <= want);
    case GUARD_MORE:
        return of_bool(is > want);
    default:
        return of_bool(is >= want);
    }
}

static enum kleene naive(const struct guard_node *n, const struct assignment *a, enum level told) {
    unsigned yes = 0, no = 0, open = 0;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = naive(child, a, told);
        yes += k == KLEENE_YES;
        no += k == KLEENE_NO;
        open += k == KLEENE_OPEN;
    }
    switch (n->op) {
    case GUARD_ALWAYS:
        return KLEENE_YES;
    case GUARD_NEVER:
        return KLEENE_NO;
    case GUARD_LEVEL:
        return of_bool((float)told >= n->number);
    case GUARD_NOT:
        return yes ? KLEENE_NO : no ? KLEENE_YES : KLEENE_OPEN;
    case GUARD_AND:
        return no ? KLEENE_NO : open ? KLEENE_OPEN : KLEENE_YES;
    case GUARD_OR:
        return yes ? KLEENE_YES : open ? KLEENE_OPEN : KLEENE_NO;
    case GUARD_AT_LEAST:
        return (float)yes >= n->number ? KLEENE_YES : (float)(yes + open) < n->number ? KLEENE_NO : KLEENE_OPEN;
    default:
        return naive_atom(n, value_in(a, n->finding, told));
    }
}

/* ---- the values that matter to a rule ---- */

struct domain {
    uint16_t finding;
    struct value values[DOMAIN_MAX];
    unsigned count;
};

struct domains {
    struct domain items[FINDINGS_OF_RULE_MAX];
    unsigned count;
};

static struct value known(float number) { return (struct value){VALUE_KNOWN, number}; }

static void add_value(struct domain *d, struct value v) {
    for (unsigned i = 0; i < d->count; i++)
        if (value_equal(d->values[i], v))
            return;
    if (d->count < DOMAIN_MAX)
        d->values[d->count++] = v;
}

static struct domain *domain_of(struct domains *all, uint16_t finding) {
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i].finding == finding)
            return &all->items[i];
    if (all->count == FINDINGS_OF_RULE_MAX)
        return NULL;
    struct domain *d = &all->items[all->count++];
    *d = (struct domain){.finding = finding};
    const struct finding *f = &dialog->findings[finding];
    for (unsigned i = 0; f->kind == FINDING_YESNO && i < 2; i++)
        add_value(d, known((float)i));
    for (unsigned i = 0; f->kind == FINDING_CHOICE && i < f->option_count; i++)
        add_value(d, known((float)i));
    if (f->kind == FINDING_SET)
        add_value(d, known(0));
    return d;
}

static void add_numbers(struct domain *d, const struct finding *f, float at) {
    const float near[] = {at - 1, at, at + 1};
    for (unsigned i = 0; i < 3; i++)
        if (near[i] >= f->low && near[i] <= f->high)
            add_value(d, known(near[i]));
}

static void collect(struct domains *all, const struct guard *g, unsigned depth) {
    for (size_t i = 0; i < g->count; i++) {
        const struct guard_node *n = &g->nodes[i];
        if (n->op == GUARD_ALWAYS || n->op == GUARD_NEVER || n->op >= GUARD_LEVEL)
            continue;
        struct domain *d = domain_of(all, n->finding);
        const struct finding *f = &dialog->findings[n->finding];
        if (!d)
            continue;
        if (n->op == GUARD_HAS)
            add_value(d, known((float)((unsigned)n->number & -(unsigned)n->number)));
        else if (n->op == GUARD_UNSURE || n->op == GUARD_STILL_UNSURE)
            add_value(d, (struct value){VALUE_STILL_UNSURE, 0});
        else if (f->kind == FINDING_NUMBER && n->op >= GUARD_LESS && n->op <= GUARD_EQUAL)
            add_numbers(d, f, n->number);
        if (depth < 2)
            collect(all, &f->only_if, depth + 1);
    }
}

/* The usual person: nothing special. */
static void usual(struct assignment *a) {
    static const struct {
        const char *finding;
        float number;
    } special[] = {{"age", 32}, {"duration_days", 2}, {"bouts", 1}, {"sleep_hours", 8}, {"stress", 2}, {"caffeine_mg", 40}};
    for (uint16_t f = 0; f < dialog->finding_count; f++)
        a->of[f] = dialog->findings[f].kind == FINDING_NUMBER ? (struct value){VALUE_UNKNOWN, 0} : known(0);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        uint16_t f = dialog_find_finding(dialog, str_of(special[i].finding));
        assert_int_not_equal(f, DIALOG_NONE);
        a->of[f] = known(special[i].number);
    }
}

/* Assignment number n of the product of the domains, or a random one where there are too many. */
static void assign(const struct domains *all, uint64_t n, uint64_t product, struct assignment *a) {
    for (unsigned i = 0; i < all->count; i++) {
        const struct domain *d = &all->items[i];
        unsigned at = product > ASSIGNMENTS_MAX ? pick(d->count) : (unsigned)(n % d->count);
        n /= d->count;
        if (d->count > 0)
            a->of[d->finding] = d->values[at];
    }
}

static uint64_t product_of(const struct domains *all) {
    uint64_t product = 1;
    for (unsigned i = 0; i < all->count && product <= ASSIGNMENTS_MAX; i++)
        product *= all->items[i].count ? all->items[i].count : 1;
    return product;
}

static void fill(struct frame *f, const struct assignment *a) {
    memset(f, 0, sizeof *f);
    for (uint16_t i = 0; i < dialog->finding_count; i++)
        frame_set(dialog, f, i, a->of[i]);
}

static bool fires(const struct triage *t, uint16_t rule) {
    for (uint16_t i = 0; i < t->fired_count; i++)
        if (t->fired[i] == rule)
            return true;
    return false;
}

static void every_rule_fires_exactly_when_its_condition_holds(void **state) {
    (void)state;
    for (uint16_t r = 0; r < dialog->rule_count; r++) {
        static struct domains all;
        all.count = 0;
        collect(&all, &dialog->rules[r].when, 0);
        uint64_t product = product_of(&all), runs = product > ASSIGNMENTS_MAX ? ASSIGNMENTS_MAX : product;
        seed = r + 1u;
        unsigned fired = 0;
        for (uint64_t n = 0; n < runs; n++) {
            struct assignment a;
            struct frame f;
            struct triage t;
            struct triage_watch w;
            usual(&a);
            assign(&all, n, product, &a);
            fill(&f, &a);
            struct view v = {dialog, &f, LEVEL_NONE, NULL};
            triage_watch_start(&w, &v);
            triage_eval(&w, LEVEL_EMERGENCY, &t);
            bool holds = naive(dialog->rules[r].when.nodes, &a, LEVEL_NONE) == KLEENE_YES;
            bool hidden = dialog->rules[r].level < t.level && dialog->rules[r].level < LEVEL_ROUTINE;
            bool full = t.fired_count == TRIAGE_FIRED_MAX;
            if (!hidden && !full && fires(&t, r) != holds)
                fail_msg("%.*s: fires %d, holds %d", STR_ARG(dialog->rules[r].name), fires(&t, r), holds);
            fired += holds;
        }
        if (fired == 0)
            fail_msg("%.*s: no values of its findings make it hold", STR_ARG(dialog->rules[r].name));
    }
}

/* ---- talks made up from values ---- */

static void add_quantity(struct buf *b, const struct finding *f, float number) {
    static const char *const units[] = {[MEASURE_MINUTES] = " minutes", [MEASURE_HOURS] = " hours", [MEASURE_DAYS] = " days",
                                        [MEASURE_WEEKS] = " weeks", [MEASURE_YEARS] = " years old", [MEASURE_MG] = " mg",
                                        [MEASURE_UNITS] = " units", [MEASURE_SCORE] = " out of 10", [MEASURE_COUNT] = ""};
    buf_printf(b, "%g%s", (double)number, units[f->measure]);
}

static void add_answer(struct buf *b, const struct finding *f, struct value v) {
    if (v.state != VALUE_KNOWN) {
        buf_add(b, STR("not sure"));
    } else if (f->kind == FINDING_YESNO) {
        buf_add(b, v.number > 0 ? STR("yes") : STR("no"));
    } else if (f->kind == FINDING_CHOICE) {
        buf_add(b, f->options[(uint16_t)v.number].say);
    } else if (f->kind == FINDING_NUMBER) {
        add_quantity(b, f, v.number);
    } else if (v.number == 0) {
        buf_add(b, STR("none"));
    } else {
        for (uint16_t i = 0, n = 0; i < f->option_count; i++)
            if ((unsigned)v.number >> i & 1)
                buf_printf(b, "%s%.*s", n++ ? " and " : "", STR_ARG(f->options[i].say));
    }
}

/* Of a screen of signs the numbers of those that hold; a screen with a doubt is left unanswered, so that its signs come one by one. */
static void answer_screen(struct buf *b, const struct assignment *a, const uint16_t *asked, size_t n) {
    bool signs = true, doubt = false;
    unsigned said = 0;
    for (size_t i = 0; i < n; i++) {
        signs &= dialog->findings[asked[i]].kind == FINDING_YESNO;
        doubt |= a->of[asked[i]].state == VALUE_STILL_UNSURE;
    }
    for (size_t i = 0; i < n && !(signs && doubt); i++) {
        const struct finding *f = &dialog->findings[asked[i]];
        struct value v = a->of[asked[i]];
        if (f->kind == FINDING_YESNO && !(v.number > 0))
            continue;
        buf_add(b, said++ ? STR(" and ") : STR(""));
        if (signs)
            buf_printf(b, "%zu", i + 1);
        else
            add_answer(b, f, v);
    }
    if (b->len == 0)
        buf_add(b, doubt ? STR("zxqw") : STR("none of these"));
}

struct play {
    struct session session;
    struct turn turn;
    struct arena arena;
};

/* The longest phrase in plain words that means this value by itself, or nothing. */
static struct str words_for(uint16_t finding, struct value v) {
    struct str best = STR_NONE;
    for (uint32_t p = 0; p < lexicon_phrase_count(dialog->lexicon); p++) {
        for (uint32_t m = dialog->phrase_meaning[p]; m < dialog->phrase_meaning[p + 1]; m++) {
            const struct meaning *meaning = &dialog->meanings[m];
            struct str text = dialog->phrase_text[p];
            bool plain = str_find(text, STR("+")) == SIZE_MAX && str_find(text, STR("<")) == SIZE_MAX &&
                         str_find(text, STR("/")) == SIZE_MAX && text.len > 0 && text.ptr[0] >= 'a' && text.ptr[0] <= 'z';
            if (meaning->kind == MEANS_VALUE && meaning->target == finding && plain && !meaning->only_asked &&
                value_equal(meaning->value, v) && text.len > best.len)
                best = text;
        }
    }
    return best;
}

/* What is special about a person, told at once: "my lip twitches. i take an antipsychotic. it has stopped". */
static void add_opening(struct buf *b, const struct assignment *a) {
    struct assignment plain;
    usual(&plain);
    buf_add(b, STR("my lip twitches"));
    for (uint16_t f = 0; f < dialog->finding_count; f++) {
        if (value_equal(a->of[f], plain.of[f]) || a->of[f].state != VALUE_KNOWN)
            continue;
        struct str words = words_for(f, a->of[f]);
        if (words.len > 0)
            buf_printf(b, ". %s%.*s", dialog->findings[f].kind == FINDING_SET ? "i take " : "", STR_ARG(words));
    }
}

static void play_start(struct play *p, struct str opening) {
    *p = (struct play){.session = {.seed = 1}};
    arena_init(&p->arena, 8 << 20);
    p->turn = (struct turn){.dialog = dialog, .place = &dialog->places[0], .session = &p->session, .arena = &p->arena,
                            .now_ms = INT64_C(1769860800000)};
    machine_start(&p->turn);
    arena_reset(&p->arena);
    if (getenv("SHOW_TALK"))
        printf("  > %.*s\n", STR_ARG(opening));
    assert_true(machine_turn(&p->turn, opening));
}

/* After every turn the level that the talk has kept is that of all rules looked at anew, and advice has waited for the safety questions. */
static void check_turn(const struct play *p) {
    struct view v = {dialog, &p->session.now, (enum level)p->session.told, NULL};
    struct triage t;
    struct triage_watch w;
    triage_watch_start(&w, &v);
    triage_eval(&w, LEVEL_EMERGENCY, &t);
    enum level kept = p->session.reached == DIALOG_NONE ? LEVEL_NONE : dialog->rules[p->session.reached].level;
    assert_int_equal(kept, t.level >= LEVEL_ROUTINE ? t.level : LEVEL_NONE);
    if (!p->turn.gave_advice || p->session.told >= LEVEL_EMERGENCY)
        return;
    struct finding_set need = {{0}};
    for (uint16_t r = 0; r < dialog->rule_count; r++)
        if (dialog->rules[r].level >= LEVEL_URGENT)
            guard_needs(&dialog->rules[r].when, &v, &need);
    for (uint16_t f = 0; f < dialog->finding_count; f++)
        if (finding_set_has(&need, f))
            fail_msg("advice while %.*s is still to be asked", STR_ARG(dialog->findings[f].name));
}

/* Plays a talk with these values to its advice; true if the rule is among those that fire then, or a higher level came first. */
static bool talk_reaches(const struct assignment *a, uint16_t rule, bool tells_at_once) {
    struct play p;
    struct buf opening;
    bool reached = false;
    buf_init_heap(&opening);
    if (tells_at_once)
        add_opening(&opening, a);
    play_start(&p, tells_at_once ? buf_str(&opening) : STR("my lip twitches"));
    buf_finish(&opening);
    for (unsigned i = 0; i < TURNS_MAX && !(p.session.flags & SESSION_ENDED); i++) {
        uint16_t asked[DIALOG_SCREEN_MAX];
        size_t n = machine_asks(dialog, &p.session, asked);
        struct buf b;
        buf_init_heap(&b);
        if (n == 1)
            add_answer(&b, &dialog->findings[asked[0]], a->of[asked[0]]);
        else if (n > 1)
            answer_screen(&b, a, asked, n);
        else
            buf_add(&b, STR("ok"));
        if (getenv("SHOW_TALK") && p.turn.reply_count > 0)
            printf("  < %.*s [%zu asked]\n  > %.*s\n", STR_ARG(p.turn.replies[p.turn.reply_count - 1].text), n, STR_ARG(buf_str(&b)));
        arena_reset(&p.arena);
        assert_true(machine_turn(&p.turn, buf_str(&b)));
        buf_finish(&b);
        check_turn(&p);
    }
    struct view v = {dialog, &p.session.now, (enum level)p.session.told, NULL};
    struct triage t;
    struct triage_watch w;
    triage_watch_start(&w, &v);
    triage_eval(&w, LEVEL_EMERGENCY, &t);
    reached = p.session.told >= dialog->rules[rule].level && fires(&t, rule);
    arena_finish(&p.arena);
    return reached;
}

struct candidate {
    struct assignment a;
    unsigned special; /* values that are not the usual ones */
};

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    return (x->special > y->special) - (x->special < y->special);
}

/* Assignments that make the rule hold, those with the fewest special values first; a higher level beside it counts as very special. */
static size_t find_cases(uint16_t r, struct candidate *out) {
    static struct domains all;
    all.count = 0;
    collect(&all, &dialog->rules[r].when, 0);
    uint64_t product = product_of(&all), runs = product > ASSIGNMENTS_MAX ? ASSIGNMENTS_MAX : product;
    size_t found = 0;
    struct assignment plain;
    usual(&plain);
    seed = r + 1u;
    for (uint64_t n = 0; n < runs && found < CANDIDATES_MAX; n++) {
        struct assignment a = plain;
        assign(&all, n, product, &a);
        if (naive(dialog->rules[r].when.nodes, &a, LEVEL_NONE) != KLEENE_YES)
            continue;
        unsigned special = 0;
        for (uint16_t f = 0; f < dialog->finding_count; f++)
            special += !value_equal(a.of[f], plain.of[f]);
        struct frame frame;
        struct triage t;
        struct triage_watch w;
        fill(&frame, &a);
        struct view v = {dialog, &frame, LEVEL_NONE, NULL};
        triage_watch_start(&w, &v);
        triage_eval(&w, LEVEL_EMERGENCY, &t);
        special += t.level > dialog->rules[r].level ? 1000 : 0;
        out[found++] = (struct candidate){a, special};
    }
    qsort(out, found, sizeof *out, compare_candidates);
    return found;
}

static void a_talk_reaches_every_rule(void **state) {
    (void)state;
    unsigned missed = 0;
    const char *only = getenv("RULE");
    struct candidate *cases = calloc(CANDIDATES_MAX, sizeof *cases);
    for (uint16_t r = 0; r < dialog->rule_count; r++) {
        if (only && !str_equal(dialog->rules[r].name, str_of(only)))
            continue;
        size_t count = find_cases(r, cases);
        bool reached = false;
        for (size_t i = 0; i < count && i < TALKS_MAX && !reached; i++)
            reached = talk_reaches(&cases[i].a, r, false) || talk_reaches(&cases[i].a, r, true);
        if (!reached) {
            missed++;
            print_message("no talk reaches %.*s (%zu ways to make it hold)\n", STR_ARG(dialog->rules[r].name), count);
        }
    }
    free(cases);
    assert_int_equal(missed, 0);
}

/* People answer anything: whatever they say, no advice comes before the safety questions are settled. */
static void random_talks_never_skip_a_safety_question(void **state) {
    (void)state;
    for (unsigned round = 0; round < 150; round++) {
        struct play p;
        seed = round * 7919 + 1;
        play_start(&p, STR("my lip twitches"));
        for (unsigned i = 0; i < TURNS_MAX; i++) {
            uint16_t asked[DIALOG_SCREEN_MAX];
            size_t n = machine_asks(dialog, &p.session, asked);
            struct assignment a;
            usual(&a);
            for (size_t k = 0; k < n; k++) {
                const struct finding *f = &dialog->findings[asked[k]];
                if (f->kind == FINDING_YESNO && pick(12) == 0)
                    a.of[asked[k]] = pick(2) ? known(1) : (struct value){VALUE_STILL_UNSURE, 0};
                else if (f->kind == FINDING_CHOICE)
                    a.of[asked[k]] = known((float)pick(f->option_count));
            }
            static const char *const asides[] = {"why", "back", "how long will it last?", "hmm", "", "my gran had a stroke", "thanks"};
            struct buf b;
            buf_init_heap(&b);
            if (pick(8) == 0)
                buf_add(&b, str_of(asides[pick(sizeof asides / sizeof *asides)]));
            else if (n == 1)
                add_answer(&b, &dialog->findings[asked[0]], a.of[asked[0]]);
            else if (n > 1)
                answer_screen(&b, &a, asked, n);
            arena_reset(&p.arena);
            assert_true(machine_turn(&p.turn, buf_str(&b)));
            buf_finish(&b);
            check_turn(&p);
        }
        arena_finish(&p.arena);
    }
}

/* Somebody of whom nothing is understood, a stroke perhaps, is not asked for ever, and not sent to bed. */
static void nonsense_is_no_no(void **state) {
    (void)state;
    struct play p;
    unsigned turns = 0;
    play_start(&p, STR("my lip twitches"));
    while (!(p.session.flags & SESSION_ENDED) && turns++ < 16) {
        arena_reset(&p.arena);
        assert_true(machine_turn(&p.turn, STR("qwxz plugh")));
    }
    assert_int_equal(p.session.told, LEVEL_EMERGENCY);
    arena_finish(&p.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_no_no),
        cmocka_unit_test(every_rule_fires_exactly_when_its_condition_holds),
        cmocka_unit_test(a_talk_reaches_every_rule),
        cmocka_unit_test(random_talks_never_skip_a_safety_question),
    };
    return cmocka_run_group_tests(tests, load_dialog, free_dialog);
}
