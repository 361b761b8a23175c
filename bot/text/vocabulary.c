#include "text/vocabulary.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

/* No suffix that the English stemmer knows ends in such a letter, so words that do are their own stem. Those of two letters are too. */
static bool is_own_stem(struct str word) {
    static const char never_ends_a_suffix[] = "abfhjkopquvwxz";
    return word.len <= 2 || memchr(never_ends_a_suffix, word.ptr[word.len - 1], sizeof never_ends_a_suffix - 1);
}

struct str stem_of(struct str word) {
    /* A stemmer is the library's scratch paper: nothing of one word is left for the next. One is kept for good, because making one takes
     * longer than using it. */
    static _Thread_local struct sb_stemmer *stemmer;
    if (is_own_stem(word))
        return word;
    if (!stemmer)
        stemmer = sb_stemmer_new("english", NULL);
    if (!stemmer || word.len > WORD_BYTES_MAX)
        return word;
    const sb_symbol *stem = sb_stemmer_stem(stemmer, (const sb_symbol *)word.ptr, (int)word.len);
    if (!stem)
        return word;
    return (struct str){(const char *)stem, (size_t)sb_stemmer_length(stemmer)};
}

void vocabulary_init(struct vocabulary *v) {
    *v = (struct vocabulary){.form_count = 1, .stem_count = 1, .expanded_count = 1};
}

void vocabulary_finish(struct vocabulary *v) {
    free(v->forms);
    free(v->stems);
    free(v->pool);
    free(v->expanded);
    free(v->form_slots);
    free(v->stem_slots);
    *v = (struct vocabulary){0};
}

/* Makes room for `count` elements behind `used`, zeroed. */
static bool grow(struct vocabulary *v, void *array, size_t *cap, size_t used, size_t count, size_t size) {
    void **old = array;
    if (used + count <= *cap)
        return true;
    size_t wanted = *cap * 2 > used + count ? *cap * 2 : used + count + 256;
    char *bigger = realloc(*old, wanted * size);
    if (!bigger) {
        v->failed = true;
        return false;
    }
    memset(bigger + *cap * size, 0, (wanted - *cap) * size);
    *old = bigger;
    *cap = wanted;
    return true;
}

static void slots_put(struct form_slot *slots, uint32_t mask, uint32_t hash, uint32_t id) {
    uint32_t at = hash & mask;
    while (slots[at].form)
        at = (at + 1) & mask;
    slots[at] = (struct form_slot){hash, id};
}

/* At most two thirds full. */
static bool slots_room(struct vocabulary *v, struct form_slot **slots, uint32_t *mask, size_t used) {
    size_t have = *slots ? (size_t)*mask + 1 : 0;
    if ((used + 1) * 3 <= have * 2)
        return true;
    size_t wanted = have ? have * 2 : 512;
    struct form_slot *bigger = calloc(wanted, sizeof *bigger);
    if (!bigger) {
        v->failed = true;
        return false;
    }
    for (size_t i = 0; i < have; i++)
        if ((*slots)[i].form)
            slots_put(bigger, (uint32_t)(wanted - 1), (*slots)[i].hash, (*slots)[i].form);
    free(*slots);
    *slots = bigger;
    *mask = (uint32_t)(wanted - 1);
    return true;
}

/* Hashes a word that may have nothing readable behind it. */
static uint32_t hash_of(struct str word) {
    char padded[WORD_BYTES_MAX + FOLD_SLACK] = {0};
    if (word.len)
        memcpy(padded, word.ptr, word.len);
    return fold_hash(padded, word.len);
}

uint32_t vocabulary_find_stem(const struct vocabulary *v, struct str stem) {
    if (!v->stem_slots || stem.len == 0 || stem.len > WORD_BYTES_MAX)
        return 0;
    uint32_t hash = hash_of(stem);
    for (uint32_t at = hash & v->stem_mask; v->stem_slots[at].form; at = (at + 1) & v->stem_mask)
        if (v->stem_slots[at].hash == hash && str_equal(stem_text(v, v->stem_slots[at].form), stem))
            return v->stem_slots[at].form;
    return 0;
}

