#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "author/check.h"
#include "bench.h"
#include "core/buf.h"
#include "shell/files.h"

double bench_now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool stream_read(const char *path, struct arena *a, struct stream *out) {
    struct err e = {0};
    struct str text;
    if (!files_read(str_of(path), a, &text, &e)) {
        fprintf(stderr, "lippy-bench: %s\n", e.message);
        return false;
    }
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    out->users = ARENA_ARRAY(a, struct str, lines);
    out->messages = ARENA_ARRAY(a, struct str, lines);
    out->count = 0;
    while (text.len > 0) {
        struct str line = str_cut(&text, '\n');
        struct str user = str_cut(&line, '\t');
        if (user.len == 0)
            continue;
        out->users[out->count] = user;
        out->messages[out->count++] = line;
    }
    if (out->count == 0)
        fprintf(stderr, "lippy-bench: %s holds no line of user<TAB>message\n", path);
    return out->count > 0;
}

/* ---- more topics ---- */

static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void add_made_up_word(struct buf *b, uint32_t *random) {
    static const char consonants[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";
    for (unsigned i = 0; i < 3; i++)
        buf_printf(b, "%c%c", consonants[random_next(random) % (sizeof consonants - 1)],
                   vowels[random_next(random) % (sizeof vowels - 1)]);
}

/* A word of the stream, so that messages walk into the generated phrases as they do into real ones; letters only. */
static void add_stream_word(struct buf *b, const struct stream *s, uint32_t *random) {
    struct str message = s->messages[random_next(random) % s->count];
    unsigned skip = random_next(random) % 4;
    while (skip-- > 0 && str_find(message, STR(" ")) != SIZE_MAX)
        str_cut(&message, ' ');
    struct str word = str_cut(&message, ' ');
    for (size_t i = 0; i < word.len; i++)
        if ((word.ptr[i] | 0x20) >= 'a' && (word.ptr[i] | 0x20) <= 'z')
            buf_add_char(b, (char)(word.ptr[i] | 0x20));
}

static void add_topic(struct buf *b, unsigned number, const struct stream *s, uint32_t *random) {
    buf_printf(b, "made-up-%u:\n  title: made up\n  ask:\n", number);
    for (unsigned i = 0; i < 4; i++) {
        buf_add(b, STR("    - "));
        add_made_up_word(b, random);
        buf_add_char(b, ' ');
        add_stream_word(b, s, random);
        buf_add_char(b, ' ');
        add_made_up_word(b, random);
        buf_add_char(b, '\n');
    }
    buf_add(b, STR("  say: A made-up answer.\n"));
}

enum { TOPICS_A_FILE = 2500, FILES_MADE_MAX = 60 };

struct dialog *bench_load(const char *dir, unsigned scale, const struct stream *stream) {
    struct arena a;
    struct problems problems;
    struct dialog_file *files, *all;
    size_t count;
    struct dialog *d = NULL;
    arena_init(&a, 0);
    problems_init(&problems);
    if (!files_read_dialog(dir, &a, &files, &count, &problems))
        goto out;
    d = dialog_load(files, count, &problems);
    if (!d || scale <= 1)
        goto out;
    unsigned topics = (scale - 1) * ((unsigned)d->rule_count + d->cause_count + d->topic_count), number = 0;
    uint32_t random = 1;
    dialog_free(d);
    all = ARENA_ARRAY(&a, struct dialog_file, count + FILES_MADE_MAX);
    memcpy(all, files, count * sizeof *files);
    for (unsigned f = 0; number < topics && f < FILES_MADE_MAX; f++) {
        struct buf b;
        buf_init(&b, &a);
        for (unsigned i = 0; i < TOPICS_A_FILE && number < topics; i++)
            add_topic(&b, number++, stream, &random);
        all[count++] = (struct dialog_file){arena_printf(&a, "topics-made-up-%u.yaml", f), buf_str(&b)};
    }
    d = dialog_load(all, count, &problems);
out:
    if (!d && problems.count > 0) {
        struct buf b;
        buf_init_heap(&b);
        check_report(&b, str_of(dir), &problems);
        fwrite(b.ptr, 1, b.len, stderr);
        buf_finish(&b);
    }
    problems_finish(&problems);
    arena_finish(&a);
    return d;
}

struct engine *bench_engine(const struct dialog *d, size_t max_sessions) {
    static const struct dialog *only; /* outlives the engine */
    only = d;
    struct engine_config config = {.dialogs = &only, .dialog_count = 1, .max_sessions = max_sessions,
                                   .session_ttl_ms = INT64_MAX / 4};
    struct err e = {0};
    struct engine *engine = engine_new(&config, &e);
    if (!engine)
        fprintf(stderr, "lippy-bench: %s\n", e.message);
    return engine;
}
