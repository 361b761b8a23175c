/* The shape of a whole message as an answer: yes, no, not sure, none, all, only ...
 *
 * Careful by design: "one side is drooping" chooses nothing, "no droop" is no answer to another question. */
#include "text/choices.h"

static bool is_edge(const struct work *w, size_t i) {
    return i == 0 || i >= w->count || w->words[i].before >= BEFORE_BRACKET || w->words[i].edge != EDGE_NONE;
}

/* Nothing of substance: fillers, closed-class words, cues. */
static bool is_light(const struct work *w, size_t i) {
    return w->tokens[i].flags & (TOKEN_FILLER | TOKEN_CUE) || is_kind(w, i, WORD_EMPTY | WORD_SAY | WORD_SOCIAL);
}

static bool is_light_span(const struct work *w, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (!is_light(w, i))
            return false;
    return true;
}

static size_t segment_start(const struct work *w, size_t i) {
    while (!is_edge(w, i))
        i--;
    return i;
}

static size_t segment_end(const struct work *w, size_t i) {
    for (i++; !is_edge(w, i); i++)
        ;
    return i;
}

static bool has_hit_on(const struct work *w, size_t from, size_t to) {
    for (size_t h = 0; h < w->hit_count && w->hits[h].first < to; h++)
        for (size_t t = w->hits[h].first; t <= w->hits[h].last && w->hits[h].last >= from; t++)
            if (!is_light(w, t))
                return true;
    return false;
}

/* Nothing but words of the closed classes, of which "no" is none. */
static bool is_grammar(const struct work *w, const struct hit *c) {
    if (is_glue(w, c->first, GLUE_NOT) && (c->last > c->first + 1 || is_glue(w, c->last, GLUE_SINCE)))
        return false; /* "not that any doctor told me", "not since I was a girl" */
    for (size_t i = c->first; i <= c->last; i++)
        if (!is_kind(w, i, WORD_EMPTY) && !is_glue(w, i, GLUE_NOT))
            return false;
    return true;
}

static bool is_filler_span(const struct work *w, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (!(w->tokens[i].flags & TOKEN_FILLER))
            return false;
    return true;
}

/* A yes or no counts where it opens or closes a segment; a bare "no" before what it denies does not. */
static bool is_answering(const struct work *w, const struct hit *c) {
    size_t next = (size_t)c->last + 1;
    size_t start = segment_start(w, c->first), end = segment_end(w, c->last);
    bool opens = is_light_span(w, start, c->first), closes = is_light_span(w, next, end);
    if (is_grammar(w, c)) /* "it is", "I do not": answers only by themselves; "it is about me", "I'm a teacher" do not */
        return opens && is_filler_span(w, next, end);
    if (c->phrase == CUE_YES) {
        char first = w->words[c->first].folded.len ? w->words[c->first].folded.ptr[0] : ' ';
        return opens || (closes && first == 'y');
    }
    if (!opens) /* "diabetes no" is about diabetes alone */
        return closes && !has_hit_on(w, start, c->first);
    if (c->first != c->last || !is_glue(w, c->first, GLUE_NO))
        return true;
    if (closes)
        return true;
    if (is_light_span(w, next, end)) /* "no thankfully" */
        return true;
    return is_kind(w, next, WORD_SUBJECT | WORD_OWNER | WORD_ARTICLE) || w->words[next].edge != EDGE_NONE ||
           w->tokens[next].flags & TOKEN_CUE;
}

/* "only" opens what it bounds or ends it; "it only started today" bounds nothing. */
static bool is_bounding(const struct work *w, const struct hit *c) {
    if (c->last > c->first)
        return true;
    size_t start = segment_start(w, c->first), end = segment_end(w, c->last), next = (size_t)c->last + 1;
    bool subject = c->first > start && is_kind(w, c->first - 1u, WORD_SUBJECT);
    if (subject && !is_kind(w, next, WORD_OWNER | WORD_ARTICLE))
        return false;
    return is_light_span(w, start, c->first) || (is_light_span(w, (size_t)c->last + 1, end) && c->first > 0);
}

/* A word that means all of a list only where it stands alone: "both", and not "both ends" or "it catches on everything". */
static bool is_bare_all(const struct work *w, const struct hit *c) {
    struct str word = w->words[c->first].folded;
    return c->first == c->last &&
           (str_equal(word, STR("all")) || str_equal(word, STR("everything")) || str_equal(word, STR("both")));
}

