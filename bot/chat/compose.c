#include "chat/compose.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "core/siphash.h"
#include "core/utf8.h"

/* ---- marks ---- */

static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t'; }

static char at(struct str s, size_t i) { return i < s.len ? s.ptr[i] : ' '; }

/* Bytes of "*words*" at the start of s, both stars included, or 0: no blank inside the stars' edges, one line, and nothing
 * of a word right behind. */
static size_t strong_at(struct str s) {
    if (at(s, 0) != '*' || is_blank(at(s, 1)) || at(s, 1) == '*')
        return 0;
    for (size_t i = 1; i < s.len && s.ptr[i] != '\n'; i++)
        if (s.ptr[i] == '*')
            return is_blank(s.ptr[i - 1]) ? 0 : i + 1;
    return 0;
}

static size_t link_at(struct str s) {
    if (!str_starts_with(s, STR("<https://")) && !str_starts_with(s, STR("<http://")))
        return 0;
    for (size_t i = 1; i < s.len && !is_blank(s.ptr[i]); i++)
        if (s.ptr[i] == '>')
            return i + 1;
    return 0;
}

/* A character that the platform would take for a mark. In Markdown, '-', '+', '#', '>' and digits mean something at the start
 * of a line only; a "- " there is ours, a list. */
static bool needs_backslash(char c, bool line_start, char next) {
    if (c && strchr("*_~`|\\<[]", c))
        return true;
    return line_start && c && (strchr("#>+", c) || (c == '-' && next != ' '));
}

static void add_plain(struct buf *out, char c, enum compose_markup markup, bool line_start, char next) {
    if (markup == COMPOSE_MRKDWN && (c == '&' || c == '<' || c == '>')) {
        buf_add(out, c == '&' ? STR("&amp;") : c == '<' ? STR("&lt;") : STR("&gt;"));
        return;
    }
    if (markup == COMPOSE_MARKDOWN && needs_backslash(c, line_start, next))
        buf_add_char(out, '\\');
    buf_add_char(out, c);
    /* A mention in somebody's own words calls nobody: U+200B behind the at sign. */
    if (markup != COMPOSE_STYLING && markup != COMPOSE_IRC && c == '@')
        buf_add(out, STR("\xe2\x80\x8b"));
}

static void add_strong(struct buf *out, struct str words, enum compose_markup markup) {
    static const char *const marks[] = {
        [COMPOSE_STYLING] = "*", [COMPOSE_MARKDOWN] = "**", [COMPOSE_MRKDWN] = "*", [COMPOSE_IRC] = "\x02"};
    buf_add(out, str_of(marks[markup]));
    for (size_t i = 0; i < words.len; i++)
        add_plain(out, words.ptr[i], markup, false, ' ');
    buf_add(out, str_of(marks[markup]));
}

static void add_link(struct buf *out, struct str link, enum compose_markup markup) {
    bool bare = markup == COMPOSE_STYLING || markup == COMPOSE_IRC;
    buf_add(out, bare ? str_slice(link, 1, link.len - 2) : link);
}

static void add_text(struct buf *out, struct str s, enum compose_markup markup) {
    for (size_t i = 0; i < s.len;) {
        struct str here = str_slice(s, i, SIZE_MAX);
        bool word_start = i == 0 || is_blank(s.ptr[i - 1]) || strchr("(\"'", s.ptr[i - 1]);
        size_t strong = word_start ? strong_at(here) : 0, link = strong ? 0 : link_at(here);
        if (strong)
            add_strong(out, str_slice(here, 1, strong - 2), markup);
        else if (link)
            add_link(out, str_slice(here, 0, link), markup);
        else
            add_plain(out, s.ptr[i], markup, i == 0 || s.ptr[i - 1] == '\n', at(s, i + 1));
        i += strong ? strong : link ? link : 1;
    }
}

/* ---- the whole ---- */

