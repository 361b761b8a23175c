/* What the scripts in tests/wire/xmpp cannot say: configuration, limits, floods, tables, ids. */
#include "xmpp_play.h"

#include "chat/xmpp_work.h"
#include "chat_ops_assert.h"

static const struct str room = STR_INIT("clinic@rooms.localhost");

static struct xmpp_config config_of(bool tls) {
    return (struct xmpp_config){
        .jid = STR("lippy@localhost/probe"),
        .password = STR("secret"),
        .nick = STR("lippy"),
        .rooms = &room,
        .room_count = 1,
        .tls = tls,
        .entropy = "0123456789abcde",
    };
}

static struct play start(bool tls) {
    struct play p;
    struct xmpp_config config = config_of(tls);
    play_start(&p, &config);
    return p;
}

/* Logged in and in the room. */
static struct play start_in(void) {
    struct play p = start(true);
    play_login(&p);
    play_feed(&p, STR("<presence xmlns='jabber:client' from='clinic@rooms.localhost/lippy'>"
                      "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"));
    play_clear(&p);
    return p;
}

static bool log_has(const struct play *p, const char *text) {
    return str_find(buf_str(&p->log), str_of(text)) != SIZE_MAX;
}

static unsigned log_count(const struct play *p, const char *text) {
    unsigned count = 0;
    struct str s = buf_str(&p->log);
    for (size_t at; (at = str_find(s, str_of(text))) != SIZE_MAX; count++)
        s = str_slice(s, at + 1, SIZE_MAX);
    return count;
}

static void the_table_is_complete(void **state) {
    (void)state;
    chat_ops_assert(&xmpp_ops);
    assert_string_equal(xmpp_ops.name, "xmpp");
    assert_string_equal(xmpp_ops.subprotocols, "xmpp");
}

static void handlers_are_sorted(void **state) {
    (void)state;
    size_t count;
    const struct xmpp_handler *h = xmpp_handlers(&count);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(h[i].fn);
        assert_int_not_equal(h[i].phases, 0);
        if (i == 0)
            continue;
        int order = strcmp(h[i - 1].name, h[i].name);
        assert_true(order < 0 || (order == 0 && strcmp(h[i - 1].ns, h[i].ns) < 0));
    }
    const struct xmpp_query *q = xmpp_queries(&count);
    for (size_t i = 1; i < count; i++) {
        int order = strcmp(q[i - 1].name, q[i].name);
        assert_true(order < 0 || (order == 0 && strcmp(q[i - 1].ns, q[i].ns) < 0));
    }
}

static void check_config(struct xmpp_config config, enum err_code want) {
    struct err e = {0};
    struct chat *c = xmpp_new(&config, &e);
    assert_int_equal(e.code, want);
    assert_int_equal(c != NULL, want == ERR_NONE);
    xmpp_ops.free(c);
}

#define CHECK_CONFIG(member, value, want)            \
    do {                                             \
        struct xmpp_config config = config_of(true); \
        config.member = (value);                     \
        check_config(config, (want));                \
    } while (0)

static void configurations(void **state) {
    (void)state;
    struct str bad_room = STR("clinic@rooms.localhost/nick"), host = STR("rooms.localhost");
    struct str long_nick = STR("0123456789012345678901234567890123456789012345678901234567890123x");
    CHECK_CONFIG(jid, STR("lippy@localhost"), ERR_NONE);
    CHECK_CONFIG(jid, STR("Lippy@Localhost/X y"), ERR_NONE);
    CHECK_CONFIG(jid, STR("localhost"), ERR_SCHEMA);
    CHECK_CONFIG(jid, STR("lippy"), ERR_SCHEMA);
    CHECK_CONFIG(jid, STR(""), ERR_SCHEMA);
    CHECK_CONFIG(jid, STR("lippy@local host"), ERR_SCHEMA);
    CHECK_CONFIG(password, STR(""), ERR_SCHEMA);
    CHECK_CONFIG(password, STR("line\n"), ERR_SCHEMA);
    CHECK_CONFIG(password, STR("\xff"), ERR_SCHEMA);
    CHECK_CONFIG(password, STR("gr\xc3\xbc\xc3\x9f"), ERR_NONE);
    CHECK_CONFIG(nick, STR(""), ERR_SCHEMA);
    CHECK_CONFIG(nick, STR(" lippy"), ERR_SCHEMA);
    CHECK_CONFIG(nick, STR("lip\tpy"), ERR_SCHEMA);
    CHECK_CONFIG(nick, STR("Dr Lip / @home"), ERR_NONE);
    CHECK_CONFIG(nick, long_nick, ERR_SCHEMA);
    CHECK_CONFIG(nick, str_slice(long_nick, 0, 64), ERR_NONE);
    CHECK_CONFIG(room_count, 0, ERR_NONE);
    CHECK_CONFIG(room_count, XMPP_ROOMS_MOST + 1, ERR_LIMIT);
    CHECK_CONFIG(rooms, &bad_room, ERR_SCHEMA);
    CHECK_CONFIG(rooms, &host, ERR_SCHEMA);
}

