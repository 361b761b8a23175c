/* What of a message a person said themselves, and what else it says: whether it replaces the one before (XEP-0308), and in which way it
 * is to be answered. */
#include "chat/xmpp_work.h"

#include <string.h>

#include "core/siphash.h"
#include "core/utf8.h"

enum { FALLBACKS_MOST = 16 };

/* ---- what others said is not theirs ---- */

struct span {
    uint64_t from, to;
};

/* A part of the body that is there only for programs that do not know an extension (XEP-0428): a quotation, "liked your message". In
 * characters; without numbers it is all. */
static bool read_span(const struct xml *body, struct span *span) {
    struct str from = xml_attribute(body, "start"), to = xml_attribute(body, "end");
    *span = (struct span){0, UINT64_MAX};
    return (from.len == 0 || str_to_u64(from, &span->from)) && (to.len == 0 || str_to_u64(to, &span->to));
}

static size_t find_fallbacks(const struct xml *x, struct span spans[FALLBACKS_MOST]) {
    size_t count = 0;
    for (const struct xml *f = xml_child(x, "fallback", NS_FALLBACK); f; f = xml_next(f)) {
        const struct xml *body = xml_child(f, "body", NS_FALLBACK);
        if (!f->child && count < FALLBACKS_MOST)
            spans[count++] = (struct span){0, UINT64_MAX};
        for (; body && count < FALLBACKS_MOST; body = xml_next(body))
            count += read_span(body, &spans[count]);
    }
    return count;
}

static bool is_within(const struct span *spans, size_t count, uint64_t at) {
    for (size_t i = 0; i < count; i++)
        if (at >= spans[i].from && at < spans[i].to)
            return true;
    return false;
}

static bool begins_character(char c) { return ((unsigned char)c & 0xc0) != 0x80; }

static struct str without_fallbacks(struct chat *c, struct str body, const struct span *spans, size_t count) {
    char *own = ARENA_ARRAY(&c->frame, char, body.len);
    size_t len = 0;
    uint64_t at = 0;
    bool keep = false;
    for (size_t i = 0; own && i < body.len; i++) {
        if (begins_character(body.ptr[i]))
            keep = !is_within(spans, count, at++);
        if (keep)
            own[len++] = body.ptr[i];
    }
    return own ? (struct str){own, len} : STR_NONE;
}

/* A line that quotes another message (XEP-0393). But "> 5 coffees" is more than five coffees. */
static bool is_quotation(struct str line) {
    if (!str_starts_with(line, STR(">")) || (line.len > 1 && line.ptr[1] != ' ' && line.ptr[1] != '>'))
        return false;
    struct str text = str_trim(str_slice(line, 1, SIZE_MAX));
    size_t digits = 0;
    while (digits < text.len && str_is_digit(text.ptr[digits]))
        digits++;
    bool listed = digits < text.len && (text.ptr[digits] == '.' || text.ptr[digits] == ')');
    return digits == 0 || listed;
}

/* Programs that know no better put what they answer before the answer. A quotation alone is meant. */
static struct str without_quotation(struct str body) {
    struct str rest = body, own = body;
    while (rest.len > 0 && is_quotation(str_cut(&rest, '\n')))
        own = rest;
    return str_trim(own).len > 0 ? own : body;
}

bool xmpp_is_encrypted(const struct xml *x) {
    return xml_child(x, "encryption", "urn:xmpp:eme:0") || xml_child(x, "encrypted", NULL) || xml_child(x, "openpgp", NULL);
}

/* What stands in for an encrypted message is kept: it gets an answer. */
struct str xmpp_own_words(struct chat *c, const struct xml *x) {
    const struct xml *body = xml_child(x, "body", NS_CLIENT);
    struct span spans[FALLBACKS_MOST];
    if (!body)
        return STR_NONE;
    size_t count = xmpp_is_encrypted(x) ? 0 : find_fallbacks(x, spans);
    struct str text = count > 0 ? without_fallbacks(c, body->text, spans, count) : without_quotation(body->text);
    return str_trim(text).len > 0 ? text : STR_NONE;
}

bool xmpp_is_reply_to(const struct xml *x, const struct xmpp_room *room) {
    const struct xml *reply = xml_child(x, "reply", NS_REPLY);
    struct jid to;
    return reply && jid_split(xml_attribute(reply, "to"), &to) && str_equal(to.bare, room->jid) &&
           str_equal(to.resource, str_of(room->nick));
}

/* ---- corrections ---- */

/* 0 stands for no id. */
static uint64_t hash_of(const struct chat *c, struct str s) { return s.len > 0 ? siphash(c->seen.key, s) | 1 : 0; }

/* Corrections name the first of the ids; some programs, the one before. */
bool xmpp_corrects(struct chat *c, struct xmpp_sender *sender, const struct xml *x, struct str text, bool *answered) {
    const struct xml *replace = xml_child(x, "replace", NS_CORRECT);
    uint64_t id = hash_of(c, xml_attribute(x, "id")), hash = hash_of(c, text);
    *answered = false;
    if (replace) {
        uint64_t old = hash_of(c, xml_attribute(replace, "id"));
        if (old == 0 || (old != sender->first_id && old != sender->last_id) || hash == sender->text)
            return false;
        *answered = sender->answered;
    } else {
        sender->first_id = id;
    }
    sender->last_id = id;
    sender->text = hash;
    sender->answered = false;
    return true;
}

