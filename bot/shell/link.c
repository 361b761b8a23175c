#define LOG_MODULE "link"
#include "shell/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "chat/courier.h"
#include "core/url.h"
#include "shell/fetch.h"
#include "shell/log.h"
#include "shell/ws.h"

#define QUIT_MS 4000
#define CLOSE_MS 3000
#define OVERLAP_MS 3000 /* an old connection outlives its successor's opening by so much */
#define STEADY_MS 60000 /* logged in for so long, a connection was a good one: pauses begin small again */
#define FRAME_LIMIT (16 * 1024 * 1024)
#define QUEUE_LIMIT (4 * 1024 * 1024)
#define ANSWER_LIMIT (8 * 1024 * 1024)
#define REQUESTS_A_MINUTE 600
#define REQUESTS_AT_ONCE 20
#define CLOSE_NORMAL 1000
#define CLOSE_GOING_AWAY 1001

enum { LINES = 2, URL_CAP = 2048 };

/* A websocket. Two of them, because some platforms want the new one open before the old one goes. */
struct line {
    struct link *link;
    struct ws *ws;
    bool busy; /* from ws_connect() to closed */
    bool open;
};

/* A request in the air. */
struct flight {
    struct link *link;
    struct fetch *fetch; /* NULL: free */
    uint64_t ticket;
};

struct link {
    struct loop *loop;
    struct link_config config;
    struct link_events events;
    void *user;
    struct line lines[LINES];
    struct http *http;
    struct courier *courier;
    struct flight flights[COURIER_FLYING_MOST];
    struct loop_timer *retry, *wake, *quit, *overlap, *courier_due;

    /* the attempt under way */
    bool dialing;
    struct line *dialed; /* being connected; NULL: not yet that far */
    struct loop_lookup *lookup;
    char url_text[URL_CAP], auth[1100], origin[300];
    struct url url; /* slices of url_text */
    char addresses[LOOP_LOOKUP_MAX][LOOP_ADDRESS_CAP];
    size_t address_count, address_at;

    struct line *newest;  /* open; NULL: not connected */
    struct line *feeding; /* whose frame the codec has now */
    unsigned attempt;     /* since the last steady connection */
    bool draining, quitting, ended;
    int64_t ready_ms; /* when the codec was last ready on this connection; -1: not yet */
    bool closing;     /* the codec has asked for it: how and why */
    enum chat_close how;
    char why[240];
};

static void drain(struct link *k);
static void pump(struct link *k);

static int64_t now_ms(const struct link *k) { return loop_now_ms(k->loop); }

static const char *name_of(const struct link *k) { return k->config.ops->name; }

static uint32_t random_bits(void) {
    uint32_t bits = 0;
    /* jitter only: without random bytes the pauses are merely regular */
    return getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits ? bits : 0;
}

static void stop_dialing(struct link *k) {
    loop_timer_stop(k->retry);
    loop_lookup_cancel(k->lookup);
    k->lookup = NULL;
    k->dialing = false;
    k->dialed = NULL;
}

static void end(struct link *k, enum chat_close how, const char *why) {
    if (k->ended)
        return;
    k->ended = true;
    stop_dialing(k);
    loop_timer_stop(k->wake);
    loop_timer_stop(k->quit);
    loop_timer_stop(k->overlap);
    loop_timer_stop(k->courier_due);
    k->events.ended(k->user, how, why);
}

/* The connection is over, but an answer may still be on its way: that is waited for, as long as a goodbye may take. */
static void end_when_sent(struct link *k) {
    if (!k->newest && courier_count(k->courier) == 0)
        end(k, CHAT_DONE, "");
}

/* --- pauses ------------------------------------------------------------------------------------------------------ */

/* least_ms: what the server asked for; -1: nothing. */
static void try_later(struct link *k, enum chat_close how, int64_t least_ms, const char *why) {
    stop_dialing(k);
    if (k->ended || k->quitting)
        return;
    int64_t pause = chat_backoff_ms(k->attempt, random_bits());
    if (how == CHAT_RETRY_LATER)
        pause = k->config.long_pause_ms + (int64_t)(random_bits() % 1024) * k->config.long_pause_ms / 10240;
    if (pause < least_ms)
        pause = least_ms;
    k->attempt += k->attempt < 1000;
    LOG_WARN("%s: %s; again in %.1f s", name_of(k), why, (double)pause / 1000);
    loop_timer_set(k->retry, pause);
}

