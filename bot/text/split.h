/* Private to text/: folded text cut into pieces: words, numbers and single symbols, with the punctuation before each. */
#ifndef TEXT_SPLIT_H
#define TEXT_SPLIT_H

#include "text/fold.h"

enum piece_kind {
    PIECE_WORD,   /* letters, with apostrophes between them; a dotted acronym without its dots ("e.g." is "eg") */
    PIECE_NUMBER, /* digits, with single . , / : - between them */
    PIECE_SYMBOL, /* one symbol: & + @ or an emoji; of use only where an expansion is made of it */
};

struct piece {
    const char *text; /* in the folded text; FOLD_SLACK bytes are readable behind it */
    size_t len;
    uint32_t hash;     /* fold_hash() of it */
    size_t start, end; /* bytes of the folded text; wider than len where dots were left out */
    enum piece_kind kind;
    uint8_t before; /* enum before */
    bool apostrophe;
};

struct splitter {
    char *text;
    size_t len, at;
};

/* The next piece; false at the end, with p->before telling what stands behind the last piece. Takes the dots out of acronyms in
 * s->text. */
bool split_next(struct splitter *s, struct piece *p);

/* How many letters begin at p, a-z and bytes from 0x80: eight at a time, since most words are no longer. FOLD_SLACK ends the text. */
static inline size_t split_letters(const char *p) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
    for (size_t n = 0;; n += 8) {
        uint64_t x = fold_load(p + n), low = x & ~highs;
        uint64_t letters = (((low + ones * (0x80 - 'a')) & ~(low + ones * (0x80 - 'z' - 1))) | x) & highs;
        if (letters != highs)
            return n + fold_first_byte(letters ^ highs);
    }
}

#endif
