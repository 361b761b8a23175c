#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "chat/discord_work.h"
#include "core/url.h"

enum { INTENTS = 1 << 9 | 1 << 12 }; /* messages of guilds and in private; none is privileged */

enum { OP_DISPATCH = 0, OP_HEARTBEAT = 1, OP_IDENTIFY = 2, OP_RESUME = 6, OP_RECONNECT = 7, OP_INVALID = 9, OP_HELLO = 10, OP_ACK = 11 };

/* ---- where ---- */

/* The gateway's address with what it wants to be asked; over TLS wherever the API is. */
static bool dial_url(struct buf *out, const struct chat *c, struct str base, struct err *e) {
    struct url url, api;
    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    buf_add(out, base);
    buf_add(out, str_find(base, STR("?")) == SIZE_MAX ? STR("/?v=10&encoding=json") : STR("&v=10&encoding=json"));
    if (out->failed || !url_parse(buf_str(out), &url, e))
        return false;
    if (url.http)
        return err_set(e, ERR_SCHEMA, "the gateway's address is none of a websocket");
    if (!url.tls && url_parse(c->api, &api, NULL) && api.tls)
        return err_set(e, ERR_SCHEMA, "the gateway's address is not encrypted, though the API's is");
    return true;
}

static void dial_at(struct chat *c, struct str base) {
    struct buf text;
    struct err e = {0};
    buf_init_heap(&text);
    c->phase = PHASE_DIAL;
    if (dial_url(&text, c, base, &e)) {
        discord_put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = buf_str(&text)});
    } else {
        c->session.url[0] = '\0'; /* may be where the bad one is from */
        discord_end(c, CHAT_RETRY, NULL, ERR_SCHEMA, "%s", e.message);
    }
    buf_finish(&text);
}

static void ask_gateway(struct chat *c) {
    c->phase = PHASE_ASK;
    c->gateway_number = discord_ask(
        c, &(struct chat_out){.method = CHAT_GET, .auth = str_of(c->auth), .lane = STR("gateway"), .dialing = true}, "/gateway/bot");
}

static int64_t dial_due_ms(const struct chat *c) {
    return !c->session.id[0] && c->identify_at_ms > c->dial_at_ms ? c->identify_at_ms : c->dial_at_ms;
}

void discord_dial(struct chat *c) {
    if (c->now_ms < dial_due_ms(c))
        c->phase = PHASE_WAIT;
    else if (c->gateway.len > 0)
        dial_at(c, c->gateway);
    else if (c->session.id[0] && c->session.url[0] && c->resume_fails < DISCORD_RESUMES_MOST)
        dial_at(c, str_of(c->session.url));
    else
        ask_gateway(c);
}

bool discord_is_ban(const struct chat_answer *a) {
    return (a->status == 403 || a->status == 429) && str_starts_with(str_trim(a->body), STR("<"));
}

/* So many logins are left for so long: the last ones are not spent at once. 0: now. */
static int64_t login_pause_ms(struct chat *c, const cJSON *limit) {
    int64_t left = json_int(limit, "remaining", DISCORD_LOGINS_DEAR), reset = json_int(limit, "reset_after", 0);
    if (c->session.id[0] || left >= DISCORD_LOGINS_DEAR || reset <= 0 || (left > 0 && c->limit_waited))
        return 0;
    if (reset > 24 * 3600 * 1000)
        reset = 24 * 3600 * 1000;
    int64_t pause = left > 0 ? reset / left : reset;
    discord_note(c, "only %lld logins are left for %lld s: waiting %lld s", (long long)(left > 0 ? left : 0), (long long)(reset / 1000),
                 (long long)(pause / 1000));
    return pause;
}

static void use_gateway(struct chat *c, const cJSON *told) {
    struct str url = json_str(told, "url");
    int64_t pause = login_pause_ms(c, json_at(told, "session_start_limit"));
    if (url.len == 0) {
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "the server does not say where its gateway is");
    } else if (pause > 0) {
        c->limit_waited = true;
        c->identify_at_ms = c->now_ms + pause;
        c->phase = PHASE_WAIT;
    } else {
        dial_at(c, url);
    }
}

