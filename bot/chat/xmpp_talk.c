/* Messages in and out (RFC 6121 section 5, XEP-0045 section 7), and the queries that others send us. */
#include "chat/xmpp_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

/* A full bucket for a new sender; the one unused for longest makes room. */
static struct xmpp_sender *sender_of(struct chat *c, struct str who) {
    struct xmpp_sender *oldest = &c->senders[0];
    for (size_t i = 0; i < XMPP_SENDERS; i++) {
        struct xmpp_sender *sender = &c->senders[i];
        if (sender->who && str_equal(str_of(sender->who), who))
            return sender;
        if (!sender->who || (oldest->who && sender->filled_ms < oldest->filled_ms))
            oldest = sender;
    }
    free(oldest->who);
    *oldest = (struct xmpp_sender){.who = xmpp_copy(who), .filled_ms = c->now_ms, .left = XMPP_BURST};
    return oldest;
}

/* Two bots that answer each other stop here, and so does a flood. */
static bool may_speak(struct chat *c, struct xmpp_sender *sender) {
    int64_t refills = (c->now_ms - sender->filled_ms) / XMPP_REFILL_MS;
    if (refills > 0) {
        sender->left = refills > XMPP_BURST - sender->left ? XMPP_BURST : sender->left + (unsigned)refills;
        sender->filled_ms += refills * XMPP_REFILL_MS;
    }
    if (sender->left > 0) {
        sender->left--;
        sender->told = sender->told && sender->left < XMPP_BURST / 2;
        return true;
    }
    if (!sender->told)
        xmpp_note(c, "somebody writes too fast; passing over some of it");
    sender->told = true;
    return false;
}

/* Old messages of a room are stamped by the room. Stamps of others are on live messages too: on those kept while we
 * were offline, and on those sent again after a broken connection. */
static bool is_history(const struct xml *x, struct str room) {
    const struct xml *delay = xml_child(x, "delay", NS_DELAY);
    for (; delay; delay = xml_next(delay))
        if (str_equal(xml_attribute(delay, "from"), room))
            return true;
    return false;
}

/* A server that does not know what we have had before the connection broke may give it to us again. That bears a stamp; ids alone
 * are not enough to go by, as some programs use the same ones again. */
static bool is_repeated(struct chat *c, const struct xml *x, struct str words) {
    struct str from = xml_attribute(x, "from"), id = xml_attribute(x, "id");
    struct str key = id.len > 0 ? arena_printf(&c->frame, "%.*s\n%.*s\n%.*s", STR_ARG(from), STR_ARG(id), STR_ARG(words)) : STR_NONE;
    return key.len > 0 && !seen_first(&c->seen, key) && xml_child(x, "delay", NS_DELAY);
}

/* Between an occupant's address and the mark behind it; no character of an address. */
static const char mark_sign = '\n';

/* Who speaks in a room: by the mark alone, which a change of nick keeps. '#' cannot be in a domain, so no nick can
 * look like a mark. */
static struct str occupant_key(struct chat *c, struct xmpp_room *room, const struct xml *x, struct str nick) {
    struct str mark = xmpp_occupant_mark(room, x);
    if (mark.len > 0)
        return arena_printf(&c->frame, "%.*s#%.*s", STR_ARG(room->jid), STR_ARG(mark));
    return arena_printf(&c->frame, "%.*s/%.*s", STR_ARG(room->jid), STR_ARG(xmpp_first_nick(c, room, nick, mark)));
}

/* Who speaks in private through a room, and where an answer aside goes: room/nick, with the mark behind it. */
static struct str aside_key(struct chat *c, struct xmpp_room *room, const struct xml *x, struct str nick) {
    struct str mark = xmpp_occupant_mark(room, x);
    return arena_printf(&c->frame, "%.*s/%.*s%s%.*s", STR_ARG(room->jid), STR_ARG(xmpp_first_nick(c, room, nick, mark)),
                        mark.len > 0 ? (const char[]){mark_sign, '\0'} : "", STR_ARG(mark));
}

static bool cut_our_name(struct chat *c, const struct xmpp_room *room, struct str body, struct str *text) {
    return (room && chat_is_addressed(body, str_of(room->nick), text)) || chat_is_addressed(body, c->nick, text);
}

