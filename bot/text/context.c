/* How what is found is meant: denied, doubted, supposed, somebody else's, over, or asked. After NegEx (Chapman et al., J Biomed Inform
 * 34, 2001) and ConText (Harkema et al., J Biomed Inform 42, 2009): cues reach over tokens up to where a clause ends.
 *
 * A cue that is part of a phrase ("can not swallow") does nothing to that phrase. Everything here is one walk for each cue; messages
 * have few. */
#include "text/clauses.h"
#include "text/inside.h"
#include "text/numbers.h"

#include <string.h>

enum { PAST_HOURS = 180 * 24 }; /* what was so long ago and is not said to go on is over */

/* --- reach --- */

struct reach {
    size_t from, to; /* tokens; `to` is not included; empty where from >= to */
};

static uint32_t own_mask(const struct hit *h, struct reach r) {
    if (r.from >= r.to || r.to <= h->first || r.from > h->last)
        return 0;
    uint32_t mask = UINT32_MAX;
    if (r.from > h->first)
        mask = r.from - h->first < 32 ? mask << (r.from - h->first) : 0;
    if (r.to - h->first < 32)
        mask &= (UINT32_C(1) << (r.to - h->first)) - 1;
    return h->own & mask;
}

static bool is_consumed(const struct hit *h, const struct hit *cue) {
    return own_mask(h, (struct reach){cue->first, (size_t)cue->last + 1}) != 0;
}

/* Says nothing by itself. */
static bool is_light(const struct work *w, size_t i) {
    enum glue g = word_glue(w, i);
    return w->tokens[i].flags & TOKEN_FILLER || is_kind(w, i, WORD_EMPTY | WORD_SAY) || g == GLUE_NOT || g == GLUE_NO;
}

/* Whether words of a phrase that says something are among the tokens. */
static bool has_hit(const struct work *w, size_t from, size_t to) {
    for (size_t h = 0; h < w->hit_count && w->hits[h].first < to; h++) {
        const struct hit *hit = &w->hits[h];
        if (!own_mask(hit, (struct reach){from, to}))
            continue;
        for (size_t t = hit->first; t <= hit->last && t - hit->first < 32; t++)
            if (hit->own >> (t - hit->first) & 1 && !is_light(w, t))
                return true;
    }
    return false;
}

/* Sets and clears bits over a reach, but not on a phrase that the cue is part of. */
static void apply(struct work *w, struct reach r, const struct hit *cue, unsigned set, unsigned clear) {
    for (size_t t = r.from; t < r.to; t++)
        w->tokens[t].context = (uint8_t)((w->tokens[t].context & ~clear) | set);
    for (size_t h = 0; h < w->hit_count && w->hits[h].first < r.to; h++) {
        struct hit *hit = &w->hits[h];
        if (own_mask(hit, r) && !(cue && is_consumed(hit, cue)))
            hit->context = (uint8_t)((hit->context & ~clear) | set);
    }
}

/* --- denial --- */

/* "no" that answers and denies nothing behind it: "no it feels normal", "no, my arm". */
static bool is_answering_no(const struct work *w, const struct hit *cue) {
    size_t next = (size_t)cue->last + 1;
    if (cue->first != cue->last || !is_glue(w, cue->first, GLUE_NO))
        return false;
    if (next >= w->count || w->words[next].before > BEFORE_BRACKET || w->words[next].edge >= EDGE_CLAUSE)
        return true;
    if (cue_begins(w, next,
                   1u << CUE_ONLY | 1u << CUE_NO | 1u << CUE_NONE | 1u << CUE_CORRECT | 1u << CUE_STOP |
                       1u << CUE_EXCEPT))
        return true;
    uint32_t kinds = word_kinds(w, next);
    if (kinds & WORD_GLUE && word_entry(w, next)->value == GLUE_NOT)
        return true;
    return kinds & (WORD_SUBJECT | WORD_OWNER | WORD_ARTICLE) && !is_glue(w, next, GLUE_NO);
}

/* Whether the item at i goes on with a list that is denied: "no droop, slurring or weak arms". What is long, has an owner or says since
 * when it is so states something of its own: "no pills, face drooping since noon", "it isn't the lip, my whole body shook". */
