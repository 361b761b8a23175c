/* A codec and its websocket, kept together for as long as the bot runs: finds the address, connects, feeds the codec,
 * sends what it wants sent, wakes it, and connects again with growing pauses when the connection is lost.
 *
 *     link_start -> message, message ... -> ended
 *
 * Nothing is called from within link_start(), link_say() or link_quit(). */
#ifndef SHELL_LINK_H
#define SHELL_LINK_H

#include "chat/chat.h"
#include "shell/loop.h"

struct link;

/* Strings are borrowed until link_free(); optional ones may be empty. Those that are not are followed by a NUL. */
struct link_config {
    const struct chat_ops *ops;
    struct chat *chat;       /* stays the caller's, outlives the link */
    struct str domain;       /* asked for its host-meta where there is no url */
    struct str url;          /* ws:// or wss:// */
    struct str ca_file;      /* empty: the system's authorities */
    struct str connect_host; /* instead of the hosts that the addresses name, with connect_port */
    uint16_t connect_port;
    int64_t connect_ms;    /* for each of look-up, host-meta, and connecting */
    int64_t long_pause_ms; /* after CHAT_RETRY_LATER */
    unsigned ping_s;
};

struct link_events {
    /* A CHAT_MESSAGE. The strings of out last until the next link_say(). */
    void (*message)(void *user, const struct chat_out *out);
    /* CHAT_STOP with the reason, or CHAT_DONE after link_quit(). The last call. */
    void (*ended)(void *user, enum chat_close how, const char *why);
};

struct link *link_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user,
                      struct err *e);
/* Not from a callback. NULL is fine. */
void link_free(struct link *k);
void link_start(struct link *k);
/* As chat_ops.say. */
bool link_say(struct link *k, struct str to, struct str text, struct err *e);
/* Says goodbye, for some seconds at most. */
void link_quit(struct link *k);

#endif
