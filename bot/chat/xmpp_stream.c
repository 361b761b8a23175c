/* Stream management (XEP-0198): both sides count the stanzas they have had of each other, so that after a broken connection
 * the stream is taken up where it was, and nothing is lost or said twice.
 *
 * Stanzas that the server has not acknowledged stay in c->stream.sent. After <resumed/> they are sent again as they were. After
 * <failed/>, or without anything to resume, a new session begins: of what was on its way only our texts still matter; they are
 * said again, under their old ids, as soon as we are where they belong. */
#include "chat/xmpp_work.h"

#include <stdlib.h>

/* A text that is never acknowledged may itself be what breaks the connection. */
enum { SAID_MOST = 3 };

void xmpp_stream_enable(struct chat *c) {
    buf_add(xmpp_write(c), STR("<enable xmlns='" NS_SM "' resume='true'/>"));
    xmpp_send(c);
}

static bool is_stanza(struct str frame) {
    return str_starts_with(frame, STR("<message ")) || str_starts_with(frame, STR("<presence ")) ||
           str_starts_with(frame, STR("<iq "));
}

/* From here on without stream management, until the next login. */
static void stop_counting(struct chat *c) {
    c->stream.counts = c->stream.enabled = false;
    outbox_clear(&c->stream.sent);
    free(c->stream.id);
    c->stream.id = NULL;
}

void xmpp_stream_sent(struct chat *c, const struct chat_out *out) {
    struct xmpp_stream *s = &c->stream;
    if (out->kind != CHAT_WIRE)
        return;
    if (str_starts_with(out->text, STR("<enable "))) {
        s->counts = true; /* ours begins here, the server's with <enabled/> */
        s->acked = 0;
    } else if (s->counts && is_stanza(out->text)) {
        s->ask = true;
        if (outbox_push(&s->sent, out))
            return;
        stop_counting(c);
        xmpp_note(c, "the server does not say what it has of ours; a broken connection will not be resumed");
    }
}

/* One question at a time, after whatever there is to send. */
bool xmpp_stream_ask(struct chat *c) {
    struct xmpp_stream *s = &c->stream;
    if (c->phase != PHASE_READY || !s->counts || !s->ask || s->asking)
        return false;
    s->ask = false;
    s->asking = true;
    buf_add(xmpp_write(c), STR("<r xmlns='" NS_SM "'/>"));
    xmpp_send(c);
    if (c->pong_by_ms == CHAT_NEVER)
        c->pong_by_ms = c->now_ms + XMPP_PONG_MS;
    return true;
}

void xmpp_stream_answer(struct chat *c) {
    if (!c->stream.enabled)
        return;
    buf_printf(xmpp_write(c), "<a xmlns='" NS_SM "' h='%u'/>", (unsigned)c->stream.heard);
    xmpp_send(c);
}

void xmpp_stream_heard(struct chat *c, const struct xml *x) {
    if (c->stream.enabled && (xml_is(x, "message", NS_CLIENT) || xml_is(x, "presence", NS_CLIENT) || xml_is(x, "iq", NS_CLIENT)))
        c->stream.heard++;
}

/* Forgets what the server says it has. Both counts wrap at 2^32. */
static bool take_count(struct chat *c, const struct xml *x) {
    struct xmpp_stream *s = &c->stream;
    struct chat_out out;
    uint64_t h = 0;
    if (!str_to_u64(xml_attribute(x, "h"), &h) || h > UINT32_MAX || (uint32_t)h - s->acked > s->sent.count)
        return false;
    while (s->acked != (uint32_t)h && outbox_next(&s->sent, &out))
        s->acked++;
    outbox_release(&s->sent);
    return true;
}

static bool end_for_count(struct chat *c, struct err *e) {
    buf_add(xmpp_write(c), STR("<stream:error xmlns:stream='" NS_STREAM "'><undefined-condition xmlns='" NS_STREAM_ERRORS
                               "'/><handled-count-too-high xmlns='" NS_SM "'/></stream:error>"));
    xmpp_send(c);
    return xmpp_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server says that it has more than we sent");
}

/* Texts on their way come before what was said later. */
void xmpp_stream_give_up(struct chat *c) {
    struct outbox later = c->held;
    struct chat_out out;
    size_t lost = 0;
    outbox_init(&c->held, later.count_most, later.bytes_most);
    while (outbox_next(&c->stream.sent, &out)) {
        bool text = out.id.len > 0;
        out.number++;
        lost += text && (out.number >= SAID_MOST || !outbox_push(&c->held, &out));
    }
    outbox_release(&c->stream.sent);
    outbox_join(&c->held, &later);
    if (lost > 0)
        xmpp_note(c, "%zu answers were lost", lost);
    stop_counting(c);
}

void xmpp_stream_resume(struct chat *c) {
    XML_FILL(xmpp_write(c), "<resume xmlns='" NS_SM "' previd='%'", str_of(c->stream.id));
    buf_printf(&c->wire, " h='%u'/>", (unsigned)c->stream.heard);
    xmpp_send(c);
    c->phase = PHASE_RESUMING;
}

/* `location`, where we should come back to, is passed over: an address that nobody gave us. So is `max`, for how long the server
 * waits for us: when we are late, its refusal tells still how much it had. */
bool xmpp_on_enabled(struct chat *c, const struct xml *x, struct err *e) {
    struct xmpp_stream *s = &c->stream;
    struct str resume = xml_attribute(x, "resume"), id = xml_attribute(x, "id");
    (void)e;
    if (!s->counts)
        return true; /* to something that we did not ask for */
    s->enabled = true;
    s->heard = 0;
    free(s->id);
    bool can = (str_equal(resume, STR("true")) || str_equal(resume, STR("1"))) && id.len > 0 && id.len <= XMPP_STREAM_ID_MOST;
    s->id = can ? xmpp_copy(id) : NULL;
    xmpp_begin_session(c);
    return true;
}

bool xmpp_on_resumed(struct chat *c, const struct xml *x, struct err *e) {
    struct xmpp_stream *s = &c->stream;
    if (!str_equal(xml_attribute(x, "previd"), str_of(s->id)) || !take_count(c, x))
        return end_for_count(c, e);
    s->counts = true;
    xmpp_ready(c);
    if (s->sent.count > 0)
        xmpp_note(c, "back in the same stream; stanzas sent again: %zu", s->sent.count);
    outbox_join(&c->out, &s->sent);
    xmpp_rooms_resumed(c);
    xmpp_send_held(c, STR_NONE);
    return true;
}

/* To <enable/>: there is no stream management after all. To <resume/>: the old stream is gone. */
bool xmpp_on_failed(struct chat *c, const struct xml *x, struct err *e) {
    bool told = xml_attribute(x, "h").len > 0;
    if (c->phase == PHASE_BINDING) {
        if (c->stream.counts) {
            stop_counting(c);
            xmpp_begin_session(c);
        }
        return true;
    }
    if (told && !take_count(c, x))
        return end_for_count(c, e);
    xmpp_stream_give_up(c);
    xmpp_bind(c);
    return true;
}

bool xmpp_on_ack(struct chat *c, const struct xml *x, struct err *e) {
    if (!c->stream.counts)
        return true;
    c->stream.asking = false;
    return take_count(c, x) || end_for_count(c, e);
}

bool xmpp_on_ack_asked(struct chat *c, const struct xml *x, struct err *e) {
    (void)x, (void)e;
    xmpp_stream_answer(c);
    return true;
}
