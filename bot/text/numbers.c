/* Quantities: amounts with their units and rates, spans of time, ages. Amounts alone are read in amounts.c, days and dates in dates.c.
 *
 * One walk over the tokens. At each token that may begin a quantity the longest reading wins and the walk goes on behind it. */
#include "text/numbers.h"

#include <string.h>

enum {
    RATE_AHEAD = 7, /* tokens between a number and its "a day" */
};

static bool same_sentence(const struct work *w, size_t i, size_t j) {
    return j < w->count && w->tokens[i].sentence == w->tokens[j].sentence;
}

struct quantity *quantity_push(struct work *w, enum quantity_kind kind, size_t first, size_t next) {
    if (w->quantity_count >= READING_QUANTITIES_MAX)
        return NULL;
    struct quantity *q = &w->quantities[w->quantity_count++];
    memset(q, 0, sizeof *q);
    q->kind = kind;
    q->first = (uint16_t)first;
    q->last = (uint16_t)(next - 1);
    q->clause = w->tokens[first].clause;
    for (size_t t = first; t < next; t++) {
        q->context |= w->tokens[t].context;
        w->tokens[t].flags |= TOKEN_NUMBER;
    }
    return q;
}

void quantity_push_range(struct work *w, enum quantity_kind kind, size_t first, size_t next, const struct amount *a,
                         double factor, enum per per) {
    struct quantity *q = quantity_push(w, kind, first, next);
    if (!q)
        return;
    q->value = a->value * factor;
    q->low = a->low * factor;
    q->high = a->high * factor;
    q->per = per;
}

static enum per per_of_span(double hours) {
    return hours == 24 ? PER_DAY : hours == 168 ? PER_WEEK : hours == 720 ? PER_MONTH : PER_NONE;
}

/* A rate at i: "a day", "per week", "daily", "every night", "most nights". */
static enum per rate_at(const struct work *w, size_t i, size_t *next) {
    if (is_kind(w, i, WORD_OFTEN_PER)) {
        *next = i + 1;
        return (enum per)word_entry(w, i)->value;
    }
    bool lead = is_kind(w, i, WORD_ARTICLE) || is_glue(w, i, GLUE_EVERY) || is_glue(w, i, GLUE_PER);
    if (!lead || !is_joined(w, i + 1))
        return PER_NONE;
    if (is_kind(w, i + 1, WORD_SPAN)) {
        *next = i + 2;
        return per_of_span(word_entry(w, i + 1)->value);
    }
    if (is_kind(w, i + 1, WORD_DAYPART)) {
        *next = i + 2;
        return PER_DAY;
    }
    return is_glue(w, i + 1, GLUE_WEEKEND) ? (*next = i + 2, PER_WEEK) : PER_NONE;
}

/* The rate behind an amount, with its noun in between: "3 cans of red bull a day". Stops at another number. */
static enum per rate_ahead(struct work *w, size_t from) {
    for (size_t i = from; i < from + RATE_AHEAD && same_sentence(w, from - 1, i); i++) {
        size_t next;
        enum per per = rate_at(w, i, &next);
        if (per != PER_NONE) {
            for (size_t t = i; t < next; t++)
                w->tokens[t].flags |= TOKEN_NUMBER;
            return per;
        }
        if (is_kind(w, i, WORD_ONES | WORD_TENS | WORD_AMOUNT) ||
            str_is_digit(w->words[i].folded.len ? w->words[i].folded.ptr[0] : ' '))
            break;
    }
    return PER_NONE;
}

/* After a span of time: "ago", "back". */
static bool is_ago(const struct work *w, size_t i) {
    return is_glue(w, i, GLUE_AGO) && is_joined(w, i) && !is_glue(w, i + 1, GLUE_TO) && !is_glue(w, i + 1, GLUE_IN);
}

