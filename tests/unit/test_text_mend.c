/* Slips of the keys: what is mended, into what, and what is left alone. */
#include "lexicon_fixture.h"

#include <stdio.h>

static struct built b;

static const char *const fillers[] = {"my", "the", "is", "really", "this", "was", "keeps", NULL};
static const char *const harmless[] = {"dropping", "notice", "heat", "spelling", "forearm", NULL};
static const char *const phrases[] = {"face is drooping",
                                      "twitching",
                                      "twitch",
                                      "stressed",
                                      "stroke",
                                      "foam",
                                      "coffee",
                                      "vomiting",
                                      "dehydrated",
                                      "fasciculations",
                                      "paralysis",
                                      "mouth",
                                      "chest pain",
                                      "swallow",
                                      "lip",
                                      "left arm",
                                      "palpitations",
                                      "swelling",
                                      "self",
                                      "numb",
                                      "weak",
                                      "eyelid",
                                      "eye",
                                      "caffeine",
                                      "magnesium",
                                      "lopsided",
                                      "heart",
                                      "ice pack",
                                      "able",
                                      "doctor",
                                      "because",
                                      "tired",
                                      "angle",
                                      "angel",
                                      "lithium",
                                      NULL};

static int set_up(void **state) {
    (void)state;
    struct err e = {0};
    built_begin(&b);
    built_fillers(&b, fillers);
    for (const char *const *word = harmless; *word; word++)
        assert_true(lexicon_add_harmless(b.lexicon, str_of(*word), &e));
    built_expand(&b, "doesnt", "does not");
    built_expand(&b, "wont", "will not");
    built_cue(&b, CUE_DENY, "no");
    built_cue(&b, CUE_DENY, "not");
    built_cue(&b, CUE_DOUBT, "maybe");
    built_phrases(&b, phrases);
    built_seal(&b);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    built_end(&b);
    return 0;
}

/* The stems that a message was read as, joined by blanks; "-" for an unknown word. */
static struct str stems_of(struct str message) {
    const struct reading *r = built_read(&b, message);
    struct buf out;
    buf_init(&out, &b.turn);
    for (size_t i = 0; i < r->token_count; i++) {
        struct str stem = lexicon_stem(b.lexicon, r->tokens[i].word);
        buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARG(stem.len ? stem : STR("-")));
    }
    return out.len ? buf_str(&out) : STR("");
}

struct example {
    const char *written, *stems;
    unsigned flags; /* of all its tokens */
};

enum { PLAIN = 0, MENDED = TOKEN_MENDED, GUESSED = TOKEN_MENDED | TOKEN_GUESSED };

static void check(const struct example *examples, size_t count) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct str stems = stems_of(str_of(examples[i].written));
        bool same_flags = true;
        for (size_t t = 0; t < b.r.token_count; t++)
            same_flags &= (b.r.tokens[t].flags & (TOKEN_MENDED | TOKEN_GUESSED)) == examples[i].flags;
        if (same_flags && str_equal(stems, str_of(examples[i].stems)))
            continue;
        print_error("%s: %.*s (flags %u) and not %s\n", examples[i].written, STR_ARG(stems),
                    b.r.token_count ? b.r.tokens[0].flags : 0U, examples[i].stems);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(...)                                          \
    static const struct example examples[] = {__VA_ARGS__}; \
    check(examples, sizeof examples / sizeof *examples)

static void one_slip_is_mended(void **state) {
    (void)state;
    CHECK({"drooing", "droop", MENDED}, {"dropoing", "droop", MENDED}, {"droopign", "droop", MENDED},
          {"twiching", "twitch", MENDED}, {"twitchign", "twitch", MENDED}, {"twtiching", "twitch", MENDED},
          {"stresed", "stress", MENDED}, {"stressd", "stress", MENDED}, {"stroek", "stroke", MENDED},
          {"strok", "stroke", MENDED}, {"cofee", "coffe", MENDED}, {"coffe", "coffe", MENDED},
          {"coffeee", "coffe", MENDED}, {"vomitting", "vomit", PLAIN}, {"dehidrated", "dehydr", MENDED},
          {"deydrated", "dehydr", MENDED}, {"fasiculations", "fascicul", MENDED}, {"paralisis", "paralysi", MENDED},
          {"mouht", "mouth", MENDED}, {"moutn", "mouth", MENDED}, {"chset", "chest", MENDED}, {"pian", "pain", MENDED},
          {"swalow", "swallow", MENDED}, {"lipp", "lip", MENDED}, {"nunb", "numb", MENDED},
          {"caffiene", "caffein", MENDED}, {"magnesuim", "magnesium", MENDED}, {"wtitching", "twitch", MENDED},
          {"mabye", "mayb", MENDED}, {"becuase", "becaus", MENDED}, {"realy", "realli", MENDED},
          {"docter", "doctor", MENDED});
}

