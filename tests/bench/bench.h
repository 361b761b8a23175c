/* The benchmark: what a turn costs in one thread, and what is left of it over a websocket. Prints one JSON line each. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>

#include "core/arena.h"
#include "engine/engine.h"

/* A stream of `user<TAB>message` lines. */
struct stream {
    struct str *users, *messages;
    size_t count;
};
bool stream_read(const char *path, struct arena *a, struct stream *out);

/* The dialog of a folder with (scale - 1) times as many generated topics as it has rules, causes and topics. NULL after a message. */
struct dialog *bench_load(const char *dir, unsigned scale, const struct stream *stream);
struct engine *bench_engine(const struct dialog *d, size_t max_sessions);
double bench_now_s(void);

int bench_turns(int argc, char **argv);
int bench_ws(int argc, char **argv);

#endif
