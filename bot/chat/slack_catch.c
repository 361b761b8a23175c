#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_work.h"

/* The history of each place where people have talked with us, since the last message that came, one request after the other. It needs no
 * connection, but waits for one: what comes from then on, the connection brings. */

void slack_lost(struct chat *c) {
    if (c->newest[0] == '\0')
        return; /* there was nothing before */
    if (!c->catch.lost && !c->catch.running)
        memcpy(c->done, c->newest, sizeof c->done);
    c->catch.lost = true;
    if (c->catch.failures == 0)
        c->catch.again_at_ms = c->now_ms;
}

/* A little before all that has been looked at: events do not come in order. */
static void add_oldest(struct buf *url, struct str done) {
    struct str fraction = done, whole = str_cut(&fraction, '.');
    uint64_t seconds = 0;
    char text[SLACK_TS_SIZE + 16];
    str_to_u64(whole, &seconds);
    seconds = seconds > SLACK_CATCH_BACK_S ? seconds - SLACK_CATCH_BACK_S : 0;
    snprintf(text, sizeof text, "%llu.%.*s", (unsigned long long)seconds, STR_ARG(fraction));
    slack_add_query(url, "oldest", str_of(text));
}

static void ask(struct chat *c, struct str cursor) {
    const struct slack_place *p = &c->catch.places[c->catch.at];
    struct buf url;
    char limit[12];
    buf_init_heap(&url);
    buf_add(&url, p->thread[0] ? STR("conversations.replies") : STR("conversations.history"));
    slack_add_query(&url, "channel", str_of(p->channel));
    if (p->thread[0])
        slack_add_query(&url, "ts", str_of(p->thread));
    add_oldest(&url, str_of(c->done));
    snprintf(limit, sizeof limit, "%d", SLACK_PAGE);
    slack_add_query(&url, "limit", str_of(limit));
    if (cursor.len > 0)
        slack_add_query(&url, "cursor", cursor);
    c->catch.serial = slack_request(c, SLACK_HISTORY, url.ptr ? url.ptr : "", NULL, (struct chat_out){.lane = STR("catch up")});
    buf_finish(&url);
}

static void finish(struct chat *c) {
    struct slack_catch *k = &c->catch;
    k->running = false;
    if (k->failed) {
        int64_t pause_ms = (int64_t)SLACK_CATCH_AGAIN_MS << (k->failures < 7 ? k->failures++ : 7);
        slack_note(c, "what was missed cannot be read; tried again in %lld s", (long long)(pause_ms / 1000));
        k->lost = true;
        k->again_at_ms = c->now_ms + pause_ms;
        return;
    }
    k->failures = 0;
    if (k->lost)
        slack_catch_up(c);
    slack_keep_soon(c);
}

static void ask_next(struct chat *c) {
    c->catch.pages = 0;
    cJSON_Delete(c->catch.found);
    c->catch.found = cJSON_CreateArray();
    if (c->catch.at == c->catch.count)
        finish(c);
    else
        ask(c, STR_NONE);
}

void slack_catch_up(struct chat *c) {
    struct slack_catch *k = &c->catch;
    if (!k->lost || k->running || c->phase != SLACK_READY || c->now_ms < k->again_at_ms)
        return;
    k->lost = k->failed = false;
    k->running = true;
    k->count = k->at = 0;
    for (size_t back = 1; back <= SLACK_PLACES; back++) {
        const struct slack_place *p = &c->places[(c->place_next + SLACK_PLACES - back) % SLACK_PLACES];
        if (p->channel[0])
            k->places[k->count++] = *p;
    }
    ask_next(c);
}

static int by_time(const void *a, const void *b) {
    return slack_ts_compare(json_str(*(const cJSON *const *)a, "ts"), json_str(*(const cJSON *const *)b, "ts"));
}

/* The oldest first, whichever way they came. A thread's first message comes with its answers, however old it is. */
static void take_found(struct chat *c, const struct slack_place *p) {
    size_t n = (size_t)cJSON_GetArraySize(c->catch.found), i = 0;
    const cJSON *message, **sorted = calloc(n + 1, sizeof *sorted);
    if (!sorted)
        return;
    cJSON_ArrayForEach(message, c->catch.found) sorted[i++] = message;
    qsort(sorted, n, sizeof *sorted, by_time);
    for (i = 0; i < n; i++)
        if (!p->thread[0] || !str_equal(json_str(sorted[i], "ts"), str_of(p->thread)))
            slack_take_message(c, sorted[i], str_of(p->channel), p->user[0] != '\0');
    free(sorted);
}

void slack_on_history(struct chat *c, uint64_t serial, const struct slack_reply *r) {
    struct slack_catch *k = &c->catch;
    if (!k->running || serial != k->serial)
        return;
    cJSON *messages = cJSON_DetachItemFromObjectCaseSensitive(r->body, "messages");
    struct str cursor = json_str(json_at(r->body, "response_metadata"), "next_cursor");
    for (cJSON *m; r->verdict == SLACK_FINE && (m = cJSON_DetachItemFromArray(messages, 0));)
        cJSON_AddItemToArray(k->found, m);
    cJSON_Delete(messages);
    if (r->verdict == SLACK_FINE && cursor.len > 0 && ++k->pages < SLACK_PAGES_MOST) {
        ask(c, cursor);
        return;
    }
    k->failed |= r->verdict == SLACK_LOST || r->verdict == SLACK_AGAIN;
    if (r->verdict == SLACK_REFUSED && !c->told_scope) /* or we have been taken out of the channel */
        slack_note(c, "what was missed in a channel cannot be read: %.*s", STR_ARG(r->error));
    c->told_scope |= r->verdict == SLACK_REFUSED;
    take_found(c, &k->places[k->at]);
    k->at++;
    ask_next(c);
}
