#include <stdlib.h>

#include "dialog/load_work.h"

/* What is said and advised: sources, places, says, rules, causes, remedies, topics. */

/* ---- sources ---- */

void load_sources(struct loader *l) {
    const struct names *names = &l->names[NAME_SOURCE];
    struct source *sources = LOAD_OUT(l, struct source, names->count);
    if (!sources)
        return;
    for (uint32_t i = 0; i < names->count; i++) {
        struct fields f = fields_of(l, names->items[i].value, "source");
        sources[i].name = load_copy(l, names->items[i].text);
        sources[i].title = read_plain(l, field_needed(&f, "title"));
        sources[i].url = read_plain(l, field(&f, "url"));
        fields_end(&f);
    }
    l->d->sources = sources;
    l->d->source_count = (uint16_t)names->count;
}

/* ---- places ---- */

/* The keys are those of `default`; a country's `name` is for whoever reads the file. */
void load_place_keys(struct loader *l) {
    names_init(&l->place_keys, &l->work);
    const struct name *standard = names_find(&l->names[NAME_PLACE], STR("default"));
    if (!standard) {
        complain(l, NULL, "no \"default\" in places.yaml: what is said where the country is not known");
        return;
    }
    const struct node *map = standard->value;
    for (const struct node *m = expect(l, map, NODE_MAP) ? map->first : NULL; m; m = m->next) {
        check_name(l, NAME_FINDING, m->key);
        const struct name *finding = names_find(&l->names[NAME_FINDING], m->key->text);
        if (finding)
            complain(l, m->key, "\"%.*s\" is also the name of a finding", STR_ARG(m->key->text));
        if (!names_add(&l->place_keys, m->key->text, m->key, m))
            l->full = true;
    }
}

static void load_place(struct loader *l, const struct name *name, struct str *texts) {
    const struct node *map = name->value;
    for (const struct node *m = expect(l, map, NODE_MAP) ? map->first : NULL; m; m = m->next) {
        const struct name *key = names_find(&l->place_keys, m->key->text);
        if (key) {
            texts[key->index] = read_plain(l, m);
            continue;
        }
        struct nearest near = nearest_to(m->key->text);
        nearest_offer_names(&near, &l->place_keys);
        if (!str_equal(m->key->text, STR("name")))
            complain(l, m->key, "\"default\" has no \"%.*s\"%.*s", STR_ARG(shown(l, m->key->text)),
                     STR_ARG(comma_hint(l, m, &near)));
    }
}

/* The default first, then the countries in file order, their holes filled from it. */
void load_places(struct loader *l) {
    const struct names *names = &l->names[NAME_PLACE];
    uint32_t key_count = l->place_keys.count;
    const struct name *standard = names_find(names, STR("default"));
    struct place *places = LOAD_OUT(l, struct place, names->count);
    struct str *keys = LOAD_OUT(l, struct str, key_count), *first = LOAD_OUT(l, struct str, key_count);
    if (!places || !keys || !first || !standard)
        return;
    for (uint32_t k = 0; k < key_count; k++)
        keys[k] = load_copy(l, l->place_keys.items[k].text);
    load_place(l, standard, first);
    places[0] = (struct place){load_copy(l, standard->text), first};
    uint16_t count = 1;
    for (uint32_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        if (name == standard)
            continue;
        if (name->text.len != 2)
            complain(l, name->key, "a place is \"default\" or a country of two letters, such as \"gb\"");
        struct str *texts = LOAD_OUT(l, struct str, key_count);
        if (!texts)
            return;
        load_place(l, name, texts);
        for (uint32_t k = 0; k < key_count; k++)
            if (texts[k].len == 0)
                texts[k] = first[k];
        places[count++] = (struct place){load_copy(l, name->text), texts};
    }
    l->d->place_keys = keys;
    l->d->place_key_count = (uint16_t)key_count;
    l->d->places = places;
    l->d->place_count = count;
}

/* ---- says ---- */

