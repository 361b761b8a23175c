#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/compose.h"
#include "chat/discord_work.h"
#include "core/siphash.h"

/* One message of ours on its way. Once it is known not to arrive as the answer to an interaction, it goes as a direct message. */
struct discord_letter {
    struct discord_letter *next;
    enum {
        LETTER_POST,
        LETTER_CALLBACK,
        LETTER_FOLLOW, /* more of the answer to an interaction */
        LETTER_EMPTY,  /* an answer to an interaction without text */
        LETTER_WAITS,  /* for its channel */
    } kind;
    bool asked_as_list; /* LETTER_WAITS: in the way of older servers */
    uint64_t number;    /* of its request; LETTER_WAITS: of the one for its channel */
    char user[DISCORD_ID_MOST + 1];
    size_t len;
    char body[]; /* JSON, as it is posted to a channel */
};

/* ---- who was asked what ---- */

static uint64_t hash_of(const struct chat *c, struct str user, bool in_room) { return siphash(c->entropy, user) * 4 + 2 + in_room; }

static void note_asked(struct chat *c, struct str user, bool in_room, uint32_t question) {
    uint64_t who = hash_of(c, user, in_room);
    c->asked[who % DISCORD_ASKED] = (struct discord_asked){who, question};
}

bool discord_is_asked(const struct chat *c, struct str user, bool in_room, uint32_t question) {
    uint64_t who = hash_of(c, user, in_room);
    const struct discord_asked *asked = &c->asked[who % DISCORD_ASKED];
    return asked->who != who || asked->question == question; /* not known, after a restart: believed */
}

/* ---- private channels ---- */

static struct discord_place *place_of(struct chat *c, struct str user) { return &c->places[siphash(c->entropy, user) % DISCORD_PLACES]; }

void discord_learn_place(struct chat *c, struct str user, struct str channel) {
    struct discord_place *p = place_of(c, user);
    discord_set(p->user, sizeof p->user, user);
    discord_set(p->channel, sizeof p->channel, channel);
}

static struct str find_place(struct chat *c, struct str user) {
    struct discord_place *p = place_of(c, user);
    return str_equal(str_of(p->user), user) ? str_of(p->channel) : STR_NONE;
}

/* ---- letters ---- */

static struct discord_letter *add_letter(struct chat *c, struct str user, struct str body) {
    struct discord_letter *l = c->letter_count < DISCORD_LETTERS_MOST ? calloc(1, sizeof *l + body.len + 1) : NULL;
    if (!l)
        return NULL;
    discord_set(l->user, sizeof l->user, user);
    l->len = body.len;
    if (body.len > 0)
        memcpy(l->body, body.ptr, body.len);
    struct discord_letter **end = &c->letters;
    while (*end)
        end = &(*end)->next;
    *end = l;
    c->letter_count++;
    return l;
}

static void drop_letter(struct chat *c, struct discord_letter *l) {
    struct discord_letter **at = &c->letters;
    while (*at && *at != l)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = l->next;
    c->letter_count--;
    free(l);
}

void discord_drop_letters(struct chat *c) {
    while (c->letters)
        drop_letter(c, c->letters);
}

static void post(struct chat *c, struct discord_letter *l, struct str channel) {
    l->kind = LETTER_POST;
    l->number = discord_ask(
        c, &(struct chat_out){.method = CHAT_POST, .auth = str_of(c->auth), .lane = channel, .text = {l->body, l->len}},
        "/channels/%.*s/messages", STR_ARG(channel));
}

/* Discord wants one recipient, older compatible servers a list. */
static uint64_t ask_place(struct chat *c, struct str user, bool as_list) {
    char body[64], lane[DISCORD_ID_MOST + 4];
    snprintf(body, sizeof body, as_list ? "{\"recipients\":[\"%.*s\"]}" : "{\"recipient_id\":\"%.*s\"}", STR_ARG(user));
    snprintf(lane, sizeof lane, "dm%.*s", STR_ARG(user));
    return discord_ask(
        c, &(struct chat_out){.method = CHAT_POST, .auth = str_of(c->auth), .lane = str_of(lane), .text = str_of(body)},
        "/users/@me/channels");
}

static void send_directly(struct chat *c, struct discord_letter *l) {
    struct str user = str_of(l->user), channel = find_place(c, user);
    if (channel.len > 0) {
        post(c, l, channel);
        return;
    }
    l->number = 0;
    for (const struct discord_letter *other = c->letters; other; other = other->next)
        if (other != l && other->kind == LETTER_WAITS && strcmp(other->user, l->user) == 0)
            l->number = other->number;
    l->kind = LETTER_WAITS;
    if (l->number == 0)
        l->number = ask_place(c, user, false);
}

