#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/mattermost_work.h"

enum {
    OUT_COUNT_MOST = 2048,
    OUT_BYTES_MOST = 4 << 20,
};

/* ---- out ---- */

void mm_put(struct chat *c, const struct chat_out *out) {
    if (!outbox_put(&c->out, out))
        c->phase = MM_DOWN;
}

void mm_note(struct chat *c, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mm_put(c, &(struct chat_out){.kind = CHAT_NOTE, .text = str_of(text)});
}

void mm_end(struct chat *c, enum chat_close close, const char *format, ...) {
    char text[240];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (c->phase == MM_DOWN || c->quitting)
        return;
    c->phase = MM_DOWN;
    mm_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = close, .text = str_of(text)});
}

uint64_t mm_request(struct chat *c, enum mm_request what, const char *path, cJSON *body, struct chat_out more) {
    struct buf url, text;
    buf_init_heap(&url);
    buf_init_heap(&text);
    buf_printf(&url, "%.*s/api/v4%s", STR_ARG(c->url), path);
    more.kind = CHAT_HTTP;
    more.method = body ? CHAT_POST : CHAT_GET;
    if (body)
        json_write(&text, body);
    more.number = ++c->serial << MM_REQUEST_BITS | what;
    more.url = buf_str(&url);
    more.text = buf_str(&text);
    more.auth = (struct str){c->auth, c->auth_len};
    mm_put(c, &more);
    buf_finish(&url);
    buf_finish(&text);
    return c->serial;
}

uint64_t mm_action(struct chat *c, const char *action, cJSON *data) {
    struct buf text;
    cJSON *frame = cJSON_CreateObject();
    buf_init_heap(&text);
    cJSON_AddNumberToObject(frame, "seq", (double)++c->action_seq);
    cJSON_AddStringToObject(frame, "action", action);
    if (data)
        cJSON_AddItemToObject(frame, "data", data);
    json_write(&text, frame);
    mm_put(c, &(struct chat_out){.kind = CHAT_WIRE, .text = buf_str(&text)});
    buf_finish(&text);
    return (uint64_t)c->action_seq;
}

bool mm_is_id(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'a' && s.ptr[i] <= 'z') && !str_is_digit(s.ptr[i]))
            return false;
    return s.len == MM_ID_LEN;
}

void mm_copy(char *to, size_t size, struct str s) { snprintf(to, size, "%.*s", STR_ARG(s)); }

/* ---- the table ---- */

static void forget_stream(struct chat *c) {
    c->login_by_ms = c->ping_at_ms = c->pong_by_ms = c->check_at_ms = c->told_ms = CHAT_NEVER;
    c->told_ready = false;
}

static void op_dial(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (!c->quitting)
        mm_ask_who_we_are(c);
}

static void op_opened(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    forget_stream(c);
    c->now_ms = now_ms;
    mm_begin_login(c);
}

/* A broken frame may be one that mattered: the connection is not resumed, and what was in it is fetched by REST. */
static bool broken(struct chat *c, struct err *e) {
    c->connection[0] = '\0';
    mm_end(c, CHAT_RETRY, "the server sent something that is no event");
    return err_set(e, ERR_PROTOCOL, "the server sent something that is no event");
}

static bool op_feed(struct chat *c, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase != MM_LOGIN && c->phase != MM_READY)
        return true;
    if (frame.len > MM_FRAME_MOST) {
        mm_note(c, "an event of %zu bytes is passed over", frame.len);
        c->expected = -1;
        mm_lost(c, NULL);
    } else {
        cJSON *event = binary ? NULL : json_read(frame);
        bool fine = event && mm_on_frame(c, event);
        cJSON_Delete(event);
        if (!fine)
            return broken(c, e);
    }
    mm_catch_up(c);
    mm_work(c);
    return true;
}

static void op_closed(struct chat *c, const struct chat_end *end, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->phase == MM_LOGIN && c->resuming)
        c->connection[0] = '\0'; /* perhaps it cannot be resumed */
    forget_stream(c);
    c->phase = MM_OFF;
    if (end->status == 400 || end->status == 403 || end->status == 404 || end->status == 501)
        mm_note(c, "the server refused the websocket (HTTP status %u): does a proxy before it pass websockets on?", end->status);
}

static void refuse(struct chat *c) { mm_end(c, CHAT_STOP, "the token is not valid, or not any more (HTTP status 401)"); }

