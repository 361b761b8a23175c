/* How a talk looks to programs: findings, levels and texts as JSON (RFC 8259), in the words of the machine-readable console. */
#ifndef DIALOG_JSON_H
#define DIALOG_JSON_H

#include "core/buf.h"
#include "dialog/model.h"

/* A JSON string literal: control characters, NUL and quotes escaped; bytes that are not UTF-8 become U+FFFD. */
void json_add_text(struct buf *b, struct str text);
/* A finding's value: "yes", "left", 2.5, ["lithium"], "unsure". Nothing for an unknown one: ask first. */
void json_add_value(struct buf *b, const struct dialog *d, uint16_t finding, struct value v);
/* {"face_droop":"no","age":32}: everything known. */
void json_add_findings(struct buf *b, const struct dialog *d, const struct frame *f);

#endif