void discord_gateway_told(struct chat *c, const struct chat_answer *a) {
    if (c->phase != PHASE_ASK)
        return;
    cJSON *told = a->status == 200 ? json_read(a->body) : NULL;
    if (a->status == 401)
        discord_end(c, CHAT_STOP, NULL, ERR_AUTH, "the token is wrong (HTTP status 401)");
    else if (discord_is_ban(a))
        discord_end(c, CHAT_RETRY_LATER, NULL, ERR_LIMIT, "Cloudflare keeps this address out (HTTP status %u)", a->status);
    else if (a->status == 0)
        discord_end(c, CHAT_RETRY, NULL, ERR_IO, "where the gateway is cannot be asked: %.*s", STR_ARG(str_slice(a->why, 0, 120)));
    else if (!told)
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "where the gateway is was not told (HTTP status %u)", a->status);
    else
        use_gateway(c, told);
    cJSON_Delete(told);
}

/* ---- frames out ---- */

static void send_frame(struct chat *c, int op, cJSON *d) {
    struct buf text;
    if (c->now_ms - c->minute_ms >= 60 * 1000) {
        c->minute_ms = c->now_ms;
        c->frames_sent = 0;
    }
    if (c->frames_sent >= DISCORD_FRAMES_A_MINUTE) { /* a server that asks for more beats than it allows */
        cJSON_Delete(d);
        return;
    }
    c->frames_sent++;
    cJSON *frame = cJSON_CreateObject();
    buf_init_heap(&text);
    cJSON_AddNumberToObject(frame, "op", op);
    cJSON_AddItemToObject(frame, "d", d);
    json_write(&text, frame);
    if (!text.failed && text.len <= DISCORD_FRAME_MOST)
        discord_put(c, &(struct chat_out){.kind = CHAT_WIRE, .text = buf_str(&text)});
    if (text.ptr)
        OPENSSL_cleanse(text.ptr, text.len);
    buf_finish(&text);
}

static void send_beat(struct chat *c) {
    send_frame(c, OP_HEARTBEAT, c->session.seq < 0 ? cJSON_CreateNull() : cJSON_CreateNumber((double)c->session.seq));
}

static const char *token(const struct chat *c) { return c->auth + strlen("Bot "); }

static int64_t doubled(int64_t first_ms, unsigned times, int64_t most_ms) {
    while (times-- > 0 && first_ms < most_ms)
        first_ms *= 2;
    return first_ms < most_ms ? first_ms : most_ms;
}

/* Each costs one of some 1000 a day, beyond which the token is taken from us. */
static void identify(struct chat *c) {
    cJSON *d = cJSON_CreateObject();
    cJSON *properties = cJSON_AddObjectToObject(d, "properties");
    cJSON_AddStringToObject(d, "token", token(c));
    cJSON_AddNumberToObject(d, "intents", INTENTS);
    cJSON_AddStringToObject(properties, "os", "linux");
    cJSON_AddStringToObject(properties, "browser", "lippy");
    cJSON_AddStringToObject(properties, "device", "lippy");
    send_frame(c, OP_IDENTIFY, d);
    c->resuming = false;
    c->session.seq = -1;
    c->limit_waited = false;
    c->identify_at_ms = c->now_ms + discord_random(c, DISCORD_IDENTIFY_MS, doubled(DISCORD_IDENTIFY_MS, c->logins, DISCORD_IDENTIFY_MOST_MS));
    c->logins += c->logins < 16;
    discord_keep(c, 0);
}

static void resume(struct chat *c) {
    cJSON *d = cJSON_CreateObject();
    cJSON_AddStringToObject(d, "token", token(c));
    cJSON_AddStringToObject(d, "session_id", c->session.id);
    cJSON_AddNumberToObject(d, "seq", c->session.seq < 0 ? 0 : (double)c->session.seq);
    send_frame(c, OP_RESUME, d);
    c->resuming = true;
}

static void log_in(struct chat *c) {
    c->phase = PHASE_LOGIN;
    c->login_at_ms = CHAT_NEVER;
    c->login_by_ms = c->now_ms + DISCORD_LOGIN_MS;
    if (c->session.id[0])
        resume(c);
    else if (c->now_ms >= c->identify_at_ms)
        identify(c);
    else
        c->login_at_ms = c->identify_at_ms;
}

/* ---- frames in ---- */

static bool on_hello(struct chat *c, struct str data, struct err *e) {
    cJSON *d = json_read(data);
    int64_t interval = json_int(d, "heartbeat_interval", 0);
    cJSON_Delete(d);
    if (interval <= 0)
        return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "a hello without a heartbeat");
    if (c->phase != PHASE_HELLO)
        return true;
    c->beat_ms = interval < 1000 ? 1000 : interval > 600 * 1000 ? 600 * 1000 : interval;
    c->beat_at_ms = c->now_ms + discord_random(c, 0, c->beat_ms);
    c->beat_answered = true;
    c->hello_by_ms = CHAT_NEVER;
    log_in(c);
    return true;
}

