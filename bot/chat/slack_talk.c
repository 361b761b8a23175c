#include <stdio.h>
#include <string.h>

#include "chat/slack_work.h"

/* ---- places ---- */

bool slack_address_read(struct str text, struct slack_address *out) {
    *out = (struct slack_address){.direct = true, .user = text};
    if (slack_is_id(text))
        return true;
    struct str kind = str_cut(&text, '/');
    out->direct = str_equal(kind, STR("d"));
    out->channel = str_cut(&text, '/');
    out->thread = str_cut(&text, '/');
    out->user = text;
    return (out->direct || str_equal(kind, STR("c"))) && slack_is_id(out->channel) &&
           (out->thread.len == 0 || slack_is_ts(out->thread)) && slack_is_id(out->user);
}

static struct slack_place *find_place(struct chat *c, struct str channel, struct str thread) {
    for (size_t i = 0; i < SLACK_PLACES; i++)
        if (str_equal(str_of(c->places[i].channel), channel) && str_equal(str_of(c->places[i].thread), thread))
            return &c->places[i];
    return NULL;
}

void slack_know_place(struct chat *c, struct str channel, struct str thread, struct str user) {
    if (find_place(c, channel, thread))
        return;
    struct slack_place *p = &c->places[c->place_next++ % SLACK_PLACES];
    slack_copy(p->channel, sizeof p->channel, channel);
    slack_copy(p->thread, sizeof p->thread, thread);
    slack_copy(p->user, sizeof p->user, user);
}

/* ---- text ---- */

static void add_decoded(struct buf *out, struct str s) {
    static const struct {
        struct str entity;
        char is;
    } entities[] = {{STR_INIT("&amp;"), '&'}, {STR_INIT("&lt;"), '<'}, {STR_INIT("&gt;"), '>'}};
    while (s.len > 0) {
        size_t i = 0;
        while (i < 3 && !str_starts_with(s, entities[i].entity))
            i++;
        buf_add_char(out, i < 3 ? entities[i].is : s.ptr[0]);
        s = str_slice(s, i < 3 ? entities[i].entity.len : 1, SIZE_MAX);
    }
}

/* What stands between < and >: a mention, a channel, a special word, a link; each may have what is shown behind a bar. */
static void add_reference(struct chat *c, struct buf *out, struct str inside, bool *mentioned) {
    struct str shown = inside, target = str_cut(&shown, '|');
    char kind = target.len > 0 ? target.ptr[0] : ' ';
    if (kind == '@' && str_equal(str_slice(target, 1, SIZE_MAX), str_of(c->me))) {
        *mentioned = true;
        buf_printf(out, "@%s", c->name);
        return;
    }
    if (strchr("@#!", kind)) {
        buf_add_char(out, kind == '#' ? '#' : '@');
        target = str_slice(target, 1, SIZE_MAX);
    }
    add_decoded(out, shown.len > 0 ? shown : target);
}

/* A text as a person sees it, with our own name where we are mentioned. */
static void add_plain(struct chat *c, struct buf *out, struct str text, bool *mentioned) {
    while (text.len > 0) {
        add_decoded(out, str_cut(&text, '<'));
        struct str inside = text.len > 0 ? str_cut(&text, '>') : STR_NONE;
        if (inside.len > 0)
            add_reference(c, out, inside, mentioned);
    }
}

/* ---- handing on ---- */

static bool sender_may(struct chat *c, struct str who) {
    enum pace_verdict verdict = pace_count(&c->pace, who, c->now_ms);
    if (verdict == PACE_TELL)
        slack_note(c, "somebody writes faster than we answer; some of it is passed over");
    return verdict == PACE_FINE;
}

/* What somebody said at one of our addresses. */
static void hand_on(struct chat *c, struct str to, struct str id, bool addressed, struct str text) {
    char room[SLACK_ROOM_SIZE] = "";
    struct slack_address a;
    if (!slack_address_read(to, &a))
        return;
    if (!a.direct)
        snprintf(room, sizeof room, "%.*s/%.*s", STR_ARG(a.channel), STR_ARG(a.thread));
    slack_put(c, &(struct chat_out){
                     .kind = CHAT_MESSAGE,
                     .who = a.user,
                     .room = str_of(room),
                     .to = to,
                     .nick = a.direct ? STR_NONE : a.user,
                     .aside = a.direct ? STR_NONE : a.user,
                     .id = id,
                     .addressed = addressed,
                     .discreet = c->private_only && !a.direct,
                     .text = text,
                 });
}

