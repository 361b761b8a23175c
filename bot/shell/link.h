/* A codec and its connections, kept together for as long as the bot runs: dials, feeds the codec, sends what it wants sent, makes
 * its HTTP requests, wakes it, and connects again with growing pauses when the connection is lost.
 *
 *     link_start -> message, message ... -> ended
 *
 * Nothing is called from within link_start() and link_say(); ended may be from within link_quit(). */
#ifndef SHELL_LINK_H
#define SHELL_LINK_H

#include "chat/chat.h"
#include "shell/loop.h"
#include "shell/ws.h"

struct link;

/* Strings are borrowed until link_free(); optional ones may be empty. Those that are not are followed by a NUL. */
struct link_config {
    struct ws_hub *hub;
    const struct chat_ops *ops;
    struct chat *chat;       /* stays the caller's, outlives the link */
    struct str ca_file;      /* empty: the system's authorities */
    struct str connect_host; /* instead of the hosts that the addresses name, with connect_port */
    uint16_t connect_port;
    int64_t connect_ms;    /* for each of look-up, request and connecting */
    int64_t long_pause_ms; /* after CHAT_RETRY_LATER */
    unsigned ping_s;
};

struct link_events {
    /* A CHAT_MESSAGE. The strings of out last until the next link_say(). */
    void (*message)(void *user, const struct chat_out *out);
    /* A CHAT_KEEP: bytes to be had again after a restart; secret. */
    void (*keep)(void *user, struct str bytes);
    /* CHAT_STOP with the reason, or CHAT_DONE after link_quit(). The last call. */
    void (*ended)(void *user, enum chat_close how, const char *why);
};

struct link *link_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user,
                      struct err *e);
/* Not from a callback. NULL is fine. */
void link_free(struct link *k);
void link_start(struct link *k);
/* As chat_ops.say. */
bool link_say(struct link *k, const struct chat_say *say, struct err *e);
/* Says goodbye, for some seconds at most. */
void link_quit(struct link *k);

#endif
