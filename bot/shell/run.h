/* `lippy run`: the bot in its chat rooms until it is told to stop. */
#ifndef SHELL_RUN_H
#define SHELL_RUN_H

#include "core/str.h"

/* Reads the configuration, or takes text for it where that is not empty, and config_path for its name; loads the dialogs, connects, and talks until SIGTERM or SIGINT; a second one ends it without
 * a goodbye. Gives the exit status: 0 after a goodbye, 1 the configuration or a dialog is wrong, 3 the server refuses us
 * for good, 4 the machine failed us. Messages go to stderr. */
int run_bot(const char *config_path, struct str text);

#endif