/* Once for each message, whatever brings it: two events, an envelope that comes again, the history. */
static bool is_new(struct chat *c, struct str channel, struct str id) {
    char key[SLACK_KEY_SIZE];
    snprintf(key, sizeof key, "%.*s %.*s", STR_ARG(channel), STR_ARG(id));
    if (!seen_first(&c->seen, str_of(key)))
        return false;
    slack_copy(c->handled[c->handled_next++ % SLACK_HANDLED], SLACK_KEY_SIZE, str_of(key));
    slack_keep_soon(c);
    return true;
}

/* ---- messages ---- */

/* Neither a person's own words nor new: of programs, of Slack, or what an edit made of a message. */
static bool is_no_message(const struct chat *c, const cJSON *message) {
    struct str subtype = json_str(message, "subtype"), user = json_str(message, "user");
    return (subtype.len > 0 && !str_equal(subtype, STR("thread_broadcast"))) || json_at(message, "bot_id") ||
           json_at(message, "bot_profile") || str_equal(user, str_of(c->me)) || str_equal(user, STR("USLACKBOT"));
}

/* The same words sent once more by a program that had lost its connection may come as another message. */
static bool is_resent(struct chat *c, const cJSON *message) {
    struct str id = json_str(message, "client_msg_id");
    char key[SLACK_KEY_SIZE];
    if (id.len == 0 || id.len > 40)
        return false;
    snprintf(key, sizeof key, "= %.*s", STR_ARG(id));
    return !seen_first(&c->seen, str_of(key));
}

static void take_words(struct chat *c, const cJSON *message, struct str channel, bool direct, struct str said, bool mentioned) {
    struct str ts = json_str(message, "ts"), thread = json_str(message, "thread_ts"), user = json_str(message, "user"), text = said;
    char to[SLACK_ADDRESS_SIZE];
    bool ours = direct || mentioned || (thread.len > 0 && find_place(c, channel, thread));
    /* What is not for us and in no thread of ours begins no talk and is part of none. */
    if (!ours || said.len == 0 || !is_new(c, channel, ts) || is_resent(c, message) || !sender_may(c, user))
        return;
    if (mentioned)
        chat_is_addressed(said, str_of(c->name), &text);
    if (!direct && thread.len == 0)
        thread = ts; /* the answer begins a thread */
    snprintf(to, sizeof to, "%c/%.*s/%.*s/%.*s", direct ? 'd' : 'c', STR_ARG(channel), STR_ARG(thread), STR_ARG(user));
    slack_know_place(c, channel, STR_NONE, direct ? user : STR_NONE);
    if (thread.len > 0 && (direct || mentioned))
        slack_know_place(c, channel, thread, direct ? user : STR_NONE);
    hand_on(c, str_of(to), ts, direct || mentioned, text);
}

void slack_take_message(struct chat *c, const cJSON *message, struct str channel, bool direct) {
    struct str ts = json_str(message, "ts"), thread = json_str(message, "thread_ts");
    bool mentioned = false;
    struct buf text;
    if (!slack_is_ts(ts) || !slack_is_id(channel) || !slack_is_id(json_str(message, "user")) || (thread.len > 0 && !slack_is_ts(thread)))
        return;
    if (slack_ts_compare(ts, str_of(c->newest)) > 0)
        slack_copy(c->newest, sizeof c->newest, ts);
    if (is_no_message(c, message))
        return;
    buf_init_heap(&text);
    add_plain(c, &text, json_str(message, "text"), &mentioned);
    if (!text.failed)
        take_words(c, message, channel, direct, str_trim(buf_str(&text)), mentioned);
    buf_finish(&text);
}

