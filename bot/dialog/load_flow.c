#include "dialog/load_work.h"

/* The course of the talk: levels, screens, states and the settings of dialog.yaml. */

/* A setting of dialog.yaml, or NULL; it counts as known. */
static const struct node *setting(struct loader *l, const char *key) {
    struct name *name = names_find(&l->names[NAME_SETTING], str_of(key));
    if (!name)
        return NULL;
    name->used = true;
    return name->value;
}

static const struct node *setting_needed(struct loader *l, const char *key) {
    const struct node *n = setting(l, key);
    if (!n)
        complain(l, NULL, "no \"%s\" in dialog.yaml", key);
    return n;
}

/* ---- levels ---- */

void load_levels(struct loader *l) {
    struct names *names = &l->names[NAME_LEVEL];
    for (enum level level = LEVEL_NONE; level <= LEVEL_EMERGENCY; level++) {
        l->d->levels[level].name = load_copy(l, str_of(level_name(level)));
        struct name *name = names_find(names, str_of(level_name(level)));
        if (level == LEVEL_NONE)
            continue;
        if (!name) {
            complain(l, NULL, "no level \"%s\" under \"levels\" in dialog.yaml", level_name(level));
            continue;
        }
        name->used = true;
        struct fields f = fields_of(l, name->value, "level");
        l->d->levels[level].title = read_wording(l, field_needed(&f, "title"));
        l->d->levels[level].say = read_wording(l, field_needed(&f, "say"));
        fields_end(&f);
    }
    for (uint32_t i = 0; i < names->count; i++)
        if (!names->items[i].used)
            read_level(l, names->items[i].key);
}

/* ---- screens ---- */

static void load_members(struct loader *l, uint16_t index, struct screen *s, const struct node *list) {
    struct refs refs = read_refs(l, NAME_FINDING, list);
    if (list && list->kind == NODE_LIST && (list->count < 2 || refs.count > DIALOG_SCREEN_MAX))
        complain(l, list, "a screen lists 2 to %d findings", DIALOG_SCREEN_MAX);
    for (uint16_t i = 0; i < refs.count; i++) {
        struct finding *f = &l->findings[refs.items[i]];
        if (f->screen != DIALOG_NONE)
            complain(l, list, "\"%.*s\" is in the screen \"%.*s\" already", STR_ARG(f->name),
                     STR_ARG(l->names[NAME_SCREEN].items[f->screen].text));
        f->screen = index;
    }
    s->findings = refs.items;
    s->finding_count = refs.count;
}

void load_screens(struct loader *l) {
    const struct names *names = &l->names[NAME_SCREEN];
    struct screen *screens = LOAD_OUT(l, struct screen, names->count);
    if (!screens)
        return;
    for (uint32_t i = 0; i < names->count; i++) {
        struct screen *s = &screens[i];
        const struct name *name = &names->items[i];
        if (names_find(&l->names[NAME_FINDING], name->text))
            complain(l, name->key, "\"%.*s\" is also the name of a finding", STR_ARG(name->text));
        struct fields f = fields_of(l, name->value, "screen");
        s->name = load_copy(l, name->text);
        s->ask = read_wording(l, field_needed(&f, "ask"));
        s->again = read_wording(l, field(&f, "again"));
        s->why = read_wording(l, field(&f, "why"));
        load_members(l, (uint16_t)i, s, field_needed(&f, "list"));
        fields_end(&f);
    }
    l->d->screens = screens;
    l->d->screen_count = (uint16_t)names->count;
}

/* ---- states ---- */

/* Names of screens and findings as ask numbers. */
static struct refs read_asks(struct loader *l, const struct node *n) {
    if (!n || !expect(l, n, NODE_LIST))
        return (struct refs){0};
    uint16_t *items = LOAD_OUT(l, uint16_t, n->count);
    struct refs out = {items, 0};
    for (const struct node *m = items ? list_first(l, n) : NULL; m; m = list_next(l, m)) {
        struct str text = read_text(l, m);
        struct name *screen = names_find(&l->names[NAME_SCREEN], text);
        struct name *finding = names_find(&l->names[NAME_FINDING], text);
        struct name *found = screen ? screen : finding;
        if (found) {
            found->used = true;
            items[out.count++] = screen ? ask_screen((uint16_t)screen->index)
                                        : ask_finding(l->d, (uint16_t)finding->index);
            continue;
        }
        struct nearest near = nearest_to(text);
        nearest_offer_names(&near, &l->names[NAME_SCREEN]);
        nearest_offer_names(&near, &l->names[NAME_FINDING]);
        complain(l, m, "no screen or finding named \"%.*s\"%.*s", STR_ARG(shown(l, text)),
                 STR_ARG(did_you_mean(l, &near)));
    }
    return out;
}

