#define LOG_MODULE "ws"
#include "shell/ws.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/courier.h"
#include "core/buf.h"
#include "core/utf8.h"
#include "shell/log.h"
#include "shell/ws_server.h"

enum { FDS_MOST = 4096 };

enum ws_state {
    WS_IDLE,
    WS_CONNECTING,
    WS_OPEN,
    WS_CLOSING, /* asked to close, or lws will; nothing is handed out any more */
    WS_ENDED,   /* lws is done with it; closed() is due on the next round */
    WS_FREED,   /* by its owner; lws may still speak of it */
};

/* A message that waits, with the room lws wants in front of it. */
struct queued {
    struct queued *next;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE, then the text */
};

/* Certificates to trust: lws keeps them with a vhost. */
struct authority {
    struct authority *next;
    char *ca_file; /* NULL: the system's */
    char name[32]; /* of the vhost, which keeps the pointer */
    struct lws_vhost *vhost;
};

struct ws_hub {
    struct loop *loop;
    struct lws_context *context;
    struct authority *authorities;
    struct ws *freed; /* lws may still speak of their connections until it ends */
};

struct ws {
    struct ws_hub *hub;
    struct ws *next_freed;
    struct loop *loop;
    struct ws_config config;
    struct ws_events events;
    void *user;
    struct lws_vhost *vhost;
    struct lws *wsi; /* NULL before lws made one and after it destroyed it */
    lws_retry_bo_t keepalive;

    enum ws_state state;
    int close_code; /* of the close that was asked for; 0: none is to be sent */
    struct loop_timer *watchdog; /* connecting and closing both have an end */
    struct loop_timer *later;
    char why[240]; /* of the end; the first reason stays */
    struct ws_end end;
    char subprotocols[128], auth[1100], origin[300];
    bool subprotocol_optional;
    bool accepted; /* it came to us */

    struct buf message; /* under assembly */
    struct queued *first, *last;
    size_t queued_bytes;
};

static void because(struct ws *w, const char *why) {
    if (!w->why[0])
        snprintf(w->why, sizeof w->why, "%s", why);
}

static void drop_queue(struct ws *w) {
    while (w->first) {
        struct queued *q = w->first;
        w->first = q->next;
        free(q);
    }
    w->last = NULL;
    w->queued_bytes = 0;
}

/* lws is done with the connection. It may be deep inside itself, or inside ws_connect(): tell on the next round. */
static void connection_ended(struct ws *w) {
    if (w->state == WS_IDLE || w->state == WS_ENDED)
        return;
    w->state = WS_ENDED;
    loop_timer_stop(w->watchdog);
    loop_timer_set(w->later, 0);
}

/* Not from a writeable callback: closed there, a connection ends without a close frame where lws was built for debugging, as Debian's
 * is. */
