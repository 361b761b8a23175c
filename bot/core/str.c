#include "core/str.h"

#include <string.h>

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct str str_of(const char *text) {
    return text ? (struct str){text, strlen(text)} : STR_NONE;
}

bool str_is_empty(struct str s) { return s.len == 0; }

static bool same_nocase(const char *a, const char *b, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool str_equal_nocase(struct str a, struct str b) { return a.len == b.len && same_nocase(a.ptr, b.ptr, a.len); }

/* Most words differ in length or in their first letter. */
bool str_is_among_nocase(struct str word, const struct str *words, size_t count) {
    char first = word.len ? lower(word.ptr[0]) : '\0';
    for (size_t i = 0; i < count; i++)
        if (words[i].len == word.len &&
            (word.len == 0 || (lower(words[i].ptr[0]) == first && same_nocase(word.ptr, words[i].ptr, word.len))))
            return true;
    return false;
}

bool str_starts_with(struct str s, struct str head) {
    return s.len >= head.len && (head.len == 0 || memcmp(s.ptr, head.ptr, head.len) == 0);
}

bool str_starts_with_nocase(struct str s, struct str head) {
    return s.len >= head.len && same_nocase(s.ptr, head.ptr, head.len);
}

int str_compare(struct str a, struct str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

struct str str_slice(struct str s, size_t from, size_t count) {
    if (from >= s.len)
        return (struct str){s.len ? s.ptr + s.len : s.ptr, 0};
    size_t rest = s.len - from;
    return (struct str){s.ptr + from, count < rest ? count : rest};
}

struct str str_trim(struct str s) {
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t str_find(struct str s, struct str needle) {
    if (needle.len == 0)
        return 0;
    size_t at = 0;
    while (s.len - at >= needle.len) {
        const char *hit = memchr(s.ptr + at, needle.ptr[0], s.len - at - needle.len + 1);
        if (!hit)
            break;
        at = (size_t)(hit - s.ptr);
        if (memcmp(hit, needle.ptr, needle.len) == 0)
            return at;
        at++;
    }
    return SIZE_MAX;
}

struct str str_cut(struct str *s, char sep) {
    struct str whole = *s;
    const char *hit = whole.len ? memchr(whole.ptr, sep, whole.len) : NULL;
    if (!hit) {
        *s = str_slice(whole, whole.len, 0);
        return whole;
    }
    size_t at = (size_t)(hit - whole.ptr);
    *s = str_slice(whole, at + 1, SIZE_MAX);
    return str_slice(whole, 0, at);
}

bool str_to_u64(struct str s, uint64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value))
            return false;
    }
    if (s.len > 0)
        *out = value;
    return s.len > 0;
}

uint64_t str_hash(struct str s) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    return hash;
}

enum { DISTANCE_WORD_CAP = 64 };

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Three rows of the table are enough: a swap of neighbours looks two rows up. */
unsigned str_distance(struct str a, struct str b, unsigned limit) {
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > DISTANCE_WORD_CAP || b.len > DISTANCE_WORD_CAP || gap > limit)
        return limit + 1;

    unsigned rows[3][DISTANCE_WORD_CAP + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    unsigned best_before = 0;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3], *up = rows[(i + 2) % 3], *upper = rows[(i + 1) % 3];
        unsigned best = now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned cost = up[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            cost = least(cost, least(up[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                cost = least(cost, upper[j - 2] + 1);
            now[j] = cost;
            best = least(best, cost);
        }
        /* A swap may reach over one bad row, not over two. */
        if (best > limit && best_before > limit)
            return limit + 1;
        best_before = best;
    }
    return least(rows[a.len % 3][b.len], limit + 1);
}