/* "on Monday", "last Tuesday" behind "two weeks ago" adds nothing. */
static size_t skip_day(const struct work *w, size_t i) {
    if ((is_glue(w, i, GLUE_ON) || is_glue(w, i, GLUE_LAST)) && is_kind(w, i + 1, WORD_WEEKDAY))
        return i + 2;
    return i;
}

static bool is_child_of(const struct work *w, size_t i) {
    static const struct str spans[] = {STR_INIT("history"), STR_INIT("period"), STR_INIT("duration"),
                                       STR_INIT("total"),   STR_INIT("course"), STR_INIT("span")};
    if (i < 2 || !is_glue(w, i - 1, GLUE_OF))
        return false;
    for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++)
        if (str_equal(w->words[i - 2].folded, spans[k]))
            return false;
    return !is_kind(w, i - 2, WORD_AMOUNT | WORD_PART);
}

/* Years that are an age: "6 yrs old", "45 year-old", "son of 6 yrs". Gives the token behind, or 0. */
static size_t age_behind(const struct work *w, size_t first, size_t i) {
    if (is_glue(w, i, GLUE_OLD) || is_glue(w, i, GLUE_YO))
        return i + 1;
    if (is_glue(w, i, GLUE_OF) && is_glue(w, i + 1, GLUE_AGED))
        return i + 2;
    if (is_child_of(w, first) || (first > 0 && is_glue(w, first - 1, GLUE_AGED)))
        return i;
    return 0;
}

/* More of the same span: "and a half", "and 3 days", "or two". */
static size_t span_more(const struct work *w, size_t i, double unit, struct amount *hours) {
    size_t next;
    double part = amount_and_part(w, i, &next);
    if (part > 0) {
        amount_set(hours, hours->low + part * unit, hours->high + part * unit);
        return next;
    }
    struct amount b;
    if (is_glue(w, i, GLUE_OR) && is_joined(w, i)) {
        if (is_glue(w, i + 1, GLUE_SO) || is_glue(w, i + 1, GLUE_MORE))
            return i + 2;
        if (amount_read_simple(w, i + 1, &b) && !b.part && !b.article) {
            double factor = is_kind(w, b.next, WORD_SPAN) ? word_entry(w, b.next)->value : unit;
            if (b.high * factor > hours->low) {
                amount_set(hours, hours->low, b.high * factor);
                return is_kind(w, b.next, WORD_SPAN) ? b.next + 1 : b.next;
            }
        }
        return i;
    }
    bool to = is_glue(w, i, GLUE_TO), and = is_glue(w, i, GLUE_AND);
    if (is_joined(w, i) && amount_read_simple(w, to || and? i + 1 : i, &b) && !b.part &&
        is_kind(w, b.next, WORD_SPAN)) {
        double other = word_entry(w, b.next)->value;
        if (to && b.high * other > hours->low)
            amount_set(hours, hours->low, b.high * other);
        else if (!to && other < unit && !b.article)
            amount_set(hours, hours->low + b.low * other, hours->high + b.high * other);
        else
            return i;
        return b.next + 1;
    }
    return i;
}

/* "a day" behind something drunk is a rate, behind a verb a span; which of the two stays open here, and `per` tells. */
static enum per article_rate(const struct work *w, size_t i, double unit) {
    if (i == 0 || w->words[i].before > BEFORE_NOTHING)
        return PER_NONE;
    if (is_kind(w, i - 1, WORD_ABOUT | WORD_BE | WORD_VERB | WORD_GLUE))
        return is_glue(w, i - 1, GLUE_TIME) || is_glue(w, i - 1, GLUE_TIMES) ? per_of_span(unit) : PER_NONE;
    return per_of_span(unit);
}

/* "Twelve hour shifts": a unit in the singular before a noun tells what kind they are, and not how long anything lasts. */
static bool is_attribute(const struct work *w, size_t i) {
    static const struct str units[] = {STR_INIT("minute"), STR_INIT("hour"),  STR_INIT("day"),
                                       STR_INIT("week"),   STR_INIT("month"), STR_INIT("year")};
    bool singular = false;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        singular |= str_equal(w->words[i].folded, units[k]);
    return singular && !is_end(w, i + 1) && word_kinds(w, i + 1) == 0 &&
           !(w->tokens[i + 1].flags & (TOKEN_FILLER | TOKEN_CUE));
}

