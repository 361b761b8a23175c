#include <string.h>

#include "dialog/load_work.h"
#include "text/reading.h"

/* Findings in two rounds: kinds and options first, because guards anywhere may look at them; then everything else. */

enum { NUMBER_MOST = 60000, NARROW_MOST = 256, NARROW_BITS = 12, WIDE_BITS = 16, ONLY_IF_CHAIN_MAX = 4 };

#define FINDING_KINDS(X) X(YESNO, "yesno") X(CHOICE, "choice") X(NUMBER, "number") X(SET, "set")
#define MEASURES(X)       \
    X(MINUTES, "minutes") \
    X(HOURS, "hours")     \
    X(DAYS, "days")       \
    X(WEEKS, "weeks")     \
    X(YEARS, "years")     \
    X(MG, "mg")           \
    X(UNITS, "units")     \
    X(SCORE, "score")     \
    X(COUNT, "count")

struct word {
    const char *word;
    int value;
};

static const struct word kinds[] = {/* in the order of enum finding_kind */
#define X(name, word) {word, FINDING_##name},
                                    FINDING_KINDS(X){NULL, 0}
#undef X
};
static const struct word measures[] = {
#define X(name, word) {word, MEASURE_##name},
    MEASURES(X){NULL, 0}
#undef X
};
static const struct word pers[] = {{"day", PER_DAY}, {"week", PER_WEEK}, {NULL, 0}};

/* Keys that only some kinds have. */
enum {
    FOR_YESNO = 1 << FINDING_YESNO,
    FOR_CHOICE = 1 << FINDING_CHOICE,
    FOR_NUMBER = 1 << FINDING_NUMBER,
    FOR_SET = 1 << FINDING_SET
};

static const struct kind_key {
    const char *key;
    unsigned kinds;
} kind_keys[] = {
    {"yes", FOR_YESNO},
    {"no", FOR_YESNO},
    {"unsure", FOR_YESNO},
    {"values", FOR_CHOICE | FOR_SET},
    {"say", FOR_CHOICE | FOR_SET},
    {"none", FOR_SET},
    {"other", FOR_SET},
    {"measure", FOR_NUMBER | FOR_CHOICE},
    {"unit", FOR_NUMBER},
    {"per", FOR_NUMBER},
    {"range", FOR_NUMBER},
    {"choices", FOR_NUMBER},
    {"each", FOR_NUMBER},
    {"words", FOR_NUMBER},
    {"near", FOR_NUMBER | FOR_CHOICE},
    {"ranges", FOR_CHOICE},
    {"of", FOR_NUMBER},
    {"unprompted", FOR_NUMBER},
};

/* One of several words; `otherwise` where it is missing or wrong. */
static int read_word(struct loader *l, const struct node *n, const struct word *words, const char *noun,
                     int otherwise) {
    struct str text = read_text(l, n);
    if (text.len == 0)
        return otherwise;
    struct nearest near = nearest_to(text);
    for (const struct word *w = words; w->word; w++) {
        if (str_equal(text, str_of(w->word)))
            return w->value;
        nearest_offer(&near, str_of(w->word));
    }
    complain(l, n, "no %s is called \"%.*s\"%.*s", noun, STR_ARG(shown(l, text)), STR_ARG(did_you_mean(l, &near)));
    return otherwise;
}

static const struct node *member(const struct node *map, const char *key) {
    for (const struct node *m = map->kind == NODE_MAP ? map->first : NULL; m; m = m->next)
        if (str_equal(m->key->text, str_of(key)))
            return m;
    return NULL;
}

/* ---- options ---- */

uint16_t load_option(struct loader *l, const struct finding *f, const struct node *text, size_t offset,
                     struct str name) {
    uint16_t option = dialog_find_option(f, name);
    if (option != DIALOG_NONE || f->option_count == 0)
        return option; /* without any values the finding itself is wrong, and that was said */
    struct nearest near = nearest_to(name);
    for (uint16_t i = 0; i < f->option_count; i++)
        nearest_offer(&near, f->options[i].name);
    complain_inside(l, text, offset, "\"%.*s\" has no value \"%.*s\"%.*s", STR_ARG(f->name), STR_ARG(shown(l, name)),
                    STR_ARG(did_you_mean(l, &near)));
    return DIALOG_NONE;
}

/* A phrase that can be shown as it is. */
static bool is_plain_phrase(struct str phrase) {
    for (size_t i = 0; i < phrase.len; i++)
        if (strchr("+/<>=", phrase.ptr[i]))
            return false;
    return phrase.len > 0;
}

