/* Slack by Socket Mode and Web API (docs.slack.dev/apis/events-api/using-socket-mode), as an app's bot user.
 *
 * Two tokens: the app's opens connections, the bot's does all else. A websocket brings events in envelopes, each to be acknowledged
 * within three seconds; what we say goes by HTTP. Nothing is kept for a bot that is not connected: it reads the history then. */
#ifndef CHAT_SLACK_H
#define CHAT_SLACK_H

#include "chat/chat.h"

extern const struct chat_ops slack_ops;

#endif
