/* Folders that a dialog builds on: bot/dialog/uses.c, and what the loader makes of their files. */
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialog_fixture.h"

static struct dialog_use uses[LOAD_USES_MAX];
static size_t use_count;

static bool uses_of(struct fixture *f, const char *line) {
    const char *text = arena_printf(&f->arena, "dialog: x\n%s\nstart: a\n", line).ptr;
    struct dialog_file files[] = {{STR("says.yaml"), STR("uses: [../never]\n")}, {STR("dialog.yaml"), str_of(text)}};
    return dialog_uses(files, 2, &f->arena, uses, &use_count, &f->problems);
}

static void the_list(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    assert_true(uses_of(&f, "uses: [../english, ../shared/]"));
    assert_int_equal(use_count, 2);
    assert_str(uses[0].folder, "../english");
    assert_str(uses[1].folder, "../shared");
    assert_str(uses[1].file, "dialog.yaml");
    assert_int_equal(uses[1].line, 2);
    assert_int_equal(uses[1].column, 20);
    assert_true(uses_of(&f, "title: none"));
    assert_int_equal(use_count, 0);
    fixture_close(&f);
}

static void a_wrong_list(void **state) {
    (void)state;
    static const struct {
        const char *line, *message;
        unsigned column;
    } wrong[] = {
        {"uses: ../english", "\"uses\" is a list of folders, such as [../english]", 7},
        {"uses: [/etc]", "a folder is named by its way from here, such as \"../english\"", 8},
        {"uses: [\"\"]", "a folder is named by its way from here, such as \"../english\"", 8},
        {"uses: [[a]]", "a folder is named by its way from here, such as \"../english\"", 8},
        {"uses: [../a, ../a/]", "this folder is in the list twice", 14},
        {"uses: [a, b, c, d, e]", "a dialog builds on at most 4 folders", 20},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct fixture f;
        fixture_open(&f);
        assert_false(uses_of(&f, wrong[i].line));
        assert_int_equal(f.problems.count, 1);
        assert_str(f.problems.items[0].message, wrong[i].message);
        assert_str(f.problems.items[0].file, "dialog.yaml");
        assert_int_equal(f.problems.items[0].line, 2);
        assert_int_equal(f.problems.items[0].column, wrong[i].column);
        fixture_close(&f);
    }
}

/* What is wrong with the file itself is told once, by the loader. */
static void a_broken_file(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    assert_true(uses_of(&f, "uses: [a"));
    assert_int_equal(use_count, 0);
    assert_int_equal(f.problems.count, 0);
    fixture_close(&f);
}

/* Moves a file of the mini dialog to a folder that it builds on. */
static void move(struct fixture *f, const char *name, const char *to) {
    for (size_t i = 0; i < f->count; i++)
        if (str_equal(f->files[i].name, str_of(name)))
            f->files[i].name = str_of(to);
}

static void words_from_elsewhere(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    move(&f, "words.yaml", "../english/words.yaml");
    move(&f, "places.yaml", "../english/places.yaml");
    fixture_put(&f, "../english/words-more.yaml", "groups: {idle: [nobody, uses, this]}\n");
    fixture_put(&f, "../english/says.yaml", "idle: Nobody says this.\n");
    struct dialog *d = fixture_load(&f);
    assert_non_null(d);
    assert_int_equal(f.problems.count, 0);
    dialog_free(d);
    fixture_close(&f);
}

static struct wording say_of(const struct dialog *d, const char *name) {
    for (uint16_t i = 0; i < d->say_count; i++)
        if (str_equal(d->says[i].name, str_of(name)))
            return d->says[i].text;
    fail_msg("no say \"%s\"", name);
    return (struct wording){0};
}