static void a_slip_in_a_word_with_another_ending_is_mended(void **state) {
    (void)state;
    CHECK({"twiched", "twitch", MENDED}, {"dropoed", "droop", MENDED}, {"swalowed", "swallow", MENDED},
          {"stoke", "stroke", MENDED}, {"vomitted", "vomit", PLAIN});
}

static void two_slips_are_a_guess_and_only_in_long_words(void **state) {
    (void)state;
    CHECK({"fasiculatoins", "fascicul", GUESSED}, {"palpatiations", "palpit", GUESSED},
          {"magnisuim", "magnesium", GUESSED}, {"swimming", "-", PLAIN}, {"lihtuim", "-", PLAIN});
}

static void letters_held_down_are_let_go(void **state) {
    (void)state;
    CHECK({"noooo", "no", MENDED}, {"numbbbb", "numb", MENDED}, {"stresssssed", "stress", MENDED},
          {"reallllly", "realli", MENDED});
}

static void words_run_together_are_parted(void **state) {
    (void)state;
    CHECK({"myface", "my face", GUESSED}, {"isdrooping", "is droop", GUESSED}, {"lipwas", "lip was", GUESSED},
          {"chestpain", "chest pain", GUESSED}, {"leftarm", "left arm", GUESSED}, {"faceweak", "-", PLAIN},
          {"myself", "-", PLAIN}, {"notable", "-", PLAIN});
    const struct reading *r = built_read(&b, STR("o myface"));
    assert_int_equal(r->tokens[1].start, 2);
    assert_int_equal(r->tokens[1].length, 2);
    assert_int_equal(r->tokens[2].start, 4);
    assert_int_equal(r->tokens[2].length, 4);
}

static void words_typed_in_two_are_joined(void **state) {
    (void)state;
    CHECK({"twit ching", "twitch", GUESSED}, {"eye lids", "eye -", PLAIN}, {"caf feine", "caffein", GUESSED},
          {"para lysis", "paralysi", GUESSED}, {"twit, ching", "- -", PLAIN}, {"twit  ching", "- -", PLAIN});
    const struct reading *r = built_read(&b, STR("a twit ching"));
    assert_int_equal(r->tokens[1].start, 2);
    assert_int_equal(r->tokens[1].length, 10);
}

static void harmless_words_are_left_alone(void **state) {
    (void)state;
    CHECK({"dropping", "drop", PLAIN}, {"dropped", "drop", PLAIN}, {"heat", "heat", PLAIN}, {"notice", "notic", PLAIN},
          {"noticed", "notic", PLAIN}, {"spelling", "spell", PLAIN});
}

static void what_is_no_likely_slip_is_left_alone(void **state) {
    (void)state;
    CHECK({"keystroke", "-", PLAIN}, {"foal", "-", PLAIN}, {"wear", "-", PLAIN}, {"mouse", "-", PLAIN},
          {"moth", "-", PLAIN}, {"pin", "-", PLAIN}, {"lap", "-", PLAIN}, {"week", "week", PLAIN},
          {"angl", "angl", PLAIN}, {"year", "year", PLAIN}, {"twelve", "twelv", PLAIN}, {"hired", "-", PLAIN},
          {"zzzzzzzz", "-", PLAIN});
}

static void a_tie_between_two_words_is_left_alone(void **state) {
    (void)state;
    CHECK({"angell", "angel", PLAIN}, {"angele", "angel", PLAIN}, {"agnle", "angl", MENDED},
          {"anegl", "angel", MENDED});
    static const char *const list[] = {"stamper", "stomper", NULL};
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    assert_str(built_tokens(&own, STR("stumper")), "stumper=?");
    assert_str(built_tokens(&own, STR("stapmer")), "stapmer=~stamper");
    built_end(&own);
}

