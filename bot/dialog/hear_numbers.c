/* Quantities into number findings: what is counted is summed, what has a unit goes to the finding that measures it. */
#include "dialog/hear_work.h"

enum {
    COUNT_BEFORE = 4, /* tokens from a number to what it counts */
    COUNT_AFTER = 3,
    RATE_AFTER = 6,
    ANCHOR_WITHIN = 10,
    LISTED_THINGS = 3, /* so many kinds of thing without a number are a list and no amount: the words of the question */
    DAY_HOURS = 24,
    LATELY_HOURS = 180 * 24,
};

#define WEEKS_A_MONTH (30.0 / 7)

/* --- units --- */

static double per_week(enum per per) { return per == PER_DAY ? 7 : per == PER_MONTH ? 1 / WEEKS_A_MONTH : 1; }

static double to_rate(double value, enum per said, enum per wanted) {
    if (said == PER_NONE || wanted == PER_NONE || said == wanted)
        return value;
    return value * per_week(said) / per_week(wanted);
}

static double hours_in(enum measure m) {
    switch (m) {
    case MEASURE_MINUTES:
        return 1.0 / 60;
    case MEASURE_HOURS:
        return 1;
    case MEASURE_DAYS:
        return DAY_HOURS;
    case MEASURE_WEEKS:
        return 7 * DAY_HOURS;
    case MEASURE_YEARS:
        return 365 * DAY_HOURS;
    default:
        return 0;
    }
}

/* Days by the calendar where a day was named: "last night" is one day ago. Of such a quantity one bound is the value, the other whole days. */
static double hours_for(const struct quantity *q, enum measure m) {
    double days = q->low == q->value ? q->high : q->low;
    bool named = q->kind == QUANTITY_AGO && m == MEASURE_DAYS && (q->low == q->value) != (q->high == q->value) &&
                 days > 0 && days / DAY_HOURS == (double)(int)(days / DAY_HOURS);
    return named ? days : q->value;
}

enum fit { FIT_NOT, FIT_BARE, FIT_UNIT };

/* Whether q can be a value of f, and which. A bare number fits any measure, if that is what was asked. */
static enum fit fit(const struct finding *f, const struct quantity *q, double *value) {
    enum per wanted = (enum per)f->per;
    double hours = hours_in(f->measure);
    *value = q->value;
    switch (q->kind) {
    case QUANTITY_AGO:
        if (hours == 0 || wanted != PER_NONE || f->measure == MEASURE_YEARS || f->measure == MEASURE_MINUTES ||
            (f->measure == MEASURE_HOURS && f->high <= DAY_HOURS))
            return FIT_NOT;
        *value = hours_for(q, f->measure) / hours;
        return FIT_UNIT;
    case QUANTITY_DURATION:
        if (hours == 0)
            return FIT_NOT;
        *value = to_rate(q->value / hours, wanted == PER_NONE ? PER_NONE : q->per, wanted);
        return FIT_UNIT;
    case QUANTITY_AGE:
        return f->measure == MEASURE_YEARS ? FIT_UNIT : FIT_NOT;
    case QUANTITY_MG:
        *value = to_rate(q->value, q->per, wanted);
        return f->measure == MEASURE_MG ? FIT_UNIT : FIT_NOT;
    case QUANTITY_UNITS:
        *value = to_rate(q->value, q->per, wanted);
        return f->measure == MEASURE_UNITS ? FIT_UNIT : FIT_NOT;
    case QUANTITY_TIMES:
        return f->measure == MEASURE_COUNT && q->per == PER_NONE ? FIT_UNIT : FIT_NOT;
    case QUANTITY_COUNT:
        if (q->vague && q->value == 1) /* "one side" */
            return FIT_NOT;
        *value = to_rate(q->value, q->per, wanted);
        return f->measure == MEASURE_MG ? FIT_NOT : FIT_BARE;
    }
    return FIT_NOT;
}

