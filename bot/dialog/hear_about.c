/* Whom a message is about: the one who writes, or somebody else whose lip, mouth or signs it tells of. */
#include "dialog/hear_work.h"

enum { ANOTHER_TOLD_OF = 3 }; /* so many words for somebody else: the message is about them */

static bool is_pronoun(struct str word) {
    static const struct str pronouns[] = {STR_INIT("he"),  STR_INIT("she"),  STR_INIT("him"),  STR_INIT("her"),
                                          STR_INIT("his"), STR_INIT("hers"), STR_INIT("he's"), STR_INIT("she's"),
                                          STR_INIT("hes"), STR_INIT("shes")};
    return str_is_among_nocase(word, pronouns, sizeof pronouns / sizeof *pronouns);
}

/* Somebody who is named and not just called "he" or "she". */
bool names_another(const struct reading *r) {
    if (!(r->cue_kinds >> CUE_OTHERS & 1))
        return false;
    for (size_t i = 0; i < r->cue_count; i++)
        if (r->cues[i].phrase == CUE_OTHERS && !is_pronoun(token_text(r, r->cues[i].first)))
            return true;
    return false;
}

static bool is_first_person(struct str word) {
    static const struct str words[] = {STR_INIT("i"),   STR_INIT("my"),   STR_INIT("me"),
                                       STR_INIT("i'm"), STR_INIT("im"),   STR_INIT("i've"),
                                       STR_INIT("ive"), STR_INIT("mine"), STR_INIT("myself")};
    return str_is_among_nocase(word, words, sizeof words / sizeof *words);
}

/* "My mum" is no word of oneself. */
bool speaks_of_self(const struct reading *r) {
    for (size_t t = 0; t < r->token_count; t++) {
        bool another = t + 1 < r->token_count && cue_between(r, CUE_OTHERS, t, t + 2);
        if (is_first_person(token_text(r, t)) && !another)
            return true;
    }
    return false;
}

/* The finding and the value that make a talk one about somebody else; false where the guard is not of that simple form. */
static bool about_finding(const struct dialog *d, uint16_t *finding, float *number) {
    const struct guard *g = &d->about_other;
    if (g->count != 1 || g->nodes[0].op != GUARD_IS)
        return false;
    *finding = g->nodes[0].finding;
    *number = g->nodes[0].number;
    return true;
}

enum whose { WHOSE_UNSAID, WHOSE_OWN, WHOSE_OTHERS };

/* "My sister had a tumour": what is told of somebody else is a story, and not what they have now. */
static bool tells_story(const struct reading *r, const struct hit *cue) {
    static const struct str verbs[] = {STR_INIT("had"), STR_INIT("died"), STR_INIT("was"),
                                       STR_INIT("got"), STR_INIT("lost"), STR_INIT("survived")};
    for (size_t t = cue->last + 1u; t <= cue->last + 2u && t < r->token_count; t++)
        for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
            if (str_equal_nocase(token_text(r, t), verbs[v]))
                return true;
    return false;
}

static bool is_story(const struct reading *r, const struct hit *hit) {
    for (size_t c = 0; c < r->cue_count && r->cues[c].first <= hit->first; c++) {
        const struct hit *cue = &r->cues[c];
        bool here = r->tokens[cue->first].sentence == r->tokens[hit->first].sentence;
        if (cue->phrase == CUE_OTHERS && here && tells_story(r, cue))
            return true;
    }
    return false;
}

/* "My colleague had twitches too": as the one who writes has. */
static bool is_likewise(const struct reading *r, const struct hit *hit) {
    for (size_t t = hit->last + 1u; t < r->token_count && r->tokens[t].sentence == r->tokens[hit->last].sentence; t++)
        if (str_equal_nocase(token_text(r, t), STR("too")) || str_equal_nocase(token_text(r, t), STR("also")))
            return true;
    return false;
}

/* Whose what people come with is: the lip of "mum has a twitch on her lip today". */
static enum whose whose_complaint(const struct hearer *h, uint16_t *first, uint16_t *last) {
    uint16_t complaint = h->d->unprompted[MEASURE_DAYS];
    enum whose whose = WHOSE_UNSAID;
    for (size_t i = 0; i < h->r->hit_count && complaint != DIALOG_NONE; i++) {
        const struct hit *hit = &h->r->hits[i];
        for (uint32_t m = h->d->phrase_meaning[hit->phrase]; m < h->d->phrase_meaning[hit->phrase + 1]; m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            if (meaning->kind != MEANS_NEAR || meaning->target != complaint)
                continue;
            if (!(hit->context & CONTEXT_OTHERS))
                return WHOSE_OWN;
            if (hit->context & (CONTEXT_PAST | CONTEXT_SUPPOSE | CONTEXT_ASKED | CONTEXT_DENIED) ||
                is_story(h->r, hit) || is_likewise(h->r, hit))
                continue;
            whose = WHOSE_OTHERS;
            *first = hit->first;
            *last = hit->last;
        }
    }
    return whose;
}

