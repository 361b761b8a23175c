#include "shell/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

struct http {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct http_call *calls;
};

struct http_call {
    struct http *http;
    struct http_call *next;
    CURL *easy;
    struct curl_slist *connect_to;
    struct buf body;
    size_t limit_bytes;
    http_fn *done;
    void *user;
    char why[CURL_ERROR_SIZE];
};

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    struct http_call *c = user;
    size_t len = size * count;
    if (len > c->limit_bytes - c->body.len)
        return 0; /* fails the call */
    buf_add(&c->body, (struct str){bytes, len});
    return c->body.failed ? 0 : len;
}

static void call_free(struct http_call *c) {
    for (struct http_call **at = &c->http->calls; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    if (c->easy) {
        curl_multi_remove_handle(c->http->multi, c->easy);
        curl_easy_cleanup(c->easy);
    }
    curl_slist_free_all(c->connect_to);
    buf_finish(&c->body);
    free(c);
}

static void finish(struct http_call *c, CURLcode result) {
    struct err e = {0};
    long status = 0;
    if (result == CURLE_OK)
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    else if (result == CURLE_WRITE_ERROR)
        err_set(&e, ERR_LIMIT, "the answer is longer than %zu bytes", c->limit_bytes);
    else
        err_set(&e, ERR_IO, "%s", c->why[0] ? c->why : curl_easy_strerror(result));
    c->done(c->user, status, buf_str(&c->body), &e);
    call_free(c);
}

static void look_for_finished(struct http *h) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(h->multi, &left))) {
        struct http_call *c = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
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
    curl_multi_socket_action(h->multi, w->fd, curl_events, &running);
    look_for_finished(h);
}

static struct watch *watch_new(struct http *h, curl_socket_t fd) {
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->http = h;
    w->fd = fd;
    w->watcher = loop_fd_new(h->loop, fd, on_ready, w);
    if (w->watcher && curl_multi_assign(h->multi, fd, w) == CURLM_OK)
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
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_finished(h);
}

struct http *http_new(struct loop *l, struct err *e) {
    struct http *h = calloc(1, sizeof *h);
    if (h && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        h->loop = l;
        h->multi = curl_multi_init();
        h->timer = loop_timer_new(l, on_timeout, h);
        if (h->multi && h->timer) {
            curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
            curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
            curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
            curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
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
        curl_multi_cleanup(h->multi);
    loop_timer_free(h->timer);
    curl_global_cleanup();
    free(h);
}

static bool is_loopback(const char *address) {
    return str_starts_with(str_of(address), STR("127.")) || str_equal(str_of(address), STR("::1"));
}

static void set_options(struct http_call *c, const struct http_request *r) {
    char connect_to[160];
    bool six = strchr(r->address, ':') != NULL;
    snprintf(connect_to, sizeof connect_to, "::%s%s%s:%d", six ? "[" : "", r->address, six ? "]" : "", r->port);
    c->connect_to = curl_slist_append(NULL, connect_to);
    curl_easy_setopt(c->easy, CURLOPT_URL, r->url);
    curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
    curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, is_loopback(r->address) ? "https,http" : "https");
    if (r->ca_file) {
        curl_easy_setopt(c->easy, CURLOPT_CAINFO, r->ca_file);
        curl_easy_setopt(c->easy, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "lippy/" LIPPY_VERSION);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->why);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
}

struct http_call *http_get(struct http *h, const struct http_request *request, http_fn *done, void *user,
                           struct err *e) {
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
    c->next = h->calls;
    h->calls = c;
    c->easy = curl_easy_init();
    if (c->easy) {
        set_options(c, request);
        if (curl_multi_add_handle(h->multi, c->easy) == CURLM_OK)
            return c;
    }
    err_set(e, ERR_IO, "libcurl does not take the request");
    call_free(c);
    return NULL;
}
