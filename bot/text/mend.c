#include "text/mend.h"

#include <string.h>

#include "text/fold.h"
#include "text/inside.h"
#include "text/reading.h"

enum {
    MEMO_SETS = 2048,    /* a power of two */
    MEMO_WAYS = 2,       /* words of a set; the one worked out longest ago goes */
    MEMO_BYTES_MAX = 24, /* longer words are worked out each time */
    HALF_MIN = 2,        /* letters of a word that was run together with another */
    CONTENT_MIN = 3,
};

struct memo_entry {
    uint32_t hash;
    struct resolution meaning;
    uint8_t len; /* 0: free */
    char text[MEMO_BYTES_MAX];
};

struct memo {
    struct memo_entry entries[MEMO_SETS][MEMO_WAYS];
};

struct memo *memo_new(struct arena *a) {
    return ARENA_NEW(a, struct memo);
}

static struct resolution of_form(const struct vocabulary *v, uint32_t form, unsigned flags) {
    return (struct resolution){.form = form, .stem = v->forms[form].stem, .flags = (uint8_t)flags};
}

/* As it is written, or by its stem. `word` is padded. */
static bool find_known(const struct vocabulary *v, struct str word, unsigned flags, struct resolution *out) {
    uint32_t form = vocabulary_find(v, word.ptr, word.len, fold_hash(word.ptr, word.len));
    uint32_t stem = form ? 0 : vocabulary_find_stem(v, stem_of(word));
    *out = form ? of_form(v, form, flags) : (struct resolution){.stem = stem, .flags = (uint8_t)flags};
    return form || stem;
}

/* "nooo", "soooo", "painnnn": three of a letter or more stand for two or for one. */
static bool find_held_down(const struct vocabulary *v, struct str word, struct resolution *out) {
    for (size_t most = 2; most >= 1; most--) {
        char shorter[WORD_BYTES_MAX + FOLD_SLACK] = {0};
        size_t len = 0;
        bool held = false;
        for (size_t i = 0; i < word.len;) {
            size_t run = 1;
            while (i + run < word.len && word.ptr[i + run] == word.ptr[i])
                run++;
            size_t keep = run >= 3 ? most : run;
            held |= run >= 3;
            memset(shorter + len, word.ptr[i], keep);
            len += keep;
            i += run;
        }
        if (!held)
            return false;
        if (find_known(v, (struct str){shorter, len}, TOKEN_MENDED, out))
            return true;
    }
    return false;
}

/* Small words that people run into the next one or the last, and that begin or end few English words. */
static bool is_one_of(struct str word, const struct str *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(word, list[i]))
            return true;
    return false;
}

static bool may_begin(struct str word) {
    static const struct str list[] = {
        STR_INIT("my"),   STR_INIT("the"),  STR_INIT("is"),  STR_INIT("it"),   STR_INIT("and"),
        STR_INIT("are"),  STR_INIT("was"),  STR_INIT("has"), STR_INIT("have"), STR_INIT("had"),
        STR_INIT("its"),  STR_INIT("his"),  STR_INIT("her"), STR_INIT("our"),  STR_INIT("your"),
        STR_INIT("this"), STR_INIT("that"), STR_INIT("got"), STR_INIT("im"),
    };
    return is_one_of(word, list, sizeof list / sizeof *list);
}

static bool may_end(struct str word) {
    static const struct str list[] = {
        STR_INIT("is"),  STR_INIT("are"), STR_INIT("was"), STR_INIT("my"),   STR_INIT("the"),   STR_INIT("and"),
        STR_INIT("has"), STR_INIT("it"),  STR_INIT("but"), STR_INIT("when"), STR_INIT("keeps"),
    };
    return is_one_of(word, list, sizeof list / sizeof *list);
}

/* Whether two known words may have been run together: a small word and one of a phrase, or two that begin a phrase. */
static bool go_together(const struct lexicon *l, uint32_t first, uint32_t second) {
    const struct form *a = &l->words.forms[first], *b = &l->words.forms[second];
    struct str a_text = form_text(&l->words, first), b_text = form_text(&l->words, second);
    bool a_content = a->flags & FORM_CONTENT && !(a->flags & (FORM_FILLER | FORM_EXPANDS)) && a->length >= CONTENT_MIN;
    bool b_content = b->flags & FORM_CONTENT && !(b->flags & (FORM_FILLER | FORM_EXPANDS)) && b->length >= CONTENT_MIN;
    if (str_equal(b_text, STR("self")))
        return false;
    if ((b_content && may_begin(a_text)) || (a_content && may_end(b_text)))
        return true;
    uint32_t stems[2] = {a->stem, b->stem};
    return a_content && b_content && automaton_knows(&l->phrases, stems, 2);
}

static bool find_run_together(const struct lexicon *l, struct str word, struct resolution *out) {
    const struct vocabulary *v = &l->words;
    for (size_t split = HALF_MIN; split + HALF_MIN <= word.len; split++) {
        char first[WORD_BYTES_MAX + FOLD_SLACK] = {0};
        memcpy(first, word.ptr, split);
        uint32_t a = vocabulary_find(v, first, split, fold_hash(first, split));
        if (!a)
            continue;
        const char *rest = word.ptr + split;
        uint32_t b = vocabulary_find(v, rest, word.len - split, fold_hash(rest, word.len - split));
        if (b && go_together(l, a, b)) {
            *out = of_form(v, a, TOKEN_MENDED | TOKEN_GUESSED);
            out->second = b;
            out->split = (uint8_t)split;
            return true;
        }
    }
    return false;
}

static struct resolution of_slip(const struct vocabulary *v, struct slip slip) {
    unsigned flags = TOKEN_MENDED | (slip.guessed ? TOKEN_GUESSED : 0U);
    if (slip.target & TARGET_IS_STEM)
        return (struct resolution){.stem = slip.target & ~TARGET_IS_STEM, .flags = (uint8_t)flags};
    return of_form(v, slip.target, flags);
}

static struct resolution work_out(const struct lexicon *l, struct str word) {
    struct resolution r;
    if (find_known(&l->words, word, 0, &r) || find_held_down(&l->words, word, &r))
        return r;
    struct slip slip = slips_find(&l->slips, &l->words, word, stem_of(word));
    if (slip.target && !slip.guessed)
        return of_slip(&l->words, slip);
    if (find_run_together(l, word, &r))
        return r;
    return slip.target ? of_slip(&l->words, slip) : (struct resolution){0};
}

struct resolution mend(const struct lexicon *l, struct str word, uint32_t hash) {
    if (word.len == 0 || word.len > WORD_BYTES_MAX)
        return (struct resolution){0};
    struct memo_entry *set = l->memo->entries[hash & (MEMO_SETS - 1)];
    for (size_t i = 0; i < MEMO_WAYS; i++)
        if (set[i].hash == hash && set[i].len == word.len && memcmp(set[i].text, word.ptr, word.len) == 0)
            return set[i].meaning;
    struct resolution meaning = work_out(l, word);
    if (word.len <= MEMO_BYTES_MAX) {
        memmove(set + 1, set, (MEMO_WAYS - 1) * sizeof *set);
        *set = (struct memo_entry){.hash = hash, .meaning = meaning, .len = (uint8_t)word.len};
        memcpy(set->text, word.ptr, word.len);
    }
    return meaning;
}
