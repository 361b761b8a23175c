#include <cjson/cJSON.h>
#include <getopt.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "core/buf.h"
#include "dialog/load.h"

/* A websocket server in this process, on loopback, answers a child process that plays the stream over many connections,
 * one message under way on each. Once it echoes what it has parsed and printed again with cJSON, once the engine answers in between. */

enum { CONNECTIONS_MAX = 1000, FRAME_MAX = 16384, ROUNDS = 3 };

struct options {
    const char *dialog, *stream;
    unsigned connections;
    double seconds;
};

/* lws_service() sleeps until something happens, whatever timeout it is given: so something happens now and then. */
struct tick {
    lws_sorted_usec_list_t timer;
    struct lws_context *context;
    bool due;
};

static void on_tick(lws_sorted_usec_list_t *timer) {
    struct tick *t = lws_container_of(timer, struct tick, timer);
    t->due = true;
    lws_sul_schedule(t->context, 0, &t->timer, on_tick, 20 * LWS_US_PER_MS);
}

/* Serves on until a tick. */
static void serve_a_while(struct tick *t) {
    for (t->due = false; !t->due;)
        lws_service(t->context, 0);
}

/* ---- the server ---- */

struct server {
    struct engine *engine; /* NULL: a bare echo */
    int64_t now_ms;
    bool failed;
};

struct peer {
    unsigned char out[LWS_PRE + FRAME_MAX];
    size_t out_len;
    unsigned number;
};

/* Printed where it is sent from, in both runs: the allocator is not what is compared. */
static void print_into(struct peer *p, cJSON *json) {
    char *text = (char *)p->out + LWS_PRE;
    p->out_len = cJSON_PrintPreallocated(json, text, FRAME_MAX, false) ? strlen(text) : 0;
}

/* The same JSON in and out; the bot's goes through the engine. */
static void answer(struct server *s, struct peer *p, const char *in, size_t len) {
    cJSON *json = cJSON_ParseWithLength(in, len);
    const cJSON *user = cJSON_GetObjectItemCaseSensitive(json, "user");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "text");
    if (!cJSON_IsString(user) || !cJSON_IsString(text)) {
        s->failed = true;
    } else if (s->engine) {
        const struct engine_reply *replies;
        struct engine_from from = {.platform = STR("bench"), .who = str_of(user->valuestring), .addressed = true};
        size_t count = engine_message(s->engine, &from, str_of(text->valuestring), s->now_ms++, &replies);
        char joined[FRAME_MAX / 2];
        size_t at = 0;
        for (size_t i = 0; i < count; i++) {
            size_t n = replies[i].text.len < sizeof joined - at - 2 ? replies[i].text.len : sizeof joined - at - 2;
            memcpy(joined + at, replies[i].text.ptr, n);
            at += n;
            joined[at++] = '\n';
        }
        joined[at] = '\0';
        cJSON_SetValuestring(cJSON_GetObjectItemCaseSensitive(json, "text"), joined);
    }
    print_into(p, json);
    cJSON_Delete(json);
}

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    struct server *s = lws_context_user(lws_get_context(wsi));
    struct peer *p = user;
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        answer(s, p, in, len);
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (p->out_len > 0 && lws_write(wsi, p->out + LWS_PRE, p->out_len, LWS_WRITE_TEXT) < 0)
            return -1;
        p->out_len = 0;
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols server_protocols[] = {
    {.name = "bench", .callback = on_server, .per_session_data_size = sizeof(struct peer), .rx_buffer_size = FRAME_MAX},
    {.name = NULL}};

/* ---- the child: many people ---- */

struct crowd {
    const struct stream *stream;
    unsigned connections, open;
    size_t answers;
    bool failed;
};

struct person {
    unsigned number;
    size_t line;
};

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    (void)in;
    (void)len;
    struct crowd *c = lws_context_user(lws_get_context(wsi));
    struct person *p = user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        p->number = c->open++;
        p->line = p->number * 37 % c->stream->count;
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
            c->answers++;
            lws_callback_on_writable(wsi);
        }
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE: {
        unsigned char frame[LWS_PRE + FRAME_MAX];
        struct str text = c->stream->messages[p->line];
        p->line = (p->line + 1) % c->stream->count;
        /* The stream's messages are plain text without quotes or control characters; stream_is_plain() has seen to it. */
        int n = snprintf((char *)frame + LWS_PRE, FRAME_MAX, "{\"user\":\"user-%u\",\"text\":\"%.*s\"}", p->number, STR_ARG(text));
        return lws_write(wsi, frame + LWS_PRE, (size_t)n, LWS_WRITE_TEXT) < 0 ? -1 : 0;
    }
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
        c->failed = true;
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols client_protocols[] = {
    {.name = "bench", .callback = on_client, .per_session_data_size = sizeof(struct person), .rx_buffer_size = FRAME_MAX},
    {.name = NULL}};

