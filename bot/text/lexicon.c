#include "text/inside.h"

#include <string.h>

#include "text/fold.h"
#include "text/reading.h"
#include "text/split.h"

/* Entries are kept as they come, packed: kind, cue, length of name, length of text, name, text. */
struct entry_chunk {
    struct entry_chunk *next;
    size_t cap, used;
    char bytes[];
};

struct entry_head {
    uint8_t kind, cue;
    uint16_t name_len, text_len;
};

enum { CHUNK_BYTES = 8 * 1024 };

struct lexicon *lexicon_new(struct arena *a, struct arena *work) {
    struct lexicon *l = ARENA_NEW(a, struct lexicon);
    if (l) {
        l->arena = a;
        l->work = work;
    }
    return l;
}

static char *entries_room(struct lexicon *l, size_t bytes) {
    struct entry_chunk *chunk = l->entries.last;
    if (!chunk || bytes > chunk->cap - chunk->used) {
        size_t cap = CHUNK_BYTES - sizeof *chunk;
        chunk = arena_alloc(l->work, 1, CHUNK_BYTES);
        if (!chunk)
            return NULL;
        chunk->cap = cap;
        if (l->entries.last)
            l->entries.last->next = chunk;
        else
            l->entries.first = chunk;
        l->entries.last = chunk;
    }
    char *room = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return room;
}

bool entries_next(struct entries_at *at, struct entry *out) {
    while (at->chunk && at->at == at->chunk->used)
        *at = (struct entries_at){at->chunk->next, 0};
    if (!at->chunk)
        return false;
    struct entry_head head;
    const char *from = at->chunk->bytes + at->at;
    memcpy(&head, from, sizeof head);
    from += sizeof head;
    *out = (struct entry){(enum entry_kind)head.kind,
                          (enum cue_kind)head.cue,
                          {from, head.name_len},
                          {from + head.name_len, head.text_len}};
    at->at += sizeof head + head.name_len + head.text_len;
    return true;
}

static bool entries_add(struct lexicon *l, struct entry new, struct err *e) {
    struct entry_head head = {(uint8_t) new.kind, (uint8_t) new.cue, (uint16_t) new.name.len, (uint16_t) new.text.len};
    size_t bytes = sizeof head + new.name.len + new.text.len;
    char *room = entries_room(l, bytes);
    if (!room)
        return err_set(e, ERR_LIMIT, "no room for \"%.*s\"", STR_ARG(new.text));
    memcpy(room, &head, sizeof head);
    room += sizeof head;
    if (new.name.len)
        memcpy(room, new.name.ptr, new.name.len);
    if (new.text.len)
        memcpy(room + new.name.len, new.text.ptr, new.text.len);
    l->entries.count++;
    l->entries.bytes += bytes;
    return true;
}

/* Folded text of an author, in the caller's storage. */
struct line {
    char text[PHRASE_BYTES_MAX * 2 + 64 + FOLD_SLACK];
    size_t len;
};

static bool fold_line(struct str s, struct line *out, struct err *e) {
    s = str_trim(s);
    if (s.len > PHRASE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes in \"%.*s…\": %d is the most", s.len, 40, s.ptr, PHRASE_BYTES_MAX);
    out->len = s.len;
    if (s.len == 0 || fold_ascii(s, out->text))
        return true;
    struct arena temp;
    arena_init(&temp, 0);
    struct folded folded = {0};
    bool ok = fold(s, &temp, &folded) && !folded.cut && folded.len < sizeof out->text - FOLD_SLACK;
    if (ok) {
        memcpy(out->text, folded.text, folded.len);
        memset(out->text + folded.len, 0, FOLD_SLACK);
        out->len = folded.len;
    }
    arena_finish(&temp);
    return ok || err_set(e, ERR_LIMIT, "\"%.*s\" is too long once it is spelt out", STR_ARG(s));
}

static struct str line_text(const struct line *line) { return str_trim((struct str){line->text, line->len}); }