static void close_now(struct ws *w) {
    lws_close_reason(w->wsi, (enum lws_close_status)w->close_code, NULL, 0);
    w->close_code = 0;
    lws_set_timeout(w->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

/* On a round of its own: an end that is to be told, or a close when all is out. */
static void on_later(void *user) {
    struct ws *w = user;
    if (w->state == WS_CLOSING && w->close_code && w->wsi)
        close_now(w);
    if (w->state != WS_ENDED)
        return;
    char why[sizeof w->why];
    snprintf(why, sizeof why, "%s", w->why[0] ? w->why : "the connection was lost");
    w->state = WS_IDLE;
    w->wsi = NULL;
    drop_queue(w);
    buf_clear(&w->message);
    struct ws_end end = w->end;
    end.why = why;
    w->events.closed(w->user, &end);
}

/* Too long connecting, or the close frame is not answered. */
static void on_watchdog(void *user) {
    struct ws *w = user;
    because(w, w->state == WS_CONNECTING ? "no answer to the connection attempt" : "no answer to the close");
    /* lws takes some seconds more to let go of it; nobody waits for that */
    if (w->wsi)
        lws_set_timeout(w->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    connection_ended(w);
}

/* Refuses what the peer does with a close code, before all that still waits to be sent. The value is for lws: not -1, after which its client
 * writes what is still to come of a frame behind its buffer. */
static int refuse(struct ws *w, int code, const char *why) {
    because(w, why);
    w->state = WS_CLOSING;
    w->close_code = code;
    loop_timer_set(w->watchdog, w->config.close_timeout_ms);
    loop_timer_set(w->later, 0);
    return 0;
}

/* A piece of a message. lws cuts them by its buffer as well as by the peer's frames. */
static int on_piece(struct ws *w, struct str piece) {
    if (w->state != WS_OPEN)
        return 0;
    size_t to_come = lws_remaining_packet_payload(w->wsi);
    if (lws_is_first_fragment(w->wsi))
        buf_clear(&w->message);
    if (to_come > w->config.frame_limit_bytes || piece.len > w->config.frame_limit_bytes - to_come ||
        w->message.len > w->config.frame_limit_bytes - to_come - piece.len)
        return refuse(w, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "the peer's message is too long");
    buf_add(&w->message, piece);
    if (w->message.failed)
        return refuse(w, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "no memory for the peer's message");
    if (to_come || !lws_is_final_fragment(w->wsi))
        return 0;

    bool binary = lws_frame_is_binary(w->wsi) != 0;
    if (!binary && !utf8_is_valid(buf_str(&w->message)))
        return refuse(w, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "the peer's text is not UTF-8");
    w->events.frame(w->user, buf_str(&w->message), binary);
    buf_clear(&w->message);
    return 0;
}

/* One message a call, as lws asks for; when all is out, the close that was asked for. */
static int on_writeable(struct ws *w) {
    struct queued *q = w->first;
    if (q) {
        w->first = q->next;
        if (!w->first)
            w->last = NULL;
        w->queued_bytes -= q->len;
        int sent = lws_write(w->wsi, q->bytes + LWS_PRE, q->len, LWS_WRITE_TEXT);
        bool failed = sent < 0 || (size_t)sent < q->len;
        free(q);
        if (failed)
            return -1;
        if (w->first || w->state == WS_CLOSING)
            lws_callback_on_writable(w->wsi);
        return 0;
    }
    if (w->state == WS_CLOSING && w->close_code)
        loop_timer_set(w->later, 0);
    return 0;
}

static void on_peer_close(struct ws *w, struct str in) {
    char why[160];
    unsigned code = in.len >= 2 ? (unsigned)((unsigned char)in.ptr[0] << 8 | (unsigned char)in.ptr[1]) : 1005;
    struct str text = utf8_head(str_slice(in, 2, in.len), 100);
    snprintf(why, sizeof why, "closed by the peer: %u%s%.*s", code, text.len ? " " : "", STR_ARG(text));
    because(w, why);
    w->end.code = code;
    w->state = WS_CLOSING;
    w->close_code = 0;
}

/* RFC 6455 4.1: a subprotocol that was not asked for, or none where one was, fails the connection. lws lets both pass. */
static int check_subprotocol(struct ws *w) {
    char picked[64] = "";
    struct str offered = str_of(w->subprotocols);
    lws_hdr_copy(w->wsi, picked, sizeof picked, WSI_TOKEN_PROTOCOL);
    if (!picked[0] && (w->subprotocol_optional || !offered.len))
        return 0;
    while (offered.len)
        if (str_equal(str_trim(str_cut(&offered, ',')), str_of(picked)))
            return 0;
    because(w, "the server does not speak our subprotocol");
    return -1;
}

/* Headers of the upgrade that lws has no place for. */
static int add_headers(struct ws *w, struct lws *wsi, unsigned char **at, unsigned char *end) {
    if (!w->auth[0])
        return 0;
    return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (const unsigned char *)w->auth, (int)strlen(w->auth), at,
                                        end);
}

/* What a refusal says about coming back; -1: nothing. */
static int64_t retry_after_ms(struct lws *wsi) {
    char value[40] = "";
    if (lws_hdr_copy(wsi, value, sizeof value, WSI_TOKEN_HTTP_RETRY_AFTER) <= 0)
        return -1;
    return courier_seconds_ms(str_trim(str_of(value)));
}

/* lws tells what is wrong with a certificate to its log only, and its log knows no connection. */
static char tls_trouble[160];

static void on_lws_log(int level, const char *line) {
    int len = (int)strcspn(line, "\n");
    (void)level;
    if (strncmp(line, "SSL error: ", 11) == 0)
        snprintf(tls_trouble, sizeof tls_trouble, "%.*s", len - 11, line + 11);
    LOG_DEBUG("%.*s", len, line);
}

static void on_connection_error(struct ws *w, struct lws *wsi, const char *in) {
    char why[240];
    unsigned status = lws_http_client_http_response(wsi);
    w->end.status = status != 101 ? status : 0;
    w->end.retry_after_ms = w->end.status ? retry_after_ms(wsi) : -1;
    if (status != 0 && status != 101)
        snprintf(why, sizeof why, "the server answers with HTTP status %u", status);
    else if (tls_trouble[0])
        snprintf(why, sizeof why, "the server's certificate is not accepted: %s", tls_trouble);
    else
        snprintf(why, sizeof why, "cannot connect%s%s", in ? ": " : "", in ? in : "");
    because(w, why);
    connection_ended(w);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    (void)user;
    return ws_event(lws_get_opaque_user_data(wsi), wsi, reason, in, len);
}

int ws_event(struct ws *w, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len) {
    if (!w || w->state == WS_FREED)
        return 0; /* about the protocol, not about a connection; or about one that nobody owns any more */
    if (w->wsi && wsi != w->wsi)
        return 0; /* the last words of a connection that has already been told as closed */
    switch (reason) {
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
        because(w, "the server sends us elsewhere; name that address instead");
        return -1;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_headers(w, wsi, in, *(unsigned char **)in + len);
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
        if (w->state != WS_CONNECTING)
            return -1;
        w->wsi = wsi;
        return check_subprotocol(w);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        if (w->state != WS_CONNECTING)
            return -1;
        w->wsi = wsi;
        loop_timer_stop(w->watchdog);
        w->state = WS_OPEN;
        w->events.opened(w->user);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_RECEIVE:
        return on_piece(w, (struct str){in, len});
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writeable(w);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        on_peer_close(w, (struct str){in, len});
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_connection_error(w, wsi, in);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED:
        connection_ended(w);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        w->wsi = NULL;
        connection_ended(w);
        return 0;
    default:
        return 0;
    }
}

/* --- what all connections share ---------------------------------------------------------------------------------- */

struct ws_hub *ws_hub_new(struct loop *l, struct err *e) {
    struct ws_hub *h = calloc(1, sizeof *h);
    void *loops[] = {loop_native(l)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .foreign_loops = loops,
        /* The raw origin: else libwebsockets puts a scheme of its own in front. */
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN,
        .fd_limit_per_thread = FDS_MOST,
    };
    /* lws obeys these even for loopback, and knows no exceptions from them */
    unsetenv("http_proxy");
    unsetenv("socks_proxy");
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    if (h) {
        h->loop = l;
        h->context = lws_create_context(&info);
    }
    if (h && h->context)
        return h;
    free(h);
    err_set(e, ERR_IO, "libwebsockets does not start; is its libuv plug-in installed?");
    return NULL;
}

void ws_hub_free(struct ws_hub *h) {
    if (!h)
        return;
    /* its handles close on the loop, and only the second call frees */
    lws_context_destroy(h->context);
    loop_drain(h->loop);
    lws_context_destroy(h->context);
    loop_drain(h->loop);
    while (h->authorities) {
        struct authority *a = h->authorities;
        h->authorities = a->next;
        free(a->ca_file);
        free(a);
    }
    while (h->freed) {
        struct ws *w = h->freed;
        h->freed = w->next_freed;
        free(w);
    }
    free(h);
}

static struct lws_vhost *new_vhost(struct ws_hub *h, const struct authority *a) {
    static const struct lws_protocols protocols[] = {
        {.name = "lippy", .callback = on_event, .rx_buffer_size = 16 * 1024},
        {0},
    };
    struct lws_context_creation_info info = {
        .vhost_name = a->name,
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .client_ssl_ca_filepath = a->ca_file,
    };
    if (a->ca_file)
        info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    return lws_create_vhost(h->context, &info);
}

/* Those who trust the same share them: reading the system's certificates takes long. */
static struct lws_vhost *vhost_for(struct ws_hub *h, const char *ca_file) {
    unsigned number = 0;
    for (const struct authority *a = h->authorities; a; a = a->next, number++)
        if (a->ca_file && ca_file ? strcmp(a->ca_file, ca_file) == 0 : !a->ca_file && !ca_file)
            return a->vhost;
    struct authority *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->ca_file = ca_file ? strdup(ca_file) : NULL;
    snprintf(a->name, sizeof a->name, "client-%u", number);
    a->vhost = (a->ca_file || !ca_file) ? new_vhost(h, a) : NULL;
    a->next = h->authorities;
    h->authorities = a;
    return a->vhost;
}

/* --- one connection ---------------------------------------------------------------------------------------------- */

static struct ws *make(struct ws_hub *h, const struct ws_config *config, const struct ws_events *events, void *user) {
    struct ws *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->hub = h;
    w->loop = h->loop;
    w->config = *config;
    w->events = *events;
    w->user = user;
    w->keepalive.secs_since_valid_ping = (uint16_t)config->ping_s;
    w->keepalive.secs_since_valid_hangup = (uint16_t)(2 * config->ping_s);
    buf_init_heap(&w->message);
    w->watchdog = loop_timer_new(h->loop, on_watchdog, w);
    w->later = loop_timer_new(h->loop, on_later, w);
    if (w->watchdog && w->later)
        return w;
    ws_free(w);
    return NULL;
}

struct ws *ws_new(struct ws_hub *h, const struct ws_config *config, const struct ws_events *events, void *user, struct err *e) {
    struct ws *w = make(h, config, events, user);
    if (!w) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    w->vhost = vhost_for(h, config->ca_file);
    if (w->vhost)
        return w;
    err_set(e, ERR_IO, "libwebsockets does not take the certificates to trust");
    ws_free(w);
    return NULL;
}

struct ws *ws_accept(struct ws_hub *h, const struct ws_config *config, const struct ws_events *events, void *user, struct lws *wsi) {
    struct ws *w = make(h, config, events, user);
    if (!w)
        return NULL;
    w->accepted = true;
    w->wsi = wsi;
    w->state = WS_OPEN;
    return w;
}

struct lws_context *ws_hub_context(struct ws_hub *h) { return h->context; }

void ws_free(struct ws *w) {
    if (!w)
        return;
    if (w->watchdog)
        loop_timer_stop(w->watchdog);
    w->state = WS_FREED;
    if (w->wsi)
        lws_set_timeout(w->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    loop_timer_free(w->watchdog);
    loop_timer_free(w->later);
    drop_queue(w);
    buf_finish(&w->message);
    explicit_bzero(w->auth, sizeof w->auth);
    if (w->accepted) { /* whoever accepted it tells lws to forget it */
        free(w);
        return;
    }
    w->next_freed = w->hub->freed;
    w->hub->freed = w;
}

bool ws_connect(struct ws *w, const struct ws_target *target, struct err *e) {
    if (w->state != WS_IDLE)
        return err_set(e, ERR_LIMIT, "the connection before has not ended");
    w->why[0] = tls_trouble[0] = '\0';
    w->end = (struct ws_end){.retry_after_ms = -1};
    w->subprotocol_optional = target->subprotocol_optional;
    snprintf(w->subprotocols, sizeof w->subprotocols, "%s", target->subprotocols ? target->subprotocols : "");
    snprintf(w->auth, sizeof w->auth, "%s", target->auth ? target->auth : "");
    snprintf(w->origin, sizeof w->origin, "%s", target->origin ? target->origin : "");
    w->state = WS_CONNECTING;
    w->close_code = 0;
    loop_timer_set(w->watchdog, w->config.connect_timeout_ms);
    struct lws_client_connect_info info = {
        .context = w->hub->context,
        .vhost = w->vhost,
        .opaque_user_data = w,
        .address = target->address,
        .port = target->port,
        .ssl_connection = target->tls ? LCCSCF_USE_SSL : 0,
        .path = target->path,
        .host = target->host,
        .origin = w->origin[0] ? w->origin : NULL,
        .protocol = target->subprotocols,
        .local_protocol_name = "lippy",
        .alpn = "http/1.1", /* lws offers h2 too, and then the upgrade fails */
        .retry_and_idle_policy = &w->keepalive,
        .pwsi = &w->wsi,
    };
    /* NULL comes with or without a callback before it, by lws's version */
    if (!lws_client_connect_via_info(&info)) {
        w->wsi = NULL;
        because(w, "cannot connect");
        connection_ended(w);
    }
    return true;
}

bool ws_send(struct ws *w, struct str text) {
    if (w->state != WS_OPEN || text.len > w->config.queue_limit_bytes - w->queued_bytes)
        return false;
    struct queued *q = malloc(sizeof *q + LWS_PRE + text.len);
    if (!q)
        return false;
    q->next = NULL;
    q->len = text.len;
    if (text.len)
        memcpy(q->bytes + LWS_PRE, text.ptr, text.len);
    if (w->last)
        w->last->next = q;
    else
        w->first = q;
    w->last = q;
    w->queued_bytes += text.len;
    lws_callback_on_writable(w->wsi);
    return true;
}

void ws_close(struct ws *w, int code) {
    if (w->state == WS_CONNECTING) {
        because(w, "given up");
        loop_timer_set(w->watchdog, 0);
    } else if (w->state == WS_OPEN) {
        because(w, "closed by us");
        w->state = WS_CLOSING;
        w->close_code = code;
        loop_timer_set(w->watchdog, w->config.close_timeout_ms);
        lws_callback_on_writable(w->wsi);
    }
}
