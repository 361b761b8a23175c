#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_work.h"

enum { KEPT_VERSION = 1 };

/* ---- finding the websocket ---- */

/* The bot's token is tried first: a connection is opened with the other one, and would come up without it. */
void slack_ask_connection(struct chat *c) {
    bool replaces = c->phase == SLACK_LOGIN || c->phase == SLACK_READY;
    enum slack_request what = replaces ? SLACK_OPEN : SLACK_AUTH;
    c->refresh_at_ms = CHAT_NEVER;
    c->asked = slack_request(c, what, replaces ? "apps.connections.open" : "auth.test", cJSON_CreateObject(),
                             (struct chat_out){.dialing = true});
}

/* No connection to be had. One that is there still is not given up before its time. */
static void failed(struct chat *c, const struct slack_reply *r, const struct chat_answer *a) {
    bool connected = c->phase == SLACK_LOGIN || c->phase == SLACK_READY;
    c->asked = 0;
    if (connected)
        c->refresh_at_ms = c->now_ms + ((int64_t)SLACK_REFRESH_MS << (c->refreshes < 7 ? c->refreshes++ : 7));
    else if (r->error.len > 0)
        slack_end(c, r->verdict == SLACK_REFUSED ? CHAT_RETRY_LATER : CHAT_RETRY, "Slack gives us no connection: %.*s", STR_ARG(r->error));
    else if (a->status == 0)
        slack_end(c, CHAT_RETRY, "Slack cannot be reached: %.*s", STR_ARG(a->why));
    else
        slack_end(c, CHAT_RETRY, "Slack gives us no connection (HTTP status %u)", a->status);
}

/* Takes who we are from an answer. False: that is not in it. */
static bool read_me(struct chat *c, const cJSON *body) {
    struct str id = json_str(body, "user_id"), name = json_str(body, "user");
    if (!slack_is_id(id))
        return false;
    if (!str_equal(id, str_of(c->me))) { /* what was kept is of another */
        slack_copy(c->me, sizeof c->me, id);
        c->newest[0] = c->done[0] = '\0';
        c->catch.lost = false;
        memset(c->places, 0, sizeof c->places);
    }
    slack_copy(c->name, sizeof c->name, name.len > 0 && name.len < SLACK_NAME_SIZE ? name : STR("lippy"));
    return true;
}

void slack_on_auth(struct chat *c, uint64_t serial, const struct slack_reply *r, const struct chat_answer *a) {
    if (serial != c->asked)
        return;
    if (r->verdict != SLACK_FINE || !read_me(c, r->body))
        failed(c, r, a);
    else
        c->asked = slack_request(c, SLACK_OPEN, "apps.connections.open", cJSON_CreateObject(), (struct chat_out){.dialing = true});
}

/* Who has a Web API over TLS has a websocket over TLS. */
static bool is_websocket(const struct chat *c, struct str url) {
    return str_starts_with(url, STR("wss://")) || (str_starts_with(c->api, STR("http://")) && str_starts_with(url, STR("ws://")));
}

void slack_on_open(struct chat *c, uint64_t serial, const struct slack_reply *r, const struct chat_answer *a) {
    struct str url = json_str(r->body, "url");
    if (serial != c->asked)
        return;
    if (r->verdict != SLACK_FINE || !is_websocket(c, url)) {
        failed(c, r, a);
        return;
    }
    c->asked = 0;
    slack_put(c, &(struct chat_out){.kind = CHAT_DIAL, .url = url});
}

/* ---- the connection ---- */

static void on_hello(struct chat *c, const cJSON *frame) {
    char name[SLACK_NAME_SIZE + 1];
    (void)frame;
    if (c->phase != SLACK_LOGIN)
        return;
    c->phase = SLACK_READY;
    c->hello_by_ms = CHAT_NEVER;
    snprintf(name, sizeof name, "@%s", c->name);
    slack_put(c, &(struct chat_out){.kind = CHAT_READY, .text = str_of(name)});
    slack_keep_soon(c);
}

/* Slack ends a connection every few hours. Ten may be open at once, so another one is opened before. */
static void on_disconnect(struct chat *c, const cJSON *frame) {
    struct str reason = json_str(frame, "reason");
    if (str_equal(reason, STR("link_disabled"))) {
        slack_end(c, CHAT_STOP, "Socket Mode has been switched off for the app");
    } else if (c->now_ms < c->overlap_until_ms) {
        return; /* said on the connection before this one; and if not, the end of this one will be seen */
    } else if (str_equal(reason, STR("too_many_websockets"))) {
        slack_end(c, CHAT_RETRY_LATER, "the app has too many connections open");
    } else if (!c->refreshing) {
        c->refreshing = true;
        slack_note(c, "Slack wants this connection replaced");
        slack_ask_connection(c);
    }
}

