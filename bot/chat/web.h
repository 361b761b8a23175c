/* The web: a page of our own, and a websocket for it. The room of those who have no chat server.
 *
 * Whoever opens the page gets a cookie that nobody can guess; it is all that tells one person from another, and only with it can a talk be
 * read. What was said is kept in memory, so that the page shows it again after a lost connection or in a second tab: within bounds, for
 * keep_hours after the last word, and never on disk. It goes at once when the person asks for that.
 *
 * Frames are JSON. From the page:
 *
 *     {"hello":NAME,"after":N}                first of all: the talk that it shows, and up to which message
 *     {"say":TEXT,"id":ID}                    the same id, the same message: a page sends again what it does not know to have arrived
 *     {"say":"2","as":"a weak arm","id":ID}   a quick reply, and what to show for it
 *
 * To the page:
 *
 *     {"talk":NAME}                           what follows is of this talk; a page that shows another begins anew. Empty: there is none yet
 *     {"n":N,"me":TEXT,"id":ID}               what the person said, in all tabs
 *     {"n":N,"parts":[{"text":..,"level":4,"choices":[..],"numbered":true,"together":9}]}
 *     {"live":true}                           that was all; from here on it is new
 *     {"had":ID}                              that message had arrived before
 *     {"wait":SECONDS,"id":ID}                too much at once: not taken, to be sent again after so long */
#ifndef CHAT_WEB_H
#define CHAT_WEB_H

#include "chat/chat.h"

extern const struct chat_ops web_ops;

#endif
