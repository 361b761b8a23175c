/* HTTP requests on their way to a platform: in order within a lane, repeated when the way or the server fails, held back when
 * the platform asks for it. Pure: the shell sends what courier_next() gives and reports with courier_done().
 *
 *     codec: CHAT_HTTP -> courier_add -> courier_next -> the shell sends -> courier_done -> courier_answer -> chat_ops.answered
 *
 * Repeated: no answer at all, 408, 425, 429 and 5xx, with backoff and full jitter (chat_backoff_ms(), at most a minute), or
 * after what Retry-After (RFC 9110 10.2.3) says. A request that is `once` is repeated only when it cannot have been done: 429,
 * 503 and a connection that did not come up. 401 is never repeated. Limits learnt: Retry-After, a JSON body's "retry_after",
 * X-RateLimit-Remaining with -Reset-After, and whether a limit is global (X-RateLimit-Global, -Scope, the body's "global"). */
#ifndef CHAT_COURIER_H
#define CHAT_COURIER_H

#include "chat/chat.h"

struct courier;

enum {
    COURIER_FLYING_MOST = 8,          /* at once */
    COURIER_TRIES_MOST = 8,           /* of one request */
    COURIER_WAITING_MOST = 1024,      /* requests held */
    COURIER_BYTES_MOST = 8 << 20,     /* of them */
    COURIER_AGE_MOST_MS = 10 * 60000, /* of a request, whatever else holds */
    COURIER_BAN_MS = 5 * 60000,       /* nothing is sent after a 403 or 429 with a page in HTML: our address is kept out */
};

/* NULL without memory. A platform's own ceiling: per_minute requests, `burst` of them at once. */
struct courier *courier_new(unsigned per_minute, unsigned burst);
void courier_free(struct courier *c); /* NULL is fine */

/* Takes a CHAT_HTTP; copies it. False: too many wait. */
bool courier_add(struct courier *c, const struct chat_out *http, int64_t now_ms);

/* What is to be sent now; false: nothing. The strings last until its courier_done(). */
struct courier_job {
    uint64_t ticket;
    const struct chat_out *http;
};
bool courier_next(struct courier *c, int64_t now_ms, struct courier_job *job);

/* What the shell saw. status 0: no answer. headers: "name: value" lines. arrived: the request may have reached the server. */
struct courier_result {
    unsigned status;
    struct str headers, body, why;
    bool arrived;
    uint32_t random; /* any 32 random bits, for the jitter */
};
void courier_done(struct courier *c, uint64_t ticket, const struct courier_result *result, int64_t now_ms);

/* An answer that is final. Lasts until the next call of it. */
bool courier_answer(struct courier *c, struct chat_answer *answer);
/* When to ask courier_next() again; INT64_MAX: when something changes. */
int64_t courier_due_ms(const struct courier *c, int64_t now_ms);
/* Requests that wait or fly. */
size_t courier_count(const struct courier *c);

/* The value of a header, trimmed; empty where there is none. A slice of headers. */
struct str courier_header(struct str headers, const char *name);
/* What a Retry-After says, "3" or "0.25" seconds, in milliseconds, rounded up and at most an hour; -1: it is none, or a date, which no
 * chat platform sends. */
int64_t courier_seconds_ms(struct str value);

#endif
