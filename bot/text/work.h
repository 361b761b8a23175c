/* Private to text/: a message while it is being read. text_read() runs the stages in this order; each adds to what the ones before it left.
 *
 *     tokens_read     split, fold, expand, look up words, mend slips
 *     phrases_read    phrases and cues over the stems; calls clauses_read once the cues are known, before it joins the
 *                     parts of "+" phrases (which must share a clause)
 *     context_read    cues -> context bits of tokens and of hits
 *     numbers_read    quantities
 *     answer_read     the shape of the whole message as an answer */
#ifndef TEXT_WORK_H
#define TEXT_WORK_H

#include "text/reading.h"

/* Built-in English words that the stages know by number, so that a run-time test is one comparison: number words, units, days, months,
 * and the closed classes of the grammar ("and", "is", "my"). numbers.c has the table; the lexicon puts them into its vocabulary and
 * keeps the number beside each word, by the written form and not by the stem. 0 is none. */
struct number_word {
    const char *word; /* folded, as written, not stemmed */
    uint8_t kind;     /* enum word_kind, private to numbers.c, context.c and answer.c */
    double value;
};
extern const struct number_word number_words[];
extern const size_t number_word_count;

/* Beside each token. */
struct word {
    struct str folded;    /* lower case, marks stripped; in the arena or the message */
    uint16_t number_word; /* index into number_words + 1, or 0 */
};

struct work {
    const struct lexicon *lexicon;
    struct arena *arena;
    int64_t now_s;
    struct token *tokens; /* out->tokens, writable */
    struct word *words;   /* parallel to tokens */
    size_t count;
    struct hit *hits;     /* out->hits */
    size_t hit_count;
    struct hit *cues;     /* out->cues; phrase is an enum cue_kind; by first token, longer first */
    size_t cue_count;
    struct quantity *quantities;
    size_t quantity_count;
    bool ends_in_question_mark;
    struct reading *out;
};

bool tokens_read(struct work *w, struct str message);
void phrases_read(struct work *w);
/* Sets clause and sentence of all tokens, from what stands between them in out->text and from the cues. In context.c. */
void clauses_read(struct work *w);
void context_read(struct work *w);
void numbers_read(struct work *w);
void answer_read(struct work *w);

#endif
