/* Plays every script of tests/wire/irc (see tests/wire/README.md), and every line a server sends in them cut short at every byte.
 *
 * `test_chat_irc_wire FILE` prints the script with what really comes out: how a new one gets its expectations. */
#include "irc_play.h"

#include "wire_script.h"

static void act(struct play *p, const struct script *s, struct str line) {
    char text[600];
    uint64_t ms = 0;
    struct str word = str_cut(&line, ' ');
    if (str_equal(word, STR("S"))) {
        feed_str(p, line);
    } else if (str_equal(word, STR("@opened"))) {
        open_it(p);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms)) {
        tick(p, (int64_t)ms);
    } else if (str_equal(word, STR("@say"))) {
        struct str to = str_cut(&line, '|');
        snprintf(text, sizeof text, "%.*s%c%.*s", STR_ARG(to), '\0', STR_ARG(line));
        say(p, text, line.ptr ? text + to.len + 1 : "");
    } else {
        fail_msg("%s:%u: no such line", s->path, s->line_number);
    }
}

static void play_script(const char *path, bool printing) {
    struct script s;
    script_load(&s, path);
    struct play p = begin(str_find(s.rest, STR("AUTHENTICATE")) != SIZE_MAX ? &with_password : &usual);
    script_play(&s, printing, &p, &p.log, act);
    finish(&p);
    script_free(&s);
}

static void play_checked(const char *path) { play_script(path, false); }

static void scripts_come_out_as_written(void **state) {
    (void)state;
    script_each("irc", play_checked);
}

/* What is left of a line may mean anything, but the codec goes on, or says that it does not. */
static void cut_script(const char *path) {
    struct script s;
    script_load(&s, path);
    while (s.rest.len > 0) {
        struct str line = script_line(&s);
        if (!str_starts_with(line, STR("S ")))
            continue;
        line = str_slice(line, 2, SIZE_MAX);
        struct play p = begin_in(&usual);
        for (size_t len = 0; len < line.len; len++)
            feed_str(&p, str_slice(line, 0, len));
        if (count(&p, "X ") == 0) {
            tick(&p, 60 * 1000);
            clear(&p);
            feed(&p, "PING :still there");
            assert_int_equal(count(&p, "C PONG :still there\n"), 1);
        }
        finish(&p);
    }
    script_free(&s);
}

static void lines_cut_at_every_byte(void **state) {
    (void)state;
    script_each("irc", cut_script);
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
