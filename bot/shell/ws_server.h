/* Between ws.c and serve.c, which both know libwebsockets: a connection that came to us, once it is a websocket, is a struct ws like
 * those that we made. */
#ifndef SHELL_WS_SERVER_H
#define SHELL_WS_SERVER_H

#include <libwebsockets.h>

#include "shell/ws.h"

struct lws_context *ws_hub_context(struct ws_hub *h);
/* Open from the start: opened() is not called. NULL without memory. Its closed() is told as ever, and may call ws_free() on it. Before
 * ws_free() while lws still has the connection, whoever accepted it sees to it that ws_event() is not called any more. */
struct ws *ws_accept(struct ws_hub *h, const struct ws_config *config, const struct ws_events *events, void *user, struct lws *wsi);
/* What lws tells of it, from its callback; the value is for lws. w may be NULL. */
int ws_event(struct ws *w, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);

#endif
