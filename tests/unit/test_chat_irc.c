/* The IRC codec against a server that is played here. */
#include "test.h"

#include <stdio.h>

#include "chat/irc_work.h"
#include "chat/scram.h"
#include "chat_ops_assert.h"
#include "core/utf8.h"

/* ---- a stream ---- */

struct play {
    struct chat *c;
    int64_t now_ms;
    struct buf log; /* what came out since play_clear() */
};

enum { VALUES = 8 };

struct made_of {
    const char *nick, *account, *password, *origin, *websocket;
    struct str rooms[4];
    size_t room_count;
    uint64_t lines;
};

static const struct made_of usual = {.nick = "lippy", .rooms = {STR_INIT("#clinic"), STR_INIT("#ward")}, .room_count = 2};

static struct chat *make(const struct made_of *m, struct err *e) {
    struct chat_value values[VALUES] = {0};
    for (size_t i = 0; irc_ops.keys[i].name; i++) {
        const char *name = irc_ops.keys[i].name;
        assert_true(i < VALUES);
        if (strcmp(name, "websocket") == 0)
            values[i].text = str_of(m->websocket ? m->websocket : "wss://irc.test:8097/");
        else if (strcmp(name, "nick") == 0)
            values[i].text = str_of(m->nick);
        else if (strcmp(name, "account") == 0)
            values[i].text = str_of(m->account);
        else if (strcmp(name, "password") == 0)
            values[i].text = str_of(m->password);
        else if (strcmp(name, "origin") == 0)
            values[i].text = str_of(m->origin);
        else if (strcmp(name, "rooms") == 0)
            values[i] = (struct chat_value){.items = m->rooms, .item_count = m->room_count};
        else if (strcmp(name, "lines_per_minute") == 0)
            values[i].number = m->lines ? m->lines : irc_ops.keys[i].standard;
        else
            fail_msg("what is the key %s?", name);
    }
    return irc_ops.make(&(struct chat_setup){.values = values, .entropy = "0123456789abcde"}, e);
}

static void log_out(struct play *p, const struct chat_out *out) {
    static const char *const closes[] = {"retry", "retry later", "stop", "done"};
    struct buf *b = &p->log;
    switch (out->kind) {
    case CHAT_READY: buf_printf(b, "R %.*s\n", STR_ARG(out->text)); break;
    case CHAT_WAKE_AT: buf_printf(b, "W +%lld\n", (long long)(out->at_ms - p->now_ms)); break;
    case CHAT_NOTE: buf_printf(b, "N %.*s\n", STR_ARG(out->text)); break;
    case CHAT_CLOSE: buf_printf(b, "X %s: %.*s\n", closes[out->close], STR_ARG(out->text)); break;
    case CHAT_WIRE: buf_printf(b, "C %.*s\n", STR_ARG(out->text)); break;
    case CHAT_DIAL: buf_printf(b, "D %.*s %.*s\n", STR_ARG(out->url), STR_ARG(out->origin)); break;
    case CHAT_MESSAGE:
        buf_printf(b, "M who=%.*s room=%.*s to=%.*s nick=%.*s aside=%.*s id=%.*s%s: %.*s\n", STR_ARG(out->who), STR_ARG(out->room),
                   STR_ARG(out->to), STR_ARG(out->nick), STR_ARG(out->aside), STR_ARG(out->id), out->addressed ? " addressed" : "",
                   STR_ARG(out->text));
        break;
    default: fail_msg("a result of kind %d", (int)out->kind);
    }
}

static void drain(struct play *p) {
    struct chat_out out;
    while (irc_ops.next(p->c, &out)) {
        assert_true(out.kind == CHAT_WIRE || utf8_is_valid(out.text));
        if (out.kind == CHAT_WIRE) {
            assert_true(out.text.len > 0 && out.text.len <= IRC_LINE_MOST);
            assert_true(str_find(out.text, STR("\n")) == SIZE_MAX && str_find(out.text, STR("\r")) == SIZE_MAX);
        }
        log_out(p, &out);
    }
}

