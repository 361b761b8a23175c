/* The one event loop of the process: descriptors, timers, signals, name look-ups. A thin cover over libuv.
 *
 * Everything runs on one thread; callbacks must be short and may free any watcher, their own too. Handles are freed by
 * their owner before loop_free(). Functions that make a handle return NULL only without memory. */
#ifndef SHELL_LOOP_H
#define SHELL_LOOP_H

#include "core/err.h"
#include "core/str.h"

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_signal;
struct loop_lookup;

typedef void loop_fn(void *user);

struct loop *loop_new(struct err *e);
/* Closes what is left and frees it. False: a name look-up hangs inside the C library and cannot be called off; the loop
 * stays allocated, and only _exit() ends the process at once. NULL is fine. */
bool loop_free(struct loop *l);
/* Until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Runs what is ready without waiting; for the orderly end of what lives on the loop. Not from a callback. */
void loop_drain(struct loop *l);
/* Milliseconds from an arbitrary start, never backwards; the time of this round of the loop. */
int64_t loop_now_ms(struct loop *l);
/* The uv_loop_t, for libraries that bring their own libuv code. */
void *loop_native(struct loop *l);

/* Runs fn once, delay_ms after loop_timer_set(); setting it again moves it. Delay 0: on the next round. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *user);
void loop_timer_set(struct loop_timer *t, int64_t delay_ms);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
/* NULL is fine. */
void loop_timer_free(struct loop_timer *t);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
/* Watches a descriptor, which stays the caller's; a bad one gives both events at once. */
typedef void loop_fd_fn(void *user, int events);
struct loop_fd *loop_fd_new(struct loop *l, int fd, loop_fd_fn *fn, void *user);
/* 0: watch nothing. */
void loop_fd_set(struct loop_fd *w, int events);
void loop_fd_free(struct loop_fd *w);

struct loop_signal *loop_signal_new(struct loop *l, int signum, loop_fn *fn, void *user);
void loop_signal_free(struct loop_signal *s);

/* Looks up a host name off the loop's thread. done is called once, never from within loop_lookup_new(), with up to
 * LOOP_LOOKUP_MAX numeric addresses in the resolver's order, or none and a reason in e; they last for the call, and the
 * handle is gone with it. */
enum { LOOP_LOOKUP_MAX = 8, LOOP_ADDRESS_CAP = 64 };
typedef void loop_lookup_fn(void *user, char (*addresses)[LOOP_ADDRESS_CAP], size_t count, const struct err *e);
struct loop_lookup *loop_lookup_new(struct loop *l, const char *host, int64_t timeout_ms, loop_lookup_fn *done,
                                    void *user);
/* done is not called any more. NULL is fine. */
void loop_lookup_cancel(struct loop_lookup *q);

#endif
