#include "chat/json.h"

#include <string.h>

#include "core/utf8.h"

cJSON *json_read(struct str text) {
    const char *end = NULL;
    if (text.len == 0 || !utf8_is_valid(text))
        return NULL;
    cJSON *document = cJSON_ParseWithLengthOpts(text.ptr, text.len, &end, false);
    if (document && str_trim(str_slice(text, (size_t)(end - text.ptr), SIZE_MAX)).len == 0)
        return document;
    cJSON_Delete(document);
    return NULL;
}

const cJSON *json_at(const cJSON *object, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNull(member) ? NULL : member;
}

struct str json_str(const cJSON *object, const char *name) { return str_of(cJSON_GetStringValue(json_at(object, name))); }

int64_t json_int(const cJSON *object, const char *name, int64_t otherwise) {
    const cJSON *member = json_at(object, name);
    /* up to 2^53 a double holds every integer; ids, which are larger, are strings */
    bool fits = cJSON_IsNumber(member) && member->valuedouble >= -9007199254740992.0 && member->valuedouble <= 9007199254740992.0;
    return fits ? (int64_t)member->valuedouble : otherwise;
}

bool json_is_true(const cJSON *object, const char *name) { return cJSON_IsTrue(json_at(object, name)); }

void json_add_str(cJSON *object, const char *name, struct str value) {
    struct buf text;
    buf_init_heap(&text);
    while (value.len > 0) {
        uint32_t point;
        char bytes[4];
        size_t width = utf8_next(value, &point);
        if (point != 0)
            buf_add(&text, (struct str){bytes, utf8_put(point, bytes)});
        value = str_slice(value, width, SIZE_MAX);
    }
    cJSON_AddStringToObject(object, name, text.ptr && !text.failed ? text.ptr : "");
    buf_finish(&text);
}

void json_write(struct buf *out, cJSON *document) {
    char *text = cJSON_PrintUnformatted(document);
    if (text)
        buf_add(out, str_of(text));
    else
        out->failed = true;
    cJSON_free(text);
    cJSON_Delete(document);
}
