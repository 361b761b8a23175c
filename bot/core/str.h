/* Borrowed text: a pointer and a length, no NUL needed, embedded NUL allowed.
 *
 * A str never owns. Every function that returns one says how long it lasts; what must outlive that is copied
 * with arena_copy(). The empty str is {"", 0} or {NULL, 0}; both are fine everywhere. */
#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same as an initialiser of static storage. */
#define STR_INIT(literal) {"" literal, sizeof(literal) - 1}
#define STR_NONE ((struct str){NULL, 0})
/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

/* NULL gives the empty str. Lasts as long as text does. */
struct str str_of(const char *text);
bool str_is_empty(struct str s);
static inline bool str_is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); } /* of ASCII */
static inline bool str_is_digit(char c) { return c >= '0' && c <= '9'; }
/* memcmp() with a NULL is undefined even for no bytes, and the empty str may be {NULL, 0}: hence the check of len. */
static inline bool str_equal(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
/* ASCII case only. */
bool str_equal_nocase(struct str a, struct str b);
/* Whether it is one of the words, ASCII case aside. */
bool str_is_among_nocase(struct str word, const struct str *words, size_t count);
bool str_starts_with(struct str s, struct str head);
bool str_starts_with_nocase(struct str s, struct str head);
/* Bytewise order, as memcmp; the shorter first. For qsort and bsearch. */
int str_compare(struct str a, struct str b);
/* Bytes [from, from + count) of s, clamped to it. */
struct str str_slice(struct str s, size_t from, size_t count);
/* s without ASCII blanks, tabs and line ends at either end. */
struct str str_trim(struct str s);
/* Position of the first needle in s, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* Cuts s at the first sep: returns what is before it and leaves what is after it in *s. Without a sep, returns all
 * and leaves the empty str. */
struct str str_cut(struct str *s, char sep);
/* A whole unsigned decimal number that fits; false otherwise. */
bool str_to_u64(struct str s, uint64_t *out);
/* 64-bit FNV-1a; not for keys an attacker may choose. */
uint64_t str_hash(struct str s);
/* How near two words are: insertions, deletions, substitutions and swaps of neighbours (optimal string alignment);
 * stops counting above limit and returns limit + 1. Words over 64 bytes give limit + 1. */
unsigned str_distance(struct str a, struct str b, unsigned limit);

#endif
