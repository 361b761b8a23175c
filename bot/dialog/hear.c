#include "dialog/hear.h"

#include <string.h>

#include "dialog/hear_work.h"

enum { TOPIC_TOKENS_MAX = 6 }; /* a topic's words count without a question in a message of at most so many words */

#define CONTEXT_SETS_NOTHING (CONTEXT_SUPPOSE | CONTEXT_OTHERS | CONTEXT_PAST | CONTEXT_ASKED)

/* --- what was heard --- */

struct heard *heard_find(struct hearer *h, uint16_t finding) {
    if (!has_finding(h->heard_bits, finding))
        return NULL;
    for (size_t i = 0; i < h->heard_count; i++)
        if (h->heard[i].finding == finding)
            return &h->heard[i];
    return NULL;
}

static void put_heard(struct hearer *h, const struct heard *new) {
    if (h->heard_count == HEARD_MAX)
        return;
    h->heard[h->heard_count++] = *new;
    add_finding(h->heard_bits, new->finding);
}

void pass_over(struct hearer *h, uint16_t finding, uint16_t first, uint16_t last, uint8_t context, uint32_t phrase) {
    if (h->passed_count < HEARD_MAX)
        h->passed[h->passed_count++] = (struct passed_over){finding, first, last, context, phrase, 0};
}

bool cue_between(const struct reading *r, enum cue_kind kind, size_t from, size_t to) {
    if (!(r->cue_kinds >> kind & 1))
        return false;
    for (size_t i = 0; i < r->cue_count && r->cues[i].first < to; i++)
        if (r->cues[i].phrase == (uint32_t)kind && r->cues[i].first >= from)
            return true;
    return false;
}

uint16_t option_of_no(const struct finding *f) {
    for (uint16_t i = 0; i < f->option_count && f->kind == FINDING_CHOICE; i++)
        if (str_equal(f->options[i].name, STR("no")) || str_equal(f->options[i].name, STR("none")))
            return i;
    return DIALOG_NONE;
}

/* A choice with a "none" goes from there up, as none, thoughts, plan does: what is heard of it higher up counts. */
static bool is_graded(const struct finding *f) { return f->kind == FINDING_CHOICE && option_of_no(f) != DIALOG_NONE; }

/* How much a value weighs against another of the same finding in the same message. */
static int weight_of(const struct finding *f, struct value v) {
    if (v.state != VALUE_KNOWN)
        return 2;
    if (f->kind == FINDING_YESNO)
        return v.number != 0 ? 3 : 1;
    return f->kind == FINDING_CHOICE && (uint16_t)v.number == option_of_no(f) ? 1 : 3;
}

/* "43, sorry, 34": between two numbers less is needed. */
static bool takes_back(const struct reading *r, size_t from, size_t to) {
    static const struct str words[] = {STR_INIT("sorry"),  STR_INIT("no"),    STR_INIT("wait"),
                                       STR_INIT("rather"), STR_INIT("meant"), STR_INIT("mean")};
    for (size_t t = from; t < to; t++)
        if (str_is_among_nocase(token_text(r, t), words, sizeof words / sizeof *words))
            return true;
    return false;
}

static bool replaces(const struct hearer *h, const struct heard *old, const struct heard *new) {
    const struct finding *f = &h->d->findings[new->finding];
    if (cue_between(h->r, CUE_CORRECT, old->last, (size_t) new->first + 1))
        return true;
    if (f->kind == FINDING_NUMBER && takes_back(h->r, old->last + 1u, new->first))
        return true;
    int was = weight_of(f, old->value), is = weight_of(f, new->value);
    if (is_graded(f) && was == is && was == 3 && new->value.number < old->value.number)
        return false;
    if (f->kind == FINDING_NUMBER)
        return is > was;
    return is >= was;
}

void heard_add(struct hearer *h, const struct heard *new) {
    struct heard *old = heard_find(h, new->finding);
    const struct finding *f = &h->d->findings[new->finding];
    if (!old) {
        put_heard(h, new);
        return;
    }
    bool union_of_sets = f->kind == FINDING_SET && old->value.state == VALUE_KNOWN && new->value.state == VALUE_KNOWN;
    if (union_of_sets && !cue_between(h->r, CUE_CORRECT, old->last, (size_t) new->first + 1))
        old->value.number = (float)((uint32_t)old->value.number | (uint32_t) new->value.number);
    else if (replaces(h, old, new))
        *old = *new;
}

