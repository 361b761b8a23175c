/* A codec that people come to (chat_ops.server), kept at one port: its pages over HTTP/1.1, and its websockets. What link.h is for
 * those that dial.
 *
 * Whatever a peer does, it holds one of a bounded number of connections, a bounded queue and a time-out, and nothing else. */
#ifndef SHELL_SERVE_H
#define SHELL_SERVE_H

#include "shell/link.h"

struct serve;

/* Strings and the hub are borrowed until serve_free(); of config ops, chat and hub count. Listens at once, so that a port which is
 * taken is known: then NULL with the reason. */
struct serve *serve_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user, struct err *e);
/* Not from a callback; before ws_hub_free(). NULL is fine. */
void serve_free(struct serve *s);
/* From now on connections are accepted. */
void serve_start(struct serve *s);
/* As chat_ops.say. */
bool serve_say(struct serve *s, const struct chat_say *say, struct err *e);
/* Says goodbye, for a few seconds at most. */
void serve_quit(struct serve *s);

#endif
