#include "dialog/guard.h"

#include <math.h>

#include "dialog/normal.h"

/* One walk over the tree gives a guard's worth and, where it is open, what it waits for; what an `and` or an `or` was waiting for is dropped
 * when it is decided. */

enum {
    ONLY_IF_DEPTH_MAX = 4, /* an `if` may look at a finding with an `if`; the loader refuses circles, this bounds the rest */
    WAITS_MAX = 128,       /* of one guard */
};

struct walk {
    const struct view *view;
    unsigned depth; /* of `if` inside `if` */
    uint16_t waits[WAITS_MAX];
    unsigned wait_count;
    bool collect;
};

static enum kleene walk(struct walk *w, const struct guard_node *n);

static inline void begin(struct walk *w, const struct view *v, unsigned depth, bool collect) {
    w->view = v;
    w->depth = depth;
    w->wait_count = 0; /* and what lies behind it is left as it is */
    w->collect = collect;
}

static struct value value_at(const struct view *v, uint16_t finding, unsigned depth) {
    const struct finding *f = &v->dialog->findings[finding];
    struct value value = frame_get(v->dialog, v->frame, finding);
    if (value.state == VALUE_UNKNOWN && f->only_if.nodes && depth < ONLY_IF_DEPTH_MAX) {
        struct walk inner;
        begin(&inner, v, depth + 1, false);
        if (walk(&inner, f->only_if.nodes) == KLEENE_NO)
            value = f->otherwise;
    }
    return value;
}

static inline enum kleene decide(bool yes) { return yes ? KLEENE_YES : KLEENE_NO; }

/* A number is kept to 1 part in 256 at worst: an hour as 0.0417 days must still be "an hour or more". */
bool guard_compare(enum guard_op op, float number, float with) {
    float slack = fabsf(with) / 512;
    switch (op) {
    case GUARD_YES:
        return number > 0;
    case GUARD_HAS:
        return ((uint32_t)number & (uint32_t)with) != 0;
    case GUARD_LESS:
        return number < with - slack;
    case GUARD_LESS_EQUAL:
        return number <= with + slack;
    case GUARD_MORE:
        return number > with + slack;
    case GUARD_MORE_EQUAL:
        return number >= with - slack;
    default: /* GUARD_IS, GUARD_EQUAL */
        return fabsf(number - with) <= slack;
    }
}

/* An unknown or unsure finding is waited for; one whose `if` is open only when that has been settled. */
__attribute__((noinline)) static void wait_for(struct walk *w, uint16_t finding) {
    const struct finding *f = &w->view->dialog->findings[finding];
    enum value_state state = frame_state(w->view->dialog, w->view->frame, finding);
    unsigned before = w->wait_count;
    if (state == VALUE_STILL_UNSURE)
        return;
    if (f->only_if.nodes && w->depth < ONLY_IF_DEPTH_MAX && state == VALUE_UNKNOWN) {
        w->depth++;
        enum kleene applies = walk(w, f->only_if.nodes);
        w->depth--;
        if (applies == KLEENE_NO)
            return; /* its `else` leaves the guard open: nothing to ask */
        if (w->wait_count > before)
            return;
    }
    if (w->wait_count < WAITS_MAX)
        w->waits[w->wait_count++] = finding;
}

__attribute__((noinline)) static enum kleene read_atom(const struct guard_node *n, const struct view *v, unsigned depth) {
    struct value is = value_at(v, n->finding, depth);
    switch ((enum guard_op)n->op) {
    case GUARD_UNSURE:
        return decide(is.state == VALUE_UNSURE || is.state == VALUE_STILL_UNSURE);
    case GUARD_STILL_UNSURE:
        return decide(is.state == VALUE_STILL_UNSURE);
    case GUARD_KNOWN:
        return decide(is.state == VALUE_KNOWN);
    case GUARD_UNKNOWN:
        return decide(is.state == VALUE_UNKNOWN);
    default:
        return is.state == VALUE_KNOWN ? decide(guard_compare((enum guard_op)n->op, is.number, n->number)) : KLEENE_OPEN;
    }
}