/* The line ends where the next part of the call's text does: feeds each line of lines as a frame. */
static bool feed(struct play *p, const char *lines) {
    struct str rest = str_of(lines);
    bool fine = true;
    while (rest.len > 0) {
        struct err e = {0};
        fine = irc_ops.feed(p->c, str_cut(&rest, '\n'), false, p->now_ms, &e);
        assert_int_equal(fine, e.code == ERR_NONE);
        drain(p);
    }
    return fine;
}

static void clear(struct play *p) { buf_clear(&p->log); }

static void tick(struct play *p, int64_t ms) {
    p->now_ms += ms;
    irc_ops.tick(p->c, p->now_ms);
    drain(p);
}

static bool say(struct play *p, const char *to, const char *text) {
    struct chat_part part = {.text = str_of(text)};
    struct err e = {0};
    bool fine = irc_ops.say(p->c, &(struct chat_say){.to = str_of(to), .parts = &part, .part_count = 1}, p->now_ms, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static void open_it(struct play *p) {
    irc_ops.opened(p->c, p->now_ms);
    drain(p);
}

static struct play begin(const struct made_of *m) {
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(m, &e);
    if (!p.c)
        fail_msg("%s", e.message);
    return p;
}

#define CAPS ":irc.test CAP * LS :account-tag batch echo-message inspircd.org/poison message-tags server-time"
#define WELCOME ":irc.test 001 lippy :Welcome to the network lippy!lippy@127.0.0.1"

/* Logged in, in both channels, with the flood limit's lines to spare. */
static struct play begin_in(const struct made_of *m) {
    struct play p = begin(m);
    open_it(&p);
    feed(&p, CAPS "\n:irc.test CAP lippy ACK :message-tags\n" WELCOME);
    feed(&p, ":lippy!lippy@127.0.0.1 JOIN #clinic * :Lippy\n:lippy!lippy@127.0.0.1 JOIN :#Ward");
    tick(&p, 20 * 1000);
    clear(&p);
    return p;
}

static void finish(struct play *p) {
    irc_ops.free(p->c);
    buf_finish(&p->log);
}

static unsigned count(const struct play *p, const char *text) {
    unsigned n = 0;
    struct str s = buf_str(&p->log);
    for (size_t at; (at = str_find(s, str_of(text))) != SIZE_MAX; n++)
        s = str_slice(s, at + 1, SIZE_MAX);
    return n;
}

static void want(struct play *p, const char *text) {
    if (text[0] && !count(p, text))
        fail_msg("\"%s\" is not in:\n%.*s", text, STR_ARG(buf_str(&p->log)));
}

static void want_all(struct play *p, const char *text) {
    if (!str_equal(buf_str(&p->log), str_of(text)))
        fail_msg("not\n%s\nbut\n%.*s", text, STR_ARG(buf_str(&p->log)));
    clear(p);
}

/* ---- tables and keys ---- */

static void the_tables_are_right(void **state) {
    (void)state;
    size_t n;
    const struct irc_handler *h = irc_handlers(&n);
    chat_ops_assert(&irc_ops);
    assert_string_equal(irc_ops.name, "irc");
    for (size_t i = 0; i < n; i++) {
        assert_non_null(h[i].fn);
        assert_int_not_equal(h[i].phases, 0);
        assert_true(i == 0 || strcmp(h[i - 1].command, h[i].command) < 0);
    }
}

static bool key_takes(const char *name, const char *value) {
    for (const struct chat_key *k = irc_ops.keys; k->name; k++)
        if (strcmp(k->name, name) == 0) {
            struct err e = {0};
            bool fine = k->check(str_of(value), &e);
            assert_int_equal(fine, e.code == ERR_NONE);
            return fine;
        }
    fail_msg("no key %s", name);
    return false;
}

static void keys_are_checked(void **state) {
    (void)state;
    static const char *const good_nicks[] = {"lippy", "[Lip]_1", "l"};
    static const char *const bad_nicks[] = {"", "1lippy", "-lip", "lip py", "lip!py", "#lip", "lip@home",
                                            "0123456789012345678901234567890", "lip\r\nQUIT"};
    static const char *const good_rooms[] = {"#clinic", "&local", "##x"};
    static const char *const bad_rooms[] = {"", "clinic", "#", "#a b", "#a,b", "#a\nQUIT", "#\a"};
    for (size_t i = 0; i < sizeof good_nicks / sizeof *good_nicks; i++)
        assert_true(key_takes("nick", good_nicks[i]));
    for (size_t i = 0; i < sizeof bad_nicks / sizeof *bad_nicks; i++)
        assert_false(key_takes("nick", bad_nicks[i]));
    for (size_t i = 0; i < sizeof good_rooms / sizeof *good_rooms; i++)
        assert_true(key_takes("rooms", good_rooms[i]));
    for (size_t i = 0; i < sizeof bad_rooms / sizeof *bad_rooms; i++)
        assert_false(key_takes("rooms", bad_rooms[i]));
}

static void the_origin_is_the_servers_own_or_as_configured(void **state) {
    (void)state;
    struct made_of m = usual;
    for (int i = 0; i < 3; i++) {
        m.origin = i == 0 ? "https://chat.test" : "";
        m.websocket = i == 2 ? "ws://127.0.0.1:8067/x" : "wss://irc.test:8097/";
        struct play p = begin(&m);
        irc_ops.dial(p.c, p.now_ms);
        drain(&p);
        want_all(&p, i == 0   ? "D wss://irc.test:8097/ https://chat.test\n"
                     : i == 1 ? "D wss://irc.test:8097/ https://irc.test:8097\n"
                              : "D ws://127.0.0.1:8067/x http://127.0.0.1:8067\n");
        finish(&p);
    }
}

static void a_refused_websocket_is_explained(void **state) {
    (void)state;
    struct play p = begin(&usual);
    irc_ops.closed(p.c, &(struct chat_end){.status = 403}, p.now_ms);
    drain(&p);
    want_all(&p, "N the server refused the websocket (HTTP status 403): does it allow the origin https://irc.test:8097?\n");
    irc_ops.closed(p.c, &(struct chat_end){.status = 503}, p.now_ms);
    irc_ops.closed(p.c, &(struct chat_end){0}, p.now_ms);
    drain(&p);
    want_all(&p, "");
    finish(&p);
}

/* ---- lines ---- */

static void lines_are_taken_apart(void **state) {
    (void)state;
    struct irc_line l;
    bool there;
    assert_true(irc_line_read(STR("@a=1;b;c=;d/e=x\\:y :nick!user@host PRIVMSG #a  b :two words: \r\n"), &l));
    assert_str(l.source, "nick!user@host");
    assert_str(l.nick, "nick");
    assert_str(l.command, "PRIVMSG");
    assert_int_equal(l.param_count, 3);
    assert_str(irc_line_param(&l, 0), "#a");
    assert_str(irc_line_param(&l, 1), "b");
    assert_str(irc_line_param(&l, 2), "two words: ");
    assert_str(irc_line_param(&l, 3), "");
    assert_str(irc_line_tag(&l, "a", &there), "1");
    assert_str(irc_line_tag(&l, "b", &there), "");
    assert_true(there);
    assert_str(irc_line_tag(&l, "d/e", &there), "x\\:y");
    irc_line_tag(&l, "e", &there);
    assert_false(there);
    assert_true(irc_line_read(STR("PING"), &l) && l.param_count == 0 && l.source.len == 0);
    assert_true(irc_line_read(STR(":server 001 :"), &l) && l.param_count == 1 && l.params[0].len == 0);
    assert_str(l.nick, "server");
    assert_true(irc_line_read(STR("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"), &l));
    assert_int_equal(l.param_count, IRC_PARAMS_MOST);
    assert_str(l.params[14], "15 16 17");
    static const char *const none[] = {"", " ", "\r\n", "@a=1", "@a=1 ", ":source", ":source ", "@a :b "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (irc_line_read(str_of(none[i]), &l))
            fail_msg("\"%s\" has the command %.*s", none[i], STR_ARG(l.command));
}

/* ---- login ---- */

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

static const struct made_of with_password = {.nick = "lippy", .account = "LipBot", .password = "secret"};

#define SASL_CAPS ":irc.test CAP * LS :batch sasl=EXTERNAL,PLAIN"

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

/* ---- channels ---- */

static void channels_are_joined_again(void **state) {
    (void)state;
    static const char *const outs[] = {":alice!a@h KICK #clinic lippy :go", ":lippy!l@h PART #clinic"};
    for (size_t i = 0; i < sizeof outs / sizeof *outs; i++) {
        struct play p = begin_in(&usual);
        feed(&p, ":alice!a@h KICK #clinic bob :not us\n:alice!a@h PART #clinic\n:irc.test 403 lippy #clinic :about something else");
        tick(&p, IRC_LONG_PAUSE_MS);
        feed(&p, "PING x");
        assert_int_equal(count(&p, "C JOIN"), 0);
        feed(&p, outs[i]);
        clear(&p);
        tick(&p, IRC_LONG_PAUSE_MS - 1);
        feed(&p, "PING x");
        assert_int_equal(count(&p, "C JOIN"), 0);
        tick(&p, 1);
        want(&p, "C JOIN #clinic\n");
        feed(&p, ":irc.test 474 lippy #clinic :Cannot join channel (you're banned)");
        want(&p, "N cannot join #clinic (474); tried again after the long pause\n");
        clear(&p);
        tick(&p, IRC_LONG_PAUSE_MS);
        want(&p, "C JOIN #clinic\n");
        finish(&p);
    }
}

static void many_channels_keep_to_the_flood_limit(void **state) {
    (void)state;
    static char names[20][8];
    struct str rooms[20];
    struct chat_value values[VALUES] = {0};
    struct err e = {0};
    for (size_t i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "#room%zu", i / 2); /* each twice */
        rooms[i] = str_of(names[i]);
    }
    for (size_t i = 0; irc_ops.keys[i].name; i++) {
        if (irc_ops.keys[i].kind == CHAT_KEY_LIST)
            values[i] = (struct chat_value){.items = rooms, .item_count = 20};
        if (irc_ops.keys[i].required)
            values[i].text = STR("ws://localhost/");
        if (irc_ops.keys[i].standard_text)
            values[i].text = str_of(irc_ops.keys[i].standard_text);
    }
    struct play p = {.now_ms = 1000, .c = irc_ops.make(&(struct chat_setup){.values = values}, &e)};
    buf_init_heap(&p.log);
    open_it(&p);
    feed(&p, ":irc.test CAP * LS :\n" WELCOME);
    assert_int_equal(count(&p, "C JOIN"), IRC_BURST_LINES);
    want(&p, "W +1200\n");
    tick(&p, 1200);
    assert_int_equal(count(&p, "C JOIN"), IRC_BURST_LINES + 1);
    tick(&p, 1200);
    assert_int_equal(count(&p, "C JOIN"), 10);
    finish(&p);
}

/* ---- messages in ---- */

static void who_says_what_where(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"@msgid=7;time=x :Alice!al@Host.test PRIVMSG lippy :hello there",
         "M who=alice!al@host.test room= to=alice!al@host.test nick=Alice aside= id=7 addressed: hello there\n"},
        {":Alice!al@h PRIVMSG LIPPY hello", "M who=alice!al@h room= to=alice!al@h nick=Alice aside= id= addressed: hello\n"},
        {":alice!a@h PRIVMSG #Clinic :good morning", "M who=alice!a@h room=#clinic to=#clinic nick=alice aside=alice!a@h id=: good morning\n"},
        {":alice!a@h PRIVMSG #clinic :Lippy, it twitches", " addressed: it twitches\n"},
        {":alice!a@h PRIVMSG #clinic :@lippy", " addressed: "},
        {":[a]!a@h PRIVMSG lippy :hi", "M who=[a]!a@h room= to=[a]!a@h "}, /* {a} is somebody else on some servers */
        {":alice!a@h PRIVMSG lippy :\001ACTION waves\001", ": waves\n"},
        {":alice!a@h PRIVMSG lippy :\002bold\017 \00304,05red\003 \0312", ": bold ,05red 2\n"},
        {":alice!a@h PRIVMSG lippy :caf\xe9", ": caf\xef\xbf\xbd\n"},
        {":alice!a@h PRIVMSG lippy :hello\r", ": hello\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = begin_in(&usual);
        feed(&p, cases[i][0]);
        want(&p, cases[i][1]);
        assert_int_equal(count(&p, "M "), 1);
        finish(&p);
    }
}

static void what_is_not_for_us(void **state) {
    (void)state;
    static const char *const cases[] = {
        ":lippy!lippy@127.0.0.1 PRIVMSG #clinic :lippy: our own echo",
        ":LIPPY!lippy@127.0.0.1 PRIVMSG alice :our own echo",
        "@bot :other!o@h PRIVMSG lippy :I am a bot",
        "@time=x;inspircd.org/bot;bot :other!o@h PRIVMSG #clinic :lippy: I am a bot",
        ":alice!a@h NOTICE lippy :hello",
        ":alice!a@h PRIVMSG #elsewhere :lippy: hello",
        ":alice!a@h PRIVMSG @#clinic :lippy: hello",
        ":irc.test PRIVMSG lippy :from a server",
        ":!a@h PRIVMSG lippy :nobody",
        ":al\xffice!a@h PRIVMSG lippy :a nick that cannot be written to",
        "PRIVMSG lippy :from nowhere",
        ":alice!a@h PRIVMSG lippy",
        ":alice!a@h PRIVMSG lippy :",
        ":alice!a@h PRIVMSG lippy :\003\002",
        ":alice!a@h PRIVMSG lippy :\001PING 12\001",
        ":alice!a@h PRIVMSG lippy :\001",
        ":alice!a@h PRIVMSG lippy :\001DCC SEND x 1 2 3\001",
        ":alice!a@h TAGMSG lippy",
        ":irc.test 401 lippy bob :No such nick",
        ":irc.test 999999 x",
    };
    struct play p = begin_in(&usual);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        feed(&p, cases[i]);
        if (p.log.len > 0)
            fail_msg("%s: %s", cases[i], p.log.ptr);
    }
    finish(&p);
}