static bool goes_on_with_list(const struct work *w, size_t i) {
    size_t end = i + 1;
    bool joint = false, dated = false;
    while (end < w->count && w->words[end].edge < EDGE_ITEM)
        end++;
    for (size_t j = i; j < w->count && w->words[j].edge < EDGE_CLAUSE; j++)
        if (is_glue(w, j, GLUE_OR))
            return true;
    for (size_t j = i; j < end; j++) {
        joint |= is_glue(w, j, GLUE_AND);
        dated |= cue_begins(w, j, 1u << CUE_NOW);
    }
    return !dated && !is_kind(w, i, WORD_OWNER) && !is_glue(w, i, GLUE_SO) &&
           end - i <= LIST_ITEM_TOKENS + (joint ? 2U : 0U);
}

/* "can not keep my eyes open, drowsy": what cannot be done lists nothing that is denied. */
static bool is_modal(const struct work *w, const struct hit *cue) {
    static const struct str modals[] = {STR_INIT("can"), STR_INIT("could"), STR_INIT("will"), STR_INIT("would")};
    if (cue->first == 0 || !is_glue(w, cue->first, GLUE_NOT))
        return false;
    for (size_t i = 0; i < sizeof modals / sizeof *modals; i++)
        if (str_equal(w->words[cue->first - 1u].folded, modals[i]))
            return true;
    return false;
}

/* What follows a denial is denied up to the end of its clause. Behind the first word of substance a new subject with a verb begins
 * a clause even without a comma: "no drooping my arm is numb". */
static size_t deny_end(const struct work *w, const struct hit *cue) {
    size_t from = (size_t)cue->last + 1, substance = SIZE_MAX;
    bool modal = is_modal(w, cue);
    for (size_t i = from; i < w->count; i++) {
        if (i > from &&
            (w->words[i].edge >= EDGE_CLAUSE || (w->words[i].edge == EDGE_ITEM && (modal || !goes_on_with_list(w, i)))))
            return i;
        uint32_t kinds = word_kinds(w, i);
        bool led = i > from && (is_glue(w, i - 1, GLUE_THAT) || is_glue(w, i - 1, GLUE_IF));
        if (substance != SIZE_MAX && !led && is_subject_verb(w, i) && !is_glue(w, i, GLUE_THAT))
            return i;
        if (substance != SIZE_MAX && i > from && cue_begins(w, i, 1u << CUE_ONLY | 1u << CUE_DENY | 1u << CUE_YES))
            return i;
        if (kinds & WORD_BE && i > from + 1 && substance != SIZE_MAX && substance < i - 1 &&
            !is_glue(w, i - 1, GLUE_OR) && !is_glue(w, i - 1, GLUE_AND) &&
            !is_kind(w, i - 1, WORD_SUBJECT | WORD_VERB) && !is_glue(w, i - 1, GLUE_IF))
            return i - 1;
        if (substance == SIZE_MAX && !(kinds & (WORD_EMPTY | WORD_VERB | WORD_SUBJECT | WORD_OWNER)) &&
            !(w->tokens[i].flags & TOKEN_FILLER))
            substance = i;
    }
    return w->count;
}

/* Two denials that undo each other: "I wouldn't say there isn't", "not without". Dialect ("ain't no") does not. */
static bool is_undone(const struct work *w, const struct hit *a, const struct hit *b) {
    if (a->last >= b->first || w->tokens[a->first].sentence != w->tokens[b->first].sentence ||
        has_hit(w, (size_t)a->last + 1, b->first))
        return false;
    bool verbal = false, says = false;
    for (size_t i = a->first; i <= a->last; i++)
        verbal |= is_glue(w, i, GLUE_NOT);
    for (size_t i = a->first; i < b->first; i++) {
        if (i > a->last && w->words[i].edge >= EDGE_CLAUSE)
            return false;
        says |= is_kind(w, i, WORD_SAY);
    }
    bool adjacent = (size_t)a->last + 1 == b->first && !is_glue(w, b->first, GLUE_NOT) &&
                    !is_glue(w, b->first, GLUE_NO);
    bool inward = adjacent && (str_equal(w->words[b->first].folded, STR("without")) || is_kind(w, b->first, WORD_SAY) ||
                               str_starts_with(w->words[b->first].folded, STR("den")));
    return verbal && (says || inward);
}