void heard_answer(struct hearer *h, uint16_t finding, struct value v, enum heard_how how) {
    size_t last = h->r->token_count ? h->r->token_count - 1 : 0;
    struct heard new = {.finding = finding, .value = v, .how = how, .last = (uint16_t)last, .phrase = UINT32_MAX};
    struct heard *old = heard_find(h, finding);
    if (old)
        *old = new;
    else
        put_heard(h, &new);
}

/* --- phrases --- */

static bool means(const struct hearer *h, uint32_t phrase, uint16_t finding) {
    for (uint32_t m = h->d->phrase_meaning[phrase]; m < h->d->phrase_meaning[phrase + 1]; m++) {
        const struct meaning *meaning = &h->d->meanings[m];
        if (meaning->target == finding && meaning->kind <= MEANS_EACH && meaning->kind != MEANS_NEAR &&
            (!meaning->only_asked || is_asked(h, finding)))
            return true;
    }
    return false;
}

/* All words of a are words of b, which has more. */
static bool lies_within(const struct hit *a, const struct hit *b) {
    if (a->first < b->first || a->last > b->last || a->first - b->first >= 32)
        return false;
    uint32_t own = a->own << (a->first - b->first);
    return (own & ~b->own) == 0 && own != b->own;
}

static bool is_unbroken(const struct reading *r, const struct hit *h) {
    for (size_t t = h->first; t <= h->last && t - h->first < 32; t++)
        if (!(h->own >> (t - h->first) & 1) && !(r->tokens[t].flags & TOKEN_FILLER))
            return false;
    return true;
}

/* A sign whose whole phrase another sign's phrase says on: "can not walk" in "can not walk straight". */
static bool is_said_on(const struct hearer *h, size_t hit, uint16_t finding) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count && r->hits[i].first <= r->hits[hit].last; i++) {
        if (i == hit || !lies_within(&r->hits[hit], &r->hits[i]) || !is_unbroken(r, &r->hits[i]))
            continue;
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1];
             m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            if (meaning->kind == MEANS_VALUE && meaning->target != finding && !meaning->only_asked &&
                h->d->findings[meaning->target].kind == FINDING_YESNO && value_equal(meaning->value, VALUE_YES))
                return true;
        }
    }
    return false;
}

/* A word that answers only its own question, said as part of another sign: asked of face and legs, the "weak" of "my leg is weak". */
static bool is_word_of_another(const struct hearer *h, size_t hit, uint16_t finding) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count && r->hits[i].first <= r->hits[hit].last; i++) {
        if (i == hit || !lies_within(&r->hits[hit], &r->hits[i]))
            continue;
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1];
             m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            if (meaning->kind == MEANS_VALUE && meaning->target != finding && !meaning->only_asked &&
                h->d->findings[meaning->target].kind == FINDING_YESNO)
                return true;
        }
    }
    return false;
}

/* A phrase took a number from its unit: "20 ... tablets" in "20 mg tablets", "10 + pill" in "the pill for 10 years". */
static bool splits_quantity(const struct reading *r, const struct hit *hit) {
    for (size_t i = 0; i < r->quantity_count; i++) {
        const struct quantity *q = &r->quantities[i];
        if (q->kind == QUANTITY_COUNT || q->kind == QUANTITY_TIMES || q->first < hit->first || q->first > hit->last ||
            q->last == q->first)
            continue;
        bool number = q->first - hit->first < 32 && hit->own >> (q->first - hit->first) & 1;
        bool unit = q->last <= hit->last && q->last - hit->first < 32 && hit->own >> (q->last - hit->first) & 1;
        if (number && !unit && !(r->tokens[q->first].flags & TOKEN_FILLER))
            return true;
    }
    return false;
}