/* --- the codec --------------------------------------------------------------------------------------------------- */

static void send_wire(struct link *k, struct str frame) {
    struct line *line = k->feeding && k->feeding->open ? k->feeding : k->newest;
    if (!line || k->closing || ws_send(line->ws, frame))
        return;
    /* a gap in the stream would be worse than a new one */
    LOG_WARN("%s: %zu bytes cannot be sent", name_of(k), frame.len);
    ws_close(line->ws, CLOSE_GOING_AWAY);
}

static void use_url(struct link *k, const struct chat_out *out);

static void close_as_asked(struct link *k, const struct chat_out *out) {
    if (k->closing)
        return;
    k->closing = true;
    k->how = out->close;
    snprintf(k->why, sizeof k->why, "%.*s", STR_ARG(out->text));
    for (size_t i = 0; i < LINES; i++)
        if (k->lines[i].busy)
            ws_close(k->lines[i].ws, out->code ? (int)out->code : CLOSE_NORMAL);
}

/* Nothing to close: what the codec wants happens at once. */
static void settle_close(struct link *k) {
    if (!k->closing || k->newest || k->dialed)
        return;
    char why[sizeof k->why];
    memcpy(why, k->why, sizeof why);
    k->closing = false;
    if (k->quitting)
        end_when_sent(k);
    else if (k->how == CHAT_STOP || k->how == CHAT_DONE)
        end(k, k->how, why);
    else
        try_later(k, k->how, -1, why);
}

static void add_request(struct link *k, const struct chat_out *out) {
    struct chat_answer refused = {.number = out->number, .why = STR("too many requests wait")};
    if (!courier_add(k->courier, out, now_ms(k)))
        k->config.ops->answered(k->config.chat, &refused, now_ms(k));
    else
        loop_timer_set(k->courier_due, 0);
}

static void take(struct link *k, const struct chat_out *out) {
    switch (out->kind) {
    case CHAT_READY:
        LOG_INFO("%s: ready as %.*s", name_of(k), STR_ARG(out->text));
        k->ready_ms = now_ms(k);
        break;
    case CHAT_MESSAGE:
        if (!k->quitting)
            k->events.message(k->user, out);
        break;
    case CHAT_DIAL:
        if (!k->quitting)
            use_url(k, out);
        break;
    case CHAT_WIRE:
        LOG_DEBUG("%s: sent %zu bytes", name_of(k), out->text.len);
        send_wire(k, out->text);
        break;
    case CHAT_HTTP:
        add_request(k, out);
        break;
    case CHAT_WAKE_AT:
        loop_timer_set(k->wake, out->at_ms - now_ms(k));
        break;
    case CHAT_CLOSE:
        close_as_asked(k, out);
        break;
    case CHAT_KEEP:
        k->events.keep(k->user, out->text);
        break;
    case CHAT_NOTE:
        LOG_INFO("%s: %.*s", name_of(k), STR_ARG(out->text));
        break;
    }
}

/* After every call that may have made results. A message's answer adds some: the outermost call takes those too. */
static void drain(struct link *k) {
    struct chat_out out;
    if (k->draining || k->ended)
        return;
    k->draining = true;
    while (!k->ended && k->config.ops->next(k->config.chat, &out))
        take(k, &out);
    k->draining = false;
    settle_close(k);
}

