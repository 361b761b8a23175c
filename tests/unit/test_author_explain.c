/* What a message means to the mini dialog, as text and as JSON. */
#include "test.h"

#include "author/explain.h"
#include "core/buf.h"

#include "dialog_fixture.h"

static const int64_t now_s = 1769860800; /* 2026-01-31T12:00:00Z */

static struct dialog *dialog;

static int set_up(void **state) {
    (void)state;
    dialog = fixture_dialog();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dialog_free(dialog);
    return 0;
}

static void check_json(const char *line, const char *expected) {
    struct buf b;
    buf_init_heap(&b);
    explain_json_line(&b, dialog, str_of(line), now_s);
    assert_str(buf_str(&b), expected);
    buf_finish(&b);
}

static void json_lines(void **state) {
    (void)state;
    check_json("{\"text\":\"no crack in the frame, the wheel wobbles\"}",
               "{\"findings\":{\"frame_cracked\":\"no\",\"wheel_loose\":\"yes\"},\"details\":{}}");
    check_json("{\"text\":\"yes\",\"asked\":[\"brake_failed\"]}",
               "{\"findings\":{\"brake_failed\":\"yes\"},\"details\":{}}");
    check_json("{\"text\":\"4\",\"asked\":[\"no_such\",\"rides_per_week\",7]}",
               "{\"findings\":{\"rides_per_week\":4},\"details\":{}}");
    check_json("{\"text\":\"hello\",\"asked\":\"brake_failed\"}", "{\"findings\":{},\"details\":{}}");
}

static void bad_lines(void **state) {
    (void)state;
    const char *const error = "{\"findings\":{},\"error\":\"an object with a string \\\"text\\\" is expected\"}";
    check_json("", error);
    check_json("no json", error);
    check_json("[1, 2", error);
    check_json("{\"text\":5}", error);
    check_json("{\"asked\":[]}", error);
}

static bool has(const struct buf *b, const char *what) { return str_find(buf_str(b), str_of(what)) != SIZE_MAX; }

static void every_step_is_shown(void **state) {
    (void)state;
    struct buf b;
    buf_init_heap(&b);
    explain_text(&b, dialog, STR("no crack in the frame but the wheel wobbles for two weeks"), now_s);
    assert_true(has(&b, "cues      \"no\" deny"));
    assert_true(has(&b, "denied"));
    assert_true(has(&b, "frame_cracked = \"no\""));
    assert_true(has(&b, "wheel_loose = \"yes\""));
    assert_true(has(&b, "\"two weeks\" 336 hours long"));
    assert_true(has(&b, "loose_days = 14"));
    assert_true(has(&b, "rules"));
    buf_clear(&b);
    explain_text(&b, dialog, STR("the brake fluid is gone\x1b[2J \xff"), now_s);
    assert_true(has(&b, "an idiom"));
    assert_false(has(&b, "\x1b")); /* nothing that moves a terminal */
    buf_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(json_lines), cmocka_unit_test(bad_lines),
                                       cmocka_unit_test(every_step_is_shown)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
