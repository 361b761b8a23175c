/* One message, read: its tokens, the phrases found in it, each with its context, the quantities, and the shape of an answer.
 *
 * text_read() is a pure function of the message, the lexicon and the clock. It allocates in the arena only, and what it
 * returns lasts as long as the arena and the message. It knows nothing of findings: dialog/hear.h turns a reading into them. */
#ifndef TEXT_READING_H
#define TEXT_READING_H

#include "core/arena.h"
#include "text/lexicon.h"

enum {
    READING_TOKENS_MAX = 400, /* a message is read up to here; the rest is left and `cut` is set */
    READING_HITS_MAX = 256,
    READING_QUANTITIES_MAX = 32,
    READING_BYTES_MAX = 8192,
};

/* How a stretch of text is meant. */
enum context {
    CONTEXT_DENIED = 1 << 0,
    CONTEXT_DOUBT = 1 << 1,   /* maybe, not sure */
    CONTEXT_SUPPOSE = 1 << 2, /* what if, worried that */
    CONTEXT_OTHERS = 1 << 3,  /* somebody else's */
    CONTEXT_PAST = 1 << 4,    /* over: used to, years ago */
    CONTEXT_ASKED = 1 << 5,   /* inside a question that states nothing */
};

struct token {
    uint32_t word;         /* id of its stem in the lexicon, or 0 for a word it does not know */
    uint16_t start, length; /* bytes of the message */
    uint8_t clause;        /* 0, 1, 2 ...: clauses end at punctuation and at words like "but" */
    uint8_t sentence;
    uint8_t context;       /* enum context bits that reach this token */
    uint8_t flags;         /* enum token_flag */
};

enum token_flag {
    TOKEN_FILLER = 1 << 0,
    TOKEN_NUMBER = 1 << 1,   /* part of a quantity */
    TOKEN_MENDED = 1 << 2,   /* known only after mending a slip */
    TOKEN_CUE = 1 << 3,      /* part of a cue */
    TOKEN_GUESSED = 1 << 4,  /* mended by two edits or a split */
};

struct hit {
    uint32_t phrase;       /* the id that lexicon_add_phrase() gave */
    uint16_t first, last;  /* tokens, both included; of a "+" phrase from its first part to its last */
    uint8_t context;       /* enum context bits, of the words of the phrase together */
    uint8_t clause;
    bool mended;           /* a token of it was mended */
    uint32_t own;          /* bit n: token first + n is a word of the phrase, not one between its parts; tokens past 32 have none */
};

enum quantity_kind {
    QUANTITY_COUNT,    /* a bare number: "3", "a couple", "5-6", "8/10" (value 8) */
    QUANTITY_DURATION, /* value in hours: "two weeks", "3wks", "on and off for months", "a fortnight" */
    QUANTITY_AGO,      /* how long ago, in hours: "since Tuesday", "yesterday", "3 days ago", "this morning" */
    QUANTITY_AGE,      /* years: "29F", "45 year old", "aged 7", "6 yrs" after "son of" */
    QUANTITY_MG,
    QUANTITY_UNITS,    /* alcohol: "10 units" */
    QUANTITY_TIMES,    /* "twice", "three times": applies per `per` */
};

enum per { PER_NONE, PER_DAY, PER_WEEK, PER_MONTH };

struct quantity {
    enum quantity_kind kind;
    double value;          /* the midpoint of a range */
    double low, high;      /* equal to value where no range was said */
    enum per per;          /* "3 a day", "10 units a week", "daily" */
    uint16_t first, last;  /* tokens */
    uint8_t clause;
    uint8_t context;
    bool vague;            /* bare "months", "a while": a guess */
    bool of_person;        /* "I'm 31 weeks": said of somebody, and no length of anything */
};

/* The shape of the whole message as an answer. */
enum answer {
    ANSWER_YES = 1 << 0,    /* yes, in one of its forms */
    ANSWER_NO = 1 << 1,
    ANSWER_UNSURE = 1 << 2,
    ANSWER_NONE = 1 << 3,   /* none of those */
    ANSWER_ALL = 1 << 4,
    ANSWER_ONLY = 1 << 5,   /* only what is named: the rest is denied */
    ANSWER_EXCEPT = 1 << 6, /* all but what is named */
    ANSWER_CORRECT = 1 << 7, /* takes back what was said before */
    ANSWER_QUESTION = 1 << 8, /* the message asks something */
    ANSWER_SOCIAL = 1 << 9,   /* a greeting, thanks or an "ok" and nothing else */
    ANSWER_FINE = 1 << 10,    /* says that something is normal */
    ANSWER_NOT_FINE = 1 << 11, /* says that something is not */
    ANSWER_TIME = 1 << 12,    /* a time or a number of times and nothing else: "last night", "once, in 2015" */
};

/* Items of a list whose length only the caller knows: bit n is item n + 1, and from CHOICE_LAST on they count from its end. */
enum choice_bit {
    CHOICES_FROM_START = 15,
    CHOICE_LAST = CHOICES_FROM_START, /* the last; CHOICE_LAST + 1 is the last but one */
    CHOICES_FROM_END = 12,
    CHOICE_MIDDLE = CHOICE_LAST + CHOICES_FROM_END, /* "the middle one" */
    CHOICE_MIDDLE_TWO,
    CHOICE_REST,                                    /* those that the message does not name */
};

struct reading {
    struct str text;             /* the message, as given */
    const struct token *tokens;
    size_t token_count;
    const struct hit *hits;      /* by first token, longer first */
    size_t hit_count;
    const struct quantity *quantities; /* by first token */
    size_t quantity_count;
    const struct hit *cues;      /* what set the contexts, for `lippy explain`; phrase is an enum cue_kind */
    size_t cue_count;
    uint32_t cue_kinds;          /* bit n: there may be a cue of enum cue_kind n; without it there is none */
    unsigned answer;             /* enum answer bits */
    uint32_t chosen;             /* items of a list, by enum choice_bit: "the second one", "1 and 3", "b", "the last two" */
    uint32_t refused, doubted;   /* "no to the first, not sure about the third" */
    bool cut;                    /* longer than the limits: the end was not read */
};

/* Reads a message. now_s is the wall clock, seconds since 1970 UTC (for "since Tuesday"). Never fails on what the message holds:
 * invalid UTF-8, control characters and NULs are passed over. False only when the arena is full. */
bool text_read(const struct lexicon *l, struct str message, int64_t now_s, struct arena *a, struct reading *out);

/* The stem that token t was read as, for `lippy explain`; lasts as long as the lexicon. Empty for unknown words. */
struct str lexicon_stem(const struct lexicon *l, uint32_t word);

#endif
