/* Where a domain keeps its XMPP websocket: its host-meta document (XEP-0156), which is JSON here. */
#ifndef CHAT_HOST_META_H
#define CHAT_HOST_META_H

#include "core/err.h"
#include "core/str.h"

enum { HOST_META_URL_CAP = 512 };

/* The first usable wss address in the document, with a NUL, into out. A plain ws address is not usable: the document is
 * what protects us from being sent to one. */
bool host_meta_websocket(struct str document, char out[HOST_META_URL_CAP], struct err *e);

#endif
