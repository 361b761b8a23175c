#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/mattermost_work.h"

enum { KEPT_VERSION = 1 };

/* ---- who we are ---- */

/* A websocket with a wrong token comes up like any other and is dropped seconds later, so the token is tried by REST before. */
void mm_ask_who_we_are(struct chat *c) {
    c->phase = MM_ASKING;
    c->asked = mm_request(c, MM_ASK_ME, "/users/me", NULL, (struct chat_out){.dialing = true});
}

/* Takes our id and name from an answer. False: there are none in it. */
static bool read_me(struct chat *c, const struct chat_answer *a) {
    cJSON *user = a->status == 200 ? json_read(a->body) : NULL;
    struct str id = json_str(user, "id"), name = json_str(user, "username");
    bool fine = mm_is_id(id) && name.len > 0 && name.len < MM_NAME_SIZE;
    if (fine && !str_equal(id, str_of(c->me))) {
        if (c->me[0]) { /* what was kept is of another account */
            c->connection[0] = '\0';
            c->done_ms = c->newest_ms = 0;
        }
        mm_copy(c->me, sizeof c->me, id);
    }
    if (fine)
        mm_copy(c->name, sizeof c->name, name);
    cJSON_Delete(user);
    return fine;
}

static void dial_websocket(struct chat *c) {
    struct buf url;
    buf_init_heap(&url);
    buf_printf(&url, "ws%.*s/api/v4/websocket?connection_id=%s&sequence_number=%lld", STR_ARG(str_slice(c->url, strlen("http"), SIZE_MAX)),
               c->connection, c->connection[0] && c->expected > 0 ? (long long)c->expected : 0LL);
    mm_put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = buf_str(&url), .auth = {c->auth, c->auth_len}});
    buf_finish(&url);
}

void mm_on_who_we_are(struct chat *c, const struct chat_answer *a) {
    c->asked = 0;
    c->phase = MM_OFF;
    if (a->status == 0)
        mm_end(c, CHAT_RETRY, "cannot ask the server who we are: %.*s", STR_ARG(a->why));
    else if (!read_me(c, a))
        mm_end(c, CHAT_RETRY, "cannot ask the server who we are (HTTP status %u); is url the address of a Mattermost?", a->status);
    else
        dial_websocket(c);
}

void mm_on_checked(struct chat *c, const struct chat_answer *a) {
    c->checked = 0;
    read_me(c, a); /* we may have got another name */
}

/* ---- the connection ---- */

void mm_ping(struct chat *c) {
    c->ping_seq = mm_action(c, "ping", NULL);
    c->ping_at_ms = CHAT_NEVER;
    c->pong_by_ms = c->now_ms + MM_PONG_MS;
}

/* A resumed connection has no hello: there the answer to our ping, or an event, is the server's word that it knows us. */
void mm_begin_login(struct chat *c) {
    c->phase = MM_LOGIN;
    c->resuming = c->connection[0] != '\0';
    c->login_by_ms = c->now_ms + MM_LOGIN_MS;
    c->action_seq = 0;
    mm_ping(c);
}

static void ready(struct chat *c) {
    char name[MM_NAME_SIZE + 1];
    c->phase = MM_READY;
    c->login_by_ms = CHAT_NEVER;
    c->check_at_ms = c->now_ms + MM_CHECK_MS;
    if (c->told_ready)
        return;
    c->told_ready = true;
    snprintf(name, sizeof name, "@%s", c->name);
    mm_put(c, &(struct chat_out){.kind = CHAT_READY, .text = str_of(name)});
    mm_keep_soon(c);
}

/* Servers before 5.37 keep nothing for us. */
static void look_at_version(struct chat *c, struct str version) {
    uint64_t major = 0, minor = 0;
    if (str_to_u64(str_cut(&version, '.'), &major) && str_to_u64(str_cut(&version, '.'), &minor) && major < 100 && minor < 1000 &&
        (major < 5 || (major == 5 && minor < 37)))
        mm_note(c, "the server is of version %u.%u: before 5.37, what is written during a pause is fetched by REST only", (unsigned)major,
                (unsigned)minor);
}

void mm_on_hello(struct chat *c, const cJSON *data) {
    struct str id = json_str(data, "connection_id");
    if (!str_equal(id, str_of(c->connection)) || id.len == 0) {
        if (c->resuming && !c->told_ready)
            mm_note(c, "the server has not kept what was written meanwhile");
        mm_copy(c->connection, sizeof c->connection, mm_is_id(id) ? id : STR_NONE);
        c->expected = 1;
        mm_lost(c, NULL);
    }
    if (!c->told_ready)
        look_at_version(c, json_str(data, "server_version"));
    ready(c);
}

/* ---- frames ---- */

static void count(struct chat *c, int64_t seq) {
    if (seq < 0)
        return;
    if (c->expected >= 0 && seq > c->expected)
        mm_lost(c, "events are missing");
    if (seq >= c->expected)
        c->expected = seq + 1; /* else it comes once more */
}

static int compare_handler(const void *key, const void *element) {
    return str_compare(*(const struct str *)key, str_of(((const struct mm_handler *)element)->event));
}

static void on_event(struct chat *c, struct str event, const cJSON *frame) {
    size_t n;
    const struct mm_handler *all = mm_handlers(&n);
    const struct mm_handler *h = bsearch(&event, all, n, sizeof *all, compare_handler);
    if (!h || h->fn != mm_on_hello)
        count(c, json_int(frame, "seq", -1));
    if (c->phase == MM_LOGIN && c->resuming && (!h || h->fn != mm_on_hello))
        ready(c);
    if (h)
        h->fn(c, json_at(frame, "data"));
}

