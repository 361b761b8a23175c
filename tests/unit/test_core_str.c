#include "test.h"

static void equality_ignores_where_the_bytes_are(void **state) {
    (void)state;
    char copy[] = "twitch";
    assert_true(str_equal(STR("twitch"), str_of(copy)));
    assert_false(str_equal(STR("twitch"), STR("twitcH")));
    assert_false(str_equal(STR("twitch"), STR("twitches")));
    assert_true(str_equal(STR("a\0b"), STR("a\0b")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
}

static void both_empty_strings_are_one(void **state) {
    (void)state;
    struct str none = STR_NONE, empty = STR("");
    assert_true(str_equal(none, empty));
    assert_true(str_equal_nocase(none, empty));
    assert_int_equal(str_compare(none, empty), 0);
    assert_true(str_is_empty(str_of(NULL)));
    assert_true(str_starts_with(none, empty));
    assert_true(str_starts_with(STR("lip"), none));
    assert_int_equal(str_find(none, empty), 0);
    assert_int_equal(str_find(none, STR("a")), SIZE_MAX);
    assert_true(str_is_empty(str_trim(none)));
    assert_true(str_is_empty(str_slice(none, 0, 5)));
    struct str rest = none;
    assert_true(str_is_empty(str_cut(&rest, ',')));
    assert_true(str_is_empty(rest));
    assert_int_equal(str_hash(none), str_hash(empty));
    assert_int_equal(str_distance(none, empty, 2), 0);
}

static void case_is_ascii_only(void **state) {
    (void)state;
    assert_true(str_equal_nocase(STR("LipPy[1]"), STR("lIPpY[1]")));
    static const struct str words[] = {STR_INIT("no"), STR_INIT("none"), STR_INIT("Never")};
    assert_true(str_is_among_nocase(STR("NONE"), words, 3));
    assert_true(str_is_among_nocase(STR("never"), words, 3));
    assert_false(str_is_among_nocase(STR("never"), words, 2));
    assert_false(str_is_among_nocase(STR("now"), words, 3));
    assert_false(str_is_among_nocase(STR_NONE, words, 3));
    assert_false(str_equal_nocase(STR("[]"), STR("{}")));
    assert_false(str_equal_nocase(STR("\xC3\x89"), STR("\xC3\xA9")));
    assert_true(str_starts_with_nocase(STR("LIPPY: hi"), STR("lippy")));
    assert_false(str_starts_with_nocase(STR("lip"), STR("lippy")));
    assert_false(str_starts_with(STR("Lippy"), STR("lippy")));
}

static void order_is_bytewise_and_shorter_first(void **state) {
    (void)state;
    assert_true(str_compare(STR("ab"), STR("abc")) < 0);
    assert_true(str_compare(STR("abd"), STR("abc")) > 0);
    assert_true(str_compare(STR("Z"), STR("a")) < 0);
    assert_true(str_compare(STR("z"), STR("\xC3\xA9")) < 0);
    assert_int_equal(str_compare(STR("abc"), STR("abc")), 0);
}

static void slices_are_clamped(void **state) {
    (void)state;
    assert_str(str_slice(STR("coffee"), 2, 2), "ff");
    assert_str(str_slice(STR("coffee"), 4, SIZE_MAX), "ee");
    assert_str(str_slice(STR("coffee"), 6, 1), "");
    assert_str(str_slice(STR("coffee"), SIZE_MAX, SIZE_MAX), "");
}

static void trimming_takes_blanks_at_both_ends(void **state) {
    (void)state;
    assert_str(str_trim(STR(" \t\r\n two words \n")), "two words");
    assert_str(str_trim(STR(" \t ")), "");
    assert_str(str_trim(STR("x")), "x");
}

static void find_gives_the_first(void **state) {
    (void)state;
    assert_int_equal(str_find(STR("aaab"), STR("aab")), 1);
    assert_int_equal(str_find(STR("twitch"), STR("h")), 5);
    assert_int_equal(str_find(STR("twitch"), STR("twitch")), 0);
    assert_int_equal(str_find(STR("twitch"), STR("twitchy")), SIZE_MAX);
    assert_int_equal(str_find(STR("twitch"), STR("wh")), SIZE_MAX);
    assert_int_equal(str_find(STR("twitch"), STR("")), 0);
}

static void cutting_walks_the_fields(void **state) {
    (void)state;
    struct str rest = STR("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(rest, "b");
    assert_str(str_cut(&rest, ','), "b");
    assert_str(rest, "");
    rest = STR("last,");
    assert_str(str_cut(&rest, ','), "last");
    assert_str(rest, "");
}

static void numbers_are_whole_and_fit(void **state) {
    (void)state;
    uint64_t n = 7;
    assert_true(str_to_u64(STR("0"), &n));
    assert_true(n == 0);
    assert_true(str_to_u64(STR("007"), &n));
    assert_true(n == 7);
    assert_true(str_to_u64(STR("18446744073709551615"), &n));
    assert_true(n == UINT64_MAX);
    const struct str wrong[] = {STR_INIT(""),
                                STR_INIT("18446744073709551616"),
                                STR_INIT("99999999999999999999"),
                                STR_INIT("-1"),
                                STR_INIT("+1"),
                                STR_INIT(" 1"),
                                STR_INIT("1 "),
                                STR_INIT("1.0"),
                                STR_INIT("0x1")};
    n = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(str_to_u64(wrong[i], &n));
    assert_true(n == 7);
}

/* Values from the FNV authors' test vectors. */
static void hash_is_fnv_1a(void **state) {
    (void)state;
    assert_true(str_hash(STR("")) == 0xcbf29ce484222325u);
    assert_true(str_hash(STR("a")) == 0xaf63dc4c8601ec8cu);
    assert_true(str_hash(STR("foobar")) == 0x85944171f73967e8u);
}

static const struct distance_case {
    const char *a, *b;
    unsigned distance;
} distance_cases[] = {
    {"", "", 0},
    {"", "ab", 2},
    {"twitch", "twitch", 0},
    {"twitch", "twtch", 1},   /* a letter missing */
    {"twitch", "twiitch", 1}, /* one too many */
    {"twitch", "twetch", 1},  /* another one */
    {"twitch", "wtitch", 1},  /* neighbours swapped, at the start */
    {"twitch", "twithc", 1},  /* and at the end */
    {"magnesium", "magensuim", 2},
    {"ca", "abc", 3}, /* optimal string alignment: a swapped pair is not edited again */
    {"coffee", "toffee", 1},
    {"kitten", "sitting", 3},
    {"lip", "eye", 3},
    {"abcdef", "badcfe", 3},
};

static void distance_counts_edits(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof distance_cases / sizeof distance_cases[0]; i++) {
        const struct distance_case *c = &distance_cases[i];
        assert_int_equal(str_distance(str_of(c->a), str_of(c->b), 9), c->distance);
        assert_int_equal(str_distance(str_of(c->b), str_of(c->a), 9), c->distance);
    }
}

static void distance_stops_above_the_limit(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof distance_cases / sizeof distance_cases[0]; i++) {
        const struct distance_case *c = &distance_cases[i];
        for (unsigned limit = 0; limit < 4; limit++)
            assert_int_equal(str_distance(str_of(c->a), str_of(c->b), limit),
                             c->distance <= limit ? c->distance : limit + 1);
    }
}

static void distance_refuses_long_words(void **state) {
    (void)state;
    char word[65];
    memset(word, 'a', sizeof word);
    struct str longest = {word, 64}, too_long = {word, 65};
    assert_int_equal(str_distance(longest, longest, 2), 0);
    assert_int_equal(str_distance(too_long, too_long, 2), 3);
    assert_int_equal(str_distance(longest, too_long, 2), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_ignores_where_the_bytes_are),
        cmocka_unit_test(both_empty_strings_are_one),
        cmocka_unit_test(case_is_ascii_only),
        cmocka_unit_test(order_is_bytewise_and_shorter_first),
        cmocka_unit_test(slices_are_clamped),
        cmocka_unit_test(trimming_takes_blanks_at_both_ends),
        cmocka_unit_test(find_gives_the_first),
        cmocka_unit_test(cutting_walks_the_fields),
        cmocka_unit_test(numbers_are_whole_and_fit),
        cmocka_unit_test(hash_is_fnv_1a),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(distance_stops_above_the_limit),
        cmocka_unit_test(distance_refuses_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