/* A longer phrase of the same finding says it better: "diet coke" for "coke", "no droop" for "droop". */
static float highest_meant(const struct hearer *h, uint32_t phrase, uint16_t finding) {
    float highest = -1;
    for (uint32_t m = h->d->phrase_meaning[phrase]; m < h->d->phrase_meaning[phrase + 1]; m++) {
        const struct meaning *meaning = &h->d->meanings[m];
        if (meaning->target == finding && meaning->kind == MEANS_VALUE && meaning->value.number > highest)
            highest = meaning->value.number;
    }
    return highest;
}

/* A phrase that says less, though something, of a graded choice does not outdo: thoughts are told beside the plan. */
static bool says_less(const struct hearer *h, uint32_t phrase, uint32_t than, uint16_t finding) {
    const struct finding *f = &h->d->findings[finding];
    if (!is_graded(f))
        return false;
    float is = highest_meant(h, phrase, finding);
    return is >= 0 && (uint16_t)is != option_of_no(f) && is < highest_meant(h, than, finding);
}

bool hit_is_outdone(const struct hearer *h, size_t hit, uint16_t finding) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count && r->hits[i].first <= r->hits[hit].last; i++)
        if (i != hit && lies_within(&r->hits[hit], &r->hits[i]) && means(h, r->hits[i].phrase, finding) &&
            !splits_quantity(r, &r->hits[i]) && !says_less(h, r->hits[i].phrase, r->hits[hit].phrase, finding))
            return true;
    return false;
}

/* Half of its words are the idiom's: "brake + gone" in "brake fluid". Of an idiom of parts it must be more: "numb lip" shares a word with
 * "arm + numb" and is none. */
static bool is_mostly_in(const struct hearer *h, const struct hit *a, const struct passed_over *idiom) {
    struct str text = h->d->phrase_text[idiom->phrase];
    bool parts = memchr(text.ptr, '+', text.len) != NULL;
    int in = 0, all = 0;
    for (size_t t = a->first; t <= a->last && t - a->first < 32; t++) {
        if (!(a->own >> (t - a->first) & 1))
            continue;
        all++;
        in += t >= idiom->first && t <= idiom->last && t - idiom->first < 32 && idiom->own >> (t - idiom->first) & 1;
    }
    return parts ? 2 * in > all : in > 0 && 2 * in >= all;
}

/* A phrase that has all of the idiom and more says something else: "right hand side" and "right handed". */
static bool goes_beyond(const struct hit *a, const struct passed_over *idiom) {
    if (a->first > idiom->first || a->last < idiom->last || idiom->first - a->first >= 32)
        return false;
    uint32_t own = idiom->own << (idiom->first - a->first);
    return (own & ~a->own) == 0 && own != a->own;
}

const struct passed_over *hit_idiom(const struct hearer *h, const struct hit *hit, uint16_t finding) {
    for (size_t i = 0; i < h->idiom_count; i++)
        if (h->idioms[i].finding == finding && is_mostly_in(h, hit, &h->idioms[i]) && !goes_beyond(hit, &h->idioms[i]))
            return &h->idioms[i];
    return NULL;
}

/* Whether the denial of a phrase that itself denies ("smile looks normal") stands inside it or close before: then it is turned round,
 * surely in the first case, perhaps in the second. A mere "no" turns nothing: "no, my smile is normal". */
static struct value deny_no(const struct hearer *h, const struct hit *hit) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->cue_count; i++) {
        const struct hit *c = &r->cues[i];
        if (c->phrase != CUE_DENY || c->last >= hit->last)
            continue;
        struct str word = str_slice(r->text, r->tokens[c->first].start, r->tokens[c->first].length);
        struct str own = token_text(r, hit->first);
        if (str_equal_nocase(word, STR("no")) ||
            (str_equal_nocase(own, STR("no")) && c->first < hit->first)) /* "ain't got no weakness" */
            continue;
        if (c->first > hit->first)
            return VALUE_YES;
        if (c->last < hit->first && hit->first - c->last <= 4)
            return VALUE_DOUBT;
    }
    return VALUE_NO;
}

/* A word that says what one sees or has, and not what one manages to do. */
static bool tells_of_state(struct str word) {
    static const char *const words[] = {"see",    "saw",   "feel",   "notice", "find", "detect",  "spot",  "hear",
                                        "say",    "tell",  "claim",  "think",  "have", "be",      "recall", "remember",
                                        "report", "sense", "recognise", "recognize", "complain"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_nocase(word, str_of(words[i])))
            return true;
    return false;
}

