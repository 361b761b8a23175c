/* The engine's replies as the parts of one message for a chat platform. */
#ifndef SHELL_RENDER_H
#define SHELL_RENDER_H

#include "chat/chat.h"
#include "engine/engine.h"

enum { RENDER_PARTS_MAX = 2 * TURN_REPLIES_MAX };

/* Those of the replies whose `aside` is as given; returns how many. They borrow the replies' strings. */
size_t render_parts(struct chat_part parts[RENDER_PARTS_MAX], const struct engine_reply *replies, size_t count, bool aside);

#endif
