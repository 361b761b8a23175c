/* Private to text/: the words a lexicon knows. A form is a word as written, a stem is what its forms share; both are numbers, 0 is none.
 *
 * While it is built it lives on the heap; vocabulary_settle() moves it into an arena, as small as it gets, and then it only answers. */
#ifndef TEXT_VOCABULARY_H
#define TEXT_VOCABULARY_H

#include "text/fold.h"

enum {
    WORD_BYTES_MAX = 40, /* longer words are nobody's words: never stemmed, never known */
};

enum form_flag {
    FORM_FILLER = 1 << 0,
    FORM_EXPANDS = 1 << 1, /* stands for other words: form.stem is its place in expanded[] */
    FORM_CUE = 1 << 2,     /* its stem is in a cue of several words or one */
    FORM_CONTENT = 1 << 3, /* in a phrase or a group */
    FORM_TARGET = 1 << 4,  /* a slip may be mended into it */
    FORM_PICKS = 1 << 5,   /* may pick from a list: "last", "other", "b" */
    FORM_ANY = 0xff,
};

struct form {
    uint64_t head; /* its first eight bytes, as fold_head() has them: short words are told apart without the pool */
    uint32_t text; /* in the pool */
    uint32_t stem;
    uint32_t kinds;       /* from here to glue as in struct word: enum word_kind of its number word */
    uint16_t number_word; /* index into number_words + 1, or 0 */
    uint8_t flags;        /* enum form_flag */
    uint8_t glue;         /* enum glue of its number word */
    uint8_t length;
    uint8_t gap[7]; /* zero: two loads of a dialog are compared byte by byte */
};

struct stem {
    uint32_t text;
    uint8_t length, flags; /* enum form_flag: CUE and CONTENT */
    uint16_t uses;         /* in how many phrases and parts of phrases it is */
    uint32_t last_use;     /* while compiling: the last of these, plus 1 */
};

struct form_slot {
    uint32_t hash, form;
};

struct vocabulary {
    struct form *forms; /* [0] is none */
    struct stem *stems; /* [0] is none */
    char *pool;
    uint32_t *expanded; /* count, then forms; [0] is unused */
    struct form_slot *form_slots;
    struct form_slot *stem_slots;
    size_t form_count, stem_count, pool_len, expanded_count;
    size_t form_cap, stem_cap, pool_cap, expanded_cap;
    uint32_t form_mask, stem_mask; /* slots - 1; slots are a power of two */
    bool failed;                   /* no memory: what was added after it is missing */
};

void vocabulary_init(struct vocabulary *v);
/* Frees what is on the heap; not to be called once settled. */
void vocabulary_finish(struct vocabulary *v);
bool vocabulary_settle(struct vocabulary *v, struct arena *a);

/* Finds or adds; 0 for a word that is empty or too long, and without memory. A new form gets the stem of its text. */
uint32_t vocabulary_add(struct vocabulary *v, struct str word);
/* Makes a form stand for others. */
bool vocabulary_expand(struct vocabulary *v, uint32_t form, const uint32_t *forms, size_t count);

uint32_t vocabulary_find_stem(const struct vocabulary *v, struct str stem);
/* The Snowball stem of a folded word; lasts until the next call in this thread. The word itself where it has none. */
struct str stem_of(struct str word);

static inline struct str form_text(const struct vocabulary *v, uint32_t form) {
    return (struct str){v->pool + v->forms[form].text, v->forms[form].length};
}

static inline struct str stem_text(const struct vocabulary *v, uint32_t stem) {
    return (struct str){v->pool + v->stems[stem].text, v->stems[stem].length};
}

/* 0: not known. hash is fold_hash() of text, and up to 7 bytes behind it are read. */
static inline uint32_t vocabulary_find(const struct vocabulary *v, const char *text, size_t len, uint32_t hash) {
    if (!v->form_slots || len == 0)
        return 0;
    for (uint32_t at = hash & v->form_mask;; at = (at + 1) & v->form_mask) {
        struct form_slot slot = v->form_slots[at];
        if (!slot.form)
            return 0;
        if (slot.hash == hash) {
            const struct form *form = &v->forms[slot.form];
            if (form->length == len && form->head == fold_head(fold_load(text), len < 8 ? len : 8) &&
                (len <= 8 || fold_same(v->pool + form->text, text, len)))
                return slot.form;
        }
    }
}

/* The same for words of letters in plain text, most of them short enough to be told apart by their first eight bytes. */
static inline uint32_t vocabulary_find_letters(const struct vocabulary *v, const char *text, size_t len) {
    if (len > 8 || !v->form_slots)
        return vocabulary_find(v, text, len, fold_hash(text, len));
    uint64_t head = fold_head(fold_load(text), len);
    uint32_t hash = fold_hash_head(head, len);
    for (uint32_t at = hash & v->form_mask;; at = (at + 1) & v->form_mask) {
        struct form_slot slot = v->form_slots[at];
        if (!slot.form || (slot.hash == hash && v->forms[slot.form].head == head && v->forms[slot.form].length == len))
            return slot.form;
    }
}

#endif
