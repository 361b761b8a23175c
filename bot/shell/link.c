#define LOG_MODULE "link"
#include "shell/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shell/config.h"
#include "shell/discover.h"
#include "shell/http.h"
#include "shell/log.h"
#include "shell/ws.h"

#define QUIT_MS 4000
#define CLOSE_MS 3000
#define STEADY_MS 60000 /* logged in for so long, a connection was a good one: pauses begin small again */
#define FRAME_LIMIT (1024 * 1024)
#define QUEUE_LIMIT (4 * 1024 * 1024)
#define DOCUMENT_LIMIT (256 * 1024)
#define CLOSE_NORMAL 1000
#define CLOSE_GOING_AWAY 1001

struct link {
    struct loop *loop;
    struct link_config config;
    struct link_events events;
    void *user;
    struct ws *ws;
    struct http *http; /* NULL: the address of the websocket is given */
    struct loop_timer *retry, *wake, *quit;

    /* the attempt under way */
    struct loop_lookup *lookup;
    struct http_call *call;
    char url_text[DISCOVER_URL_CAP];
    struct config_url url; /* slices of url_text */
    char addresses[LOOP_LOOKUP_MAX][LOOP_ADDRESS_CAP];
    size_t address_count, address_at;
    void (*with_addresses)(struct link *k);

    unsigned attempt; /* since the last steady connection */
    bool open, draining, quitting, ended;
    int64_t ready_ms; /* when the codec was last ready on this connection; -1: not yet */
    bool closing;     /* the codec has asked for it: how and why */
    enum chat_close how;
    char why[240];
};

static void connect_next(struct link *k);

static int64_t now_ms(const struct link *k) { return loop_now_ms(k->loop); }

static uint32_t random_bits(void) {
    uint32_t bits = 0;
    /* jitter only: without random bytes the pauses are merely regular */
    return getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits ? bits : 0;
}

static void end(struct link *k, enum chat_close how, const char *why) {
    if (k->ended)
        return;
    k->ended = true;
    loop_timer_stop(k->retry);
    loop_timer_stop(k->wake);
    loop_timer_stop(k->quit);
    k->events.ended(k->user, how, why);
}

/* --- pauses ------------------------------------------------------------------------------------------------------ */

static void try_later(struct link *k, enum chat_close how, const char *why) {
    if (k->ended)
        return;
    int64_t pause = chat_backoff_ms(k->attempt, random_bits());
    if (how == CHAT_RETRY_LATER)
        pause = k->config.long_pause_ms + (int64_t)(random_bits() % 1024) * k->config.long_pause_ms / 10240;
    k->attempt += k->attempt < 1000;
    LOG_WARN("%s; again in %.1f s", why, (double)pause / 1000);
    loop_timer_set(k->retry, pause);
}

/* --- the codec --------------------------------------------------------------------------------------------------- */

static void send_wire(struct link *k, struct str frame) {
    if (k->closing || ws_send(k->ws, frame))
        return;
    /* a gap in the stream would be worse than a new one */
    LOG_WARN("%zu bytes cannot be sent", frame.len);
    ws_close(k->ws, CLOSE_GOING_AWAY);
}

static void close_as_asked(struct link *k, const struct chat_out *out) {
    if (k->closing)
        return;
    k->closing = true;
    k->how = out->close;
    snprintf(k->why, sizeof k->why, "%.*s", STR_ARG(out->text));
    ws_close(k->ws, CLOSE_NORMAL);
}

static void take(struct link *k, const struct chat_out *out) {
    switch (out->kind) {
    case CHAT_READY:
        LOG_INFO("%s: ready as %.*s", k->config.ops->name, STR_ARG(out->text));
        k->ready_ms = now_ms(k);
        break;
    case CHAT_MESSAGE:
        if (!k->quitting)
            k->events.message(k->user, out);
        break;
    case CHAT_WIRE:
        LOG_DEBUG("sent %zu bytes", out->text.len);
        send_wire(k, out->text);
        break;
    case CHAT_WAKE_AT:
        loop_timer_set(k->wake, out->at_ms - now_ms(k));
        break;
    case CHAT_CLOSE:
        close_as_asked(k, out);
        break;
    case CHAT_NOTE:
        LOG_INFO("%s: %.*s", k->config.ops->name, STR_ARG(out->text));
        break;
    }
}