/* What a channel's message is as the answer to an interaction: in another wrapping, without what is for channels only. */
static cJSON *as_data(const struct discord_letter *l, bool ephemeral) {
    enum { EPHEMERAL = 1 << 6 };
    cJSON *data = json_read((struct str){l->body, l->len});
    cJSON_DeleteItemFromObjectCaseSensitive(data, "nonce");
    cJSON_DeleteItemFromObjectCaseSensitive(data, "enforce_nonce");
    if (ephemeral)
        cJSON_AddNumberToObject(data, "flags", EPHEMERAL);
    return data;
}

/* The interaction that was handed out last, and is being answered now. */
static bool is_at_hand(const struct chat *c, const struct discord_address *a) {
    struct discord_address now;
    return c->at_hand[0] && discord_address_read(str_of(c->at_hand), &now) && str_equal(now.id, a->id);
}

/* {"type": type, "data": data}, which is taken over. */
static uint64_t call_back(struct chat *c, const struct discord_address *a, int type, cJSON *data) {
    struct buf text;
    uint64_t number = 0;
    cJSON *body = cJSON_CreateObject();
    buf_init_heap(&text);
    cJSON_AddNumberToObject(body, "type", type);
    if (data)
        cJSON_AddItemToObject(body, "data", data);
    json_write(&text, body);
    if (!text.failed)
        number = discord_ask(c,
                             &(struct chat_out){.method = CHAT_POST,
                                                .lane = a->user,
                                                .text = buf_str(&text),
                                                .at_ms = c->now_ms + DISCORD_CALLBACK_MS},
                             "/interactions/%.*s/%.*s/callback", STR_ARG(a->id), STR_ARG(a->token));
    buf_finish(&text);
    if (is_at_hand(c, a))
        c->at_hand_done = true;
    return number;
}

static void answer_empty(struct chat *c, const struct discord_address *a, int type, cJSON *data) {
    struct discord_letter *l = add_letter(c, a->user, STR_NONE);
    if (!l) {
        cJSON_Delete(data);
        return;
    }
    l->kind = LETTER_EMPTY;
    l->number = call_back(c, a, type, data);
}

void discord_acknowledge(struct chat *c, const struct discord_address *a, int type) {
    cJSON *data = type == DISCORD_UPDATE ? cJSON_CreateObject() : NULL;
    if (data)
        cJSON_AddArrayToObject(data, "components");
    answer_empty(c, a, type, data);
}

static cJSON *add_row(cJSON *rows) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddNumberToObject(row, "type", 1);
    cJSON_AddItemToArray(rows, row);
    return cJSON_AddArrayToObject(row, "components");
}

void discord_ask_words(struct chat *c, const struct discord_address *a) {
    cJSON *data = cJSON_CreateObject(), *field = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "custom_id", "lippy");
    cJSON_AddStringToObject(data, "title", "Lippy");
    cJSON_AddNumberToObject(field, "type", 4);
    cJSON_AddStringToObject(field, "custom_id", "text");
    cJSON_AddStringToObject(field, "label", "In your own words");
    cJSON_AddNumberToObject(field, "style", 2);
    cJSON_AddNumberToObject(field, "max_length", DISCORD_CONTENT_MOST);
    cJSON_AddItemToArray(add_row(cJSON_AddArrayToObject(data, "components")), field);
    answer_empty(c, a, DISCORD_MODAL, data);
}

void discord_typing(struct chat *c, struct str channel) {
    discord_ask(c,
                &(struct chat_out){.method = CHAT_POST,
                                   .auth = str_of(c->auth),
                                   .lane = STR("typing"),
                                   .once = true,
                                   .at_ms = c->now_ms + DISCORD_TYPING_MS},
                "/channels/%.*s/typing", STR_ARG(channel));
}

/* ---- buttons ---- */

/* How the quick replies of a message are shown. */
struct quick {
    const struct chat_part *part; /* whose; NULL: none, or as a list only */
    bool labels;                  /* the buttons hold the words; else numbers, with the list in the text */
    uint32_t question;            /* a hash of the part; 0: no buttons */
};

static struct quick quick_of(const struct chat_say *say, size_t question) {
    struct quick q = {0};
    if (question == SIZE_MAX || say->parts[question].choice_count > DISCORD_BUTTONS_MOST)
        return q;
    const struct chat_part *part = &say->parts[question];
    q.labels = true;
    for (size_t i = 0; i < part->choice_count; i++)
        q.labels &= part->choices[i].len > 0 && compose_length(part->choices[i], COMPOSE_UTF16) <= DISCORD_LABEL_MOST;
    if (!q.labels && !part->numbered)
        return q;
    static const unsigned char fixed[16] = "lippy's question";
    q.part = part;
    q.question = (uint32_t)siphash(fixed, part->text) | 1;
    return q;
}

