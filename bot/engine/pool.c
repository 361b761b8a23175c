#include "engine/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"

enum {
    KEY_INLINE = 31,     /* most keys fit beside their session; longer ones have a block of their own */
    KEY_LONG = 255,      /* key_len of those */
    CHUNK_SLOTS = 64,    /* 15 KB */
    INDEX_FIRST = 512,
    SAMPLE = 16,
};

struct long_key {
    char *ptr;
    size_t len;
};

struct slot {
    struct session session;
    unsigned char key_len; /* 0: the slot is free */
    char key[KEY_INLINE];  /* or a struct long_key */
};
static_assert(sizeof(struct slot) <= 240, "with 5.3 to 10.7 bytes of index a session stays within 256 bytes");

struct pool {
    struct slot **chunks;
    size_t chunk_count;
    uint32_t *index; /* slot number + 1, 0: empty; capacity a power of two, at most three quarters full */
    size_t index_cap;
    uint32_t *spare; /* freed slot numbers */
    size_t spare_count, spare_cap;
    size_t used, live, max;
    size_t hand; /* where expiry goes on */
    size_t key_bytes;
    unsigned char hash_key[16];
};

static struct slot *slot_at(const struct pool *p, size_t n) { return &p->chunks[n / CHUNK_SLOTS][n % CHUNK_SLOTS]; }

static struct str slot_key(const struct slot *s) {
    if (s->key_len != KEY_LONG)
        return (struct str){s->key, s->key_len};
    struct long_key key;
    memcpy(&key, s->key, sizeof key);
    return (struct str){key.ptr, key.len};
}

struct pool *pool_new(size_t max_sessions, const unsigned char hash_key[16]) {
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->max = max_sessions > UINT32_MAX / 4 ? UINT32_MAX / 4 : max_sessions;
    p->index_cap = INDEX_FIRST;
    p->index = calloc(p->index_cap, sizeof *p->index);
    memcpy(p->hash_key, hash_key, sizeof p->hash_key);
    if (!p->index) {
        free(p);
        return NULL;
    }
    return p;
}

static void slot_clear(struct pool *p, struct slot *s) {
    if (s->key_len == KEY_LONG) {
        struct str key = slot_key(s);
        struct long_key own;
        memcpy(&own, s->key, sizeof own);
        p->key_bytes -= key.len;
        explicit_bzero(own.ptr, own.len);
        free(own.ptr);
    }
    explicit_bzero(s, sizeof *s);
}

void pool_free(struct pool *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->used; i++)
        slot_clear(p, slot_at(p, i));
    for (size_t i = 0; i < p->chunk_count; i++)
        free(p->chunks[i]);
    free(p->chunks);
    free(p->index);
    free(p->spare);
    free(p);
}

/* The index entry of the key, or the empty one where it would go. */
static size_t probe(const struct pool *p, struct str key) {
    size_t mask = p->index_cap - 1;
    size_t at = (size_t)siphash(p->hash_key, key) & mask;
    while (p->index[at] && !str_equal(slot_key(slot_at(p, p->index[at] - 1)), key))
        at = (at + 1) & mask;
    return at;
}

struct session *pool_find(struct pool *p, struct str key) {
    size_t at = probe(p, key);
    return p->index[at] ? &slot_at(p, p->index[at] - 1)->session : NULL;
}

static bool grow_index(struct pool *p) {
    size_t cap = p->index_cap * 2;
    uint32_t *old = p->index, *new = calloc(cap, sizeof *new);
    if (!new)
        return false;
    p->index = new;
    p->index_cap = cap;
    for (size_t i = 0; i < cap / 2; i++)
        if (old[i])
            new[probe(p, slot_key(slot_at(p, old[i] - 1)))] = old[i];
    free(old);
    return true;
}

static bool grow_slots(struct pool *p) {
    if (p->used < p->chunk_count * CHUNK_SLOTS)
        return true;
    struct slot **chunks = realloc(p->chunks, (p->chunk_count + 1) * sizeof(struct slot *));
    if (!chunks)
        return false;
    p->chunks = chunks;
    chunks[p->chunk_count] = calloc(CHUNK_SLOTS, sizeof(struct slot));
    if (!chunks[p->chunk_count])
        return false;
    p->chunk_count++;
    return true;
}

