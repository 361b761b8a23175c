/* Plays every script of tests/wire/xmpp, and every frame a server sends in them cut short at every byte.
 *
 * `test_chat_xmpp_wire FILE` prints the script with what really comes out: how a new one gets its expectations. */
#include "xmpp_play.h"

#include "wire_script.h"

/* One that is played, with its settings. */
struct playing {
    struct script script;
    struct xmpp_config config;
    struct str rooms[4], invitations[4];
};

static void load(struct playing *s, const char *path) {
    *s = (struct playing){0};
    script_load(&s->script, path);
    s->config = (struct xmpp_config){
        .jid = STR("lippy@localhost/probe"),
        .password = STR("secret"),
        .nick = STR("lippy"),
        .rooms = s->rooms,
        .invitations = s->invitations,
        .entropy = "0123456789abcde",
    };
}

/* "@config WHAT VALUE" lines, before anything else. */
static bool take_config(struct playing *s, struct str words) {
    struct str what = str_cut(&words, ' ');
    if (!str_equal(what, STR("@config")))
        return false;
    what = str_cut(&words, ' ');
    if (str_equal(what, STR("room")) && s->config.room_count < 4)
        s->rooms[s->config.room_count++] = words;
    else if (str_equal(what, STR("invitations")) && s->config.invitation_count < 4)
        s->invitations[s->config.invitation_count++] = words;
    else if (str_equal(what, STR("jid")))
        s->config.jid = words;
    else if (str_equal(what, STR("nick")))
        s->config.nick = words;
    else if (str_equal(what, STR("password")))
        s->config.password = words;
    else if (str_equal(what, STR("tls")))
        s->config.tls = true;
    else
        fail_msg("%s:%u: no such setting", s->script.path, s->script.line_number);
    return true;
}

/* "@login" is what every stream begins with: only what comes after our first presence is of interest. */
static void forget_login(struct play *p, const struct script *s) {
    static const struct str presence = STR_INIT("C <presence xmlns='jabber:client'/>\n");
    size_t at = str_find(buf_str(&p->log), presence);
    if (at == SIZE_MAX)
        fail_msg("%s:%u: no login", s->path, s->line_number);
    size_t rest = p->log.len - at - presence.len;
    memmove(p->log.ptr, p->log.ptr + at + presence.len, rest + 1);
    p->log.len = rest;
}

static void act(struct play *p, const struct script *s, struct str line) {
    struct str word = str_cut(&line, ' ');
    uint64_t ms = 0;
    if (str_equal(word, STR("S"))) {
        play_feed(p, line);
    } else if (str_equal(word, STR("@opened"))) {
        play_open(p);
    } else if (str_equal(word, STR("@login"))) {
        play_authenticate(p);
        bool streams = str_equal(line, STR("sm"));
        play_features(p, streams);
        play_bound(p);
        if (streams)
            play_clear(p);
        else
            forget_login(p, s);
    } else if (str_equal(word, STR("@back"))) {
        play_authenticate(p);
        play_clear(p);
        play_features(p, true);
    } else if (str_equal(word, STR("@closed"))) {
        play_close(p);
    } else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms)) {
        play_tick(p, (int64_t)ms);
    } else if (str_equal(word, STR("@say"))) {
        struct str to = str_cut(&line, '|');
        play_say(p, to, line);
    } else if (str_equal(word, STR("@reply"))) {
        struct str to = str_cut(&line, '|');
        play_answer(p, to, line);
    } else if (str_equal(word, STR("@quit"))) {
        xmpp_ops.quit(p->c, p->now_ms);
        play_drain(p);
    } else if (str_equal(word, STR("@binary"))) {
        assert_false(xmpp_ops.feed(p->c, line, true, p->now_ms, NULL));
        play_drain(p);
    } else {
        fail_msg("%s:%u: no such line", s->path, s->line_number);
    }
}

static void play_script(const char *path, bool printing) {
    struct playing s;
    struct play p = {0};
    load(&s, path);
    while (s.script.rest.len > 0) {
        struct str line = script_line(&s.script);
        bool setting = take_config(&s, line);
        if (printing && (setting || script_is_comment(line)))
            printf("%.*s\n", STR_ARG(line));
        if (setting || script_is_comment(line))
            continue;
        if (!p.c)
            play_start(&p, &s.config);
        act(&p, &s.script, line);
        if (printing)
            script_print(&s.script, line, &p.log);
        else
            script_check(&s.script, &p.log);
    }
    assert_non_null(p.c);
    play_finish(&p);
    script_free(&s.script);
}

static void play_checked(const char *path) { play_script(path, false); }

static void scripts_come_out_as_written(void **state) {
    (void)state;
    script_each("xmpp", play_checked);
}

/* Each frame cut at each byte ends the stream and nothing else: after a new one, the codec works as before. */
static void cut_frame(struct play *p, struct str frame) {
    for (size_t len = 0; len < frame.len; len++) {
        struct chat_out out;
        struct err e = {0};
        char *exact = malloc(len + 1); /* so that a look behind the end is seen */
        memcpy(exact, frame.ptr, len);
        xmpp_ops.opened(p->c, p->now_ms);
        assert_false(xmpp_ops.feed(p->c, (struct str){exact, len}, false, p->now_ms, &e));
        assert_int_not_equal(e.code, ERR_NONE);
        free(exact);
        enum chat_out_kind last = CHAT_READY;
        while (xmpp_ops.next(p->c, &out)) {
            last = out.kind;
            assert_true(out.kind != CHAT_CLOSE || out.close == CHAT_RETRY);
        }
        assert_int_equal(last, CHAT_CLOSE);
        xmpp_ops.closed(p->c, &(struct chat_end){.was_open = true}, p->now_ms);
    }
    p->id_count = 0;
    play_login(p);
    assert_true(str_find(buf_str(&p->log), STR("R lippy@localhost/probe\n")) != SIZE_MAX);
    play_close(p);
    play_clear(p);
}

static void cut_script(const char *path) {
    struct playing s;
    struct play p;
    load(&s, path);
    s.config.tls = true;
    play_start(&p, &s.config);
    while (s.script.rest.len > 0) {
        struct str line = script_line(&s.script);
        if (str_starts_with(line, STR("S ")))
            cut_frame(&p, str_slice(line, 2, SIZE_MAX));
    }
    play_finish(&p);
    script_free(&s.script);
}

static void frames_cut_at_every_byte(void **state) {
    (void)state;
    script_each("xmpp", cut_script);
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
    return cmocka_run_group_tests_name("xmpp on the wire", tests, NULL, NULL);
}
