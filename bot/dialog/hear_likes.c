#include "dialog/hear_work.h"
#include "text/likeness.h"

/* Signs in words that no phrase holds: which of the dialog's sentences the message is like. It sets nothing; the machine may ask. */

/* Words that nothing has understood, before a message is looked at: most messages end here and cost next to nothing. */
enum {
    UNHEARD_MIN = 3,
    UNHEARD_MIN_SCREEN = 1,  /* of signs that were just asked about */
    UNHEARD_MIN_ANSWER = 5,  /* beside the answer to another question */
    SHORT_WORD = 3,          /* letters: shorter ones are mostly "and", "it", "of" */
    TOKEN_SETS = READING_TOKENS_MAX / 64 + 1,
};

/* What a sign has to score to be asked about. Chosen on messages of other authors than the sentences', with which about one message in
 * twenty-five without any sign is asked about one: tests/README.md. */
static const float score_free = 0.16f;     /* nothing was asked */
static const float score_asked = 0.13f;    /* the sign itself was, and this is no answer: it would be asked again anyway */
static const float score_among = 0.20f;    /* the sign itself was, and this answers for others */
static const float score_beside = 0.30f;   /* another question was, and this is no answer to it */
static const float score_answered = 0.40f; /* and this answers it */
static const float score_sensitive = 0.30f;

static void mark(uint64_t *tokens, size_t first, size_t last) {
    for (size_t t = first; t <= last; t++)
        tokens[t / 64] |= UINT64_C(1) << t % 64;
}

static bool is_marked(const uint64_t *tokens, size_t t) { return tokens[t / 64] >> t % 64 & 1; }

static void mark_own(uint64_t *tokens, uint16_t first, uint16_t last, uint32_t own) {
    for (size_t t = first; t <= last && t - first < 32; t++)
        if (own >> (t - first) & 1)
            mark(tokens, t, t);
}

static bool came_to_something(const struct hearer *h, const struct hit *hit) {
    for (size_t i = 0; i < h->heard_count; i++)
        if (h->heard[i].phrase == hit->phrase && h->heard[i].first == hit->first)
            return true;
    for (uint32_t m = h->d->phrase_meaning[hit->phrase]; m < h->d->phrase_meaning[hit->phrase + 1]; m++)
        if (h->d->meanings[m].kind == MEANS_TOPIC && h->d->meanings[m].target == h->out->topic)
            return true;
    return false;
}

/* The words of phrases that something was made of, and of quantities. */
static void mark_understood(const struct hearer *h, uint64_t *tokens) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count; i++)
        if (came_to_something(h, &r->hits[i]))
            mark_own(tokens, r->hits[i].first, r->hits[i].last, r->hits[i].own);
    for (size_t i = 0; i < r->quantity_count; i++)
        mark(tokens, r->quantities[i].first, r->quantities[i].last);
}

/* "Nothing in my chest", "never had a fit": such a denial is no part of a sign, as that of "it will not lift" is. */
static bool is_flat_denial(const struct reading *r, const struct hit *cue) {
    static const char *const words[] = {"no", "nothing", "never", "none", "nor", "neither", "without", "nowhere"};
    for (size_t i = 0; i < sizeof words / sizeof *words && cue->phrase == CUE_DENY; i++)
        if (str_equal_nocase(token_text(r, cue->first), str_of(words[i])))
            return true;
    return false;
}

static void mark_denied(const struct hearer *h, uint64_t *tokens) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < h->idiom_count; i++)
        mark_own(tokens, h->idioms[i].first, h->idioms[i].last, h->idioms[i].own);
    for (size_t i = 0; i < r->cue_count; i++)
        for (size_t t = r->cues[i].first; is_flat_denial(r, &r->cues[i]) && t < r->token_count; t++)
            if (r->tokens[t].context & CONTEXT_DENIED && r->tokens[t].clause == r->tokens[r->cues[i].first].clause)
                mark(tokens, t, t);
}

