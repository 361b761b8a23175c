/* Phrases and cues, found in one walk over the tokens. */
#include "text/inside.h"
#include "text/work.h"

#include <string.h>

enum {
    SPREADS_MAX = 512,     /* looked at in one clause */
    OCCURRENCES_MAX = 512, /* of their parts */
    PART_BUCKETS = 64,     /* a power of two */
    WORDS_APART_MAX = 8,  /* between two parts, fillers not counted */
};

/* A part of a "+" phrase, found: its tokens, and its place among the tokens of the content. */
struct occurrence {
    uint32_t part;
    uint16_t first, last;
    uint16_t content, content_end;
};

/* What was found so far, in the order of its keys. */
struct found {
    struct hit hits[READING_HITS_MAX];
    uint64_t keys[READING_HITS_MAX]; /* by order_key() */
    size_t count, latest;            /* latest: the one that was added last */
};

/* A place where parts of "+" phrases end. */
struct place {
    const struct kind *kind;
    size_t content; /* how many tokens of the content end here */
};

struct finding_state {
    struct work *w;
    const struct lexicon *l;
    uint16_t content[READING_TOKENS_MAX]; /* tokens that are no fillers */
    size_t content_count;
    uint16_t cue_words[READING_TOKENS_MAX]; /* tokens since the walk over cues last began again */
    size_t cue_word_count;
    struct found phrases, cues;
    struct place places[READING_TOKENS_MAX];
    size_t place_count;
    bool full;
};

/* By first token, then longer first, then by phrase. */
static inline uint64_t order_key(uint32_t phrase, uint32_t first, uint32_t last) {
    return (uint64_t)first << 48 | (uint64_t)(READING_TOKENS_MAX - last) << 32 | phrase;
}

/* Moves what comes behind the key out of its way; gives the key's place. */
static size_t make_way(struct found *f, size_t to, uint64_t key) {
    for (; to > 0 && key < f->keys[to - 1]; to--) {
        f->keys[to] = f->keys[to - 1];
        f->hits[to] = f->hits[to - 1];
    }
    return to;
}

