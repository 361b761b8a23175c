#include "dialog/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/utf8.h"
#include "dialog/names.h"

enum { SHOWN_MAX = 60, KEYS_BY_WALKING = 12 };

/* An open list or map. */
struct open {
    struct node *node, *last, *key; /* key: read, its value not yet */
    struct names keys;              /* of a map with many */
};

struct reader {
    const struct dialog_file *file;
    struct arena *arena;
    struct problems *problems;
    struct open levels[LOAD_DEPTH_MAX];
    unsigned depth, nodes;
    bool wrong; /* a problem after which reading goes on, but nothing is loaded */
    struct node *root;
};

const char *node_noun(const struct node *n) {
    return n->kind == NODE_TEXT ? "a text" : n->kind == NODE_LIST ? "a list" : "a map";
}

/* ---- bytes ---- */

static struct str without_bom(struct str s) {
    return str_starts_with(s, STR("\xef\xbb\xbf")) ? str_slice(s, 3, s.len) : s;
}

/* A walk over the file's characters. */
struct walk {
    struct str rest;
    unsigned line, column;
};

static struct walk walk_from_start(struct str bytes) { return (struct walk){bytes, 1, 1}; }

static void step(struct walk *w) {
    uint32_t c;
    size_t len = utf8_next(w->rest, &c);
    bool ends = len > 0 && (c == '\n' || (c == '\r' && (w->rest.len < 2 || w->rest.ptr[1] != '\n')));
    w->rest = str_slice(w->rest, len, w->rest.len);
    w->line += ends;
    w->column = ends ? 1 : w->column + 1;
}

/* YAML's printable characters, less those line ends that editors do not count as such. */
static const char *forbidden(uint32_t c, size_t len) {
    if (c == 0xfffd && len == 1)
        return "this byte is not UTF-8; save the file as UTF-8";
    if (c == 0)
        return "a NUL byte: this is not a text file";
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0 && c != 0x85))
        return "a control character";
    if (c == 0x85 || c == 0x2028 || c == 0x2029)
        return "an unusual line end (U+0085, U+2028 or U+2029); use a plain one";
    if (c == 0xfeff || c == 0xfffe || c == 0xffff)
        return "a character that YAML does not allow";
    return NULL;
}

static bool bytes_are_fine(struct reader *r, struct str bytes) {
    const char *why = NULL;
    size_t at = 0;
    while (at < bytes.len) {
        unsigned char byte = (unsigned char)bytes.ptr[at];
        if ((byte >= 0x20 && byte < 0x7f) || byte == '\n') { /* nearly all */
            at++;
            continue;
        }
        uint32_t c;
        size_t len = utf8_next(str_slice(bytes, at, 4), &c);
        why = forbidden(c, len);
        if (why)
            break;
        at += len;
    }
    if (!why)
        return true;
    struct walk w = walk_from_start(bytes);
    while (w.rest.ptr < bytes.ptr + at)
        step(&w);
    problems_add(r->problems, r->file->name, w.line, w.column, "%s", why);
    return false;
}

/* ---- the tree ---- */

static bool fail(struct reader *r, yaml_mark_t mark, const char *message) {
    problems_add(r->problems, r->file->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1, "%s", message);
    return false;
}

static struct node *new_node(struct reader *r, enum node_kind kind, yaml_mark_t mark) {
    if (r->nodes++ >= LOAD_NODES_MAX) {
        fail(r, mark, "the file has too many entries; split it in two");
        return NULL;
    }
    struct node *n = ARENA_NEW(r->arena, struct node);
    if (!n) {
        fail(r, mark, "the dialog is too large");
        return NULL;
    }
    n->file = r->file;
    n->kind = (uint8_t)kind;
    n->line = (uint32_t)mark.line + 1;
    n->column = (uint32_t)mark.column + 1;
    return n;
}