/* What is said of somebody else, asked, supposed or long over is no sign of now. */
static unsigned foreign_contexts(const struct hearer *h) {
    bool others = !h->about_other && names_another(h->r);
    return CONTEXT_SUPPOSE | CONTEXT_PAST | CONTEXT_ASKED | (others ? CONTEXT_OTHERS : 0);
}

static bool is_telling(const struct token *t) {
    return t->length > SHORT_WORD && !(t->flags & (TOKEN_FILLER | TOKEN_NUMBER | TOKEN_CUE));
}

/* At most so many words can be news. */
static unsigned telling_words(const struct reading *r) {
    unsigned count = 0;
    for (size_t t = 0; t < r->token_count; t++)
        count += is_telling(&r->tokens[t]);
    return count;
}

/* Marks the tokens to be compared, and counts those that are news. */
static unsigned mark_news(const struct hearer *h, uint64_t *use) {
    const struct reading *r = h->r;
    uint64_t understood[TOKEN_SETS] = {0}, denied[TOKEN_SETS] = {0};
    unsigned foreign = foreign_contexts(h), unheard = 0;
    mark_understood(h, understood);
    mark_denied(h, denied);
    for (size_t t = 0; t < r->token_count; t++) {
        if (r->tokens[t].context & foreign || is_marked(denied, t))
            continue;
        mark(use, t, t);
        unheard += is_telling(&r->tokens[t]) && !is_marked(understood, t);
    }
    return unheard;
}

static unsigned unheard_min(const struct hearer *h) {
    if (h->asked.count > 1 && h->d->findings[h->asked.findings[0]].kind == FINDING_YESNO)
        return UNHEARD_MIN_SCREEN;
    return h->asked.count > 0 && h->out->answered ? UNHEARD_MIN_ANSWER : UNHEARD_MIN;
}

/* A sign that was said outright has questions of its own, which come first. */
static bool says_a_sign(const struct hearer *h) {
    for (size_t i = 0; i < h->heard_count; i++) {
        const struct finding *f = &h->d->findings[h->heard[i].finding];
        struct value v = h->heard[i].value;
        bool sign = f->kind == FINDING_YESNO || (f->kind == FINDING_CHOICE && f->sensitive);
        bool no = v.state == VALUE_KNOWN && (f->kind == FINDING_YESNO ? v.number == 0 : (uint16_t)v.number == option_of_no(f));
        bool present = sign && !no;
        if (present && f->rule_count > 0 && h->d->rules[f->rules[0]].level >= LEVEL_URGENT)
            return true;
    }
    return false;
}

static bool was_dealt_with(struct hearer *h, uint16_t finding) {
    if (heard_find(h, finding))
        return true;
    for (size_t i = 0; i < h->passed_count; i++)
        if (h->passed[i].finding == finding && h->passed[i].context)
            return true;
    return false;
}

static bool is_worth_asking(struct hearer *h, const struct likeness_match *m, unsigned unheard) {
    if (was_dealt_with(h, m->target))
        return false;
    if (is_asked(h, m->target))
        return m->score >= (h->out->answered ? score_among : score_asked);
    float least = h->asked.count == 0 ? score_free : h->out->answered ? score_answered : score_beside;
    if (h->d->findings[m->target].sensitive && least < score_sensitive)
        least = score_sensitive;
    return unheard >= UNHEARD_MIN && m->score >= least;
}

void hear_likes(struct hearer *h) {
    uint64_t use[TOKEN_SETS] = {0};
    struct likeness_match best[LIKENESS_BEST_MAX];
    unsigned least = unheard_min(h);
    if (!h->d->likeness || telling_words(h->r) < least || h->out->command >= 0 || h->out->social || says_a_sign(h))
        return;
    unsigned unheard = mark_news(h, use);
    if (unheard < least)
        return;
    size_t count = likeness_find(h->d->likeness, h->d->lexicon, h->r, use, best);
    for (size_t i = 0; i < count; i++) {
        if (is_worth_asking(h, &best[i], unheard)) {
            h->out->sounds_like = (struct sounds_like){best[i].target, best[i].score};
            return;
        }
    }
}