static bool hand_out(struct chat *c, const struct xml *x, struct chat_out *out, const struct xmpp_room *room, struct str words) {
    struct xmpp_sender *sender = sender_of(c, out->who);
    if (!may_speak(c, sender) || !xmpp_corrects(c, sender, x, words, &out->corrects))
        return false;
    out->kind = CHAT_MESSAGE;
    out->addressed = cut_our_name(c, room, words, &out->text) || out->room.len == 0 || xmpp_is_reply_to(x, room);
    out->id = xmpp_message_id(c, sender, x, out->room.len > 0 ? room : NULL);
    if (out->room.len == 0)
        xmpp_send_composing(c, x, room != NULL);
    if (outbox_push(&c->out, out))
        return true;
    xmpp_note(c, "no room for a message; it was passed over");
    return false;
}

static void on_room_message(struct chat *c, const struct xml *x, const struct jid *jid, struct str words) {
    struct xmpp_room *room = xmpp_room_find(c, jid->bare);
    if (!room || room->state != ROOM_IN || jid->resource.len == 0 || str_equal(jid->resource, str_of(room->nick)) ||
        is_history(x, room->jid) || xmpp_is_encrypted(x))
        return;
    struct chat_out out = {
        .who = occupant_key(c, room, x, jid->resource),
        .room = room->jid,
        .to = room->jid,
        .nick = jid->resource,
        .aside = aside_key(c, room, x, jid->resource),
    };
    hand_out(c, x, &out, room, words);
}

static void say_unreadable(struct chat *c, struct str to, struct str who) {
    if (may_speak(c, sender_of(c, who)))
        xmpp_say(c, &(struct chat_say){.to = to},
                 STR("I cannot read encrypted messages. Please switch encryption off in this chat and "
                     "write again."),
                 NULL);
}

/* From a person's own address, or through a room: then the answer goes to the full address, room/nick, and nowhere
 * else. Elsewhere the full address is right as well: the server goes over to the bare one when that client is gone
 * (RFC 6121 section 8.5.3.2.1). */
static void on_private_message(struct chat *c, const struct xml *x, const struct jid *jid, struct str words) {
    struct str from = xml_attribute(x, "from");
    struct xmpp_room *room = xmpp_room_find(c, jid->bare);
    bool through_room = xml_child(x, "x", NS_MUC_USER) != NULL;
    if (room && (jid->resource.len == 0 || room->state != ROOM_IN || str_equal(jid->resource, str_of(room->nick)) ||
                 is_history(x, room->jid)))
        return;
    if (!room && (through_room || jid->node.len == 0)) /* a room we are not in; a server's announcement */
        return;
    struct chat_out out = {.who = room ? aside_key(c, room, x, jid->resource) : jid->bare, .to = from};
    if (room)
        out.to = out.who;
    if (out.who.len == 0)
        return;
    if (xmpp_is_encrypted(x))
        say_unreadable(c, out.to, out.who);
    else if (hand_out(c, x, &out, room, words) && !room)
        xmpp_send_receipt(c, x);
}

static void on_bounced(struct chat *c, const struct xml *x, struct str from_bare) {
    const struct xml *error = xml_child(x, "error", NS_CLIENT);
    struct xmpp_room *room = xmpp_room_find(c, from_bare);
    if (!may_speak(c, sender_of(c, from_bare))) /* logs are not to be flooded either */
        return;
    if (!room) {
        xmpp_note(c, "an answer could not be delivered");
    } else if (xml_child(error, "not-acceptable", NS_STANZA_ERRORS) && room->state == ROOM_IN) {
        xmpp_note(c, "no longer in %.*s, where an answer got lost; joining again", STR_ARG(room->jid));
        xmpp_room_lost(c, room, chat_backoff_ms(room->joins, xmpp_random(c)));
    } else {
        xmpp_note(c, "%.*s did not take an answer%s", STR_ARG(room->jid),
                  xml_child(error, "forbidden", NS_STANZA_ERRORS) ? ": we have no voice there" : "");
    }
}

