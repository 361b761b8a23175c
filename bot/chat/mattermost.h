/* Mattermost as a bot account: the websocket of API v4 for what others do, REST for what we do (api.mattermost.com; what servers really
 * do was measured on 5.37, and decides where the two differ).
 *
 * A talk in a channel is a thread: its room is channel and thread, and answers go into it. A person is a user id. */
#ifndef CHAT_MATTERMOST_H
#define CHAT_MATTERMOST_H

#include "chat/chat.h"

extern const struct chat_ops mattermost_ops;

#endif
