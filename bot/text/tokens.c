/* A message cut into tokens, each looked up: words the lexicon has as they are written cost one probe of a hash table. */
#include <assert.h>
#include <string.h>

#include "text/contraction.h"
#include "text/fold.h"
#include "text/inside.h"
#include "text/split.h"
#include "text/words.h"

enum {
    ODD_BYTES_MAX = 12,  /* of an expansion that splitting would take apart: "w/o", "b4" */
    JOINED_BYTES_MIN = 6 /* of a word that was typed as two */
};

struct tokenizer {
    struct work *w;
    const struct vocabulary *words;
    struct folded folded;
    struct splitter splitter;
    struct token tokens[READING_TOKENS_MAX];
    struct word *beside; /* w->words */
    size_t count;
    uint8_t before; /* for the next token */
    bool full;
};

static uint16_t original_start(const struct tokenizer *t, size_t at) {
    return (uint16_t)(t->folded.origins ? t->folded.origins[at].from : at);
}

static uint16_t original_end(const struct tokenizer *t, size_t end) {
    return (uint16_t)(t->folded.origins ? t->folded.origins[end - 1].to : end);
}

/* A new token at p, or NULL when there is no room. */
static struct token *add_token(struct tokenizer *t, const struct piece *p, struct str folded, struct word **beside) {
    if (t->count == READING_TOKENS_MAX) {
        t->full = true;
        return NULL;
    }
    uint16_t start = original_start(t, p->start);
    struct token *token = &t->tokens[t->count];
    *beside = &t->beside[t->count++];
    *token = (struct token){.start = start, .length = (uint16_t)(original_end(t, p->end) - start)};
    **beside = (struct word){.folded = folded, .before = t->before};
    t->w->any_mark |= t->before > BEFORE_NOTHING && t->count > 1;
    t->w->any_digits |= folded.len > 0 && str_is_digit(folded.ptr[0]);
    t->before = BEFORE_NOTHING;
    return token;
}

static_assert((int)FORM_FILLER == (int)TOKEN_FILLER, "one is taken for the other");

/* What a form says of the token that it is. */
static inline void describe(struct work *w, struct token *token, struct word *beside, const struct form *form, uint32_t id) {
    token->word = form->stem;
    token->flags = form->flags & FORM_FILLER;
    beside->form = id;
    beside->kinds = form->kinds;
    beside->number_word = form->number_word;
    beside->flags = form->flags;
    beside->glue = form->glue;
    w->kinds |= form->kinds;
    w->glues |= glue_bit((enum glue)form->glue);
    w->flags |= form->flags;
}

static void put_one(struct tokenizer *t, const struct piece *p, struct str folded, uint32_t id, unsigned flags) {
    struct word *beside;
    struct token *token = add_token(t, p, folded, &beside);
    if (!token)
        return;
    describe(t->w, token, beside, &t->words->forms[id], id);
    token->flags |= (uint8_t)flags;
    if (flags & TOKEN_MENDED)
        t->w->flags |= FORM_ANY;
}

/* A known form, and what it stands for. */
static void put_form(struct tokenizer *t, const struct piece *p, struct str folded, uint32_t id, unsigned flags) {
    const struct form *form = &t->words->forms[id];
    if (!(form->flags & FORM_EXPANDS)) {
        put_one(t, p, folded, id, flags);
        return;
    }
    const uint32_t *expanded = t->words->expanded + form->stem;
    for (uint32_t i = 1; i <= *expanded; i++)
        put_one(t, p, form_text(t->words, expanded[i]), expanded[i], flags);
}

/* A word that has no form: its stem may be known all the same. */
static void put_stem(struct tokenizer *t, const struct piece *p, struct str folded, uint32_t stem, unsigned flags) {
    struct word *beside;
    struct token *token = add_token(t, p, folded, &beside);
    if (!token)
        return;
    token->word = stem;
    token->flags = (uint8_t)flags;
    beside->flags = t->words->stems[stem].flags;
    t->w->flags |= FORM_ANY;
}

