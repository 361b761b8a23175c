#include "chat/irc_line.h"

static struct str cut_word(struct str *rest) {
    struct str word = str_cut(rest, ' ');
    while (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = str_slice(*rest, 1, SIZE_MAX);
    return word;
}

bool irc_line_read(struct str text, struct irc_line *line) {
    struct str rest = text;
    while (rest.len > 0 && (rest.ptr[rest.len - 1] == '\r' || rest.ptr[rest.len - 1] == '\n'))
        rest.len--;
    *line = (struct irc_line){0};
    if (rest.len > 0 && rest.ptr[0] == '@')
        line->tags = str_slice(cut_word(&rest), 1, SIZE_MAX);
    if (rest.len > 0 && rest.ptr[0] == ':') {
        line->source = str_slice(cut_word(&rest), 1, SIZE_MAX);
        struct str source = line->source;
        line->nick = str_cut(&source, '!');
    }
    line->command = cut_word(&rest);
    while (rest.len > 0 && line->param_count < IRC_PARAMS_MOST) {
        bool last = rest.ptr[0] == ':' || line->param_count == IRC_PARAMS_MOST - 1;
        line->params[line->param_count++] = rest.ptr[0] == ':' ? str_slice(rest, 1, SIZE_MAX) : last ? rest : cut_word(&rest);
        if (last)
            break;
    }
    return line->command.len > 0;
}

struct str irc_line_tag(const struct irc_line *line, const char *name, bool *there) {
    struct str rest = line->tags, wanted = str_of(name);
    *there = false;
    while (rest.len > 0) {
        struct str value = str_cut(&rest, ';'), key = str_cut(&value, '=');
        if (str_equal(key, wanted)) {
            *there = true;
            return value;
        }
    }
    return STR_NONE;
}

struct str irc_line_param(const struct irc_line *line, size_t i) { return i < line->param_count ? line->params[i] : STR_NONE; }