static bool is_modal_word(struct str word) {
    static const char *const words[] = {"can",   "could", "will",    "would",    "can't",  "cant",   "cannot",
                                        "won't", "wont",  "couldn't", "couldnt", "cannae", "can\u2019t", "won\u2019t",
                                        "couldn\u2019t"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_nocase(word, str_of(words[i])))
            return true;
    return false;
}

/* "I can't get my chin near my chest" denies no sign: what somebody cannot do may be one itself. "I can't feel any numbness" does. */
static bool denies_an_ability(const struct hearer *h, const struct hit *hit) {
    const struct reading *r = h->r;
    const struct hit *near = NULL;
    for (size_t i = 0; i < r->cue_count && r->cues[i].first < hit->first; i++)
        if (r->cues[i].phrase == CUE_DENY)
            near = &r->cues[i];
    if (!near || r->tokens[near->first].clause != r->tokens[hit->first].clause)
        return false;
    if (!is_modal_word(token_text(r, near->first)) && (near->first == 0 || !is_modal_word(token_text(r, near->first - 1u))))
        return false;
    for (size_t t = near->last + 1u; t < hit->first && t <= near->last + 3u; t++)
        if (tells_of_state(token_text(r, t)))
            return false;
    return near->last + 1u < hit->first; /* "can't twitch": the sign itself is what cannot be done */
}

/* "My mouth opens only a crack": what works but little is no denial of the sign. */
static bool works_but_little(const struct hearer *h, const struct hit *hit) {
    static const char *const limits[] = {"halfway", "half", "partly", "barely", "hardly", "slightly", "crack", "little"};
    const struct reading *r = h->r;
    for (size_t t = hit->last + 1u; t < r->token_count && t <= hit->last + 3u; t++) {
        if (r->tokens[t].clause != r->tokens[hit->last].clause)
            return false;
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
            if (str_equal_nocase(token_text(r, t), str_of(limits[i])))
                return true;
    }
    return false;
}

/* The value of a yes-or-no finding in its context. */
static struct value yesno_in_context(const struct hearer *h, const struct hit *hit, struct value v, unsigned context) {
    bool denied = context & CONTEXT_DENIED, doubt = context & CONTEXT_DOUBT;
    if (v.state == VALUE_KNOWN && v.number == 0)
        return denied ? deny_no(h, hit) : doubt || works_but_little(h, hit) ? VALUE_DOUBT : VALUE_NO;
    if (doubt)
        return VALUE_DOUBT;
    if (denied && denies_an_ability(h, hit))
        return VALUE_DOUBT;
    return denied ? VALUE_NO : v;
}

/* False where the context leaves nothing to be heard. */
static bool value_in_context(const struct hearer *h, const struct hit *hit, const struct meaning *m, unsigned context,
                             struct value *v) {
    const struct finding *f = &h->d->findings[m->target];
    *v = m->value;
    switch (f->kind) {
    case FINDING_YESNO:
        *v = yesno_in_context(h, hit, *v, context);
        if (v->state != VALUE_KNOWN && context & CONTEXT_DENIED && !(context & CONTEXT_DOUBT) &&
            m->value.number != 0 && !is_asked(h, m->target))
            return false; /* neither there nor denied: it is asked in its turn */
        return true;
    case FINDING_CHOICE:
        if (context & CONTEXT_DENIED) {
            uint16_t no = option_of_no(f);
            if (no == DIALOG_NONE || (uint16_t)v->number == no)
                return false;
            *v = (struct value){VALUE_KNOWN, no};
        }
        return !(context & CONTEXT_DOUBT) || is_asked(h, m->target);
    case FINDING_SET:
    case FINDING_NUMBER:
        return !(context & CONTEXT_DENIED);
    }
    return false;
}

