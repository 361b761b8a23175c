/* Private to the loader: a dialog while it is being built.
 *
 * load.c reads the files and notes every name (so that what is used may stand in a later file), then the parts compile their sections:
 *
 *     load_words.c     words.yaml, and the phrases of all sections
 *     load_likes.c     likes.yaml
 *     load_findings.c  findings, their options and their places in a frame
 *     load_guard.c     guards and conditions
 *     load_advice.c    sources, places, says, rules, causes, remedies, topics
 *     load_flow.c      settings, levels, screens, states
 *     load_schema.c    what they share: keys, texts, numbers, lists, references, wordings
 *
 * A problem never stops a part: it is noted, and a harmless value takes the place of what was wrong. A full arena gives NULL and
 * sets `full`; whoever gets NULL just stops. */
#ifndef DIALOG_LOAD_WORK_H
#define DIALOG_LOAD_WORK_H

#include "dialog/guard.h"
#include "dialog/load.h"
#include "dialog/names.h"
#include "dialog/yaml.h"

/* What has a name, and how it is called in messages. */
#define NAME_KINDS(X)         \
    X(FINDING, "finding")     \
    X(CONDITION, "condition") \
    X(RULE, "rule")           \
    X(CAUSE, "cause")         \
    X(REMEDY, "remedy")       \
    X(TOPIC, "topic")         \
    X(SAY, "say")             \
    X(PLACE, "place")         \
    X(SOURCE, "source")       \
    X(SCREEN, "screen")       \
    X(STATE, "state")         \
    X(GROUP, "group")         \
    X(LIKE, "list of sentences") \
    X(LEVEL, "level")         \
    X(SETTING, "setting")

enum name_kind {
#define X(name, word) NAME_##name,
    NAME_KINDS(X)
#undef X
        NAME_KIND_COUNT
};

struct condition {
    struct guard guard; /* opened: without conditions in it */
    enum { CONDITION_NEW, CONDITION_OPEN, CONDITION_DONE } stage;
};

/* What a phrase means, and where that was said. */
struct meant {
    struct meaning meaning;
    const struct node *at;
    uint32_t phrase, before; /* before: another meaning of the phrase, number + 1 */
};

struct loader {
    struct dialog *d;
    struct arena *out; /* the dialog's */
    struct arena work; /* ends with the loading */
    struct problems *problems;
    size_t problems_before; /* those that are not of this dialog */
    struct names names[NAME_KIND_COUNT];
    struct names place_keys;
    struct node **words; /* roots of words*.yaml */
    size_t word_file_count;
    struct node **likes; /* roots of likes*.yaml */
    size_t like_file_count;

    struct finding *findings; /* d->findings, writable; so for the others */
    struct finding_option **options; /* by finding */
    struct rule *rules;
    struct condition *conditions;
    struct guard_block *guards; /* all of them, for normal.h */
    size_t guard_count, guard_cap;

    struct lexicon *lexicon;
    struct names phrases; /* index: the phrase's id */
    struct names fillers;
    struct meant *meant;
    uint32_t meant_count, meant_cap;
    uint32_t *phrase_last; /* by id: number of its last meaning + 1 */
    uint32_t phrase_cap;
    bool none_said[NAME_KIND_COUNT]; /* that nothing of this kind is defined */
    bool full;
};

/* ---- load_schema.c ---- */

