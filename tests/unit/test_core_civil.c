#include "test.h"

#include "core/civil.h"

static void days_are_counted_from_1970(void **state) {
    (void)state;
    assert_true(civil_days(1970, 1, 1) == 0);
    assert_true(civil_days(1969, 12, 31) == -1);
    assert_true(civil_days(2000, 2, 29) == 11016);
    assert_true(civil_days(2026, 1, 31) == 20484);
    assert_true(civil_days(0, 3, 1) == -719468);
    assert_true(civil_days(-1, 12, 31) == civil_days(0, 1, 1) - 1);
}

static void times_are_read_strictly(void **state) {
    (void)state;
    int64_t s;
    assert_true(civil_parse(STR("2026-01-31T12:00:00Z"), &s) && s == 1769860800);
    assert_true(civil_parse(STR("1970-01-01T00:00:01Z"), &s) && s == 1);
    assert_true(civil_parse(STR("2024-02-29T23:59:59Z"), &s) && s == 1709251199);
    static const char *const wrong[] = {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31t12:00:00Z", "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
                                        "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
                                        "2026-01-31T12:00:00Zx", "2026-o1-31T12:00:00Z"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(civil_parse(str_of(wrong[i]), &s));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_counted_from_1970),
        cmocka_unit_test(times_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