static void load_settle(struct loader *l, struct state *s, const struct node *list) {
    for (const struct node *m = list_first(l, list); m; m = list_next(l, m)) {
        if (str_equal(m->text, STR("gates")))
            s->settle_gates = true;
        else
            s->settle |= (uint8_t)(1u << read_level(l, m));
    }
    s->settle &= (uint8_t) ~(1u << LEVEL_NONE);
}

static struct part read_part(struct loader *l, const struct node *n) {
    static const struct {
        const char *word;
        enum part_kind kind;
    } words[] = {
        {"level", PART_LEVEL}, {"because", PART_BECAUSE}, {"causes", PART_CAUSES}, {"remedies", PART_REMEDIES}};
    struct str text = read_text(l, n);
    struct nearest near = nearest_to(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal(text, str_of(words[i].word)))
            return (struct part){words[i].kind, 0};
        nearest_offer(&near, str_of(words[i].word));
    }
    struct name *say = text.len ? names_find(&l->names[NAME_SAY], text) : NULL;
    if (say) {
        say->used = true;
        return (struct part){PART_SAY, (uint16_t)say->index};
    }
    nearest_offer_names(&near, &l->names[NAME_SAY]);
    if (text.len > 0)
        complain(l, n, "no say named \"%.*s\", and no part of the advice%.*s", STR_ARG(shown(l, text)),
                 STR_ARG(did_you_mean(l, &near)));
    return (struct part){PART_LEVEL, 0};
}

static void load_advise(struct loader *l, struct state *s, const struct node *list) {
    if (!list || !expect(l, list, NODE_LIST))
        return;
    struct message *messages = LOAD_OUT(l, struct message, list->count);
    for (const struct node *m = messages ? list->first : NULL; m; m = m->next) {
        if (!expect(l, m, NODE_LIST))
            continue;
        struct part *parts = LOAD_OUT(l, struct part, m->count);
        if (!parts)
            return;
        struct message *message = &messages[s->advise_count++];
        for (const struct node *p = m->first; p; p = p->next)
            parts[message->part_count++] = read_part(l, p);
        message->parts = parts;
    }
    s->advise = messages;
}

/* A misspelt state counts as the one it is most like, so that not all behind it seems out of reach. Being named is no use: what cannot
 * be reached from the start is found by walking. */
static uint16_t read_state(struct loader *l, const struct node *n) {
    struct str text = read_text(l, n);
    if (text.len == 0)
        return DIALOG_NONE;
    const struct names *names = &l->names[NAME_STATE];
    const struct name *name = names_find(names, text);
    if (name)
        return (uint16_t)name->index;
    struct nearest near = nearest_to(text);
    for (uint32_t i = 0; i < names->count; i++)
        nearest_offer(&near, names->items[i].text);
    complain(l, n, "no state named \"%.*s\"%.*s", STR_ARG(shown(l, text)), STR_ARG(did_you_mean(l, &near)));
    name = near.text.len ? names_find(names, near.text) : NULL;
    return name ? (uint16_t)name->index : DIALOG_NONE;
}

static struct branch read_branch(struct loader *l, const struct node *n) {
    struct fields f = fields_of(l, n, "branch");
    struct branch b = {load_guard(l, field_needed(&f, "if")), read_state(l, field_needed(&f, "go"))};
    fields_end(&f);
    return b;
}

static void load_next(struct loader *l, struct state *s, const struct node *n) {
    if (!n)
        return;
    bool one = n->kind == NODE_TEXT;
    if (!one && !expect(l, n, NODE_LIST))
        return;
    struct branch *branches = LOAD_OUT(l, struct branch, one ? 1 : n->count);
    for (const struct node *m = !branches ? NULL : one ? n : n->first; m; m = one ? NULL : m->next) {
        bool last = one || !m->next;
        if (last && m->kind != NODE_TEXT)
            complain(l, m, "the last of \"next\" is a plain state, for when no guard before it holds");
        else if (!last && m->kind == NODE_TEXT)
            complain(l, m, "what stands behind a plain state is never reached; only the last one is plain");
        else
            branches[s->next_count++] = last ? (struct branch){.state = read_state(l, m)} : read_branch(l, m);
    }
    s->next = branches;
}