/* --- sums --- */

static bool is_used(const struct hearer *h, size_t quantity) { return h->used >> quantity & 1; }

static bool is_counting(const struct quantity *q) {
    return q->kind == QUANTITY_COUNT || q->kind == QUANTITY_TIMES || q->kind == QUANTITY_MG;
}

static bool counts_another(const struct hearer *h, const struct counted *c, size_t from, size_t to) {
    for (size_t i = 0; i < h->counted_count; i++)
        if (&h->counted[i] != c && h->counted[i].finding == c->finding && h->counted[i].first >= from &&
            h->counted[i].first < to)
            return true;
    return false;
}

/* The number that goes with one thing counted, before it or behind it, or SIZE_MAX. */
static size_t number_of(const struct hearer *h, const struct counted *c) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < h->r->quantity_count; i++) {
        const struct quantity *q = &h->r->quantities[i];
        if (is_used(h, i) || !is_counting(q) || q->clause != c->clause)
            continue;
        if (q->last < c->first && (size_t)(c->first - q->last) <= COUNT_BEFORE && q->kind != QUANTITY_TIMES &&
            !counts_another(h, c, q->last, c->first))
            best = i;
    }
    for (size_t i = 0; i < h->r->quantity_count && best == SIZE_MAX; i++) {
        const struct quantity *q = &h->r->quantities[i];
        if (is_used(h, i) || !is_counting(q) || h->r->tokens[q->first].sentence != h->r->tokens[c->first].sentence)
            continue;
        size_t within = q->kind == QUANTITY_TIMES ? RATE_AFTER : COUNT_AFTER;
        if (q->first > c->last && (size_t)(q->first - c->last) <= within && !str_equal_nocase(token_text(h->r, q->first - 1u), STR("at")) &&
            !counts_another(h, c, c->last + 1u, q->last + 1u + COUNT_BEFORE))
            best = i;
    }
    return best;
}

/* "a bottle of wine a day": the rate behind a thing without a number, which reads as a span. */
static enum per rate_of(struct hearer *h, const struct counted *c) {
    for (size_t i = 0; i < h->r->quantity_count; i++) {
        const struct quantity *q = &h->r->quantities[i];
        bool rate = q->per != PER_NONE && (q->kind == QUANTITY_DURATION || q->kind == QUANTITY_TIMES);
        if (rate && !is_used(h, i) && q->first > c->last && q->first - c->last <= RATE_AFTER) {
            h->used |= UINT32_C(1) << i;
            return q->per;
        }
    }
    return PER_NONE;
}

struct sum {
    double value; /* of things whose rate is known, in the finding's */
    double open;  /* of things that take the rate of the next */
    bool any, number, rated, denied;
    size_t things;
    uint16_t first, last;
    uint32_t phrase;
};

/* "A bottle on Friday and another on Saturday": one more of the same. */
static double another_of(const struct hearer *h, const struct counted *c) {
    for (size_t t = c->last + 1u; t + 1 < h->r->token_count; t++) {
        for (size_t i = 0; i < h->counted_count; i++)
            if (h->counted[i].first >= t && h->counted[i].first <= t + COUNT_AFTER)
                return 0;
        if (str_equal_nocase(token_text(h->r, t), STR("another")))
            return h->r->tokens[t + 1].flags & TOKEN_NUMBER ? 0 : 1;
    }
    return 0;
}