/* The engine's come first; names.index is set to match. */
void load_says(struct loader *l) {
    static const char *const engine[] = {
#define X(name, word) word,
        ENGINE_SAYS(X)
#undef X
    };
    struct names *names = &l->names[NAME_SAY];
    struct say *says = LOAD_OUT(l, struct say, names->count + (size_t)SAY_COUNT);
    if (!says)
        return;
    uint16_t count = SAY_COUNT;
    for (uint32_t i = 0; i < names->count; i++)
        names->items[i].index = UINT32_MAX;
    for (uint16_t s = 0; s < SAY_COUNT; s++) {
        struct name *name = names_find(names, str_of(engine[s]));
        says[s].name = str_of(engine[s]);
        if (!name) {
            complain(l, NULL, "no say named \"%s\", which every dialog needs", engine[s]);
            continue;
        }
        name->used = true;
        name->index = s;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        struct name *name = &names->items[i];
        if (name->index == UINT32_MAX)
            name->index = count++;
        says[name->index] = (struct say){load_copy(l, name->text), read_wording(l, name->value)};
    }
    l->d->says = says;
    l->d->say_count = count;
}

/* ---- rules ---- */

static const struct node *needed_sources(struct fields *f, struct refs *out) {
    const struct node *n = field_needed(f, "sources");
    *out = read_refs(f->l, NAME_SOURCE, n);
    return n;
}

static bool read_basis(struct loader *l, const struct node *n) {
    struct str text = read_text(l, n);
    bool derived = str_equal(text, STR("derived"));
    if (text.len > 0 && !derived && !str_equal(text, STR("source")))
        complain(l, n, "the basis of a rule is \"source\" or \"derived\", not \"%.*s\"", STR_ARG(shown(l, text)));
    return derived;
}

static void load_rule(struct loader *l, struct rule *r, const struct name *name) {
    struct fields f = fields_of(l, name->value, "rule");
    r->name = load_copy(l, name->text);
    r->level = read_level(l, field_needed(&f, "level"));
    r->when = load_guard(l, field_needed(&f, "when"));
    r->because = read_wording(l, field_needed(&f, "because"));
    r->instead = read_wording(l, field(&f, "do"));
    struct refs sources;
    const struct node *list = needed_sources(&f, &sources);
    if (list && list->kind == NODE_LIST && list->count == 0)
        complain(l, list, "a rule has at least one source");
    r->sources = sources.items;
    r->source_count = sources.count;
    r->derived = read_basis(l, field_needed(&f, "basis"));
    fields_end(&f);
}

/* Level by level, so that equals keep the order of the files. */
void load_rules(struct loader *l) {
    struct names *names = &l->names[NAME_RULE];
    if (names->count > DIALOG_RULES_MAX) {
        complain(l, names->items[DIALOG_RULES_MAX].key, "more than %d rules", DIALOG_RULES_MAX);
        return;
    }
    struct rule *unsorted = LOAD_WORK(l, struct rule, names->count), *rules = LOAD_OUT(l, struct rule, names->count);
    if (!unsorted || !rules)
        return;
    for (uint32_t i = 0; i < names->count; i++)
        load_rule(l, &unsorted[i], &names->items[i]);
    uint16_t count = 0;
    for (int level = LEVEL_EMERGENCY; level >= LEVEL_NONE; level--) {
        for (uint32_t i = 0; i < names->count; i++) {
            if (unsorted[i].level != (enum level)level)
                continue;
            names->items[i].index = count;
            rules[count++] = unsorted[i];
        }
    }
    l->d->rules = l->rules = rules;
    l->d->rule_count = count;
}

/* ---- causes ---- */

static void load_point(struct loader *l, struct evidence *e, const struct node *n) {
    struct fields f = fields_of(l, n, "point");
    e->only_if = load_guard(l, field_needed(&f, "if"));
    read_number(l, field_needed(&f, "give"), &e->give);
    e->because = read_wording(l, field(&f, "because"));
    fields_end(&f);
}

