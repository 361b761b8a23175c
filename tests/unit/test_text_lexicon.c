/* What a lexicon refuses, and in what words. */
#include "lexicon_fixture.h"

#include "text/notation.h"
#include "text/vocabulary.h"
#include <libstemmer.h>
#include <stdio.h>

static struct built b;

static int set_up(void **state) {
    (void)state;
    built_begin(&b);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    built_end(&b);
    return 0;
}

static void refuses(const char *phrase, enum err_code code, const char *message) {
    struct err e = {0};
    uint32_t id = 77;
    assert_false(lexicon_add_phrase(b.lexicon, str_of(phrase), &id, &e));
    assert_int_equal(id, 77);
    assert_int_equal(e.code, code);
    assert_string_equal(e.message, message);
    assert_int_equal(lexicon_phrase_count(b.lexicon), 0);
}

static void notation_that_is_wrong_is_refused_at_once(void **state) {
    (void)state;
    refuses("", ERR_SCHEMA, "an empty phrase");
    refuses(" \t ", ERR_SCHEMA, "an empty phrase");
    refuses("arm +", ERR_SCHEMA, "nothing on one side of the \"+\" in \"arm +\"");
    refuses("+ arm", ERR_SCHEMA, "nothing on one side of the \"+\" in \"+ arm\"");
    refuses("arm + + leg", ERR_SCHEMA, "nothing on one side of the \"+\" in \"arm + + leg\"");
    refuses("a + b + c + d + e", ERR_SCHEMA, "\"a + b + c + d + e\" has 5 parts: 4 is the most");
    refuses("<> arm", ERR_SCHEMA, "a group without a name in \"<> arm\"");
    refuses("<li.mb>", ERR_SCHEMA, "\"<li.mb>\" is no name of a group in \"<li.mb>\"");
    refuses("<limb arm", ERR_SCHEMA, "\"<\" is out of place in \"<limb arm\"");
    refuses("arm>", ERR_SCHEMA, "\">\" is out of place in \"arm>\"");
    refuses("arm/", ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"arm/\"");
    refuses("/arm", ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"/arm\"");
    refuses("arm//leg", ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"arm//leg\"");
    refuses("arm =", ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"arm =\"");
    refuses("=a=b", ERR_SCHEMA, "\"=\" is out of place in \"=a=b\"");
    char longest[PHRASE_BYTES_MAX + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct err e = {0};
    uint32_t id;
    assert_false(lexicon_add_phrase(b.lexicon, str_of(longest), &id, &e));
    assert_int_equal(e.code, ERR_LIMIT);
}

static void words_that_are_none_are_refused(void **state) {
    (void)state;
    struct err e = {0};
    assert_false(lexicon_add_filler(b.lexicon, STR("a bit"), &e));
    assert_string_equal(e.message, "\"a bit\" is not one word");
    e = (struct err){0};
    assert_false(lexicon_add_filler(b.lexicon, STR("..."), &e));
    assert_string_equal(e.message, "\"...\" is not one word");
    e = (struct err){0};
    assert_false(lexicon_add_harmless(b.lexicon, STR(""), &e));
    assert_int_equal(e.code, ERR_SCHEMA);
    e = (struct err){0};
    assert_false(lexicon_add_expansion(b.lexicon, STR("a lot"), STR("much"), &e));
    assert_string_equal(e.message, "\"a lot\" has a blank: only a single word can be expanded");
    e = (struct err){0};
    assert_false(lexicon_add_expansion(b.lexicon, STR("idk"), STR(" ."), &e));
    assert_string_equal(e.message, "\"idk\" is expanded to nothing");
    e = (struct err){0};
    assert_false(lexicon_add_expansion(b.lexicon, STR(""), STR("x"), &e));
    assert_int_equal(e.code, ERR_SCHEMA);
    e = (struct err){0};
    assert_false(lexicon_add_to_group(b.lexicon, STR("limb"), STR("arm + leg"), &e));
    assert_string_equal(e.message, "\"+\" has no place in \"arm + leg\"");
    e = (struct err){0};
    assert_false(lexicon_add_to_group(b.lexicon, STR(""), STR("arm"), &e));
    assert_int_equal(e.code, ERR_SCHEMA);
    e = (struct err){0};
    assert_false(lexicon_add_cue(b.lexicon, CUE_DENY, STR("no + not"), &e));
    assert_string_equal(e.message, "\"+\" has no place in \"no + not\"");
}

static void seal_fails(uint32_t phrase, enum err_code code, const char *message) {
    struct err e = {0};
    uint32_t bad = 0;
    assert_false(lexicon_seal(b.lexicon, &bad, &e));
    assert_int_equal(bad, phrase);
    assert_int_equal(e.code, code);
    assert_string_equal(e.message, message);
}

static void add_phrases(const char *const *phrases) { built_phrases(&b, phrases); }

static void an_unknown_group_shows_when_it_is_sealed(void **state) {
    (void)state;
    built_group(&b, "limb", (const char *const[]){"arm", NULL});
    add_phrases((const char *const[]){"face", "<lmb> + numb", NULL});
    seal_fails(1, ERR_SCHEMA, "no group named \"lmb\" in \"<lmb> + numb\"; did you mean \"limb\"");
}

static void an_unknown_group_with_no_likeness(void **state) {
    (void)state;
    add_phrases((const char *const[]){"<feelings>", NULL});
    seal_fails(0, ERR_SCHEMA, "no group named \"feelings\" in \"<feelings>\"");
}

static void a_phrase_of_fillers_can_never_match(void **state) {
    (void)state;
    built_fillers(&b, (const char *const[]){"the", "my", NULL});
    add_phrases((const char *const[]){"face", "the my", NULL});
    seal_fails(1, ERR_SCHEMA, "nothing but fillers, so it can never match: \"the my\"");
}

static void a_part_of_fillers_can_never_match(void **state) {
    (void)state;
    built_fillers(&b, (const char *const[]){"the", "my", NULL});
    add_phrases((const char *const[]){"face + my", NULL});
    seal_fails(0, ERR_SCHEMA, "nothing but fillers, so it can never match: \"face + my\"");
}

static void one_part_twice_is_refused(void **state) {
    (void)state;
    add_phrases((const char *const[]){"numb + arm + numb", NULL});
    seal_fails(0, ERR_SCHEMA, "the same part twice in \"numb + arm + numb\"");
}

static void a_group_in_itself_is_refused(void **state) {
    (void)state;
    built_group(&b, "limb", (const char *const[]){"left <limb>", NULL});
    add_phrases((const char *const[]){"<limb>", NULL});
    seal_fails(0, ERR_SCHEMA, "groups inside groups without end: <limb> in \"<limb>\"");
}

static void too_many_ways_to_read_are_refused(void **state) {
    (void)state;
    built_group(&b, "n",
                (const char *const[]){"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", NULL});
    add_phrases((const char *const[]){"<n> <n> <n> x", "<n> <n> <n> <n>", NULL});
    seal_fails(1, ERR_LIMIT, "more than 4096 ways to read \"<n> <n> <n> <n>\": part it with \"+\"");
}

static void too_many_words_are_refused(void **state) {
    (void)state;
    add_phrases((const char *const[]){"a b c d e f g h i j k l m n o p q r s t u v w x y", NULL});
    seal_fails(0, ERR_LIMIT, "more than 24 words in \"a b c d e f g h i j k l m n o p q r s t u v w x y\"");
}

static void a_cue_in_an_unknown_group_names_no_phrase(void **state) {
    (void)state;
    built_cue(&b, CUE_OTHERS, "<relative>");
    add_phrases((const char *const[]){"face", NULL});
    seal_fails(UINT32_MAX, ERR_SCHEMA, "no group named \"relative\" in \"<relative>\"");
}

static void nothing_is_added_to_a_sealed_lexicon(void **state) {
    (void)state;
    struct err e = {0};
    uint32_t id;
    add_phrases((const char *const[]){"face", NULL});
    built_seal(&b);
    assert_false(lexicon_add_phrase(b.lexicon, STR("lip"), &id, &e));
    assert_false(lexicon_add_filler(b.lexicon, STR("the"), &e));
    assert_false(lexicon_add_expansion(b.lexicon, STR("x"), STR("y"), &e));
    assert_false(lexicon_seal(b.lexicon, &id, &e));
    assert_string_equal(e.message, "the lexicon is sealed");
}

static void an_empty_lexicon_reads_too(void **state) {
    (void)state;
    built_seal(&b);
    const struct reading *r = built_read(&b, STR("zork blivet quux’s"));
    assert_int_equal(r->token_count, 3);
    assert_int_equal(r->hit_count, 0);
    assert_int_equal(lexicon_stem(b.lexicon, 0).len, 0);
    assert_int_equal(lexicon_stem(b.lexicon, 1u << 30).len, 0);
    assert_int_equal(lexicon_phrase_count(b.lexicon), 0);
}

static void words_are_counted(void **state) {
    (void)state;
    add_phrases((const char *const[]){"zorks", "zorking", "zork", NULL});
    built_seal(&b);
    struct built other;
    built_begin(&other);
    built_seal(&other);
    assert_int_equal(lexicon_word_count(b.lexicon), lexicon_word_count(other.lexicon) + 3);
    built_end(&other);
}

static void a_full_arena_is_an_error_and_no_leak(void **state) {
    (void)state;
    for (size_t limit = 100; limit < 200000; limit += 4111) {
        struct arena small;
        struct err e = {0};
        uint32_t id;
        arena_init(&small, limit);
        struct lexicon *l = lexicon_new(&small, &small);
        bool ok = l && lexicon_add_filler(l, STR("the"), &e) && lexicon_add_to_group(l, STR("limb"), STR("arm"), &e) &&
                  lexicon_add_phrase(l, STR("<limb> + numb"), &id, &e) &&
                  lexicon_add_phrase(l, STR("face droops"), &id, &e) && lexicon_seal(l, &id, &e);
        if (l && !ok)
            assert_int_equal(e.code, ERR_LIMIT);
        arena_finish(&small);
    }
}

/* A larger set than any dialog has, so that the tables grow many times over. */
static void many_phrases_are_all_found(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    struct err e = {0};
    uint32_t id;
    char text[32];
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "q%c%c w%c%c", 'a' + i % 20, 'a' + i / 20 % 20, 'a' + i / 400 % 20,
                 'a' + i * 7 % 20);
        assert_true(lexicon_add_phrase(b.lexicon, str_of(text), &id, &e));
    }
    built_seal(&b);
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "q%c%c w%c%c", 'a' + i % 20, 'a' + i / 20 % 20, 'a' + i / 400 % 20,
                 'a' + i * 7 % 20);
        const struct reading *r = built_read(&b, str_of(text));
        bool found = false;
        for (size_t h = 0; h < r->hit_count; h++)
            found |= r->hits[h].phrase == i;
        if (!found)
            fail_msg("%s", text);
    }
}