/* "I'm 31 weeks", "she's 8 months and": no length of anything that is told. */
static bool is_of_person(const struct work *w, size_t first, size_t next) {
    if (first == 0 || w->words[first].before > BEFORE_NOTHING)
        return false;
    bool one = is_kind(w, first - 1, WORD_SUBJECT) && is_kind(w, first - 1, WORD_BE) && is_kind(w, first - 1, WORD_FIRST | WORD_THIRD);
    bool two = first > 1 && (str_equal(w->words[first - 1].folded, STR("am")) || str_equal(w->words[first - 1].folded, STR("is"))) &&
               is_kind(w, first - 2, WORD_SUBJECT) && is_kind(w, first - 2, WORD_FIRST | WORD_THIRD);
    return (one || two) && (is_end(w, next) || is_glue(w, next, GLUE_AND) || is_glue(w, next, GLUE_SO) ||
                            str_equal(w->words[next].folded, STR("with")));
}

static bool is_age_before(const struct work *w, size_t i);

/* A span of time whose unit is token i. */
static size_t span_read(struct work *w, size_t first, size_t i, const struct amount *a) {
    double unit = word_entry(w, i)->value;
    if (first > 0 && is_glue(w, first - 1, GLUE_EVERY)) /* "every few minutes" tells how often */
        return i + 1;
    if (a->low > 1 && is_attribute(w, i))
        return i + 1;
    struct amount hours = *a;
    amount_set(&hours, a->low * unit, a->high * unit);
    size_t next = i + 1;
    if (unit == 8760 || unit == 720) {
        size_t behind = a->article ? 0 : age_behind(w, first, next);
        bool whole = is_end(w, next) || is_glue(w, next, GLUE_AND);
        if (behind == 0 && unit == 8760 && !a->article && a->low >= 2 && whole && is_age_before(w, first))
            behind = next; /* "I am 31 years" */
        if (behind > 0) {
            quantity_push_range(w, QUANTITY_AGE, first, behind, a, unit == 8760 ? 1 : 1.0 / 12, PER_NONE);
            return behind;
        }
    }
    next = span_more(w, next, unit, &hours);
    if (is_glue(w, next, GLUE_OLD) && unit <= 168)
        next++;
    if (next < w->count && is_joined(w, next) &&
        (str_equal(w->words[next].folded, STR("later")) || str_equal(w->words[next].folded, STR("apart"))))
        return next + 1; /* between two events, and not until now */
    if (is_ago(w, next)) {
        next++;
        quantity_push_ago(w, first, skip_day(w, next), hours.value, hours.value);
        struct quantity *q = &w->quantities[w->quantity_count - 1];
        q->low = hours.low;
        q->high = hours.high;
        return skip_day(w, next);
    }
    enum per per = a->article ? article_rate(w, first, unit) : rate_ahead(w, next);
    quantity_push_range(w, QUANTITY_DURATION, first, next, &hours, 1, per);
    if (unit >= 168 && unit <= 720 && w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].of_person = is_of_person(w, first, next);
    return next;
}