static void on_wake(void *user) {
    struct link *k = user;
    k->config.ops->tick(k->config.chat, now_ms(k));
    drain(k);
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

static void hand_answers(struct link *k) {
    struct chat_answer answer;
    while (!k->ended && courier_answer(k->courier, &answer)) {
        k->config.ops->answered(k->config.chat, &answer, now_ms(k));
        drain(k);
    }
    if (k->quitting && !k->ended)
        end_when_sent(k);
}

static void on_fetched(void *user, const struct http_result *r) {
    struct flight *f = user;
    struct link *k = f->link;
    struct courier_result result = {
        .status = r->status,
        .headers = r->headers,
        .body = r->body,
        .why = r->why,
        .arrived = r->arrived,
        .random = random_bits(),
    };
    f->fetch = NULL;
    LOG_DEBUG("%s: request answered with status %u%s%.*s", name_of(k), r->status, r->why.len ? ": " : "", STR_ARG(r->why));
    courier_done(k->courier, f->ticket, &result, now_ms(k));
    pump(k);
}

static const char *ca_file(const struct link *k) {
    return str_is_empty(k->config.ca_file) ? NULL : k->config.ca_file.ptr;
}

static struct flight *free_flight(struct link *k) {
    for (size_t i = 0; i < COURIER_FLYING_MOST; i++)
        if (!k->flights[i].fetch)
            return &k->flights[i];
    return NULL;
}

/* libcurl is loaded when the first request is made. */
static bool need_http(struct link *k, struct err *e) {
    if (!k->http)
        k->http = http_new(k->loop, e);
    return k->http != NULL;
}

static void begin(struct link *k, struct flight *f, const struct courier_job *job) {
    struct err e = {0};
    f->ticket = job->ticket;
    if (need_http(k, &e)) {
        struct fetch_way way = {
            .loop = k->loop,
            .http = k->http,
            .ca_file = ca_file(k),
            .agent = k->config.ops->user_agent,
            .connect_host = k->config.connect_host,
            .connect_port = k->config.connect_port,
            .lookup_ms = k->config.connect_ms,
            .timeout_ms = k->config.connect_ms,
            .limit_bytes = ANSWER_LIMIT,
        };
        f->fetch = fetch_start(&way, job->http, on_fetched, f, &e);
    }
    if (!f->fetch) {
        struct courier_result failed = {.why = str_of(e.message), .random = random_bits()};
        courier_done(k->courier, job->ticket, &failed, now_ms(k));
    }
}

/* Sends what may go, hands out what is final, and sets the time to look again. */
static void pump(struct link *k) {
    struct courier_job job;
    struct flight *f;
    hand_answers(k);
    while (!k->ended && (f = free_flight(k)) && courier_next(k->courier, now_ms(k), &job))
        begin(k, f, &job);
    hand_answers(k);
    if (k->ended)
        return;
    int64_t due = courier_due_ms(k->courier, now_ms(k));
    if (due == INT64_MAX)
        loop_timer_stop(k->courier_due);
    else
        loop_timer_set(k->courier_due, due > now_ms(k) ? due - now_ms(k) : 1);
}

static void on_courier_due(void *user) { pump(user); }

/* --- the websocket ----------------------------------------------------------------------------------------------- */

static void on_opened(void *user) {
    struct line *line = user;
    struct link *k = line->link;
    line->open = true;
    if (k->newest)
        loop_timer_set(k->overlap, OVERLAP_MS);
    k->newest = line;
    stop_dialing(k);
    k->closing = false;
    k->ready_ms = -1;
    LOG_INFO("%s: connected to %.*s", name_of(k), STR_ARG(k->url.authority));
    k->config.ops->opened(k->config.chat, now_ms(k));
    drain(k);
}

/* The old connection has had its time. */
static void on_overlap(void *user) {
    struct link *k = user;
    for (size_t i = 0; i < LINES; i++)
        if (k->lines[i].open && &k->lines[i] != k->newest)
            ws_close(k->lines[i].ws, CLOSE_NORMAL);
}

static void on_frame(void *user, struct str frame, bool binary) {
    struct line *line = user;
    struct link *k = line->link;
    struct err e = {0};
    if (k->closing || k->ended)
        return;
    LOG_DEBUG("%s: received %zu bytes", name_of(k), frame.len);
    k->feeding = line;
    if (!k->config.ops->feed(k->config.chat, frame, binary, now_ms(k), &e))
        LOG_WARN("%s: %s", name_of(k), e.message);
    drain(k);
    k->feeding = NULL;
}

static void connect_next(struct link *k);

/* An attempt that did not come up. The next address of the same name is tried before the pause. */
static void attempt_failed(struct link *k, const struct ws_end *ended) {
    if (ended->status == 0 && k->address_at < k->address_count && !k->quitting && !k->closing) {
        connect_next(k);
        return;
    }
    k->dialed = NULL;
    if (!k->newest) {
        struct chat_end tell = {.status = ended->status, .code = ended->code, .why = str_of(ended->why)};
        k->config.ops->closed(k->config.chat, &tell, now_ms(k));
        k->dialing = false;
        drain(k);
    }
    if (k->ended || loop_timer_is_set(k->retry)) /* the codec has decided */
        return;
    if (k->quitting)
        end_when_sent(k);
    else if (ended->status == 401 && !k->newest)
        end(k, CHAT_STOP, "the server does not know us (HTTP status 401)");
    else
        try_later(k, CHAT_RETRY, ended->retry_after_ms, ended->why);
}

static void connection_lost(struct link *k, const struct ws_end *ended) {
    struct chat_end tell = {.was_open = true, .code = ended->code, .why = str_of(ended->why)};
    if (k->ready_ms >= 0 && now_ms(k) - k->ready_ms >= STEADY_MS)
        k->attempt = 0;
    k->newest = NULL;
    loop_timer_stop(k->wake);
    k->config.ops->closed(k->config.chat, &tell, now_ms(k));
    drain(k); /* may settle a close of its own */
    if (k->ended || k->dialing || loop_timer_is_set(k->retry))
        return;
    if (k->quitting)
        end_when_sent(k);
    else
        try_later(k, CHAT_RETRY, -1, ended->why);
}

static void on_closed(void *user, const struct ws_end *ended) {
    struct line *line = user;
    struct link *k = line->link;
    bool was_newest = line == k->newest, was_dialed = line == k->dialed;
    line->busy = line->open = false;
    if (k->ended)
        return;
    if (was_newest)
        connection_lost(k, ended);
    else if (was_dialed)
        attempt_failed(k, ended);
}

/* --- finding the way --------------------------------------------------------------------------------------------- */

static uint16_t port_of(const struct link *k, uint16_t port) {
    return str_is_empty(k->config.connect_host) ? port : k->config.connect_port;
}

static struct line *idle_line(struct link *k) {
    for (size_t i = 0; i < LINES; i++)
        if (!k->lines[i].busy)
            return &k->lines[i];
    return NULL;
}

static void connect_next(struct link *k) {
    char host[URL_CAP], path[URL_CAP];
    struct line *line = k->dialed ? k->dialed : idle_line(k);
    struct err e = {0};
    if (!line) {
        try_later(k, CHAT_RETRY, -1, "the connection before has not ended");
        return;
    }
    snprintf(host, sizeof host, "%.*s", STR_ARG(k->url.authority));
    snprintf(path, sizeof path, "%.*s", STR_ARG(k->url.path));
    struct ws_target target = {
        .address = k->addresses[k->address_at++],
        .port = port_of(k, k->url.port),
        .host = host,
        .path = path,
        .auth = k->auth,
        .origin = k->origin,
        .tls = k->url.tls,
        .subprotocols = k->config.ops->subprotocols,
        .subprotocol_optional = k->config.ops->subprotocol_optional,
    };
    /* the query may hold a ticket */
    LOG_INFO("%s: connecting to %s at %s port %d", name_of(k), host, target.address, target.port);
    k->dialed = line;
    line->busy = ws_connect(line->ws, &target, &e);
    if (!line->busy)
        try_later(k, CHAT_RETRY, -1, e.message);
}

static void on_addresses(void *user, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e) {
    struct link *k = user;
    k->lookup = NULL;
    if (count == 0) {
        attempt_failed(k, &(struct ws_end){.retry_after_ms = -1, .why = e->message});
        return;
    }
    memcpy(k->addresses, addresses, count * LOOP_ADDRESS_CAP);
    k->address_count = count;
    k->address_at = 0;
    connect_next(k);
}

/* Looks up the host, or what the operator wants instead, and goes on with its addresses. */
static void use_url(struct link *k, const struct chat_out *out) {
    char name[URL_CAP];
    struct err e = {0};
    if (k->dialed || k->lookup)
        return; /* one attempt at a time */
    loop_timer_stop(k->retry);
    k->dialing = true;
    snprintf(k->url_text, sizeof k->url_text, "%.*s", STR_ARG(out->url));
    snprintf(k->auth, sizeof k->auth, "%.*s", STR_ARG(out->auth));
    snprintf(k->origin, sizeof k->origin, "%.*s", STR_ARG(out->origin));
    if (out->url.len >= sizeof k->url_text || !url_parse(str_of(k->url_text), &k->url, &e) || k->url.http) {
        try_later(k, CHAT_RETRY, -1, e.code ? e.message : "no address of a websocket");
        return;
    }
    struct str host = str_is_empty(k->config.connect_host) ? k->url.host : k->config.connect_host;
    snprintf(name, sizeof name, "%.*s", STR_ARG(host));
    k->lookup = loop_lookup_new(k->loop, name, k->config.connect_ms, on_addresses, k);
    if (!k->lookup)
        try_later(k, CHAT_RETRY, -1, "the name cannot be looked up");
}

static void on_retry(void *user) {
    struct link *k = user;
    k->dialing = true;
    k->closing = false;
    k->config.ops->dial(k->config.chat, now_ms(k));
    drain(k);
}

/* --- the ends ---------------------------------------------------------------------------------------------------- */

static void on_quit(void *user) { end(user, CHAT_DONE, ""); }

static bool make_lines(struct link *k, struct err *e) {
    static const struct ws_events events = {.opened = on_opened, .frame = on_frame, .closed = on_closed};
    struct ws_config config = {
        .ca_file = ca_file(k),
        .frame_limit_bytes = FRAME_LIMIT,
        .queue_limit_bytes = QUEUE_LIMIT,
        .connect_timeout_ms = k->config.connect_ms,
        .close_timeout_ms = CLOSE_MS,
        .ping_s = k->config.ping_s,
    };
    for (size_t i = 0; i < LINES; i++) {
        k->lines[i].link = k;
        k->lines[i].ws = ws_new(k->config.hub, &config, &events, &k->lines[i], e);
        if (!k->lines[i].ws)
            return false;
    }
    return true;
}

struct link *link_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user,
                      struct err *e) {
    struct link *k = calloc(1, sizeof *k);
    if (!k) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    k->loop = l;
    k->config = *config;
    k->events = *events;
    k->user = user;
    for (size_t i = 0; i < COURIER_FLYING_MOST; i++)
        k->flights[i].link = k;
    k->courier = courier_new(REQUESTS_A_MINUTE, REQUESTS_AT_ONCE);
    k->retry = loop_timer_new(l, on_retry, k);
    k->wake = loop_timer_new(l, on_wake, k);
    k->quit = loop_timer_new(l, on_quit, k);
    k->overlap = loop_timer_new(l, on_overlap, k);
    k->courier_due = loop_timer_new(l, on_courier_due, k);
    if (!k->courier || !k->retry || !k->wake || !k->quit || !k->overlap || !k->courier_due)
        err_set(e, ERR_LIMIT, "no memory");
    else if (make_lines(k, e))
        return k;
    link_free(k);
    return NULL;
}