static void drop_at(struct pool *p, size_t at) {
    size_t mask = p->index_cap - 1;
    uint32_t n = p->index[at] - 1;
    if (p->spare_count == p->spare_cap) {
        size_t cap = p->spare_cap ? p->spare_cap * 2 : 64;
        uint32_t *spare = realloc(p->spare, cap * sizeof *spare);
        if (spare) {
            p->spare = spare;
            p->spare_cap = cap;
        }
    }
    slot_clear(p, slot_at(p, n));
    if (p->spare_count < p->spare_cap)
        p->spare[p->spare_count++] = n; /* without memory the slot stays unused; nothing is lost but its place */
    p->live--;
    /* Close the gap: move up what probes past it (Knuth, TAOCP 3, 6.4, algorithm R). */
    p->index[at] = 0;
    for (size_t i = (at + 1) & mask; p->index[i]; i = (i + 1) & mask) {
        size_t home = (size_t)siphash(p->hash_key, slot_key(slot_at(p, p->index[i] - 1))) & mask;
        if (((i - home) & mask) >= ((i - at) & mask)) {
            p->index[at] = p->index[i];
            p->index[i] = 0;
            at = i;
        }
    }
}

void pool_drop(struct pool *p, struct str key) {
    size_t at = probe(p, key);
    if (p->index[at])
        drop_at(p, at);
}

/* Full: the oldest of the next few gives way. */
static void make_room(struct pool *p) {
    const struct slot *oldest = NULL;
    for (size_t seen = 0, step = 0; seen < SAMPLE && step < p->used; step++) {
        p->hand = (p->hand + 1) % p->used;
        const struct slot *s = slot_at(p, p->hand);
        if (s->key_len == 0)
            continue;
        seen++;
        if (!oldest || s->session.touched_ms < oldest->session.touched_ms)
            oldest = s;
    }
    if (oldest)
        pool_drop(p, slot_key(oldest));
}

static bool set_key(struct pool *p, struct slot *s, struct str key) {
    if (key.len <= KEY_INLINE) {
        memcpy(s->key, key.ptr, key.len);
        s->key_len = (unsigned char)key.len;
        return true;
    }
    struct long_key own = {malloc(key.len), key.len};
    if (!own.ptr)
        return false;
    memcpy(own.ptr, key.ptr, key.len);
    memcpy(s->key, &own, sizeof own);
    s->key_len = KEY_LONG;
    p->key_bytes += key.len;
    return true;
}

struct session *pool_add(struct pool *p, struct str key) {
    if (key.len == 0 || key.len > POOL_KEY_MAX)
        return NULL;
    size_t at = probe(p, key);
    if (p->index[at])
        return &slot_at(p, p->index[at] - 1)->session;
    if (p->live >= p->max)
        make_room(p);
    if ((p->live + 1) * 4 > p->index_cap * 3 && !grow_index(p))
        return NULL;
    if (p->spare_count == 0 && !grow_slots(p))
        return NULL;
    size_t n = p->spare_count ? p->spare[p->spare_count - 1] : p->used;
    struct slot *s = slot_at(p, n);
    if (!set_key(p, s, key))
        return NULL;
    if (p->spare_count)
        p->spare_count--;
    else
        p->used++;
    p->live++;
    p->index[probe(p, key)] = (uint32_t)n + 1;
    return &s->session;
}

void pool_expire(struct pool *p, int64_t before_ms, size_t steps) {
    for (; steps > 0 && p->used > 0; steps--) {
        p->hand = (p->hand + 1) % p->used;
        const struct slot *s = slot_at(p, p->hand);
        if (s->key_len && s->session.touched_ms < before_ms)
            pool_drop(p, slot_key(s));
    }
}

size_t pool_count(const struct pool *p) { return p->live; }

size_t pool_bytes(const struct pool *p) {
    return p->chunk_count * (CHUNK_SLOTS * sizeof(struct slot) + sizeof(struct slot *)) + p->index_cap * sizeof *p->index +
           p->spare_cap * sizeof *p->spare + p->key_bytes;
}
