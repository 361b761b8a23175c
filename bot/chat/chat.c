#include "chat/chat.h"

/* What people put before a name they speak to. */
static const struct str greetings[] = {
    STR_INIT("hey"), STR_INIT("hi"), STR_INIT("hello"), STR_INIT("dear"), STR_INIT("ok"), STR_INIT("okay"),
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Bytes of a mark that sets a name off from what follows, or 0. */
static size_t separator_at(struct str s) {
    static const struct str marks[] = {
        STR_INIT(","),
        STR_INIT(":"),
        STR_INIT(";"),
        STR_INIT("-"),
        STR_INIT("!"),
        STR_INIT("?"),
        STR_INIT("."),
        STR_INIT("\xe2\x80\x93"), /* en dash */
        STR_INIT("\xe2\x80\x94"), /* em dash */
        STR_INIT("\xe2\x80\xa6"), /* ellipsis */
        STR_INIT("\xef\xbc\x8c"), /* full-width comma */
        STR_INIT("\xef\xbc\x9a"), /* full-width colon */
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (str_starts_with(s, marks[i]))
            return marks[i].len;
    return 0;
}

static size_t separators_len(struct str s) {
    size_t len = 0;
    for (size_t n; (n = separator_at(str_slice(s, len, SIZE_MAX))) > 0;)
        len += n;
    return len;
}

static struct str skip(struct str s, size_t count) { return str_slice(s, count, SIZE_MAX); }

/* Whether a name may end where s begins: "lippy-like", "lippy.example.org" and "lippy's" are other words. */
static bool name_ends(struct str s) {
    if (s.len == 0 || is_blank(s.ptr[0]))
        return true;
    size_t len = separators_len(s);
    if (len == 0)
        return false;
    if (len == s.len || is_blank(s.ptr[len]))
        return true;
    return s.ptr[0] != '-' && s.ptr[0] != '.';
}

/* s with the name at its head cut off, and the marks behind it. */
static bool cut_name(struct str s, struct str name, struct str *rest) {
    if (s.len > 0 && s.ptr[0] == '@')
        s = skip(s, 1);
    if (!str_starts_with_nocase(s, name) || !name_ends(skip(s, name.len)))
        return false;
    s = skip(s, name.len);
    struct str after = str_trim(s);
    size_t marks = separators_len(after);
    bool touching = s.len > 0 && !is_blank(s.ptr[0]);
    /* In "lippy :)" the colon belongs to the smile. */
    if (touching || marks == after.len || is_blank(after.ptr[marks]))
        after = str_trim(skip(after, marks));
    *rest = after;
    return true;
}

static bool cut_greeting(struct str *s) {
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        struct str after = skip(*s, greetings[i].len);
        if (!str_starts_with_nocase(*s, greetings[i]))
            continue;
        after = skip(after, separators_len(after));
        if (after.len == 0 || !is_blank(after.ptr[0]))
            continue;
        *s = str_trim(after);
        return true;
    }
    return false;
}

static bool is_word_byte(char c) {
    return str_is_letter(c) || str_is_digit(c) || c == '_' || (c & 0x80) != 0;
}

static bool is_mentioned(struct str text, struct str name) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '@' || (i > 0 && is_word_byte(text.ptr[i - 1])))
            continue;
        struct str s = skip(text, i + 1);
        if (str_starts_with_nocase(s, name) && (name_ends(skip(s, name.len)) || s.ptr[name.len] == ')'))
            return true;
    }
    return false;
}

bool chat_is_addressed(struct str text, struct str name, struct str *rest) {
    struct str s = str_trim(text);
    *rest = text;
    if (name.len == 0)
        return false;
    if (cut_name(s, name, rest))
        return true;
    if (cut_greeting(&s) && cut_name(s, name, rest))
        return true;
    return is_mentioned(text, name);
}

int64_t chat_backoff_ms(unsigned attempt, uint32_t random) {
    enum { LEAST_MS = 250, FIRST_MS = 1000, MOST_MS = 5 * 60 * 1000 };
    int64_t ceiling = MOST_MS;
    if (attempt < 9 && ((int64_t)FIRST_MS << attempt) < MOST_MS)
        ceiling = (int64_t)FIRST_MS << attempt;
    return LEAST_MS + ((int64_t)random * (ceiling - LEAST_MS) >> 32);
}
