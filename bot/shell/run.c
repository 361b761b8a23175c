#define LOG_MODULE "run"
#include "shell/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "author/check.h"
#include "chat/xmpp.h"
#include "engine/engine.h"
#include "shell/config.h"
#include "shell/console.h"
#include "shell/dialogs.h"
#include "shell/link.h"
#include "shell/log.h"
#include "shell/loop.h"
#include "shell/render.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_REFUSED = 3, EXIT_MACHINE = 4 };

#define TICK_MS 1000
#define HOUR_MS (INT64_C(3600) * 1000)

/* All that lives as long as the bot runs. */
struct run {
    struct config config;
    struct opened_dialog dialogs[CONFIG_LIST_MAX];
    const struct dialog *lent[CONFIG_LIST_MAX]; /* the same, to the engine */
    size_t dialog_count;
    struct engine *engine;
    struct loop *loop;
    struct chat *chat;
    struct link *link;
    struct loop_timer *tick;
    struct loop_signal *terminate, *interrupt;
    struct clock_source clock; /* the wall's: people say "since Tuesday" */
    struct arena turn;
    int status;
    bool stopping;
};

/* --- talking ----------------------------------------------------------------------------------------------------- */

static void say(struct run *r, struct str to, struct str text) {
    struct err e = {0};
    if (text.len && !link_say(r->link, to, text, &e))
        LOG_WARN("an answer of %zu bytes is lost: %s", text.len, e.message);
}

static void on_message(void *user, const struct chat_out *out) {
    struct run *r = user;
    const struct engine_reply *replies;
    struct buf here, aside;
    struct engine_from from = {
        .platform = STR("xmpp"),
        .room = out->room,
        .who = out->who,
        .nick = out->nick,
        .aside = out->aside,
        .addressed = out->addressed,
    };
    size_t count = engine_message(r->engine, &from, out->text, clock_now_ms(&r->clock), &replies);
    LOG_DEBUG("message of %zu bytes: %zu replies", out->text.len, count);
    arena_reset(&r->turn);
    buf_init(&here, &r->turn);
    buf_init(&aside, &r->turn);
    render_replies(&here, replies, count, false, str_is_empty(out->room) ? STR_NONE : out->nick);
    render_replies(&aside, replies, count, true, STR_NONE);
    struct str to_here = arena_copy(&r->turn, out->to), to_aside = arena_copy(&r->turn, out->aside);
    say(r, to_here, buf_str(&here));
    say(r, to_aside, buf_str(&aside));
}

static void on_ended(void *user, enum chat_close how, const char *why) {
    struct run *r = user;
    if (how == CHAT_STOP) {
        LOG_ERROR("the server refuses us, and trying again would not help: %s", why);
        r->status = EXIT_REFUSED;
    }
    loop_stop(r->loop);
}

static void on_tick(void *user) {
    struct run *r = user;
    engine_tick(r->engine, clock_now_ms(&r->clock));
    loop_timer_set(r->tick, TICK_MS);
}

static void on_stop_signal(void *user) {
    struct run *r = user;
    if (r->stopping) {
        loop_stop(r->loop);
        return;
    }
    LOG_INFO("stopping");
    r->stopping = true;
    link_quit(r->link);
}

/* --- starting ---------------------------------------------------------------------------------------------------- */

/* Problems of the configuration are for the operator at the terminal: plain lines, without time and module. */
static bool load_config(struct run *r, const char *path) {
    struct buf errors;
    buf_init_heap(&errors);
    bool good = config_load(&r->config, path, &errors);
    if (good && !r->config.has_xmpp) {
        buf_printf(&errors, "%s: [xmpp]: is missing; where is the bot to go?\n", path);
        good = false;
    }
    fwrite(errors.ptr ? errors.ptr : "", 1, errors.len, stderr);
    buf_finish(&errors);
    log_set_level(r->config.log_level);
    return good;
}

static void print_problems(struct str dir, const struct problems *problems) {
    struct buf report;
    buf_init_heap(&report);
    check_report(&report, dir, problems);
    fwrite(report.ptr ? report.ptr : "", 1, report.len, stderr);
    buf_finish(&report);
}

static bool load_dialogs(struct run *r) {
    char folder[IMAGES_PATH_MAX];
    const char *images = images_folder(folder);
    for (size_t i = 0; i < r->config.dialogs.count; i++) {
        struct problems problems;
        problems_init(&problems);
        struct opened_dialog *d = &r->dialogs[i];
        bool fine = dialog_open(d, r->config.dialogs.items[i].ptr, images, &problems);
        if (!fine)
            print_problems(r->config.dialogs.items[i], &problems);
        problems_finish(&problems);
        if (!fine)
            return false;
        r->lent[r->dialog_count++] = d->dialog;
    }
    return true;
}

