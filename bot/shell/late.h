/* libcrypto and libwebsockets, without which only `run` cannot do: half of the time and of the memory of a program that just starts.
 *
 * late.c is linked into the program alone, and defines what we call of them by the same names; each call goes on to the library. So the
 * rest of the code includes their headers and calls them as ever, and the tests and the benchmark are linked with the libraries themselves.
 * Who uses one more of their functions adds a line to late.c; a test sees when the program needs the libraries again. */
#ifndef SHELL_LATE_H
#define SHELL_LATE_H

#include "core/err.h"

/* Before the first call of one of them. */
bool late_load(struct err *e);

#endif
