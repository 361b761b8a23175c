#include "text/likeness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "text/inside.h"
#include "text/work.h"

enum {
    GRAM = 4,              /* letters of a run, the blanks before and behind a word counted */
    WORDS_MAX = 64,        /* of a message, the first so many words are looked at */
    CLAUSE_WORDS_MIN = 2,  /* a clause of fewer words is not looked at alone */
    CLASSES_MAX = LIKENESS_TARGETS_MAX + 1,
    ROUNDS = 8,            /* through the examples */
    ROUNDS_BEFORE_MEAN = 4, /* the weights kept are the mean of those after the later rounds */
    STEPS_MIN = 3,         /* a weight of fewer steps is left out */
    LANES = 4,             /* classes are summed so many at a time */
    LANES_MAX = (CLASSES_MAX + LANES - 1) / LANES,
    PRESENCE_BITS = 8,     /* for each slot */
    THINNED = 4,           /* of the examples of nothing, where they are so many times the others, one in so many is looked at in a round */
};

/* Words and letters are two spaces with a length of their own; each gives half of a sentence. */
enum space { SPACE_WORDS, SPACE_LETTERS, SPACE_COUNT };

/* A feature, beside each other all that reading it takes. */
struct slot {
    uint32_t hash;    /* 0: free; its last bit is the space */
    uint32_t weights; /* the first of its weights; while building, the feature's number */
    float rarity;
    uint32_t count; /* of its weights */
};

/* The weight of a feature for a class, in steps. */
struct weight {
    uint8_t class;
    int8_t steps;
};

typedef float lane __attribute__((vector_size(LANES * sizeof(float))));

struct likeness {
    const struct slot *slots;
    const uint64_t *presence; /* bit presence_of(hash): there may be a slot of this hash; most features of strange words have none */
    uint32_t slot_mask;
    const struct weight *weights;
    float step;
    const lane *bias;        /* by class */
    const uint16_t *targets; /* by class; the last is nothing */
    uint32_t class_count;
    const struct str *texts;    /* the examples, by class, without those of nothing */
    const uint32_t *texts_from; /* by class, and one behind the last */
};

static const float rate = 0.5f, margin = 1, bias_rate = 0.1f;
/* How sharply the sums of the classes are told apart; chosen with the thresholds that use the scores. */
static const float sharpness = 4;
/* Nothing outweighs a class so far that its share is under LIKENESS_SCORE_MIN: ln(1 / 0.1 - 1). */
static const float hopeless = 2.2f;

/* --- features --- */

/* Where the search for a feature begins. */
static inline uint32_t slot_of(uint32_t hash, uint32_t mask) { return hash >> 1 & mask; }
static inline uint32_t presence_of(uint32_t hash, uint32_t mask) { return hash >> 1 & (mask * PRESENCE_BITS + PRESENCE_BITS - 1); }

static inline uint32_t hash_pair(uint32_t before, uint32_t word) { return (before * 2246822519u + word) * 2654435761u; }

static inline uint32_t hash_run(const char *letters) {
    uint32_t x;
    memcpy(&x, letters, sizeof x);
    x *= 2654435761u;
    return (x ^ x >> 16) * 2246822519u;
}

static inline uint32_t in_space(uint32_t h, enum space s) {
    h ^= h >> 15;
    h = (h & ~1u) | (uint32_t)s;
    return h > 1 ? h : h + 2;
}

/* The stem of a token as it was written: a slip is not mended here, the letters bear it. At most WORD_BYTES_MAX bytes go to buf. */
static struct str stem_of_token(const struct lexicon *l, const struct reading *r, size_t t, char *buf) {
    const struct token *token = &r->tokens[t];
    if (token->word != 0 && !(token->flags & TOKEN_MENDED))
        return lexicon_stem(l, token->word);
    size_t len = 0;
    for (size_t i = 0; i < token->length && len < WORD_BYTES_MAX; i++) {
        char c = r->text.ptr[token->start + i];
        if ((unsigned char)(c - 'A') < 26)
            c = (char)(c + 'a' - 'A');
        buf[len] = c;
        len += (unsigned char)(c - 'a') < 26 || (unsigned char)c >= 0x80 || (unsigned char)(c - '0') < 10;
    }
    return len > 0 ? stem_of((struct str){buf, len}) : STR_NONE;
}

