/* One turn as a line of JSON (RFC 8259): what `lippy console --json` writes. */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/engine.h"

/* The turn that gave these replies; text NULL: the greeting. In the turn's arena: lasts until the next message.
 * The empty str where the arena is full, which takes a text of more than 2 MB. */
struct str record_turn(struct engine *e, unsigned number, const struct str *text, const struct engine_reply *replies,
                       size_t count);

#endif
