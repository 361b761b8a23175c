#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/utf8.h"

bool err_set(struct err *e, enum err_code code, const char *format, ...) {
    if (!e || e->code != ERR_NONE)
        return false;
    e->code = code;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    if (len >= (int)sizeof e->message) {
        struct str head = utf8_head(str_of(e->message), sizeof e->message - 1 - strlen("..."));
        strcpy(e->message + head.len, "...");
    }
    return false;
}
