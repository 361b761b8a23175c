/* Any bytes as a line to the consoles for programs: what comes out is always one line of JSON. */
#include "fuzz.h"

#include <cjson/cJSON.h>

#include "author/explain.h"
#include "engine/record.h"

/* One line, an object, UTF-8. */
static cJSON *check_line(struct str line) {
    const char *end = NULL;
    assert(line.len > 0 && utf8_is_valid(line) && str_find(line, STR("\n")) == SIZE_MAX);
    cJSON *json = cJSON_ParseWithOpts(line.ptr, &end, true);
    assert(cJSON_IsObject(json) && end == line.ptr + line.len);
    return json;
}

static void check_explained(const struct dialog *d, struct str line) {
    struct buf out;
    buf_init_heap(&out);
    explain_json_line(&out, d, line, FUZZ_NOW_MS / 1000);
    cJSON *json = check_line(buf_str(&out));
    assert(cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(json, "findings")));
    cJSON_Delete(json);
    buf_clear(&out);
    char *text = fuzz_exact((struct str){line.ptr, line.len});
    explain_text(&out, d, (struct str){text, line.len}, FUZZ_NOW_MS / 1000);
    assert(!out.failed && out.len > 0);
    free(text);
    buf_finish(&out);
}

/* Twice: into an open question as well. */
static void check_recorded(const struct dialog *const *d, struct str line) {
    static const struct engine_from from = {.platform = STR_INIT("fuzz"), .who = STR_INIT("them"), .addressed = true};
    struct engine *e = fuzz_engine(d);
    const struct engine_reply *replies;
    for (unsigned turn = 1; turn <= 2; turn++) {
        size_t count = engine_message(e, &from, line, FUZZ_NOW_MS, &replies);
        struct str record = record_turn(e, turn, &line, replies, count);
        cJSON *json = check_line(record);
        const cJSON *said = cJSON_GetObjectItemCaseSensitive(json, "replies");
        assert(cJSON_GetArraySize(said) == (int)count && count > 0);
        cJSON_Delete(json);
    }
    engine_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct dialog *dialog;
    if (!dialog)
        dialog = fuzz_dialog(LIPPY_SOURCE_DIR "/tests/data/mini");
    char *exact = fuzz_exact((struct str){(const char *)data, size});
    check_explained(dialog, (struct str){exact, size});
    check_recorded(&dialog, (struct str){exact, size});
    free(exact);
    return 0;
}
