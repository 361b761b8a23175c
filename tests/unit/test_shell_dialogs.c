#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/image.h"
#include "engine/record.h"
#include "shell/build_stamp.h"
#include "shell/dialogs.h"
#include "shell/files.h"

/* A copy of a dialog that builds on another folder, and a folder for its image. */
struct fixture {
    char top[64], dialog[96], used[96], images[96];
    char image[IMAGES_PATH_MAX];
    size_t image_bytes;
    struct problems problems;
    struct err e;
    struct opened_dialog opened;
};

static const char *inside(const char *folder, const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *path, struct str bytes) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static struct str read_bytes(const char *path, struct arena *a) {
    struct stat st;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &st), 0);
    char *bytes = arena_alloc(a, 1, (size_t)st.st_size);
    assert_int_equal(fread(bytes, 1, (size_t)st.st_size, file), st.st_size);
    fclose(file);
    return (struct str){bytes, (size_t)st.st_size};
}

static void copy_folder(const char *from, const char *to) {
    struct arena a;
    struct dialog_file *files;
    size_t count;
    arena_init(&a, 0);
    assert_int_equal(mkdir(to, 0755), 0);
    assert_true(files_read_dir(str_of(from), &a, &files, &count, NULL));
    for (size_t i = 0; i < count; i++)
        write_bytes(inside(to, files[i].name.ptr), files[i].bytes);
    arena_finish(&a);
}

static void remove_folder(const char *path) {
    DIR *d = opendir(path);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (entry->d_name[0] != '.')
            unlink(inside(path, entry->d_name));
    if (d)
        closedir(d);
    rmdir(path);
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->top, "/tmp/test-dialogs-XXXXXX");
    assert_non_null(mkdtemp(f->top));
    snprintf(f->dialog, sizeof f->dialog, "%s/hiccups", f->top);
    snprintf(f->used, sizeof f->used, "%s/english", f->top);
    snprintf(f->images, sizeof f->images, "%s/images", f->top);
    copy_folder("dialogs/hiccups", f->dialog);
    copy_folder("dialogs/english", f->used);
    problems_init(&f->problems);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    dialog_close(&f->opened);
    problems_finish(&f->problems);
    chmod(f->images, 0755);
    remove_folder(f->dialog);
    remove_folder(f->used);
    remove_folder(f->images);
    rmdir(f->top);
    free(f);
    return 0;
}

static void make_image(struct fixture *f) {
    bool fine = dialog_compile(f->dialog, f->images, f->image, &f->image_bytes, &f->problems, &f->e);
    if (!fine)
        print_error("%s\n", f->e.message);
    assert_true(fine);
}

/* Opens the dialog and says whether it came out of the image. */
static bool opens_from_image(struct fixture *f) {
    dialog_close(&f->opened);
    assert_true(dialog_open(&f->opened, f->dialog, f->images, &f->problems));
    assert_int_equal(f->problems.count, 0);
    assert_string_equal(f->opened.dialog->name.ptr, "hiccups");
    assert_int_equal(!f->opened.image, f->opened.loaded != NULL);
    return f->opened.image != NULL;
}

/* ---- the same talk ---- */

static const char *const lines[] = {
    "ive had hiccups since monday, is that dangerous??",
    "me, 54",
    "none of those",
    "no",
    "not sure",
    "nope",
    "wht is this",
    "about 3 beers a day and 2 coffees",
    "my chest hurts a bitt and im short of breaht",
    "why",
    "back",
    "sources",
    "what helps",
    "restart",
    "hicups for 3 weeks now, i take omeprazole",
    "my dad, he is 70",
    "none",
    "all of them except the first",
    "\xf0\x9f\x98\x80 caf\xc3\xa9 na\xc3\xafve",
    "summary",
    "it stopped",
    "thanks",
    "my face droops since one hour",
    "stop",
};

static void play(const struct dialog *d, struct buf *out) {
    static const struct engine_from from = {.platform = STR_INIT("test"), .who = STR_INIT("you"), .addressed = true};
    struct engine_config config = {
        .dialogs = &d, .dialog_count = 1, .max_sessions = 4, .session_ttl_ms = INT64_MAX / 4, .seed = 3};
    struct engine *e = engine_new(&config, NULL);
    const struct engine_reply *replies;
    assert_non_null(e);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
            struct str line = str_of(lines[i]);
            size_t count = engine_message(e, &from, line, INT64_C(1769860800000), &replies);
            buf_add(out, record_turn(e, i, &line, replies, count));
            buf_add_char(out, '\n');
        }
    engine_free(e);
}

static void check_talk(struct fixture *f) {
    struct buf from_files, from_image;
    struct opened_dialog o;
    buf_init_heap(&from_files);
    buf_init_heap(&from_image);
    assert_true(dialog_open(&o, f->dialog, NULL, &f->problems));
    assert_null(o.image);
    play(o.dialog, &from_files);
    play(f->opened.dialog, &from_image);
    assert_true(from_files.len > 10000);
    assert_string_equal(from_files.ptr, from_image.ptr);
    assert_int_equal(o.dialog->revision, f->opened.dialog->revision);
    dialog_close(&o);
    buf_finish(&from_files);
    buf_finish(&from_image);
}