static void forget_session(struct chat *c) {
    c->session.id[0] = '\0';
    c->session.seq = -1;
    c->resume_fails = 0;
}

/* Op 9. With true the session can be resumed, though not here. */
static bool on_invalid(struct chat *c, struct str data, struct err *e) {
    if (str_equal(data, STR("true")))
        return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the session is to be resumed");
    forget_session(c);
    int64_t soon = c->now_ms + discord_random(c, 1000, 5000);
    if (c->identify_at_ms < soon)
        c->identify_at_ms = soon;
    if (c->identify_at_ms - c->now_ms > DISCORD_LOGIN_MS / 2)
        return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the session is invalid");
    discord_note(c, "the session is invalid; a new one in %.1f s", (double)(c->identify_at_ms - c->now_ms) / 1000);
    c->phase = PHASE_LOGIN;
    c->resuming = false;
    c->login_at_ms = c->identify_at_ms;
    c->login_by_ms = c->login_at_ms + DISCORD_LOGIN_MS;
    return true;
}

static int compare_event(const void *key, const void *element) {
    return str_compare(*(const struct str *)key, str_of(((const struct discord_event *)element)->name));
}

const struct discord_event *discord_events(size_t *count) {
    static const struct discord_event events[] = {
        {"INTERACTION_CREATE", discord_on_interaction},
        {"MESSAGE_CREATE", discord_on_message},
        {"READY", discord_on_ready},
        {"RESUMED", discord_on_resumed},
    };
    *count = sizeof events / sizeof *events;
    return events;
}

static bool on_event(struct chat *c, const struct discord_frame *f, struct err *e) {
    size_t count;
    const struct discord_event *all = discord_events(&count);
    if (f->s > c->session.seq) {
        c->session.seq = f->s;
        discord_keep(c, DISCORD_KEEP_LATE_MS);
    }
    const struct discord_event *event = bsearch(&f->t, all, count, sizeof *all, compare_event);
    if (!event || (c->phase != PHASE_LOGIN && c->phase != PHASE_READY))
        return true;
    cJSON *d = json_read(f->d);
    if (!d)
        return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "an event that is no JSON");
    event->fn(c, d);
    cJSON_Delete(d);
    return true;
}

bool discord_feed(struct chat *c, struct str frame, struct err *e) {
    struct discord_frame f;
    if (!discord_frame_read(frame, &f))
        return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "a frame that is no JSON object");
    switch (f.op) {
    case OP_DISPATCH: return on_event(c, &f, e);
    case OP_HEARTBEAT: send_beat(c); break;
    case OP_RECONNECT: return discord_end(c, CHAT_RETRY, e, ERR_PROTOCOL, "the server asks us to connect again");
    case OP_INVALID: return on_invalid(c, f.d, e);
    case OP_HELLO: return on_hello(c, f.d, e);
    case OP_ACK: c->beat_answered = true; break;
    default: break; /* of a newer version */
    }
    return true;
}

/* ---- logged in ---- */

/* Written once, and again when it has changed. */
static void register_command(struct chat *c) {
    struct buf text;
    if (c->registered || c->command_number)
        return;
    cJSON *all = cJSON_CreateArray(), *command = cJSON_CreateObject(), *option = cJSON_CreateObject();
    static const int contexts[] = {0, 1}; /* guilds, and direct messages with us */
    json_add_str(command, "name", c->command);
    cJSON_AddNumberToObject(command, "type", 1);
    cJSON_AddStringToObject(command, "description", DISCORD_COMMAND_ABOUT);
    cJSON_AddItemToObject(command, "contexts", cJSON_CreateIntArray(contexts, 2));
    cJSON_AddNumberToObject(option, "type", 3);
    cJSON_AddStringToObject(option, "name", "text");
    cJSON_AddStringToObject(option, "description", DISCORD_COMMAND_TEXT);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(command, "options"), option);
    cJSON_AddItemToArray(all, command);
    buf_init_heap(&text);
    json_write(&text, all);
    if (!text.failed)
        c->command_number = discord_ask(
            c, &(struct chat_out){.method = CHAT_PUT, .auth = str_of(c->auth), .lane = STR("commands"), .text = buf_str(&text)},
            "/applications/%s/commands", c->session.app);
    buf_finish(&text);
}

static void be_ready(struct chat *c) {
    c->phase = PHASE_READY;
    c->login_by_ms = c->login_at_ms = CHAT_NEVER;
    c->was_ready = true;
    c->ready_ms = c->now_ms;
    c->resume_fails = 0;
    discord_put(c, &(struct chat_out){.kind = CHAT_READY, .text = str_of(c->session.name)});
    discord_keep(c, 0);
    register_command(c);
}