/* "I am 58", "he's 71", "she is seventy one", "just turned 30", "aged 7". */
static bool is_age_before(const struct work *w, size_t i) {
    if (i == 0 || w->words[i].before > BEFORE_COLON)
        return false;
    size_t b = i - 1;
    while (b > 0 && is_kind(w, b, WORD_ABOUT))
        b--;
    if (is_glue(w, b, GLUE_AGED) || str_equal(w->words[b].folded, STR("who"))) /* "who's 9" */
        return true;
    if (is_kind(w, b, WORD_SUBJECT) && is_kind(w, b, WORD_BE | WORD_THIRD) && is_kind(w, b, WORD_FIRST | WORD_THIRD))
        return true; /* "im 58"; "he's 71", whose "is" is gone */
    if (w->tokens[b].context & CONTEXT_OTHERS && w->words[b].folded.len > 2) { /* "my boy's 6" */
        size_t end = (size_t)w->tokens[b].start + w->tokens[b].length;
        if (str_equal(str_slice(w->out->text, end - 2, 2), STR("'s")) || str_equal(str_slice(w->out->text, end, 2), STR("'s")))
            return true;
    }
    if (b > 0 && str_equal(w->words[b].folded, STR("is")) &&
        w->tokens[b - 1].context & CONTEXT_OTHERS) /* "my little girl is 5" */
        return true;
    bool is = is_kind(w, b, WORD_BE) && is_kind(w, b, WORD_TURN) && w->words[b].folded.ptr[0] != 'w' &&
              w->words[b].folded.ptr[0] != 'h';
    return b > 0 && is && is_kind(w, b - 1, WORD_FIRST | WORD_THIRD);
}

static size_t age_read(struct work *w, size_t first, const struct amount *a) {
    size_t i = a->next;
    if (a->value < 1 || a->value > 120)
        return 0;
    if (is_glue(w, i, GLUE_YO) || is_glue(w, i, GLUE_OLD))
        return i + 1;
    if (is_glue(w, i, GLUE_SEX) && a->digits && (w->words[i].folded.len > 1 || a->value >= 10) && is_end(w, i + 1))
        return i + 1;
    if (is_glue(w, i, GLUE_SEX) && a->digits && a->value >= 10 &&
        (first == 0 || is_kind(w, first - 1, WORD_FIRST | WORD_BE)))
        return i + 1;
    if (first > 0 && is_glue(w, first - 1, GLUE_SEX) && a->digits && a->value >= 10 &&
        w->words[first - 1].folded.len == 1)
        return i;
    if (is_glue(w, i, GLUE_DECADE) && a->digits && a->value >= 20)
        return i + 1;
    bool ends = is_end(w, i) || is_glue(w, i, GLUE_AND) || is_glue(w, i, GLUE_SEX) || is_glue(w, i, GLUE_BECAUSE) ||
                is_glue(w, i, GLUE_SO);
    if (first > 0 && is_glue(w, first - 1, GLUE_AGED))
        return i;
    return ends && is_age_before(w, first) ? i : 0;
}

/* "47, desk job": a number alone between commas or at the end of the message may be an age; asked, it is whatever was asked. */
static bool is_alone(const struct work *w, size_t first, size_t next) {
    bool begins = first == 0 || w->words[first].before >= BEFORE_BRACKET;
    return begins && is_end(w, next) && w->count > next - first;
}

/* "one" that counts nothing: "the left one", "one of my eyes", "one side". */
static bool is_pronoun(struct work *w, size_t i, size_t next) {
    if (is_end(w, next))
        return i > 0 && w->words[i].before == BEFORE_NOTHING && !is_kind(w, i - 1, WORD_ABOUT | WORD_VERB | WORD_BE) &&
               !is_glue(w, i - 1, GLUE_AND) && !is_glue(w, i - 1, GLUE_OR);
    if (is_glue(w, next, GLUE_OF))
        return true;
    bool led = i > 0 && !is_kind(w, i - 1, WORD_OWNER | WORD_ORDINAL) && !is_glue(w, i - 1, GLUE_NO);
    return !led && rate_ahead(w, next) == PER_NONE;
}

/* "3rd day of this", "the second week": so long it has been. */
static bool counts_days(const struct work *w, size_t i) {
    double unit = word_entry(w, i)->value;
    return is_kind(w, i, WORD_SPAN) && is_joined(w, i) && unit >= DAY_HOURS && unit <= 720;
}

