#include <stdlib.h>
#include <string.h>

#include "dialog/normal_work.h"

/* What depends on what, the classes of values, and how everything stands when nothing is known. */

/* Rules in which an atom stands, by polarity: [1] is under a `not`. */
struct uses {
    uint64_t in[2][RULE_WORDS];
    uint64_t alone[2][RULE_WORDS]; /* it is a part by itself: the rule is "no" with it */
};

struct linker {
    const struct dialog *dialog;
    struct arena *arena;
    struct normal *out;
    struct reach *reach;     /* by finding */
    struct answers *answers; /* by class */
    uint64_t *lifted, *dead; /* by class */
    struct uses *uses;       /* by bit of a truth */
};

static void set_bit(uint64_t *bits, size_t n) { bits[n / 64] |= UINT64_C(1) << (n % 64); }

/* Set number `at` of a row of rule sets. */
static uint64_t *set_at(const struct linker *l, uint64_t *sets, size_t at) { return sets + at * l->out->rule_words; }

static void add_set(const struct linker *l, uint64_t *to, const uint64_t *from) {
    for (unsigned i = 0; i < l->out->rule_words; i++)
        to[i] |= from[i];
}

static uint64_t *new_sets(struct linker *l, size_t count) { return ARENA_ARRAY(l->arena, uint64_t, count * l->out->rule_words); }

/* ---- what guards look at ---- */

/* Adds what a guard looks at. True where it looks at the level told. */
static bool add_looked_at(const struct guard *g, struct finding_set *set) {
    bool level = false;
    for (size_t i = 0; i < g->count; i++) {
        if (g->nodes[i].op == GUARD_LEVEL)
            level = true;
        else if (is_atom(&g->nodes[i]))
            finding_set_add(set, g->nodes[i].finding);
    }
    return level;
}

/* Adds what the `if` of any of them looks at, and so on. */
static bool close_over(const struct dialog *d, struct finding_set *set) {
    bool level = false;
    struct finding_set done = {{0}};
    for (bool more = true; more;) {
        more = false;
        for (uint16_t f = 0; f < d->finding_count; f++) {
            if (!finding_set_has(set, f) || finding_set_has(&done, f))
                continue;
            finding_set_add(&done, f);
            level |= add_looked_at(&d->findings[f].only_if, set);
            more = true;
        }
    }
    return level;
}

static void add_slots(const struct dialog *d, struct slot_set *to, const struct finding_set *from) {
    for (uint16_t f = 0; f < d->finding_count; f++)
        if (finding_set_has(from, f))
            slot_set_add(to, d->findings[f].slot);
}

static void start_rule(struct linker *l, uint16_t r, const struct finding_set *on, struct rule_start *out) {
    struct frame nothing = {{0}};
    struct view v = {l->dialog, &nothing, LEVEL_NONE, NULL};
    struct finding_set needs = {{0}};
    out->worth = (uint8_t)guard_needs(&l->dialog->rules[r].when, &v, &needs);
    add_slots(l->dialog, &out->looks, on);
    add_slots(l->dialog, &out->needs, &needs);
    if (out->worth == KLEENE_YES)
        set_bit(l->out->loose_rules.bits, r);
}

static bool link_rules(struct linker *l) {
    const struct dialog *d = l->dialog;
    uint64_t *touches = new_sets(l, d->finding_count);
    struct rule_start *starts = ARENA_ARRAY(l->arena, struct rule_start, d->rule_count);
    for (uint16_t r = 0; touches && starts && r < d->rule_count; r++) {
        struct finding_set on = {{0}};
        bool level = add_looked_at(&d->rules[r].when, &on);
        level |= close_over(d, &on);
        set_bit(l->out->levels[d->rules[r].level].bits, r);
        if (level)
            set_bit(l->out->loose_rules.bits, r);
        l->out->level_matters |= level;
        start_rule(l, r, &on, &starts[r]);
        starts[r].never = level;
        for (uint16_t f = 0; f < d->finding_count; f++)
            if (finding_set_has(&on, f))
                set_bit(set_at(l, touches, f), r);
    }
    for (uint16_t f = 0; f < d->finding_count; f++) {
        struct finding_set on = {{0}};
        l->out->level_matters |= add_looked_at(&d->findings[f].only_if, &on);
    }
    l->out->touches = touches;
    l->out->starts = starts;
    return touches && starts;
}