static bool denies_by_itself(const struct work *w, const struct hit *h) {
    const uint64_t *denials = w->lexicon->denials;
    return denials && denials[h->phrase / 64] >> (h->phrase % 64) & 1;
}

/* Whether the cue is part of a sign ("can not swallow"), and not of a phrase that says no; *behind is the token after that. */
static bool deny_is_consumed(const struct work *w, const struct hit *cue, size_t *behind) {
    *behind = 0;
    for (size_t h = 0; h < w->hit_count; h++) {
        const struct hit *hit = &w->hits[h];
        if (is_consumed(hit, cue) && hit->last > cue->last && !denies_by_itself(w, hit) &&
            (size_t)hit->last + 1 > *behind)
            *behind = (size_t)hit->last + 1;
    }
    return *behind > 0;
}

/* "diabetes no": a bare no at the end of what it denies. */
static bool is_trailing(const struct work *w, const struct hit *cue) {
    size_t next = (size_t)cue->last + 1;
    if (cue->first == 0 || w->words[cue->first].edge >= EDGE_ITEM)
        return false;
    if (next >= w->count || w->words[next].edge >= EDGE_ITEM)
        return has_hit(w, clause_start(w, cue->first, EDGE_ITEM), cue->first);
    size_t end = sentence_end(w, cue->first) - 1; /* "epilepsy no diabetes yes" */
    return cue_begins(w, end, 1u << CUE_YES | 1u << CUE_NO) &&
           has_hit(w, clause_start(w, cue->first, EDGE_ITEM), cue->first) && has_hit(w, next, end);
}

static bool has_substance(const struct work *w, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (!(w->tokens[i].flags & TOKEN_FILLER) && !is_kind(w, i, WORD_EMPTY))
            return true;
    return false;
}

static void deny_before(struct work *w, const struct hit *cue) {
    size_t from = cue->first;
    while (from > 0 && w->words[from].edge < EDGE_ITEM) {
        from--;
        if (cue_begins(w, from, 1u << CUE_YES | 1u << CUE_NO)) {
            from++;
            break;
        }
        bool apart = is_glue(w, from, GLUE_AND) || is_glue(w, from, GLUE_BECAUSE);
        if (apart && has_substance(w, from + 1, cue->first)) /* "numb arm and speech fine" */
            break;
    }
    apply(w, (struct reach){from, cue->first}, cue, CONTEXT_DENIED, 0);
}

static void on_deny(struct work *w, const struct hit *cue) {
    size_t behind, next = (size_t)cue->last + 1;
    bool alone = cue->first == cue->last && (cue->first == 0 || w->words[cue->first].edge >= EDGE_CLAUSE) && next < w->count &&
                 w->words[next].edge == EDGE_SENTENCE;
    if (alone) /* "Neither; I ask for my neighbour" */
        return;
    if (is_trailing(w, cue) && is_glue(w, cue->first, GLUE_NO)) {
        deny_before(w, cue);
    } else if (deny_is_consumed(w, cue, &behind)) {
        if (is_glue(w, cue->first, GLUE_NO)) /* "weakness in my arms" too, where "no weakness" is a phrase */
            apply(w, (struct reach){(size_t)cue->last + 1, behind}, cue, CONTEXT_DENIED, 0);
        if (is_glue(w, behind, GLUE_OR)) { /* "no tablets or drugs" where "no tablets" is a phrase */
            struct hit phrase = {.first = cue->first, .last = (uint16_t)behind};
            apply(w, (struct reach){behind, deny_end(w, &phrase)}, cue, CONTEXT_DENIED, 0);
        }
    } else if (!is_answering_no(w, cue)) {
        apply(w, (struct reach){(size_t)cue->last + 1, deny_end(w, cue)}, cue, CONTEXT_DENIED, 0);
    }
}

static bool is_negative(const struct work *w, size_t i) {
    static const struct str words[] = {STR_INIT("none"), STR_INIT("never"), STR_INIT("nothing"), STR_INIT("nor"),
                                       STR_INIT("neither")};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (str_equal(w->words[i].folded, words[k]))
            return true;
    return is_glue(w, i, GLUE_NOT) || is_glue(w, i, GLUE_NO);
}

/* "speech is fine". Alone in its clause ("not me", "none since") it denies the one before, whoever's and whenever that was. */
/* "Something is pressing behind my breastbone, no": a sentence with a verb that asks nothing states, and the no behind it is about the
 * rest. "Any numbness? no", "is it weak: no" and "chest pain, no" deny. */
