/* Standard output, and whether it took what we wrote: a full disk or a reader that has gone is told once, at the end. */
#ifndef SHELL_OUTPUT_H
#define SHELL_OUTPUT_H

#include <stdbool.h>

/* Before anything is opened. A closed standard stream would be given to the first file or socket: a stand-in that cannot be read or
 * written takes its place. A closed pipe becomes an error of writing instead of a signal. */
void output_init(void);
/* Sends out what waits. False: something was lost, now or before; whoever talks may stop. */
bool output_flush(void);
/* The same, and complains on standard error. */
bool output_finish(void);

#endif
