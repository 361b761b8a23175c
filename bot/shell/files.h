/* Dialog folders on disk: what the pure loader may not read itself. */
#ifndef SHELL_FILES_H
#define SHELL_FILES_H

#include <sys/types.h>

#include "core/err.h"
#include "dialog/load.h"

/* The *.yaml files of a folder (not of those inside it), by name: regular files, of at most LOAD_FILE_BYTES_MAX each and
 * LOAD_FILES_MAX in number; hidden ones are passed over. All in the arena. ERR_IO and ERR_LIMIT name the file. */
bool files_read_dir(struct str dir, struct arena *a, struct dialog_file **files, size_t *count, struct err *e);

/* A whole regular file of at most LOAD_FILE_BYTES_MAX, in the arena. */
bool files_read(struct str path, struct arena *a, struct str *bytes, struct err *e);

/* Puts a file with these bytes and rights in the place of the one at path, whole or not at all: who reads the old one keeps it. */
bool files_replace(const char *path, struct str bytes, mode_t mode, struct err *e);

/* The files of a dialog's folder and of those it builds on, which are looked for from there. What cannot be read is a problem. */
bool files_read_dialog(const char *dir, struct arena *a, struct dialog_file **files, size_t *count, struct problems *problems);

/* The second half of that: adds the files of the folders that these files say they build on; or of those that the caller knows of. */
bool files_read_uses(const char *dir, struct arena *a, struct dialog_file **files, size_t *count, struct problems *problems);
bool files_read_used(const char *dir, const struct dialog_use *uses, size_t use_count, struct arena *a,
                     struct dialog_file **files, size_t *count, struct problems *problems);

/* Reads and loads a folder; NULL when there was any problem, also that it cannot be read. dialog_free() it. */
struct dialog *dialog_load_dir(const char *dir, struct problems *problems);

#endif