static void op_answered(struct chat *c, const struct chat_answer *a, int64_t now_ms) {
    uint64_t serial = a->number >> MM_REQUEST_BITS;
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (a->status == 401) {
        refuse(c);
        return;
    }
    switch ((enum mm_request)(a->number & ((1 << MM_REQUEST_BITS) - 1))) {
    case MM_ASK_ME:
        if (c->phase == MM_ASKING && serial == c->asked)
            mm_on_who_we_are(c, a);
        break;
    case MM_CHECK_ME:
        mm_on_checked(c, a);
        break;
    case MM_LIST:
        mm_on_list(c, serial, a);
        break;
    case MM_POSTS:
        mm_on_posts(c, serial, a);
        break;
    case MM_DIRECT:
        mm_on_direct(c, serial, a);
        break;
    case MM_SEND:
        mm_on_sent(c, serial, a);
        break;
    case MM_REACT:
        break;
    }
    mm_work(c);
}

static void tick_ready(struct chat *c) {
    if (c->now_ms >= c->check_at_ms) {
        c->check_at_ms = c->now_ms + MM_CHECK_MS;
        if (!c->checked)
            c->checked = mm_request(c, MM_CHECK_ME, "/users/me", NULL, (struct chat_out){0});
    }
    mm_catch_up(c);
    mm_work(c);
}

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    if (c->phase == MM_LOGIN && now_ms >= c->login_by_ms)
        mm_end(c, CHAT_RETRY, "no hello within %d s", MM_LOGIN_MS / 1000);
    if ((c->phase == MM_LOGIN || c->phase == MM_READY) && now_ms >= c->pong_by_ms)
        mm_end(c, CHAT_RETRY, "the server went silent");
    if (c->phase == MM_READY && now_ms >= c->ping_at_ms)
        mm_ping(c);
    if (c->phase == MM_READY)
        tick_ready(c);
    if (now_ms >= c->keep_at_ms)
        mm_keep(c);
}

static int64_t due_ms(const struct chat *c) {
    int64_t due = c->keep_at_ms;
    if (c->phase == MM_LOGIN)
        due = chat_sooner(due, chat_sooner(c->login_by_ms, c->pong_by_ms));
    if (c->phase != MM_READY)
        return due;
    due = chat_sooner(due, chat_sooner(chat_sooner(c->ping_at_ms, c->pong_by_ms), c->check_at_ms));
    if (c->catch.lost && !c->catch.running && c->server_ms)
        due = chat_sooner(due, c->catch.again_at_ms);
    return chat_sooner(due, mm_sends_due_ms(c));
}

static bool op_next(struct chat *c, struct chat_out *out) { return outbox_next(&c->out, out) || outbox_wake(due_ms(c), &c->told_ms, out); }

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    c->now_ms = now_ms;
    if (c->quitting)
        return err_set(e, ERR_LIMIT, "we are leaving");
    bool fine = mm_say(c, say, e);
    mm_work(c);
    return fine;
}

static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    mm_flush(c);
    mm_keep(c);
    c->quitting = true;
    mm_put(c, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    outbox_finish(&c->out);
    mm_forget_sends(c);
    arena_finish(&c->life);
    if (c->auth) {
        OPENSSL_cleanse(c->auth, c->auth_len);
        free(c->auth);
    }
    OPENSSL_cleanse(c, sizeof *c);
    free(c);
}

/* ---- the INI ---- */

enum { KEY_URL, KEY_TOKEN, KEY_PRIVATE_ONLY };

static const struct chat_key keys[] = {
    [KEY_URL] = {.name = "url", .kind = CHAT_KEY_HTTP, .required = true},
    [KEY_TOKEN] = {.name = "token", .kind = CHAT_KEY_SECRET, .required = true},
    [KEY_PRIVATE_ONLY] = {.name = "private_only", .kind = CHAT_KEY_YES_NO},
    {0},
};

/* It goes into a header. */
static bool is_token(struct str token) {
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] >= 0x7f)
            return false;
    return token.len > 0 && token.len <= 1000;
}

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    struct str token = setup->values[KEY_TOKEN].text;
    if (!is_token(token)) {
        err_set(e, ERR_SCHEMA, "[mattermost] token: is not one; it is letters and digits, without blanks");
        return NULL;
    }
    struct chat *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    seen_init(&c->seen, setup->entropy);
    pace_init(&c->pace, setup->entropy);
    c->url = arena_copy(&c->life, setup->values[KEY_URL].text);
    c->auth_len = strlen("Bearer ") + token.len;
    c->auth = malloc(c->auth_len + 1);
    if (!c->url.ptr || !c->auth) {
        op_free(c);
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    snprintf(c->auth, c->auth_len + 1, "Bearer %.*s", STR_ARG(token));
    c->private_only = setup->values[KEY_PRIVATE_ONLY].number != 0;
    c->keep_at_ms = CHAT_NEVER;
    c->kept_ms = INT64_MIN / 2;
    c->expected = -1;
    forget_stream(c);
    mm_recall(c, setup->kept);
    return c;
}

const struct chat_ops mattermost_ops = {
    .name = "mattermost",
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
