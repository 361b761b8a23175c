/* Lippy without a network: dialogs, sessions and the turn. A message in, replies out; no I/O, no clock, one thread.
 *
 * Everyone in a room has a talk of their own, and the private chat with the same person is another. In a room the engine stays
 * silent unless it is spoken to or a talk with that person is open, and before the first question there it offers to go on in private. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "core/err.h"
#include "dialog/machine.h"

struct engine;

struct engine_config {
    const struct dialog *const *dialogs; /* at least one, at most 255; outlive the engine */
    size_t dialog_count;
    struct str country;        /* two letters, or empty */
    size_t max_sessions;
    int64_t session_ttl_ms;    /* a talk untouched for so long is forgotten */
    unsigned seed;             /* of the wording variants */
    unsigned char hash_key[16]; /* secret random bytes; see pool.h */
};

/* NULL without memory or without a dialog. */
struct engine *engine_new(const struct engine_config *config, struct err *e);
void engine_free(struct engine *e); /* NULL is fine */

/* Who speaks, where. Strings last for the call. */
struct engine_from {
    struct str platform, room, who, nick; /* room empty: in private */
    struct str aside; /* in a room: the `who` of the private chat with the same person; empty: there is none, nothing is offered */
    bool addressed;   /* the message is meant for us */
    bool corrects;    /* it stands for what this person said last */
    bool discreet;    /* in a room with an aside: the talk goes on in private only; of its answers the room sees an emergency's */
};

struct engine_reply {
    struct str text;
    const struct str *choices; /* quick replies */
    size_t choice_count;
    bool numbered; /* show the choices as 1. 2. 3.: a number picks one */
    bool aside;    /* say it in private, to engine_from.aside */
    uint8_t together; /* the first so many of the choices may be picked together; 0: one only */
    uint8_t level;    /* enum level: that it tells, or LEVEL_NONE */
};

/* One message in; the replies last until the next call. 0: not for us, or out of memory (the talk is then as before). */
size_t engine_message(struct engine *e, const struct engine_from *from, struct str text, int64_t now_ms,
                      const struct engine_reply **replies);
/* Opens a talk before the person has said anything: the greeting. */
size_t engine_greet(struct engine *e, const struct engine_from *from, int64_t now_ms, const struct engine_reply **replies);
/* What to say when the person just leaves: the words of "stop". Empty where there is no talk; lasts until the next call. */
struct str engine_farewell(struct engine *e, const struct engine_from *from);
/* Forgets old talks; call it about once a second. */
void engine_tick(struct engine *e, int64_t now_ms);

/* For the console and the tests: how a talk stands, NULL where there is none; and what the last message told. */
const struct session *engine_session(struct engine *e, const struct engine_from *from, const struct dialog **dialog);
const struct turn *engine_last_turn(const struct engine *e);

size_t engine_session_count(const struct engine *e);
size_t engine_session_bytes(const struct engine *e);

#endif
