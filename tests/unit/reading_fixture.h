/* A small lexicon for the tests of reading, and readings written as text. */
#ifndef READING_FIXTURE_H
#define READING_FIXTURE_H

#include <inttypes.h>
#include <stdio.h>

#include "core/buf.h"
#include "text/reading.h"

static const int64_t fixture_now = 1769860800; /* 2026-01-31T12:00:00Z, a Saturday */

static const char *const fixture_fillers[] = {"the", "my", "really", "a", "an", "is", "very", "quite"};

static const char *const fixture_expansions[][2] = {{"dont", "do not"},    {"cant", "can not"}, {"wasnt", "was not"},
                                                    {"im", "i am"},        {"aint", "is not"},  {"isnt", "is not"},
                                                    {"havent", "have not"}};

static const struct {
    enum cue_kind kind;
    const char *phrase;
} fixture_cues[] = {
    {CUE_DENY, "no"},
    {CUE_DENY, "not"},
    {CUE_DENY, "never"},
    {CUE_DENY, "without"},
    {CUE_DENY, "denies"},
    {CUE_DENY, "no longer"},
    {CUE_DENY_AFTER, "fine"},
    {CUE_DENY_AFTER, "normal"},
    {CUE_DENY_AFTER, "not me"},
    {CUE_DENY_AFTER, "not these days"},
    {CUE_NOT_DENY, "not only"},
    {CUE_NOT_DENY, "no doubt"},
    {CUE_STOP, "but"},
    {CUE_STOP, "however"},
    {CUE_DOUBT, "maybe"},
    {CUE_DOUBT, "might"},
    {CUE_DOUBT, "not sure"},
    {CUE_SUPPOSE, "if"},
    {CUE_SUPPOSE, "what if"},
    {CUE_SUPPOSE, "worried about"},
    {CUE_OTHERS, "my mum"},
    {CUE_OTHERS, "my husband"},
    {CUE_OTHERS, "my aunt"},
    {CUE_SELF, "i"},
    {CUE_PAST, "used to"},
    {CUE_PAST, "back in"},
    {CUE_PAST, "years ago"},
    {CUE_NOW, "now"},
    {CUE_NOW, "these days"},
    {CUE_ASK, "could it be"},
    {CUE_ASK, "is it"},
    {CUE_ASK, "why"},
    {CUE_YES, "yes"},
    {CUE_YES, "yeah"},
    {CUE_NO, "no"},
    {CUE_NO, "nope"},
    {CUE_NO, "none of that"},
    {CUE_UNSURE, "not sure"},
    {CUE_UNSURE, "i do not know"},
    {CUE_NONE, "none"},
    {CUE_NONE, "nothing"},
    {CUE_ALL, "all of them"},
    {CUE_ALL, "both"},
    {CUE_ONLY, "only"},
    {CUE_ONLY, "just"},
    {CUE_ONLY, "nothing else"},
    {CUE_EXCEPT, "except"},
    {CUE_CORRECT, "actually"},
    {CUE_DENY_AFTER, "none"},
};

static inline struct lexicon *fixture_lexicon(struct arena *a, const char *const *phrases, size_t count) {
    struct lexicon *l = lexicon_new(a, a);
    struct err e = {0};
    bool ok = l != NULL;
    for (size_t i = 0; i < sizeof fixture_fillers / sizeof *fixture_fillers; i++)
        ok = ok && lexicon_add_filler(l, str_of(fixture_fillers[i]), &e);
    for (size_t i = 0; i < sizeof fixture_expansions / sizeof *fixture_expansions; i++)
        ok = ok && lexicon_add_expansion(l, str_of(fixture_expansions[i][0]), str_of(fixture_expansions[i][1]), &e);
    for (size_t i = 0; i < sizeof fixture_cues / sizeof *fixture_cues; i++)
        ok = ok && lexicon_add_cue(l, fixture_cues[i].kind, str_of(fixture_cues[i].phrase), &e);
    uint32_t id;
    for (size_t i = 0; i < count; i++)
        ok = ok && lexicon_add_phrase(l, str_of(phrases[i]), &id, &e);
    if (!ok || !lexicon_seal(l, &id, &e)) {
        print_error("lexicon: %s\n", e.message);
        fail();
    }
    return l;
}

static inline void fixture_context(struct buf *b, unsigned context) {
    static const char *const names[] = {"denied", "doubt", "suppose", "others", "past", "asked"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (context >> i & 1)
            buf_printf(b, " %s", names[i]);
}

/* What the tests share: a lexicon of their phrases, and messages beside the text that their reading is to give. */
static struct arena lexicon_arena, turn;
static const struct lexicon *lexicon;

static inline void fixture_begin(const char *const *phrases, size_t count) {
    arena_init(&lexicon_arena, 0);
    arena_init(&turn, 1 << 20);
    lexicon = fixture_lexicon(&lexicon_arena, phrases, count);
}

static inline int tear_down(void **state) {
    (void)state;
    arena_finish(&lexicon_arena);
    arena_finish(&turn);
    return 0;
}

struct example {
    const char *message, *expected;
};

/* `as_text` is the test's own: what it wants to see of a message. */
static inline void fixture_check(struct str (*as_text)(const char *message), const struct example *examples, size_t count) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct str got = as_text(examples[i].message);
        if (!str_equal(got, str_of(examples[i].expected))) {
            print_error("\"%s\"\n    gave \"%.*s\"\n    not  \"%s\"\n", examples[i].message, STR_ARG(got),
                        examples[i].expected);
            wrong++;
        }
        arena_reset(&turn);
    }
    assert_int_equal(wrong, 0);
}
#define FIXTURE_CHECK(as_text, ...)                                  \
    fixture_check((as_text), (const struct example[]){__VA_ARGS__}, \
                  sizeof((const struct example[]){__VA_ARGS__}) / sizeof(struct example))

#endif