/* "I was on lisinopril", "she was taking it": a member of a set that was. "When it began" makes no end of it. */
static bool was_once(const struct reading *r, const struct hit *hit) {
    static const char *const was[] = {"was", "were"}, *const on[] = {"on", "taking", "using"};
    if (hit->first < 2)
        return false;
    bool past = false, uses = false;
    for (size_t i = 0; i < sizeof was / sizeof *was; i++)
        past |= str_equal_nocase(token_text(r, hit->first - 2u), str_of(was[i]));
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        uses |= str_equal_nocase(token_text(r, hit->first - 1u), str_of(on[i]));
    bool goes_on = false;
    for (size_t t = hit->last + 1u; t < r->token_count; t++)
        goes_on |= str_equal_nocase(token_text(r, t), STR("when")) || str_equal_nocase(token_text(r, t), STR("already"));
    return past && uses && !goes_on;
}

static void gather_value(struct hearer *h, size_t index, const struct meaning *m) {
    const struct hit *hit = &h->r->hits[index];
    const struct finding *f = &h->d->findings[m->target];
    unsigned context = hit->context;
    if (hit_is_outdone(h, index, m->target) || splits_quantity(h->r, hit))
        return;
    if (m->target == h->about && tells_of_me(h->r, hit))
        return;
    if (f->kind == FINDING_YESNO && value_equal(m->value, VALUE_YES) && !is_asked(h, m->target) &&
        is_said_on(h, index, m->target))
        return;
    if (f->kind == FINDING_YESNO || f->kind == FINDING_SET || option_of_no(f) != DIALOG_NONE)
        h->sign_clauses[hit->clause / 64] |= UINT64_C(1) << hit->clause % 64;
    const struct passed_over *idiom = hit_idiom(h, hit, m->target);
    if (idiom) {
        pass_over(h, m->target, hit->first, hit->last, 0, idiom->phrase);
        return;
    }
    if (f->kind == FINDING_SET && was_once(h->r, hit))
        context |= CONTEXT_PAST;
    if (f->history)
        context &= ~(unsigned)CONTEXT_PAST;
    /* "He" and "she" without a name are whom the talk is about. */
    bool own = context & CONTEXT_OTHERS && !names_another(h->r) && (is_asked(h, m->target) || !speaks_of_self(h->r));
    if (h->about_other || own)
        context &= ~(unsigned)CONTEXT_OTHERS;
    if (f->kind == FINDING_CHOICE &&
        (uint16_t)m->value.number == option_of_no(f)) /* past the menopause: still not pregnant */
        context &= ~(unsigned)CONTEXT_PAST;
    if (context & CONTEXT_DENIED && !(context & (CONTEXT_OTHERS | CONTEXT_SUPPOSE)))
        context &= ~(unsigned)CONTEXT_PAST;
    struct value v;
    bool guess = f->history && context & CONTEXT_DOUBT && !is_asked(h, m->target); /* "maybe it is MS" */
    if (guess || context & CONTEXT_SETS_NOTHING || !value_in_context(h, hit, m, context, &v)) {
        pass_over(h, m->target, hit->first, hit->last, (uint8_t)context, hit->phrase);
        return;
    }
    struct heard new = {m->target, v, HEARD_PHRASE, hit->first, hit->last, hit->phrase, (uint8_t)context};
    heard_add(h, &new);
    bool present = v.state != VALUE_KNOWN || f->kind != FINDING_YESNO || v.number != 0;
    for (uint16_t i = 0; i < f->measured_by_count && present && h->anchor_count < ANCHORS_MAX; i++)
        h->anchors[h->anchor_count++] = (struct anchor){f->measured_by[i], hit->first, hit->last, hit->clause};
}

static void gather_counted(struct hearer *h, size_t index, const struct meaning *m) {
    const struct hit *hit = &h->r->hits[index];
    for (size_t i = 0; i < h->counted_count; i++) /* "coffee" and "coffees" are one */
        if (h->counted[i].finding == m->target && h->counted[i].first == hit->first && h->counted[i].last == hit->last)
            return;
    if (h->counted_count < COUNTED_MAX && !hit_is_outdone(h, index, m->target))
        h->counted[h->counted_count++] = (struct counted){m->target,   m->number,    hit->first, hit->last,
                                                          hit->clause, hit->context, hit->phrase};
}

