#include "chat/courier.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "chat/outbox.h"

enum job_state { JOB_WAITING, JOB_FLYING, JOB_ANSWERED };

struct job {
    struct job *next;
    struct outbox own;    /* holds the one request */
    struct chat_out http; /* lent by it */
    enum job_state state;
    uint64_t ticket;
    int64_t added_ms, not_before_ms;
    unsigned tries;
    unsigned status;
    char *body, *why;
    size_t body_len, bytes;
};

struct courier {
    struct job *first; /* in the order they were added */
    struct job *lent;  /* whose answer is out */
    size_t count, bytes, flying;
    uint64_t tickets;
    int64_t closed_until_ms; /* a limit for all */
    unsigned per_minute, burst;
    int64_t tokens_milli, filled_ms; /* a token bucket, in thousandths */
};

struct courier *courier_new(unsigned per_minute, unsigned burst) {
    struct courier *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->per_minute = per_minute;
    c->burst = burst;
    c->tokens_milli = (int64_t)burst * 1000;
    c->closed_until_ms = c->filled_ms = INT64_MIN;
    return c;
}

static void job_free(struct job *j) {
    if (!j)
        return;
    outbox_finish(&j->own);
    free(j->body);
    free(j->why);
    free(j);
}

void courier_free(struct courier *c) {
    if (!c)
        return;
    job_free(c->lent);
    while (c->first) {
        struct job *next = c->first->next;
        job_free(c->first);
        c->first = next;
    }
    free(c);
}

size_t courier_count(const struct courier *c) { return c->count; }

bool courier_add(struct courier *c, const struct chat_out *http, int64_t now_ms) {
    size_t bytes = http->text.len + http->url.len;
    if (c->count >= COURIER_WAITING_MOST || bytes > COURIER_BYTES_MOST - c->bytes)
        return false;
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return false;
    outbox_init(&j->own, 1, SIZE_MAX);
    if (!outbox_push(&j->own, http)) {
        job_free(j);
        return false;
    }
    outbox_next(&j->own, &j->http);
    j->ticket = ++c->tickets;
    j->added_ms = j->not_before_ms = now_ms;
    j->bytes = bytes;
    struct job **end = &c->first;
    while (*end)
        end = &(*end)->next;
    *end = j;
    c->count++;
    c->bytes += bytes;
    return true;
}

/* ---- what may go ---- */

static void fill_bucket(struct courier *c, int64_t now_ms) {
    if (c->filled_ms == INT64_MIN)
        c->filled_ms = now_ms;
    int64_t full = (int64_t)c->burst * 1000, spent_ms = now_ms - c->filled_ms;
    c->filled_ms = now_ms;
    /* per_minute tokens a minute: per_minute / 60 thousandths a millisecond; the rest is too small to keep */
    c->tokens_milli = spent_ms > 3600000 ? full : c->tokens_milli + spent_ms * c->per_minute / 60;
    if (c->tokens_milli > full)
        c->tokens_milli = full;
}

static int64_t bucket_due_ms(const struct courier *c) {
    return c->tokens_milli >= 1000 ? INT64_MIN : c->filled_ms + (1000 - c->tokens_milli) * 60 / c->per_minute + 1;
}

/* Whether an earlier request of its lane is still under way. */
static bool is_behind(const struct courier *c, const struct job *j) {
    if (j->http.lane.len == 0)
        return false;
    for (const struct job *other = c->first; other != j; other = other->next)
        if (other->state != JOB_ANSWERED && str_equal(other->http.lane, j->http.lane))
            return true;
    return false;
}

static void answer(struct courier *c, struct job *j, const struct courier_result *r) {
    j->state = JOB_ANSWERED;
    j->status = r->status;
    j->body = malloc(r->body.len + 1);
    j->why = malloc(r->why.len + 1);
    j->body_len = j->body ? r->body.len : 0;
    if (j->body && r->body.len > 0)
        memcpy(j->body, r->body.ptr, r->body.len);
    if (j->why) {
        if (r->why.len > 0)
            memcpy(j->why, r->why.ptr, r->why.len);
        j->why[r->why.len] = '\0';
    }
    c->count--;
    c->bytes -= j->bytes;
}

static bool is_late(const struct job *j, int64_t now_ms) {
    return now_ms - j->added_ms > COURIER_AGE_MOST_MS || (j->http.at_ms != 0 && now_ms > j->http.at_ms);
}

bool courier_next(struct courier *c, int64_t now_ms, struct courier_job *job) {
    fill_bucket(c, now_ms);
    for (struct job *j = c->first; j; j = j->next)
        if (j->state == JOB_WAITING && is_late(j, now_ms))
            answer(c, j, &(struct courier_result){.why = STR("given up: it could not be sent in time")});
    if (c->flying >= COURIER_FLYING_MOST || now_ms < c->closed_until_ms || c->tokens_milli < 1000)
        return false;
    for (struct job *j = c->first; j; j = j->next) {
        if (j->state != JOB_WAITING || now_ms < j->not_before_ms || is_behind(c, j))
            continue;
        j->state = JOB_FLYING;
        j->tries++;
        c->flying++;
        c->tokens_milli -= 1000;
        *job = (struct courier_job){j->ticket, &j->http};
        return true;
    }
    return false;
}

