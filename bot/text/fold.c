#include "text/fold.h"

#include <utf8proc.h>

#include "core/utf8.h"

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Lowers eight ASCII bytes: sets 0x20 in each byte from 'A' to 'Z'. */
static uint64_t lower(uint64_t x) {
    uint64_t from_a = x + ONES * (0x80 - 'A');
    uint64_t past_z = x + ONES * (0x80 - 'Z' - 1);
    return x | ((from_a & ~past_z & HIGHS) >> 2);
}

bool fold_ascii(struct str s, char *out) {
    size_t at = 0;
    for (; at + 8 <= s.len; at += 8) {
        uint64_t x = fold_load(s.ptr + at);
        if (x & HIGHS)
            return false;
        x = lower(x);
        memcpy(out + at, &x, sizeof x);
    }
    uint64_t tail = 0;
    if (s.len > at)
        memcpy(&tail, s.ptr + at, s.len - at);
    if (tail & HIGHS)
        return false;
    tail = lower(tail);
    memcpy(out + at, &tail, sizeof tail);
    memset(out + s.len, 0, FOLD_SLACK);
    return true;
}

struct folding {
    char *text;
    struct origin *origins;
    size_t len, cap;
    struct origin here; /* the character being folded */
    bool full;
};

static void put(struct folding *f, const char *bytes, size_t count) {
    if (f->len + count > f->cap) {
        f->full = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        f->text[f->len] = bytes[i];
        f->origins[f->len++] = f->here;
    }
}

static void put_text(struct folding *f, const char *text) { put(f, text, strlen(text)); }

/* The typographic characters that stand for ASCII punctuation and that NFKC leaves alone; NULL for all others. */
static const char *plain_of(uint32_t point) {
    switch (point) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B: /* single quotes */
    case 0x02BC:
    case 0x02B9:
    case 0x2032:
    case 0x00B4:
    case 0x0060: /* modifier apostrophe, primes, accents used as one */
        return "'";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2212: /* hyphens, minus */
        return "-";
    case 0x2013: /* en dash: "5\u20136" is a range, so it is a hyphen */
        return "-";
    case 0x2014:
    case 0x2015: /* longer dashes part clauses even without blanks */
        return " -- ";
    case 0x2026:
        return "...";
    case 0x2044:
    case 0x2215: /* fraction and division slash */
        return "/";
    case 0x00A1:
    case 0x00BF:
        return " ";
    case 0x2028:
    case 0x2029:
        return "\n";
    case 0x3001:
    case 0xFF0C:
    case 0x060C:
        return ",";
    case 0x3002:
        return ". ";
    default:
        return NULL;
    }
}

/* One character that NFKC and case folding have already been applied to. */
static void put_decomposed(struct folding *f, uint32_t point) {
    if (point < 0x80) {
        char c = (char)point;
        put(f, &c, 1);
        return;
    }
    const char *plain = plain_of(point);
    if (plain) {
        put_text(f, plain);
        return;
    }
    char bytes[4];
    size_t count = utf8_put(point, bytes);
    switch (utf8proc_category((utf8proc_int32_t)point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        put(f, bytes, count);
        return;
    case UTF8PROC_CATEGORY_SO: /* emoji, each a word of its own */
        if ((point >= 0x2190 && point < 0x2C00) || (point >= 0x1F000 && point < 0x20000)) {
            put_text(f, " ");
            put(f, bytes, count);
        }
        put_text(f, " ");
        return;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_SK: /* marks, direction marks, joiners, skin tones */
        return;
    default:
        put_text(f, " ");
    }
}

static void fold_point(struct folding *f, uint32_t point) {
    const char *plain = plain_of(point);
    if (plain) {
        put_text(f, plain);
        return;
    }
    bool fraction = (point >= 0xBC && point <= 0xBE) || (point >= 0x2150 && point <= 0x215E);
    if (fraction) /* "1\u00BD" is "1 1/2" and not "11/2" */
        put_text(f, " ");
    utf8proc_int32_t points[32];
    int last = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        (utf8proc_int32_t)point, points, 32,
        UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_DECOMPOSE, &last);
    if (count < 0 || count > 32) {
        put_text(f, " ");
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        put_decomposed(f, (uint32_t)points[i]);
}

static bool fold_unicode(struct str s, struct arena *a, struct folded *out) {
    size_t cap = s.len * 2 + 64;
    struct folding f = {
        .text = arena_alloc(a, cap + FOLD_SLACK, 1), .origins = ARENA_ARRAY(a, struct origin, cap), .cap = cap};
    if (!f.text || !f.origins)
        return false;
    size_t at = 0;
    while (at < s.len && !f.full) {
        uint32_t point;
        size_t count = utf8_next((struct str){s.ptr + at, s.len - at}, &point);
        f.here = (struct origin){(uint16_t)at, (uint16_t)(at + count)};
        at += count;
        size_t before = f.len;
        if (point < 0x80) {
            char c = (char)(point >= 'A' && point <= 'Z' ? point + 32 : point);
            put(&f, &c, 1);
        } else {
            fold_point(&f, point);
        }
        if (f.len == before && f.len > 0) /* a mark belongs to what it is on */
            f.origins[f.len - 1].to = f.here.to;
    }
    *out = (struct folded){f.text, f.len, f.origins, f.full};
    return true;
}

bool fold(struct str s, struct arena *a, struct folded *out) {
    char *text = arena_room(a, s.len + FOLD_SLACK, 1);
    if (!text)
        return false;
    if (!fold_ascii(s, text))
        return fold_unicode(s, a, out);
    *out = (struct folded){text, s.len, NULL, false};
    return true;
}
