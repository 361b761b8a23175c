#include "chat/seen.h"

#include <string.h>

#include "core/siphash.h"

void seen_init(struct seen *s, const unsigned char entropy[16]) {
    memset(s, 0, sizeof *s);
    memcpy(s->key, entropy, sizeof s->key);
}

bool seen_first(struct seen *s, struct str id) {
    uint64_t hash = siphash(s->key, id);
    for (size_t i = 0; i < s->count; i++)
        if (s->ids[i] == hash)
            return false;
    s->ids[s->next] = hash;
    s->next = (s->next + 1) % SEEN_MOST;
    s->count += s->count < SEEN_MOST;
    return true;
}
