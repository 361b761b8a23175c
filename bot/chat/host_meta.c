#include "chat/host_meta.h"

#include <stdio.h>

#include "chat/json.h"
#include "core/url.h"

static bool is_usable(const cJSON *link) {
    struct str href = json_str(link, "href");
    struct url url;
    return str_equal(json_str(link, "rel"), STR("urn:xmpp:alt-connections:websocket")) && href.len < HOST_META_URL_CAP &&
           url_parse(href, &url, NULL) && !url.http && url.tls && !url_is_numeric(url.host);
}

bool host_meta_websocket(struct str document, char out[HOST_META_URL_CAP], struct err *e) {
    cJSON *root = cJSON_ParseWithLength(document.ptr ? document.ptr : "", document.len);
    const cJSON *links = cJSON_GetObjectItemCaseSensitive(root, "links"), *link = NULL;
    bool found = false;
    if (cJSON_IsArray(links)) {
        cJSON_ArrayForEach(link, links) {
            if (!found && is_usable(link)) {
                snprintf(out, HOST_META_URL_CAP, "%.*s", STR_ARG(json_str(link, "href")));
                found = true;
            }
        }
    }
    cJSON_Delete(root);
    return found ||
           err_set(e, ERR_PROTOCOL, root ? "host-meta.json names no wss address" : "host-meta.json is not JSON");
}
