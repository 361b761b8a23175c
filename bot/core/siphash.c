#include "core/siphash.h"

#include <string.h>

struct sip {
    uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

/* Spelt out, compilers make one load of it. */
static inline uint64_t load64(const unsigned char *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
           (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static inline struct sip sip_round(struct sip s) {
    s.a += s.b;
    s.b = rotate(s.b, 13) ^ s.a;
    s.a = rotate(s.a, 32);
    s.c += s.d;
    s.d = rotate(s.d, 16) ^ s.c;
    s.a += s.d;
    s.d = rotate(s.d, 21) ^ s.a;
    s.c += s.b;
    s.b = rotate(s.b, 17) ^ s.c;
    s.c = rotate(s.c, 32);
    return s;
}

static inline struct sip take(struct sip s, uint64_t word) {
    s.d ^= word;
    s = sip_round(sip_round(s));
    s.a ^= word;
    return s;
}

uint64_t siphash(const unsigned char key[16], struct str data) {
    uint64_t k0 = load64(key), k1 = load64(key + 8);
    struct sip s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                    k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    size_t whole = data.len / 8 * 8;
    unsigned char tail[8] = {0};
    for (size_t i = 0; i < whole; i += 8)
        s = take(s, load64((const unsigned char *)data.ptr + i));
    if (data.len > whole)
        memcpy(tail, data.ptr + whole, data.len - whole);
    tail[7] = (unsigned char)data.len;
    s = take(s, load64(tail));
    s.c ^= 0xff;
    s = sip_round(sip_round(sip_round(sip_round(s))));
    return s.a ^ s.b ^ s.c ^ s.d;
}
