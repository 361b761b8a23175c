/* Plays an example talk (dialogs/README.md, "Talks") against a dialog: what authors write beside it, and ctest runs. */
#ifndef AUTHOR_TALK_H
#define AUTHOR_TALK_H

#include "core/buf.h"
#include "dialog/model.h"

/* True when every check held. Each that did not is a line in out: "coffee.talk:12: ...", with what the bot said. */
bool talk_play(struct buf *out, const struct dialog *d, struct str file, struct str text);

#endif
