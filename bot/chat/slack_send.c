#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_work.h"
#include "core/siphash.h"

/* The Web API documents no key by which it would know a message that it has had already. So a message carries its key as metadata, and
 * where the answer to a request was lost, the history is searched for the key before the message is sent again. Where that cannot be read,
 * the message is sent again all the same: twice is better than never. One message of a talk at a time is on its way, so they come in order. */

struct slack_send {
    struct slack_send *next;
    uint64_t serial; /* of the request that is on its way; 0: none */
    char to[SLACK_ADDRESS_SIZE];
    char key[COMPOSE_KEY_SIZE];
    char after[SLACK_TS_SIZE]; /* it was written after this message */
    int64_t said_ms, not_before_ms;
    unsigned tries;
    bool doubtful;     /* it may be there already */
    bool has_question; /* with buttons */
    char *blocks;      /* JSON, or NULL */
    size_t len;
    char text[];
};

#define METADATA_TYPE "lippy_answer"

/* ---- questions ---- */

struct slack_question *slack_find_question(struct chat *c, struct str key) {
    for (size_t i = 0; key.len > 0 && i < SLACK_QUESTIONS; i++)
        if (str_equal(str_of(c->questions[i].key), key))
            return &c->questions[i];
    return NULL;
}

/* Whether two addresses are one talk: private ones are, whatever the thread. */
static bool same_talk(struct str a, struct str b) {
    struct slack_address x, y;
    return slack_address_read(a, &x) && slack_address_read(b, &y) && x.direct == y.direct && str_equal(x.user, y.user) &&
           (x.direct || (str_equal(x.channel, y.channel) && str_equal(x.thread, y.thread)));
}

/* Something new was said: a question before it is not open any more. */
static void close_question(struct chat *c, struct str to) {
    for (size_t i = 0; i < SLACK_QUESTIONS; i++)
        if (c->questions[i].key[0] && same_talk(str_of(c->questions[i].to), to))
            c->questions[i].key[0] = '\0';
}

static void open_question(struct chat *c, const struct slack_send *s) {
    struct slack_question *q = slack_find_question(c, str_of(s->key));
    if (!q)
        q = &c->questions[c->question_next++ % SLACK_QUESTIONS];
    slack_copy(q->key, sizeof q->key, str_of(s->key));
    slack_copy(q->to, sizeof q->to, str_of(s->to));
}

/* ---- the queue ---- */

static void send_free(struct chat *c, struct slack_send *s) {
    for (struct slack_send **at = &c->sends; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    c->send_count--;
    c->send_bytes -= s->len;
    explicit_bzero(s->text, s->len);
    if (s->blocks)
        explicit_bzero(s->blocks, strlen(s->blocks));
    cJSON_free(s->blocks);
    free(s);
}

void slack_forget_sends(struct chat *c) {
    while (c->sends)
        send_free(c, c->sends);
}

static bool is_behind(const struct chat *c, const struct slack_send *s) {
    for (const struct slack_send *other = c->sends; other != s; other = other->next)
        if (same_talk(str_of(other->to), str_of(s->to)))
            return true;
    return false;
}

/* Empty where it is still to be found. */
static struct str channel_of(const struct chat *c, const struct slack_send *s) {
    struct slack_address a;
    slack_address_read(str_of(s->to), &a);
    for (size_t i = 0; a.channel.len == 0 && i < SLACK_PLACES; i++)
        if (str_equal(str_of(c->places[i].user), a.user))
            return str_of(c->places[i].channel);
    return a.channel;
}

static size_t pace_of(const struct chat *c, struct str channel) { return siphash(c->entropy, channel) % SLACK_PACED; }

static int64_t send_due_ms(const struct chat *c, const struct slack_send *s) {
    int64_t paced = c->pace_at_ms[pace_of(c, channel_of(c, s))];
    return s->not_before_ms > paced ? s->not_before_ms : paced;
}

static void post(struct chat *c, struct slack_send *s, struct str channel) {
    struct slack_address a;
    slack_address_read(str_of(s->to), &a);
    cJSON *body = cJSON_CreateObject(), *metadata = cJSON_CreateObject();
    json_add_str(body, "channel", channel);
    if (a.thread.len > 0)
        json_add_str(body, "thread_ts", a.thread);
    json_add_str(body, "text", (struct str){s->text, s->len});
    if (s->blocks)
        cJSON_AddItemToObject(body, "blocks", cJSON_Parse(s->blocks));
    cJSON_AddBoolToObject(body, "unfurl_links", false);
    cJSON_AddBoolToObject(body, "unfurl_media", false);
    cJSON_AddStringToObject(metadata, "event_type", METADATA_TYPE);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(metadata, "event_payload"), "key", s->key);
    cJSON_AddItemToObject(body, "metadata", metadata);
    if (s->has_question)
        open_question(c, s); /* a click may be quicker than the answer to this */
    c->pace_at_ms[pace_of(c, channel)] = c->now_ms + SLACK_PACE_MS;
    s->serial = slack_request(c, SLACK_SEND, "chat.postMessage", body, (struct chat_out){.lane = channel, .once = true});
}