static void add_button(cJSON *row, struct str user, bool in_room, uint32_t question, struct str label, struct str text) {
    struct buf id;
    cJSON *button = cJSON_CreateObject();
    buf_init_heap(&id);
    buf_printf(&id, "lippy:%.*s:%c:%08x:%.*s", STR_ARG(user), in_room ? 'r' : 'p', (unsigned)question, STR_ARG(text));
    cJSON_AddNumberToObject(button, "type", 2);
    cJSON_AddNumberToObject(button, "style", 2);
    json_add_str(button, "label", label);
    json_add_str(button, "custom_id", buf_str(&id));
    cJSON_AddItemToArray(row, button);
    buf_finish(&id);
}

/* Behind the last piece of an answer. Words of one's own can be written in direct messages anyway; elsewhere a button opens a form. */
static void add_buttons(cJSON *message, const struct quick *q, struct str user, bool in_room, bool with_words) {
    cJSON *rows = cJSON_CreateArray(), *row = NULL;
    for (size_t i = 0; q->part && i < q->part->choice_count; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        struct str choice = q->part->choices[i];
        if (i % DISCORD_BUTTONS_A_ROW == 0)
            row = add_row(rows);
        add_button(row, user, in_room, q->question, q->labels ? choice : str_of(number), q->part->numbered ? str_of(number) : choice);
    }
    if (with_words)
        add_button(add_row(rows), user, in_room, 0, STR("Write an answer"), STR_NONE);
    if (cJSON_GetArraySize(rows) > 0)
        cJSON_AddItemToObject(message, "components", rows);
    else
        cJSON_Delete(rows);
}

/* ---- answers ---- */

/* One answer on its way out. */
struct sending {
    struct discord_address to;
    const struct chat_say *say;
    struct quick quick;
    bool in_room;
    unsigned pieces;
};

static cJSON *message_of(const struct sending *s, struct str piece, bool last) {
    cJSON *message = cJSON_CreateObject();
    char key[COMPOSE_KEY_SIZE];
    compose_key(s->say, piece, s->pieces, key);
    json_add_str(message, "content", piece);
    cJSON *mentions = cJSON_AddObjectToObject(message, "allowed_mentions");
    cJSON_AddArrayToObject(mentions, "parse");
    cJSON_AddBoolToObject(mentions, "replied_user", false);
    cJSON_AddStringToObject(message, "nonce", key);
    cJSON_AddBoolToObject(message, "enforce_nonce", true);
    if (s->to.kind == 'g' && s->pieces == 0 && discord_is_id(s->say->answers)) {
        cJSON *reference = cJSON_AddObjectToObject(message, "message_reference");
        json_add_str(reference, "message_id", s->say->answers);
        json_add_str(reference, "channel_id", s->to.channel);
        cJSON_AddBoolToObject(reference, "fail_if_not_exists", false);
    }
    if (last)
        add_buttons(message, &s->quick, s->to.user, s->in_room, s->to.ephemeral && !s->in_room);
    return message;
}

static void post_interaction(struct chat *c, struct discord_letter *l, const struct discord_address *a) {
    cJSON *data = as_data(l, a->ephemeral);
    if (is_at_hand(c, a) && !c->at_hand_done) {
        l->kind = LETTER_CALLBACK;
        l->number = call_back(c, a, DISCORD_MESSAGE, data);
        return;
    }
    struct buf text;
    buf_init_heap(&text);
    json_write(&text, data);
    l->kind = LETTER_FOLLOW;
    l->number = discord_ask(c, &(struct chat_out){.method = CHAT_POST, .lane = a->user, .text = buf_str(&text), .once = true},
                            "/webhooks/%s/%.*s", c->session.app, STR_ARG(a->token));
    buf_finish(&text);
}

static bool send_piece(struct chat *c, struct sending *s, struct str piece, bool last, struct err *e) {
    struct buf text;
    buf_init_heap(&text);
    json_write(&text, message_of(s, piece, last));
    struct discord_letter *l = text.failed ? NULL : add_letter(c, s->to.user, buf_str(&text));
    buf_finish(&text);
    if (!l)
        return err_set(e, ERR_LIMIT, "too many answers wait to be sent");
    if (s->to.kind == 'i')
        post_interaction(c, l, &s->to);
    else if (s->to.kind == 'u')
        send_directly(c, l);
    else
        post(c, l, s->to.channel);
    s->pieces++;
    return true;
}

static bool send_pieces(struct chat *c, struct sending *s, struct str text, struct err *e) {
    bool fine = true;
    while (fine && text.len > 0) {
        struct str piece = compose_cut(&text, DISCORD_CONTENT_MOST, COMPOSE_UTF16);
        fine = piece.len == 0 || send_piece(c, s, piece, text.len == 0, e);
    }
    return fine;
}

