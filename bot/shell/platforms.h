/* The chat platforms of this program: one row each. */
#ifndef SHELL_PLATFORMS_H
#define SHELL_PLATFORMS_H

#include "chat/chat.h"

enum { PLATFORMS_MAX = 8 };

extern const struct chat_ops *const platforms[];
extern const size_t platform_count;

#endif