/* Kleene's values only rise with those of the atoms, seen through all `not`s. A question without an atom cannot tell when its answer changes: then
 * the rule is looked at always. */
static const struct guard_node *link_atoms(struct linker *l, const struct guard_node *n, bool negated, uint16_t rule) {
    const struct guard_node *child = n + 1;
    if (n->op == GUARD_LEVEL || (is_atom(n) && n->atom == GUARD_NO_ATOM))
        set_bit(l->out->loose_rules.bits, rule);
    else if (is_atom(n))
        set_bit(l->uses[n->atom - 1].in[negated], rule);
    for (unsigned i = 0; i < n->children; i++)
        child = link_atoms(l, child, negated != (n->op == GUARD_NOT), rule);
    return child;
}

static void link_single_atoms(struct linker *l, const struct normal_guard *g, uint16_t rule) {
    bool first = true;
    for (const struct literals *part = g->from; !g->tree && part < g->to; part++) {
        uint64_t all = part->plain | part->negated;
        bool whole = first && part->last;
        first = part->last;
        if (whole && all && (all & (all - 1)) == 0 && (part->plain & part->negated) == 0)
            set_bit(l->uses[part->word * 64 + __builtin_ctzll(all)].alone[part->negated != 0], rule);
    }
}

/* ---- findings with an `if` ---- */

static bool looks_at(const struct guard *g, const struct slot_set *findings, const struct dialog *d) {
    for (size_t i = 0; i < g->count; i++)
        if (is_atom(&g->nodes[i]) && slot_set_has(findings, d->findings[g->nodes[i].finding].slot))
            return true;
    return false;
}

static bool is_same_guard(const struct guard *a, const struct guard *b) {
    return a->count == b->count && memcmp(a->nodes, b->nodes, a->count * sizeof *a->nodes) == 0;
}

/* Whether something else than its atoms can change it. */
static bool is_loose(const struct guard *g) {
    bool loose = false;
    for (size_t i = 0; i < g->count; i++)
        loose |= g->nodes[i].op == GUARD_LEVEL || (is_atom(&g->nodes[i]) && g->nodes[i].atom == GUARD_NO_ATOM);
    return loose;
}

/* By members: no stray bytes in a dialog's gaps. */
static void start_if(const struct dialog *d, struct only_if *to, const struct guard *g) {
    const struct normal_guard *normal = g->normal;
    to->guard = g;
    for (size_t i = 0; i < g->count; i++)
        to->looks_back |= is_atom(&g->nodes[i]) && d->findings[g->nodes[i].finding].only_if.nodes;
    to->simple = !normal->tree && normal->to == normal->from + 1;
    if (to->simple) {
        to->one.plain = normal->from->plain;
        to->one.negated = normal->from->negated;
        to->one.word = normal->from->word;
        to->one.last = true;
    }
}

/* Adds those whose `if` looks at none of `left`, which are still to come; findings with the same `if` together. */
static void add_ifs(struct linker *l, const struct slot_set *left, struct only_if *ifs) {
    const struct dialog *d = l->dialog;
    uint16_t from = l->out->if_count;
    for (uint16_t f = 0; f < d->finding_count; f++) {
        const struct guard *g = &d->findings[f].only_if;
        uint16_t at = from;
        if (!slot_set_has(left, d->findings[f].slot) || looks_at(g, left, d))
            continue;
        while (at < l->out->if_count && !is_same_guard(ifs[at].guard, g))
            at++;
        if (at == l->out->if_count)
            start_if(d, &ifs[l->out->if_count++], g);
        slot_set_add(&ifs[at].findings, d->findings[f].slot);
    }
}

