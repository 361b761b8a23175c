#include <string.h>

#include "dialog/load_work.h"
#include "dialog/normal.h"

/* Guards: recursive descent over the text of one scalar, with types checked on the way, then laid out in prefix order.
 *
 *     or      = and { "or" and }
 *     and     = not { "and" not }
 *     not     = "not" not | claim
 *     claim   = "(" or ")" | "any of" list | "at least" N "of" list | always | never | "level is" LEVEL | NAME [ test ]
 *     list    = not { "," not }
 *     test    = "is" ["not"] (unsure | "still unsure" | known | unknown | VALUE) | "has" VALUE | "has none" | "has any of" VALUE {"," VALUE} | < <= > >= = NUMBER
 *
 * Depth and size are bounded: brackets, and conditions inside conditions. */
enum { GUARD_DEPTH_MAX = 24, GUARD_NODES_MAX = 4000, CONDITION_DEPTH_MAX = LOAD_DEPTH_MAX };

enum token_kind { TOK_END, TOK_WORD, TOK_OPEN, TOK_CLOSE, TOK_COMMA, TOK_COMPARE, TOK_WRONG };

/* A guard while it is read. */
struct tree {
    enum guard_op op;
    uint16_t finding;
    float number;
    const struct guard *opened; /* a condition in its place */
    struct tree *first, *next;
    unsigned children;
    size_t size; /* nodes of the whole subtree, conditions opened */
};

struct parser {
    struct loader *l;
    const struct node *node; /* the scalar */
    size_t pos;              /* behind the token */
    struct str token;
    size_t at; /* where it begins */
    enum token_kind kind;
    unsigned depth;
    bool in_list;      /* a comma belongs to a list around */
    bool ends_in_list; /* the claim just read ended in a bare list */
};

static struct guard guard_at_depth(struct loader *l, const struct node *n, unsigned depth);

/* ---- tokens ---- */

static bool is_word_char(char c) {
    return str_is_letter(c) || str_is_digit(c) || c == '_' || c == '-' ||
           c == '.';
}

static enum token_kind kind_of(char c) {
    switch (c) {
    case '(':
        return TOK_OPEN;
    case ')':
        return TOK_CLOSE;
    case ',':
        return TOK_COMMA;
    case '<':
    case '>':
    case '=':
        return TOK_COMPARE;
    default:
        return is_word_char(c) ? TOK_WORD : TOK_WRONG;
    }
}

static void next(struct parser *p) {
    struct str text = p->node->text;
    while (p->pos < text.len && strchr(" \t\n", text.ptr[p->pos]))
        p->pos++;
    p->at = p->pos;
    p->token = str_slice(text, p->at, 0);
    if (p->pos == text.len) {
        p->kind = TOK_END;
        return;
    }
    p->kind = kind_of(text.ptr[p->pos++]);
    if (p->kind == TOK_WORD)
        while (p->pos < text.len && is_word_char(text.ptr[p->pos]))
            p->pos++;
    if (p->kind == TOK_COMPARE)
        while (p->pos < text.len && kind_of(text.ptr[p->pos]) == TOK_COMPARE)
            p->pos++;
    if (p->kind == TOK_WRONG)
        while (p->pos < text.len && ((unsigned char)text.ptr[p->pos] & 0xc0) == 0x80)
            p->pos++;
    p->token = str_slice(text, p->at, p->pos - p->at);
}

static bool is_word(const struct parser *p, const char *word) {
    return p->kind == TOK_WORD && str_equal(p->token, str_of(word));
}

static bool take(struct parser *p, const char *word) {
    if (!is_word(p, word))
        return false;
    next(p);
    return true;
}

static struct tree *expected(struct parser *p, const char *what) {
    if (p->kind == TOK_END)
        complain_inside(p->l, p->node, p->node->text.len, "the guard ends where %s is expected", what);
    else
        complain_inside(p->l, p->node, p->at, "%s is expected here, not \"%.*s\"", what,
                        STR_ARG(shown(p->l, p->token)));
    return NULL;
}

/* ---- trees ---- */

static struct tree *new_tree(struct parser *p, enum guard_op op) {
    struct tree *t = LOAD_WORK(p->l, struct tree, 1);
    if (t) {
        t->op = op;
        t->size = 1;
    }
    return t;
}

