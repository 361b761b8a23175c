/* Private to text/: the closed classes of English that numbers, contexts and answers are read by. The table is in words.c;
 * a token knows its entry (work.h), so a test is one load and one mask. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "text/work.h"

/* clang-format off */
enum word_kind {
    WORD_ONES = 1 << 0,     /* zero ... nineteen */
    WORD_TENS = 1 << 1,     /* twenty ... ninety */
    WORD_SCALE = 1 << 2,    /* hundred, thousand */
    WORD_AMOUNT = 1 << 3,   /* couple, few, dozen: a number that may take "a" and "of" */
    WORD_PART = 1 << 4,     /* half, quarter */
    WORD_ARTICLE = 1 << 5,  /* a, an */
    WORD_ORDINAL = 1 << 6,  /* first ... tenth */
    WORD_OFTEN = 1 << 7,    /* once, twice, thrice */
    WORD_SPAN = 1 << 8,     /* a unit of time; value in hours */
    WORD_MG = 1 << 9,       /* value in mg */
    WORD_UNITS = 1 << 10,   /* of alcohol */
    WORD_VOLUME = 1 << 11,  /* ml, litre: a number before it counts nothing */
    WORD_WEEKDAY = 1 << 12, /* 0 Sunday ... 6 Saturday */
    WORD_MONTH = 1 << 13,   /* 1 ... 12 */
    WORD_DAY = 1 << 14,     /* today, yesterday; value in days back */
    WORD_FEAST = 1 << 15,   /* value month * 100 + day */
    WORD_DAYPART = 1 << 16, /* morning, night; value is its hour */
    WORD_OFTEN_PER = 1 << 17, /* daily, weekly; value an enum per */
    WORD_ABOUT = 1 << 18,   /* about, nearly: leaves the number as it is */
    WORD_SUBJECT = 1 << 19, /* i, it, she */
    WORD_OWNER = 1 << 20,   /* my, his, the: a noun follows */
    WORD_BE = 1 << 21,      /* is, feels, keeps: a finite verb that a state follows */
    WORD_VERB = 1 << 22,    /* any other finite verb of the closed classes */
    WORD_TURN = 1 << 23,    /* may stand before the subject in a question: is, do, can */
    WORD_SAY = 1 << 24,     /* say, think, noticed */
    WORD_GLUE = 1 << 25,    /* value is an enum glue */
    WORD_THIRD = 1 << 26,   /* he, her: somebody else */
    WORD_FIRST = 1 << 27,   /* i, my */
    WORD_EMPTY = 1 << 28,   /* says nothing by itself: "that", "of", "any" */
    WORD_SOCIAL = 1 << 29,  /* hello, thanks, ok */
    WORD_FINE = 1 << 30,    /* normal, fine: nothing is wrong */
};

enum glue {
    GLUE_NONE,
    GLUE_AND, GLUE_OR, GLUE_TO, GLUE_BETWEEN, GLUE_OF, GLUE_OUT, GLUE_ISH, GLUE_AGO, GLUE_SINCE, GLUE_FOR, GLUE_THIS,
    GLUE_LAST, GLUE_THE, GLUE_BEFORE, GLUE_AFTER, GLUE_ON, GLUE_IN, GLUE_AT, GLUE_OVER, GLUE_EVERY, GLUE_PER, GLUE_ALL,
    GLUE_OLD, GLUE_AGED, GLUE_NEW, GLUE_TIME, GLUE_TIMES, GLUE_SO, GLUE_MORE, GLUE_LESS, GLUE_NUMBER, GLUE_YO, GLUE_NOT,
    GLUE_NO, GLUE_THAT, GLUE_IF, GLUE_WHAT, GLUE_BECAUSE, GLUE_CLOCK, GLUE_SEX, GLUE_WAKING, GLUE_WEEKEND, GLUE_ONE,
    GLUE_HAPPY, GLUE_DECADE, GLUE_NTH, GLUE_LEAD, GLUE_OPTION,
    GLUE_COUNT,
};

/* clang-format on */

/* What ends before a token. */
enum edge_kind {
    EDGE_NONE,
    EDGE_ITEM,   /* a comma inside a list: "droop, weakness or slurring" */
    EDGE_CLAUSE, /* a new clause with a verb or a cue of its own */
    EDGE_SENTENCE,
};

extern const struct number_word word_of_no_kind;

static inline const struct number_word *word_entry(const struct work *w, size_t i) {
    uint16_t number = i < w->count ? w->words[i].number_word : 0;
    return number ? &number_words[number - 1] : &word_of_no_kind;
}
static inline uint32_t word_kinds(const struct work *w, size_t i) { return i < w->count ? w->words[i].kinds : 0; }
static inline enum glue word_glue(const struct work *w, size_t i) {
    return i < w->count ? (enum glue)w->words[i].glue : GLUE_NONE;
}

/* Whether one of the glues is anywhere in the message; glue_bit()s of them. */
static inline uint64_t glue_bit(enum glue g) { return UINT64_C(1) << g; }
static inline bool any_glue(const struct work *w, uint64_t glues) { return w->glues & glues; }
/* The same for cues; bits 1 << enum cue_kind. */
static inline bool any_cue(const struct work *w, uint32_t cues) { return w->cue_kinds & cues; }

static inline bool is_glue(const struct work *w, size_t i, enum glue g) { return word_glue(w, i) == g; }
static inline bool is_kind(const struct work *w, size_t i, uint32_t kinds) { return word_kinds(w, i) & kinds; }

/* In context.c; called by numbers_read(): what was long ago is over, unless it is said to go on. */
void context_of_times(struct work *w);

#endif
