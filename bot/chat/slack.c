#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_work.h"

enum {
    OUT_COUNT_MOST = 2048,
    OUT_BYTES_MOST = 4 << 20,
    TOKEN_MOST = 1000,
};

/* ---- out ---- */

void slack_put(struct chat *c, const struct chat_out *out) {
    if (!outbox_put(&c->out, out))
        c->phase = SLACK_DOWN;
}

void slack_note(struct chat *c, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    slack_put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = str_of(text)});
}

void slack_end(struct chat *c, enum chat_close close, const char *format, ...) {
    char text[240];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (c->phase == SLACK_DOWN || c->quitting)
        return;
    c->phase = SLACK_DOWN;
    slack_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = close, .text = str_of(text)});
}

uint64_t slack_request(struct chat *c, enum slack_request what, const char *method, cJSON *body, struct chat_out more) {
    struct buf url, text;
    buf_init_heap(&url);
    buf_init_heap(&text);
    buf_printf(&url, "%.*s/%s", STR_ARG(c->api), method);
    if (body)
        json_write(&text, body);
    more.kind = CHAT_HTTP;
    more.method = body ? CHAT_POST : CHAT_GET;
    more.number = ++c->serial << SLACK_REQUEST_BITS | what;
    more.url = buf_str(&url);
    more.type = body ? STR("application/json; charset=utf-8") : STR_NONE;
    more.text = buf_str(&text);
    more.auth = str_of(what == SLACK_OPEN ? c->app_auth : c->bot_auth);
    slack_put(c, &more);
    buf_finish(&url);
    buf_finish(&text);
    return c->serial;
}

void slack_add_query(struct buf *url, const char *name, struct str value) {
    bool first = str_find(buf_str(url), STR("?")) == SIZE_MAX;
    buf_printf(url, "%c%s=", first ? '?' : '&', name);
    for (size_t i = 0; i < value.len; i++) {
        char b = value.ptr[i];
        if (str_is_letter(b) || str_is_digit(b) || b == '.' || b == '-' || b == '_')
            buf_add_char(url, b);
        else
            buf_printf(url, "%%%02X", (unsigned char)b);
    }
}

/* ---- ids ---- */

bool slack_is_id(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!str_is_letter(s.ptr[i]) && !str_is_digit(s.ptr[i]))
            return false;
    return s.len > 1 && s.len < SLACK_ID_SIZE;
}

bool slack_is_ts(struct str s) {
    struct str after = s, before = str_cut(&after, '.');
    for (size_t i = 0; i < s.len; i++)
        if (!str_is_digit(s.ptr[i]) && i != before.len)
            return false;
    return before.len > 0 && before.len <= 12 && after.len > 0 && s.len < SLACK_TS_SIZE;
}

int slack_ts_compare(struct str a, struct str b) {
    struct str x = a, y = b, seconds = str_cut(&x, '.'), others = str_cut(&y, '.');
    if (seconds.len != others.len)
        return seconds.len < others.len ? -1 : 1;
    return str_compare(a, b);
}

void slack_copy(char *to, size_t size, struct str s) { snprintf(to, size, "%.*s", STR_ARG(s)); }

/* ---- what answers mean ---- */

static const struct {
    const char *error;
    enum slack_verdict verdict;
} errors[] = {
    /* no token, or none that may do what we need: it takes a person to mend that */
    {"access_denied", SLACK_FATAL},
    {"account_inactive", SLACK_FATAL},
    {"app_not_found", SLACK_FATAL},
    {"ekm_access_denied", SLACK_FATAL},
    {"enterprise_is_restricted", SLACK_FATAL},
    {"forbidden_team", SLACK_FATAL},
    {"invalid_app", SLACK_FATAL},
    {"invalid_auth", SLACK_FATAL},
    {"missing_scope", SLACK_FATAL},
    {"no_permission", SLACK_FATAL},
    {"not_allowed_token_type", SLACK_FATAL},
    {"not_authed", SLACK_FATAL},
    {"org_login_required", SLACK_FATAL},
    {"socket_mode_disabled", SLACK_FATAL},
    {"team_access_not_granted", SLACK_FATAL},
    {"token_expired", SLACK_FATAL},
    {"token_revoked", SLACK_FATAL},
    {"two_factor_setup_required", SLACK_FATAL},
    {"user_removed_from_team", SLACK_FATAL},
    /* Slack has a bad day: perhaps it was done */
    {"fatal_error", SLACK_LOST},
    {"internal_error", SLACK_LOST},
    {"request_timeout", SLACK_LOST},
    {"service_unavailable", SLACK_AGAIN},
    {"accesslimited", SLACK_AGAIN},
    {"message_limit_exceeded", SLACK_AGAIN},
    {"rate_limited", SLACK_AGAIN},
    {"ratelimited", SLACK_AGAIN},
    {"team_added_to_org", SLACK_AGAIN},
};

