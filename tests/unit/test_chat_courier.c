/* Requests on their way: order, retries, limits. */
#include "test.h"

#include "chat/courier.h"

static struct courier *courier;
static int64_t now;

static int start(void **state) {
    (void)state;
    now = 1000;
    courier = courier_new(60000, 1000);
    return courier ? 0 : -1;
}

static int finish(void **state) {
    (void)state;
    courier_free(courier);
    return 0;
}

static void add(const char *lane, uint64_t number) {
    struct chat_out http = {.kind = CHAT_HTTP, .method = CHAT_POST, .url = STR("https://a/b"), .text = STR("{}"),
                            .lane = str_of(lane), .number = number};
    assert_true(courier_add(courier, &http, now));
}

/* The number of what goes next, 0: nothing; its ticket into *ticket. */
static uint64_t next(uint64_t *ticket) {
    struct courier_job job;
    if (!courier_next(courier, now, &job))
        return 0;
    *ticket = job.ticket;
    return job.http->number;
}

static void done(uint64_t ticket, unsigned status, const char *headers, const char *body) {
    courier_done(courier, ticket,
                 &(struct courier_result){.status = status, .headers = str_of(headers), .body = str_of(body), .arrived = true}, now);
}

/* "number:status" of the next answer. */
static void assert_answer(uint64_t number, unsigned status) {
    struct chat_answer a;
    assert_true(courier_answer(courier, &a));
    assert_int_equal(a.number, number);
    assert_int_equal(a.status, status);
}

static void assert_no_answer(void) {
    struct chat_answer a;
    assert_false(courier_answer(courier, &a));
}

static void lanes_keep_their_order(void **state) {
    (void)state;
    uint64_t one, two, other;
    add("a", 1);
    add("a", 2);
    add("b", 3);
    assert_int_equal(next(&one), 1);
    assert_int_equal(next(&other), 3);
    assert_int_equal(next(&two), 0);
    assert_int_equal(courier_due_ms(courier, now), INT64_MAX);
    done(one, 200, "", "fine");
    assert_answer(1, 200);
    assert_int_equal(next(&two), 2);
    done(other, 201, "", "");
    done(two, 404, "", "");
    assert_answer(2, 404);
    assert_answer(3, 201);
    assert_no_answer();
    assert_int_equal(courier_count(courier), 0);
}

static void a_lane_waits_for_its_retries(void **state) {
    (void)state;
    uint64_t t;
    add("a", 1);
    add("a", 2);
    next(&t);
    done(t, 500, "", "");
    assert_no_answer();
    assert_int_equal(next(&t), 0);
    assert_int_equal(courier_due_ms(courier, now), now + 250);
    now += 250;
    assert_int_equal(next(&t), 1);
    done(t, 200, "", "");
    assert_answer(1, 200);
    assert_int_equal(next(&t), 2);
}

static void told_to_wait(void **state) {
    (void)state;
    static const struct {
        const char *headers, *body;
        int64_t wait_ms;
    } cases[] = {
        {"HTTP/1.1 429\r\nRetry-After: 3\r\n\r\n", "limit exceeded\n", 3000},
        {"", "{\"message\":\"slow\",\"retry_after\":0.65,\"global\":false}", 651},
        {"retry-after: 1\n", "{\"retry_after\":1.337}", 1338},
        {"Retry-After: 99999999\n", "", 3600000},
        {"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\n", "", 250},
        {"", "too busy", 250},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t t;
        add("a", i + 1);
        assert_int_equal(next(&t), i + 1);
        done(t, 429, cases[i].headers, cases[i].body);
        assert_int_equal(courier_due_ms(courier, now), now + cases[i].wait_ms);
        now += cases[i].wait_ms;
        if (cases[i].wait_ms < 600000) {
            assert_int_equal(next(&t), i + 1);
            done(t, 200, "", "");
            assert_answer(i + 1, 200);
        } else { /* past its age */
            assert_int_equal(next(&t), 0);
            assert_answer(i + 1, 0);
        }
    }
}

static void a_global_limit_holds_all(void **state) {
    (void)state;
    uint64_t t;
    add("a", 1);
    add("b", 2);
    next(&t);
    done(t, 429, "X-RateLimit-Global: true\r\nRetry-After: 2\r\n", "");
    assert_int_equal(next(&t), 0);
    now += 2000;
    assert_int_equal(next(&t), 1);
    assert_int_equal(next(&t), 2);
}