static bool option_name_is_fine(struct loader *l, const struct finding *f, const struct node *key) {
    static const char *const taken[] = {"unsure", "known", "unknown", "still", "not", "any", "none"};
    size_t count = sizeof taken / sizeof *taken - (f->kind == FINDING_CHOICE);
    for (size_t i = 0; i < count; i++) {
        if (str_equal(key->text, str_of(taken[i]))) {
            complain(l, key, "\"%s\" has a meaning of its own in guards and cannot be a value", taken[i]);
            return false;
        }
    }
    return true;
}

static void load_options(struct loader *l, struct finding *f, const struct node *values, const struct node *says) {
    if (!values || !expect(l, values, NODE_MAP))
        return;
    unsigned least = f->kind == FINDING_CHOICE ? 2 : 1;
    if (values->count > DIALOG_VALUES_MAX || values->count < least) {
        complain(l, values->key, "a %s has %u to %d values", kinds[f->kind].word, least, DIALOG_VALUES_MAX);
        if (values->count > DIALOG_VALUES_MAX)
            return;
    }
    struct finding_option *options = LOAD_OUT(l, struct finding_option, values->count);
    if (!options)
        return;
    uint16_t count = 0;
    for (const struct node *m = values->first; m; m = m->next) {
        check_name(l, NAME_SETTING, m->key);
        option_name_is_fine(l, f, m->key);
        struct str say = m->kind == NODE_LIST && m->first && m->first->kind == NODE_TEXT ? m->first->text : STR_NONE;
        const struct node *own = says ? member(says, m->key->text.ptr) : NULL;
        if (own)
            say = read_plain(l, own);
        else if (!is_plain_phrase(say))
            complain(l, m->key, "this value needs a wording under \"say\", or a first phrase of plain words");
        else
            say = load_copy(l, say);
        options[count++] = (struct finding_option){.name = load_copy(l, m->key->text), .say = say};
    }
    l->options[f - l->findings] = options;
    f->options = options;
    f->option_count = count;
    for (const struct node *m = says && expect(l, says, NODE_MAP) ? says->first : NULL; m; m = m->next)
        load_option(l, f, m->key, 0, m->key->text);
}

static void load_choices(struct loader *l, struct finding *f, const struct node *choices) {
    if (!choices || !expect(l, choices, NODE_MAP))
        return;
    struct finding_option *options = LOAD_OUT(l, struct finding_option, choices->count);
    uint16_t count = 0;
    if (choices->count > DIALOG_VALUES_MAX) {
        complain(l, choices->key, "more than %d quick replies", DIALOG_VALUES_MAX);
        return;
    }
    for (const struct node *m = options ? choices->first : NULL; m; m = m->next) {
        struct str say = read_plain(l, m->key);
        options[count] = (struct finding_option){.name = say, .say = say};
        read_number(l, m, &options[count++].number);
    }
    f->options = options;
    f->option_count = count;
}

/* Where the kind is missing or misspelt: what the other keys look like, so that this is the only problem. */
static enum finding_kind likely_kind(const struct node *map) {
    if (member(map, "values"))
        return member(map, "none") || member(map, "other") ? FINDING_SET : FINDING_CHOICE;
    return member(map, "range") || member(map, "unit") || member(map, "measure") ? FINDING_NUMBER : FINDING_YESNO;
}

static void load_shape(struct loader *l, struct finding *f, const struct name *name) {
    const struct node *map = name->value;
    f->name = load_copy(l, name->text);
    f->other = f->screen = DIALOG_NONE;
    f->high = NUMBER_MOST;
    if (map->kind != NODE_MAP)
        return;
    f->kind = (enum finding_kind)read_word(l, member(map, "kind"), kinds, "kind", (int)likely_kind(map));
    if (f->kind == FINDING_CHOICE || f->kind == FINDING_SET)
        load_options(l, f, member(map, "values"), member(map, "say"));
    if (f->kind == FINDING_NUMBER)
        load_choices(l, f, member(map, "choices"));
}

