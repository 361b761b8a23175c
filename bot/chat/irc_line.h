/* One line of IRC taken apart (RFC 1459 section 2.3.1, IRCv3 message-tags). */
#ifndef CHAT_IRC_LINE_H
#define CHAT_IRC_LINE_H

#include "core/str.h"

enum { IRC_PARAMS_MOST = 15 };

/* Slices of the line. */
struct irc_line {
    struct str tags;   /* without the '@' */
    struct str source; /* nick!user@host, or a server; without the ':' */
    struct str nick;   /* of source */
    struct str command;
    struct str params[IRC_PARAMS_MOST];
    size_t param_count;
};

/* False where there is no command. Line ends and blanks at the end are ignored. */
bool irc_line_read(struct str text, struct irc_line *line);
/* A tag's value as sent; *there tells an empty one from none. A slice of the tags. */
struct str irc_line_tag(const struct irc_line *line, const char *name, bool *there);
/* The parameter, or the empty str. */
struct str irc_line_param(const struct irc_line *line, size_t i);

#endif
