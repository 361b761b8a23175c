/* Plays every script of tests/wire/irc (see tests/wire/README.md), and every line a server sends in them cut short at every byte.
 *
 * `test_chat_irc_wire FILE` prints the script with what really comes out: how a new one gets its expectations. */
#include "irc_play.h"

#include <glob.h>
#include <stdlib.h>

#define FOLDER LIPPY_SOURCE_DIR "/tests/wire/irc"

static char *load(const char *path) {
    struct buf b;
    char chunk[4096];
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot read %s", path);
    buf_init_heap(&b);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(&b, (struct str){chunk, n});
    fclose(f);
    buf_add_char(&b, '\0');
    return b.ptr;
}

static bool is_input(struct str line) { return line.len > 0 && strchr("S@", line.ptr[0]); }

static void feed_line(struct play *p, struct str line) {
    struct err e = {0};
    bool fine = irc_ops.feed(p->c, line, false, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
}

static void act(struct play *p, const char *path, struct str line) {
    char text[600];
    uint64_t ms = 0;
    struct str word = str_cut(&line, ' ');
    if (str_equal(word, STR("S"))) {
        feed_line(p, line);
    } else if (str_equal(word, STR("@opened"))) {
        open_it(p);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms)) {
        tick(p, (int64_t)ms);
    } else if (str_equal(word, STR("@say"))) {
        struct str to = str_cut(&line, '|');
        snprintf(text, sizeof text, "%.*s%c%.*s", STR_ARG(to), '\0', STR_ARG(line));
        say(p, text, line.ptr ? text + to.len + 1 : "");
    } else {
        fail_msg("%s: no such line", path);
    }
}

/* Each line starts with all that comes out before the next input; `printing` shows that instead of comparing it. */
static void play_script(const char *path, bool printing) {
    char *text = load(path);
    struct str rest = str_of(text);
    struct play p = begin(strstr(text, "AUTHENTICATE") ? &with_password : &usual);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        if (!is_input(line)) {
            if (printing && (line.len == 0 || line.ptr[0] == '#'))
                printf("%.*s\n", STR_ARG(line));
            continue;
        }
        clear(&p);
        act(&p, path, line);
        struct str log = buf_str(&p.log);
        if (printing)
            printf("%.*s\n%.*s", STR_ARG(line), STR_ARG(log));
        while (!printing && log.len > 0) {
            struct str got = str_cut(&log, '\n'), want = str_cut(&rest, '\n');
            if (!str_equal(want, got))
                fail_msg("%s:\nwant %.*s\ngot  %.*s", path, STR_ARG(want), STR_ARG(got));
        }
    }
    finish(&p);
    free(text);
}

static void each_script(void (*visit)(const char *path)) {
    glob_t found;
    assert_int_equal(glob(FOLDER "/*.txt", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        visit(found.gl_pathv[i]);
    globfree(&found);
}

static void play_checked(const char *path) { play_script(path, false); }

static void scripts_come_out_as_written(void **state) {
    (void)state;
    each_script(play_checked);
}

/* What is left of a line may mean anything, but the codec goes on, or says that it does not. */
static void cut_script(const char *path) {
    char *text = load(path);
    struct str rest = str_of(text);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        if (!str_starts_with(line, STR("S ")))
            continue;
        line = str_slice(line, 2, SIZE_MAX);
        struct play p = begin_in(&usual);
        for (size_t len = 0; len < line.len; len++) {
            char *exact = malloc(len + 1); /* so that a look behind the end is seen */
            memcpy(exact, line.ptr, len);
            feed_line(&p, (struct str){exact, len});
            free(exact);
        }
        if (count(&p, "X ") == 0) {
            tick(&p, 60 * 1000);
            clear(&p);
            feed(&p, "PING :still there");
            assert_int_equal(count(&p, "C PONG :still there\n"), 1);
        }
        finish(&p);
    }
    free(text);
}

static void lines_cut_at_every_byte(void **state) {
    (void)state;
    each_script(cut_script);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_come_out_as_written),
        cmocka_unit_test(lines_cut_at_every_byte),
    };
    if (argc == 2) {
        play_script(argv[1], true);
        return 0;
    }
    return cmocka_run_group_tests_name("IRC on the wire", tests, NULL, NULL);
}
