#include "test.h"

#include "chat/pace.h"

static void a_burst_then_one_by_one(void **state) {
    (void)state;
    struct pace p;
    pace_init(&p, (const unsigned char *)"0123456789abcde");
    for (int i = 0; i < PACE_BURST; i++)
        assert_int_equal(pace_count(&p, STR("alice"), 1000), PACE_FINE);
    assert_int_equal(pace_count(&p, STR("alice"), 1000), PACE_TELL);
    assert_int_equal(pace_count(&p, STR("alice"), 1000), PACE_FAST);
    assert_int_equal(pace_count(&p, STR("bob"), 1000), PACE_FINE);
    assert_int_equal(pace_count(&p, STR("alice"), 1000 + PACE_REFILL_MS), PACE_FINE);
    assert_int_equal(pace_count(&p, STR("alice"), 1000 + PACE_REFILL_MS), PACE_TELL);
    for (int i = 0; i < PACE_BURST; i++) /* after a long time */
        assert_int_equal(pace_count(&p, STR("alice"), INT64_C(1) << 40), PACE_FINE);
    assert_int_equal(pace_count(&p, STR("alice"), INT64_C(1) << 40), PACE_TELL);
}

static void any_time_and_any_name(void **state) {
    (void)state;
    struct pace p;
    pace_init(&p, (const unsigned char *)"0123456789abcde");
    assert_int_equal(pace_count(&p, STR_NONE, -1000), PACE_FINE);
    assert_int_equal(pace_count(&p, STR("x"), 0), PACE_FINE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_burst_then_one_by_one), cmocka_unit_test(any_time_and_any_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