void load_finding_shapes(struct loader *l) {
    const struct names *names = &l->names[NAME_FINDING];
    if (names->count == 0)
        complain(l, NULL, "no finding is defined: there is nothing to talk about");
    if (names->count > DIALOG_FINDINGS_MAX) {
        complain(l, names->items[DIALOG_FINDINGS_MAX].key, "more than %d findings", DIALOG_FINDINGS_MAX);
        l->full = true;
        return;
    }
    l->findings = LOAD_OUT(l, struct finding, names->count);
    l->options = LOAD_WORK(l, struct finding_option *, names->count);
    if (!l->findings || !l->options)
        return;
    for (uint32_t i = 0; i < names->count; i++)
        load_shape(l, &l->findings[i], &names->items[i]);
    l->d->findings = l->findings;
    l->d->finding_count = (uint16_t)names->count;
}

/* ---- what phrases mean ---- */

static struct meaning means_value(uint16_t finding, struct value v) {
    return (struct meaning){.kind = MEANS_VALUE, .target = finding, .value = v};
}

static struct value known(float number) { return (struct value){VALUE_KNOWN, number}; }

static void load_yesno(struct loader *l, uint16_t finding, struct fields *f) {
    load_phrases(l, field(f, "yes"), means_value(finding, VALUE_YES));
    load_phrases(l, field(f, "no"), means_value(finding, VALUE_NO));
    load_phrases(l, field(f, "unsure"), means_value(finding, VALUE_DOUBT));
}

/* `ranges` of a choice: value: [from, to]. */
static void load_ranges(struct loader *l, struct finding *f, const struct node *ranges) {
    struct finding_option *options = l->options[f - l->findings];
    for (const struct node *m = ranges && expect(l, ranges, NODE_MAP) ? ranges->first : NULL; m; m = m->next) {
        uint16_t option = load_option(l, f, m->key, 0, m->key->text);
        const struct node *low = list_first(l, m), *high = low ? list_next(l, low) : NULL;
        if (option == DIALOG_NONE || m->kind != NODE_LIST)
            continue;
        struct finding_option *o = &options[option];
        if (!high || m->count != 2)
            complain(l, m, "a range has two numbers: [from, to]");
        else if (read_number(l, low, &o->low) && read_number(l, high, &o->high) && (o->low < 0 || o->high <= o->low))
            complain(l, m, "a range goes up, from 0 or more");
    }
    if (ranges && f->measure == MEASURE_NONE)
        complain(l, ranges->key, "\"ranges\" needs a \"measure\"");
}

static void load_values(struct loader *l, uint16_t index, struct fields *f) {
    struct finding *finding = &l->findings[index];
    const struct node *values = field_needed(f, "values");
    field(f, "say");
    for (const struct node *m = values && values->kind == NODE_MAP ? values->first : NULL; m; m = m->next) {
        uint16_t option = dialog_find_option(finding, m->key->text);
        if (option != DIALOG_NONE)
            load_phrases(l, m,
                         means_value(index, known(finding->kind == FINDING_SET ? (float)(UINT32_C(1) << option)
                                                                               : (float)option)));
    }
    if (finding->kind == FINDING_CHOICE) {
        finding->measure = (enum measure)read_word(l, field(f, "measure"), measures, "measure", MEASURE_NONE);
        load_ranges(l, finding, field(f, "ranges"));
        load_phrases(l, field(f, "near"), (struct meaning){.kind = MEANS_NEAR, .target = index});
        return;
    }
    const struct node *none = field(f, "none"), *other = field(f, "other");
    finding->has_none = none != NULL;
    load_phrases(l, none, means_value(index, known(0)));
    struct str name = read_text(l, other);
    if (name.len > 0)
        finding->other = load_option(l, finding, other, 0, name);
}

static void load_range(struct loader *l, struct finding *f, const struct node *range) {
    const struct node *low = list_first(l, range), *high = low ? list_next(l, low) : NULL;
    if (!range || range->kind != NODE_LIST)
        return;
    if (range->count != 2 || !low || !high) {
        complain(l, range, "a range has two numbers: [smallest, largest]");
        return;
    }
    if (!read_number(l, low, &f->low) || !read_number(l, high, &f->high))
        return;
    if (f->low < 0 || f->high > NUMBER_MOST || f->low >= f->high)
        complain(l, range, "a range goes up, from 0 or more to %d or less", NUMBER_MOST);
}

/* A map of phrases to numbers. */
static void load_amounts(struct loader *l, uint16_t finding, const struct node *map, enum meaning_kind kind) {
    for (const struct node *m = map && expect(l, map, NODE_MAP) ? map->first : NULL; m; m = m->next) {
        float number;
        if (!read_number(l, m, &number))
            continue;
        struct meaning meaning = {.kind = (uint8_t)kind, .target = finding, .number = number};
        if (kind == MEANS_VALUE)
            meaning = means_value(finding, known(number));
        load_phrase_key(l, m->key, meaning);
    }
}

