/* Discord's gateway: login, resuming, heartbeat, ends. */
#include "discord_play.h"

#define LIMIT(left) "{\"url\":\"wss://gateway.test/\",\"session_start_limit\":{\"total\":1000,\"remaining\":" #left ",\"reset_after\":3600000}}"
#define INVALID(how) "{\"op\":9,\"s\":null,\"t\":null,\"d\":" how "}"

static void login(void **state) {
    (void)state;
    struct play p = begin();
    dial(&p);
    want_results(&p, "H GET /gateway/bot \n");
    answer(&p, 200, GATEWAY);
    want_results(&p, "D wss://gateway.test/?v=10&encoding=json\n");
    open_it(&p);
    want_results(&p, "");
    feed(&p, HELLO);
    want_results(&p, IDENTIFY);
    feed(&p, "{\"op\":0,\"s\":0,\"t\":\"GUILD_CREATE\",\"d\":{}}");
    want_results(&p, "");
    feed(&p, READY);
    want_results(&p, "R Lippy\nH PUT /applications/78/commands [{\"name\":\"lip\",\"type\":1,\"description\":\"" DISCORD_COMMAND_ABOUT
                 "\",\"contexts\":[0,1],\"options\":[{\"type\":3,\"name\":\"text\",\"description\":\"" DISCORD_COMMAND_TEXT "\"}]}]\n");
    answer(&p, 403, "{\"code\":50001}");
    want_results(&p, "N the slash command cannot be registered (HTTP status 403, code 50001)\n");
    finish(&p);
}

static void a_gateway_of_ones_own(void **state) {
    (void)state;
    struct play p = begin_kept("", "wss://my.test:8443/gate?x=1");
    dial(&p);
    want_results(&p, "D wss://my.test:8443/gate?x=1&v=10&encoding=json\n");
    finish(&p);
}