static void add_to_sum(struct hearer *h, struct counted *c, struct sum *s) {
    const struct finding *f = &h->d->findings[c->finding];
    size_t number = number_of(h, c);
    double count = 1, each = c->number;
    enum per per = PER_NONE;
    if (number != SIZE_MAX) {
        const struct quantity *q = &h->r->quantities[number];
        h->used |= UINT32_C(1) << number;
        count = q->value;
        per = q->per;
        s->number = true;
        if (q->kind == QUANTITY_MG && f->measure == MEASURE_MG) {
            each = 1;               /* the dose is said */
            size_t before = number; /* "two 200 mg tablets" */
            if (before > 0 && !is_used(h, before - 1) && h->r->quantities[before - 1].kind == QUANTITY_COUNT &&
                h->r->quantities[before - 1].last + 1 == q->first) {
                count *= h->r->quantities[before - 1].value;
                h->used |= UINT32_C(1) << (before - 1);
            }
        }
    }
    count += is_asked(h, c->finding) ? another_of(h, c) : 0;
    if (per == PER_NONE) {
        per = rate_of(h, c);
        s->number |= per != PER_NONE;
    }
    if (!s->any)
        s->first = c->first;
    s->any = true;
    s->last = c->last;
    s->things++;
    s->phrase = c->phrase;
    if (per == PER_NONE) {
        s->open += count * each;
    } else {
        s->rated = true;
        s->value += to_rate(s->open + count * each, per, (enum per)f->per);
        s->open = 0;
    }
}

static void settle_number(struct hearer *h, uint16_t finding, double value, enum heard_how how, uint16_t first,
                          uint16_t last, uint32_t phrase) {
    const struct finding *f = &h->d->findings[finding];
    if (value < (double)f->low || value > (double)f->high) {
        h->out->out_of_range |= is_asked(h, finding);
        return;
    }
    struct heard new = {finding, {VALUE_KNOWN, (float)value}, how, first, last, phrase, 0};
    struct heard *old = heard_find(h, finding);
    bool over = old && old->first <= last && old->last >= first; /* "two months now" for "months now" */
    if (old && old->how == HEARD_PHRASE && (over || (h->asked.count == 1 && how == HEARD_QUANTITY && is_asked(h, finding))))
        *old = new;
    else
        heard_add(h, &new);
}

static void hear_sum(struct hearer *h, uint16_t finding) {
    struct sum s = {0};
    unsigned mask = CONTEXT_SUPPOSE | CONTEXT_ASKED | CONTEXT_PAST | (h->about_other ? 0u : (unsigned)CONTEXT_OTHERS);
    for (size_t i = 0; i < h->counted_count; i++) {
        struct counted *c = &h->counted[i];
        if (c->finding != finding)
            continue;
        if (c->context & mask) {
            pass_over(h, finding, c->first, c->last, c->context, c->phrase);
        } else if (c->context & CONTEXT_DENIED) {
            s.denied = true;
            s.first = s.any ? s.first : c->first;
            s.last = s.any ? s.last : c->last;
            if (!is_asked(h, finding))
                pass_over(h, finding, c->first, c->last, c->context, c->phrase);
        } else {
            add_to_sum(h, c, &s);
        }
    }
    /* In the answer to another question only what is said to be usual counts. */
    bool enough = is_asked(h, finding) ? s.any || s.denied : s.any && (h->asked.count == 0 ? s.number : s.rated);
    bool echo = s.things >= LISTED_THINGS && !s.number && !s.denied;
    if (!enough || echo || heard_find(h, finding))
        return;
    settle_number(h, finding, s.value + s.open, HEARD_QUANTITY, s.first, s.last, s.phrase);
}

static void hear_sums(struct hearer *h) {
    for (size_t i = 0; i < h->counted_count; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first &= h->counted[j].finding != h->counted[i].finding;
        if (first)
            hear_sum(h, h->counted[i].finding);
    }
}

/* --- single quantities --- */

static size_t distance(const struct anchor *a, const struct quantity *q) {
    if (a->last < q->first)
        return (size_t)(q->first - a->last);
    return a->first > q->last ? (size_t)(a->first - q->last) : 0;
}

/* A bare number is drawn only to what is counted or rated, and only beside its name: "stress 8", "9 coffees". Days and hours want their
 * unit. */
