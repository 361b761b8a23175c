/* A frame of Discord's gateway taken apart, its data unread: guilds of many people come as megabytes that we have no use for. */
#ifndef CHAT_DISCORD_FRAME_H
#define CHAT_DISCORD_FRAME_H

#include "core/str.h"

/* Slices of the frame. */
struct discord_frame {
    int64_t op;   /* -1: none */
    int64_t s;    /* sequence number; -1: none, or null */
    struct str t; /* the event's name as written; empty: none, or null */
    struct str d; /* the data's JSON; empty: none */
};

/* False where the text is no one JSON object. What the data holds is not checked. */
bool discord_frame_read(struct str text, struct discord_frame *f);

#endif