typedef void on_feature(void *user, uint32_t hash);

/* The features of one more word, behind `before` (its hash, or 0). Gives the word's hash, or `before` where there is no word. */
static inline __attribute__((always_inline)) uint32_t word_features(struct str stem, uint32_t before, on_feature *on, void *user) {
    char padded[WORD_BYTES_MAX + 2 + FOLD_SLACK];
    if (stem.len == 0 || stem.len > WORD_BYTES_MAX)
        return before;
    padded[0] = ' ';
    memcpy(padded + 1, stem.ptr, stem.len);
    memset(padded + 1 + stem.len, 0, FOLD_SLACK);
    uint32_t word = fold_hash(padded + 1, stem.len) | 1u;
    on(user, in_space(word, SPACE_WORDS));
    if (before)
        on(user, in_space(hash_pair(before, word), SPACE_WORDS));
    padded[stem.len + 1] = ' '; /* of a single letter the run is short, and ends in a zero */
    size_t len = stem.len + 2, runs = len > GRAM ? len - GRAM + 1 : 1;
    for (size_t i = 0; i < runs; i++)
        on(user, in_space(hash_run(padded + i), SPACE_LETTERS));
    return word;
}

static float scale_of(const float squares[SPACE_COUNT], enum space s) {
    bool both = squares[SPACE_WORDS] > 0 && squares[SPACE_LETTERS] > 0;
    return squares[s] > 0 ? 1 / sqrtf(squares[s] * (both ? 2 : 1)) : 0;
}

/* --- building: the features of all examples --- */

struct builder {
    const struct lexicon *lexicon;
    struct arena *work;
    struct slot *slots;
    uint32_t slot_mask, feature_count;
    uint32_t *uses, *last_user; /* by feature: how many examples have it, and the last of them + 1 */
    uint8_t *space;             /* by feature */
    uint32_t *occurrences;      /* features, example after example */
    size_t occurrence_count, occurrence_cap;
    uint32_t *first; /* by example: its first occurrence; and one behind the last */
    uint8_t *classes; /* by example */
    uint32_t example, example_count;
    bool full;
};

static bool grow_occurrences(struct builder *b) {
    if (b->occurrence_count < b->occurrence_cap)
        return true;
    size_t cap = b->occurrence_cap * 2 + 8192;
    uint32_t *bigger = ARENA_ARRAY(b->work, uint32_t, cap);
    if (!bigger)
        return false;
    if (b->occurrence_count > 0)
        memcpy(bigger, b->occurrences, b->occurrence_count * sizeof *bigger);
    b->occurrences = bigger;
    b->occurrence_cap = cap;
    return true;
}

static void *grown(struct builder *b, const void *old, size_t used, size_t count, size_t size) {
    void *bigger = arena_alloc(b->work, count, size);
    if (bigger && used > 0)
        memcpy(bigger, old, used * size);
    return bigger;
}

/* At most three quarters full. */
static bool grow_slots(struct builder *b) {
    if (b->slots && (b->feature_count + 1) / 3 * 4 + 4 <= b->slot_mask)
        return true;
    uint32_t mask = b->slots ? b->slot_mask * 2 + 1 : 1023;
    struct slot *slots = ARENA_ARRAY(b->work, struct slot, (size_t)mask + 1);
    uint32_t *uses = grown(b, b->uses, b->feature_count, (size_t)mask + 1, sizeof *uses);
    uint32_t *last_user = grown(b, b->last_user, b->feature_count, (size_t)mask + 1, sizeof *last_user);
    uint8_t *space = grown(b, b->space, b->feature_count, (size_t)mask + 1, 1);
    if (!slots || !uses || !last_user || !space)
        return false;
    for (uint32_t i = 0; b->slots && i <= b->slot_mask; i++) {
        uint32_t at = slot_of(b->slots[i].hash, mask);
        while (b->slots[i].hash && slots[at].hash)
            at = (at + 1) & mask;
        if (b->slots[i].hash)
            slots[at] = b->slots[i];
    }
    b->slots = slots;
    b->uses = uses;
    b->last_user = last_user;
    b->space = space;
    b->slot_mask = mask;
    return true;
}

