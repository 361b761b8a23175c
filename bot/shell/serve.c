#define LOG_MODULE "serve"
#include "shell/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "shell/log.h"
#include "shell/ws_server.h"

#define BACKLOG 128
#define ACCEPTS_AT_ONCE 64
#define ACCEPT_PAUSE_MS 500 /* where no descriptor is left */
#define ANSWER_S 30         /* to take a page */
#define PING_S 30           /* silence before a PING; without an answer for as long again the peer is dead */
#define QUEUE_LIMIT (256 * 1024)
#define KERNEL_BUFFER (64 * 1024) /* of what is sent; the system would let it grow to megabytes */
#define CLOSE_MS 3000
#define QUIT_MS 2000
#define CLOSE_TOO_SLOW 1013 /* "try again later" */
#define CLOSE_NORMAL 1000

enum { PATH_CAP = 256, HEADER_CAP = 1024, HEAD_CAP = 4096, CHUNK = 4096 };

/* A connection. Freed when lws is done with it and its websocket, if it became one, has told its end. */
struct visitor {
    struct serve *serve;
    struct visitor *next, **link; /* link: what points to it */
    uint64_t conn;
    struct lws *wsi;
    struct ws *ws;
    struct str body; /* of the page on its way */
    size_t sent;
    bool arriving;
};

struct serve {
    struct loop *loop;
    struct link_config config;
    struct link_events events;
    void *user;
    int fd;
    struct loop_fd *door;
    struct loop_timer *wake, *open_again, *quit;
    struct lws_vhost *vhost;
    struct visitor *visitors;
    uint64_t conn_count;
    char url[80];
    bool draining, quitting, ended;
};

static const struct chat_server *server_of(const struct serve *s) { return s->config.ops->server; }

static const char *name_of(const struct serve *s) { return s->config.ops->name; }

static int64_t now_ms(const struct serve *s) { return loop_now_ms(s->loop); }

/* --- the codec --------------------------------------------------------------------------------------------------- */

static struct visitor *visitor_of(const struct serve *s, uint64_t conn) {
    struct visitor *v = s->visitors;
    while (v && v->conn != conn)
        v = v->next;
    return v;
}

static void end(struct serve *s) {
    if (s->ended)
        return;
    s->ended = true;
    loop_timer_stop(s->wake);
    loop_timer_stop(s->quit);
    s->events.ended(s->user, CHAT_DONE, "");
}

static void end_when_left(struct serve *s) {
    for (const struct visitor *v = s->visitors; v; v = v->next)
        if (v->ws)
            return;
    end(s);
}

static void send_wire(const struct serve *s, const struct chat_out *out) {
    const struct visitor *v = visitor_of(s, out->number);
    /* who does not read gets all of it when he comes back */
    if (v && v->ws && !ws_send(v->ws, out->text))
        ws_close(v->ws, CLOSE_TOO_SLOW);
}

static void close_as_asked(struct serve *s, const struct chat_out *out) {
    const struct visitor *v = visitor_of(s, out->number);
    if (out->number == 0)
        s->quitting = true;
    else if (v && v->ws)
        ws_close(v->ws, out->code ? (int)out->code : CLOSE_NORMAL);
}

static void take(struct serve *s, const struct chat_out *out) {
    switch (out->kind) {
    case CHAT_MESSAGE:
        if (!s->quitting)
            s->events.message(s->user, out);
        break;
    case CHAT_WIRE:
        send_wire(s, out);
        break;
    case CHAT_WAKE_AT:
        loop_timer_set(s->wake, out->at_ms > now_ms(s) ? out->at_ms - now_ms(s) : 0);
        break;
    case CHAT_CLOSE:
        close_as_asked(s, out);
        break;
    case CHAT_KEEP:
        s->events.keep(s->user, out->text);
        break;
    case CHAT_NOTE:
        LOG_INFO("%s: %.*s", name_of(s), STR_ARG(out->text));
        break;
    default:
        break; /* nothing that a server does */
    }
}

static void drain(struct serve *s) {
    struct chat_out out;
    if (s->draining)
        return;
    s->draining = true;
    while (!s->ended && s->config.ops->next(s->config.chat, &out))
        take(s, &out);
    s->draining = false;
}

