#include "test.h"

#include <stdio.h>

#include "chat/seen.h"

static void the_first_time_only(void **state) {
    (void)state;
    static struct seen s;
    char id[32];
    seen_init(&s, (const unsigned char *)"0123456789abcdef");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < SEEN_MOST; i++) {
            snprintf(id, sizeof id, "message-%d", i);
            assert_int_equal(seen_first(&s, str_of(id)), round == 0);
        }
    assert_true(seen_first(&s, STR("one more"))); /* the oldest makes room */
    assert_true(seen_first(&s, STR("message-0")));
    assert_false(seen_first(&s, STR("message-2")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_time_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
