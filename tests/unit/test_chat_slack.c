/* The Slack codec: its tables and keys, and what the answers of the Web API mean. */
#include "slack_play.h"

#include "chat_ops_assert.h"

static void the_tables_are_right(void **state) {
    (void)state;
    size_t n;
    const struct slack_handler *h = slack_handlers(&n);
    chat_ops_assert(&slack_ops);
    assert_string_equal(slack_ops.name, "slack");
    for (size_t i = 0; i < n; i++) {
        assert_non_null(h[i].fn);
        assert_true(i == 0 || strcmp(h[i - 1].type, h[i].type) < 0);
    }
}

static void tokens_are_looked_at(void **state) {
    (void)state;
    static const char *const bad[][2] = {{"", "xoxb-1"}, {"xapp-1", ""}, {"xoxb-1", "xapp-1"}, {"xapp-1", "xapp-1"}, {"xapp-1", "xoxb 1"}, {"xapp\n1", "xoxb-1"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_null(make_with(bad[i][0], bad[i][1], "https://slack.test/api", STR_NONE, &e));
        assert_int_equal(e.code, ERR_SCHEMA);
        assert_null(strstr(e.message, "1\n"));
    }
}

static void ids_and_times(void **state) {
    (void)state;
    assert_true(slack_is_id(STR("U0BOT")) && slack_is_id(STR("DMWUL4SBG20")));
    assert_false(slack_is_id(STR("")) || slack_is_id(STR("U/1")) || slack_is_id(STR("U0BOT&x")) || slack_is_id(STR("U23456789012345678901234567890123")));
    assert_true(slack_is_ts(STR("1795519265.000007")) && slack_is_ts(STR("1795519265.931")));
    assert_false(slack_is_ts(STR("")) || slack_is_ts(STR("1795519265")) || slack_is_ts(STR(".5")) || slack_is_ts(STR("5.")) ||
                 slack_is_ts(STR("1.2.3")) || slack_is_ts(STR("-1.5")) || slack_is_ts(STR("1e5.5")) ||
                 slack_is_ts(STR("1795519265.000007000000000")));
    assert_true(slack_ts_compare(STR("999.9"), STR("1000.1")) < 0 && slack_ts_compare(STR("1795519265.000007"), STR("1795519265.000008")) < 0);
    assert_true(slack_ts_compare(STR_NONE, STR("1.5")) < 0 && slack_ts_compare(STR("1.5"), STR("1.5")) == 0);
}

/* What becomes of the login where its first answer is this. */
static void login_answered(unsigned status, const char *body, const char *want_text) {
    struct play p = begin_kept(STR_NONE);
    dial(&p);
    clear(&p);
    answer(&p, status, body);
    want_all(&p, want_text);
    finish(&p);
}

static void errors_that_end_it(void **state) {
    (void)state;
    static const char *const fatal[] = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission",
                                        "not_allowed_token_type", "org_login_required", "team_access_not_granted"};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        char body[100], want_text[100];
        snprintf(body, sizeof body, "{\"ok\":false,\"error\":\"%s\"}", fatal[i]);
        snprintf(want_text, sizeof want_text, "X stop: Slack refuses the bot_token: %s\n", fatal[i]);
        login_answered(200, body, want_text);
    }
    login_answered(200, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\",\"provided\":\"im:history\"}",
                   "X stop: Slack refuses the bot_token: missing_scope, needed: chat:write\n");
    login_answered(401, "", "X stop: Slack refuses the bot_token: not allowed\n");
}

static void errors_that_pass(void **state) {
    (void)state;
    login_answered(0, "", "X retry: Slack cannot be reached: no way\n");
    login_answered(500, "<html>", "X retry: Slack gives us no connection (HTTP status 500)\n");
    login_answered(200, "{\"ok\":false,\"error\":\"internal_error\"}", "X retry: Slack gives us no connection: internal_error\n");
    login_answered(200, "{\"ok\":false,\"error\":\"ratelimited\"}", "X retry: Slack gives us no connection: ratelimited\n");
    login_answered(200, "{\"ok\":false,\"error\":\"something_new\"}", "X retry later: Slack gives us no connection: something_new\n");
    login_answered(200, "{\"ok\":false,\"error\":\"what they <said>\"}", "X retry: Slack gives us no connection (HTTP status 200)\n");
    login_answered(200, "{\"ok\":true,\"user_id\":null}", "X retry: Slack gives us no connection (HTTP status 200)\n");
}

static void queries_are_encoded(void **state) {
    (void)state;
    struct buf url;
    buf_init_heap(&url);
    buf_add(&url, STR("m"));
    slack_add_query(&url, "cursor", STR("bmV4==&x"));
    slack_add_query(&url, "oldest", STR("17.5"));
    assert_true(str_equal(buf_str(&url), STR("m?cursor=bmV4%3D%3D%26x&oldest=17.5")));
    buf_finish(&url);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_right), cmocka_unit_test(tokens_are_looked_at), cmocka_unit_test(ids_and_times),
        cmocka_unit_test(errors_that_end_it),   cmocka_unit_test(errors_that_pass),     cmocka_unit_test(queries_are_encoded),
    };
    return cmocka_run_group_tests_name("Slack", tests, NULL, NULL);
}