static void on_wake(void *user) {
    struct serve *s = user;
    s->config.ops->tick(s->config.chat, now_ms(s));
    drain(s);
}

/* --- websockets -------------------------------------------------------------------------------------------------- */

static void forget(struct visitor *v) {
    if (v->wsi || v->ws || v->arriving)
        return;
    *v->link = v->next;
    if (v->next)
        v->next->link = v->link;
    free(v);
}

static void on_frame(void *user, struct str frame, bool binary) {
    struct visitor *v = user;
    struct serve *s = v->serve;
    struct err e = {0};
    LOG_DEBUG("%s: received %zu bytes", name_of(s), frame.len);
    if (!server_of(s)->feed(s->config.chat, v->conn, frame, binary, now_ms(s), &e))
        LOG_DEBUG("%s: %s", name_of(s), e.message);
    drain(s);
}

static void on_closed(void *user, const struct ws_end *ended) {
    struct visitor *v = user;
    struct serve *s = v->serve;
    (void)ended;
    server_of(s)->left(s->config.chat, v->conn);
    ws_free(v->ws);
    v->ws = NULL;
    forget(v);
    if (s->quitting && !s->ended)
        end_when_left(s);
}

static int become_websocket(struct visitor *v) {
    static const struct ws_events events = {.frame = on_frame, .closed = on_closed};
    struct ws_config config = {
        .frame_limit_bytes = server_of(v->serve)->frame_most,
        .queue_limit_bytes = QUEUE_LIMIT,
        .close_timeout_ms = CLOSE_MS,
    };
    v->ws = ws_accept(v->serve->config.hub, &config, &events, v, v->wsi);
    return v->ws ? 0 : -1;
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

/* A header that is longer is no header. */
static struct str header(struct lws *wsi, enum lws_token_indexes token, char *text, size_t cap) {
    int len = lws_hdr_copy(wsi, text, (int)cap, token);
    return (struct str){text, len > 0 ? (size_t)len : 0};
}

static bool is_there(struct lws *wsi, enum lws_token_indexes token) { return lws_hdr_total_length(wsi, token) > 0; }

/* Gives whether it is a HEAD. */
static bool ask(struct visitor *v, bool websocket, struct chat_page *page) {
    char path[PATH_CAP], host[PATH_CAP], origin[PATH_CAP], cookie[HEADER_CAP], forwarded[HEADER_CAP];
    struct serve *s = v->serve;
    bool get = is_there(v->wsi, WSI_TOKEN_GET_URI), head = is_there(v->wsi, WSI_TOKEN_HEAD_URI);
    struct chat_request request = {
        .reads = get || head,
        .websocket = websocket,
        .path = header(v->wsi, head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, path, sizeof path),
        .host = header(v->wsi, WSI_TOKEN_HOST, host, sizeof host),
        .origin = header(v->wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin),
        .cookie = header(v->wsi, WSI_TOKEN_HTTP_COOKIE, cookie, sizeof cookie),
        .forwarded = header(v->wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded, sizeof forwarded),
    };
    *page = (struct chat_page){.status = 503, .type = "text/plain"};
    if (getrandom(request.random, sizeof request.random, 0) == (ssize_t)sizeof request.random)
        server_of(s)->requested(s->config.chat, v->conn, &request, page, now_ms(s));
    return head;
}

/* Not by lws, which takes a request that was for a websocket for one of HTTP/1.0. */
static bool write_head(struct visitor *v, const struct chat_page *page) {
    unsigned char bytes[LWS_PRE + HEAD_CAP];
    struct buf head;
    buf_init_heap(&head);
    buf_printf(&head, "HTTP/1.1 %u \r\ncontent-type: %s\r\ncontent-length: %zu\r\n", page->status, page->type, page->body.len);
    for (size_t i = 0; i < page->header_count; i++)
        buf_printf(&head, "%s: %.*s\r\n", page->headers[i].name, STR_ARG(page->headers[i].value));
    buf_add(&head, STR("\r\n"));
    bool fits = !head.failed && head.len <= HEAD_CAP;
    if (fits)
        memcpy(bytes + LWS_PRE, head.ptr, head.len);
    bool written = fits && lws_write(v->wsi, bytes + LWS_PRE, head.len, LWS_WRITE_HTTP_HEADERS) == (int)head.len;
    buf_finish(&head);
    return written;
}

/* A piece of the body; 1: that was the last. */
static int write_body(struct visitor *v) {
    unsigned char piece[LWS_PRE + CHUNK];
    struct str more = str_slice(v->body, v->sent, CHUNK);
    bool last = v->sent + more.len == v->body.len;
    if (more.len > 0)
        memcpy(piece + LWS_PRE, more.ptr, more.len);
    if (lws_write(v->wsi, piece + LWS_PRE, more.len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)more.len)
        return -1;
    v->sent += more.len;
    return last;
}

static int go_on(struct visitor *v) {
    int done = write_body(v);
    if (done == 0)
        lws_callback_on_writable(v->wsi);
    return done == 1 && lws_http_transaction_completed(v->wsi) ? -1 : done < 0 ? -1 : 0;
}

static int on_request(struct visitor *v) {
    struct chat_page page;
    bool head = ask(v, false, &page);
    v->body = page.body;
    v->sent = 0;
    lws_set_timeout(v->wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_S);
    if (!write_head(v, &page))
        return -1;
    if (head || page.body.len == 0)
        return lws_http_transaction_completed(v->wsi) ? -1 : 0;
    lws_callback_on_writable(v->wsi);
    return 0;
}

/* 0: yes; 1: a refusal was written; -1: hang up. */
static int on_upgrade(struct visitor *v, const char *to) {
    struct chat_page page;
    if (strcasecmp(to, "websocket") != 0)
        return -1;
    ask(v, true, &page);
    if (page.status == 101)
        return 0;
    v->body = page.body;
    v->sent = 0;
    return write_head(v, &page) && write_body(v) == 1 ? 1 : -1;
}

static void on_gone(struct visitor *v) {
    struct serve *s = v->serve;
    if (!v->ws)
        server_of(s)->left(s->config.chat, v->conn);
    v->wsi = NULL;
    forget(v);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    struct visitor *v = lws_get_opaque_user_data(wsi);
    (void)user;
    if (!v)
        return 0; /* of nobody, or of one whom serve_free() gave up */
    v->wsi = wsi;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return on_request(v);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return go_on(v);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_upgrade(v, in);
    case LWS_CALLBACK_ESTABLISHED:
        return become_websocket(v);
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
        return -1; /* no HTTP */
    case LWS_CALLBACK_WSI_DESTROY:
        ws_event(v->ws, wsi, reason, in, len);
        on_gone(v);
        return 0;
    default:
        return ws_event(v->ws, wsi, reason, in, len);
    }
}

