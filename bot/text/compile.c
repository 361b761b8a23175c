#include <stdlib.h>
#include <string.h>

#include "text/choices.h"
#include "text/contraction.h"
#include "text/fold.h"
#include "text/inside.h"
#include "text/split.h"
#include "text/words.h"

enum {
    PATTERNS_MAX = 4096, /* of one part of a phrase: the product of its alternatives and groups */
    PATTERNS_TOTAL_MAX = 200 * 1000, /* of a dialog: some 200 bytes each; a large one has a tenth */
    GROUP_DEPTH_MAX = 12,
};

struct group {
    struct str name;
    size_t first, count; /* in members */
};

struct member {
    struct str name, text;
};

/* A word of a pattern that is being put together. */
struct atom {
    uint32_t form;
    bool exact;
};

struct compiler {
    struct lexicon *l;
    struct err *e;
    struct member *members; /* sorted by name */
    struct group *groups;   /* sorted by name */
    size_t member_count, group_count;
    /* the pattern at hand */
    struct str phrase; /* the whole, for messages */
    bool is_cue;
    uint32_t value;
    struct atom atoms[SEQUENCE_MAX + 1];
    size_t atom_count, pattern_count, pattern_total;
    unsigned depth;
    /* what comes out beside the automata */
    uint32_t *exacts;
    size_t exact_count, exact_cap;
    struct spread *spreads;
    size_t spread_count, spread_cap;
    struct str *parts; /* text of each part */
    size_t part_count, part_cap;
    uint32_t *part_slots;
    size_t part_slot_count;
};

static bool out_of_memory(struct compiler *c) {
    return err_set(c->e, ERR_LIMIT, "no memory for the words of the dialog");
}

static bool grow(struct compiler *c, void *array, size_t *cap, size_t wanted, size_t size) {
    void **old = array;
    if (wanted <= *cap)
        return true;
    size_t new_cap = wanted > *cap * 2 ? wanted + 64 : *cap * 2;
    void *bigger = realloc(*old, new_cap * size);
    if (!bigger)
        return out_of_memory(c);
    *old = bigger;
    *cap = new_cap;
    return true;
}

/* --- Words --- */

/* Calls back for each word of folded text, opened as in a message. */
struct words_at {
    char text[PHRASE_BYTES_MAX * 2 + 64 + FOLD_SLACK];
    struct splitter splitter;
};

static void words_begin(struct words_at *w, struct str text) {
    memcpy(w->text, text.ptr, text.len);
    memset(w->text + text.len, 0, FOLD_SLACK);
    w->splitter = (struct splitter){w->text, text.len, 0};
}

/* The forms of the next piece; returns how many, 0 at the end. `out` holds SEQUENCE_MAX. */
static size_t words_next(struct words_at *w, struct vocabulary *v, uint32_t *out) {
    struct piece p;
    while (split_next(&w->splitter, &p)) {
        uint32_t form = vocabulary_find(v, p.text, p.len, p.hash);
        if (form && v->forms[form].flags & FORM_EXPANDS) {
            const uint32_t *expanded = v->expanded + v->forms[form].stem;
            size_t count = *expanded < SEQUENCE_MAX ? *expanded : SEQUENCE_MAX;
            memcpy(out, expanded + 1, count * sizeof *out);
            return count;
        }
        if (p.kind == PIECE_SYMBOL)
            continue;
        if (form) {
            *out = form;
            return 1;
        }
        struct str words[2] = {{p.text, p.len}};
        size_t count = p.apostrophe ? contraction_open(w->text + p.start, p.len, words) : 1;
        size_t known = 0;
        for (size_t i = 0; i < count; i++) {
            out[known] = vocabulary_add(v, words[i]);
            known += out[known] != 0;
        }
        if (known)
            return known;
    }
    return 0;
}

static void flag_words(struct vocabulary *v, struct str text, unsigned flags) {
    struct words_at w;
    uint32_t forms[SEQUENCE_MAX];
    words_begin(&w, text);
    for (size_t count; (count = words_next(&w, v, forms)) > 0;)
        for (size_t i = 0; i < count; i++)
            v->forms[forms[i]].flags |= (uint8_t)flags;
}