int64_t courier_due_ms(const struct courier *c, int64_t now_ms) {
    int64_t due = INT64_MAX;
    for (const struct job *j = c->first; j; j = j->next) {
        if (j->state != JOB_WAITING || is_behind(c, j))
            continue;
        int64_t at = j->not_before_ms;
        if (at < c->closed_until_ms)
            at = c->closed_until_ms;
        if (at < bucket_due_ms(c))
            at = bucket_due_ms(c);
        due = at < due ? at : due;
    }
    if (c->flying >= COURIER_FLYING_MOST)
        return INT64_MAX;
    return due == INT64_MAX || due > now_ms ? due : now_ms;
}

/* ---- what the answer means ---- */

struct str courier_header(struct str headers, const char *name) {
    struct str wanted = str_of(name);
    while (headers.len > 0) {
        struct str line = str_cut(&headers, '\n');
        if (str_starts_with_nocase(line, wanted) && line.len > wanted.len && line.ptr[wanted.len] == ':')
            return str_trim(str_slice(line, wanted.len + 1, SIZE_MAX));
    }
    return STR_NONE;
}

int64_t courier_seconds_ms(struct str s) {
    enum { HOUR_S = 3600 };
    int64_t whole = 0, milli = 0, unit = 1000;
    bool point = false, digits = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && !point) {
            point = true;
        } else if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return -1;
        } else if (!point) {
            digits = true;
            whole = whole > HOUR_S ? whole : whole * 10 + (s.ptr[i] - '0');
        } else {
            unit /= 10;
            milli += unit > 0 ? unit * (s.ptr[i] - '0') : s.ptr[i] != '0';
        }
    }
    if (!digits)
        return -1;
    return whole >= HOUR_S ? HOUR_S * 1000 : whole * 1000 + milli;
}

static bool is_true(struct str s) { return str_equal_nocase(s, STR("true")) || str_equal_nocase(s, STR("global")); }

/* How long a refused request has to wait, and whether all others have to as well. -1: not told. */
static int64_t told_pause_ms(const struct courier_result *r, bool *global) {
    int64_t pause = courier_seconds_ms(courier_header(r->headers, "retry-after"));
    *global = is_true(courier_header(r->headers, "x-ratelimit-global")) || is_true(courier_header(r->headers, "x-ratelimit-scope"));
    cJSON *body = cJSON_ParseWithLength(r->body.ptr ? r->body.ptr : "", r->body.len);
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(body, "retry_after");
    if (cJSON_IsNumber(after) && after->valuedouble >= 0 && after->valuedouble <= 3600 &&
        (int64_t)(after->valuedouble * 1000) + 1 > pause)
        pause = (int64_t)(after->valuedouble * 1000) + 1;
    *global |= cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, "global"));
    cJSON_Delete(body);
    return pause;
}

/* A page where no page is due comes from what stands before the platform (Cloudflare): it keeps our address out, and the longer the more
 * is sent. */
static bool is_ban(const struct courier_result *r) {
    return (r->status == 403 || r->status == 429) && str_starts_with(str_trim(r->body), STR("<"));
}

static bool is_worth_another(const struct job *j, const struct courier_result *r) {
    if (j->tries >= COURIER_TRIES_MOST || (j->http.dialing && is_ban(r)))
        return false;
    if (r->status == 429)
        return true;
    if (j->http.dialing)
        return false;
    if (r->status == 503)
        return true;
    if (r->status == 0)
        return !j->http.once || !r->arrived;
    return !j->http.once && (r->status == 408 || r->status == 425 || r->status >= 500);
}

/* A lane with nothing left in its window waits for the next. */
static void mind_window(struct courier *c, const struct job *done, const struct courier_result *r, int64_t now_ms) {
    if (!str_equal(courier_header(r->headers, "x-ratelimit-remaining"), STR("0")))
        return;
    int64_t pause = courier_seconds_ms(courier_header(r->headers, "x-ratelimit-reset-after"));
    if (pause <= 0)
        return;
    for (struct job *j = c->first; j; j = j->next)
        if (j->state == JOB_WAITING && j->not_before_ms < now_ms + pause && str_equal(j->http.lane, done->http.lane))
            j->not_before_ms = now_ms + pause;
}

void courier_done(struct courier *c, uint64_t ticket, const struct courier_result *result, int64_t now_ms) {
    struct job *j = c->first;
    while (j && (j->ticket != ticket || j->state != JOB_FLYING))
        j = j->next;
    if (!j)
        return;
    c->flying--;
    bool global = false;
    mind_window(c, j, result, now_ms);
    if (is_ban(result) && !j->http.dialing) /* a dial has pauses of its own */
        c->closed_until_ms = now_ms + COURIER_BAN_MS;
    if (!is_worth_another(j, result)) {
        answer(c, j, result);
        return;
    }
    int64_t pause = result->status == 0 ? -1 : told_pause_ms(result, &global);
    if (pause < 0)
        pause = chat_backoff_ms(j->tries < 7 ? j->tries - 1 : 6, result->random);
    j->state = JOB_WAITING;
    j->not_before_ms = now_ms + pause;
    if (global && c->closed_until_ms < now_ms + pause)
        c->closed_until_ms = now_ms + pause;
}

bool courier_answer(struct courier *c, struct chat_answer *a) {
    job_free(c->lent);
    c->lent = NULL;
    for (struct job **at = &c->first; *at; at = &(*at)->next) {
        struct job *j = *at;
        if (j->state != JOB_ANSWERED)
            continue;
        *at = j->next;
        c->lent = j;
        *a = (struct chat_answer){.number = j->http.number,
                                  .status = j->status,
                                  .body = {j->body ? j->body : "", j->body_len},
                                  .why = str_of(j->why)};
        return true;
    }
    return false;
}
