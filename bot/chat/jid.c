#include "chat/jid.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/buf.h"
#include "core/utf8.h"

enum { PART_MOST = 1023 };

static bool has_byte_up_to(struct str s, unsigned char top) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= top || s.ptr[i] == 0x7f)
            return true;
    return false;
}

static bool part_is_fine(struct str s, bool blanks) {
    return s.len <= PART_MOST && !has_byte_up_to(s, blanks ? ' ' - 1 : ' ');
}

bool jid_split(struct str text, struct jid *out) {
    struct str rest = text;
    *out = (struct jid){0};
    out->bare = str_cut(&rest, '/');
    out->resource = rest;
    bool has_slash = out->bare.len < text.len;
    rest = out->bare;
    out->node = str_cut(&rest, '@');
    out->domain = rest;
    bool has_at = out->node.len < out->bare.len;
    if (!has_at) {
        out->domain = out->bare;
        out->node = STR_NONE;
    }
    return out->domain.len > 0 && (!has_at || out->node.len > 0) && (!has_slash || out->resource.len > 0) &&
           str_find(out->domain, STR("@")) == SIZE_MAX && part_is_fine(out->node, false) &&
           part_is_fine(out->domain, false) && part_is_fine(out->resource, true) && utf8_is_valid(text);
}

/* Nodeprep and nameprep fold case over NFKC, which is what utf8proc's case folding does but for a few code points that
 * no server accepts in an address anyway. */
static bool add_folded(struct buf *b, struct str s) {
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len, &folded,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
    if (len > 0)
        buf_add(b, (struct str){(const char *)folded, (size_t)len});
    free(folded);
    return len > 0;
}

struct str jid_normal(struct arena *a, struct str text) {
    struct jid jid;
    struct buf b;
    if (!jid_split(text, &jid))
        return STR_NONE;
    buf_init(&b, a);
    if (jid.node.len > 0) {
        if (!add_folded(&b, jid.node))
            return STR_NONE;
        buf_add_char(&b, '@');
    }
    if (!add_folded(&b, jid.domain))
        return STR_NONE;
    if (jid.resource.len > 0) {
        buf_add_char(&b, '/');
        buf_add(&b, jid.resource);
    }
    /* Folding may have made a blank or an '@' of a look-alike. */
    return !b.failed && jid_split(buf_str(&b), &jid) ? buf_str(&b) : STR_NONE;
}