void slack_on_event(struct chat *c, const cJSON *frame) {
    const cJSON *event = json_at(json_at(frame, "payload"), "event");
    struct str type = json_str(event, "type"), channel = json_str(event, "channel"), kind = json_str(event, "channel_type");
    /* an app_mention does not say where it is; the ids of direct messages begin with D */
    bool direct = kind.len > 0 ? str_equal(kind, STR("im")) : channel.len > 0 && channel.ptr[0] == 'D';
    if (str_equal(type, STR("message")) || str_equal(type, STR("app_mention")))
        slack_take_message(c, event, channel, direct);
}

/* ---- clicks ---- */

/* Takes the buttons away from the message that was answered, and shows what was chosen. */
static void take_buttons_away(struct chat *c, const cJSON *payload, struct str chosen) {
    const cJSON *message = json_at(payload, "message"), *block;
    struct str ts = json_str(message, "ts"), channel = json_str(json_at(payload, "channel"), "id");
    if (!slack_is_ts(ts) || !slack_is_id(channel))
        return;
    cJSON *body = cJSON_CreateObject(), *blocks = cJSON_CreateArray(), *context = cJSON_CreateObject(), *shown = cJSON_CreateObject();
    struct buf text;
    buf_init_heap(&text);
    buf_printf(&text, "\xe2\x9c\x93 %.*s", STR_ARG(chosen));
    cJSON_ArrayForEach(block, json_at(message, "blocks")) {
        if (!str_equal(json_str(block, "type"), STR("actions")))
            cJSON_AddItemToArray(blocks, cJSON_Duplicate(block, true));
    }
    cJSON_AddStringToObject(shown, "type", "plain_text");
    json_add_str(shown, "text", buf_str(&text));
    cJSON_AddStringToObject(context, "type", "context");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(context, "elements"), shown);
    cJSON_AddItemToArray(blocks, context);
    json_add_str(body, "channel", channel);
    json_add_str(body, "ts", ts);
    json_add_str(body, "text", json_str(message, "text"));
    cJSON_AddItemToObject(body, "blocks", blocks);
    slack_request(c, SLACK_UPDATE, "chat.update", body, (struct chat_out){.at_ms = c->now_ms + SLACK_UPDATE_MS});
    buf_finish(&text);
}

/* The first choice of the person who was asked is their answer; the question is closed then. An action's id is the key of our message, a
 * slash and a number. */
void slack_on_interactive(struct chat *c, const cJSON *frame) {
    const cJSON *payload = json_at(frame, "payload"), *action = cJSON_GetArrayItem(json_at(payload, "actions"), 0);
    struct str user = json_str(json_at(payload, "user"), "id"), number = json_str(action, "action_id"), key = str_cut(&number, '/');
    struct str value = json_str(action, "value"), at = json_str(action, "action_ts");
    struct slack_question *q = slack_find_question(c, key);
    struct slack_address a;
    if (!str_equal(json_str(payload, "type"), STR("block_actions")) || !q || value.len == 0 || !slack_address_read(str_of(q->to), &a) ||
        !str_equal(a.user, user) || !sender_may(c, user))
        return;
    q->key[0] = '\0';
    hand_on(c, str_of(q->to), slack_is_ts(at) ? at : key, true, value);
    take_buttons_away(c, payload, json_str(json_at(action, "text"), "text"));
}

/* ---- slash commands ---- */

/* Only the person sees that it was given, so the answer is in private. */
void slack_on_command(struct chat *c, const cJSON *frame) {
    const cJSON *payload = json_at(frame, "payload");
    struct str user = json_str(payload, "user_id"), channel = json_str(payload, "channel_id"), trigger = json_str(payload, "trigger_id");
    bool direct = str_equal(json_str(payload, "channel_name"), STR("directmessage")), mentioned = false;
    char id[SLACK_KEY_SIZE - 2];
    struct buf text;
    slack_copy(id, sizeof id, trigger);
    if (!slack_is_id(user) || !slack_is_id(channel) || trigger.len == 0 || !is_new(c, STR("/"), str_of(id)) || !sender_may(c, user))
        return;
    if (direct)
        slack_know_place(c, channel, STR_NONE, user);
    buf_init_heap(&text);
    add_plain(c, &text, json_str(payload, "text"), &mentioned);
    if (!text.failed)
        hand_on(c, user, str_of(id), true, str_trim(buf_str(&text)));
    buf_finish(&text);
}