static void where_the_gateway_is_may_not_be_told(void **state) {
    (void)state;
    static const struct {
        unsigned status;
        const char *body, *out;
    } cases[] = {
        {401, "{\"message\":\"401: Unauthorized\",\"code\":0}", "X stop 4000: the token is wrong (HTTP status 401)\n"},
        {403, "<!DOCTYPE html><title>Access denied</title>", "X retry later 4000: Cloudflare keeps this address out (HTTP status 403)\n"},
        {429, " <html>", "X retry later 4000: Cloudflare keeps this address out (HTTP status 429)\n"},
        {500, "", "X retry 4000: where the gateway is was not told (HTTP status 500)\n"},
        {0, "", "X retry 4000: where the gateway is cannot be asked: no answer\n"},
        {200, "<html>", "X retry 4000: where the gateway is was not told (HTTP status 200)\n"},
        {200, "{\"url\":null}", "X retry 4000: the server does not say where its gateway is\n"},
        {200, "{\"url\":\"ws://gateway.test\"}", "X retry 4000: the gateway's address is not encrypted, though the API's is\n"},
        {200, "{\"url\":\"https://gateway.test\"}", "X retry 4000: the gateway's address is none of a websocket\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = begin();
        dial(&p);
        clear(&p);
        answer(&p, cases[i].status, cases[i].body);
        want_results(&p, cases[i].out);
        dial(&p);
        want_results(&p, "H GET /gateway/bot \n");
        finish(&p);
    }
}

static void heartbeat(void **state) {
    (void)state;
    struct play p = begin_ready();
    int64_t first = p.c->beat_at_ms - p.now_ms;
    assert_in_range(first, 0, 41250);
    tick(&p, first);
    want_results(&p, "C {\"op\":1,\"d\":1}\n");
    feed(&p, "{\"op\":11}\n{\"op\":1}");
    want_results(&p, "C {\"op\":1,\"d\":1}\n"); /* asked for, at once */
    tick(&p, 41249);
    want_results(&p, "");
    tick(&p, 1);
    want_results(&p, "C {\"op\":1,\"d\":1}\n");
    tick(&p, 41250);
    want_results(&p, "X retry 4000: the server no longer answers the heartbeat\n");
    lose(&p, 0);
    dial(&p);
    want_results(&p, "D wss://resume.test/?v=10&encoding=json\n");
    finish(&p);
}

static void the_first_beat_comes_at_any_time(void **state) {
    (void)state;
    int64_t sum = 0;
    for (uint64_t i = 0; i < 100; i++) {
        struct play p = begin();
        p.c->drawn = i * 7;
        dial(&p);
        answer(&p, 200, GATEWAY);
        open_it(&p);
        feed(&p, HELLO);
        sum += p.c->beat_at_ms - p.now_ms;
        finish(&p);
    }
    assert_in_range(sum / 100, 15000, 26000);
}

static void a_server_may_not_make_us_send_too_much(void **state) {
    (void)state;
    struct play p = begin_ready();
    for (int i = 0; i < 1000; i++)
        feed(&p, "{\"op\":1}");
    assert_in_range(count(&p, "C "), 100, 119);
    tick(&p, 60 * 1000);
    clear(&p);
    feed(&p, "{\"op\":1}");
    want(&p, "C {\"op\":1,");
    finish(&p);
    p = begin();
    dial(&p);
    answer(&p, 200, GATEWAY);
    open_it(&p);
    feed(&p, "{\"op\":10,\"d\":{\"heartbeat_interval\":1}}");
    assert_int_equal(p.c->beat_ms, 1000);
    finish(&p);
}

static void silence_at_the_start(void **state) {
    (void)state;
    struct play p = begin();
    dial(&p);
    answer(&p, 200, GATEWAY);
    open_it(&p);
    clear(&p);
    tick(&p, DISCORD_HELLO_MS);
    want_results(&p, "X retry 4000: no hello within 15 s\n");
    lose(&p, 0);
    dial(&p);
    answer(&p, 200, GATEWAY);
    open_it(&p);
    feed(&p, "{\"op\":10,\"d\":{\"heartbeat_interval\":600000}}");
    p.c->beat_at_ms = CHAT_NEVER;
    clear(&p);
    tick(&p, DISCORD_LOGIN_MS);
    want_results(&p, "X retry 4000: no login within 60 s\n");
    finish(&p);
}

static void resuming(void **state) {
    (void)state;
    static const unsigned codes[] = {0, 1000, 1001, 1006, 4000, 4001, 4002, 4003, 4005, 4008, 4999};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct play p = begin_ready();
        lose(&p, codes[i]);
        dial(&p);
        if (codes[i] == 4008) {
            want_results(&p, "");
            tick(&p, DISCORD_RATE_PAUSE_MS);
        }
        want_results(&p, "D wss://resume.test/?v=10&encoding=json\n");
        open_it(&p);
        feed(&p, HELLO);
        want(&p, "C {\"op\":6,");
        clear(&p);
        feed(&p, "{\"op\":0,\"s\":2,\"t\":\"RESUMED\",\"d\":{}}");
        want_results(&p, "R Lippy\n");
        finish(&p);
    }
}

static void codes_that_begin_anew(void **state) {
    (void)state;
    static const unsigned codes[] = {4007, 4009};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct play p = begin_ready();
        p.now_ms += DISCORD_IDENTIFY_MOST_MS;
        lose(&p, codes[i]);
        dial(&p);
        want_results(&p, "H GET /gateway/bot \n");
        finish(&p);
    }
}

static void codes_that_end_it(void **state) {
    (void)state;
    static const unsigned codes[] = {4004, 4010, 4011, 4012, 4013, 4014};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char code[32];
        struct play p = begin_ready();
        lose(&p, codes[i]);
        snprintf(code, sizeof code, "(close code %u)\n", codes[i]);
        want(&p, "X stop 4000: ");
        want(&p, code);
        finish(&p);
    }
}

static void op_7_and_op_9(void **state) {
    (void)state;
    struct play p = begin_ready();
    assert_false(feed(&p, "{\"op\":7,\"d\":null}"));
    want_results(&p, "X retry 4000: the server asks us to connect again\n");
    lose(&p, 0);
    dial(&p);
    open_it(&p);
    feed(&p, HELLO);
    clear(&p);
    assert_false(feed(&p, INVALID("true")));
    want_results(&p, "X retry 4000: the session is to be resumed\n");
    lose(&p, 0);
    p.now_ms += DISCORD_IDENTIFY_MOST_MS;
    dial(&p);
    want_results(&p, "D wss://resume.test/?v=10&encoding=json\n");
    open_it(&p);
    feed(&p, HELLO);
    clear(&p);
    assert_true(feed(&p, INVALID("false")));
    want(&p, "N the session is invalid; a new one in ");
    clear(&p);
    p.c->beat_at_ms = CHAT_NEVER;
    assert_in_range(p.c->login_at_ms - p.now_ms, 1000, 5000);
    tick(&p, 5000);
    want_results(&p, IDENTIFY);
    feed(&p, READY);
    want_results(&p, "R Lippy\n");
    finish(&p);
}

