#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/utf8.h"
#include "dialog/load_work.h"
#include "dialog/voice.h"

enum { SHOWN_MAX = 60, MESSAGE_MAX = 400, NAME_MAX_BYTES = 48 };

/* ---- complaints ---- */

static void complain_at(struct loader *l, const struct node *at, unsigned line, unsigned column, const char *format,
                        va_list args) {
    char message[MESSAGE_MAX];
    int len = vsnprintf(message, sizeof message, format, args);
    struct str text = {message, len < 0 ? 0 : (size_t)len < sizeof message ? (size_t)len : sizeof message - 1};
    text = utf8_head(text, text.len);
    problems_add(l->problems, at ? at->file->name : STR_NONE, line, column, "%.*s", STR_ARG(text));
}

void complain(struct loader *l, const struct node *at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    complain_at(l, at, at ? at->line : 0, at ? at->column : 0, format, args);
    va_end(args);
}

void complain_inside(struct loader *l, const struct node *text, size_t offset, const char *format, ...) {
    unsigned line = text->line, column = text->column;
    if (l->problems->count < LOAD_PROBLEMS_MAX) /* later ones are only counted, and to find a place takes a walk over the file */
        yaml_place(text, offset, &line, &column);
    va_list args;
    va_start(args, format);
    complain_at(l, text, line, column, format, args);
    va_end(args);
}

struct str did_you_mean(struct loader *l, const struct nearest *n) {
    if (n->text.len == 0)
        return STR_NONE;
    return arena_printf(&l->work, "; did you mean \"%.*s\"?", STR_ARG(n->text));
}

struct str shown(struct loader *l, struct str text) {
    struct str head = utf8_head(text, SHOWN_MAX);
    bool cut = head.len < text.len;
    struct buf b;
    buf_init(&b, &l->work);
    for (size_t i = 0; i < head.len; i++)
        buf_add_char(&b, (unsigned char)head.ptr[i] < ' ' ? ' ' : head.ptr[i]);
    if (cut)
        buf_add(&b, STR("..."));
    return buf_str(&b);
}

/* ---- memory ---- */

void *load_array(struct loader *l, struct arena *a, size_t count, size_t size) {
    void *p = arena_alloc(a, count, size);
    l->full |= !p;
    return p;
}

struct str load_copy(struct loader *l, struct str text) {
    struct str copy = arena_copy(l->out, text);
    l->full |= !copy.ptr;
    return copy;
}

/* ---- maps ---- */

struct fields fields_of(struct loader *l, const struct node *map, const char *noun) {
    struct fields f = {.l = l, .noun = noun, .at = map && map->key ? map->key : map};
    if (map && expect(l, map, NODE_MAP))
        f.map = map;
    return f;
}

const struct node *field(struct fields *f, const char *key) {
    if (f->asked_count < sizeof f->asked / sizeof *f->asked)
        f->asked[f->asked_count++] = key;
    struct str wanted = str_of(key);
    for (struct node *m = f->map ? f->map->first : NULL; m; m = m->next) {
        if (str_equal(m->key->text, wanted)) {
            m->used = true;
            return m;
        }
    }
    return NULL;
}

const struct node *field_needed(struct fields *f, const char *key) {
    const struct node *n = field(f, key);
    if (!n && f->map)
        complain(f->l, f->at, "this %s has no \"%s\"", f->noun, key);
    return n;
}

/* "{if: a has any of b, c, say: x}": a comma inside braces ends the text, and c becomes a key of its own without a value. */
struct str comma_hint(struct loader *l, const struct node *member, const struct nearest *n) {
    if (member->kind == NODE_TEXT && member->style == STYLE_PLAIN && member->text.len == 0)
        return STR("; a text with a comma in it wants quotes inside { }");
    return did_you_mean(l, n);
}

