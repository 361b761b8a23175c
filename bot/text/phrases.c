/* Phrases and cues, found in one walk over the tokens. */
#include "text/inside.h"
#include "text/work.h"

#include <string.h>

enum {
    SPREADS_MAX = 512,     /* that have all of their parts in one message */
    OCCURRENCES_MAX = 512, /* of parts that matter in one message */
    PART_BUCKETS = 64,     /* a power of two */
    WORDS_APART_MAX = 8,   /* between two parts, fillers not counted */
};

/* A part of "+" phrases that was found. */
struct occurrence {
    uint32_t part;
    uint16_t first, last;
};

/* What was found so far, by first token, then longer first, then by phrase. */
struct found {
    struct hit hits[READING_HITS_MAX];
    uint64_t keys[READING_HITS_MAX]; /* by order_key() */
    size_t count, latest;            /* latest: the one that was added last */
};

/* A place where parts of "+" phrases end. */
struct place {
    uint32_t node;    /* of the automaton */
    uint32_t kind;    /* of parts.h */
    uint16_t content; /* how many tokens of the content end here */
};

struct finding_state {
    struct work *w;
    const struct lexicon *l;
    uint16_t content[READING_TOKENS_MAX];    /* tokens that are no fillers */
    uint16_t content_of[READING_TOKENS_MAX]; /* how many of these come before a token */
    size_t content_count;
    uint16_t cue_words[READING_TOKENS_MAX]; /* tokens since the walk over cues last began again */
    size_t cue_word_count;
    struct found phrases, cues;
    struct place places[READING_TOKENS_MAX];
    size_t place_count;
    bool full;
};

static uint64_t order_key(const struct hit *hit) {
    return (uint64_t)hit->first << 48 | (uint64_t)(READING_TOKENS_MAX - hit->last) << 32 | hit->phrase;
}

/* Nearly always the last, since messages are walked from left to right. False when there is no room. */
static bool found_add(struct found *f, const struct hit *hit) {
    if (f->count == READING_HITS_MAX)
        return false;
    uint64_t key = order_key(hit);
    size_t to = f->count++;
    for (; to > 0 && key < f->keys[to - 1]; to--) {
        f->keys[to] = f->keys[to - 1];
        f->hits[to] = f->hits[to - 1];
    }
    f->keys[to] = key;
    f->hits[to] = *hit;
    f->latest = to;
    return true;
}

