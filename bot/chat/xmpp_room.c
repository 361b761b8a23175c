/* Rooms (XEP-0045): joining, the nick, being put out, and finding out that we are no longer in (XEP-0410). */
#include "chat/xmpp_work.h"

#include <stdlib.h>
#include <string.h>

/* What a refusal to join means. What is not listed is tried again. */
static const struct {
    const char *condition;
    bool for_good;
    const char *meaning;
} refusals[] = {
    {"forbidden", true, "we are banned there"},
    {"gone", true, "the room is gone"},
    {"item-not-found", false, "the room does not exist"},
    {"jid-malformed", true, "the service does not like our nick"},
    {"not-acceptable", true, "the room wants another nick"},
    {"not-allowed", true, "the room does not exist and we may not make it"},
    {"not-authorized", true, "the room wants a password"},
    {"registration-required", true, "the room is for members only"},
    {"remote-server-not-found", false, "the room's server cannot be found"},
    {"remote-server-timeout", false, "the room's server does not answer"},
    {"service-unavailable", false, "the room is full"},
};

struct xmpp_room *xmpp_room_find(struct chat *c, struct str bare) {
    for (size_t i = 0; i < c->room_count; i++)
        if (str_equal(c->rooms[i].jid, bare))
            return &c->rooms[i];
    return NULL;
}

static void set_nick(struct chat *c, struct xmpp_room *room, struct str nick) {
    char *copy = xmpp_copy(nick);
    if (!copy) {
        xmpp_note(c, "no memory for a nick in %.*s", STR_ARG(room->jid));
        return;
    }
    free(room->nick);
    room->nick = copy;
}

static void join(struct chat *c, struct xmpp_room *room) {
    room->state = ROOM_JOINING;
    room->at_ms = c->now_ms + XMPP_JOIN_MS;
    room->joins++;
    room->ping_id[0] = '\0';
    XML_FILL(xmpp_write(c), "<presence xmlns='" NS_CLIENT "' to='%/%'><x xmlns='" NS_MUC "'><history maxstanzas='0'/>",
             room->jid, str_of(room->nick));
    if (room->password)
        XML_FILL(&c->wire, "<password>%</password>", str_of(room->password));
    buf_add(&c->wire, STR("</x></presence>"));
    xmpp_send(c);
}

void xmpp_rooms_start(struct chat *c) {
    for (size_t i = 0; i < c->room_count; i++) {
        struct xmpp_room *room = &c->rooms[i];
        if (room->gone)
            continue;
        set_nick(c, room, c->nick);
        room->joins = room->kicks = 0;
        room->nick_changed = room->occupant_ids = false;
        join(c, room);
    }
}

/* What was asked before the connection broke is asked again; what the rooms said meanwhile comes now. */
void xmpp_rooms_resumed(struct chat *c) {
    for (size_t i = 0; i < c->room_count; i++) {
        struct xmpp_room *room = &c->rooms[i];
        if (room->state == ROOM_JOINING)
            room->at_ms = c->now_ms + XMPP_JOIN_MS;
        else if (room->state == ROOM_IN)
            xmpp_send_held(c, room->jid);
    }
}

void xmpp_rooms_leave(struct chat *c) {
    for (size_t i = 0; i < c->room_count; i++) {
        struct xmpp_room *room = &c->rooms[i];
        if (room->state != ROOM_IN && room->state != ROOM_JOINING)
            continue;
        XML_FILL(xmpp_write(c), "<presence xmlns='" NS_CLIENT "' type='unavailable' to='%/%'/>", room->jid,
                 str_of(room->nick));
        xmpp_send(c);
        room->state = ROOM_OUT;
        room->at_ms = CHAT_NEVER;
    }
}

/* What was to be said there is lost: nobody is to get an answer days late. */
static void give_up(struct chat *c, struct xmpp_room *room, const char *why) {
    struct outbox nowhere;
    room->state = ROOM_BARRED;
    room->at_ms = CHAT_NEVER;
    room->gone = room->invited;
    outbox_init(&nowhere, 0, 0);
    size_t lost = outbox_move(&c->held, &nowhere, room->jid);
    xmpp_note(c, "staying out of %.*s: %s%s", STR_ARG(room->jid), why, lost > 0 ? "; answers were lost" : "");
}

