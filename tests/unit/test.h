/* What every unit test includes first: cmocka and the headers it wants before it. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/str.h"

#define assert_str(actual, expected) check_str((actual), (expected), __FILE__, __LINE__)

static inline void check_str(struct str actual, const char *expected, const char *file, int line) {
    if (str_equal(actual, str_of(expected)))
        return;
    print_error("\"%.*s\" is not \"%s\"\n", STR_ARG(actual), expected);
    _fail(file, line);
}

#endif
