#include "shell/render.h"

size_t render_parts(struct chat_part parts[RENDER_PARTS_MAX], const struct engine_reply *replies, size_t count, bool aside) {
    size_t n = 0;
    for (size_t i = 0; i < count && n < RENDER_PARTS_MAX; i++)
        if (replies[i].aside == aside)
            parts[n++] = (struct chat_part){
                .text = replies[i].text,
                .choices = replies[i].choices,
                .choice_count = replies[i].choice_count,
                .numbered = replies[i].numbered,
                .together = replies[i].together,
                .level = replies[i].level,
            };
    return n;
}