static bool add_expansion(struct compiler *c, struct str name, struct str text) {
    struct vocabulary *v = &c->l->words;
    struct words_at w;
    uint32_t forms[SEQUENCE_MAX * 2];
    size_t count = 0;
    words_begin(&w, text);
    for (size_t more; count < SEQUENCE_MAX && (more = words_next(&w, v, forms + count)) > 0;)
        count += more;
    uint32_t form = vocabulary_add(v, name);
    if (!form || !vocabulary_expand(v, form, forms, count))
        return out_of_memory(c);
    return true;
}

static void add_number_words(struct vocabulary *v) {
    for (size_t i = 0; i < number_word_count; i++) {
        uint32_t form = vocabulary_add(v, str_of(number_words[i].word));
        if (form) {
            v->forms[form].number_word = (uint16_t)(i + 1);
            v->forms[form].kinds = number_words[i].kinds;
            v->forms[form].glue = number_words[i].kinds & WORD_GLUE ? (uint8_t)number_words[i].value : GLUE_NONE;
            v->forms[form].flags |= FORM_TARGET;
        }
    }
}

/* Fillers, harmless words and number words. Expansions come after them all, so that the words of one are not expanded again. */
static bool add_words(struct compiler *c) {
    struct entry entry;
    add_number_words(&c->l->words);
    for (struct entries_at at = {c->l->entries.first, 0}; entries_next(&at, &entry);) {
        if (entry.kind == ENTRY_FILLER)
            flag_words(&c->l->words, entry.text, FORM_FILLER | FORM_TARGET);
        else if (entry.kind == ENTRY_HARMLESS)
            flag_words(&c->l->words, entry.text, 0);
    }
    for (struct entries_at at = {c->l->entries.first, 0}; entries_next(&at, &entry);)
        if (entry.kind == ENTRY_EXPANSION && !add_expansion(c, entry.name, entry.text))
            return false;
    return true;
}

/* --- Groups --- */

static int compare_members(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    return str_compare(x->name, y->name);
}

static bool index_groups(struct compiler *c) {
    struct entry entry;
    size_t cap = 0;
    for (struct entries_at at = {c->l->entries.first, 0}; entries_next(&at, &entry);) {
        if (entry.kind != ENTRY_MEMBER)
            continue;
        if (!grow(c, &c->members, &cap, c->member_count + 1, sizeof *c->members))
            return false;
        c->members[c->member_count++] = (struct member){entry.name, entry.text};
    }
    if (c->member_count == 0)
        return true;
    qsort(c->members, c->member_count, sizeof *c->members, compare_members);
    cap = 0;
    for (size_t i = 0; i < c->member_count; i++) {
        if (c->group_count == 0 || !str_equal(c->groups[c->group_count - 1].name, c->members[i].name)) {
            if (!grow(c, &c->groups, &cap, c->group_count + 1, sizeof *c->groups))
                return false;
            c->groups[c->group_count++] = (struct group){c->members[i].name, i, 0};
        }
        c->groups[c->group_count - 1].count++;
    }
    return true;
}

static int compare_group(const void *name, const void *group) {
    return str_compare(*(const struct str *)name, ((const struct group *)group)->name);
}

static const struct group *find_group(const struct compiler *c, struct str name) {
    return c->group_count ? bsearch(&name, c->groups, c->group_count, sizeof *c->groups, compare_group) : NULL;
}

static bool no_such_group(struct compiler *c, struct str name) {
    struct str nearest = STR_NONE;
    unsigned best = 3;
    for (size_t i = 0; i < c->group_count; i++) {
        unsigned distance = str_distance(name, c->groups[i].name, 2);
        if (distance < best) {
            best = distance;
            nearest = c->groups[i].name;
        }
    }
    if (nearest.len)
        return err_set(c->e, ERR_SCHEMA, "no group named \"%.*s\" in \"%.*s\"; did you mean \"%.*s\"", STR_ARG(name),
                       STR_ARG(c->phrase), STR_ARG(nearest));
    return err_set(c->e, ERR_SCHEMA, "no group named \"%.*s\" in \"%.*s\"", STR_ARG(name), STR_ARG(c->phrase));
}

/* --- Patterns: each way of reading a part, one after the other --- */

/* What is still to come behind the text at hand: the rest of the text that a group stands in. */
struct pending {
    struct str rest;
    const struct pending *outer;
};