static void on_pong(struct chat *c, const cJSON *frame) {
    int64_t server_ms = json_int(json_at(frame, "data"), "server_time", 0);
    c->pong_by_ms = CHAT_NEVER;
    c->ping_at_ms = c->now_ms + MM_PING_MS;
    c->server_ms = server_ms > 0 ? server_ms : c->newest_ms > 0 ? c->newest_ms : 1;
    if (c->done_ms == 0 && server_ms > 0) /* the first time: nothing has been missed yet */
        c->done_ms = c->newest_ms = server_ms;
    if (c->phase == MM_LOGIN && c->resuming)
        ready(c);
}

static void on_reply(struct chat *c, const cJSON *frame) {
    bool ours = json_int(frame, "seq_reply", -1) == (int64_t)c->ping_seq;
    if (ours && str_equal(json_str(frame, "status"), STR("OK")))
        on_pong(c, frame);
    else if (ours && c->phase == MM_READY)
        c->check_at_ms = c->now_ms; /* is the token still good? */
}

bool mm_on_frame(struct chat *c, const cJSON *frame) {
    struct str event = json_str(frame, "event");
    if (!cJSON_IsObject(frame))
        return false;
    if (event.len > 0)
        on_event(c, event, frame);
    else
        on_reply(c, frame);
    return true;
}

/* ---- what outlasts a restart ---- */

void mm_keep_soon(struct chat *c) {
    if (c->keep_at_ms != CHAT_NEVER)
        return;
    c->keep_at_ms = c->kept_ms + MM_KEEP_MS > c->now_ms ? c->kept_ms + MM_KEEP_MS : c->now_ms;
}

static cJSON *kept_places(const struct chat *c) {
    cJSON *list = cJSON_CreateArray();
    for (size_t back = 1; back <= MM_PLACES_KEPT; back++) {
        const struct mm_place *p = &c->places[(c->place_next + MM_PLACES - back) % MM_PLACES];
        if (!p->channel[0])
            break;
        cJSON *place = cJSON_CreateObject();
        cJSON_AddStringToObject(place, "channel", p->channel);
        cJSON_AddBoolToObject(place, "direct", p->user[0] != '\0'); /* but not with whom: who talks with us is nobody's business */
        cJSON_AddItemToArray(list, place);
    }
    return list;
}

void mm_keep(struct chat *c) {
    struct buf text;
    cJSON *root = cJSON_CreateObject(), *handled = cJSON_CreateArray();
    c->keep_at_ms = CHAT_NEVER;
    c->kept_ms = c->now_ms;
    buf_init_heap(&text);
    cJSON_AddNumberToObject(root, "version", KEPT_VERSION);
    cJSON_AddStringToObject(root, "me", c->me);
    cJSON_AddStringToObject(root, "connection", c->connection);
    cJSON_AddNumberToObject(root, "seq", (double)c->expected);
    cJSON_AddNumberToObject(root, "done", (double)c->done_ms);
    cJSON_AddBoolToObject(root, "lost", c->catch.lost || c->catch.running);
    for (size_t i = 0; i < MM_HANDLED; i++) {
        const char *id = c->handled[(c->handled_next + i) % MM_HANDLED];
        if (id[0])
            cJSON_AddItemToArray(handled, cJSON_CreateString(id));
    }
    cJSON_AddItemToObject(root, "handled", handled);
    cJSON_AddItemToObject(root, "places", kept_places(c));
    json_write(&text, root);
    mm_put(c, &(struct chat_out){.kind = CHAT_KEEP, .text = buf_str(&text)});
    buf_finish(&text);
}

static void recall_lists(struct chat *c, const cJSON *root) {
    const cJSON *item;
    cJSON_ArrayForEach(item, json_at(root, "handled")) {
        struct str id = str_of(cJSON_GetStringValue(item));
        if (!mm_is_id(id))
            continue;
        seen_first(&c->seen, id);
        mm_copy(c->handled[c->handled_next++ % MM_HANDLED], MM_ID_SIZE, id);
    }
    const cJSON *places = json_at(root, "places");
    for (int i = cJSON_GetArraySize(places) - 1; i >= 0; i--) { /* the newest stands first */
        const cJSON *place = cJSON_GetArrayItem(places, i);
        struct str channel = json_str(place, "channel");
        if (mm_is_id(channel))
            mm_know_place(c, channel, json_is_true(place, "direct") ? STR("?") : STR_NONE);
    }
}

void mm_recall(struct chat *c, struct str kept) {
    cJSON *root = json_read(kept);
    struct str me = json_str(root, "me"), connection = json_str(root, "connection");
    if (json_int(root, "version", 0) == KEPT_VERSION && mm_is_id(me)) {
        mm_copy(c->me, sizeof c->me, me);
        int64_t done = json_int(root, "done", 0), seq = json_int(root, "seq", -1);
        c->done_ms = c->newest_ms = done > 0 ? done : 0;
        if (mm_is_id(connection) && seq > 0) {
            mm_copy(c->connection, sizeof c->connection, connection);
            c->expected = seq;
        }
        c->catch.lost = json_is_true(root, "lost");
        recall_lists(c, root);
    }
    cJSON_Delete(root);
}
