/* Slack: connections and envelopes. */
#include "slack_play.h"

#define DISCONNECT(reason) "{\"type\":\"disconnect\",\"reason\":\"" reason "\",\"debug_info\":{\"host\":\"x\"}}"

static void ready_on_hello(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    want_all(&p, "H POST auth.test {}\n");
    answer(&p, 200, IS_ME);
    want_all(&p, "H POST apps.connections.open {}\n");
    answer(&p, 200, OPENED);
    want_all(&p, "D wss://wss.slack.test/link/?ticket=1\n");
    open_it(&p);
    want_all(&p, "W +15000\n");
    feed(&p, HELLO);
    want(&p, "R @lippy\n");
    clear(&p);
    feed(&p, HELLO);
    want_all(&p, "");
    finish(&p);
}

static void no_hello(void **state) {
    (void)state;
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    answer(&p, 200, IS_ME);
    answer(&p, 200, OPENED);
    open_it(&p);
    clear(&p);
    tick(&p, SLACK_HELLO_MS);
    want_all(&p, "X retry: no hello within 15 s\n");
    finish(&p);
}

static void a_websocket_in_the_clear_is_not_dialed(void **state) {
    (void)state;
    static const char *const urls[] = {"ws://wss.slack.test/link/", "https://x/", "", "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct play p = begin_kept(STR_NONE);
        char body[100];
        snprintf(body, sizeof body, "{\"ok\":true,\"url\":\"%s\"}", urls[i]);
        dial(&p);
        answer(&p, 200, IS_ME);
        clear(&p);
        answer(&p, 200, body);
        want_all(&p, "X retry: Slack gives us no connection (HTTP status 200)\n");
        finish(&p);
    }
}

static void envelopes_are_acknowledged_first(void **state) {
    (void)state;
    struct play p = begin();
    event(&p, "e1", IN_DM("1795519265.000007", "hello"));
    assert_true(str_starts_with(buf_str(&p.log), STR("C {\"envelope_id\":\"e1\"}\nM who=U1 ")));
    clear(&p);
    feed(&p, "{\"envelope_id\":\"e\\\"2\",\"type\":\"something_new\",\"payload\":null}");
    want_all(&p, "C {\"envelope_id\":\"e\\\"2\"}\n");
    feed(&p, "{\"type\":\"something_new\"}");
    feed(&p, "{\"envelope_id\":null,\"type\":null}");
    feed(&p, "{}");
    want_all(&p, "");
    assert_false(feed(&p, "[]"));
    want_all(&p, "X retry: Slack sent something that is no envelope\n");
    finish(&p);
}

static void a_connection_is_replaced(void **state) {
    (void)state;
    static const char *const reasons[] = {DISCONNECT("warning"), DISCONNECT("refresh_requested"), DISCONNECT("something_new")};
    for (size_t i = 0; i < 3; i++) {
        struct play p = begin();
        feed(&p, reasons[i]);
        want_all(&p, "N Slack wants this connection replaced\nH POST apps.connections.open {}\n");
        feed(&p, reasons[1]);
        event(&p, "e1", IN_DM("1795519265.000007", "hello"));
        want(&p, "M who=U1 ");
        clear(&p);
        answer(&p, 200, OPENED);
        want(&p, "D wss://wss.slack.test/link/?ticket=1\n");
        open_it(&p);
        event(&p, "e2", IN_DM("1795519266.000007", "on the old one"));
        feed(&p, reasons[1]);
        want(&p, "on the old one");
        assert_int_equal(count(&p, "apps.connections.open"), 0);
        feed(&p, HELLO);
        want(&p, "R @lippy\n");
        /* what was on its way to the old one is looked for */
        want(&p, "H GET conversations.history?channel=D1&oldest=1795519260.000007&limit=200\n");
        clear(&p);
        p.now_ms += SLACK_OVERLAP_MS;
        feed(&p, reasons[1]);
        want(&p, "apps.connections.open");
        finish(&p);
    }
}

static void another_connection_is_asked_for_again(void **state) {
    (void)state;
    struct play p = begin();
    feed(&p, DISCONNECT("warning"));
    for (int64_t pause = SLACK_REFRESH_MS; pause <= 4 * SLACK_REFRESH_MS; pause *= 2) {
        clear(&p);
        answer(&p, 500, "");
        assert_int_equal(count(&p, "X "), 0);
        tick(&p, pause - 1);
        assert_int_equal(count(&p, "H POST apps"), 0);
        tick(&p, 1);
        want(&p, "H POST apps.connections.open {}\n");
    }
    /* gone before there is another: all from the beginning, and an answer to the old question is not heard any more */
    close_it(&p);
    clear(&p);
    answer(&p, 200, OPENED);
    want_all(&p, "");
    dial(&p);
    want_all(&p, "H POST auth.test {}\n");
    finish(&p);
}

