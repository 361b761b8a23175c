#include <stdlib.h>
#include <string.h>

#include "chat/discord_work.h"

/* ---- addresses ---- */

/* Of what an interaction's token may consist: it becomes part of an address. */
static bool is_token(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!str_is_letter(s.ptr[i]) && (s.ptr[i] < '0' || s.ptr[i] > '9') && !strchr("-_.=~", s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= DISCORD_TOKEN_MOST;
}

bool discord_address_read(struct str text, struct discord_address *a) {
    *a = (struct discord_address){.kind = 'u', .user = text};
    if (discord_is_id(text))
        return true;
    struct str kind = str_cut(&text, ':');
    a->kind = kind.len == 1 ? kind.ptr[0] : '\0';
    if (a->kind == 'c' || a->kind == 'g') {
        a->channel = str_cut(&text, ':');
        a->user = text;
        a->in_room = a->kind == 'g';
        return discord_is_id(a->channel) && discord_is_id(a->user);
    }
    struct str where = str_cut(&text, ':');
    a->ephemeral = where.len == 2 && where.ptr[0] == 'e';
    a->in_room = where.len == 2 && where.ptr[1] == 'r';
    a->user = str_cut(&text, ':');
    a->id = str_cut(&text, ':');
    a->token = text;
    return a->kind == 'i' && where.len == 2 && discord_is_id(a->user) && discord_is_id(a->id) && is_token(a->token);
}

/* ---- texts ---- */

/* Bytes of what stands for a person, a channel, a role, an emoji or a time at the start of s ("<@123>"), or 0. */
static size_t reference_at(struct str s) {
    static const char *const kinds[] = {"<@", "<#", "<:", "<a:", "<t:", "</"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts_with(s, str_of(kinds[i])))
            for (size_t end = 2; end < s.len && end < 100 && s.ptr[end] != ' ' && s.ptr[end] != '\n'; end++)
                if (s.ptr[end] == '>')
                    return end + 1;
    return 0;
}

/* Without references, whose digits would be heard as numbers. */
static void add_words(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len;) {
        size_t reference = text.ptr[i] == '<' ? reference_at(str_slice(text, i, SIZE_MAX)) : 0;
        buf_add_char(out, reference ? ' ' : text.ptr[i]);
        i += reference ? reference : 1;
    }
}

static void hand_on(struct chat *c, struct chat_out *out, struct str said) {
    struct buf words;
    buf_init_heap(&words);
    add_words(&words, said);
    out->kind = CHAT_MESSAGE;
    out->addressed = true;
    out->text = str_trim(buf_str(&words));
    if (!words.failed)
        discord_put(c, out);
    buf_finish(&words);
    discord_keep(c, DISCORD_KEEP_SOON_MS);
}

/* ---- messages ---- */

static bool mentions_us(const struct chat *c, const cJSON *d) {
    const cJSON *mention;
    cJSON_ArrayForEach(mention, json_at(d, "mentions"))
        if (str_equal(json_str(mention, "id"), str_of(c->session.user)))
            return true;
    return false;
}

/* A person's own message: none of a bot, a webhook or the system. */
static bool is_of_a_person(const struct chat *c, const cJSON *d) {
    enum { PLAIN = 0, REPLY = 19 };
    const cJSON *author = json_at(d, "author");
    struct str user = json_str(author, "id");
    int64_t type = json_int(d, "type", PLAIN);
    return (type == PLAIN || type == REPLY) && !json_at(d, "webhook_id") && !json_is_true(author, "bot") &&
           !json_is_true(author, "system") && discord_is_id(user) && !str_equal(user, str_of(c->session.user));
}

void discord_on_message(struct chat *c, const cJSON *d) {
    struct str id = json_str(d, "id"), channel = json_str(d, "channel_id"), user = json_str(json_at(d, "author"), "id");
    bool in_guild = json_at(d, "guild_id") != NULL;
    if (!is_of_a_person(c, d) || !discord_is_id(id) || !discord_is_id(channel) || (in_guild && !mentions_us(c, d)) ||
        !seen_first(&c->seen, id))
        return;
    char to[DISCORD_ADDRESS_SIZE];
    struct buf address;
    buf_init_heap(&address);
    buf_printf(&address, "%c:%.*s:%.*s", in_guild ? 'g' : 'c', STR_ARG(channel), STR_ARG(user));
    discord_set(to, sizeof to, buf_str(&address));
    buf_finish(&address);
    struct chat_out out = {.who = user, .to = str_of(to), .id = id};
    if (in_guild) {
        out.room = channel;
        out.aside = user;
        out.discreet = true;
    } else {
        discord_learn_place(c, user, channel);
    }
    discord_typing(c, channel);
    hand_on(c, &out, json_str(d, "content"));
}

