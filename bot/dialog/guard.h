/* Guards in Kleene's three values (Kleene 1952, strong): what they are worth, and what would settle an open one. */
#ifndef DIALOG_GUARD_H
#define DIALOG_GUARD_H

#include "dialog/model.h"

enum kleene { KLEENE_NO, KLEENE_OPEN, KLEENE_YES };

/* A frame read for guards: each finding is taken out of its bits once, when a guard first looks at it, with the `else` of one that does not
 * apply in place of an unknown value. Zeroed: nothing read yet. */
struct seen {
    uint8_t code[DIALOG_FINDINGS_MAX]; /* private to guard.c */
    float number[DIALOG_FINDINGS_MAX];
};

/* What guards look at. */
struct view {
    const struct dialog *dialog;
    const struct frame *frame;
    enum level told;   /* for `level is`: the highest level told or reached so far */
    struct seen *seen; /* of this frame; clear it with view_changed() when the frame changes */
};

void view_changed(const struct view *v);

/* The value a guard sees: what was said, or the `else` of a finding that does not apply. */
struct value view_value(const struct view *v, uint16_t finding);

/* No guard given is KLEENE_YES. */
enum kleene guard_eval(const struct guard *g, const struct view *v);

/* A set of findings. */
struct finding_set {
    uint64_t bits[DIALOG_FINDINGS_MAX / 64];
};

/* Evaluates, and where the guard is open adds to *need the findings whose answer it waits for next: of an `and` its first open
 * part that can still be asked (write the deciding question first), of an `or` every open part. Only unknown and unsure findings are
 * added, and for one whose `if` is open what that waits for; nothing where the guard is decided, or open only because of what is still unsure.
 * *steady (may be NULL): a guard that is no stays so, whatever else becomes known, as long as no known answer changes. */
enum kleene guard_needs(const struct guard *g, const struct view *v, struct finding_set *need, bool *steady);

/* One comparison of a known number with a guard's: GUARD_YES, GUARD_IS, GUARD_HAS, GUARD_LESS ... GUARD_EQUAL. */
bool guard_compare(enum guard_op op, float number, float with);

static inline void finding_set_add(struct finding_set *s, uint16_t f) { s->bits[f / 64] |= UINT64_C(1) << (f % 64); }
static inline bool finding_set_has(const struct finding_set *s, uint16_t f) { return s->bits[f / 64] >> (f % 64) & 1; }
bool finding_set_is_empty(const struct finding_set *s);

#endif
