#include "dialog/advice.h"

static struct likely weigh(const struct view *v, uint16_t c) {
    const struct cause *cause = &v->dialog->causes[c];
    struct likely out = {.cause = c};
    for (uint16_t i = 0; i < cause->point_count; i++) {
        const struct evidence *e = &cause->points[i];
        if (guard_eval(&e->only_if, v) != KLEENE_YES)
            continue;
        out.points += e->give;
        if (e->give > 0 && e->because.count > 0 && out.reason_count < ADVICE_REASONS_MAX)
            out.reasons[out.reason_count++] = &e->because;
    }
    return out;
}

/* Keeps the strongest, sorted; of equals the one earlier in the file. */
static void insert(struct advice *out, struct likely new) {
    uint16_t at = out->cause_count;
    while (at > 0 && out->causes[at - 1].points < new.points)
        at--;
    if (at == ADVICE_CAUSES_MAX)
        return;
    if (out->cause_count < ADVICE_CAUSES_MAX)
        out->cause_count++;
    for (uint16_t i = (uint16_t)(out->cause_count - 1); i > at; i--)
        out->causes[i] = out->causes[i - 1];
    out->causes[at] = new;
}

static void find_causes(const struct view *v, struct advice *out) {
    for (uint16_t c = 0; c < v->dialog->cause_count; c++) {
        struct likely new = weigh(v, c);
        if (new.points > 0)
            insert(out, new);
    }
}

static void add_remedy(const struct view *v, uint16_t r, struct advice *out) {
    for (uint16_t i = 0; i < out->remedy_count; i++)
        if (out->remedies[i] == r)
            return;
    if (out->remedy_count < ADVICE_REMEDIES_MAX && guard_eval(&v->dialog->remedies[r].only_if, v) == KLEENE_YES)
        out->remedies[out->remedy_count++] = r;
}

void advice_find(const struct view *v, struct advice *out) {
    const struct dialog *d = v->dialog;
    *out = (struct advice){0};
    find_causes(v, out);
    for (uint16_t c = 0; c < out->cause_count; c++) {
        const struct cause *cause = &d->causes[out->causes[c].cause];
        for (uint16_t i = 0; i < cause->remedy_count; i++)
            add_remedy(v, cause->remedies[i], out);
    }
    for (uint16_t i = 0; i < d->comfort_count; i++)
        add_remedy(v, d->comforts[i], out);
}

bool advice_needs(const struct view *v, struct slot_set *need) {
    const struct dialog *d = v->dialog;
    struct advice likely = {0};
    struct slot_set found = {{0}};
    find_causes(v, &likely);
    for (uint16_t c = 0; c < likely.cause_count; c++) {
        const struct cause *cause = &d->causes[likely.causes[c].cause];
        for (uint16_t i = 0; i < cause->remedy_count; i++)
            normal_needs(v, &d->remedies[cause->remedies[i]].only_if, &found);
    }
    for (uint16_t i = 0; i < d->comfort_count; i++)
        normal_needs(v, &d->remedies[d->comforts[i]].only_if, &found);
    slot_set_join(need, &found);
    return !slot_set_is_empty(&found);
}