static void load_points(struct loader *l, struct cause *c, const struct node *list) {
    if (!list || !expect(l, list, NODE_LIST))
        return;
    struct evidence *points = LOAD_OUT(l, struct evidence, list->count);
    if (!points)
        return;
    if (list->count == 0)
        complain(l, list, "without points this cause is never told");
    for (const struct node *m = list->first; m; m = m->next)
        load_point(l, &points[c->point_count++], m);
    c->points = points;
}

static void load_cause(struct loader *l, uint16_t index, struct cause *c, const struct name *name) {
    struct fields f = fields_of(l, name->value, "cause");
    c->name = load_copy(l, name->text);
    c->title = read_plain(l, field_needed(&f, "name"));
    load_points(l, c, field_needed(&f, "points"));
    c->about = read_wording(l, field_needed(&f, "about"));
    load_phrases(l, field(&f, "also"), (struct meaning){.kind = MEANS_CAUSE, .target = index});
    struct refs remedies = read_refs(l, NAME_REMEDY, field(&f, "remedies")), sources;
    c->remedies = remedies.items;
    c->remedy_count = remedies.count;
    needed_sources(&f, &sources);
    c->sources = sources.items;
    c->source_count = sources.count;
    fields_end(&f);
}

void load_causes(struct loader *l) {
    const struct names *names = &l->names[NAME_CAUSE];
    struct cause *causes = LOAD_OUT(l, struct cause, names->count);
    if (!causes)
        return;
    for (uint32_t i = 0; i < names->count; i++)
        load_cause(l, (uint16_t)i, &causes[i], &names->items[i]);
    l->d->causes = causes;
    l->d->cause_count = (uint16_t)names->count;
}

/* ---- remedies ---- */

static void load_cautions(struct loader *l, struct remedy *r, const struct node *list) {
    if (!list || !expect(l, list, NODE_LIST))
        return;
    struct caution *cautions = LOAD_OUT(l, struct caution, list->count);
    for (const struct node *m = cautions ? list->first : NULL; m; m = m->next) {
        struct fields f = fields_of(l, m, "caution");
        struct caution *c = &cautions[r->caution_count++];
        c->only_if = load_guard(l, field(&f, "if"));
        c->say = read_wording(l, field_needed(&f, "say"));
        fields_end(&f);
    }
    r->cautions = cautions;
}

void load_remedies(struct loader *l) {
    const struct names *names = &l->names[NAME_REMEDY];
    struct remedy *remedies = LOAD_OUT(l, struct remedy, names->count);
    if (!remedies)
        return;
    for (uint32_t i = 0; i < names->count; i++) {
        struct remedy *r = &remedies[i];
        struct fields f = fields_of(l, names->items[i].value, "remedy");
        struct refs sources;
        r->name = load_copy(l, names->items[i].text);
        r->say = read_wording(l, field_needed(&f, "say"));
        r->only_if = load_guard(l, field(&f, "if"));
        load_cautions(l, r, field(&f, "cautions"));
        needed_sources(&f, &sources);
        r->sources = sources.items;
        r->source_count = sources.count;
        fields_end(&f);
    }
    l->d->remedies = remedies;
    l->d->remedy_count = (uint16_t)names->count;
}

/* ---- topics ---- */

void load_topics(struct loader *l) {
    const struct names *names = &l->names[NAME_TOPIC];
    struct topic *topics = LOAD_OUT(l, struct topic, names->count);
    if (!topics)
        return;
    for (uint32_t i = 0; i < names->count; i++) {
        struct topic *t = &topics[i];
        struct fields f = fields_of(l, names->items[i].value, "topic");
        t->name = load_copy(l, names->items[i].text);
        t->title = read_plain(l, field_needed(&f, "title"));
        load_phrases(l, field_needed(&f, "ask"), (struct meaning){.kind = MEANS_TOPIC, .target = (uint16_t)i});
        t->say = read_wording(l, field_needed(&f, "say"));
        t->only_if = load_guard(l, field(&f, "if"));
        struct refs sources = read_refs(l, NAME_SOURCE, field(&f, "sources"));
        t->sources = sources.items;
        t->source_count = sources.count;
        fields_end(&f);
    }
    l->d->topics = topics;
    l->d->topic_count = (uint16_t)names->count;
}