/* Through the `if`s of what it looks at, too; and how it stands when nothing is known. */
static void link_if(struct linker *l, uint16_t number, struct dependants *dependants) {
    const struct dialog *d = l->dialog;
    const struct only_if *i = &l->out->ifs[number];
    struct frame nothing = {{0}};
    struct view v = {d, &nothing, LEVEL_NONE, NULL};
    struct finding_set on = {{0}};
    enum kleene worth = guard_eval(i->guard, &v);
    add_looked_at(i->guard, &on);
    if (close_over(d, &on) || is_loose(i->guard)) {
        set_bit(l->out->loose.ifs, number);
        slot_set_join(&l->out->loose.findings, &i->findings);
    }
    for (uint16_t f = 0; f < d->finding_count; f++)
        if (finding_set_has(&on, f)) {
            slot_set_add(&l->out->parents, d->findings[f].slot);
            set_bit(dependants[d->findings[f].slot].ifs, number);
            slot_set_join(&dependants[d->findings[f].slot].findings, &i->findings);
        }
    if (worth != KLEENE_YES)
        slot_set_join(worth == KLEENE_NO ? &l->out->start_out : &l->out->start_waiting, &i->findings);
}

/* The loader refuses an `if` that leads back to itself, and so long chains that they would have to be cut. */
static bool link_ifs(struct linker *l) {
    const struct dialog *d = l->dialog;
    struct only_if *ifs = ARENA_ARRAY(l->arena, struct only_if, d->finding_count);
    struct dependants *dependants = ARENA_ARRAY(l->arena, struct dependants, d->finding_count);
    struct slot_set left = {{0}};
    for (uint16_t f = 0; f < d->finding_count; f++) {
        const struct finding *finding = &d->findings[f];
        bool yesno = finding->kind == FINDING_YESNO && finding->otherwise.state == VALUE_KNOWN;
        if (!finding->only_if.nodes)
            continue;
        slot_set_add(&left, finding->slot);
        if (yesno)
            slot_set_add(finding->otherwise.number > 0 ? &l->out->else_yes : &l->out->else_no, finding->slot);
    }
    for (uint16_t before = UINT16_MAX; ifs && dependants && before != l->out->if_count;) {
        before = l->out->if_count;
        add_ifs(l, &left, ifs);
        for (uint16_t i = before; i < l->out->if_count; i++)
            left = slot_set_less(&left, &ifs[i].findings);
    }
    l->out->ifs = ifs;
    l->out->if_words = (uint16_t)((l->out->if_count + 63) / 64);
    for (uint16_t i = 0; i < l->out->if_count; i++)
        link_if(l, i, dependants);
    l->out->dependants = dependants;
    return ifs && dependants;
}

/* ---- classes ---- */

static struct value value_of_code(const struct linker *l, uint16_t f, uint64_t code) {
    struct frame frame = {{0}};
    if (l->dialog->findings[f].kind == FINDING_YESNO)
        return code < VALUE_KNOWN ? (struct value){(enum value_state)code, 0} : (struct value){VALUE_KNOWN, (float)(code - VALUE_KNOWN)};
    frame.bits[l->reach[f].frame_word] = code << l->reach[f].shift;
    return frame_get(l->dialog, &frame, f);
}

/* The first code from `from` on at which the number compares so, or `end`. `rising`: it does so from there on; otherwise until there. */
static uint32_t turn_of(const struct linker *l, uint16_t f, enum guard_op op, float with, bool rising, uint32_t end) {
    uint32_t from = VALUE_KNOWN;
    while (from < end) {
        uint32_t mid = (from + end) / 2;
        if (guard_compare(op, value_of_code(l, f, mid).number, with) == rising)
            end = mid;
        else
            from = mid + 1;
    }
    return end;
}

