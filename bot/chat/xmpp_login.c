/* From <open/> to a bound resource (RFC 7395 section 3.4, RFC 6120 sections 6 and 7), and how streams end. */
#include "chat/xmpp_work.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* What a condition means for us: the reason for the log and what to do. */
struct verdict {
    const char *condition;
    enum chat_close close;
    const char *meaning;
};

/* RFC 6120 section 6.5. What is not listed stops us as well: never try a password in a loop. */
static const struct verdict login_verdicts[] = {
    {"aborted", CHAT_RETRY, "the login was aborted"},
    {"account-disabled", CHAT_STOP, "the account is disabled"},
    {"credentials-expired", CHAT_STOP, "the password has expired"},
    {"encryption-required", CHAT_STOP, "the server wants an encrypted connection: use wss"},
    {"mechanism-too-weak", CHAT_STOP, "the server wants a stronger login than we can do"},
    {"not-authorized", CHAT_STOP, "wrong user name or password"},
    {"temporary-auth-failure", CHAT_RETRY, "the server cannot check passwords at the moment"},
};

/* RFC 6120 section 4.9.3. What is not listed is worth another try. */
static const struct verdict stream_verdicts[] = {
    {"conflict", CHAT_STOP, "another program has logged in with our address"},
    {"host-gone", CHAT_STOP, "the server no longer serves our domain"},
    {"host-unknown", CHAT_STOP, "the server does not serve our domain"},
    {"not-authorized", CHAT_STOP, "the server no longer accepts our account"},
    {"policy-violation", CHAT_RETRY_LATER, "the server says that we broke its rules"},
    {"resource-constraint", CHAT_RETRY_LATER, "the server is short of something"},
    {"see-other-host", CHAT_RETRY_LATER, "the server sends us to another one; set its websocket address"},
    {"system-shutdown", CHAT_RETRY, "the server shuts down"},
    {"unsupported-version", CHAT_STOP, "the server speaks another XMPP"},
};

static const struct verdict *verdict_of(const struct verdict *verdicts, size_t count, const struct xml *x,
                                        const char *ns) {
    for (size_t i = 0; i < count; i++)
        if (xml_child(x, verdicts[i].condition, ns))
            return &verdicts[i];
    return NULL;
}
#define VERDICT_OF(verdicts, x, ns) verdict_of((verdicts), sizeof(verdicts) / sizeof(verdicts)[0], (x), (ns))

/* The condition a peer gave, if it looks like one: it goes into logs. */
static struct str condition_of(const struct xml *x, const char *ns) {
    for (const struct xml *child = x->child; child; child = child->next) {
        bool fine = str_equal(child->ns, str_of(ns)) && child->name.len <= 40;
        for (size_t i = 0; fine && i < child->name.len; i++)
            fine = (child->name.ptr[i] >= 'a' && child->name.ptr[i] <= 'z') || child->name.ptr[i] == '-';
        if (fine)
            return child->name;
    }
    return STR("no reason given");
}

void xmpp_open_stream(struct chat *c) {
    c->phase = PHASE_OPENING;
    XML_FILL(xmpp_write(c), "<open xmlns='" NS_FRAMING "' to='%' version='1.0'/>", c->domain);
    xmpp_send(c);
}

bool xmpp_on_open(struct chat *c, const struct xml *x, struct err *e) {
    (void)x, (void)e;
    c->phase = PHASE_FEATURES;
    return true;
}

bool xmpp_on_close(struct chat *c, const struct xml *x, struct err *e) {
    (void)e;
    /* RFC 7395 section 3.6.1: a redirection. We would have to trust an address nobody gave us. */
    bool elsewhere = !str_is_empty(xml_attribute(x, "see-other-uri"));
    xmpp_end(c, elsewhere ? CHAT_RETRY_LATER : CHAT_RETRY, NULL, ERR_NONE, "the server closed the stream%s",
             elsewhere ? " and sends us elsewhere" : "");
    return true;
}

bool xmpp_on_stream_error(struct chat *c, const struct xml *x, struct err *e) {
    (void)e;
    const struct verdict *verdict = VERDICT_OF(stream_verdicts, x, NS_STREAM_ERRORS);
    struct str condition = condition_of(x, NS_STREAM_ERRORS);
    xmpp_end(c, verdict ? verdict->close : CHAT_RETRY, NULL, ERR_NONE, "%s (%.*s)",
             verdict ? verdict->meaning : "the server ended the stream", STR_ARG(condition));
    return true;
}

/* Wipes what was written: it may hold a password. */
static void send_secret(struct chat *c) {
    xmpp_send(c);
    if (c->wire.ptr)
        OPENSSL_cleanse(c->wire.ptr, c->wire.cap);
    buf_clear(&c->wire);
}

static void send_auth(struct chat *c, struct str mechanism, struct str message) {
    struct buf *b = xmpp_write(c);
    XML_FILL(b, "<auth xmlns='" NS_SASL "' mechanism='%'>", mechanism);
    base64_add(b, message);
    buf_add(b, STR("</auth>"));
    send_secret(c);
    c->phase = PHASE_LOGIN;
}