void discord_on_ready(struct chat *c, const cJSON *d) {
    struct discord_session *s = &c->session;
    const cJSON *user = json_at(d, "user");
    struct str app = json_str(json_at(d, "application"), "id");
    if (c->phase != PHASE_LOGIN || c->resuming)
        return;
    discord_set(s->user, sizeof s->user, json_str(user, "id"));
    discord_set(s->app, sizeof s->app, discord_is_id(app) ? app : json_str(user, "id"));
    discord_set(s->name, sizeof s->name, json_str(user, "username"));
    discord_set(s->id, sizeof s->id, json_str(d, "session_id"));
    discord_set(s->url, sizeof s->url, json_str(d, "resume_gateway_url"));
    if (!discord_is_id(str_of(s->user)) || !discord_is_id(str_of(s->app)))
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "the server does not say who we are");
    else
        be_ready(c);
}

void discord_on_resumed(struct chat *c, const cJSON *d) {
    (void)d;
    if (c->phase == PHASE_LOGIN && c->resuming)
        be_ready(c);
}

/* ---- ends ---- */

static const char *fatal_reason(unsigned code) {
    static const struct {
        unsigned code;
        const char *reason;
    } all[] = {
        {4004, "the token is wrong"},
        {4010, "the shard is wrong"},
        {4011, "the bot is in so many servers that it needs sharding"},
        {4012, "this version of the gateway is gone"},
        {4013, "the intents are wrong"},
        {4014, "the intents are not allowed; see the bot's page in the developer portal"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].code == code)
            return all[i].reason;
    return NULL;
}

/* What an end says about the session and the next attempt. */
static void learn_from_end(struct chat *c, const struct chat_end *end) {
    if (c->was_ready && c->now_ms - c->ready_ms >= DISCORD_STEADY_MS)
        c->logins = 0;
    if (end->code == 4007 || end->code == 4009)
        forget_session(c);
    if (end->code == 4008)
        c->dial_at_ms = c->now_ms + DISCORD_RATE_PAUSE_MS;
    if (!c->session.id[0] || c->was_ready)
        return;
    /* Resuming failed: elsewhere, then, and in the end no more of it. */
    if (++c->resume_fails >= 2 * DISCORD_RESUMES_MOST && end->was_open)
        forget_session(c);
}

void discord_closed(struct chat *c, const struct chat_end *end) {
    const char *reason = fatal_reason(end->code);
    c->phase = PHASE_OFF;
    c->hello_by_ms = c->login_by_ms = c->login_at_ms = c->beat_at_ms = c->told_ms = CHAT_NEVER;
    if (c->quitting)
        discord_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
    else if (reason)
        discord_end(c, CHAT_STOP, NULL, ERR_AUTH, "%s (close code %u)", reason, end->code);
    else
        learn_from_end(c, end);
    c->was_ready = false;
}

/* ---- timers ---- */

void discord_gate_tick(struct chat *c) {
    int64_t now = c->now_ms;
    if (c->phase == PHASE_WAIT) {
        discord_dial(c);
    } else if (now >= c->hello_by_ms) {
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "no hello within %d s", DISCORD_HELLO_MS / 1000);
    } else if (now >= c->login_by_ms) {
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "no login within %d s", DISCORD_LOGIN_MS / 1000);
    } else if (now >= c->beat_at_ms && !c->beat_answered) {
        discord_end(c, CHAT_RETRY, NULL, ERR_PROTOCOL, "the server no longer answers the heartbeat");
    } else {
        if (now >= c->login_at_ms)
            log_in(c);
        if (now >= c->beat_at_ms) {
            send_beat(c);
            c->beat_answered = false;
            c->beat_at_ms = now + c->beat_ms;
        }
    }
}

int64_t discord_gate_due_ms(const struct chat *c) {
    if (c->phase == PHASE_WAIT)
        return dial_due_ms(c);
    if (c->phase < PHASE_HELLO || c->phase == PHASE_DOWN)
        return CHAT_NEVER;
    return chat_sooner(chat_sooner(c->hello_by_ms, c->login_by_ms), chat_sooner(c->login_at_ms, c->beat_at_ms));
}

void discord_opened(struct chat *c) {
    c->phase = PHASE_HELLO;
    c->hello_by_ms = c->now_ms + DISCORD_HELLO_MS;
    c->login_by_ms = c->login_at_ms = c->beat_at_ms = c->told_ms = CHAT_NEVER;
    c->minute_ms = c->now_ms;
    c->frames_sent = 0;
}
