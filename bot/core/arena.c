#include "core/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define EACH_ALONE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ALONE 1
#endif
#endif
#ifndef EACH_ALONE
#define EACH_ALONE 0
#endif

enum {
    BLOCK_BYTES_FIRST = 16 * 1024,
    BLOCK_BYTES_MOST = 256 * 1024, /* blocks double up to here */
};

struct arena_block {
    struct arena_block *older;
    size_t cap, used;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a, size_t limit_bytes) {
    *a = (struct arena){.limit_bytes = limit_bytes, .block_bytes = BLOCK_BYTES_FIRST};
}

void arena_init_lent(struct arena *a, void *memory, size_t bytes) {
    *a = (struct arena){.lent = true};
    if (bytes < sizeof(struct arena_block))
        return;
    a->blocks = memory;
    *a->blocks = (struct arena_block){.cap = bytes - sizeof(struct arena_block)};
}

size_t arena_lent_bytes(const struct arena *a) {
    return a->lent && a->blocks ? sizeof(struct arena_block) + a->blocks->used : 0;
}

static void free_blocks(struct arena_block *block) {
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_finish(struct arena *a) {
    if (!a->lent)
        free_blocks(a->blocks);
    a->blocks = NULL;
    a->used_bytes = 0;
}

void arena_reset(struct arena *a) {
    struct arena_block *kept = a->blocks;
    if ((EACH_ALONE && !a->lent) || !kept || kept->older) {
        /* What took several blocks gets one that holds it all: block_bytes has grown on the way. */
        arena_finish(a);
        return;
    }
    kept->used = 0;
    a->used_bytes = 0;
}

static struct arena_block *add_block(struct arena *a, size_t bytes) {
    size_t cap = bytes;
    if (a->lent)
        return NULL;
    if (!EACH_ALONE) {
        if (a->blocks && a->block_bytes < BLOCK_BYTES_MOST)
            a->block_bytes *= 2;
        if (cap < a->block_bytes)
            cap = a->block_bytes;
    }
    if (cap > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block = malloc(sizeof *block + cap);
    if (!block)
        return NULL;
    block->older = a->blocks;
    block->cap = cap;
    block->used = 0;
    a->blocks = block;
    return block;
}

static char *take_from(struct arena *a, struct arena_block *block, size_t from, size_t bytes) {
    block->used = from + bytes;
    a->used_bytes += bytes;
    return block->bytes + from;
}

__attribute__((noinline)) static char *take_anew(struct arena *a, size_t bytes) {
    struct arena_block *block = add_block(a, bytes);
    return block ? take_from(a, block, 0, bytes) : NULL;
}

/* bytes not zeroed; align is a power of two up to that of max_align_t. */
static inline char *take(struct arena *a, size_t bytes, size_t align) {
    struct arena_block *block = a->blocks;
    if (a->limit_bytes && bytes > a->limit_bytes - a->used_bytes)
        return NULL;
    if ((EACH_ALONE && !a->lent) || !block)
        return take_anew(a, bytes);
    size_t from = (block->used + align - 1) & ~(align - 1);
    if (from > block->cap || bytes > block->cap - from)
        return take_anew(a, bytes);
    return take_from(a, block, from, bytes);
}

void *arena_room(struct arena *a, size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : take(a, bytes, alignof(max_align_t));
}

void *arena_alloc(struct arena *a, size_t count, size_t size) {
    void *p = arena_room(a, count, size);
    return p ? memset(p, 0, count * size) : NULL;
}

char *arena_lengthen(struct arena *a, char *p, size_t old, size_t bytes) {
    struct arena_block *block = a->blocks;
    size_t more = bytes - old;
    bool last = p && block && p + old == block->bytes + block->used;
    if ((!EACH_ALONE || a->lent) && last && more <= block->cap - block->used && (!a->limit_bytes || more <= a->limit_bytes - a->used_bytes)) {
        block->used += more;
        a->used_bytes += more;
        if (a->lent)
            memset(p + old, 0, more);
        return p;
    }
    char *longer = take(a, bytes, 1);
    if (longer && a->lent)
        memset(longer, 0, bytes);
    if (longer && old > 0)
        memcpy(longer, p, old);
    return longer;
}

struct str arena_copy(struct arena *a, struct str s) {
    char *p = s.len < SIZE_MAX ? take(a, s.len + 1, 1) : NULL;
    if (!p)
        return STR_NONE;
    if (s.len > 0)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return (struct str){p, s.len};
}

struct str arena_printf(struct arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len >= 0 ? take(a, (size_t)len + 1, 1) : NULL;
    if (p)
        vsnprintf(p, (size_t)len + 1, format, again);
    va_end(again);
    return p ? (struct str){p, (size_t)len} : STR_NONE;
}