/* ---- interactions ---- */

enum { COMMAND = 2, CLICK = 3, WORDS = 5 };

/* One of our own buttons: "lippy:USER:p:QUESTION:TEXT", p or r as in an address. TEXT is what the click says; that of the button to
 * write is empty. */
struct button {
    struct str user, text;
    bool in_room, writes;
    uint32_t question;
};

static bool read_button(struct str id, struct button *b) {
    char digits[9];
    if (!str_equal(str_cut(&id, ':'), STR("lippy")))
        return false;
    b->user = str_cut(&id, ':');
    struct str where = str_cut(&id, ':');
    struct str question = str_cut(&id, ':');
    b->text = id;
    b->in_room = str_equal(where, STR("r"));
    b->writes = id.len == 0;
    discord_set(digits, sizeof digits, question);
    b->question = (uint32_t)strtoul(digits, NULL, 16);
    return discord_is_id(b->user);
}

/* The value of the only field: of a command's option, or of a form in one of its shapes. */
static struct str field(const cJSON *data, unsigned depth) {
    static const char *const holders[] = {"options", "components", "component"};
    struct str value = json_str(data, "value");
    for (size_t i = 0; value.len == 0 && depth < 4 && i < sizeof holders / sizeof *holders; i++) {
        const cJSON *held = json_at(data, holders[i]);
        value = field(cJSON_IsArray(held) ? cJSON_GetArrayItem(held, 0) : held, depth + 1);
    }
    return value;
}

/* Who has done it: in a guild a member. */
static struct str user_of(const cJSON *d) {
    const cJSON *member = json_at(d, "member");
    return json_str(json_at(member ? member : d, "user"), "id");
}

static void on_click(struct chat *c, const struct discord_address *a, struct chat_out *out, const struct button *b) {
    if (!str_equal(b->user, a->user)) {
        discord_acknowledge(c, a, DISCORD_NO_CHANGE); /* for somebody else */
    } else if (b->writes) {
        discord_ask_words(c, a);
    } else if (!discord_is_asked(c, a->user, b->in_room, b->question)) {
        discord_acknowledge(c, a, DISCORD_UPDATE);
    } else {
        out->aside = b->in_room ? a->user : STR_NONE;
        hand_on(c, out, b->text);
    }
}

void discord_on_interaction(struct chat *c, const cJSON *d) {
    enum { GROUP = 2 };
    struct str id = json_str(d, "id"), token = json_str(d, "token"), user = user_of(d), channel = json_str(d, "channel_id");
    const cJSON *data = json_at(d, "data");
    int64_t type = json_int(d, "type", 0);
    bool seen_by_others = json_at(d, "guild_id") || json_at(d, "member") || json_int(d, "context", 0) == GROUP;
    struct button button = {0};
    struct discord_address a;
    char to[DISCORD_ADDRESS_SIZE];
    struct buf address;
    if ((type != COMMAND && type != CLICK && type != WORDS) || !discord_is_id(id) || !seen_first(&c->seen, id) ||
        (type == CLICK && !read_button(json_str(data, "custom_id"), &button)))
        return;
    buf_init_heap(&address);
    buf_printf(&address, "i:%c%c:%.*s:%.*s:%.*s", seen_by_others ? 'e' : 'd', button.in_room ? 'r' : 'p', STR_ARG(user), STR_ARG(id),
               STR_ARG(token));
    discord_set(to, sizeof to, buf_str(&address));
    buf_finish(&address);
    if (!discord_address_read(str_of(to), &a) || (button.in_room && !discord_is_id(channel)))
        return;
    struct chat_out out = {.who = user, .to = str_of(to), .id = id, .room = button.in_room ? channel : STR_NONE};
    if (!seen_by_others && discord_is_id(channel))
        discord_learn_place(c, user, channel);
    if (type == CLICK)
        on_click(c, &a, &out, &button);
    else
        hand_on(c, &out, field(data, 0));
}
