#include <stdio.h>
#include <string.h>

#include "chat/mattermost_work.h"
#include "core/siphash.h"

const struct mm_handler *mm_handlers(size_t *count) {
    static const struct mm_handler handlers[] = {
        {"hello", mm_on_hello},
        {"post_edited", mm_on_post_edited},
        {"posted", mm_on_posted},
        {"reaction_added", mm_on_reaction_added},
    };
    *count = sizeof handlers / sizeof *handlers;
    return handlers;
}

/* ---- places ---- */

bool mm_address_read(struct str text, struct mm_address *out) {
    *out = (struct mm_address){.direct = true, .user = text};
    if (mm_is_id(text))
        return true;
    struct str kind = str_cut(&text, '/');
    out->direct = str_equal(kind, STR("d"));
    out->channel = str_cut(&text, '/');
    out->root = str_cut(&text, '/');
    out->user = text;
    return (out->direct || str_equal(kind, STR("c"))) && mm_is_id(out->channel) && (out->root.len == 0 || mm_is_id(out->root)) &&
           mm_is_id(out->user);
}

void mm_know_place(struct chat *c, struct str channel, struct str user) {
    struct mm_place *p = NULL;
    for (size_t i = 0; i < MM_PLACES && !p; i++)
        if (str_equal(str_of(c->places[i].channel), channel))
            p = &c->places[i];
    if (!p)
        p = &c->places[c->place_next++ % MM_PLACES];
    mm_copy(p->channel, sizeof p->channel, channel);
    mm_copy(p->user, sizeof p->user, user);
}

bool mm_same_talk(struct str a, struct str b) {
    struct mm_address x, y;
    return mm_address_read(a, &x) && mm_address_read(b, &y) && x.direct == y.direct && str_equal(x.user, y.user) &&
           (x.direct || (str_equal(x.channel, y.channel) && str_equal(x.root, y.root)));
}

struct mm_talk *mm_talk_at(struct chat *c, struct str to) {
    struct mm_talk *t = NULL;
    for (size_t i = 0; i < MM_TALKS && !t; i++)
        if (c->talks[i].to[0] && mm_same_talk(str_of(c->talks[i].to), to))
            t = &c->talks[i];
    if (!t) {
        t = &c->talks[c->talk_next++ % MM_TALKS];
        *t = (struct mm_talk){0};
    }
    mm_copy(t->to, sizeof t->to, to); /* in private, the thread may be another */
    return t;
}

/* ---- posts ---- */

/* Some write "true", some true. */
static bool is_set(const cJSON *props, const char *name) {
    return json_is_true(props, name) || str_equal(json_str(props, name), STR("true"));
}

/* Neither a person's own words nor new: of programs, of the server ("system_..."), deleted, or what a post was before an edit. */
static bool is_no_message(const cJSON *post) {
    const cJSON *props = json_at(post, "props");
    struct str type = json_str(post, "type");
    return is_set(props, "from_bot") || is_set(props, "from_webhook") || is_set(props, "from_plugin") ||
           (type.len > 0 && !str_equal(type, STR("me"))) || json_int(post, "delete_at", 0) != 0 || json_str(post, "original_id").len > 0;
}

static void note_handled(struct chat *c, struct str id) {
    mm_copy(c->handled[c->handled_next++ % MM_HANDLED], MM_ID_SIZE, id);
    mm_keep_soon(c);
}

/* A name goes in front of an answer: nothing but a name. */
static struct str plain_name(struct str sender) {
    if (sender.len > 0 && sender.ptr[0] == '@')
        sender = str_slice(sender, 1, SIZE_MAX);
    for (size_t i = 0; i < sender.len; i++)
        if (!str_is_letter(sender.ptr[i]) && !str_is_digit(sender.ptr[i]) && !strchr("._-", sender.ptr[i]))
            return STR_NONE;
    return sender.len < MM_NAME_SIZE ? sender : STR_NONE;
}