const struct slack_handler *slack_handlers(size_t *count) {
    static const struct slack_handler handlers[] = {
        {"disconnect", on_disconnect},
        {"events_api", slack_on_event},
        {"hello", on_hello},
        {"interactive", slack_on_interactive},
        {"slash_commands", slack_on_command},
    };
    *count = sizeof handlers / sizeof *handlers;
    return handlers;
}

static int compare_handler(const void *key, const void *element) {
    return str_compare(*(const struct str *)key, str_of(((const struct slack_handler *)element)->type));
}

/* Before anything is done about it: there are three seconds, and what is late comes again. */
static void acknowledge(struct chat *c, struct str envelope) {
    struct buf text;
    cJSON *ack = cJSON_CreateObject();
    buf_init_heap(&text);
    json_add_str(ack, "envelope_id", envelope);
    json_write(&text, ack);
    slack_put(c, &(struct chat_out){.kind = CHAT_WIRE, .text = buf_str(&text)});
    buf_finish(&text);
}

bool slack_on_frame(struct chat *c, const cJSON *frame) {
    size_t n;
    const struct slack_handler *all = slack_handlers(&n);
    struct str type = json_str(frame, "type"), envelope = json_str(frame, "envelope_id");
    if (!cJSON_IsObject(frame))
        return false;
    if (envelope.len > 0)
        acknowledge(c, envelope);
    const struct slack_handler *h = bsearch(&type, all, n, sizeof *all, compare_handler);
    if (h)
        h->fn(c, frame);
    return true;
}

/* ---- what outlasts a restart ---- */

void slack_keep_soon(struct chat *c) {
    if (c->keep_at_ms == CHAT_NEVER)
        c->keep_at_ms = c->kept_ms + SLACK_KEEP_MS > c->now_ms ? c->kept_ms + SLACK_KEEP_MS : c->now_ms;
}

static cJSON *kept_places(const struct chat *c) {
    cJSON *list = cJSON_CreateArray();
    for (size_t back = 1; back <= SLACK_PLACES_KEPT; back++) {
        const struct slack_place *p = &c->places[(c->place_next + SLACK_PLACES - back) % SLACK_PLACES];
        if (!p->channel[0])
            break;
        cJSON *place = cJSON_CreateObject();
        cJSON_AddStringToObject(place, "channel", p->channel);
        cJSON_AddStringToObject(place, "thread", p->thread);
        cJSON_AddStringToObject(place, "user", p->user);
        cJSON_AddItemToArray(list, place);
    }
    return list;
}

void slack_keep(struct chat *c) {
    struct buf text;
    cJSON *root = cJSON_CreateObject(), *handled = cJSON_CreateArray();
    c->keep_at_ms = CHAT_NEVER;
    c->kept_ms = c->now_ms;
    buf_init_heap(&text);
    cJSON_AddNumberToObject(root, "version", KEPT_VERSION);
    cJSON_AddStringToObject(root, "me", c->me);
    cJSON_AddStringToObject(root, "done", c->catch.lost || c->catch.running ? c->done : c->newest);
    for (size_t i = 0; i < SLACK_HANDLED; i++) {
        const char *key = c->handled[(c->handled_next + i) % SLACK_HANDLED];
        if (key[0])
            cJSON_AddItemToArray(handled, cJSON_CreateString(key));
    }
    cJSON_AddItemToObject(root, "handled", handled);
    cJSON_AddItemToObject(root, "places", kept_places(c));
    json_write(&text, root);
    slack_put(c, &(struct chat_out){.kind = CHAT_KEEP, .text = buf_str(&text)});
    buf_finish(&text);
}

static void recall_lists(struct chat *c, const cJSON *root) {
    const cJSON *item, *places = json_at(root, "places");
    cJSON_ArrayForEach(item, json_at(root, "handled")) {
        struct str key = str_of(cJSON_GetStringValue(item));
        if (key.len == 0 || key.len >= SLACK_KEY_SIZE)
            continue;
        seen_first(&c->seen, key);
        slack_copy(c->handled[c->handled_next++ % SLACK_HANDLED], SLACK_KEY_SIZE, key);
    }
    for (int i = cJSON_GetArraySize(places) - 1; i >= 0; i--) { /* the newest stands first */
        const cJSON *place = cJSON_GetArrayItem(places, i);
        struct str channel = json_str(place, "channel"), thread = json_str(place, "thread"), user = json_str(place, "user");
        if (slack_is_id(channel) && (thread.len == 0 || slack_is_ts(thread)) && (user.len == 0 || slack_is_id(user)))
            slack_know_place(c, channel, thread, user);
    }
}

void slack_recall(struct chat *c, struct str kept) {
    cJSON *root = json_read(kept);
    struct str me = json_str(root, "me"), done = json_str(root, "done");
    if (json_int(root, "version", 0) == KEPT_VERSION && slack_is_id(me)) {
        slack_copy(c->me, sizeof c->me, me);
        if (slack_is_ts(done))
            slack_copy(c->newest, sizeof c->newest, done);
        recall_lists(c, root);
        slack_lost(c);
    }
    cJSON_Delete(root);
}