static void a_ban_holds_all(void **state) {
    (void)state;
    static const unsigned statuses[] = {403, 429};
    for (size_t i = 0; i < 2; i++) {
        uint64_t ticket, other;
        add("a", 1);
        add("b", 2);
        assert_int_equal(next(&ticket), 1);
        done(ticket, statuses[i], "Content-Type: text/html\n", "\n<!doctype html><html>error code: 1015</html>");
        if (statuses[i] == 403)
            assert_answer(1, 403);
        assert_int_equal(next(&other), 0);
        now += COURIER_BAN_MS - 1;
        assert_int_equal(next(&other), 0);
        now += 1;
        for (uint64_t number; (number = next(&ticket)) > 0;) {
            done(ticket, 200, "", "");
            assert_answer(number, 200);
        }
        assert_int_equal(courier_count(courier), 0);
    }
    /* a refusal in JSON is the platform's own word; a dial is answered at once, and has pauses of its own */
    uint64_t ticket;
    add("a", 1);
    add("b", 2);
    next(&ticket);
    done(ticket, 403, "", "{}");
    assert_int_equal(next(&ticket), 2);
    done(ticket, 200, "", "");
    struct chat_out dial = {.kind = CHAT_HTTP, .url = STR("https://a/b"), .number = 3, .dialing = true};
    assert_true(courier_add(courier, &dial, now));
    assert_int_equal(next(&ticket), 3);
    done(ticket, 429, "", "<html>");
    assert_answer(1, 403);
    assert_answer(2, 200);
    assert_answer(3, 429);
}

static void an_empty_window_holds_its_lane(void **state) {
    (void)state;
    uint64_t t;
    add("a", 1);
    add("a", 2);
    add("b", 3);
    next(&t);
    done(t, 200, "x-ratelimit-remaining: 0\r\nx-ratelimit-reset-after: 1.5\r\n", "");
    assert_answer(1, 200);
    assert_int_equal(next(&t), 3);
    assert_int_equal(next(&t), 0);
    now += 1500;
    assert_int_equal(next(&t), 2);
}

static void what_is_final(void **state) {
    (void)state;
    static const unsigned final[] = {200, 201, 204, 301, 400, 401, 403, 404, 409, 413};
    uint64_t t;
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        add("", i + 1);
        assert_int_equal(next(&t), i + 1);
        done(t, final[i], "", "");
        assert_answer(i + 1, final[i]);
    }
}

static void given_up_in_the_end(void **state) {
    (void)state;
    uint64_t t;
    unsigned tries = 0;
    add("a", 1);
    while (courier_count(courier) > 0 && tries < 100) {
        if (next(&t) == 1) {
            tries++;
            done(t, 0, "", "");
        }
        now += 1000;
    }
    assert_int_equal(tries, COURIER_TRIES_MOST);
    assert_answer(1, 0);
}

static void what_must_not_be_done_twice(void **state) {
    (void)state;
    static const struct {
        unsigned status;
        bool arrived, again;
    } cases[] = {{0, true, false}, {0, false, true}, {500, true, false}, {503, true, true}, {429, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct courier_job job;
        struct chat_out http = {.kind = CHAT_HTTP, .url = STR("https://a"), .number = i + 1, .once = true};
        assert_true(courier_add(courier, &http, now));
        assert_true(courier_next(courier, now, &job));
        courier_done(courier, job.ticket, &(struct courier_result){.status = cases[i].status, .arrived = cases[i].arrived}, now);
        now += 300;
        assert_int_equal(courier_next(courier, now, &job), cases[i].again);
        if (cases[i].again)
            courier_done(courier, job.ticket, &(struct courier_result){.status = 200}, now);
        assert_answer(i + 1, cases[i].again ? 200 : cases[i].status);
    }
}

static void too_late(void **state) {
    (void)state;
    struct courier_job job;
    struct chat_out http = {.kind = CHAT_HTTP, .url = STR("https://a"), .number = 1, .at_ms = now + 3000};
    assert_true(courier_add(courier, &http, now));
    now += 3001;
    assert_false(courier_next(courier, now, &job));
    assert_answer(1, 0);
}

static void a_platforms_own_ceiling(void **state) {
    (void)state;
    uint64_t t;
    unsigned sent = 0;
    courier_free(courier);
    courier = courier_new(60, 5);
    for (unsigned i = 0; i < 100; i++)
        add("", i + 1);
    for (int64_t end = now + 60000; now < end;) {
        if (next(&t)) {
            sent++;
            done(t, 200, "", "");
        } else {
            int64_t due = courier_due_ms(courier, now);
            assert_true(due > now);
            now = due;
        }
    }
    assert_in_range(sent, 60, 66);
}

static void only_so_many_wait(void **state) {
    (void)state;
    for (unsigned i = 0; i < COURIER_WAITING_MOST; i++)
        add("", i + 1);
    struct chat_out http = {.kind = CHAT_HTTP, .url = STR("https://a")};
    assert_false(courier_add(courier, &http, now));
    uint64_t t;
    for (unsigned i = 0; i < COURIER_FLYING_MOST; i++)
        assert_int_equal(next(&t), i + 1);
    assert_int_equal(next(&t), 0);
    done(t, 200, "", "");
    assert_true(next(&t) != 0);
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, start, finish)
    const struct CMUnitTest tests[] = {
        CASE(lanes_keep_their_order),
        CASE(a_lane_waits_for_its_retries),
        CASE(told_to_wait),
        CASE(a_global_limit_holds_all),
        CASE(a_ban_holds_all),
        CASE(an_empty_window_holds_its_lane),
        CASE(what_is_final),
        CASE(given_up_in_the_end),
        CASE(what_must_not_be_done_twice),
        CASE(too_late),
        CASE(a_platforms_own_ceiling),
        CASE(only_so_many_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