static void of_two_words_as_near_the_one_in_use_is_guessed(void **state) {
    (void)state;
    static const char *const list[] = {"face drooping", "drooping", "mouth + drooping",
                                       "drooping lip",  "drooling", NULL};
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    assert_str(built_tokens(&own, STR("drooing")), "drooing=~~droop");
    built_end(&own);
}

static void an_expansion_is_mended_into_when_it_is_long(void **state) {
    (void)state;
    CHECK({"dosent", "doe not", MENDED}, {"doens't", "doe not", MENDED}, {"wotn", "-", PLAIN});
}

static void numbers_and_other_scripts_are_left_alone(void **state) {
    (void)state;
    CHECK({"1234", "-", PLAIN}, {"лицо", "-", PLAIN}, {"drooping\u0431", "-", PLAIN}, {"8/10", "-", PLAIN});
}

static void what_a_word_means_does_not_depend_on_what_was_read_before(void **state) {
    (void)state;
    static const char *const list[] = {"drooing", "myface", "keystroke", "fasiculatoins", "nooo", "twiched", "qwerty"};
    char first[8][64];
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct str stems = stems_of(str_of(list[i]));
        assert_true(stems.len < sizeof *first);
        memcpy(first[i], stems.ptr, stems.len);
        first[i][stems.len] = '\0';
    }
    for (unsigned n = 0; n < 20000; n++) { /* far more words than are kept */
        char word[16];
        int len = snprintf(word, sizeof word, "q%c%c%c%cz", 'a' + n % 26, 'a' + n / 26 % 26, 'a' + n / 676 % 26,
                           'a' + n % 7);
        (void)built_read(&b, (struct str){word, (size_t)len});
    }
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_str(stems_of(str_of(list[i])), first[i]);
}

/* Any one swap, doubled letter or single double in a long word is mended, unless two words are equally near. */
static void likely_slips_in_long_words_are_mended(void **state) {
    (void)state;
    static const char *const list[] = {"drooping",   "twitching",      "stressed",  "coffee",    "vomiting",
                                       "dehydrated", "fasciculations", "paralysis", "swallow",   "palpitations",
                                       "swelling",   "eyelid",         "caffeine",  "magnesium", "lopsided"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct str right = arena_copy(&b.arena, stems_of(str_of(list[i])));
        size_t len = strlen(list[i]);
        for (size_t at = 0; at + 1 < len; at++) {
            char swapped[32], doubled[32];
            memcpy(swapped, list[i], len + 1);
            swapped[at] = list[i][at + 1];
            swapped[at + 1] = list[i][at];
            memcpy(doubled, list[i], at + 1);
            memcpy(doubled + at + 1, list[i] + at, len - at + 1);
            if (!str_equal(stems_of(str_of(swapped)), right))
                fail_msg("%s for %s", swapped, list[i]);
            if (!str_equal(stems_of(str_of(doubled)), right))
                fail_msg("%s for %s", doubled, list[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slip_is_mended),
        cmocka_unit_test(a_slip_in_a_word_with_another_ending_is_mended),
        cmocka_unit_test(two_slips_are_a_guess_and_only_in_long_words),
        cmocka_unit_test(letters_held_down_are_let_go),
        cmocka_unit_test(words_run_together_are_parted),
        cmocka_unit_test(words_typed_in_two_are_joined),
        cmocka_unit_test(harmless_words_are_left_alone),
        cmocka_unit_test(what_is_no_likely_slip_is_left_alone),
        cmocka_unit_test(a_tie_between_two_words_is_left_alone),
        cmocka_unit_test(of_two_words_as_near_the_one_in_use_is_guessed),
        cmocka_unit_test(an_expansion_is_mended_into_when_it_is_long),
        cmocka_unit_test(numbers_and_other_scripts_are_left_alone),
        cmocka_unit_test(what_a_word_means_does_not_depend_on_what_was_read_before),
        cmocka_unit_test(likely_slips_in_long_words_are_mended),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
