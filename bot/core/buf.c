#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 128 };

void buf_init(struct buf *b, struct arena *a) { *b = (struct buf){.arena = a}; }

void buf_init_heap(struct buf *b) { *b = (struct buf){0}; }

void buf_finish(struct buf *b) {
    if (!b)
        return;
    if (!b->arena)
        free(b->ptr);
    *b = (struct buf){.arena = b->arena};
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->ptr)
        b->ptr[0] = '\0';
}

static char *grown(struct buf *b, size_t cap) {
    if (!b->arena)
        return realloc(b->ptr, cap);
    return arena_lengthen(b->arena, b->ptr, b->cap, cap);
}

/* Room for extra bytes and the NUL. Once failed, nothing more is taken: a text with a hole would be worse than its
 * head. */
static bool make_room(struct buf *b, size_t extra) {
    if (b->failed)
        return false;
    if (b->cap - b->len > extra)
        return true;
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    while (cap - b->len <= extra)
        if (__builtin_mul_overflow(cap, 2u, &cap)) {
            b->failed = true;
            return false;
        }
    char *p = grown(b, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

void buf_reserve(struct buf *b, size_t bytes) { make_room(b, bytes); }

void buf_add(struct buf *b, struct str s) {
    if (!make_room(b, s.len))
        return;
    if (s.len > 0)
        memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void buf_add_char(struct buf *b, char c) {
    if (!make_room(b, 1))
        return;
    b->ptr[b->len++] = c;
    b->ptr[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *format, ...) {
    if (!make_room(b, 0))
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(b->ptr + b->len, b->cap - b->len, format, args);
    va_end(args);
    if (len < 0) {
        b->failed = true;
    } else if ((size_t)len >= b->cap - b->len) {
        if (make_room(b, (size_t)len))
            vsnprintf(b->ptr + b->len, b->cap - b->len, format, again);
    }
    va_end(again);
    if (!b->failed)
        b->len += (size_t)len;
    b->ptr[b->len] = '\0';
}

struct str buf_str(const struct buf *b) {
    return (struct str){b->ptr, b->len};
}
