#include "test.h"

#include "core/err.h"
#include "core/utf8.h"

static void the_first_error_stays(void **state) {
    (void)state;
    struct err e = {0};
    assert_false(err_set(&e, ERR_SCHEMA, "%s:%d: no state named \"%s\"", "triggers.yaml", 41, "cofee"));
    assert_false(err_set(&e, ERR_IO, "something else"));
    assert_int_equal(e.code, ERR_SCHEMA);
    assert_string_equal(e.message, "triggers.yaml:41: no state named \"cofee\"");
}

static void nobody_need_listen(void **state) {
    (void)state;
    assert_false(err_set(NULL, ERR_LIMIT, "%d too many", 1));
}

static void a_long_message_is_cut_between_points(void **state) {
    (void)state;
    for (int pad = 0; pad < 8; pad++) {
        char text[1000] = "";
        memset(text, 'x', (size_t)pad);
        for (int i = 0; i < 200; i++)
            strcat(text, "\xE2\x82\xAC");
        struct err e = {0};
        assert_false(err_set(&e, ERR_SYNTAX, "%s", text));
        struct str message = str_of(e.message);
        assert_true(message.len < sizeof e.message);
        assert_true(message.len > sizeof e.message - 8);
        assert_true(utf8_is_valid(message));
        assert_str(str_slice(message, message.len - 3, 3), "...");
    }
}

static void the_longest_message_is_whole(void **state) {
    (void)state;
    struct err e = {0};
    assert_false(err_set(&e, ERR_SYNTAX, "%*d", (int)sizeof e.message - 1, 7));
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
    assert_int_equal(e.message[sizeof e.message - 2], '7');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(a_long_message_is_cut_between_points),
        cmocka_unit_test(the_longest_message_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