static void hand_on(struct chat *c, struct mm_talk *t, struct str id, bool addressed, bool corrects, struct str text) {
    struct mm_address a;
    char room[MM_ROOM_SIZE] = "";
    mm_address_read(str_of(t->to), &a);
    if (!a.direct)
        snprintf(room, sizeof room, "%.*s/%.*s", STR_ARG(a.channel), STR_ARG(a.root));
    mm_put(c, &(struct chat_out){
                  .kind = CHAT_MESSAGE,
                  .who = a.user,
                  .room = str_of(room),
                  .to = str_of(t->to),
                  .nick = str_of(t->nick),
                  .aside = a.direct ? STR_NONE : a.user,
                  .id = id,
                  .addressed = addressed,
                  .corrects = corrects,
                  .discreet = c->private_only,
                  .text = text,
              });
}

static struct mm_talk *talk_of(struct chat *c, const cJSON *post, bool direct, struct str sender) {
    char to[MM_ADDRESS_SIZE];
    struct str root = json_str(post, "root_id");
    if (!direct && root.len == 0)
        root = json_str(post, "id"); /* the answer begins a thread */
    snprintf(to, sizeof to, "%c/%.*s/%.*s/%.*s", direct ? 'd' : 'c', STR_ARG(json_str(post, "channel_id")), STR_ARG(root),
             STR_ARG(json_str(post, "user_id")));
    struct mm_talk *t = mm_talk_at(c, str_of(to));
    if (sender.len > 0) /* REST does not tell it */
        mm_copy(t->nick, sizeof t->nick, plain_name(sender));
    return t;
}

static bool has_ids(const cJSON *post) {
    struct str root = json_str(post, "root_id");
    return mm_is_id(json_str(post, "id")) && mm_is_id(json_str(post, "user_id")) && mm_is_id(json_str(post, "channel_id")) &&
           (root.len == 0 || mm_is_id(root));
}

static bool is_our_thread(const struct chat *c, struct str root) {
    for (size_t i = 0; root.len > 0 && i < MM_THREADS; i++)
        if (str_equal(str_of(c->threads[i]), root))
            return true;
    return false;
}

/* Where we have been spoken to. */
static void know_talk(struct chat *c, const cJSON *post, bool direct) {
    struct str root = json_str(post, "root_id");
    mm_know_place(c, json_str(post, "channel_id"), direct ? json_str(post, "user_id") : STR_NONE);
    root = root.len > 0 ? root : json_str(post, "id");
    if (!direct && !is_our_thread(c, root))
        mm_copy(c->threads[c->thread_next++ % MM_THREADS], MM_ID_SIZE, root);
}

static bool sender_may(struct chat *c, struct str who) {
    enum pace_verdict verdict = pace_count(&c->pace, who, c->now_ms);
    if (verdict == PACE_TELL)
        mm_note(c, "somebody writes faster than we answer; some of it is passed over");
    return verdict == PACE_FINE;
}

static void take_others_post(struct chat *c, const cJSON *post, bool direct, struct str sender) {
    struct str id = json_str(post, "id"), said = str_trim(json_str(post, "message")), text = said;
    /* What is not for us and in no thread of ours begins no talk and is part of none. "@channel" mentions us, but is not for us. */
    bool addressed = chat_is_addressed(said, str_of(c->name), &text) || direct;
    bool ours = addressed || is_our_thread(c, json_str(post, "root_id"));
    if (!ours || said.len == 0 || is_no_message(post) || !seen_first(&c->seen, id) || !sender_may(c, json_str(post, "user_id")))
        return;
    if (addressed)
        know_talk(c, post, direct);
    note_handled(c, id);
    struct mm_talk *t = talk_of(c, post, direct, sender);
    mm_copy(t->said, sizeof t->said, id);
    t->said_hash = siphash(c->seen.key, said);
    hand_on(c, t, id, addressed, false, text);
}

static void take_reaction(struct chat *c, const cJSON *reaction);

