#define _GNU_SOURCE /* strptime */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shell/console.h"

int64_t clock_now_ms(const struct clock_source *c) {
    if (c->fixed)
        return c->fixed_ms;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool clock_parse(struct str text, struct clock_source *out) {
    char copy[32];
    if (text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    struct tm tm = {0};
    const char *end = strptime(copy, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || *end)
        return false;
    *out = (struct clock_source){true, (int64_t)timegm(&tm) * 1000};
    return true;
}
