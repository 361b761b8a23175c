#include "core/utf8.h"

#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD };

/* RFC 3629, section 4: the second byte's range depends on the first, which shuts out overlong forms, surrogates and
 * everything past U+10FFFF; the bytes after it are 80..BF. */
static size_t sequence(unsigned char lead, unsigned char *second_least, unsigned char *second_most) {
    *second_least = 0x80;
    *second_most = 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead == 0xE0)
        *second_least = 0xA0;
    if (lead == 0xED)
        *second_most = 0x9F;
    if (lead < 0xF0)
        return 3;
    if (lead == 0xF0)
        *second_least = 0x90;
    if (lead == 0xF4)
        *second_most = 0x8F;
    return 4;
}

/* 0 where s does not begin with a valid sequence. */
static size_t decode(struct str s, uint32_t *point) {
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char least, most;
    size_t len = s.len ? sequence(p[0], &least, &most) : 0;
    if (len == 0 || len > s.len)
        return 0;
    if (len == 1) {
        *point = p[0];
        return 1;
    }
    if (p[1] < least || p[1] > most)
        return 0;
    uint32_t value = p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    *point = value;
    return len;
}

size_t utf8_next(struct str s, uint32_t *point) {
    size_t len = decode(s, point);
    if (len > 0 || s.len == 0)
        return len;
    *point = REPLACEMENT;
    return 1;
}

size_t utf8_put(uint32_t point, char *out) {
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        point = REPLACEMENT;
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)((0xF00u >> len & 0xF0) | point);
    return len;
}

bool utf8_is_valid(struct str s) {
    uint32_t point;
    while (s.len > 0) {
        size_t len = decode(s, &point);
        if (len == 0)
            return false;
        s.ptr += len;
        s.len -= len;
    }
    return true;
}

struct str utf8_head(struct str s, size_t limit) {
    if (s.len <= limit)
        return s;
    /* A code point that straddles the limit begins at most 3 bytes before it. */
    for (size_t back = 1; back <= 3 && back <= limit; back++) {
        uint32_t point;
        size_t len = decode(str_slice(s, limit - back, 4), &point);
        if (len > back)
            return str_slice(s, 0, limit - back);
        if (len > 0)
            break;
    }
    return str_slice(s, 0, limit);
}

size_t utf8_columns(struct str s) {
    size_t columns = 0;
    uint32_t point;
    for (size_t len; (len = utf8_next(s, &point)) > 0; s = str_slice(s, len, SIZE_MAX)) {
        int width = utf8proc_charwidth((utf8proc_int32_t)point);
        columns += width > 0 ? (size_t)width : 0;
    }
    return columns;
}