static bool keep_exacts(struct compiler *c, const struct atom *atoms, size_t count, uint32_t *place) {
    size_t exact = 0;
    *place = 0;
    for (size_t i = 0; i < count; i++)
        exact += atoms[i].exact;
    if (exact == 0)
        return true;
    if (c->exact_count == 0)
        c->exact_count = 1; /* place 0 is none */
    if (!grow(c, &c->exacts, &c->exact_cap, c->exact_count + 1 + 2 * exact, sizeof *c->exacts))
        return false;
    *place = (uint32_t)c->exact_count;
    c->exacts[c->exact_count++] = (uint32_t)exact;
    for (size_t i = 0; i < count; i++)
        if (atoms[i].exact) {
            c->exacts[c->exact_count++] = (uint32_t)i;
            c->exacts[c->exact_count++] = atoms[i].form;
        }
    return true;
}

/* The atoms at hand are a whole pattern. */
static bool pattern_done(struct compiler *c) {
    struct vocabulary *v = &c->l->words;
    struct atom kept[SEQUENCE_MAX + 1];
    uint32_t symbols[SEQUENCE_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < c->atom_count; i++) {
        struct form *form = &v->forms[c->atoms[i].form];
        if (!c->is_cue && form->flags & FORM_FILLER)
            continue;
        kept[count] = c->atoms[i];
        symbols[count++] = form->stem;
        form->flags |= (uint8_t)(c->atoms[i].exact ? 0 : FORM_TARGET);
        struct stem *stem = &v->stems[form->stem];
        stem->flags |= c->is_cue ? FORM_CUE : FORM_CONTENT;
        if (stem->last_use != c->value + 1 && stem->uses < UINT16_MAX) /* one phrase may be many patterns */
            stem->uses++;
        stem->last_use = c->value + 1;
    }
    if (count == 0)
        return err_set(c->e, ERR_SCHEMA, "nothing but fillers, so it can never match: \"%.*s\"", STR_ARG(c->phrase));
    if (++c->pattern_count > PATTERNS_MAX)
        return err_set(c->e, ERR_LIMIT, "more than %d ways to read \"%.*s\": part it with \"+\"", PATTERNS_MAX,
                       STR_ARG(c->phrase));
    if (++c->pattern_total > PATTERNS_TOTAL_MAX)
        return err_set(c->e, ERR_LIMIT, "with \"%.*s\" all phrases together have more than %d ways to be read", STR_ARG(c->phrase),
                       PATTERNS_TOTAL_MAX);
    uint32_t exact;
    if (!keep_exacts(c, kept, count, &exact))
        return false;
    automaton_add(c->is_cue ? &c->l->cues : &c->l->phrases, symbols, count, c->value, exact);
    return true;
}

static bool read_on(struct compiler *c, struct str text, const struct pending *outer);

static bool read_group(struct compiler *c, struct str name, const struct pending *behind) {
    const struct group *group = find_group(c, name);
    if (!group)
        return no_such_group(c, name);
    if (c->depth == GROUP_DEPTH_MAX)
        return err_set(c->e, ERR_SCHEMA, "groups inside groups without end: <%.*s> in \"%.*s\"", STR_ARG(name),
                       STR_ARG(c->phrase));
    c->depth++;
    bool ok = true;
    for (size_t i = 0; ok && i < group->count; i++)
        ok = read_on(c, c->members[group->first + i].text, behind);
    c->depth--;
    return ok;
}

static bool read_words(struct compiler *c, struct str words, const struct pending *behind) {
    struct words_at w;
    uint32_t forms[SEQUENCE_MAX];
    bool exact = notation_is_exact(&words);
    words_begin(&w, words);
    for (size_t count; (count = words_next(&w, &c->l->words, forms)) > 0;)
        for (size_t i = 0; i < count; i++) {
            if (c->atom_count == SEQUENCE_MAX)
                return err_set(c->e, ERR_LIMIT, "more than %d words in \"%.*s\"", SEQUENCE_MAX, STR_ARG(c->phrase));
            c->atoms[c->atom_count++] = (struct atom){forms[i], exact};
        }
    return read_on(c, behind->rest, behind->outer);
}