bool xmpp_on_message(struct chat *c, const struct xml *x, struct err *e) {
    struct str type = xml_attribute(x, "type");
    struct jid jid;
    (void)e;
    if (!jid_split(xml_attribute(x, "from"), &jid) || str_equal(jid.bare, c->self_jid.bare))
        return true;
    if (str_equal(type, STR("error"))) {
        on_bounced(c, x, jid.bare);
        return true;
    }
    /* No words: a chat state, a subject, a receipt, a change of settings, somebody's reaction. */
    struct str words = xmpp_own_words(c, x);
    if (xmpp_is_invitation(x)) {
        if (!str_equal(type, STR("groupchat")) && may_speak(c, sender_of(c, jid.bare)))
            xmpp_on_invitation(c, x);
        return true;
    }
    if (words.len == 0 || str_equal(type, STR("headline")) || is_repeated(c, x, words))
        return true;
    if (x->partial)
        xmpp_note(c, "a message of too many parts was passed over");
    else if (str_equal(type, STR("groupchat")))
        on_room_message(c, x, &jid, words);
    else
        on_private_message(c, x, &jid, words);
    return true;
}

/* The stanza for text. */
static void write_message(struct chat *c, const char id[XMPP_ID_SIZE], const struct chat_say *say, struct str to, struct str text,
                          const struct xmpp_room *room) {
    bool in_room = room && str_equal(to, room->jid);
    struct buf *b = xmpp_write(c);
    XML_FILL(b, "<message xmlns='" NS_CLIENT "' type='%' to='%' id='%'><body>", in_room ? STR("groupchat") : STR("chat"), to,
             str_of(id));
    if (str_starts_with(text, STR("/me ")))
        buf_add_char(b, ' '); /* else clients would show it as a deed (XEP-0245) */
    xml_escape(b, text);
    buf_add(b, STR("</body>"));
    if (room && !in_room)
        buf_add(b, STR("<x xmlns='" NS_MUC_USER "'/>"));
    xmpp_write_marks(c, say, in_room);
    XML_FILL(b, "<origin-id xmlns='" NS_ORIGIN "' id='%'/></message>", str_of(id));
}

bool xmpp_say(struct chat *c, const struct chat_say *say, struct str text, struct err *e) {
    struct jid jid;
    char id[XMPP_ID_SIZE];
    struct str rest = say->to, to = str_cut(&rest, mark_sign);
    if (!jid_split(to, &jid))
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    if (str_trim(text).len == 0)
        return err_set(e, ERR_SCHEMA, "nothing to say");
    struct xmpp_room *room = xmpp_room_find(c, jid.bare);
    if (room && jid.resource.len > 0) {
        arena_reset(&c->said);
        to = arena_printf(&c->said, "%.*s/%.*s", STR_ARG(room->jid), STR_ARG(xmpp_nick_now(c, room, jid.resource, rest)));
    }
    bool ready = c->phase == PHASE_READY && (!room || room->state == ROOM_IN);
    if (c->phase == PHASE_READY && room && room->state == ROOM_BARRED)
        return err_set(e, ERR_PROTOCOL, "not in %.*s", STR_ARG(room->jid));
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    if (text.len > XMPP_SAY_MOST)
        return err_set(e, ERR_LIMIT, "a message of %zu bytes; %d is the most", text.len, XMPP_SAY_MOST);
    xmpp_id(c, id);
    write_message(c, id, say, to, text, room);
    struct chat_out out = {
        .kind = CHAT_WIRE,
        .text = buf_str(&c->wire),
        .room = room ? room->jid : STR_NONE,
        .id = str_of(id),
    };
    if (c->wire.failed || c->wire.len > XMPP_STANZA_MOST)
        return err_set(e, ERR_LIMIT, "a stanza of %zu bytes; %d is the most", c->wire.len, XMPP_STANZA_MOST);
    if (!outbox_push(ready ? &c->out : &c->held, &out))
        return err_set(e, ERR_LIMIT, "too many messages wait to be sent");
    xmpp_answered(c, say->answers);
    return true;
}

void xmpp_send_held(struct chat *c, struct str room) {
    size_t lost = outbox_move(&c->held, &c->out, room);
    if (lost > 0)
        xmpp_note(c, "%zu answers were lost", lost);
}

/* Begins an answer: the sender's address, if there is one, and the id. */
static struct buf *write_answer(struct chat *c, const struct xml *iq, const char *type) {
    struct buf *b = xmpp_write(c);
    struct str from = xml_attribute(iq, "from");
    XML_FILL(b, "<iq xmlns='" NS_CLIENT "' type='%' id='%'", str_of(type), xml_attribute(iq, "id"));
    if (from.len > 0)
        XML_FILL(b, " to='%'", from);
    return b;
}

