/* The addresses that chat platforms live at: ws, wss, http and https (RFC 3986, as much of it as these need). */
#ifndef CORE_URL_H
#define CORE_URL_H

#include "core/err.h"
#include "core/str.h"

/* "wss://name:443/path" taken apart: slices of the text. */
struct url {
    bool http;            /* http or https rather than ws or wss */
    bool tls;             /* wss or https */
    struct str authority; /* host and port as written */
    struct str host;      /* without port and brackets */
    struct str path;      /* with the query; begins with '/' */
    uint16_t port;
};

/* No user, no fragment, no blanks. */
bool url_parse(struct str text, struct url *out, struct err *e);
/* "host", "host:port", "[::1]:port"; *port stays as it is where none is written. */
bool url_split_authority(struct str text, struct str *host, uint16_t *port);
/* 127.0.0.0/8, "::1", "localhost" and names under it (RFC 6761). */
bool url_is_loopback(struct str host);
/* Whether host is an IPv4 or IPv6 address rather than a name. */
bool url_is_numeric(struct str host);

#endif
