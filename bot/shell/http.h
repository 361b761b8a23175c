/* HTTPS requests on the loop. The only file that knows libcurl. */
#ifndef SHELL_HTTP_H
#define SHELL_HTTP_H

#include "core/err.h"
#include "core/str.h"
#include "shell/loop.h"

struct http;
struct http_call;

struct http_request {
    const char *url;     /* https; http only to a loopback address. Redirects are not followed */
    const char *address; /* numeric, to connect to whatever the URL's host is; required: names are not looked up here */
    int port;            /* to connect to */
    const char *ca_file; /* PEM; NULL: the system's */
    size_t limit_bytes;  /* of the body; a longer one fails the call */
    int64_t timeout_ms;
};

/* status: the HTTP status, 0 when there was none, with the reason in e. body lasts for the call. */
typedef void http_fn(void *user, long status, struct str body, const struct err *e);

/* Loads libcurl; ERR_IO where that does not work. */
struct http *http_new(struct loop *l, struct err *e);
/* Drops what is under way; done is not called for it. NULL is fine. */
void http_free(struct http *h);

/* done is called once, never from within; the handle is gone with it. NULL with the reason when it cannot start. */
struct http_call *http_get(struct http *h, const struct http_request *request, http_fn *done, void *user,
                           struct err *e);

#endif
