/* Turning wordings into text: variants by the talk's seed, fill-ins in braces, pronouns for the person it is about. */
#ifndef DIALOG_VOICE_H
#define DIALOG_VOICE_H

#include "core/buf.h"
#include "dialog/guard.h"

struct voice {
    struct view view;
    const struct place *place;
    bool about_other; /* the talk is about somebody else: "their" for "your" */
    unsigned seed;
    struct arena *arena;
};

/* The wording's text with its fill-ins; empty for none. In the arena, or in the dialog where there is nothing to fill in. */
struct str voice_text(const struct voice *v, const struct wording *w);
struct str voice_say(const struct voice *v, uint16_t say);
/* A finding's own value in words: "yes", "left side", "400", "a water tablet and lithium", "not sure". */
void voice_add_value(const struct voice *v, struct buf *b, uint16_t finding);
/* The number of "you", "your" ... for a hole, or -1: for the loader. */
int voice_find_pronoun(struct str name);

#endif
