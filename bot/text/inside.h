/* Private to text/: the inside of a lexicon. */
#ifndef TEXT_INSIDE_H
#define TEXT_INSIDE_H

#include "text/automaton.h"
#include "text/lexicon.h"
#include "text/mend.h"
#include "text/notation.h"
#include "text/parts.h"
#include "text/slips.h"
#include "text/vocabulary.h"

/* A "+" phrase. */
struct spread {
    uint32_t phrase, count;
    uint32_t parts[PHRASE_PARTS_MAX];
    uint32_t behind; /* bit i: part i comes behind part i - 1 */
};

/* What was added, in order, until it is compiled. */
enum entry_kind { ENTRY_FILLER, ENTRY_EXPANSION, ENTRY_HARMLESS, ENTRY_MEMBER, ENTRY_CUE, ENTRY_PHRASE };

struct entry {
    enum entry_kind kind;
    enum cue_kind cue;
    struct str name; /* the group; the form that is expanded */
    struct str text; /* folded */
};

struct entries {
    struct entry_chunk *first, *last;
    size_t count, bytes;
};

struct entries_at {
    const struct entry_chunk *chunk;
    size_t at;
};

/* The next entry; false at the end. Start with {l->entries.first, 0}. What it points to lasts as long as the work arena. */
bool entries_next(struct entries_at *at, struct entry *out);

/* How an output of the automata is to be read. */
enum { VALUE_IS_PART = 1 };
static inline uint32_t value_of(uint32_t id, bool is_part) { return id << 1 | (is_part ? VALUE_IS_PART : 0); }

struct lexicon {
    struct arena *arena, *work; /* NULL once it is compiled: then it may be where the arena is not */
    struct entries entries;     /* in the work arena; empty then */
    size_t phrase_count;
    bool sealed;
    struct vocabulary words;
    struct automaton phrases; /* over stems, fillers left out; values by value_of() */
    struct automaton cues;    /* over stems of words that are in cues; values by value_of() of an enum cue_kind */
    uint32_t *exacts;         /* by output.exact: count, then pairs of place in the sequence and form */
    struct spread *spreads;
    struct parts parts;
    size_t spread_count, part_count;
    const uint64_t *denials; /* by phrase; or NULL */
    struct slips slips;
    struct memo *memo;
};

/* lexicon_seal(), after the checks. */
bool lexicon_compile(struct lexicon *l, uint32_t *bad_phrase, struct err *e);

#endif