/* --- the door ---------------------------------------------------------------------------------------------------- */

static const char *address_of(const struct sockaddr_storage *from, char text[INET6_ADDRSTRLEN]) {
    const void *at = from->ss_family == AF_INET ? (const void *)&((const struct sockaddr_in *)from)->sin_addr
                                                : (const void *)&((const struct sockaddr_in6 *)from)->sin6_addr;
    return inet_ntop(from->ss_family, at, text, INET6_ADDRSTRLEN) ? text : "";
}

/* The descriptor is lws's from here on, whatever comes of it. */
static void let_in(struct serve *s, int fd, uint64_t conn) {
    struct visitor *v = calloc(1, sizeof *v);
    lws_adopt_desc_t adopt = {.vh = s->vhost, .type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET, .fd = {.sockfd = fd}, .opaque = v};
    int yes = 1, buffer = KERNEL_BUFFER;
    if (!v) {
        close(fd);
        server_of(s)->left(s->config.chat, conn);
        return;
    }
    *v = (struct visitor){.serve = s, .conn = conn, .arriving = true, .next = s->visitors, .link = &s->visitors};
    if (v->next)
        v->next->link = &v->next;
    s->visitors = v;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* else a second frame waits for the peer's ACK of the first */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    v->wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
    v->arriving = false;
    if (!v->wsi)
        on_gone(v);
}

static void on_door(void *user, int events) {
    struct serve *s = user;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        char address[INET6_ADDRSTRLEN] = "";
        int fd = accept(s->fd, (struct sockaddr *)&from, &len);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            loop_fd_set(s->door, 0);
            loop_timer_set(s->open_again, ACCEPT_PAUSE_MS);
        }
        if (fd < 0)
            return;
        if (server_of(s)->arrived(s->config.chat, ++s->conn_count, str_of(address_of(&from, address))))
            let_in(s, fd, s->conn_count);
        else
            close(fd);
    }
}