static void the_program_tells_its_name(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    for (int i = 0; i < 20; i++)
        feed(&p, ":alice!a@h PRIVMSG lippy :\001VERSION\001");
    want(&p, "C NOTICE alice :\001VERSION Lippy ");
    assert_int_equal(count(&p, "C NOTICE"), IRC_BURST_LINES); /* no more than is polite */
    finish(&p);
}

static void history_is_not_answered(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    feed(&p, ":irc.test BATCH +a1 chathistory #clinic\n:irc.test BATCH +b2 netsplit x y\n:irc.test BATCH +c3 znc.in/playback #ward");
    feed(&p, "@batch=a1;time=x :alice!a@h PRIVMSG #clinic :lippy: long ago\n@batch=c3 :alice!a@h PRIVMSG lippy :long ago");
    want_all(&p, "");
    feed(&p, "@batch=b2 :alice!a@h PRIVMSG #clinic :lippy: now");
    want(&p, ": now\n");
    feed(&p, ":irc.test BATCH -a1\n@batch=a1 :alice!a@h PRIVMSG #clinic :lippy: later");
    want(&p, ": later\n");
    clear(&p);
    for (int i = 0; i < 3 * IRC_BATCHES; i++) /* more than we keep, and broken ones */
        feed(&p, ":irc.test BATCH +x chathistory #clinic\n:irc.test BATCH +\n:irc.test BATCH\n:irc.test BATCH "
                 "+0123456789012345678901234567890123456789 chathistory\n:irc.test BATCH -unknown");
    want_all(&p, "");
    finish(&p);
}

