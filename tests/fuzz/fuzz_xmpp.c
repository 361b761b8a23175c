/* A server that may send anything, by the scripts of tests/wire/README.md: "S FRAME", "@opened", "@login", "@tick MS" and so on, with
 * their holes; expectations are passed over. What people say is answered with the same words, so it goes the whole way round. */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "chat/scram.h"
#include "chat/xml.h"
#include "chat/xmpp.h"

enum { IDS_MAX = 32, ID_LEN = 24, LINES_MAX = 256, OUT_MAX = 4096, STANZA_MAX = 96 * 1024 + 1024, ROUNDS = 4096 };

#define PASSWORD "secret"

struct stream {
    struct chat *c;
    int64_t now_ms;
    char ids[IDS_MAX][ID_LEN + 1]; /* that the codec sent, in their order */
    unsigned id_count;
    struct buf auth_message; /* of SCRAM, so far */
    bool sha256;
    char salt[64]; /* in base64 */
};

/* ---- what comes out ---- */

static void remember_id(struct stream *s, struct str frame) {
    static const struct str begin = STR_INIT(" id='");
    size_t at = str_find(frame, begin);
    if (at != SIZE_MAX && at + begin.len + ID_LEN < frame.len && s->id_count < IDS_MAX)
        memcpy(s->ids[s->id_count++], frame.ptr + at + begin.len, ID_LEN);
}

/* What both sides sign, as the server has to know it. */
static void follow_login(struct stream *s, const struct xml *x) {
    struct buf text;
    buf_init_heap(&text);
    bool is_auth = xml_is(x, "auth", NULL), is_response = xml_is(x, "response", NULL);
    bool fine = (is_auth || is_response) && base64_read(&text, x->text);
    assert(fine || !(is_auth || is_response));
    if (is_auth) {
        s->sha256 = str_equal(xml_attribute(x, "mechanism"), STR("SCRAM-SHA-256"));
        buf_clear(&s->auth_message);
        buf_add(&s->auth_message, str_slice(buf_str(&text), 3, SIZE_MAX));
    } else if (is_response) {
        buf_add_char(&s->auth_message, ',');
        buf_add(&s->auth_message, str_slice(buf_str(&text), 0, str_find(buf_str(&text), STR(",p="))));
    }
    buf_finish(&text);
}

/* Whatever we were sent, what we send is one well-formed element of bounded size. */
static void check_wire(struct stream *s, struct str frame) {
    struct arena a;
    struct err e = {0};
    arena_init(&a, 0);
    const struct xml *x = xml_read(&a, frame, &e);
    assert(x && frame.len <= STANZA_MAX);
    follow_login(s, x);
    remember_id(s, frame);
    arena_finish(&a);
}

static void check_message(const struct chat_out *out) {
    const struct str strings[] = {out->who, out->room, out->to, out->nick, out->aside, out->text, out->id};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        assert(utf8_is_valid(strings[i]));
    assert(out->who.len > 0 && out->to.len > 0 && (out->room.len > 0 || out->addressed));
}

/* about: the message that is answered; NULL: none. */
static bool say_to(struct stream *s, struct str to, struct str text, const struct chat_out *about, struct err *e) {
    struct chat_part part = {.text = text};
    struct chat_say said = {.to = to, .parts = &part, .part_count = 1};
    if (about) {
        said.nick = about->nick;
        said.answers = about->id;
    }
    return xmpp_ops.say(s->c, &said, s->now_ms, e);
}

