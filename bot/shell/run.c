#define LOG_MODULE "run"
#include "shell/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "author/check.h"
#include "engine/engine.h"
#include "shell/config.h"
#include "shell/console.h"
#include "shell/dialogs.h"
#include "shell/link.h"
#include "shell/log.h"
#include "shell/loop.h"
#include "shell/render.h"
#include "shell/serve.h"
#include "shell/state.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_REFUSED = 3, EXIT_MACHINE = 4 };

#define TICK_MS 1000
#define HOUR_MS (INT64_C(3600) * 1000)

struct run;

/* One platform that the bot is on. */
struct place_on {
    struct run *run;
    struct config_platform *config;
    struct chat *chat;
    struct link *link;   /* where it dials */
    struct serve *serve; /* where people come to it */
    struct str kept; /* of an earlier run */
    bool ended;
};

/* All that lives as long as the bot runs. */
struct run {
    struct config config;
    struct opened_dialog dialogs[CONFIG_LIST_MAX];
    const struct dialog *lent[CONFIG_LIST_MAX]; /* the same, to the engine */
    size_t dialog_count;
    struct engine *engine;
    struct loop *loop;
    struct ws_hub *hub;
    struct place_on on[PLATFORMS_MAX];
    size_t on_count;
    struct loop_timer *tick;
    struct loop_signal *terminate, *interrupt;
    struct clock_source clock; /* the wall's: people say "since Tuesday" */
    struct arena turn;
    int status;
    bool stopping;
};

/* --- talking ----------------------------------------------------------------------------------------------------- */

static void say(struct place_on *p, const struct chat_out *to, const struct engine_reply *replies, size_t count, bool aside) {
    struct chat_part parts[RENDER_PARTS_MAX];
    struct err e = {0};
    struct chat_say s = {
        .to = aside ? to->aside : to->to,
        .nick = aside || str_is_empty(to->room) ? STR_NONE : to->nick,
        .answers = to->id,
        .aside = aside,
        .forget = engine_last_turn(p->run->engine)->forget,
        .parts = parts,
        .part_count = render_parts(parts, replies, count, aside),
    };
    if (s.part_count > 0 && !(p->serve ? serve_say(p->serve, &s, &e) : link_say(p->link, &s, &e)))
        LOG_WARN("%s: an answer is lost: %s", p->config->ops->name, e.message);
}

static struct chat_out copy_addresses(struct arena *a, const struct chat_out *out) {
    return (struct chat_out){
        .room = arena_copy(a, out->room),
        .to = arena_copy(a, out->to),
        .nick = arena_copy(a, out->nick),
        .aside = arena_copy(a, out->aside),
        .id = arena_copy(a, out->id),
    };
}

static void on_message(void *user, const struct chat_out *out) {
    struct place_on *p = user;
    struct run *r = p->run;
    const struct engine_reply *replies;
    struct engine_from from = {
        .platform = str_of(p->config->ops->name),
        .room = out->room,
        .who = out->who,
        .nick = out->nick,
        .aside = out->aside,
        .addressed = out->addressed,
        .discreet = out->discreet,
        .corrects = out->corrects,
    };
    size_t count = engine_message(r->engine, &from, out->text, clock_now_ms(&r->clock), &replies);
    LOG_DEBUG("%s: message of %zu bytes: %zu replies", p->config->ops->name, out->text.len, count);
    arena_reset(&r->turn);
    struct chat_out to = copy_addresses(&r->turn, out);
    say(p, &to, replies, count, false);
    say(p, &to, replies, count, true);
}

static void on_keep(void *user, struct str bytes) {
    struct place_on *p = user;
    state_write(p->run->config.state_dir, p->config->ops->name, bytes);
}

static void stop_when_all_ended(struct run *r) {
    for (size_t i = 0; i < r->on_count; i++)
        if (!r->on[i].ended)
            return;
    loop_stop(r->loop);
}

/* A platform that refuses us does not stop the others; the exit status tells of it. */
static void on_ended(void *user, enum chat_close how, const char *why) {
    struct place_on *p = user;
    p->ended = true;
    if (how == CHAT_STOP) {
        LOG_ERROR("%s: the server refuses us, and trying again would not help: %s", p->config->ops->name, why);
        p->run->status = EXIT_REFUSED;
    }
    stop_when_all_ended(p->run);
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
    for (size_t i = 0; i < r->on_count; i++) {
        if (r->on[i].serve)
            serve_quit(r->on[i].serve);
        else
            link_quit(r->on[i].link);
    }
}

/* --- starting ---------------------------------------------------------------------------------------------------- */

/* The platforms that the configuration has a section for; false: none. */
static bool name_platforms(struct run *r) {
    for (size_t i = 0; i < platform_count; i++)
        if (r->config.platforms[i].present)
            r->on[r->on_count++] = (struct place_on){.run = r, .config = &r->config.platforms[i]};
    return r->on_count > 0;
}

