#include <openssl/crypto.h>
#include <stdlib.h>

#include "chat/web_work.h"
#include "core/siphash.h"

static struct web_talk **slot_of(struct web_talks *t, const unsigned char id[WEB_ID_BYTES]) {
    return &t->slots[siphash(t->key, (struct str){(const char *)id, WEB_ID_BYTES}) % WEB_SLOTS];
}

/* ---- by last use ---- */

static void unlink_used(struct web_talks *t, struct web_talk *talk) {
    *(talk->older ? &talk->older->newer : &t->oldest) = talk->newer;
    *(talk->newer ? &talk->newer->older : &t->newest) = talk->older;
}

static void link_newest(struct web_talks *t, struct web_talk *talk) {
    talk->older = t->newest;
    talk->newer = NULL;
    *(t->newest ? &t->newest->newer : &t->oldest) = talk;
    t->newest = talk;
}

/* ---- frames ---- */

/* Nothing of what people say stays behind in memory that is free. */
static void drop_first(struct web_talks *t, struct web_talk *talk) {
    struct web_line *line = talk->first;
    size_t bytes = sizeof *line + line->len;
    talk->first = line->next;
    if (!talk->first)
        talk->last = NULL;
    talk->line_count--;
    talk->bytes -= bytes;
    t->bytes -= bytes;
    OPENSSL_cleanse(line->frame, line->len);
    free(line);
}

static void drop_lines(struct web_talks *t, struct web_talk *talk) {
    while (talk->first)
        drop_first(t, talk);
}

static void drop_talk(struct web_talks *t, struct web_talk *talk) {
    struct web_talk **at = slot_of(t, talk->id);
    while (*at != talk)
        at = &(*at)->next;
    *at = talk->next;
    unlink_used(t, talk);
    drop_lines(t, talk);
    t->bytes -= sizeof *talk;
    OPENSSL_cleanse(talk, sizeof *talk);
    free(talk);
}

static void make_room(struct web_talks *t, const struct web_talk *but) {
    while (t->bytes > t->bytes_most && t->oldest != but)
        drop_talk(t, t->oldest);
}

/* ---- talks ---- */

static void give_name(struct web_talks *t, struct web_talk *talk) {
    uint64_t number = ++t->made;
    talk->name = siphash(t->key, (struct str){(const char *)&number, sizeof number});
    talk->next_number = 1;
}

struct web_talk *web_talk_find(const struct web_talks *t, const unsigned char id[WEB_ID_BYTES]) {
    size_t slot = siphash(t->key, (struct str){(const char *)id, WEB_ID_BYTES}) % WEB_SLOTS;
    struct web_talk *talk = t->slots[slot];
    while (talk && memcmp(talk->id, id, WEB_ID_BYTES) != 0)
        talk = talk->next;
    return talk;
}

struct web_talk *web_talk_add(struct web_talks *t, const unsigned char id[WEB_ID_BYTES], int64_t now_ms) {
    struct web_talk *talk = calloc(1, sizeof *talk), **slot = slot_of(t, id);
    if (!talk)
        return NULL;
    memcpy(talk->id, id, WEB_ID_BYTES);
    talk->touched_ms = now_ms;
    give_name(t, talk);
    talk->next = *slot;
    *slot = talk;
    link_newest(t, talk);
    t->bytes += sizeof *talk;
    make_room(t, talk);
    return talk;
}

const struct web_line *web_talk_keep(struct web_talks *t, struct web_talk *talk, struct str frame, int64_t now_ms) {
    struct web_line *line = malloc(sizeof *line + frame.len);
    if (!line)
        return NULL;
    *line = (struct web_line){.number = talk->next_number++, .len = frame.len};
    if (frame.len > 0)
        memcpy(line->frame, frame.ptr, frame.len);
    *(talk->last ? &talk->last->next : &talk->first) = line;
    talk->last = line;
    talk->line_count++;
    talk->bytes += sizeof *line + frame.len;
    t->bytes += sizeof *line + frame.len;
    talk->touched_ms = now_ms;
    unlink_used(t, talk);
    link_newest(t, talk);
    while (talk->first != line && (talk->line_count > WEB_LINES_MOST || talk->bytes > WEB_TALK_BYTES))
        drop_first(t, talk);
    make_room(t, talk);
    return line;
}

bool web_talk_is_new(struct web_talks *t, struct web_talk *talk, struct str id, bool remember) {
    uint64_t hash = siphash(t->key, id) | 1; /* 0: none */
    for (size_t i = 0; i < WEB_REPEATS; i++)
        if (talk->repeats[i] == hash)
            return false;
    if (remember)
        talk->repeats[talk->repeat_at++ % WEB_REPEATS] = hash;
    return true;
}

void web_talk_clear(struct web_talks *t, struct web_talk *talk) {
    drop_lines(t, talk);
    give_name(t, talk);
}

void web_talks_expire(struct web_talks *t, int64_t now_ms) {
    while (t->oldest && now_ms - t->oldest->touched_ms >= t->keep_ms)
        drop_talk(t, t->oldest);
}

int64_t web_talks_due_ms(const struct web_talks *t) { return t->oldest ? t->oldest->touched_ms + t->keep_ms : CHAT_NEVER; }

void web_talks_finish(struct web_talks *t) {
    while (t->oldest)
        drop_talk(t, t->oldest);
}
