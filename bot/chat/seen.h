/* Which messages have been handled: platforms deliver some twice. Remembers the last SEEN_MOST ids by a 64-bit hash. */
#ifndef CHAT_SEEN_H
#define CHAT_SEEN_H

#include "core/str.h"

enum { SEEN_MOST = 1024 };

struct seen {
    unsigned char key[16];
    uint64_t ids[SEEN_MOST];
    size_t next, count;
};

/* entropy: random, so that nobody can make two ids collide. */
void seen_init(struct seen *s, const unsigned char entropy[16]);
/* True the first time an id comes. */
bool seen_first(struct seen *s, struct str id);

#endif
