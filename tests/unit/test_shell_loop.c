#include "test.h"

#include <netdb.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "shell/loop.h"

static struct loop *loop;
static int calls;

/* Stands in for the C library's in this program, libuv's calls included: "slow.test" hangs, the rest does not exist. */
int getaddrinfo(const char *restrict host, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict out) {
    (void)service;
    (void)hints;
    *out = NULL;
    if (strcmp(host, "slow.test") == 0)
        nanosleep(&(struct timespec){.tv_nsec = 300 * 1000000L}, NULL);
    return EAI_NONAME;
}

static int start(void **state) {
    (void)state;
    calls = 0;
    loop = loop_new(NULL);
    return loop ? 0 : -1;
}

static int finish(void **state) {
    (void)state;
    return loop_free(loop) ? 0 : -1;
}

static void stop(void *user) {
    (void)user;
    loop_stop(loop);
}

/* Runs the loop for at most five seconds. */
static void run(void) {
    struct loop_timer *end = loop_timer_new(loop, stop, NULL);
    loop_timer_set(end, 5000);
    loop_run(loop);
    loop_timer_free(end);
}

static struct loop_timer *timer_a, *timer_b;

static void free_both(void *user) {
    (void)user;
    calls++;
    loop_timer_free(timer_a);
    loop_timer_free(timer_b);
    loop_stop(loop);
}

static void test_timer_frees_itself_and_its_neighbour(void **state) {
    (void)state;
    timer_a = loop_timer_new(loop, free_both, NULL);
    timer_b = loop_timer_new(loop, free_both, NULL);
    loop_timer_set(timer_a, 0);
    loop_timer_set(timer_b, 0); /* due in the same round, freed before its turn */
    run();
    assert_int_equal(calls, 1);
}

static void again(void *user) {
    (void)user;
    if (++calls == 3)
        loop_stop(loop);
    else
        loop_timer_set(timer_a, 1);
}

static void test_timer_sets_itself_again(void **state) {
    (void)state;
    timer_a = loop_timer_new(loop, again, NULL);
    int64_t before = loop_now_ms(loop);
    loop_timer_set(timer_a, 1);
    run();
    assert_int_equal(calls, 3);
    assert_true(loop_now_ms(loop) >= before + 2 && loop_now_ms(loop) < before + 5000);
    loop_timer_free(timer_a);
}

static struct loop_fd *watcher;
static int pipe_fds[2];

static void on_pipe(void *user, int events) {
    char byte;
    (void)user;
    assert_true(events & LOOP_READ);
    assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
    calls++;
    loop_fd_free(watcher);
    loop_timer_set(timer_a, 20); /* time for a second event, which must not come */
}

static void test_watcher_frees_itself(void **state) {
    (void)state;
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(write(pipe_fds[1], "xy", 2), 2);
    timer_a = loop_timer_new(loop, stop, NULL);
    watcher = loop_fd_new(loop, pipe_fds[0], on_pipe, NULL);
    loop_fd_set(watcher, LOOP_READ);
    run();
    assert_int_equal(calls, 1);
    loop_timer_free(timer_a);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static struct loop_signal *signal_watch;

static void on_signal(void *user) {
    (void)user;
    calls++;
    loop_signal_free(signal_watch);
    loop_stop(loop);
}

static void test_signal(void **state) {
    (void)state;
    signal_watch = loop_signal_new(loop, SIGUSR1, on_signal, NULL);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    run();
    assert_int_equal(calls, 1);
}

static struct err lookup_error;

static void on_lookup(void *user, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e) {
    (void)user;
    (void)addresses;
    assert_int_equal(count, 0);
    lookup_error = *e;
    calls++;
    loop_stop(loop);
}

static void test_lookup_fails(void **state) {
    (void)state;
    assert_non_null(loop_lookup_new(loop, "nowhere.test", 5000, on_lookup, NULL));
    assert_int_equal(calls, 0);
    run();
    assert_int_equal(calls, 1);
    assert_non_null(strstr(lookup_error.message, "does not resolve"));
}

static void test_lookup_hangs(void **state) {
    (void)state;
    assert_non_null(loop_lookup_new(loop, "slow.test", 20, on_lookup, NULL));
    run();
    assert_int_equal(calls, 1);
    assert_non_null(strstr(lookup_error.message, "does not answer"));
    assert_false(loop_free(loop)); /* the C library still has it */
    timer_a = loop_timer_new(loop, stop, NULL);
    loop_timer_set(timer_a, 500);
    run();
    loop_timer_free(timer_a);
    assert_int_equal(calls, 1); /* its late answer goes nowhere, and the loop can go */
}

static void test_lookup_called_off(void **state) {
    (void)state;
    loop_lookup_cancel(loop_lookup_new(loop, "slow.test", 5000, on_lookup, NULL));
    timer_a = loop_timer_new(loop, stop, NULL);
    loop_timer_set(timer_a, 500);
    run();
    loop_timer_free(timer_a);
    assert_int_equal(calls, 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, start, finish)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_timer_frees_itself_and_its_neighbour),
        CASE(test_timer_sets_itself_again),
        CASE(test_watcher_frees_itself),
        CASE(test_signal),
        CASE(test_lookup_fails),
        CASE(test_lookup_hangs),
        CASE(test_lookup_called_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
