/* From bytes to tokens: folding, splitting, spans, expansions, and whatever may come over a wire. */
#include "lexicon_fixture.h"

#include "text/fold.h"
#include "text/split.h"
#include "text/work.h"

static struct built b;

static const char *const fillers[] = {"my", "the", "is", "a", NULL};
static const char *const phrases[] = {
    "lip twitches", "face", "droop", "cafe", "mum", "yes",  "weeks",   "without",  "before",  "x-ray", "strasse", "b12",
    "24/7",         "well", "they",  "have", "do",  "must", "o'clock", "doctor's", "can not", "ill",   NULL};

static int set_up(void **state) {
    (void)state;
    built_begin(&b);
    built_fillers(&b, fillers);
    built_expand(&b, "can't", "can not");
    built_expand(&b, "doesnt", "does not");
    built_expand(&b, "wks", "weeks");
    built_expand(&b, "w/o", "without");
    built_expand(&b, "b4", "before");
    built_expand(&b, "👍", "yes");
    built_expand(&b, "&", "and");
    built_phrases(&b, phrases);
    built_seal(&b);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    built_end(&b);
    return 0;
}

#define TOKENS(message, expected) assert_str(built_tokens(&b, STR(message)), expected)

static void words_are_lowered_stemmed_and_keep_their_bytes(void **state) {
    (void)state;
    TOKENS("My LIP twitched!", "My=(my) LIP=lip twitched=twitch");
    TOKENS("  drooping,face ", "drooping=droop face=face");
    TOKENS("", "");
    TOKENS(" .,;!? ", "");
    TOKENS("xylophone", "xylophone=?");
}

static void typographic_characters_are_folded(void **state) {
    (void)state;
    TOKENS("can’t", "can’t=can can’t=not");
    TOKENS("can‘t can´t", "can‘t=can can‘t=not can´t=can can´t=not");
    TOKENS("Ｆａｃｅ\u00A0CAFÉ", "Ｆａｃｅ=face CAFÉ=cafe");
    TOKENS("cafe\u0301 stra\u00DFe STRA\u1E9EE", "cafe\u0301=cafe stra\u00DFe=strass STRA\u1E9EE=strass");
    TOKENS("dro\u00ADoping fa\u200Bce \u202Edroop\u202C", "dro\u00ADoping=droop fa\u200Bce=face droop\u202C=droop");
    TOKENS("“face”—droop…", "face=face droop=droop");
    TOKENS("x\u2011ray", "x=x ray=ray");
}

static void emoji_are_words_only_where_they_are_expanded(void **state) {
    (void)state;
    TOKENS("👍", "👍=yes");
    TOKENS("face😭droop 👍🏽", "face=face droop=droop 👍=yes");
    TOKENS("👨‍👩‍👧 face", "face=face");
    char many[200 * 4];
    for (size_t i = 0; i < 200; i++)
        memcpy(many + 4 * i, "😱", 4);
    assert_int_equal(built_read(&b, (struct str){many, sizeof many})->token_count, 0);
}

static void bytes_that_are_no_text_part_words(void **state) {
    (void)state;
    TOKENS("face\0droop", "face=face droop=droop");
    TOKENS("face\xFF\xC3"
           "droop\xE2\x82",
           "face=face droop=droop");
    TOKENS("face\x01\x7F"
           "droop\x1B[31m",
           "face=face droop=droop 31=? m=m");
    TOKENS("\xED\xA0\x80 face", "face=face");
}

static void numbers_are_tokens_of_their_own(void **state) {
    (void)state;
    TOKENS("2wks 3.5mg 8/10 5-6 22:30 1,000", "2=? wks=week 3.5=? mg=mg 8/10=? 5-6=? 22:30=? 1,000=?");
    TOKENS("5–6 1½", "5–6=? 1=? ½=?");
    TOKENS("b12 24/7", "b=b 12=12 24/7=24/7");
    TOKENS("I am 3. 5", "I=i am=am 3=? 5=?");
    const struct reading *r = built_read(&b, STR("1st 2wks"));
    assert_int_equal(r->tokens[1].start, 1);
    assert_int_equal(r->tokens[1].length, 2);
}

static void contractions_are_opened(void **state) {
    (void)state;
    TOKENS("can't doesnt", "can't=can can't=not doesnt=doe doesnt=not");
    TOKENS("mustn't they've we're", "mustn't=must mustn't=not they've=they they've=have we're=we we're=are");
    TOKENS("does'nt", "does'nt=doe does'nt=not");
    TOKENS("mum's lips' 'face'", "mum's=mum lips=lip face=face");
    TOKENS("o'clock", "o'clock=oclock");
    TOKENS("I'll", "I'll=i I'll=will");
}