static size_t nth_day(struct work *w, size_t first, size_t i, double n) {
    struct amount a = {0};
    amount_set(&a, n, n);
    quantity_push_range(w, QUANTITY_DURATION, first, i + 1, &a, word_entry(w, i)->value, PER_NONE);
    return i + 1;
}

/* "3 days, no wait, 2": a bare number that takes back the span right before it has its unit, which is in hours; else 0. */
static double unit_taken_over(const struct work *w, size_t i) {
    if (w->quantity_count == 0)
        return 0;
    const struct quantity *before = &w->quantities[w->quantity_count - 1];
    bool cue = false;
    if (before->kind != QUANTITY_DURATION || before->last + 1u >= i || i - before->last > 5 || !is_kind(w, before->last, WORD_SPAN))
        return 0;
    for (size_t t = before->last + 1u; t < i; t++) {
        if (!(w->tokens[t].flags & (TOKEN_CUE | TOKEN_FILLER)) && !is_glue(w, t, GLUE_NO))
            return 0;
        for (size_t c = 0; c < w->cue_count && w->cues[c].first <= t; c++)
            cue |= w->cues[c].first == t && (w->cues[c].phrase == CUE_CORRECT || w->cues[c].phrase == CUE_NO);
    }
    return cue ? word_entry(w, before->last)->value : 0;
}

/* A quantity that begins with an amount. Gives the token behind it, or 0 where there is none. */
static size_t counted_read(struct work *w, size_t i) {
    struct amount a;
    size_t date = str_is_digit(w->words[i].folded.len > 2 ? w->words[i].folded.ptr[0] : ' ') ? date_digits(w, i) : 0;
    if (date > 0)
        return date;
    if (!amount_read(w, i, &a))
        return str_is_digit(w->words[i].folded.len ? w->words[i].folded.ptr[0] : ' ') ? date_clock(w, i) : 0;
    if (i >= 2 && is_glue(w, i - 1, GLUE_OF) && is_glue(w, i - 2, GLUE_OUT)) /* "out of ten?" */
        return a.next;
    size_t clock = a.digits ? date_clock(w, i) : 0;
    if (clock > 0)
        return clock;
    size_t j = a.next;
    if (is_glue(w, j, GLUE_NTH) && a.digits && is_joined(w, j)) { /* "the 3rd" */
        date = counts_days(w, j + 1) ? nth_day(w, i, j + 1, a.value) : date_nth(w, i, a.value);
        return date > 0 ? date : j + 1;
    }
    while (is_glue(w, j, GLUE_ALL) || is_glue(w, j, GLUE_MORE) || (a.article && is_kind(w, j, WORD_ABOUT)))
        j++;
    bool joined = is_joined(w, j);
    uint32_t unit = joined ? word_kinds(w, j) : 0;
    if (unit & WORD_SPAN)
        return span_read(w, i, j, &a);
    if (unit & WORD_WEEKDAY && (date = date_weekdays(w, i, j, a.value)) > 0)
        return date;
    if (a.article || (a.part && !is_kind(w, i + 1, WORD_ARTICLE)))
        return 0;
    if (unit & WORD_MG) {
        quantity_push_range(w, QUANTITY_MG, i, j + 1, &a, word_entry(w, j)->value, rate_ahead(w, j + 1));
        return j + 1;
    }
    if (unit & WORD_UNITS) {
        quantity_push_range(w, QUANTITY_UNITS, i, j + 1, &a, 1, rate_ahead(w, j + 1));
        return j + 1;
    }
    if (unit & WORD_VOLUME)
        return j + 1;
    if (joined && is_glue(w, j, GLUE_TIMES)) {
        quantity_push_range(w, QUANTITY_TIMES, i, j + 1, &a, 1, rate_ahead(w, j + 1));
        return j + 1;
    }
    size_t age = age_read(w, i, &a);
    if (age > 0) {
        double middle = is_glue(w, a.next, GLUE_DECADE) && age > a.next ? 5 : 0;
        amount_set(&a, a.low + middle, a.high + middle);
        quantity_push_range(w, QUANTITY_AGE, i, age, &a, 1, PER_NONE);
        return age;
    }
    if (a.digits && is_year(a.value))
        return date_year(w, i, &a);
    if (a.digits && a.next == i + 1 && i + 1 <= w->count) { /* "100%" */
        size_t end = (size_t)w->tokens[i].start + w->tokens[i].length;
        if (end < w->out->text.len && w->out->text.ptr[end] == '%')
            return a.next;
    }
    if (a.lone_one && is_pronoun(w, i, a.next))
        return a.next;
    double unit_before = is_end(w, a.next) ? unit_taken_over(w, i) : 0;
    if (unit_before > 0) {
        quantity_push_range(w, QUANTITY_DURATION, i, a.next, &a, unit_before, PER_NONE);
        return a.next;
    }
    enum per per = rate_ahead(w, a.next);
    bool alone = is_alone(w, i, a.next) && a.digits && a.low == a.high && a.value >= 10 && a.value <= 99 &&
                 a.value == (double)(int)a.value && per == PER_NONE && !a.score;
    quantity_push_range(w, QUANTITY_COUNT, i, a.next, &a, 1, per);
    if ((alone || (a.lone_one && !is_end(w, a.next))) && w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].vague =
            true; /* perhaps an age, perhaps a pronoun: see dialog/hear_numbers.c */
    return a.next;
}

