/* What a talk knows: one value for each finding of a dialog, packed into a fixed record without pointers.
 *
 * The loader gives each finding a place (bit offset and width). A zeroed frame knows nothing. Copying a frame is a snapshot. */
#ifndef DIALOG_FRAME_H
#define DIALOG_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct dialog;

enum { FRAME_BYTES = 80 };

struct frame {
    uint64_t bits[FRAME_BYTES / 8];
};

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
