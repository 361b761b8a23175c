#include "test.h"

#include <stdalign.h>

#include "core/arena.h"

static void allocations_are_zeroed_and_aligned(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (size_t size = 1; size < 200; size++) {
        unsigned char *p = arena_alloc(&a, 1, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xA5, size);
        assert_non_null(arena_copy(&a, STR("odd")).ptr);
    }
    arena_finish(&a);
}

static void a_reset_arena_gives_zeroes_again(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (int round = 0; round < 3; round++) {
        uint64_t *numbers = ARENA_ARRAY(&a, uint64_t, 100);
        assert_non_null(numbers);
        for (size_t i = 0; i < 100; i++)
            assert_true(numbers[i] == 0);
        memset(numbers, 0xFF, 100 * sizeof *numbers);
        arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
    }
    arena_finish(&a);
}

static void many_blocks_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 600, SIZE = 1000 };
    struct arena a;
    arena_init(&a, 0);
    for (int round = 0; round < 2; round++) {
        unsigned char *pieces[COUNT];
        for (unsigned i = 0; i < COUNT; i++) {
            pieces[i] = arena_alloc(&a, SIZE, 1);
            assert_non_null(pieces[i]);
            memset(pieces[i], (int)(i & 0xFF), SIZE);
        }
        for (unsigned i = 0; i < COUNT; i++)
            for (size_t j = 0; j < SIZE; j++)
                assert_int_equal(pieces[i][j], i & 0xFF);
        arena_reset(&a);
    }
    arena_finish(&a);
}

static void one_large_allocation_fits(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    char *small = arena_alloc(&a, 1, 10);
    char *large = arena_alloc(&a, 1024, 1024);
    assert_non_null(small);
    assert_non_null(large);
    memset(large, 1, (size_t)1024 * 1024);
    assert_int_equal(small[9], 0);
    arena_finish(&a);
}

static void the_limit_holds_and_leaves_the_arena_usable(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 1000);
    assert_non_null(arena_alloc(&a, 1, 900));
    assert_null(arena_alloc(&a, 1, 101));
    assert_null(arena_alloc(&a, 1, SIZE_MAX));
    assert_null(arena_copy(&a, (struct str){"", SIZE_MAX}).ptr);
    assert_non_null(arena_alloc(&a, 1, 100));
    assert_null(arena_alloc(&a, 1, 1));
    assert_null(arena_copy(&a, STR("")).ptr);
    assert_null(arena_printf(&a, "%d", 1).ptr);
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1, 1000));
    arena_finish(&a);
}

static void room_is_aligned_and_counts(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 1000);
    assert_non_null(arena_copy(&a, STR("ab")).ptr);
    char *room = arena_room(&a, 3, 100);
    assert_non_null(room);
    assert_int_equal((uintptr_t)room % alignof(max_align_t), 0);
    memset(room, 1, 300);
    assert_null(arena_room(&a, 1, 1000 - 300 - 2));
    assert_null(arena_room(&a, SIZE_MAX / 2, 3));
    assert_non_null(arena_room(&a, 0, 8));
    arena_finish(&a);
}

static void a_product_past_the_address_space_is_refused(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    assert_null(arena_alloc(&a, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&a, SIZE_MAX, 1));
    assert_non_null(arena_alloc(&a, 1, 1));
    arena_finish(&a);
}

static void nothing_is_something(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    assert_null(a.blocks);
    assert_non_null(arena_alloc(&a, 0, 8));
    assert_non_null(arena_alloc(&a, 8, 0));
    assert_int_equal(a.used_bytes, 0);
    arena_finish(&a);
    arena_finish(&a);
    struct arena zeroed = {0};
    arena_reset(&zeroed);
    arena_finish(&zeroed);
}

static void copies_end_in_nul_and_outlive_the_original(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    char text[] = "coffee";
    struct str copy = arena_copy(&a, (struct str){text, 3});
    memset(text, 'x', sizeof text - 1);
    assert_str(copy, "cof");
    assert_int_equal(copy.ptr[3], '\0');
    struct str with_nul = arena_copy(&a, STR("a\0b"));
    assert_true(str_equal(with_nul, STR("a\0b")));
    struct str nothing = arena_copy(&a, STR_NONE);
    assert_non_null(nothing.ptr);
    assert_int_equal(nothing.len, 0);
    arena_finish(&a);
}

static void printing_fits_whatever_its_length(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    assert_str(arena_printf(&a, "%s:%d", "triggers.yaml", 41), "triggers.yaml:41");
    assert_str(arena_printf(&a, "%s", ""), "");
    struct str wide = arena_printf(&a, "%50000d", 7);
    assert_int_equal(wide.len, 50000);
    assert_int_equal(wide.ptr[49999], '7');
    assert_int_equal(wide.ptr[50000], '\0');
    arena_finish(&a);
}

static void lent_memory_is_filled_from_its_start_and_never_grows(void **state) {
    (void)state;
    alignas(max_align_t) static char memory[4096];
    struct arena a;
    arena_init_lent(&a, memory, sizeof memory);
    for (int round = 0; round < 2; round++) {
        size_t before = arena_lent_bytes(&a), count = 0;
        char *first = arena_alloc(&a, 1, 100);
        assert_true(first >= memory && first < memory + 100);
        assert_true(arena_lent_bytes(&a) >= before + 100);
        for (char *p; (p = arena_alloc(&a, 1, 100)); count++)
            assert_true(p > first && p + 100 <= memory + sizeof memory);
        assert_true(count > 30 && count < 40);
        assert_non_null(arena_copy(&a, STR("what is left")).ptr);
        assert_null(arena_alloc(&a, 1, 4096));
        arena_reset(&a);
    }
    arena_finish(&a); /* frees nothing */
    arena_init_lent(&a, memory, 8);
    assert_null(arena_alloc(&a, 1, 1));
    assert_int_equal(arena_lent_bytes(&a), 0);
    arena_finish(&a);
}

static void bytes_are_lengthened_on_the_spot_or_moved(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 300000);
    char *p = arena_lengthen(&a, NULL, 0, 10), *q;
    assert_non_null(p);
    memcpy(p, "0123456789", 10);
    for (size_t size = 10; size < 100000; size *= 3) {
        p = arena_lengthen(&a, p, size, size * 3);
        assert_non_null(p);
        memset(p + size, 'x', size * 2);
        assert_memory_equal(p, "0123456789", 10);
        q = arena_alloc(&a, 1, 7); /* in the way, now and then */
        assert_non_null(q);
        memset(q, 'q', 7);
    }
    assert_null(arena_lengthen(&a, p, 196830, 1000000));
    assert_memory_equal(p, "0123456789x", 11);
    arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_and_aligned),
        cmocka_unit_test(a_reset_arena_gives_zeroes_again),
        cmocka_unit_test(many_blocks_do_not_overlap),
        cmocka_unit_test(one_large_allocation_fits),
        cmocka_unit_test(the_limit_holds_and_leaves_the_arena_usable),
        cmocka_unit_test(room_is_aligned_and_counts),
        cmocka_unit_test(a_product_past_the_address_space_is_refused),
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(copies_end_in_nul_and_outlive_the_original),
        cmocka_unit_test(printing_fits_whatever_its_length),
        cmocka_unit_test(lent_memory_is_filled_from_its_start_and_never_grows),
        cmocka_unit_test(bytes_are_lengthened_on_the_spot_or_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
