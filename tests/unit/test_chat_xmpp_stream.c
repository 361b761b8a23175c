/* Stream management against a small server of its own: the line breaks after any frame, and everything still arrives once. */
#include "xmpp_play.h"

#include "chat/xmpp_work.h"

enum { TALKS = 4, FRAMES_MOST = 256, TEXT_MOST = 700 };

/* What the server does with the stream when the line has broken: has it ready, or says how much it had of the bot's, and gives what was
 * not acknowledged once more to the next session, with a stamp, as it does with what came for somebody offline. */
enum memory { KEEPS, GIVES_UP };

/* A server that repeats what is not acknowledged, and one person on it, alice, who says 0, 1, 2 ... each when the one before is
 * answered. */
struct server {
    struct play p;
    enum memory memory;
    bool managed; /* stream management is on */
    uint32_t had;                                  /* stanzas of the bot's */
    char sent[FRAMES_MOST][TEXT_MOST];             /* to the bot, in this session */
    uint32_t sent_count, acked;
    char stored[TALKS][TEXT_MOST]; /* for the next session */
    size_t stored_count;
    char line[FRAMES_MOST][TEXT_MOST]; /* on its way to the bot */
    size_t line_count;
    int heard[TALKS], answered[TALKS];             /* times the bot heard it, times its answer came */
    unsigned asked;                                /* how many alice has said */
    unsigned left;                                 /* frames until the line breaks */
    bool broken;
};

static void to_bot(struct server *s, const char *frame) {
    assert_true(s->line_count < FRAMES_MOST);
    snprintf(s->line[s->line_count++], TEXT_MOST, "%s", frame);
}

/* A frame on the line, in either direction: false when it is lost. */
static bool passes(struct server *s) {
    if (s->broken || s->left == 0) {
        s->broken = true;
        return false;
    }
    s->left--;
    return true;
}

static void stanza_to_bot(struct server *s, const char *stanza) {
    assert_true(s->sent_count < FRAMES_MOST);
    snprintf(s->sent[s->sent_count++], TEXT_MOST, "%s", stanza);
    to_bot(s, stanza);
}

#define QUESTION "<message xmlns='jabber:client' from='alice@localhost/a' type='chat' id='q%u'><body>%u</body>"

static void alice_asks(struct server *s) {
    char stanza[TEXT_MOST];
    if (s->asked == TALKS)
        return;
    snprintf(stanza, sizeof stanza, QUESTION "</message>", s->asked, s->asked);
    s->asked++;
    stanza_to_bot(s, stanza);
}

static unsigned number_behind(struct str frame, const char *what) {
    size_t at = str_find(frame, str_of(what));
    assert_int_not_equal(at, SIZE_MAX);
    return (unsigned)strtoul(frame.ptr + at + strlen(what), NULL, 10);
}

static void answer_bind(struct server *s, struct str frame) {
    char result[TEXT_MOST];
    struct str id = str_slice(frame, str_find(frame, STR("id='")) + 4, PLAY_ID_LEN);
    for (uint32_t i = s->acked; i < s->sent_count; i++) {
        unsigned number = number_behind(str_of(s->sent[i]), "<body>");
        assert_true(s->stored_count < TALKS);
        snprintf(s->stored[s->stored_count++], TEXT_MOST, QUESTION "<delay xmlns='urn:xmpp:delay' from='localhost'/></message>",
                 number, number);
    }
    s->managed = false;
    s->had = s->acked = s->sent_count = 0;
    snprintf(result, sizeof result,
             "<iq xmlns='jabber:client' type='result' id='%.*s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
             "<jid>lippy@localhost/probe</jid></bind></iq>",
             STR_ARG(id));
    to_bot(s, result);
}

static void answer_resume(struct server *s, struct str frame) {
    char result[TEXT_MOST];
    if (s->memory == GIVES_UP) {
        snprintf(result, sizeof result, "<failed xmlns='urn:xmpp:sm:3' h='%u'/>", s->had);
        to_bot(s, result);
        return;
    }
    s->acked = number_behind(frame, " h='");
    assert_true(s->acked <= s->sent_count);
    snprintf(result, sizeof result, "<resumed xmlns='urn:xmpp:sm:3' previd='s' h='%u'/>", s->had);
    to_bot(s, result);
    for (uint32_t i = s->acked; i < s->sent_count; i++)
        to_bot(s, s->sent[i]);
}

