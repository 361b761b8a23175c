/* A frame of Discord's gateway, taken apart. */
#include "test.h"

#include "chat/discord_frame.h"

static void frames_are_taken_apart(void **state) {
    (void)state;
    struct discord_frame f;
    assert_true(discord_frame_read(STR(" {\"t\":\"READY\",\"s\":42,\"op\":0,\"d\":{\"a\":[1,{\"b\":\"}]\\\"\"}]}} \n"), &f));
    assert_int_equal(f.op, 0);
    assert_int_equal(f.s, 42);
    assert_str(f.t, "READY");
    assert_str(f.d, "{\"a\":[1,{\"b\":\"}]\\\"\"}]}");
    assert_true(discord_frame_read(STR("{\"op\" : 9 , \"d\":true, \"s\":null,\"t\":null}"), &f));
    assert_int_equal(f.op, 9);
    assert_int_equal(f.s, -1);
    assert_str(f.t, "");
    assert_str(f.d, "true");
    assert_true(discord_frame_read(STR("{\"op\":-1,\"s\":1.5,\"x\":{\"op\":3},\"t\":7}"), &f));
    assert_int_equal(f.op, -1);
    assert_int_equal(f.s, -1);
    assert_str(f.t, "");
    assert_true(discord_frame_read(STR("{}"), &f));
    assert_int_equal(f.op, -1);
    static const char *const none[] = {"", " ", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{\"a\":\"", "{\"a\":[}",
                                       "{\"a\":\"\\", "{\"a\\\":1}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":[[]"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (discord_frame_read(str_of(none[i]), &f))
            fail_msg("%s is taken for a frame", none[i]);
}

static void a_frame_of_16_mb_is_passed_over(void **state) {
    (void)state;
    enum { SIZE = 16 << 20 };
    static const char head[] = "{\"t\":\"GUILD_CREATE\",\"d\":[", tail[] = "],\"op\":0,\"s\":3}";
    char *text = malloc(SIZE);
    struct discord_frame f;
    assert_non_null(text);
    memset(text, '[', SIZE);
    memcpy(text, head, sizeof head - 1);
    size_t depth = (SIZE - sizeof head - sizeof tail) / 2;
    memset(text + sizeof head - 1 + depth, ']', depth);
    memcpy(text + sizeof head - 1 + 2 * depth, tail, sizeof tail - 1);
    assert_true(discord_frame_read((struct str){text, sizeof head - 1 + 2 * depth + sizeof tail - 1}, &f));
    assert_int_equal(f.s, 3);
    assert_str(f.t, "GUILD_CREATE");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_taken_apart),
        cmocka_unit_test(a_frame_of_16_mb_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
