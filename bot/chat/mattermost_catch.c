#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/mattermost_work.h"

/* The channels we are in with newer posts than we know, then the posts of each since then, one request after the other. Servers before
 * 6.1 do not give that list; there it is the channels in which somebody has talked with us. */

void mm_lost(struct chat *c, const char *why) {
    if (c->done_ms == 0)
        return; /* there was nothing before */
    if (why && !c->catch.lost)
        mm_note(c, "%s; they are fetched", why);
    c->catch.lost = true;
    if (c->catch.failures == 0)
        c->catch.again_at_ms = c->now_ms;
    mm_keep_soon(c);
}

void mm_catch_up(struct chat *c) {
    struct mm_catch *k = &c->catch;
    if (!k->lost || k->running || c->phase != MM_READY || c->server_ms == 0 || c->now_ms < k->again_at_ms)
        return;
    k->lost = k->failed = false;
    k->running = true;
    k->since_ms = c->done_ms - MM_OVERLAP_MS;
    if (k->since_ms < c->server_ms - MM_HORIZON_MS)
        k->since_ms = c->server_ms - MM_HORIZON_MS;
    k->count = k->at = 0;
    k->serial = mm_request(c, MM_LIST, "/users/me/channels", NULL, (struct chat_out){.lane = STR("catch up")});
}

static void finish(struct chat *c) {
    struct mm_catch *k = &c->catch;
    k->running = false;
    if (k->failed) {
        int64_t pause_ms = (int64_t)MM_CATCH_AGAIN_MS << (k->failures < 7 ? k->failures++ : 7);
        mm_note(c, "what was missed cannot be fetched; tried again in %lld s", (long long)(pause_ms / 1000));
        k->lost = true;
        k->again_at_ms = c->now_ms + pause_ms;
        return;
    }
    k->failures = 0;
    if (k->lost)
        mm_catch_up(c);
    else
        c->done_ms = c->newest_ms;
    mm_keep_soon(c);
}

static void ask_next(struct chat *c) {
    struct mm_catch *k = &c->catch;
    char path[100];
    if (k->at == k->count) {
        finish(c);
        return;
    }
    snprintf(path, sizeof path, "/channels/%s/posts?since=%lld", k->places[k->at].channel, (long long)k->since_ms);
    k->serial = mm_request(c, MM_POSTS, path, NULL, (struct chat_out){.lane = STR("catch up")});
}

static void add_place(struct mm_catch *k, struct str channel, bool direct) {
    if (k->count == MM_CATCH_MOST || !mm_is_id(channel))
        return;
    struct mm_place *p = &k->places[k->count++];
    mm_copy(p->channel, sizeof p->channel, channel);
    mm_copy(p->user, sizeof p->user, direct ? STR("D") : STR_NONE);
}

static void add_known_places(struct chat *c) {
    for (size_t back = 1; back <= MM_PLACES; back++) {
        const struct mm_place *p = &c->places[(c->place_next + MM_PLACES - back) % MM_PLACES];
        if (p->channel[0])
            add_place(&c->catch, str_of(p->channel), p->user[0] != '\0');
    }
}

void mm_on_list(struct chat *c, uint64_t serial, const struct chat_answer *a) {
    struct mm_catch *k = &c->catch;
    if (!k->running || serial != k->serial)
        return;
    cJSON *list = a->status == 200 ? json_read(a->body) : NULL;
    const cJSON *channel;
    if (cJSON_IsArray(list)) {
        cJSON_ArrayForEach(channel, list) {
            if (json_int(channel, "last_post_at", INT64_MAX / 1024) >= k->since_ms)
                add_place(k, json_str(channel, "id"), str_equal(json_str(channel, "type"), STR("D")));
        }
    } else if (a->status == 404 || a->status == 400 || a->status == 403) {
        add_known_places(c);
    } else {
        k->failed = true;
    }
    cJSON_Delete(list);
    ask_next(c);
}

/* The newest come first; and among those changed since then are older ones. */
static void take_posts(struct chat *c, const cJSON *answer, bool direct) {
    const cJSON *order = json_at(answer, "order"), *posts = json_at(answer, "posts");
    for (const cJSON *id = order && order->child ? order->child->prev : NULL; id; id = id == order->child ? NULL : id->prev) {
        const char *name = cJSON_GetStringValue(id);
        const cJSON *post = name ? json_at(posts, name) : NULL;
        bool ours = post && str_equal(json_str(post, "user_id"), str_of(c->me));
        if (post && (ours || json_int(post, "create_at", 0) >= c->catch.since_ms))
            mm_take_post(c, post, direct ? STR("D") : STR_NONE, STR_NONE);
    }
}

void mm_on_posts(struct chat *c, uint64_t serial, const struct chat_answer *a) {
    struct mm_catch *k = &c->catch;
    if (!k->running || serial != k->serial)
        return;
    cJSON *answer = a->status == 200 ? json_read(a->body) : NULL;
    if (cJSON_IsObject(answer))
        take_posts(c, answer, k->places[k->at].user[0] != '\0');
    else if (a->status != 403 && a->status != 404) /* we have been taken out of it */
        k->failed = true;
    cJSON_Delete(answer);
    k->at++;
    ask_next(c);
}
