#include "test.h"

#include "shell/library.h"

static void a_function_of_a_library(void **state) {
    (void)state;
    struct err e = {0};
    double (*down)(double) = NULL;
    void *library = library_load("libm.so.6", &e);
    assert_non_null(library);
    assert_ptr_equal(library_load("libm.so.6", &e), library);
    assert_true(library_function(library, "floor", &down, &e));
    assert_true(down(2.5) == 2.0);
    assert_int_equal(e.code, ERR_NONE);
}

static void what_is_missing_is_named(void **state) {
    (void)state;
    struct err e = {0};
    void (*function)(void) = NULL;
    assert_null(library_load("libnobody-has.so.7", &e));
    assert_int_equal(e.code, ERR_IO);
    assert_non_null(strstr(e.message, "libnobody-has.so.7"));
    e = (struct err){0};
    assert_false(library_function(library_load("libm.so.6", &e), "nobody_has_this", &function, &e));
    assert_int_equal(e.code, ERR_IO);
    assert_non_null(strstr(e.message, "nobody_has_this"));
    assert_null(function);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_of_a_library),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
