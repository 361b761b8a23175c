#include <string.h>

#include "dialog/load_work.h"
#include "text/likeness.h"

/* likes.yaml: whole sentences that a finding may be said in, for text/likeness.h. Phrases that mean something else are its examples of
 * nothing, beside the sentences under `nothing`. */

enum { LIKE_WORDS_MIN = 3 };

struct gathered {
    struct likeness_example *items;
    size_t count, cap;
};

static unsigned words_in(struct str text) {
    unsigned words = 0;
    while (text.len > 0)
        words += str_cut(&text, ' ').len > 0;
    return words;
}

static void gather(struct gathered *g, struct str text, uint16_t target) {
    if (g->count < g->cap)
        g->items[g->count++] = (struct likeness_example){text, target};
}

static void load_sentences(struct loader *l, const struct node *list, uint16_t target, struct names *said,
                           struct gathered *g) {
    for (const struct node *m = list_first(l, list); m; m = list_next(l, m)) {
        const struct name *before = names_find(said, m->text);
        if (words_in(m->text) < LIKE_WORDS_MIN)
            complain(l, m, "\"%.*s\" is no whole sentence: it has fewer than %d words", STR_ARG(shown(l, m->text)),
                     LIKE_WORDS_MIN);
        else if (before)
            complain(l, m, "the sentence \"%.*s\" is here already, in line %u of %.*s", STR_ARG(shown(l, m->text)),
                     before->key->line, STR_ARG(before->key->file->name));
        else if (!names_add(said, m->text, m, m))
            l->full = true;
        else
            gather(g, target == LIKENESS_NOTHING ? m->text : load_copy(l, m->text), target);
    }
}

/* A phrase as words: the alternatives one after the other, without groups. */
static struct str plain_words(struct loader *l, struct str phrase) {
    char *text = LOAD_WORK(l, char, phrase.len + 1);
    bool in_group = false;
    for (size_t i = 0; i < phrase.len && text; i++) {
        char c = phrase.ptr[i];
        in_group = (in_group || c == '<') && c != '>';
        text[i] = in_group || memchr("<>+/~=", c, 6) ? ' ' : c;
    }
    return str_trim((struct str){text ? text : "", text ? phrase.len : 0});
}

/* It says nothing of a finding that has sentences; an idiom is the opposite of saying it. */
static bool means_nothing(const struct loader *l, uint32_t phrase, const bool *has_likes) {
    for (uint32_t m = l->d->phrase_meaning[phrase]; m < l->d->phrase_meaning[phrase + 1]; m++) {
        const struct meaning *meaning = &l->d->meanings[m];
        if (meaning->kind == MEANS_VALUE && has_likes[meaning->target])
            return false;
    }
    return true;
}

/* As many as the model looks at: of very many phrases every so manieth. */
static void gather_phrases(struct loader *l, const bool *has_likes, struct gathered *g) {
    size_t room = g->cap - g->count, every = l->d->phrase_count / (room + 1) + 1;
    for (uint32_t p = 0; p < l->d->phrase_count; p += (uint32_t)every) {
        struct str words = means_nothing(l, p, has_likes) ? plain_words(l, l->d->phrase_text[p]) : STR_NONE;
        if (words.len > 0)
            gather(g, words, LIKENESS_NOTHING);
    }
}

static size_t sentences_in(const struct loader *l) {
    size_t count = 0;
    for (size_t i = 0; i < l->like_file_count; i++)
        for (const struct node *m = l->likes[i]->first; m; m = m->next)
            count += m->count;
    return count;
}

void load_likes(struct loader *l) {
    if (l->like_file_count == 0)
        return;
    size_t sentences = sentences_in(l);
    struct gathered g = {.cap = sentences < LIKENESS_EXAMPLES_MAX ? LIKENESS_EXAMPLES_MAX : sentences};
    g.items = LOAD_WORK(l, struct likeness_example, g.cap);
    bool has_likes[DIALOG_FINDINGS_MAX] = {false}, any = false;
    struct names said;
    names_init(&said, &l->work);
    for (size_t i = 0; i < l->like_file_count && g.items; i++) {
        for (const struct node *m = l->likes[i]->first; m; m = m->next) {
            bool nothing = str_equal(m->key->text, STR("nothing"));
            const struct name *name = nothing ? NULL : refer_inside(l, NAME_FINDING, m->key, 0, m->key->text);
            if (name)
                any = has_likes[name->index] = true;
            if (name || nothing)
                load_sentences(l, m, name ? (uint16_t)name->index : LIKENESS_NOTHING, &said, &g);
        }
    }
    if (!any || !g.items || l->full || l->problems->count + l->problems->left_out > l->problems_before)
        return; /* with mistakes in it the lexicon may not be fit to read with */
    gather_phrases(l, has_likes, &g);
    l->d->likeness = likeness_build(l->lexicon, g.items, g.count, l->out, &l->work);
    l->full |= !l->d->likeness;
}
