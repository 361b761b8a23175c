/* A dialog's files, of any bytes. The input takes the place of one file of the mini dialog, or of several:
 *
 *     === words.yaml
 *     (its bytes, up to the next such line)
 *
 * What comes before the first such line is findings.yaml. A dialog either loads, and then a talk with it can be had, or there
 * is at least one problem. */
#include "fuzz.h"

#include "author/check.h"

#define MARK "=== "

enum { ARENA_BYTES_MAX = 64 << 20 };

struct folder {
    struct dialog_file files[LOAD_FILES_MAX];
    size_t count;
};

static const struct folder *mini(void) {
    static struct folder folder;
    static struct arena arena;
    if (folder.count == 0) {
        struct dialog_file *files;
        struct err e = {0};
        arena_init(&arena, 0);
        bool fine = files_read_dir(STR(LIPPY_SOURCE_DIR "/tests/data/mini"), &arena, &files, &folder.count, &e);
        assert(fine);
        memcpy(folder.files, files, folder.count * sizeof *files);
    }
    return &folder;
}

static void put_file(struct folder *f, struct str name, struct str bytes) {
    size_t i = 0;
    while (i < f->count && !str_equal(f->files[i].name, name))
        i++;
    if (i == LOAD_FILES_MAX)
        return;
    if (i == f->count)
        f->count++;
    f->files[i] = (struct dialog_file){name, bytes};
}

/* Cuts off what is before the next line with a mark, and that line with its name. */
static struct str cut_file(struct str *rest, struct str *next_name) {
    struct str all = *rest;
    for (size_t from = 0; from < all.len;) {
        struct str at = str_slice(all, from, all.len), line = at;
        line = str_cut(&at, '\n');
        if (str_starts_with(line, STR(MARK))) {
            *next_name = str_slice(line, sizeof MARK - 1, line.len);
            *rest = at;
            return str_slice(all, 0, from);
        }
        from += line.len + 1;
    }
    *rest = STR_NONE;
    *next_name = STR_NONE;
    return all;
}

static void take_input(struct folder *f, struct str input) {
    struct str name = STR("findings.yaml"), next;
    struct str bytes = cut_file(&input, &next);
    if (bytes.len > 0 || next.len == 0)
        put_file(f, name, bytes);
    while (next.len > 0) {
        name = next;
        bytes = cut_file(&input, &next);
        put_file(f, name, bytes);
    }
}

static void have_talk(const struct dialog *d) {
    static const char *const lines[] = {"hello",    "my eye hurts since monday, 3 times a day, 41", "yes",  "not sure", "none of those", "why",
                                        "2 and 3", "how long",                                    "back", "no",       "7",             "summary"};
    static const struct engine_from from = {.platform = STR_INIT("fuzz"), .who = STR_INIT("them"), .addressed = true};
    const struct engine_reply *replies;
    struct engine *e = fuzz_engine(&d);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t count = engine_message(e, &from, str_of(lines[i]), FUZZ_NOW_MS, &replies);
        fuzz_check_replies(replies, count);
        const struct session *s = engine_session(e, &from, NULL);
        if (s)
            fuzz_check_session(d, s);
    }
    engine_free(e);
}

static void look_at(const struct dialog *d, const struct folder *f) {
    struct problems remarks;
    problems_init(&remarks);
    check_style(d, f->files, f->count, &remarks);
    problems_finish(&remarks);
    have_talk(d);
}

static void report(const struct problems *problems) {
    struct buf b;
    buf_init_heap(&b);
    check_report(&b, STR("dialog"), problems);
    assert((b.len > 0) == (problems->count > 0));
    buf_finish(&b);
}

static bool uses_are_fine(const struct folder *f, struct problems *problems) {
    struct dialog_use uses[LOAD_USES_MAX];
    struct arena a;
    size_t count;
    arena_init(&a, ARENA_BYTES_MAX);
    bool fine = dialog_uses(f->files, f->count, &a, uses, &count, problems);
    assert(count <= LOAD_USES_MAX);
    arena_finish(&a);
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct problems problems;
    struct folder f = *mini();
    struct dialog *d = NULL;
    char *exact = fuzz_exact((struct str){(const char *)data, size});
    problems_init(&problems);
    take_input(&f, (struct str){exact, size});
    if (uses_are_fine(&f, &problems))
        d = dialog_load(f.files, f.count, &problems);
    assert((d == NULL) == (problems.count > 0) && problems.count <= LOAD_PROBLEMS_MAX);
    report(&problems);
    if (d)
        look_at(d, &f);
    dialog_free(d);
    problems_finish(&problems);
    free(exact);
    return 0;
}