/* "twit ching": whether the token before and this word make one that the dialog has. They must be parted by a single blank. */
static bool join_with_last(struct tokenizer *t, const struct piece *p, struct str word) {
    if (t->count == 0 || t->before != BEFORE_NOTHING)
        return false;
    struct token *last = &t->tokens[t->count - 1];
    struct word *beside = &t->beside[t->count - 1];
    size_t len = beside->folded.len + word.len;
    bool beside_each_other = beside->folded.ptr + beside->folded.len + 1 == word.ptr && word.ptr[-1] == ' ';
    if (!beside_each_other || beside->folded.len < 2 || word.len < 2 || len < JOINED_BYTES_MIN || len > WORD_BYTES_MAX)
        return false;
    char joined[WORD_BYTES_MAX + FOLD_SLACK] = {0};
    memcpy(joined, beside->folded.ptr, beside->folded.len);
    memcpy(joined + beside->folded.len, word.ptr, word.len);
    uint32_t id = vocabulary_find(t->words, joined, len, fold_hash(joined, len));
    const struct form *form = &t->words->forms[id];
    if (!id || !(form->flags & FORM_CONTENT) || form->number_word || form->flags & (FORM_FILLER | FORM_EXPANDS))
        return false;
    last->word = form->stem;
    last->length = (uint16_t)(original_end(t, p->end) - last->start);
    last->flags = TOKEN_MENDED | TOKEN_GUESSED;
    t->w->any_mended = true;
    *beside = (struct word){
        .folded = form_text(t->words, id), .form = id, .before = beside->before, .flags = form->flags};
    t->w->flags |= FORM_ANY;
    return true;
}

static void put_run_together(struct tokenizer *t, const struct piece *p, struct str word, struct resolution r) {
    struct piece first = *p, second = *p;
    if (p->len == p->end - p->start) /* no dots or apostrophes were left out: the bytes can be told apart */
        first.end = second.start = p->start + r.split;
    put_form(t, &first, str_slice(word, 0, r.split), r.form, r.flags);
    put_form(t, &second, str_slice(word, r.split, word.len), r.second, r.flags);
}

static bool is_after_unknown(const struct tokenizer *t) {
    return t->count && t->tokens[t->count - 1].word == 0 && t->beside[t->count - 1].folded.ptr[0] > '9';
}

static void read_word(struct tokenizer *t, const struct piece *p, struct str word, uint32_t hash) {
    uint32_t id = vocabulary_find(t->words, word.ptr, word.len, hash);
    if (id) {
        if (!is_after_unknown(t) || !join_with_last(t, p, word))
            put_form(t, p, word, id, 0);
        return;
    }
    struct resolution r = mend(t->w->lexicon, word, hash);
    bool sure = r.stem && !(r.flags & TOKEN_MENDED);
    if (!sure && join_with_last(t, p, word))
        return;
    t->w->any_mended |= (r.flags & TOKEN_MENDED) != 0;
    if (r.second)
        put_run_together(t, p, word, r);
    else if (r.form)
        put_form(t, p, word, r.form, r.flags);
    else
        put_stem(t, p, word, r.stem, r.flags);
}

/* An expansion that splitting takes apart: "w/o", "b4", "gr8". Tried where a short piece touches a slash, a letter or a digit. */
static bool read_odd(struct tokenizer *t, struct piece *p) {
    size_t len = p->len;
    for (; len < ODD_BYTES_MAX; len++) {
        char c = p->text[len];
        if (!((c >= 'a' && c <= 'z') || str_is_digit(c) || c == '/'))
            break;
    }
    uint32_t id = len > p->len ? vocabulary_find(t->words, p->text, len, fold_hash(p->text, len)) : 0;
    if (!id || !(t->words->forms[id].flags & FORM_EXPANDS))
        return false;
    p->end = t->splitter.at = p->start + len;
    put_form(t, p, STR_NONE, id, 0);
    return true;
}