static void a_message_that_comes_twice_is_one(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    feed(&p, "@msgid=1 :alice!a@h PRIVMSG lippy :x\n@msgid=1 :alice!a@h PRIVMSG lippy :x\n@msgid=2 :alice!a@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M "), 2);
    feed(&p, "@msgid= :alice!a@h PRIVMSG lippy :x\n@msgid= :alice!a@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M "), 4);
    finish(&p);
}

static void nobody_takes_all_of_our_time(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    for (int i = 0; i < 3 * IRC_SENDER_BURST; i++)
        feed(&p, ":spam!s@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=spam!"), IRC_SENDER_BURST);
    assert_int_equal(count(&p, "N somebody writes faster than we answer"), 1);
    feed(&p, ":alice!a@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=alice!"), 1);
    tick(&p, IRC_SENDER_REFILL_MS);
    feed(&p, ":spam!s@h PRIVMSG lippy :x\n:spam!s@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=spam!"), IRC_SENDER_BURST + 1);
    finish(&p);
}

/* ---- messages out ---- */

static void answers_go_where_they_belong(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    say(&p, "#clinic", "alice: hello");
    want(&p, "C PRIVMSG #clinic :alice: hello\n");
    say(&p, "alice!a@host", "in private");
    want(&p, "C PRIVMSG alice :in private\n");
    clear(&p);
    say(&p, "alice!a@h", "one\n\ntwo *strong*\n- a\n- b\n3. c");
    want_all(&p, "C PRIVMSG alice :one\nC PRIVMSG alice :two \002strong\002  - a  - b  3. c\n");
    say(&p, "alice!a@h", "\rQUIT\001\004x");
    want_all(&p, "C PRIVMSG alice :QUITx\n");
    static const char *const nowhere[] = {"", "!a@h", "alice bob", "alice,bob", "a\nb", "\x01", ":x"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        assert_false(say(&p, nowhere[i], "x"));
    want_all(&p, "");
    finish(&p);
}

static void long_texts_are_cut_between_words(void **state) {
    (void)state;
    struct made_of m = usual;
    struct buf text, got;
    m.lines = 6000;
    struct play p = begin_in(&m);
    buf_init_heap(&text);
    buf_init_heap(&got);
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "%sw\xc3\xb6rd%d", i ? " " : "", i);
    say(&p, "alice!a@h", text.ptr);
    for (int i = 0; i < 20; i++)
        tick(&p, 100);
    struct str rest = buf_str(&p.log);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        if (!str_starts_with(line, STR("C PRIVMSG alice :")))
            continue;
        line = str_slice(line, strlen("C PRIVMSG alice :"), SIZE_MAX);
        assert_true(line.len <= IRC_TEXT_MOST && line.len > 0 && utf8_is_valid(line));
        buf_printf(&got, "%s%.*s", got.len ? " " : "", STR_ARG(line));
    }
    assert_str(buf_str(&got), text.ptr);
    buf_finish(&text);
    buf_finish(&got);
    finish(&p);
}