/* "twice a day", "once or twice a week", "the third time". */
static size_t often_read(struct work *w, size_t i) {
    struct amount a = {0};
    size_t next = i + 1;
    if (is_kind(w, i, WORD_ORDINAL)) {
        if (counts_days(w, next) && !(i > 0 && is_glue(w, i - 1, GLUE_EVERY)))
            return nth_day(w, i, next, word_entry(w, i)->value);
        if (!is_glue(w, next, GLUE_TIME))
            return 0;
        amount_set(&a, word_entry(w, i)->value, word_entry(w, i)->value);
        quantity_push_range(w, QUANTITY_TIMES, i, next + 1, &a, 1, PER_NONE);
        return next + 1;
    }
    amount_set(&a, word_entry(w, i)->value, word_entry(w, i)->value);
    if (is_glue(w, next, GLUE_OR) && is_kind(w, next + 1, WORD_OFTEN)) {
        amount_set(&a, a.low, word_entry(w, next + 1)->value);
        next += 2;
    }
    quantity_push_range(w, QUANTITY_TIMES, i, next, &a, 1, rate_ahead(w, next));
    return next;
}

/* "day 5 of this", "week 3": so long it has been. */
static size_t nth_span(struct work *w, size_t i) {
    struct amount a;
    double unit = word_entry(w, i)->value;
    if (unit < DAY_HOURS || (i > 0 && is_kind(w, i - 1, WORD_ONES | WORD_ARTICLE | WORD_AMOUNT)) ||
        !is_joined(w, i + 1) || !amount_read_simple(w, i + 1, &a) || a.article || a.part || a.score ||
        is_kind(w, a.next, WORD_SPAN) || is_glue(w, a.next, GLUE_TIMES))
        return 0;
    quantity_push_range(w, QUANTITY_DURATION, i, a.next, &a, unit, PER_NONE);
    return a.next;
}

/* "for months", "weeks now": three of them, roughly. */
static size_t bare_span(struct work *w, size_t i) {
    struct str s = w->words[i].folded;
    double unit = word_entry(w, i)->value;
    if (s.len < 4 || s.ptr[s.len - 1] != 's' || unit < 1)
        return 0;
    bool whole = w->count <= 2;
    bool led = i > 0 && (is_glue(w, i - 1, GLUE_FOR) || is_kind(w, i - 1, WORD_VERB) || is_glue(w, i - 1, GLUE_OF));
    bool now = i + 1 < w->count && str_equal(w->words[i + 1].folded, STR("now"));
    bool ago = is_ago(w, i + 1);
    if (!whole && !led && !now && !ago)
        return 0;
    struct amount a = {.value = 3 * unit, .low = 3 * unit, .high = 3 * unit};
    quantity_push_range(w, ago ? QUANTITY_AGO : QUANTITY_DURATION, i, i + 1 + ago, &a, 1, PER_NONE);
    if (w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].vague = true;
    return i + 1 + ago;
}