static bool random_bytes(void *out, size_t len, struct err *e) {
    return getrandom(out, len, 0) == (ssize_t)len || err_set(e, ERR_IO, "no random bytes to be had");
}

static bool make_engine(struct run *r, struct err *e) {
    struct engine_config config = {
        .dialogs = r->lent,
        .dialog_count = r->dialog_count,
        .country = r->config.country,
        .max_sessions = r->config.max_sessions,
        .session_ttl_ms = (int64_t)r->config.session_hours * HOUR_MS,
    };
    if (!random_bytes(config.hash_key, sizeof config.hash_key, e) || !random_bytes(&config.seed, sizeof config.seed, e))
        return false;
    r->engine = engine_new(&config, e);
    return r->engine != NULL;
}

static bool make_chat(struct run *r, struct err *e) {
    struct xmpp_config config = {
        .jid = r->config.jid,
        .nick = r->config.nick,
        .rooms = r->config.rooms.items,
        .room_count = r->config.rooms.count,
        .long_pause_ms = (int64_t)r->config.long_pause_seconds * 1000,
        .tls = !str_starts_with_nocase(r->config.websocket, STR("ws:")),
    };
    config.password = config_password(&r->config, e);
    if (!config.password.len || !random_bytes(config.entropy, sizeof config.entropy, e))
        return false;
    r->chat = xmpp_new(&config, e);
    return r->chat != NULL;
}

static bool make_link(struct run *r, struct err *e) {
    static const struct link_events events = {.message = on_message, .ended = on_ended};
    struct link_config config = {
        .ops = &xmpp_ops,
        .chat = r->chat,
        .domain = r->config.domain,
        .url = r->config.websocket,
        .ca_file = r->config.ca_file,
        .connect_host = r->config.connect_host,
        .connect_port = r->config.connect_port,
        .connect_ms = (int64_t)r->config.connect_seconds * 1000,
        .long_pause_ms = (int64_t)r->config.long_pause_seconds * 1000,
        .ping_s = (unsigned)r->config.ping_seconds,
    };
    r->loop = loop_new(e);
    if (!r->loop)
        return false;
    r->tick = loop_timer_new(r->loop, on_tick, r);
    r->terminate = loop_signal_new(r->loop, SIGTERM, on_stop_signal, r);
    r->interrupt = loop_signal_new(r->loop, SIGINT, on_stop_signal, r);
    if (!r->tick || !r->terminate || !r->interrupt)
        return err_set(e, ERR_LIMIT, "no memory");
    r->link = link_new(r->loop, &config, &events, r, e);
    return r->link != NULL;
}

/* The last error decides the status: what the operator can mend in a file, or what the machine would not give. */
static int start(struct run *r, const char *config_path) {
    struct err e = {0};
    if (!load_config(r, config_path) || !load_dialogs(r))
        return EXIT_WRONG;
    if (!make_chat(r, &e)) {
        fprintf(stderr, "%s: %s\n", config_path, e.message);
        return EXIT_WRONG;
    }
    if (make_engine(r, &e) && make_link(r, &e))
        return EXIT_DONE;
    LOG_ERROR("%s", e.message);
    return EXIT_MACHINE;
}

/* False: something still hangs on the loop. */
static bool finish(struct run *r) {
    link_free(r->link);
    if (r->chat)
        xmpp_ops.free(r->chat);
    loop_timer_free(r->tick);
    loop_signal_free(r->terminate);
    loop_signal_free(r->interrupt);
    engine_free(r->engine);
    for (size_t i = 0; i < r->dialog_count; i++)
        dialog_close(&r->dialogs[i]);
    arena_finish(&r->turn);
    config_finish(&r->config);
    return loop_free(r->loop);
}

int run_bot(const char *config_path) {
    struct run r = {0};
    arena_init(&r.turn, 0);
    r.status = start(&r, config_path);
    if (r.status == EXIT_DONE) {
        LOG_INFO("lippy " LIPPY_VERSION "; dialogs: %zu", r.dialog_count);
        loop_timer_set(r.tick, TICK_MS);
        link_start(r.link);
        loop_run(r.loop);
        LOG_INFO("stopped");
    }
    int status = r.status;
    if (!finish(&r))
        _exit(status); /* libuv would wait at exit for a name server that does not answer */
    return status;
}