static void the_flood_limit_holds(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    for (int i = 0; i < 12; i++)
        say(&p, "alice!a@h", "x");
    assert_int_equal(count(&p, "C PRIVMSG"), IRC_BURST_LINES);
    for (unsigned i = 1; i <= 4; i++) {
        tick(&p, 1199);
        assert_int_equal(count(&p, "C PRIVMSG"), IRC_BURST_LINES + i - 1);
        tick(&p, 1);
        assert_int_equal(count(&p, "C PRIVMSG"), IRC_BURST_LINES + i);
    }
    clear(&p);
    feed(&p, "PING x");
    want(&p, "C PONG :x\n"); /* which waits for nobody */
    unsigned taken = 0;
    while (say(&p, "alice!a@h", "x"))
        assert_true(++taken < 2000);
    assert_true(taken > 400);
    finish(&p);
}

static void what_is_said_before_the_login_waits(void **state) {
    (void)state;
    struct play p = begin(&usual);
    assert_true(say(&p, "alice!a@h", "later"));
    open_it(&p);
    assert_int_equal(count(&p, "PRIVMSG"), 0);
    feed(&p, ":irc.test CAP * LS :\n" WELCOME);
    want(&p, "C JOIN #clinic\nC JOIN #ward\nC PRIVMSG alice :later\n");
    irc_ops.closed(p.c, &(struct chat_end){.was_open = true}, p.now_ms);
    clear(&p);
    assert_true(say(&p, "bob!b@h", "after the loss"));
    assert_true(feed(&p, ":irc.test PING x"));
    tick(&p, 1000 * 1000);
    want_all(&p, "");
    open_it(&p);
    feed(&p, ":irc.test CAP * LS :\n" WELCOME);
    want(&p, "C PRIVMSG bob :after the loss\n");
    assert_int_equal(count(&p, "later"), 0);
    finish(&p);
}