static bool is_statement(const struct work *w, size_t from, size_t to) {
    if (is_kind(w, from, WORD_TURN) || w->words[to].before == BEFORE_QUESTION || w->words[to].before == BEFORE_COLON ||
        w->words[to].before == BEFORE_DASH)
        return false;
    for (size_t i = from + 1; i < to; i++)
        if (is_kind(w, i, WORD_BE | WORD_VERB))
            return true;
    return false;
}

static void on_deny_after(struct work *w, const struct hit *cue) {
    size_t start = clause_start(w, cue->first, EDGE_ITEM);
    bool negative = false; /* "mine hasn't" too */
    for (size_t i = cue->first; i <= cue->last; i++)
        negative |= is_negative(w, i);
    if (has_hit(w, start, cue->first) || has_substance(w, start, cue->first)) {
        for (size_t h = 0; h < w->hit_count; h++)
            if (is_consumed(&w->hits[h], cue))
                return;
        deny_before(w, cue);
    } else if (negative && start > 0 && !has_substance(w, (size_t)cue->last + 1, clause_end(w, cue->last))) {
        size_t from = w->words[start].edge == EDGE_SENTENCE ? sentence_start(w, start - 1) : sentence_start(w, start);
        if (cue->first == cue->last && is_statement(w, from, start))
            return;
        for (size_t i = from; i < start; i++)
            if (cue_begins(w, i, 1u << CUE_EXCEPT)) /* "apart from the tingling, no" */
                return;
        apply(w, (struct reach){from, start}, cue, CONTEXT_DENIED, CONTEXT_PAST | CONTEXT_OTHERS);
    }
}

/* --- the others --- */

/* A number but "one": "maybe ten tablets" doubts how many, and not that they were taken. */
static bool is_many(const struct work *w, size_t i) {
    if (i >= w->count || w->words[i].before > BEFORE_NOTHING)
        return false;
    struct str s = w->words[i].folded;
    bool digits = s.len > 0 && str_is_digit(s.ptr[0]);
    bool word = is_kind(w, i, WORD_ONES | WORD_TENS) && word_entry(w, i)->value >= 2;
    return word || (digits && !str_equal(s, STR("1")));
}

static void on_doubt(struct work *w, const struct hit *cue) {
    size_t next = (size_t)cue->last + 1;
    if (cue->first == cue->last && is_many(w, next))
        return;
    if (is_glue(w, next, GLUE_WHAT) && is_kind(w, next, WORD_GLUE)) /* "not sure why my face droops" */
        return;
    if (str_equal(w->words[cue->first].folded, STR("does"))) /* "she doesn't know us" */
        return;
    size_t from = clause_start(w, cue->first, EDGE_CLAUSE), to = clause_end(w, cue->last);
    bool names = is_kind(w, next, WORD_ARTICLE) && str_equal(w->words[cue->last].folded, STR("be"));
    if (names) { /* "it could be a tumour" is a guess at its name, and no sign that is in doubt */
        apply(w, (struct reach){next, to}, cue, CONTEXT_SUPPOSE, 0);
        return;
    }
    if (!has_hit(w, from, to) && from > 0 && w->words[from].edge == EDGE_CLAUSE &&
        to - from <= (size_t)(cue->last - cue->first) + 4)
        from = clause_start(w, from - 1, EDGE_CLAUSE);
    apply(w, (struct reach){from, to}, cue, CONTEXT_DOUBT, 0);
}

/* "I thought my face drooped, but it was the light": supposed, where a "but" follows. */
static bool is_mere_thought(const struct work *w, const struct hit *cue) {
    for (size_t i = cue->first; i <= cue->last; i++)
        if (str_equal(w->words[i].folded, STR("thought")))
            return true;
    return false;
}

static bool but_follows(const struct work *w, size_t i) {
    for (; i < w->count && w->words[i].edge != EDGE_SENTENCE; i++)
        if (str_equal(w->words[i].folded, STR("but")))
            return true;
    return false;
}

