/* Lines from a stream: any bytes, NUL included, of bounded length. */
#ifndef SHELL_LINES_H
#define SHELL_LINES_H

#include <stdio.h>

#include "core/str.h"

enum { LINE_BYTES_MAX = 2 << 20 }; /* of a longer line the rest is read and dropped */

enum line_result { LINE_OK, LINE_END, LINE_INTERRUPTED };

struct lines {
    FILE *stream;
    char *ptr; /* the last line */
    size_t len, cap;
    int failed; /* errno of a read that failed, or 0 */
};

/* The next line without its end ("\n" or "\r\n"); lasts until the next call. A last line without an end counts.
 * LINE_INTERRUPTED: a signal came before a whole line. LINE_END: also where the stream cannot be read. */
enum line_result lines_next(struct lines *l, struct str *line);
/* False where the stream could not be read to its end: then it has complained on standard error. */
bool lines_finish(struct lines *l);

#endif
