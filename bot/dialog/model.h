/* A loaded dialog: const after loading, shared by all sessions, in one arena. The loader (load.h) makes it; everything else
 * reads it. Findings, rules and so on are named by their index here; names are for people, files and JSON.
 *
 * dialogs/README.md is the language this is compiled from; a member without a comment is the key of the same name there. */
#ifndef DIALOG_MODEL_H
#define DIALOG_MODEL_H

#include "core/str.h"
#include "dialog/frame.h"
#include "text/lexicon.h"

enum {
    DIALOG_FINDINGS_MAX = 256,
    DIALOG_RULES_MAX = 512,
    DIALOG_VALUES_MAX = 24, /* of a choice or a set; a set's mask must fit a float exactly */
    DIALOG_SCREEN_MAX = 16, /* members of a screen: a session keeps them as a mask */
    DIALOG_NONE = 0xffff,   /* no state, no screen, no finding ... */
};

enum level { LEVEL_NONE, LEVEL_SELF_CARE, LEVEL_ROUTINE, LEVEL_URGENT, LEVEL_EMERGENCY };

/* Guards: a tree in prefix order, so that an evaluation walks forward through memory. */
enum guard_op {
    GUARD_ALWAYS,
    GUARD_NEVER,
    GUARD_YES,      /* yesno finding is yes */
    GUARD_IS,       /* choice finding has value number `number` */
    GUARD_HAS,      /* set finding shares a bit with mask `number` */
    GUARD_LESS, GUARD_LESS_EQUAL, GUARD_MORE, GUARD_MORE_EQUAL, GUARD_EQUAL,
    GUARD_UNSURE, GUARD_STILL_UNSURE, GUARD_KNOWN, GUARD_UNKNOWN, /* decided whatever the value */
    GUARD_LEVEL,    /* level told so far >= `number` */
    GUARD_NOT, GUARD_AND, GUARD_OR,
    GUARD_AT_LEAST, /* at least `number` of the children */
};

enum { GUARD_NO_ATOM = 0 };

struct guard_node {
    uint8_t op;       /* enum guard_op */
    uint8_t children; /* of NOT, AND, OR, AT_LEAST */
    uint16_t span;    /* nodes of this subtree, itself included: node + span is the next sibling */
    uint16_t finding;
    uint16_t atom;    /* of a question to a finding: its bit in a struct truth + 1, or GUARD_NO_ATOM: it has to be read from the frame */
    float number;
};

struct guard {
    const struct guard_node *nodes; /* NULL: no guard was given */
    size_t count;
    const struct normal_guard *normal; /* the same, quicker to look at where it is known what is true; or NULL. See normal.h */
};

/* A fill-in of a text: {your}, {emergency}, {level}, {age}. */
enum hole_kind { HOLE_PRONOUN, HOLE_PLACE, HOLE_LEVEL, HOLE_FINDING };

struct hole {
    uint32_t from, to; /* bytes of the text, with its braces */
    uint16_t index;    /* of voice.c's pronouns, dialog.place_keys or the findings */
    uint8_t kind;      /* enum hole_kind */
};

struct holes {
    const struct hole *items;
    size_t count;
};

/* Variants of a text; {count 0}: none was given. */
struct wording {
    const struct str *variants;
    const struct holes *holes; /* by variant */
    size_t count;              /* no gap behind it: wordings are passed by value while a dialog loads */
};

enum finding_kind { FINDING_YESNO, FINDING_CHOICE, FINDING_NUMBER, FINDING_SET };
enum measure { MEASURE_NONE, MEASURE_MINUTES, MEASURE_HOURS, MEASURE_DAYS, MEASURE_WEEKS, MEASURE_YEARS, MEASURE_MG, MEASURE_UNITS, MEASURE_SCORE, MEASURE_COUNT };

struct finding_option { /* a value of a choice or set; a quick reply of a number */
    struct str name; /* as in files and JSON */
    struct str say;  /* as told to people */
    float number;    /* of a number's quick reply */
    float low, high; /* of a choice with `ranges`: the quantities that mean it, `high` not included; high 0: none */
};

