#include <stdlib.h>
#include <string.h>

#include "dialog/normal_work.h"

/* What depends on what, the classes of values, and how everything stands when nothing is known. */

struct linker {
    const struct dialog *dialog;
    struct arena *arena;
    struct normal *out;
    struct reach *reach; /* by finding */
    uint64_t *rows, *lifted; /* by class */
    struct uses *uses;       /* by atom */
};

/* Guards in which an atom stands. */
struct places {
    uint64_t rules[RULE_WORDS], ifs[FINDING_WORDS]; /* ifs: bits of normal.conditional */
};

/* By polarity: [1] is under a `not`. */
struct uses {
    struct places in[2];
    struct places alone[2]; /* it is a part by itself: the guard is "no" with it */
};

static bool has_bit(const uint64_t *bits, size_t n) { return bits[n / 64] >> (n % 64) & 1; }
static void set_bit(uint64_t *bits, size_t n) { bits[n / 64] |= UINT64_C(1) << (n % 64); }

/* Set number `at` of a row of rule sets. */
static uint64_t *set_at(const struct linker *l, uint64_t *sets, size_t at) { return sets + at * l->out->rule_words; }

static void add_words(uint64_t *to, const uint64_t *from, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        to[i] |= from[i];
}

static void add_set(const struct linker *l, uint64_t *to, const uint64_t *from) { add_words(to, from, l->out->rule_words); }

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

/* Rules come in their order. */
static void add_to_level(struct level_rules *level, uint16_t rule) {
    if (level->to == 0)
        level->from = rule / 64;
    level->to = (uint16_t)(rule / 64 + 1);
    set_bit(level->all.bits, rule);
}

static void link_rules(struct linker *l, uint64_t *touches) {
    const struct dialog *d = l->dialog;
    for (uint16_t r = 0; r < d->rule_count; r++) {
        struct finding_set on = {{0}};
        bool level = add_looked_at(&d->rules[r].when, &on);
        level |= close_over(d, &on);
        add_to_level(&l->out->levels[d->rules[r].level], r);
        if (level)
            set_bit(l->out->loose.bits, r);
        l->out->level_matters |= level;
        for (uint16_t f = 0; f < d->finding_count; f++)
            if (finding_set_has(&on, f))
                set_bit(set_at(l, touches, f), r);
    }
    l->out->touches = touches;
    for (uint16_t i = 0; i < l->out->conditional_count; i++) {
        struct finding_set on = {{0}};
        l->out->level_matters |= add_looked_at(&d->findings[l->out->conditional[i]].only_if, &on);
    }
}

/* ---- where atoms stand ---- */

static uint64_t *bits_of(struct places *p, bool ifs) { return ifs ? p->ifs : p->rules; }

/* Kleene's values only rise with those of the atoms, seen through all `not`s. A question without an atom cannot tell when its answer changes: then
 * the guard is looked at always. */
static const struct guard_node *link_atoms(struct linker *l, const struct guard_node *n, bool negated, bool ifs, uint16_t guard) {
    const struct guard_node *child = n + 1;
    if (n->op == GUARD_LEVEL || (is_atom(n) && n->atom == GUARD_NO_ATOM))
        set_bit(ifs ? l->out->loose_ifs : l->out->loose.bits, guard);
    else if (is_atom(n))
        set_bit(bits_of(&l->uses[n->atom - 1].in[negated], ifs), guard);
    for (unsigned i = 0; i < n->children; i++)
        child = link_atoms(l, child, negated != (n->op == GUARD_NOT), ifs, guard);
    return child;
}

static void link_single_atoms(struct linker *l, const struct normal_guard *g, bool ifs, uint16_t guard) {
    bool first = true;
    for (const struct literals *part = g->from; !g->tree && part < g->to; part++) {
        uint64_t all = part->plain | part->negated;
        bool whole = first && part->last;
        first = part->last;
        if (whole && all && (all & (all - 1)) == 0 && (part->plain & part->negated) == 0)
            set_bit(bits_of(&l->uses[part->word * 64 + __builtin_ctzll(all)].alone[part->negated != 0], ifs), guard);
    }
}

static void link_guards(struct linker *l) {
    const struct dialog *d = l->dialog;
    for (uint16_t r = 0; r < d->rule_count; r++) {
        if (d->rules[r].when.nodes)
            link_atoms(l, d->rules[r].when.nodes, false, false, r);
        link_single_atoms(l, &l->out->rules[r], false, r);
    }
    for (uint16_t i = 0; i < l->out->conditional_count; i++) {
        uint16_t f = l->out->conditional[i];
        link_atoms(l, d->findings[f].only_if.nodes, false, true, i);
        link_single_atoms(l, &l->out->only_ifs[f], true, i);
    }
}

