/* What a message tells: a reading turned into findings, in the light of the question just asked.
 *
 * Pure: message, dialog, what was asked and the clock in; findings, topics and commands out. It changes no session. */
#ifndef DIALOG_HEAR_H
#define DIALOG_HEAR_H

#include "dialog/model.h"
#include "text/reading.h"

enum { HEARD_MAX = 64 };

/* How a finding came to be heard. Shown by `lippy explain`. */
enum heard_how {
    HEARD_PHRASE,   /* a phrase of the finding */
    HEARD_ANSWER,   /* yes, no, not sure to the question asked */
    HEARD_CHOICE,   /* a number, an ordinal or the words of a quick reply */
    HEARD_QUANTITY, /* a number with its unit */
    HEARD_REST,     /* "only the arm": the others of the screen are denied */
    HEARD_OTHER,    /* a set's `other` */
    HEARD_WHOSE,    /* that it is about somebody else, because the complaint or a sign is theirs */
};

struct heard {
    uint16_t finding;
    struct value value;
    enum heard_how how;
    uint16_t first, last; /* tokens it rests on */
    uint32_t phrase;      /* of HEARD_PHRASE; else UINT32_MAX */
    uint8_t context;
};

/* Something that was found in the message but set nothing, with the reason: denied idiom, somebody else's, a question ... For explain. */
struct passed_over {
    uint16_t finding;
    uint16_t first, last;
    uint8_t context; /* why; 0: an idiom (`not`) */
    uint32_t phrase; /* that was passed over, or the idiom */
    uint32_t own;    /* of an idiom: bit n: token first + n is a word of it */
};

/* A finding that the message sounds like, though nothing in it says so: it sets nothing, but is worth a question. */
struct sounds_like {
    uint16_t finding; /* or DIALOG_NONE */
    float score; /* see text/likeness.h */
};

struct hearing {
    struct reading reading;
    struct heard *heard; /* at most one for each finding, the last correction counts */
    size_t heard_count;
    struct passed_over *passed;
    size_t passed_count;
    struct sounds_like sounds_like;
    uint16_t topic;    /* the question the message asks, or DIALOG_NONE */
    uint16_t cause;    /* "more about caffeine", or DIALOG_NONE */
    int command;       /* enum command, or -1 */
    bool answered;     /* it answers what was asked, at least in part */
    bool out_of_range; /* a number was said that cannot be (asked finding) */
    bool social;       /* a greeting or thanks and nothing else */
};

struct asked {
    const uint16_t *findings; /* in the order they were listed */
    size_t count;
};

/* about_other: the talk is known to be about somebody else. False only when the arena is full. */
bool hear(const struct dialog *d, struct str message, struct asked asked, bool about_other, int64_t now_s,
          struct arena *a, struct hearing *out);

#endif
