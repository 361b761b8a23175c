#include "chat/discord_frame.h"

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static char at(struct str s, size_t i) { return i < s.len ? s.ptr[i] : '\0'; }

static size_t skip_space(struct str s, size_t i) {
    while (i < s.len && is_space(s.ptr[i]))
        i++;
    return i;
}

/* Behind the string that begins at i; SIZE_MAX where it does not end. */
static size_t skip_string(struct str s, size_t i) {
    for (i++; i < s.len; i++) {
        if (s.ptr[i] == '"')
            return i + 1;
        if (s.ptr[i] == '\\')
            i++;
    }
    return SIZE_MAX;
}

/* Behind the object or list that begins at i. */
static size_t skip_nested(struct str s, size_t i) {
    size_t depth = 0;
    while (i < s.len) {
        char c = s.ptr[i];
        if (c == '"') {
            i = skip_string(s, i);
            continue;
        }
        i++;
        depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --depth == 0)
            return i;
    }
    return SIZE_MAX;
}

static size_t skip_value(struct str s, size_t i) {
    char first = at(s, i);
    if (first == '"')
        return skip_string(s, i);
    if (first == '{' || first == '[')
        return skip_nested(s, i);
    size_t end = i;
    while (end < s.len && !is_space(s.ptr[end]) && s.ptr[end] != ',' && s.ptr[end] != '}' && s.ptr[end] != ']')
        end++;
    return end > i ? end : SIZE_MAX;
}

static int64_t whole_number(struct str s) {
    uint64_t number;
    return str_to_u64(s, &number) && number <= INT64_MAX ? (int64_t)number : -1;
}

static void take(struct discord_frame *f, struct str key, struct str value) {
    if (str_equal(key, STR("\"op\"")))
        f->op = whole_number(value);
    else if (str_equal(key, STR("\"s\"")))
        f->s = whole_number(value);
    else if (str_equal(key, STR("\"t\"")))
        f->t = at(value, 0) == '"' ? str_slice(value, 1, value.len - 2) : STR_NONE;
    else if (str_equal(key, STR("\"d\"")))
        f->d = value;
}

bool discord_frame_read(struct str text, struct discord_frame *f) {
    *f = (struct discord_frame){.op = -1, .s = -1};
    size_t i = skip_space(text, 0), end;
    if (at(text, i) != '{')
        return false;
    i = skip_space(text, i + 1);
    while (at(text, i) == '"') {
        size_t key = i;
        if ((end = skip_string(text, key)) == SIZE_MAX || at(text, i = skip_space(text, end)) != ':')
            return false;
        size_t value = skip_space(text, i + 1), value_end = skip_value(text, value);
        if (value_end == SIZE_MAX)
            return false;
        take(f, str_slice(text, key, end - key), str_slice(text, value, value_end - value));
        i = skip_space(text, value_end);
        if (at(text, i) != ',')
            break;
        i = skip_space(text, i + 1);
    }
    return at(text, i) == '}' && skip_space(text, i + 1) >= text.len;
}
