/* IRC over WebSocket (ircv3.net/specs/extensions/websocket) as a client bot: RFC 1459 and 2812 as spoken today (modern.ircdocs.horse),
 * IRCv3 capability negotiation 302, SASL PLAIN, message-tags, server-time, echo-message, batch, bot mode.
 *
 * One line a frame, without its line end. A person is nick!user@host, in lower case: whoever takes a nick over is somebody else. */
#ifndef CHAT_IRC_H
#define CHAT_IRC_H

#include "chat/chat.h"

extern const struct chat_ops irc_ops;

#endif
