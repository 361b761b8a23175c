/* What speaks for which cause, and which remedies suit this person. */
#ifndef DIALOG_ADVICE_H
#define DIALOG_ADVICE_H

#include "dialog/normal.h"

enum { ADVICE_CAUSES_MAX = 4, ADVICE_REMEDIES_MAX = 6, ADVICE_REASONS_MAX = 3 };

struct likely {
    uint16_t cause;
    float points;
    const struct wording *reasons[ADVICE_REASONS_MAX]; /* of the evidence that holds, in file order */
    uint16_t reason_count;
};

struct advice {
    struct likely causes[ADVICE_CAUSES_MAX]; /* most points first; those with none are left out */
    uint16_t cause_count;
    uint16_t remedies[ADVICE_REMEDIES_MAX];  /* in the order of their causes, then the dialog's comforts; gates are yes */
    uint16_t remedy_count;
};

void advice_find(const struct view *v, struct advice *out);

/* What the gates of the remedies in question still wait for; adds to *need, true if anything was added. The view has what is known. */
bool advice_needs(const struct view *v, struct slot_set *need);

#endif