static void odd_forms_are_expanded_whole(void **state) {
    (void)state;
    TOKENS("w/o face b4 face & droop", "w/o=without face=face b4=befor face=face &=and droop=droop");
    TOKENS("lip/face", "lip=lip face=face");
    TOKENS("w/oo", "w=w oo=?");
}

static void acronyms_lose_their_dots(void **state) {
    (void)state;
    TOKENS("p.m. e.g. face", "p.m.=pm e.g.=? face=face");
    const struct reading *r = built_read(&b, STR("at 5 p.m. my face"));
    assert_int_equal(r->tokens[r->token_count - 1].sentence, 0);
    r = built_read(&b, STR("Dr. Face"));
    assert_int_equal(r->tokens[1].sentence, 0);
}

static void sentences_end_at_stops_but_not_in_numbers(void **state) {
    (void)state;
    static const struct {
        const char *message;
        unsigned sentences;
    } examples[] = {{"face. droop", 2},   {"face.droop", 2}, {"face! droop? lip", 3}, {"face\ndroop", 2},
                    {"face; droop", 2},   {"3.5 face", 1},   {"face, droop", 1},      {"face... droop", 1},
                    {"face!!! droop", 2}, {"...face", 1},    {"face.) droop", 2},     {"face - droop", 1}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct reading *r = built_read(&b, str_of(examples[i].message));
        if (r->tokens[r->token_count - 1].sentence + 1U != examples[i].sentences)
            fail_msg("\"%s\" has %u sentences", examples[i].message, r->tokens[r->token_count - 1].sentence + 1U);
    }
}

static void the_strongest_mark_before_a_token_is_kept(void **state) {
    (void)state;
    static const struct {
        const char *message;
        enum before before;
    } examples[] = {
        {"a b", BEFORE_NOTHING},   {"a-b", BEFORE_NOTHING},  {"a/b", BEFORE_NOTHING},    {"a (b", BEFORE_BRACKET},
        {"a: b", BEFORE_COLON},    {"a - b", BEFORE_DASH},   {"a--b", BEFORE_DASH},      {"a, b", BEFORE_COMMA},
        {"a.. b", BEFORE_DOTS},    {"a.\nb", BEFORE_STOP},   {"a!? b", BEFORE_QUESTION}, {"a\u2014b", BEFORE_DASH},
        {"a\u2026b", BEFORE_DOTS}, {"a, # b", BEFORE_COMMA}, {"a :) b", BEFORE_COLON},   {"a;b", BEFORE_STOP}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct reading r = {0};
        struct work w = {.lexicon = b.lexicon, .arena = &b.turn, .out = &r};
        arena_reset(&b.turn);
        assert_true(tokens_read(&w, str_of(examples[i].message)));
        assert_int_equal(w.count, 2);
        if (w.words[1].before != examples[i].before)
            fail_msg("\"%s\": %u", examples[i].message, w.words[1].before);
    }
}

static void a_question_mark_at_the_end_is_seen(void **state) {
    (void)state;
    static const struct {
        const char *message;
        bool asks;
    } examples[] = {{"droop?", true}, {"droop? 😭", true}, {"droop?!", true}, {"droop? face", false}, {"droop", false}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct reading r = {0};
        struct work w = {.lexicon = b.lexicon, .arena = &b.turn, .out = &r};
        arena_reset(&b.turn);
        assert_true(tokens_read(&w, str_of(examples[i].message)));
        assert_int_equal(w.ends_in_question_mark, examples[i].asks);
    }
}

static void what_is_too_long_is_cut_and_said(void **state) {
    (void)state;
    enum { MEGABYTE = 1 << 20 };
    char *big = malloc(MEGABYTE);
    assert_non_null(big);
    for (size_t i = 0; i < MEGABYTE; i++)
        big[i] = "face "[i % 5];
    const struct reading *r = built_read(&b, (struct str){big, MEGABYTE});
    assert_true(r->cut);
    assert_int_equal(r->token_count, READING_TOKENS_MAX);
    assert_int_equal(r->hit_count, READING_HITS_MAX);
    memset(big, 'x', MEGABYTE);
    r = built_read(&b, (struct str){big, MEGABYTE});
    assert_true(r->cut);
    assert_int_equal(r->token_count, 1);
    assert_int_equal(r->tokens[0].length, READING_BYTES_MAX);
    for (size_t i = 0; i + 3 <= MEGABYTE; i += 3)
        memcpy(big + i, "\xEF\xB7\xBA", 3); /* U+FDFA folds to 18 letters */
    r = built_read(&b, (struct str){big, READING_BYTES_MAX});
    assert_true(r->cut);
    free(big);
    r = built_read(&b, STR("face droop"));
    assert_false(r->cut);
}