/* ---- the answer's own ---- */

/* CHAT_MESSAGE's id: three signs, and behind them an id that others know the message by. */
enum { SIGN_ID, SIGN_HINT, SIGN_STATE, SIGNS };

/* The id that the room has given, which all in it know; its own, otherwise. */
static struct str stanza_id(const struct xml *x, const struct xmpp_room *room) {
    const struct xml *id = room ? xml_child(x, "stanza-id", NS_ORIGIN) : NULL;
    while (id && !str_equal(xml_attribute(id, "by"), room->jid))
        id = xml_next(id);
    return id ? xml_attribute(id, "id") : STR_NONE;
}

static bool has_state(const struct xml *x) {
    for (const struct xml *child = x->child; child; child = child->next)
        if (str_equal(child->ns, STR(NS_STATES)))
            return true;
    return false;
}

struct str xmpp_message_id(struct chat *c, struct xmpp_sender *sender, const struct xml *x, const struct xmpp_room *room) {
    struct str given = stanza_id(x, room);
    struct str id = given.len > 0 ? given : xml_attribute(x, "id");
    char signs[SIGNS + 1] = "---";
    if (given.len > 0)
        signs[SIGN_ID] = 's';
    if (xml_child(x, "no-store", NS_HINTS))
        signs[SIGN_HINT] = 'n';
    else if (xml_child(x, "no-permanent-store", NS_HINTS))
        signs[SIGN_HINT] = 'p';
    if (has_state(x))
        signs[SIGN_STATE] = 's';
    struct str whole = arena_printf(&c->frame, "%s%.*s", signs, STR_ARG(id));
    sender->message = id.len > 0 ? hash_of(c, whole) : 0;
    return whole;
}

void xmpp_answered(struct chat *c, struct str message_id) {
    uint64_t message = message_id.len > SIGNS ? hash_of(c, message_id) : 0;
    for (size_t i = 0; message != 0 && i < XMPP_SENDERS; i++)
        if (c->senders[i].message == message)
            c->senders[i].answered = true;
}

/* In a room, what we answer (XEP-0461). In private, that we are done composing (XEP-0085), and the sender's own wish that nothing be
 * kept (XEP-0334). */
void xmpp_write_marks(struct chat *c, const struct chat_say *say, bool in_room) {
    struct str id = say->answers;
    if (id.len < SIGNS)
        return;
    struct str to = say->to;
    if (in_room && id.ptr[SIGN_ID] == 's' && say->nick.len > 0)
        XML_FILL(&c->wire, "<reply xmlns='" NS_REPLY "' to='%/%' id='%'/>", to, say->nick, str_slice(id, SIGNS, SIZE_MAX));
    if (in_room)
        return;
    if (id.ptr[SIGN_STATE] == 's')
        buf_add(&c->wire, STR("<active xmlns='" NS_STATES "'/>"));
    if (id.ptr[SIGN_HINT] == 'n')
        buf_add(&c->wire, STR("<no-store xmlns='" NS_HINTS "'/>"));
    if (id.ptr[SIGN_HINT] == 'p')
        buf_add(&c->wire, STR("<no-permanent-store xmlns='" NS_HINTS "'/>"));
}

/* Only to who shows such states as well: XEP-0085 wants it so. */
void xmpp_send_composing(struct chat *c, const struct xml *x, bool through_room) {
    char id[XMPP_ID_SIZE];
    if (!has_state(x))
        return;
    xmpp_id(c, id);
    XML_FILL(xmpp_write(c), "<message xmlns='" NS_CLIENT "' type='chat' to='%' id='%'><composing xmlns='" NS_STATES "'/>",
             xml_attribute(x, "from"), str_of(id));
    if (through_room)
        buf_add(&c->wire, STR("<x xmlns='" NS_MUC_USER "'/>"));
    buf_add(&c->wire, STR("<no-store xmlns='" NS_HINTS "'/></message>"));
    xmpp_send(c);
}

/* XEP-0184, XEP-0333: their program shows that we have it, and have read it. */
void xmpp_send_receipt(struct chat *c, const struct xml *x) {
    char id[XMPP_ID_SIZE];
    struct str theirs = xml_attribute(x, "id");
    bool received = xml_child(x, "request", NS_RECEIPTS), displayed = xml_child(x, "markable", NS_MARKERS);
    if (theirs.len == 0 || !(received || displayed))
        return;
    xmpp_id(c, id);
    XML_FILL(xmpp_write(c), "<message xmlns='" NS_CLIENT "' type='chat' to='%' id='%'>", xml_attribute(x, "from"), str_of(id));
    if (received)
        XML_FILL(&c->wire, "<received xmlns='" NS_RECEIPTS "' id='%'/>", theirs);
    if (displayed)
        XML_FILL(&c->wire, "<displayed xmlns='" NS_MARKERS "' id='%'/>", theirs);
    buf_add(&c->wire, STR("<store xmlns='" NS_HINTS "'/></message>"));
    xmpp_send(c);
}