static bool may_draw(const struct hearer *h, const struct anchor *a, const struct quantity *q, double *value) {
    const struct finding *f = &h->d->findings[a->finding];
    bool bare = f->per != PER_NONE || f->measure == MEASURE_SCORE || f->measure == MEASURE_YEARS ||
                f->measure == MEASURE_UNITS || f->measure == MEASURE_COUNT;
    enum fit is = fit(f, q, value);
    bool behind = a->last < q->first && (size_t)(q->first - a->last) <= COUNT_BEFORE;
    size_t next = a->last + 1u; /* "9 coffee", and not "twenty sleeping pills" */
    bool ends = next >= h->r->token_count || h->r->tokens[next].clause != a->clause ||
                h->r->tokens[next].flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER);
    bool before = a->first == q->last + 1u && ends;
    bool scored = f->measure == MEASURE_SCORE && q->high <= (double)f->high;
    return is == FIT_UNIT || (is == FIT_BARE && bare && (behind || before || scored));
}

static bool clause_has_sign(const struct hearer *h, const struct quantity *q);
static bool clause_tells_more(const struct hearer *h, const struct quantity *q);

static bool clause_has_anchor(const struct hearer *h, const struct quantity *q) {
    for (size_t i = 0; i < h->anchor_count; i++)
        if (h->anchors[i].clause == q->clause)
            return true;
    return false;
}

/* Medicines are listed beside all sorts of times: only what stands in the clause with them is theirs. */
static bool measures_a_list(const struct hearer *h, const struct anchor *a) {
    const struct finding *f = &h->d->findings[a->finding];
    return f->of_count > 0 && h->d->findings[f->of[0]].kind == FINDING_SET;
}

/* The finding that the nearest anchor in the clause of q draws it to; in a clause with nothing of its own, the nearest in the clause
 * before: "one cheek has no feeling, about three days now". */
static uint16_t anchored(const struct hearer *h, const struct quantity *q, double *value) {
    uint16_t best = DIALOG_NONE;
    size_t best_distance = ANCHOR_WITHIN + 1;
    bool alone = !clause_has_anchor(h, q) && !clause_has_sign(h, q);
    for (size_t i = 0; i < h->anchor_count; i++) {
        const struct anchor *a = &h->anchors[i];
        double v;
        size_t d = distance(a, q);
        bool same = h->r->tokens[a->last].sentence == h->r->tokens[q->first].sentence;
        bool goes_on = same || h->asked.count > 0; /* "A patch with no feeling in it. It's been four days." */
        bool before = alone && a->last < q->first && !measures_a_list(h, a) && goes_on &&
                      (a->clause + 1 == q->clause || (!same && h->r->tokens[a->last].sentence + 1 == h->r->tokens[q->first].sentence)) &&
                      (same || (q->kind == QUANTITY_DURATION && !clause_tells_more(h, q)));
        if ((a->clause != q->clause && !before) || d >= best_distance || !may_draw(h, a, q, &v))
            continue;
        best = a->finding;
        best_distance = d;
        *value = v;
    }
    for (size_t i = 0; i < h->anchor_count && best == DIALOG_NONE && q->kind == QUANTITY_DURATION; i++) {
        const struct anchor *a = &h->anchors[i]; /* "sleep is rubbish, five hours if I'm lucky" */
        const struct finding *f = &h->d->findings[a->finding];
        bool before = a->clause + 1 == q->clause && h->r->tokens[a->first].sentence == h->r->tokens[q->first].sentence;
        if (before && f->per != PER_NONE && fit(f, q, value) == FIT_UNIT && *value <= (double)f->high)
            best = a->finding;
    }
    return best;
}