static void on_suppose(struct work *w, const struct hit *cue) {
    size_t from = (size_t)cue->last + 1, to = from;
    if (is_mere_thought(w, cue) && !but_follows(w, from))
        return;
    if (str_equal(w->words[cue->last].folded, STR("about")) && is_kind(w, from, WORD_FIRST))
        return;                                                            /* "worried about my numb arm": it is numb */
    for (size_t c = 0; c < w->cue_count && cue->first == cue->last; c++) { /* "not sure if" */
        unsigned kind = w->cues[c].phrase;
        if ((kind == CUE_DOUBT || kind == CUE_UNSURE) && (size_t)w->cues[c].last + 1 == cue->first)
            return;
    }
    bool bare_if = cue->first == cue->last && is_glue(w, cue->first, GLUE_IF);
    if (bare_if && from < w->count && str_equal(w->words[from].folded, STR("anything"))) /* "if anything, it eases" */
        return;
    if (bare_if && cue->first > 0 && str_equal(w->words[cue->first - 1u].folded, STR("as")))
        return; /* "as if someone smeared it" compares */
    bool seen = false; /* the supposed clause's own subject and verb */
    for (; to < w->count && w->words[to].edge != EDGE_SENTENCE; to++) {
        if (to > from && w->words[to].edge >= EDGE_CLAUSE && !is_glue(w, to, GLUE_AND) && !is_glue(w, to, GLUE_OR))
            break;
        if (bare_if && to > from && (w->words[to].edge >= EDGE_ITEM || (seen && is_subject_verb(w, to))))
            break;
        seen |= is_subject_verb(w, to);
    }
    apply(w, (struct reach){from, to}, cue, CONTEXT_SUPPOSE, 0);
}

/* "my husband says it carries on": tells of me. */
static bool is_witness(const struct work *w, size_t i) {
    for (size_t j = i; j < i + 3 && j < w->count && (j == i || w->words[j].edge == EDGE_NONE); j++)
        if (is_kind(w, j, WORD_SAY))
            return true;
        else if (!is_kind(w, j, WORD_EMPTY | WORD_THIRD))
            return false;
    return false;
}

/* The word ends in "'s". */
static bool is_possessive(const struct work *w, size_t i) {
    struct str text = w->out->text;
    size_t to = (size_t)w->tokens[i].start + w->tokens[i].length;
    struct str word = str_slice(text, w->tokens[i].start, w->tokens[i].length);
    return (word.len > 2 && word.ptr[word.len - 1] == 's' &&
            (word.ptr[word.len - 2] == '\'' || (unsigned char)word.ptr[word.len - 2] == 0x99)) /* the curly one */
           || str_equal(str_slice(text, to, 2), STR("'s"));
}

/* "I swallowed a dozen of my gran's tablets": what begins before the owner is named is not the owner's. */
static void leave_what_began(struct work *w, size_t owner, struct reach r) {
    for (size_t h = 0; h < w->hit_count && w->hits[h].first < owner; h++) {
        struct hit *hit = &w->hits[h];
        if (own_mask(hit, r) && !(w->tokens[hit->first].context & CONTEXT_OTHERS) && w->words[owner].edge == EDGE_NONE)
            hit->context &= (uint8_t)~CONTEXT_OTHERS;
    }
}

static void reach_others(struct work *w, size_t from, const struct hit *cue) {
    size_t to = from;
    for (; to < w->count && (to == from || w->words[to].edge != EDGE_SENTENCE); to++) {
        bool first = is_kind(w, to, WORD_FIRST) && is_kind(w, to, WORD_SUBJECT | WORD_OWNER);
        bool object = to > 0 && is_glue(w, to - 1, GLUE_OF); /* "a friend of mine" */
        if (to > from && ((cue_begins(w, to, 1u << CUE_SELF) && !object) || first) &&
            !cue_begins(w, to, 1u << CUE_OTHERS))
            break;
    }
    apply(w, (struct reach){from, to}, cue, CONTEXT_OTHERS, 0);
    if (cue && is_possessive(w, cue->last))
        leave_what_began(w, from, (struct reach){from, to});
}

static void on_others(struct work *w, const struct hit *cue) {
    if (!is_witness(w, (size_t)cue->last + 1))
        reach_others(w, cue->first, cue);
}

