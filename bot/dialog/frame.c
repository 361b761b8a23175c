#include "dialog/frame.h"

#include <assert.h>
#include <math.h>

#include "dialog/model.h"

/* Codes of a number: unknown, unsure, still unsure, zero, then a small float of 5 bits exponent and, by the width of the field,
 * 11 or 7 bits mantissa for values from 2^-8 up. */
enum { NUMBER_UNKNOWN, NUMBER_UNSURE, NUMBER_STILL, NUMBER_ZERO, NUMBER_FIRST };
enum { EXPONENT_BITS = 5, EXPONENT_BIAS = 8, EXPONENT_MAX = 30 };

static uint16_t number_pack(float number, unsigned mantissa_bits) {
    if (!(number > 0))
        return NUMBER_ZERO;
    int exponent;
    float fraction = frexpf(number, &exponent); /* in [0.5, 1) */
    exponent += EXPONENT_BIAS - 1;
    if (exponent < 0)
        return NUMBER_ZERO;
    uint32_t mantissa = (uint32_t)lrintf((fraction * 2 - 1) * (float)(1u << mantissa_bits));
    uint32_t code = ((uint32_t)exponent << mantissa_bits) + mantissa + NUMBER_FIRST;
    uint32_t most = ((uint32_t)EXPONENT_MAX << mantissa_bits) + NUMBER_FIRST;
    return (uint16_t)(code > most ? most : code);
}

static float number_unpack(uint16_t code, unsigned mantissa_bits) {
    if (code <= NUMBER_ZERO)
        return 0;
    uint32_t bits = code - (uint32_t)NUMBER_FIRST;
    float fraction = 1 + (float)(bits & ((1u << mantissa_bits) - 1)) / (float)(1u << mantissa_bits);
    return ldexpf(fraction, (int)(bits >> mantissa_bits) - EXPONENT_BIAS);
}

static unsigned mantissa_bits(const struct finding *f) { return (unsigned)f->width - EXPONENT_BITS; }

static uint64_t field_mask(const struct finding *f) { return (UINT64_C(1) << f->width) - 1; }

static void set_bit(uint64_t *word, unsigned bit, unsigned to) {
    *word = (*word & ~(UINT64_C(1) << bit)) | (uint64_t)to << bit;
}

static void set_yesno(const struct dialog *d, struct frame *frame, uint16_t slot, struct value v) {
    uint64_t *word = &frame->bits[slot / 64];
    set_bit(word + FRAME_STATE_LOW * d->plane_words, slot % 64, v.state & 1u);
    set_bit(word + FRAME_STATE_HIGH * d->plane_words, slot % 64, (unsigned)v.state >> 1);
    set_bit(word + FRAME_YES * d->plane_words, slot % 64, v.state == VALUE_KNOWN && v.number > 0);
}

struct value frame_get(const struct dialog *d, const struct frame *frame, uint16_t finding) {
    assert(finding < d->finding_count);
    const struct finding *f = &d->findings[finding];
    if (f->kind == FINDING_YESNO) /* most findings are */
        return (struct value){frame_state(d, frame, finding), (float)frame_plane_bit(d, frame, FRAME_YES, f->bit)};
    uint64_t code = frame->bits[f->bit / 64] >> (f->bit % 64) & field_mask(f);
    if (code == 0)
        return (struct value){VALUE_UNKNOWN, 0};
    if (f->kind == FINDING_SET) {
        uint64_t state = code & 3;
        return (struct value){(enum value_state)state, state == VALUE_KNOWN ? (float)(code >> 2) : 0};
    }
    if (code < 3)
        return (struct value){(enum value_state)code, 0};
    return (struct value){VALUE_KNOWN,
                          f->kind == FINDING_NUMBER ? number_unpack((uint16_t)code, mantissa_bits(f)) : (float)(code - 3)};
}

void frame_set(const struct dialog *d, struct frame *frame, uint16_t finding, struct value v) {
    assert(finding < d->finding_count);
    const struct finding *f = &d->findings[finding];
    uint64_t code = (uint64_t)v.state;
    if (f->kind == FINDING_YESNO) {
        set_yesno(d, frame, f->bit, v);
        return;
    }
    if (f->kind == FINDING_SET)
        code |= v.state == VALUE_KNOWN ? (uint64_t)v.number << 2 : 0;
    else if (v.state == VALUE_KNOWN)
        code = f->kind == FINDING_NUMBER ? number_pack(v.number, mantissa_bits(f)) : 3 + (uint64_t)v.number;
    uint64_t *word = &frame->bits[f->bit / 64];
    unsigned shift = f->bit % 64;
    *word = (*word & ~(field_mask(f) << shift)) | (code & field_mask(f)) << shift;
}

bool value_equal(struct value a, struct value b) {
    return a.state == b.state && (a.state != VALUE_KNOWN || fabsf(a.number - b.number) <= fabsf(b.number) / 256);
}
