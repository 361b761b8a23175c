/* Private to text/: a message in plain letters: lower case, marks stripped, typographic characters as their ASCII kin.
 *
 * ASCII needs one pass of eight bytes at a time; anything else goes through utf8proc (NFKC, case folding, marks stripped), character by
 * character, and then every folded byte knows the bytes of the message that it came from. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include <string.h>

#include "core/arena.h"

enum { FOLD_SLACK = 16 }; /* zero bytes behind the folded text, so that words are read eight bytes at a time */

/* Where a folded byte came from: bytes [from, to) of the message. */
struct origin {
    uint16_t from, to;
};

struct folded {
    char *
        text; /* letters are a-z and bytes from 0x80; anything that is no letter, digit or known punctuation is a blank */
    size_t len;
    const struct origin *origins; /* NULL: byte n came from byte n */
    bool cut;                     /* the text was too long to be folded to its end */
};

/* Folds s (at most READING_BYTES_MAX bytes) into the arena. Symbols such as emoji stay, each between blanks. Bytes that are no UTF-8
 * become blanks. False when the arena is full. */
bool fold(struct str s, struct arena *a, struct folded *out);

/* The quick way: false at the first byte that is no ASCII. out has room for s.len + FOLD_SLACK bytes and gets zeros behind the text. */
bool fold_ascii(struct str s, char *out);

/* Eight bytes as a number, and its first len bytes. The first byte is the lowest on the machines we know; on others the hash differs, which
 * nobody sees. */
static inline uint64_t fold_load(const char *p) {
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline uint64_t fold_head(uint64_t x, size_t len) {
    unsigned shift = (unsigned)(64 - 8 * len);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return x >> shift << shift;
#else
    return x << shift >> shift;
#endif
}

/* The place of the first byte in memory that is not zero. */
static inline size_t fold_first_byte(uint64_t x) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (size_t)__builtin_clzll(x) / 8;
#else
    return (size_t)__builtin_ctzll(x) / 8;
#endif
}

/* The hash of 1 to 8 bytes, which are head. */
static inline uint32_t fold_hash_head(uint64_t head, size_t len) {
    return (uint32_t)(((len * UINT64_C(0x9E3779B97F4A7C15)) ^ head) * UINT64_C(0xD6E8FEB86659FD93) >> 32);
}

/* A hash of len bytes at text; reads up to 7 bytes behind them. */
static inline uint32_t fold_hash(const char *text, size_t len) {
    uint64_t h = len * UINT64_C(0x9E3779B97F4A7C15);
    for (; len > 8; len -= 8, text += 8) {
        h = (h ^ fold_load(text)) * UINT64_C(0xD6E8FEB86659FD93);
        h ^= h >> 32;
    }
    h = (h ^ (len ? fold_head(fold_load(text), len) : 0)) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(h >> 32);
}

/* Whether len bytes are the same; reads up to 7 bytes behind both. */
static inline bool fold_same(const char *a, const char *b, size_t len) {
    for (; len > 8; len -= 8, a += 8, b += 8)
        if (fold_load(a) != fold_load(b))
            return false;
    return len == 0 || fold_head(fold_load(a) ^ fold_load(b), len) == 0;
}

#endif
