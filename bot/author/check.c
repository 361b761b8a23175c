#include "author/check.h"

#include <string.h>

#include "core/utf8.h"
#include "dialog/names.h"
#include "dialog/yaml.h"
#include "text/reading.h"

enum { SENTENCE_WORDS_MAX = 20, SHOWN_MAX = 60, NAMED_MAX = 3 };

/* ---- reports ---- */

static void report(struct buf *out, struct str dir, const struct problems *problems, const char *mark,
                   const char *noun) {
    while (dir.len > 1 && dir.ptr[dir.len - 1] == '/')
        dir.len--;
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        buf_add(out, dir);
        if (p->file.len > 0)
            buf_printf(out, "/%.*s", STR_ARG(p->file));
        if (p->line > 0)
            buf_printf(out, ":%u:%u", p->line, p->column);
        buf_printf(out, ": %s%.*s\n", mark, STR_ARG(p->message));
    }
    size_t count = problems->count + problems->left_out;
    if (count > 0)
        buf_printf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
    if (problems->left_out > 0)
        buf_printf(out, ", the first %zu of them shown", problems->count);
    if (count > 0)
        buf_add_char(out, '\n');
}

void check_report(struct buf *out, struct str dir, const struct problems *problems) {
    report(out, dir, problems, "", "problem");
}

void check_report_style(struct buf *out, struct str dir, const struct problems *remarks) {
    report(out, dir, remarks, "remark: ", "remark");
}

/* ---- style ---- */

struct style {
    const struct dialog *d;
    struct problems *remarks;
    struct arena arena;                  /* of the check */
    struct arena reading, other_reading; /* of one phrase each */
    struct names phrases;                /* index: the phrase's id */
    struct names place_keys;             /* used: filled in somewhere */
};

static void remark(struct style *s, const struct node *n, size_t offset, const char *what, struct str quoted) {
    unsigned line, column;
    yaml_place(n, offset, &line, &column);
    struct str head = utf8_head(quoted, SHOWN_MAX);
    problems_add(s->remarks, n->file->name, line, column, what, STR_ARG(head), head.len < quoted.len ? "..." : "");
}

/* ---- wordings ---- */

static bool ends_sentence(char c) { return c == '.' || c == '!' || c == '?' || c == '\n'; }

/* Words of text from `from` up to the end of the sentence, which it returns. A stop inside a word ("3.5") ends nothing. */
static size_t sentence_end(struct str text, size_t from, unsigned *words) {
    bool in_word = false;
    size_t i = from;
    *words = 0;
    for (; i < text.len; i++) {
        bool at_end = i + 1 == text.len || strchr(" \n\"*", text.ptr[i + 1]);
        if (text.ptr[i] == '\n' || (ends_sentence(text.ptr[i]) && at_end))
            return i + 1;
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_word = c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        bool is_gap = c == ' ';
        *words += is_word && !in_word;
        in_word = is_word || (in_word && !is_gap);
    }
    return i;
}

static void check_sentences(struct style *s, const struct node *n) {
    struct str text = n->text;
    for (size_t from = 0, end; from < text.len; from = end) {
        unsigned words;
        end = sentence_end(text, from, &words);
        while (from < end && strchr(" \n-", text.ptr[from]))
            from++;
        if (words > SENTENCE_WORDS_MAX)
            remark(s, n, from, "a sentence of more than 20 words: \"%.*s%s\"", str_slice(text, from, end - from));
    }
}

static void check_questions(struct style *s, const struct node *n) {
    unsigned marks = 0;
    for (size_t i = 0; i < n->text.len; i++)
        if (n->text.ptr[i] == '?' && ++marks == 2) {
            remark(s, n, i, "more than one question: \"%.*s%s\"", n->text);
            return;
        }
}

static void note_fill_ins(struct style *s, struct str text) {
    for (size_t open; (open = str_find(text, STR("{"))) != SIZE_MAX;) {
        text = str_slice(text, open + 1, text.len);
        size_t length = str_find(text, STR("}"));
        struct name *key = length == SIZE_MAX ? NULL : names_find(&s->place_keys, str_slice(text, 0, length));
        if (key)
            key->used = true;
    }
}

/* Keys whose texts are said to people; of `ask` only what is a question and no list of phrases. */
static bool is_wording_key(struct str key) {
    static const char *const keys[] = {"ask", "again", "why", "because", "do", "about", "title", "say", "short"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_equal(key, str_of(keys[i])))
            return true;
    return false;
}

static void check_wording(struct style *s, const struct node *n, bool is_question) {
    if (n->kind == NODE_TEXT) {
        check_sentences(s, n);
        note_fill_ins(s, n->text);
        if (is_question)
            check_questions(s, n);
    }
    for (const struct node *m = n->kind == NODE_LIST ? n->first : NULL; m; m = m->next)
        check_wording(s, m, is_question);
}

