/* A file of tests/wire: what goes into a codec, and what must come out before the next line goes in (tests/wire/README.md). */
#ifndef WIRE_SCRIPT_H
#define WIRE_SCRIPT_H

#include "test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"

struct script {
    const char *path;
    char *text;
    struct str rest;
    unsigned line_number;
};

static inline struct str script_line(struct script *s) {
    s->line_number++;
    return str_cut(&s->rest, '\n');
}

static inline bool script_is_input(struct str line) { return line.len > 0 && strchr("S@", line.ptr[0]); }

static inline bool script_is_comment(struct str line) { return line.len == 0 || line.ptr[0] == '#'; }

static inline bool script_is_expectation(struct str line) { return !script_is_input(line) && !script_is_comment(line); }

static inline void script_load(struct script *s, const char *path) {
    struct buf b;
    char chunk[4096];
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot read %s", path);
    buf_init_heap(&b);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(&b, (struct str){chunk, n});
    fclose(f);
    *s = (struct script){.path = path, .text = b.ptr, .rest = buf_str(&b)};
}

static inline void script_free(struct script *s) { free(s->text); }

/* All expectations after an input, up to the next; log has what came out, a line each, and is empty then. */
static inline void script_check(struct script *s, struct buf *log) {
    struct str all = buf_str(log);
    while (s->rest.len > 0) {
        struct script before = *s;
        struct str line = script_line(s);
        if (script_is_comment(line))
            continue;
        if (script_is_input(line)) {
            *s = before;
            break;
        }
        struct str got = str_cut(&all, '\n');
        if (!str_equal(line, got))
            fail_msg("%s:%u:\nwant %.*s\ngot  %.*s", s->path, s->line_number, STR_ARG(line), STR_ARG(got));
    }
    if (all.len > 0)
        fail_msg("%s:%u: more came out:\n%.*s", s->path, s->line_number, STR_ARG(all));
    buf_clear(log);
}

/* The input, and what really came out of it instead of what the file says. */
static inline void script_print(struct script *s, struct str input, struct buf *log) {
    printf("%.*s\n%.*s", STR_ARG(input), STR_ARG(buf_str(log)));
    buf_clear(log);
    while (s->rest.len > 0) {
        struct script before = *s;
        if (!script_is_expectation(script_line(s))) {
            *s = before;
            return;
        }
    }
}

/* Plays a script to its end: act() gives a player each input, whose log has what came out then. `printing` shows that instead of comparing
 * it. */
struct play;
static inline void script_play(struct script *s, bool printing, struct play *p, struct buf *log,
                               void (*act)(struct play *p, const struct script *s, struct str line)) {
    while (s->rest.len > 0) {
        struct str line = script_line(s);
        if (script_is_comment(line)) {
            if (printing)
                printf("%.*s\n", STR_ARG(line));
            continue;
        }
        act(p, s, line);
        if (printing)
            script_print(s, line, log);
        else
            script_check(s, log);
    }
}

/* Each .txt of a folder of tests/wire. */
static inline void script_each(const char *platform, void (*visit)(const char *path)) {
    char pattern[1000];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/tests/wire/%s/*.txt", LIPPY_SOURCE_DIR, platform);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        visit(found.gl_pathv[i]);
    globfree(&found);
}

#endif
