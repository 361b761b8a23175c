#include <string.h>

#include "dialog/load_work.h"

/* words.yaml into the lexicon, and the phrases of all sections with their meanings. */

enum { FIRST_MEANINGS = 1024 };

/* ---- phrases ---- */

static bool is_same(const struct meaning *a, const struct meaning *b) {
    return a->kind == b->kind && a->target == b->target && a->number == b->number && value_equal(a->value, b->value) &&
           a->value.number == b->value.number;
}

static bool is_of_finding(const struct meaning *m) { return m->kind == MEANS_VALUE || m->kind == MEANS_NOTHING; }

/* A phrase that means two things of one finding means neither. */
/* One name may mean two members of a set: a tablet that is two medicines in one. */
static bool contradicts(const struct loader *l, const struct meaning *a, const struct meaning *b) {
    if (is_of_finding(a) && is_of_finding(b)) {
        bool members = a->kind == MEANS_VALUE && b->kind == MEANS_VALUE && a->value.number != 0 && b->value.number != 0;
        return a->target == b->target && !(members && l->findings[a->target].kind == FINDING_SET);
    }
    return a->kind == b->kind && (a->kind == MEANS_COMMAND || (a->kind == MEANS_EACH && a->target == b->target));
}

static bool grow_meanings(struct loader *l) {
    uint32_t cap = l->meant_cap ? l->meant_cap * 2 : FIRST_MEANINGS;
    struct meant *meant = LOAD_WORK(l, struct meant, cap);
    uint32_t *last = LOAD_WORK(l, uint32_t, cap); /* no more phrases than meanings */
    if (!meant || !last)
        return false;
    if (l->meant_count > 0) {
        memcpy(meant, l->meant, l->meant_count * sizeof *meant);
        memcpy(last, l->phrase_last, l->meant_count * sizeof *last);
    }
    l->meant = meant;
    l->phrase_last = last;
    l->meant_cap = cap;
    return true;
}

static void add_meaning(struct loader *l, uint32_t phrase, const struct node *at, struct str text,
                        struct meaning meaning) {
    if (l->meant_count == l->meant_cap && !grow_meanings(l))
        return;
    uint32_t last = l->phrase_last[phrase];
    for (uint32_t i = last; i > 0; i = l->meant[i - 1].before) {
        const struct meant *other = &l->meant[i - 1];
        bool same = is_same(&other->meaning, &meaning);
        if (!same && !contradicts(l, &other->meaning, &meaning))
            continue;
        complain(l, at,
                 same ? "the phrase \"%.*s\" is here already, in line %u of %.*s"
                      : "the phrase \"%.*s\" means something else in line %u of %.*s",
                 STR_ARG(shown(l, text)), other->at->line, STR_ARG(other->at->file->name));
        return;
    }
    l->meant[l->meant_count] = (struct meant){meaning, at, phrase, last};
    l->phrase_last[phrase] = ++l->meant_count;
}

/* Marks the groups in <...> as used. */
static bool check_groups(struct loader *l, const struct node *n, struct str phrase) {
    bool fine = true;
    size_t start = (size_t)(phrase.ptr - n->text.ptr);
    for (size_t i = 0; i < phrase.len; i++) {
        if (phrase.ptr[i] != '<')
            continue;
        size_t length = str_find(str_slice(phrase, i + 1, phrase.len), STR(">"));
        if (length == SIZE_MAX) {
            complain_inside(l, n, start + i, "a < without its >");
            return false;
        }
        fine &= refer_inside(l, NAME_GROUP, n, start + i + 1, str_slice(phrase, i + 1, length)) != NULL;
        i += length + 1;
    }
    return fine;
}

static bool is_filler(struct loader *l, struct str word) { return names_find(&l->fillers, word) != NULL; }

static bool is_all_fillers(struct loader *l, struct str phrase) {
    while (phrase.len > 0) {
        struct str word = str_cut(&phrase, ' ');
        if (word.len > 0 && !is_filler(l, word))
            return false;
    }
    return true;
}

