#include "test.h"

#define LOG_MODULE "test"
#include "core/buf.h"
#include "shell/log.h"

static struct buf lines;

static void keep_line(void *user, struct str line) {
    (void)user;
    buf_add(&lines, line);
}

static int start(void **state) {
    (void)state;
    buf_init_heap(&lines);
    log_set_sink(keep_line, NULL);
    return 0;
}

static int finish(void **state) {
    (void)state;
    log_set_sink(NULL, NULL);
    log_set_level(LOG_LEVEL_INFO);
    log_forget();
    buf_finish(&lines);
    return 0;
}

/* The line without its time. */
static struct str said(void) {
    struct str line = buf_str(&lines);
    assert_true(line.len > 25 && line.ptr[4] == '-' && line.ptr[10] == 'T' && line.ptr[23] == 'Z');
    return str_slice(line, 25, line.len);
}

static void test_line(void **state) {
    (void)state;
    LOG_WARN("closed: %d", 1006);
    assert_str(said(), "warning test: closed: 1006\n");
}

static void test_level(void **state) {
    (void)state;
    LOG_DEBUG("not shown");
    assert_int_equal(lines.len, 0);
    log_set_level(LOG_LEVEL_DEBUG);
    LOG_DEBUG("shown");
    assert_str(said(), "debug test: shown\n");
}

static void test_one_line_stays_one(void **state) {
    (void)state;
    LOG_INFO("%s", "a\nb\x1b[2J\x7f \xc3\xa9 \xff\xc3 \xe2\x80\xae\xc2\x9b");
    assert_str(said(), "info test: a\\u000ab\\u001b[2J\\u007f \xc3\xa9 \\xff\\xc3 \\u202e\\u009b\n");
}

static void test_secret_is_hidden(void **state) {
    (void)state;
    char secret[] = "hunter2 of old";
    log_hide(str_of(secret));
    log_hide(STR("abc")); /* too short to hide */
    LOG_ERROR("password hunter2 of old, twice hunter2 of oldhunter2 of old; abc");
    assert_str(said(), "error test: password ***, twice ******; abc\n");
    log_forget();
    buf_clear(&lines);
    LOG_ERROR("hunter2 of old");
    assert_str(said(), "error test: hunter2 of old\n");
}

static void test_long_line_is_cut(void **state) {
    (void)state;
    static char big[100000];
    memset(big, '\x01', sizeof big - 1); /* every byte becomes six */
    LOG_INFO("%s", big);
    assert_true(lines.len > 1000 && lines.len < 8000);
    assert_int_equal(lines.ptr[lines.len - 1], '\n');
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, start, finish)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_line),
        CASE(test_level),
        CASE(test_one_line_stays_one),
        CASE(test_secret_is_hidden),
        CASE(test_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
