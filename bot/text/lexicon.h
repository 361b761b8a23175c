/* The words and phrases of a dialog, compiled for reading: built once while a dialog loads, then const and shared.
 *
 * Words are kept by their stem (Snowball English); phrases are sequences of stems found by Aho-Corasick (CACM 18(6), 1975)
 * over the tokens of a message, fillers left out; "a + b" phrases are parts that must share a clause. Slips of the keys are mended by a
 * deletes index over the vocabulary (symmetric delete, optimal string alignment distance 1, or 2 from eight letters on).
 * What a phrase means is the caller's business: here it is a number. */
#ifndef TEXT_LEXICON_H
#define TEXT_LEXICON_H

#include "core/arena.h"
#include "core/err.h"

struct lexicon;

/* What a cue does to what stands near it (NegEx, Chapman et al. 2001; ConText, Harkema et al. 2009). The keyword is the
 * key under `cues` in words.yaml. */
#define CUE_KINDS(X)                                                                                                   \
    X(DENY, "deny")             /* denies what follows */                                                              \
    X(DENY_AFTER, "deny-after") /* denies what stands before */                                                        \
    X(NOT_DENY, "not-deny")     /* looks like a denial and is none */                                                  \
    X(STOP, "stop")             /* ends the reach of other cues */                                                     \
    X(DOUBT, "doubt")                                                                                                  \
    X(SUPPOSE, "suppose")                                                                                              \
    X(OTHERS, "others")                                                                                                \
    X(SELF, "self")                                                                                                    \
    X(PAST, "past")                                                                                                    \
    X(NOW, "now")               /* back from the past: "now", "today", "these days" */                                 \
    X(ASK, "ask")                                                                                                      \
    X(YES, "yes")                                                                                                      \
    X(NO, "no")                                                                                                        \
    X(UNSURE, "unsure")                                                                                                \
    X(NONE, "none")                                                                                                    \
    X(ALL, "all")                                                                                                      \
    X(ONLY, "only")                                                                                                    \
    X(EXCEPT, "except")                                                                                                \
    X(CORRECT, "correct")

enum cue_kind {
#define X(name, word) CUE_##name,
    CUE_KINDS(X)
#undef X
        CUE_COUNT
};

/* An empty lexicon in the arena; lasts as long as it. What only compiling needs is in `work` (which may be the same): that must last until
 * lexicon_seal(). NULL when the arena is full. */
struct lexicon *lexicon_new(struct arena *a, struct arena *work);

/* The parts below may be added in any order, all before lexicon_seal(). Strings are copied. Each returns false with the
 * reason (ERR_SCHEMA: the text cannot be used; ERR_LIMIT). */
bool lexicon_add_filler(struct lexicon *l, struct str word, struct err *e);
/* A written form and what it stands for, applied before everything else: "cant" -> "can not". */
bool lexicon_add_expansion(struct lexicon *l, struct str form, struct str words, struct err *e);
/* A real word that is never taken for a slip of another. */
bool lexicon_add_harmless(struct lexicon *l, struct str word, struct err *e);
/* <name> in phrases stands for any of these member phrases (no "+" in them). Called once for each member. */
bool lexicon_add_to_group(struct lexicon *l, struct str name, struct str member, struct err *e);
bool lexicon_add_cue(struct lexicon *l, enum cue_kind kind, struct str phrase, struct err *e);
/* Adds a phrase in the notation of dialogs/README.md and gives its id: 0, 1, 2 ... in the order of adding. The same phrase
 * may be added several times; each has its id and all are found. */
bool lexicon_add_phrase(struct lexicon *l, struct str phrase, uint32_t *id, struct err *e);

/* Builds the automaton and the indexes. Reports what only shows now (an undefined group, a phrase of fillers alone: the
 * message names the phrase; *bad_phrase its id, or UINT32_MAX). */
bool lexicon_seal(struct lexicon *l, uint32_t *bad_phrase, struct err *e);

/* Which phrases say no by themselves ("no tablets", "smile looks normal"): their "no" reaches on over a list. Bit p % 64 of
 * bits[p / 64] is phrase p's. Borrowed for the lexicon's life; without it, none does. */
void lexicon_set_denials(struct lexicon *l, const uint64_t *bits);

/* Figures for the benchmark and the checker. */
size_t lexicon_phrase_count(const struct lexicon *l);
size_t lexicon_word_count(const struct lexicon *l);

#endif