static void answer_error(struct chat *c, const struct xml *iq, const char *condition) {
    XML_FILL(write_answer(c, iq, "error"), "><error type='cancel'><% xmlns='" NS_STANZA_ERRORS "'/></error></iq>",
             str_of(condition));
    xmpp_send(c);
}

static bool is_get(const struct xml *iq) { return str_equal(xml_attribute(iq, "type"), STR("get")); }

static bool on_ping(struct chat *c, const struct xml *iq, const struct xml *query) {
    (void)query;
    if (!is_get(iq))
        return false;
    buf_add(write_answer(c, iq, "result"), STR("/>"));
    xmpp_send(c);
    return true;
}

static bool on_disco(struct chat *c, const struct xml *iq, const struct xml *query) {
    if (!is_get(iq))
        return false;
    if (xml_attribute(query, "node").len > 0) {
        answer_error(c, iq, "item-not-found");
        return true;
    }
    buf_add(write_answer(c, iq, "result"), STR("><query xmlns='" NS_DISCO "'>"
                                               "<identity category='client' type='bot' name='Lippy'/>"
                                               "<feature var='" NS_DISCO "'/>"
                                               "<feature var='" NS_MUC "'/>"
                                               "<feature var='" NS_VERSION "'/>"
                                               "<feature var='" NS_PING "'/>"
                                               "<feature var='" NS_RECEIPTS "'/>"
                                               "<feature var='" NS_MARKERS "'/>"
                                               "<feature var='" NS_STATES "'/>"
                                               "<feature var='" NS_CORRECT "'/>"
                                               "<feature var='" NS_REPLY "'/>"
                                               "<feature var='" NS_FALLBACK "'/></query></iq>"));
    xmpp_send(c);
    return true;
}

/* We keep no roster, but what our own server tells us of it wants an answer. From others it is a forgery
 * (RFC 6121 section 2.1.6). */
static bool on_roster(struct chat *c, const struct xml *iq, const struct xml *query) {
    struct str from = xml_attribute(iq, "from");
    (void)query;
    if (is_get(iq) || (from.len > 0 && !str_equal(from, c->self_jid.bare)))
        return false;
    buf_add(write_answer(c, iq, "result"), STR("/>"));
    xmpp_send(c);
    return true;
}

/* XEP-0092. */
static bool on_version(struct chat *c, const struct xml *iq, const struct xml *query) {
    (void)query;
    if (!is_get(iq))
        return false;
    buf_add(write_answer(c, iq, "result"),
            STR("><query xmlns='" NS_VERSION "'><name>Lippy</name><version>" LIPPY_VERSION "</version></query></iq>"));
    xmpp_send(c);
    return true;
}

static const struct xmpp_query queries[] = {
    {"ping", NS_PING, on_ping},
    {"query", NS_DISCO, on_disco},
    {"query", NS_ROSTER, on_roster},
    {"query", NS_VERSION, on_version},
};

const struct xmpp_query *xmpp_queries(size_t *count) {
    *count = sizeof queries / sizeof queries[0];
    return queries;
}

static int compare_query(const void *key, const void *element) {
    const struct xml *x = key;
    const struct xmpp_query *query = element;
    int order = str_compare(x->name, str_of(query->name));
    return order ? order : str_compare(x->ns, str_of(query->ns));
}

/* A result or an error counts only from whom we asked. */
static bool on_result(struct chat *c, const struct xml *iq, struct err *e) {
    struct str from = xml_attribute(iq, "from");
    bool ours = false;
    bool server = from.len == 0 || str_equal(from, c->domain) || str_equal(from, c->bare) ||
                  (c->self && str_equal(from, str_of(c->self)));
    if (server && !xmpp_login_result(c, iq, &ours, e))
        return false;
    if (!ours && c->phase == PHASE_READY)
        xmpp_room_result(c, iq);
    return true;
}

bool xmpp_on_iq(struct chat *c, const struct xml *x, struct err *e) {
    struct str type = xml_attribute(x, "type");
    if (str_equal(type, STR("result")) || str_equal(type, STR("error")))
        return on_result(c, x, e);
    if (xml_attribute(x, "id").len == 0 || !(is_get(x) || str_equal(type, STR("set"))))
        return true;
    const struct xmpp_query *query = x->child ? bsearch(x->child, queries, sizeof queries / sizeof queries[0],
                                                        sizeof queries[0], compare_query)
                                              : NULL;
    if (!query || !query->fn(c, x, x->child))
        answer_error(c, x, "service-unavailable");
    return true;
}