static void a_say_of_its_own(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct dialog *before = fixture_load(&f);
    fixture_put(&f, "../english/says.yaml", "hello: This is not said.\nback: Nor this.\n");
    struct dialog *after = fixture_load(&f);
    assert_non_null(before);
    assert_non_null(after);
    assert_true(str_equal(say_of(before, "hello").variants[0], say_of(after, "hello").variants[0]));
    assert_int_equal(before->say_count, after->say_count);
    assert_true(before->revision != after->revision);
    dialog_free(before);
    dialog_free(after);
    fixture_close(&f);
}

static void assert_only_problem(struct fixture *f, const char *file, unsigned line, const char *message) {
    assert_null(fixture_load(f));
    assert_int_equal(f->problems.count, 1);
    assert_str(f->problems.items[0].file, file);
    assert_int_equal(f->problems.items[0].line, line);
    assert_str(f->problems.items[0].message, message);
}

static void a_fact_in_two_places(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_put(&f, "../english/sources.yaml", "MINE: {title: Mine}\n");
    fixture_put(&f, "sources-more.yaml", "MINE: {title: Mine too}\n");
    assert_only_problem(&f, "sources-more.yaml", 1,
                        "the source \"MINE\" is already defined in line 1 of ../english/sources.yaml");
    fixture_close(&f);
}

static void no_dialog_of_its_own(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_put(&f, "../english/dialog.yaml", "uses: [../more]\n");
    assert_only_problem(&f, "../english/dialog.yaml", 0, "a folder that dialogs build on has no dialog.yaml of its own");
    fixture_close(&f);
}

static void a_problem_there(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_put(&f, "../english/words-more.yaml", "filler: [a]\n");
    assert_null(fixture_load(&f));
    assert_str(f.problems.items[0].file, "../english/words-more.yaml");
    fixture_close(&f);
}

/* ---- on disk ---- */

static void write_file(const char *folder, const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void folders(void **state) {
    (void)state;
    char top[] = "/tmp/test-uses-XXXXXX", dialog[64], shared[64], path[96];
    assert_non_null(mkdtemp(top));
    snprintf(dialog, sizeof dialog, "%s/dialog", top);
    snprintf(shared, sizeof shared, "%s/shared", top);
    assert_int_equal(mkdir(dialog, 0700), 0);
    assert_int_equal(mkdir(shared, 0700), 0);
    write_file(dialog, "dialog.yaml", "dialog: x\nuses: [../shared, ../gone]\n");
    write_file(shared, "words.yaml", "fillers: [a]\n");

    struct arena a;
    struct problems p;
    struct dialog_file *files;
    size_t count;
    arena_init(&a, 0);
    problems_init(&p);
    assert_false(files_read_dialog(dialog, &a, &files, &count, &p));
    assert_int_equal(p.count, 1);
    assert_str(p.items[0].file, "dialog.yaml");
    assert_int_equal(p.items[0].line, 2);
    assert_int_equal(p.items[0].column, 19);
    assert_str(p.items[0].message, "cannot read the folder \"../gone\": No such file or directory");

    write_file(dialog, "dialog.yaml", "dialog: x\nuses: [../shared]\n");
    assert_true(files_read_dialog(dialog, &a, &files, &count, &p));
    assert_int_equal(count, 2);
    assert_str(files[1].name, "../shared/words.yaml");
    assert_str(files[1].bytes, "fillers: [a]\n");
    problems_finish(&p);
    arena_finish(&a);

    snprintf(path, sizeof path, "%s/dialog.yaml", dialog);
    unlink(path);
    snprintf(path, sizeof path, "%s/words.yaml", shared);
    unlink(path);
    rmdir(dialog);
    rmdir(shared);
    rmdir(top);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list),
        cmocka_unit_test(a_wrong_list),
        cmocka_unit_test(a_broken_file),
        cmocka_unit_test(words_from_elsewhere),
        cmocka_unit_test(a_say_of_its_own),
        cmocka_unit_test(a_fact_in_two_places),
        cmocka_unit_test(no_dialog_of_its_own),
        cmocka_unit_test(a_problem_there),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
