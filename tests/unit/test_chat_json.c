#include "test.h"

#include "chat/json.h"

static void reading(void **state) {
    (void)state;
    cJSON *d = json_read(STR("{\"id\":\"7\",\"n\":12,\"none\":null,\"yes\":true,\"in\":{\"x\":[]}}"));
    assert_non_null(d);
    assert_str(json_str(d, "id"), "7");
    assert_str(json_str(d, "n"), ""); /* of another type, null and absent are alike */
    assert_str(json_str(d, "none"), "");
    assert_str(json_str(d, "missing"), "");
    assert_int_equal(json_int(d, "n", -1), 12);
    assert_int_equal(json_int(d, "id", -1), -1);
    assert_true(json_is_true(d, "yes"));
    assert_false(json_is_true(d, "n"));
    assert_null(json_at(d, "none"));
    assert_non_null(json_at(json_at(d, "in"), "x"));
    assert_null(json_at(NULL, "x"));
    assert_str(json_str(NULL, "x"), "");
    cJSON_Delete(d);
    static const char *const none[] = {"", "{", "{} {}", "{\"a\":\"\xff\"}", "nul"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (json_read(str_of(none[i])))
            fail_msg("%s was read", none[i]);
}

static void writing(void **state) {
    (void)state;
    struct buf out;
    cJSON *d = cJSON_CreateObject();
    buf_init_heap(&out);
    json_add_str(d, "a", str_slice(STR("one\"two"), 0, 5));
    json_add_str(d, "b", STR("\xff\n"));
    json_write(&out, d);
    assert_str(buf_str(&out), "{\"a\":\"one\\\"t\",\"b\":\"\xef\xbf\xbd\\n\"}");
    buf_finish(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading), cmocka_unit_test(writing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