/* ---- classes ---- */

static struct value value_of_code(const struct linker *l, uint16_t f, uint64_t code) {
    struct frame frame = {{0}};
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
    if (finding->kind == FINDING_NUMBER) {
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

static struct class_row *row_of(const struct linker *l, unsigned class) {
    return (struct class_row *)(l->rows + class * (2u + l->out->set_words));
}

/* What follows from an atom's answers: which guards that makes "no", which may rise by it, and which `if`s have to be looked at. */
static void keep_atom(struct linker *l, uint16_t class, uint16_t atom, const struct answers *a) {
    const struct normal *n = l->out;
    struct class_row *row = row_of(l, class);
    struct uses *u = &l->uses[atom];
    bool yes = has_bit(&a->yes, atom % 64), no = has_bit(&a->no, atom % 64);
    bool yes_before = has_bit(n->start.yes, atom), no_before = has_bit(n->start.no, atom);
    if (yes || no) {
        add_set(l, set_at(l, l->lifted, class), u->in[no].rules);
        add_set(l, row->sets + SET_DEAD(n), u->alone[yes].rules);
        add_words(row->sets + SET_RULED_OUT(n), u->alone[yes].ifs, n->if_words);
    }
    for (unsigned i = 0; i < n->if_words; i++) {
        uint64_t lower = (no && !no_before ? u->in[0].ifs[i] : 0) | (yes && !yes_before ? u->in[1].ifs[i] : 0);
        uint64_t other = yes != yes_before || no != no_before ? (u->in[0].ifs[i] | u->in[1].ifs[i]) & n->start_elses[i] : 0;
        row->sets[SET_DOUBTED(n) + i] |= lower | other;
    }
}

static void keep_class(struct linker *l, uint16_t f, uint16_t class) {
    const struct normal *n = l->out;
    const struct reach *r = &l->reach[f];
    struct class_row *row = row_of(l, class);
    if (class != r->first_class && class != r->else_class)
        add_set(l, row->sets + SET_TOUCHED, n->touches + (size_t)f * n->rule_words);
    row->answers = normal_answers(n, f, value_of_class(l, f, class));
    for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++)
        keep_atom(l, class, i, &row->answers);
}

static void keep_any_class(struct linker *l, uint16_t f) {
    const struct normal *n = l->out;
    const uint64_t *touches = n->touches + (size_t)f * n->rule_words;
    uint16_t class = l->reach[f].any_class;
    struct class_row *row = row_of(l, class);
    add_set(l, row->sets + SET_TOUCHED, touches);
    add_set(l, set_at(l, l->lifted, class), touches);
    for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++)
        for (unsigned negated = 0; negated < 2; negated++)
            add_words(row->sets + SET_DOUBTED(n), l->uses[i].in[negated].ifs, n->if_words);
}

static void place_findings(struct linker *l) {
    struct normal *n = l->out;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        const struct finding *finding = &l->dialog->findings[f];
        struct reach *r = &l->reach[f];
        r->width = (uint8_t)finding->width;
        r->shift = (uint8_t)(finding->bit % 64);
        r->field = ((UINT64_C(1) << r->width) - 1) << r->shift;
        r->frame_word = (uint8_t)(finding->bit / 64);
        for (uint16_t i = 0; i < finding->width; i++)
            n->finding_at[finding->bit + i] = (uint8_t)f;
        for (uint16_t i = n->first[f]; i < n->first[f + 1]; i++) {
            if (n->atoms[i].op == GUARD_ALWAYS)
                continue;
            r->word = i / 64;
            r->atoms |= UINT64_C(1) << (i % 64);
        }
    }
    n->reach = l->reach;
}

static bool place_classes(struct linker *l, uint32_t *total) {
    *total = 0;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        struct reach *r = &l->reach[f];
        uint16_t count;
        if (!choose_classes(l, f, &count))
            return false;
        r->first_class = (uint16_t)*total;
        r->else_class = (uint16_t)(r->first_class + count);
        r->any_class = r->state_mask ? (uint16_t)(r->else_class + 1) : DIALOG_NONE;
        *total += (uint32_t)count + 1 + (r->state_mask != 0); /* at most 256 times 69 */
    }
    return true;
}

