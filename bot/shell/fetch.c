#include "shell/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/url.h"

enum { URL_CAP = 2048, HOST_CAP = 256 };

struct fetch {
    struct fetch_way way;
    const struct chat_out *request;
    fetch_fn *done;
    void *user;
    struct loop_lookup *lookup;
    struct http_call *call;
    char url[URL_CAP];
    uint16_t port;
};

static void finish(struct fetch *f, const struct http_result *r) {
    f->done(f->user, r);
    free(f);
}

static void on_answer(void *user, const struct http_result *r) {
    struct fetch *f = user;
    f->call = NULL;
    finish(f, r);
}

static void on_addresses(void *user, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e) {
    struct fetch *f = user;
    struct err wrong = {0};
    f->lookup = NULL;
    struct http_request request = {
        .method = f->request->method,
        .url = f->url,
        .auth = f->request->auth,
        .type = f->request->type,
        .body = f->request->text,
        .address = count > 0 ? addresses[0] : NULL,
        .port = f->port,
        .ca_file = f->way.ca_file,
        .agent = f->way.agent,
        .limit_bytes = f->way.limit_bytes,
        .timeout_ms = f->way.timeout_ms,
    };
    if (count > 0)
        f->call = http_send(f->way.http, &request, on_answer, f, &wrong);
    else
        wrong = *e;
    if (!f->call)
        finish(f, &(struct http_result){.why = str_of(wrong.message)});
}

struct fetch *fetch_start(const struct fetch_way *way, const struct chat_out *request, fetch_fn *done, void *user, struct err *e) {
    struct url url;
    char host[HOST_CAP];
    if (!url_parse(request->url, &url, e))
        return NULL;
    bool elsewhere = !str_is_empty(way->connect_host);
    struct str name = elsewhere ? way->connect_host : url.host;
    struct fetch *f = request->url.len < URL_CAP && name.len < HOST_CAP && url.http ? calloc(1, sizeof *f) : NULL;
    if (!f) {
        err_set(e, ERR_LIMIT, "the address is too long, or no memory");
        return NULL;
    }
    f->way = *way;
    f->request = request;
    f->done = done;
    f->user = user;
    f->port = elsewhere ? way->connect_port : url.port;
    snprintf(f->url, sizeof f->url, "%.*s", STR_ARG(request->url));
    snprintf(host, sizeof host, "%.*s", STR_ARG(name));
    f->lookup = loop_lookup_new(way->loop, host, way->lookup_ms, on_addresses, f);
    if (f->lookup)
        return f;
    free(f);
    err_set(e, ERR_LIMIT, "the name cannot be looked up");
    return NULL;
}

void fetch_cancel(struct fetch *f) {
    if (!f)
        return;
    loop_lookup_cancel(f->lookup);
    http_cancel(f->call);
    free(f);
}