static void check(struct chat *c, struct slack_send *s, struct str channel) {
    struct slack_address a;
    struct buf url;
    slack_address_read(str_of(s->to), &a);
    buf_init_heap(&url);
    buf_add(&url, a.thread.len > 0 ? STR("conversations.replies") : STR("conversations.history"));
    slack_add_query(&url, "channel", channel);
    if (a.thread.len > 0)
        slack_add_query(&url, "ts", a.thread);
    if (s->after[0])
        slack_add_query(&url, "oldest", str_of(s->after));
    slack_add_query(&url, "limit", STR("200"));
    slack_add_query(&url, "include_all_metadata", STR("true"));
    s->serial = slack_request(c, SLACK_CHECK, url.ptr ? url.ptr : "", NULL, (struct chat_out){.lane = channel});
    buf_finish(&url);
}

static void ask_direct(struct chat *c, struct slack_send *s) {
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "users", s->to); /* USER alone */
    s->serial = slack_request(c, SLACK_DIRECT, "conversations.open", body, (struct chat_out){.lane = str_of(s->to)});
}

static void send(struct chat *c, struct slack_send *s) {
    struct str channel = channel_of(c, s);
    if (channel.len == 0)
        ask_direct(c, s);
    else if (s->doubtful)
        check(c, s, channel);
    else
        post(c, s, channel);
}

/* Needs to know who we are, but no websocket. */
void slack_work(struct chat *c) {
    for (struct slack_send *s = c->sends; s && c->me[0] && c->name[0] && c->phase != SLACK_DOWN; s = s->next)
        if (!s->serial && c->now_ms >= send_due_ms(c, s) && !is_behind(c, s))
            send(c, s);
}

int64_t slack_sends_due_ms(const struct chat *c) {
    int64_t due = CHAT_NEVER;
    for (const struct slack_send *s = c->sends; s && c->name[0] && c->phase != SLACK_DOWN; s = s->next)
        if (!s->serial && send_due_ms(c, s) < due && !is_behind(c, s))
            due = send_due_ms(c, s);
    return due;
}

/* The lanes keep them in order. */
void slack_flush(struct chat *c) {
    for (struct slack_send *s = c->sends; s && c->name[0] && c->phase != SLACK_DOWN; s = s->next)
        if (!s->serial && !s->doubtful && channel_of(c, s).len > 0)
            send(c, s);
}

/* ---- what came of it ---- */

static struct slack_send *find_send(struct chat *c, uint64_t serial) {
    struct slack_send *s = c->sends;
    while (s && s->serial != serial)
        s = s->next;
    return s;
}

static void try_again(struct chat *c, struct slack_send *s, const struct slack_reply *r) {
    s->serial = 0;
    s->tries++;
    if (r->verdict == SLACK_REFUSED) {
        slack_note(c, "an answer is lost: Slack refuses it (%.*s)", STR_ARG(r->error));
        send_free(c, s);
    } else if (s->tries >= SLACK_SEND_TRIES_MOST || c->now_ms - s->said_ms > SLACK_SEND_AGE_MOST_MS) {
        slack_note(c, "an answer is lost: Slack does not take it");
        send_free(c, s);
    } else {
        s->not_before_ms = c->now_ms + (INT64_C(500) << s->tries);
    }
}

