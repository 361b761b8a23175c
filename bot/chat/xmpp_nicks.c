/* Who is who in a room after a change of nick (XEP-0045 section 7.6). A person is known by the nick under which we first met them, so that
 * their talk goes on under another one; and who takes the nick that they gave up is somebody else. */
#include "chat/xmpp_work.h"

#include <stdlib.h>

static bool is_of(const struct xmpp_nick *n, const struct xmpp_room *room, struct str mark) {
    return n->room == room && str_equal(str_of(n->mark), mark);
}

static void forget(struct xmpp_nick *n) {
    free(n->first);
    free(n->now);
    free(n->mark);
    *n = (struct xmpp_nick){0};
}

void xmpp_nicks_finish(struct chat *c) {
    for (size_t i = 0; i < XMPP_NICKS; i++)
        forget(&c->nicks[i]);
}

static struct xmpp_nick *add(struct chat *c, struct xmpp_room *room, struct str first, struct str now, struct str mark) {
    struct xmpp_nick *n = &c->nicks[c->next_nick];
    c->next_nick = (c->next_nick + 1) % XMPP_NICKS;
    forget(n);
    *n = (struct xmpp_nick){.room = room, .first = xmpp_copy(first), .now = xmpp_copy(now), .mark = xmpp_copy(mark)};
    if (n->first && n->now && n->mark)
        return n;
    forget(n);
    return NULL;
}

static struct xmpp_nick *find(struct chat *c, const struct xmpp_room *room, struct str now, struct str mark) {
    for (size_t i = 0; i < XMPP_NICKS; i++)
        if (is_of(&c->nicks[i], room, mark) && str_equal(str_of(c->nicks[i].now), now))
            return &c->nicks[i];
    return NULL;
}

static const struct xmpp_nick *find_first(const struct chat *c, const struct xmpp_room *room, struct str first, struct str mark) {
    for (size_t i = 0; i < XMPP_NICKS; i++)
        if (is_of(&c->nicks[i], room, mark) && str_equal(str_of(c->nicks[i].first), first))
            return &c->nicks[i];
    return NULL;
}

/* Something that no nick can be. */
static struct str nobodys_nick(struct chat *c, struct str nick) {
    char id[XMPP_ID_SIZE];
    xmpp_id(c, id);
    return arena_printf(&c->frame, "%.*s%c%s", STR_ARG(nick), '\x02', id);
}

struct str xmpp_first_nick(struct chat *c, struct xmpp_room *room, struct str nick, struct str mark) {
    const struct xmpp_nick *n = find(c, room, nick, mark);
    if (!n && find_first(c, room, nick, mark)) {
        struct str first = nobodys_nick(c, nick);
        n = first.len > 0 ? add(c, room, first, nick, mark) : NULL;
        return n ? str_of(n->first) : first;
    }
    return n ? str_of(n->first) : nick;
}

struct str xmpp_nick_now(const struct chat *c, const struct xmpp_room *room, struct str first, struct str mark) {
    const struct xmpp_nick *n = find_first(c, room, first, mark);
    return n ? str_of(n->now) : first;
}

void xmpp_renamed(struct chat *c, struct xmpp_room *room, struct str old, struct str nick, struct str mark) {
    struct str first = arena_copy(&c->frame, xmpp_first_nick(c, room, old, mark));
    struct xmpp_nick *before = find(c, room, old, mark), *other = find(c, room, nick, mark);
    if (first.len == 0 || nick.len == 0)
        return;
    if (other)
        forget(other); /* who is no longer there */
    if (before)
        forget(before);
    if (!str_equal(first, nick))
        add(c, room, first, nick, mark);
}