static void gather_meaning(struct hearer *h, size_t index, const struct meaning *m) {
    const struct hit *hit = &h->r->hits[index];
    switch ((enum meaning_kind)m->kind) {
    case MEANS_VALUE:
        gather_value(h, index, m);
        break;
    case MEANS_NEAR:
        if (h->anchor_count < ANCHORS_MAX && !hit_idiom(h, hit, m->target))
            h->anchors[h->anchor_count++] = (struct anchor){m->target, hit->first, hit->last, hit->clause};
        break;
    case MEANS_EACH:
        gather_counted(h, index, m);
        break;
    case MEANS_NOTHING:
    case MEANS_TOPIC:
    case MEANS_CAUSE:
    case MEANS_COMMAND:
    case MEANS_SUBJECT:
        break;
    }
}

static void gather_idioms(struct hearer *h) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count; i++)
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1]; m++)
            if (h->d->meanings[m].kind == MEANS_NOTHING && h->idiom_count < IDIOMS_MAX &&
                !splits_quantity(r, &r->hits[i]))
                h->idioms[h->idiom_count++] = (struct passed_over){
                    h->d->meanings[m].target, r->hits[i].first, r->hits[i].last, 0, r->hits[i].phrase, r->hits[i].own};
}

static void gather_hits(struct hearer *h) {
    const struct reading *r = h->r;
    if (r->hit_count == 0 && r->quantity_count == 0)
        return;
    for (size_t i = 0; i < r->hit_count; i++)
        h->meant |= h->d->phrase_kinds[r->hits[i].phrase];
    if (h->meant >> MEANS_NOTHING & 1)
        gather_idioms(h);
    hear_about(h);
    if (!(h->meant & (1u << MEANS_VALUE | 1u << MEANS_NEAR | 1u << MEANS_EACH)))
        return;
    for (size_t i = 0; i < r->hit_count; i++)
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1]; m++)
            if (!h->d->meanings[m].only_asked ||
                (is_asked(h, h->d->meanings[m].target) &&
                 (h->asked.count == 1 || !is_word_of_another(h, i, h->d->meanings[m].target))))
                gather_meaning(h, i, &h->d->meanings[m]);
}

/* --- topics, causes, commands --- */

/* Words that only dress a command: "can you please stop now". */
static bool is_courtesy(struct str word) {
    static const struct str words[] = {
        STR_INIT("please"), STR_INIT("pls"),   STR_INIT("lippy"),  STR_INIT("ok"),    STR_INIT("okay"),
        STR_INIT("now"),    STR_INIT("just"),  STR_INIT("thanks"), STR_INIT("can"),   STR_INIT("you"),
        STR_INIT("could"),  STR_INIT("we"),    STR_INIT("i"),      STR_INIT("i'd"),   STR_INIT("want"),
        STR_INIT("let"),    STR_INIT("let's"), STR_INIT("me"),     STR_INIT("us"),    STR_INIT("to"),
        STR_INIT("oh"),     STR_INIT("hey"),   STR_INIT("just"),   STR_INIT("would"), STR_INIT("like")};
    return str_is_among_nocase(word, words, sizeof words / sizeof *words);
}

/* A command is the whole message, or all but words of courtesy. */
static void hear_command(struct hearer *h, const struct hit *hit, const struct meaning *m) {
    const struct reading *r = h->r;
    for (size_t t = 0; t < r->token_count; t++)
        if ((t < hit->first || t > hit->last) && !(r->tokens[t].flags & TOKEN_FILLER) && !is_courtesy(token_text(r, t)))
            return;
    if (h->out->command < 0)
        h->out->command = m->target;
}