struct finding {
    struct str name;
    enum finding_kind kind;
    struct wording short_name, ask, again, why;
    uint64_t name_heads;        /* bit head_bit() of each word of short_name's first variant */
    struct guard only_if;       /* `if` */
    struct value otherwise;     /* `else`; VALUE_UNKNOWN where none was given */
    const struct finding_option *options; /* values, or a number's choices */
    uint16_t option_count;
    uint16_t other;             /* set: the option for words no list knows, or DIALOG_NONE */
    enum measure measure;
    uint8_t per;                /* enum per of text/reading.h */
    float low, high;
    struct str unit;
    const uint16_t *of;         /* findings it measures */
    uint16_t of_count;
    const uint16_t *measured_by; /* number findings that have this one in their `of` */
    uint16_t measured_by_count;
    bool unprompted, sensitive;
    bool history;               /* what is over counts too */
    bool detail;                /* it only refines another finding */
    bool has_none;              /* set: `none` was given */
    const uint16_t *sources;
    uint16_t source_count;
    uint16_t screen;            /* it is asked with, or DIALOG_NONE */
    uint16_t bit, width;        /* its place in a frame; of a yes-or-no finding its bit in each plane, and 1 */
    uint16_t slot;              /* its bit in the sets of normal.h: of a yes-or-no finding the same bit, the others follow */
    const uint16_t *rules;      /* rules whose guard looks at it, or at a finding whose `if` does */
    uint16_t rule_count;
};

struct screen {
    struct str name;
    struct wording ask, again, why;
    const uint16_t *findings;
    uint16_t finding_count;
};

struct rule {
    struct str name;
    enum level level;
    struct guard when;
    struct wording because, instead; /* `do` */
    const uint16_t *sources;
    uint16_t source_count;
    bool derived;
};

struct evidence {
    struct guard only_if;
    float give;
    struct wording because;
};

struct cause {
    struct str name, title; /* title: `name` in the file */
    const struct evidence *points;
    uint16_t point_count;
    struct wording about;
    const uint16_t *remedies, *sources;
    uint16_t remedy_count, source_count;
};

struct caution {
    struct guard only_if;
    struct wording say;
};

struct remedy {
    struct str name;
    struct wording say;
    struct guard only_if;
    const struct caution *cautions;
    uint16_t caution_count;
    const uint16_t *sources;
    uint16_t source_count;
};

struct topic {
    struct str name, title;
    struct wording say;
    struct guard only_if;
    const uint16_t *sources;
    uint16_t source_count;
};

struct branch {
    struct guard only_if; /* no guard: always */
    uint16_t state;
};

enum part_kind { PART_LEVEL, PART_BECAUSE, PART_CAUSES, PART_REMEDIES, PART_SAY };

struct part {
    enum part_kind kind;
    uint16_t say;
};

struct message { /* one message of `advise` */
    const struct part *parts;
    uint16_t part_count;
};

struct state {
    struct str name;
    const uint16_t *says;    /* indexes into dialog.says */
    uint16_t say_count;
    const uint16_t *asks;    /* ask numbers, see dialog_ask_* */
    uint16_t ask_count;
    uint8_t settle;          /* bit n: level n is settled here */
    bool settle_gates;
    const uint16_t *with;    /* ask numbers, in order */
    uint16_t with_count;
    const struct message *advise;
    uint16_t advise_count;
    bool end, listen;
    bool even_urgent; /* asks what it lists although an urgent rule has fired */
    uint16_t otherwise; /* a say: the answer to a message that needs no other while the state listens; or DIALOG_NONE */
    const struct branch *next;
    uint16_t next_count;
};

struct level_text {
    struct str name;      /* "emergency" */
    struct wording title; /* "Call for help now" */
    struct wording say;
};

/* What a phrase of the lexicon means; a phrase may mean several things. */
enum meaning_kind {
    MEANS_VALUE,   /* finding has this value: yes, no (a phrase of `no`), unsure, a choice's or set's option, a number's `words` */
    MEANS_NOTHING, /* `not` of a finding: where it stands, the finding is not heard */
    MEANS_NEAR,    /* a quantity nearby belongs to the finding */
    MEANS_EACH,    /* one of these is `number` of the finding's unit */
    MEANS_TOPIC,
    MEANS_CAUSE,   /* "tell me more about caffeine" */
    MEANS_COMMAND, /* target is an enum command */
    MEANS_SUBJECT, /* what the dialog is about: picks one of several dialogs for an opening */
};