static void add_choices(struct buf *out, const struct chat_part *part, enum compose_markup markup) {
    for (size_t i = 0; i < part->choice_count; i++) {
        if (part->numbered)
            buf_printf(out, "\n%zu. ", i + 1);
        else
            buf_add(out, STR("\n- "));
        add_text(out, part->choices[i], markup);
    }
}

size_t compose_question(const struct chat_say *say) {
    for (size_t i = say->part_count; i-- > 0;)
        if (say->parts[i].choice_count > 0)
            return i;
    return SIZE_MAX;
}

void compose_text(struct buf *out, const struct chat_say *say, enum compose_markup markup, size_t buttons) {
    if (say->nick.len > 0) {
        add_text(out, say->nick, markup);
        buf_add(out, STR(": "));
    }
    for (size_t i = 0; i < say->part_count; i++) {
        if (i > 0)
            buf_add(out, STR("\n\n"));
        add_text(out, say->parts[i].text, markup);
        if (i != buttons)
            add_choices(out, &say->parts[i], markup);
    }
}

/* ---- pieces ---- */

static size_t units_of(uint32_t point, size_t bytes, enum compose_unit unit) {
    switch (unit) {
    case COMPOSE_BYTES: return bytes;
    case COMPOSE_UTF16: return point > 0xffff ? 2 : 1;
    case COMPOSE_POINTS: break;
    }
    return 1;
}

size_t compose_length(struct str text, enum compose_unit unit) {
    size_t length = 0;
    for (uint32_t point; text.len > 0;) {
        size_t bytes = utf8_next(text, &point);
        length += units_of(point, bytes, unit);
        text = str_slice(text, bytes, SIZE_MAX);
    }
    return length;
}

/* Where text may be cut when `most` units fit: the last of each kind. 0: none. */
struct cuts {
    size_t all, paragraph, line, blank, grapheme;
};

static struct cuts find_cuts(struct str text, size_t most, enum compose_unit unit) {
    struct cuts c = {0};
    size_t length = 0, i = 0;
    utf8proc_int32_t state = 0;
    uint32_t before = 0, point;
    while (i < text.len) {
        size_t bytes = utf8_next(str_slice(text, i, SIZE_MAX), &point);
        if (i > 0 && utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)point, &state))
            c.grapheme = i;
        if (i > 0 && is_blank(text.ptr[i])) {
            c.blank = i;
            if (text.ptr[i] == '\n')
                c.line = i;
            if (text.ptr[i] == '\n' && at(text, i + 1) == '\n')
                c.paragraph = i;
        }
        length += units_of(point, bytes, unit);
        if (length > most)
            return c;
        before = point;
        i += bytes;
    }
    c.all = text.len;
    return c;
}

struct str compose_cut(struct str *rest, size_t most, enum compose_unit unit) {
    struct str text = str_trim(*rest);
    struct cuts c = find_cuts(text, most, unit);
    size_t cut = c.all ? c.all : c.paragraph ? c.paragraph : c.line ? c.line : c.blank ? c.blank : c.grapheme;
    uint32_t point;
    if (cut == 0) /* not even one grapheme fits */
        cut = utf8_next(text, &point);
    *rest = str_trim(str_slice(text, cut, SIZE_MAX));
    return str_trim(str_slice(text, 0, cut));
}

/* ---- keys ---- */

void compose_key(const struct chat_say *say, struct str text, unsigned piece, char key[COMPOSE_KEY_SIZE]) {
    /* No secret: whoever could choose a message's id so that two answers get one key would lose an answer of his own. */
    static const unsigned char fixed[16] = "lippy's answers";
    uint64_t parts[3] = {siphash(fixed, say->to), siphash(fixed, say->answers), siphash(fixed, text)};
    uint64_t hash = siphash(fixed, (struct str){(const char *)parts, sizeof parts});
    snprintf(key, COMPOSE_KEY_SIZE, "%016llx-%u", (unsigned long long)hash, piece % 100000);
}
