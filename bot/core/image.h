/* A block of memory with pointers into itself, as bytes that can be mapped anywhere: how a compiled dialog is kept in a file.
 *
 * The block is made twice, at two addresses. Where the two differ there must be a pointer into the block, and it differs by as much as the
 * addresses do; so nobody has to tell what is in the block. Anything else that differs (a pointer to the heap, bytes nobody has set) and any
 * pointer to what the caller names as foreign (the program, its libraries) is refused. The addresses differ in their lowest byte: then what is
 * left of an old pointer in the gap behind a small member never passes for one.
 *
 * The bytes begin with a page that tells what they are: magic, layout, the address they prefer, sizes, what they were made by and from, and
 * a hash of all that. The contents behind it are not checked: an image is to be trusted as the program itself is. */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include "core/buf.h"
#include "core/err.h"

enum { IMAGE_HEAD_BYTES = 4096, IMAGE_NOTES_MAX = 2048 };

/* What an image was made by and from; it fits only where both are the same. */
struct image_stamp {
    uint64_t program, sources;
};

struct image_range {
    uintptr_t from, to; /* to: not included */
};

struct image_plan {
    const void *first, *second; /* the block, twice; aligned for any type, their distance no multiple of 256 */
    size_t bytes; /* whole words */
    size_t root;  /* where in it the outermost struct is */
    uintptr_t at; /* the address that the image prefers, a multiple of 4096 */
    struct image_stamp stamp;
    struct str notes; /* what the reader wants to know before it maps the image; at most IMAGE_NOTES_MAX bytes */
    const struct image_range *foreign;
    size_t foreign_count;
};

/* Adds the image to the buffer. ERR_SCHEMA: the block cannot be moved; ERR_LIMIT. */
bool image_make(struct buf *out, const struct image_plan *plan, struct err *e);

/* The head of an image. */
struct image {
    uint64_t at, bytes;
    struct image_stamp stamp;
    struct str notes; /* in the head's bytes */
    uint64_t contents, relocations, root;
};

/* head: the first IMAGE_HEAD_BYTES of a file of file_bytes. ERR_SYNTAX: it is no image of this layout, or not all of one. */
bool image_read_head(struct str head, uint64_t file_bytes, struct image *out, struct err *e);
/* Once all its bytes are in memory (writable, aligned to a page): turns its pointers to where it is now, and gives the outermost struct.
 * Where it is at the address it prefers, no byte is looked at. NULL: what it says of its pointers cannot be. */
void *image_settle(const struct image *i, void *memory);

#endif