void fields_end(struct fields *f) {
    for (const struct node *m = f->map ? f->map->first : NULL; m; m = m->next) {
        if (m->used)
            continue;
        struct nearest near = nearest_to(m->key->text);
        for (unsigned i = 0; i < f->asked_count; i++)
            nearest_offer(&near, str_of(f->asked[i]));
        complain(f->l, m->key, "a %s has no key \"%.*s\"%.*s", f->noun, STR_ARG(shown(f->l, m->key->text)),
                 STR_ARG(comma_hint(f->l, m, &near)));
    }
}

/* ---- values ---- */

bool expect(struct loader *l, const struct node *n, enum node_kind kind) {
    if (n->kind == kind)
        return true;
    struct node wanted = {.kind = (uint8_t)kind};
    const char *how = kind == NODE_LIST ? ": [one, another]" : kind == NODE_MAP ? ": {key: value}" : "";
    complain(l, n, "%s is expected here%s, not %s", node_noun(&wanted), how, node_noun(n));
    return false;
}

struct str read_text(struct loader *l, const struct node *n) {
    if (!n || !expect(l, n, NODE_TEXT))
        return STR_NONE;
    struct str text = str_trim(n->text);
    if (text.len == 0)
        complain(l, n, "a text is missing here");
    return text;
}

struct str read_plain(struct loader *l, const struct node *n) {
    struct str text = read_text(l, n);
    if (text.len == 0)
        return STR_NONE;
    const char *brace = memchr(n->text.ptr, '{', n->text.len);
    if (brace)
        complain_inside(l, n, (size_t)(brace - n->text.ptr), "nothing is filled in here; leave out the braces");
    return load_copy(l, text);
}

bool read_flag(struct loader *l, const struct node *n) {
    struct str text = read_text(l, n);
    if (text.len == 0 || str_equal(text, STR("no")) || str_equal(text, STR("false")))
        return false;
    if (!str_equal(text, STR("yes")) && !str_equal(text, STR("true")))
        complain(l, n, "yes or no is expected here, not \"%.*s\"", STR_ARG(shown(l, text)));
    return true;
}

bool parse_number(struct str text, float *out) {
    bool minus = str_starts_with(text, STR("-"));
    if (minus)
        text = str_slice(text, 1, text.len);
    struct str whole = str_cut(&text, '.');
    uint64_t high, low = 0;
    if (whole.len > 12 || text.len > 6 || !str_to_u64(whole, &high) || (text.len > 0 && !str_to_u64(text, &low)))
        return false;
    double scale = 1;
    for (size_t i = 0; i < text.len; i++)
        scale *= 10;
    double value = (double)high + (double)low / scale;
    *out = (float)(minus ? -value : value);
    return true;
}

bool read_number(struct loader *l, const struct node *n, float *out) {
    struct str text = read_text(l, n);
    *out = 0;
    if (text.len == 0)
        return false;
    if (parse_number(text, out))
        return true;
    complain(l, n, "a number is expected here, not \"%.*s\"", STR_ARG(shown(l, text)));
    return false;
}

/* Only words beside yes and no have a level; the names are in lookup.c. */
enum level read_level(struct loader *l, const struct node *n) {
    struct str text = read_text(l, n);
    if (text.len == 0)
        return LEVEL_NONE;
    struct nearest near = nearest_to(text);
    for (enum level level = LEVEL_SELF_CARE; level <= LEVEL_EMERGENCY; level++) {
        if (str_equal(text, str_of(level_name(level))))
            return level;
        nearest_offer(&near, str_of(level_name(level)));
    }
    complain(l, n, "no level is called \"%.*s\"%.*s", STR_ARG(shown(l, text)), STR_ARG(did_you_mean(l, &near)));
    return LEVEL_NONE;
}

const struct node *list_first(struct loader *l, const struct node *n) {
    if (!n || !expect(l, n, NODE_LIST))
        return NULL;
    const struct node *m = n->first;
    return m && read_text(l, m).len == 0 ? list_next(l, m) : m;
}

const struct node *list_next(struct loader *l, const struct node *n) {
    do
        n = n->next;
    while (n && read_text(l, n).len == 0);
    return n;
}

/* ---- wordings ---- */