/* "every night", "daily": once in each. */
static size_t every_read(struct work *w, size_t i) {
    size_t next;
    enum per per = rate_at(w, i, &next);
    if (per == PER_NONE)
        return 0;
    struct amount once = {.value = 1, .low = 1, .high = 1};
    quantity_push_range(w, QUANTITY_TIMES, i, next, &once, 1, per);
    return next;
}

/* What a quantity may begin with, but for words of the glue. */
enum {
    KINDS_THAT_BEGIN = WORD_ONES | WORD_TENS | WORD_AMOUNT | WORD_PART | WORD_ARTICLE | WORD_OFTEN | WORD_ORDINAL |
                       WORD_SPAN | WORD_DAYPART | WORD_WEEKDAY | WORD_DAY | WORD_MONTH | WORD_FEAST | WORD_OFTEN_PER,
};

/* The words of the glue that one may begin with. */
#define GLUES_THAT_BEGIN                                                                                          \
    (glue_bit(GLUE_EVERY) | glue_bit(GLUE_PER) | glue_bit(GLUE_LAST) | glue_bit(GLUE_THIS) | glue_bit(GLUE_ALL) | \
     glue_bit(GLUE_NEW) | glue_bit(GLUE_SINCE) | glue_bit(GLUE_AT) | glue_bit(GLUE_ON) | glue_bit(GLUE_OVER) | \
     glue_bit(GLUE_WEEKEND))

/* "a lip": before most words "a" counts nothing. */
static bool is_mere_article(const struct work *w, size_t i) {
    return word_kinds(w, i) == (WORD_ARTICLE | WORD_EMPTY) &&
           !is_kind(w, i + 1, WORD_PART | WORD_AMOUNT | WORD_SCALE | WORD_SPAN | WORD_WEEKDAY | WORD_ABOUT) &&
           !is_glue(w, i + 1, GLUE_ALL) && !is_glue(w, i + 1, GLUE_MORE);
}

static size_t quantity_read(struct work *w, size_t i) {
    uint32_t kinds = word_kinds(w, i);
    size_t next = 0;
    if (is_mere_article(w, i))
        return 0;
    if (!(kinds & KINDS_THAT_BEGIN) && !is_glue(w, i, GLUE_EVERY) && !is_glue(w, i, GLUE_PER) && !is_glue(w, i, GLUE_WEEKEND))
        return date_read(w, i);
    if (kinds & WORD_OFTEN_PER || is_glue(w, i, GLUE_EVERY) || is_glue(w, i, GLUE_PER))
        next = every_read(w, i);
    if (next == 0 && (kinds & (WORD_SPAN | WORD_DAYPART | WORD_WEEKDAY) || is_glue(w, i, GLUE_WEEKEND)))
        next = date_before_last(w, i);
    if (next == 0 && kinds & (WORD_ONES | WORD_TENS | WORD_AMOUNT | WORD_PART | WORD_ARTICLE))
        next = counted_read(w, i);
    if (next == 0 && kinds & (WORD_OFTEN | WORD_ORDINAL))
        next = often_read(w, i);
    if (next == 0)
        next = date_read(w, i);
    if (next == 0 && kinds & WORD_SPAN)
        next = nth_span(w, i);
    if (next == 0 && kinds & WORD_SPAN)
        next = bare_span(w, i);
    return next;
}