static bool start_scram(struct chat *c, bool sha256, struct err *e) {
    char nonce[XMPP_ID_SIZE];
    struct buf first;
    xmpp_id(c, nonce);
    scram_finish(&c->scram);
    scram_init(&c->scram, sha256, str_of(nonce));
    c->used_scram = true;
    buf_init_heap(&first);
    bool fine = scram_first(&c->scram, c->user, &first, e);
    if (fine)
        send_auth(c, sha256 ? STR("SCRAM-SHA-256") : STR("SCRAM-SHA-1"), buf_str(&first));
    buf_finish(&first);
    return fine;
}

/* RFC 4616. */
static bool start_plain(struct chat *c, struct err *e) {
    struct buf message;
    buf_init_heap(&message);
    buf_add_char(&message, '\0');
    bool fine = saslprep(&message, c->user, e);
    buf_add_char(&message, '\0');
    fine = fine && saslprep(&message, (struct str){c->password, c->password_len}, e);
    if (fine)
        send_auth(c, STR("PLAIN"), buf_str(&message));
    if (message.ptr)
        OPENSSL_cleanse(message.ptr, message.cap);
    buf_finish(&message);
    return fine;
}

static bool offers(const struct xml *mechanisms, const char *name) {
    const struct xml *x = xml_child(mechanisms, "mechanism", NS_SASL);
    for (; x; x = xml_next(x))
        if (str_equal(str_trim(x->text), str_of(name)))
            return true;
    return false;
}

/* By our order, not the server's: Prosody lists PLAIN first. */
static bool start_login(struct chat *c, const struct xml *features, struct err *e) {
    const struct xml *mechanisms = xml_child(features, "mechanisms", NS_SASL);
    struct err why = {0};
    bool fine;
    if (offers(mechanisms, "SCRAM-SHA-256"))
        fine = start_scram(c, true, &why);
    else if (offers(mechanisms, "SCRAM-SHA-1"))
        fine = start_scram(c, false, &why);
    else if (offers(mechanisms, "PLAIN") && c->tls)
        fine = start_plain(c, &why);
    else if (offers(mechanisms, "PLAIN"))
        return xmpp_end(c, CHAT_STOP, e, ERR_AUTH,
                        "the server wants the password in the clear, which we only do over wss");
    else
        return xmpp_end(c, CHAT_STOP, e, ERR_AUTH, "the server offers no way to log in that we know");
    return fine ? true : xmpp_end(c, CHAT_STOP, e, why.code, "%s", why.message);
}

static enum chat_close close_for(enum err_code code) { return code == ERR_AUTH ? CHAT_STOP : CHAT_RETRY; }

/* The decoded content of x goes to one of the two; the second is for servers that prove themselves in a challenge of
 * its own instead of in <success/>. */
static bool take_challenge(struct chat *c, struct str text, struct buf *answer, struct err *why) {
    if (c->scram.answered)
        return scram_verify(&c->scram, text, why);
    return scram_answer(&c->scram, (struct str){c->password, c->password_len}, text, answer, why);
}

bool xmpp_on_challenge(struct chat *c, const struct xml *x, struct err *e) {
    struct buf text, answer;
    struct err why = {0};
    if (!c->used_scram)
        return xmpp_end(c, CHAT_STOP, e, ERR_AUTH, "the server sent a challenge that PLAIN does not have");
    buf_init_heap(&text);
    buf_init_heap(&answer);
    bool fine = base64_read(&text, str_trim(x->text)) ? take_challenge(c, buf_str(&text), &answer, &why)
                                                      : err_set(&why, ERR_PROTOCOL, "a challenge that is no base64");
    if (fine) {
        struct buf *b = xmpp_write(c);
        buf_add(b, STR("<response xmlns='" NS_SASL "'>"));
        base64_add(b, buf_str(&answer));
        buf_add(b, STR("</response>"));
        send_secret(c);
    }
    buf_finish(&text);
    buf_finish(&answer);
    return fine ? true : xmpp_end(c, close_for(why.code), e, why.code, "%s", why.message);
}

static bool check_server(struct chat *c, const struct xml *success, struct err *why) {
    struct buf text;
    if (!c->used_scram || c->scram.verified)
        return true;
    buf_init_heap(&text);
    bool fine = base64_read(&text, str_trim(success->text)) && scram_verify(&c->scram, buf_str(&text), why);
    buf_finish(&text);
    return fine ? true : err_set(why, ERR_AUTH, "the server did not prove that it knows the password");
}

bool xmpp_on_success(struct chat *c, const struct xml *x, struct err *e) {
    struct err why = {0};
    if (!check_server(c, x, &why))
        return xmpp_end(c, CHAT_STOP, e, ERR_AUTH, "%s", why.message);
    scram_finish(&c->scram);
    c->authenticated = true;
    xmpp_open_stream(c); /* RFC 7395 section 3.4: a new stream in the same websocket */
    return true;
}

