/* Guards in Kleene's three values (Kleene 1952, strong): what they are worth, and what would settle an open one. */
#ifndef DIALOG_GUARD_H
#define DIALOG_GUARD_H

#include "dialog/model.h"

enum kleene { KLEENE_NO, KLEENE_OPEN, KLEENE_YES };

/* A guard's nodes while the dialog is loaded: normal_build() gives each its atom, and the guard its normal form. */
struct guard_block {
    struct guard_node *nodes;
    size_t count;
    struct normal_guard *normal;
};

/* What guards look at. */
struct view {
    const struct dialog *dialog;
    const struct frame *frame;
    enum level told; /* for `level is`: the highest level told or reached so far */
    /* Of this view, as known_read() of normal.h gives it; NULL: guards read the frame, which says the same but takes longer. */
    const struct known *known;
};

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
 * added, and for one whose `if` is open what that waits for; nothing where the guard is decided, or open only because of what is still unsure. */
enum kleene guard_needs(const struct guard *g, const struct view *v, struct finding_set *need);

/* One comparison of a known number with a guard's: GUARD_YES, GUARD_IS, GUARD_HAS, GUARD_LESS ... GUARD_EQUAL. */
bool guard_compare(enum guard_op op, float number, float with);

static inline void finding_set_add(struct finding_set *s, uint16_t f) { s->bits[f / 64] |= UINT64_C(1) << (f % 64); }
static inline bool finding_set_has(const struct finding_set *s, uint16_t f) { return s->bits[f / 64] >> (f % 64) & 1; }
bool finding_set_is_empty(const struct finding_set *s);

#endif
