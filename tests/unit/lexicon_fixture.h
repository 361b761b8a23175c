/* A lexicon put together line by line, and readings written as text. */
#ifndef LEXICON_FIXTURE_H
#define LEXICON_FIXTURE_H

#include "test.h"

#include "core/buf.h"
#include "text/reading.h"

struct built {
    struct arena arena, turn;
    struct lexicon *lexicon;
    struct reading r;
};

static inline void built_begin(struct built *b) {
    arena_init(&b->arena, 0);
    arena_init(&b->turn, 4 << 20);
    b->lexicon = lexicon_new(&b->arena, &b->arena);
    assert_non_null(b->lexicon);
}

static inline void built_end(struct built *b) {
    arena_finish(&b->arena);
    arena_finish(&b->turn);
}

static inline void built_fillers(struct built *b, const char *const *words) {
    struct err e = {0};
    for (; *words; words++)
        assert_true(lexicon_add_filler(b->lexicon, str_of(*words), &e));
}

static inline void built_expand(struct built *b, const char *form, const char *words) {
    struct err e = {0};
    assert_true(lexicon_add_expansion(b->lexicon, str_of(form), str_of(words), &e));
}

static inline void built_group(struct built *b, const char *name, const char *const *members) {
    struct err e = {0};
    for (; *members; members++)
        assert_true(lexicon_add_to_group(b->lexicon, str_of(name), str_of(*members), &e));
}

static inline void built_cue(struct built *b, enum cue_kind kind, const char *phrase) {
    struct err e = {0};
    assert_true(lexicon_add_cue(b->lexicon, kind, str_of(phrase), &e));
}

/* A NULL-terminated list; ids are the places in it. */
static inline void built_phrases(struct built *b, const char *const *phrases) {
    struct err e = {0};
    uint32_t id;
    for (uint32_t i = 0; phrases[i]; i++) {
        if (!lexicon_add_phrase(b->lexicon, str_of(phrases[i]), &id, &e))
            fail_msg("%s: %s", phrases[i], e.message);
        assert_int_equal(id, i);
    }
}

static inline void built_seal(struct built *b) {
    struct err e = {0};
    uint32_t bad;
    if (!lexicon_seal(b->lexicon, &bad, &e))
        fail_msg("%s", e.message);
    assert_int_equal(bad, UINT32_MAX);
}

/* Lasts until the next call. */
static inline const struct reading *built_read(struct built *b, struct str message) {
    arena_reset(&b->turn);
    assert_true(text_read(b->lexicon, message, 0, &b->turn, &b->r));
    return &b->r;
}

/* "written=stem written=stem": ~ before a mended stem, ~~ before a guessed one, ? for an unknown one, ( ) around fillers. */
static inline struct str built_tokens(struct built *b, struct str message) {
    const struct reading *r = built_read(b, message);
    struct buf out;
    buf_init(&out, &b->turn);
    for (size_t i = 0; i < r->token_count; i++) {
        const struct token *t = &r->tokens[i];
        struct str stem = lexicon_stem(b->lexicon, t->word);
        bool filler = t->flags & TOKEN_FILLER;
        buf_printf(&out, "%s%.*s=%s%s%s%.*s%s", i ? " " : "", STR_ARG(str_slice(message, t->start, t->length)),
                   filler ? "(" : "", t->flags & TOKEN_MENDED ? "~" : "", t->flags & TOKEN_GUESSED ? "~" : "",
                   STR_ARG(stem.len ? stem : STR("?")), filler ? ")" : "");
    }
    return out.len ? buf_str(&out) : STR("");
}

/* "phrase[first-last]; ..." */
static inline struct str built_hits(struct built *b, const char *const *phrases, struct str message) {
    const struct reading *r = built_read(b, message);
    struct buf out;
    buf_init(&out, &b->turn);
    for (size_t i = 0; i < r->hit_count; i++) {
        const struct hit *h = &r->hits[i];
        buf_printf(&out, "%s%s[%u-%u]%s", i ? "; " : "", phrases[h->phrase], (unsigned)h->first, (unsigned)h->last,
                   h->mended ? "~" : "");
    }
    return out.len ? buf_str(&out) : STR("");
}

#endif