static void load_one_phrase(struct loader *l, const struct node *n, struct str phrase, struct meaning meaning) {
    phrase = str_trim(phrase);
    if (phrase.len > 0 && phrase.ptr[0] == '~') {
        meaning.only_asked = true;
        phrase = str_trim(str_slice(phrase, 1, phrase.len));
    }
    if (phrase.len == 0) {
        complain(l, n, "a phrase is missing here");
        return;
    }
    const struct name *known = names_find(&l->phrases, phrase);
    if (known) {
        add_meaning(l, known->index, n, phrase, meaning);
        return;
    }
    if (!check_groups(l, n, phrase))
        return;
    if (is_all_fillers(l, phrase)) {
        complain(l, n, "the phrase \"%.*s\" is made of fillers alone and can never match", STR_ARG(shown(l, phrase)));
        return;
    }
    struct err e = {0};
    uint32_t id;
    if (!lexicon_add_phrase(l->lexicon, phrase, &id, &e)) {
        complain(l, n, "%s", e.message);
        return;
    }
    struct name *name = names_add(&l->phrases, phrase, n, n);
    if (!name) {
        l->full = true;
        return;
    }
    name->index = id;
    add_meaning(l, id, n, phrase, meaning);
}

void load_phrase(struct loader *l, const struct node *n, struct meaning meaning) {
    load_one_phrase(l, n, n->text, meaning);
}

/* Takes the first of "coffee/coffees/24/7 cola" off: the slash of "24/7" parts nothing. */
static struct str cut_phrase(struct str *rest) {
    struct str whole = *rest;
    for (size_t i = 0; i < whole.len; i++) {
        bool in_number = i > 0 && i + 1 < whole.len && str_is_digit(whole.ptr[i - 1]) && str_is_digit(whole.ptr[i + 1]);
        if (whole.ptr[i] != '/' || in_number)
            continue;
        *rest = str_slice(whole, i + 1, whole.len);
        return str_slice(whole, 0, i);
    }
    *rest = STR_NONE;
    return whole;
}

void load_phrase_key(struct loader *l, const struct node *key, struct meaning meaning) {
    struct str rest = key->text;
    if (memchr(rest.ptr, '+', rest.len)) {
        load_one_phrase(l, key, rest, meaning); /* here a slash parts words */
        return;
    }
    do
        load_one_phrase(l, key, cut_phrase(&rest), meaning);
    while (rest.len > 0);
}

void load_phrases(struct loader *l, const struct node *list, struct meaning meaning) {
    for (const struct node *m = list_first(l, list); m; m = list_next(l, m))
        load_phrase(l, m, meaning);
}

static void seal(struct loader *l) {
    struct err e = {0};
    uint32_t bad = UINT32_MAX;
    if (lexicon_seal(l->lexicon, &bad, &e))
        return;
    const struct node *at = NULL;
    for (uint32_t i = 0; i < l->phrases.count; i++)
        if (l->phrases.items[i].index == bad)
            at = l->phrases.items[i].key;
    complain(l, at, "%s", e.message);
}

static bool says_no(const struct finding *f, const struct meaning *m) {
    if (m->kind != MEANS_VALUE || m->value.state != VALUE_KNOWN)
        return false;
    if (f->kind != FINDING_CHOICE)
        return m->value.number == 0;
    struct str option = f->options[(uint16_t)m->value.number].name;
    return str_equal(option, STR("no")) || str_equal(option, STR("none"));
}

/* Tells the lexicon which phrases deny. */
static void set_denials(struct loader *l, const struct meaning *meanings, const uint32_t *first, uint32_t count) {
    uint64_t *bits = LOAD_OUT(l, uint64_t, count / 64 + 1);
    for (uint32_t p = 0; p < count && bits; p++) {
        bool denies = first[p] < first[p + 1];
        for (uint32_t m = first[p]; m < first[p + 1]; m++)
            denies &= meanings[m].kind == MEANS_VALUE && says_no(&l->findings[meanings[m].target], &meanings[m]);
        if (denies)
            bits[p / 64] |= UINT64_C(1) << p % 64;
    }
    if (bits)
        lexicon_set_denials(l->lexicon, bits);
}

/* Phrase by phrase, each phrase's in the order of the files. */
void load_meanings(struct loader *l) {
    seal(l);
    uint32_t count = l->phrases.count;
    struct meaning *meanings = LOAD_OUT(l, struct meaning, l->meant_count);
    uint32_t *first = LOAD_OUT(l, uint32_t, count + (size_t)2);
    struct str *texts = LOAD_OUT(l, struct str, count);
    uint8_t *kinds = LOAD_OUT(l, uint8_t, count);
    if (!meanings || !first || !texts || !kinds)
        return;
    for (uint32_t i = 0; i < l->meant_count; i++)
        first[l->meant[i].phrase + 2]++;
    for (uint32_t p = 2; p < count + 2; p++)
        first[p] += first[p - 1];
    for (uint32_t i = 0; i < l->meant_count; i++)
        meanings[first[l->meant[i].phrase + 1]++] = l->meant[i].meaning;
    for (uint32_t i = 0; i < l->meant_count; i++)
        kinds[l->meant[i].phrase] |= (uint8_t)(1u << l->meant[i].meaning.kind);
    for (uint32_t p = 0; p < count; p++)
        texts[l->phrases.items[p].index] = load_copy(l, l->phrases.items[p].text);
    set_denials(l, meanings, first, count);
    l->d->meanings = meanings;
    l->d->phrase_meaning = first;
    l->d->phrase_kinds = kinds;
    l->d->phrase_text = texts;
    l->d->phrase_count = count;
}

