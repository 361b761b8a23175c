/* A line of IRC, taken apart. */
#include "test.h"

#include "chat/irc_line.h"

static void lines_are_taken_apart(void **state) {
    (void)state;
    struct irc_line l;
    bool there;
    assert_true(irc_line_read(STR("@a=1;b;c=;d/e=x\\:y :nick!user@host PRIVMSG #a  b :two words: \r\n"), &l));
    assert_str(l.source, "nick!user@host");
    assert_str(l.nick, "nick");
    assert_str(l.command, "PRIVMSG");
    assert_int_equal(l.param_count, 3);
    assert_str(irc_line_param(&l, 0), "#a");
    assert_str(irc_line_param(&l, 1), "b");
    assert_str(irc_line_param(&l, 2), "two words: ");
    assert_str(irc_line_param(&l, 3), "");
    assert_str(irc_line_tag(&l, "a", &there), "1");
    assert_str(irc_line_tag(&l, "b", &there), "");
    assert_true(there);
    assert_str(irc_line_tag(&l, "d/e", &there), "x\\:y");
    irc_line_tag(&l, "e", &there);
    assert_false(there);
    assert_true(irc_line_read(STR("PING"), &l) && l.param_count == 0 && l.source.len == 0);
    assert_true(irc_line_read(STR(":server 001 :"), &l) && l.param_count == 1 && l.params[0].len == 0);
    assert_str(l.nick, "server");
    assert_true(irc_line_read(STR("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"), &l));
    assert_int_equal(l.param_count, IRC_PARAMS_MOST);
    assert_str(l.params[14], "15 16 17");
    static const char *const none[] = {"", " ", "\r\n", "@a=1", "@a=1 ", ":source", ":source ", "@a :b "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (irc_line_read(str_of(none[i]), &l))
            fail_msg("\"%s\" has the command %.*s", none[i], STR_ARG(l.command));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