/* Told to have begun then, or to last since: not over. */
static bool goes_on(const struct work *w, size_t from, size_t to) {
    static const struct str verbs[] = {STR_INIT("started"), STR_INIT("began"), STR_INIT("begun"),
                                       STR_INIT("starts"),  STR_INIT("came"),  STR_INIT("since")};
    for (size_t i = from; i < to; i++)
        for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++)
            if (w->words[i].number_word && str_equal(w->words[i].folded, verbs[k]))
                return true;
    return false;
}

static void on_past(struct work *w, const struct hit *cue) {
    size_t from = clause_start(w, cue->first, EDGE_CLAUSE), to = from;
    while (to < w->count && (to == from || w->words[to].edge < EDGE_CLAUSE) &&
           !(to > cue->last && cue_begins(w, to, 1u << CUE_NOW)))
        to++;
    if (goes_on(w, from, to))
        return;
    bool of_before = str_equal(w->words[cue->first].folded, STR("long")) && from > 0 && !has_hit(w, from, cue->first);
    if (of_before) /* "I cracked my head open, but that's long mended" */
        from = clause_start(w, from - 1, EDGE_CLAUSE);
    for (size_t i = from; i < cue->first; i++)
        if (cue_begins(w, i, 1u << CUE_NOW))
            from = cue->first;
    apply(w, (struct reach){from, to}, cue, CONTEXT_PAST, 0);
}

/* Where a question stops asking and a fact begins: "should I worry about my numb arm". */
static bool is_given(const struct work *w, size_t i) {
    enum glue g = word_glue(w, i);
    bool lead = g == GLUE_FOR || g == GLUE_BECAUSE || g == GLUE_THAT || g == GLUE_AFTER ||
                str_equal(w->words[i].folded, STR("about")) || str_equal(w->words[i].folded, STR("with"));
    return lead && is_kind(w, i + 1, WORD_FIRST);
}

/* open: why, what and how take for granted what they say of "my" face. */
static void reach_asked(struct work *w, size_t from, const struct hit *cue, bool open) {
    size_t to = from;
    for (; to < w->count && (to == from || w->words[to].edge != EDGE_SENTENCE); to++) {
        bool first = is_kind(w, to, WORD_FIRST);
        if (to == from)
            continue;
        if ((open && first) || is_given(w, to) ||
            (w->words[to].edge >= EDGE_ITEM && (first || is_kind(w, to, WORD_THIRD))))
            break;
        if (w->words[to].edge >= EDGE_CLAUSE && !is_glue(w, to, GLUE_OR) && !is_kind(w, to, WORD_TURN))
            break;
    }
    apply(w, (struct reach){from, to}, cue, CONTEXT_ASKED, 0);
    w->out->answer |= ANSWER_QUESTION;
}

/* A question may begin anywhere with its verb before a pronoun ("is it"), but with its verb before a noun ("is twitching") only where
 * nothing of substance stands before it. */
static void on_ask(struct work *w, const struct hit *cue) {
    if (str_equal(w->words[cue->first].folded, STR("who")) && cue->first > 0 && w->words[cue->first].edge < EDGE_SENTENCE)
        return; /* "my husband, who is 66" */
    if (date_is_am(w, cue->first)) /* "at 4am I lie awake" */
        return;
    size_t start = clause_start(w, cue->first, EDGE_CLAUSE);
    bool turned = is_kind(w, cue->first, WORD_TURN) && !is_kind(w, cue->first + 1u, WORD_SUBJECT);
    bool begins = turned ? !has_substance(w, start, cue->first) : cue->first <= start + 2;
    if (begins || (!turned && cue->last > cue->first))
        reach_asked(w, cue->first, cue, is_glue(w, cue->first, GLUE_WHAT));
}

/* A word that may be the subject of a question without an article. */
static bool is_joined_noun(const struct work *w, size_t i) {
    return w->words[i].before == BEFORE_NOTHING && !is_glue(w, i, GLUE_NOT) && !is_kind(w, i, WORD_VERB) &&
           !cue_begins(w, i, 1u << CUE_DENY | 1u << CUE_DOUBT);
}

/* "how much caffeine is an overdose": what, how and why at the head of a sentence. */
static void open_questions(struct work *w) {
    if (!any_glue(w, glue_bit(GLUE_WHAT)))
        return;
    for (size_t i = 0; i + 2 < w->count; i++) {
        bool heads = i == 0 || w->words[i].edge == EDGE_SENTENCE;
        bool exclaims = is_glue(w, i + 1, GLUE_IF) || is_kind(w, i + 1, WORD_ARTICLE); /* "what if", "what a day" */
        if (heads && is_glue(w, i, GLUE_WHAT) && !exclaims && !str_equal(w->words[i].folded, STR("which")))
            reach_asked(w, i, NULL, true);
    }
}