/* Whether the words that a phrase wants in this very form have it. */
static bool exacts_hold(const struct finding_state *f, const struct automaton *m, uint32_t output, const uint16_t *tokens) {
    const uint32_t *exact = f->l->exacts + m->exacts[output];
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

static void phrases_end_here(struct finding_state *f, uint32_t output) {
    const struct automaton *m = &f->l->phrases;
    const uint16_t *end = f->content + f->content_count;
    uint16_t last = end[-1];
    for (; output; output = m->outputs[output].next) {
        const struct output *o = &m->outputs[output];
        uint16_t first = end[-(int)o->length];
        if (o->is_exact && !exacts_hold(f, m, output, end - o->length))
            continue;
        struct hit hit = {.phrase = o->value >> 1,
                          .first = first,
                          .last = last,
                          .mended = any_mended(f, first, last),
                          .own = first == last ? 1 : own_bits(f->w, first, first, last, TOKEN_FILLER)};
        f->full |= !found_add(&f->phrases, &hit);
    }
}

static void cues_end_here(struct finding_state *f, uint32_t output) {
    for (; output; output = f->l->cues.outputs[output].next) {
        const struct output *o = &f->l->cues.outputs[output];
        const uint16_t *tokens = f->cue_words + f->cue_word_count - o->length;
        if (o->is_exact && !exacts_hold(f, &f->l->cues, output, tokens))
            continue;
        enum cue_kind kind = (enum cue_kind)(o->value >> 1);
        struct hit cue = {.phrase = kind, .first = tokens[0], .last = tokens[o->length - 1], .own = 1};
        for (uint32_t i = 1; i < o->length; i++)
            if (tokens[i] - tokens[0] < 32)
                cue.own |= UINT32_C(1) << (tokens[i] - tokens[0]);
        for (uint32_t i = 0; i < o->length && f->w->any_mended; i++)
            cue.mended |= (f->w->tokens[tokens[i]].flags & TOKEN_MENDED) != 0;
        f->w->words[tokens[0]].cues |= 1u << kind;
        f->w->cue_kinds |= 1u << kind;
        f->w->any_long_cue |= o->length > 1 || kind == CUE_NOT_DENY;
        f->full |= !found_add(&f->cues, &cue);
    }
}

/* Fillers that are no word of any cue are passed over; any other word that is none ends the sequence. */
static uint32_t step_cues(struct finding_state *f, uint32_t state, size_t t) {
    const struct token *token = &f->w->tokens[t];
    if (!(f->w->words[t].flags & FORM_CUE))
        return token->flags & TOKEN_FILLER ? state : 0;
    f->cue_words[f->cue_word_count++] = (uint16_t)t;
    state = automaton_step(&f->l->cues, state, token->word);
    if (state)
        cues_end_here(f, f->l->cues.nodes[state].outputs[0]);
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
    if (state == 0)
        return 0;
    const struct node *node = &f->l->phrases.nodes[state];
    phrases_end_here(f, node->outputs[0]);
    if (node->mark)
        f->places[f->place_count++] = (struct place){state, node->mark - 1, (uint16_t)f->content_count};
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
    struct hit *hit = f->phrases.count ? &f->phrases.hits[f->phrases.latest] : NULL;
    bool again = hit && hit->phrase == phrase && hit->first == span.first && hit->last == span.last;
    if (!again) {
        struct hit new = {.phrase = phrase, .first = span.first, .last = span.last};
        if (!found_add(&f->phrases, &new)) {
            f->full = true;
            return;
        }
        hit = &f->phrases.hits[f->phrases.latest];
    }
    for (size_t i = 0; i < count; i++) {
        hit->own |= own_bits(f->w, span.first, parts[i].first, parts[i].last, TOKEN_FILLER);
        hit->mended |= any_mended(f, parts[i].first, parts[i].last);
    }
}

/* The parts of a message, while the phrases are found that have all of theirs among them. */
struct joining {
    uint64_t *parts, *wanted, *done; /* by part: is there, is in one of those phrases; by phrase: was looked at */
    uint32_t spreads[SPREADS_MAX];   /* those phrases */
    size_t spread_count;
    struct occurrence occurrences[OCCURRENCES_MAX]; /* of their parts, in order */
    size_t occurrence_count;
    uint16_t next[OCCURRENCES_MAX]; /* of the same bucket: place in occurrences + 1 */
    uint16_t buckets[PART_BUCKETS];
};

static bool has_bit(const uint64_t *bits, uint32_t n) { return bits[n / 64] >> n % 64 & 1; }
static void add_bit(uint64_t *bits, uint32_t n) { bits[n / 64] |= UINT64_C(1) << n % 64; }

static void find_parts(const struct finding_state *f, struct joining *j) {
    const struct parts *parts = &f->l->parts;
    uint64_t *found = j->parts;
    for (size_t i = 0; i < f->place_count; i++) {
        const uint32_t *part = parts->parts + parts->from[f->places[i].kind];
        const uint32_t *end = parts->parts + parts->from[f->places[i].kind + 1];
        for (; part < end; part++)
            add_bit(found, *part);
    }
}

static bool has_all(const struct joining *j, const struct spread *spread) {
    for (uint32_t p = 0; p < spread->count; p++)
        if (!has_bit(j->parts, spread->parts[p]))
            return false;
    return true;
}

static void find_spread(struct finding_state *f, struct joining *j, uint32_t s) {
    const struct spread *spread = &f->l->spreads[s];
    if (has_bit(j->done, s))
        return;
    add_bit(j->done, s);
    if (!has_all(j, spread))
        return;
    if (j->spread_count == SPREADS_MAX) {
        f->full = true;
        return;
    }
    j->spreads[j->spread_count++] = s;
    for (uint32_t p = 0; p < spread->count; p++)
        add_bit(j->wanted, spread->parts[p]);
}

/* Each phrase is kept under one of its parts. */
static void find_spreads(struct finding_state *f, struct joining *j) {
    const struct parts *parts = &f->l->parts;
    const uint64_t *found = j->parts;
    for (size_t i = 0; i < f->place_count; i++) {
        const struct keyed *keyed = parts->keyed + parts->keyed_from[f->places[i].kind];
        const struct keyed *end = parts->keyed + parts->keyed_from[f->places[i].kind + 1];
        for (; keyed < end; keyed++)
            if (has_bit(found, keyed->partner))
                find_spread(f, j, keyed->spread);
    }
}

static void find_occurrences_at(struct finding_state *f, struct joining *j, const struct place *place) {
    const struct automaton *m = &f->l->phrases;
    const struct output *outputs = m->outputs;
    const uint64_t *wanted = j->wanted;
    const uint16_t *end = f->content + place->content;
    for (uint32_t o = m->nodes[place->node].outputs[VALUE_IS_PART]; o; o = outputs[o].next) {
        uint32_t part = outputs[o].value >> 1;
        if (!has_bit(wanted, part))
            continue;
        const uint16_t *tokens = end - outputs[o].length;
        if (outputs[o].is_exact && !exacts_hold(f, m, o, tokens))
            continue;
        if (j->occurrence_count == OCCURRENCES_MAX) {
            f->full = true;
            return;
        }
        struct occurrence *new = &j->occurrences[j->occurrence_count++];
        new->part = part;
        new->first = tokens[0];
        new->last = end[-1];
    }
}

/* Where the parts of those phrases are, and a list of each bucket's, first to last. */
static void find_occurrences(struct finding_state *f, struct joining *j) {
    for (size_t i = 0; i < f->place_count; i++)
        find_occurrences_at(f, j, &f->places[i]);
    memset(j->buckets, 0, sizeof j->buckets);
    for (size_t i = j->occurrence_count; i-- > 0;) {
        uint16_t *bucket = &j->buckets[j->occurrences[i].part % PART_BUCKETS];
        j->next[i] = *bucket;
        *bucket = (uint16_t)(i + 1);
    }
}

/* The occurrence of the part at `at` or behind it in its bucket's list: place + 1, or 0. */
static uint16_t occurrence_of(const struct joining *j, uint32_t part, uint16_t at) {
    while (at && j->occurrences[at - 1].part != part)
        at = j->next[at - 1];
    return at;
}

/* Every part in turn may be the last to come; with it go the latest of the others, which makes the shortest hit that ends there. */
static void join(struct finding_state *f, const struct joining *j, const struct spread *spread) {
    struct occurrence latest[PHRASE_PARTS_MAX], span;
    uint16_t coming[PHRASE_PARTS_MAX]; /* of each part the next occurrence, place + 1 */
    unsigned seen = 0, all = (1U << spread->count) - 1;
    for (uint32_t p = 0; p < spread->count; p++)
        coming[p] = occurrence_of(j, spread->parts[p], j->buckets[spread->parts[p] % PART_BUCKETS]);
    for (;;) {
        uint32_t first = 0;
        for (uint32_t p = 1; p < spread->count; p++)
            if (coming[p] && (!coming[first] || coming[p] < coming[first]))
                first = p;
        if (!coming[first])
            break;
        latest[first] = j->occurrences[coming[first] - 1];
        coming[first] = occurrence_of(j, spread->parts[first], j->next[coming[first] - 1]);
        seen |= 1U << first;
        if (seen == all && parts_agree(f, latest, spread, &span))
            keep_spread(f, spread->phrase, span, latest, spread->count);
    }
}

/* False without memory. */
static bool join_all(struct finding_state *f) {
    if (f->place_count < 2)
        return true;
    struct joining j;
    size_t part_words = f->l->part_count / 64 + 1, spread_words = f->l->spread_count / 64 + 1;
    j.parts = ARENA_ARRAY(f->w->arena, uint64_t, 2 * part_words + spread_words);
    if (!j.parts)
        return false;
    j.wanted = j.parts + part_words;
    j.done = j.wanted + part_words;
    j.spread_count = j.occurrence_count = 0;
    find_parts(f, &j);
    find_spreads(f, &j);
    if (j.spread_count > 0)
        find_occurrences(f, &j);
    for (size_t i = 0; i < j.spread_count; i++)
        join(f, &j, &f->l->spreads[j.spreads[i]]);
    return true;
}

/* --- All together --- */

static struct hit *in_arena(struct arena *a, const struct found *found) {
    struct hit *copy = arena_room(a, found->count, sizeof *copy);
    if (copy)
        memcpy(copy, found->hits, found->count * sizeof *copy);
    return copy;
}

bool phrases_read(struct work *w) {
    struct finding_state f;
    f.w = w;
    f.l = w->lexicon;
    f.content_count = f.cue_word_count = f.phrases.count = f.cues.count = f.place_count = 0;
    f.full = false;
    walk(&f);
    w->cue_count = f.cues.count;
    w->cues = in_arena(w->arena, &f.cues);
    if (!w->cues)
        return false;
    clauses_read(w);
    if (!join_all(&f))
        return false;
    w->hit_count = f.phrases.count;
    w->hits = in_arena(w->arena, &f.phrases);
    if (!w->hits)
        return false;
    w->out->cut |= f.full;
    return true;
}
