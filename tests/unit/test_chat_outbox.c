/* The queue of results. */
#include "test.h"

#include "chat/outbox.h"

static bool push(struct outbox *o, const char *room, const char *text) {
    return outbox_push(o, &(struct chat_out){.kind = CHAT_WIRE, .room = str_of(room), .text = str_of(text)});
}

static void check_next(struct outbox *o, const char *text) {
    struct chat_out out;
    assert_true(outbox_next(o, &out));
    assert_str(out.text, text);
}

static void owns_and_lends(void **state) {
    (void)state;
    struct outbox o;
    struct chat_out out;
    char text[] = "changes";
    outbox_init(&o, 10, 1000);
    struct chat_out message = {.kind = CHAT_MESSAGE,
                               .who = STR("w"),
                               .room = STR("r"),
                               .to = STR("t"),
                               .nick = STR("n"),
                               .aside = STR("a"),
                               .addressed = true,
                               .text = str_of(text)};
    assert_true(outbox_push(&o, &message));
    text[0] = 'X';
    assert_true(outbox_next(&o, &out));
    assert_int_equal(out.kind, CHAT_MESSAGE);
    assert_str(out.who, "w");
    assert_str(out.room, "r");
    assert_str(out.to, "t");
    assert_str(out.nick, "n");
    assert_str(out.aside, "a");
    assert_true(out.addressed);
    assert_str(out.text, "changes");
    assert_true(push(&o, "", "next")); /* what is lent stays */
    assert_str(out.text, "changes");
    outbox_release(&o);
    check_next(&o, "next");
    assert_false(outbox_next(&o, &out));
    outbox_finish(&o);
}

static void limits(void **state) {
    (void)state;
    struct outbox o;
    outbox_init(&o, 3, 10);
    assert_true(push(&o, "", "12345"));
    assert_false(push(&o, "", "123456"));
    assert_true(push(&o, "", "12345"));
    assert_true(push(&o, "", ""));
    assert_false(push(&o, "", ""));
    check_next(&o, "12345");
    assert_true(push(&o, "", "abc"));
    outbox_clear(&o);
    assert_int_equal(o.count, 0);
    assert_true(push(&o, "", "1234567890"));
    outbox_finish(&o);
}

static void moving(void **state) {
    (void)state;
    struct outbox from, to;
    struct chat_out out;
    outbox_init(&from, 10, 1000);
    outbox_init(&to, 3, 1000);
    assert_true(push(&to, "", "0"));
    assert_true(push(&from, "a", "1"));
    assert_true(push(&from, "b", "2"));
    assert_true(push(&from, "a", "3"));
    assert_true(push(&from, "a", "4"));
    assert_int_equal(outbox_move(&from, &to, STR("a")), 1);
    assert_int_equal(from.count, 1);
    check_next(&to, "0");
    check_next(&to, "1");
    check_next(&to, "3");
    assert_false(outbox_next(&to, &out));
    check_next(&from, "2");
    assert_int_equal(outbox_move(&from, &to, STR("b")), 0);
    outbox_finish(&from);
    outbox_finish(&to);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owns_and_lends),
        cmocka_unit_test(limits),
        cmocka_unit_test(moving),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
