/* Plays a script of a stream against the XMPP codec: what the server sends, what time it is, and what must come out.
 * The scripts in tests/wire/xmpp are made of it, tests/wire/README.md says how they read.
 *
 * Ids are random, so "$1" stands for the first that the codec sent, "$2" for the second, in both directions. */
#ifndef XMPP_PLAY_H
#define XMPP_PLAY_H

#include "test.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include "chat/scram.h"
#include "chat/xmpp.h"
#include "core/buf.h"

enum { PLAY_IDS_MOST = 256, PLAY_ID_LEN = 24 };

struct play {
    struct chat *c;
    int64_t now_ms;
    char ids[PLAY_IDS_MOST][PLAY_ID_LEN + 1];
    unsigned id_count;
    char id[512], nick[128]; /* of the message handed out last */
    struct buf log;          /* what came out since play_start() or the last play_clear() */
    struct buf auth_message; /* SCRAM, the server's side: so far */
    bool sha256;
    struct str salt, password; /* the salt in base64 */
    unsigned rounds;
    char salt_space[64];
};

static inline void play_start(struct play *p, const struct xmpp_config *config) {
    struct err e = {0};
    *p = (struct play){.now_ms = 1000, .password = config->password};
    buf_init_heap(&p->log);
    buf_init_heap(&p->auth_message);
    p->c = xmpp_new(config, &e);
    if (!p->c)
        fail_msg("%s", e.message);
}

static inline void play_finish(struct play *p) {
    xmpp_ops.free(p->c);
    buf_finish(&p->log);
    buf_finish(&p->auth_message);
}

static inline void play_clear(struct play *p) { buf_clear(&p->log); }

static inline bool play_is_id(struct str s) {
    for (size_t i = 0; i < PLAY_ID_LEN; i++)
        if (i >= s.len || !strchr("0123456789abcdef", s.ptr[i]))
            return false;
    return true;
}

/* The number of an id, counted from one; a new one is remembered. */
static inline unsigned play_id_number(struct play *p, struct str s) {
    for (unsigned i = 0; i < p->id_count; i++)
        if (memcmp(p->ids[i], s.ptr, PLAY_ID_LEN) == 0)
            return i + 1;
    assert_true(p->id_count < PLAY_IDS_MOST);
    memcpy(p->ids[p->id_count++], s.ptr, PLAY_ID_LEN);
    return p->id_count;
}

static inline void play_log_text(struct play *p, struct str s) {
    for (; s.len > 0; s = str_slice(s, 1, SIZE_MAX))
        if (s.ptr[0] == '\n')
            buf_add(&p->log, STR("\\n"));
        else
            buf_add_char(&p->log, s.ptr[0]);
}

static inline void play_log_frame(struct play *p, struct str s) {
    while (s.len > 0)
        if (str_starts_with(s, STR("='")) && play_is_id(str_slice(s, 2, SIZE_MAX))) {
            buf_printf(&p->log, "='$%u", play_id_number(p, str_slice(s, 2, SIZE_MAX)));
            s = str_slice(s, 2 + PLAY_ID_LEN, SIZE_MAX);
        } else {
            play_log_text(p, str_slice(s, 0, 1));
            s = str_slice(s, 1, SIZE_MAX);
        }
}

/* What is between the tags of an element without children, out of base64. */
static inline bool play_content(struct str frame, struct buf *out) {
    size_t from = str_find(frame, STR(">"));
    size_t to = str_find(frame, STR("</"));
    return from != SIZE_MAX && to != SIZE_MAX && base64_read(out, str_slice(frame, from + 1, to - from - 1));
}

/* Follows SCRAM on the server's side: p->auth_message becomes what both sides sign. SCRAM nonces are hidden from the
 * log, and so is the proof. */
static inline bool play_log_login(struct play *p, struct str frame) {
    struct buf text;
    buf_init_heap(&text);
    bool is_auth = str_starts_with(frame, STR("<auth ")) && str_find(frame, STR("'SCRAM-")) != SIZE_MAX;
    bool is_response = str_starts_with(frame, STR("<response ")) && p->auth_message.len > 0;
    if (is_auth) {
        assert_true(play_content(frame, &text));
        p->sha256 = str_find(frame, STR("'SCRAM-SHA-256'")) != SIZE_MAX;
        buf_clear(&p->auth_message);
        buf_add(&p->auth_message, str_slice(buf_str(&text), 3, SIZE_MAX));
        buf_printf(&p->log, "C (SCRAM-SHA-%s)\n", p->sha256 ? "256" : "1");
    } else if (is_response) {
        assert_true(play_content(frame, &text));
        size_t proof = str_find(buf_str(&text), STR(",p="));
        buf_add_char(&p->auth_message, ',');
        buf_add(&p->auth_message, str_slice(buf_str(&text), 0, proof));
        buf_add(&p->log, STR("C (proof)\n"));
    }
    buf_finish(&text);
    return is_auth || is_response;
}