static void load_unprompted(struct loader *l, uint16_t index, const struct node *n, bool measured) {
    struct finding *f = &l->findings[index];
    f->unprompted = read_flag(l, n);
    if (!f->unprompted)
        return;
    if (!measured)
        complain(l, n, "\"unprompted\" needs a \"measure\"");
    if (f->measure == MEASURE_NONE)
        return;
    uint16_t *slot = &l->d->unprompted[f->measure];
    if (*slot != DIALOG_NONE)
        complain(l, n, "a lone quantity of this measure already means \"%.*s\"", STR_ARG(l->findings[*slot].name));
    *slot = index;
}

static void load_of(struct loader *l, uint16_t index, const struct node *n) {
    struct finding *f = &l->findings[index];
    struct refs of = read_refs(l, NAME_FINDING, n);
    for (uint16_t i = 0; i < of.count; i++)
        if (l->findings[of.items[i]].kind == FINDING_NUMBER)
            complain(l, n, "a number measures a sign, and \"%.*s\" is a number itself",
                     STR_ARG(l->findings[of.items[i]].name));
    f->of = of.items;
    f->of_count = of.count;
}

static void load_quantity(struct loader *l, uint16_t index, struct fields *f) {
    struct finding *finding = &l->findings[index];
    const struct node *unit = field(f, "unit");
    finding->unit = read_plain(l, unit);
    const struct node *measure = field(f, "measure");
    finding->measure = (enum measure)read_word(l, measure, measures, "measure", MEASURE_NONE);
    finding->per = (uint8_t)read_word(l, field(f, "per"), pers, "span", PER_NONE);
    load_range(l, finding, field(f, "range"));
    const struct node *choices = field(f, "choices");
    const struct node *choice = choices && choices->kind == NODE_MAP ? choices->first : NULL;
    for (uint16_t i = 0; i < finding->option_count && choice; i++, choice = choice->next)
        if (finding->options[i].number < finding->low || finding->options[i].number > finding->high)
            complain(l, choice, "this is outside the range");
    load_amounts(l, index, field(f, "each"), MEANS_EACH);
    load_amounts(l, index, field(f, "words"), MEANS_VALUE);
    load_phrases(l, field(f, "near"), (struct meaning){.kind = MEANS_NEAR, .target = index});
    load_of(l, index, field(f, "of"));
    load_unprompted(l, index, field(f, "unprompted"), measure != NULL);
}

/* ---- the rest of a finding ---- */

static struct value read_yesno(struct loader *l, const struct node *n, struct str text) {
    if (str_equal(text, STR("no")))
        return VALUE_NO;
    if (!str_equal(text, STR("yes")))
        complain(l, n, "yes or no is expected here, not \"%.*s\"", STR_ARG(shown(l, text)));
    return VALUE_YES;
}

static struct value read_else(struct loader *l, const struct finding *f, const struct node *n) {
    struct str text = read_text(l, n);
    struct value unknown = {VALUE_UNKNOWN, 0};
    float number;
    if (text.len == 0)
        return unknown;
    if (f->kind == FINDING_YESNO)
        return read_yesno(l, n, text);
    if (f->kind == FINDING_NUMBER)
        return read_number(l, n, &number) ? known(number) : unknown;
    if (f->kind == FINDING_SET && str_equal(text, STR("none")))
        return known(0);
    uint16_t option = load_option(l, f, n, 0, text);
    if (option == DIALOG_NONE)
        return unknown;
    return known(f->kind == FINDING_SET ? (float)(UINT32_C(1) << option) : (float)option);
}

static void refuse_keys_of_other_kinds(struct loader *l, const struct finding *f, struct fields *fields) {
    for (size_t i = 0; i < sizeof kind_keys / sizeof *kind_keys; i++) {
        if (kind_keys[i].kinds >> f->kind & 1)
            continue;
        const struct node *n = field(fields, kind_keys[i].key);
        fields->asked_count--; /* no suggestion */
        if (n)
            complain(l, n->key, "a finding of kind %s has no \"%s\"", kinds[f->kind].word, kind_keys[i].key);
    }
}

/* See head_bit(): of each place in the name where a word may begin. */
static uint64_t heads_of(const struct wording *names) {
    struct str name = names->count > 0 ? names->variants[0] : STR_NONE;
    uint64_t heads = 0;
    for (size_t i = 0; i + 3 <= name.len; i++)
        if (i == 0 || !str_is_letter(name.ptr[i - 1]))
            heads |= UINT64_C(1) << head_bit(name.ptr + i);
    return heads;
}