/* False where nothing is called so. */
static bool find_fill_in(struct loader *l, struct str name, struct hole *hole) {
    int pronoun = voice_find_pronoun(name);
    struct name *place = names_find(&l->place_keys, name);
    struct name *known = place ? place : names_find(&l->names[NAME_FINDING], name);
    if (pronoun >= 0 || str_equal(name, STR("level"))) {
        hole->kind = pronoun >= 0 ? HOLE_PRONOUN : HOLE_LEVEL;
        hole->index = (uint16_t)(pronoun >= 0 ? pronoun : 0);
        return true;
    }
    if (!known)
        return false;
    known->used = true;
    hole->kind = place ? HOLE_PLACE : HOLE_FINDING;
    hole->index = (uint16_t)known->index;
    return true;
}

static void complain_fill_in(struct loader *l, const struct node *n, size_t offset, struct str name) {
    if (l->place_keys.count == 0)
        return; /* places.yaml itself is missing, and that was said */
    static const char *const others[] = {"you", "your", "yours", "yourself", "you_obj", "You", "Your", "level"};
    struct nearest near = nearest_to(name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        nearest_offer(&near, str_of(others[i]));
    nearest_offer_names(&near, &l->place_keys);
    nearest_offer_names(&near, &l->names[NAME_FINDING]);
    complain_inside(l, n, offset, "nothing is called \"%.*s\" that could be filled in%.*s", STR_ARG(shown(l, name)),
                    STR_ARG(did_you_mean(l, &near)));
}

static void read_fill_ins(struct loader *l, const struct node *n, struct holes *out) {
    struct str text = n->text;
    size_t most = 0;
    for (size_t i = 0; i < text.len; i++)
        most += text.ptr[i] == '{';
    struct hole *holes = most > 0 && most <= UINT16_MAX ? LOAD_OUT(l, struct hole, most) : NULL;
    uint16_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '}')
            complain_inside(l, n, i, "a } without its {");
        if (text.ptr[i] != '{')
            continue;
        struct str rest = str_slice(text, i + 1, text.len);
        size_t length = 0;
        while (length < rest.len && rest.ptr[length] != '}' && rest.ptr[length] != '{')
            length++;
        if (length == rest.len || rest.ptr[length] == '{') {
            complain_inside(l, n, i, "a { without its }");
            continue;
        }
        struct hole none, *hole = holes ? &holes[count++] : &none;
        hole->from = (uint32_t)i;
        hole->to = (uint32_t)(i + length + 2);
        if (!find_fill_in(l, str_slice(rest, 0, length), hole))
            complain_fill_in(l, n, i + 1, str_slice(rest, 0, length));
        i += length + 1;
    }
    out->items = holes; /* by members: no stray bytes in a dialog's gaps */
    out->count = count;
}

static struct str read_variant(struct loader *l, const struct node *n, struct holes *holes) {
    struct str text = read_text(l, n);
    if (text.len == 0)
        return STR_NONE;
    read_fill_ins(l, n, holes);
    return load_copy(l, text);
}

struct wording read_wording(struct loader *l, const struct node *n) {
    if (!n)
        return (struct wording){0};
    if (n->kind == NODE_MAP || (n->kind == NODE_LIST && n->count == 0)) {
        complain(l, n, "a text or a list of variants is expected here, not %s",
                 n->kind == NODE_MAP ? "a map; quote a text with \": \" in it" : "an empty list");
        return (struct wording){0};
    }
    bool one = n->kind == NODE_TEXT;
    struct str *variants = LOAD_OUT(l, struct str, one ? 1 : n->count);
    struct holes *holes = LOAD_OUT(l, struct holes, one ? 1 : n->count);
    if (!variants || !holes || n->count > UINT16_MAX)
        return (struct wording){0};
    uint16_t count = 0;
    for (const struct node *m = one ? n : n->first; m; m = one ? NULL : m->next, count++)
        variants[count] = read_variant(l, m, &holes[count]);
    return (struct wording){variants, holes, count};
}