static void add_step(uint16_t *steps, uint16_t *count, uint32_t code, uint32_t end) {
    uint16_t at = *count;
    if (code <= VALUE_KNOWN || code >= end || *count == NORMAL_CLASSES_MAX)
        return;
    while (at > 0 && steps[at - 1] > code)
        at--;
    if (at > 0 && steps[at - 1] == code)
        return;
    memmove(steps + at + 1, steps + at, (size_t)(*count - at) * sizeof *steps);
    steps[at] = (uint16_t)code;
    ++*count;
}

/* Where a number's code goes over a bound of one of its atoms. */
static uint16_t find_steps(const struct linker *l, uint16_t f, uint16_t *steps) {
    const struct normal *n = l->out;
    uint32_t end = UINT32_C(1) << l->reach[f].width;
    uint16_t count = 0;
    for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++) {
        float with = n->atoms[i].number;
        switch ((enum guard_op)n->atoms[i].op) {
        case GUARD_LESS:
        case GUARD_LESS_EQUAL:
            add_step(steps, &count, turn_of(l, f, (enum guard_op)n->atoms[i].op, with, false, end), end);
            break;
        case GUARD_YES:
        case GUARD_MORE:
        case GUARD_MORE_EQUAL:
            add_step(steps, &count, turn_of(l, f, (enum guard_op)n->atoms[i].op, with, true, end), end);
            break;
        case GUARD_IS:
        case GUARD_EQUAL:
            add_step(steps, &count, turn_of(l, f, GUARD_MORE_EQUAL, with, true, end), end);
            add_step(steps, &count, turn_of(l, f, GUARD_MORE, with, true, end), end);
            break;
        default:
            break; /* about the state alone */
        }
    }
    return count;
}

static bool same_answers(const struct linker *l, uint16_t f, uint64_t code, uint64_t other) {
    struct answers a = normal_answers(l->out, f, value_of_code(l, f, code));
    struct answers b = normal_answers(l->out, f, value_of_code(l, f, other));
    return a.yes == b.yes && a.no == b.no;
}

/* From step to step all codes answer alike, as their ends do: the bounds are where comparing turns. */
static bool steps_hold(const struct linker *l, uint16_t f, const uint16_t *steps, uint16_t count) {
    uint64_t from = VALUE_KNOWN;
    for (uint16_t i = 0; i <= count; i++) {
        uint64_t to = i < count ? steps[i] : UINT64_C(1) << l->reach[f].width;
        if (!same_answers(l, f, from, to - 1))
            return false;
        from = to;
    }
    return true;
}

/* How many classes the finding has beside that of its `else` and, with a state mask, that of any value. */
static bool choose_classes(struct linker *l, uint16_t f, uint16_t *count) {
    const struct finding *finding = &l->dialog->findings[f];
    struct reach *r = &l->reach[f];
    uint16_t steps[NORMAL_CLASSES_MAX + 1];
    *count = VALUE_KNOWN;
    if (finding->kind == FINDING_YESNO) {
        *count = YESNO_CLASSES - 1;
    } else if (finding->kind == FINDING_NUMBER) {
        uint16_t step_count = find_steps(l, f, steps);
        r->step_count = step_count;
        uint16_t *kept = ARENA_ARRAY(l->arena, uint16_t, (size_t)step_count + 1);
        if (!kept)
            return false;
        memcpy(kept, steps, step_count * sizeof *steps);
        r->steps = kept;
        if (step_count < NORMAL_CLASSES_MAX && steps_hold(l, f, steps, step_count))
            *count = (uint16_t)(VALUE_KNOWN + step_count + 1);
        else
            r->state_mask = UINT16_MAX;
    } else if (finding->kind == FINDING_SET || (1u << r->width) > NORMAL_CLASSES_MAX) {
        r->state_mask = finding->kind == FINDING_SET ? VALUE_KNOWN : UINT16_MAX;
    } else {
        *count = (uint16_t)(1u << r->width);
    }
    return true;
}

