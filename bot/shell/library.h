/* Libraries that are loaded when something needs them: a talk in the terminal should not wait for those of the network. */
#ifndef SHELL_LIBRARY_H
#define SHELL_LIBRARY_H

#include "core/err.h"

/* The library by its soname. It stays for good: what lies beneath it registers things for the end of the program. NULL with ERR_IO. */
void *library_load(const char *soname, struct err *e);
/* Sets *function, a pointer to a function of any type. */
bool library_function(void *library, const char *name, void *function, struct err *e);

#endif