static const struct node *known_key(struct open *level, const struct node *key) {
    if (level->node->count < KEYS_BY_WALKING) {
        for (const struct node *m = level->node->first; m; m = m->next)
            if (str_equal(m->key->text, key->text))
                return m->key;
        return NULL;
    }
    const struct name *name = names_find(&level->keys, key->text);
    return name ? name->key : NULL;
}

static bool remember_key(struct reader *r, struct open *level, const struct node *key) {
    if (level->node->count < KEYS_BY_WALKING)
        return true;
    if (level->node->count == KEYS_BY_WALKING) {
        names_init(&level->keys, r->arena);
        for (const struct node *m = level->node->first; m; m = m->next)
            names_add(&level->keys, m->key->text, m->key, NULL);
        return names_find(&level->keys, key->text) != NULL;
    }
    return names_add(&level->keys, key->text, key, NULL) != NULL;
}

/* Puts a whole node into the open list or map. */
static bool attach(struct reader *r, struct node *n, yaml_mark_t mark) {
    if (r->depth == 0) {
        r->root = n;
        return true;
    }
    struct open *level = &r->levels[r->depth - 1];
    if (level->node->kind == NODE_MAP) {
        if (!level->key) {
            if (n->kind != NODE_TEXT)
                return fail(r, mark, "a key must be a text; quote what begins with [ or {");
            level->key = n;
            return true;
        }
        n->key = level->key;
        level->key = NULL;
        const struct node *before = known_key(level, n->key);
        if (before) {
            struct str text = utf8_head(before->text, SHOWN_MAX);
            problems_add(r->problems, r->file->name, n->key->line, n->key->column,
                         "\"%.*s\" is already given in line %u", STR_ARG(text), before->line);
            r->wrong = true;
            return true; /* left out of the tree */
        }
    }
    if (level->last)
        level->last->next = n;
    else
        level->node->first = n;
    level->last = n;
    level->node->count++;
    if (level->node->kind == NODE_MAP && !remember_key(r, level, n->key))
        return fail(r, mark, "the dialog is too large");
    return true;
}

static enum node_style style_of(yaml_scalar_style_t style) {
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return STYLE_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return STYLE_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return STYLE_BLOCK;
    default:
        return STYLE_PLAIN;
    }
}

static bool on_scalar(struct reader *r, const yaml_event_t *e) {
    struct str text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\n' && text.ptr[i] != '\t')
            return fail(r, e->start_mark, "a text with a control character in it");
    struct node *n = new_node(r, NODE_TEXT, e->start_mark);
    if (!n)
        return false;
    n->style = (uint8_t)style_of(e->data.scalar.style);
    n->text = arena_copy(r->arena, text);
    if (!n->text.ptr)
        return fail(r, e->start_mark, "the dialog is too large");
    return attach(r, n, e->start_mark);
}

static bool on_open(struct reader *r, enum node_kind kind, yaml_mark_t mark) {
    if (r->depth == LOAD_DEPTH_MAX)
        return fail(r, mark, "lists and maps are nested too deep");
    struct node *n = new_node(r, kind, mark);
    if (!n || !attach(r, n, mark))
        return false;
    r->levels[r->depth++] = (struct open){.node = n};
    return true;
}

static bool has_anchor_or_tag(const yaml_event_t *e) {
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor || e->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor || e->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor || e->data.mapping_start.tag;
    default:
        return false;
    }
}

