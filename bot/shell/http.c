#include "shell/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "shell/library.h"

/* libcurl is loaded by the first http_new(): it brings some thirty libraries along, and a talk in the terminal, or a bot whose websocket
 * address is in its configuration, should not wait for them. */
#define CURL_LIBRARY "libcurl.so.4"
#define CURL_FUNCTIONS(X)                                                                                              \
    X(global_init) X(global_cleanup)                                                                                   \
    X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo) X(easy_strerror)                                       \
    X(multi_init) X(multi_cleanup) X(multi_setopt) X(multi_assign) X(multi_add_handle) X(multi_remove_handle)          \
    X(multi_info_read) X(multi_socket_action)                                                                          \
    X(slist_append) X(slist_free_all)

struct curl {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
};

struct http {
    struct curl curl;
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct http_call *calls;
};

struct http_call {
    struct http *http;
    struct http_call *next;
    CURL *easy;
    struct curl_slist *connect_to, *headers;
    struct buf body, answer_headers;
    size_t limit_bytes;
    http_fn *done;
    void *user;
    char why[CURL_ERROR_SIZE];
};

static bool load_curl(struct curl *c, struct err *e) {
    void *library = library_load(CURL_LIBRARY, e);
    bool fine = library != NULL;
#define X(name) fine = fine && library_function(library, "curl_" #name, &c->name, e);
    CURL_FUNCTIONS(X)
#undef X
    return fine;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    struct http_call *c = user;
    size_t len = size * count;
    if (len > c->limit_bytes - c->body.len)
        return 0; /* fails the call */
    buf_add(&c->body, (struct str){bytes, len});
    return c->body.failed ? 0 : len;
}

/* A head that is too long is cut: what we look for stands in the first few lines or is not needed. */
static size_t on_header(char *bytes, size_t size, size_t count, void *user) {
    enum { HEADERS_MOST = 16 * 1024 };
    struct http_call *c = user;
    size_t len = size * count;
    if (str_starts_with((struct str){bytes, len}, STR("HTTP/")))
        buf_clear(&c->answer_headers); /* of an answer before the last, such as 100 Continue */
    else if (c->answer_headers.len + len <= HEADERS_MOST)
        buf_add(&c->answer_headers, (struct str){bytes, len});
    return len;
}

