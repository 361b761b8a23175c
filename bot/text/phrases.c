/* Phrases and cues, found in one walk over the tokens. */
#include "text/inside.h"
#include "text/work.h"

#include <assert.h>
#include <string.h>

enum {
    OCCURRENCES_MAX = 512, /* of parts of "+" phrases in one message */
    WORDS_APART_MAX = 8,   /* between two parts, fillers not counted */
};

/* A part of "+" phrases that was found. */
struct occurrence {
    uint32_t part;
    uint16_t first, last;
};

struct finding_state {
    struct work *w;
    const struct lexicon *l;
    uint16_t content[READING_TOKENS_MAX];    /* tokens that are no fillers */
    uint16_t content_of[READING_TOKENS_MAX]; /* how many of these come before a token */
    size_t content_count;
    uint16_t cue_words[READING_TOKENS_MAX]; /* tokens since the walk over cues last began again */
    size_t cue_word_count;
    struct hit hits[READING_HITS_MAX], cues[READING_HITS_MAX];
    uint64_t hit_keys[READING_HITS_MAX], cue_keys[READING_HITS_MAX]; /* by order_key() */
    size_t hit_count, cue_count;
    struct occurrence occurrences[OCCURRENCES_MAX];
    size_t occurrence_count;
    bool full;
};

/* Sorts by first token, then longer first, then by phrase; its low bits tell which hit it is of. */
static uint64_t order_key(uint16_t first, uint16_t last, uint32_t phrase, size_t i) {
    return (uint64_t)first << 50 | (uint64_t)(READING_TOKENS_MAX - last) << 41 | (uint64_t)phrase << 8 | i;
}
static_assert(READING_TOKENS_MAX < 1 << 9 && READING_HITS_MAX <= 1 << 8, "the fields of an order key");

/* Whether the words that a phrase wants in this very form have it. */
static bool exacts_hold(const struct finding_state *f, const struct output *o, const uint16_t *tokens) {
    const uint32_t *exact = f->l->exacts + o->exact;
    for (uint32_t i = 0; i < *exact; i++) {
        uint16_t token = tokens[exact[1 + 2 * i]];
        bool mended = f->w->tokens[token].flags & TOKEN_MENDED;
        if (mended || f->w->words[token].form != exact[2 + 2 * i])
            return false;
    }
    return true;
}

/* Tokens from first to last that have none of the flags, as bits from `origin` on. */
static uint32_t own_bits(const struct work *w, size_t origin, size_t first, size_t last, unsigned without) {
    uint32_t bits = 0;
    for (size_t t = first; t <= last && t - origin < 32; t++)
        if (!(w->tokens[t].flags & without))
            bits |= UINT32_C(1) << (t - origin);
    return bits;
}

static bool any_mended(const struct finding_state *f, size_t first, size_t last) {
    if (!f->w->any_mended)
        return false;
    for (size_t t = first; t <= last; t++)
        if ((f->w->tokens[t].flags & (TOKEN_MENDED | TOKEN_FILLER)) == TOKEN_MENDED)
            return true;
    return false;
}

static void keep(struct finding_state *f, uint32_t value, uint16_t first, uint16_t last) {
    if (f->occurrence_count == OCCURRENCES_MAX || f->hit_count == READING_HITS_MAX) {
        f->full = true;
        return;
    }
    if (value & VALUE_IS_PART) {
        f->occurrences[f->occurrence_count++] = (struct occurrence){value >> 1, first, last};
        return;
    }
    f->hit_keys[f->hit_count] = order_key(first, last, value >> 1, f->hit_count);
    f->hits[f->hit_count++] = (struct hit){
        .phrase = value >> 1,
        .first = first,
        .last = last,
        .mended = any_mended(f, first, last),
        .own = first == last ? 1 : own_bits(f->w, first, first, last, TOKEN_FILLER),
    };
}

static void phrases_end_here(struct finding_state *f, uint32_t output) {
    for (; output; output = f->l->phrases.outputs[output].next) {
        const struct output *o = &f->l->phrases.outputs[output];
        const uint16_t *tokens = f->content + f->content_count - o->length;
        if (!o->exact || exacts_hold(f, o, tokens))
            keep(f, o->value, tokens[0], tokens[o->length - 1]);
    }
}

