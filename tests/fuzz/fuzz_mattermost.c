/* A Mattermost that may send and answer anything. */
#include "chat/mattermost.h"

#include <assert.h>

#include "core/url.h"

static const struct chat_ops *const ops = &mattermost_ops;
static const struct chat_value values[] = {{.text = STR_INIT("https://chat.test")}, {.text = STR_INIT("the-token")}, {.number = 0}};

static bool is_person(struct str who) { return who.len == 26; }

static bool is_path(struct str text) {
    struct url url;
    return url_parse(text, &url, NULL) && str_equal(url.authority, STR("chat.test")) && str_starts_with(url.path, STR("/api/v4/")) &&
           str_find(url.path, STR("..")) == SIZE_MAX && str_find(url.path, STR("%")) == SIZE_MAX;
}

static bool is_websocket(struct str url) { return str_starts_with(url, STR("wss://chat.test/api/v4/websocket?")); }

#include "fuzz_requests.h"
