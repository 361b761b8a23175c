/* Replies as plain text for a chat: what a person sees in a room or in private. */
#ifndef SHELL_RENDER_H
#define SHELL_RENDER_H

#include "core/buf.h"
#include "engine/engine.h"

/* Adds those of the replies whose `aside` is as given, as one message: texts with an empty line between them, quick
 * replies as a list. nick, where not empty, is put in front: "ann: ...". Adds nothing when there is no such reply. */
void render_replies(struct buf *out, const struct engine_reply *replies, size_t count, bool aside, struct str nick);

#endif