/* The finding asked that q answers: one whose unit was said before one that takes a bare number, an open one before one heard. */
static uint16_t asked_for(struct hearer *h, const struct quantity *q, double *value) {
    uint16_t best = DIALOG_NONE;
    enum fit best_fit = FIT_NOT;
    for (size_t i = 0; i < h->asked.count; i++) {
        const struct finding *f = &h->d->findings[h->asked.findings[i]];
        double v;
        enum fit is = f->kind == FINDING_NUMBER ? fit(f, q, &v) : FIT_NOT;
        const struct heard *heard = heard_find(h, h->asked.findings[i]);
        bool apart = heard && (heard->first > q->last || heard->last < q->first); /* else q says it better */
        bool vague = heard && heard->how == HEARD_PHRASE && is == FIT_UNIT; /* "woke up with it, so 5 hours" */
        if (is <= best_fit || (apart && ((heard->how != HEARD_QUANTITY && !vague) || h->asked.count > 1)))
            continue;
        best = h->asked.findings[i];
        best_fit = is;
        *value = v;
    }
    for (size_t i = 0; i < h->asked.count && best == DIALOG_NONE;
         i++) { /* "yes, for two days": the sign asked has a measure */
        const struct finding *sign = &h->d->findings[h->asked.findings[i]];
        for (uint16_t m = 0; m < sign->measured_by_count; m++) {
            double v;
            bool plain = h->asked.count == 1 || h->d->findings[sign->measured_by[m]].measure == MEASURE_MINUTES;
            if (plain && fit(&h->d->findings[sign->measured_by[m]], q, &v) == FIT_UNIT) {
                best = sign->measured_by[m];
                *value = v;
                break;
            }
        }
    }
    return best;
}

/* A phrase of a sign in the clause: the time is likely that sign's. */
static bool clause_has_sign(const struct hearer *h, const struct quantity *q) {
    return h->sign_clauses[q->clause / 64] >> (q->clause % 64) & 1;
}

/* Words that may stand beside a time without telling of anything else: "it started 3 days ago". */
static bool tells_of_time(struct str word) {
    static const struct str words[] = {
        STR_INIT("started"),  STR_INIT("start"),  STR_INIT("starts"),  STR_INIT("began"),   STR_INIT("begun"),
        STR_INIT("been"),     STR_INIT("being"),  STR_INIT("going"),   STR_INIT("since"),   STR_INIT("have"),
        STR_INIT("having"),   STR_INIT("this"),   STR_INIT("that"),    STR_INIT("about"),   STR_INIT("around"),
        STR_INIT("nearly"),   STR_INIT("almost"), STR_INIT("roughly"), STR_INIT("noticed"), STR_INIT("happening"),
        STR_INIT("happens"),  STR_INIT("doing"),  STR_INIT("came"),    STR_INIT("come"),    STR_INIT("comes"),
        STR_INIT("just"),     STR_INIT("from"),   STR_INIT("over"),    STR_INIT("under"),   STR_INIT("maybe"),
        STR_INIT("probably"), STR_INIT("think"),  STR_INIT("guess")};
    return word.len < 4 || str_is_among_nocase(word, words, sizeof words / sizeof *words);
}

static bool is_in_phrase(const struct reading *r, size_t token) {
    for (size_t i = 0; i < r->hit_count && r->hits[i].first <= token; i++)
        if (r->hits[i].last >= token)
            return true;
    return false;
}

/* Whether the clause of q tells of something that nobody listed: "chesty cough last week". */
static bool clause_tells_more(const struct hearer *h, const struct quantity *q) {
    for (size_t t = 0; t < h->r->token_count; t++) {
        const struct token *token = &h->r->tokens[t];
        if (token->clause == q->clause && !(token->flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER)) &&
            !tells_of_time(token_text(h->r, t)) && !is_in_phrase(h->r, t))
            return true;
    }
    return false;
}