/* "is it", "can I", "does my": the verb before its subject at the head of a clause asks. */
static void turned_questions(struct work *w) {
    if (!(w->kinds & WORD_TURN))
        return;
    for (size_t i = 0; i + 1 < w->count; i++) {
        if (i > 0 && w->words[i].edge < EDGE_CLAUSE && !(i > 1 && is_glue(w, i - 1, GLUE_AND)))
            continue;
        if (!is_kind(w, i, WORD_TURN) || is_kind(w, i, WORD_SUBJECT))
            continue;
        uint32_t next = word_kinds(w, i + 1);
        bool owned = !str_equal(w->words[i].folded, STR("had")) && !str_equal(w->words[i].folded, STR("have")) &&
                     !str_equal(w->words[i].folded, STR("has")) && !str_equal(w->words[i].folded, STR("did"));
        bool had = str_equal(w->words[i].folded, STR("had"));
        bool question = w->words[i + 1].before == BEFORE_NOTHING && next & WORD_SUBJECT && !(next & WORD_BE) && !had;
        if (!question && next & WORD_OWNER && owned)
            question = true;
        bool helps = (str_equal(w->words[i].folded, STR("do")) || str_equal(w->words[i].folded, STR("does"))) &&
                     is_joined_noun(w, i + 1); /* "does tea count" */
        if (i == 0 && helps)
            question = true;
        size_t end = sentence_end(w, i);
        bool mark = end < w->count ? w->words[end].before == BEFORE_QUESTION : w->ends_in_question_mark;
        if (question || (mark && owned && !is_glue(w, i + 1, GLUE_NOT)))
            reach_asked(w, i, NULL, false);
    }
}

/* "weak or stiff? no it feels normal": a question that the next sentence answers. A word or two with a question mark ask. */
static void echoed_questions(struct work *w) {
    if (!w->any_question)
        return;
    for (size_t start = 0; start < w->count;) {
        size_t end = sentence_end(w, start);
        bool mark = end < w->count ? w->words[end].before == BEFORE_QUESTION : w->ends_in_question_mark;
        if (mark) {
            struct reach r = {start, end};
            w->out->answer |= ANSWER_QUESTION;
            if (end < w->count && cue_begins(w, end, 1u << CUE_NO | 1u << CUE_NONE) && !has_verb(w, start))
                apply(w, r, NULL, CONTEXT_DENIED, CONTEXT_ASKED);
            else if (end < w->count && cue_begins(w, end, 1u << CUE_YES) && !has_verb(w, start))
                apply(w, r, NULL, 0, CONTEXT_ASKED | CONTEXT_DENIED);
            else if (end - start <= 2)
                apply(w, r, NULL, CONTEXT_ASKED, 0);
        }
        start = end;
    }
}

/* Cues inside longer ones say nothing of their own: the "not" of "not sure". Longer ones come first. ends[j]: where the cues up to j end. */
static bool is_inner_cue(const struct work *w, size_t i, const uint16_t *ends) {
    const struct hit *c = &w->cues[i];
    for (size_t j = i; j-- > 0 && ends[j] >= c->last;) {
        const struct hit *o = &w->cues[j];
        bool answers = o->phrase == CUE_NO || o->phrase == CUE_YES || o->phrase == CUE_NONE;
        if (o->last < c->last || o->last - o->first <= c->last - c->first || c->phrase == CUE_OTHERS)
            continue;
        if (!answers || c->phrase != CUE_DENY) /* "I have not" answers, and denies what follows */
            return true;
    }
    if ((c->phrase != CUE_DENY && c->phrase != CUE_NO) || !any_cue(w, 1u << CUE_NOT_DENY))
        return false;
    for (size_t j = 0; j < w->cue_count && w->cues[j].first <= c->first; j++)
        if (w->cues[j].phrase == CUE_NOT_DENY && w->cues[j].last >= c->last)
            return true;
    return false;
}