/* Room for one more, nearly always behind the last, since messages are walked from left to right. NULL when there is none. */
static inline struct hit *found_room(struct found *f, uint64_t key) {
    size_t to = f->count;
    if (to == READING_HITS_MAX)
        return NULL;
    f->count++;
    if (to > 0 && key < f->keys[to - 1])
        to = make_way(f, to, key);
    f->keys[to] = key;
    f->latest = to;
    return &f->hits[to];
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

/* The words of a sequence as bits, from its first token on. */
static uint32_t own_bits(const uint16_t *tokens, size_t count, size_t origin) {
    uint32_t bits = 0;
    size_t first = tokens[0] - origin;
    if ((size_t)(tokens[count - 1] - tokens[0]) == count - 1 && first + count < 32) /* nothing between them */
        return ((UINT32_C(1) << count) - 1) << first;
    for (size_t i = 0; i < count && tokens[i] - origin < 32; i++)
        bits |= UINT32_C(1) << (tokens[i] - origin);
    return bits;
}

static bool any_mended(const struct work *w, const uint16_t *tokens, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (w->tokens[tokens[i]].flags & TOKEN_MENDED)
            return true;
    return false;
}

/* Keeps what was found of a sequence of words; false when there is no room. */
static inline bool add_hit(const struct work *w, struct found *f, uint32_t phrase, const uint16_t *tokens, size_t count) {
    uint16_t first = tokens[0], last = tokens[count - 1];
    struct hit *hit = found_room(f, order_key(phrase, first, last));
    if (!hit)
        return false;
    *hit = (struct hit){.phrase = phrase, .first = first, .last = last, .own = 1};
    if (count > 1)
        hit->own = own_bits(tokens, count, first);
    if (w->any_mended)
        hit->mended = any_mended(w, tokens, count);
    return true;
}

static void phrases_end_here(struct finding_state *f, uint32_t output) {
    const struct automaton *m = &f->l->phrases;
    const uint16_t *end = f->content + f->content_count;
    for (; output; output = m->outputs[output].next) {
        const struct output *o = &m->outputs[output];
        if (o->is_exact && !exacts_hold(f, m, output, end - o->length))
            continue;
        f->full |= !add_hit(f->w, &f->phrases, o->value >> 1, end - o->length, o->length);
    }
}

static void cues_end_here(struct finding_state *f, uint32_t output) {
    const struct automaton *m = &f->l->cues;
    struct work *w = f->w;
    for (; output; output = m->outputs[output].next) {
        const struct output *o = &m->outputs[output];
        const uint16_t *tokens = f->cue_words + f->cue_word_count - o->length;
        if (o->is_exact && !exacts_hold(f, m, output, tokens))
            continue;
        enum cue_kind kind = (enum cue_kind)(o->value >> 1);
        w->words[tokens[0]].cues |= 1u << kind;
        w->cue_kinds |= 1u << kind;
        w->any_long_cue |= o->length > 1 || kind == CUE_NOT_DENY;
        f->full |= !add_hit(w, &f->cues, kind, tokens, o->length);
    }
}

/* Fillers that are no word of any cue are passed over; any other word that is none ends the sequence. */
static inline uint32_t step_cues(struct finding_state *f, uint32_t state, size_t t) {
    const struct token *token = &f->w->tokens[t];
    if (!(f->w->words[t].flags & FORM_CUE))
        return token->flags & TOKEN_FILLER ? state : 0;
    f->cue_words[f->cue_word_count++] = (uint16_t)t;
    state = automaton_step(&f->l->cues, state, token->word);
    if (state && f->l->cues.nodes[state].outputs[0])
        cues_end_here(f, f->l->cues.nodes[state].outputs[0]);
    return state;
}

static void add_place(struct finding_state *f, const struct node *node) {
    const struct kind *kind = &f->l->parts.kinds[node->mark - 1];
    f->places[f->place_count++] = (struct place){kind, f->content_count};
}

static inline uint32_t step_phrases(struct finding_state *f, uint32_t state, size_t t) {
    const struct token *token = &f->w->tokens[t];
    if (token->flags & TOKEN_FILLER)
        return state;
    f->content[f->content_count++] = (uint16_t)t;
    if (!(f->w->words[t].flags & FORM_CONTENT))
        return 0;
    state = automaton_step(&f->l->phrases, state, token->word);
    if (state == 0)
        return 0;
    const struct node *node = &f->l->phrases.nodes[state];
    if (node->outputs[0])
        phrases_end_here(f, node->outputs[0]);
    if (node->mark)
        add_place(f, node);
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
        span->content = latest[i].content < span->content ? latest[i].content : span->content;
        span->content_end = latest[i].content_end > span->content_end ? latest[i].content_end : span->content_end;
    }
    const struct token *tokens = f->w->tokens;
    if (tokens[span->first].sentence != tokens[span->last].sentence ||
        tokens[span->first].clause != tokens[span->last].clause)
        return false;
    int between = span->content_end - span->content; /* words of the span, less those of the parts */
    for (size_t i = 0; i < count; i++)
        between -= latest[i].content_end - latest[i].content;
    return between <= WORDS_APART_MAX * ((int)count - 1);
}

static void keep_spread(struct finding_state *f, uint32_t phrase, struct occurrence span,
                        const struct occurrence *parts, size_t count) {
    struct hit *hit = f->phrases.count ? &f->phrases.hits[f->phrases.latest] : NULL;
    bool again = hit && hit->phrase == phrase && hit->first == span.first && hit->last == span.last;
    if (!again) {
        hit = found_room(&f->phrases, order_key(phrase, span.first, span.last));
        if (!hit) {
            f->full = true;
            return;
        }
        *hit = (struct hit){.phrase = phrase, .first = span.first, .last = span.last};
    }
    for (size_t i = 0; i < count; i++) {
        const uint16_t *tokens = f->content + parts[i].content;
        size_t words = (size_t)parts[i].content_end - parts[i].content;
        hit->own |= own_bits(tokens, words, span.first);
        hit->mended |= f->w->any_mended && any_mended(f->w, tokens, words);
    }
}

/* A clause, which all parts of a phrase have to be in, while its "+" phrases are found. */
struct joining {
    const struct place *places;
    size_t place_count;
    struct signature partners;     /* those that may be there */
    uint32_t spreads[SPREADS_MAX]; /* phrases whose key is there and whose partner may be, each once */
    size_t spread_count;
    struct occurrence occurrences[OCCURRENCES_MAX]; /* of their parts, in order */
    size_t occurrence_count;
    uint16_t next[OCCURRENCES_MAX]; /* of the same bucket: place in occurrences + 1 */
    uint16_t buckets[PART_BUCKETS];
};

