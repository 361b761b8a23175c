#include "core/siphash.h"

#include <string.h>

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

static uint64_t load64(const unsigned char *p) {
    uint64_t out = 0;
    for (unsigned i = 0; i < 8; i++)
        out |= (uint64_t)p[i] << (8 * i);
    return out;
}

static void rounds(struct sip *s, unsigned count) {
    while (count-- > 0) {
        s->a += s->b;
        s->b = rotate(s->b, 13) ^ s->a;
        s->a = rotate(s->a, 32);
        s->c += s->d;
        s->d = rotate(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = rotate(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = rotate(s->b, 17) ^ s->c;
        s->c = rotate(s->c, 32);
    }
}

static void take(struct sip *s, uint64_t word) {
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

uint64_t siphash(const unsigned char key[16], struct str data) {
    uint64_t k0 = load64(key), k1 = load64(key + 8);
    struct sip s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                    k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    size_t whole = data.len / 8 * 8;
    unsigned char tail[8] = {0};
    for (size_t i = 0; i < whole; i += 8)
        take(&s, load64((const unsigned char *)data.ptr + i));
    if (data.len > whole)
        memcpy(tail, data.ptr + whole, data.len - whole);
    tail[7] = (unsigned char)data.len;
    take(&s, load64(tail));
    s.c ^= 0xff;
    rounds(&s, 4);
    return s.a ^ s.b ^ s.c ^ s.d;
}