static enum slack_verdict verdict_of(struct str error) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (str_equal(error, str_of(errors[i].error)))
            return errors[i].verdict;
    return SLACK_REFUSED;
}

/* Names of errors and scopes may be logged; anything else in their place may not. */
static struct str plain_word(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!str_is_letter(s.ptr[i]) && !str_is_digit(s.ptr[i]) && !strchr("_:.,", s.ptr[i]))
            return STR_NONE;
    return s.len <= 80 ? s : STR_NONE;
}

static void give_up(struct chat *c, enum slack_request what, const struct slack_reply *r) {
    const char *token = what == SLACK_OPEN ? "app_token" : "bot_token";
    struct str needed = plain_word(json_str(r->body, "needed"));
    slack_end(c, CHAT_STOP, "Slack refuses the %s: %.*s%s%.*s", token, STR_ARG(r->error), needed.len ? ", needed: " : "", STR_ARG(needed));
}

struct slack_reply slack_read_reply(struct chat *c, const struct chat_answer *a) {
    enum slack_request what = (enum slack_request)(a->number & ((1 << SLACK_REQUEST_BITS) - 1));
    bool may_come = a->status == 0 || a->status == 408 || a->status == 429 || a->status >= 500;
    struct slack_reply r = {.verdict = may_come ? SLACK_LOST : SLACK_REFUSED, .body = json_read(a->body)};
    r.error = plain_word(json_str(r.body, "error"));
    if (a->status == 429)
        r.verdict = SLACK_AGAIN;
    else if (a->status == 401 || a->status == 403)
        r.verdict = SLACK_FATAL;
    else if (r.error.len > 0)
        r.verdict = verdict_of(r.error);
    else if (a->status == 200)
        r.verdict = json_is_true(r.body, "ok") ? SLACK_FINE : SLACK_LOST;
    /* without these the talk goes on, if less well */
    if (str_equal(r.error, STR("missing_scope")) && (what == SLACK_HISTORY || what == SLACK_CHECK || what == SLACK_UPDATE))
        r.verdict = SLACK_REFUSED;
    if (r.error.len == 0)
        r.error = a->status == 401 || a->status == 403 ? STR("not allowed") : STR_NONE;
    if (r.verdict == SLACK_FATAL)
        give_up(c, what, &r);
    return r;
}

/* ---- the table ---- */

static void op_dial(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase == SLACK_DOWN)
        c->phase = SLACK_OFF;
    if (!c->quitting)
        slack_ask_connection(c);
}

static void op_opened(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->overlap_until_ms = INT64_MIN;
    if (c->phase == SLACK_LOGIN || c->phase == SLACK_READY) {
        c->overlap_until_ms = now_ms + SLACK_OVERLAP_MS;
        slack_lost(c); /* who got what was sent just now is not said anywhere */
    }
    c->phase = SLACK_LOGIN;
    c->asked = 0;
    c->refreshing = false;
    c->refreshes = 0;
    c->refresh_at_ms = c->told_ms = CHAT_NEVER;
    c->hello_by_ms = now_ms + SLACK_HELLO_MS;
}

/* An envelope that cannot be read is not acknowledged, and comes again. */
static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase != SLACK_LOGIN && c->phase != SLACK_READY)
        return true;
    if (frame.len > SLACK_FRAME_MOST) {
        slack_note(c, "an event of %zu bytes is passed over", frame.len);
    } else {
        cJSON *envelope = binary ? NULL : json_read(frame);
        bool fine = envelope && slack_on_frame(c, envelope);
        cJSON_Delete(envelope);
        if (!fine) {
            slack_end(c, CHAT_RETRY, "Slack sent something that is no envelope");
            return err_set(e, ERR_PROTOCOL, "Slack sent something that is no envelope");
        }
    }
    slack_catch_up(c);
    slack_work(c);
    return true;
}

static void op_closed(struct chat *c, const struct chat_end *end, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (end->was_open)
        slack_lost(c);
    c->phase = SLACK_OFF;
    c->asked = 0;
    c->refreshing = false;
    c->hello_by_ms = c->refresh_at_ms = c->told_ms = CHAT_NEVER;
}

static void take_reply(struct chat *c, const struct slack_reply *r, const struct chat_answer *a) {
    uint64_t serial = a->number >> SLACK_REQUEST_BITS;
    switch ((enum slack_request)(a->number & ((1 << SLACK_REQUEST_BITS) - 1))) {
    case SLACK_AUTH: slack_on_auth(c, serial, r, a); break;
    case SLACK_OPEN: slack_on_open(c, serial, r, a); break;
    case SLACK_DIRECT: slack_on_direct(c, serial, r); break;
    case SLACK_SEND: slack_on_sent(c, serial, r); break;
    case SLACK_CHECK: slack_on_checked(c, serial, r); break;
    case SLACK_UPDATE: break;
    case SLACK_HISTORY: slack_on_history(c, serial, r); break;
    }
    slack_work(c);
}