static bool is_whole_segment(const struct work *w, const struct hit *c) {
    return is_light_span(w, segment_start(w, c->first), c->first) &&
           is_light_span(w, (size_t)c->last + 1, segment_end(w, c->last));
}

static unsigned bits_of_cue(const struct work *w, const struct hit *c) {
    switch ((enum cue_kind)c->phrase) {
    case CUE_YES:
        return is_answering(w, c) ? ANSWER_YES : 0;
    case CUE_NO:
        return is_answering(w, c) ? ANSWER_NO : 0;
    case CUE_UNSURE:
        return ANSWER_UNSURE;
    case CUE_NONE:
        return ANSWER_NONE;
    case CUE_ALL:
        return is_bare_all(w, c) && !is_whole_segment(w, c) ? 0 : ANSWER_ALL; /* "my cheek has gone all baggy" */
    case CUE_ONLY:
        return is_bounding(w, c) ? ANSWER_ONLY : 0;
    case CUE_EXCEPT:
        return ANSWER_EXCEPT;
    case CUE_CORRECT:
        return ANSWER_CORRECT;
    default:
        return 0;
    }
}

/* Short forms without a yes or no: "I do", "it isn't", "never had any", "not that I know of". */
static unsigned elliptic(const struct work *w) {
    size_t end = segment_end(w, 0);
    if (w->count == 0 || (w->out->answer & (ANSWER_UNSURE | ANSWER_NONE | ANSWER_QUESTION)))
        return 0;
    bool denied = false, verb = false, subject = false;
    for (size_t i = 0; i < end; i++) {
        bool one = is_kind(w, i, WORD_ONES) && word_entry(w, i)->value == 1; /* "never had one of those" */
        if (!one && (!is_light(w, i) || w->tokens[i].flags & TOKEN_NUMBER))
            return 0;
        subject |= is_kind(w, i, WORD_SUBJECT);
        verb |= is_kind(w, i, WORD_TURN) && i + 1 == end;
    }
    for (size_t c = 0; c < w->cue_count && w->cues[c].first < end; c++)
        denied |= w->cues[c].phrase == CUE_DENY;
    if (w->double_denial)
        return ANSWER_YES;
    if (denied)
        return ANSWER_NO;
    return subject && verb ? ANSWER_YES : 0;
}

static bool is_social(const struct work *w) {
    bool any = false;
    if (!(w->kinds & WORD_SOCIAL))
        return false;
    for (size_t i = 0; i < w->count; i++) {
        if (is_kind(w, i, WORD_SOCIAL))
            any |= !is_kind(w, i, WORD_EMPTY);
        else if (!(w->tokens[i].flags & TOKEN_FILLER) && !is_kind(w, i, WORD_EMPTY | WORD_DAYPART))
            return false;
    }
    return any;
}

/* "Last night", "once, in 2015". */
static bool is_time(const struct work *w) {
    bool any = false;
    for (size_t i = 0; i < w->quantity_count; i++)
        any |= w->quantities[i].kind == QUANTITY_AGO || w->quantities[i].kind == QUANTITY_TIMES;
    for (size_t i = 0; i < w->count && any; i++)
        any = w->tokens[i].flags & TOKEN_NUMBER || is_kind(w, i, WORD_ABOUT | WORD_DAYPART | WORD_SPAN) ||
              (is_light(w, i) && !is_kind(w, i, WORD_SAY)) || is_glue(w, i, GLUE_SINCE) || is_glue(w, i, GLUE_BEFORE) ||
              is_glue(w, i, GLUE_AFTER);
    return any;
}

static unsigned bits_of_words(const struct work *w) {
    unsigned bits = 0;
    for (size_t i = 0; i < w->count && w->kinds & WORD_FINE; i++)
        if (is_kind(w, i, WORD_FINE))
            bits |= w->tokens[i].context & CONTEXT_DENIED ? ANSWER_NOT_FINE : ANSWER_FINE;
    return bits | (w->quantity_count > 0 && is_time(w) ? ANSWER_TIME : 0);
}

void answer_read(struct work *w) {
    unsigned bits = w->out->answer;
    for (size_t c = 0; c < w->cue_count; c++)
        bits |= bits_of_cue(w, &w->cues[c]);
    if (w->ends_in_question_mark)
        bits |= ANSWER_QUESTION;
    w->out->answer = bits;
    if (!(bits & (ANSWER_YES | ANSWER_NO)))
        w->out->answer |= elliptic(w);
    if (!w->ends_in_question_mark && is_social(w))
        w->out->answer |= ANSWER_SOCIAL;
    w->out->answer |= bits_of_words(w);
    choices_read(w);
}
