#include "text/split.h"

#include "text/work.h"

enum class {
    LETTER,
    DIGIT,
    BLANK,
    SYMBOL,
    QUOTE,
    MARK, /* punctuation with a meaning */
};

#define L LETTER
#define D DIGIT
#define B BLANK
#define S SYMBOL
#define Q QUOTE
#define M MARK
static const uint8_t classes[256] = {
    B, B, B, B, B, B, B, B, B, B, M, B, B, M, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, M, B, S, S,
    S, S, Q, M, M, B, S, M, M, M, B, D, D, D, D, D, D, D, D, D, D, M, M, S, S, S, M, S, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, M, B, M, B, B, B, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, L, M, B, M, B, B, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
};
#undef L
#undef D
#undef B
#undef S
#undef Q
#undef M

static enum class class_at(const struct splitter *s, size_t at) {
    return classes[(unsigned char)s->text[at]]; /* the text ends in zero bytes, which are blanks */
}

static bool blank_at(const struct splitter *s, size_t at) {
    return class_at(s, at) == BLANK || class_at(s, at) == MARK;
}

/* What the mark at `at` is, and how many bytes it takes. */
static enum before mark_at(const struct splitter *s, size_t at, size_t *count) {
    *count = 1;
    char c = s->text[at];
    switch (c) {
    case ',':
        return BEFORE_COMMA;
    case ':':
        return BEFORE_COLON;
    case '-':
        while (s->text[at + *count] == '-')
            ++*count;
        if (*count > 1)
            return BEFORE_DASH;
        return (at == 0 || blank_at(s, at - 1)) || blank_at(s, at + 1) ? BEFORE_DASH : BEFORE_NOTHING;
    case '.':
        while (s->text[at + *count] == '.')
            ++*count;
        return *count > 1 ? BEFORE_DOTS : BEFORE_STOP;
    case ';':
        return BEFORE_STOP;
    case '!':
        return BEFORE_EXCLAIM;
    case '?':
        return BEFORE_QUESTION;
    case '\n':
    case '\r':
        return BEFORE_NEWLINE;
    default:
        return BEFORE_BRACKET;
    }
}

/* "Dr. Smith", "approx. 2 weeks": the dot ends no sentence. */
static bool is_abbreviation(const char *text, size_t len) {
    static const struct str known[] = {
        STR_INIT("dr"), STR_INIT("mr"),     STR_INIT("mrs"),  STR_INIT("st"),
        STR_INIT("vs"), STR_INIT("approx"), STR_INIT("prof"),
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_equal(known[i], (struct str){text, len}))
            return true;
    return false;
}

/* "e.g.", "p.m": single letters with dots between them. Moves them together and returns the place behind the last dot or letter. */
static size_t join_acronym(struct splitter *s, struct piece *p) {
    size_t at = p->start;
    p->len = 0;
    while (class_at(s, at) == LETTER && s->text[at + 1] == '.') {
        s->text[p->start + p->len++] = s->text[at];
        at += 2;
    }
    if (class_at(s, at) == LETTER && class_at(s, at + 1) != LETTER)
        s->text[p->start + p->len++] = s->text[at++];
    return at;
}

static bool starts_acronym(const struct splitter *s, size_t at) {
    return s->text[at + 1] == '.' && class_at(s, at + 2) == LETTER && class_at(s, at + 3) != LETTER;
}

static size_t word_end(struct splitter *s, struct piece *p, size_t at) {
    for (;;) {
        at += split_letters(s->text + at);
        if (class_at(s, at) != QUOTE || class_at(s, at + 1) != LETTER)
            return at;
        p->apostrophe = true;
        at++;
    }
}

static size_t number_end(const struct splitter *s, size_t at) {
    for (;;) {
        while (class_at(s, at) == DIGIT)
            at++;
        char c = s->text[at];
        bool inner = c == '.' || c == ',' || c == '/' || c == ':' || c == '-';
        if (!inner || class_at(s, at + 1) != DIGIT)
            return at;
        at++;
    }
}

/* Skips to the next piece. False at the end of the text. */
static bool skip(struct splitter *s, struct piece *p) {
    p->before = BEFORE_NOTHING;
    for (;;) {
        enum class c = class_at(s, s->at);
        if (c <= DIGIT || c == SYMBOL)
            return true;
        if (s->at >= s->len)
            return false;
        size_t count = 1;
        if (c == MARK) {
            enum before mark = mark_at(s, s->at, &count);
            if (mark > p->before)
                p->before = (uint8_t)mark;
        }
        s->at += count;
    }
}

/* Whether a symbol of several bytes is at `at`, that is an emoji: folding left them from few blocks only, between blanks. */
static bool symbol_at(const struct splitter *s, size_t at, size_t *count) {
    unsigned char c = (unsigned char)s->text[at];
    *count = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0x80 ? 2 : 1;
    bool wide = c == 0xE2 || (c == 0xF0 && (unsigned char)s->text[at + 1] == 0x9F); /* U+2000..2FFF, U+1F000..1FFFF */
    return wide && s->text[at + *count] == ' ';
}

bool split_next(struct splitter *s, struct piece *p) {
    if (!skip(s, p))
        return false;
    p->start = s->at;
    p->text = s->text + s->at;
    p->apostrophe = false;
    size_t end;
    switch (class_at(s, s->at)) {
    case DIGIT:
        p->kind = PIECE_NUMBER;
        end = number_end(s, s->at);
        break;
    case SYMBOL:
        p->kind = PIECE_SYMBOL;
        end = s->at + 1;
        break;
    default:
        if ((unsigned char)*p->text >= 0x80 && symbol_at(s, s->at, &end)) {
            p->kind = PIECE_SYMBOL;
            end += s->at;
            break;
        }
        p->kind = PIECE_WORD;
        if (starts_acronym(s, s->at)) {
            p->end = s->at = join_acronym(s, p);
            p->hash = fold_hash(p->text, p->len);
            return true;
        }
        end = word_end(s, p, s->at);
    }
    p->len = end - p->start;
    p->end = s->at = end;
    p->hash = fold_hash(p->text, p->len);
    if (s->text[end] == '.' && p->kind == PIECE_WORD && is_abbreviation(p->text, p->len))
        s->at++;
    return true;
}