/* How many words and numbers are in it. */
static size_t count_pieces(struct line line) {
    struct splitter s = {line.text, line.len, 0};
    struct piece p;
    size_t count = 0;
    while (split_next(&s, &p))
        count += p.kind != PIECE_SYMBOL;
    return count;
}

static bool sealed_error(struct err *e) { return err_set(e, ERR_LIMIT, "the lexicon is sealed"); }

static bool add_word(struct lexicon *l, enum entry_kind kind, struct str word, struct err *e) {
    struct line line;
    if (l->sealed)
        return sealed_error(e);
    if (!fold_line(word, &line, e))
        return false;
    if (count_pieces(line) != 1)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not one word", STR_ARG(word));
    return entries_add(l, (struct entry){.kind = kind, .text = line_text(&line)}, e);
}

bool lexicon_add_filler(struct lexicon *l, struct str word, struct err *e) {
    return add_word(l, ENTRY_FILLER, word, e);
}

bool lexicon_add_harmless(struct lexicon *l, struct str word, struct err *e) {
    return add_word(l, ENTRY_HARMLESS, word, e);
}

bool lexicon_add_expansion(struct lexicon *l, struct str form, struct str words, struct err *e) {
    struct line written, meant;
    if (l->sealed)
        return sealed_error(e);
    if (!fold_line(form, &written, e) || !fold_line(words, &meant, e))
        return false;
    struct str name = line_text(&written);
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == ' ' || name.ptr[i] == '\t')
            return err_set(e, ERR_SCHEMA, "\"%.*s\" has a blank: only a single word can be expanded", STR_ARG(form));
    if (name.len == 0 || name.len > WORD_BYTES_MAX)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is no word that could be expanded", STR_ARG(form));
    if (count_pieces(meant) == 0)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is expanded to nothing", STR_ARG(form));
    return entries_add(l, (struct entry){.kind = ENTRY_EXPANSION, .name = name, .text = line_text(&meant)}, e);
}

static bool add_phrase(struct lexicon *l, struct entry entry, struct str phrase, struct err *e) {
    struct line line;
    if (l->sealed)
        return sealed_error(e);
    if (!fold_line(phrase, &line, e) || !notation_check(line_text(&line), entry.kind == ENTRY_PHRASE, e))
        return false;
    entry.text = line_text(&line);
    return entries_add(l, entry, e);
}

bool lexicon_add_to_group(struct lexicon *l, struct str name, struct str member, struct err *e) {
    if (name.len == 0 || name.len > WORD_BYTES_MAX)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is no name of a group", STR_ARG(name));
    return add_phrase(l, (struct entry){.kind = ENTRY_MEMBER, .name = name}, member, e);
}

bool lexicon_add_cue(struct lexicon *l, enum cue_kind kind, struct str phrase, struct err *e) {
    return add_phrase(l, (struct entry){.kind = ENTRY_CUE, .cue = kind}, phrase, e);
}

bool lexicon_add_phrase(struct lexicon *l, struct str phrase, uint32_t *id, struct err *e) {
    if (l->phrase_count >= UINT32_MAX / 2)
        return err_set(e, ERR_LIMIT, "too many phrases");
    if (!add_phrase(l, (struct entry){.kind = ENTRY_PHRASE}, phrase, e))
        return false;
    *id = (uint32_t)l->phrase_count++;
    return true;
}

bool lexicon_seal(struct lexicon *l, uint32_t *bad_phrase, struct err *e) {
    *bad_phrase = UINT32_MAX;
    if (l->sealed)
        return sealed_error(e);
    l->sealed = true;
    return lexicon_compile(l, bad_phrase, e);
}

void lexicon_set_denials(struct lexicon *l, const uint64_t *bits)
{
    l->denials = bits;
}

size_t lexicon_phrase_count(const struct lexicon *l) { return l->phrase_count; }

size_t lexicon_word_count(const struct lexicon *l) { return l->words.form_count ? l->words.form_count - 1 : 0; }

struct str lexicon_stem(const struct lexicon *l, uint32_t word) {
    return word > 0 && word < l->words.stem_count ? stem_text(&l->words, word) : STR_NONE;
}
