/* Replies as the parts of a message. */
#include "test.h"

#include "shell/render.h"

static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no")};
static const struct engine_reply replies[] = {
    {.text = STR_INIT("In private, then."), .aside = false},
    {.text = STR_INIT("Hello *there*."), .aside = true},
    {.text = STR_INIT("Since when?"), .choices = choices, .choice_count = 2, .numbered = true, .aside = true},
};

static void here_and_aside(void **state) {
    (void)state;
    struct chat_part parts[RENDER_PARTS_MAX];
    assert_int_equal(render_parts(parts, replies, 3, false), 1);
    assert_str(parts[0].text, "In private, then.");
    assert_int_equal(render_parts(parts, replies, 3, true), 2);
    assert_str(parts[1].text, "Since when?");
    assert_int_equal(parts[1].choice_count, 2);
    assert_true(parts[1].numbered);
    assert_int_equal(render_parts(parts, replies, 1, true), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(here_and_aside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