bool xmpp_on_failure(struct chat *c, const struct xml *x, struct err *e) {
    const struct verdict *verdict = VERDICT_OF(login_verdicts, x, NS_SASL);
    struct str condition = condition_of(x, NS_SASL);
    return xmpp_end(c, verdict ? verdict->close : CHAT_STOP, e, ERR_AUTH, "login refused: %s (%.*s)",
                    verdict ? verdict->meaning : "the server does not say why", STR_ARG(condition));
}

void xmpp_bind(struct chat *c) {
    free(c->self);
    c->self = NULL;
    c->self_jid = (struct jid){0};
    struct buf *b = xmpp_write(c);
    xmpp_id(c, c->bind_id);
    XML_FILL(b, "<iq xmlns='" NS_CLIENT "' type='set' id='%'><bind xmlns='" NS_BIND "'>", str_of(c->bind_id));
    if (!c->bind_any)
        XML_FILL(b, "<resource>%</resource>", c->resource);
    buf_add(b, STR("</bind></iq>"));
    xmpp_send(c);
    c->phase = PHASE_BINDING;
}

bool xmpp_on_features(struct chat *c, const struct xml *x, struct err *e) {
    if (!c->authenticated)
        return start_login(c, x, e);
    if (!xml_child(x, "bind", NS_BIND))
        return xmpp_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server offers no resource binding");
    const struct xml *session = xml_child(x, "session", NS_SESSION); /* of RFC 3921; a few old servers insist */
    c->needs_session = session && !xml_child(session, "optional", NULL);
    c->stream.offered = xml_child(x, "sm", NS_SM) != NULL;
    if (c->stream.offered && c->stream.id) {
        xmpp_stream_resume(c);
        return true;
    }
    xmpp_stream_give_up(c);
    xmpp_bind(c);
    return true;
}

void xmpp_ready(struct chat *c) {
    c->phase = PHASE_READY;
    c->login_by_ms = CHAT_NEVER;
    c->quiet_at_ms = c->now_ms + XMPP_SILENCE_MS;
    outbox_push(&c->out, &(struct chat_out){.kind = CHAT_READY, .text = str_of(c->self)});
}

void xmpp_begin_session(struct chat *c) {
    xmpp_ready(c);
    buf_add(xmpp_write(c), STR("<presence xmlns='" NS_CLIENT "'/>"));
    xmpp_send(c);
    xmpp_rooms_start(c);
    xmpp_send_held(c, STR_NONE);
}

/* Nothing is said before both sides count. */
static void count_and_begin(struct chat *c) {
    if (c->stream.offered)
        xmpp_stream_enable(c);
    else
        xmpp_begin_session(c);
}

static bool on_bound(struct chat *c, const struct xml *iq, struct err *e) {
    const struct xml *jid = xml_child(xml_child(iq, "bind", NS_BIND), "jid", NS_BIND);
    c->bind_id[0] = '\0';
    c->self = jid ? xmpp_copy(str_trim(jid->text)) : NULL;
    if (!c->self || !jid_split(str_of(c->self), &c->self_jid) || c->self_jid.resource.len == 0)
        return xmpp_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server gave us no address");
    if (!c->needs_session) {
        count_and_begin(c);
        return true;
    }
    xmpp_id(c, c->session_id);
    XML_FILL(xmpp_write(c), "<iq xmlns='" NS_CLIENT "' type='set' id='%'><session xmlns='" NS_SESSION "'/></iq>",
             str_of(c->session_id));
    xmpp_send(c);
    return true;
}

static bool on_bind_refused(struct chat *c, const struct xml *iq, struct err *e) {
    const struct xml *error = xml_child(iq, "error", NS_CLIENT);
    if (!c->bind_any &&
        (xml_child(error, "conflict", NS_STANZA_ERRORS) || xml_child(error, "bad-request", NS_STANZA_ERRORS))) {
        c->bind_any = true; /* our resource is taken or not liked: let the server choose */
        xmpp_bind(c);
        return true;
    }
    return xmpp_end(c, xml_child(error, "not-allowed", NS_STANZA_ERRORS) ? CHAT_STOP : CHAT_RETRY_LATER, e, ERR_AUTH,
                    "the server refused us a resource (%.*s)",
                    STR_ARG(error ? condition_of(error, NS_STANZA_ERRORS) : STR("no reason given")));
}

bool xmpp_login_result(struct chat *c, const struct xml *iq, bool *ours, struct err *e) {
    struct str id = xml_attribute(iq, "id");
    bool refused = str_equal(xml_attribute(iq, "type"), STR("error"));
    *ours = false;
    if (c->phase != PHASE_BINDING || id.len == 0)
        return true;
    *ours = true;
    if (str_equal(id, str_of(c->bind_id)))
        return refused ? on_bind_refused(c, iq, e) : on_bound(c, iq, e);
    if (!str_equal(id, str_of(c->session_id)))
        return true;
    c->session_id[0] = '\0';
    count_and_begin(c); /* also when refused: what refuses a session does not need one */
    return true;
}
