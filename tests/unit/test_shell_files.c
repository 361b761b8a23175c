#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/files.h"

/* A folder of our own for each test. */
struct folder {
    char path[64];
    struct arena arena;
    struct dialog_file *files;
    size_t count;
    struct err e;
};

static int set_up(void **state) {
    struct folder *f = calloc(1, sizeof *f);
    strcpy(f->path, "/tmp/test-files-XXXXXX");
    if (!mkdtemp(f->path))
        return 1;
    arena_init(&f->arena, 0);
    *state = f;
    return 0;
}

static const char *inside(const struct folder *f, const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    return path;
}

static int tear_down(void **state) {
    static const char *const names[] = {"a.yaml", "b.yaml", "c.txt",  ".hidden.yaml",
                                        ".yaml",  "d.yaml", "readme", "e.yaml"};
    struct folder *f = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (unlink(inside(f, names[i])) != 0)
            rmdir(inside(f, names[i]));
    rmdir(f->path);
    arena_finish(&f->arena);
    free(f);
    return 0;
}

static void write_file(const struct folder *f, const char *name, const char *text) {
    FILE *file = fopen(inside(f, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool read_folder(struct folder *f) {
    return files_read_dir(str_of(f->path), &f->arena, &f->files, &f->count, &f->e);
}

static void only_yaml_by_name(void **state) {
    struct folder *f = *state;
    write_file(f, "b.yaml", "two");
    write_file(f, "a.yaml", "one");
    write_file(f, "e.yaml", "");
    write_file(f, "c.txt", "no");
    write_file(f, ".hidden.yaml", "no");
    write_file(f, ".yaml", "no");
    write_file(f, "readme", "no");
    assert_true(read_folder(f));
    assert_int_equal(f->count, 3);
    assert_str(f->files[0].name, "a.yaml");
    assert_str(f->files[0].bytes, "one");
    assert_str(f->files[1].bytes, "two");
    assert_int_equal(f->files[2].bytes.len, 0);
}

static void an_empty_folder(void **state) {
    struct folder *f = *state;
    assert_true(read_folder(f));
    assert_int_equal(f->count, 0);
    struct problems p;
    problems_init(&p);
    assert_null(dialog_load_dir(f->path, &p));
    assert_str(p.items[0].message, "no .yaml file here");
    problems_finish(&p);
}

static void a_folder_among_them(void **state) {
    struct folder *f = *state;
    assert_int_equal(mkdir(inside(f, "d.yaml"), 0700), 0);
    assert_false(read_folder(f));
    assert_int_equal(f->e.code, ERR_IO);
    assert_string_equal(f->e.message, "d.yaml: not a regular file");
}

/* Reading a pipe would wait for ever. */
static void a_pipe_among_them(void **state) {
    struct folder *f = *state;
    assert_int_equal(mkfifo(inside(f, "d.yaml"), 0600), 0);
    assert_false(read_folder(f));
    assert_string_equal(f->e.message, "d.yaml: not a regular file");
}

static void a_link_to_nowhere(void **state) {
    struct folder *f = *state;
    assert_int_equal(symlink("nowhere", inside(f, "d.yaml")), 0);
    assert_false(read_folder(f));
    assert_string_equal(f->e.message, "d.yaml: No such file or directory");
}

static void too_large(void **state) {
    struct folder *f = *state;
    write_file(f, "d.yaml", "");
    assert_int_equal(truncate(inside(f, "d.yaml"), LOAD_FILE_BYTES_MAX), 0);
    assert_true(read_folder(f));
    assert_int_equal(f->files[0].bytes.len, LOAD_FILE_BYTES_MAX);
    assert_int_equal(truncate(inside(f, "d.yaml"), LOAD_FILE_BYTES_MAX + 1), 0);
    assert_false(read_folder(f));
    assert_int_equal(f->e.code, ERR_LIMIT);
    assert_string_equal(f->e.message, "d.yaml: the file has more than 1048576 bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_yaml_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_among_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_among_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_to_nowhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_large, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