/* Reactions that came while we were away stand with the post. */
static void take_own_post(struct chat *c, const cJSON *post) {
    const cJSON *reaction;
    mm_on_own_post(c, post);
    cJSON_ArrayForEach(reaction, json_at(json_at(post, "metadata"), "reactions")) take_reaction(c, reaction);
}

void mm_take_post(struct chat *c, const cJSON *post, struct str type, struct str sender) {
    int64_t created_ms = json_int(post, "create_at", 0);
    if (!has_ids(post))
        return;
    if (created_ms > c->newest_ms)
        c->newest_ms = created_ms;
    if (!c->catch.lost && !c->catch.running)
        c->done_ms = c->newest_ms;
    if (str_equal(json_str(post, "user_id"), str_of(c->me)))
        take_own_post(c, post);
    else
        take_others_post(c, post, str_equal(type, STR("D")), sender);
}

void mm_on_posted(struct chat *c, const cJSON *data) {
    cJSON *post = json_read(json_str(data, "post"));
    mm_take_post(c, post, json_str(data, "channel_type"), json_str(data, "sender_name"));
    cJSON_Delete(post);
}

static bool talk_is_private(const struct mm_talk *t) {
    struct mm_address a;
    return mm_address_read(str_of(t->to), &a) && a.direct;
}

/* The newest words of somebody, changed. Whatever else changes a post (a preview, a pin) comes as an edit, too. */
static void take_edit(struct chat *c, const cJSON *post) {
    struct str id = json_str(post, "id"), said = str_trim(json_str(post, "message")), text = said;
    char edit[MM_ID_SIZE + 20];
    for (size_t i = 0; mm_is_id(id) && i < MM_TALKS; i++) {
        struct mm_talk *t = &c->talks[i];
        if (!str_equal(str_of(t->said), id) || said.len == 0 || is_no_message(post) || t->said_hash == siphash(c->seen.key, said) ||
            !sender_may(c, json_str(post, "user_id")))
            continue;
        bool addressed = chat_is_addressed(said, str_of(c->name), &text) || talk_is_private(t);
        t->said_hash = siphash(c->seen.key, said);
        snprintf(edit, sizeof edit, "%.*s/%lld", STR_ARG(id), (long long)json_int(post, "edit_at", 0));
        hand_on(c, t, str_of(edit), addressed, true, text);
    }
}

void mm_on_post_edited(struct chat *c, const cJSON *data) {
    cJSON *post = json_read(json_str(data, "post"));
    take_edit(c, post);
    cJSON_Delete(post);
}

/* ---- reactions ---- */

/* 1 to 10, or 0. */
static size_t number_of(struct str emoji) {
    for (size_t i = 0; i < MM_CHOICES_MOST; i++)
        if (str_equal(emoji, str_of(mm_number_names[i])))
            return i + 1;
    return 0;
}

static struct mm_talk *talk_asked_by(struct chat *c, struct str post) {
    for (size_t i = 0; post.len > 0 && i < MM_TALKS; i++)
        if (str_equal(str_of(c->talks[i].question), post))
            return &c->talks[i];
    return NULL;
}

/* The first choice of the person who was asked is their answer; the question is closed then. */
static void take_reaction(struct chat *c, const cJSON *reaction) {
    struct mm_talk *t = talk_asked_by(c, json_str(reaction, "post_id"));
    size_t number = number_of(json_str(reaction, "emoji_name"));
    struct mm_address a;
    char text[8], id[MM_ID_SIZE + 8];
    if (!t || !mm_address_read(str_of(t->to), &a) || !str_equal(a.user, json_str(reaction, "user_id")) || number < 1 || number > t->choices)
        return;
    snprintf(text, sizeof text, "%zu", number);
    snprintf(id, sizeof id, "%s/%zu", t->question, number);
    t->question[0] = t->said[0] = '\0';
    hand_on(c, t, str_of(id), true, false, str_of(text));
}

void mm_on_reaction_added(struct chat *c, const cJSON *data) {
    cJSON *reaction = json_read(json_str(data, "reaction"));
    take_reaction(c, reaction);
    cJSON_Delete(reaction);
}
