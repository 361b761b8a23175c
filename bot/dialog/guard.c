#include "dialog/guard.h"

#include <math.h>

/* A finding's `if` may look at a finding with an `if` of its own; the loader refuses circles, this bounds the rest. */
enum { ONLY_IF_DEPTH_MAX = 4 };

static enum kleene eval(const struct guard_node *n, const struct view *v, unsigned depth);

static bool is_unset(struct value value) { return value.state == VALUE_UNKNOWN; }

/* The value a guard sees: what was said, or what the finding counts as where it does not apply. */
static struct value seen(const struct view *v, uint16_t finding, unsigned depth) {
    struct value value = frame_get(v->dialog, v->frame, finding);
    const struct finding *f = &v->dialog->findings[finding];
    if (is_unset(value) && f->only_if.nodes && depth < ONLY_IF_DEPTH_MAX &&
        eval(f->only_if.nodes, v, depth + 1) == KLEENE_NO)
        return f->otherwise;
    return value;
}

struct value view_value(const struct view *v, uint16_t finding) { return seen(v, finding, 0); }

static enum kleene decide(bool yes) { return yes ? KLEENE_YES : KLEENE_NO; }

static enum kleene eval_atom(const struct guard_node *n, const struct view *v, unsigned depth) {
    struct value value = seen(v, n->finding, depth);
    switch ((enum guard_op)n->op) {
    case GUARD_UNSURE:
        return decide(value.state == VALUE_UNSURE || value.state == VALUE_STILL_UNSURE);
    case GUARD_STILL_UNSURE:
        return decide(value.state == VALUE_STILL_UNSURE);
    case GUARD_KNOWN:
        return decide(value.state == VALUE_KNOWN);
    case GUARD_UNKNOWN:
        return decide(value.state == VALUE_UNKNOWN);
    default:
        break;
    }
    if (value.state != VALUE_KNOWN)
        return KLEENE_OPEN;
    switch ((enum guard_op)n->op) {
    case GUARD_YES:
        return decide(value.number > 0);
    case GUARD_HAS:
        return decide(((uint32_t)value.number & (uint32_t)n->number) != 0);
    case GUARD_LESS:
        return decide(value.number < n->number);
    case GUARD_LESS_EQUAL:
        return decide(value.number <= n->number);
    case GUARD_MORE:
        return decide(value.number > n->number);
    case GUARD_MORE_EQUAL:
        return decide(value.number >= n->number);
    default: /* GUARD_IS, GUARD_EQUAL: whole numbers are kept exactly, others to 1 part in 4,096 */
        return decide(fabsf(value.number - n->number) <= fabsf(n->number) / 4096);
    }
}

static enum kleene eval_at_least(const struct guard_node *n, const struct view *v, unsigned depth) {
    unsigned yes = 0, open = 0;
    const struct guard_node *child = n + 1;
    for (unsigned i = 0; i < n->children; i++, child += child->span) {
        enum kleene k = eval(child, v, depth);
        yes += k == KLEENE_YES;
        open += k == KLEENE_OPEN;
    }
    if ((float)yes >= n->number)
        return KLEENE_YES;
    return (float)(yes + open) >= n->number ? KLEENE_OPEN : KLEENE_NO;
}

static enum kleene eval(const struct guard_node *n, const struct view *v, unsigned depth) {
    switch ((enum guard_op)n->op) {
    case GUARD_ALWAYS:
        return KLEENE_YES;
    case GUARD_NEVER:
        return KLEENE_NO;
    case GUARD_LEVEL:
        return decide((float)v->told >= n->number);
    case GUARD_NOT:
        return (enum kleene)(KLEENE_YES - eval(n + 1, v, depth));
    case GUARD_AND: {
        enum kleene all = KLEENE_YES;
        const struct guard_node *child = n + 1;
        for (unsigned i = 0; i < n->children && all != KLEENE_NO; i++, child += child->span) {
            enum kleene k = eval(child, v, depth);
            all = k < all ? k : all;
        }
        return all;
    }
    case GUARD_OR: {
        enum kleene any = KLEENE_NO;
        const struct guard_node *child = n + 1;
        for (unsigned i = 0; i < n->children && any != KLEENE_YES; i++, child += child->span) {
            enum kleene k = eval(child, v, depth);
            any = k > any ? k : any;
        }
        return any;
    }
    case GUARD_AT_LEAST:
        return eval_at_least(n, v, depth);
    default:
        return eval_atom(n, v, depth);
    }
}

enum kleene guard_eval(const struct guard *g, const struct view *v) {
    return g->nodes ? eval(g->nodes, v, 0) : KLEENE_YES;
}

static bool needs(const struct guard_node *n, const struct view *v, unsigned depth, struct finding_set *need);

/* Something to ask about a finding; false where asking can change nothing any more. */
static bool need_finding(uint16_t finding, const struct view *v, unsigned depth, struct finding_set *need) {
    const struct finding *f = &v->dialog->findings[finding];
    struct value value = frame_get(v->dialog, v->frame, finding);
    if (value.state != VALUE_UNKNOWN && value.state != VALUE_UNSURE)
        return false;
    if (f->only_if.nodes && depth < ONLY_IF_DEPTH_MAX) {
        enum kleene applies = eval(f->only_if.nodes, v, depth + 1);
        if (applies == KLEENE_NO)
            return false;
        if (applies == KLEENE_OPEN && needs(f->only_if.nodes, v, depth + 1, need))
            return true;
    }
    finding_set_add(need, finding);
    return true;
}

static bool needs(const struct guard_node *n, const struct view *v, unsigned depth, struct finding_set *need) {
    const struct guard_node *child = n + 1;
    bool any = false;
    switch ((enum guard_op)n->op) {
    case GUARD_ALWAYS:
    case GUARD_NEVER:
    case GUARD_LEVEL:
    case GUARD_UNSURE:
    case GUARD_STILL_UNSURE:
    case GUARD_KNOWN:
    case GUARD_UNKNOWN:
        return false;
    case GUARD_NOT:
        return needs(child, v, depth, need);
    case GUARD_AND:
    case GUARD_OR:
    case GUARD_AT_LEAST:
        for (unsigned i = 0; i < n->children; i++, child += child->span) {
            if (eval(child, v, depth) != KLEENE_OPEN)
                continue;
            any |= needs(child, v, depth, need);
            if (any && n->op == GUARD_AND)
                break;
        }
        return any;
    default:
        return need_finding(n->finding, v, depth, need);
    }
}

void guard_needs(const struct guard *g, const struct view *v, struct finding_set *need) {
    if (g->nodes && eval(g->nodes, v, 0) == KLEENE_OPEN)
        needs(g->nodes, v, 0, need);
}

bool finding_set_is_empty(const struct finding_set *s) {
    uint64_t any = 0;
    for (unsigned i = 0; i < DIALOG_FINDINGS_MAX / 64; i++)
        any |= s->bits[i];
    return any == 0;
}
