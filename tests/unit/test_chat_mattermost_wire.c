/* Plays every script of tests/wire/mattermost, and every frame and answer of a server in them cut short at every byte.
 *
 * `test_chat_mattermost_wire FILE` prints the script with what really comes out: how a new one gets its expectations. */
#include "mattermost_play.h"

#include "wire_script.h"

/* "@answer STATUS BODY": to the oldest request. */
static void answer_cut(struct play *p, struct str line, size_t most) {
    uint64_t status = 0;
    char body[8000];
    assert_true(str_to_u64(str_cut(&line, ' '), &status));
    assert_true(line.len < sizeof body);
    snprintf(body, sizeof body, "%.*s", STR_ARG(str_slice(line, 0, most)));
    answer(p, (unsigned)status, body);
}

static void say_line(struct play *p, struct str line) {
    struct str to = str_cut(&line, '|'), choices[MM_CHOICES_MOST] = {0};
    struct chat_part part = {.text = str_cut(&line, '|'), .choices = choices, .numbered = true};
    while (line.len > 0 && part.choice_count < MM_CHOICES_MOST)
        choices[part.choice_count++] = str_cut(&line, '|');
    struct err e = {0};
    struct chat_say say = {.to = to, .answers = STR("answered"), .parts = &part, .part_count = 1};
    if (!mattermost_ops.say(p->c, &say, p->now_ms, &e))
        buf_printf(&p->log, "E %s\n", e.message);
    drain(p);
}

static void restart(struct play *p) {
    struct err e = {0};
    mattermost_ops.quit(p->c, p->now_ms);
    drain(p);
    mattermost_ops.free(p->c);
    p->request_count = 0;
    p->c = make(STR("the-token"), (struct str){p->kept, p->kept_len}, false, &e);
    assert_non_null(p->c);
}

/* most: of a frame's or an answer's bytes. */
static void act(struct play *p, const struct script *s, struct str line, size_t most) {
    struct str word = str_cut(&line, ' ');
    uint64_t ms = 0;
    if (str_equal(word, STR("S")))
        feed_str(p, str_slice(line, 0, most));
    else if (str_equal(word, STR("@answer")))
        answer_cut(p, line, most);
    else if (str_equal(word, STR("@dial")))
        dial(p);
    else if (str_equal(word, STR("@opened")))
        open_it(p);
    else if (str_equal(word, STR("@closed")))
        close_it(p);
    else if (str_equal(word, STR("@restart")))
        restart(p);
    else if (str_equal(word, STR("@say")))
        say_line(p, line);
    else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms))
        tick(p, (int64_t)ms);
    else
        fail_msg("%s:%u: no such line", s->path, s->line_number);
}

static void act_whole(struct play *p, const struct script *s, struct str line) { act(p, s, line, SIZE_MAX); }

static void play_script(const char *path, bool printing) {
    struct script s;
    struct play p = begin_kept(STR_NONE);
    script_load(&s, path);
    script_play(&s, printing, &p, &p.log, act_whole);
    finish(&p);
    script_free(&s);
}

static void play_checked(const char *path) { play_script(path, false); }

static void scripts_come_out_as_written(void **state) {
    (void)state;
    script_each("mattermost", play_checked);
}

/* The script up to its input number `last`, of which only so many bytes come. False: there is no such input. */
static bool play_cut(const char *path, unsigned last, size_t most, size_t *len) {
    struct script s;
    struct play p = begin_kept(STR_NONE);
    bool found = false;
    script_load(&s, path);
    for (unsigned number = 0; s.rest.len > 0 && !found;) {
        struct str line = script_line(&s);
        if (!script_is_input(line))
            continue;
        found = number++ == last;
        *len = line.len;
        bool cut = found && (str_starts_with(line, STR("S ")) || str_starts_with(line, STR("@answer ")));
        act(&p, &s, line, cut ? most : SIZE_MAX);
        clear(&p);
    }
    /* whatever came of it, another connection works */
    p.request_count = 0;
    close_it(&p);
    dial(&p);
    if (count(&p, "H GET /users/me\n")) {
        answer(&p, 200, IS_ME);
        open_it(&p);
        feed(&p, HELLO(OTHER_CONNECTION));
        want(&p, "R @lippy\n");
    }
    finish(&p);
    script_free(&s);
    return found;
}

static void cut_script(const char *path) {
    size_t len = 0;
    for (unsigned last = 0; play_cut(path, last, 0, &len); last++)
        for (size_t most = 1; most < len; most++)
            play_cut(path, last, most, &len);
}

static void cut_at_every_byte(void **state) {
    (void)state;
    script_each("mattermost", cut_script);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_come_out_as_written),
        cmocka_unit_test(cut_at_every_byte),
    };
    if (argc == 2) {
        play_script(argv[1], true);
        return 0;
    }
    return cmocka_run_group_tests_name("Mattermost on the wire", tests, NULL, NULL);
}
