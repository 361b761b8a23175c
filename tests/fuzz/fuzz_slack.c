/* A Slack that may send and answer anything. */
#include "chat/slack.h"

#include <assert.h>

#include "core/url.h"

static const struct chat_ops *const ops = &slack_ops;
static const struct chat_value values[] = {
    {.text = STR_INIT("xapp-app")}, {.text = STR_INIT("xoxb-bot")}, {.text = STR_INIT("https://chat.test/api")}, {.number = 0}};

static bool is_person(struct str who) { return who.len > 1 && who.len <= 32; }

/* A method of the Web API, with a query in which nothing but what was meant has a meaning. */
static bool is_path(struct str text) {
    struct url url;
    struct str path;
    if (!url_parse(text, &url, NULL) || !str_equal(url.authority, STR("chat.test")) || !str_starts_with(url.path, STR("/api/")))
        return false;
    path = str_slice(url.path, strlen("/api/"), SIZE_MAX);
    for (size_t i = 0; i < path.len; i++)
        if (!str_is_letter(path.ptr[i]) && !(path.ptr[i] >= '0' && path.ptr[i] <= '9') && !strchr(".?&=%_-", path.ptr[i]))
            return false;
    return str_find(path, STR("..")) == SIZE_MAX || str_find(path, STR("?")) < str_find(path, STR(".."));
}

static bool is_websocket(struct str url) { return str_starts_with(url, STR("wss://")); }

#include "fuzz_requests.h"