/* A value that stands for the class. */
static struct value value_of_class(const struct linker *l, uint16_t f, uint16_t class) {
    const struct reach *r = &l->reach[f];
    if (class == r->else_class)
        return l->dialog->findings[f].otherwise;
    uint16_t code = (uint16_t)(class - r->first_class);
    if (r->steps && code > VALUE_KNOWN)
        code = r->steps[code - VALUE_KNOWN - 1];
    return value_of_code(l, f, code);
}

/* What follows from an atom's answers: which rules may rise by it, and which that makes "no". */
static void keep_atom(struct linker *l, uint16_t class, const struct atom *atom, struct value v, unsigned bit) {
    bool yes, no;
    normal_read_atom(atom, v, &yes, &no);
    if (!yes && !no)
        return;
    add_set(l, set_at(l, l->lifted, class), l->uses[bit].in[no]);
    add_set(l, set_at(l, l->dead, class), l->uses[bit].alone[yes]);
}

static void keep_class(struct linker *l, uint16_t f, uint16_t class) {
    static const uint8_t ops[] = {GUARD_YES, GUARD_KNOWN, GUARD_UNKNOWN, GUARD_UNSURE, GUARD_STILL_UNSURE};
    const struct normal *n = l->out;
    struct value v = value_of_class(l, f, class);
    unsigned planes = (unsigned)TRUTH_PLANES * n->plane_words * 64;
    if (l->dialog->findings[f].kind == FINDING_YESNO) {
        for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
            keep_atom(l, class, &(struct atom){ops[i], f, 0}, v, (unsigned)plane_of((enum guard_op)ops[i]) * n->plane_words * 64 + n->slots[f]);
        return;
    }
    l->answers[class] = normal_answers(n, f, v);
    for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++)
        if (n->atoms[i].op != GUARD_ALWAYS)
            keep_atom(l, class, &n->atoms[i], v, planes + i);
}

static void place_findings(struct linker *l, uint16_t *slots, uint16_t *findings) {
    struct normal *n = l->out;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        const struct finding *finding = &l->dialog->findings[f];
        struct reach *r = &l->reach[f];
        slots[f] = finding->slot;
        findings[finding->slot] = f;
        r->width = (uint8_t)finding->width;
        r->shift = (uint8_t)(finding->bit % 64);
        r->frame_word = (uint8_t)(finding->bit / 64);
        if (finding->kind == FINDING_YESNO) {
            slot_set_add(&n->yesnos, finding->slot);
            continue;
        }
        r->field = ((UINT64_C(1) << r->width) - 1) << r->shift;
        n->fields[r->frame_word] |= r->field;
        for (uint16_t i = 0; i < finding->width; i++)
            n->finding_at[finding->bit + i] = (uint8_t)f;
        for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++) {
            if (n->atoms[i].op == GUARD_ALWAYS)
                continue;
            r->word = (uint16_t)((unsigned)TRUTH_PLANES * n->plane_words + i / 64u);
            r->atoms |= UINT64_C(1) << (i % 64);
        }
    }
    n->reach = l->reach;
    n->slots = slots;
    n->findings = findings;
}

static bool place_class(struct linker *l, uint16_t f, uint32_t *total) {
    struct reach *r = &l->reach[f];
    uint16_t count;
    if (!choose_classes(l, f, &count))
        return false;
    r->first_class = (uint16_t)*total;
    r->else_class = (uint16_t)(r->first_class + count);
    r->any_class = r->state_mask ? (uint16_t)(r->else_class + 1) : DIALOG_NONE;
    *total += (uint32_t)count + 1 + (r->state_mask != 0); /* at most 256 times 69 */
    return true;
}

static bool place_classes(struct linker *l, uint32_t *total) {
    bool good = true;
    *total = 0;
    for (uint16_t slot = 0; slot < l->dialog->finding_count; slot++)
        good = good && place_class(l, l->out->findings[slot], total);
    return good;
}

