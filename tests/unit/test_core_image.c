#include "test.h"

#include <stdio.h>

#include "core/arena.h"
#include "core/image.h"

/* A block as a loaded dialog is one: structs and texts in an arena, pointing at each other. */
struct leaf {
    struct str text;
    uint32_t number;
};

struct tree {
    const struct leaf *leaves;
    size_t count;
    const struct tree *self;
    const void *past_the_end, *nothing, *elsewhere;
};

enum { LEAVES = 100, BLOCK_BYTES = 64 * 1024, AT = 0x70000000 };

struct block {
    struct arena arena;
    char *memory;
    void *own;
    struct tree *tree;
};

/* shift: how far from a round address. */
static void block_make(struct block *b, size_t shift) {
    assert_int_equal(posix_memalign(&b->own, IMAGE_HEAD_BYTES, BLOCK_BYTES + shift), 0);
    memset(b->own, 0, BLOCK_BYTES + shift);
    b->memory = (char *)b->own + shift;
    arena_init_lent(&b->arena, b->memory, BLOCK_BYTES);
    b->tree = ARENA_NEW(&b->arena, struct tree);
    struct leaf *leaves = ARENA_ARRAY(&b->arena, struct leaf, LEAVES);
    for (unsigned i = 0; i < LEAVES; i++)
        leaves[i] = (struct leaf){arena_printf(&b->arena, "leaf %u", i), i * 2654435761u};
    *b->tree = (struct tree){leaves, LEAVES, b->tree, NULL, NULL, NULL};
}

struct fixture {
    struct block blocks[2];
    struct image_plan plan;
    struct buf image;
    struct err e;
};

static void replan(struct fixture *f) {
    f->plan = (struct image_plan){
        .first = f->blocks[0].memory,
        .second = f->blocks[1].memory,
        .bytes = (arena_lent_bytes(&f->blocks[0].arena) + 15) / 16 * 16,
        .root = (size_t)((char *)f->blocks[0].tree - f->blocks[0].memory),
        .at = AT,
        .stamp = {7, 11},
        .notes = STR("a note"),
    };
    for (int i = 0; i < 2; i++)
        f->blocks[i].tree->past_the_end = f->blocks[i].memory + f->plan.bytes;
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    for (int i = 0; i < 2; i++)
        block_make(&f->blocks[i], (size_t)i * 16);
    replan(f);
    buf_init_heap(&f->image);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++)
        free(f->blocks[i].own);
    buf_finish(&f->image);
    free(f);
    return 0;
}

static struct image read_good(struct fixture *f) {
    struct image i;
    assert_true(image_make(&f->image, &f->plan, &f->e));
    assert_true(image_read_head(buf_str(&f->image), f->image.len, &i, &f->e));
    return i;
}

/* The image in memory of its own, as a map of its file would be. */
static void *loaded(const struct fixture *f) {
    void *memory = NULL;
    assert_int_equal(posix_memalign(&memory, IMAGE_HEAD_BYTES, f->image.len), 0);
    return memcpy(memory, f->image.ptr, f->image.len);
}

static void check_tree(const struct tree *t, const char *from, const char *to) {
    assert_int_equal(t->count, LEAVES);
    assert_ptr_equal(t->self, t);
    assert_null(t->nothing);
    assert_ptr_equal(t->past_the_end, to);
    for (unsigned i = 0; i < LEAVES; i++) {
        char text[16];
        snprintf(text, sizeof text, "leaf %u", i);
        assert_true(t->leaves[i].text.ptr > from && t->leaves[i].text.ptr < to);
        assert_str(t->leaves[i].text, text);
        assert_int_equal(t->leaves[i].number, i * 2654435761u);
    }
}

static void it_works_at_another_address(void **state) {
    struct fixture *f = *state;
    struct image i = read_good(f);
    char *memory = loaded(f);
    assert_int_equal(i.stamp.program, 7);
    assert_int_equal(i.stamp.sources, 11);
    assert_str(i.notes, "a note");
    assert_int_equal(i.at, AT);
    const struct tree *t = image_settle(&i, memory);
    assert_non_null(t);
    char *contents = memory + IMAGE_HEAD_BYTES;
    check_tree(t, contents, contents + f->plan.bytes);
    free(memory);
}

/* Where it prefers to be, not a byte is touched: what is in it points there already. */
static void it_works_at_its_own_address(void **state) {
    struct fixture *f = *state;
    void *memory = NULL;
    assert_int_equal(posix_memalign(&memory, IMAGE_HEAD_BYTES, f->plan.bytes * 2 + IMAGE_HEAD_BYTES), 0);
    f->plan.at = (uintptr_t)memory;
    struct image i = read_good(f);
    memcpy(memory, f->image.ptr, f->image.len);
    const struct tree *t = image_settle(&i, memory);
    assert_memory_equal(memory, f->image.ptr, f->image.len);
    char *contents = (char *)memory + IMAGE_HEAD_BYTES;
    check_tree(t, contents, contents + f->plan.bytes);
    free(memory);
}

static void the_same_block_gives_the_same_bytes(void **state) {
    struct fixture *f = *state;
    struct buf again;
    struct block third;
    buf_init_heap(&again);
    assert_true(image_make(&f->image, &f->plan, &f->e));
    block_make(&third, 32);
    third.tree->past_the_end = third.memory + f->plan.bytes;
    f->plan.second = third.memory;
    assert_true(image_make(&again, &f->plan, &f->e));
    assert_int_equal(again.len, f->image.len);
    assert_memory_equal(again.ptr, f->image.ptr, again.len);
    buf_finish(&again);
    free(third.own);
}