static void stanza_from_bot(struct server *s, struct str frame) {
    if (str_find(frame, STR("<bind ")) != SIZE_MAX) {
        answer_bind(s, frame);
        return;
    }
    s->had += s->managed;
    if (str_starts_with(frame, STR("<presence ")))
        for (; s->stored_count > 0; s->stored_count--)
            stanza_to_bot(s, s->stored[s->stored_count - 1]);
    if (str_starts_with(frame, STR("<message "))) {
        unsigned answer = number_behind(frame, "<body>");
        assert_true(answer < TALKS);
        s->answered[answer]++;
        if (s->had % 2 == 0)
            to_bot(s, "<r xmlns='urn:xmpp:sm:3'/>");
        alice_asks(s);
    }
}

static void from_bot(struct server *s, struct str frame) {
    char ack[100];
    if (!passes(s))
        return;
    if (str_starts_with(frame, STR("<enable "))) {
        s->managed = true;
        to_bot(s, "<enabled xmlns='urn:xmpp:sm:3' id='s' resume='true'/>");
    } else if (str_starts_with(frame, STR("<resume "))) {
        answer_resume(s, frame);
    } else if (str_starts_with(frame, STR("<r "))) {
        snprintf(ack, sizeof ack, "<a xmlns='urn:xmpp:sm:3' h='%u'/>", s->had);
        to_bot(s, ack);
    } else if (str_starts_with(frame, STR("<a "))) {
        s->acked = number_behind(frame, " h='");
        assert_true(s->acked <= s->sent_count);
    } else if (frame.ptr[1] == 'm' || frame.ptr[1] == 'p' || frame.ptr[1] == 'i') {
        stanza_from_bot(s, frame);
    }
}

/* What the codec hands out, as the shell and the engine would take it. */
static void drain(struct server *s) {
    struct chat_out out;
    while (xmpp_ops.next(s->p.c, &out)) {
        char text[TEXT_MOST];
        snprintf(text, sizeof text, "%.*s", STR_ARG(out.text));
        assert_true(out.kind != CHAT_CLOSE);
        if (out.kind == CHAT_WIRE) {
            from_bot(s, str_of(text));
        } else if (out.kind == CHAT_MESSAGE) {
            s->heard[atoi(text)]++;
            assert_true(play_say_to(s->p.c, STR("alice@localhost/a"), str_of(text), s->p.now_ms, NULL));
        }
    }
}

/* Until nothing is on the line any more. */
static void run(struct server *s) {
    for (size_t i = 0; i < s->line_count; i++)
        if (passes(s)) {
            assert_true(xmpp_ops.feed(s->p.c, str_of(s->line[i]), false, s->p.now_ms, NULL));
            drain(s);
        }
    s->line_count = 0;
}

