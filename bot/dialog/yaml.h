/* A YAML file as a tree of nodes with their places. Private to the loader and the checker.
 *
 * The tree is built from libyaml's events with an own stack, so that depth, nodes and bytes are bounded while it grows; nothing here
 * recurses. Every scalar is text. Refused: aliases, anchors, tags, a second document, a key twice in one map, keys that are no text,
 * invalid UTF-8, control characters. */
#ifndef DIALOG_YAML_H
#define DIALOG_YAML_H

#include "dialog/load.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };
enum node_style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_BLOCK };

struct node {
    const struct dialog_file *file;
    struct node *key;          /* of a member of a map */
    struct node *first, *next; /* members of a list or map, in file order */
    struct str text;           /* of NODE_TEXT; NUL-terminated */
    uint32_t line, column;     /* from 1, in characters */
    uint32_t count;            /* members */
    uint8_t kind;              /* enum node_kind */
    uint8_t style;             /* enum node_style */
    bool used;                 /* the schema knows this member of a map */
};

/* The root, in the arena; an empty file gives an empty map. NULL after a problem was added. */
struct node *yaml_read(const struct dialog_file *file, struct arena *a, struct problems *problems);

/* The place in the file of byte `offset` of a text: quotes, escapes and folded lines are seen through. */
void yaml_place(const struct node *text, size_t offset, unsigned *line, unsigned *column);

/* "a list", "a map", "a text". */
const char *node_noun(const struct node *n);

#endif
