/* XMPP over WebSocket (RFC 7395) as a client bot: RFC 6120 streams with SASL SCRAM (RFC 5802, RFC 7677), resource
 * binding, RFC 6121 messages, rooms (XEP-0045), ping both ways (XEP-0199), delay (XEP-0203), room self-ping (XEP-0410),
 * invitations (XEP-0249), unique ids (XEP-0359), receipts in private (XEP-0184), streams that outlive a connection (XEP-0198). */
#ifndef CHAT_XMPP_H
#define CHAT_XMPP_H

#include "chat/chat.h"

/* Fixed for the life of the codec; strings are copied. */
struct xmpp_config {
    struct str jid;          /* "lippy@example.org", a resource is optional */
    struct str password;     /* kept in memory only, wiped by free() */
    struct str nick;         /* in rooms */
    const struct str *rooms; /* bare room addresses */
    size_t room_count;
    const struct str *invitations; /* rooms, and domains of rooms, to join when invited */
    size_t invitation_count;
    struct str websocket;  /* ws:// or wss://; empty: the domain's host-meta document is asked (XEP-0156) */
    bool tls;              /* the websocket is wss: PLAIN may be used */
    int64_t long_pause_ms; /* before joining again after a kick, or with a nick that was taken; 0: ten minutes */
    /* 16 random bytes from the shell, new for each start of the program: message ids and nonces grow from them. */
    unsigned char entropy[16];
};

extern const struct chat_ops xmpp_ops;

/* NULL with the reason where the configuration cannot be used. Free with xmpp_ops.free(). */
struct chat *xmpp_new(const struct xmpp_config *config, struct err *e);

#endif