static struct tree *new_test(struct parser *p, enum guard_op op, uint16_t finding, float number) {
    struct tree *t = new_tree(p, op);
    if (t) {
        t->finding = finding;
        t->number = number;
    }
    return t;
}

/* last: the child added before, or NULL. */
static bool add_child(struct parser *p, struct tree *parent, struct tree *last, struct tree *child) {
    if (!child)
        return false;
    if (last)
        last->next = child;
    else
        parent->first = child;
    parent->children++;
    parent->size += child->size;
    if (parent->children <= UINT8_MAX && parent->size <= GUARD_NODES_MAX)
        return true;
    complain_inside(p->l, p->node, p->at, "the guard is too large, with its conditions opened");
    return false;
}

static struct tree *negated(struct parser *p, struct tree *child, bool negate) {
    if (!child || !negate)
        return child;
    struct tree *t = new_tree(p, GUARD_NOT);
    return t && add_child(p, t, NULL, child) ? t : NULL;
}

/* ---- tests ---- */

static const char *kind_noun(enum finding_kind kind) {
    static const char *const nouns[] = {[FINDING_YESNO] = "a yes or no",
                                        [FINDING_CHOICE] = "a choice",
                                        [FINDING_NUMBER] = "a number",
                                        [FINDING_SET] = "a set"};
    return nouns[kind];
}

static struct tree *parse_is(struct parser *p, uint16_t finding, struct str name) {
    const struct finding *f = &p->l->findings[finding];
    bool negate = take(p, "not");
    bool still = take(p, "still");
    if (p->kind != TOK_WORD)
        return expected(p, "unsure, known, unknown or a value");
    if (still && !is_word(p, "unsure"))
        return expected(p, "\"unsure\"");
    enum guard_op op = still                   ? GUARD_STILL_UNSURE
                       : is_word(p, "unsure")  ? GUARD_UNSURE
                       : is_word(p, "known")   ? GUARD_KNOWN
                       : is_word(p, "unknown") ? GUARD_UNKNOWN
                                               : GUARD_IS;
    float number = 0;
    if (op == GUARD_IS) {
        if (f->kind != FINDING_CHOICE) {
            const char *how = f->kind == FINDING_YESNO    ? "; write it alone, or with \"not\" before it"
                              : f->kind == FINDING_NUMBER ? "; compare it with < <= = >= >"
                                                          : "; write \"has\"";
            complain_inside(p->l, p->node, p->at, "\"%.*s\" is %s, not a choice%s", STR_ARG(name), kind_noun(f->kind),
                            how);
            return NULL;
        }
        uint16_t option = load_option(p->l, f, p->node, p->at, p->token);
        if (option == DIALOG_NONE)
            return NULL;
        number = option;
    }
    next(p);
    return negated(p, new_test(p, op, finding, number), negate);
}

static struct tree *parse_has(struct parser *p, uint16_t finding, struct str name, size_t at) {
    const struct finding *f = &p->l->findings[finding];
    if (f->kind != FINDING_SET) {
        complain_inside(p->l, p->node, at, "\"%.*s\" is %s; only a set has values", STR_ARG(name), kind_noun(f->kind));
        return NULL;
    }
    if (take(p, "none"))
        return negated(p, new_test(p, GUARD_HAS, finding, (float)((UINT32_C(1) << f->option_count) - 1)), true);
    bool many = take(p, "any");
    if (many && !take(p, "of"))
        return expected(p, "\"of\"");
    if (many && p->in_list) {
        complain_inside(p->l, p->node, at, "put ( ) around a list inside a list");
        return NULL;
    }
    uint32_t mask = 0;
    do {
        if (mask)
            next(p);
        if (p->kind != TOK_WORD)
            return expected(p, "a value");
        uint16_t option = load_option(p->l, f, p->node, p->at, p->token);
        if (option == DIALOG_NONE)
            return NULL;
        mask |= UINT32_C(1) << option;
        next(p);
    } while (many && p->kind == TOK_COMMA);
    p->ends_in_list = many;
    return new_test(p, GUARD_HAS, finding, (float)mask);
}