static void load_finding(struct loader *l, uint16_t index, const struct name *name) {
    struct finding *f = &l->findings[index];
    struct fields fields = fields_of(l, name->value, "finding");
    field_needed(&fields, "kind");
    f->short_name = read_wording(l, field_needed(&fields, "short"));
    f->name_heads = heads_of(&f->short_name);
    f->ask = read_wording(l, field_needed(&fields, "ask"));
    f->again = read_wording(l, field(&fields, "again"));
    f->why = read_wording(l, field(&fields, "why"));
    struct refs sources = read_refs(l, NAME_SOURCE, field(&fields, "sources"));
    f->sources = sources.items;
    f->source_count = sources.count;
    f->sensitive = read_flag(l, field(&fields, "sensitive"));
    f->history = read_flag(l, field(&fields, "history"));
    f->detail = read_flag(l, field(&fields, "detail"));
    load_phrases(l, field(&fields, "not"), (struct meaning){.kind = MEANS_NOTHING, .target = index});
    if (f->kind == FINDING_YESNO)
        load_yesno(l, index, &fields);
    else if (f->kind == FINDING_NUMBER)
        load_quantity(l, index, &fields);
    else
        load_values(l, index, &fields);
    const struct node *only_if = field(&fields, "if"), *otherwise = field(&fields, "else");
    f->only_if = load_guard(l, only_if);
    f->otherwise = read_else(l, f, otherwise);
    if (otherwise && !only_if)
        complain(l, otherwise->key, "\"else\" without \"if\"");
    refuse_keys_of_other_kinds(l, f, &fields);
    fields_end(&fields);
}

/* ---- places in a frame ---- */

static uint16_t width_of(const struct finding *f) {
    if (f->kind == FINDING_NUMBER)
        return f->high <= NARROW_MOST ? NARROW_BITS : WIDE_BITS;
    if (f->kind == FINDING_SET)
        return (uint16_t)(2 + f->option_count);
    return f->kind == FINDING_YESNO ? 1 : (uint16_t)(32 - __builtin_clz(2u + f->option_count));
}

struct places {
    uint16_t taken[FRAME_BYTES / 8]; /* bits of each word */
    uint16_t yesnos;
    size_t bits;
    bool full;
};

static void place_planes(struct loader *l, struct places *p) {
    for (uint16_t i = 0; i < l->d->finding_count; i++) {
        struct finding *f = &l->findings[i];
        if (f->kind != FINDING_YESNO)
            continue;
        f->width = width_of(f);
        f->bit = f->slot = p->yesnos++;
    }
    uint16_t words = l->d->plane_words = (uint16_t)((p->yesnos + 63) / 64);
    p->bits = (size_t)FRAME_PLANES * p->yesnos;
    p->full = FRAME_PLANES * words > FRAME_BYTES / 8;
    for (uint16_t i = 0; i < words * FRAME_PLANES && !p->full; i++)
        p->taken[i] = (uint16_t)(i % words == words - 1 ? p->yesnos - 64 * (words - 1) : 64);
}

static void place_field(struct finding *f, struct places *p) {
    size_t word = 0;
    f->width = width_of(f);
    while (word < FRAME_BYTES / 8 && p->taken[word] + f->width > 64)
        word++;
    p->bits += f->width;
    p->full |= word == FRAME_BYTES / 8;
    if (p->full)
        return;
    f->bit = (uint16_t)(word * 64 + p->taken[word]);
    p->taken[word] = (uint16_t)(p->taken[word] + f->width);
}

/* The fields behind the planes: the widest first, each into the first word with room, so that none straddles two. */
static void place_in_frame(struct loader *l) {
    struct places p = {0};
    place_planes(l, &p);
    uint16_t slot = p.yesnos;
    for (uint16_t width = 64; width > 0; width--)
        for (uint16_t i = 0; i < l->d->finding_count; i++)
            if (l->findings[i].kind != FINDING_YESNO && width_of(&l->findings[i]) == width)
                place_field(&l->findings[i], &p);
    for (uint16_t i = 0; i < l->d->finding_count; i++)
        if (l->findings[i].kind != FINDING_YESNO)
            l->findings[i].slot = slot++;
    if (p.full)
        complain(l, l->names[NAME_FINDING].items[l->d->finding_count - 1].key,
                 "the findings together need %zu bits of the %d that a talk can keep, side by side in words of 64; use fewer findings, values or "
                 "wide ranges",
                 p.bits, FRAME_BYTES * 8);
}

