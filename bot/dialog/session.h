/* A talk with one person: fixed size, no pointers. Copying it is a snapshot; a turn works on a copy and is stored on success.
 *
 * It belongs to one revision of one dialog; with another it starts anew. Never written to disk as it is. */
#ifndef DIALOG_SESSION_H
#define DIALOG_SESSION_H

#include <assert.h>

#include "dialog/triage.h"

enum { SESSION_RULES_MAX = 3 };

enum session_flag {
    SESSION_ENTERED = 1 << 0, /* the state's `say` has been said */
    SESSION_ENDED = 1 << 1,   /* the advice is complete */
    SESSION_UNDO = 1 << 2,    /* `before` holds a step to go back to */
    SESSION_ALONE = 1 << 3,   /* a screen was not understood: its signs are asked one at a time */
    SESSION_OFFERED = 1 << 4, /* in a room: a private talk was offered */
    SESSION_CLOSED = 1 << 5,  /* the person said stop; the next message opens a new talk */
    SESSION_ADVISED = 1 << 6, /* causes and remedies were told */
    SESSION_CHOOSING = 1 << 7, /* in a room: whether to go on in private is open; the question that comes next was not shown yet */
};

/* Where the talk stands, as far as "back" restores it. */
struct standing {
    uint16_t state;
    uint16_t ask;      /* open question: an ask number, or DIALOG_NONE */
    uint16_t ask_mask; /* members of that screen which were listed */
};

struct session {
    int64_t touched_ms;
    uint32_t revision;
    uint16_t turn;
    uint8_t told;     /* enum level: the highest told */
    uint8_t misses;   /* messages in a row that were not understood */
    uint8_t tries : 7;   /* those of them since the open question was put */
    uint8_t changed : 1; /* the last message did: `before` and `earlier` are of it */
    uint8_t flags;    /* enum session_flag */
    uint8_t dialog;   /* its number in the engine */
    uint8_t seed;     /* for wording variants */
    uint16_t told_rules[SESSION_RULES_MAX]; /* rules told with that level, DIALOG_NONE from the first free one */
    uint16_t reached; /* a rule of the highest level from routine up that fires now, told or not; or DIALOG_NONE */
    struct standing here, before;
    struct frame now, earlier;
};
static_assert(sizeof(struct session) <= 200, "sessions stay cheap to keep and to copy");

#endif