struct meaning {
    uint8_t kind;
    bool only_asked;    /* "~a bit": counts only where its finding is asked */
    uint16_t target;    /* finding, topic, cause or command */
    struct value value; /* set: the mask */
    float number;
};

#define COMMANDS(X)                                                                                                    \
    X(HELP, "help") X(BACK, "back") X(RESTART, "restart") X(WHY, "why") X(STOP, "stop") X(SOURCES, "sources")          \
    X(DELETE, "delete") X(SUMMARY, "summary") X(PRIVATE, "private") X(HERE, "here")

enum command {
#define X(name, word) COMMAND_##name,
    COMMANDS(X)
#undef X
        COMMAND_COUNT
};

/* Says that the engine itself needs; the loader reports each one that a dialog lacks. */
#define ENGINE_SAYS(X)                                                                                                 \
    X(HELP, "help")                                                                                                    \
    X(BACK, "back")               /* after a step back, before the question is put again */                            \
    X(BACK_NONE, "back-none")     /* there is nothing to go back to */                                                 \
    X(RESTART, "restart")                                                                                              \
    X(WHY_NONE, "why-none")       /* nothing is being asked */                                                         \
    X(STOP, "stop")                                                                                                    \
    X(SOURCES_LEAD, "sources-lead")                                                                                    \
    X(DELETE, "delete")                                                                                                \
    X(UNCLEAR, "unclear")         /* nothing was understood; the question follows */                                   \
    X(UNCLEAR_AGAIN, "unclear-again")                                                                                  \
    X(UNCLEAR_OUT, "unclear-out") /* after three in a row: the way out */                                              \
    X(UNCLEAR_OPEN, "unclear-open") /* nothing was understood while nothing is asked */                                \
    X(WELCOME, "welcome")         /* to thanks, a greeting or an "ok" while nothing is asked */                        \
    X(NOTED, "noted")             /* to a new fact after the advice that changes nothing in it */                       \
    X(TOO_LONG, "too-long")                                                                                            \
    X(RANGE, "range")             /* a number that cannot be */                                                        \
    X(TO_BE_SURE, "to-be-sure")   /* before the question of a sign that a message only sounded like */                  \
    X(CHECK_LEAD, "check-lead")   /* before a question that is put a second time because of a "not sure" */            \
    X(YES, "yes") X(NO, "no") X(NOT_SURE, "not-sure") X(NONE_OF_THESE, "none-of-these") /* quick replies */            \
    X(CAUSES_LEAD, "causes-lead") X(CAUSES_NONE, "causes-none")                                                        \
    X(REMEDIES_LEAD, "remedies-lead")                                                                                  \
    X(BECAUSE_LEAD, "because-lead") /* "I say this because" */                                                         \
    X(RESUME, "resume")           /* after an answer in between, before the open question */                           \
    X(LEVEL_UP, "level-up")       /* a higher level than the one told before, after the advice */                      \
    X(PRIVATE_OFFER, "private-offer") X(PRIVATE_ONLY, "private-only") /* in a room: with "here" as a choice, without */ \
    X(PRIVATE_GO, "private-go") X(PRIVATE_HERE, "private-here") /* in the room, and then in private */                 \
    X(SUMMARY_LEAD, "summary-lead") X(SUMMARY_YES, "summary-yes") X(SUMMARY_NOT_ASKED, "summary-not-asked") X(SUMMARY_NO, "summary-no")              \
    X(SUMMARY_UNSURE, "summary-unsure")

enum engine_say {
#define X(name, word) SAY_##name,
    ENGINE_SAYS(X)
#undef X
        SAY_COUNT
};

struct say {
    struct str name;
    struct wording text;
};

struct source {
    struct str name, title, url;
};

struct place {
    struct str code; /* "default", "gb" */
    const struct str *texts; /* by key, in the order of dialog.place_keys; a country's holes are filled from default */
};

