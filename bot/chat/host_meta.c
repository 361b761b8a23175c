#include "chat/host_meta.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/url.h"

static const char *string_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool is_usable(const cJSON *link) {
    const char *rel = string_of(link, "rel"), *href = string_of(link, "href");
    struct url url;
    return rel && href && strcmp(rel, "urn:xmpp:alt-connections:websocket") == 0 && strlen(href) < HOST_META_URL_CAP &&
           url_parse(str_of(href), &url, NULL) && !url.http && url.tls && !url_is_numeric(url.host);
}

bool host_meta_websocket(struct str document, char out[HOST_META_URL_CAP], struct err *e) {
    cJSON *root = cJSON_ParseWithLength(document.ptr ? document.ptr : "", document.len);
    const cJSON *links = cJSON_GetObjectItemCaseSensitive(root, "links"), *link = NULL;
    bool found = false;
    if (cJSON_IsArray(links)) {
        cJSON_ArrayForEach(link, links) {
            if (!found && is_usable(link)) {
                snprintf(out, HOST_META_URL_CAP, "%s", string_of(link, "href"));
                found = true;
            }
        }
    }
    cJSON_Delete(root);
    return found ||
           err_set(e, ERR_PROTOCOL, root ? "host-meta.json names no wss address" : "host-meta.json is not JSON");
}