static void hear_requests(struct hearer *h) {
    const struct reading *r = h->r;
    if (!(h->meant & (1u << MEANS_COMMAND | 1u << MEANS_TOPIC | 1u << MEANS_CAUSE)))
        return;
    bool short_message = r->token_count <= TOPIC_TOKENS_MAX;
    bool question = r->answer & ANSWER_QUESTION || cue_between(r, CUE_ASK, 0, r->token_count);
    size_t topic_rank = 0, cause_words = 0;
    for (size_t i = 0; i < r->hit_count; i++) {
        const struct hit *hit = &r->hits[i];
        if (!(h->d->phrase_kinds[hit->phrase] & (1u << MEANS_COMMAND | 1u << MEANS_TOPIC | 1u << MEANS_CAUSE)))
            continue;
        size_t words = (size_t)__builtin_popcount(hit->own);
        size_t rank = words + (hit->context & CONTEXT_ASKED ? READING_TOKENS_MAX : 0); /* "it won't stop. Stroke?" asks about the stroke */
        for (uint32_t m = h->d->phrase_meaning[hit->phrase]; m < h->d->phrase_meaning[hit->phrase + 1]; m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            if (meaning->kind == MEANS_COMMAND)
                hear_command(h, hit, meaning);
            if (meaning->kind == MEANS_TOPIC && (question || short_message) && rank > topic_rank) {
                topic_rank = rank;
                h->out->topic = meaning->target;
            }
            if (meaning->kind == MEANS_CAUSE && (question || short_message) && words > cause_words) {
                cause_words = words;
                h->out->cause = meaning->target;
            }
        }
    }
}

/* --- together --- */

/* Where a choice is asked or meant, the words that answer the one question put say nothing of others beside it: "trembling", asked
 * what the movement is like, is no shivering. */
static void drop_echoes(struct hearer *h) {
    if (h->asked.count != 1)
        return;
    const struct heard *answer = heard_find(h, h->asked.findings[0]);
    if (!answer || answer->how != HEARD_PHRASE || h->d->findings[answer->finding].kind == FINDING_SET)
        return;
    struct heard kept_answer = *answer;
    enum finding_kind answer_kind = h->d->findings[answer->finding].kind;
    size_t count = 0;
    for (size_t i = 0; i < h->heard_count; i++) {
        const struct heard *other = &h->heard[i];
        bool inside = other->first >= kept_answer.first && other->last <= kept_answer.last &&
                      other->how == HEARD_PHRASE;
        enum finding_kind kind = h->d->findings[other->finding].kind;
        bool choice = kind == FINDING_CHOICE || (answer_kind == FINDING_CHOICE && kind == FINDING_YESNO);
        if (other->finding == kept_answer.finding || !inside || !choice)
            h->heard[count++] = *other;
    }
    h->heard_count = count;
}

static void *kept(struct arena *a, const void *items, size_t count, size_t size) {
    void *copy = arena_room(a, count, size);
    if (copy && count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

bool hear(const struct dialog *d, struct str message, struct asked asked, bool about_other, int64_t now_s,
          struct arena *a, struct hearing *out) {
    out->topic = out->cause = DIALOG_NONE;
    out->command = -1;
    out->sounds_like = (struct sounds_like){.finding = DIALOG_NONE};
    out->answered = out->out_of_range = out->social = false;
    out->heard_count = out->passed_count = 0;
    if (!text_read(d->lexicon, message, now_s, a, &out->reading))
        return false;
    struct hearer h;
    h.d = d;
    h.r = &out->reading;
    h.asked = asked;
    h.about_other = about_other;
    h.out = out;
    h.heard_count = h.passed_count = h.anchor_count = h.counted_count = h.idiom_count = 0;
    h.used = h.meant = 0;
    memset(h.asked_bits, 0, sizeof h.asked_bits);
    memset(h.heard_bits, 0, sizeof h.heard_bits);
    for (size_t i = 0; i < asked.count; i++)
        add_finding(h.asked_bits, asked.findings[i]);
    h.about = DIALOG_NONE;
    memset(h.sign_clauses, 0, sizeof h.sign_clauses);
    gather_hits(&h);
    hear_numbers(&h);
    hear_answers(&h);
    drop_echoes(&h);
    hear_requests(&h);
    out->social = out->reading.answer & ANSWER_SOCIAL && h.heard_count == 0 && out->command < 0;
    for (size_t i = 0; i < h.heard_count && !out->answered; i++)
        out->answered = is_asked(&h, h.heard[i].finding);
    hear_likes(&h);
    out->heard = kept(a, h.heard, h.heard_count, sizeof *h.heard);
    out->passed = kept(a, h.passed, h.passed_count, sizeof *h.passed);
    out->heard_count = h.heard_count;
    out->passed_count = h.passed_count;
    return out->heard && out->passed;
}
