/* XMPP addresses (RFC 7622): node@domain/resource. */
#ifndef CHAT_JID_H
#define CHAT_JID_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

/* Slices of the text that was split. */
struct jid {
    struct str node, domain, resource; /* node and resource may be empty */
    struct str bare;                   /* node@domain */
};

/* False where text is no address: an empty part, a part over 1023 bytes, blanks or control characters in node or
 * domain, invalid UTF-8. A resource (a nick, in a room) may hold blanks, '@' and '/'. */
bool jid_split(struct str text, struct jid *out);

/* A copy in the arena as servers write it: node and domain case-folded (and NFKC where they are not ASCII), the
 * resource as it is. The empty str where text is no address or the arena is full. */
struct str jid_normal(struct arena *a, struct str text);

#endif