static void cues_end_here(struct finding_state *f, uint32_t output) {
    for (; output; output = f->l->cues.outputs[output].next) {
        const struct output *o = &f->l->cues.outputs[output];
        const uint16_t *tokens = f->cue_words + f->cue_word_count - o->length;
        if (o->exact && !exacts_hold(f, o, tokens))
            continue;
        if (f->cue_count == READING_HITS_MAX) {
            f->full = true;
            return;
        }
        f->cue_keys[f->cue_count] = order_key(tokens[0], tokens[o->length - 1], o->value, f->cue_count);
        struct hit *cue = &f->cues[f->cue_count++];
        *cue = (struct hit){.phrase = o->value, .first = tokens[0], .last = tokens[o->length - 1]};
        for (uint32_t i = 0; i < o->length; i++) {
            cue->mended |= (f->w->tokens[tokens[i]].flags & TOKEN_MENDED) != 0;
            if (tokens[i] - tokens[0] < 32)
                cue->own |= UINT32_C(1) << (tokens[i] - tokens[0]);
        }
    }
}

/* Fillers that are no word of any cue are passed over; any other word that is none ends the sequence. */
static uint32_t step_cues(struct finding_state *f, uint32_t state, size_t t) {
    const struct token *token = &f->w->tokens[t];
    if (!(f->w->words[t].flags & FORM_CUE))
        return token->flags & TOKEN_FILLER ? state : 0;
    f->cue_words[f->cue_word_count++] = (uint16_t)t;
    state = automaton_step(&f->l->cues, state, token->word);
    if (state && f->l->cues.nodes[state].output)
        cues_end_here(f, f->l->cues.nodes[state].output);
    return state;
}

static uint32_t step_phrases(struct finding_state *f, uint32_t state, size_t t) {
    const struct token *token = &f->w->tokens[t];
    f->content_of[t] = (uint16_t)f->content_count;
    if (token->flags & TOKEN_FILLER)
        return state;
    f->content[f->content_count++] = (uint16_t)t;
    if (!(f->w->words[t].flags & FORM_CONTENT))
        return 0;
    state = automaton_step(&f->l->phrases, state, token->word);
    if (state && f->l->phrases.nodes[state].output)
        phrases_end_here(f, f->l->phrases.nodes[state].output);
    return state;
}

static void walk(struct finding_state *f) {
    uint32_t phrases = 0, cues = 0;
    for (size_t t = 0; t < f->w->count; t++) {
        uint8_t before = f->w->words[t].before;
        if (before >= BEFORE_COMMA)
            phrases = 0;
        if (before >= BEFORE_NEWLINE)
            cues = 0;
        cues = step_cues(f, cues, t);
        phrases = step_phrases(f, phrases, t);
    }
}

/* --- "+" phrases --- */

/* Which parts were found: bits that say no to most parts that were not. */
struct part_set {
    uint64_t bits[16]; /* bit part % 1024 */
};

static bool may_have(const struct part_set *set, uint32_t part) { return set->bits[part >> 6 & 15] >> (part & 63) & 1; }

static void set_add(struct part_set *set, uint32_t part) { set->bits[part >> 6 & 15] |= UINT64_C(1) << (part & 63); }

/* Whether one lies inside the other: "numb arm" is not "arm" beside "numb arm". */
static bool nested(struct occurrence a, struct occurrence b) {
    return (a.first <= b.first && a.last >= b.last) || (b.first <= a.first && b.last >= a.last);
}

/* Whether the latest occurrences of all parts make a hit: in their order where one was asked for, in one clause, and on average no more than WORDS_APART_MAX words apart. */
static bool parts_agree(const struct finding_state *f, const struct occurrence *latest, const struct spread *spread,
                        struct occurrence *span) {
    size_t count = spread->count;
    *span = latest[0];
    for (size_t i = 1; i < count; i++) {
        if ((spread->behind >> i & 1) && latest[i].first <= latest[i - 1].last)
            return false;
        for (size_t j = 0; j < i; j++)
            if (nested(latest[i], latest[j]))
                return false;
        span->first = latest[i].first < span->first ? latest[i].first : span->first;
        span->last = latest[i].last > span->last ? latest[i].last : span->last;
    }
    const struct token *tokens = f->w->tokens;
    if (tokens[span->first].sentence != tokens[span->last].sentence ||
        tokens[span->first].clause != tokens[span->last].clause)
        return false;
    int between = f->content_of[span->last] - f->content_of[span->first] +
                  1; /* words of the span, less those of the parts */
    for (size_t i = 0; i < count; i++)
        between -= f->content_of[latest[i].last] - f->content_of[latest[i].first] + 1;
    return between <= WORDS_APART_MAX * ((int)count - 1);
}

