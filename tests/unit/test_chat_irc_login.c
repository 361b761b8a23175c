/* From the open websocket to a nick, and how servers end it. */
#include "irc_play.h"

#include "chat/scram.h"

static void login_without_an_account(void **state) {
    (void)state;
    struct play p = begin(&usual);
    open_it(&p);
    want_all(&p, "C CAP LS 302\nC NICK lippy\nC USER lippy 0 * :Lippy, a chat program\nW +30000\n");
    feed(&p, CAPS);
    want_all(&p, "C CAP REQ :message-tags server-time echo-message batch\n");
    feed(&p, ":irc.test CAP lippy ACK :message-tags server-time echo-message batch");
    want_all(&p, "C CAP END\n");
    feed(&p, WELCOME);
    want(&p, "R lippy\nC JOIN #clinic\nC JOIN #ward\n");
    clear(&p);
    feed(&p, ":irc.test 005 lippy BOT=B CASEMAPPING=ascii NETWORK=x :are supported by this server");
    want_all(&p, "C MODE lippy +B\n");
    feed(&p, ":lippy!l@h JOIN #clinic");
    want_all(&p, "N in #clinic\n");
    feed(&p, WELCOME "\n:irc.test 433 * lippy :in use\n:irc.test CAP * LS :x\nAUTHENTICATE +\n:irc.test 904 lippy :no");
    want_all(&p, ""); /* out of turn */
    finish(&p);
}

static void login_to_servers_of_all_ages(void **state) {
    (void)state;
    /* no capabilities known, or none of ours, or all refused */
    static const char *const cases[][2] = {
        {":irc.test 421 lippy CAP :Unknown command", ""},
        {":irc.test CAP * LS :", "C CAP END\n"},
        {":irc.test CAP * LS :away-notify", "C CAP END\n"},
        {":irc.test CAP * LS * :batch multi-prefix\n:irc.test CAP * LS :batch=x server-time", "C CAP REQ :batch server-time\n"},
        {CAPS "\n:irc.test CAP lippy NAK :message-tags", "C CAP END\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = begin(&usual);
        open_it(&p);
        feed(&p, cases[i][0]);
        want(&p, cases[i][1]);
        feed(&p, WELCOME);
        want(&p, "R lippy\n");
        finish(&p);
    }
}

static struct play begin_sasl(void) {
    struct play p = begin(&with_password);
    open_it(&p);
    feed(&p, SASL_CAPS);
    want(&p, "C CAP REQ :batch sasl\n");
    clear(&p);
    return p;
}

static void login_with_an_account(void **state) {
    (void)state;
    struct play p = begin_sasl();
    feed(&p, ":irc.test CAP lippy ACK :batch");
    want_all(&p, ""); /* the rest of the answer is to come */
    feed(&p, ":irc.test CAP lippy ACK :sasl");
    want_all(&p, "C AUTHENTICATE PLAIN\n");
    feed(&p, "@time=2026-11-24T11:07:07.952Z AUTHENTICATE :+");
    want_all(&p, "C AUTHENTICATE AExpcEJvdABzZWNyZXQ=\n");
    feed(&p, ":irc.test 900 lippy lippy!l@h LipBot :You are now logged in\n:irc.test 903 lippy :SASL authentication successful");
    want_all(&p, "C CAP END\n");
    feed(&p, "AUTHENTICATE +\n:irc.test 903 lippy :again");
    want_all(&p, ""); /* the password is told once */
    feed(&p, WELCOME);
    want(&p, "R lippy\n");
    finish(&p);
}

static void long_passwords_go_in_pieces(void **state) {
    (void)state;
    char password[700];
    struct made_of m = with_password;
    /* of 293 bytes with the rest: 396 in base64; 294: just 400 with padding or not */
    for (size_t len = 280; len < 640; len += len == 320 ? 240 : 1) {
        struct buf coded, got;
        memset(password, 'x', len);
        password[len] = '\0';
        m.password = password;
        struct play p = begin(&m);
        open_it(&p);
        feed(&p, SASL_CAPS "\n:irc.test CAP lippy ACK :batch sasl");
        clear(&p);
        feed(&p, "AUTHENTICATE +");
        buf_init_heap(&coded);
        buf_init_heap(&got);
        struct str rest = buf_str(&p.log), last = STR("");
        while (rest.len > 0) {
            struct str line = str_cut(&rest, '\n');
            assert_true(str_starts_with(line, STR("C AUTHENTICATE ")));
            last = str_slice(line, strlen("C AUTHENTICATE "), SIZE_MAX);
            assert_true(last.len <= 400);
            if (!str_equal(last, STR("+")))
                buf_add(&coded, last);
        }
        assert_true(last.len < 400); /* that is how the server knows */
        assert_true(base64_read(&got, buf_str(&coded)));
        assert_int_equal(got.len, 1 + strlen("LipBot") + 1 + len);
        buf_finish(&coded);
        buf_finish(&got);
        finish(&p);
    }
}

static void accounts_that_fail(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {":irc.test CAP lippy ACK :sasl\n:irc.test 904 lippy :SASL authentication failed", "X stop: the server refuses us: wrong account or password (SASL, 904)\n"},
        {":irc.test CAP lippy ACK :sasl\n:irc.test 908 lippy EXTERNAL :are the mechanisms", "X stop: "},
        {":irc.test CAP lippy ACK :sasl\n:irc.test 902 lippy :locked", "X stop: "},
        {":irc.test CAP lippy NAK :batch sasl\n:irc.test CAP lippy NAK :sasl", "C CAP REQ :sasl\nX retry later: the server takes back its offer of SASL\n"},
        {WELCOME, "X retry later: the server let us in without the account's password\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = begin_sasl();
        assert_false(feed(&p, cases[i][0]));
        want(&p, cases[i][1]);
        assert_int_equal(count(&p, "R "), 0);
        assert_int_equal(count(&p, "X "), 1);
        finish(&p);
    }
    static const char *const offers[] = {":irc.test CAP * LS :batch", ":irc.test CAP * LS :sasl=EXTERNAL"};
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        struct play p = begin(&with_password);
        open_it(&p);
        assert_false(feed(&p, offers[i]));
        want(&p, "X retry later: the server offers no SASL PLAIN");
        finish(&p);
    }
}

