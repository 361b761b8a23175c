/* What a platform wants to have again after a restart (CHAT_KEEP): a small file for each in the operator's state_dir, readable by
 * its owner only. Nothing of what people said is in it. */
#ifndef SHELL_STATE_H
#define SHELL_STATE_H

#include "core/str.h"

/* Replaces the file as a whole; an empty folder name, or a disk that refuses, only costs the comfort of it (a warning). */
void state_write(struct str folder, const char *name, struct str bytes);
/* On the heap; the empty str where there is none. state_free() frees it. */
struct str state_read(struct str folder, const char *name);
void state_free(struct str bytes);

#endif