static void a_room_named_twice_is_one(void **state) {
    (void)state;
    struct str rooms[] = {STR("Clinic@rooms.localhost"), STR("clinic@ROOMS.localhost")};
    struct xmpp_config config = config_of(true);
    struct play p;
    config.rooms = rooms;
    config.room_count = 2;
    play_start(&p, &config);
    play_login(&p);
    assert_int_equal(log_count(&p, "to='clinic@rooms.localhost/lippy'"), 1);
    play_finish(&p);
}

static void to_features(struct play *p, const char *mechanisms) {
    struct buf b;
    play_open(p);
    play_feed(p, STR("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>"));
    play_clear(p);
    buf_init_heap(&b);
    buf_printf(&b,
               "<f:features xmlns:f='http://etherx.jabber.org/streams'><mechanisms "
               "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</mechanisms></f:features>",
               mechanisms);
    play_feed(p, buf_str(&b));
    buf_finish(&b);
}

#define M(name) "<mechanism>" name "</mechanism>"

static void the_best_login_on_offer(void **state) {
    (void)state;
    static const struct {
        const char *mechanisms;
        bool tls;
        const char *want;
    } cases[] = {
        {M("PLAIN") M("SCRAM-SHA-1") M("SCRAM-SHA-256"), true, "C (SCRAM-SHA-256)"},
        {M("PLAIN") M("SCRAM-SHA-1"), true, "C (SCRAM-SHA-1)"},
        {M("SCRAM-SHA-1-PLUS") M("SCRAM-SHA-1"), false, "C (SCRAM-SHA-1)"},
        {M("PLAIN"), true, "C <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGxpcHB5AHNlY3JldA==<"},
        {M("PLAIN"), false, "X stop: the server wants the password in the clear, which we only do over wss"},
        {M("EXTERNAL") M("DIGEST-MD5"), true, "X stop: the server offers no way to log in that we know"},
        {"", true, "X stop: the server offers no way to log in that we know"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct play p = start(cases[i].tls);
        to_features(&p, cases[i].mechanisms);
        if (!log_has(&p, cases[i].want))
            fail_msg("%s: %s", cases[i].mechanisms, p.log.ptr);
        assert_true(cases[i].tls || !log_has(&p, "'PLAIN'"));
        play_finish(&p);
    }
}

static void servers_that_cheat_are_left(void **state) {
    (void)state;
    static const struct {
        const char *challenge, *last, *want; /* challenge NULL: none */
    } cases[] = {
        {NULL, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "X stop: "},
        {"{challenge x,s=QSXCR+Q6sek8bf92,i=4096}", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "X stop: "},
        {"{challenge x,s=QSXCR+Q6sek8bf92,i=4096}",
         "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9</success>",
         "X stop: "},
        {"{challenge x,s=QSXCR+Q6sek8bf92,i=4096}",
         "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{signature}</success>", "C <open "},
        {"{challenge x,s=QSXCR+Q6sek8bf92,i=1}", NULL, "X stop: the server asks for 1 SCRAM rounds"},
        {"{challenge x,s=QSXCR+Q6sek8bf92,i=4000000000}", NULL, "X stop: "},
        {"{challenge ,s=QSXCR+Q6sek8bf92,i=4096}", NULL, "X stop: the server's SCRAM challenge does not answer ours"},
        {"cj1vdGhlcixzPVFTWENSK1E2c2VrOGJmOTIsaT00MDk2", NULL, "X stop: "},
        {"no base64", NULL, "X retry: "},
        {"", NULL, "X retry: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct play p = start(false);
        struct buf b;
        to_features(&p, M("SCRAM-SHA-1"));
        buf_init_heap(&b);
        buf_printf(&b, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</challenge>",
                   cases[i].challenge ? cases[i].challenge : "");
        if (cases[i].challenge)
            play_feed(&p, buf_str(&b));
        buf_finish(&b);
        if (cases[i].last)
            play_feed(&p, str_of(cases[i].last));
        if (!log_has(&p, cases[i].want))
            fail_msg("%zu: %s", i, p.log.ptr);
        assert_int_equal(log_has(&p, "C <open "), cases[i].want[0] == 'C');
        play_finish(&p);
    }
}

static void login_failures(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"<not-authorized/><text>no</text>", "X stop: login refused: wrong user name or password (not-authorized)\n"},
        {"<text>no</text><account-disabled/>", "X stop: login refused: the account is disabled (text)\n"},
        {"<temporary-auth-failure/>", "X retry: "},
        {"<aborted/>", "X retry: "},
        {"<invalid-mechanism/>", "X stop: login refused: the server does not say why (invalid-mechanism)\n"},
        {"<Bad&#10;one/>", "X retry: the server sent broken XML"},
        {"<New_Thing/>", "X stop: login refused: the server does not say why (no reason given)\n"},
        {"", "X stop: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct play p = start(true);
        struct buf b;
        to_features(&p, M("PLAIN"));
        buf_init_heap(&b);
        buf_printf(&b, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</failure>", cases[i][0]);
        assert_false(play_feed(&p, buf_str(&b)));
        buf_finish(&b);
        if (!log_has(&p, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], p.log.ptr);
        play_finish(&p);
    }
}

static void stream_errors(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"conflict", "X stop: "},
        {"host-unknown", "X stop: "},
        {"host-gone", "X stop: "},
        {"not-authorized", "X stop: "},
        {"system-shutdown", "X retry: "},
        {"connection-timeout", "X retry: "},
        {"policy-violation", "X retry later: "},
        {"resource-constraint", "X retry later: "},
        {"see-other-host", "X retry later: "},
        {"not-well-formed", "X retry: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct play p = start_in();
        struct buf b;
        buf_init_heap(&b);
        buf_printf(
            &b,
            "<s:error xmlns:s='http://etherx.jabber.org/streams'><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</s:error>",
            cases[i][0]);
        assert_true(play_feed(&p, buf_str(&b)));
        buf_finish(&b);
        if (!log_has(&p, cases[i][1]) || !log_has(&p, cases[i][0]))
            fail_msg("%s: %s", cases[i][0], p.log.ptr);
        /* Once is enough. */
        assert_true(play_feed(&p, STR("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")));
        assert_int_equal(log_count(&p, "X "), 1);
        play_finish(&p);
    }
}

static void frames_out_of_turn(void **state) {
    (void)state;
    static const char *const frames[] = {
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        "<f:features xmlns:f='http://etherx.jabber.org/streams'/>",
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct play p = start_in();
        assert_false(play_feed(&p, str_of(frames[i])));
        assert_true(log_has(&p, "X retry: the server sent <"));
        play_close(&p);
        play_login(&p);
        assert_true(log_has(&p, "R lippy@localhost/probe"));
        play_finish(&p);
    }
}

static void frames_that_are_none(void **state) {
    (void)state;
    static const char small[] = "<message/>";
    const struct {
        struct str frame;
        bool binary;
        enum err_code want;
    } cases[] = {
        {STR("<presence xmlns='jabber:client'/>"), true, ERR_PROTOCOL},
        {{small, 64 * 1024 * 1024}, false, ERR_LIMIT}, /* not looked into */
        {{small, XMPP_FRAME_MOST + 1}, false, ERR_LIMIT},
        {STR(""), false, ERR_SYNTAX},
        {STR(" "), false, ERR_SYNTAX},
        {STR("\0"), false, ERR_SYNTAX},
        {STR("<message xmlns='jabber:client'><body>\xff</body></message>"), false, ERR_SYNTAX},
        {STR("<!DOCTYPE x [<!ENTITY a 'b'>]><message xmlns='jabber:client'>&a;</message>"), false, ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct play p = start_in();
        struct err e = {0};
        assert_false(xmpp_ops.feed(p.c, cases[i].frame, cases[i].binary, p.now_ms, &e));
        assert_int_equal(e.code, cases[i].want);
        play_drain(&p);
        assert_true(log_has(&p, "C <close "));
        assert_true(log_has(&p, "X retry: the server sent "));
        play_finish(&p);
    }
}

/* Before opened() and after closed() nothing comes out, whatever goes in. */
static void without_a_stream(void **state) {
    (void)state;
    struct play p = start_in();
    play_close(&p);
    assert_true(play_feed(&p, STR("<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")));
    assert_true(play_feed(&p, STR("<")));
    play_tick(&p, 1000 * 1000);
    assert_int_equal(p.log.len, 0);
    assert_true(play_say(&p, STR("alice@localhost"), STR("later")));
    assert_int_equal(p.log.len, 0);
    play_login(&p);
    assert_true(log_has(&p, "<body>later</body>"));
    play_finish(&p);
}

static void quit_without_a_stream(void **state) {
    (void)state;
    struct play p = start(true);
    xmpp_ops.quit(p.c, 0);
    xmpp_ops.quit(p.c, 0);
    play_drain(&p);
    assert_string_equal(p.log.ptr, "X done: goodbye\n");
    play_finish(&p);
}

static void feed_message(struct play *p, const char *from, const char *type, const char *text) {
    struct buf b;
    buf_init_heap(&b);
    buf_printf(&b, "<message xmlns='jabber:client' from='%s' type='%s'><body>%s</body></message>", from, type, text);
    play_feed(p, buf_str(&b));
    buf_finish(&b);
}

static void a_flood_is_cut_off(void **state) {
    (void)state;
    struct play p = start_in();
    for (int i = 0; i < 1000; i++)
        feed_message(&p, "bot@localhost/x", "chat", "and you?");
    assert_int_equal(log_count(&p, "M who="), XMPP_BURST);
    assert_int_equal(log_count(&p, "N "), 1);
    feed_message(&p, "alice@localhost/a", "chat", "others are heard");
    assert_int_equal(log_count(&p, "M who=alice"), 1);
    play_clear(&p);
    /* Slowly on, and from the start after a rest. */
    p.now_ms += XMPP_REFILL_MS;
    feed_message(&p, "bot@localhost/x", "chat", "1");
    feed_message(&p, "bot@localhost/x", "chat", "2");
    assert_int_equal(log_count(&p, "M who=bot"), 1);
    p.now_ms += 2 * XMPP_BURST * (int64_t)XMPP_REFILL_MS;
    play_clear(&p);
    for (int i = 0; i < 2 * XMPP_BURST; i++)
        feed_message(&p, "bot@localhost/x", "chat", "3");
    assert_int_equal(log_count(&p, "M who=bot"), XMPP_BURST);
    assert_int_equal(log_count(&p, "N somebody writes too fast"), 1);
    play_finish(&p);
}

static void more_senders_than_are_counted(void **state) {
    (void)state;
    struct play p = start_in();
    char from[64];
    for (int i = 0; i < 3 * XMPP_SENDERS; i++) {
        snprintf(from, sizeof from, "p%d@localhost/x", i);
        p.now_ms++;
        feed_message(&p, from, "chat", "hello");
    }
    assert_int_equal(log_count(&p, "M who="), 3 * XMPP_SENDERS);
    play_finish(&p);
}

/* The mark of the room keeps apart two who used one nick, and together one who uses two. */
static void occupants_by_their_mark(void **state) {
    (void)state;
    struct play p = start(true);
    play_login(&p);
    play_feed(&p, STR("<presence xmlns='jabber:client' from='clinic@rooms.localhost/lippy'>"
                      "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='us'/>"
                      "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"));
    play_clear(&p);
#define MARKED(nick, type, mark)                                                                           \
    "<message xmlns='jabber:client' from='clinic@rooms.localhost/" nick "' type='" type "'><body>x</body>" \
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='" mark "'/></message>"
    play_feed(&p, STR(MARKED("ann", "groupchat", "1")));
    play_feed(&p, STR(MARKED("anna", "groupchat", "1")));
    play_feed(&p, STR(MARKED("ann", "groupchat", "2")));
    play_feed(&p, STR(MARKED("ann", "chat", "1")));
    play_feed(&p, STR(MARKED("ann", "chat", "2")));
#define ROOM "clinic@rooms.localhost"
    assert_string_equal(p.log.ptr, "M who=" ROOM "#1 room=" ROOM " to=" ROOM " nick=ann aside=" ROOM "/ann\\n1: x\n"
                                   "M who=" ROOM "#1 room=" ROOM " to=" ROOM " nick=anna aside=" ROOM "/anna\\n1: x\n"
                                   "M who=" ROOM "#2 room=" ROOM " to=" ROOM " nick=ann aside=" ROOM "/ann\\n2: x\n"
                                   "M who=" ROOM "/ann\\n1 room= to=" ROOM "/ann\\n1 nick= aside= addressed: x\n"
                                   "M who=" ROOM "/ann\\n2 room= to=" ROOM "/ann\\n2 nick= aside= addressed: x\n");
    play_clear(&p);
    assert_true(play_say(&p, STR(ROOM "/ann\n1"), STR("aside")));
    assert_true(log_has(&p, "type='chat' to='" ROOM "/ann' id="));
    play_finish(&p);
}

static void a_stanza_of_too_many_parts(void **state) {
    (void)state;
    struct play p = start_in();
    struct buf b;
    buf_init_heap(&b);
    buf_add(
        &b,
        STR("<message xmlns='jabber:client' from='clinic@rooms.localhost/x' type='groupchat'><body>lippy: hi</body>"));
    for (int i = 0; i < 3000; i++)
        buf_add(&b, STR("<a/>"));
    buf_add(&b, STR("<delay xmlns='urn:xmpp:delay' from='clinic@rooms.localhost'/></message>"));
    assert_true(play_feed(&p, buf_str(&b)));
    assert_string_equal(p.log.ptr, "N a message of too many parts was passed over\n");
    buf_finish(&b);
    play_finish(&p);
}

static void finds_its_websocket(void **state) {
    (void)state;
    struct play p = start(true);
    xmpp_ops.dial(p.c, p.now_ms);
    play_drain(&p);
    assert_string_equal(p.log.ptr, "H https://localhost/.well-known/host-meta.json\n");
    play_clear(&p);
    static const struct {
        struct chat_answer answer;
        const char *want;
    } cases[] = {
        {{.status = 200,
          .body = STR_INIT("{\"links\":[{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":\"wss://x.example.org/ws\"}]}")},
         "D wss://x.example.org/ws\n"},
        {{.status = 200, .body = STR_INIT("<XRD/>")}, "X retry: host-meta.json of localhost: host-meta.json is not JSON\n"},
        {{.status = 404}, "X retry: host-meta.json of localhost: status 404\n"},
        {{.why = STR_INIT("no route")}, "X retry: host-meta.json of localhost: no route\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xmpp_ops.answered(p.c, &cases[i].answer, p.now_ms);
        play_drain(&p);
        assert_string_equal(p.log.ptr, cases[i].want);
        play_clear(&p);
    }
    play_finish(&p);

    struct xmpp_config config = config_of(true);
    config.websocket = STR("wss://example.org/ws");
    play_start(&p, &config);
    xmpp_ops.dial(p.c, p.now_ms);
    play_drain(&p);
    assert_string_equal(p.log.ptr, "D wss://example.org/ws\n");
    play_finish(&p);
}

static void long_texts(void **state) {
    (void)state;
    struct play p = start_in();
    char *text = malloc(XMPP_SAY_MOST + 1);
    memset(text, 'x', XMPP_SAY_MOST + 1);
    assert_true(play_say(&p, STR("alice@localhost"), (struct str){text, XMPP_SAY_MOST}));
    assert_int_equal(log_count(&p, "C <message "), 1);
    assert_false(play_say(&p, STR("alice@localhost"), (struct str){text, XMPP_SAY_MOST + 1}));
    /* Six bytes each once escaped. */
    memset(text, '"', XMPP_SAY_MOST);
    assert_false(play_say(&p, STR("alice@localhost"), (struct str){text, XMPP_SAY_MOST}));
    assert_true(play_say(&p, STR("alice@localhost"), (struct str){text, 10000}));
    assert_int_equal(log_count(&p, "C <message "), 2);
    free(text);
    play_finish(&p);
}

static void held_within_a_limit(void **state) {
    (void)state;
    struct play p = start(true);
    unsigned held = 0;
    struct err e = {0};
    while (play_say_to(p.c, STR("alice@localhost"), STR("hello"), 0, &e) && held < 1000)
        held++;
    assert_int_equal(held, 64);
    assert_int_equal(e.code, ERR_LIMIT);
    play_login(&p);
    assert_int_equal(log_count(&p, "<body>hello</body>"), 64);
    play_finish(&p);
}

/* A shell that never drains the queue loses the stream, not the memory. */
static void a_queue_that_nobody_drains(void **state) {
    (void)state;
    struct play p = start_in();
    struct str ping = STR("<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    for (int i = 0; i < 3000; i++)
        xmpp_ops.feed(p.c, ping, false, p.now_ms, NULL);
    play_drain(&p);
    assert_string_equal(p.log.ptr, "X retry: too much to send at once\n");
    play_close(&p);
    play_login(&p);
    assert_true(log_has(&p, "R lippy@localhost/probe"));
    play_finish(&p);
}

static int compare_ids(const void *a, const void *b) { return memcmp(a, b, XMPP_ID_SIZE); }

static void ids_are_never_the_same(void **state) {
    (void)state;
    enum { EACH = 3000, RUNS = 3 };
    static char ids[EACH * RUNS][XMPP_ID_SIZE];
    for (int run = 0; run < RUNS; run++) {
        struct xmpp_config config = config_of(true);
        config.entropy[0] = (unsigned char)run; /* each start of the program */
        struct chat *c = xmpp_new(&config, NULL);
        for (int i = 0; i < EACH; i++) {
            if (i == EACH / 2) { /* and a reconnect on the way */
                xmpp_ops.opened(c, 0);
                xmpp_ops.closed(c, &(struct chat_end){.was_open = true}, 0);
            }
            xmpp_id(c, ids[run * EACH + i]);
        }
        xmpp_ops.free(c);
    }
    qsort(ids, EACH * RUNS, XMPP_ID_SIZE, compare_ids);
    for (int i = 1; i < EACH * RUNS; i++)
        assert_true(compare_ids(ids[i - 1], ids[i]) < 0);
}

static void kicked_too_often(void **state) {
    (void)state;
    struct play p = start_in();
    for (int i = 0; i < XMPP_KICKS_MOST + 1; i++) {
        play_feed(&p, STR("<presence xmlns='jabber:client' type='unavailable' from='clinic@rooms.localhost/lippy'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/><status code='307'/></x>"
                          "</presence>"));
        if (i == XMPP_KICKS_MOST)
            break;
        play_clear(&p);
        play_tick(&p, (int64_t)XMPP_LONG_PAUSE_MS * (i + 1));
        assert_true(log_has(&p, "to='clinic@rooms.localhost/lippy'"));
        play_feed(&p, STR("<presence xmlns='jabber:client' from='clinic@rooms.localhost/lippy'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"));
    }
    assert_true(log_has(&p, "N staying out of clinic@rooms.localhost: kicked too often"));
    play_finish(&p);
}

/* A room that lets us in and puts us out again at once, for ever. */
static void no_endless_joining(void **state) {
    (void)state;
    struct play p = start_in();
    unsigned joins = 0;
    for (int i = 0; i < 2000; i++) {
        play_feed(&p, STR("<presence xmlns='jabber:client' from='clinic@rooms.localhost/lippy'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"));
        play_feed(&p, STR("<presence xmlns='jabber:client' type='unavailable' from='clinic@rooms.localhost/lippy'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>"));
        play_clear(&p);
        play_tick(&p, 60000);
        joins += log_count(&p, "to='clinic@rooms.localhost/lippy'");
        if (i == 60) /* an hour */
            assert_in_range(joins, 7, 15);
        p.id_count = 0;
        play_feed(&p, STR("<presence xmlns='jabber:client' from='localhost'/>"));
    }
    assert_in_range(joins, 50, XMPP_JOINS_MOST);
    play_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_complete),
        cmocka_unit_test(handlers_are_sorted),
        cmocka_unit_test(configurations),
        cmocka_unit_test(a_room_named_twice_is_one),
        cmocka_unit_test(the_best_login_on_offer),
        cmocka_unit_test(servers_that_cheat_are_left),
        cmocka_unit_test(login_failures),
        cmocka_unit_test(stream_errors),
        cmocka_unit_test(frames_out_of_turn),
        cmocka_unit_test(frames_that_are_none),
        cmocka_unit_test(without_a_stream),
        cmocka_unit_test(quit_without_a_stream),
        cmocka_unit_test(a_flood_is_cut_off),
        cmocka_unit_test(more_senders_than_are_counted),
        cmocka_unit_test(occupants_by_their_mark),
        cmocka_unit_test(a_stanza_of_too_many_parts),
        cmocka_unit_test(finds_its_websocket),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(held_within_a_limit),
        cmocka_unit_test(a_queue_that_nobody_drains),
        cmocka_unit_test(ids_are_never_the_same),
        cmocka_unit_test(kicked_too_often),
        cmocka_unit_test(no_endless_joining),
    };
    return cmocka_run_group_tests_name("xmpp", tests, NULL, NULL);
}
