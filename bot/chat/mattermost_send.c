#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/compose.h"
#include "chat/mattermost_work.h"

/* A post is sent until we know that it is there. Sent twice with one pending_post_id it is there once, but only for half a minute: later,
 * and whenever the websocket shows our own post, that decides. One post of a talk at a time is on its way, so they come in order. */

/* ---- questions ---- */

const char *const mm_number_names[MM_CHOICES_MOST] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "keycap_ten"};

static void put_reactions(struct chat *c, struct str post, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cJSON *body = cJSON_CreateObject();
        cJSON_AddStringToObject(body, "user_id", c->me);
        json_add_str(body, "post_id", post);
        cJSON_AddStringToObject(body, "emoji_name", mm_number_names[i]);
        mm_request(c, MM_REACT, "/reactions", body, (struct chat_out){.lane = post, .at_ms = c->now_ms + MM_REACT_MS});
    }
}

static void open_question(struct chat *c, const struct mm_send *s, struct str post) {
    struct mm_talk *t = mm_talk_at(c, str_of(s->to));
    mm_copy(t->question, sizeof t->question, post);
    t->choices = s->choices;
    put_reactions(c, post, t->choices);
}

/* ---- the queue ---- */

static struct mm_send *same_talk_in(struct mm_send *s, struct str to) {
    while (s && !mm_same_talk(str_of(s->to), to))
        s = s->next;
    return s;
}

static void send_free(struct chat *c, struct mm_send *s) {
    struct mm_send **at = &c->sends, *next = same_talk_in(s->next, str_of(s->to));
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    if (next)
        next->behind = s->behind;
    c->send_count--;
    c->send_bytes -= s->len;
    explicit_bzero(s->text, s->len);
    free(s);
}

void mm_forget_sends(struct chat *c) {
    while (c->sends)
        send_free(c, c->sends);
}

static void arrived(struct chat *c, struct mm_send *s, struct str post) {
    bool is_last = !same_talk_in(s->next, str_of(s->to));
    if (s->choices > 0 && mm_is_id(post) && is_last && c->send_count <= MM_BUSY)
        open_question(c, s, post);
    send_free(c, s);
}

static struct str direct_channel(const struct chat *c, struct str user) {
    for (size_t i = 0; i < MM_PLACES; i++)
        if (str_equal(str_of(c->places[i].user), user))
            return str_of(c->places[i].channel);
    return STR_NONE;
}

static void post(struct chat *c, struct mm_send *s, struct str channel, struct str root) {
    cJSON *body = cJSON_CreateObject();
    json_add_str(body, "channel_id", channel);
    json_add_str(body, "root_id", root);
    json_add_str(body, "message", (struct str){s->text, s->len});
    cJSON_AddStringToObject(body, "pending_post_id", s->key);
    s->serial = mm_request(c, MM_SEND, "/posts", body, (struct chat_out){.lane = str_of(s->to), .once = true});
}

static void ask_direct(struct chat *c, struct mm_send *s, struct str user) {
    cJSON *body = cJSON_CreateArray();
    char text[MM_ID_SIZE];
    mm_copy(text, sizeof text, user);
    cJSON_AddItemToArray(body, cJSON_CreateString(c->me));
    cJSON_AddItemToArray(body, cJSON_CreateString(text));
    s->serial = mm_request(c, MM_DIRECT, "/channels/direct", body, (struct chat_out){.lane = user});
}

static void send(struct chat *c, struct mm_send *s) {
    struct mm_address a;
    mm_address_read(str_of(s->to), &a);
    struct str channel = a.channel.len > 0 ? a.channel : direct_channel(c, a.user);
    if (channel.len > 0)
        post(c, s, channel, a.root);
    else
        ask_direct(c, s, a.user);
}

void mm_work(struct chat *c) {
    struct mm_send *next;
    for (struct mm_send *s = c->sends; s && c->phase == MM_READY; s = next) {
        next = s->next;
        if (s->serial || s->behind)
            continue;
        if (s->arrived[0])
            arrived(c, s, str_of(s->arrived));
        else if (c->now_ms >= s->not_before_ms)
            send(c, s);
    }
}

int64_t mm_sends_due_ms(const struct chat *c) {
    int64_t due = CHAT_NEVER;
    for (const struct mm_send *s = c->sends; s; s = s->next)
        if (!s->serial && s->not_before_ms < due && !s->behind)
            due = s->not_before_ms;
    return due;
}

/* The lanes keep them in order. */
void mm_flush(struct chat *c) {
    struct mm_address a;
    for (struct mm_send *s = c->sends; s && c->phase == MM_READY; s = s->next)
        if (!s->serial && !s->arrived[0] && mm_address_read(str_of(s->to), &a) && (a.channel.len > 0 || direct_channel(c, a.user).len > 0))
            send(c, s);
}

/* ---- what came of it ---- */

static struct mm_send *find_send(struct chat *c, uint64_t serial) {
    struct mm_send *s = c->sends;
    while (s && s->serial != serial)
        s = s->next;
    return s;
}

static bool may_come_yet(unsigned status) { return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500; }

/* The name of the server's error, which is its own, in words that may be logged. */
static void tell_refusal(struct chat *c, const struct chat_answer *a) {
    cJSON *error = json_read(a->body);
    struct str id = json_str(error, "id");
    bool plain = id.len < 100;
    for (size_t i = 0; i < id.len; i++)
        plain = plain && (str_is_letter(id.ptr[i]) || strchr("._-", id.ptr[i]));
    mm_note(c, "an answer is lost: the server refuses it (HTTP status %u%s%.*s)", a->status, plain && id.len ? ", " : "",
            plain ? (int)id.len : 0, id.len ? id.ptr : "");
    cJSON_Delete(error);
}

