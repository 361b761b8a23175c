#include "chat/web_work.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "core/siphash.h"
#include "core/url.h"

enum {
    OUT_COUNT_MOST = 8192,
    OUT_BYTES_MOST = 8 << 20,
    ID_MOST = 40, /* of a message */
    ADDRESS_SIZE = 64,
};

/* ---- small parts ---- */

void web_hex(char *out, const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

static int digit_of(char c) {
    if (str_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool web_unhex(unsigned char *out, struct str text, size_t count) {
    if (text.len < 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = digit_of(text.ptr[2 * i]), low = digit_of(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

int64_t web_may(int64_t *busy_ms, int64_t now_ms, int64_t each_ms, int64_t burst) {
    int64_t busy = *busy_ms > now_ms ? *busy_ms : now_ms, wait = busy + each_ms - (now_ms + burst * each_ms);
    if (wait > 0)
        return wait;
    *busy_ms = busy + each_ms;
    return 0;
}

/* A whole IPv6 network of 64 bits is one customer's. */
uint64_t web_address_key(const struct chat *c, struct str address) {
    char text[ADDRESS_SIZE];
    unsigned char six[16];
    snprintf(text, sizeof text, "%.*s", STR_ARG(str_slice(address, 0, sizeof text - 1)));
    if (inet_pton(AF_INET6, text, six) == 1 && !str_starts_with_nocase(address, STR("::ffff:")))
        return siphash(c->entropy, (struct str){(const char *)six, 8});
    return siphash(c->entropy, address);
}

/* ---- connections ---- */

static struct web_guest *guest_of(struct chat *c, uint64_t conn) {
    for (size_t i = 0; i < c->guest_most; i++)
        if (c->guests[i].conn == conn)
            return &c->guests[i];
    return NULL;
}

bool web_address_full(const struct chat *c, const struct web_guest *but, uint64_t address) {
    size_t count = 0;
    for (size_t i = 0; i < c->guest_most; i++)
        count += c->guests[i].conn && &c->guests[i] != but && c->guests[i].address == address;
    return count >= c->per_address;
}

static void close_guest(struct chat *c, struct web_guest *g, unsigned code, struct str why) {
    outbox_push(&c->out, &(struct chat_out){.kind = CHAT_CLOSE, .number = g->conn, .code = code, .text = why});
    g->websocket = g->greeted = false;
}

void web_make_room(struct chat *c, const unsigned char id[WEB_ID_BYTES]) {
    struct web_guest *oldest = NULL;
    size_t count = 0;
    for (size_t i = 0; i < c->guest_most; i++) {
        struct web_guest *g = &c->guests[i];
        if (!g->conn || !g->websocket || memcmp(g->id, id, WEB_ID_BYTES) != 0)
            continue;
        count++;
        if (!oldest || g->conn < oldest->conn)
            oldest = g;
    }
    if (count >= WEB_TABS)
        close_guest(c, oldest, WEB_CLOSE_TABS, STR("open in too many places"));
}

static bool op_arrived(struct chat *c, uint64_t conn, struct str address) {
    struct web_guest *g = guest_of(c, 0);
    uint64_t key = web_address_key(c, address);
    if (!g || c->quitting || (!c->behind_proxy && web_address_full(c, NULL, key)))
        return false;
    *g = (struct web_guest){.conn = conn, .address = key};
    return true;
}

static void op_left(struct chat *c, uint64_t conn) {
    struct web_guest *g = guest_of(c, conn);
    if (g)
        *g = (struct web_guest){0};
}

static void op_requested(struct chat *c, uint64_t conn, const struct chat_request *request, struct chat_page *page, int64_t now_ms) {
    struct web_guest *g = guest_of(c, conn);
    c->now_ms = now_ms;
    outbox_release(&c->out);
    if (g)
        web_requested(c, g, request, page);
    else
        *page = (struct chat_page){.status = 503, .type = "text/plain"};
}

/* ---- frames out ---- */

static void send_frame(struct chat *c, const struct web_guest *g, struct str frame) {
    outbox_push(&c->out, &(struct chat_out){.kind = CHAT_WIRE, .number = g->conn, .text = frame});
}

/* Frees the document. */
static struct str write_frame(struct chat *c, cJSON *document) {
    buf_clear(&c->frame);
    json_write(&c->frame, document);
    return buf_str(&c->frame);
}

/* To all tabs that have been told what was before. */
static void send_to_all(struct chat *c, const unsigned char id[WEB_ID_BYTES], struct str frame) {
    for (size_t i = 0; i < c->guest_most; i++)
        if (c->guests[i].conn && c->guests[i].greeted && memcmp(c->guests[i].id, id, WEB_ID_BYTES) == 0)
            send_frame(c, &c->guests[i], frame);
}

static void name_of(const struct web_talk *talk, char name[20]) {
    snprintf(name, 20, "%016llx", (unsigned long long)(talk ? talk->name : 0));
    if (!talk)
        name[0] = '\0';
}

static struct str name_frame(struct chat *c, const struct web_talk *talk) {
    char name[20];
    name_of(talk, name);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "talk", name);
    return write_frame(c, document);
}

/* A frame of the talk: kept, and sent to all tabs. Frees the document. */
static void tell(struct chat *c, struct web_talk *talk, cJSON *document) {
    cJSON_AddNumberToObject(document, "n", (double)talk->next_number);
    struct str frame = write_frame(c, document);
    if (c->frame.failed)
        return;
    web_talk_keep(&c->talks, talk, frame, c->now_ms);
    send_to_all(c, talk->id, frame);
}

static struct web_talk *need_talk(struct chat *c, const unsigned char id[WEB_ID_BYTES]) {
    struct web_talk *talk = web_talk_find(&c->talks, id);
    if (talk)
        return talk;
    talk = web_talk_add(&c->talks, id, c->now_ms);
    if (talk)
        send_to_all(c, id, name_frame(c, talk));
    return talk;
}

/* ---- frames in ---- */

static bool refuse(struct chat *c, struct web_guest *g, struct err *e, const char *why) {
    close_guest(c, g, WEB_CLOSE_POLICY, str_of(why));
    return err_set(e, ERR_PROTOCOL, "%s", why);
}

static void on_hello(struct chat *c, struct web_guest *g, const cJSON *document) {
    const struct web_talk *talk = web_talk_find(&c->talks, g->id);
    char name[20];
    name_of(talk, name);
    bool same = str_equal(json_str(document, "hello"), str_of(name));
    int64_t after = same ? json_int(document, "after", 0) : 0;
    send_frame(c, g, name_frame(c, talk));
    for (const struct web_line *line = talk ? talk->first : NULL; line; line = line->next)
        if (after < 0 || line->number > (uint64_t)after)
            send_frame(c, g, (struct str){line->frame, line->len});
    send_frame(c, g, STR("{\"live\":true}"));
    g->greeted = true;
}

static void send_about(struct chat *c, const struct web_guest *g, struct str id, int64_t wait_ms) {
    cJSON *document = cJSON_CreateObject();
    if (wait_ms > 0)
        cJSON_AddNumberToObject(document, "wait", (double)((wait_ms + 999) / 1000));
    json_add_str(document, wait_ms > 0 ? "id" : "had", id);
    send_frame(c, g, write_frame(c, document));
}

static void hand_on(struct chat *c, const struct web_guest *g, struct web_talk *talk, const cJSON *document, struct str id) {
    struct str text = str_trim(json_str(document, "say")), shown = str_trim(json_str(document, "as"));
    char who[WEB_ID_SIZE];
    web_hex(who, g->id, WEB_ID_BYTES);
    cJSON *mine = cJSON_CreateObject();
    json_add_str(mine, "me", shown.len > 0 ? shown : text);
    json_add_str(mine, "id", id);
    tell(c, talk, mine);
    struct str key = {who, sizeof who};
    outbox_push(&c->out, &(struct chat_out){.kind = CHAT_MESSAGE, .who = key, .to = key, .text = text, .addressed = true});
}

static bool on_say(struct chat *c, struct web_guest *g, const cJSON *document, struct err *e) {
    struct str id = json_str(document, "id");
    struct web_talk *talk = web_talk_find(&c->talks, g->id);
    if (id.len == 0 || id.len > ID_MOST)
        return refuse(c, g, e, "a message without an id");
    if (str_trim(json_str(document, "say")).len == 0)
        return refuse(c, g, e, "a message without words");
    if (talk && !web_talk_is_new(&c->talks, talk, id, false)) {
        send_about(c, g, id, 0);
        return true;
    }
    int64_t wait = web_may(&c->addresses_busy_ms[g->address % WEB_ADDRESSES], c->now_ms, c->each_address_ms, WEB_ADDRESS_BURST);
    if (wait == 0 && !talk)
        talk = need_talk(c, g->id);
    if (wait == 0 && talk)
        wait = web_may(&talk->busy_ms, c->now_ms, c->each_ms, WEB_BURST);
    if (wait > 0 && ++g->refused > WEB_REFUSALS)
        return refuse(c, g, e, "far too many messages");
    if (wait > 0) {
        send_about(c, g, id, wait);
        return true;
    }
    g->refused = 0;
    if (talk) {
        web_talk_is_new(&c->talks, talk, id, true);
        hand_on(c, g, talk, document, id);
    }
    return true;
}

static bool handle(struct chat *c, struct web_guest *g, const cJSON *document, struct err *e) {
    bool hello = cJSON_IsString(json_at(document, "hello")), say = cJSON_IsString(json_at(document, "say"));
    if (hello && !g->greeted) {
        on_hello(c, g, document);
        return true;
    }
    if (say && g->greeted)
        return on_say(c, g, document, e);
    return refuse(c, g, e, hello ? "a second hello" : say ? "a message before the hello" : "neither a hello nor a message");
}

static bool op_feed(struct chat *c, uint64_t conn, struct str frame, bool binary, int64_t now_ms, struct err *e) {
    struct web_guest *g = guest_of(c, conn);
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (!g || !g->websocket || c->quitting)
        return true;
    cJSON *document = binary || frame.len > WEB_FRAME_MOST ? NULL : json_read(frame);
    bool fine = document ? handle(c, g, document, e) : refuse(c, g, e, "no frame of ours");
    cJSON_Delete(document);
    return fine;
}

/* ---- the table ---- */

static void op_tick(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    c->told_ms = CHAT_NEVER;
    web_talks_expire(&c->talks, now_ms);
}

static bool op_next(struct chat *c, struct chat_out *out) {
    return outbox_next(&c->out, out) || outbox_wake(web_talks_due_ms(&c->talks), &c->told_ms, out);
}

static cJSON *part_json(const struct chat_part *part) {
    cJSON *json = cJSON_CreateObject();
    json_add_str(json, "text", part->text);
    if (part->level > 0)
        cJSON_AddNumberToObject(json, "level", part->level);
    if (part->choice_count == 0)
        return json;
    cJSON *choices = cJSON_AddArrayToObject(json, "choices");
    for (size_t i = 0; i < part->choice_count; i++) {
        cJSON *holder = cJSON_CreateObject();
        json_add_str(holder, "x", part->choices[i]);
        cJSON_AddItemToArray(choices, cJSON_DetachItemFromObjectCaseSensitive(holder, "x"));
        cJSON_Delete(holder);
    }
    if (part->numbered)
        cJSON_AddTrueToObject(json, "numbered");
    if (part->together > 1)
        cJSON_AddNumberToObject(json, "together", part->together);
    return json;
}

static bool op_say(struct chat *c, const struct chat_say *say, int64_t now_ms, struct err *e) {
    unsigned char id[WEB_ID_BYTES];
    c->now_ms = now_ms;
    struct web_talk *talk = say->to.len == WEB_ID_SIZE && web_unhex(id, say->to, WEB_ID_BYTES) ? need_talk(c, id) : NULL;
    if (!talk)
        return err_set(e, ERR_LIMIT, "nobody is there");
    if (say->forget) {
        web_talk_clear(&c->talks, talk);
        send_to_all(c, id, name_frame(c, talk));
    }
    cJSON *document = cJSON_CreateObject(), *parts = cJSON_AddArrayToObject(document, "parts");
    for (size_t i = 0; i < say->part_count; i++)
        cJSON_AddItemToArray(parts, part_json(&say->parts[i]));
    tell(c, talk, document);
    return !c->frame.failed || err_set(e, ERR_LIMIT, "no memory");
}

static void op_quit(struct chat *c, int64_t now_ms) {
    outbox_release(&c->out);
    c->now_ms = now_ms;
    if (c->quitting)
        return;
    c->quitting = true;
    for (size_t i = 0; i < c->guest_most; i++)
        if (c->guests[i].conn && c->guests[i].websocket)
            close_guest(c, &c->guests[i], WEB_CLOSE_AWAY, STR("stopping"));
    outbox_push(&c->out, &(struct chat_out){.kind = CHAT_CLOSE, .close = CHAT_DONE, .text = STR("goodbye")});
}

static void op_free(struct chat *c) {
    if (!c)
        return;
    web_talks_finish(&c->talks);
    outbox_finish(&c->out);
    if (c->frame.ptr)
        OPENSSL_cleanse(c->frame.ptr, c->frame.cap);
    buf_finish(&c->frame);
    arena_finish(&c->life);
    free(c->guests);
    OPENSSL_cleanse(c, sizeof *c);
    free(c);
}

static void op_place(const struct chat *c, struct str *address, uint16_t *port) {
    *address = c->address;
    *port = c->port;
}

/* ---- the INI ---- */

static bool check_address(struct str text, struct err *e) {
    return url_is_numeric(text) || err_set(e, ERR_SCHEMA, "\"%.*s\" is no address like 127.0.0.1 or ::1", STR_ARG(text));
}

static bool check_origin(struct str text, struct err *e) {
    struct url url;
    bool fine = url_parse(text, &url, NULL) && url.http && url.path.len <= 1 && text.ptr[text.len - 1] != '/';
    return fine || err_set(e, ERR_SCHEMA, "\"%.*s\" is no origin like https://lippy.example.org", STR_ARG(text));
}

enum {
    KEY_ADDRESS,
    KEY_PORT,
    KEY_ORIGINS,
    KEY_PROXY,
    KEY_CONNECTIONS,
    KEY_PER_ADDRESS,
    KEY_MESSAGES,
    KEY_ADDRESS_MESSAGES,
    KEY_HOURS,
    KEY_MEGABYTES,
};

static const struct chat_key keys[] = {
    [KEY_ADDRESS] = {.name = "address", .kind = CHAT_KEY_TEXT, .standard_text = "127.0.0.1", .check = check_address},
    [KEY_PORT] = {.name = "port", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 65535, .standard = 8077},
    [KEY_ORIGINS] = {.name = "origin", .kind = CHAT_KEY_LIST, .check = check_origin},
    [KEY_PROXY] = {.name = "behind_proxy", .kind = CHAT_KEY_YES_NO},
    [KEY_CONNECTIONS] = {.name = "connections", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 2000, .standard = 500},
    [KEY_PER_ADDRESS] = {.name = "connections_per_address", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 2000, .standard = 50},
    [KEY_MESSAGES] = {.name = "messages_per_minute", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 6000, .standard = 30},
    [KEY_ADDRESS_MESSAGES] = {.name = "messages_per_minute_per_address", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 60000, .standard = 120},
    [KEY_HOURS] = {.name = "keep_hours", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 720, .standard = 24},
    [KEY_MEGABYTES] = {.name = "keep_megabytes", .kind = CHAT_KEY_NUMBER, .min = 1, .max = 4096, .standard = 32},
    {0},
};

static uint64_t number_of(const struct chat_setup *setup, size_t key) {
    uint64_t number = setup->values[key].number;
    return number ? number : keys[key].standard;
}

static bool use_origins(struct chat *c, const struct chat_value *value, struct err *e) {
    struct str *origins = ARENA_ARRAY(&c->life, struct str, value->item_count);
    size_t https = 0;
    for (size_t i = 0; origins && i < value->item_count; i++) {
        origins[i] = arena_copy(&c->life, value->items[i]);
        https += str_starts_with_nocase(origins[i], STR("https:"));
    }
    c->origins = origins;
    c->origin_count = value->item_count;
    c->secure = https > 0;
    if (https > 0 && https < value->item_count)
        return err_set(e, ERR_SCHEMA, "[web] origin: either all of them begin with https:// or none does");
    return origins || value->item_count == 0 || err_set(e, ERR_LIMIT, "no memory for a chat");
}

static struct chat *op_make(const struct chat_setup *setup, struct err *e) {
    struct chat *c = calloc(1, sizeof *c);
    size_t most = number_of(setup, KEY_CONNECTIONS);
    if (c)
        c->guests = calloc(most, sizeof *c->guests);
    if (!c || !c->guests) {
        free(c);
        err_set(e, ERR_LIMIT, "no memory for a chat");
        return NULL;
    }
    arena_init(&c->life, 0);
    outbox_init(&c->out, OUT_COUNT_MOST, OUT_BYTES_MOST);
    buf_init_heap(&c->frame);
    memcpy(c->entropy, setup->entropy, sizeof c->entropy);
    c->guest_most = most;
    c->address = arena_copy(&c->life, setup->values[KEY_ADDRESS].text);
    c->port = (uint16_t)number_of(setup, KEY_PORT);
    c->behind_proxy = setup->values[KEY_PROXY].number;
    c->per_address = number_of(setup, KEY_PER_ADDRESS);
    c->each_ms = 60000 / (int64_t)number_of(setup, KEY_MESSAGES);
    c->each_address_ms = 60000 / (int64_t)number_of(setup, KEY_ADDRESS_MESSAGES);
    c->told_ms = CHAT_NEVER;
    c->talks.keep_ms = (int64_t)number_of(setup, KEY_HOURS) * 3600 * 1000;
    c->talks.bytes_most = number_of(setup, KEY_MEGABYTES) << 20;
    web_talks_key(c);
    if (c->address.ptr && use_origins(c, &setup->values[KEY_ORIGINS], e))
        return c;
    op_free(c);
    err_set(e, ERR_LIMIT, "no memory for a chat");
    return NULL;
}

static const struct chat_server server = {
    .place = op_place,
    .arrived = op_arrived,
    .requested = op_requested,
    .feed = op_feed,
    .left = op_left,
    .frame_most = WEB_FRAME_MOST,
};

const struct chat_ops web_ops = {
    .name = "web",
    .keys = keys,
    .server = &server,
    .make = op_make,
    .tick = op_tick,
    .next = op_next,
    .say = op_say,
    .quit = op_quit,
    .free = op_free,
};