static bool on_event(struct reader *r, const yaml_event_t *e) {
    if (has_anchor_or_tag(e))
        return fail(r, e->start_mark,
                    "anchors (&) and tags (!) are not used here; quote a text that begins with & or !");
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return fail(r, e->start_mark, "aliases (*) are not used here; quote a text that begins with *");
    case YAML_DOCUMENT_START_EVENT:
        if (r->root)
            return fail(r, e->start_mark, "a second document (---) in one file; make it a file of its own");
        return true;
    case YAML_SCALAR_EVENT:
        return on_scalar(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(r, NODE_LIST, e->start_mark);
    case YAML_MAPPING_START_EVENT:
        return on_open(r, NODE_MAP, e->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return true;
    default:
        return true;
    }
}

static bool fail_syntax(struct reader *r, const yaml_parser_t *parser) {
    const char *problem = parser->problem ? parser->problem : "this is not YAML";
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_MEMORY_ERROR)
        return fail(r, parser->mark, "out of memory");
    if (parser->context && parser->context_mark.line != mark.line)
        problems_add(r->problems, r->file->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1,
                     "not YAML: %s (%s that begins in line %u)", problem, parser->context,
                     (unsigned)parser->context_mark.line + 1);
    else
        problems_add(r->problems, r->file->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1, "not YAML: %s",
                     problem);
    return false;
}

static bool read_events(struct reader *r, yaml_parser_t *parser) {
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return fail_syntax(r, parser);
        more = event.type != YAML_STREAM_END_EVENT;
        bool fine = on_event(r, &event);
        yaml_event_delete(&event);
        if (!fine)
            return false;
    }
    return true;
}

struct node *yaml_read(const struct dialog_file *file, struct arena *a, struct problems *problems) {
    struct reader r = {.file = file, .arena = a, .problems = problems};
    yaml_mark_t start = {0};
    if (file->bytes.len > LOAD_FILE_BYTES_MAX) {
        problems_add(problems, file->name, 0, 0, "the file has more than %d bytes; split it", LOAD_FILE_BYTES_MAX);
        return NULL;
    }
    struct str bytes = without_bom(file->bytes);
    if (!bytes_are_fine(&r, bytes))
        return NULL;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        fail(&r, start, "out of memory");
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(bytes.len ? bytes.ptr : ""), bytes.len);
    bool fine = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    if (!fine || r.wrong)
        return NULL;
    bool is_empty = !r.root || (r.root->kind == NODE_TEXT && r.root->text.len == 0 && r.root->style == STYLE_PLAIN);
    return is_empty ? new_node(&r, NODE_MAP, start) : r.root;
}

/* ---- places inside a text ---- */

static char here(const struct walk *w) { return w->rest.len ? w->rest.ptr[0] : '\0'; }

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Characters of s that are not blank: what a text and its writing in the file have in common, however its lines are folded. */
static size_t solid(struct str s) {
    size_t n = 0;
    uint32_t c;
    for (size_t len; (len = utf8_next(s, &c)) > 0; s = str_slice(s, len, s.len))
        n += !is_blank(s.ptr[0]);
    return n;
}

/* Steps over one character as the text has it; true where it is not blank there. */
static bool step_written(struct walk *w, enum node_style style) {
    char c = here(w);
    step(w);
    if (style == STYLE_SINGLE && c == '\'' && here(w) == '\'')
        step(w);
    if (style != STYLE_DOUBLE || c != '\\')
        return !is_blank(c);
    char escaped = here(w);
    unsigned digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : escaped == 'U' ? 8 : 0;
    for (step(w); digits > 0 && w->rest.len > 0; digits--)
        step(w);
    return !is_blank(escaped) && escaped != 'n' && escaped != 't';
}

void yaml_place(const struct node *text, size_t offset, unsigned *line, unsigned *column) {
    size_t wanted = solid(str_slice(text->text, 0, offset));
    bool at_end = offset >= text->text.len;
    struct walk w = walk_from_start(without_bom(text->file->bytes));
    while (w.rest.len > 0 && (w.line < text->line || w.column < text->column))
        step(&w);
    if (text->style == STYLE_SINGLE || text->style == STYLE_DOUBLE)
        step(&w);
    if (text->style == STYLE_BLOCK)
        for (unsigned header = w.line; w.rest.len > 0 && w.line == header;)
            step(&w);
    while (w.rest.len > 0 && (wanted > 0 || (!at_end && is_blank(here(&w)))))
        wanted -= step_written(&w, (enum node_style)text->style);
    *line = w.line;
    *column = w.column;
}