void slack_on_sent(struct chat *c, uint64_t serial, const struct slack_reply *r) {
    struct slack_send *s = find_send(c, serial);
    if (!s)
        return;
    if (r->verdict == SLACK_FINE) {
        send_free(c, s);
    } else if (r->verdict == SLACK_REFUSED && s->blocks && str_starts_with(r->error, STR("invalid_blocks"))) {
        cJSON_free(s->blocks); /* the text has the choices, too */
        s->blocks = NULL;
        s->serial = 0;
    } else {
        s->doubtful = r->verdict == SLACK_LOST;
        try_again(c, s, r);
    }
}

/* Whether a message of the history is this one. Not every server that speaks like Slack keeps metadata. */
static bool is_it(const struct chat *c, const struct slack_send *s, const cJSON *message) {
    const cJSON *metadata = json_at(message, "metadata");
    if (metadata)
        return str_equal(json_str(json_at(metadata, "event_payload"), "key"), str_of(s->key));
    return str_equal(json_str(message, "user"), str_of(c->me)) && str_equal(json_str(message, "text"), (struct str){s->text, s->len});
}

void slack_on_checked(struct chat *c, uint64_t serial, const struct slack_reply *r) {
    struct slack_send *s = find_send(c, serial);
    const cJSON *message;
    bool found = false;
    if (!s)
        return;
    cJSON_ArrayForEach(message, json_at(r->body, "messages")) found |= is_it(c, s, message);
    s->serial = 0;
    if (found)
        send_free(c, s);
    else if (r->verdict == SLACK_LOST || r->verdict == SLACK_AGAIN)
        try_again(c, s, r);
    else
        s->doubtful = false;
}

void slack_on_direct(struct chat *c, uint64_t serial, const struct slack_reply *r) {
    struct slack_send *s = find_send(c, serial);
    struct str id = json_str(json_at(r->body, "channel"), "id");
    if (!s)
        return;
    if (r->verdict == SLACK_FINE && slack_is_id(id)) {
        slack_know_place(c, id, STR_NONE, str_of(s->to));
        s->serial = 0;
    } else {
        try_again(c, s, r->verdict == SLACK_FINE ? &(struct slack_reply){.verdict = SLACK_AGAIN} : r);
    }
}

/* ---- saying ---- */

/* How the choices of an answer are shown. */
struct buttons {
    const struct chat_part *part; /* NULL: none */
    size_t at;                    /* its place among the parts; SIZE_MAX: the text lists the choices, too */
};

/* A button bears a choice's words where they are short; else a number, and the text says what for. */
static struct buttons choose_buttons(const struct chat_say *say) {
    size_t at = compose_question(say);
    const struct chat_part *part = at == SIZE_MAX ? NULL : &say->parts[at];
    bool labels = true;
    if (!part || part->choice_count > SLACK_BUTTONS_MOST)
        return (struct buttons){NULL, SIZE_MAX};
    for (size_t i = 0; i < part->choice_count; i++)
        labels &= part->choices[i].len > 0 && compose_length(part->choices[i], COMPOSE_UTF16) <= SLACK_LABEL_MOST;
    if (!labels && !part->numbered)
        return (struct buttons){NULL, SIZE_MAX};
    return (struct buttons){part, labels ? at : SIZE_MAX};
}

static cJSON *text_object(const char *type, struct str text) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", type);
    json_add_str(object, "text", text);
    return object;
}

static cJSON *make_button(const struct buttons *b, size_t i, const char *key) {
    cJSON *button = cJSON_CreateObject();
    char number[24], id[COMPOSE_KEY_SIZE + 24];
    snprintf(number, sizeof number, "%zu", i + 1);
    snprintf(id, sizeof id, "%s/%zu", key, i + 1);
    cJSON_AddStringToObject(button, "type", "button");
    cJSON_AddStringToObject(button, "action_id", id);
    cJSON_AddItemToObject(button, "text", text_object("plain_text", b->at == SIZE_MAX ? str_of(number) : b->part->choices[i]));
    json_add_str(button, "value", b->part->numbered ? str_of(number) : b->part->choices[i]);
    return button;
}

