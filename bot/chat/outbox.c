#include "chat/outbox.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct outbox_item {
    struct outbox_item *next;
    struct chat_out out;
    size_t bytes; /* of the strings, behind this */
    char strings[];
};

void outbox_init(struct outbox *o, size_t count_most, size_t bytes_most) {
    *o = (struct outbox){.count_most = count_most, .bytes_most = bytes_most};
}

/* A frame may carry a password, so nothing of it stays behind. */
static void free_item(struct outbox_item *item) {
    if (item)
        OPENSSL_cleanse(item->strings, item->bytes);
    free(item);
}

void outbox_release(struct outbox *o) {
    free_item(o->lent);
    o->lent = NULL;
}

void outbox_clear(struct outbox *o) {
    while (o->first) {
        struct outbox_item *next = o->first->next;
        free_item(o->first);
        o->first = next;
    }
    o->last = NULL;
    o->count = o->bytes = 0;
}

void outbox_finish(struct outbox *o) {
    outbox_release(o);
    outbox_clear(o);
}

static void append(struct outbox *o, struct outbox_item *item) {
    item->next = NULL;
    if (o->last)
        o->last->next = item;
    else
        o->first = item;
    o->last = item;
    o->count++;
    o->bytes += item->bytes;
}

static bool fits(const struct outbox *o, size_t bytes) {
    return o->count < o->count_most && o->bytes <= o->bytes_most && bytes <= o->bytes_most - o->bytes;
}

/* Copies one string behind the item and makes the item's own point there. */
static char *copy_string(char *at, struct str *s) {
    if (s->len > 0)
        memcpy(at, s->ptr, s->len);
    s->ptr = at;
    return at + s->len;
}

bool outbox_push(struct outbox *o, const struct chat_out *out) {
    size_t bytes = 0;
#define X(name) bytes += out->name.len;
    CHAT_OUT_STRINGS(X)
#undef X
    if (!fits(o, bytes))
        return false;
    struct outbox_item *item = malloc(sizeof *item + bytes);
    if (!item)
        return false;
    item->out = *out;
    item->bytes = bytes;
    char *at = item->strings;
#define X(name) at = copy_string(at, &item->out.name);
    CHAT_OUT_STRINGS(X)
#undef X
    append(o, item);
    return true;
}

bool outbox_put(struct outbox *o, const struct chat_out *out) {
    static const struct chat_out close = {.kind = CHAT_CLOSE, .close = CHAT_RETRY, .text = STR_INIT("too much to send at once")};
    if (outbox_push(o, out))
        return true;
    outbox_clear(o); /* now there is room */
    outbox_push(o, &close);
    return false;
}

bool outbox_wake(int64_t due_ms, int64_t *told_ms, struct chat_out *out) {
    if (due_ms >= *told_ms)
        return false;
    *told_ms = due_ms;
    *out = (struct chat_out){.kind = CHAT_WAKE_AT, .at_ms = due_ms};
    return true;
}

bool outbox_next(struct outbox *o, struct chat_out *out) {
    outbox_release(o);
    if (!o->first)
        return false;
    o->lent = o->first;
    o->first = o->lent->next;
    if (!o->first)
        o->last = NULL;
    o->count--;
    o->bytes -= o->lent->bytes;
    *out = o->lent->out;
    return true;
}

void outbox_join(struct outbox *to, struct outbox *from) {
    while (from->first) {
        struct outbox_item *item = from->first;
        from->first = item->next;
        append(to, item);
    }
    from->last = NULL;
    from->count = from->bytes = 0;
}

size_t outbox_move(struct outbox *from, struct outbox *to, struct str room) {
    struct outbox_item *item = from->first;
    size_t dropped = 0;
    from->first = from->last = NULL;
    from->count = from->bytes = 0;
    while (item) {
        struct outbox_item *next = item->next;
        if (!str_equal(item->out.room, room)) {
            append(from, item);
        } else if (fits(to, item->bytes)) {
            append(to, item);
        } else {
            free_item(item);
            dropped++;
        }
        item = next;
    }
    return dropped;
}