/* Problems of the configuration are for the operator at the terminal: plain lines, without time and module. */
static bool load_config(struct run *r, const char *path, struct str text) {
    struct buf errors;
    buf_init_heap(&errors);
    bool good = text.len > 0 ? config_parse(&r->config, text, path, &errors) : config_load(&r->config, path, &errors);
    if (good && !name_platforms(r)) {
        buf_printf(&errors, "%s: no section of a platform, such as [web]; where is the bot to go?\n", path);
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
        LOG_INFO("%s: from %s", r->config.dialogs.items[i].ptr, d->image ? "its image" : "its files");
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

static bool make_chat(struct run *r, struct place_on *p, struct err *e) {
    struct chat_setup setup = {
        .values = p->config->values,
        .long_pause_ms = (int64_t)p->config->long_pause_seconds * 1000,
    };
    if (!config_secrets(&r->config, p->config, e) || !random_bytes(setup.entropy, sizeof setup.entropy, e))
        return false;
    setup.kept = p->kept = state_read(r->config.state_dir, p->config->ops->name);
    p->chat = p->config->ops->make(&setup, e);
    return p->chat != NULL;
}

static bool make_chats(struct run *r, struct err *e) {
    for (size_t i = 0; i < r->on_count; i++)
        if (!make_chat(r, &r->on[i], e))
            return false;
    return true;
}

static bool make_link(struct run *r, struct place_on *p, struct err *e) {
    static const struct link_events events = {.message = on_message, .keep = on_keep, .ended = on_ended};
    struct link_config config = {
        .hub = r->hub,
        .ops = p->config->ops,
        .chat = p->chat,
        .ca_file = p->config->ca_file,
        .connect_host = p->config->connect_host,
        .connect_port = p->config->connect_port,
        .connect_ms = (int64_t)p->config->connect_seconds * 1000,
        .long_pause_ms = (int64_t)p->config->long_pause_seconds * 1000,
        .ping_s = (unsigned)p->config->ping_seconds,
    };
    if (config.ops->server)
        p->serve = serve_new(r->loop, &config, &events, p, e);
    else
        p->link = link_new(r->loop, &config, &events, p, e);
    return p->serve || p->link;
}

static bool make_links(struct run *r, struct err *e) {
    r->loop = loop_new(e);
    if (!r->loop)
        return false;
    r->tick = loop_timer_new(r->loop, on_tick, r);
    r->terminate = loop_signal_new(r->loop, SIGTERM, on_stop_signal, r);
    r->interrupt = loop_signal_new(r->loop, SIGINT, on_stop_signal, r);
    if (!r->tick || !r->terminate || !r->interrupt)
        return err_set(e, ERR_LIMIT, "no memory");
    r->hub = ws_hub_new(r->loop, e);
    if (!r->hub)
        return false;
    for (size_t i = 0; i < r->on_count; i++)
        if (!make_link(r, &r->on[i], e))
            return false;
    return true;
}

/* The last error decides the status: what the operator can mend in a file, or what the machine would not give. */
static int start(struct run *r, const char *config_path, struct str text) {
    struct err e = {0};
    if (!load_config(r, config_path, text) || !load_dialogs(r))
        return EXIT_WRONG;
    if (!make_chats(r, &e)) {
        fprintf(stderr, "%s: %s\n", config_path, e.message);
        return EXIT_WRONG;
    }
    if (make_engine(r, &e) && make_links(r, &e))
        return EXIT_DONE;
    LOG_ERROR("%s", e.message);
    return EXIT_MACHINE;
}

/* False: something still hangs on the loop. */
static bool finish(struct run *r) {
    for (size_t i = 0; i < r->on_count; i++) {
        link_free(r->on[i].link);
        serve_free(r->on[i].serve);
        r->on[i].config->ops->free(r->on[i].chat);
        state_free(r->on[i].kept);
    }
    ws_hub_free(r->hub);
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

int run_bot(const char *config_path, struct str text) {
    struct run r = {0};
    arena_init(&r.turn, 0);
    r.status = start(&r, config_path, text);
    if (r.status == EXIT_DONE) {
        LOG_INFO("lippy " LIPPY_VERSION "; dialogs: %zu", r.dialog_count);
        loop_timer_set(r.tick, TICK_MS);
        for (size_t i = 0; i < r.on_count; i++) {
            if (r.on[i].serve)
                serve_start(r.on[i].serve);
            else
                link_start(r.on[i].link);
        }
        loop_run(r.loop);
        LOG_INFO("stopped");
    }
    int status = r.status;
    if (!finish(&r))
        _exit(status); /* libuv would wait at exit for a name server that does not answer */
    return status;
}
