/* Quantities: numbers in digits and words, with their units, ranges and rates; spans of time; days and dates against the clock.
 *
 * One walk over the tokens. At each token that may begin a quantity the longest reading wins and the walk goes on behind it. */
#include "text/words.h"

#include <string.h>

enum {
    DAY_HOURS = 24,
    RATE_AHEAD = 7, /* tokens between a number and its "a day" */
};

struct amount {
    double value, low, high;
    size_t next;   /* the token behind it */
    bool digits;   /* written in digits */
    bool lone_one; /* the word "one", which is a pronoun more often than a number */
    bool article;  /* "a", "an": a number only before a unit */
    bool part;     /* "half": a number only before a unit or an article */
    bool score;    /* "8/10" */
};

static bool is_glue(const struct work *w, size_t i, enum glue g) { return word_glue(w, i) == g; }

static bool is_kind(const struct work *w, size_t i, uint32_t kinds) { return word_kinds(w, i) & kinds; }

static bool same_sentence(const struct work *w, size_t i, size_t j) {
    return j < w->count && w->tokens[i].sentence == w->tokens[j].sentence;
}

/* Nothing but a blank stands before token i. */
static bool is_joined(const struct work *w, size_t i) { return i < w->count && w->words[i].before == BEFORE_NOTHING; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The number at s[*at]: "12", "1,200", "0.5". False for more digits than any sensible amount has. */
static bool read_digits(struct str s, size_t *at, double *value) {
    double v = 0;
    size_t i = *at, digits = 0;
    for (; i < s.len; i++) {
        if (is_digit(s.ptr[i])) {
            v = v * 10 + (s.ptr[i] - '0');
            digits++;
        } else if (s.ptr[i] != ',' || i + 3 >= s.len || !is_digit(s.ptr[i + 1]) || !is_digit(s.ptr[i + 2]) ||
                   !is_digit(s.ptr[i + 3])) {
            break;
        }
    }
    if (digits == 0 || digits > 7)
        return false;
    if (i + 1 < s.len && (s.ptr[i] == '.' || s.ptr[i] == ',') && is_digit(s.ptr[i + 1])) {
        double scale = 0.1;
        for (i++; i < s.len && is_digit(s.ptr[i]); i++, scale /= 10)
            v += scale * (s.ptr[i] - '0');
    }
    *at = i;
    *value = v;
    return true;
}

static bool set_range(struct amount *a, double low, double high) {
    if (high < low) {
        double swap = low;
        low = high;
        high = swap;
    }
    a->low = low;
    a->high = high;
    a->value = (low + high) / 2;
    return true;
}

/* A token of digits: "5", "8/10", "5-6". Clock times, dates and pressures are no amounts. */
static bool digits_read(const struct work *w, size_t i, struct amount *a) {
    struct str s = w->words[i].folded;
    size_t at = 0;
    double first, second;
    if (!read_digits(s, &at, &first))
        return false;
    a->digits = true;
    a->next = i + 1;
    if (at == s.len)
        return set_range(a, first, first);
    char joint = s.ptr[at++];
    if ((joint != '/' && joint != '-') || !read_digits(s, &at, &second) || at != s.len)
        return false;
    if (joint == '/') {
        if (first <= second && (second == 10 || second == 100)) {
            a->score = true;
            return set_range(a, first * 10 / second, first * 10 / second);
        }
        if (first < second && (second == 2 || second == 4) && is_joined(w, i + 1) &&
            is_kind(w, i + 1, WORD_SPAN | WORD_ARTICLE))
            return set_range(a, first / second, first / second);
        if (second - first > 5 || second <= first)
            return false;
    } else if (second < first) {
        return false;
    }
    return set_range(a, first, second);
}

/* "forty two", "a hundred and twenty", "two thousand". */
static bool words_read(const struct work *w, size_t i, struct amount *a) {
    double total = 0, group = 0;
    size_t at = i;
    bool any = false;
    uint32_t last = 0;
    for (;; at++) {
        uint32_t kinds = word_kinds(w, at);
        if (at > i && (at >= w->count || w->words[at].before > BEFORE_NOTHING))
            break;
        if (kinds & WORD_ONES && !(last & WORD_ONES) && !(last & WORD_TENS && word_entry(w, at)->value > 9)) {
            group += word_entry(w, at)->value;
        } else if (kinds & WORD_TENS && !(last & (WORD_ONES | WORD_TENS))) {
            group += word_entry(w, at)->value;
        } else if (kinds & WORD_SCALE && any) {
            double scale = word_entry(w, at)->value;
            total += (group > 0 ? group : 1) * scale;
            group = 0;
        } else if (is_glue(w, at, GLUE_AND) && last & WORD_SCALE && is_kind(w, at + 1, WORD_ONES | WORD_TENS)) {
            continue;
        } else if (at == i && kinds & WORD_ARTICLE && is_kind(w, i + 1, WORD_SCALE)) {
            group = 1;
        } else {
            break;
        }
        any = true;
        last = kinds;
    }
    if (!any)
        return false;
    a->next = at;
    a->lone_one = at == i + 1 && total + group == 1;
    return set_range(a, total + group, total + group);
}

/* "a couple of", "half a dozen", "a few", "half". */
static bool vague_read(const struct work *w, size_t i, struct amount *a) {
    size_t at = i;
    double factor = 1;
    if (is_kind(w, at, WORD_PART)) {
        factor = word_entry(w, at)->value;
        at++;
        if (is_glue(w, at, GLUE_OF))
            at++;
        if (is_kind(w, at, WORD_ARTICLE))
            at++;
        if (!is_kind(w, at, WORD_AMOUNT)) {
            a->next = at;
            a->part = true;
            return set_range(a, factor, factor);
        }
    } else if (is_kind(w, at, WORD_ARTICLE)) {
        at++;
        if (is_kind(w, at, WORD_PART) && !is_glue(w, at + 1, GLUE_OF)) { /* "a half hour" */
            a->next = at + 1;
            a->part = true;
            return set_range(a, word_entry(w, at)->value, word_entry(w, at)->value);
        }
    }
    if (!is_kind(w, at, WORD_AMOUNT) || (at > i && !is_joined(w, at)))
        return false;
    factor *= word_entry(w, at++)->value;
    if (is_kind(w, at, WORD_AMOUNT)) /* "a couple dozen" */
        factor *= word_entry(w, at++)->value;
    if (is_glue(w, at, GLUE_OF))
        at++;
    a->next = at;
    return set_range(a, factor, factor);
}

static bool simple_read(const struct work *w, size_t i, struct amount *a) {
    memset(a, 0, sizeof *a);
    if (i >= w->count)
        return false;
    struct str s = w->words[i].folded;
    if (s.len > 0 && is_digit(s.ptr[0]))
        return digits_read(w, i, a);
    uint32_t kinds = word_kinds(w, i);
    if (kinds & (WORD_PART | WORD_AMOUNT | WORD_ARTICLE) && vague_read(w, i, a))
        return true;
    if (kinds & (WORD_ONES | WORD_TENS | WORD_ARTICLE) && words_read(w, i, a)) {
        if (is_kind(w, a->next, WORD_AMOUNT) && is_joined(w, a->next) &&
            word_entry(w, a->next)->value == 12) { /* "two dozen" */
            set_range(a, a->value * 12, a->value * 12);
            a->next++;
        }
        return true;
    }
    if (kinds & WORD_ARTICLE) {
        a->article = true;
        a->next = i + 1;
        return set_range(a, 1, 1);
    }
    return false;
}

/* "and a half", "and a quarter" at i: its value, and where it ends. */
static double and_part(const struct work *w, size_t i, size_t *next) {
    if (!is_glue(w, i, GLUE_AND) || !is_joined(w, i))
        return 0;
    size_t at = i + 1;
    if (is_kind(w, at, WORD_ARTICLE) || is_kind(w, at, WORD_ONES))
        at++;
    if (at < w->count && str_equal(w->words[at].folded, STR("bit"))) { /* "three and a bit" */
        *next = at + 1;
        return 0.1;
    }
    if (!is_kind(w, at, WORD_PART))
        return 0;
    *next = at + 1;
    return word_entry(w, at)->value;
}

/* An amount with what may follow it: ranges, "and a half", "ish", "or so", "out of 10". */
static bool amount_read(const struct work *w, size_t i, struct amount *a) {
    if (!simple_read(w, i, a))
        return false;
    if (a->article)
        return true;
    size_t next = 0;
    double part = a->part ? 0 : and_part(w, a->next, &next);
    if (part > 0) {
        set_range(a, a->low + part, a->high + part);
        a->next = next;
        a->lone_one = false;
    }
    size_t j = a->next;
    struct amount b;
    bool dash = j < w->count && w->words[j].before == BEFORE_DASH;
    bool joint = (is_glue(w, j, GLUE_TO) || is_glue(w, j, GLUE_OR)) && is_joined(w, j);
    bool between = is_glue(w, j, GLUE_AND) && i > 0 && is_glue(w, i - 1, GLUE_BETWEEN);
    if (!a->part && (dash || joint || between) && simple_read(w, dash ? j : j + 1, &b) && !b.article && !b.part &&
        (b.high > a->low || is_glue(w, j, GLUE_OR)) && b.digits == a->digits) {
        double more = and_part(w, b.next, &next);
        set_range(a, a->low, b.high + more);
        a->next = more > 0 ? next : b.next;
        a->lone_one = false;
        j = a->next;
    } else if (is_glue(w, j, GLUE_OUT) && is_glue(w, j + 1, GLUE_OF) && simple_read(w, j + 2, &b) &&
               (b.value == 10 || b.value == 100)) {
        set_range(a, a->low * 10 / b.value, a->high * 10 / b.value);
        a->score = true;
        a->next = b.next;
        return true;
    }
    if (is_glue(w, j, GLUE_ISH))
        a->next = j + 1;
    else if (is_glue(w, j, GLUE_OR) && (is_glue(w, j + 1, GLUE_SO) || is_glue(w, j + 1, GLUE_MORE)) &&
             is_joined(w, j + 1))
        a->next = j + 2;
    if (a->next > j)
        a->lone_one = false;
    return true;
}

/* --- the clock --- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_from_date(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int64_t year_of_days(int64_t days) {
    int64_t year = 1970 + floor_div(days, 366);
    while (days_from_date(year + 1, 1, 1) <= days)
        year++;
    return year;
}

static int64_t today_of(const struct work *w) { return floor_div(w->now_s, 86400); }

static double hour_of_day(const struct work *w) { return (double)(w->now_s - today_of(w) * 86400) / 3600; }

/* Days back to the latest such date that is not in the future. */
static double days_since_date(const struct work *w, int month, int day) {
    int64_t today = today_of(w), year = year_of_days(today);
    int64_t then = days_from_date(year, month, day);
    if (then > today)
        then = days_from_date(year - 1, month, day);
    return (double)(today - then);
}

static double days_since_weekday(const struct work *w, int weekday) {
    int today = (int)((today_of(w) + 4) % 7); /* 1970-01-01 was a Thursday */
    int days = (today - weekday + 7) % 7;
    return days == 0 ? 7 : days;
}

/* --- quantities --- */

static struct quantity *push(struct work *w, enum quantity_kind kind, size_t first, size_t next) {
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

static void push_range(struct work *w, enum quantity_kind kind, size_t first, size_t next, const struct amount *a,
                       double factor, enum per per) {
    struct quantity *q = push(w, kind, first, next);
    if (!q)
        return;
    q->value = a->value * factor;
    q->low = a->low * factor;
    q->high = a->high * factor;
    q->per = per;
}

/* How long ago, in hours. `day_hours` is the span in whole days of the calendar, which is what a number of days means by it. */
static size_t push_ago(struct work *w, size_t first, size_t next, double hours, double day_hours) {
    struct quantity *q = push(w, QUANTITY_AGO, first, next);
    if (q) {
        q->value = hours;
        q->low = hours < day_hours ? hours : day_hours;
        q->high = hours < day_hours ? day_hours : hours;
    }
    return next;
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
            is_digit(w->words[i].folded.len ? w->words[i].folded.ptr[0] : ' '))
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
    static const char *const spans[] = {"history", "period", "duration", "total", "course", "span"};
    if (i < 2 || !is_glue(w, i - 1, GLUE_OF))
        return false;
    for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++)
        if (str_equal(w->words[i - 2].folded, str_of(spans[k])))
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
    double part = and_part(w, i, &next);
    if (part > 0) {
        set_range(hours, hours->low + part * unit, hours->high + part * unit);
        return next;
    }
    struct amount b;
    if (is_glue(w, i, GLUE_OR) && is_joined(w, i)) {
        if (is_glue(w, i + 1, GLUE_SO) || is_glue(w, i + 1, GLUE_MORE))
            return i + 2;
        if (simple_read(w, i + 1, &b) && !b.part && !b.article) {
            double factor = is_kind(w, b.next, WORD_SPAN) ? word_entry(w, b.next)->value : unit;
            if (b.high * factor > hours->low) {
                set_range(hours, hours->low, b.high * factor);
                return is_kind(w, b.next, WORD_SPAN) ? b.next + 1 : b.next;
            }
        }
        return i;
    }
    bool to = is_glue(w, i, GLUE_TO), and = is_glue(w, i, GLUE_AND);
    if (is_joined(w, i) && simple_read(w, to || and? i + 1 : i, &b) && !b.part && is_kind(w, b.next, WORD_SPAN)) {
        double other = word_entry(w, b.next)->value;
        if (to && b.high * other > hours->low)
            set_range(hours, hours->low, b.high * other);
        else if (!to && other < unit && !b.article)
            set_range(hours, hours->low + b.low * other, hours->high + b.high * other);
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

/* A span of time whose unit is token i. */
static size_t span_read(struct work *w, size_t first, size_t i, const struct amount *a) {
    double unit = word_entry(w, i)->value;
    if (first > 0 && is_glue(w, first - 1, GLUE_EVERY)) /* "every few minutes" tells how often */
        return i + 1;
    struct amount hours = *a;
    set_range(&hours, a->low * unit, a->high * unit);
    size_t next = i + 1;
    if (unit == 8760 || unit == 720) {
        size_t behind = age_behind(w, first, next);
        if (behind > 0) {
            push_range(w, QUANTITY_AGE, first, behind, a, unit == 8760 ? 1 : 1.0 / 12, PER_NONE);
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
        push_ago(w, first, skip_day(w, next), hours.value, hours.value);
        struct quantity *q = &w->quantities[w->quantity_count - 1];
        q->low = hours.low;
        q->high = hours.high;
        return skip_day(w, next);
    }
    enum per per = a->article ? article_rate(w, first, unit) : rate_ahead(w, next);
    push_range(w, QUANTITY_DURATION, first, next, &hours, 1, per);
    return next;
}

static bool is_end(const struct work *w, size_t i) { return i >= w->count || w->words[i].before > BEFORE_NOTHING; }

/* "I am 58", "he's 71", "she is seventy one", "just turned 30", "aged 7". */
static bool is_age_before(const struct work *w, size_t i) {
    if (i == 0 || w->words[i].before > BEFORE_COLON)
        return false;
    size_t b = i - 1;
    while (b > 0 && is_kind(w, b, WORD_ABOUT))
        b--;
    if (is_glue(w, b, GLUE_AGED))
        return true;
    if (is_kind(w, b, WORD_SUBJECT) && is_kind(w, b, WORD_BE | WORD_THIRD) && is_kind(w, b, WORD_FIRST | WORD_THIRD))
        return true; /* "im 58"; "he's 71", whose "is" is gone */
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

static bool is_year(double v) { return v >= 1900 && v <= 2100 && v == (double)(int)v; }

static size_t year_read(struct work *w, size_t i, const struct amount *a) {
    int64_t year = year_of_days(today_of(w));
    bool led = i > 0 && (is_glue(w, i - 1, GLUE_IN) || is_glue(w, i - 1, GLUE_SINCE) || is_kind(w, i - 1, WORD_MONTH));
    if (!led || (int64_t)a->value > year)
        return a->next;
    double days = (double)(today_of(w) - days_from_date((int64_t)a->value, 7, 1));
    return push_ago(w, i, a->next, (days > 0 ? days : 0) * DAY_HOURS, (days > 0 ? days : 0) * DAY_HOURS);
}

/* "8am", "at 22:30": a time of day. */
static size_t clock_read(struct work *w, size_t i) {
    struct str s = w->words[i].folded;
    size_t at = 0, next = i + 1;
    double hour, minute = 0;
    if (!read_digits(s, &at, &hour) || hour > 24)
        return 0;
    bool colon = at < s.len && s.ptr[at] == ':';
    if (colon && (at++, !read_digits(s, &at, &minute)))
        return 0;
    bool am = next < w->count && str_equal(w->words[next].folded, STR("am")) && is_joined(w, next) &&
              !is_kind(w, next + 1, WORD_SUBJECT);
    bool suffix = am || (is_glue(w, next, GLUE_CLOCK) && is_joined(w, next));
    if (at != s.len || (!colon && !suffix))
        return 0;
    if (suffix && w->words[next].folded.ptr[0] == 'p' && hour < 12)
        hour += 12;
    next += suffix;
    double since = hour_of_day(w) - hour - minute / 60;
    if (i > 0 && (is_glue(w, i - 1, GLUE_SINCE) || is_glue(w, i - 1, GLUE_AT)))
        push_ago(w, i, next, since < 0 ? since + 24 : since, since < 0 ? 24 : 0);
    return next;
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

/* A quantity that begins with an amount. Gives the token behind it, or 0 where there is none. */
static size_t counted_read(struct work *w, size_t i) {
    struct amount a;
    if (!amount_read(w, i, &a))
        return is_digit(w->words[i].folded.len ? w->words[i].folded.ptr[0] : ' ') ? clock_read(w, i) : 0;
    size_t clock = a.digits ? clock_read(w, i) : 0;
    if (clock > 0)
        return clock;
    size_t j = a.next;
    if (is_glue(w, j, GLUE_NTH) && a.digits && is_joined(w, j)) /* "the 3rd" */
        return j + 1;
    while (is_glue(w, j, GLUE_ALL) || is_glue(w, j, GLUE_MORE) || (a.article && is_kind(w, j, WORD_ABOUT)))
        j++;
    bool joined = is_joined(w, j);
    uint32_t unit = joined ? word_kinds(w, j) : 0;
    if (unit & WORD_SPAN)
        return span_read(w, i, j, &a);
    if (a.article || (a.part && !is_kind(w, i + 1, WORD_ARTICLE)))
        return 0;
    if (unit & WORD_MG) {
        push_range(w, QUANTITY_MG, i, j + 1, &a, word_entry(w, j)->value, rate_ahead(w, j + 1));
        return j + 1;
    }
    if (unit & WORD_UNITS) {
        push_range(w, QUANTITY_UNITS, i, j + 1, &a, 1, rate_ahead(w, j + 1));
        return j + 1;
    }
    if (unit & WORD_VOLUME)
        return j + 1;
    if (joined && is_glue(w, j, GLUE_TIMES)) {
        push_range(w, QUANTITY_TIMES, i, j + 1, &a, 1, rate_ahead(w, j + 1));
        return j + 1;
    }
    size_t age = age_read(w, i, &a);
    if (age > 0) {
        double middle = is_glue(w, a.next, GLUE_DECADE) && age > a.next ? 5 : 0;
        set_range(&a, a.low + middle, a.high + middle);
        push_range(w, QUANTITY_AGE, i, age, &a, 1, PER_NONE);
        return age;
    }
    if (a.digits && is_year(a.value))
        return year_read(w, i, &a);
    if (a.digits && a.next == i + 1 && i + 1 <= w->count) { /* "100%" */
        size_t end = (size_t)w->tokens[i].start + w->tokens[i].length;
        if (end < w->out->text.len && w->out->text.ptr[end] == '%')
            return a.next;
    }
    if (a.lone_one && is_pronoun(w, i, a.next))
        return a.next;
    enum per per = rate_ahead(w, a.next);
    bool alone = is_alone(w, i, a.next) && a.digits && a.low == a.high && a.value >= 10 && a.value <= 99 &&
                 per == PER_NONE && !a.score;
    push_range(w, QUANTITY_COUNT, i, a.next, &a, 1, per);
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
        if (!is_glue(w, next, GLUE_TIME))
            return 0;
        set_range(&a, word_entry(w, i)->value, word_entry(w, i)->value);
        push_range(w, QUANTITY_TIMES, i, next + 1, &a, 1, PER_NONE);
        return next + 1;
    }
    set_range(&a, word_entry(w, i)->value, word_entry(w, i)->value);
    if (is_glue(w, next, GLUE_OR) && is_kind(w, next + 1, WORD_OFTEN)) {
        set_range(&a, a.low, word_entry(w, next + 1)->value);
        next += 2;
    }
    push_range(w, QUANTITY_TIMES, i, next, &a, 1, rate_ahead(w, next));
    return next;
}

/* --- days and dates --- */

/* "this morning", "last night", "yesterday evening": hours ago, by the hour of the day. */
static size_t push_daypart(struct work *w, size_t first, size_t next, double days, double hour) {
    if (days == 0)
        return push_ago(w, first, next, 0, 0);
    double hours = days * 24 + hour_of_day(w) - hour;
    return push_ago(w, first, next, hours, days * 24);
}

static double hour_of_part(const struct work *w, size_t i) {
    return is_kind(w, i, WORD_SPAN) ? 22 : word_entry(w, i)->value;
}

static size_t day_read(struct work *w, size_t i) {
    double days = word_entry(w, i)->value;
    size_t first = i;
    if (str_equal(w->words[i].folded, STR("overnight")))
        return push_daypart(w, i, i + 1, 1, 22);
    if (days == 1 && i > 0 && is_glue(w, i - 1, GLUE_BEFORE)) {
        days = 2;
        first = i - 1;
        if (first > 0 && is_kind(w, first - 1, WORD_SPAN))
            first--;
        if (w->quantity_count > 0 && w->quantities[w->quantity_count - 1].last >= first) /* "a day before yesterday" */
            w->quantity_count--;
    }
    size_t next = i + 1;
    if (is_kind(w, next, WORD_DAYPART) && is_joined(w, next))
        return push_daypart(w, first, next + 1, days, hour_of_part(w, next));
    return push_ago(w, first, next, days * 24, days * 24);
}

/* "last" before a weekday, a span or a part of the day: "last Tuesday", "last week", "last night", "the last 3 days". */
static size_t last_read(struct work *w, size_t i) {
    size_t j = i + 1;
    if (is_kind(w, j, WORD_WEEKDAY)) {
        double days = days_since_weekday(w, (int)word_entry(w, j)->value);
        if (i > 0 && is_kind(w, i - 1, WORD_SPAN)) /* "a week last Tuesday" */
            return 0;
        return push_ago(w, i, j + 1, days * 24, days * 24);
    }
    if (is_kind(w, j, WORD_DAYPART))
        return push_daypart(w, i, j + 1, 1, hour_of_part(w, j));
    if (is_glue(w, j, GLUE_WEEKEND))
        return push_ago(w, i, j + 1, 6.5 * 24, 6.5 * 24);
    if (is_kind(w, j, WORD_MONTH)) {
        double days = days_since_date(w, (int)word_entry(w, j)->value, 1);
        return push_ago(w, i, j + 1, days * 24, days * 24);
    }
    if (is_kind(w, j, WORD_SPAN)) {
        double hours = word_entry(w, j)->value;
        bool during = i > 0 && is_glue(w, i - 1, GLUE_THE);
        if (!during)
            return push_ago(w, i, j + 1, hours, hours);
        struct amount a = {.value = hours, .low = hours, .high = hours};
        push_range(w, QUANTITY_DURATION, i, j + 1, &a, 1, PER_NONE);
        return j + 1;
    }
    return 0;
}

/* "the evening before last", "the Friday before last". */
static size_t before_last(struct work *w, size_t i) {
    if (!is_glue(w, i + 1, GLUE_BEFORE) || !is_glue(w, i + 2, GLUE_LAST))
        return 0;
    if (is_kind(w, i, WORD_WEEKDAY)) {
        double days = days_since_weekday(w, (int)word_entry(w, i)->value) + 7;
        return push_ago(w, i, i + 3, days * 24, days * 24);
    }
    if (is_kind(w, i, WORD_DAYPART))
        return push_daypart(w, i, i + 3, 2, hour_of_part(w, i));
    double hours = word_entry(w, i)->value * 2;
    return push_ago(w, i, i + 3, hours, hours);
}

static bool is_led(const struct work *w, size_t i) {
    while (i > 0 && (is_glue(w, i - 1, GLUE_THE) || is_kind(w, i - 1, WORD_ABOUT) || is_glue(w, i - 1, GLUE_NEW) ||
                     is_glue(w, i - 1, GLUE_LAST)))
        i--;
    if (i == 0)
        return true;
    enum glue g = word_glue(w, i - 1);
    return g == GLUE_SINCE || g == GLUE_ON || g == GLUE_IN || g == GLUE_AT || g == GLUE_LAST || g == GLUE_THIS ||
           g == GLUE_OVER || g == GLUE_AGO || g == GLUE_BEFORE || g == GLUE_AFTER || is_kind(w, i - 1, WORD_ABOUT) ||
           w->words[i].before >= BEFORE_COMMA;
}

static size_t weekday_read(struct work *w, size_t i) {
    if (w->words[i].folded.len < 5 && (!is_led(w, i) || (i == 0 && w->count > 1)))
        return 0;
    double days = days_since_weekday(w, (int)word_entry(w, i)->value);
    size_t first = i, next = i + 1;
    if (w->quantity_count > 0) { /* "a week last Tuesday" */
        struct quantity *q = &w->quantities[w->quantity_count - 1];
        if (q->kind == QUANTITY_DURATION && q->value == 168 &&
            (size_t)q->last + 1 + is_glue(w, i - 1, GLUE_LAST) == i) {
            first = q->first;
            days += 7;
            w->quantity_count--;
        }
    }
    if (is_glue(w, next, GLUE_LAST) && is_kind(w, next + 1, WORD_SPAN) && word_entry(w, next + 1)->value == 168)
        next += 2;
    else if (is_kind(w, next, WORD_DAYPART) && is_joined(w, next))
        next++;
    return push_ago(w, first, next, days * 24, days * 24);
}

static bool day_of_month(const struct work *w, size_t i, int *day, size_t *next) {
    size_t at = 0;
    double v;
    if (i >= w->count || !read_digits(w->words[i].folded, &at, &v) || at != w->words[i].folded.len || v < 1 || v > 31)
        return false;
    *day = (int)v;
    *next = is_glue(w, i + 1, GLUE_NTH) ? i + 2 : i + 1;
    return true;
}

/* "november", "the 3rd of January", "Jan 12". */
static size_t month_read(struct work *w, size_t i) {
    int month = (int)word_entry(w, i)->value, day = 1;
    size_t next = i + 1, first = i, end;
    if (day_of_month(w, i + 1, &day, &end))
        next = end;
    size_t back = i > 0 && is_glue(w, i - 1, GLUE_OF) ? i - 1 : i;
    size_t nth = back > 0 && is_glue(w, back - 1, GLUE_NTH) ? back - 1 : back;
    if (nth > 0 && day_of_month(w, nth - 1, &day, &end) && end == back)
        first = nth - 1;
    bool word_is_verb = is_kind(w, i, WORD_VERB) || month == 3;
    if (first == i && next == i + 1 &&
        (!is_led(w, i) || (word_is_verb && (i == 0 || w->words[i].before >= BEFORE_COMMA))))
        return 0;
    double years = 0;
    struct amount a;
    if (simple_read(w, next, &a) && a.digits && is_year(a.value)) {
        years = (double)(year_of_days(today_of(w)) - (int64_t)a.value);
        next = a.next;
    }
    while (w->quantity_count > 0 && w->quantities[w->quantity_count - 1].last >= first)
        w->quantity_count--;
    double days = years > 0
                      ? (double)(today_of(w) - days_from_date(year_of_days(today_of(w)) - (int64_t)years, month, day))
                      : days_since_date(w, month, day);
    return push_ago(w, first, next, days * 24, days * 24);
}

static size_t feast_read(struct work *w, size_t i) {
    int date = (int)word_entry(w, i)->value;
    size_t next = i + 1;
    if (date == 1226 && !(is_kind(w, next, WORD_SPAN)))
        return 0;
    if (is_kind(w, next, WORD_SPAN) && word_entry(w, next)->value == 24)
        next++;
    else if (date == 1225 && is_kind(w, next, WORD_DAYPART) && word_entry(w, next)->value == 20)
        next++, date = 1224;
    if (!is_led(w, i))
        return 0;
    double days = days_since_date(w, date / 100, date % 100);
    return push_ago(w, i, next, days * 24, days * 24);
}

/* "new year", "new year's day", "new year's eve". */
static size_t new_year_read(struct work *w, size_t i) {
    if (!is_kind(w, i + 1, WORD_SPAN) || word_entry(w, i + 1)->value != 8760 || !is_led(w, i))
        return 0;
    size_t next = i + 2;
    double days = days_since_date(w, 1, 1);
    if (is_kind(w, next, WORD_SPAN) && word_entry(w, next)->value == 24)
        next++;
    else if (is_kind(w, next, WORD_DAYPART) && word_entry(w, next)->value == 20)
        next++, days += 1;
    return push_ago(w, i, next, days * 24, days * 24);
}

/* "this morning", "this week"; "all day", "all week". */
static size_t this_read(struct work *w, size_t i) {
    size_t j = i + 1;
    if (!is_joined(w, j))
        return 0;
    if (is_glue(w, i, GLUE_THIS)) {
        if (is_kind(w, j, WORD_DAYPART) && !is_kind(w, j, WORD_SPAN))
            return push_ago(w, i, j + 1, 0, 0);
        if (is_kind(w, j, WORD_WEEKDAY)) {
            double days = days_since_weekday(w, (int)word_entry(w, j)->value);
            return push_ago(w, i, j + 1, days * 24, days * 24);
        }
        if (is_glue(w, j, GLUE_WEEKEND))
            return push_ago(w, i, j + 1, 24, 24);
        return is_kind(w, j, WORD_SPAN) ? j + 1 : 0; /* "this week" tells no number */
    }
    size_t the = is_kind(w, j, WORD_SPAN) ? j : 0;
    if (the == 0)
        return 0;
    struct amount a = {.value = word_entry(w, the)->value};
    a.high = a.value; /* low 0: not said to be a length; only an answer to a question about one */
    push_range(w, QUANTITY_DURATION, i, the + 1, &a, 1, PER_NONE);
    if (w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].vague = true;
    return the + 1;
}

/* "day 5 of this", "week 3": so long it has been. */
static size_t nth_span(struct work *w, size_t i) {
    struct amount a;
    double unit = word_entry(w, i)->value;
    if (unit < DAY_HOURS || (i > 0 && is_kind(w, i - 1, WORD_ONES | WORD_ARTICLE | WORD_AMOUNT)) ||
        !is_joined(w, i + 1) || !simple_read(w, i + 1, &a) || a.article || a.part || a.score ||
        is_kind(w, a.next, WORD_SPAN) || is_glue(w, a.next, GLUE_TIMES))
        return 0;
    push_range(w, QUANTITY_DURATION, i, a.next, &a, unit, PER_NONE);
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
    push_range(w, ago ? QUANTITY_AGO : QUANTITY_DURATION, i, i + 1 + ago, &a, 1, PER_NONE);
    if (w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].vague = true;
    return i + 1 + ago;
}

/* "since lunch", "at breakfast", "since I woke up", "since the weekend". */
static size_t since_read(struct work *w, size_t i) {
    size_t j = i + 1;
    while (is_glue(w, j, GLUE_THE) || is_kind(w, j, WORD_ABOUT | WORD_SUBJECT))
        j++;
    if (is_kind(w, j, WORD_DAYPART) && !is_kind(w, j, WORD_SPAN) && is_joined(w, j) && !is_glue(w, j + 1, GLUE_BEFORE))
        return push_ago(w, i, j + 1, 0, 0);
    if (is_glue(w, i, GLUE_SINCE) &&
        (is_glue(w, j, GLUE_WAKING) || (is_kind(w, j, WORD_BE) && j + 1 < w->count &&
                                        (str_equal(w->words[j + 1].folded, STR("up")) || is_glue(w, j + 1, GLUE_OUT)))))
        return push_ago(w, i, j + 1, 0, 0);
    if (is_glue(w, j, GLUE_WEEKEND))
        return push_ago(w, i, j + 1, 6.5 * 24, 6.5 * 24);
    return 0;
}

static size_t glue_read(struct work *w, size_t i) {
    switch (word_glue(w, i)) {
    case GLUE_LAST:
        return last_read(w, i);
    case GLUE_THIS:
        return this_read(w, i);
    case GLUE_ALL:
        return this_read(w, i);
    case GLUE_NEW:
        return new_year_read(w, i);
    case GLUE_SINCE:
        return since_read(w, i);
    case GLUE_AT:
        return since_read(w, i);
    case GLUE_ON:
        return since_read(w, i);
    case GLUE_OVER:
        return since_read(w, i);
    default:
        return 0;
    }
}

/* "every night", "daily": once in each. */
static size_t every_read(struct work *w, size_t i) {
    size_t next;
    enum per per = rate_at(w, i, &next);
    if (per == PER_NONE)
        return 0;
    struct amount once = {.value = 1, .low = 1, .high = 1};
    push_range(w, QUANTITY_TIMES, i, next, &once, 1, per);
    return next;
}

/* What a quantity may begin with, but for words of the glue. */
enum {
    KINDS_THAT_BEGIN = WORD_ONES | WORD_TENS | WORD_AMOUNT | WORD_PART | WORD_ARTICLE | WORD_OFTEN | WORD_ORDINAL |
                       WORD_SPAN | WORD_DAYPART | WORD_WEEKDAY | WORD_DAY | WORD_MONTH | WORD_FEAST | WORD_OFTEN_PER,
};

static size_t quantity_read(struct work *w, size_t i) {
    uint32_t kinds = word_kinds(w, i);
    size_t next = 0;
    if (!(kinds & KINDS_THAT_BEGIN) && !is_glue(w, i, GLUE_EVERY) && !is_glue(w, i, GLUE_PER))
        return glue_read(w, i);
    if (kinds & WORD_OFTEN_PER || is_glue(w, i, GLUE_EVERY) || is_glue(w, i, GLUE_PER))
        next = every_read(w, i);
    if (next == 0 && kinds & (WORD_SPAN | WORD_DAYPART | WORD_WEEKDAY))
        next = before_last(w, i);
    if (next == 0 && kinds & (WORD_ONES | WORD_TENS | WORD_AMOUNT | WORD_PART | WORD_ARTICLE))
        next = counted_read(w, i);
    if (next == 0 && kinds & (WORD_OFTEN | WORD_ORDINAL))
        next = often_read(w, i);
    if (next == 0 && kinds & WORD_DAY)
        next = day_read(w, i);
    if (next == 0 && kinds & WORD_WEEKDAY)
        next = weekday_read(w, i);
    if (next == 0 && kinds & WORD_MONTH)
        next = month_read(w, i);
    if (next == 0 && kinds & WORD_FEAST)
        next = feast_read(w, i);
    if (next == 0 && kinds & WORD_GLUE)
        next = glue_read(w, i);
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

bool numbers_read(struct work *w) {
    struct quantity found[READING_QUANTITIES_MAX];
    w->quantities = found;
    w->quantity_count = 0;
    for (size_t i = 0; i < w->count;) {
        size_t next = 0;
        struct str s = w->words[i].folded;
        if (w->tokens[i].flags & TOKEN_NUMBER) /* of a rate that was read ahead */
            next = i + 1;
        else if (w->words[i].number_word)
            next = quantity_read(w, i);
        else if (s.len > 0 && is_digit(s.ptr[0]))
            next = counted_read(w, i);
        i = next > i ? next : i + 1;
    }
    if (w->quantity_count == 0) {
        w->quantities = NULL;
        return true;
    }
    share_units(w);
    w->quantities = ARENA_ARRAY(w->arena, struct quantity, w->quantity_count);
    if (!w->quantities)
        return false;
    memcpy(w->quantities, found, w->quantity_count * sizeof *found);
    context_of_times(w);
    return true;
}
