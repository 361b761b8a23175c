#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/siphash.h"
#include "engine/pool.h"

static const unsigned char hash_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The vector of the SipHash paper, appendix A: 15 bytes 00 .. 0e. */
static void siphash_gives_the_papers_vector(void **state) {
    (void)state;
    char message[15];
    for (unsigned i = 0; i < sizeof message; i++)
        message[i] = (char)i;
    assert_true(siphash(hash_key, (struct str){message, sizeof message}) == UINT64_C(0xa129ca6149be45e5));
}

static struct str key_of(char *buffer, size_t size, unsigned n, bool wide) {
    int length = snprintf(buffer, size, wide ? "user-%u-with-a-name-that-does-not-fit-beside-its-session" : "u%u", n);
    return (struct str){buffer, (size_t)length};
}

static void every_key_keeps_its_session(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    struct pool *p = pool_new(COUNT, hash_key);
    char buffer[96];
    for (unsigned n = 0; n < COUNT; n++) {
        struct session *s = pool_add(p, key_of(buffer, sizeof buffer, n, n % 3 == 0));
        assert_non_null(s);
        assert_int_equal(s->turn, 0);
        s->turn = (uint16_t)n;
        s->touched_ms = n;
    }
    for (unsigned n = 0; n < COUNT; n += 2)
        pool_drop(p, key_of(buffer, sizeof buffer, n, n % 3 == 0));
    assert_int_equal(pool_count(p), COUNT / 2);
    for (unsigned n = 0; n < COUNT; n++) {
        const struct session *s = pool_find(p, key_of(buffer, sizeof buffer, n, n % 3 == 0));
        if (n % 2 == 0)
            assert_null(s);
        else
            assert_int_equal(s->turn, n);
    }
    pool_expire(p, COUNT, COUNT);
    assert_int_equal(pool_count(p), 0);
    pool_free(p);
}

static void a_full_pool_lets_an_old_talk_go(void **state) {
    (void)state;
    struct pool *p = pool_new(8, hash_key);
    char buffer[96];
    for (unsigned n = 0; n < 8; n++)
        pool_add(p, key_of(buffer, sizeof buffer, n, false))->touched_ms = 100 + n;
    assert_non_null(pool_add(p, STR("new")));
    assert_int_equal(pool_count(p), 8);
    assert_null(pool_find(p, STR("u0")));
    assert_non_null(pool_find(p, STR("u7")));
    pool_free(p);
}

static void keys_are_bounded(void **state) {
    (void)state;
    static char huge[POOL_KEY_MAX + 1];
    memset(huge, 'x', sizeof huge);
    struct pool *p = pool_new(8, hash_key);
    assert_null(pool_add(p, (struct str){huge, sizeof huge}));
    assert_non_null(pool_add(p, (struct str){huge, POOL_KEY_MAX}));
    assert_null(pool_add(p, STR_NONE));
    pool_free(p);
    pool_free(NULL);
}

static void a_session_and_its_index_stay_within_256_bytes(void **state) {
    (void)state;
    enum { COUNT = 50000 };
    struct pool *p = pool_new(COUNT, hash_key);
    char buffer[96];
    for (unsigned n = 0; n < COUNT; n++) {
        pool_add(p, key_of(buffer, sizeof buffer, n, false));
        if ((n + 1) % 256 == 0 && n > 8192) /* whole chunks; the index at its emptiest comes by, too */
            assert_true((double)pool_bytes(p) / (n + 1) <= 256);
    }
    pool_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_papers_vector),
        cmocka_unit_test(every_key_keeps_its_session),
        cmocka_unit_test(a_full_pool_lets_an_old_talk_go),
        cmocka_unit_test(keys_are_bounded),
        cmocka_unit_test(a_session_and_its_index_stay_within_256_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