static struct tree *parse_compare(struct parser *p, uint16_t finding, struct str name) {
    const struct finding *f = &p->l->findings[finding];
    static const struct {
        const char *sign;
        enum guard_op op;
    } signs[] = {
        {"<", GUARD_LESS}, {"<=", GUARD_LESS_EQUAL}, {">", GUARD_MORE}, {">=", GUARD_MORE_EQUAL}, {"=", GUARD_EQUAL}};
    if (f->kind != FINDING_NUMBER) {
        complain_inside(p->l, p->node, p->at, "\"%.*s\" is %s; only a number can be compared", STR_ARG(name),
                        kind_noun(f->kind));
        return NULL;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!str_equal(p->token, str_of(signs[i].sign)))
            continue;
        next(p);
        float number;
        if (p->kind != TOK_WORD || !parse_number(p->token, &number))
            return expected(p, "a number");
        next(p);
        return new_test(p, signs[i].op, finding, number);
    }
    return expected(p, "< <= = >= or >");
}

static struct tree *parse_finding(struct parser *p, uint16_t finding, struct str name, size_t at) {
    const struct finding *f = &p->l->findings[finding];
    if (take(p, "is"))
        return parse_is(p, finding, name);
    if (take(p, "has"))
        return parse_has(p, finding, name, at);
    if (p->kind == TOK_COMPARE)
        return parse_compare(p, finding, name);
    if (f->kind == FINDING_YESNO)
        return new_test(p, GUARD_YES, finding, 0);
    complain_inside(p->l, p->node, at, "\"%.*s\" is %s; say what it should be: \"%.*s %s\"", STR_ARG(name),
                    kind_noun(f->kind), STR_ARG(name),
                    f->kind == FINDING_CHOICE ? "is ..."
                    : f->kind == FINDING_SET  ? "has ..."
                                              : "> ...");
    return NULL;
}

/* ---- conditions ---- */

static const struct guard *open_condition(struct loader *l, const struct name *name, unsigned depth) {
    struct condition *c = &l->conditions[name->index];
    if (c->stage == CONDITION_NEW) {
        c->stage = CONDITION_OPEN;
        c->guard = guard_at_depth(l, name->value, depth + 1);
        c->stage = CONDITION_DONE;
    }
    return &c->guard;
}

static struct tree *parse_condition(struct parser *p, const struct name *name, size_t at) {
    struct condition *c = &p->l->conditions[name->index];
    if (c->stage == CONDITION_OPEN || (c->stage == CONDITION_NEW && p->depth >= CONDITION_DEPTH_MAX)) {
        complain_inside(p->l, p->node, at,
                        c->stage == CONDITION_OPEN
                            ? "the condition \"%.*s\" refers to itself, directly or by way of others"
                            : "conditions stand inside each other too deep at \"%.*s\"",
                        STR_ARG(name->text));
        return NULL;
    }
    const struct guard *g = open_condition(p->l, name, p->depth);
    if (!g->nodes)
        return NULL; /* its own problem was noted */
    struct tree *t = new_tree(p, GUARD_ALWAYS);
    if (t) {
        t->opened = g;
        t->size = g->count;
    }
    return t;
}

/* ---- claims ---- */

static struct tree *parse_or(struct parser *p, unsigned depth);
static struct tree *parse_not(struct parser *p, unsigned depth);

static struct tree *parse_list(struct parser *p, struct tree *t, size_t at, unsigned depth) {
    if (p->in_list) {
        complain_inside(p->l, p->node, at, "put ( ) around a list inside a list");
        return NULL;
    }
    p->in_list = true;
    struct tree *last = NULL, *child;
    do {
        if (last)
            next(p);
        child = parse_not(p, depth + 1);
        if (!t || !add_child(p, t, last, child))
            return NULL;
        last = child;
    } while (p->kind == TOK_COMMA);
    p->in_list = false;
    p->ends_in_list = t->children > 1;
    return t;
}

static struct tree *parse_any(struct parser *p, size_t at, unsigned depth) {
    if (!take(p, "of"))
        return expected(p, "\"of\"");
    return parse_list(p, new_tree(p, GUARD_OR), at, depth);
}