/* Nothing but words: most phrases are read in one go. */
static bool is_plain(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '/' || text.ptr[i] == '<' || text.ptr[i] == '=')
            return false;
    return true;
}

static bool read_on(struct compiler *c, struct str text, const struct pending *outer) {
    if (text.len && is_plain(text)) {
        struct pending behind = {STR_NONE, outer};
        size_t before = c->atom_count;
        bool ok = read_words(c, text, &behind);
        c->atom_count = before;
        return ok;
    }
    struct str element = notation_element(&text);
    if (element.len == 0)
        return outer ? read_on(c, outer->rest, outer->outer) : pattern_done(c);
    struct pending behind = {text, outer};
    size_t before = c->atom_count;
    bool ok = true;
    while (ok && element.len) {
        struct str name, alternative = notation_alternative(&element);
        ok = notation_is_group(alternative, &name) ? read_group(c, name, &behind) : read_words(c, alternative, &behind);
        c->atom_count = before;
    }
    return ok;
}

static bool read_part(struct compiler *c, struct str text, uint32_t value) {
    c->value = value;
    c->atom_count = 0;
    c->pattern_count = 0;
    return read_on(c, text, NULL);
}

/* --- Phrases --- */

static bool parts_room(struct compiler *c) {
    if ((c->part_count + 1) * 2 <= c->part_slot_count)
        return true;
    size_t wanted = c->part_slot_count ? c->part_slot_count * 2 : 256;
    uint32_t *slots = calloc(wanted, sizeof *slots);
    if (!slots)
        return out_of_memory(c);
    for (size_t i = 0; i < c->part_count; i++) {
        size_t at = str_hash(c->parts[i]) & (wanted - 1);
        while (slots[at])
            at = (at + 1) & (wanted - 1);
        slots[at] = (uint32_t)(i + 1);
    }
    free(c->part_slots);
    c->part_slots = slots;
    c->part_slot_count = wanted;
    return true;
}

/* Phrases that have a part in common share it. */
static bool find_part(struct compiler *c, struct str text, uint32_t *id) {
    if (!parts_room(c))
        return false;
    size_t at = str_hash(text) & (c->part_slot_count - 1);
    for (; c->part_slots[at]; at = (at + 1) & (c->part_slot_count - 1)) {
        *id = c->part_slots[at] - 1;
        if (str_equal(c->parts[*id], text))
            return true;
    }
    if (!grow(c, &c->parts, &c->part_cap, c->part_count + 1, sizeof *c->parts))
        return false;
    *id = (uint32_t)c->part_count;
    c->parts[c->part_count++] = text;
    c->part_slots[at] = *id + 1;
    return read_part(c, text, value_of(*id, true));
}

static bool read_spread(struct compiler *c, struct str text, uint32_t phrase) {
    struct spread spread = {.phrase = phrase};
    struct str rest = text;
    while (rest.len) {
        uint32_t part;
        bool behind;
        if (!find_part(c, notation_part(&rest, &behind), &part))
            return false;
        for (uint32_t i = 0; i < spread.count; i++)
            if (spread.parts[i] == part)
                return err_set(c->e, ERR_SCHEMA, "the same part twice in \"%.*s\"", STR_ARG(text));
        spread.behind |= (uint32_t)behind << spread.count;
        spread.parts[spread.count++] = part;
    }
    if (!grow(c, &c->spreads, &c->spread_cap, c->spread_count + 1, sizeof *c->spreads))
        return false;
    c->spreads[c->spread_count++] = spread;
    return true;
}

static bool read_phrases(struct compiler *c, uint32_t *bad_phrase) {
    struct entry entry;
    uint32_t id = 0;
    for (struct entries_at at = {c->l->entries.first, 0}; entries_next(&at, &entry);) {
        c->phrase = entry.text;
        c->is_cue = entry.kind == ENTRY_CUE;
        bool ok = true;
        if (entry.kind == ENTRY_CUE) {
            ok = read_part(c, entry.text, value_of(entry.cue, false));
        } else if (entry.kind == ENTRY_PHRASE) {
            bool is_spread = str_find(entry.text, STR("+")) != SIZE_MAX;
            ok = is_spread ? read_spread(c, entry.text, id) : read_part(c, entry.text, value_of(id, false));
            if (!ok)
                *bad_phrase = id;
            id++;
        }
        if (!ok)
            return false;
    }
    return true;
}