/* True where the stream was closed. */
static bool drain(struct stream *s) {
    struct chat_out out;
    bool closed = false;
    unsigned count = 0;
    while (xmpp_ops.next(s->c, &out)) {
        assert(++count < OUT_MAX);
        assert(!closed || out.kind == CHAT_NOTE || out.kind == CHAT_WAKE_AT || out.kind == CHAT_CLOSE);
        closed |= out.kind == CHAT_CLOSE;
        if (out.kind == CHAT_WIRE)
            check_wire(s, out.text);
        if (out.kind == CHAT_NOTE || out.kind == CHAT_CLOSE)
            assert(out.text.len > 0 && out.text.len < 600 && utf8_is_valid(out.text));
        if (out.kind == CHAT_MESSAGE) {
            check_message(&out);
            say_to(s, out.to, out.text, &out, NULL);
            if (out.aside.len > 0)
                say_to(s, out.aside, out.text, NULL, NULL);
        }
    }
    return closed;
}

/* ---- what goes in ---- */

static void add_signature(struct stream *s, struct buf *b) {
    unsigned char salted[32], key[32], signature[32];
    struct buf salt;
    const EVP_MD *md = s->sha256 ? EVP_sha256() : EVP_sha1();
    int len = EVP_MD_get_size(md);
    struct str text = s->auth_message.ptr ? buf_str(&s->auth_message) : STR("");
    buf_init_heap(&salt);
    if (base64_read(&salt, str_of(s->salt)) && salt.len > 0) {
        PKCS5_PBKDF2_HMAC(PASSWORD, sizeof PASSWORD - 1, (const unsigned char *)salt.ptr, (int)salt.len, ROUNDS, md, len, salted);
        HMAC(md, salted, len, (const unsigned char *)"Server Key", 10, key, NULL);
        HMAC(md, key, len, (const unsigned char *)text.ptr, text.len, signature, NULL);
        base64_add(b, (struct str){(const char *)signature, (size_t)len});
    }
    buf_finish(&salt);
}

static void add_challenge(struct stream *s, struct buf *b, struct str rest) {
    struct str sent = buf_str(&s->auth_message);
    size_t nonce = str_find(sent, STR(",r="));
    buf_printf(b, "r=%.*s%.*s", STR_ARG(nonce == SIZE_MAX ? STR_NONE : str_slice(sent, nonce + 3, SIZE_MAX)), STR_ARG(rest));
    buf_printf(&s->auth_message, ",%.*s", STR_ARG(buf_str(b)));
    size_t salt = str_find(rest, STR(",s="));
    struct str from_salt = salt == SIZE_MAX ? STR_NONE : str_slice(rest, salt + 3, SIZE_MAX);
    snprintf(s->salt, sizeof s->salt, "%.*s", STR_ARG(str_cut(&from_salt, ',')));
}

static void add_hole(struct stream *s, struct buf *b, struct str hole) {
    static const struct str challenge = STR_INIT("challenge ");
    struct buf text;
    buf_init_heap(&text);
    if (str_starts_with(hole, challenge)) {
        add_challenge(s, &text, str_slice(hole, challenge.len, SIZE_MAX));
    } else {
        buf_add(&text, STR("v="));
        add_signature(s, &text);
    }
    base64_add(b, buf_str(&text));
    buf_finish(&text);
}

static void fill(struct stream *s, struct buf *b, struct str line) {
    while (line.len > 0) {
        char c = line.ptr[0];
        size_t end = c == '{' ? str_find(line, STR("}")) : SIZE_MAX;
        unsigned id = line.len > 1 && line.ptr[1] >= '1' && line.ptr[1] <= '9' ? (unsigned)(line.ptr[1] - '1') : IDS_MAX;
        if (c == '$' && id < s->id_count) {
            buf_add(b, str_of(s->ids[id]));
            line = str_slice(line, 2, SIZE_MAX);
        } else if (end != SIZE_MAX && s->auth_message.len > 0 && b->len < 4096) {
            add_hole(s, b, str_slice(line, 1, end - 1));
            line = str_slice(line, end + 1, SIZE_MAX);
        } else {
            buf_add_char(b, c);
            line = str_slice(line, 1, SIZE_MAX);
        }
    }
}