static void load_state(struct loader *l, struct state *s, const struct name *name) {
    struct fields f = fields_of(l, name->value, "state");
    s->name = load_copy(l, name->text);
    struct refs says = read_refs(l, NAME_SAY, field(&f, "say"));
    s->says = says.items;
    s->say_count = says.count;
    struct refs asks = read_asks(l, field(&f, "ask"));
    s->asks = asks.items;
    s->ask_count = asks.count;
    const struct node *settle = field(&f, "settle"), *with = field(&f, "with");
    load_settle(l, s, settle);
    struct refs order = read_asks(l, with);
    s->with = order.items;
    s->with_count = order.count;
    if (with && !settle)
        complain(l, with->key, "\"with\" without \"settle\"");
    load_advise(l, s, field(&f, "advise"));
    s->end = read_flag(l, field(&f, "end"));
    s->listen = read_flag(l, field(&f, "listen"));
    s->even_urgent = read_flag(l, field(&f, "even-urgent"));
    const struct node *otherwise = field(&f, "otherwise");
    const struct name *say = refer(l, NAME_SAY, otherwise);
    s->otherwise = say ? (uint16_t)say->index : DIALOG_NONE;
    if (otherwise && !s->listen)
        complain(l, otherwise->key, "\"otherwise\" without \"listen\"");
    const struct node *next = field(&f, "next");
    load_next(l, s, next);
    if (f.map && !next && !s->listen)
        complain(l, name->key, "the state \"%.*s\" neither listens nor goes on", STR_ARG(s->name));
    fields_end(&f);
}

void load_states(struct loader *l) {
    const struct names *names = &l->names[NAME_STATE];
    struct state *states = LOAD_OUT(l, struct state, names->count);
    if (!states)
        return;
    for (uint32_t i = 0; i < names->count; i++)
        load_state(l, &states[i], &names->items[i]);
    l->d->states = states;
    l->d->state_count = (uint16_t)names->count;
}

/* ---- reaching states ---- */

struct reach {
    struct names *names;
    uint16_t *queue;
    size_t count;
};

static void reach_one(struct reach *r, uint16_t state) {
    if (state == DIALOG_NONE || r->names->items[state].used)
        return;
    r->names->items[state].used = true;
    r->queue[r->count++] = state;
}

static void mark_reached(struct loader *l) {
    const struct dialog *d = l->d;
    struct reach r = {.names = &l->names[NAME_STATE], .queue = LOAD_WORK(l, uint16_t, d->state_count)};
    if (!r.queue)
        return;
    reach_one(&r, d->start);
    for (uint16_t b = 0; b < d->always_count; b++)
        reach_one(&r, d->always[b].state);
    for (size_t i = 0; i < r.count; i++) {
        const struct state *s = &d->states[r.queue[i]];
        for (uint16_t b = 0; b < s->next_count; b++)
            reach_one(&r, s->next[b].state);
    }
}

/* ---- settings ---- */

static void load_always(struct loader *l, const struct node *list) {
    if (!list || !expect(l, list, NODE_LIST))
        return;
    struct branch *always = LOAD_OUT(l, struct branch, list->count);
    for (const struct node *m = always ? list->first : NULL; m; m = m->next)
        always[l->d->always_count++] = read_branch(l, m);
    l->d->always = always;
}

static void complain_unknown_settings(struct loader *l) {
    static const char *const known[] = {"dialog", "title",  "uses",   "subject", "start",   "about-other",
                                        "comfort", "always", "states", "screens", "levels"};
    struct names *names = &l->names[NAME_SETTING];
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].used)
            continue;
        struct nearest near = nearest_to(names->items[i].text);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            nearest_offer(&near, str_of(known[k]));
        complain(l, names->items[i].key, "dialog.yaml has no setting \"%.*s\"%.*s",
                 STR_ARG(shown(l, names->items[i].text)), STR_ARG(did_you_mean(l, &near)));
    }
}

void load_settings(struct loader *l) {
    struct dialog *d = l->d;
    d->name = read_plain(l, setting_needed(l, "dialog"));
    d->title = read_plain(l, setting_needed(l, "title"));
    setting(l, "uses"); /* see uses.c */
    const struct node *subject = setting(l, "subject");
    if (subject)
        load_phrases(l, subject, (struct meaning){.kind = MEANS_SUBJECT});
    const struct node *start = setting_needed(l, "start");
    d->start = start ? read_state(l, start) : DIALOG_NONE;
    d->about_other = load_guard(l, setting(l, "about-other"));
    struct refs comfort = read_refs(l, NAME_REMEDY, setting(l, "comfort"));
    d->comforts = comfort.items;
    d->comfort_count = comfort.count;
    load_always(l, setting(l, "always"));
    complain_unknown_settings(l);
    if (d->state_count == 0)
        complain(l, NULL, "no \"states\" in dialog.yaml");
    mark_reached(l);
    if (d->start == DIALOG_NONE)
        return;
    for (uint32_t i = 0; i < l->names[NAME_STATE].count; i++) {
        const struct name *name = &l->names[NAME_STATE].items[i];
        if (!name->used)
            complain(l, name->key, "the state \"%.*s\" cannot be reached", STR_ARG(shown(l, name->text)));
    }
}