static void try_again(struct chat *c, struct mm_send *s, const struct chat_answer *a) {
    s->serial = 0;
    s->tries++;
    if (!may_come_yet(a->status)) {
        tell_refusal(c, a);
        send_free(c, s);
    } else if (s->tries >= MM_SEND_TRIES_MOST || c->now_ms - s->said_ms > MM_SEND_AGE_MOST_MS) {
        mm_note(c, "an answer is lost: the server does not take it (HTTP status %u)", a->status);
        send_free(c, s);
    } else {
        s->not_before_ms = c->now_ms + (INT64_C(500) << s->tries);
    }
}

void mm_on_sent(struct chat *c, uint64_t serial, const struct chat_answer *a) {
    struct mm_send *s = find_send(c, serial);
    if (!s)
        return;
    cJSON *body = a->status == 200 || a->status == 201 ? json_read(a->body) : NULL;
    if (a->status == 200 || a->status == 201)
        arrived(c, s, json_str(body, "id"));
    else if (s->arrived[0])
        arrived(c, s, str_of(s->arrived));
    else
        try_again(c, s, a);
    cJSON_Delete(body);
}

void mm_on_direct(struct chat *c, uint64_t serial, const struct chat_answer *a) {
    struct mm_send *s = find_send(c, serial);
    struct mm_address to;
    if (!s || !mm_address_read(str_of(s->to), &to))
        return;
    cJSON *body = a->status == 200 || a->status == 201 ? json_read(a->body) : NULL;
    struct str id = json_str(body, "id");
    if (mm_is_id(id)) {
        mm_know_place(c, id, to.user);
        s->serial = 0;
    } else {
        try_again(c, s, body ? &(struct chat_answer){.status = 500} : a);
    }
    cJSON_Delete(body);
}

void mm_on_own_post(struct chat *c, const cJSON *own) {
    struct str key = json_str(own, "pending_post_id"), message = json_str(own, "message");
    struct mm_address a;
    for (struct mm_send *s = c->sends; s; s = s->next) {
        bool same = str_equal(key, str_of(s->key));
        if (key.len == 0 && s->tries > 0 && mm_address_read(str_of(s->to), &a))
            same = str_equal(message, (struct str){s->text, s->len}) && str_equal(json_str(own, "root_id"), a.root) &&
                   (a.channel.len == 0 || str_equal(json_str(own, "channel_id"), a.channel));
        if (same && !s->arrived[0]) {
            mm_copy(s->arrived, sizeof s->arrived, json_str(own, "id"));
            return;
        }
    }
}

/* ---- saying ---- */

static bool hold(struct chat *c, const struct chat_say *say, struct str text, unsigned piece, size_t choices, struct err *e) {
    char key[COMPOSE_KEY_SIZE];
    struct mm_send **end = &c->sends, *s = NULL;
    bool fits = c->send_count < MM_SENDS_MOST && text.len <= MM_SEND_BYTES_MOST - c->send_bytes;
    if (fits)
        s = calloc(1, sizeof *s + text.len);
    if (!s)
        return err_set(e, ERR_LIMIT, "too many answers wait to be sent");
    memcpy(s->text, text.ptr, text.len);
    s->len = text.len;
    compose_key(say, text, piece, key);
    snprintf(s->key, sizeof s->key, "%s:%s", c->me, key);
    mm_copy(s->to, sizeof s->to, say->to);
    s->said_ms = s->not_before_ms = c->now_ms;
    s->choices = choices;
    s->behind = same_talk_in(c->sends, say->to) != NULL;
    while (*end)
        end = &(*end)->next;
    *end = s;
    c->send_count++;
    c->send_bytes += text.len;
    return true;
}

static void show_typing(struct chat *c, const struct mm_address *a) {
    struct str channel = a->channel.len > 0 ? a->channel : direct_channel(c, a->user);
    if (c->phase != MM_READY || channel.len == 0)
        return;
    cJSON *data = cJSON_CreateObject();
    json_add_str(data, "channel_id", channel);
    json_add_str(data, "parent_id", a->root);
    mm_action(c, "user_typing", data);
}

/* How many choices of the answer can be taken by a reaction. */
static size_t choices_of(const struct chat_say *say) {
    size_t at = compose_question(say);
    const struct chat_part *part = at == SIZE_MAX ? NULL : &say->parts[at];
    return part && part->numbered && part->choice_count <= MM_CHOICES_MOST ? part->choice_count : 0;
}

bool mm_say(struct chat *c, const struct chat_say *say, struct err *e) {
    struct mm_address a;
    struct buf text;
    if (!mm_address_read(say->to, &a))
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    buf_init_heap(&text);
    compose_text(&text, say, COMPOSE_MARKDOWN, SIZE_MAX);
    struct str rest = buf_str(&text), piece;
    bool fine = !text.failed || err_set(e, ERR_LIMIT, "no memory");
    mm_talk_at(c, say->to)->question[0] = '\0'; /* something new is said: what was asked before is not open any more */
    show_typing(c, &a);
    for (unsigned i = 0; fine && (piece = compose_cut(&rest, MM_TEXT_MOST, COMPOSE_POINTS)).len > 0; i++)
        fine = hold(c, say, piece, i, rest.len == 0 ? choices_of(say) : 0, e);
    buf_finish(&text);
    return fine;
}