static void a_full_arena_is_an_answer_too(void **state) {
    (void)state;
    struct reading r;
    for (size_t limit = 1; limit < 400; limit += 13) {
        struct arena small;
        arena_init(&small, limit);
        (void)text_read(b.lexicon, STR("my face can’t droop"), 0, &small, &r);
        (void)text_read(b.lexicon, STR("my face droops"), 0, &small, &r);
        arena_finish(&small);
    }
    struct arena none;
    arena_init(&none, 1);
    assert_false(text_read(b.lexicon, STR("my face droops"), 0, &none, &r));
    arena_finish(&none);
}

static void any_bytes_are_read_and_spans_stay_inside(void **state) {
    (void)state;
    static const char *const bits[] = {"face", "can’t", "👍🏽", "\xFF", "\0", "½", "ﬁ", "e.g.", "w/o", "...", "-",
                                       "'",    "1.2",   "\u202E",   "é",    "İ",  "?", " ", "\n",   "㏂",  "9"};
    static const size_t lens[] = {4, 5, 8, 1, 1, 2, 3, 4, 3, 3, 1, 1, 3, 3, 2, 2, 1, 1, 1, 3, 1};
    uint32_t random = 1;
    for (size_t round = 0; round < 3000; round++) {
        char message[160];
        size_t len = 0;
        while (len < 120) {
            random = random * 1664525 + 1013904223;
            size_t bit = (random >> 16) % (sizeof bits / sizeof *bits + 2);
            if (bit >= sizeof bits / sizeof *bits) {
                message[len++] = (char)(random >> 24);
                continue;
            }
            memcpy(message + len, bits[bit], lens[bit]);
            len += lens[bit];
        }
        const struct reading *r = built_read(&b, (struct str){message, len});
        for (size_t i = 0; i < r->token_count; i++) {
            assert_true(r->tokens[i].length > 0);
            assert_true(r->tokens[i].start + r->tokens[i].length <= len);
            if (i)
                assert_true(r->tokens[i].start >= r->tokens[i - 1].start);
        }
    }
}

static void folding_by_eights_is_folding_by_ones(void **state) {
    (void)state;
    char all[128 + 40], out[sizeof all + FOLD_SLACK];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i % 128);
    for (size_t from = 0; from < 9; from++)
        for (size_t len = 0; len < 129; len++) {
            assert_true(fold_ascii((struct str){all + from, len}, out));
            for (size_t i = 0; i < len; i++) {
                char c = all[from + i];
                assert_int_equal(out[i], c >= 'A' && c <= 'Z' ? c + 32 : c);
            }
            assert_int_equal(out[len], 0);
        }
    all[77] = (char)0x80;
    assert_false(fold_ascii((struct str){all, 78}, out));
    assert_true(fold_ascii((struct str){all, 77}, out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_lowered_stemmed_and_keep_their_bytes),
        cmocka_unit_test(typographic_characters_are_folded),
        cmocka_unit_test(emoji_are_words_only_where_they_are_expanded),
        cmocka_unit_test(bytes_that_are_no_text_part_words),
        cmocka_unit_test(numbers_are_tokens_of_their_own),
        cmocka_unit_test(contractions_are_opened),
        cmocka_unit_test(odd_forms_are_expanded_whole),
        cmocka_unit_test(acronyms_lose_their_dots),
        cmocka_unit_test(sentences_end_at_stops_but_not_in_numbers),
        cmocka_unit_test(the_strongest_mark_before_a_token_is_kept),
        cmocka_unit_test(a_question_mark_at_the_end_is_seen),
        cmocka_unit_test(what_is_too_long_is_cut_and_said),
        cmocka_unit_test(a_full_arena_is_an_answer_too),
        cmocka_unit_test(any_bytes_are_read_and_spans_stay_inside),
        cmocka_unit_test(folding_by_eights_is_folding_by_ones),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