/* ---- the connection ---- */

static void a_server_that_falls_silent(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    feed(&p, "PING :a b");
    want(&p, "C PONG :a b\n");
    clear(&p);
    tick(&p, IRC_SILENCE_MS);
    want_all(&p, "C PING :lippy\nW +30000\n");
    feed(&p, ":irc.test PONG irc.test :lippy");
    tick(&p, IRC_PONG_MS);
    assert_int_equal(count(&p, "X "), 0);
    tick(&p, IRC_SILENCE_MS);
    want(&p, "C PING :lippy\n");
    tick(&p, IRC_PONG_MS);
    want(&p, "X retry: the server went silent\n");
    finish(&p);
}

static void goodbye(void **state) {
    (void)state;
    for (int how = 0; how < 4; how++) {
        struct play p = how == 3 ? begin(&usual) : begin_in(&usual);
        irc_ops.quit(p.c, p.now_ms);
        irc_ops.quit(p.c, p.now_ms);
        drain(&p);
        assert_int_equal(count(&p, "C QUIT :goodbye\n"), how < 3);
        if (how == 0)
            assert_false(feed(&p, "ERROR :Closing link: (lippy@h) [goodbye]"));
        else if (how == 1)
            irc_ops.closed(p.c, &(struct chat_end){.was_open = true}, p.now_ms);
        else if (how == 2)
            tick(&p, IRC_GOODBYE_MS);
        drain(&p);
        assert_int_equal(count(&p, "X done: "), 1);
        assert_int_equal(count(&p, "X "), 1);
        assert_false(say(&p, "alice!a@h", "too late"));
        finish(&p);
    }
}

