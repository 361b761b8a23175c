/* The dialog machine: one message in, replies out, the session moved on. Pure: no clock, no store, no platform.
 *
 * A turn hears the message in full, keeps what it tells, looks at all rules again, answers what was asked in between, and
 * runs the states on to the next question or the advice. Statecharts' "deep history" (Harel 1987) is the open question, put again. */
#ifndef DIALOG_MACHINE_H
#define DIALOG_MACHINE_H

#include "core/arena.h"
#include "dialog/hear.h"
#include "dialog/session.h"

enum { TURN_REPLIES_MAX = 12 };

/* One message of ours. Text and choices last as long as the turn's arena and the dialog. */
struct reply {
    struct str text;
    const struct str *choices; /* quick replies */
    uint16_t choice_count;
    bool numbered; /* the choices may be picked by number: show them as 1. 2. 3. */
    uint8_t together; /* the first so many of them may be picked together; 0: one only */
    uint8_t level;    /* enum level: that it tells, or LEVEL_NONE */
};

struct turn {
    /* Set by the caller. */
    const struct dialog *dialog;
    const struct place *place;
    struct session *session; /* a copy the caller stores when all went well */
    struct arena *arena;
    int64_t now_ms;
    bool corrects; /* the message stands for the one before: what that one told is taken back */
    /* Results. */
    struct reply replies[TURN_REPLIES_MAX];
    size_t reply_count;
    struct hearing hearing;
    bool gave_advice; /* causes and remedies were told in this turn */
    bool forget;      /* the person asked to delete everything: drop the session */
    bool started;     /* a new talk was opened */
};

/* A new talk: clears the session and greets. */
void machine_start(struct turn *t);
/* One message, of any bytes. False only when the arena is full; the session is then not to be stored. */
bool machine_turn(struct turn *t, struct str text);

/* Puts the open question again behind the engine's say `lead` (an enum engine_say); the lead alone where none is open. */
void machine_resume(struct turn *t, int lead);

/* One of the engine's says, with its fill-ins. In the arena. */
struct str machine_say(struct turn *t, int say);

/* What the open question asks about: fills findings (DIALOG_SCREEN_MAX) and gives their number. */
size_t machine_asks(const struct dialog *d, const struct session *s, uint16_t *findings);
/* The hand-over for a doctor: what is known, denied, unsure and not asked. In the arena. */
struct str machine_summary(const struct turn *t);

#endif
