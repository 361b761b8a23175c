#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/discord_work.h"
#include "core/siphash.h"

enum { OUT_COUNT_MOST = 1024, OUT_BYTES_MOST = 4 << 20 };

/* ---- out ---- */

void discord_put(struct chat *c, const struct chat_out *out) {
    if (!outbox_put(&c->out, out))
        c->phase = PHASE_DOWN;
}

/* Formats text that came from a server, in part: plain ASCII is left of it. */
static struct str format_text(char *text, size_t size, const char *format, va_list args) {
    vsnprintf(text, size, format, args);
    for (char *p = text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return str_of(text);
}

void discord_note(struct chat *c, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    struct str s = format_text(text, sizeof text, format, args);
    va_end(args);
    discord_put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = s});
}

bool discord_end(struct chat *c, enum chat_close close, struct err *e, enum err_code code, const char *format, ...) {
    char text[240];
    va_list args;
    va_start(args, format);
    struct str s = format_text(text, sizeof text, format, args);
    va_end(args);
    err_set(e, code, "%.*s", STR_ARG(s));
    if (c->phase == PHASE_DOWN)
        return false;
    c->phase = PHASE_DOWN;
    discord_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = close, .code = DISCORD_CLOSE_CODE, .text = s});
    return false;
}

uint64_t discord_ask(struct chat *c, struct chat_out *out, const char *path, ...) {
    char text[DISCORD_ADDRESS_SIZE + 64];
    struct buf url;
    va_list args;
    va_start(args, path);
    int len = vsnprintf(text, sizeof text, path, args);
    va_end(args);
    buf_init_heap(&url);
    buf_add(&url, c->api);
    buf_add(&url, str_of(text));
    out->kind = CHAT_HTTP;
    out->url = buf_str(&url);
    out->number = ++c->numbers;
    if (!url.failed && len > 0 && (size_t)len < sizeof text)
        discord_put(c, out);
    buf_finish(&url);
    return out->number;
}

/* ---- small things ---- */

bool discord_is_id(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0 && s.len <= DISCORD_ID_MOST;
}

int64_t discord_random(struct chat *c, int64_t least, int64_t most) {
    c->drawn++;
    uint64_t bits = siphash(c->entropy, (struct str){(const char *)&c->drawn, sizeof c->drawn});
    return least + (int64_t)(bits % (uint64_t)(most - least + 1));
}

void discord_set(char *out, size_t size, struct str value) {
    bool fits = value.len < size;
    for (size_t i = 0; i < value.len && fits; i++)
        fits = (unsigned char)value.ptr[i] >= ' ';
    if (fits && value.len > 0)
        memcpy(out, value.ptr, value.len);
    out[fits ? value.len : 0] = '\0';
}

/* ---- what is kept over a restart ---- */

static void add_hex(cJSON *object, const char *name, uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    cJSON_AddStringToObject(object, name, text);
}

static bool has_hex(const cJSON *object, const char *name, uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    return str_equal(json_str(object, name), str_of(text));
}

static void write_kept(struct chat *c) {
    const struct discord_session *s = &c->session;
    struct buf text;
    cJSON *kept = cJSON_CreateObject();
    buf_init_heap(&text);
    add_hex(kept, "of", c->account);
    cJSON_AddNumberToObject(kept, "logins", c->logins);
    if (c->registered)
        add_hex(kept, "command", c->command_hash);
    if (s->id[0]) {
        cJSON_AddStringToObject(kept, "session", s->id);
        cJSON_AddStringToObject(kept, "url", s->url);
        cJSON_AddNumberToObject(kept, "seq", (double)s->seq);
        cJSON_AddStringToObject(kept, "user", s->user);
        cJSON_AddStringToObject(kept, "name", s->name);
        cJSON_AddStringToObject(kept, "app", s->app);
    }
    json_write(&text, kept);
    if (!text.failed)
        discord_put(c, &(struct chat_out){.kind = CHAT_KEEP, .text = buf_str(&text)});
    if (text.ptr)
        OPENSSL_cleanse(text.ptr, text.len);
    buf_finish(&text);
    c->keep_at_ms = CHAT_NEVER;
}

void discord_keep(struct chat *c, int64_t within_ms) {
    if (within_ms == 0) {
        write_kept(c);
        return;
    }
    if (c->now_ms + within_ms < c->keep_at_ms)
        c->keep_at_ms = c->now_ms + within_ms;
}

/* From anywhere: checked as what a peer sends. */
static void read_kept(struct chat *c, struct str text) {
    struct discord_session *s = &c->session;
    cJSON *kept = json_read(text);
    if (kept && has_hex(kept, "of", c->account)) {
        discord_set(s->id, sizeof s->id, json_str(kept, "session"));
        discord_set(s->url, sizeof s->url, json_str(kept, "url"));
        discord_set(s->user, sizeof s->user, json_str(kept, "user"));
        discord_set(s->name, sizeof s->name, json_str(kept, "name"));
        discord_set(s->app, sizeof s->app, json_str(kept, "app"));
        s->seq = json_int(kept, "seq", -1);
        int64_t logins = json_int(kept, "logins", 0);
        c->logins = logins <= 0 ? 0 : logins < 16 ? (unsigned)logins : 16;
        c->registered = has_hex(kept, "command", c->command_hash);
    }
    if (!discord_is_id(str_of(s->user)) || !discord_is_id(str_of(s->app)))
        s->id[0] = '\0';
    cJSON_Delete(kept);
}

/* ---- the table ---- */

static void op_dial(struct chat *c, int64_t now_ms) {
    c->now_ms = now_ms;
    discord_dial(c);
}

