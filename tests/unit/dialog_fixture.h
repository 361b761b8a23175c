/* For tests of dialogs: loads tests/data/mini, or texts from the test itself. */
#ifndef DIALOG_FIXTURE_H
#define DIALOG_FIXTURE_H

#include <stdio.h>

#include "shell/files.h"

enum { FIXTURE_FILES_MAX = 64 };

/* The mini dialog's files, of which a test may replace some. */
struct fixture {
    struct arena arena;
    struct dialog_file files[FIXTURE_FILES_MAX];
    size_t count;
    struct problems problems;
};

static inline void fixture_open(struct fixture *f) {
    struct dialog_file *files;
    struct err e = {0};
    *f = (struct fixture){0};
    arena_init(&f->arena, 0);
    problems_init(&f->problems);
    if (!files_read_dir(STR("tests/data/mini"), &f->arena, &files, &f->count, &e))
        fail_msg("tests/data/mini: %s", e.message);
    memcpy(f->files, files, f->count * sizeof *files);
}

static inline void fixture_close(struct fixture *f) {
    problems_finish(&f->problems);
    arena_finish(&f->arena);
}

/* Replaces the file of that name, or adds it. The text is borrowed. */
static inline struct str *fixture_file(struct fixture *f, const char *name) {
    size_t i = 0;
    while (i < f->count && !str_equal(f->files[i].name, str_of(name)))
        i++;
    if (i == f->count)
        f->files[f->count++] = (struct dialog_file){str_of(name), STR_NONE};
    return &f->files[i].bytes;
}

static inline void fixture_put(struct fixture *f, const char *name, const char *text) {
    *fixture_file(f, name) = str_of(text);
}

/* Puts `new` in the place of `old`, which must be in the file. */
static inline void fixture_edit(struct fixture *f, const char *name, const char *old, const char *new) {
    struct str *bytes = fixture_file(f, name);
    size_t at = str_find(*bytes, str_of(old));
    if (at == SIZE_MAX)
        fail_msg("%s has no \"%s\"", name, old);
    struct str head = str_slice(*bytes, 0, at), tail = str_slice(*bytes, at + strlen(old), bytes->len);
    *bytes = arena_printf(&f->arena, "%.*s%s%.*s", STR_ARG(head), new, STR_ARG(tail));
}

static inline struct dialog *fixture_load(struct fixture *f) { return dialog_load(f->files, f->count, &f->problems); }

/* For tests that want a dialog and nothing else. dialog_free() it. */
static inline struct dialog *fixture_dialog(void) {
    struct problems p;
    problems_init(&p);
    struct dialog *d = dialog_load_dir("tests/data/mini", &p);
    for (size_t i = 0; i < p.count; i++)
        print_error("%.*s:%u:%u: %.*s\n", STR_ARG(p.items[i].file), p.items[i].line, p.items[i].column,
                    STR_ARG(p.items[i].message));
    problems_finish(&p);
    assert_non_null(d);
    return d;
}

#endif