void xmpp_room_lost(struct chat *c, struct xmpp_room *room, int64_t wait_ms) {
    if (room->joins >= XMPP_JOINS_MOST) {
        give_up(c, room, "joined or tried to too often");
        return;
    }
    room->state = ROOM_OUT;
    room->at_ms = c->now_ms + (room->joins < XMPP_JOINS_QUICK ? wait_ms : c->long_pause_ms);
}

static int64_t backoff(struct chat *c, const struct xmpp_room *room) {
    return chat_backoff_ms(room->joins, xmpp_random(c));
}

/* In an old form of 201 the room is locked until its owner, us, has taken the settings as they are. */
static void accept_settings(struct chat *c, const struct xmpp_room *room) {
    char id[XMPP_ID_SIZE];
    xmpp_id(c, id);
    XML_FILL(xmpp_write(c),
             "<iq xmlns='" NS_CLIENT "' type='set' to='%' id='%'><query xmlns='" NS_MUC_OWNER
             "'><x xmlns='jabber:x:data' type='submit'/></query></iq>",
             room->jid, str_of(id));
    xmpp_send(c);
}

static bool has_status(const struct xml *user, const char *code) {
    const struct xml *status = xml_child(user, "status", NS_MUC_USER);
    for (; status; status = xml_next(status))
        if (str_equal(xml_attribute(status, "code"), str_of(code)))
            return true;
    return false;
}

/* Our own presence is there: we are in, under the nick that it says. */
static void on_in(struct chat *c, struct xmpp_room *room, const struct xml *x, const struct xml *user,
                  struct str nick) {
    bool news = room->state != ROOM_IN;
    if (!str_equal(str_of(room->nick), nick))
        set_nick(c, room, nick);
    room->occupant_ids = xml_child(x, "occupant-id", NS_OCCUPANT) != NULL;
    if (!news)
        return;
    room->state = ROOM_IN;
    room->at_ms = c->now_ms + XMPP_STILL_IN_MS;
    xmpp_note(c, "in %.*s", STR_ARG(room->jid));
    if (has_status(user, "201"))
        accept_settings(c, room);
    xmpp_send_held(c, room->jid);
}

static void on_kick(struct chat *c, struct xmpp_room *room) {
    if (room->invited || ++room->kicks > XMPP_KICKS_MOST) {
        give_up(c, room, room->invited ? "kicked" : "kicked too often");
        return;
    }
    int64_t wait_ms = c->long_pause_ms * room->kicks;
    xmpp_note(c, "kicked out of %.*s; back in %lld s", STR_ARG(room->jid), (long long)(wait_ms / 1000));
    xmpp_room_lost(c, room, wait_ms);
}

/* XEP-0045 section 15.6.2 has the codes. A kick for a fault (333) may carry 307 as well, so it is looked for first. */
static void on_out(struct chat *c, struct xmpp_room *room, const struct xml *user) {
    const struct xml *item = xml_child(user, "item", NS_MUC_USER);
    if (has_status(user, "303")) {
        struct str nick = item ? xml_attribute(item, "nick") : STR_NONE;
        if (nick.len > 0)
            set_nick(c, room, nick);
        return;
    }
    if (room->state != ROOM_IN)
        return;
    if (has_status(user, "301") || (item && str_equal(xml_attribute(item, "affiliation"), STR("outcast")))) {
        give_up(c, room, "banned");
    } else if (has_status(user, "321") || has_status(user, "322")) {
        give_up(c, room, "it is for members only");
    } else if (xml_child(user, "destroy", NS_MUC_USER)) {
        give_up(c, room, "the room was closed");
    } else if (has_status(user, "307") && !has_status(user, "333")) {
        on_kick(c, room);
    } else {
        xmpp_note(c, "out of %.*s; joining again", STR_ARG(room->jid));
        xmpp_room_lost(c, room, backoff(c, room));
    }
}

/* One retry with another nick, then a long pause: the nick may be our own ghost's. */
static void on_conflict(struct chat *c, struct xmpp_room *room) {
    char nick[XMPP_ID_SIZE + 128];
    if (room->nick_changed) {
        xmpp_note(c, "the nicks %.*s and %.*s_ are both taken in %.*s; trying again in %lld s", STR_ARG(c->nick),
                  STR_ARG(c->nick), STR_ARG(room->jid), (long long)(c->long_pause_ms / 1000));
        set_nick(c, room, c->nick);
        room->nick_changed = false;
        xmpp_room_lost(c, room, c->long_pause_ms);
        return;
    }
    xmpp_note(c, "the nick %.*s is taken in %.*s; trying %.*s_", STR_ARG(c->nick), STR_ARG(room->jid),
              STR_ARG(c->nick));
    memcpy(nick, c->nick.ptr, c->nick.len);
    nick[c->nick.len] = '_';
    set_nick(c, room, (struct str){nick, c->nick.len + 1});
    room->nick_changed = true;
    join(c, room);
}

