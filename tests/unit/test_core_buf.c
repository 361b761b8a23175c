#include "test.h"

#include "core/buf.h"

static void fill(struct buf *b) {
    buf_add(b, STR("one"));
    buf_add_char(b, ',');
    buf_printf(b, "%s %d", "two", 2);
    buf_add(b, STR_NONE);
    for (int i = 0; i < 1000; i++)
        buf_printf(b, ";%03d", i);
}

static void check_filled(const struct buf *b) {
    struct str s = buf_str(b);
    assert_false(b->failed);
    assert_int_equal(s.len, 9 + 4000);
    assert_str(str_slice(s, 0, 13), "one,two 2;000");
    assert_str(str_slice(s, s.len - 4, 4), ";999");
    assert_int_equal(s.ptr[s.len], '\0');
}

static void grows_in_an_arena(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 0);
    buf_init(&b, &a);
    fill(&b);
    check_filled(&b);
    buf_finish(&b);
    arena_finish(&a);
}

static void grows_on_the_heap_and_is_used_again(void **state) {
    (void)state;
    struct buf b;
    buf_init_heap(&b);
    fill(&b);
    check_filled(&b);
    buf_clear(&b);
    assert_str(buf_str(&b), "");
    fill(&b);
    check_filled(&b);
    buf_finish(&b);
    assert_true(str_is_empty(buf_str(&b)));
    buf_add(&b, STR("again"));
    assert_str(buf_str(&b), "again");
    buf_finish(&b);
    buf_finish(&b);
    buf_finish(NULL);
}

static void exact_fits_are_terminated(void **state) {
    (void)state;
    for (size_t len = 120; len < 136; len++) {
        struct buf b;
        buf_init_heap(&b);
        buf_printf(&b, "%*d", (int)len, 1);
        assert_int_equal(buf_str(&b).len, len);
        assert_int_equal(strlen(b.ptr), len);
        buf_clear(&b);
        for (size_t i = 0; i < len; i++)
            buf_add_char(&b, 'x');
        assert_int_equal(strlen(b.ptr), len);
        buf_finish(&b);
    }
}

static void keeps_embedded_nul(void **state) {
    (void)state;
    struct buf b;
    buf_init_heap(&b);
    buf_add(&b, STR("a\0b"));
    buf_add_char(&b, '\0');
    assert_true(str_equal(buf_str(&b), STR("a\0b\0")));
    buf_finish(&b);
}

/* The head stays whole, whatever is tried after the failure, until the buffer is cleared. */
static void a_full_arena_fails_once_and_for_all(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 400);
    buf_init(&b, &a);
    buf_add(&b, STR("the head"));
    buf_printf(&b, "%*d", 500, 1);
    assert_true(b.failed);
    buf_add(&b, STR("x"));
    buf_add_char(&b, 'y');
    buf_printf(&b, "z");
    assert_str(buf_str(&b), "the head");
    assert_int_equal(b.ptr[b.len], '\0');
    buf_clear(&b);
    assert_false(b.failed);
    buf_add(&b, STR("anew"));
    assert_str(buf_str(&b), "anew");
    buf_finish(&b);
    arena_finish(&a);
}

static void an_impossible_size_fails(void **state) {
    (void)state;
    struct buf b;
    buf_init_heap(&b);
    buf_add(&b, STR("x"));
    buf_add(&b, (struct str){"", SIZE_MAX - 1});
    assert_true(b.failed);
    assert_str(buf_str(&b), "x");
    buf_finish(&b);
}

static void nothing_fits_where_there_is_nothing(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 8);
    buf_init(&b, &a);
    buf_add(&b, STR("much too long"));
    assert_true(b.failed);
    assert_true(str_is_empty(buf_str(&b)));
    buf_clear(&b);
    buf_finish(&b);
    arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_in_an_arena),
        cmocka_unit_test(grows_on_the_heap_and_is_used_again),
        cmocka_unit_test(exact_fits_are_terminated),
        cmocka_unit_test(keeps_embedded_nul),
        cmocka_unit_test(a_full_arena_fails_once_and_for_all),
        cmocka_unit_test(an_impossible_size_fails),
        cmocka_unit_test(nothing_fits_where_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