static bool has_bit(const uint64_t *bits, uint32_t n) { return bits[n / 64] >> n % 64 & 1; }
static void add_bit(uint64_t *bits, uint32_t n) { bits[n / 64] |= UINT64_C(1) << n % 64; }

static void add_spread(struct finding_state *f, struct joining *j, uint32_t spread) {
    for (size_t i = 0; i < j->spread_count; i++)
        if (j->spreads[i] == spread)
            return;
    if (j->spread_count == SPREADS_MAX)
        f->full = true;
    else
        j->spreads[j->spread_count++] = spread;
}

static void find_spreads(struct finding_state *f, struct joining *j) {
    for (size_t i = 0; i < j->place_count; i++) {
        const struct kind *kind = j->places[i].kind;
        if (!signatures_meet(&kind->wants, &j->partners))
            continue;
        const struct keyed *keyed = f->l->parts.keyed + kind->keyed, *end = f->l->parts.keyed + kind->keyed_end;
        for (; keyed < end; keyed++)
            if (signature_has(&j->partners, keyed->partner_bit))
                add_spread(f, j, keyed->spread);
    }
}

static void add_occurrence(struct finding_state *f, struct joining *j, const struct part_end *end, size_t content_end) {
    const struct automaton *m = &f->l->phrases;
    size_t content = content_end - m->outputs[end->output].length;
    if (m->outputs[end->output].is_exact && !exacts_hold(f, m, end->output, f->content + content))
        return;
    if (j->occurrence_count == OCCURRENCES_MAX)
        f->full = true;
    else
        j->occurrences[j->occurrence_count++] =
            (struct occurrence){end->part, f->content[content], f->content[content_end - 1], (uint16_t)content, (uint16_t)content_end};
}

/* Where the parts of those phrases are, and a list of each bucket's, first to last. False without memory. */
static bool find_occurrences(struct finding_state *f, struct joining *j) {
    uint64_t *wanted = ARENA_ARRAY(f->w->arena, uint64_t, f->l->part_count / 64 + 1); /* bit n: part n is one of theirs */
    if (!wanted)
        return false;
    for (size_t i = 0; i < j->spread_count; i++)
        for (uint32_t p = 0; p < f->l->spreads[j->spreads[i]].count; p++)
            add_bit(wanted, f->l->spreads[j->spreads[i]].parts[p]);
    j->occurrence_count = 0;
    for (size_t i = 0; i < j->place_count; i++) {
        const struct part_end *ends = f->l->parts.ends;
        for (uint32_t e = j->places[i].kind->ends; e < j->places[i].kind->ends_end; e++)
            if (has_bit(wanted, ends[e].part))
                add_occurrence(f, j, &ends[e], j->places[i].content);
    }
    memset(j->buckets, 0, sizeof j->buckets);
    for (size_t i = j->occurrence_count; i-- > 0;) {
        uint16_t *bucket = &j->buckets[j->occurrences[i].part % PART_BUCKETS];
        j->next[i] = *bucket;
        *bucket = (uint16_t)(i + 1);
    }
    return true;
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
    for (uint32_t p = 0; p < spread->count; p++) {
        coming[p] = occurrence_of(j, spread->parts[p], j->buckets[spread->parts[p] % PART_BUCKETS]);
        if (!coming[p])
            return;
    }
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

static bool join_clause(struct finding_state *f, struct joining *j) {
    j->partners = (struct signature){0};
    j->spread_count = 0;
    for (size_t i = 0; i < j->place_count; i++)
        signature_join(&j->partners, &j->places[i].kind->has);
    find_spreads(f, j);
    if (j->spread_count > 0 && !find_occurrences(f, j))
        return false;
    for (size_t i = 0; i < j->spread_count; i++)
        join(f, j, &f->l->spreads[j->spreads[i]]);
    return true;
}

static uint8_t clause_of(const struct finding_state *f, const struct place *place) {
    return f->w->tokens[f->content[place->content - 1]].clause;
}

/* False without memory. */
static bool join_all(struct finding_state *f) {
    struct joining j;
    for (size_t i = 0; i < f->place_count; i += j.place_count) {
        uint8_t clause = clause_of(f, &f->places[i]);
        j.places = &f->places[i];
        for (j.place_count = 1; i + j.place_count < f->place_count && clause_of(f, &j.places[j.place_count]) == clause;)
            j.place_count++;
        if (j.place_count > 1 && !join_clause(f, &j))
            return false;
    }
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
