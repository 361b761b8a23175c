#include "chat/pace.h"

#include <string.h>

#include "core/siphash.h"

void pace_init(struct pace *p, const unsigned char entropy[16]) {
    memset(p, 0, sizeof *p);
    memcpy(p->key, entropy, sizeof p->key);
}

enum pace_verdict pace_count(struct pace *p, struct str who, int64_t now_ms) {
    struct pace_bucket *b = &p->buckets[siphash(p->key, who) % PACE_BUCKETS];
    int64_t more = (now_ms - b->filled_ms) / PACE_REFILL_MS;
    b->used = more < b->used ? b->used - (unsigned)more : 0;
    b->filled_ms = b->used > 0 ? b->filled_ms + more * PACE_REFILL_MS : now_ms;
    if (b->used < PACE_BURST) {
        b->used++;
        b->told = false;
        return PACE_FINE;
    }
    bool told = b->told;
    b->told = true;
    return told ? PACE_FAST : PACE_TELL;
}