static void a_nick_that_is_taken(void **state) {
    (void)state;
    struct play p = begin(&usual);
    open_it(&p);
    clear(&p);
    feed(&p, ":irc.test 433 * lippy :Nickname is already in use.");
    want_all(&p, "C NICK lippy_\n");
    feed(&p, ":irc.test CAP * LS :\n:irc.test 001 lippy_ :Welcome");
    want(&p, "R lippy_\n");
    feed(&p, ":lippy_!l@h JOIN #clinic\n:lippy_!l@h JOIN #ward\n:alice!a@h PRIVMSG #clinic :lippy_: hello");
    want(&p, "M who=alice!a@h room=#clinic to=#clinic nick=alice aside=alice!a@h id= addressed: hello\n");
    clear(&p);
    tick(&p, IRC_LONG_PAUSE_MS);
    want(&p, "C NICK lippy\n");
    feed(&p, ":irc.test 433 lippy_ lippy :in use"); /* still */
    clear(&p);
    tick(&p, IRC_LONG_PAUSE_MS);
    want(&p, "C NICK lippy\n");
    feed(&p, ":lippy_!l@h NICK :lippy\n:alice!a@h PRIVMSG #clinic :lippy: hello");
    want(&p, "addressed: hello\n");
    clear(&p);
    feed(&p, "PING x"); /* so that the line is alive */
    tick(&p, IRC_LONG_PAUSE_MS);
    assert_int_equal(count(&p, "C NICK"), 0);
    finish(&p);

    p = begin(&usual);
    open_it(&p);
    feed(&p, ":irc.test 433 * lippy :taken\n:irc.test 433 * lippy_ :taken");
    want(&p, "C NICK lippy__\n");
    assert_false(feed(&p, ":irc.test 433 * lippy__ :taken"));
    want(&p, "X retry later: the nick lippy and its like are taken\n");
    finish(&p);
}

static void how_servers_end_it(void **state) {
    (void)state;
    static const struct {
        const char *line, *want;
        bool in; /* once logged in; else while logging in */
    } cases[] = {
        {":irc.test 464 * :Password incorrect", "X stop: the server refuses us: Password incorrect\n", false},
        {":irc.test 465 * :You are banned from this server", "X stop: the server refuses us: You are banned", false},
        {":irc.test 465 lippy :You are banned from this server", "X stop: ", true},
        {":irc.test 432 * lippy :Erroneous nickname", "X stop: the server does not allow the nick lippy\n", false},
        {"ERROR :Closing link: (lippy@127.0.0.1) [Server shutdown]", "X retry: the server closes: Closing link", true},
        {"ERROR :Closing link: (lippy@127.0.0.1) [Excess Flood]", "X retry later: ", true},
        {"ERROR :Closing link: (lippy@127.0.0.1) [G-Lined: spam]", "X retry later: ", false},
        {"ERROR :Closing link: (lippy@127.0.0.1) [Killed (oper (no))]", "X retry later: ", true},
        {"ERROR :Your host is trying to (re)connect too fast -- throttled", "X retry later: ", false},
        {"ERROR", "X retry: the server closes: ", false},
        {"ERROR :\xff\x01\x1b[31m", "X retry: the server closes: ???[31m\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = cases[i].in ? begin_in(&usual) : begin(&usual);
        if (!cases[i].in)
            open_it(&p);
        assert_false(feed(&p, cases[i].line));
        want(&p, cases[i].want);
        assert_true(feed(&p, "ERROR :again")); /* once is enough */
        tick(&p, 100 * 1000);
        assert_int_equal(count(&p, "X "), 1);
        finish(&p);
    }
}

static void a_login_that_never_ends(void **state) {
    (void)state;
    struct play p = begin(&usual);
    open_it(&p);
    tick(&p, IRC_LOGIN_MS - 1);
    assert_int_equal(count(&p, "X "), 0);
    tick(&p, 1);
    want(&p, "X retry: no login within 30 s\n");
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_without_an_account),
        cmocka_unit_test(login_to_servers_of_all_ages),
        cmocka_unit_test(login_with_an_account),
        cmocka_unit_test(long_passwords_go_in_pieces),
        cmocka_unit_test(accounts_that_fail),
        cmocka_unit_test(a_nick_that_is_taken),
        cmocka_unit_test(how_servers_end_it),
        cmocka_unit_test(a_login_that_never_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
