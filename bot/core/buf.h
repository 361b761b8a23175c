/* A growing byte string in an arena or on the heap: what replies, stanzas and explanations are written into.
 *
 * A failed growth sets `failed` and drops what did not fit; the caller looks once, at the end. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/arena.h"

struct buf {
    char *ptr; /* NUL-terminated once anything was added */
    size_t len, cap;
    struct arena *arena; /* NULL: the heap */
    bool failed;
};

/* In the arena; lasts as long as it. */
void buf_init(struct buf *b, struct arena *a);
/* On the heap; buf_finish() frees it. */
void buf_init_heap(struct buf *b);
/* NULL and zeroed are fine. */
void buf_finish(struct buf *b);
void buf_clear(struct buf *b);
/* Room for so much more at once: what is known to become large leaves no smaller copies behind in the arena. */
void buf_reserve(struct buf *b, size_t bytes);
void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Lasts until the next change of b. */
struct str buf_str(const struct buf *b);

#endif
