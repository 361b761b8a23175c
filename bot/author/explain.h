/* What one message means to a dialog, and why: for clinicians as text, for programs as JSON. */
#ifndef AUTHOR_EXPLAIN_H
#define AUTHOR_EXPLAIN_H

#include "core/buf.h"
#include "dialog/model.h"

/* Every step of the hearing of a message that answers no question: its words, the cues and how far they reach, quantities, what
 * was heard from which phrase, what was passed over and why, and the rules that look at it. */
void explain_text(struct buf *out, const struct dialog *d, struct str message, int64_t now_s);

/* The line is {"text": "...", "asked": ["finding", ...]}, of which "asked" may be missing; appends
 * {"findings": {"finding": value, ...}, "details": {...}} without a line end: details are the findings that only refine
 * another. Names that the dialog lacks are passed over; for a line that is no such object, "findings" is empty and an "error"
 * says why. */
void explain_json_line(struct buf *out, const struct dialog *d, struct str line, int64_t now_s);

#endif
