/* What `lippy check` tells a dialog's author: the loader's problems as lines, and remarks on what loads but could be better. */
#ifndef AUTHOR_CHECK_H
#define AUTHOR_CHECK_H

#include "core/buf.h"
#include "dialog/load.h"

/* One line a problem, "DIR/FILE:LINE:COLUMN: what is wrong", and their number in the last line; nothing where there is none. */
void check_report(struct buf *out, struct str dir, const struct problems *problems);

/* Adds remarks about a dialog that loaded from these files: sentences of more than 20 words, two questions in one, phrases that add
 * nothing to others, topics that another one always answers for, keys of places that are never filled in. They forbid nothing. */
void check_style(const struct dialog *d, const struct dialog_file *files, size_t count, struct problems *remarks);

/* As check_report(), each line marked as a remark. */
void check_report_style(struct buf *out, struct str dir, const struct problems *remarks);

#endif
