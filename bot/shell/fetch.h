/* One HTTP request from a URL: looks its host up, sends it, tells what came back. */
#ifndef SHELL_FETCH_H
#define SHELL_FETCH_H

#include "chat/chat.h"
#include "shell/http.h"

struct fetch; /* one request under way */

/* Strings are borrowed until fetch_cancel() or done. */
struct fetch_way {
    struct loop *loop;
    struct http *http;
    const char *ca_file;     /* NULL: the system's */
    const char *agent;       /* as http_request.agent */
    struct str connect_host; /* instead of the host that the URL names, with connect_port; may be empty */
    uint16_t connect_port;
    int64_t lookup_ms, timeout_ms;
    size_t limit_bytes; /* of the answer's body */
};

/* As http_fn. */
typedef http_fn fetch_fn;

/* request: a CHAT_HTTP, borrowed until it is done. done is called once, never from within; the handle is gone with it.
 * NULL with the reason when it cannot start. */
struct fetch *fetch_start(const struct fetch_way *way, const struct chat_out *request, fetch_fn *done, void *user, struct err *e);
/* done is not called any more. NULL is fine. */
void fetch_cancel(struct fetch *f);

#endif