static bool build_classes(struct linker *l, uint32_t total) {
    l->answers = ARENA_ARRAY(l->arena, struct answers, total);
    l->lifted = new_sets(l, total);
    l->dead = new_sets(l, total);
    if (!l->answers || !l->lifted || !l->dead)
        return false;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        const struct reach *r = &l->reach[f];
        for (uint16_t class = r->first_class; class <= r->else_class; class++)
            keep_class(l, f, class);
        if (r->state_mask)
            add_set(l, set_at(l, l->lifted, r->any_class), l->out->touches + (size_t)f * l->out->rule_words);
    }
    l->out->answers = l->answers;
    l->out->lifted = l->lifted;
    l->out->dead = l->dead;
    return true;
}

/* When the `if` of another finding is decided or opened again, that one's `else` comes or goes. */
static bool link_through(struct linker *l) {
    const struct dialog *d = l->dialog;
    uint64_t *through = new_sets(l, d->finding_count);
    for (uint16_t other = 0; through && other < d->finding_count; other++) {
        struct finding_set looked_at = {{0}};
        finding_set_add(&looked_at, other);
        if (d->findings[other].only_if.nodes)
            close_over(d, &looked_at);
        for (uint16_t f = 0; f < d->finding_count; f++) {
            if (f == other || !finding_set_has(&looked_at, f))
                continue;
            add_set(l, set_at(l, through, f), set_at(l, l->lifted, l->reach[other].first_class));
            add_set(l, set_at(l, through, f), set_at(l, l->lifted, l->reach[other].else_class));
        }
    }
    l->out->through = through;
    return through != NULL;
}

/* ---- when nothing is known ---- */

static void read_nothing_known(struct linker *l) {
    struct normal *n = l->out;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        if (l->dialog->findings[f].kind == FINDING_YESNO)
            continue;
        struct answers a = normal_answers(n, f, (struct value){VALUE_UNKNOWN, 0});
        n->start.yes[l->reach[f].word] |= a.yes;
        n->start.no[l->reach[f].word] |= a.no;
    }
}

static bool link_screens(struct linker *l) {
    const struct dialog *d = l->dialog;
    struct slot_set *screens = ARENA_ARRAY(l->arena, struct slot_set, d->screen_count);
    for (uint16_t s = 0; screens && s < d->screen_count; s++)
        for (uint16_t i = 0; i < d->screens[s].finding_count; i++)
            slot_set_add(&screens[s], d->findings[d->screens[s].findings[i]].slot);
    l->out->screens = screens;
    return screens != NULL;
}

bool normal_link(struct builder *b) {
    const struct dialog *d = b->dialog;
    struct normal *n = b->out;
    struct linker l = {.dialog = d, .arena = b->arena, .out = n};
    uint16_t *slots = ARENA_ARRAY(b->arena, uint16_t, d->finding_count), *findings = ARENA_ARRAY(b->arena, uint16_t, d->finding_count);
    uint32_t class_count;
    n->rule_words = (uint16_t)((d->rule_count + 63) / 64);
    n->slot_words = (uint16_t)((d->finding_count + 63) / 64);
    l.reach = ARENA_ARRAY(b->arena, struct reach, d->finding_count);
    l.uses = calloc(TRUTH_WORDS_MAX * 64, sizeof *l.uses);
    bool good = slots && findings && l.reach && l.uses && link_rules(&l) && link_ifs(&l) && link_screens(&l);
    if (good) {
        for (uint16_t r = 0; r < d->rule_count; r++) {
            if (!d->rules[r].when.nodes)
                continue;
            link_atoms(&l, d->rules[r].when.nodes, false, r);
            link_single_atoms(&l, d->rules[r].when.normal, r);
        }
        place_findings(&l, slots, findings);
        read_nothing_known(&l);
        good = place_classes(&l, &class_count) && build_classes(&l, class_count) && link_through(&l);
    }
    free(l.uses);
    return good;
}