static void call_free(struct http_call *c) {
    for (struct http_call **at = &c->http->calls; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    if (c->easy) {
        c->http->curl.multi_remove_handle(c->http->multi, c->easy);
        c->http->curl.easy_cleanup(c->easy);
    }
    c->http->curl.slist_free_all(c->connect_to);
    c->http->curl.slist_free_all(c->headers);
    buf_finish(&c->body);
    buf_finish(&c->answer_headers);
    free(c);
}

static void finish(struct http_call *c, CURLcode result) {
    char why[CURL_ERROR_SIZE + 40] = "";
    long status = 0, sent = 0;
    c->http->curl.easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
    if (result == CURLE_OK)
        c->http->curl.easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    else if (result == CURLE_WRITE_ERROR)
        snprintf(why, sizeof why, "the answer is longer than %zu bytes", c->limit_bytes);
    else
        snprintf(why, sizeof why, "%s", c->why[0] ? c->why : c->http->curl.easy_strerror(result));
    struct http_result r = {
        .status = (unsigned)status,
        .headers = buf_str(&c->answer_headers),
        .body = buf_str(&c->body),
        .why = str_of(why),
        .arrived = sent > 0,
    };
    c->done(c->user, &r);
    call_free(c);
}

static void look_for_finished(struct http *h) {
    CURLMsg *message;
    int left;
    while ((message = h->curl.multi_info_read(h->multi, &left))) {
        struct http_call *c = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        h->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        finish(c, message->data.result);
    }
}

/* A descriptor curl wants watched. */
struct watch {
    struct http *http;
    curl_socket_t fd;
    struct loop_fd *watcher;
};

static void on_ready(void *user, int events) {
    struct watch *w = user;
    struct http *h = w->http; /* curl may drop the watch meanwhile */
    int running;
    int curl_events = (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);
    h->curl.multi_socket_action(h->multi, w->fd, curl_events, &running);
    look_for_finished(h);
}

static struct watch *watch_new(struct http *h, curl_socket_t fd) {
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->http = h;
    w->fd = fd;
    w->watcher = loop_fd_new(h->loop, fd, on_ready, w);
    if (w->watcher && h->curl.multi_assign(h->multi, fd, w) == CURLM_OK)
        return w;
    loop_fd_free(w->watcher);
    free(w);
    return NULL;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned) {
    struct watch *w = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            loop_fd_free(w->watcher);
            free(w);
        }
        return 0;
    }
    if (!w && !(w = watch_new(user, fd)))
        return -1;
    loop_fd_set(w->watcher, (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
    return 0;
}

static int on_timeout_wanted(CURLM *multi, long delay_ms, void *user) {
    struct http *h = user;
    (void)multi;
    if (delay_ms < 0)
        loop_timer_stop(h->timer);
    else
        loop_timer_set(h->timer, delay_ms);
    return 0;
}

static void on_timeout(void *user) {
    struct http *h = user;
    int running;
    h->curl.multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_finished(h);
}

struct http *http_new(struct loop *l, struct err *e) {
    struct http *h = calloc(1, sizeof *h);
    if (h && load_curl(&h->curl, e) && h->curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        h->loop = l;
        h->multi = h->curl.multi_init();
        h->timer = loop_timer_new(l, on_timeout, h);
        if (h->multi && h->timer) {
            h->curl.multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
            h->curl.multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
            h->curl.multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
            h->curl.multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
            return h;
        }
        http_free(h);
    } else {
        free(h);
    }
    err_set(e, ERR_IO, "libcurl does not start");
    return NULL;
}

void http_free(struct http *h) {
    if (!h)
        return;
    while (h->calls)
        call_free(h->calls);
    if (h->multi)
        h->curl.multi_cleanup(h->multi);
    loop_timer_free(h->timer);
    h->curl.global_cleanup();
    free(h);
}

/* curl keeps the list's strings, not ours. False without memory. */
static bool add_header(struct http_call *c, const char *name, struct str value) {
    struct buf line;
    buf_init_heap(&line);
    buf_printf(&line, "%s: %.*s", name, STR_ARG(value));
    struct curl_slist *longer = line.failed ? NULL : c->http->curl.slist_append(c->headers, line.ptr);
    if (line.ptr)
        explicit_bzero(line.ptr, line.len);
    buf_finish(&line);
    if (longer)
        c->headers = longer;
    return longer != NULL;
}

static bool set_method(struct http_call *c, const struct http_request *r) {
    static const char *const names[] = {
        [CHAT_GET] = "GET", [CHAT_POST] = "POST", [CHAT_PUT] = "PUT", [CHAT_PATCH] = "PATCH", [CHAT_DELETE] = "DELETE"};
    const struct curl *curl = &c->http->curl;
    if (r->method == CHAT_GET)
        return true;
    curl->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    curl->easy_setopt(c->easy, CURLOPT_POSTFIELDS, r->body.ptr ? r->body.ptr : "");
    curl->easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, names[r->method]);
    /* no "Expect: 100-continue": it costs a second with servers that do not know it */
    return add_header(c, "Content-Type", r->type.len ? r->type : STR("application/json")) && add_header(c, "Expect", STR_NONE);
}

static bool set_options(struct http_call *c, const struct http_request *r) {
    char connect_to[160];
    bool six = strchr(r->address, ':') != NULL, plain = str_starts_with_nocase(str_of(r->url), STR("http://"));
    const struct curl *curl = &c->http->curl;
    snprintf(connect_to, sizeof connect_to, "::%s%s%s:%d", six ? "[" : "", r->address, six ? "]" : "", r->port);
    c->connect_to = curl->slist_append(NULL, connect_to);
    curl->easy_setopt(c->easy, CURLOPT_URL, r->url);
    curl->easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
    curl->easy_setopt(c->easy, CURLOPT_PROXY, "");
    curl->easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    if (r->ca_file) {
        curl->easy_setopt(c->easy, CURLOPT_CAINFO, r->ca_file);
        curl->easy_setopt(c->easy, CURLOPT_CAPATH, NULL);
    }
    curl->easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl->easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(c->easy, CURLOPT_USERAGENT, r->agent ? r->agent : "lippy/" LIPPY_VERSION);
    curl->easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->why);
    curl->easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl->easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl->easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    bool fine = set_method(c, r) && (r->auth.len == 0 || add_header(c, "Authorization", r->auth));
    curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    return fine && c->connect_to;
}

struct http_call *http_send(struct http *h, const struct http_request *request, http_fn *done, void *user, struct err *e) {
    struct http_call *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    c->http = h;
    c->done = done;
    c->user = user;
    c->limit_bytes = request->limit_bytes;
    buf_init_heap(&c->body);
    buf_init_heap(&c->answer_headers);
    c->next = h->calls;
    h->calls = c;
    c->easy = h->curl.easy_init();
    if (c->easy && set_options(c, request) && h->curl.multi_add_handle(h->multi, c->easy) == CURLM_OK)
        return c;
    err_set(e, ERR_IO, "libcurl does not take the request");
    call_free(c);
    return NULL;
}

void http_cancel(struct http_call *c) {
    if (c)
        call_free(c);
}