/* --- Into the arena --- */

/* The part of a "+" phrase, but for one, that the fewest phrases have. The dialog's own use of a word tells how common it is in messages. */
static uint32_t rarest_part(const struct spread *spread, const uint32_t *uses, uint32_t but) {
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < spread->count; i++)
        if (spread->parts[i] != but && (best == UINT32_MAX || uses[spread->parts[i]] < uses[best]))
            best = spread->parts[i];
    return best;
}

/* Each "+" phrase is kept under one of its parts: a message that lacks it never looks at the phrase. */
static bool sort_spreads(struct compiler *c) {
    struct lexicon *l = c->l;
    l->spread_count = c->spread_count;
    l->part_count = c->part_count;
    l->spreads = ARENA_ARRAY(l->arena, struct spread, c->spread_count);
    uint32_t *uses = calloc(c->part_count + 1, sizeof *uses);
    uint32_t *counts = calloc(c->part_count + 1, sizeof *counts);
    uint32_t *from = calloc(c->part_count + 1, sizeof *from);
    uint32_t *partners = calloc(c->spread_count + 1, sizeof *partners);
    bool ok = l->spreads && uses && counts && from && partners;
    if (ok) {
        for (size_t i = 0; i < c->spread_count; i++)
            for (uint32_t p = 0; p < c->spreads[i].count; p++)
                uses[c->spreads[i].parts[p]]++;
        for (size_t i = 0; i < c->spread_count; i++)
            counts[rarest_part(&c->spreads[i], uses, UINT32_MAX)]++;
        for (size_t p = 0; p < c->part_count; p++)
            from[p + 1] = from[p] + counts[p];
        for (size_t i = 0; i < c->spread_count; i++) {
            uint32_t key = rarest_part(&c->spreads[i], uses, UINT32_MAX);
            uint32_t to = from[key] + --counts[key];
            l->spreads[to] = c->spreads[i];
            partners[to] = rarest_part(&c->spreads[i], uses, key);
        }
        ok = parts_build(l, from, partners);
    }
    free(uses);
    free(counts);
    free(from);
    free(partners);
    return ok || out_of_memory(c);
}

static bool settle(struct compiler *c) {
    struct lexicon *l = c->l;
    for (size_t i = 1; i < l->words.form_count; i++) {
        struct form *form = &l->words.forms[i];
        if (!(form->flags & FORM_EXPANDS))
            form->flags |= l->words.stems[form->stem].flags;
        if (choices_pick_by(form_text(&l->words, (uint32_t)i)))
            form->flags |= FORM_PICKS;
    }
    size_t stems = l->words.stem_count;
    bool ok = vocabulary_settle(&l->words, l->arena);
    ok = automaton_settle(&l->phrases, l->arena, stems) && ok;
    ok = automaton_settle(&l->cues, l->arena, stems) && ok;
    if (!ok || !slips_build(&l->slips, &l->words, l->arena))
        return out_of_memory(c);
    l->exacts = ARENA_ARRAY(l->arena, uint32_t, c->exact_count + 1);
    l->memo = memo_new(l->arena);
    if (!l->exacts || !l->memo)
        return out_of_memory(c);
    if (c->exact_count > 1)
        memcpy(l->exacts + 1, c->exacts + 1, (c->exact_count - 1) * sizeof *l->exacts);
    return sort_spreads(c);
}

bool lexicon_compile(struct lexicon *l, uint32_t *bad_phrase, struct err *e) {
    struct compiler c = {.l = l, .e = e};
    vocabulary_init(&l->words);
    automaton_init(&l->phrases);
    automaton_init(&l->cues);
    bool ok = index_groups(&c) && add_words(&c) && read_phrases(&c, bad_phrase);
    if (ok) {
        ok = settle(&c);
        l->arena = l->work = NULL;
        l->entries = (struct entries){0};
    } else {
        vocabulary_finish(&l->words);
        automaton_finish(&l->phrases);
        automaton_finish(&l->cues);
    }
    free(c.members);
    free(c.groups);
    free(c.exacts);
    free(c.spreads);
    free(c.parts);
    free(c.part_slots);
    return ok;
}