/* The pool keeps FOLD_SLACK zero bytes behind the last text. */
static bool pool_add(struct vocabulary *v, struct str text, uint32_t *at) {
    if (!grow(v, &v->pool, &v->pool_cap, v->pool_len, text.len + FOLD_SLACK, 1))
        return false;
    memcpy(v->pool + v->pool_len, text.ptr, text.len);
    *at = (uint32_t)v->pool_len;
    v->pool_len += text.len;
    return true;
}

static uint32_t add_stem(struct vocabulary *v, struct str stem) {
    uint32_t id = vocabulary_find_stem(v, stem);
    if (id)
        return id;
    struct stem new = {.length = (uint8_t)stem.len};
    if (!grow(v, &v->stems, &v->stem_cap, v->stem_count, 1, sizeof *v->stems) ||
        !slots_room(v, &v->stem_slots, &v->stem_mask, v->stem_count) || !pool_add(v, stem, &new.text))
        return 0;
    id = (uint32_t)v->stem_count++;
    v->stems[id] = new;
    slots_put(v->stem_slots, v->stem_mask, hash_of(stem), id);
    return id;
}

uint32_t vocabulary_add(struct vocabulary *v, struct str word) {
    if (word.len == 0 || word.len > WORD_BYTES_MAX)
        return 0;
    uint32_t hash = hash_of(word);
    uint32_t id = vocabulary_find(v, word.ptr, word.len, hash);
    if (id)
        return id;
    struct form new = {.length = (uint8_t)word.len};
    memcpy(&new.head, word.ptr, word.len < sizeof new.head ? word.len : sizeof new.head);
    if (!grow(v, &v->forms, &v->form_cap, v->form_count, 1, sizeof *v->forms) ||
        !slots_room(v, &v->form_slots, &v->form_mask, v->form_count) || !pool_add(v, word, &new.text))
        return 0;
    new.stem = add_stem(v, stem_of(word));
    id = (uint32_t)v->form_count++;
    v->forms[id] = new;
    slots_put(v->form_slots, v->form_mask, hash, id);
    return id;
}

bool vocabulary_expand(struct vocabulary *v, uint32_t form, const uint32_t *forms, size_t count) {
    if (!grow(v, &v->expanded, &v->expanded_cap, v->expanded_count, count + 1, sizeof *v->expanded))
        return false;
    v->forms[form].stem = (uint32_t)v->expanded_count;
    v->forms[form].flags |= FORM_EXPANDS;
    v->expanded[v->expanded_count++] = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        v->expanded[v->expanded_count++] = forms[i];
    return true;
}

static void *settled(struct arena *a, const void *from, size_t count, size_t extra, size_t size) {
    void *to = arena_alloc(a, count + extra, size);
    if (to && from)
        memcpy(to, from, count * size);
    return to;
}

bool vocabulary_settle(struct vocabulary *v, struct arena *a) {
    struct vocabulary s = *v;
    s.forms = settled(a, v->forms, v->forms ? v->form_count : 0, 1, sizeof *s.forms);
    s.stems = settled(a, v->stems, v->stems ? v->stem_count : 0, 1, sizeof *s.stems);
    s.pool = settled(a, v->pool, v->pool_len, FOLD_SLACK, 1);
    s.expanded = settled(a, v->expanded, v->expanded ? v->expanded_count : 0, 1, sizeof *s.expanded);
    s.form_slots = settled(a, v->form_slots, v->form_slots ? (size_t)v->form_mask + 1 : 0, 1, sizeof *s.form_slots);
    s.stem_slots = settled(a, v->stem_slots, v->stem_slots ? (size_t)v->stem_mask + 1 : 0, 1, sizeof *s.stem_slots);
    bool ok = s.forms && s.stems && s.pool && s.expanded && s.form_slots && s.stem_slots && !v->failed;
    vocabulary_finish(v);
    if (ok)
        *v = s;
    return ok;
}
