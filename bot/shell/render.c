#include "shell/render.h"

static void render_choices(struct buf *out, const struct engine_reply *r) {
    for (size_t i = 0; i < r->choice_count; i++) {
        if (r->numbered)
            buf_printf(out, "\n%zu. ", i + 1);
        else
            buf_add(out, STR("\n- "));
        buf_add(out, r->choices[i]);
    }
}

void render_replies(struct buf *out, const struct engine_reply *replies, size_t count, bool aside, struct str nick) {
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (replies[i].aside != aside)
            continue;
        if (!first) {
            buf_add(out, STR("\n\n"));
        } else if (!str_is_empty(nick)) {
            buf_add(out, nick);
            buf_add(out, STR(": "));
        }
        first = false;
        buf_add(out, replies[i].text);
        render_choices(out, &replies[i]);
    }
}
