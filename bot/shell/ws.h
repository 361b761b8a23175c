/* A websocket client (RFC 6455) on the loop, one connection at a time. Only ws.c and serve.c know libwebsockets.
 *
 *     ws_connect -> opened -> frame, frame ... -> closed -> ws_connect ...
 *
 * Each ws_connect() that returned true is answered by exactly one closed(), never from within ws_connect(), whatever
 * happens in between: refused, silent, garbage, lost. Whole messages come out of frame(): put together, of at most
 * frame_limit_bytes, text checked for UTF-8. Certificates and host names are always verified. Proxies from the
 * environment are not used. The functions may be called from the callbacks, ws_free() excepted. */
#ifndef SHELL_WS_H
#define SHELL_WS_H

#include "core/err.h"
#include "core/str.h"
#include "shell/loop.h"

struct ws;
struct ws_hub;

struct ws_config {
    const char *ca_file;        /* PEM; the only authorities trusted. NULL: the system's */
    size_t frame_limit_bytes;   /* a longer message closes the connection with 1009 */
    size_t queue_limit_bytes;   /* waiting to be sent */
    int64_t connect_timeout_ms; /* TCP, TLS and upgrade together */
    int64_t close_timeout_ms;   /* for the peer to answer our close */
    unsigned ping_s;            /* silence before a PING; without an answer within ping_s more the peer is dead */
};

struct ws_target {
    const char *address; /* numeric */
    int port;
    const char
        *host; /* for the Host header, with ":port" where that is not the scheme's own; before the colon, the name
                         for SNI and in the certificate */
    const char *path;
    const char *auth, *origin; /* headers' values; NULL or empty: not sent */
    bool tls;
    const char *subprotocols;  /* separated by commas; NULL: none. A server that picks another is refused */
    bool subprotocol_optional; /* picking none is fine */
};

/* Why a connection, or the attempt at one, is over. */
struct ws_end {
    unsigned status;        /* of HTTP, where the upgrade was refused; 0: none */
    unsigned code;          /* of the peer's close frame; 0: none */
    int64_t retry_after_ms; /* what a refused upgrade's Retry-After says; -1: nothing */
    const char *why;        /* a sentence, escaped by nobody */
};

/* Strings last for the call. */
struct ws_events {
    void (*opened)(void *user);
    void (*frame)(void *user, struct str frame, bool binary);
    void (*closed)(void *user, const struct ws_end *end);
};

/* What all connections share; outlives them. NULL with the reason. */
struct ws_hub *ws_hub_new(struct loop *l, struct err *e);
/* Runs the loop for a few rounds. Not from a callback. NULL is fine. */
void ws_hub_free(struct ws_hub *h);

struct ws *ws_new(struct ws_hub *h, const struct ws_config *config, const struct ws_events *events, void *user,
                  struct err *e);
/* Drops an open connection without a word. Not from a callback. NULL is fine. */
void ws_free(struct ws *w);

/* One connection at a time: false with ERR_LIMIT before closed(). */
bool ws_connect(struct ws *w, const struct ws_target *target, struct err *e);
/* Queues one text message; false, with nothing queued, when not open, closing, or past the limit. */
bool ws_send(struct ws *w, struct str text);
/* Sends what is queued, then the close frame, and waits for the peer's. Also ends an attempt to connect.
 * Nothing more comes out of frame(). Without a connection nothing happens. code: RFC 6455 7.4. */
void ws_close(struct ws *w, int code);

#endif