static void refused(struct fixture *f, const char *why) {
    assert_false(image_make(&f->image, &f->plan, &f->e));
    assert_int_equal(f->e.code, ERR_SCHEMA);
    assert_non_null(strstr(f->e.message, why));
    f->e = (struct err){0};
}

static void pointers_out_of_the_block_are_refused(void **state) {
    struct fixture *f = *state;
    static const char constant[] = "a constant of the program";
    struct image_range program = {(uintptr_t)constant, (uintptr_t)constant + sizeof constant};
    int *heap[2] = {malloc(sizeof(int)), malloc(sizeof(int))};
    for (int i = 0; i < 2; i++)
        f->blocks[i].tree->elsewhere = heap[i];
    refused(f, "not twice the same");
    for (int i = 0; i < 2; i++)
        f->blocks[i].tree->elsewhere = constant + 2;
    f->plan.foreign = &program;
    f->plan.foreign_count = 1;
    refused(f, "a pointer into the program");
    /* From one block into the other. */
    for (int i = 0; i < 2; i++)
        f->blocks[i].tree->elsewhere = f->blocks[1 - i].tree;
    refused(f, "not twice the same");
    for (int i = 0; i < 2; i++)
        f->blocks[i].tree->elsewhere = NULL;
    assert_true(image_make(&f->image, &f->plan, &f->e));
    free(heap[0]);
    free(heap[1]);
}

static void bytes_that_differ_are_refused(void **state) {
    struct fixture *f = *state;
    f->blocks[1].memory[f->plan.bytes - 1] = 'x';
    refused(f, "not twice the same");
}

/* Seven bytes of an old pointer in the gap behind a member of one byte: to move that "pointer" could change the member. */
static void what_is_left_of_a_pointer_is_none(void **state) {
    struct fixture *f = *state;
    for (unsigned bytes = 1; bytes < sizeof(void *); bytes++) {
        for (int i = 0; i < 2; i++) {
            f->blocks[i].tree->elsewhere = f->blocks[i].tree;
            memset(&f->blocks[i].tree->elsewhere, 0x5a, bytes);
        }
        const void *left[2] = {f->blocks[0].tree->elsewhere, f->blocks[1].tree->elsewhere};
        if (left[0] != left[1])
            refused(f, "not twice the same");
        else
            assert_true(image_make(&f->image, &f->plan, &f->e));
    }
}

static void too_long_notes(void **state) {
    static const char notes[IMAGE_NOTES_MAX + 1];
    struct fixture *f = *state;
    f->plan.notes = (struct str){notes, IMAGE_NOTES_MAX};
    struct image i = read_good(f);
    assert_int_equal(i.notes.len, IMAGE_NOTES_MAX);
    f->plan.notes.len++;
    assert_false(image_make(&f->image, &f->plan, &f->e));
    assert_int_equal(f->e.code, ERR_LIMIT);
}

static void a_cut_or_lengthened_file_is_no_image(void **state) {
    struct fixture *f = *state;
    struct image i = read_good(f);
    for (size_t len = 0; len <= f->image.len + 64; len++)
        if (len != f->image.len)
            assert_false(image_read_head((struct str){f->image.ptr, len < f->image.len ? len : f->image.len}, len, &i, NULL));
}

/* Every bit of what the head says counts. */
static void a_damaged_head_is_no_image(void **state) {
    struct fixture *f = *state;
    struct image i = read_good(f);
    size_t said = 11 * sizeof(uint64_t) + i.notes.len;
    for (size_t bit = 0; bit < said * 8; bit++) {
        f->image.ptr[bit / 8] = (char)(f->image.ptr[bit / 8] ^ 1 << bit % 8);
        assert_false(image_read_head(buf_str(&f->image), f->image.len, &i, NULL));
        f->image.ptr[bit / 8] = (char)(f->image.ptr[bit / 8] ^ 1 << bit % 8);
    }
    assert_true(image_read_head(buf_str(&f->image), f->image.len, &i, NULL));
    memset(f->image.ptr, 0, IMAGE_HEAD_BYTES);
    assert_false(image_read_head(buf_str(&f->image), f->image.len, &i, NULL));
}

/* A table of pointers that cannot be is seen before anything is written where it says. */
static void a_damaged_table_is_refused(void **state) {
    struct fixture *f = *state;
    struct image i = read_good(f);
    size_t table = IMAGE_HEAD_BYTES + f->plan.bytes;
    static const uint32_t wrong[] = {UINT32_MAX, 0 /* no pointer is there */};
    uint32_t outside = (uint32_t)(f->plan.bytes / sizeof(void *));
    for (unsigned n = 0; n < 3; n++) {
        char *memory = loaded(f);
        memcpy(memory + table, n < 2 ? &wrong[n] : &outside, sizeof outside);
        assert_null(image_settle(&i, memory));
        free(memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_works_at_another_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_works_at_its_own_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_block_gives_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pointers_out_of_the_block_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_that_differ_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_left_of_a_pointer_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_long_notes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_or_lengthened_file_is_no_image, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_head_is_no_image, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_table_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
