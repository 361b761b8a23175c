#include "dialog/guard.h"

#include <math.h>
#include <string.h>

/* One walk over the tree gives a guard's worth and, where it is open, what it waits for. Talks ask this of every rule after
 * every message: a finding is taken out of the frame once, and what an `and` or an `or` was waiting for is dropped when it is decided. */

enum {
    ONLY_IF_DEPTH_MAX = 4, /* an `if` may look at a finding with an `if`; the loader refuses circles, this bounds the rest */
    WAITS_MAX = 128,       /* of one guard */
};

/* Codes of struct seen: 0 is not read yet, then the states of a value. */
enum { SEEN_NOT, SEEN_UNKNOWN, SEEN_UNSURE, SEEN_STILL_UNSURE, SEEN_KNOWN };

struct walk {
    const struct view *view;
    unsigned depth; /* of `if` inside `if` */
    uint16_t waits[WAITS_MAX];
    unsigned wait_count;
    bool collect;
    bool steady; /* the last "no" rests on known answers alone */
};

static enum kleene walk(struct walk *w, const struct guard_node *n);

void view_changed(const struct view *v) { memset(v->seen->code, SEEN_NOT, v->dialog->finding_count); }

static void see(struct walk *w, uint16_t finding) {
    const struct view *v = w->view;
    const struct finding *f = &v->dialog->findings[finding];
    struct value value = frame_get(v->dialog, v->frame, finding);
    if (value.state == VALUE_UNKNOWN && f->only_if.nodes && w->depth < ONLY_IF_DEPTH_MAX) {
        struct walk inner = {.view = v, .depth = w->depth + 1};
        if (walk(&inner, f->only_if.nodes) == KLEENE_NO)
            value = f->otherwise;
    }
    v->seen->code[finding] = (uint8_t)(SEEN_UNKNOWN + value.state);
    v->seen->number[finding] = value.number;
}

static inline unsigned code_of(struct walk *w, uint16_t finding) {
    if (w->view->seen->code[finding] == SEEN_NOT)
        see(w, finding);
    return w->view->seen->code[finding];
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
static void wait_for(struct walk *w, uint16_t finding) {
    const struct finding *f = &w->view->dialog->findings[finding];
    unsigned before = w->wait_count;
    if (f->only_if.nodes && w->depth < ONLY_IF_DEPTH_MAX &&
        frame_state(w->view->dialog, w->view->frame, finding) == VALUE_UNKNOWN) {
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

static enum kleene walk_atom(struct walk *w, const struct guard_node *n) {
    unsigned code = code_of(w, n->finding);
    w->steady = n->op < GUARD_UNSURE;
    switch ((enum guard_op)n->op) {
    case GUARD_UNSURE:
        return decide(code == SEEN_UNSURE || code == SEEN_STILL_UNSURE);
    case GUARD_STILL_UNSURE:
        return decide(code == SEEN_STILL_UNSURE);
    case GUARD_KNOWN:
        return decide(code == SEEN_KNOWN);
    case GUARD_UNKNOWN:
        return decide(code == SEEN_UNKNOWN);
    default:
        break;
    }
    if (code == SEEN_KNOWN)
        return decide(guard_compare((enum guard_op)n->op, w->view->seen->number[n->finding], n->number));
    if (w->collect && code != SEEN_STILL_UNSURE)
        wait_for(w, n->finding);
    return KLEENE_OPEN;
}

static enum kleene walk_and(struct walk *w, const struct guard_node *n) {
    unsigned before = w->wait_count;
    bool collect = w->collect, open = false;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk(w, child);
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
    bool open = false, steady = true;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk(w, child);
        steady &= w->steady;
        if (k == KLEENE_YES) {
            w->wait_count = before;
            return KLEENE_YES;
        }
        open |= k == KLEENE_OPEN;
    }
    w->steady = steady;
    return open ? KLEENE_OPEN : KLEENE_NO;
}

static enum kleene walk_at_least(struct walk *w, const struct guard_node *n) {
    unsigned before = w->wait_count, yes = 0, open = 0;
    bool steady = true;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = walk(w, child);
        steady &= w->steady;
        yes += k == KLEENE_YES;
        open += k == KLEENE_OPEN;
    }
    if ((float)yes < n->number && (float)(yes + open) >= n->number)
        return KLEENE_OPEN;
    w->wait_count = before;
    w->steady = steady;
    return decide((float)yes >= n->number);
}

static enum kleene walk(struct walk *w, const struct guard_node *n) {
    switch ((enum guard_op)n->op) {
    case GUARD_ALWAYS:
        return KLEENE_YES;
    case GUARD_NEVER:
        w->steady = true;
        return KLEENE_NO;
    case GUARD_LEVEL:
        w->steady = false;
        return decide((float)w->view->told >= n->number);
    case GUARD_NOT:
        return (enum kleene)(KLEENE_YES - walk(w, n + 1));
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

struct value view_value(const struct view *v, uint16_t finding) {
    struct walk w = {.view = v};
    unsigned code = code_of(&w, finding);
    return (struct value){(enum value_state)(code - SEEN_UNKNOWN), v->seen->number[finding]};
}

enum kleene guard_eval(const struct guard *g, const struct view *v) {
    if (!g->nodes)
        return KLEENE_YES;
    struct walk w;
    w.view = v;
    w.depth = w.wait_count = 0;
    w.collect = w.steady = false;
    return walk(&w, g->nodes);
}

enum kleene guard_needs(const struct guard *g, const struct view *v, struct finding_set *need, bool *steady) {
    if (!g->nodes)
        return KLEENE_YES;
    struct walk w;
    w.steady = true;
    w.view = v;
    w.depth = w.wait_count = 0;
    w.collect = true;
    enum kleene k = walk(&w, g->nodes);
    for (unsigned i = 0; i < w.wait_count; i++)
        finding_set_add(need, w.waits[i]);
    if (steady)
        *steady = w.steady;
    return k;
}

bool finding_set_is_empty(const struct finding_set *s) {
    uint64_t any = 0;
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        any |= s->bits[i];
    return any == 0;
}
