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
    LOAD_FILES_MAX = 64,
    LOAD_DEPTH_MAX = 12,
    LOAD_NODES_MAX = 50000, /* a file */
    LOAD_PROBLEMS_MAX = 100, /* kept; later ones are counted */
    LOAD_ARENA_BYTES_MAX = 64 << 20,
};

/* One file of the folder. The name, without the folder, decides what is in it; files that are not *.yaml are the caller's to leave out. */
struct dialog_file {
    struct str name, bytes;
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

/* NULL when there was any problem. Nothing of files is kept. */
struct dialog *dialog_load(const struct dialog_file *files, size_t count, struct problems *problems);
/* NULL is fine. */
void dialog_free(struct dialog *d);

#endif