/* As deep as files may be: LOAD_DEPTH_MAX. */
static void check_wordings(struct style *s, const struct node *n) {
    for (const struct node *m = n->kind == NODE_TEXT ? NULL : n->first; m; m = m->next) {
        bool question = m->key && (str_equal(m->key->text, STR("ask")) || str_equal(m->key->text, STR("again")));
        if (m->key && m->kind != NODE_MAP && is_wording_key(m->key->text))
            check_wording(s, m, question);
        else
            check_wordings(s, m);
    }
}

/* ---- phrases ---- */

static bool same_meaning(const struct meaning *a, const struct meaning *b) {
    return a->kind == b->kind && a->target == b->target && a->only_asked == b->only_asked && a->number == b->number &&
           a->value.state == b->value.state && a->value.number == b->value.number;
}

/* Whether all that phrase p means is meant by q too. */
static bool means_as_much(const struct dialog *d, uint32_t p, uint32_t q) {
    for (uint32_t i = d->phrase_meaning[p]; i < d->phrase_meaning[p + 1]; i++) {
        bool found = false;
        for (uint32_t k = d->phrase_meaning[q]; k < d->phrase_meaning[q + 1] && !found; k++)
            found = same_meaning(&d->meanings[i], &d->meanings[k]);
        if (!found)
            return false;
    }
    return true;
}

static bool is_plain(struct str phrase) { return !strpbrk(phrase.ptr, "+/<="); }

/* The phrases heard, undenied, in the words of phrase p; none where it is not plain words. */
static struct reading heard_in(struct style *s, struct arena *a, uint32_t p) {
    struct reading r = {.hit_count = 0};
    arena_reset(a);
    if (!is_plain(s->d->phrase_text[p]) || !text_read(s->d->lexicon, s->d->phrase_text[p], 0, a, &r))
        r.hit_count = 0;
    return r;
}

static const struct hit *hears(const struct reading *r, uint32_t phrase) {
    for (size_t i = 0; i < r->hit_count; i++)
        if (r->hits[i].phrase == phrase && r->hits[i].context == 0 && !r->hits[i].mended)
            return &r->hits[i];
    return NULL;
}

/* Whether the words of b are all among those of a. */
static bool holds(const struct hit *a, const struct hit *b) {
    if (a->first > b->first || a->last < b->last || b->first - a->first >= 32)
        return false;
    return (b->own << (b->first - a->first) & ~a->own) == 0;
}

static bool is_yes_or_no(const struct dialog *d, uint32_t p) {
    if (d->phrase_kinds[p] != 1u << MEANS_VALUE)
        return false;
    for (uint32_t i = d->phrase_meaning[p]; i < d->phrase_meaning[p + 1]; i++)
        if (d->findings[d->meanings[i].target].kind != FINDING_YESNO)
            return false;
    return true;
}

/* Another phrase that is heard wherever phrase p is, and means as much; or UINT32_MAX. Of two that hear each other the later one
 * is idle. A phrase also keeps its words from meaning something else, so the other must hold them all unless p is plain yes or no. */
static uint32_t heard_anyway(struct style *s, uint32_t p) {
    struct reading r = heard_in(s, &s->reading, p);
    const struct hit *own = hears(&r, p);
    if (!own)
        return UINT32_MAX;
    bool whole = r.cue_count > 0 || !is_yes_or_no(s->d, p);
    for (size_t i = 0; i < r.hit_count; i++) {
        uint32_t other = r.hits[i].phrase;
        if (other == p || (whole && !holds(&r.hits[i], own)) || !hears(&r, other) || !means_as_much(s->d, p, other))
            continue;
        struct reading back = heard_in(s, &s->other_reading, other);
        if (other < p || !hears(&back, p))
            return other;
    }
    return UINT32_MAX;
}

static void check_phrases(struct style *s, const struct node *list) {
    const struct node *first = NULL;
    uint32_t by = 0;
    unsigned idle = 0;
    for (const struct node *m = list->first; m; m = m->next) {
        const struct name *name = m->kind == NODE_TEXT ? names_find(&s->phrases, m->text) : NULL;
        uint32_t other = name ? heard_anyway(s, name->index) : UINT32_MAX;
        if (other == UINT32_MAX)
            continue;
        if (idle++ == 0) {
            first = m;
            by = other;
        }
    }
    if (idle == 0)
        return;
    struct str text = s->d->phrase_text[by];
    problems_add(
        s->remarks, first->file->name, first->line, first->column,
        idle == 1 ? "\"%.*s\" adds nothing: where it is said, \"%.*s\" is heard already"
                  : "\"%.*s\" adds nothing: where it is said, \"%.*s\" is heard already; so with %u more of this list",
        STR_ARG(first->text), STR_ARG(text), idle - 1);
}

