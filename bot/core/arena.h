/* One lifetime, freed at once.
 *
 * A loaded dialog lives in one arena and dies with it; the engine has another for each turn, reset when the reply has
 * left. Allocations are zeroed and never freed singly. Under AddressSanitizer every allocation is a block of its own,
 * so that an overrun is seen.
 *
 * An arena has a limit in bytes: past it arena_alloc() returns NULL, which the caller reports as ERR_LIMIT. An arena over memory that
 * the caller lends ends with that memory, and everything in it lies in one piece. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/str.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first; private */
    size_t limit_bytes, used_bytes;
    size_t block_bytes;
    bool lent;
};

/* limit_bytes 0: no limit. Takes no memory before the first allocation. */
void arena_init(struct arena *a, size_t limit_bytes);
/* Over memory of the caller, aligned for any type. arena_lent_bytes(): how much of it is in use, from its start. */
void arena_init_lent(struct arena *a, void *memory, size_t bytes);
size_t arena_lent_bytes(const struct arena *a);
/* Lent memory stays as it is. */
void arena_finish(struct arena *a);
/* Forgets everything but keeps the first block, so that a reset arena allocates without malloc. */
void arena_reset(struct arena *a);

/* count * size zeroed bytes, aligned for any type; NULL past the limit or without memory. count * size may be 0. */
void *arena_alloc(struct arena *a, size_t count, size_t size);
/* The same, but not zeroed: for what is written at once and whole. */
void *arena_room(struct arena *a, size_t count, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

/* A longer place for the `old` bytes at p, in the same spot where nothing was allocated since; what is added is zeroed in lent memory only. For bytes: not
 * aligned. p may be NULL with old 0. NULL past the limit; p is as it was. */
char *arena_lengthen(struct arena *a, char *p, size_t old, size_t bytes);

/* A copy with a NUL behind it, so that copy.ptr is also a C string. {NULL, 0} past the limit. */
struct str arena_copy(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