/* A server that throws the session away each time: never more than the pauses allow, from 5 s to 10 min. */
static void logins_are_never_burnt(void **state) {
    (void)state;
    struct play p = begin_ready();
    unsigned logins = 0;
    int64_t begun = p.now_ms;
    lose(&p, 4007);
    for (int i = 0; i < 40000 && p.now_ms - begun < 24 * 3600 * 1000; i++) {
        clear(&p);
        dial(&p);
        if (!count(&p, "H GET"))
            tick(&p, 5000);
        if (!count(&p, "H GET"))
            continue;
        answer(&p, 200, GATEWAY);
        open_it(&p);
        feed(&p, HELLO);
        logins += count(&p, "C {\"op\":2,");
        lose(&p, 4007);
    }
    assert_in_range(logins, 50, 400);
    assert_non_null(strstr(p.kept, "\"logins\":16"));
    struct play q = begin_kept(p.kept, NULL); /* a restart does not begin at five seconds again */
    q.now_ms += 1;
    dial(&q);
    answer(&q, 200, GATEWAY);
    open_it(&q);
    feed(&q, HELLO);
    assert_in_range(q.c->identify_at_ms - q.now_ms, DISCORD_IDENTIFY_MS, DISCORD_IDENTIFY_MOST_MS);
    assert_int_equal(q.c->logins, 16);
    finish(&q);
    finish(&p);
}

static void the_last_logins_are_spread_over_the_day(void **state) {
    (void)state;
    struct play p = begin();
    dial(&p);
    answer(&p, 200, LIMIT(10));
    want_results(&p, "H GET /gateway/bot \nN only 10 logins are left for 3600 s: waiting 360 s\n");
    tick(&p, 359 * 1000);
    want_results(&p, "");
    tick(&p, 1000);
    answer(&p, 200, LIMIT(10));
    want_results(&p, "H GET /gateway/bot \nD wss://gateway.test/?v=10&encoding=json\n");
    finish(&p);
    p = begin();
    dial(&p);
    answer(&p, 200, LIMIT(0));
    want_results(&p, "H GET /gateway/bot \nN only 0 logins are left for 3600 s: waiting 3600 s\n");
    finish(&p);
}

static void where_resuming_fails_the_gateway_is_asked_for(void **state) {
    (void)state;
    struct play p = begin_ready();
    lose(&p, 0);
    for (int i = 0; i < DISCORD_RESUMES_MOST; i++) {
        dial(&p);
        want_results(&p, "D wss://resume.test/?v=10&encoding=json\n");
        discord_ops.closed(p.c, &(struct chat_end){.why = STR("refused")}, p.now_ms);
        drain(&p);
    }
    for (int i = 0; i < DISCORD_RESUMES_MOST; i++) {
        dial(&p);
        answer(&p, 200, GATEWAY);
        open_it(&p);
        feed(&p, HELLO);
        want(&p, "C {\"op\":6,");
        clear(&p);
        lose(&p, 4000);
    }
    p.now_ms += DISCORD_IDENTIFY_MOST_MS;
    dial(&p);
    answer(&p, 200, GATEWAY);
    open_it(&p);
    feed(&p, HELLO);
    want(&p, "C {\"op\":2,");
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login),
        cmocka_unit_test(a_gateway_of_ones_own),
        cmocka_unit_test(where_the_gateway_is_may_not_be_told),
        cmocka_unit_test(heartbeat),
        cmocka_unit_test(the_first_beat_comes_at_any_time),
        cmocka_unit_test(a_server_may_not_make_us_send_too_much),
        cmocka_unit_test(silence_at_the_start),
        cmocka_unit_test(resuming),
        cmocka_unit_test(codes_that_begin_anew),
        cmocka_unit_test(codes_that_end_it),
        cmocka_unit_test(op_7_and_op_9),
        cmocka_unit_test(logins_are_never_burnt),
        cmocka_unit_test(the_last_logins_are_spread_over_the_day),
        cmocka_unit_test(where_resuming_fails_the_gateway_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