/* ---- circles of `if` ---- */

static bool looks_at_finding(const struct guard_node *n) { return n->op >= GUARD_YES && n->op <= GUARD_UNKNOWN; }

/* How deep the `if` of each finding reaches into others. A sweep finds at least one step more; what goes in a circle never ends. */
static bool deepen(const struct loader *l, uint16_t *depth) {
    bool any = false;
    for (uint16_t i = 0; i < l->d->finding_count; i++) {
        const struct guard *g = &l->findings[i].only_if;
        for (size_t n = 0; n < g->count && depth[i] <= ONLY_IF_CHAIN_MAX; n++) {
            if (!looks_at_finding(&g->nodes[n]) || depth[i] > depth[g->nodes[n].finding])
                continue;
            depth[i] = (uint16_t)(depth[g->nodes[n].finding] + 1);
            any = true;
        }
    }
    return any;
}

static void refuse_circles(struct loader *l) {
    uint16_t *depth = LOAD_WORK(l, uint16_t, l->d->finding_count);
    if (!depth)
        return;
    unsigned sweeps = 0;
    while (sweeps <= ONLY_IF_CHAIN_MAX && deepen(l, depth))
        sweeps++;
    for (uint16_t i = 0; i < l->d->finding_count; i++)
        if (depth[i] > ONLY_IF_CHAIN_MAX)
            complain(l, l->names[NAME_FINDING].items[i].key,
                     "the \"if\" of \"%.*s\" leads over too many other findings, or back to itself",
                     STR_ARG(l->findings[i].name));
}

/* ---- which numbers measure a finding ---- */

static bool measures_finding(const struct finding *number, uint16_t sign) {
    for (uint16_t i = 0; i < number->of_count; i++)
        if (number->of[i] == sign)
            return true;
    return false;
}

static void load_measured_by(struct loader *l) {
    for (uint16_t sign = 0; sign < l->d->finding_count; sign++) {
        uint16_t numbers[DIALOG_FINDINGS_MAX], count = 0;
        for (uint16_t i = 0; i < l->d->finding_count; i++)
            if (measures_finding(&l->findings[i], sign))
                numbers[count++] = i;
        uint16_t *kept = LOAD_OUT(l, uint16_t, count);
        if (!kept)
            return;
        memcpy(kept, numbers, count * sizeof *kept);
        l->findings[sign].measured_by = kept;
        l->findings[sign].measured_by_count = count;
    }
}

void load_findings(struct loader *l) {
    for (int m = 0; m <= MEASURE_COUNT; m++)
        l->d->unprompted[m] = DIALOG_NONE;
    for (uint16_t i = 0; i < l->d->finding_count; i++)
        load_finding(l, i, &l->names[NAME_FINDING].items[i]);
    load_measured_by(l);
    place_in_frame(l);
    refuse_circles(l);
}

/* ---- which rules look at a finding ---- */

/* Circles of `if` have been refused by now, or the dialog will not be used. */
static void add_looked_at(const struct loader *l, const struct guard *g, struct finding_set *seen) {
    for (size_t n = 0; n < g->count; n++) {
        uint16_t f = g->nodes[n].finding;
        if (!looks_at_finding(&g->nodes[n]) || finding_set_has(seen, f))
            continue;
        finding_set_add(seen, f);
        add_looked_at(l, &l->findings[f].only_if, seen);
    }
}

void load_rule_refs(struct loader *l) {
    struct finding_set *seen = LOAD_WORK(l, struct finding_set, l->d->rule_count);
    if (!seen)
        return;
    for (uint16_t r = 0; r < l->d->rule_count; r++)
        add_looked_at(l, &l->rules[r].when, &seen[r]);
    for (uint16_t f = 0; f < l->d->finding_count; f++) {
        uint16_t count = 0;
        for (uint16_t r = 0; r < l->d->rule_count; r++)
            count = (uint16_t)(count + finding_set_has(&seen[r], f));
        uint16_t *rules = LOAD_OUT(l, uint16_t, count);
        if (!rules)
            return;
        l->findings[f].rules = rules;
        for (uint16_t r = 0; r < l->d->rule_count; r++)
            if (finding_set_has(&seen[r], f))
                rules[l->findings[f].rule_count++] = r;
    }
}
