/* Reads a dialog: YAML texts in, a const struct dialog out. Pure: the shell reads the files.
 *
 * Safe on any bytes: depth, nodes, bytes and aliases are bounded before a document is built. All problems of all files are
 * reported at once, with their place. */
#ifndef DIALOG_LOAD_H
#define DIALOG_LOAD_H

#include "core/arena.h"
#include "dialog/model.h"

enum {
    LOAD_FILE_BYTES_MAX = 1 << 20,
    LOAD_FILES_MAX = 64, /* those of used folders too */
    LOAD_USES_MAX = 4,
    LOAD_DEPTH_MAX = 12,
    LOAD_NODES_MAX = 50000, /* a file */
    LOAD_PROBLEMS_MAX = 100, /* kept; later ones are counted */
    LOAD_ARENA_BYTES_MAX = 64 << 20,
};

/* One file of the folder, or of one that the dialog builds on: then the name begins with that folder, "../english/words.yaml".
 * What follows the last / decides what is in it; files that are not *.yaml are the caller's to leave out. */
struct dialog_file {
    struct str name, bytes;
};

/* A hash of all names and texts, in the order given; the same for every run of the program. */
uint64_t dialog_files_hash(const struct dialog_file *files, size_t count);

/* A folder that the dialog builds on, as its way from the dialog's own, and where that is said. */
struct dialog_use {
    struct str folder, file;
    unsigned line, column;
};

struct problem {
    struct str file;
    unsigned line, column; /* from 1; 0: the whole file or dialog */
    struct str message;    /* a sentence without a full stop */
};

/* A list that grows on the heap; problems_finish() frees it and its strings. Zeroed is empty. */
struct problems {
    struct arena arena;
    struct problem *items;
    size_t count;
    size_t left_out; /* beyond LOAD_PROBLEMS_MAX */
};
void problems_init(struct problems *p);
void problems_finish(struct problems *p);
void problems_add(struct problems *p, struct str file, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* By file, line and column. */
void problems_sort(struct problems *p);

/* The folders under `uses` in dialog.yaml, at most LOAD_USES_MAX; texts last as long as the arena and the files. False after a problem
 * with the list itself; what dialog_load() will tell anyway is not told here. */
bool dialog_uses(const struct dialog_file *files, size_t count, struct arena *a, struct dialog_use *uses,
                 size_t *use_count, struct problems *problems);

/* NULL when there was any problem. Nothing of files is kept. A folder that others build on holds anything but a dialog.yaml, so it
 * cannot build on a third; what it defines need not be used, and its says may be replaced by the dialog's own. */
struct dialog *dialog_load(const struct dialog_file *files, size_t count, struct problems *problems);
/* The same into the caller's arena, which frees it: never dialog_free() it. What is in the arena points to nothing outside of it, and two
 * loads of the same files lay out the same: image.h makes an image of it. */
struct dialog *dialog_load_into(struct arena *a, const struct dialog_file *files, size_t count, struct problems *problems);
/* NULL is fine. */
void dialog_free(struct dialog *d);

#endif