bool discord_say(struct chat *c, const struct chat_say *say, struct err *e) {
    struct sending s = {.say = say};
    struct discord_address now;
    struct buf text;
    if (!discord_address_read(say->to, &s.to))
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    s.in_room = s.to.in_room && !say->aside;
    /* Where somebody has just clicked, an answer for their eyes only can be shown. */
    if (s.to.kind == 'u' && discord_address_read(str_of(c->at_hand), &now) && now.kind == 'i' && str_equal(now.user, s.to.user))
        s.to = now;
    size_t question = compose_question(say);
    s.quick = quick_of(say, question);
    note_asked(c, s.to.user, s.in_room, s.quick.question);
    struct chat_say unnamed = *say;
    unnamed.nick = STR_NONE; /* an answer shows whom it is for by what it refers to */
    buf_init_heap(&text);
    compose_text(&text, &unnamed, COMPOSE_MARKDOWN, s.quick.labels && s.quick.part ? question : SIZE_MAX);
    bool fine = text.failed ? err_set(e, ERR_LIMIT, "no memory") : send_pieces(c, &s, buf_str(&text), e);
    buf_finish(&text);
    return fine;
}

/* ---- what came of it ---- */

static int64_t code_of(const struct chat_answer *a) {
    cJSON *body = json_read(a->body);
    int64_t code = json_int(body, "code", 0);
    cJSON_Delete(body);
    return code;
}

static bool is_fine(const struct chat_answer *a) { return a->status >= 200 && a->status < 300; }

static void note_failure(struct chat *c, const char *what, const struct chat_answer *a) {
    if (discord_is_ban(a))
        discord_note(c, "%s: Cloudflare keeps this address out (HTTP status %u)", what, a->status);
    else if (a->status)
        discord_note(c, "%s (HTTP status %u, code %lld)", what, a->status, (long long)code_of(a));
    else
        discord_note(c, "%s: %.*s", what, STR_ARG(str_slice(a->why, 0, 120)));
}

/* A private channel was asked for: what waits for it goes there. */
static void on_place(struct chat *c, const struct chat_answer *a) {
    cJSON *body = is_fine(a) ? json_read(a->body) : NULL;
    struct str channel = json_str(body, "id");
    struct discord_letter *next;
    uint64_t again = 0;
    for (struct discord_letter *l = c->letters; l; l = next) {
        next = l->next;
        if (l->kind != LETTER_WAITS || l->number != a->number)
            continue;
        if (discord_is_id(channel)) {
            discord_learn_place(c, str_of(l->user), channel);
            post(c, l, channel);
        } else if (a->status >= 400 && a->status != 403 && !l->asked_as_list) {
            l->asked_as_list = true;
            l->number = again = again ? again : ask_place(c, str_of(l->user), true);
        } else {
            note_failure(c, "a private answer cannot be delivered", a);
            drop_letter(c, l);
        }
    }
    cJSON_Delete(body);
}

/* An interaction that came too late, or whose end has been lost, leaves the direct messages. */
static void on_interaction_answer(struct chat *c, struct discord_letter *l, const struct chat_answer *a) {
    enum { ACKNOWLEDGED_ALREADY = 40060 };
    bool repeated = l->kind == LETTER_CALLBACK && a->status == 400 && code_of(a) == ACKNOWLEDGED_ALREADY;
    if (is_fine(a) || repeated || l->kind == LETTER_EMPTY)
        drop_letter(c, l);
    else
        send_directly(c, l);
}

static void on_command(struct chat *c, const struct chat_answer *a) {
    c->command_number = 0;
    c->registered = is_fine(a);
    if (c->registered)
        discord_keep(c, DISCORD_KEEP_SOON_MS);
    else
        note_failure(c, "the slash command cannot be registered", a);
}

static struct discord_letter *find_letter(const struct chat *c, uint64_t number) {
    struct discord_letter *l = c->letters;
    while (l && l->number != number)
        l = l->next;
    return l;
}

void discord_answered(struct chat *c, const struct chat_answer *a) {
    struct discord_letter *l = find_letter(c, a->number);
    bool of_interaction = l && (l->kind == LETTER_CALLBACK || l->kind == LETTER_FOLLOW || l->kind == LETTER_EMPTY);
    if (a->status == 401 && !of_interaction) /* each further one counts towards a ban */
        discord_end(c, CHAT_STOP, NULL, ERR_AUTH, "the token is no longer right (HTTP status 401)");
    else if (of_interaction)
        on_interaction_answer(c, l, a);
    else if (l && l->kind == LETTER_WAITS)
        on_place(c, a);
    else if (a->number == c->command_number)
        on_command(c, a);
    else if (l) {
        if (!is_fine(a))
            note_failure(c, "an answer cannot be delivered", a);
        drop_letter(c, l);
    }
}
