/* Answers as text: marks, choices, pieces, keys. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "chat/compose.h"

static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no_w")};

static void assert_composed(const struct chat_say *say, enum compose_markup markup, size_t buttons, const char *want) {
    struct buf b;
    buf_init_heap(&b);
    compose_text(&b, say, markup, buttons);
    assert_str(buf_str(&b), want);
    buf_finish(&b);
}

static void assert_marked(const char *text, enum compose_markup markup, const char *want) {
    struct chat_part part = {.text = str_of(text)};
    assert_composed(&(struct chat_say){.parts = &part, .part_count = 1}, markup, SIZE_MAX, want);
}

static void marks(void **state) {
    (void)state;
    const char *text = "Write *stop now*, or 2 * 3 * 4.\n- a_b <https://x.org/a_b>";
    assert_marked(text, COMPOSE_STYLING, "Write *stop now*, or 2 * 3 * 4.\n- a_b https://x.org/a_b");
    assert_marked(text, COMPOSE_MARKDOWN, "Write **stop now**, or 2 \\* 3 \\* 4.\n- a\\_b <https://x.org/a_b>");
    assert_marked(text, COMPOSE_MRKDWN, "Write *stop now*, or 2 * 3 * 4.\n- a_b <https://x.org/a_b>");
    assert_marked(text, COMPOSE_IRC, "Write \x02stop now\x02, or 2 * 3 * 4.\n- a_b https://x.org/a_b");
}

static void nothing_else_is_a_mark(void **state) {
    (void)state;
    assert_marked("# `x` ~y~ ||z|| [a](b) > q\n> r", COMPOSE_MARKDOWN,
                  "\\# \\`x\\` \\~y\\~ \\|\\|z\\|\\| \\[a\\](b) > q\n\\> r");
    assert_marked("a < b & c > d", COMPOSE_MRKDWN, "a &lt; b &amp; c &gt; d");
    assert_marked("@channel <!here> <@U1>", COMPOSE_MRKDWN,
                  "@\xe2\x80\x8b"
                  "channel &lt;!here&gt; &lt;@\xe2\x80\x8bU1&gt;");
    assert_marked("<@123> @everyone", COMPOSE_MARKDOWN, "\\<@\xe2\x80\x8b" "123> @\xe2\x80\x8b" "everyone");
    assert_marked("*open", COMPOSE_MARKDOWN, "\\*open");
    assert_marked("a*b*c", COMPOSE_MARKDOWN, "a\\*b\\*c");
    assert_marked("", COMPOSE_MARKDOWN, "");
}

static void parts_and_choices(void **state) {
    (void)state;
    struct chat_part parts[] = {
        {.text = STR("Hello.")},
        {.text = STR("Since when?"), .choices = choices, .choice_count = 2, .numbered = true},
        {.text = STR("Any?"), .choices = choices, .choice_count = 2},
    };
    struct chat_say say = {.nick = STR("an_n"), .parts = parts, .part_count = 3};
    assert_int_equal(compose_question(&say), 2);
    assert_composed(&say, COMPOSE_STYLING, SIZE_MAX,
                    "an_n: Hello.\n\nSince when?\n1. yes\n2. no_w\n\nAny?\n- yes\n- no_w");
    assert_composed(&say, COMPOSE_MARKDOWN, 2, "an\\_n: Hello.\n\nSince when?\n1. yes\n2. no\\_w\n\nAny?");
    say.part_count = 1;
    assert_int_equal(compose_question(&say), SIZE_MAX);
}

/* ---- pieces ---- */

static void assert_pieces(const char *text, size_t most, enum compose_unit unit, const char *const *want) {
    struct str rest = str_of(text);
    for (; *want; want++)
        assert_str(compose_cut(&rest, most, unit), *want);
    assert_int_equal(rest.len, 0);
    assert_int_equal(compose_cut(&rest, most, unit).len, 0);
}

