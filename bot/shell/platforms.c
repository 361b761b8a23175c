#include "shell/platforms.h"

#include "chat/discord.h"
#include "chat/irc.h"
#include "chat/mattermost.h"
#include "chat/slack.h"
#include "chat/web.h"
#include "chat/xmpp.h"

const struct chat_ops *const platforms[] = {
    &web_ops,
    &xmpp_ops,
    &irc_ops,
    &mattermost_ops,
    &discord_ops,
    &slack_ops,
};

const size_t platform_count = sizeof platforms / sizeof *platforms;
_Static_assert(sizeof platforms / sizeof *platforms <= PLATFORMS_MAX, "config.h has room for so many");