/* After every call that may have made results. A message's answer adds some: the outermost call takes those too. */
static void drain(struct link *k) {
    struct chat_out out;
    if (k->draining)
        return;
    k->draining = true;
    while (k->config.ops->next(k->config.chat, &out))
        take(k, &out);
    k->draining = false;
}

static void on_wake(void *user) {
    struct link *k = user;
    k->config.ops->tick(k->config.chat, now_ms(k));
    drain(k);
}

/* --- the websocket ----------------------------------------------------------------------------------------------- */

static void on_opened(void *user) {
    struct link *k = user;
    k->open = true;
    k->closing = false;
    k->ready_ms = -1;
    LOG_INFO("connected to %s", k->url_text);
    k->config.ops->opened(k->config.chat, now_ms(k));
    drain(k);
}

static void on_frame(void *user, struct str frame, bool binary) {
    struct link *k = user;
    struct err e = {0};
    if (k->closing)
        return;
    LOG_DEBUG("received %zu bytes", frame.len);
    if (!k->config.ops->feed(k->config.chat, frame, binary, now_ms(k), &e))
        LOG_WARN("%s: %s", k->config.ops->name, e.message);
    drain(k);
}

static void on_closed(void *user, const char *why) {
    struct link *k = user;
    bool was_open = k->open;
    k->open = false;
    if (was_open) {
        if (k->ready_ms >= 0 && now_ms(k) - k->ready_ms >= STEADY_MS)
            k->attempt = 0;
        k->config.ops->closed(k->config.chat, now_ms(k));
        loop_timer_stop(k->wake);
        drain(k);
    }
    if (k->quitting)
        end(k, CHAT_DONE, "");
    else if (was_open && k->closing && (k->how == CHAT_STOP || k->how == CHAT_DONE))
        end(k, k->how, k->why);
    else if (was_open)
        try_later(k, k->closing ? k->how : CHAT_RETRY, k->closing ? k->why : why);
    else if (k->address_at < k->address_count)
        connect_next(k);
    else
        try_later(k, CHAT_RETRY, why);
}

/* --- finding the way --------------------------------------------------------------------------------------------- */

static uint16_t port_of(const struct link *k, uint16_t port) {
    return str_is_empty(k->config.connect_host) ? port : k->config.connect_port;
}

static const char *ca_file(const struct link *k) {
    return str_is_empty(k->config.ca_file) ? NULL : k->config.ca_file.ptr;
}

static void connect_next(struct link *k) {
    char host[DISCOVER_URL_CAP], path[DISCOVER_URL_CAP];
    snprintf(host, sizeof host, "%.*s", STR_ARG(k->url.authority));
    snprintf(path, sizeof path, "%.*s", STR_ARG(k->url.path));
    struct ws_target target = {
        .address = k->addresses[k->address_at++],
        .port = port_of(k, k->url.port),
        .host = host,
        .path = path,
        .tls = k->url.tls,
        .subprotocol = k->config.ops->subprotocol,
    };
    struct err e = {0};
    LOG_INFO("connecting to %s at %s port %d", k->url_text, target.address, target.port);
    if (!ws_connect(k->ws, &target, &e))
        try_later(k, CHAT_RETRY, e.message);
}

static void on_addresses(void *user, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e) {
    struct link *k = user;
    k->lookup = NULL;
    if (count == 0) {
        try_later(k, CHAT_RETRY, e->message);
        return;
    }
    memcpy(k->addresses, addresses, count * LOOP_ADDRESS_CAP);
    k->address_count = count;
    k->address_at = 0;
    k->with_addresses(k);
}

/* Looks up the host, or what the operator wants instead, and goes on with its addresses. */
static void look_up(struct link *k, struct str host, void (*then)(struct link *k)) {
    char name[DISCOVER_URL_CAP];
    if (!str_is_empty(k->config.connect_host))
        host = k->config.connect_host;
    snprintf(name, sizeof name, "%.*s", STR_ARG(host));
    k->with_addresses = then;
    k->lookup = loop_lookup_new(k->loop, name, k->config.connect_ms, on_addresses, k);
    if (!k->lookup)
        try_later(k, CHAT_RETRY, "the name cannot be looked up");
}