/* A section and its buttons, as JSON. */
static char *make_blocks(const struct buttons *b, struct str shown, const char *key) {
    cJSON *blocks = cJSON_CreateArray(), *section = cJSON_CreateObject(), *actions = cJSON_CreateObject();
    cJSON_AddStringToObject(section, "type", "section");
    cJSON_AddItemToObject(section, "text", text_object("mrkdwn", shown));
    cJSON_AddItemToArray(blocks, section);
    cJSON_AddStringToObject(actions, "type", "actions");
    cJSON *elements = cJSON_AddArrayToObject(actions, "elements");
    for (size_t i = 0; i < b->part->choice_count; i++)
        cJSON_AddItemToArray(elements, make_button(b, i, key));
    cJSON_AddItemToArray(blocks, actions);
    char *text = cJSON_PrintUnformatted(blocks);
    cJSON_Delete(blocks);
    return text;
}

static struct slack_send *hold(struct chat *c, const struct chat_say *say, struct str text) {
    bool fits = c->send_count < SLACK_SENDS_MOST && text.len <= SLACK_SEND_BYTES_MOST - c->send_bytes;
    struct slack_send *s = fits ? calloc(1, sizeof *s + text.len) : NULL, **end = &c->sends;
    if (!s)
        return NULL;
    memcpy(s->text, text.ptr, text.len);
    s->len = text.len;
    slack_copy(s->to, sizeof s->to, say->to);
    slack_copy(s->after, sizeof s->after, slack_is_ts(say->answers) ? say->answers : str_of(c->newest));
    s->said_ms = s->not_before_ms = c->now_ms;
    while (*end)
        end = &(*end)->next;
    *end = s;
    c->send_count++;
    c->send_bytes += text.len;
    return s;
}

/* One piece. The last one has the buttons; its text, for notifications and screen readers, lists the choices all the same. */
static bool hold_piece(struct chat *c, const struct chat_say *say, struct str piece, unsigned n, const struct buttons *b) {
    struct slack_send *s;
    if (b && b->at != SIZE_MAX) {
        struct chat_part choices = {.choices = b->part->choices, .choice_count = b->part->choice_count, .numbered = b->part->numbered};
        struct buf text;
        buf_init_heap(&text);
        buf_add(&text, piece);
        compose_text(&text, &(struct chat_say){.parts = &choices, .part_count = 1}, COMPOSE_MRKDWN, SIZE_MAX);
        s = text.failed ? NULL : hold(c, say, buf_str(&text));
        buf_finish(&text);
    } else {
        s = hold(c, say, piece);
    }
    if (!s)
        return false;
    compose_key(say, piece, n, s->key);
    s->has_question = b != NULL;
    s->blocks = b ? make_blocks(b, piece, s->key) : NULL;
    return true;
}

bool slack_say(struct chat *c, const struct chat_say *say, struct err *e) {
    struct slack_address a;
    struct chat_say unnamed = *say;
    struct buttons b = choose_buttons(say);
    struct buf text;
    if (!slack_address_read(say->to, &a))
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    buf_init_heap(&text);
    unnamed.nick = STR_NONE;
    if (say->nick.len > 0)
        buf_printf(&text, "<@%.*s>: ", STR_ARG(a.user)); /* shown as their name */
    compose_text(&text, &unnamed, COMPOSE_MRKDWN, b.at);
    struct str rest = buf_str(&text), piece;
    bool fine = !text.failed;
    close_question(c, say->to);
    for (unsigned i = 0; fine && (piece = compose_cut(&rest, SLACK_TEXT_MOST, COMPOSE_UTF16)).len > 0; i++)
        fine = hold_piece(c, say, piece, i, rest.len == 0 && b.part ? &b : NULL);
    buf_finish(&text);
    return fine || err_set(e, ERR_LIMIT, "too many answers wait to be sent");
}
