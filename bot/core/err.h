/* What went wrong: a code, a place and a sentence, in the caller's storage.
 *
 * A fallible function returns bool (or a pointer) and takes `struct err *e` last; NULL is fine. err_set() returns false,
 * so that failing takes one line, and the first error stays: later ones do not overwrite it. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>

enum err_code {
    ERR_NONE,
    ERR_SYNTAX,   /* not the format it claims to be */
    ERR_SCHEMA,   /* the format is right, what it says is not */
    ERR_LIMIT,    /* too large, too deep, too many, or an arena is full */
    ERR_IO,       /* the machine would not read, write or connect */
    ERR_PROTOCOL, /* a peer broke its protocol */
    ERR_AUTH,     /* a peer refused who we are; final */
};

struct err {
    enum err_code code;
    char message[240]; /* a whole sentence without a full stop; the place comes first where there is one */
};

bool err_set(struct err *e, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
