/* Private to text/: a message in plain letters: lower case, marks stripped, typographic characters as their ASCII kin.
 *
 * ASCII needs one pass of eight bytes at a time; anything else goes through utf8proc (NFKC, case folding, marks stripped), character by
 * character, and then every folded byte knows the bytes of the message that it came from. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "core/arena.h"

enum { FOLD_SLACK = 16 }; /* zero bytes behind the folded text, so that words are read eight bytes at a time */

/* Where a folded byte came from: bytes [from, to) of the message. */
struct origin {
    uint16_t from, to;
};

struct folded {
    char *text; /* letters are a-z and bytes from 0x80; anything that is no letter, digit or known punctuation is a blank */
    size_t len;
    const struct origin *origins; /* NULL: byte n came from byte n */
    bool cut;                     /* the text was too long to be folded to its end */
};

/* Folds s (at most READING_BYTES_MAX bytes) into the arena. Symbols such as emoji stay, each between blanks. Bytes that are no UTF-8
 * become blanks. False when the arena is full. */
bool fold(struct str s, struct arena *a, struct folded *out);

/* The quick way: false at the first byte that is no ASCII. out has room for s.len + FOLD_SLACK bytes and gets zeros behind the text. */
bool fold_ascii(struct str s, char *out);

/* A hash of len bytes at text; reads up to 8 bytes behind them. */
uint32_t fold_hash(const char *text, size_t len);

#endif
