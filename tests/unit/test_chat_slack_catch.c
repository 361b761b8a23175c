/* Slack: what no websocket brought. */
#include "slack_play.h"

#define MESSAGES(inside, cursor) "{\"ok\":true,\"messages\":[" inside "],\"has_more\":false,\"response_metadata\":{\"next_cursor\":\"" cursor "\"}}"
#define FROM(user, ts, text) "{\"type\":\"message\",\"user\":\"" user "\",\"text\":\"" text "\",\"ts\":\"" ts "\"}"

/* After a talk in private and one in a channel's thread, away and back again. */
static struct play back_again(void) {
    struct play p = begin();
    event(&p, "e1", IN_DM("100.1", "hello"));
    event(&p, "e2", IN_ROOM("101.1", "U2", "<@U0BOT> hello", ""));
    close_it(&p);
    clear(&p);
    connect_it(&p);
    return p;
}

static void each_place(void **state) {
    (void)state;
    struct play p = back_again();
    want(&p, "H GET conversations.replies?channel=C1&ts=101.1&oldest=96.1&limit=200\n");
    clear(&p);
    /* the first message of a thread comes again with its answers; what comes alive meanwhile is not taken twice */
    event(&p, "e3", IN_ROOM("103.1", "U2", "and more", ",\"thread_ts\":\"101.1\""));
    clear(&p);
    answer(&p, 200, MESSAGES(FROM("U2", "101.1", "<@U0BOT> hello") ",{\"user\":\"U2\",\"text\":\"missed\",\"ts\":\"102.1\",\"thread_ts\":\"101.1\"}"
                             ",{\"user\":\"U2\",\"text\":\"and more\",\"ts\":\"103.1\",\"thread_ts\":\"101.1\"}", ""));
    want_all(&p, "M who=U2 room=C1/101.1 to=c/C1/101.1/U2 nick=U2 aside=U2 id=102.1: missed\nH GET conversations.history?channel=C1&oldest=96.1&limit=200\n");
    answer(&p, 200, MESSAGES(FROM("U3", "102.2", "not for us") "," FROM("U3", "102.3", "<@U0BOT> for us"), ""));
    want_all(&p, "M who=U3 room=C1/102.3 to=c/C1/102.3/U3 nick=U3 aside=U3 id=102.3 addressed: for us\n"
                 "H GET conversations.history?channel=D1&oldest=96.1&limit=200\n");
    /* the newest first, over two pages */
    answer(&p, 200, MESSAGES(FROM("U1", "106.1", "third") "," FROM("U1", "105.1", "second"), "abc="));
    want_all(&p, "H GET conversations.history?channel=D1&oldest=96.1&limit=200&cursor=abc%3D\n");
    answer(&p, 200, MESSAGES(FROM("U1", "104.1", "first") "," FROM("U0BOT", "104.2", "ours") "," FROM("U1", "100.1", "hello"), ""));
    assert_int_equal(count(&p, "M "), 3);
    size_t first = str_find(buf_str(&p.log), STR("first")), second = str_find(buf_str(&p.log), STR("second"));
    assert_true(first < second && second < str_find(buf_str(&p.log), STR("third")));
    assert_int_equal(p.request_count, 0);
    finish(&p);
}

static void it_may_fail(void **state) {
    (void)state;
    struct play p = back_again();
    answer(&p, 500, "");
    answer(&p, 200, MESSAGES("", ""));
    clear(&p);
    answer(&p, 200, MESSAGES("", ""));
    want(&p, "N what was missed cannot be read; tried again in 30 s\n");
    clear(&p);
    tick(&p, SLACK_CATCH_AGAIN_MS - 1);
    assert_int_equal(p.request_count, 0);
    tick(&p, 1);
    want(&p, "H GET conversations.replies?channel=C1&ts=101.1&oldest=96.1&limit=200\n");
    /* what may not be read is told once, and left */
    clear(&p);
    answer(&p, 200, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"channels:history\"}");
    answer(&p, 200, "{\"ok\":false,\"error\":\"not_in_channel\"}");
    answer(&p, 200, "{\"ok\":true,\"messages\":[null,5,{},[]]}");
    assert_int_equal(count(&p, "N "), 1);
    want(&p, "N what was missed in a channel cannot be read: missing_scope\n");
    assert_int_equal(p.request_count, 0);
    finish(&p);
}

static void endless_pages(void **state) {
    (void)state;
    struct play p = back_again();
    unsigned asked = 0;
    for (; p.request_count > 0 && asked < 100; asked++)
        answer(&p, 200, MESSAGES(FROM("U9", "102.1", "x"), "more"));
    assert_int_equal(asked, 3 * SLACK_PAGES_MOST);
    finish(&p);
}

static void nothing_before_nothing_missed(void **state) {
    (void)state;
    struct play p = begin();
    close_it(&p);
    connect_it(&p);
    assert_int_equal(p.request_count, 0);
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place),
        cmocka_unit_test(it_may_fail),
        cmocka_unit_test(endless_pages),
        cmocka_unit_test(nothing_before_nothing_missed),
    };
    return cmocka_run_group_tests_name("Slack's history", tests, NULL, NULL);
}
