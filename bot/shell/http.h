/* HTTPS requests on the loop. The only file that knows libcurl. */
#ifndef SHELL_HTTP_H
#define SHELL_HTTP_H

#include "chat/chat.h"
#include "core/err.h"
#include "core/str.h"
#include "shell/loop.h"

struct http;
struct http_call;

struct http_request {
    enum chat_method method;
    const char *url;       /* redirects are not followed */
    struct str auth, type; /* the Authorization header and Content-Type; empty: none, and application/json */
    struct str body;       /* of anything but a GET; borrowed until done */
    const char *agent;     /* the User-Agent header; NULL: our name and version */
    const char *address;   /* numeric, to connect to whatever the URL's host is; required: names are not looked up here */
    int port;              /* to connect to */
    const char *ca_file;   /* PEM; NULL: the system's */
    size_t limit_bytes;    /* of the answer's body; a longer one fails the call */
    int64_t timeout_ms;
};

/* What came back. Strings last for the call. */
struct http_result {
    unsigned status;    /* 0: no answer; why says the reason */
    struct str headers; /* "name: value" lines */
    struct str body, why;
    bool arrived; /* some of the request was sent: the server may have acted on it */
};
typedef void http_fn(void *user, const struct http_result *result);

/* Loads libcurl; ERR_IO where that does not work. */
struct http *http_new(struct loop *l, struct err *e);
/* Drops what is under way; done is not called for it. NULL is fine. */
void http_free(struct http *h);

/* done is called once, never from within; the handle is gone with it. NULL with the reason when it cannot start. */
struct http_call *http_send(struct http *h, const struct http_request *request, http_fn *done, void *user, struct err *e);
/* done is not called any more. NULL is fine. */
void http_cancel(struct http_call *c);

#endif
