/* UTF-8 (RFC 3629): checking and stepping. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "core/str.h"

/* Bytes of the code point at the start of s and its value; 0 at the end of s. A byte that starts no valid sequence
 * counts as one byte and gives U+FFFD. */
size_t utf8_next(struct str s, uint32_t *point);
/* Writes one code point, 1 to 4 bytes; out must hold 4. */
size_t utf8_put(uint32_t point, char *out);
bool utf8_is_valid(struct str s);
/* The longest head of s of at most limit bytes that does not cut a code point. */
struct str utf8_head(struct str s, size_t limit);
/* Columns of s on a terminal, roughly: code points less combining marks, wide ones counted twice. */
size_t utf8_columns(struct str s);

#endif
