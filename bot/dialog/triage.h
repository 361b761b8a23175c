/* The rules, looked at again after every message: which fire, the level they give, and what the open ones still need. */
#ifndef DIALOG_TRIAGE_H
#define DIALOG_TRIAGE_H

#include "dialog/normal.h"

enum { TRIAGE_FIRED_MAX = 32 };

/* What fires. */
struct triage {
    enum level level;                 /* the highest that fires */
    uint16_t fired[TRIAGE_FIRED_MAX]; /* rules, highest level first; of self-care only where nothing higher fires */
    uint16_t fired_count;
};

/* One turn's look at the rules, each at most once and only when it is asked for: most turns need to know of few. */
struct triage_watch {
    struct view view;            /* a copy, with what is known */
    struct known known;
    struct rule_set dead;        /* those that need no look; once they were looked for */
    bool looked_for_dead;
    struct rule_set judged, fires, open; /* of the rules that were looked at */
    struct rule_set asked;       /* those that have been asked what they wait for: it is in need */
    struct slot_set need[LEVEL_EMERGENCY + 1];
};

/* Reads what is known. Again after the frame or the level told has changed; v itself is not kept, its dialog and frame are. */
void triage_watch_start(struct triage_watch *w, const struct view *v);
bool triage_fires(struct triage_watch *w, uint16_t rule);
/* All that fire. Of levels over `most`, self-care at least, none is known to fire. */
void triage_eval(struct triage_watch *w, enum level most, struct triage *out);
/* The first of the rules of a level over `above` that may have begun to fire by the new values of these findings, and does; or DIALOG_NONE. */
uint16_t triage_rising(struct triage_watch *w, const uint16_t *findings, size_t count, enum level above);
/* What the open rules of the level wait for: all; of these findings. */
const struct slot_set *triage_needs(struct triage_watch *w, enum level level);
struct slot_set triage_needs_of(struct triage_watch *w, enum level level, const struct slot_set *findings);

#endif