static void on_open_again(void *user) {
    struct serve *s = user;
    if (!s->quitting)
        loop_fd_set(s->door, LOOP_READ);
}

static void on_quit(void *user) { end(user); }

static socklen_t socket_address(struct sockaddr_storage *out, const char *address, uint16_t port) {
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof *four;
    }
    if (inet_pton(AF_INET6, address, &six->sin6_addr) != 1)
        return 0;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    return sizeof *six;
}

static bool listen_at(struct serve *s, struct err *e) {
    struct sockaddr_storage where;
    struct str address;
    uint16_t port;
    char text[INET6_ADDRSTRLEN];
    int yes = 1;
    server_of(s)->place(s->config.chat, &address, &port);
    snprintf(text, sizeof text, "%.*s", STR_ARG(address));
    socklen_t len = socket_address(&where, text, port);
    snprintf(s->url, sizeof s->url, where.ss_family == AF_INET6 ? "http://[%s]:%u/" : "http://%s:%u/", text, port);
    s->fd = len ? socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    if (s->fd >= 0 && setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(s->fd, (struct sockaddr *)&where, len) == 0 && listen(s->fd, BACKLOG) == 0)
        return true;
    return err_set(e, ERR_IO, "[%s] cannot listen at %s: %s", name_of(s), s->url, len ? strerror(errno) : "no such address");
}

static struct lws_vhost *new_vhost(struct serve *s) {
    static const struct lws_protocols protocols[] = {{.name = "page", .callback = on_event, .rx_buffer_size = 4096}, {0}};
    static const lws_retry_bo_t keepalive = {.secs_since_valid_ping = PING_S, .secs_since_valid_hangup = 2 * PING_S};
    struct lws_context_creation_info info = {
        .vhost_name = name_of(s),
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .retry_and_idle_policy = &keepalive,
    };
    return lws_create_vhost(ws_hub_context(s->config.hub), &info);
}

struct serve *serve_new(struct loop *l, const struct link_config *config, const struct link_events *events, void *user, struct err *e) {
    struct serve *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    *s = (struct serve){.loop = l, .config = *config, .events = *events, .user = user, .fd = -1};
    s->wake = loop_timer_new(l, on_wake, s);
    s->open_again = loop_timer_new(l, on_open_again, s);
    s->quit = loop_timer_new(l, on_quit, s);
    if (s->wake && s->open_again && s->quit && listen_at(s, e)) {
        s->door = loop_fd_new(l, s->fd, on_door, s);
        s->vhost = s->door ? new_vhost(s) : NULL;
    }
    if (s->vhost)
        return s;
    err_set(e, ERR_IO, "[%s] libwebsockets does not serve", name_of(s));
    serve_free(s);
    return NULL;
}

void serve_free(struct serve *s) {
    if (!s)
        return;
    s->ended = true;
    while (s->visitors) {
        struct visitor *v = s->visitors;
        if (v->wsi)
            lws_set_opaque_user_data(v->wsi, NULL);
        ws_free(v->ws);
        v->wsi = NULL;
        v->ws = NULL;
        forget(v);
    }
    loop_fd_free(s->door);
    if (s->fd >= 0)
        close(s->fd);
    loop_timer_free(s->wake);
    loop_timer_free(s->open_again);
    loop_timer_free(s->quit);
    free(s);
}

void serve_start(struct serve *s) {
    LOG_INFO("%s: the page is at %s", name_of(s), s->url);
    loop_fd_set(s->door, LOOP_READ);
}

bool serve_say(struct serve *s, const struct chat_say *say, struct err *e) {
    bool said = s->config.ops->say(s->config.chat, say, now_ms(s), e);
    drain(s);
    return said;
}

void serve_quit(struct serve *s) {
    if (s->quitting || s->ended)
        return;
    loop_fd_set(s->door, 0);
    loop_timer_set(s->quit, QUIT_MS);
    s->config.ops->quit(s->config.chat, now_ms(s));
    drain(s);
    s->quitting = true;
    end_when_left(s);
}