static void keep_spread(struct finding_state *f, uint32_t phrase, struct occurrence span,
                        const struct occurrence *parts, size_t count) {
    struct hit *hit = f->hit_count ? &f->hits[f->hit_count - 1] : NULL;
    bool again = hit && hit->phrase == phrase && hit->first == span.first && hit->last == span.last;
    if (!again && f->hit_count == READING_HITS_MAX) {
        f->full = true;
        return;
    }
    if (!again) {
        f->hit_keys[f->hit_count] = order_key(span.first, span.last, phrase, f->hit_count);
        hit = &f->hits[f->hit_count++];
        *hit = (struct hit){.phrase = phrase, .first = span.first, .last = span.last};
    }
    for (size_t i = 0; i < count; i++) {
        hit->own |= own_bits(f->w, span.first, parts[i].first, parts[i].last, TOKEN_FILLER);
        hit->mended |= any_mended(f, parts[i].first, parts[i].last);
    }
}

static bool may_have_all(const struct part_set *set, const struct spread *spread) {
    for (uint32_t p = 0; p < spread->count; p++)
        if (!may_have(set, spread->parts[p]))
            return false;
    return true;
}

static uint32_t place_of_part(const struct spread *spread, uint32_t part) {
    uint32_t place = 0;
    while (place < spread->count && spread->parts[place] != part)
        place++;
    return place;
}

/* Every part in turn may be the last to come; with it go the latest of the others, which makes the shortest hit that ends there. */
static void join(struct finding_state *f, const struct spread *spread) {
    struct occurrence latest[PHRASE_PARTS_MAX], span;
    unsigned seen = 0, all = (1U << spread->count) - 1;
    uint64_t wanted = 0; /* bit part % 64 */
    for (uint32_t p = 0; p < spread->count; p++)
        wanted |= UINT64_C(1) << (spread->parts[p] & 63);
    for (size_t i = 0; i < f->occurrence_count; i++) {
        if (!(wanted >> (f->occurrences[i].part & 63) & 1))
            continue;
        uint32_t place = place_of_part(spread, f->occurrences[i].part);
        if (place == spread->count)
            continue;
        latest[place] = f->occurrences[i];
        seen |= 1U << place;
        if (seen == all && parts_agree(f, latest, spread, &span))
            keep_spread(f, spread->phrase, span, latest, spread->count);
    }
}

static bool is_first_of_part(const struct finding_state *f, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (f->occurrences[j].part == f->occurrences[i].part)
            return false;
    return true;
}

static void join_all(struct finding_state *f) {
    struct part_set found = {{0}}, done = {{0}};
    if (f->occurrence_count < 2)
        return;
    for (size_t i = 0; i < f->occurrence_count; i++)
        set_add(&found, f->occurrences[i].part);
    const uint32_t *from = f->l->spreads_from, *partners = f->l->partners;
    for (size_t i = 0; i < f->occurrence_count; i++) {
        uint32_t part = f->occurrences[i].part, end = from[part + 1];
        if (from[part] == end || (may_have(&done, part) && !is_first_of_part(f, i)))
            continue;
        set_add(&done, part);
        for (uint32_t k = from[part]; k < end; k++)
            if (may_have(&found, partners[k]) && may_have_all(&found, &f->l->spreads[k]))
                join(f, &f->l->spreads[k]);
    }
}

/* --- All together --- */

static void sort_keys(uint64_t *keys, size_t count) {
    for (size_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        size_t to = i;
        for (; to > 0 && key < keys[to - 1]; to--)
            keys[to] = keys[to - 1];
        keys[to] = key;
    }
}

/* The hits in order, in the arena. */
static struct hit *sorted(struct arena *a, const struct hit *hits, uint64_t *keys, size_t count) {
    sort_keys(keys, count);
    struct hit *copy = ARENA_ARRAY(a, struct hit, count);
    for (size_t i = 0; copy && i < count; i++)
        copy[i] = hits[keys[i] & (READING_HITS_MAX - 1)];
    return copy;
}

bool phrases_read(struct work *w) {
    struct finding_state f;
    f.w = w;
    f.l = w->lexicon;
    f.content_count = f.cue_word_count = f.hit_count = f.cue_count = f.occurrence_count = 0;
    f.full = false;
    walk(&f);
    w->cue_count = f.cue_count;
    w->cues = sorted(w->arena, f.cues, f.cue_keys, f.cue_count);
    if (!w->cues)
        return false;
    clauses_read(w);
    join_all(&f);
    w->hit_count = f.hit_count;
    w->hits = sorted(w->arena, f.hits, f.hit_keys, f.hit_count);
    if (!w->hits)
        return false;
    w->out->cut |= f.full;
    return true;
}