static void disconnects_that_are_ends(void **state) {
    (void)state;
    struct play p = begin();
    feed(&p, DISCONNECT("link_disabled"));
    want_all(&p, "X stop: Socket Mode has been switched off for the app\n");
    finish(&p);
    p = begin();
    feed(&p, DISCONNECT("too_many_websockets"));
    want_all(&p, "X retry later: the app has too many connections open\n");
    finish(&p);
}

static void hostile_frames(void **state) {
    (void)state;
    static const char *const broken[] = {"", "{", "nul", "\"x\"", "12", "{\"type\":\"hello\"}x", "\xff", "{\"type\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct play p = begin();
        assert_false(feed(&p, broken[i]));
        want_all(&p, "X retry: Slack sent something that is no envelope\n");
        assert_true(feed(&p, HELLO)); /* nothing counts any more */
        finish(&p);
    }
    struct play p = begin();
    struct buf large;
    buf_init_heap(&large);
    while (large.len <= SLACK_FRAME_MOST)
        buf_add(&large, STR("[[[[[[[[[[[[[[[["));
    assert_true(feed_str(&p, buf_str(&large)));
    want(&p, "is passed over\n");
    assert_false(feed_str(&p, str_slice(buf_str(&large), 0, 100000)));
    buf_finish(&large);
    finish(&p);
}

static void kept_over_a_restart(void **state) {
    (void)state;
    struct play p = begin();
    event(&p, "e1", IN_DM("1795519265.000007", "hello"));
    event(&p, "e2", IN_ROOM("1795519266.000007", "U2", "<@U0BOT> hello", ""));
    slack_ops.quit(p.c, p.now_ms);
    drain(&p);
    struct play q = begin_kept((struct str){p.kept, p.kept_len});
    connect_it(&q);
    want(&q, "H GET conversations.replies?channel=C1&ts=1795519266.000007&oldest=1795519261.000007&limit=200\n");
    clear(&q);
    answer(&q, 200, "{\"ok\":true,\"messages\":[]}");
    answer(&q, 200, "{\"ok\":true,\"messages\":[]}"); /* of the channel */
    want(&q, "H GET conversations.history?channel=D1&");
    clear(&q);
    answer(&q, 200, "{\"ok\":true,\"messages\":[{\"type\":\"message\",\"user\":\"U1\",\"text\":\"more\",\"ts\":\"1795519300.5\"},"
                    "{\"type\":\"message\",\"user\":\"U1\",\"text\":\"hello\",\"ts\":\"1795519265.000007\"}]}");
    want(&q, "id=1795519300.5 addressed: more\n");
    assert_int_equal(count(&q, "M "), 1);
    finish(&p);
    finish(&q);
}

static void what_is_kept_may_be_anything(void **state) {
    (void)state;
    static const char *const kept[] = {"{", "[]", "{\"version\":1}", "{\"version\":1,\"me\":\"U0BOT\",\"done\":5,\"handled\":[5,null,\"\"],\"places\":[5,{\"channel\":\"../x\"},{\"channel\":\"C1\",\"thread\":\"x\"}]}",
                                       "{\"version\":1,\"me\":\"U9OTHER\",\"done\":\"5.5\",\"places\":[{\"channel\":\"C1\"}]}"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct play p = begin_kept(str_of(kept[i]));
        connect_it(&p);
        assert_int_equal(count(&p, "H GET"), 0);
        finish(&p);
    }
}

static void goodbye(void **state) {
    (void)state;
    struct play p = begin();
    slack_ops.quit(p.c, p.now_ms);
    drain(&p);
    want_all(&p, "X done: goodbye\n");
    assert_false(say(&p, "U1", "too late"));
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_on_hello),
        cmocka_unit_test(no_hello),
        cmocka_unit_test(a_websocket_in_the_clear_is_not_dialed),
        cmocka_unit_test(envelopes_are_acknowledged_first),
        cmocka_unit_test(a_connection_is_replaced),
        cmocka_unit_test(another_connection_is_asked_for_again),
        cmocka_unit_test(disconnects_that_are_ends),
        cmocka_unit_test(hostile_frames),
        cmocka_unit_test(kept_over_a_restart),
        cmocka_unit_test(what_is_kept_may_be_anything),
        cmocka_unit_test(goodbye),
    };
    return cmocka_run_group_tests_name("Slack's connections", tests, NULL, NULL);
}