static void note_feature(void *user, uint32_t hash) {
    struct builder *b = user;
    if (!grow_slots(b) || !grow_occurrences(b)) {
        b->full = true;
        return;
    }
    uint32_t at = slot_of(hash, b->slot_mask);
    while (b->slots[at].hash && b->slots[at].hash != hash)
        at = (at + 1) & b->slot_mask;
    if (!b->slots[at].hash) {
        b->slots[at] = (struct slot){.hash = hash, .weights = b->feature_count};
        b->space[b->feature_count++] = hash & 1;
    }
    uint32_t feature = b->slots[at].weights;
    b->uses[feature] += b->last_user[feature] != b->example + 1;
    b->last_user[feature] = b->example + 1;
    b->occurrences[b->occurrence_count++] = feature;
}

static void note_example(struct builder *b, struct str text, uint8_t class, struct arena *scratch) {
    struct reading r = {.text = text};
    struct work w = {.lexicon = b->lexicon, .arena = scratch, .out = &r};
    arena_reset(scratch);
    b->first[b->example] = (uint32_t)b->occurrence_count;
    b->classes[b->example] = class;
    if (!tokens_read(&w, text)) {
        b->full = true;
        return;
    }
    r.tokens = w.tokens;
    r.token_count = w.count;
    uint32_t before = 0;
    for (size_t t = 0; t < w.count && t < WORDS_MAX; t++) {
        char buf[WORD_BYTES_MAX + 1];
        before = word_features(stem_of_token(b->lexicon, &r, t, buf), before, note_feature, b);
    }
    b->first[++b->example] = (uint32_t)b->occurrence_count;
}

/* --- building: the weights --- */

struct teacher {
    const struct builder *b;
    const float *rarity;
    float *scales;  /* by example and space: what makes a sentence's length 1 */
    float *weights, *sums; /* by feature and class */
    float *bias, *bias_sums;
    size_t classes;
    uint32_t thinned;
};

static size_t weight_count(const struct teacher *t) { return (size_t)t->b->feature_count * t->classes; }

static void set_scales(struct teacher *t) {
    for (uint32_t e = 0; e < t->b->example_count; e++) {
        float squares[SPACE_COUNT] = {0, 0};
        for (uint32_t i = t->b->first[e]; i < t->b->first[e + 1]; i++) {
            uint32_t f = t->b->occurrences[i];
            squares[t->b->space[f]] += t->rarity[f] * t->rarity[f];
        }
        for (unsigned s = 0; s < SPACE_COUNT; s++)
            t->scales[e * SPACE_COUNT + s] = scale_of(squares, (enum space)s);
    }
}

static void teach(struct teacher *t, uint32_t e, float pace) {
    float z[CLASSES_MAX];
    const struct builder *b = t->b;
    const float *scales = &t->scales[e * SPACE_COUNT];
    memcpy(z, t->bias, t->classes * sizeof *z);
    for (uint32_t i = b->first[e]; i < b->first[e + 1]; i++) {
        uint32_t f = b->occurrences[i];
        float value = t->rarity[f] * scales[b->space[f]];
        const float *w = &t->weights[f * t->classes];
        for (size_t c = 0; c < t->classes; c++)
            z[c] += value * w[c];
    }
    size_t right = b->classes[e], best = right;
    z[right] -= margin;
    for (size_t c = 0; c < t->classes; c++)
        if (z[c] > z[best])
            best = c;
    if (best == right)
        return;
    for (uint32_t i = b->first[e]; i < b->first[e + 1]; i++) {
        uint32_t f = b->occurrences[i];
        float change = pace * t->rarity[f] * scales[b->space[f]];
        t->weights[f * t->classes + right] += change;
        t->weights[f * t->classes + best] -= change;
    }
    t->bias[right] += pace * bias_rate;
    t->bias[best] -= pace * bias_rate;
}

