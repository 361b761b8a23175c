#include "chat/xml.h"

#include <assert.h>
#include <expat.h>
#include <limits.h>
#include <string.h>

#include "core/utf8.h"

/* Between namespace and name in what expat gives; no character of either. */
static const char separator = '\n';

struct level {
    struct xml *x, *last_child;
    size_t text_from; /* in reader.text */
};

struct reader {
    XML_Parser parser;
    struct arena *arena;
    struct xml *root;
    struct level levels[XML_DEPTH_MOST];
    unsigned depth;   /* levels in use */
    unsigned skipped; /* open elements below, or instead of, the last level */
    unsigned elements;
    /* The text of all open elements, innermost last: a child's is copied and cut off before its parent's goes on. */
    struct buf text;
    const char *refused; /* what, if we stopped the parser */
    bool full;
};

static void refuse(struct reader *r, const char *what) {
    r->refused = what;
    XML_StopParser(r->parser, XML_FALSE);
}

static void run_full(struct reader *r) {
    r->full = true;
    XML_StopParser(r->parser, XML_FALSE);
}

/* A stopped expat still ends the empty element that it has begun. */
static bool is_stopped(const struct reader *r) { return r->full || r->refused; }

/* Splits "ns\nname" or "name"; slices of it. */
static struct str split_name(const char *full, struct str *ns) {
    const char *at = strchr(full, separator);
    *ns = at ? (struct str){full, (size_t)(at - full)} : STR_NONE;
    return str_of(at ? at + 1 : full);
}

/* A copy that is NULL only without memory. */
static bool copy(struct reader *r, struct str s, struct str *out) {
    *out = arena_copy(r->arena, s);
    return out->ptr != NULL;
}

static bool add_attributes(struct reader *r, struct xml *x, const char **pairs) {
    for (; pairs[0]; pairs += 2) {
        struct str ns, name = split_name(pairs[0], &ns);
        if (ns.len > 0)
            continue;
        struct xml_attribute *attribute = ARENA_NEW(r->arena, struct xml_attribute);
        if (!attribute || !copy(r, name, &attribute->name) || !copy(r, str_of(pairs[1]), &attribute->value))
            return false;
        attribute->next = x->attributes;
        x->attributes = attribute;
    }
    return true;
}

static void link_child(struct level *parent, struct xml *x) {
    if (parent->last_child)
        parent->last_child->next = x;
    else
        parent->x->child = x;
    parent->last_child = x;
}

static void on_start(void *user, const char *full, const char **pairs) {
    struct reader *r = user;
    if (is_stopped(r))
        return;
    if (r->skipped > 0 || r->depth == XML_DEPTH_MOST || r->elements == XML_ELEMENTS_MOST) {
        r->skipped++;
        r->root->partial = true;
        return;
    }
    struct str ns, name = split_name(full, &ns);
    struct level *parent = r->depth > 0 ? &r->levels[r->depth - 1] : NULL;
    struct xml *x = ARENA_NEW(r->arena, struct xml);
    bool shares_ns = parent && str_equal(parent->x->ns, ns);
    if (!x || !copy(r, name, &x->name) || !(shares_ns || copy(r, ns, &x->ns)) || !add_attributes(r, x, pairs)) {
        run_full(r);
        return;
    }
    if (shares_ns)
        x->ns = parent->x->ns;
    if (parent)
        link_child(parent, x);
    else
        r->root = x;
    r->levels[r->depth++] = (struct level){.x = x, .text_from = r->text.len};
    r->elements++;
}

static void on_end(void *user, const char *full) {
    struct reader *r = user;
    (void)full;
    if (is_stopped(r))
        return;
    if (r->skipped > 0) {
        r->skipped--;
        return;
    }
    struct level *level = &r->levels[--r->depth];
    struct str text = str_slice(buf_str(&r->text), level->text_from, SIZE_MAX);
    if (r->text.failed || (text.len > 0 && !copy(r, text, &level->x->text)))
        run_full(r);
    r->text.len = level->text_from;
}

static void on_text(void *user, const char *text, int len) {
    struct reader *r = user;
    if (!is_stopped(r) && r->skipped == 0 && r->depth > 0)
        buf_add(&r->text, (struct str){text, (size_t)len});
}

static void on_doctype(void *user, const char *name, const char *sysid, const char *pubid, int has_internal) {
    (void)name, (void)sysid, (void)pubid, (void)has_internal;
    refuse(user, "a document type");
}

