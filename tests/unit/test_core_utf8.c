#include "test.h"

#include "core/utf8.h"

static const struct point_case {
    uint32_t point;
    struct str bytes;
} point_cases[] = {
    {0x0, STR_INIT("\0")},
    {0x41, STR_INIT("A")},
    {0x7F, STR_INIT("\x7F")},
    {0x80, STR_INIT("\xC2\x80")},
    {0x7FF, STR_INIT("\xDF\xBF")},
    {0x800, STR_INIT("\xE0\xA0\x80")},
    {0xD7FF, STR_INIT("\xED\x9F\xBF")},
    {0xE000, STR_INIT("\xEE\x80\x80")},
    {0xFFFF, STR_INIT("\xEF\xBF\xBF")},
    {0x10000, STR_INIT("\xF0\x90\x80\x80")},
    {0x1F642, STR_INIT("\xF0\x9F\x99\x82")},
    {0x10FFFF, STR_INIT("\xF4\x8F\xBF\xBF")},
};

static void points_go_both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof point_cases / sizeof point_cases[0]; i++) {
        const struct point_case *c = &point_cases[i];
        char out[4];
        uint32_t point = 1;
        assert_true(str_equal((struct str){out, utf8_put(c->point, out)}, c->bytes));
        assert_int_equal(utf8_next(c->bytes, &point), c->bytes.len);
        assert_int_equal(point, c->point);
        assert_true(utf8_is_valid(c->bytes));
    }
}

static void every_point_survives(void **state) {
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        if (point == 0xD800)
            point = 0xE000;
        char out[4];
        uint32_t back;
        size_t len = utf8_put(point, out);
        if (utf8_next((struct str){out, len}, &back) != len || back != point)
            fail_msg("U+%04X came back as U+%04X", point, back);
    }
}

static const struct str invalid[] = {
    STR_INIT("\x80"), /* a continuation byte alone */
    STR_INIT("\xBF"),
    STR_INIT("\xC0\x80"), /* overlong NUL */
    STR_INIT("\xC1\xBF"),
    STR_INIT("\xE0\x9F\xBF"),     /* overlong, 3 bytes */
    STR_INIT("\xF0\x8F\xBF\xBF"), /* overlong, 4 bytes */
    STR_INIT("\xED\xA0\x80"),     /* surrogates */
    STR_INIT("\xED\xBF\xBF"),
    STR_INIT("\xF4\x90\x80\x80"), /* past U+10FFFF */
    STR_INIT("\xF5\x80\x80\x80"),
    STR_INIT("\xFE"),
    STR_INIT("\xFF"),
    STR_INIT("\xC3"), /* cut short */
    STR_INIT("\xE2\x82"),
    STR_INIT("\xF0\x9F\x99"),
    STR_INIT("\xC3("), /* the next byte is another character */
    STR_INIT("\xE2\x82("),
    STR_INIT("\xF0\x9F\x99("),
};

static void what_is_invalid_counts_as_one_byte(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        uint32_t point = 0;
        assert_false(utf8_is_valid(invalid[i]));
        assert_int_equal(utf8_next(invalid[i], &point), 1);
        assert_int_equal(point, 0xFFFD);
    }
    assert_true(utf8_is_valid(STR_NONE));
    assert_true(utf8_is_valid(STR("plain")));
    assert_false(utf8_is_valid(STR("caf\xC3\xA9 \xFF")));
    uint32_t point;
    assert_int_equal(utf8_next(STR_NONE, &point), 0);
}

static void putting_what_is_no_point_gives_the_replacement(void **state) {
    (void)state;
    const uint32_t wrong[] = {0xD800, 0xDFFF, 0x110000, UINT32_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char out[4];
        assert_true(str_equal((struct str){out, utf8_put(wrong[i], out)}, STR("\xEF\xBF\xBD")));
    }
}

static void heads_do_not_cut_a_point(void **state) {
    (void)state;
    struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82z"); /* ends after 1, 3, 6, 10, 11 bytes */
    const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t limit = 0; limit < sizeof expected / sizeof expected[0]; limit++) {
        assert_int_equal(utf8_head(s, limit).len, expected[limit]);
        assert_true(utf8_is_valid(utf8_head(s, limit)));
    }
    assert_int_equal(utf8_head(STR_NONE, 3).len, 0);
}

static void heads_of_rubbish_keep_within_the_limit(void **state) {
    (void)state;
    struct str rubbish = STR("\x80\x80\x80\x80\x80\x80");
    assert_int_equal(utf8_head(rubbish, 4).len, 4);
    struct str cut = STR("ab\xF0\x9F");
    assert_int_equal(utf8_head(cut, 3).len, 3);
}

static void columns_are_what_a_terminal_shows(void **state) {
    (void)state;
    assert_int_equal(utf8_columns(STR_NONE), 0);
    assert_int_equal(utf8_columns(STR("twitch")), 6);
    assert_int_equal(utf8_columns(STR("caf\xC3\xA9")), 4);
    assert_int_equal(utf8_columns(STR("cafe\xCC\x81")), 4);     /* a combining accent */
    assert_int_equal(utf8_columns(STR("\xE5\x94\x87")), 2);     /* a wide ideograph */
    assert_int_equal(utf8_columns(STR("\xF0\x9F\x99\x82")), 2); /* an emoji */
    assert_int_equal(utf8_columns(STR("a\xE2\x80\x8Bz")), 2);   /* a zero-width space */
    assert_int_equal(utf8_columns(STR("\xFF")), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_go_both_ways),
        cmocka_unit_test(every_point_survives),
        cmocka_unit_test(what_is_invalid_counts_as_one_byte),
        cmocka_unit_test(putting_what_is_no_point_gives_the_replacement),
        cmocka_unit_test(heads_do_not_cut_a_point),
        cmocka_unit_test(heads_of_rubbish_keep_within_the_limit),
        cmocka_unit_test(columns_are_what_a_terminal_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