/* A fixed order that mixes the classes: the multiples of a prime, round and round. */
static void teach_round(struct teacher *t, unsigned round) {
    const uint32_t prime = 7919;
    uint32_t n = t->b->example_count;
    float pace = rate / (1 + 0.5f * (float)round);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = n % prime == 0 ? i : (uint32_t)((uint64_t)(i + round) * prime % n);
        if (t->b->classes[e] + 1u == t->classes && e % t->thinned != round % t->thinned)
            continue;
        teach(t, e, pace);
    }
    if (round < ROUNDS_BEFORE_MEAN)
        return;
    for (size_t i = 0; i < weight_count(t); i++)
        t->sums[i] += t->weights[i];
    for (size_t c = 0; c < t->classes; c++)
        t->bias_sums[c] += t->bias[c];
}

static bool teach_all(struct teacher *t) {
    struct arena *work = t->b->work;
    size_t weights = weight_count(t);
    t->scales = ARENA_ARRAY(work, float, (size_t)t->b->example_count * SPACE_COUNT);
    t->weights = ARENA_ARRAY(work, float, weights);
    t->sums = ARENA_ARRAY(work, float, weights);
    t->bias = ARENA_ARRAY(work, float, t->classes);
    t->bias_sums = ARENA_ARRAY(work, float, t->classes);
    if (!t->scales || !t->weights || !t->sums || !t->bias || !t->bias_sums)
        return false;
    set_scales(t);
    uint32_t nothing = 0;
    for (uint32_t e = 0; e < t->b->example_count; e++)
        nothing += t->b->classes[e] + 1u == t->classes;
    t->thinned = nothing > THINNED * (t->b->example_count - nothing) ? THINNED : 1;
    for (unsigned round = 0; round < ROUNDS; round++)
        teach_round(t, round);
    return true;
}