static void op_opened(struct chat *c, int64_t now_ms) {
    c->now_ms = now_ms;
    discord_opened(c);
}

static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    (void)binary; /* no compression was asked for; JSON is JSON */
    outbox_release(&c->out);
    c->now_ms = now_ms;
    return c->phase < PHASE_HELLO || c->phase == PHASE_DOWN || discord_feed(c, frame, e);
}

static void op_closed(struct chat *c, const struct chat_end *end, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    discord_closed(c, end);
}

static void op_answered(struct chat *c, const struct chat_answer *answer, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (answer->number == c->gateway_number)
        discord_gateway_told(c, answer);
    else
        discord_answered(c, answer);
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    if (now_ms >= c->keep_at_ms)
        write_kept(c);
    discord_gate_tick(c);
}

/* What was handed out before is dealt with now; an interaction that nothing was said to is at least acknowledged. */
static void settle_at_hand(struct chat *c) {
    struct discord_address a;
    if (c->at_hand[0] && !c->at_hand_done && discord_address_read(str_of(c->at_hand), &a))
        discord_acknowledge(c, &a, DISCORD_NO_CHANGE);
    c->at_hand[0] = '\0';
}

static bool op_next(struct chat *c, struct chat_out *out) {
    settle_at_hand(c);
    if (outbox_next(&c->out, out)) {
        if (out->kind == CHAT_MESSAGE && str_starts_with(out->to, STR("i:"))) {
            discord_set(c->at_hand, sizeof c->at_hand, out->to);
            c->at_hand_done = false;
        }
        return true;
    }
    return outbox_wake(chat_sooner(discord_gate_due_ms(c), c->keep_at_ms), &c->told_ms, out);
}

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    c->now_ms = now_ms;
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    return discord_say(c, say, e);
}

/* There is no word for goodbye: the session is left as it is, to be resumed. */
static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    c->quitting = true;
    write_kept(c);
    c->phase = PHASE_DOWN;
    discord_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .code = DISCORD_CLOSE_CODE, .text = STR("goodbye")});
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    discord_drop_letters(c);
    outbox_finish(&c->out);
    arena_finish(&c->life);
    if (c->auth) {
        OPENSSL_cleanse(c->auth, c->auth_len);
        free(c->auth);
    }
    free(c);
}

/* ---- the INI ---- */

static bool check_command(struct str name, struct err *e) {
    bool fine = name.len > 0 && name.len <= 32;
    for (size_t i = 0; i < name.len; i++)
        fine = fine && ((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || str_is_digit(name.ptr[i]) ||
                        name.ptr[i] == '-' || name.ptr[i] == '_');
    return fine || err_set(e, ERR_SCHEMA, "\"%.*s\" is no command; one has small letters, digits, - and _", STR_ARG(name));
}

enum { KEY_TOKEN, KEY_API, KEY_GATEWAY, KEY_COMMAND };

static const struct chat_key keys[] = {
    [KEY_TOKEN] = {.name = "token", .kind = CHAT_KEY_SECRET, .required = true},
    [KEY_API] = {.name = "api", .kind = CHAT_KEY_HTTP, .standard_text = "https://discord.com/api/v10"},
    [KEY_GATEWAY] = {.name = "gateway", .kind = CHAT_KEY_WS},
    [KEY_COMMAND] = {.name = "command", .kind = CHAT_KEY_TEXT, .required = true, .check = check_command},
    {0},
};

static uint64_t hash_of(struct str a, struct str b) {
    static const unsigned char fixed[16] = "lippy's sessions";
    uint64_t parts[2] = {siphash(fixed, a), siphash(fixed, b)};
    return siphash(fixed, (struct str){(const char *)parts, sizeof parts});
}

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    const struct chat_value *v = setup->values;
    struct chat *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    seen_init(&c->seen, setup->entropy);
    memcpy(c->entropy, setup->entropy, sizeof c->entropy);
    c->api = arena_copy(&c->life, v[KEY_API].text);
    c->gateway = arena_copy(&c->life, v[KEY_GATEWAY].text);
    c->command = arena_copy(&c->life, v[KEY_COMMAND].text);
    c->auth_len = strlen("Bot ") + v[KEY_TOKEN].text.len;
    c->auth = malloc(c->auth_len + 1);
    if (!c->api.ptr || !c->gateway.ptr || !c->command.ptr || !c->auth) {
        op_free(c);
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    snprintf(c->auth, c->auth_len + 1, "Bot %.*s", STR_ARG(v[KEY_TOKEN].text));
    c->account = hash_of(c->api, str_of(c->auth));
    c->command_hash = hash_of(c->command, STR(DISCORD_COMMAND_ABOUT DISCORD_COMMAND_TEXT));
    c->session.seq = -1;
    c->hello_by_ms = c->login_by_ms = c->login_at_ms = c->beat_at_ms = c->keep_at_ms = c->told_ms = CHAT_NEVER;
    c->dial_at_ms = c->identify_at_ms = INT64_MIN;
    read_kept(c, setup->kept);
    return c;
}

const struct chat_ops discord_ops = {
    .name = "discord",
    .user_agent = "DiscordBot (https://lippy.invalid, " LIPPY_VERSION ")",
    .keys = keys,
    .make = op_make,
    .dial = op_dial,
    .opened = op_opened,
    .feed = op_feed,
    .closed = op_closed,
    .answered = op_answered,
    .tick = op_tick,
    .next = op_next,
    .say = op_say,
    .quit = op_quit,
    .free = op_free,
};
