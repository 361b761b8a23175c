/* Where a domain keeps its XMPP websocket: its host-meta document (XEP-0156), which is JSON here. */
#ifndef SHELL_DISCOVER_H
#define SHELL_DISCOVER_H

#include "core/err.h"
#include "core/str.h"

enum { DISCOVER_URL_CAP = 512 };

/* The first usable wss address in the document, with a NUL, into out. A plain ws address is not usable: the document is
 * what protects us from being sent to one. */
bool discover_websocket(struct str document, char out[DISCOVER_URL_CAP], struct err *e);

#endif