static bool build_classes(struct linker *l, uint32_t total) {
    l->rows = ARENA_ARRAY(l->arena, uint64_t, total * (size_t)(2 + l->out->set_words));
    l->lifted = new_sets(l, total);
    if (!l->rows || !l->lifted)
        return false;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        for (uint16_t class = l->reach[f].first_class; class <= l->reach[f].else_class; class++)
            keep_class(l, f, class);
        if (l->reach[f].state_mask)
            keep_any_class(l, f);
    }
    l->out->rows = (const struct class_row *)l->rows;
    l->out->lifted = l->lifted;
    return true;
}

/* When the `if` of another finding is decided or opened again, that one's `else` comes or goes. */
static bool link_through(struct linker *l) {
    const struct normal *n = l->out;
    uint64_t *through = new_sets(l, l->dialog->finding_count);
    for (uint16_t f = 0; through && f < l->dialog->finding_count; f++) {
        for (uint16_t i = 0; i < n->conditional_count; i++) {
            struct finding_set looked_at = {{0}};
            const struct reach *other = &l->reach[n->conditional[i]];
            finding_set_add(&looked_at, n->conditional[i]);
            close_over(l->dialog, &looked_at);
            if (n->conditional[i] == f || !finding_set_has(&looked_at, f))
                continue;
            add_set(l, set_at(l, through, f), set_at(l, l->lifted, other->first_class));
            add_set(l, set_at(l, through, f), set_at(l, l->lifted, other->else_class));
        }
    }
    l->out->through = through;
    return through != NULL;
}

/* ---- when nothing is known ---- */

static void read_nothing_known(struct linker *l, const struct view *v) {
    struct normal *n = l->out;
    for (uint16_t f = 0; f < l->dialog->finding_count; f++) {
        const struct guard *only_if = &l->dialog->findings[f].only_if;
        bool applies = !only_if->nodes || guard_eval(only_if, v) != KLEENE_NO;
        struct value value = applies ? (struct value){VALUE_UNKNOWN, 0} : l->dialog->findings[f].otherwise;
        struct answers a = normal_answers(n, f, value);
        n->start.yes[l->reach[f].word] |= a.yes;
        n->start.no[l->reach[f].word] |= a.no;
        for (uint16_t i = 0; i < n->conditional_count && !applies; i++)
            if (n->conditional[i] == f)
                set_bit(n->start_elses, i);
    }
}

static void judge_nothing_known(struct linker *l, const struct view *v, uint64_t *waits) {
    struct normal *n = l->out;
    for (uint16_t r = 0; r < l->dialog->rule_count; r++) {
        struct finding_set needs = {{0}};
        enum kleene k = guard_needs(&l->dialog->rules[r].when, v, &needs);
        if (k == KLEENE_YES)
            set_bit(n->start_yes.bits, r);
        if (k == KLEENE_OPEN)
            set_bit(n->start_open.bits, r);
        if (!finding_set_is_empty(&needs))
            set_bit(n->start_waiting.bits, r);
        for (uint16_t f = 0; f < l->dialog->finding_count; f++)
            if (finding_set_has(&needs, f))
                set_bit(set_at(l, waits, f), r);
    }
    add_set(l, n->loose.bits, n->start_yes.bits);
    n->start_waits = waits;
}

static void lay_out_sets(struct normal *n, const struct dialog *d) {
    n->rule_words = (uint16_t)((d->rule_count + 63) / 64);
    n->finding_words = (uint16_t)((d->finding_count + 63) / 64);
    n->if_words = (uint16_t)((n->conditional_count + 63) / 64);
    n->set_words = (uint16_t)(2 * n->rule_words + 2 * n->if_words);
}

bool normal_link(struct builder *b) {
    const struct dialog *d = b->dialog;
    struct normal *n = b->out;
    struct linker l = {.dialog = d, .arena = b->arena, .out = n};
    struct frame nothing = {{0}};
    struct view v = {d, &nothing, LEVEL_NONE, NULL};
    lay_out_sets(n, d);
    uint64_t *touches = new_sets(&l, d->finding_count), *waits = new_sets(&l, d->finding_count);
    l.reach = ARENA_ARRAY(b->arena, struct reach, d->finding_count);
    l.uses = calloc((size_t)n->atom_count + 1, sizeof *l.uses);
    bool good = touches && waits && l.reach && l.uses;
    if (good) {
        uint32_t class_count;
        link_rules(&l, touches);
        link_guards(&l);
        place_findings(&l);
        read_nothing_known(&l, &v);
        good = place_classes(&l, &class_count) && build_classes(&l, class_count) && link_through(&l);
    }
    if (good)
        judge_nothing_known(&l, &v, waits);
    free(l.uses);
    return good;
}
