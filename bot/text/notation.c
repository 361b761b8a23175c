#include "text/notation.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0'; }

struct str notation_part(struct str *rest, bool *behind) {
    struct str part = str_trim(str_cut(rest, '+'));
    *behind = str_starts_with(part, STR(">"));
    return *behind ? str_trim(str_slice(part, 1, part.len)) : part;
}

struct str notation_element(struct str *part) {
    size_t from = 0;
    while (from < part->len && is_blank(part->ptr[from]))
        from++;
    size_t to = from;
    while (to < part->len && !is_blank(part->ptr[to]))
        to++;
    struct str element = str_slice(*part, from, to - from);
    *part = str_slice(*part, to, part->len);
    return element;
}

struct str notation_alternative(struct str *element) {
    size_t to = 0;
    for (; to < element->len; to++) {
        if (element->ptr[to] != '/')
            continue;
        bool in_number = to > 0 && to + 1 < element->len && str_is_digit(element->ptr[to - 1]) &&
                         str_is_digit(element->ptr[to + 1]);
        if (!in_number)
            break;
    }
    struct str alternative = str_slice(*element, 0, to);
    *element = str_slice(*element, to + 1, element->len);
    return alternative;
}

bool notation_is_group(struct str alternative, struct str *name) {
    if (alternative.len < 2 || alternative.ptr[0] != '<' || alternative.ptr[alternative.len - 1] != '>')
        return false;
    *name = str_slice(alternative, 1, alternative.len - 2);
    return true;
}

bool notation_is_exact(struct str *alternative) {
    if (alternative->len == 0 || alternative->ptr[0] != '=')
        return false;
    *alternative = str_slice(*alternative, 1, alternative->len);
    return true;
}

static bool check_alternative(struct str alternative, struct str phrase, struct err *e) {
    struct str name = STR_NONE;
    if (notation_is_group(alternative, &name)) {
        if (name.len == 0)
            return err_set(e, ERR_SCHEMA, "a group without a name in \"%.*s\"", STR_ARG(phrase));
        for (size_t i = 0; i < name.len; i++) {
            char c = name.ptr[i];
            if (!((c >= 'a' && c <= 'z') || str_is_digit(c) || c == '_' || c == '-'))
                return err_set(e, ERR_SCHEMA, "\"<%.*s>\" is no name of a group in \"%.*s\"", STR_ARG(name),
                               STR_ARG(phrase));
        }
        return true;
    }
    notation_is_exact(&alternative);
    if (alternative.len == 0)
        return err_set(e, ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"%.*s\"", STR_ARG(phrase));
    for (size_t i = 0; i < alternative.len; i++)
        if (alternative.ptr[i] == '<' || alternative.ptr[i] == '>' || alternative.ptr[i] == '=')
            return err_set(e, ERR_SCHEMA, "\"%c\" is out of place in \"%.*s\"", alternative.ptr[i], STR_ARG(phrase));
    return true;
}

/* An element that ends in "/" has an empty alternative that cutting does not show. */
static bool ends_open(struct str element) {
    return element.len && (element.ptr[element.len - 1] == '/' || element.ptr[0] == '/');
}

static bool check_part(struct str part, struct str phrase, struct err *e) {
    struct str element = notation_element(&part);
    if (element.len == 0)
        return err_set(e, ERR_SCHEMA, "nothing on one side of the \"+\" in \"%.*s\"", STR_ARG(phrase));
    for (; element.len; element = notation_element(&part)) {
        if (ends_open(element))
            return err_set(e, ERR_SCHEMA, "a word is missing beside \"/\" or \"=\" in \"%.*s\"", STR_ARG(phrase));
        while (element.len)
            if (!check_alternative(notation_alternative(&element), phrase, e))
                return false;
    }
    return true;
}

bool notation_check(struct str phrase, bool parts, struct err *e) {
    if (phrase.len > PHRASE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "a phrase of %zu bytes: %d is the most", phrase.len, PHRASE_BYTES_MAX);
    if (str_is_empty(str_trim(phrase)))
        return err_set(e, ERR_SCHEMA, "an empty phrase");
    size_t plus = 0;
    for (size_t i = 0; i < phrase.len; i++)
        plus += phrase.ptr[i] == '+';
    if (plus && !parts)
        return err_set(e, ERR_SCHEMA, "\"+\" has no place in \"%.*s\"", STR_ARG(phrase));
    if (plus + 1 > PHRASE_PARTS_MAX)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" has %zu parts: %d is the most", STR_ARG(phrase), plus + 1,
                       PHRASE_PARTS_MAX);
    struct str rest = phrase;
    bool behind;
    for (size_t i = 0; i <= plus; i++) {
        struct str part = notation_part(&rest, &behind);
        if (behind && i == 0)
            return err_set(e, ERR_SCHEMA, "\">\" is out of place in \"%.*s\"", STR_ARG(phrase));
        if (!check_part(part, phrase, e))
            return false;
    }
    return true;
}