static void read_piece(struct tokenizer *t, struct piece *p) {
    if (p->before > t->before)
        t->before = p->before;
    t->w->any_question |= p->before == BEFORE_QUESTION;
    if (p->len <= 3 && (unsigned char)p->text[p->len] > ' ' && p->end - p->start == p->len && read_odd(t, p))
        return;
    if (p->kind == PIECE_WORD && !p->apostrophe) {
        read_word(t, p, (struct str){p->text, p->len}, p->hash);
        return;
    }
    uint32_t id = vocabulary_find(t->words, p->text, p->len, p->hash);
    if (id) {
        put_form(t, p, (struct str){p->text, p->len}, id, 0);
    } else if (p->kind == PIECE_NUMBER) {
        put_stem(t, p, (struct str){p->text, p->len}, 0, 0);
    } else if (p->kind == PIECE_WORD) {
        struct str words[2];
        size_t count = contraction_open(t->splitter.text + p->start, p->len, words);
        for (size_t i = 0; i < count; i++)
            read_word(t, p, words[i], fold_hash(words[i].ptr, words[i].len));
    }
}

/* Whether a word that ends before c is a piece by itself, whatever c begins. */
static inline bool is_cut_by(char c, size_t len) { return c == ' ' || c == '\0' || (c == ',' && len > 3); }

/* The place behind blanks and commas. */
static inline size_t skip_blanks(const char *text, size_t at, uint8_t *before) {
    if (text[at] == ' ')
        at++;
    for (; text[at] == ' ' || text[at] == ','; at++)
        if (text[at] == ',' && *before < BEFORE_COMMA)
            *before = BEFORE_COMMA;
    return at;
}

/* Nearly all words are known as they are written and stand between blanks or commas: those, without a piece being made of them. Stops before
 * anything else, which split_next() then reads from the same place on. */
static void read_plain_words(struct tokenizer *t) {
    const struct vocabulary *known = t->words;
    struct work *w = t->w;
    const char *text = t->splitter.text;
    size_t at = t->splitter.at, count = t->count;
    uint8_t before = t->before;
    for (; count < READING_TOKENS_MAX; count++) {
        at = skip_blanks(text, at, &before);
        if ((unsigned char)(text[at] - 'a') >= 26)
            break;
        size_t len = split_letters(text + at);
        if (!is_cut_by(text[at + len], len))
            break;
        uint32_t id = vocabulary_find_letters(known, text + at, len);
        const struct form *form = &known->forms[id];
        if (!id || form->flags & FORM_EXPANDS)
            break;
        struct token *token = &t->tokens[count];
        struct word *beside = &t->beside[count];
        *token = (struct token){.start = (uint16_t)at, .length = (uint16_t)len};
        if (t->folded.origins) {
            token->start = original_start(t, at);
            token->length = (uint16_t)(original_end(t, at + len) - token->start);
        }
        *beside = (struct word){.folded = {text + at, len}, .before = before};
        describe(w, token, beside, form, id);
        w->any_mark |= before > BEFORE_NOTHING && count > 0;
        before = BEFORE_NOTHING;
        at += len;
    }
    t->splitter.at = at;
    t->count = count;
    t->before = before;
}

bool tokens_read(struct work *w, struct str message) {
    struct tokenizer t;
    t.w = w;
    t.beside = w->words;
    t.words = &w->lexicon->words;
    t.count = 0;
    t.before = BEFORE_NOTHING;
    t.full = false;
    if (!fold(message, w->arena, &t.folded))
        return false;
    t.splitter = (struct splitter){t.folded.text, t.folded.len, 0};
    struct piece p;
    for (;;) {
        if (!is_after_unknown(&t))
            read_plain_words(&t);
        if (t.full || !split_next(&t.splitter, &p))
            break;
        read_piece(&t, &p);
    }
    w->ends_in_question_mark = !t.full && (p.before == BEFORE_QUESTION || t.before == BEFORE_QUESTION);
    w->any_question |= w->ends_in_question_mark;
    w->out->cut |= t.full || t.folded.cut;
    w->count = t.count;
    w->tokens = arena_room(w->arena, t.count, sizeof *w->tokens);
    if (!w->tokens)
        return false;
    memcpy(w->tokens, t.tokens, t.count * sizeof *t.tokens);
    return true;
}