/* Whether words of what f measures are anywhere in the message, or nothing else is: "28 weeks, and a headache" is no length of a twitch. */
static bool is_at_home(const struct hearer *h, uint16_t f, const struct quantity *q) {
    bool signs = false;
    for (size_t i = 0; i < h->r->quantity_count; i++) /* "slept 3 hours last night": the time goes with the hours */
        signs |= is_used(h, i) && h->r->quantities[i].clause == q->clause && h->r->quantities[i].kind != QUANTITY_AGE;
    if (signs)
        return false;
    for (size_t i = 0; i < h->anchor_count; i++)
        if (h->anchors[i].finding == f)
            return true;
    for (size_t i = 0; i < sizeof h->sign_clauses / sizeof *h->sign_clauses; i++)
        signs |= h->sign_clauses[i] != 0;
    return !signs && !clause_tells_more(h, q);
}

static uint16_t unprompted(const struct hearer *h, const struct quantity *q, double *value) {
    static const enum measure spans[] = {MEASURE_DAYS, MEASURE_WEEKS, MEASURE_HOURS};
    enum measure m = MEASURE_NONE;
    if (q->kind == QUANTITY_AGE ||
        (q->kind == QUANTITY_COUNT && q->vague && h->asked.count == 0 && q->low == q->high && q->value >= 10))
        m = MEASURE_YEARS;
    else if (q->kind == QUANTITY_UNITS)
        m = MEASURE_UNITS;
    else if (q->kind == QUANTITY_MG)
        m = MEASURE_MG;
    uint16_t f = m == MEASURE_NONE ? DIALOG_NONE : h->d->unprompted[m];
    bool span = (q->kind == QUANTITY_DURATION || q->kind == QUANTITY_AGO) && h->asked.count == 0 &&
                !(q->context & CONTEXT_PAST) && !clause_has_sign(h, q) && !(q->low == 0 && q->high > 0);
    for (size_t i = 0; i < sizeof spans / sizeof *spans && f == DIALOG_NONE && span; i++)
        f = h->d->unprompted[spans[i]];
    if (span && f != DIALOG_NONE && m == MEASURE_NONE && !is_at_home(h, f, q))
        return DIALOG_NONE;
    if (f != DIALOG_NONE && m != MEASURE_YEARS && fit(&h->d->findings[f], q, value) == FIT_NOT)
        return DIALOG_NONE;
    if (m == MEASURE_YEARS)
        *value = q->value;
    return f;
}

/* A choice that is answered with a quantity: "31 weeks". */
static void settle_range(struct hearer *h, uint16_t finding, double value, const struct quantity *q) {
    const struct finding *f = &h->d->findings[finding];
    for (uint16_t i = 0; i < f->option_count; i++) {
        if (f->options[i].high <= 0 || value < (double)f->options[i].low || value >= (double)f->options[i].high)
            continue;
        struct heard new = {finding,   {VALUE_KNOWN, (float)i}, HEARD_QUANTITY, q->first, q->last, UINT32_MAX,
                            q->context};
        struct heard *old = heard_find(h, finding);
        if (old)
            *old = new;
        else
            heard_add(h, &new);
        return;
    }
}

/* Whether the finding that was asked for is answered by its ranges: "31 weeks", and "31" where nothing else was asked. How long ago
 * something was, how old somebody is, and the number behind a "no" answer something else: "no, my youngest is 4". */
static bool answers_range(const struct hearer *h, uint16_t finding, const struct quantity *q, double *value) {
    const struct finding *f = &h->d->findings[finding];
    if (f->kind != FINDING_CHOICE || f->measure == MEASURE_NONE || q->kind == QUANTITY_AGO || q->kind == QUANTITY_AGE)
        return false;
    return fit(f, q, value) == FIT_UNIT ||
           (q->kind == QUANTITY_COUNT && h->asked.count == 1 && !(h->r->answer & ANSWER_NO));
}