/* Some words are not given to the stemmer, because it leaves them as they are: does it? */
static void words_are_stemmed_as_the_library_does(void **state) {
    (void)state;
    static const char letters[] = "etaoinshrdlucmyaeioueslyingtiobfgjkpqvwxz0";
    struct sb_stemmer *stemmer = sb_stemmer_new("english", NULL);
    uint32_t random = 1;
    for (int i = 0; i < 100000; i++) {
        char word[12];
        size_t len = 1 + (size_t)i % sizeof word;
        for (size_t k = 0; k < len; k++) {
            random = random * 1664525u + 1013904223u;
            word[k] = letters[(random >> 8) % (sizeof letters - 1)];
        }
        struct str stem = stem_of((struct str){word, len});
        const sb_symbol *right = sb_stemmer_stem(stemmer, (const sb_symbol *)word, (int)len);
        assert_int_equal(stem.len, sb_stemmer_length(stemmer));
        assert_memory_equal(stem.ptr, right, stem.len);
    }
    sb_stemmer_delete(stemmer);
}

int main(void) {
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(notation_that_is_wrong_is_refused_at_once),
        EACH(words_that_are_none_are_refused),
        EACH(an_unknown_group_shows_when_it_is_sealed),
        EACH(an_unknown_group_with_no_likeness),
        EACH(a_phrase_of_fillers_can_never_match),
        EACH(a_part_of_fillers_can_never_match),
        EACH(one_part_twice_is_refused),
        EACH(a_group_in_itself_is_refused),
        EACH(too_many_ways_to_read_are_refused),
        EACH(too_many_words_are_refused),
        EACH(a_cue_in_an_unknown_group_names_no_phrase),
        EACH(nothing_is_added_to_a_sealed_lexicon),
        EACH(an_empty_lexicon_reads_too),
        EACH(words_are_counted),
        EACH(a_full_arena_is_an_error_and_no_leak),
        EACH(many_phrases_are_all_found),
        EACH(words_are_stemmed_as_the_library_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