/* Most of a walk is this: it is worth a place in each loop. */
__attribute__((always_inline)) static inline enum kleene walk_atom(struct walk *w, const struct guard_node *n) {
    const struct known *known = w->view->known;
    enum kleene k;
    if (known && n->atom != GUARD_NO_ATOM) {
        const struct truth *t = &known->truth;
        unsigned word = (n->atom - 1u) / 64, bit = (n->atom - 1u) % 64;
        k = (enum kleene)(KLEENE_OPEN + (t->yes[word] >> bit & 1) - (t->no[word] >> bit & 1));
    } else {
        k = read_atom(n, w->view, w->depth);
    }
    if (k == KLEENE_OPEN && w->collect)
        wait_for(w, n->finding);
    return k;
}

__attribute__((always_inline)) static inline enum kleene walk_child(struct walk *w, const struct guard_node *n) {
    return n->op < GUARD_LEVEL && n->op > GUARD_NEVER ? walk_atom(w, n) : walk(w, n);
}

static enum kleene walk_and(struct walk *w, const struct guard_node *n) {
    unsigned before = w->wait_count;
    bool collect = w->collect, open = false;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk_child(w, child);
        if (k == KLEENE_NO) {
            w->wait_count = before;
            w->collect = collect;
            return KLEENE_NO;
        }
        open |= k == KLEENE_OPEN;
        if (w->wait_count > before)
            w->collect = false; /* the first open part that can be asked is enough */
    }
    w->collect = collect;
    return open ? KLEENE_OPEN : KLEENE_YES;
}

static enum kleene walk_or(struct walk *w, const struct guard_node *n) {
    unsigned before = w->wait_count;
    bool open = false;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk_child(w, child);
        if (k == KLEENE_YES) {
            w->wait_count = before;
            return KLEENE_YES;
        }
        open |= k == KLEENE_OPEN;
    }
    return open ? KLEENE_OPEN : KLEENE_NO;
}

static enum kleene walk_at_least(struct walk *w, const struct guard_node *n) {
    unsigned before = w->wait_count, yes = 0, open = 0;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk_child(w, child);
        yes += k == KLEENE_YES;
        open += k == KLEENE_OPEN;
    }
    if ((float)yes < n->number && (float)(yes + open) >= n->number)
        return KLEENE_OPEN;
    w->wait_count = before;
    return decide((float)yes >= n->number);
}

static enum kleene walk(struct walk *w, const struct guard_node *n) {
    switch ((enum guard_op)n->op) {
    case GUARD_ALWAYS:
        return KLEENE_YES;
    case GUARD_NEVER:
        return KLEENE_NO;
    case GUARD_LEVEL:
        return decide((float)w->view->told >= n->number);
    case GUARD_NOT:
        return (enum kleene)(KLEENE_YES - walk_child(w, n + 1));
    case GUARD_AND:
        return walk_and(w, n);
    case GUARD_OR:
        return walk_or(w, n);
    case GUARD_AT_LEAST:
        return walk_at_least(w, n);
    default:
        return walk_atom(w, n);
    }
}

struct value view_value(const struct view *v, uint16_t finding) { return value_at(v, finding, 0); }

enum kleene guard_eval(const struct guard *g, const struct view *v) {
    if (!g->nodes)
        return KLEENE_YES;
    if (v->known && !g->normal->tree)
        return normal_eval(g->normal, &v->known->truth);
    struct walk w;
    begin(&w, v, 0, false);
    return walk_child(&w, g->nodes);
}

static enum kleene needs_of_known(const struct guard *g, const struct view *v, struct finding_set *need) {
    struct slot_set slots = {{0}};
    normal_needs(v, g, &slots);
    for (unsigned i = 0; i < FINDING_WORDS; i++)
        for (uint64_t left = slots.bits[i]; left; left &= left - 1)
            finding_set_add(need, v->dialog->normal->findings[i * 64 + (unsigned)__builtin_ctzll(left)]);
    return normal_eval(g->normal, &v->known->truth);
}

enum kleene guard_needs(const struct guard *g, const struct view *v, struct finding_set *need) {
    if (!g->nodes)
        return KLEENE_YES;
    if (v->known && !g->normal->tree)
        return needs_of_known(g, v, need);
    struct walk w;
    begin(&w, v, 0, true);
    enum kleene k = walk_child(&w, g->nodes);
    for (unsigned i = 0; i < w.wait_count; i++)
        finding_set_add(need, w.waits[i]);
    return k;
}

bool finding_set_is_empty(const struct finding_set *s) {
    uint64_t any = 0;
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        any |= s->bits[i];
    return any == 0;
}