static bool range_finding(struct hearer *h, const struct quantity *q, uint16_t *finding, double *value) {
    bool alone = !clause_has_anchor(h, q) && !clause_has_sign(h, q);
    for (size_t i = 0; i < h->anchor_count; i++) {
        const struct finding *f = &h->d->findings[h->anchors[i].finding];
        bool before = alone && h->anchors[i].clause + 1 == q->clause; /* "pregnant, 10 weeks" */
        if (f->kind == FINDING_CHOICE && (h->anchors[i].clause == q->clause || before) &&
            distance(&h->anchors[i], q) <= ANCHOR_WITHIN && fit(f, q, value) == FIT_UNIT) {
            *finding = h->anchors[i].finding;
            return true;
        }
    }
    for (size_t i = 0; i < h->asked.count; i++) {
        if (!heard_find(h, h->asked.findings[i]) && answers_range(h, h->asked.findings[i], q, value)) {
            *finding = h->asked.findings[i];
            return true;
        }
    }
    return false;
}

/* "I'm 31 weeks", with no word of what: what is told in weeks by its ranges. */
static bool range_of_person(const struct hearer *h, const struct quantity *q, uint16_t *finding, double *value) {
    for (uint16_t i = 0; i < h->d->finding_count && q->of_person && h->asked.count == 0; i++) {
        const struct finding *f = &h->d->findings[i];
        if (f->kind == FINDING_CHOICE && f->measure == MEASURE_WEEKS && fit(f, q, value) == FIT_UNIT) {
            *finding = i;
            return true;
        }
    }
    return false;
}

static bool is_taken_back(const struct hearer *h, size_t i) {
    const struct quantity *q = &h->r->quantities[i];
    if (!(q->context & CONTEXT_DENIED))
        return false;
    for (size_t j = 0; j < h->r->quantity_count; j++)
        if (j != i && h->r->quantities[j].kind == q->kind && !(h->r->quantities[j].context & CONTEXT_DENIED))
            return true;
    return h->asked.count == 0;
}

/* Whether a number tells of something that counts although it is over. */
static bool measures_history(const struct hearer *h, uint16_t number) {
    const struct finding *f = &h->d->findings[number];
    for (uint16_t i = 0; i < f->of_count; i++)
        if (h->d->findings[f->of[i]].history)
            return true;
    return f->history;
}

/* "I stopped taking it ten days ago": the medicine is over, and the change is not. */
static bool ends_lately(const struct hearer *h, uint16_t number, const struct quantity *q) {
    const struct finding *f = &h->d->findings[number];
    return f->of_count > 0 && h->d->findings[f->of[0]].kind == FINDING_SET && q->kind == QUANTITY_AGO && q->value < LATELY_HOURS;
}

/* "eight at work plus two at home". */
static bool adds_up(const struct reading *r, size_t from, size_t to) {
    bool and = false, at = false;
    for (size_t t = from; t < to; t++) {
        struct str word = str_slice(r->text, r->tokens[t].start, r->tokens[t].length);
        if (str_equal_nocase(word, STR("plus")) || str_equal(word, STR("+")))
            return true;
        and |= str_equal_nocase(word, STR("and")) || str_equal_nocase(word, STR("then"));
        at |= str_equal_nocase(word, STR("at")) || str_equal_nocase(word, STR("for"));
    }
    return and&&at;
}

/* "Stress, from 0 to 10": the ends of the scale, said again from the question. */
static bool is_scale(const struct hearer *h, const struct quantity *q) {
    for (size_t i = 0; i < h->asked.count && q->low < q->high; i++) {
        const struct finding *f = &h->d->findings[h->asked.findings[i]];
        if (f->kind == FINDING_NUMBER && f->measure == MEASURE_SCORE && q->low == (double)f->low &&
            q->high == (double)f->high)
            return true;
    }
    return false;
}

/* "For ten minutes, on Wednesday": how long a sign stayed gives way to when it came. */
static bool is_span_of(const struct hearer *h, const struct heard *heard) {
    for (size_t i = 0; i < h->r->quantity_count; i++) {
        const struct quantity *q = &h->r->quantities[i];
        if (q->first == heard->first && q->last == heard->last)
            return heard->how == HEARD_QUANTITY && q->kind == QUANTITY_DURATION;
    }
    return false;
}