static void on_join_refused(struct chat *c, struct xmpp_room *room, const struct xml *error) {
    if (room->state != ROOM_JOINING)
        return;
    if (xml_child(error, "conflict", NS_STANZA_ERRORS)) {
        on_conflict(c, room);
        return;
    }
    const char *meaning = "the room does not let us in";
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (!xml_child(error, refusals[i].condition, NS_STANZA_ERRORS))
            continue;
        meaning = refusals[i].meaning;
        if (refusals[i].for_good) {
            give_up(c, room, meaning);
            return;
        }
    }
    xmpp_note(c, "cannot join %.*s yet: %s", STR_ARG(room->jid), meaning);
    xmpp_room_lost(c, room, backoff(c, room));
}

/* ---- invitations ---- */

bool xmpp_is_invitation(const struct xml *x) {
    return xml_child(x, "x", NS_INVITE) || xml_child(xml_child(x, "x", NS_MUC_USER), "invite", NS_MUC_USER);
}

static bool may_go(const struct chat *c, const struct jid *room) {
    for (size_t i = 0; i < c->invitation_count; i++)
        if (str_equal(c->invitations[i], room->bare) || str_equal(c->invitations[i], room->domain))
            return true;
    return false;
}

static struct xmpp_room *add_invited(struct chat *c, struct str jid) {
    if (c->room_count == XMPP_ROOMS_MOST)
        return NULL;
    struct xmpp_room *room = &c->rooms[c->room_count];
    *room = (struct xmpp_room){.jid = arena_copy(&c->life, jid), .nick = xmpp_copy(c->nick), .at_ms = CHAT_NEVER, .invited = true};
    if (!room->nick || room->jid.len == 0) {
        free(room->nick);
        return NULL;
    }
    c->room_count++;
    return room;
}

static void go(struct chat *c, struct xmpp_room *room, struct str password) {
    if (room->state == ROOM_IN || room->state == ROOM_JOINING)
        return; /* both forms of one invitation, or one too many */
    free(room->password);
    room->password = password.len > 0 ? xmpp_copy(password) : NULL;
    room->gone = false;
    room->kicks = 0;
    if (room->joins < XMPP_JOINS_MOST)
        join(c, room);
}

/* By somebody, who names the room (XEP-0249), or by the room in somebody's name (XEP-0045 section 7.8.2). Its text, which was not written
 * for us, is nobody's message. */
void xmpp_on_invitation(struct chat *c, const struct xml *x) {
    const struct xml *direct = xml_child(x, "x", NS_INVITE), *user = xml_child(x, "x", NS_MUC_USER);
    bool mediated = xml_child(user, "invite", NS_MUC_USER) != NULL;
    const struct xml *word = mediated ? xml_child(user, "password", NS_MUC_USER) : NULL;
    struct str password = word ? word->text : direct && !mediated ? xml_attribute(direct, "password") : STR_NONE;
    struct str address = jid_normal(&c->frame, xml_attribute(mediated ? x : direct, mediated ? "from" : "jid"));
    struct jid jid;
    if (!jid_split(address, &jid) || jid.node.len == 0)
        return;
    struct xmpp_room *room = xmpp_room_find(c, jid.bare);
    bool may = room || may_go(c, &jid);
    if (may && !room)
        room = add_invited(c, jid.bare);
    if (room)
        go(c, room, password);
    else
        xmpp_note(c, "invited to %.*s, but %s", STR_ARG(jid.bare), may ? "we are in too many rooms" : "the configuration does not name it");
}

struct str xmpp_occupant_mark(const struct xmpp_room *room, const struct xml *x) {
    const struct xml *mark = room->occupant_ids ? xml_child(x, "occupant-id", NS_OCCUPANT) : NULL;
    struct str id = mark ? xml_attribute(mark, "id") : STR_NONE;
    return id.len <= 256 ? id : STR_NONE;
}

