/* What the codecs of JSON platforms share: reading with absent, null and of another type alike, ids as strings, and writing.
 * Documents come from cJSON and are freed with cJSON_Delete(); strings last as long as their document. */
#ifndef CHAT_JSON_H
#define CHAT_JSON_H

#include <cjson/cJSON.h>

#include "core/buf.h"
#include "core/str.h"

/* NULL where it is not one whole document, or not UTF-8. */
cJSON *json_read(struct str text);
/* A member, or NULL; null is NULL. */
const cJSON *json_at(const cJSON *object, const char *name);
/* A string member, or the empty str. */
struct str json_str(const cJSON *object, const char *name);
/* A number member as an integer, or otherwise. */
int64_t json_int(const cJSON *object, const char *name, int64_t otherwise);
bool json_is_true(const cJSON *object, const char *name);

/* Adds a string that need not have a NUL behind it; invalid UTF-8 becomes U+FFFD. */
void json_add_str(cJSON *object, const char *name, struct str value);
/* Adds the document as one line to out, and frees it. */
void json_write(struct buf *out, cJSON *document);

#endif
