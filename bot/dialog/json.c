#include "dialog/json.h"

#include "core/utf8.h"

void json_add_text(struct buf *b, struct str text) {
    buf_add_char(b, '"');
    while (text.len > 0) {
        uint32_t point;
        size_t bytes = utf8_next(text, &point);
        if (point == '"' || point == '\\') {
            buf_add_char(b, '\\');
            buf_add_char(b, (char)point);
        } else if (point == '\n') {
            buf_add(b, STR("\\n"));
        } else if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029) {
            /* also what other readers take for the end of a line */
            buf_printf(b, "\\u%04x", (unsigned)point);
        } else {
            char out[4];
            buf_add(b, (struct str){out, utf8_put(point, out)});
        }
        text = str_slice(text, bytes, text.len);
    }
    buf_add_char(b, '"');
}

static void add_set(struct buf *b, const struct finding *f, uint32_t mask) {
    if (mask == 0) {
        buf_add(b, STR("[\"none\"]"));
        return;
    }
    char before = '[';
    for (uint16_t i = 0; i < f->option_count; i++) {
        if (mask >> i & 1) {
            buf_add_char(b, before);
            json_add_text(b, f->options[i].name);
            before = ',';
        }
    }
    buf_add_char(b, ']');
}

void json_add_value(struct buf *b, const struct dialog *d, uint16_t finding, struct value v) {
    const struct finding *f = &d->findings[finding];
    if (v.state != VALUE_KNOWN)
        buf_add(b, STR("\"unsure\""));
    else if (f->kind == FINDING_YESNO)
        buf_add(b, v.number > 0 ? STR("\"yes\"") : STR("\"no\""));
    else if (f->kind == FINDING_CHOICE)
        json_add_text(b, f->options[(uint16_t)v.number].name);
    else if (f->kind == FINDING_SET)
        add_set(b, f, (uint32_t)v.number);
    else
        buf_printf(b, "%.4g", (double)v.number);
}

void json_add_findings(struct buf *b, const struct dialog *d, const struct frame *f) {
    const char *before = "";
    buf_add_char(b, '{');
    for (uint16_t i = 0; i < d->finding_count; i++) {
        struct value v = frame_get(d, f, i);
        if (v.state == VALUE_UNKNOWN)
            continue;
        buf_add(b, str_of(before));
        json_add_text(b, d->findings[i].name);
        buf_add_char(b, ':');
        json_add_value(b, d, i, v);
        before = ",";
    }
    buf_add_char(b, '}');
}