static void check_all_phrases(struct style *s, const struct node *n) {
    if (n->kind == NODE_LIST && !(n->key && (str_equal(n->key->text, STR("of")) || str_equal(n->key->text, STR("sources")))))
        check_phrases(s, n);
    for (const struct node *m = n->kind == NODE_MAP ? n->first : NULL; m; m = m->next)
        check_all_phrases(s, m);
}

/* The topics of a phrase before topic t, as long as none of them could leave the question to t. */
static bool is_answered_before(const struct dialog *d, uint32_t p, uint16_t t) {
    for (uint32_t i = d->phrase_meaning[p]; i < d->phrase_meaning[p + 1]; i++) {
        const struct meaning *m = &d->meanings[i];
        if (m->kind == MEANS_TOPIC && m->target < t && !d->topics[m->target].only_if.nodes)
            return true;
    }
    return false;
}

static void check_topics(struct style *s, const struct node *root) {
    for (const struct node *entry = root->first; entry; entry = entry->next) {
        uint16_t t = 0;
        while (t < s->d->topic_count && !str_equal(s->d->topics[t].name, entry->key->text))
            t++;
        for (const struct node *m = entry->kind == NODE_MAP ? entry->first : NULL; m; m = m->next)
            for (const struct node *p = str_equal(m->key->text, STR("ask")) && m->kind == NODE_LIST ? m->first : NULL;
                 p; p = p->next) {
                const struct name *name = names_find(&s->phrases, p->text);
                if (name && is_answered_before(s->d, name->index, t))
                    remark(s, p, 0, "another topic always answers \"%.*s%s\" before this one", p->text);
            }
    }
}

static void check_place_keys(struct style *s) {
    for (uint32_t i = 0; i < s->place_keys.count; i++)
        if (!s->place_keys.items[i].used && !str_equal(s->place_keys.items[i].text, STR("name")))
            problems_add(s->remarks, STR("places.yaml"), 0, 0, "no wording fills in {%.*s}",
                         STR_ARG(s->place_keys.items[i].text));
}

/* ---- the whole ---- */

/* Without the used folder before it. */
static struct str base_name(struct str file) {
    size_t start = file.len;
    while (start > 0 && file.ptr[start - 1] != '/')
        start--;
    return str_slice(file, start, file.len);
}

static void check_file(struct style *s, struct str name, const struct node *root) {
    static const char *const silent[] = {"sources", "words", "places", "conditions"}; /* nothing in them is said */
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (root->kind != NODE_MAP || str_starts_with(name, str_of(silent[i])))
            return;
    if (str_starts_with(name, STR("says"))) {
        for (const struct node *m = root->first; m; m = m->next)
            check_wording(s, m, false);
    } else {
        check_wordings(s, root);
    }
    if (str_starts_with(name, STR("topics")))
        check_topics(s, root);
    if (str_starts_with(name, STR("findings")) || str_starts_with(name, STR("topics")))
        check_all_phrases(s, root);
}

static void note_names(struct style *s) {
    names_init(&s->phrases, &s->arena);
    names_init(&s->place_keys, &s->arena);
    for (uint32_t p = 0; p < s->d->phrase_count; p++) {
        struct name *name = names_add(&s->phrases, s->d->phrase_text[p], NULL, NULL);
        if (name)
            name->index = p;
    }
    for (uint16_t k = 0; k < s->d->place_key_count; k++)
        names_add(&s->place_keys, s->d->place_keys[k], NULL, NULL);
}

void check_style(const struct dialog *d, const struct dialog_file *files, size_t count, struct problems *remarks) {
    struct style s = {.d = d, .remarks = remarks};
    arena_init(&s.arena, LOAD_ARENA_BYTES_MAX);
    arena_init(&s.reading, LOAD_ARENA_BYTES_MAX);
    arena_init(&s.other_reading, LOAD_ARENA_BYTES_MAX);
    note_names(&s);
    bool own_places = false; /* those of a used folder may have more keys than this dialog needs */
    for (size_t i = 0; i < count; i++) {
        own_places |= str_starts_with(files[i].name, STR("places"));
        const struct node *root = yaml_read(&files[i], &s.arena, remarks);
        if (root)
            check_file(&s, base_name(files[i].name), root);
    }
    if (own_places)
        check_place_keys(&s);
    problems_sort(remarks);
    arena_finish(&s.reading);
    arena_finish(&s.other_reading);
    arena_finish(&s.arena);
}