void complain(struct loader *l, const struct node *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* At byte `offset` of a text. */
void complain_inside(struct loader *l, const struct node *text, size_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "; did you mean \"x\"?", or nothing. In the work arena. */
struct str did_you_mean(struct loader *l, const struct nearest *n);
/* The same for a member of a map with an unknown key, or what became of a comma there. */
struct str comma_hint(struct loader *l, const struct node *member, const struct nearest *n);
/* A text as it may stand in a message: cut, on one line. */
struct str shown(struct loader *l, struct str text);

/* NULL when the arena is full; then l->full is set. */
void *load_array(struct loader *l, struct arena *a, size_t count, size_t size);
#define LOAD_OUT(l, type, count) ((type *)load_array((l), (l)->out, (count), sizeof(type)))
#define LOAD_WORK(l, type, count) ((type *)load_array((l), &(l)->work, (count), sizeof(type)))
struct str load_copy(struct loader *l, struct str text);

/* The members of one map, by key. What was not asked for by fields_end() is an unknown key. */
struct fields {
    struct loader *l;
    const struct node *map, *at; /* at: the key that names the whole, for "has no ..." */
    const char *noun;            /* "finding" */
    const char *asked[32];
    unsigned asked_count;
};

/* Complains where node is no map; then there are no members. */
struct fields fields_of(struct loader *l, const struct node *map, const char *noun);
const struct node *field(struct fields *f, const char *key);
/* Complains where it is missing. */
const struct node *field_needed(struct fields *f, const char *key);
void fields_end(struct fields *f);

bool expect(struct loader *l, const struct node *n, enum node_kind kind);
/* A text that is not empty. Complains otherwise and gives the empty str; NULL gives it silently. So for the others. */
struct str read_text(struct loader *l, const struct node *n);
/* The same, copied into the dialog, and without fill-ins. */
struct str read_plain(struct loader *l, const struct node *n);
bool read_flag(struct loader *l, const struct node *n);
bool read_number(struct loader *l, const struct node *n, float *out);
/* A text or a list of variants; fill-ins are checked. */
struct wording read_wording(struct loader *l, const struct node *n);
/* LEVEL_NONE after a complaint. */
enum level read_level(struct loader *l, const struct node *n);
/* The members of a list of texts, one at a time: for (m = list_first(l, n); m; m = list_next(l, m)). */
const struct node *list_first(struct loader *l, const struct node *n);
const struct node *list_next(struct loader *l, const struct node *n);
bool parse_number(struct str text, float *out);

/* Letters, digits, _ and -; and no word of the language. */
bool check_name(struct loader *l, enum name_kind kind, const struct node *key);
const char *name_noun(enum name_kind kind);
/* The thing of that name, now used; complains with the nearest otherwise. */
struct name *refer(struct loader *l, enum name_kind kind, const struct node *n);
struct name *refer_inside(struct loader *l, enum name_kind kind, const struct node *text, size_t offset,
                          struct str name);
/* A list of references as indexes; none twice. */
struct refs {
    const uint16_t *items;
    uint16_t count;
};
struct refs read_refs(struct loader *l, enum name_kind kind, const struct node *n);
void complain_unused(struct loader *l, enum name_kind kind, const char *what);

/* ---- the parts ---- */

struct guard load_guard(struct loader *l, const struct node *n);
void load_conditions(struct loader *l);
/* The option's number, or DIALOG_NONE after a complaint at byte `offset` of the text. */
uint16_t load_option(struct loader *l, const struct finding *f, const struct node *text, size_t offset,
                     struct str name);

void load_words(struct loader *l);
void load_phrase(struct loader *l, const struct node *text, struct meaning meaning);
/* A key may hold several phrases with / between them. */
void load_phrase_key(struct loader *l, const struct node *key, struct meaning meaning);
void load_phrases(struct loader *l, const struct node *list, struct meaning meaning);
void load_meanings(struct loader *l);
/* After load_meanings(): it reads with the lexicon. */
void load_likes(struct loader *l);

void load_finding_shapes(struct loader *l);
void load_findings(struct loader *l);
void load_rule_refs(struct loader *l);

void load_sources(struct loader *l);
void load_place_keys(struct loader *l);
void load_places(struct loader *l);
void load_says(struct loader *l);
void load_rules(struct loader *l);
void load_causes(struct loader *l);
void load_remedies(struct loader *l);
void load_topics(struct loader *l);

void load_levels(struct loader *l);
void load_screens(struct loader *l);
void load_states(struct loader *l);
void load_settings(struct loader *l);

#endif