/* ---- names ---- */

const char *name_noun(enum name_kind kind) {
    static const char *const nouns[] = {
#define X(name, word) word,
        NAME_KINDS(X)
#undef X
    };
    return nouns[kind];
}

static bool is_reserved(struct str name) {
    static const char *const words[] = {"and", "or",     "not",   "any",   "at",     "least", "of",    "is",
                                        "has", "always", "never", "level", "unsure", "still", "known", "unknown"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal(name, str_of(words[i])))
            return true;
    return false;
}

/* What guards and fill-ins may name, beside findings. */
static bool is_in_guards(enum name_kind kind) { return kind == NAME_FINDING || kind == NAME_CONDITION; }

bool check_name(struct loader *l, enum name_kind kind, const struct node *key) {
    struct str name = key->text;
    bool capitals = kind == NAME_RULE || kind == NAME_SOURCE;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool small = (c >= 'a' && c <= 'z') || str_is_digit(c) || ((c == '_' || c == '-') && i > 0);
        if (!small && !(capitals && c >= 'A' && c <= 'Z')) {
            complain_inside(l, key, i, "the name of a %s is made of %ssmall letters, digits, _ and -", name_noun(kind),
                            capitals ? "capitals, " : "");
            return false;
        }
    }
    if (name.len == 0 || name.len > NAME_MAX_BYTES) {
        complain(l, key, "a name has 1 to %d characters", NAME_MAX_BYTES);
        return false;
    }
    if (is_in_guards(kind) && (is_reserved(name) || voice_find_pronoun(name) >= 0)) {
        complain(l, key, "\"%.*s\" is a word of the language and cannot be a name", STR_ARG(name));
        return false;
    }
    return true;
}

/* Where nothing of a kind is defined at all, once is enough. */
static bool none_at_all(struct loader *l, enum name_kind kind) {
    bool again = l->none_said[kind];
    l->none_said[kind] = l->names[kind].count == 0;
    return again && l->none_said[kind];
}

struct name *refer_inside(struct loader *l, enum name_kind kind, const struct node *text, size_t offset,
                          struct str name) {
    struct name *found = names_find(&l->names[kind], name);
    if (found) {
        found->used = true;
        return found;
    }
    if (none_at_all(l, kind))
        return NULL;
    struct nearest near = nearest_to(name);
    nearest_offer_names(&near, &l->names[kind]);
    complain_inside(l, text, offset, "no %s named \"%.*s\"%.*s", name_noun(kind), STR_ARG(shown(l, name)),
                    STR_ARG(did_you_mean(l, &near)));
    return NULL;
}

struct name *refer(struct loader *l, enum name_kind kind, const struct node *n) {
    struct str text = read_text(l, n);
    return text.len ? refer_inside(l, kind, n, 0, text) : NULL;
}

struct refs read_refs(struct loader *l, enum name_kind kind, const struct node *n) {
    if (!n || !expect(l, n, NODE_LIST))
        return (struct refs){0};
    uint16_t *items = LOAD_OUT(l, uint16_t, n->count);
    struct refs out = {items, 0};
    for (const struct node *m = items ? list_first(l, n) : NULL; m; m = list_next(l, m)) {
        const struct name *name = refer(l, kind, m);
        if (!name)
            continue;
        uint16_t i = 0;
        while (i < out.count && items[i] != name->index)
            i++;
        if (i < out.count)
            complain(l, m, "\"%.*s\" is in this list twice", STR_ARG(name->text));
        else if (out.count < UINT16_MAX)
            items[out.count++] = (uint16_t)name->index;
    }
    return out;
}

void complain_unused(struct loader *l, enum name_kind kind, const char *what) {
    for (uint32_t i = 0; i < l->names[kind].count; i++) {
        const struct name *name = &l->names[kind].items[i];
        if (!name->used)
            complain(l, name->key, "the %s \"%.*s\" is never used%s", name_noun(kind), STR_ARG(shown(l, name->text)),
                     what);
    }
}