/* Who wants to see when we are there may; we ask nobody in return. */
static void on_subscription(struct chat *c, struct str from, struct str type) {
    struct jid jid;
    if (!jid_split(from, &jid) || str_equal(jid.bare, c->self_jid.bare))
        return;
    XML_FILL(xmpp_write(c), "<presence xmlns='" NS_CLIENT "' to='%' type='%'/>", jid.bare,
             str_equal(type, STR("subscribe")) ? STR("subscribed") : STR("unsubscribed"));
    xmpp_send(c);
}

bool xmpp_on_presence(struct chat *c, const struct xml *x, struct err *e) {
    struct str type = xml_attribute(x, "type"), from = xml_attribute(x, "from");
    struct jid jid;
    (void)e;
    if (str_equal(type, STR("subscribe")) || str_equal(type, STR("unsubscribe"))) {
        on_subscription(c, from, type);
        return true;
    }
    struct xmpp_room *room = jid_split(from, &jid) ? xmpp_room_find(c, jid.bare) : NULL;
    if (!room)
        return true;
    if (str_equal(type, STR("error"))) {
        on_join_refused(c, room, xml_child(x, "error", NS_CLIENT));
        return true;
    }
    /* ejabberd announces a room's end without 110, so the nick counts as well. */
    const struct xml *user = xml_child(x, "x", NS_MUC_USER);
    bool ours = has_status(user, "110") || str_equal(jid.resource, str_of(room->nick));
    if (!ours && str_equal(type, STR("unavailable")) && has_status(user, "303") && room->state == ROOM_IN) {
        const struct xml *item = xml_child(user, "item", NS_MUC_USER);
        xmpp_renamed(c, room, jid.resource, item ? xml_attribute(item, "nick") : STR_NONE, xmpp_occupant_mark(room, x));
        return true;
    }
    if (!ours || jid.resource.len == 0)
        return true;
    if (str_equal(type, STR("unavailable")))
        on_out(c, room, user);
    else if (type.len == 0 && (room->state == ROOM_JOINING || room->state == ROOM_IN))
        on_in(c, room, x, user, jid.resource);
    return true;
}

static void ask_still_in(struct chat *c, struct xmpp_room *room) {
    room->at_ms = c->now_ms + XMPP_STILL_IN_MS;
    xmpp_id(c, room->ping_id);
    XML_FILL(xmpp_write(c), "<iq xmlns='" NS_CLIENT "' type='get' to='%/%' id='%'><ping xmlns='" NS_PING "'/></iq>",
             room->jid, str_of(room->nick), str_of(room->ping_id));
    xmpp_send(c);
}

/* Only not-acceptable says that we are out; other errors come from a client or a service that does not know pings. */
bool xmpp_room_result(struct chat *c, const struct xml *iq) {
    struct jid jid;
    struct xmpp_room *room = jid_split(xml_attribute(iq, "from"), &jid) ? xmpp_room_find(c, jid.bare) : NULL;
    if (!room || room->ping_id[0] == '\0' || !str_equal(xml_attribute(iq, "id"), str_of(room->ping_id)))
        return false;
    room->ping_id[0] = '\0';
    if (room->state == ROOM_IN && xml_child(xml_child(iq, "error", NS_CLIENT), "not-acceptable", NS_STANZA_ERRORS)) {
        xmpp_note(c, "no longer in %.*s; joining again", STR_ARG(room->jid));
        xmpp_room_lost(c, room, backoff(c, room));
    }
    return true;
}

/* In for a while, so the joins that led here were no loop. */
static void settle(struct xmpp_room *room) { room->joins = 0; }

void xmpp_rooms_tick(struct chat *c) {
    for (size_t i = 0; i < c->room_count && c->phase == PHASE_READY; i++) {
        struct xmpp_room *room = &c->rooms[i];
        if (c->now_ms < room->at_ms)
            continue;
        switch (room->state) {
        case ROOM_OUT:
            join(c, room);
            break;
        case ROOM_JOINING:
            xmpp_note(c, "no answer from %.*s", STR_ARG(room->jid));
            xmpp_room_lost(c, room, backoff(c, room));
            break;
        case ROOM_IN:
            settle(room);
            ask_still_in(c, room);
            break;
        case ROOM_BARRED:
            break;
        }
    }
}

int64_t xmpp_rooms_due_ms(const struct chat *c) {
    int64_t due = CHAT_NEVER;
    for (size_t i = 0; i < c->room_count; i++)
        if (c->rooms[i].at_ms < due)
            due = c->rooms[i].at_ms;
    return due;
}
