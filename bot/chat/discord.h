/* Discord as a bot: gateway version 10 in JSON and REST, as docs.discord.com describes them, and servers that are compatible.
 *
 * It hears what is said to it in private, what mentions it in a guild, its slash command, and clicks on its own buttons; it needs no
 * privileged intent. In a guild, what follows the first greeting is seen by one person only (ephemeral messages). A person is a
 * user id. */
#ifndef CHAT_DISCORD_H
#define CHAT_DISCORD_H

#include "chat/chat.h"

extern const struct chat_ops discord_ops;

#endif
