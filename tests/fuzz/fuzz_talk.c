/* Any bytes as an example talk: it holds, or what does not is told. */
#include "fuzz.h"

#include "author/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct dialog *dialog;
    if (!dialog)
        dialog = fuzz_dialog(LIPPY_SOURCE_DIR "/tests/data/mini");
    struct buf out;
    buf_init_heap(&out);
    char *exact = fuzz_exact((struct str){(const char *)data, size});
    bool good = talk_play(&out, dialog, STR("some.talk"), (struct str){exact, size});
    assert(good || out.len > 0);
    free(exact);
    buf_finish(&out);
    return 0;
}
