/* Private to the machine: a turn in progress. machine.c decides, ask.c puts questions, tell.c writes answers and advice. */
#ifndef DIALOG_TALK_WORK_H
#define DIALOG_TALK_WORK_H

#include "dialog/advice.h"
#include "dialog/machine.h"
#include "dialog/triage.h"
#include "dialog/voice.h"

struct talk {
    struct turn *turn;
    const struct dialog *dialog;
    struct session *session;
    struct voice voice; /* its view is the one all guards see */
    struct triage_watch watch; /* see talk_watch() */
    bool watching;
};

/* After every change of the frame. */
void talk_refresh(struct talk *k);
/* After every change of the level that fires or was told. */
void talk_refresh_level(struct talk *k);
void talk_watch_start(struct talk *k);
/* The rules, with the frame as it stands, and what is known; from then on guards are fast, too. Most turns that change nothing do without. */
static inline struct triage_watch *talk_watch(struct talk *k) {
    if (!k->watching)
        talk_watch_start(k);
    return &k->watch;
}
/* The highest of what fires now, from routine up, or LEVEL_NONE. */
enum level talk_fires(const struct talk *k);
/* The highest of what fires now, from routine up, and what was told. */
enum level talk_level(const struct talk *k);

/* Adds a message of ours; an empty text is left out. */
void talk_reply(struct talk *k, struct str text);
void talk_say(struct talk *k, enum engine_say say);

/* Puts the next question of the state, if it has one: of its `ask` list, or of what it settles. */
bool ask_listed(struct talk *k, const struct state *s);
bool ask_settled(struct talk *k, const struct state *s);
/* The first state that settles emergencies, or DIALOG_NONE: its order is the author's for the safety questions. */
uint16_t ask_safety_state(const struct dialog *d);
/* Asks what an emergency or urgent rule waits for, whatever the state. */
bool ask_safety(struct talk *k);
/* Asks one finding alone, now, because a message sounded like it. */
void ask_to_be_sure(struct talk *k, uint16_t finding);
/* Puts the open question again behind a lead; `again` in its other wording. Nothing where none is open. */
void ask_resume(struct talk *k, struct str lead, bool again);
/* The text of the quick reply that a bare number picks, or the message as it is. */
struct str ask_pick(struct talk *k, struct str message);
bool ask_is_open(const struct session *s);
void ask_close(struct session *s);

void tell_advice(struct talk *k, const struct state *s);
void tell_causes_and_remedies(struct talk *k, struct buf *b);
struct str tell_topic(struct talk *k, uint16_t topic);
struct str tell_cause(struct talk *k, uint16_t cause);
struct str tell_why(struct talk *k);
struct str tell_sources(struct talk *k);

#endif