/* Rounds by the million are allowed to a server and take a second each: too slow here. */
static bool is_slow(struct str line) {
    size_t at = str_find(line, STR(",i="));
    struct str digits = at == SIZE_MAX ? STR_NONE : str_slice(line, at + 3, SIZE_MAX);
    uint64_t rounds = 0;
    digits = str_cut(&digits, '}');
    return str_to_u64(digits, &rounds) && rounds > ROUNDS;
}

static void feed(struct stream *s, struct str line, bool binary) {
    struct buf frame;
    struct err e = {0};
    if (is_slow(line))
        return;
    buf_init_heap(&frame);
    fill(s, &frame, line);
    struct str bytes = frame.ptr ? buf_str(&frame) : STR("");
    char *exact = fuzz_exact(bytes);
    bool fine = xmpp_ops.feed(s->c, (struct str){exact, bytes.len}, binary, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    free(exact);
    buf_finish(&frame);
    bool closed = drain(s);
    assert(fine || closed);
}

/* As far as the server's second features, which may have stream management. */
static void log_in(struct stream *s, bool streams) {
    xmpp_ops.opened(s->c, s->now_ms);
    s->id_count = 0;
    drain(s);
    feed(s, STR("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>"), false);
    feed(s, STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"), false);
    feed(s, STR("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), false);
    feed(s, STR("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>"), false);
    feed(s, streams ? STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
                          "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>")
                    : STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
                          "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"), false);
}

static void bind_resource(struct stream *s) {
    feed(s, STR("<iq xmlns='jabber:client' type='result' id='$1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                "<jid>lippy@localhost/probe</jid></bind></iq>"), false);
}

static void say(struct stream *s, struct str line) {
    struct err e = {0};
    struct str to = str_cut(&line, '|');
    bool fine = say_to(s, to, line, NULL, &e);
    assert(fine == (e.code == ERR_NONE));
}

static void act(struct stream *s, struct str line) {
    struct str word = str_cut(&line, ' ');
    uint64_t ms;
    if (str_equal(word, STR("S")))
        feed(s, line, false);
    else if (str_equal(word, STR("@binary")))
        feed(s, line, true);
    else if (str_equal(word, STR("@back")))
        log_in(s, true);
    else if (str_equal(word, STR("@login"))) {
        log_in(s, str_equal(line, STR("sm")));
        bind_resource(s);
    }
    else if (str_equal(word, STR("@opened")))
        xmpp_ops.opened(s->c, s->now_ms);
    else if (str_equal(word, STR("@closed")))
        xmpp_ops.closed(s->c, &(struct chat_end){.was_open = true}, s->now_ms);
    else if (str_equal(word, STR("@quit")))
        xmpp_ops.quit(s->c, s->now_ms);
    else if (str_equal(word, STR("@say")))
        say(s, line);
    else if (str_equal(word, STR("@tick")) && str_to_u64(line, &ms) && ms < UINT32_MAX)
        xmpp_ops.tick(s->c, s->now_ms += (int64_t)ms);
    else
        return;
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str rooms[] = {STR_INIT("clinic@rooms.localhost"), STR_INIT("ward@rooms.localhost")};
    static const struct str invitations[] = {STR_INIT("rooms.localhost")};
    struct xmpp_config config = {.jid = STR("lippy@localhost/probe"), .password = STR(PASSWORD), .nick = STR("lippy"), .rooms = rooms,
                                 .room_count = 2, .invitations = invitations, .invitation_count = 1, .tls = true, .entropy = "0123456789abcde"};
    struct err e = {0};
    struct stream s = {.c = xmpp_new(&config, &e), .now_ms = 1000};
    struct str rest = {(const char *)data, size};
    assert(s.c);
    buf_init_heap(&s.auth_message);
    for (unsigned i = 0; i < LINES_MAX && rest.len > 0; i++)
        act(&s, str_cut(&rest, '\n'));
    xmpp_ops.free(s.c);
    buf_finish(&s.auth_message);
    return 0;
}