/* "All day at a desk, so eight or nine": a number that says how long. */
static bool says_how_many(const struct hearer *h, size_t all_day) {
    for (size_t i = 0; i < h->r->quantity_count; i++) {
        const struct quantity *q = &h->r->quantities[i];
        if (i != all_day && (q->kind == QUANTITY_COUNT || (q->kind == QUANTITY_DURATION && q->low > 0)))
            return true;
    }
    return false;
}

/* An age in the answer to a choice that is told by its ranges of weeks: "the baby is 8 months old". */
static bool tells_of_child(const struct hearer *h, const struct quantity *q) {
    enum { CHILD_YEARS = 12 };
    for (size_t i = 0; i < h->asked.count && q->kind == QUANTITY_AGE && q->value < CHILD_YEARS; i++) {
        const struct finding *f = &h->d->findings[h->asked.findings[i]];
        if (f->kind == FINDING_CHOICE && f->measure != MEASURE_NONE)
            return true;
    }
    return false;
}

static void hear_quantity(struct hearer *h, size_t i) {
    const struct quantity *q = &h->r->quantities[i];
    unsigned mask = CONTEXT_SUPPOSE | CONTEXT_ASKED |
                    (h->about_other || h->asked.count > 0 ? 0u : (unsigned)CONTEXT_OTHERS);
    double value = 0;
    uint16_t finding = DIALOG_NONE;
    bool all_day = q->low == 0 && q->high > 0; /* no length, unless one was asked for */
    if (q->context & mask || is_taken_back(h, i) || is_scale(h, q) || (all_day && h->asked.count == 0))
        return;
    if (range_finding(h, q, &finding, &value) || range_of_person(h, q, &finding, &value)) {
        h->used |= UINT32_C(1) << i;
        settle_range(h, finding, value, q);
        return;
    }
    double near_value = 0, asked_value = 0;
    uint16_t near = anchored(h, q, &near_value), asked = asked_for(h, q, &asked_value);
    if (all_day && (asked == DIALOG_NONE || says_how_many(h, i)))
        return;
    if (asked == DIALOG_NONE && tells_of_child(h, q))
        return;
    if (near != DIALOG_NONE && q->context & CONTEXT_PAST && asked == DIALOG_NONE && !measures_history(h, near) &&
        !ends_lately(h, near, q))
        return;
    if (near != DIALOG_NONE &&
        (asked == DIALOG_NONE || near == asked || q->kind != QUANTITY_COUNT || is_asked(h, near))) { /* "stress 8" */
        finding = near;
        value = near_value;
    } else if (asked != DIALOG_NONE) {
        finding = asked;
        value = asked_value;
    } else {
        finding = unprompted(h, q, &value);
    }
    if (finding == DIALOG_NONE)
        return;
    h->used |= UINT32_C(1) << i;
    struct heard *old = heard_find(h, finding);
    if (old && old->how == HEARD_QUANTITY && h->d->findings[finding].per != PER_NONE &&
        adds_up(h->r, old->last + 1u, q->first)) {
        old->value.number += (float)value;
        old->last = q->last;
        return;
    }
    if (old && q->kind == QUANTITY_AGO && h->d->findings[finding].of_count > 0 && is_span_of(h, old)) {
        old->value.number = (float)value;
        old->first = q->first;
        old->last = q->last;
        return;
    }
    settle_number(h, finding, value, HEARD_QUANTITY, q->first, q->last, UINT32_MAX);
}

void hear_numbers(struct hearer *h) {
    if (h->counted_count > 0)
        hear_sums(h);
    for (size_t i = 0; i < h->r->quantity_count; i++)
        if (!is_used(h, i))
            hear_quantity(h, i);
}
