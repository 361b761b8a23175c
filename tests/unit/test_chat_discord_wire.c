/* Plays every script of tests/wire/discord, and all that a server sends in them cut short at every byte.
 *
 * `test_chat_discord_wire FILE` prints the script with what really comes out: how a new one gets its expectations. */
#include "discord_play.h"

#include "wire_script.h"

/* An answer with a body; without one it is empty. */
static void take_answer(struct play *p, struct str words) {
    char body[2000];
    uint64_t status = 0;
    struct str first = str_cut(&words, ' ');
    assert_true(str_to_u64(first, &status) && words.len < sizeof body);
    snprintf(body, sizeof body, "%.*s", STR_ARG(words));
    answer(p, (unsigned)status, body);
}

static void act(struct play *p, const struct script *s, struct str line) {
    static char reply[500];
    uint64_t number = 0;
    struct str word = str_cut(&line, ' ');
    if (str_equal(word, STR("S"))) {
        feed_str(p, line);
    } else if (str_equal(word, STR("@dial"))) {
        dial(p);
    } else if (str_equal(word, STR("@opened"))) {
        open_it(p);
    } else if (str_equal(word, STR("@answer"))) {
        take_answer(p, line);
    } else if (str_equal(word, STR("@reply"))) {
        snprintf(reply, sizeof reply, "%.*s", STR_ARG(line));
        p->reply = reply;
    } else if (str_equal(word, STR("@closed"))) {
        str_to_u64(line, &number);
        lose(p, (unsigned)number);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &number)) {
        tick(p, (int64_t)number);
    } else {
        fail_msg("%s:%u: no such line", s->path, s->line_number);
    }
}

static void play_script(const char *path, bool printing) {
    struct script s;
    struct play p = begin();
    script_load(&s, path);
    script_play(&s, printing, &p, &p.log, act);
    finish(&p);
    script_free(&s);
}

static void play_checked(const char *path) { play_script(path, false); }

static void scripts_come_out_as_written(void **state) {
    (void)state;
    script_each("discord", play_checked);
}

/* Each frame, cut at each byte, on a stream that was fine until then: it is closed, or goes on. */
static void cut_script(const char *path) {
    struct script s;
    script_load(&s, path);
    while (s.rest.len > 0) {
        struct str line = script_line(&s);
        if (!str_starts_with(line, STR("S ")))
            continue;
        line = str_slice(line, 2, SIZE_MAX);
        struct play p = begin_ready();
        for (size_t len = 0; len < line.len; len++) {
            if (!feed_str(&p, str_slice(line, 0, len))) {
                assert_int_equal(count(&p, "X retry 4000: "), 1);
                lose(&p, 0);
                dial(&p);
                open_it(&p);
                feed(&p, HELLO "\n{\"op\":0,\"s\":1,\"t\":\"RESUMED\",\"d\":{}}");
                assert_int_equal(count(&p, "R "), 1);
            }
            assert_int_equal(count(&p, "M "), 0);
            clear(&p);
        }
        finish(&p);
    }
    script_free(&s);
}

static void frames_cut_at_every_byte(void **state) {
    (void)state;
    script_each("discord", cut_script);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_come_out_as_written),
        cmocka_unit_test(frames_cut_at_every_byte),
    };
    if (argc == 2) {
        play_script(argv[1], true);
        return 0;
    }
    return cmocka_run_group_tests_name("Discord on the wire", tests, NULL, NULL);
}