void link_free(struct link *k) {
    if (!k)
        return;
    k->ended = true;
    loop_lookup_cancel(k->lookup);
    for (size_t i = 0; i < COURIER_FLYING_MOST; i++)
        fetch_cancel(k->flights[i].fetch);
    http_free(k->http);
    for (size_t i = 0; i < LINES; i++)
        ws_free(k->lines[i].ws);
    courier_free(k->courier);
    loop_timer_free(k->retry);
    loop_timer_free(k->wake);
    loop_timer_free(k->quit);
    loop_timer_free(k->overlap);
    loop_timer_free(k->courier_due);
    explicit_bzero(k->auth, sizeof k->auth);
    free(k);
}

void link_start(struct link *k) { loop_timer_set(k->retry, 0); }

bool link_say(struct link *k, const struct chat_say *say, struct err *e) {
    bool said = k->config.ops->say(k->config.chat, say, now_ms(k), e);
    drain(k);
    return said;
}

void link_quit(struct link *k) {
    if (k->quitting || k->ended)
        return;
    k->quitting = true;
    stop_dialing(k);
    loop_timer_set(k->quit, k->newest || courier_count(k->courier) > 0 ? QUIT_MS : 0);
    k->config.ops->quit(k->config.chat, now_ms(k));
    drain(k);
}
