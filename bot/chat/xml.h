/* One XML element from one frame, and XML written by filling holes.
 *
 * Reading is expat with what RFC 6120 section 11.1 forbids refused: document types, processing instructions, comments,
 * and so every entity but the five. Text is UTF-8. */
#ifndef CHAT_XML_H
#define CHAT_XML_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

enum {
    XML_DEPTH_MOST = 16,      /* elements deeper than this are read over */
    XML_ELEMENTS_MOST = 2000, /* and so are more than this */
};

struct xml_attribute {
    struct str name, value;
    struct xml_attribute *next;
};

struct xml {
    struct str ns, name;
    struct str text;                  /* all text directly inside, joined */
    struct xml_attribute *attributes; /* those without a prefix */
    struct xml *child, *next;         /* first child, next sibling */
    bool partial;                     /* of the root: something was read over */
};

/* The element that frame is; lasts as long as the arena. NULL: not exactly one well-formed element (ERR_SYNTAX), or the
 * arena is full (ERR_LIMIT). Elements past the limits above are left out and leave root->partial set: no peer's peer
 * shall be able to end our stream with a stanza that is merely odd. */
struct xml *xml_read(struct arena *a, struct str frame, struct err *e);

/* The empty str where there is none. */
struct str xml_attribute(const struct xml *x, const char *name);
/* The first child of that name; ns NULL means any. NULL where there is none, and for a NULL x. */
const struct xml *xml_child(const struct xml *x, const char *name, const char *ns);
/* The next sibling of the same name and namespace, or NULL. */
const struct xml *xml_next(const struct xml *x);
bool xml_is(const struct xml *x, const char *name, const char *ns);

/* Writes text so that it is safe between tags and in quoted attributes: the five characters escaped, what XML 1.0
 * forbids left out, CR LF and CR made LF, invalid UTF-8 made U+FFFD. */
void xml_escape(struct buf *b, struct str text);

/* Writes format with each '%' replaced by the next of values, escaped: no text gets into a frame in another way. */
void xml_fill(struct buf *b, const char *format, const struct str *values, size_t count);
#define XML_FILL(b, format, ...) \
    xml_fill((b), (format), (const struct str[]){__VA_ARGS__}, sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str))

#endif