/* "He's all mixed up, he keeps calling me by his sister's name": told of somebody again and again, and of oneself only as the one beside. */
static bool tells_of_another(const struct reading *r) {
    size_t of_others = 0;
    for (size_t i = 0; i < r->cue_count; i++)
        of_others += r->cues[i].phrase == CUE_OTHERS && r->tokens[r->cues[i].first].context & CONTEXT_OTHERS;
    for (size_t t = 0; t < r->token_count; t++) {
        bool object = str_equal_nocase(token_text(r, t), STR("me"));
        bool kin = t + 1 < r->token_count && cue_between(r, CUE_OTHERS, t, t + 2);
        if (is_first_person(token_text(r, t)) && !object && !kin)
            return false;
    }
    return of_others >= ANOTHER_TOLD_OF;
}

/* A sign that is somebody else's now, in a message without a word of oneself. */
static bool others_sign(const struct hearer *h, uint16_t *first, uint16_t *last) {
    if (speaks_of_self(h->r) && !tells_of_another(h->r))
        return false;
    for (size_t i = 0; i < h->r->hit_count; i++) {
        const struct hit *hit = &h->r->hits[i];
        if ((hit->context & ~(unsigned)CONTEXT_DOUBT) != CONTEXT_OTHERS)
            continue;
        for (uint32_t m = h->d->phrase_meaning[hit->phrase]; m < h->d->phrase_meaning[hit->phrase + 1]; m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            const struct finding *f = &h->d->findings[meaning->target];
            bool sign = meaning->kind == MEANS_VALUE && (!meaning->only_asked || is_asked(h, meaning->target)) &&
                        f->kind == FINDING_YESNO && !f->history; /* "my friend has epilepsy" is no call for help */
            if (!sign || value_equal(meaning->value, VALUE_NO) || is_story(h->r, hit))
                continue;
            *first = hit->first;
            *last = hit->last;
            return true;
        }
    }
    return false;
}

static bool cue_ends(const struct reading *r, enum cue_kind kind, size_t t) {
    for (size_t i = 0; i < r->cue_count && r->cues[i].first <= t; i++)
        if (r->cues[i].phrase == (uint32_t)kind && r->cues[i].last == t)
            return true;
    return false;
}

/* "My 4yo", "he's eight": an age that somebody has. */
static bool owns_an_age(const struct reading *r, uint16_t *first, uint16_t *last) {
    for (size_t i = 0; i < r->quantity_count; i++) {
        const struct quantity *q = &r->quantities[i];
        if (q->kind != QUANTITY_AGE || q->first == 0)
            continue;
        struct str word = token_text(r, q->first - 1u);
        *first = q->first;
        *last = q->last;
        if (str_equal_nocase(word, STR("my")) || str_equal_nocase(word, STR("our")))
            return true;
        size_t one = q->first - 1u;
        if (one > 0 && (str_equal_nocase(word, STR("is")) || r->tokens[one].start == r->tokens[one - 1].start)) /* "he's" */
            one--;
        if (q->context == CONTEXT_OTHERS && !speaks_of_self(r) && cue_ends(r, CUE_OTHERS, one))
            return true;
    }
    return false;
}

static bool is_letter(char c, char from, char to) { return c >= from && c <= to; }

/* "Our Kenneth dropped on the landing": a name that somebody of the house has, and that does not merely say or see something. */
static bool owns_a_name(const struct reading *r, uint16_t *first, uint16_t *last) {
    static const struct str witness[] = {STR_INIT("said"),   STR_INIT("says"),  STR_INIT("thinks"), STR_INIT("thought"), STR_INIT("reckons"),
                                         STR_INIT("told"),   STR_INIT("tells"), STR_INIT("keeps"),  STR_INIT("made"),    STR_INIT("wants"),
                                         STR_INIT("wanted"), STR_INIT("asked"), STR_INIT("noticed"), STR_INIT("saw"),    STR_INIT("had")};
    if (r->token_count < 3 || !str_equal_nocase(token_text(r, 0), STR("our")) || speaks_of_self(r))
        return false;
    struct str name = token_text(r, 1), verb = token_text(r, 2);
    if (name.len < 2 || !is_letter(name.ptr[0], 'A', 'Z') || !is_letter(name.ptr[1], 'a', 'z'))
        return false;
    for (size_t i = 0; i < sizeof witness / sizeof *witness; i++)
        if (str_equal_nocase(verb, witness[i]))
            return false;
    *first = 0;
    *last = 1;
    return true;
}

/* An answer that begins with somebody else: "she's talking away, but none of it hangs together", "no, he is still asleep". What is asked
 * only of some ("is the child bothered?") knows already whom it is about. */
