#include <time.h>

#include "core/civil.h"
#include "shell/console.h"

int64_t clock_now_ms(const struct clock_source *c) {
    if (c->fixed)
        return c->fixed_ms;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool clock_parse(struct str text, struct clock_source *out) {
    int64_t seconds;
    if (!civil_parse(text, &seconds))
        return false;
    *out = (struct clock_source){true, seconds * 1000};
    return true;
}