static void on_instruction(void *user, const char *target, const char *data) {
    (void)target, (void)data;
    refuse(user, "a processing instruction");
}

static void on_comment(void *user, const char *data) {
    (void)data;
    refuse(user, "a comment");
}

static bool parse(struct reader *r, struct str frame, struct err *e) {
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    XML_SetProcessingInstructionHandler(r->parser, on_instruction);
    XML_SetCommentHandler(r->parser, on_comment);
    if (XML_Parse(r->parser, frame.ptr, (int)frame.len, XML_TRUE) == XML_STATUS_OK)
        return true;
    if (r->full)
        return err_set(e, ERR_LIMIT, "an XML element takes too much memory");
    if (r->refused)
        return err_set(e, ERR_SYNTAX, "XML with %s, which XMPP forbids", r->refused);
    return err_set(e, ERR_SYNTAX, "broken XML at byte %lld: %s", (long long)XML_GetCurrentByteIndex(r->parser),
                   XML_ErrorString(XML_GetErrorCode(r->parser)));
}

struct xml *xml_read(struct arena *a, struct str frame, struct err *e) {
    struct reader r = {.arena = a};
    if (frame.len == 0 || frame.len > INT_MAX) {
        err_set(e, frame.len ? ERR_LIMIT : ERR_SYNTAX, "an XML frame of %zu bytes", frame.len);
        return NULL;
    }
    r.parser = XML_ParserCreateNS("UTF-8", separator);
    if (!r.parser) {
        err_set(e, ERR_LIMIT, "no memory for an XML parser");
        return NULL;
    }
    buf_init_heap(&r.text);
    bool fine = parse(&r, frame, e);
    buf_finish(&r.text);
    XML_ParserFree(r.parser);
    return fine ? r.root : NULL;
}

struct str xml_attribute(const struct xml *x, const char *name) {
    for (const struct xml_attribute *at = x->attributes; at; at = at->next)
        if (str_equal(at->name, str_of(name)))
            return at->value;
    return STR_NONE;
}

bool xml_is(const struct xml *x, const char *name, const char *ns) {
    return str_equal(x->name, str_of(name)) && (!ns || str_equal(x->ns, str_of(ns)));
}

const struct xml *xml_child(const struct xml *x, const char *name, const char *ns) {
    for (const struct xml *child = x ? x->child : NULL; child; child = child->next)
        if (xml_is(child, name, ns))
            return child;
    return NULL;
}

const struct xml *xml_next(const struct xml *x) {
    for (const struct xml *next = x->next; next; next = next->next)
        if (str_equal(next->name, x->name) && str_equal(next->ns, x->ns))
            return next;
    return NULL;
}

/* XML 1.0, production 2. */
static bool is_xml_char(uint32_t point) {
    return point == '\t' || point == '\n' || (point >= 0x20 && point <= 0xd7ff) ||
           (point >= 0xe000 && point <= 0xfffd) || point >= 0x10000;
}

static struct str entity_of(uint32_t point) {
    switch (point) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '\'':
        return STR("&apos;");
    case '"':
        return STR("&quot;");
    case '\r':
        return STR("\n"); /* a parser would make it that anyway */
    default:
        return STR_NONE;
    }
}

void xml_escape(struct buf *b, struct str text) {
    while (text.len > 0) {
        uint32_t point;
        size_t len = utf8_next(text, &point);
        struct str entity = entity_of(point);
        char utf8[4];
        if (point == '\r' && text.len > 1 && text.ptr[1] == '\n')
            entity = STR_NONE; /* the line end that follows is enough */
        if (entity.len > 0)
            buf_add(b, entity);
        else if (is_xml_char(point))
            buf_add(b, (struct str){utf8, utf8_put(point, utf8)});
        text = str_slice(text, len, SIZE_MAX);
    }
}

void xml_fill(struct buf *b, const char *format, const struct str *values, size_t count) {
    size_t used = 0;
    struct str rest = str_of(format);
    for (size_t at; (at = str_find(rest, STR("%"))) != SIZE_MAX;) {
        buf_add(b, str_slice(rest, 0, at));
        assert(used < count);
        xml_escape(b, values[used++]);
        rest = str_slice(rest, at + 1, SIZE_MAX);
    }
    buf_add(b, rest);
    assert(used == count);
}