/* ---- words.yaml ---- */

typedef bool add_word(struct lexicon *l, struct str word, struct err *e);

static void load_word_list(struct loader *l, const struct node *list, add_word *add) {
    for (const struct node *m = list_first(l, list); m; m = list_next(l, m)) {
        struct err e = {0};
        if (!add(l->lexicon, m->text, &e))
            complain(l, m, "%s", e.message);
    }
}

static void load_fillers(struct loader *l, const struct node *list) {
    for (const struct node *m = list_first(l, list); m; m = list_next(l, m)) {
        struct err e = {0};
        if (names_find(&l->fillers, m->text))
            complain(l, m, "\"%.*s\" is in this list twice", STR_ARG(shown(l, m->text)));
        else if (!names_add(&l->fillers, m->text, m, m))
            l->full = true;
        else if (!lexicon_add_filler(l->lexicon, m->text, &e))
            complain(l, m, "%s", e.message);
    }
}

static void load_expansions(struct loader *l, const struct node *map) {
    for (const struct node *m = map && expect(l, map, NODE_MAP) ? map->first : NULL; m; m = m->next) {
        struct err e = {0};
        struct str words = read_text(l, m);
        if (words.len > 0 && !lexicon_add_expansion(l->lexicon, m->key->text, words, &e))
            complain(l, m->key, "%s", e.message);
    }
}

static void load_groups(struct loader *l, const struct node *map) {
    for (const struct node *g = map && expect(l, map, NODE_MAP) ? map->first : NULL; g; g = g->next) {
        if (g->kind == NODE_LIST && g->count == 0)
            complain(l, g, "an empty group can never match");
        for (const struct node *m = list_first(l, g); m; m = list_next(l, m)) {
            struct err e = {0};
            if (memchr(m->text.ptr, '<', m->text.len))
                complain(l, m, "a group cannot stand inside a group");
            else if (!lexicon_add_to_group(l->lexicon, g->key->text, m->text, &e))
                complain(l, m, "%s", e.message);
        }
    }
}

static void load_cues(struct loader *l, const struct node *map) {
    static const char *const words[] = {
#define X(name, word) word,
        CUE_KINDS(X)
#undef X
    };
    struct fields f = fields_of(l, map, "list of cues");
    for (unsigned kind = 0; kind < CUE_COUNT; kind++) {
        const struct node *list = field(&f, words[kind]);
        for (const struct node *m = list_first(l, list); m; m = list_next(l, m)) {
            struct err e = {0};
            if (!lexicon_add_cue(l->lexicon, (enum cue_kind)kind, m->text, &e))
                complain(l, m, "%s", e.message);
        }
    }
    fields_end(&f);
}

static void load_commands(struct loader *l, const struct node *map) {
    static const char *const words[] = {
#define X(name, word) word,
        COMMANDS(X)
#undef X
    };
    struct fields f = fields_of(l, map, "list of commands");
    for (unsigned c = 0; c < COMMAND_COUNT; c++)
        load_phrases(l, field_needed(&f, words[c]), (struct meaning){.kind = MEANS_COMMAND, .target = (uint16_t)c});
    fields_end(&f);
}

void load_words(struct loader *l) {
    bool commands = false;
    for (size_t i = 0; i < l->word_file_count; i++) {
        struct fields f = fields_of(l, l->words[i], "words file");
        load_fillers(l, field(&f, "fillers"));
        load_expansions(l, field(&f, "expand"));
        load_word_list(l, field(&f, "harmless"), lexicon_add_harmless);
        load_groups(l, field(&f, "groups"));
        load_cues(l, field(&f, "cues"));
        field(&f, "commands");
        fields_end(&f);
    }
    /* Phrases need all fillers and groups. */
    for (size_t i = 0; i < l->word_file_count; i++) {
        struct fields f = fields_of(l, l->words[i], "words file");
        const struct node *map = field(&f, "commands");
        if (map)
            load_commands(l, map);
        commands |= map != NULL;
    }
    if (!commands)
        complain(l, NULL, "no \"commands\" in words.yaml: the words that always work (help, back, stop ...)");
}