static void cut_where_it_hurts_least(void **state) {
    (void)state;
    assert_pieces("one two", 100, COMPOSE_BYTES, (const char *[]){"one two", NULL});
    assert_pieces("one two three", 8, COMPOSE_BYTES, (const char *[]){"one two", "three", NULL});
    assert_pieces("one\n\ntwo three", 12, COMPOSE_BYTES, (const char *[]){"one", "two three", NULL});
    assert_pieces("a b\nc d e", 6, COMPOSE_BYTES, (const char *[]){"a b", "c d e", NULL});
    assert_pieces("see https://example.org/page now", 24, COMPOSE_BYTES,
                  (const char *[]){"see", "https://example.org/page", "now", NULL});
    assert_pieces("abcdefgh", 3, COMPOSE_BYTES, (const char *[]){"abc", "def", "gh", NULL});
}

#define FLAG "\xf0\x9f\x87\xac\xf0\x9f\x87\xa7" /* two code points, one grapheme */
#define FAMILY "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"

static void graphemes_stay_whole(void **state) {
    (void)state;
    assert_pieces(FLAG FLAG, 3, COMPOSE_POINTS, (const char *[]){FLAG, FLAG, NULL});
    assert_pieces("xx" FAMILY, 4, COMPOSE_POINTS, (const char *[]){"xx", FAMILY, NULL});
    assert_pieces("e\xcc\x81"
                  "e\xcc\x81",
                  3, COMPOSE_POINTS, (const char *[]){"e\xcc\x81", "e\xcc\x81", NULL});
    assert_int_equal(compose_length(STR(FLAG), COMPOSE_POINTS), 2);
    assert_int_equal(compose_length(STR(FLAG), COMPOSE_UTF16), 4);
    assert_int_equal(compose_length(STR(FLAG), COMPOSE_BYTES), 8);
}

static void any_bytes_come_through_in_order(void **state) {
    (void)state;
    char text[300], together[300];
    srand(7);
    for (int round = 0; round < 2000; round++) {
        size_t len = (size_t)rand() % sizeof text, at = 0;
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(rand() % 3 ? 'a' + rand() % 26 : rand() % 2 ? ' ' : rand());
        struct str rest = {text, len}, piece;
        size_t most = 4 + (size_t)rand() % 40;
        while ((piece = compose_cut(&rest, most, COMPOSE_BYTES)).len > 0) {
            assert_true(piece.len <= most);
            memcpy(together + at, piece.ptr, piece.len);
            at += piece.len;
        }
        size_t from = 0;
        for (size_t i = 0; i < at; i++) { /* nothing but blanks is lost */
            while (text[from] != together[i])
                assert_true(strchr(" \n\t\r", text[from++]) != NULL);
            from++;
        }
    }
}

static void keys(void **state) {
    (void)state;
    char a[COMPOSE_KEY_SIZE], b[COMPOSE_KEY_SIZE];
    struct chat_say say = {.to = STR("room"), .answers = STR("m1")};
    compose_key(&say, STR("text"), 0, a);
    compose_key(&say, STR("text"), 0, b);
    assert_string_equal(a, b);
    assert_true(strlen(a) <= 23);
    compose_key(&say, STR("text"), 1, b);
    assert_string_not_equal(a, b);
    compose_key(&(struct chat_say){.to = STR("room"), .answers = STR("m2")}, STR("text"), 0, b);
    assert_string_not_equal(a, b);
    compose_key(&(struct chat_say){.to = STR("roo"), .answers = STR("mm1")}, STR("text"), 0, b);
    assert_string_not_equal(a, b);
    compose_key(&say, STR("other"), 0, b);
    assert_string_not_equal(a, b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),
        cmocka_unit_test(nothing_else_is_a_mark),
        cmocka_unit_test(parts_and_choices),
        cmocka_unit_test(cut_where_it_hurts_least),
        cmocka_unit_test(graphemes_stay_whole),
        cmocka_unit_test(any_bytes_come_through_in_order),
        cmocka_unit_test(keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