static void an_image_says_what_the_files_say(void **state) {
    struct fixture *f = *state;
    assert_false(opens_from_image(f));
    make_image(f);
    assert_true(opens_from_image(f));
    check_talk(f);
}

static void it_works_where_its_place_is_taken(void **state) {
    struct fixture *f = *state;
    make_image(f);
    assert_true(opens_from_image(f));
    char *place = f->opened.image;
    dialog_close(&f->opened);
    void *in_the_way = mmap(place + 4096, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    assert_ptr_equal(in_the_way, place + 4096);
    assert_true(opens_from_image(f));
    assert_ptr_not_equal(f->opened.image, place);
    check_talk(f);
    munmap(in_the_way, 4096);
}

static void two_at_once(void **state) {
    struct fixture *f = *state;
    struct opened_dialog other;
    make_image(f);
    assert_true(opens_from_image(f));
    assert_true(dialog_open(&other, f->dialog, f->images, &f->problems));
    assert_non_null(other.image);
    assert_ptr_not_equal(other.image, f->opened.image);
    check_talk(f);
    dialog_close(&other);
    check_talk(f);
}

static void two_compilations_give_the_same_bytes(void **state) {
    struct fixture *f = *state;
    struct arena a;
    arena_init(&a, 0);
    make_image(f);
    struct str first = read_bytes(f->image, &a);
    make_image(f);
    struct str second = read_bytes(f->image, &a);
    assert_int_equal(first.len, f->image_bytes);
    assert_true(str_equal(first, second));
    arena_finish(&a);
}

/* ---- what does not fit ---- */

/* A comment is enough: nobody has to judge what a change means. */
static void one_other_byte_in_a_file(void **state) {
    struct fixture *f = *state;
    const char *const folders[] = {f->dialog, f->used};
    make_image(f);
    for (int i = 0; i < 2; i++) {
        struct arena a;
        arena_init(&a, 0);
        struct str bytes = read_bytes(inside(folders[i], "words.yaml"), &a);
        char *changed = arena_alloc(&a, 1, bytes.len);
        memcpy(changed, bytes.ptr, bytes.len);
        size_t at = str_find(bytes, STR("# ")) + 2;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        write_bytes(inside(folders[i], "words.yaml"), (struct str){changed, bytes.len});
        assert_false(opens_from_image(f));
        write_bytes(inside(folders[i], "words.yaml"), bytes);
        assert_true(opens_from_image(f));
        arena_finish(&a);
    }
}

static void a_file_more_or_less(void **state) {
    struct fixture *f = *state;
    const char *const folders[] = {f->dialog, f->used};
    make_image(f);
    for (int i = 0; i < 2; i++) {
        write_bytes(inside(folders[i], "words-more.yaml"), STR("harmless: [zebra]\n"));
        assert_false(opens_from_image(f));
        unlink(inside(folders[i], "words-more.yaml"));
        assert_true(opens_from_image(f));
    }
    write_bytes(inside(f->dialog, "words-more.yaml"), STR("harmless: [zebra]\n"));
    make_image(f);
    assert_true(opens_from_image(f));
    unlink(inside(f->dialog, "words-more.yaml"));
    assert_false(opens_from_image(f));
}

static void a_mistake_is_told_as_ever(void **state) {
    struct fixture *f = *state;
    make_image(f);
    write_bytes(inside(f->dialog, "says-more.yaml"), STR("broken: [\n"));
    assert_false(dialog_open(&f->opened, f->dialog, f->images, &f->problems));
    assert_null(f->opened.dialog);
    assert_true(f->problems.count > 0);
    assert_str(f->problems.items[0].file, "says-more.yaml");
    assert_false(dialog_compile(f->dialog, f->images, f->image, &f->image_bytes, &f->problems, &f->e));
    unlink(inside(f->dialog, "says-more.yaml"));
}

static void a_damaged_image(void **state) {
    struct fixture *f = *state;
    struct arena a;
    arena_init(&a, 0);
    make_image(f);
    struct str bytes = read_bytes(f->image, &a);
    size_t lengths[] = {0, 1, 100, IMAGE_HEAD_BYTES - 1, IMAGE_HEAD_BYTES, IMAGE_HEAD_BYTES + 1, bytes.len / 2, bytes.len - 4, bytes.len - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_bytes(f->image, str_slice(bytes, 0, lengths[i]));
        assert_false(opens_from_image(f));
    }
    struct str longer = arena_copy(&a, bytes); /* with the NUL behind it */
    write_bytes(f->image, (struct str){longer.ptr, longer.len + 1});
    assert_false(opens_from_image(f));
    char *garbage = arena_alloc(&a, 1, bytes.len);
    for (size_t i = 0; i < bytes.len; i++)
        garbage[i] = (char)(i * 2654435761u >> 13);
    write_bytes(f->image, (struct str){garbage, bytes.len});
    assert_false(opens_from_image(f));
    write_bytes(f->image, bytes);
    assert_true(opens_from_image(f));
    arena_finish(&a);
}

/* An image whose stamp says so; what is in it does not matter, for nobody looks at it before the stamp fits. */
static void put_image_of(struct fixture *f, struct image_stamp stamp) {
    static const struct { max_align_t a[64]; } nothing[2];
    struct buf b;
    struct image_plan plan = {.first = &nothing[0],
                              .second = (const char *)&nothing[0] + 16,
                              .bytes = sizeof nothing[0],
                              .at = 0x10000000,
                              .stamp = stamp,
                              .notes = {"../english", sizeof "../english"}};
    buf_init_heap(&b);
    assert_true(image_make(&b, &plan, &f->e));
    write_bytes(f->image, buf_str(&b));
    buf_finish(&b);
}

static void another_build_or_other_sources(void **state) {
    struct fixture *f = *state;
    struct arena a;
    struct dialog_file *files;
    size_t count;
    arena_init(&a, 0);
    assert_true(files_read_dialog(f->dialog, &a, &files, &count, &f->problems));
    struct image_stamp fits = {build_stamp(), dialog_files_hash(files, count)};
    assert_true(fits.program != 0);
    make_image(f);
    put_image_of(f, (struct image_stamp){fits.program ^ 1, fits.sources});
    assert_false(opens_from_image(f));
    put_image_of(f, (struct image_stamp){fits.program, fits.sources ^ 1});
    assert_false(opens_from_image(f));
    put_image_of(f, fits);
    dialog_close(&f->opened);
    assert_true(dialog_open(&f->opened, f->dialog, f->images, &f->problems));
    assert_non_null(f->opened.image); /* so it was the stamp that was looked at */
    arena_finish(&a);
}

/* ---- whom to trust ---- */

static void what_others_may_write_is_passed_over(void **state) {
    struct fixture *f = *state;
    make_image(f);
    for (mode_t bit = S_IWOTH; bit <= S_IWGRP; bit = bit == S_IWOTH ? S_IWGRP : S_IWUSR) {
        assert_int_equal(chmod(f->image, 0644 | bit), 0);
        assert_false(opens_from_image(f));
        assert_int_equal(chmod(f->image, 0644), 0);
        assert_int_equal(chmod(f->images, 0755 | bit), 0);
        assert_false(opens_from_image(f));
        assert_false(dialog_compile(f->dialog, f->images, f->image, &f->image_bytes, &f->problems, &f->e));
        assert_non_null(strstr(f->e.message, "nobody else can write"));
        f->e = (struct err){0};
        assert_int_equal(chmod(f->images, 0755), 0);
        assert_true(opens_from_image(f));
    }
    assert_int_equal(rename(f->image, inside(f->images, "elsewhere")), 0);
    assert_int_equal(symlink("elsewhere", f->image), 0);
    assert_false(opens_from_image(f));
    unlink(f->image);
    assert_int_equal(mkfifo(f->image, 0600), 0);
    assert_false(opens_from_image(f));
    unlink(f->image);
    if (geteuid() == 0) { /* only root can give files away */
        assert_int_equal(rename(inside(f->images, "elsewhere"), f->image), 0);
        assert_int_equal(chown(f->image, 12345, 12345), 0);
        assert_false(opens_from_image(f));
        assert_int_equal(chown(f->image, 0, 0), 0);
        assert_int_equal(chown(f->images, 12345, 12345), 0);
        assert_false(opens_from_image(f));
    }
}

static void folders_that_cannot_be_written_or_are_none(void **state) {
    struct fixture *f = *state;
    make_image(f);
    assert_int_equal(chmod(f->image, 0444), 0);
    assert_int_equal(chmod(f->images, 0555), 0);
    assert_true(opens_from_image(f));
    assert_int_equal(chmod(f->images, 0755), 0);
    const char *const none[] = {"/nonexistent/folder/images", f->image};
    for (int i = 0; i < 2; i++) {
        char path[IMAGES_PATH_MAX];
        assert_false(dialog_compile(f->dialog, none[i], path, &f->image_bytes, &f->problems, &f->e));
        assert_non_null(strstr(f->e.message, none[i]));
        f->e = (struct err){0};
        assert_true(dialog_open(&f->opened, f->dialog, none[i], &f->problems));
        assert_null(f->opened.image);
        dialog_close(&f->opened);
    }
}

static void the_folder_of_images(void **state) {
    (void)state;
    char buffer[IMAGES_PATH_MAX];
    setenv("LIPPY_IMAGES", "/some/where", 1);
    assert_string_equal(images_folder(buffer), "/some/where");
    unsetenv("LIPPY_IMAGES");
    const char *beside = images_folder(buffer);
    assert_non_null(beside);
    assert_string_equal(beside + strlen(beside) - strlen("/images"), "/images");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_image_says_what_the_files_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_works_where_its_place_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_compilations_give_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_other_byte_in_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_more_or_less, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mistake_is_told_as_ever, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_image, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_build_or_other_sources, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_others_may_write_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_that_cannot_be_written_or_are_none, set_up, tear_down),
        cmocka_unit_test(the_folder_of_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
