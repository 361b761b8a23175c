/* The sessions of all talks in memory: fixed records in chunks under an open-addressing index (linear probing).
 *
 * The whole key stands beside each session and is compared whole: two people never share a talk by a clash of hashes. The hash is
 * SipHash-2-4 (Aumasson, Bernstein 2012) under a secret key, so that nobody can choose names that collide. */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "core/err.h"
#include "dialog/session.h"

enum { POOL_KEY_MAX = 4096 };

struct pool;

/* At most max_sessions (over 0) at once. NULL without memory. */
struct pool *pool_new(size_t max_sessions, const unsigned char hash_key[16]);
void pool_free(struct pool *p); /* NULL is fine; what people said is wiped */

/* NULL where there is none. Lasts until the next pool_add or pool_drop. */
struct session *pool_find(struct pool *p, struct str key);
/* The session of this key, zeroed if it is new. When the pool is full, one of those untouched for longest gives way (of a sample of 16). NULL: no
 * memory, or a key over POOL_KEY_MAX. */
struct session *pool_add(struct pool *p, struct str key);
void pool_drop(struct pool *p, struct str key);
/* Drops sessions untouched since before_ms; looks at `steps` of them a call, going round. */
void pool_expire(struct pool *p, int64_t before_ms, size_t steps);

size_t pool_count(const struct pool *p);
/* All memory that sessions take: records, keys and index. */
size_t pool_bytes(const struct pool *p);

#endif