static void op_answered(struct chat *c, const struct chat_answer *a, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    struct slack_reply r = slack_read_reply(c, a);
    if (r.verdict != SLACK_FATAL)
        take_reply(c, &r, a);
    cJSON_Delete(r.body);
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    if (c->phase == SLACK_LOGIN && now_ms >= c->hello_by_ms)
        slack_end(c, CHAT_RETRY, "no hello within %d s", SLACK_HELLO_MS / 1000);
    if (now_ms >= c->refresh_at_ms && (c->phase == SLACK_LOGIN || c->phase == SLACK_READY))
        slack_ask_connection(c);
    slack_catch_up(c);
    slack_work(c);
    if (now_ms >= c->keep_at_ms)
        slack_keep(c);
}

static int64_t due_ms(const struct chat *c) {
    int64_t due = chat_sooner(c->keep_at_ms, slack_sends_due_ms(c));
    if (c->phase == SLACK_LOGIN)
        due = chat_sooner(due, c->hello_by_ms);
    if (c->phase == SLACK_READY && c->catch.lost && !c->catch.running)
        due = chat_sooner(due, c->catch.again_at_ms);
    return c->asked ? due : chat_sooner(due, c->refresh_at_ms);
}

static bool op_next(struct chat *c, struct chat_out *out) {
    return outbox_next(&c->out, out) || outbox_wake(due_ms(c), &c->told_ms, out);
}

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    c->now_ms = now_ms;
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    bool fine = slack_say(c, say, e);
    slack_work(c);
    return fine;
}

static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    slack_flush(c);
    slack_keep(c);
    c->quitting = true;
    slack_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
}

static void free_secret(char *secret) {
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    outbox_finish(&c->out);
    slack_forget_sends(c);
    cJSON_Delete(c->catch.found);
    arena_finish(&c->life);
    free_secret(c->app_auth);
    free_secret(c->bot_auth);
    OPENSSL_cleanse(c, sizeof *c);
    free(c);
}

/* ---- the INI ---- */

enum { KEY_APP_TOKEN, KEY_BOT_TOKEN, KEY_API, KEY_PRIVATE_ONLY };

static const struct chat_key keys[] = {
    [KEY_APP_TOKEN] = {.name = "app_token", .kind = CHAT_KEY_SECRET, .required = true},
    [KEY_BOT_TOKEN] = {.name = "bot_token", .kind = CHAT_KEY_SECRET, .required = true},
    [KEY_API] = {.name = "api", .kind = CHAT_KEY_HTTP, .standard_text = "https://slack.com/api"},
    [KEY_PRIVATE_ONLY] = {.name = "private_only", .kind = CHAT_KEY_YES_NO},
    {0},
};

/* It goes into a header. */
static bool is_token(struct str token) {
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] >= 0x7f)
            return false;
    return token.len > 0 && token.len <= TOKEN_MOST;
}

/* Tokens that are put into each other's place would be refused only by the name of an error. */
static bool check_tokens(struct str app, struct str bot, struct err *e) {
    if (!is_token(app) || str_starts_with(app, STR("xoxb-")))
        return err_set(e, ERR_SCHEMA, "[slack] app_token: is not one; it begins with xapp-");
    if (!is_token(bot) || str_starts_with(bot, STR("xapp-")))
        return err_set(e, ERR_SCHEMA, "[slack] bot_token: is not one; it begins with xoxb-");
    return true;
}

static char *bearer(struct str token) {
    size_t size = sizeof "Bearer " + token.len;
    char *auth = malloc(size);
    if (auth)
        snprintf(auth, size, "Bearer %.*s", STR_ARG(token));
    return auth;
}

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    const struct chat_value *v = setup->values;
    if (!check_tokens(v[KEY_APP_TOKEN].text, v[KEY_BOT_TOKEN].text, e))
        return NULL;
    struct chat *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    seen_init(&c->seen, setup->entropy);
    pace_init(&c->pace, setup->entropy);
    memcpy(c->entropy, setup->entropy, sizeof c->entropy);
    c->api = arena_copy(&c->life, v[KEY_API].text);
    c->app_auth = bearer(v[KEY_APP_TOKEN].text);
    c->bot_auth = bearer(v[KEY_BOT_TOKEN].text);
    if (!c->api.ptr || !c->app_auth || !c->bot_auth) {
        op_free(c);
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    c->private_only = v[KEY_PRIVATE_ONLY].number != 0;
    c->hello_by_ms = c->refresh_at_ms = c->keep_at_ms = c->told_ms = CHAT_NEVER;
    c->kept_ms = INT64_MIN / 2;
    for (size_t i = 0; i < SLACK_PACED; i++)
        c->pace_at_ms[i] = INT64_MIN;
    slack_recall(c, setup->kept);
    return c;
}

const struct chat_ops slack_ops = {
    .name = "slack",
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