static void frames_of_any_kind(void **state) {
    (void)state;
    struct play p = begin_in(&usual);
    struct err e = {0};
    /* several lines in one frame, and a binary one */
    assert_true(irc_ops.feed(p.c, STR(":a!a@h PRIVMSG lippy :one\r\n:a!a@h PRIVMSG lippy :two\r\n\r\n"), true, p.now_ms, &e));
    drain(&p);
    want(&p, ": one\n");
    want(&p, ": two\n");
    /* one that is not looked into */
    assert_false(irc_ops.feed(p.c, (struct str){"PING", 10 * 1024 * 1024}, false, p.now_ms, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    drain(&p);
    want(&p, "X retry: the server sent a line of 10485760 bytes\n");
    finish(&p);
}

static const char whole_stream[] = SASL_CAPS
    "\n:irc.test CAP lippy ACK :batch sasl\nAUTHENTICATE +\n:irc.test 903 lippy :ok\n" WELCOME
    "\n:irc.test 005 lippy BOT=B CASEMAPPING=rfc1459 :are supported by this server\n@time=x :lippy!l@h JOIN #clinic * :Lippy"
    "\n@msgid=1;batch=a :alice!a@h PRIVMSG #clinic :lippy: \001ACTION h\xc3\xa9\001\n:irc.test BATCH +a chathistory #clinic"
    "\n:x!y@z KICK #clinic lippy :go\n:irc.test 474 lippy #clinic :no\n:lippy!l@h NICK lippy2\nPING :1\nERROR :bye";

/* Each frame of a stream cut at every byte, as its last frame, with the bytes at the end of what may be read. */
static void frames_cut_at_every_byte(void **state) {
    (void)state;
    struct made_of m = with_password;
    m.rooms[0] = STR("#clinic");
    m.room_count = 1;
    for (size_t cut = 0; cut < sizeof whole_stream; cut++) {
        struct play p = begin(&m);
        open_it(&p);
        struct str rest = {whole_stream, cut};
        while (rest.len > 0) {
            struct str line = str_cut(&rest, '\n');
            struct err e = {0};
            char *exact = malloc(line.len ? line.len : 1);
            assert_non_null(exact);
            memcpy(exact, line.ptr, line.len);
            bool fine = irc_ops.feed(p.c, (struct str){exact, line.len}, false, p.now_ms, &e);
            free(exact);
            assert_int_equal(fine, e.code == ERR_NONE);
            drain(&p);
        }
        tick(&p, 1000);
        finish(&p);
    }
}

static void garbage_of_every_length(void **state) {
    (void)state;
    static const char bytes[] = "\0\1\2\3\r\n :@!#;=,+-\xff\xc3\xa9 PRIVMSG BATCH JOIN 001 433 lippy #clinic";
    uint32_t random = 1;
    struct play p = begin_in(&usual);
    for (size_t len = 0; len < 700; len++) {
        struct err e = {0};
        char *text = malloc(len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = bytes[(random >> 16) % (sizeof bytes - 1)];
        }
        assert_true(irc_ops.feed(p.c, (struct str){text, len}, len % 2, p.now_ms, &e));
        free(text);
        drain(&p);
    }
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_right),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(the_origin_is_the_servers_own_or_as_configured),
        cmocka_unit_test(a_refused_websocket_is_explained),
        cmocka_unit_test(lines_are_taken_apart),
        cmocka_unit_test(login_without_an_account),
        cmocka_unit_test(login_to_servers_of_all_ages),
        cmocka_unit_test(login_with_an_account),
        cmocka_unit_test(long_passwords_go_in_pieces),
        cmocka_unit_test(accounts_that_fail),
        cmocka_unit_test(a_nick_that_is_taken),
        cmocka_unit_test(how_servers_end_it),
        cmocka_unit_test(a_login_that_never_ends),
        cmocka_unit_test(channels_are_joined_again),
        cmocka_unit_test(many_channels_keep_to_the_flood_limit),
        cmocka_unit_test(who_says_what_where),
        cmocka_unit_test(what_is_not_for_us),
        cmocka_unit_test(the_program_tells_its_name),
        cmocka_unit_test(history_is_not_answered),
        cmocka_unit_test(a_message_that_comes_twice_is_one),
        cmocka_unit_test(nobody_takes_all_of_our_time),
        cmocka_unit_test(answers_go_where_they_belong),
        cmocka_unit_test(long_texts_are_cut_between_words),
        cmocka_unit_test(the_flood_limit_holds),
        cmocka_unit_test(what_is_said_before_the_login_waits),
        cmocka_unit_test(a_server_that_falls_silent),
        cmocka_unit_test(goodbye),
        cmocka_unit_test(frames_of_any_kind),
        cmocka_unit_test(frames_cut_at_every_byte),
        cmocka_unit_test(garbage_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
