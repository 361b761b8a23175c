#include "shell/loop.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct loop {
    uv_loop_t uv;
    size_t lookups; /* under way inside the C library */
};

/* Every handle is a block of its own whose first member is libuv's: uv_close() answers later, and only then may the
 * memory go. That makes it safe to free a watcher in its own callback. */
static void free_closed(uv_handle_t *handle) { free(handle->data); }

static void close_handle(uv_handle_t *handle, void *block) {
    handle->data = block;
    uv_close(handle, free_closed);
}

struct loop *loop_new(struct err *e) {
    struct loop *l = calloc(1, sizeof *l);
    int rc = l ? uv_loop_init(&l->uv) : UV_ENOMEM;
    if (rc == 0)
        return l;
    err_set(e, ERR_IO, "cannot make an event loop: %s", uv_strerror(rc));
    free(l);
    return NULL;
}

void loop_drain(struct loop *l) {
    /* closing takes a round or two; a bound, since others' handles may stay busy */
    for (int i = 0; i < 8 && uv_run(&l->uv, UV_RUN_NOWAIT); i++)
        continue;
}

bool loop_free(struct loop *l) {
    if (!l)
        return true;
    loop_drain(l);
    if (l->lookups || uv_loop_close(&l->uv) != 0)
        return false;
    free(l);
    return true;
}

void loop_run(struct loop *l) { uv_run(&l->uv, UV_RUN_DEFAULT); }

void loop_stop(struct loop *l) { uv_stop(&l->uv); }

int64_t loop_now_ms(struct loop *l) { return (int64_t)uv_now(&l->uv); }

void *loop_native(struct loop *l) { return &l->uv; }

struct loop_timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *user;
};

struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *user) {
    struct loop_timer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->fn = fn;
    t->user = user;
    uv_timer_init(&l->uv, &t->uv);
    return t;
}

static void on_timer(uv_timer_t *uv) {
    struct loop_timer *t = (struct loop_timer *)uv;
    t->fn(t->user);
}

void loop_timer_set(struct loop_timer *t, int64_t delay_ms) {
    /* libuv counts from the start of the round, which a long callback may have left behind */
    uv_update_time(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
}

void loop_timer_stop(struct loop_timer *t) { uv_timer_stop(&t->uv); }

bool loop_timer_is_set(const struct loop_timer *t) { return uv_is_active((const uv_handle_t *)&t->uv) != 0; }

void loop_timer_free(struct loop_timer *t) {
    if (t)
        close_handle((uv_handle_t *)&t->uv, t);
}

struct loop_fd {
    uv_poll_t uv;
    loop_fd_fn *fn;
    void *user;
};

struct loop_fd *loop_fd_new(struct loop *l, int fd, loop_fd_fn *fn, void *user) {
    struct loop_fd *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->fn = fn;
    w->user = user;
    if (uv_poll_init(&l->uv, &w->uv, fd) == 0)
        return w;
    free(w);
    return NULL;
}

static void on_fd(uv_poll_t *uv, int status, int uv_events) {
    struct loop_fd *w = (struct loop_fd *)uv;
    int events = (uv_events & UV_READABLE ? LOOP_READ : 0) | (uv_events & UV_WRITABLE ? LOOP_WRITE : 0);
    w->fn(w->user, status < 0 ? LOOP_READ | LOOP_WRITE : events);
}

void loop_fd_set(struct loop_fd *w, int events) {
    int uv_events = (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
    if (uv_events)
        uv_poll_start(&w->uv, uv_events, on_fd);
    else
        uv_poll_stop(&w->uv);
}

void loop_fd_free(struct loop_fd *w) {
    if (w)
        close_handle((uv_handle_t *)&w->uv, w);
}

struct loop_signal {
    uv_signal_t uv;
    loop_fn *fn;
    void *user;
};

static void on_signal(uv_signal_t *uv, int signum) {
    struct loop_signal *s = (struct loop_signal *)uv;
    (void)signum;
    s->fn(s->user);
}

struct loop_signal *loop_signal_new(struct loop *l, int signum, loop_fn *fn, void *user) {
    struct loop_signal *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fn = fn;
    s->user = user;
    if (uv_signal_init(&l->uv, &s->uv) != 0) {
        free(s);
        return NULL;
    }
    uv_signal_start(&s->uv, on_signal, signum);
    return s;
}

void loop_signal_free(struct loop_signal *s) {
    if (s)
        close_handle((uv_handle_t *)&s->uv, s);
}

/* A look-up lives until the C library lets go of it, which may be long after its timeout: done is then NULL. */
struct loop_lookup {
    uv_getaddrinfo_t uv;
    struct loop *loop;
    struct loop_timer *timeout;
    loop_lookup_fn *done;
    void *user;
};

static void lookup_end(struct loop_lookup *q, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e) {
    loop_lookup_fn *done = q->done;
    q->done = NULL;
    loop_timer_free(q->timeout);
    q->timeout = NULL;
    if (done)
        done(q->user, addresses, count, e);
}

static size_t numeric_addresses(const struct addrinfo *info, char (*out)[LOOP_ADDRESS_CAP]) {
    size_t count = 0;
    for (; info && count < LOOP_LOOKUP_MAX; info = info->ai_next)
        if (getnameinfo(info->ai_addr, info->ai_addrlen, out[count], LOOP_ADDRESS_CAP, NULL, 0, NI_NUMERICHOST) == 0)
            count++;
    return count;
}

static void on_lookup(uv_getaddrinfo_t *uv, int status, struct addrinfo *info) {
    struct loop_lookup *q = (struct loop_lookup *)uv;
    char addresses[LOOP_LOOKUP_MAX][LOOP_ADDRESS_CAP];
    struct err e = {0};
    size_t count = status == 0 ? numeric_addresses(info, addresses) : 0;
    if (count == 0)
        err_set(&e, ERR_IO, "the name does not resolve: %s", status ? uv_strerror(status) : "no address");
    uv_freeaddrinfo(info);
    q->loop->lookups--;
    lookup_end(q, addresses, count, &e);
    free(q);
}

static void on_lookup_timeout(void *user) {
    struct loop_lookup *q = user;
    struct err e = {0};
    err_set(&e, ERR_IO, "the name server does not answer");
    uv_cancel((uv_req_t *)&q->uv); /* helps only one that still waits for a thread */
    lookup_end(q, NULL, 0, &e);
}

struct loop_lookup *loop_lookup_new(struct loop *l, const char *host, int64_t timeout_ms, loop_lookup_fn *done,
                                    void *user) {
    struct loop_lookup *q = calloc(1, sizeof *q);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (!q)
        return NULL;
    q->loop = l;
    q->done = done;
    q->user = user;
    q->timeout = loop_timer_new(l, on_lookup_timeout, q);
    if (q->timeout && uv_getaddrinfo(&l->uv, &q->uv, on_lookup, host, NULL, &hints) == 0) {
        l->lookups++;
        loop_timer_set(q->timeout, timeout_ms);
        return q;
    }
    loop_timer_free(q->timeout);
    free(q);
    return NULL;
}

void loop_lookup_cancel(struct loop_lookup *q) {
    if (!q)
        return;
    q->done = NULL;
    uv_cancel((uv_req_t *)&q->uv);
    loop_timer_free(q->timeout);
    q->timeout = NULL;
}
