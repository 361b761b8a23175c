/* Clauses and sentences: cut at punctuation, at words like "but", and where "and" or "so" leads a subject with a verb of its own. */
#include "text/clauses.h"

enum { CLAUSE_VERB_WITHIN = 5 }; /* a subject's verb is at most so far behind it */

#define CUE_SCOPES                                                                                               \
    (1u << CUE_DENY | 1u << CUE_STOP | 1u << CUE_DOUBT | 1u << CUE_SUPPOSE | 1u << CUE_ONLY | 1u << CUE_EXCEPT | \
     1u << CUE_NONE | 1u << CUE_NO | 1u << CUE_YES | 1u << CUE_CORRECT | 1u << CUE_NOT_DENY)

/* Begin a clause wherever they stand. */
#define CUE_PARTS (1u << CUE_STOP | 1u << CUE_EXCEPT)

/* A subject at i with its verb not far behind: "my arm is", "it feels". */
bool is_subject_verb(const struct work *w, size_t i) {
    uint32_t kinds = word_kinds(w, i);
    if (!(kinds & (WORD_SUBJECT | WORD_OWNER)))
        return false;
    if (kinds & WORD_SUBJECT && kinds & (WORD_BE | WORD_VERB))
        return true;
    for (size_t j = i + 1; j <= i + CLAUSE_VERB_WITHIN && j < w->count && w->words[j].before <= BEFORE_BRACKET; j++) {
        if (is_kind(w, j, WORD_VERB))
            return true;
        if (kinds & WORD_SUBJECT && !(kinds & WORD_GLUE) && j == i + 1 && w->tokens[j].word != 0 &&
            !is_kind(w, j, WORD_EMPTY | WORD_GLUE))
            return true; /* "I fainted": verbs of the open class follow a pronoun at once */
    }
    return false;
}

bool has_verb(const struct work *w, size_t i) {
    for (size_t j = i; j < w->count && (j == i || w->words[j].before <= BEFORE_BRACKET); j++)
        if (is_kind(w, j, WORD_VERB))
            return true;
    return false;
}

static bool is_list_item(const struct work *w, size_t i) {
    size_t length = 0;
    bool joint = false;
    size_t j = i;
    for (; j < w->count && (j == i || w->words[j].before <= BEFORE_BRACKET); j++) {
        length++;
        joint |= is_glue(w, j, GLUE_AND) || is_glue(w, j, GLUE_OR);
    }
    bool goes_on = j < w->count && w->words[j].before == BEFORE_COMMA;
    return length <= LIST_ITEM_TOKENS + (joint ? 2 : 0) && (joint || goes_on);
}

static enum edge_kind edge_before(const struct work *w, size_t i) {
    enum before before = (enum before)w->words[i].before;
    if (before >= BEFORE_NEWLINE)
        return EDGE_SENTENCE;
    if (before == BEFORE_COMMA) {
        if (is_kind(w, i, WORD_SUBJECT) || cue_begins(w, i, CUE_SCOPES) || has_verb(w, i))
            return EDGE_CLAUSE;
        return EDGE_ITEM;
    }
    if (before > BEFORE_NOTHING || cue_begins(w, i, CUE_PARTS))
        return EDGE_CLAUSE;
    return EDGE_NONE;
}

/* "and my arm is", "so I", "and now it feels": a clause of its own. */
static bool is_joint_clause(const struct work *w, size_t i) {
    enum glue g = word_glue(w, i);
    if (g != GLUE_AND && g != GLUE_BECAUSE && g != GLUE_SO)
        return false;
    size_t j = i + 1;
    if (j < w->count && (str_equal(w->words[j].folded, STR("now")) || str_equal(w->words[j].folded, STR("then"))))
        j++;
    if (is_subject_verb(w, j))
        return true;
    if (g != GLUE_AND)
        return false;
    return !is_glue(w, j, GLUE_NOT) &&
           cue_begins(w, j, 1u << CUE_DENY | 1u << CUE_DOUBT | 1u << CUE_SUPPOSE | 1u << CUE_OTHERS);
}

/* "My left eye, which won't close": tells more of the noun before it, unless that was denied or supposed. */
static bool is_relative(const struct work *w, size_t i) {
    if (!str_equal(w->words[i].folded, STR("which")) || w->words[i].before > BEFORE_COMMA)
        return false;
    size_t excepted = 0; /* the "unless" of "unless you count" supposes nothing */
    for (size_t c = 0; c < w->cue_count && w->cues[c].first < i; c++) {
        const struct hit *cue = &w->cues[c];
        bool unsaid = 1u << cue->phrase & (1u << CUE_DENY | 1u << CUE_NO | 1u << CUE_NONE | 1u << CUE_SUPPOSE | 1u << CUE_OTHERS);
        if (cue->phrase == CUE_EXCEPT)
            excepted = cue->last + 1u;
        else if (unsaid && cue->last >= excepted && w->tokens[cue->first].clause == w->tokens[i - 1].clause)
            return false;
    }
    return true;
}

void clauses_read(struct work *w) {
    const uint64_t joints = glue_bit(GLUE_AND) | glue_bit(GLUE_BECAUSE) | glue_bit(GLUE_SO);
    unsigned clause = 0, sentence = 0;
    bool any_part = any_cue(w, CUE_PARTS);
    if (!w->any_mark && !any_part && !any_glue(w, joints))
        return; /* one clause, as tokens begin */
    for (size_t i = 1; i < w->count; i++) {
        enum edge_kind edge = w->words[i].before > BEFORE_NOTHING || any_part ? edge_before(w, i) : EDGE_NONE;
        if (edge < EDGE_CLAUSE && joints >> w->words[i].glue & 1 && is_joint_clause(w, i))
            edge = EDGE_CLAUSE;
        w->words[i].edge = (uint8_t)edge;
        bool parts = edge >= EDGE_CLAUSE || (edge == EDGE_ITEM && !is_list_item(w, i));
        if (parts && !is_relative(w, i))
            clause += clause < UINT8_MAX;
        sentence += edge == EDGE_SENTENCE && sentence < UINT8_MAX;
        w->tokens[i].clause = (uint8_t)clause;
        w->tokens[i].sentence = (uint8_t)sentence;
    }
}

size_t sentence_end(const struct work *w, size_t i) {
    for (i++; i < w->count && w->words[i].edge != EDGE_SENTENCE; i++)
        ;
    return i;
}

size_t sentence_start(const struct work *w, size_t i) {
    while (i > 0 && w->words[i].edge != EDGE_SENTENCE)
        i--;
    return i;
}

size_t clause_end(const struct work *w, size_t i) {
    for (i++; i < w->count && w->words[i].edge < EDGE_CLAUSE; i++)
        ;
    return i;
}

size_t clause_start(const struct work *w, size_t i, enum edge_kind edge) {
    while (i > 0 && w->words[i].edge < edge)
        i--;
    return i;
}