static void connect_again(struct server *s) {
    s->broken = false;
    xmpp_ops.closed(s->p.c, &(struct chat_end){.was_open = true}, s->p.now_ms);
    xmpp_ops.opened(s->p.c, s->p.now_ms);
    drain(s);
    to_bot(s, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>");
    to_bot(s, "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms "
              "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>");
    to_bot(s, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    to_bot(s, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>");
    to_bot(s, "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind "
              "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>");
    run(s);
}

/* The line breaks after `first` frames, the next one after `second`, and then it holds. Gives whether the second came to it. */
static bool talk(enum memory memory, unsigned first, unsigned second) {
    static struct server s;
    struct xmpp_config config = {.jid = STR("lippy@localhost/probe"), .password = STR("secret"), .nick = STR("lippy"), .tls = true};
    s = (struct server){.memory = memory, .left = 1000};
    play_start(&s.p, &config);
    connect_again(&s);
    s.left = first;
    alice_asks(&s);
    run(&s);
    bool twice = false;
    for (unsigned next = second; s.broken; next = 1000) {
        twice |= next == 1000;
        s.left = next;
        connect_again(&s);
    }
    for (int i = 0; i < TALKS; i++)
        if (s.heard[i] != 1 || s.answered[i] != 1)
            fail_msg("cut after %u and %u: heard %d %d times, answered %d times", first, second, i, s.heard[i], s.answered[i]);
    play_finish(&s.p);
    return twice;
}

static void cut_after_any_frame(enum memory memory) {
    for (unsigned first = 0; first < 40; first++)
        for (unsigned second = 0; second < 40; second++)
            if (!talk(memory, first, second))
                break;
}

static void resumed(void **state) {
    (void)state;
    cut_after_any_frame(KEEPS);
}

static void begun_anew(void **state) {
    (void)state;
    cut_after_any_frame(GIVES_UP);
}

/* ---- odd servers ---- */

static struct play managed(void) {
    struct xmpp_config config = {.jid = STR("lippy@localhost/probe"), .password = STR("secret"), .nick = STR("lippy"), .tls = true};
    struct play p;
    play_start(&p, &config);
    play_authenticate(&p);
    play_features(&p, true);
    play_bound(&p);
    play_feed(&p, STR("<enabled xmlns='urn:xmpp:sm:3' id='s' resume='true'/>"));
    play_feed(&p, STR("<a xmlns='urn:xmpp:sm:3' h='1'/>"));
    play_clear(&p);
    return p;
}

static bool log_has(const struct play *p, const char *text) { return str_find(buf_str(&p->log), str_of(text)) != SIZE_MAX; }

static void counts_that_cannot_be(void **state) {
    (void)state;
    static const char *const counts[] = {"h='2'", "h='0'", "h='4294967296'", "h='x'", ""};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct play p = managed();
        char frame[100];
        snprintf(frame, sizeof frame, "<a xmlns='urn:xmpp:sm:3' %s/>", counts[i]);
        assert_false(play_feed(&p, str_of(frame)));
        assert_true(log_has(&p, "<handled-count-too-high xmlns='urn:xmpp:sm:3'/></stream:error>\nC <close "));
        assert_true(log_has(&p, "X retry: the server says that it has more than we sent"));
        play_close(&p);
        play_authenticate(&p);
        play_clear(&p);
        play_features(&p, true);
        assert_false(log_has(&p, "<resume "));
        play_finish(&p);
    }
}

static void counts_wrap(void **state) {
    (void)state;
    struct play p = managed();
    p.c->stream.acked = p.c->stream.heard = UINT32_MAX;
    assert_true(play_say(&p, STR("alice@localhost"), STR("one")));
    assert_true(play_say(&p, STR("alice@localhost"), STR("two")));
    assert_true(play_feed(&p, STR("<a xmlns='urn:xmpp:sm:3' h='1'/>")));
    assert_int_equal(p.c->stream.sent.count, 0);
    play_feed(&p, STR("<presence xmlns='jabber:client' from='alice@localhost/a'/>"));
    play_clear(&p);
    play_feed(&p, STR("<r xmlns='urn:xmpp:sm:3'/>"));
    assert_string_equal(p.log.ptr, "C <a xmlns='urn:xmpp:sm:3' h='0'/>\n");
    play_finish(&p);
}

/* It says <enabled/> and nothing more: talking goes on, without what cannot be. */
static void a_server_that_acknowledges_nothing(void **state) {
    (void)state;
    struct play p = managed();
    for (int i = 0; i < 600; i++) {
        assert_true(play_say(&p, STR("alice@localhost"), STR("hello")));
        p.id_count = 0;
    }
    assert_true(log_has(&p, "N the server does not say what it has of ours"));
    play_feed(&p, STR("<a xmlns='urn:xmpp:sm:3' h='9999'/>"));
    assert_false(log_has(&p, "X "));
    play_finish(&p);
}

/* A question about what it has is a question whether it is there. No <close/>: a slow server shall keep the stream. */
static void silence_after_a_text(void **state) {
    (void)state;
    struct play p = managed();
    assert_true(play_say(&p, STR("alice@localhost"), STR("hello")));
    assert_true(log_has(&p, "C <r xmlns='urn:xmpp:sm:3'/>\n"));
    play_clear(&p);
    play_tick(&p, 30000);
    assert_string_equal(p.log.ptr, "X retry: the server went silent\n");
    play_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumed),
        cmocka_unit_test(begun_anew),
        cmocka_unit_test(counts_that_cannot_be),
        cmocka_unit_test(counts_wrap),
        cmocka_unit_test(a_server_that_acknowledges_nothing),
        cmocka_unit_test(silence_after_a_text),
    };
    return cmocka_run_group_tests_name("xmpp streams", tests, NULL, NULL);
}