static struct tree *parse_at_least(struct parser *p, size_t at, unsigned depth) {
    if (!take(p, "least"))
        return expected(p, "\"least\"");
    uint64_t number;
    size_t number_at = p->at;
    if (p->kind != TOK_WORD || !str_to_u64(p->token, &number) || number < 1 || number > UINT8_MAX)
        return expected(p, "a number from 1 up");
    next(p);
    if (!take(p, "of"))
        return expected(p, "\"of\"");
    struct tree *t = parse_list(p, new_test(p, GUARD_AT_LEAST, 0, (float)number), at, depth);
    if (t && number > t->children) {
        complain_inside(p->l, p->node, number_at, "at least %u of %u can never be", (unsigned)number, t->children);
        return NULL;
    }
    return t;
}

static struct tree *parse_level(struct parser *p) {
    if (!take(p, "is"))
        return expected(p, "\"is\"");
    if (p->kind != TOK_WORD)
        return expected(p, "a level");
    struct nearest near = nearest_to(p->token);
    for (enum level level = LEVEL_SELF_CARE; level <= LEVEL_EMERGENCY; level++) {
        if (is_word(p, level_name(level))) {
            next(p);
            return new_test(p, GUARD_LEVEL, 0, (float)level);
        }
        nearest_offer(&near, str_of(level_name(level)));
    }
    complain_inside(p->l, p->node, p->at, "no level is called \"%.*s\"%.*s", STR_ARG(shown(p->l, p->token)),
                    STR_ARG(did_you_mean(p->l, &near)));
    return NULL;
}

static struct tree *parse_brackets(struct parser *p, size_t at, unsigned depth) {
    bool in_list = p->in_list;
    p->in_list = false;
    struct tree *t = parse_or(p, depth + 1);
    if (!t)
        return NULL;
    p->in_list = in_list;
    p->ends_in_list = false;
    if (p->kind == TOK_CLOSE) {
        next(p);
        return t;
    }
    if (p->kind == TOK_END)
        complain_inside(p->l, p->node, at, "a ( without its )");
    else
        expected(p, "\"and\", \"or\" or \")\"");
    return NULL;
}

static struct tree *parse_name(struct parser *p, struct str word, size_t at) {
    struct name *name = names_find(&p->l->names[NAME_FINDING], word);
    if (name) {
        name->used = true;
        return parse_finding(p, (uint16_t)name->index, word, at);
    }
    name = names_find(&p->l->names[NAME_CONDITION], word);
    if (name) {
        name->used = true;
        return parse_condition(p, name, at);
    }
    struct nearest near = nearest_to(word);
    nearest_offer_names(&near, &p->l->names[NAME_FINDING]);
    nearest_offer_names(&near, &p->l->names[NAME_CONDITION]);
    complain_inside(p->l, p->node, at, "no finding or condition named \"%.*s\"%.*s", STR_ARG(shown(p->l, word)),
                    STR_ARG(did_you_mean(p->l, &near)));
    return NULL;
}

static struct tree *parse_claim(struct parser *p, unsigned depth) {
    static const char *const misplaced[] = {"and", "or", "of", "is", "has", "least"};
    struct str word = p->token;
    size_t at = p->at;
    enum token_kind kind = p->kind;
    if (depth > GUARD_DEPTH_MAX) {
        complain_inside(p->l, p->node, at, "brackets are nested too deep");
        return NULL;
    }
    if (kind != TOK_WORD && kind != TOK_OPEN)
        return expected(p, "a finding or a condition");
    for (size_t i = 0; i < sizeof misplaced / sizeof *misplaced; i++)
        if (is_word(p, misplaced[i]))
            return expected(p, "a finding or a condition");
    p->ends_in_list = false;
    next(p);
    if (kind == TOK_OPEN)
        return parse_brackets(p, at, depth);
    if (str_equal(word, STR("always")))
        return new_tree(p, GUARD_ALWAYS);
    if (str_equal(word, STR("never")))
        return new_tree(p, GUARD_NEVER);
    if (str_equal(word, STR("any")))
        return parse_any(p, at, depth);
    if (str_equal(word, STR("at")))
        return parse_at_least(p, at, depth);
    if (str_equal(word, STR("level")))
        return parse_level(p);
    return parse_name(p, word, at);
}

static struct tree *parse_not(struct parser *p, unsigned depth) {
    bool negate = false;
    while (take(p, "not"))
        negate = !negate;
    return negated(p, parse_claim(p, depth), negate);
}