static bool begins_with_another(const struct hearer *h) {
    const struct reading *r = h->r;
    for (size_t i = 0; i < h->asked.count; i++)
        if (h->d->findings[h->asked.findings[i]].only_if.nodes)
            return false;
    for (size_t i = 0; i < r->cue_count; i++) {
        const struct hit *c = &r->cues[i];
        if (c->phrase != CUE_OTHERS || !(r->tokens[c->first].context & CONTEXT_OTHERS))
            continue;
        for (size_t t = 0; t < c->first; t++)
            if (!(r->tokens[t].flags & (TOKEN_CUE | TOKEN_FILLER)))
                return false;
        return !tells_story(r, c) && !speaks_of_self(r);
    }
    return false;
}

/* Nobody said whom it is about, and somebody else is named: then the complaint or the signs tell. */
static void infer_about(struct hearer *h, uint16_t about, float other) {
    uint16_t first = 0, last = 0;
    bool answer = h->asked.count > 0 && begins_with_another(h), named = names_another(h->r);
    if (h->about_other)
        return;
    if (!owns_an_age(h->r, &first, &last) && !owns_a_name(h->r, &first, &last)) {
        if (!named && !answer)
            return;
        enum whose whose = whose_complaint(h, &first, &last);
        if (whose == WHOSE_OWN || (whose == WHOSE_UNSAID && !others_sign(h, &first, &last)))
            return;
    }
    h->about_other = true;
    struct heard new = {about, {VALUE_KNOWN, other}, HEARD_WHOSE, first, last, UINT32_MAX, 0};
    if (h->asked.count == 0 || answer || is_asked(h, about))
        heard_add(h, &new);
}

/* "My wife says I mumble": between the words for somebody else stands the first person. */
bool tells_of_me(const struct reading *r, const struct hit *hit) {
    for (size_t t = hit->first; t <= hit->last && t - hit->first < 32; t++) /* "I'm asking on behalf of", "I write for my mum" */
        if (hit->own >> (t - hit->first) & 1 &&
            (str_equal_nocase(token_text(r, t), STR("for")) || str_equal_nocase(token_text(r, t), STR("behalf"))))
            return false;
    for (size_t t = hit->first > 2 ? hit->first - 2u : 0; t < hit->first;
         t++) /* "I talk nonsense, according to my wife" */
        if (is_first_person(token_text(r, t)) && !str_equal_nocase(token_text(r, t), STR("my")))
            return true;
    for (size_t t = hit->first + 1u; t < hit->last && t - hit->first < 32; t++)
        if (!(hit->own >> (t - hit->first) & 1) && is_first_person(token_text(r, t)) && !str_equal_nocase(token_text(r, t), STR("my")) &&
            !str_equal_nocase(token_text(r, t), STR("me")))
            return true;
    return false;
}

/* Whom the message is about counts for the rest of it, so it is looked for first. */
void hear_about(struct hearer *h) {
    uint16_t about;
    float other;
    bool said = false;
    if (!about_finding(h->d, &about, &other))
        return;
    h->about = about;
    const struct reading *r = h->r;
    for (size_t i = 0; i < r->hit_count && h->meant >> MEANS_VALUE & 1; i++) {
        if (r->hits[i].context & (CONTEXT_DENIED | CONTEXT_ASKED | CONTEXT_SUPPOSE))
            continue;
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1];
             m++) {
            const struct meaning *meaning = &h->d->meanings[m];
            bool counts = meaning->kind == MEANS_VALUE && meaning->target == about &&
                          (!meaning->only_asked || is_asked(h, about));
            if (!counts || hit_idiom(h, &r->hits[i], about) || hit_is_outdone(h, i, about) ||
                tells_of_me(r, &r->hits[i]))
                continue;
            h->about_other = meaning->value.number == other;
            said = true;
        }
    }
    if (!said && (r->quantity_count > 0 || cue_between(r, CUE_OTHERS, 0, r->token_count)))
        infer_about(h, about, other);
}

void hear_who_is_named(struct hearer *h) {
    uint16_t about;
    float other;
    const struct reading *r = h->r;
    if (!about_finding(h->d, &about, &other) || !is_asked(h, about) || heard_find(h, about) || !names_another(r))
        return;
    for (size_t i = 0; i < r->cue_count; i++) {
        const struct hit *c = &r->cues[i];
        if (c->phrase != CUE_OTHERS || is_pronoun(token_text(r, c->first)) ||
            !(r->tokens[c->first].context & CONTEXT_OTHERS) || r->tokens[c->first].context & CONTEXT_DENIED ||
            tells_story(r, c))
            continue;
        struct heard new = {about, {VALUE_KNOWN, other}, HEARD_WHOSE, c->first, c->last, UINT32_MAX, 0};
        heard_add(h, &new);
        return;
    }
}