static void keep_slots(const struct teacher *t, struct likeness *k, const uint32_t *from, struct arena *out) {
    const struct builder *b = t->b;
    struct slot *slots = ARENA_ARRAY(out, struct slot, (size_t)b->slot_mask + 1);
    uint64_t *presence = ARENA_ARRAY(out, uint64_t, ((size_t)b->slot_mask + 1) * PRESENCE_BITS / 64);
    for (uint32_t i = 0; slots && presence && i <= b->slot_mask; i++) {
        uint32_t f = b->slots[i].weights, hash = b->slots[i].hash, bit = presence_of(hash, b->slot_mask);
        if (!hash)
            continue;
        slots[i] = (struct slot){hash, from[f], t->rarity[f], from[f + 1] - from[f]};
        presence[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    k->slots = presence ? slots : NULL;
    k->presence = presence;
    k->slot_mask = b->slot_mask;
}

static int in_steps(float weight, float step) { return (int)(weight / step + (weight < 0 ? -0.5f : 0.5f)); }

static bool is_kept(int steps) { return steps >= STEPS_MIN || steps <= -STEPS_MIN; }

/* The mean weights in steps of a 127th of the largest; those of few steps are left out. */
static bool keep_weights(const struct teacher *t, struct likeness *k, struct arena *out) {
    float largest = 0;
    size_t count = 0, features = t->b->feature_count;
    for (size_t i = 0; i < weight_count(t); i++)
        largest = fmaxf(largest, fabsf(t->sums[i]));
    float step = largest > 0 ? largest / 127 : 1;
    for (size_t i = 0; i < weight_count(t); i++)
        count += is_kept(in_steps(t->sums[i], step));
    struct weight *weights = ARENA_ARRAY(out, struct weight, count);
    uint32_t *from = ARENA_ARRAY(t->b->work, uint32_t, features + 1);
    lane *bias = ARENA_ARRAY(out, lane, LANES_MAX);
    if (!weights || !from || !bias)
        return false;
    count = 0;
    for (size_t f = 0; f < features; f++) {
        for (size_t c = 0; c < t->classes; c++) {
            int steps = in_steps(t->sums[f * t->classes + c], step);
            if (is_kept(steps))
                weights[count++] = (struct weight){(uint8_t)c, (int8_t)steps};
        }
        from[f + 1] = (uint32_t)count;
    }
    keep_slots(t, k, from, out);
    const float rounds = ROUNDS - ROUNDS_BEFORE_MEAN;
    for (size_t c = 0; c < t->classes; c++)
        bias[c / LANES][c % LANES] = t->bias_sums[c] / rounds;
    k->weights = weights;
    k->bias = bias;
    k->step = step / rounds;
    return k->slots != NULL;
}

/* --- building: the whole --- */

/* The class of each target, in the order of the examples, nothing last. False: too many. */
static bool number_targets(const struct likeness_example *examples, size_t count, uint16_t *targets, uint32_t *classes) {
    uint32_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = 0;
        while (c < n && targets[c] != examples[i].target)
            c++;
        if (c < n || examples[i].target == LIKENESS_NOTHING)
            continue;
        if (n == LIKENESS_TARGETS_MAX)
            return false;
        targets[n++] = examples[i].target;
    }
    targets[n++] = LIKENESS_NOTHING;
    *classes = n;
    return true;
}

static uint8_t class_of(const struct likeness *k, uint16_t target) {
    uint32_t c = 0;
    while (k->targets[c] != target)
        c++;
    return (uint8_t)c;
}

static bool keep_texts(struct likeness *k, const struct likeness_example *examples, size_t count, struct arena *out) {
    size_t texts = 0;
    for (size_t i = 0; i < count; i++)
        texts += examples[i].target != LIKENESS_NOTHING;
    struct str *kept = ARENA_ARRAY(out, struct str, texts);
    uint32_t *from = ARENA_ARRAY(out, uint32_t, k->class_count);
    if (!kept || !from)
        return false;
    texts = 0;
    for (uint32_t c = 0; c + 1 < k->class_count; c++) {
        for (size_t i = 0; i < count; i++)
            if (examples[i].target == k->targets[c])
                kept[texts++] = examples[i].text;
        from[c + 1] = (uint32_t)texts;
    }
    k->texts = kept;
    k->texts_from = from;
    return true;
}

static bool note_all(struct builder *b, const struct likeness *k, const struct likeness_example *examples, size_t count) {
    size_t nothing = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        nothing += examples[i].target == LIKENESS_NOTHING;
    size_t room = LIKENESS_EXAMPLES_MAX > count - nothing ? LIKENESS_EXAMPLES_MAX - (count - nothing) : 0;
    size_t every = nothing > room ? nothing / (room + 1) + 1 : 1;
    b->first = ARENA_ARRAY(b->work, uint32_t, count + 1);
    b->classes = ARENA_ARRAY(b->work, uint8_t, count + 1);
    if (!b->first || !b->classes || !grow_slots(b))
        return false;
    struct arena scratch;
    arena_init(&scratch, 0);
    for (size_t i = 0; i < count && !b->full; i++)
        if (examples[i].target != LIKENESS_NOTHING || seen++ % every == 0)
            note_example(b, examples[i].text, class_of(k, examples[i].target), &scratch);
    arena_finish(&scratch);
    b->example_count = b->example;
    return !b->full;
}

static const float *find_rarity(const struct builder *b) {
    float *rarity = ARENA_ARRAY(b->work, float, b->feature_count);
    for (uint32_t f = 0; rarity && f < b->feature_count; f++)
        rarity[f] = logf((1 + (float)b->example_count) / (1 + (float)b->uses[f])) + 1;
    return rarity;
}

const struct likeness *likeness_build(const struct lexicon *l, const struct likeness_example *examples, size_t count,
                                      struct arena *out, struct arena *work) {
    struct likeness *k = ARENA_NEW(out, struct likeness);
    uint16_t *targets = ARENA_ARRAY(out, uint16_t, CLASSES_MAX);
    struct builder b = {.lexicon = l, .work = work};
    if (!k || !targets || !number_targets(examples, count, targets, &k->class_count))
        return NULL;
    k->targets = targets;
    if (!keep_texts(k, examples, count, out) || !note_all(&b, k, examples, count))
        return NULL;
    struct teacher t = {.b = &b, .rarity = find_rarity(&b), .classes = k->class_count};
    return t.rarity && teach_all(&t) && keep_weights(&t, k, out) ? k : NULL;
}

/* --- finding --- */

/* Sums of the features of one clause, or of all. */
struct piece {
    union {
        float by_class[LANES_MAX * LANES];
        lane lanes[LANES_MAX];
    } sums[SPACE_COUNT];
    float squares[SPACE_COUNT];
    unsigned words;
};

struct finder {
    const struct likeness *k;
    struct piece piece;
    struct likeness_match *best;
    size_t count;
};

static uint32_t lanes_of(const struct likeness *k) { return (k->class_count + LANES - 1) / LANES; }

static void clear(struct piece *p, uint32_t lanes) {
    for (int s = 0; s < SPACE_COUNT; s++) {
        memset(&p->sums[s], 0, lanes * sizeof(lane));
        p->squares[s] = 0;
    }
    p->words = 0;
}

static inline const struct slot *find_slot(const struct likeness *k, uint32_t hash) {
    uint32_t bit = presence_of(hash, k->slot_mask), at = slot_of(hash, k->slot_mask);
    if (!(k->presence[bit / 64] >> bit % 64 & 1))
        return NULL;
    while (k->slots[at].hash && k->slots[at].hash != hash)
        at = (at + 1) & k->slot_mask;
    return k->slots[at].hash ? &k->slots[at] : NULL;
}

static inline void sum_feature(void *user, uint32_t hash) {
    struct finder *f = user;
    const struct slot *slot = find_slot(f->k, hash);
    if (!slot)
        return;
    const struct weight *weights = &f->k->weights[slot->weights], *end = weights + slot->count;
    float *sums = f->piece.sums[hash & 1].by_class, rarity = slot->rarity;
    f->piece.squares[hash & 1] += rarity * rarity;
    for (; weights < end; weights++)
        sums[weights->class] += rarity * (float)weights->steps;
}

static size_t offer(struct likeness_match *best, size_t count, struct likeness_match new) {
    size_t at = 0;
    while (at < count && best[at].target != new.target)
        at++;
    if (at < count && best[at].score >= new.score)
        return count;
    if (at == count && count == LIKENESS_BEST_MAX) {
        if (best[--at].score >= new.score)
            return count;
    } else if (at == count) {
        count++;
    }
    for (; at > 0 && best[at - 1].score < new.score; at--)
        best[at] = best[at - 1];
    best[at] = new;
    return count;
}

/* Shares of the classes: softmax of their sums. */
static void judge(struct finder *f, const struct piece *p) {
    const struct likeness *k = f->k;
    union {
        float by_class[LANES_MAX * LANES];
        lane lanes[LANES_MAX];
    } z;
    float highest = -FLT_MAX, whole = 0;
    float words = scale_of(p->squares, SPACE_WORDS) * k->step, letters = scale_of(p->squares, SPACE_LETTERS) * k->step;
    uint32_t nothing = k->class_count - 1;
    if (words == 0 && letters == 0) /* no example has anything of it */
        return;
    for (uint32_t i = 0; i < lanes_of(k); i++)
        z.lanes[i] = sharpness * (k->bias[i] + words * p->sums[SPACE_WORDS].lanes[i] + letters * p->sums[SPACE_LETTERS].lanes[i]);
    for (uint32_t c = 0; c < nothing; c++)
        if (z.by_class[c] > highest)
            highest = z.by_class[c];
    if (z.by_class[nothing] > highest + hopeless) /* its share is less than any that counts */
        return;
    if (z.by_class[nothing] > highest)
        highest = z.by_class[nothing];
    for (uint32_t c = 0; c <= nothing; c++) {
        z.by_class[c] = expf(z.by_class[c] - highest);
        whole += z.by_class[c];
    }
    for (uint32_t c = 0; c < nothing; c++)
        if (z.by_class[c] > LIKENESS_SCORE_MIN * whole)
            f->count = offer(f->best, f->count, (struct likeness_match){k->targets[c], z.by_class[c] / whole});
}

static void add_piece(struct piece *to, const struct piece *from, uint32_t lanes) {
    for (int s = 0; s < SPACE_COUNT; s++) {
        for (uint32_t i = 0; i < lanes; i++)
            to->sums[s].lanes[i] += from->sums[s].lanes[i];
        to->squares[s] += from->squares[s];
    }
    to->words += from->words;
}

size_t likeness_find(const struct likeness *k, const struct lexicon *l, const struct reading *r, const uint64_t *use,
                     struct likeness_match *best) {
    struct finder f;
    struct piece all;
    uint32_t before = 0, lanes = lanes_of(k);
    f.k = k;
    f.best = best;
    f.count = 0;
    clear(&f.piece, lanes);
    all.words = 0; /* filled once a clause ends */
    for (size_t t = 0; t < r->token_count && all.words + f.piece.words < WORDS_MAX; t++) {
        char buf[WORD_BYTES_MAX + 1];
        if (f.piece.words > 0 && r->tokens[t].clause != r->tokens[t - 1].clause) {
            if (f.piece.words >= CLAUSE_WORDS_MIN)
                judge(&f, &f.piece);
            if (all.words == 0)
                clear(&all, lanes);
            add_piece(&all, &f.piece, lanes);
            clear(&f.piece, lanes);
        }
        if (t > 0 && r->tokens[t].clause != r->tokens[t - 1].clause)
            before = 0;
        if (!(use[t / 64] >> t % 64 & 1))
            continue;
        before = word_features(stem_of_token(l, r, t, buf), before, sum_feature, &f);
        f.piece.words++;
    }
    if (all.words > 0) {
        if (f.piece.words >= CLAUSE_WORDS_MIN)
            judge(&f, &f.piece);
        add_piece(&f.piece, &all, lanes);
    }
    judge(&f, &f.piece);
    return f.count;
}

/* --- showing --- */

struct shared {
    const struct likeness *k;
    uint8_t *marks; /* by slot: 1 where the message has it */
    float weight, squares;
    bool marking;
};

static void share_feature(void *user, uint32_t hash) {
    struct shared *s = user;
    const struct likeness *k = s->k;
    const struct slot *slot = find_slot(k, hash);
    if (!slot)
        return;
    uint8_t *mark = &s->marks[slot - k->slots];
    if (s->marking)
        *mark = 1;
    s->squares += slot->rarity * slot->rarity;
    s->weight += *mark ? slot->rarity * slot->rarity : 0;
}

static void share_words(struct shared *s, const struct lexicon *l, const struct reading *r) {
    uint32_t before = 0;
    s->weight = s->squares = 0;
    for (size_t t = 0; t < r->token_count && t < WORDS_MAX; t++) {
        char buf[WORD_BYTES_MAX + 1];
        before = word_features(stem_of_token(l, r, t, buf), before, share_feature, s);
    }
}

struct str likeness_example(const struct likeness *k, const struct lexicon *l, const struct reading *r, uint16_t target,
                            struct arena *a) {
    struct shared s = {.k = k, .marks = ARENA_ARRAY(a, uint8_t, (size_t)k->slot_mask + 1), .marking = true};
    uint32_t c = class_of(k, target);
    struct str best = STR_NONE;
    float nearest = -1;
    if (!s.marks)
        return best;
    share_words(&s, l, r);
    s.marking = false;
    for (uint32_t i = k->texts_from[c]; i < k->texts_from[c + 1]; i++) {
        struct reading example = {.text = k->texts[i]};
        struct work w = {.lexicon = l, .arena = a, .out = &example};
        if (!tokens_read(&w, k->texts[i]))
            return best;
        example.tokens = w.tokens;
        example.token_count = w.count;
        share_words(&s, l, &example);
        float near = s.squares > 0 ? s.weight / sqrtf(s.squares) : 0;
        if (near > nearest) {
            nearest = near;
            best = k->texts[i];
        }
    }
    return best;
}