static inline void play_log(struct play *p, const struct chat_out *out) {
    static const char *const closes[] = {"retry", "retry later", "stop", "done"};
    switch (out->kind) {
    case CHAT_READY:
        buf_printf(&p->log, "R %.*s\n", STR_ARG(out->text));
        return;
    case CHAT_WAKE_AT:
        buf_printf(&p->log, "W +%lld\n", (long long)(out->at_ms - p->now_ms));
        return;
    case CHAT_NOTE:
        buf_printf(&p->log, "N %.*s\n", STR_ARG(out->text));
        return;
    case CHAT_CLOSE:
        buf_printf(&p->log, "X %s: %.*s\n", closes[out->close], STR_ARG(out->text));
        return;
    case CHAT_WIRE:
        if (play_log_login(p, out->text))
            return;
        buf_add(&p->log, STR("C "));
        play_log_frame(p, out->text);
        buf_add_char(&p->log, '\n');
        return;
    case CHAT_DIAL:
        buf_printf(&p->log, "D %.*s\n", STR_ARG(out->url));
        return;
    case CHAT_HTTP:
        buf_printf(&p->log, "H %.*s\n", STR_ARG(out->url));
        return;
    case CHAT_KEEP:
        buf_add(&p->log, STR("K\n"));
        return;
    case CHAT_MESSAGE:
        for (size_t i = 0; i < 5; i++) {
            static const char *const names[] = {"M who=", " room=", " to=", " nick=", " aside="};
            const struct str values[] = {out->who, out->room, out->to, out->nick, out->aside};
            buf_add(&p->log, str_of(names[i]));
            play_log_text(p, values[i]);
        }
        buf_add(&p->log, out->addressed ? STR(" addressed") : STR_NONE);
        buf_add(&p->log, out->corrects ? STR(" corrects: ") : STR(": "));
        snprintf(p->id, sizeof p->id, "%.*s", STR_ARG(out->id));
        snprintf(p->nick, sizeof p->nick, "%.*s", STR_ARG(out->nick));
        play_log_text(p, out->text);
        buf_add_char(&p->log, '\n');
        return;
    }
}

static inline void play_drain(struct play *p) {
    struct chat_out out;
    while (xmpp_ops.next(p->c, &out))
        play_log(p, &out);
}

/* The signature over p->auth_message with the password, in base64. */
static inline void play_add_signature(struct play *p, struct buf *b) {
    unsigned char salted[32], key[32], signature[32];
    struct buf salt;
    const EVP_MD *md = p->sha256 ? EVP_sha256() : EVP_sha1();
    int len = EVP_MD_get_size(md);
    buf_init_heap(&salt);
    assert_true(base64_read(&salt, p->salt));
    assert_int_equal(PKCS5_PBKDF2_HMAC(p->password.ptr, (int)p->password.len, (const unsigned char *)salt.ptr,
                                       (int)salt.len, (int)p->rounds, md, len, salted),
                     1);
    HMAC(md, salted, len, (const unsigned char *)"Server Key", 10, key, NULL);
    HMAC(md, key, len, (const unsigned char *)p->auth_message.ptr, p->auth_message.len, signature, NULL);
    base64_add(b, (struct str){(const char *)signature, (size_t)len});
    buf_finish(&salt);
}

/* "{challenge REST}": the client's nonce with REST behind it, "...,s=SALT,i=ROUNDS"; "{signature}". In base64. */
static inline void play_add_hole(struct play *p, struct buf *b, struct str hole) {
    struct buf text;
    buf_init_heap(&text);
    if (str_starts_with(hole, STR("challenge "))) {
        struct str sent = buf_str(&p->auth_message);
        struct str rest = str_slice(hole, 10, SIZE_MAX);
        size_t nonce = str_find(sent, STR(",r="));
        uint64_t rounds = 0;
        assert_true(nonce != SIZE_MAX);
        buf_printf(&text, "r=%.*s%.*s", STR_ARG(str_slice(sent, nonce + 3, SIZE_MAX)), STR_ARG(rest));
        str_cut(&rest, ',');
        struct str salt = str_cut(&rest, ',');
        assert_true(salt.len > 2 && salt.len < sizeof p->salt_space &&
                    str_to_u64(str_slice(rest, 2, SIZE_MAX), &rounds));
        memcpy(p->salt_space, salt.ptr + 2, salt.len - 2);
        p->salt = (struct str){p->salt_space, salt.len - 2};
        p->rounds = (unsigned)rounds;
        buf_printf(&p->auth_message, ",%.*s", STR_ARG(buf_str(&text)));
    } else {
        assert_str(hole, "signature");
        buf_add(&text, STR("v="));
        play_add_signature(p, &text);
    }
    base64_add(b, buf_str(&text));
    buf_finish(&text);
}

