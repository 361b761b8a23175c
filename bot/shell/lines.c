#include "shell/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct lines *l, char c) {
    if (l->len == l->cap && l->cap < LINE_BYTES_MAX) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        char *ptr = realloc(l->ptr, cap);
        if (!ptr)
            return;
        l->ptr = ptr;
        l->cap = cap;
    }
    if (l->len < l->cap)
        l->ptr[l->len++] = c;
}

enum line_result lines_next(struct lines *l, struct str *line) {
    bool any = false;
    int c;
    l->len = 0;
    errno = 0;
    while ((c = getc(l->stream)) != EOF && c != '\n') {
        any = true;
        keep(l, (char)c);
    }
    if (c == EOF && errno == EINTR)
        return LINE_INTERRUPTED;
    if (c == EOF && ferror(l->stream))
        l->failed = errno ? errno : EIO;
    if (c == EOF && !any)
        return LINE_END;
    if (l->len > 0 && l->ptr[l->len - 1] == '\r')
        l->len--;
    *line = (struct str){l->ptr, l->len};
    return LINE_OK;
}

bool lines_finish(struct lines *l) {
    int failed = l->failed;
    free(l->ptr);
    *l = (struct lines){0};
    if (failed)
        fprintf(stderr, "lippy: cannot read the input: %s\n", strerror(failed));
    return !failed;
}