/* "40 not 14 years old": the unit of what is taken back belongs to what stands instead. */
static void share_units(struct work *w) {
    for (size_t i = 0; i + 1 < w->quantity_count; i++) {
        struct quantity *a = &w->quantities[i];
        const struct quantity *b = &w->quantities[i + 1];
        bool between = (size_t)b->first == (size_t)a->last + 2 && is_glue(w, (size_t)a->last + 1, GLUE_NOT);
        if (a->kind != QUANTITY_COUNT || b->kind == QUANTITY_COUNT || !between)
            continue;
        struct amount spoken;
        double factor = amount_read(w, b->first, &spoken) && spoken.value > 0 ? b->value / spoken.value : 1;
        a->kind = b->kind;
        a->vague = false;
        a->value *= factor;
        a->low *= factor;
        a->high *= factor;
    }
}

/* "Due on 14 February", "worse than it was last week": a time to come, or one to compare with, is supposed. */
static bool is_due(const struct work *w, size_t first) {
    for (size_t i = first; i > 0 && i + 4 > first && is_joined(w, i); i--) {
        if (str_equal(w->words[i - 1].folded, STR("due")))
            return !is_glue(w, i, GLUE_TO);
        bool compares = str_equal(w->words[i - 1].folded, STR("than"));
        if (compares && (is_kind(w, first, WORD_DAY) || is_glue(w, first, GLUE_LAST)))
            return true;
    }
    return false;
}

/* "Two pints every other day", "a bottle every second night": half of one each. */
static void halve_rates(struct work *w) {
    for (size_t i = 0; i + 2 < w->count && w->quantity_count > 0; i++) {
        bool other = str_equal(w->words[i + 1].folded, STR("other")) || str_equal(w->words[i + 1].folded, STR("second")) ||
                     str_equal(w->words[i + 1].folded, STR("alternate"));
        if (!is_glue(w, i, GLUE_EVERY) || !other || !is_kind(w, i + 2, WORD_SPAN | WORD_DAYPART))
            continue;
        for (size_t k = w->quantity_count; k > 0; k--) {
            struct quantity *q = &w->quantities[k - 1];
            if (q->last >= i || i - q->last > RATE_AHEAD || q->per != PER_NONE || q->kind == QUANTITY_AGO || q->kind == QUANTITY_AGE)
                continue;
            q->per = is_kind(w, i + 2, WORD_DAYPART) ? PER_DAY : per_of_span(word_entry(w, i + 2)->value);
            q->value /= 2;
            q->low /= 2;
            q->high /= 2;
            break;
        }
    }
}

bool numbers_read(struct work *w) {
    struct quantity found[READING_QUANTITIES_MAX];
    w->quantities = NULL;
    w->quantity_count = 0;
    if (!w->any_digits && !(w->kinds & KINDS_THAT_BEGIN) && !any_glue(w, GLUES_THAT_BEGIN))
        return true;
    w->quantities = found;
    for (size_t i = 0; i < w->count;) {
        size_t next = 0;
        const struct word *word = &w->words[i];
        bool begins = word->kinds & KINDS_THAT_BEGIN || GLUES_THAT_BEGIN >> word->glue & 1;
        if (w->tokens[i].flags & TOKEN_NUMBER) /* of a rate that was read ahead */
            next = i + 1;
        else if (begins)
            next = quantity_read(w, i);
        else if (!word->number_word && word->folded.len > 0 && str_is_digit(word->folded.ptr[0]))
            next = counted_read(w, i);
        struct quantity *latest = w->quantity_count > 0 ? &w->quantities[w->quantity_count - 1] : NULL;
        if (latest && latest->last >= i && is_due(w, latest->first))
            latest->context |= CONTEXT_SUPPOSE;
        i = next > i ? next : i + 1;
    }
    if (w->quantity_count == 0) {
        w->quantities = NULL;
        return true;
    }
    share_units(w);
    halve_rates(w);
    w->quantities = ARENA_ARRAY(w->arena, struct quantity, w->quantity_count);
    if (!w->quantities)
        return false;
    memcpy(w->quantities, found, w->quantity_count * sizeof *found);
    context_of_times(w);
    return true;
}
