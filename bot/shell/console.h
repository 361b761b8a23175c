/* Lippy in a terminal, for people and for programs. */
#ifndef SHELL_CONSOLE_H
#define SHELL_CONSOLE_H

#include "engine/engine.h"

/* The wall clock, or one that stands still. */
struct clock_source {
    bool fixed;
    int64_t fixed_ms;
};
int64_t clock_now_ms(const struct clock_source *c);
/* "2026-01-31T12:00:00Z". */
bool clock_parse(struct str text, struct clock_source *out);

/* A talk for people: wrapped text, numbered quick replies, bold on a terminal only. Ends at the end of input or with Ctrl-C.
 * False where standard input could not be read; whether standard output took it all is the caller's to ask. */
bool console_talk(struct engine *e, const struct clock_source *clock);
/* One message a line in, one JSON object a line out; the first is the greeting. False as above. */
bool console_json(struct engine *e, const struct clock_source *clock);

#endif