static void drop_inner_cues(struct work *w) {
    uint16_t ends[READING_HITS_MAX], end = 0;
    bool inner[READING_HITS_MAX], any = false;
    for (size_t i = 0; i < w->cue_count; i++) {
        any |= inner[i] = is_inner_cue(w, i, ends);
        end = w->cues[i].last > end ? w->cues[i].last : end;
        ends[i] = end;
    }
    if (!any)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < w->cue_count; i++)
        w->words[w->cues[i].first].cues = 0;
    for (size_t i = 0; i < w->cue_count; i++)
        if (!inner[i]) {
            w->words[w->cues[i].first].cues |= 1u << w->cues[i].phrase;
            w->cues[kept++] = w->cues[i];
        }
    w->cue_count = kept;
}

static void on_cue(struct work *w, struct hit *cue) {
    cue->clause = w->tokens[cue->first].clause;
    switch ((enum cue_kind)cue->phrase) {
    case CUE_DENY:
        on_deny(w, cue);
        break;
    case CUE_DOUBT:
        on_doubt(w, cue);
        break;
    case CUE_UNSURE:
        on_doubt(w, cue);
        break;
    case CUE_SUPPOSE:
        on_suppose(w, cue);
        break;
    case CUE_OTHERS:
        on_others(w, cue);
        break;
    case CUE_PAST:
        on_past(w, cue);
        break;
    case CUE_ASK:
        on_ask(w, cue);
        break;
    default:
        break;
    }
}

/* "her mouth", where no cue of the dialog stands. */
static void third_persons(struct work *w) {
    if (!(w->kinds & WORD_THIRD))
        return;
    for (size_t i = 0; i < w->count; i++)
        if (is_kind(w, i, WORD_THIRD) && !(w->tokens[i].context & CONTEXT_OTHERS) && !is_witness(w, i + 1))
            reach_others(w, i, NULL);
}

/* Marks denials that undo each other. */
static void undo_denials(struct work *w, bool *undone) {
    const struct hit *denial = NULL;
    for (size_t c = 0; c < w->cue_count; c++) {
        struct hit *cue = &w->cues[c];
        if (cue->phrase != CUE_DENY)
            continue;
        if (denial && is_undone(w, denial, cue)) {
            undone[denial - w->cues] = undone[c] = w->double_denial = true;
            denial = NULL;
        } else {
            denial = cue;
        }
    }
}

void context_read(struct work *w) {
    for (size_t h = 0; h < w->hit_count; h++)
        w->hits[h].clause = w->tokens[w->hits[h].first].clause;
    bool undone[READING_HITS_MAX];
    if (w->cue_count > 1 && w->any_long_cue)
        drop_inner_cues(w);
    for (size_t c = 0; c < w->cue_count; c++) {
        undone[c] = false;
        for (size_t t = w->cues[c].first; t <= w->cues[c].last; t++)
            w->tokens[t].flags |= TOKEN_CUE;
    }
    if (any_cue(w, 1u << CUE_DENY))
        undo_denials(w, undone);
    for (size_t c = 0; c < w->cue_count; c++)
        if (!undone[c])
            on_cue(w, &w->cues[c]);
    third_persons(w);
    turned_questions(w);
    open_questions(w);
    echoed_questions(w);
    for (size_t c = 0; c < w->cue_count && any_cue(w, 1u << CUE_DENY_AFTER); c++) /* last: it lifts what others have set */
        if (w->cues[c].phrase == CUE_DENY_AFTER)
            on_deny_after(w, &w->cues[c]);
}

/* --- times --- */

void context_of_times(struct work *w) {
    for (size_t i = 0; i < w->quantity_count; i++) {
        const struct quantity *q = &w->quantities[i];
        if (q->kind != QUANTITY_AGO || q->value < PAST_HOURS || q->context & CONTEXT_SUPPOSE)
            continue;
        size_t from = clause_start(w, q->first, EDGE_CLAUSE), to = clause_end(w, q->last);
        if (goes_on(w, from, to) || (q->first > 0 && is_glue(w, (size_t)q->first - 1, GLUE_SINCE)))
            continue;
        for (size_t t = (size_t)q->last + 1; t < to; t++)
            if (cue_begins(w, t, 1u << CUE_NOW))
                to = t;
        apply(w, (struct reach){from, to}, NULL, CONTEXT_PAST, 0);
    }
}
