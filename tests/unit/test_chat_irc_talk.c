/* Channels, and messages in and out. */
#include "irc_play.h"

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
    for (int i = 0; i < 3 * PACE_BURST; i++)
        feed(&p, ":spam!s@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=spam!"), PACE_BURST);
    assert_int_equal(count(&p, "N somebody writes faster than we answer"), 1);
    feed(&p, ":alice!a@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=alice!"), 1);
    tick(&p, PACE_REFILL_MS);
    feed(&p, ":spam!s@h PRIVMSG lippy :x\n:spam!s@h PRIVMSG lippy :x");
    assert_int_equal(count(&p, "M who=spam!"), PACE_BURST + 1);
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

int main(void) {
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