struct dialog {
    struct str name, title;
    uint32_t revision; /* a hash of all its files: a session of another revision starts anew */
    const struct finding *findings;
    uint16_t finding_count;
    uint16_t plane_words; /* of a frame, see frame.h */
    const struct screen *screens;
    uint16_t screen_count;
    const struct rule *rules; /* by level, highest first, then in file order */
    uint16_t rule_count;
    const struct cause *causes;
    uint16_t cause_count;
    const struct remedy *remedies;
    uint16_t remedy_count;
    const uint16_t *comforts; /* remedies offered after those of the causes */
    uint16_t comfort_count;
    const struct topic *topics;
    uint16_t topic_count;
    const struct state *states;
    uint16_t state_count;
    uint16_t start;
    const struct branch *always;
    uint16_t always_count;
    struct guard about_other;
    struct level_text levels[LEVEL_EMERGENCY + 1];
    const struct say *says; /* the first SAY_COUNT are the engine's, in the order of enum engine_say */
    uint16_t say_count;
    const struct source *sources;
    uint16_t source_count;
    const struct str *place_keys;
    uint16_t place_key_count;
    const struct place *places; /* the first is default */
    uint16_t place_count;

    const struct normal *normal; /* what its guards look at, for triage.h */

    const struct lexicon *lexicon;
    const struct likeness *likeness; /* of likes.yaml; or NULL */
    /* Meanings of phrase p: meanings[phrase_meaning[p]] up to, not including, meanings[phrase_meaning[p + 1]]. */
    const struct meaning *meanings;
    const uint32_t *phrase_meaning;
    const uint8_t *phrase_kinds;   /* by phrase: bit n: it has a meaning of enum meaning_kind n */
    const struct str *phrase_text; /* by phrase, as written: for explain and check */
    uint32_t phrase_count;

    uint16_t unprompted[MEASURE_COUNT + 1]; /* the finding a lone quantity of a measure means, or DIALOG_NONE */
    struct arena *arena;                    /* private: holds all of this; dialog_free(). NULL: the caller's does */
};

/* Index by name, or DIALOG_NONE. */
uint16_t dialog_find_finding(const struct dialog *d, struct str name);
uint16_t dialog_find_rule(const struct dialog *d, struct str name);
uint16_t dialog_find_state(const struct dialog *d, struct str name);
uint16_t dialog_find_option(const struct finding *f, struct str name);
/* The place for a country code in any case; the default one where it is unknown or empty. */
const struct place *dialog_find_place(const struct dialog *d, struct str code);
const char *level_name(enum level level); /* "self_care"; LEVEL_NONE gives "none" */

/* One of 64 bits for how a word of three bytes or more begins, in any case: names without it have no such word. */
static inline unsigned head_bit(const char *word) {
    unsigned letters = ((unsigned char)word[0] | 0x20u) * 7 + ((unsigned char)word[1] | 0x20u) * 29 +
                       ((unsigned char)word[2] | 0x20u) * 61;
    return letters & 63;
}

static inline unsigned frame_plane_bit(const struct dialog *d, const struct frame *frame, enum frame_plane plane, uint16_t bit) {
    return frame->bits[(unsigned)plane * d->plane_words + bit / 64] >> bit % 64 & 1;
}

/* The state of frame_get(), without unpacking the value. */
static inline enum value_state frame_state(const struct dialog *d, const struct frame *frame, uint16_t finding) {
    const struct finding *f = &d->findings[finding];
    if (f->kind == FINDING_YESNO)
        return (enum value_state)(frame_plane_bit(d, frame, FRAME_STATE_LOW, f->bit) | frame_plane_bit(d, frame, FRAME_STATE_HIGH, f->bit) << 1);
    uint64_t code = frame->bits[f->bit / 64] >> (f->bit % 64) & ((UINT64_C(1) << f->width) - 1);
    if (f->kind == FINDING_SET)
        return (enum value_state)(code & 3);
    return code < VALUE_KNOWN ? (enum value_state)code : VALUE_KNOWN;
}

/* Ask numbers: a screen, or a finding alone. */
static inline uint16_t ask_screen(uint16_t screen) { return screen; }
static inline uint16_t ask_finding(const struct dialog *d, uint16_t finding) { return (uint16_t)(d->screen_count + finding); }
static inline bool ask_is_screen(const struct dialog *d, uint16_t ask) { return ask < d->screen_count; }
static inline uint16_t ask_to_finding(const struct dialog *d, uint16_t ask) { return (uint16_t)(ask - d->screen_count); }

#endif