static double play(const struct stream *stream, unsigned connections, int port, double seconds) {
    struct crowd crowd = {.stream = stream, .connections = connections};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = client_protocols, .user = &crowd};
    struct lws_context *context = lws_create_context(&info);
    for (unsigned i = 0; context && i < connections; i++) {
        struct lws_client_connect_info connect = {.context = context, .address = "127.0.0.1", .host = "127.0.0.1", .port = port,
                                                  .path = "/", .protocol = "bench", .local_protocol_name = "bench"};
        lws_client_connect_via_info(&connect);
    }
    struct tick tick = {.context = context};
    if (context)
        on_tick(&tick.timer);
    double start = bench_now_s();
    while (context && !crowd.failed && crowd.open < connections && bench_now_s() - start < 10)
        serve_a_while(&tick);
    crowd.answers = 0;
    start = bench_now_s();
    double spent = 0;
    while (context && !crowd.failed && (spent = bench_now_s() - start) < seconds)
        serve_a_while(&tick);
    lws_sul_cancel(&tick.timer);
    double rate = spent > 0 && crowd.open == connections && !crowd.failed ? (double)crowd.answers / spent : 0;
    if (context)
        lws_context_destroy(context);
    return rate;
}

/* ---- one measurement ---- */

static double measure(struct engine *engine, const struct stream *stream, const struct options *o) {
    struct server server = {.engine = engine, .now_ms = INT64_C(1769860800000)};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = server_protocols, .iface = "127.0.0.1",
                                             .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS, .user = &server};
    struct lws_context *context = lws_create_context(&info);
    info.port = 0;
    struct lws_vhost *vhost = context ? lws_create_vhost(context, &info) : NULL;
    int port = vhost ? lws_get_vhost_listen_port(vhost) : 0, result[2];
    if (port <= 0 || pipe(result) != 0) {
        fprintf(stderr, "lippy-bench: no port to listen on\n");
        if (context)
            lws_context_destroy(context);
        return 0;
    }
    pid_t child = fork();
    if (child == 0) {
        lws_context_destroy(context); /* the server is the parent's */
        double rate = play(stream, o->connections, port, o->seconds);
        _exit(write(result[1], &rate, sizeof rate) == sizeof rate ? 0 : 1);
    }
    close(result[1]);
    struct tick tick = {.context = context};
    on_tick(&tick.timer);
    double limit = bench_now_s() + o->seconds + 15, rate = 0;
    bool over = child <= 0;
    while (!over && bench_now_s() < limit) {
        serve_a_while(&tick);
        over = waitpid(child, NULL, WNOHANG) != 0;
    }
    if (!over) { /* it hangs: it is not left behind */
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (read(result[0], &rate, sizeof rate) != sizeof rate || server.failed)
        rate = 0;
    close(result[0]);
    lws_sul_cancel(&tick.timer);
    lws_context_destroy(context);
    return rate;
}

static bool is_plain(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == '"' || text.ptr[i] == '\\')
            return false;
    return text.len < FRAME_MAX / 4;
}

/* The child builds its JSON by hand: it must not be what is measured. */
static void keep_plain(struct stream *s) {
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (is_plain(s->messages[i]))
            s->messages[kept++] = s->messages[i];
    s->count = kept;
}

static bool parse(int argc, char **argv, struct options *o) {
    static const struct option options[] = {{"dialog", 1, NULL, 'd'}, {"stream", 1, NULL, 's'}, {"connections", 1, NULL, 'n'},
                                            {"seconds", 1, NULL, 't'}, {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'd': o->dialog = optarg; break;
        case 's': o->stream = optarg; break;
        case 'n': o->connections = (unsigned)strtoul(optarg, NULL, 10); break;
        case 't': o->seconds = strtod(optarg, NULL); break;
        default: return false;
        }
    }
    if (!o->dialog || !o->stream || o->connections < 1 || o->connections > CONNECTIONS_MAX) {
        fputs("lippy-bench ws needs --dialog DIR and --stream FILE, and 1 to 1000 connections\n", stderr);
        return false;
    }
    return true;
}

int bench_ws(int argc, char **argv) {
    struct options o = {.connections = 100, .seconds = 1.5};
    if (!parse(argc, argv, &o))
        return 2;
    lws_set_log_level(LLL_ERR, NULL);
    struct arena a;
    struct stream stream;
    arena_init(&a, 0);
    if (!stream_read(o.stream, &a, &stream))
        return 1;
    keep_plain(&stream);
    struct dialog *d = bench_load(o.dialog, 1, &stream);
    struct engine *e = d ? bench_engine(d, CONNECTIONS_MAX * 2) : NULL;
    if (!e || stream.count == 0)
        return 1;
    double echo = 0, bot = 0;
    for (unsigned i = 0; i < ROUNDS; i++) { /* in turn: the machine's speed drifts */
        echo += measure(NULL, &stream, &o) / ROUNDS;
        bot += measure(e, &stream, &o) / ROUNDS;
    }
    printf("{\"msgs_per_s\":%.0f,\"echo_per_s\":%.0f,\"ratio\":%.2f,\"connections\":%u}\n", bot, echo,
           echo > 0 ? bot / echo : 0, o.connections);
    engine_free(e);
    dialog_free(d);
    arena_finish(&a);
    return echo > 0 && bot > 0 ? 0 : 1;
}
