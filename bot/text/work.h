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
    uint32_t kinds;   /* enum word_kind bits, of text/words.h */
    double value;     /* a number, hours, a day, an enum glue: by kind */
};
extern const struct number_word number_words[];
extern const size_t number_word_count;

/* The strongest punctuation between a token and the one before it, weakest first. A hyphen or a slash inside a word ("upper-lip") is
 * none; so is the dot of "3.5" and "e.g.". */
enum before {
    BEFORE_NOTHING,
    BEFORE_BRACKET, /* ( ) [ ] { } */
    BEFORE_COLON,
    BEFORE_DASH, /* with a blank beside it, or "--" */
    BEFORE_COMMA,
    BEFORE_DOTS,    /* "..": a pause, no end */
    BEFORE_NEWLINE, /* from here on: the end of a sentence */
    BEFORE_STOP,    /* . ; */
    BEFORE_EXCLAIM,
    BEFORE_QUESTION,
};

/* Beside each token. A number is a token of its own: digits, with single . , / : - only between digits ("3.5", "8/10", "5-6",
 * "22:30"); letters that touch it are the next token ("2wks": "2", "wks"; "1st": "1", "st"). The words of an expansion share the bytes
 * of what was written ("can't": "can", "not"). */
struct word {
    struct str folded;    /* as written: lower case, marks stripped, no apostrophes; in the arena or the lexicon */
    uint32_t form;        /* the written form in the lexicon, or 0: for phrases that want the very form */
    uint32_t kinds;       /* enum word_kind (words.h); 0 for a word that number_words has not */
    uint16_t number_word; /* index into number_words + 1, or 0 */
    uint8_t flags;        /* enum form_flag (vocabulary.h), of its stem */
    uint8_t glue;         /* enum glue (words.h) */
    uint32_t cues;        /* bit n: a cue of enum cue_kind n begins here */
    uint8_t before;       /* enum before */
    uint8_t edge;         /* enum edge_kind of text/words.h; set by clauses_read() */
};

struct work {
    const struct lexicon *lexicon;
    struct arena *arena;
    int64_t now_s;
    struct token *tokens; /* out->tokens, writable */
    struct word words[READING_TOKENS_MAX]; /* parallel to tokens */
    size_t count;
    /* Of all words together: what is not here is not looked for. */
    uint32_t kinds;    /* enum word_kind bits */
    uint64_t glues;    /* bit n: a word of enum glue n */
    unsigned flags;    /* enum form_flag bits; a word that is not known as it is written may have any */
    uint32_t cue_kinds; /* bit n: a cue of enum cue_kind n */
    bool any_long_cue; /* some cue is of several words, or of kind NOT_DENY */
    bool any_mark;     /* punctuation stands between some tokens */
    bool any_digits;   /* some token begins with a digit */
    bool any_question; /* some "?" is there */
    bool any_mended;   /* some token is mended */
    struct hit *hits;  /* out->hits */
    size_t hit_count;
    struct hit *cues; /* out->cues; phrase is an enum cue_kind; by first token, longer first */
    size_t cue_count;
    struct quantity *quantities;
    size_t quantity_count;
    bool ends_in_question_mark; /* behind the last token; a question before it shows in the next token's `before` */
    bool double_denial;         /* "I can't say I haven't": set by context_read() */
    struct reading *out;
};

/* Both false when the arena is full. tokens_read() sets word, start, length and flags. */
bool tokens_read(struct work *w, struct str message);
/* All hits and all cues, those inside others too. Sequences of words do not go over a comma or the end of a sentence. */
bool phrases_read(struct work *w);
/* Sets clause and sentence of all tokens, from words[].before and from the cues. In clauses.c. */
void clauses_read(struct work *w);
void context_read(struct work *w);
bool numbers_read(struct work *w);
void answer_read(struct work *w);

#endif
