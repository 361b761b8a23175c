/* Private to text/: where clauses and sentences begin and end. */
#ifndef TEXT_CLAUSES_H
#define TEXT_CLAUSES_H

#include "text/words.h"

enum { LIST_ITEM_TOKENS = 3 }; /* an item of a list without a verb is at most so long */

/* Whether a cue of one of the kinds, bits 1 << enum cue_kind, begins at token i. */
static inline bool cue_begins(const struct work *w, size_t i, unsigned kinds) {
    return i < w->count && w->words[i].cues & kinds;
}

/* A subject at i with its verb not far behind: "my arm is", "it feels". */
bool is_subject_verb(const struct work *w, size_t i);
/* A verb at i or behind it, before any punctuation. */
bool has_verb(const struct work *w, size_t i);

/* The first token of the sentence or clause that i is in, and the one behind its last. edge: where a clause may begin. */
size_t sentence_start(const struct work *w, size_t i);
size_t sentence_end(const struct work *w, size_t i);
size_t clause_start(const struct work *w, size_t i, enum edge_kind edge);
size_t clause_end(const struct work *w, size_t i);

#endif