/* "a, b and c": would the list end before the "and", or with c? */
static bool list_is_clear(struct parser *p) {
    if (!p->ends_in_list)
        return true;
    complain_inside(p->l, p->node, p->at, "put ( ) around the list before \"%.*s\", so that it is clear where it ends",
                    STR_ARG(p->token));
    return false;
}

static struct tree *parse_chain(struct parser *p, const char *word, enum guard_op op,
                                struct tree *(*part)(struct parser *, unsigned), unsigned depth) {
    struct tree *first = part(p, depth);
    if (!first || !is_word(p, word))
        return first;
    struct tree *t = new_tree(p, op), *last = first;
    if (!t || !add_child(p, t, NULL, first))
        return NULL;
    while (is_word(p, word)) {
        if (!list_is_clear(p))
            return NULL;
        next(p);
        struct tree *child = part(p, depth);
        if (!add_child(p, t, last, child))
            return NULL;
        last = child;
    }
    return t;
}

static struct tree *parse_and(struct parser *p, unsigned depth) {
    return parse_chain(p, "and", GUARD_AND, parse_not, depth);
}

static struct tree *parse_or(struct parser *p, unsigned depth) {
    return parse_chain(p, "or", GUARD_OR, parse_and, depth);
}

/* ---- layout ---- */

/* Depth first; as deep as the brackets were. */
static struct guard_node *lay_out(const struct tree *t, struct guard_node *to) {
    if (t->opened) {
        memcpy(to, t->opened->nodes, t->opened->count * sizeof *to);
        return to + t->opened->count;
    }
    *to = (struct guard_node){.op = (uint8_t)t->op,
                              .children = (uint8_t)t->children,
                              .span = (uint16_t)t->size,
                              .finding = t->finding,
                              .number = t->number};
    struct guard_node *end = to + 1;
    for (const struct tree *child = t->first; child; child = child->next)
        end = lay_out(child, end);
    return end;
}

/* What stands behind a mistake was not read, but it is used all the same. */
static void use_the_rest(struct parser *p) {
    for (; p->kind != TOK_END; next(p)) {
        struct name *name = names_find(&p->l->names[NAME_FINDING], p->token);
        if (!name)
            name = names_find(&p->l->names[NAME_CONDITION], p->token);
        if (name)
            name->used = true;
    }
}

/* A condition stands opened in the guards that name it; by itself nobody looks at it. */
static struct normal_guard *keep_block(struct loader *l, struct guard_node *nodes, size_t count) {
    if (l->guard_count == l->guard_cap) {
        size_t cap = l->guard_cap ? l->guard_cap * 2 : 64;
        struct guard_block *guards = LOAD_WORK(l, struct guard_block, cap);
        if (!guards)
            return NULL;
        if (l->guard_count > 0)
            memcpy(guards, l->guards, l->guard_count * sizeof *guards);
        l->guards = guards;
        l->guard_cap = cap;
    }
    struct normal_guard *normal = LOAD_OUT(l, struct normal_guard, 1);
    if (normal)
        l->guards[l->guard_count++] = (struct guard_block){nodes, count, normal};
    return normal;
}

static struct guard guard_at_depth(struct loader *l, const struct node *n, unsigned depth) {
    if (read_text(l, n).len == 0)
        return (struct guard){0};
    struct parser p = {.l = l, .node = n, .depth = depth};
    next(&p);
    struct tree *t = parse_or(&p, 0);
    if (t && p.kind != TOK_END)
        t = expected(&p, "\"and\" or \"or\"");
    use_the_rest(&p);
    struct guard_node *nodes = t ? LOAD_OUT(l, struct guard_node, t->size) : NULL;
    if (!nodes)
        return (struct guard){0};
    lay_out(t, nodes);
    return (struct guard){nodes, t->size, depth == 0 ? keep_block(l, nodes, t->size) : NULL};
}

struct guard load_guard(struct loader *l, const struct node *n) {
    return n ? guard_at_depth(l, n, 0) : (struct guard){0};
}

void load_conditions(struct loader *l) {
    const struct names *names = &l->names[NAME_CONDITION];
    for (uint32_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        if (names_find(&l->names[NAME_FINDING], name->text))
            complain(l, name->key, "\"%.*s\" is also the name of a finding", STR_ARG(name->text));
        open_condition(l, name, 0);
    }
}
