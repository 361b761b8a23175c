/* The operator's log: one line an event on stderr, "2026-01-31T12:00:00.123Z warning ws: closed by the peer".
 *
 * Define LOG_MODULE above the include. Log ids, states, codes and lengths; never tokens, and never what people tell the
 * bot. What a peer wrote (a close reason) may be logged: control characters, marks that turn the direction of text and
 * invalid UTF-8 come out escaped, so a line stays one line. One thread. */
#ifndef SHELL_LOG_H
#define SHELL_LOG_H

#include "core/str.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Starts at LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* "error", "warning", "info", "debug"; false for anything else. */
bool log_level_from(struct str name, enum log_level *out);

/* From now on no line shows this text: "***" stands for it. A second line of defence behind not logging it. The text
 * is borrowed until log_forget(). Up to 32; texts under 4 bytes are not hidden, or half the log would be stars. */
void log_hide(struct str secret);
void log_forget(void);

/* Where lines go instead of stderr: whole lines with their line end. NULL: stderr again. For tests. */
typedef void log_sink_fn(void *user, struct str line);
void log_set_sink(log_sink_fn *sink, void *user);

/* A line longer than about 1000 bytes is cut. */
void log_line(enum log_level level, const char *module, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define LOG_AT(level, ...)                              \
    do {                                                \
        if ((level) <= log_get_level())                 \
            log_line((level), LOG_MODULE, __VA_ARGS__); \
    } while (0)
#define LOG_ERROR(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define LOG_WARN(...) LOG_AT(LOG_LEVEL_WARNING, __VA_ARGS__)
#define LOG_INFO(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_DEBUG(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