static void use_url(struct link *k, struct str url) {
    struct err e = {0};
    snprintf(k->url_text, sizeof k->url_text, "%.*s", STR_ARG(url));
    if (config_url_parse(str_of(k->url_text), &k->url, &e))
        look_up(k, k->url.host, connect_next);
    else
        try_later(k, CHAT_RETRY, e.message);
}

static void on_document(void *user, long status, struct str body, const struct err *e) {
    struct link *k = user;
    struct err wrong = *e;
    char url[DISCOVER_URL_CAP], why[300];
    k->call = NULL;
    if (status != 0 && status != 200)
        err_set(&wrong, ERR_PROTOCOL, "status %ld", status);
    if (!wrong.code && discover_websocket(body, url, &wrong)) {
        use_url(k, str_of(url));
        return;
    }
    snprintf(why, sizeof why, "host-meta.json of %s: %s", k->config.domain.ptr, wrong.message);
    try_later(k, CHAT_RETRY, why);
}

static void fetch_document(struct link *k) {
    char url[DISCOVER_URL_CAP];
    struct err e = {0};
    snprintf(url, sizeof url, "https://%s/.well-known/host-meta.json", k->config.domain.ptr);
    struct http_request request = {
        .url = url,
        .address = k->addresses[0],
        .port = port_of(k, 443),
        .ca_file = ca_file(k),
        .limit_bytes = DOCUMENT_LIMIT,
        .timeout_ms = k->config.connect_ms,
    };
    k->call = http_get(k->http, &request, on_document, k, &e);
    if (!k->call)
        try_later(k, CHAT_RETRY, e.message);
}

static void on_retry(void *user) {
    struct link *k = user;
    if (str_is_empty(k->config.url))
        look_up(k, k->config.domain, fetch_document);
    else
        use_url(k, k->config.url);
}

/* --- the ends ---------------------------------------------------------------------------------------------------- */

static void on_quit(void *user) { end(user, CHAT_DONE, ""); }

struct link *link_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user,
                      struct err *e) {
    static const struct ws_events ws_events = {.opened = on_opened, .frame = on_frame, .closed = on_closed};
    struct link *k = calloc(1, sizeof *k);
    if (!k) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    k->loop = l;
    k->config = *config;
    k->events = *events;
    k->user = user;
    struct ws_config ws_config = {
        .ca_file = ca_file(k),
        .frame_limit_bytes = FRAME_LIMIT,
        .queue_limit_bytes = QUEUE_LIMIT,
        .connect_timeout_ms = config->connect_ms,
        .close_timeout_ms = CLOSE_MS,
        .ping_s = config->ping_s,
    };
    k->ws = ws_new(l, &ws_config, &ws_events, k, e);
    bool finds_url = str_is_empty(config->url);
    k->http = k->ws && finds_url ? http_new(l, e) : NULL;
    k->retry = loop_timer_new(l, on_retry, k);
    k->wake = loop_timer_new(l, on_wake, k);
    k->quit = loop_timer_new(l, on_quit, k);
    if (k->ws && (k->http || !finds_url) && k->retry && k->wake && k->quit)
        return k;
    err_set(e, ERR_LIMIT, "no memory");
    link_free(k);
    return NULL;
}

void link_free(struct link *k) {
    if (!k)
        return;
    loop_lookup_cancel(k->lookup);
    http_free(k->http);
    ws_free(k->ws);
    loop_timer_free(k->retry);
    loop_timer_free(k->wake);
    loop_timer_free(k->quit);
    free(k);
}

void link_start(struct link *k) { loop_timer_set(k->retry, 0); }

bool link_say(struct link *k, struct str to, struct str text, struct err *e) {
    bool said = k->config.ops->say(k->config.chat, to, text, now_ms(k), e);
    drain(k);
    return said;
}

void link_quit(struct link *k) {
    if (k->quitting || k->ended)
        return;
    k->quitting = true;
    loop_timer_stop(k->retry);
    loop_timer_set(k->quit, k->open ? QUIT_MS : 0);
    if (k->open) {
        k->config.ops->quit(k->config.chat, now_ms(k));
        drain(k);
    }
}
