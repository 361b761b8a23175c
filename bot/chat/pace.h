/* How fast somebody may write to us: all share what we may send, so nobody has more of it than a person can use. A token bucket for all
 * whose keys have the same hash under a key of ours; no memory is needed for anybody new. */
#ifndef CHAT_PACE_H
#define CHAT_PACE_H

#include "core/str.h"

enum {
    PACE_BUCKETS = 256,
    PACE_BURST = 20,           /* messages of one sender at once */
    PACE_REFILL_MS = 3 * 1000, /* and one more each */
};

struct pace {
    unsigned char key[16];
    struct pace_bucket {
        int64_t filled_ms;
        unsigned used;
        bool told;
    } buckets[PACE_BUCKETS];
};

enum pace_verdict {
    PACE_FINE,
    PACE_TELL, /* too fast, for the first time since they were fine */
    PACE_FAST,
};

/* entropy: random, so that nobody can choose whose bucket to share. */
void pace_init(struct pace *p, const unsigned char entropy[16]);
enum pace_verdict pace_count(struct pace *p, struct str who, int64_t now_ms);

#endif
