/* What a talk knows: one value for each finding of a dialog, packed into a fixed record without pointers.
 *
 * The loader gives each finding a place. Yes-or-no findings, which most are, lie in bit planes, so that guards can look at 64 of them at once
 * (normal.h); the others have a field each. A zeroed frame knows nothing. Copying a frame is a snapshot. */
#ifndef DIALOG_FRAME_H
#define DIALOG_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct dialog;

enum { FRAME_BYTES = 80 };

struct frame {
    uint64_t bits[FRAME_BYTES / 8];
};

/* The planes, dialog.plane_words words each, from the frame's first word on: the two bits of an enum value_state, and whether it is yes. The last word
 * of a plane may hold fields behind its bits. */
enum frame_plane { FRAME_STATE_LOW, FRAME_STATE_HIGH, FRAME_YES, FRAME_PLANES };

enum value_state {
    VALUE_UNKNOWN,      /* not said yet */
    VALUE_UNSURE,       /* asked, and the person does not know */
    VALUE_STILL_UNSURE, /* asked again, and still not */
    VALUE_KNOWN,
};

struct value {
    enum value_state state;
    /* When known: yesno 0 or 1; choice the number of the value, from 0; set a mask of values; number the number: with 16 bits kept
     * to 1 part in 4,096 and whole numbers up to 4,096 exactly, with 12 bits to 1 part in 256 and whole numbers up to 256. */
    float number;
};

#define VALUE_YES ((struct value){VALUE_KNOWN, 1})
#define VALUE_NO ((struct value){VALUE_KNOWN, 0})
#define VALUE_DOUBT ((struct value){VALUE_UNSURE, 0})

struct value frame_get(const struct dialog *d, const struct frame *f, uint16_t finding);
void frame_set(const struct dialog *d, struct frame *f, uint16_t finding, struct value v);
bool value_equal(struct value a, struct value b);

#endif