/* A line of a script as the frame that it stands for: ids and holes filled in. */
static inline void play_fill(struct play *p, struct buf *b, struct str line) {
    while (line.len > 0) {
        char c = line.ptr[0];
        size_t end = str_find(line, STR("}"));
        line = str_slice(line, 1, SIZE_MAX);
        if (c == '$' && line.len > 0 && line.ptr[0] >= '1' && line.ptr[0] <= '9') {
            uint64_t number = 0;
            size_t digits = line.len > 1 && line.ptr[1] >= '0' && line.ptr[1] <= '9' ? 2 : 1;
            assert_true(str_to_u64(str_slice(line, 0, digits), &number) && number <= p->id_count);
            buf_add(b, str_of(p->ids[number - 1]));
            line = str_slice(line, digits, SIZE_MAX);
        } else if (c == '{' && end != SIZE_MAX) {
            play_add_hole(p, b, str_slice(line, 0, end - 1));
            line = str_slice(line, end, SIZE_MAX);
        } else {
            buf_add_char(b, c);
        }
    }
}

/* A frame from the server, and what comes of it into the log. */
static inline bool play_feed(struct play *p, struct str line) {
    struct buf frame;
    struct err e = {0};
    buf_init_heap(&frame);
    play_fill(p, &frame, line);
    bool fine = xmpp_ops.feed(p->c, buf_str(&frame), false, p->now_ms, &e);
    buf_finish(&frame);
    assert_int_equal(fine, e.code == ERR_NONE);
    play_drain(p);
    return fine;
}

static inline void play_open(struct play *p) {
    xmpp_ops.opened(p->c, p->now_ms);
    play_drain(p);
}

static inline void play_close(struct play *p) {
    xmpp_ops.closed(p->c, &(struct chat_end){.was_open = true}, p->now_ms);
    play_drain(p);
}

static inline void play_tick(struct play *p, int64_t later_ms) {
    p->now_ms += later_ms;
    xmpp_ops.tick(p->c, p->now_ms);
    play_drain(p);
}

static inline bool play_say_to(struct chat *c, struct str to, struct str text, int64_t now_ms, struct err *e) {
    struct chat_part part = {.text = text};
    struct chat_say say = {.to = to, .parts = &part, .part_count = 1};
    return xmpp_ops.say(c, &say, now_ms, e);
}

static inline bool play_say(struct play *p, struct str to, struct str text) {
    struct err e = {0};
    bool fine = play_say_to(p->c, to, text, p->now_ms, &e);
    if (!fine)
        buf_printf(&p->log, "E %s\n", e.message);
    play_drain(p);
    return fine;
}

/* As an answer to the message handed out last. */
static inline void play_answer(struct play *p, struct str to, struct str text) {
    struct chat_part part = {.text = text};
    struct chat_say say = {.to = to, .nick = str_of(p->nick), .answers = str_of(p->id), .parts = &part, .part_count = 1};
    assert_true(xmpp_ops.say(p->c, &say, p->now_ms, NULL));
    play_drain(p);
}

/* From opened() on, with PLAIN: no password hashing, so it is quick. */
static inline void play_authenticate(struct play *p) {
    play_open(p);
    play_feed(p, STR("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>"));
    play_feed(p, STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
                     "</stream:features>"));
    play_feed(p, STR("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
    play_feed(p, STR("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' from='localhost'/>"));
}

/* What the server has for who is logged in. */
static inline void play_features(struct play *p, bool streams) {
    play_feed(p, streams ? STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>")
                         : STR("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"));
}

/* The answer to the id sent last. */
static inline void play_bound(struct play *p) {
    char result[256];
    snprintf(result, sizeof result,
             "<iq xmlns='jabber:client' type='result' id='$%u'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
             "<jid>lippy@localhost/probe</jid></bind></iq>",
             p->id_count);
    play_feed(p, str_of(result));
}

/* From opened() to bound. */
static inline void play_login(struct play *p) {
    play_authenticate(p);
    play_features(p, false);
    play_bound(p);
}

#endif
