/* Days and dates against the clock: "since Tuesday", "last night", "boxing day", "3rd of January", "at 22:30". */
#include "core/civil.h"
#include "text/numbers.h"

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t year_of_days(int64_t days) {
    int64_t year = 1970 + floor_div(days, 366);
    while (civil_days(year + 1, 1, 1) <= days)
        year++;
    return year;
}

static int64_t today_of(const struct work *w) { return floor_div(w->now_s, 86400); }

static double hour_of_day(const struct work *w) { return (double)(w->now_s - today_of(w) * 86400) / 3600; }

/* Days back to the latest such date that is not in the future. */
static double days_since_date(const struct work *w, int month, int day) {
    int64_t today = today_of(w), year = year_of_days(today);
    int64_t then = civil_days(year, month, day);
    if (then > today)
        then = civil_days(year - 1, month, day);
    return (double)(today - then);
}

static double days_since_weekday(const struct work *w, int weekday) {
    int today = (int)((today_of(w) + 4) % 7); /* 1970-01-01 was a Thursday */
    int days = (today - weekday + 7) % 7;
    return days == 0 ? 7 : days;
}

/* How long ago, in hours. `day_hours` is the span in whole days of the calendar, which is what a number of days means by it. */
size_t quantity_push_ago(struct work *w, size_t first, size_t next, double hours, double day_hours) {
    struct quantity *q = quantity_push(w, QUANTITY_AGO, first, next);
    if (q) {
        q->value = hours;
        q->low = hours < day_hours ? hours : day_hours;
        q->high = hours < day_hours ? day_hours : hours;
    }
    return next;
}

/* "Born in June 1988", "DOB 3/2/80": a date that is an age. */
static bool is_birth(const struct work *w, size_t first) {
    static const struct str words[] = {STR_INIT("born"), STR_INIT("dob"), STR_INIT("birth"), STR_INIT("b")};
    for (size_t i = first; i > 0 && i + 4 > first; i--) {
        if (i < first && !is_joined(w, i) && w->words[i].before != BEFORE_COLON && w->words[i].folded.len > 2)
            return false;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (str_equal(w->words[i - 1].folded, words[k]))
                return true;
    }
    return false;
}

static size_t push_date(struct work *w, size_t first, size_t next, double days) {
    if (days < 366 || !is_birth(w, first))
        return quantity_push_ago(w, first, next, days * 24, days * 24);
    struct amount a = {0};
    amount_set(&a, (double)(int)(days / 365.25), (double)(int)(days / 365.25));
    quantity_push_range(w, QUANTITY_AGE, first, next, &a, 1, PER_NONE);
    return next;
}

size_t date_year(struct work *w, size_t i, const struct amount *a) {
    int64_t year = year_of_days(today_of(w));
    bool led = i > 0 && (is_glue(w, i - 1, GLUE_IN) || is_glue(w, i - 1, GLUE_SINCE) || is_kind(w, i - 1, WORD_MONTH));
    if ((!led && !is_birth(w, i)) || (int64_t)a->value > year)
        return a->next;
    double days = (double)(today_of(w) - civil_days((int64_t)a->value, 7, 1));
    return push_date(w, i, a->next, days > 0 ? days : 0);
}

bool date_is_am(const struct work *w, size_t i) {
    size_t at = 0;
    double hour;
    return i > 0 && is_joined(w, i) && str_equal(w->words[i].folded, STR("am")) &&
           digits_scan(w->words[i - 1].folded, &at, &hour) && (hour <= 12 || !is_kind(w, i + 1, WORD_SUBJECT));
}

/* "8am", "at 22:30": a time of day. */
size_t date_clock(struct work *w, size_t i) {
    struct str s = w->words[i].folded;
    size_t at = 0, next = i + 1;
    double hour, minute = 0;
    if (!digits_scan(s, &at, &hour) || hour > 24)
        return 0;
    bool colon = at < s.len && s.ptr[at] == ':';
    if (colon && (at++, !digits_scan(s, &at, &minute)))
        return 0;
    bool suffix = date_is_am(w, next) || (is_glue(w, next, GLUE_CLOCK) && is_joined(w, next));
    if (at != s.len || (!colon && !suffix))
        return 0;
    if (suffix && w->words[next].folded.ptr[0] == 'p' && hour < 12)
        hour += 12;
    next += suffix;
    double since = hour_of_day(w) - hour - minute / 60;
    if (i > 0 && (is_glue(w, i - 1, GLUE_SINCE) || is_glue(w, i - 1, GLUE_AT)))
        quantity_push_ago(w, i, next, since < 0 ? since + 24 : since, since < 0 ? 24 : 0);
    return next;
}

static bool is_day(double day, double month) { return day >= 1 && day <= 31 && month >= 1 && month <= 12; }

/* "20/12", "3.2.1980", "2025-12-20": the day first, where it can be. Without a year only behind "since", "on" or "from". */
size_t date_digits(struct work *w, size_t i) {
    struct str s = w->words[i].folded;
    double part[3] = {0};
    size_t at = 0, count = 0;
    for (; count < 3 && at < s.len; count++) {
        double v = 0;
        size_t from = at;
        for (; at < s.len && str_is_digit(s.ptr[at]) && at - from < 4; at++)
            v = v * 10 + (s.ptr[at] - '0');
        if (at == from || (at < s.len && s.ptr[at] != '/' && s.ptr[at] != '.' && s.ptr[at] != '-'))
            return 0;
        part[count] = v;
        at += at < s.len;
    }
    bool led = i > 0 && (is_glue(w, i - 1, GLUE_SINCE) || is_glue(w, i - 1, GLUE_ON));
    if (at < s.len || count < 2 || (count == 2 && !led))
        return 0;
    bool year_first = count == 3 && part[0] >= 1900;
    double year = year_first ? part[0] : part[2], day = part[year_first ? 2 : 0], month = part[1];
    if (!is_day(day, month)) {
        double swap = day;
        day = month;
        month = swap;
    }
    if (!is_day(day, month) || (count == 3 && year < 100 && year_first))
        return 0;
    int64_t this_year = year_of_days(today_of(w));
    if (count == 3 && year < 100)
        year += 2000 + (double)(int)year > (double)this_year ? 1900 : 2000;
    double days = count == 2 ? days_since_date(w, (int)month, (int)day)
                             : (double)(today_of(w) - civil_days((int64_t)year, (int)month, (int)day));
    if (days < 0 || (count == 3 && (year < 1900 || year > 2100)))
        return 0;
    if (count == 3 && days > 5 * 366 && w->count <= 2) { /* nothing but a date of long ago: a birthday */
        struct amount a = {0};
        amount_set(&a, (double)(int)(days / 365.25), (double)(int)(days / 365.25));
        quantity_push_range(w, QUANTITY_AGE, i, i + 1, &a, 1, PER_NONE);
        return i + 1;
    }
    return push_date(w, i, i + 1, days);
}

/* "Since the 12th": the latest such day of a month. Token i is the number, and "th" stands behind it. */
size_t date_nth(struct work *w, size_t i, double day) {
    size_t lead = i;
    while (lead > 0 && (is_glue(w, lead - 1, GLUE_THE) || is_kind(w, lead - 1, WORD_ABOUT)))
        lead--;
    bool led = lead > 0 && (is_glue(w, lead - 1, GLUE_SINCE) || (is_glue(w, lead - 1, GLUE_ON) && is_glue(w, i - 1, GLUE_THE)));
    size_t next = i + 2;
    bool month = is_kind(w, next, WORD_MONTH) || (is_glue(w, next, GLUE_OF) && is_kind(w, next + 1, WORD_MONTH));
    bool ends = is_end(w, next) || (is_kind(w, next, WORD_GLUE | WORD_SUBJECT | WORD_EMPTY) && !is_glue(w, next, GLUE_TIME));
    if (!led || month || day < 1 || day > 31 || !ends)
        return 0;
    int64_t today = today_of(w), year = year_of_days(today);
    int of = 12;
    while (of > 1 && civil_days(year, of, (int)day) > today)
        of--;
    int64_t then = civil_days(year, of, (int)day);
    if (then > today)
        then = civil_days(year - 1, 12, (int)day);
    return quantity_push_ago(w, i, next, (double)(today - then) * 24, (double)(today - then) * 24);
}

/* "Three Sundays ago". */
size_t date_weekdays(struct work *w, size_t i, size_t j, double count) {
    if (!is_glue(w, j + 1, GLUE_AGO) || count < 1 || count > 20)
        return 0;
    double days = days_since_weekday(w, (int)word_entry(w, j)->value) + 7 * (count - 1);
    return quantity_push_ago(w, i, j + 2, days * 24, days * 24);
}

/* "this morning", "last night", "yesterday evening": hours ago, by the hour of the day. */
static size_t push_daypart(struct work *w, size_t first, size_t next, double days, double hour) {
    if (days == 0)
        return quantity_push_ago(w, first, next, 0, 0);
    double hours = days * 24 + hour_of_day(w) - hour;
    return quantity_push_ago(w, first, next, hours, days * 24);
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
    return quantity_push_ago(w, first, next, days * 24, days * 24);
}

/* "last" before a weekday, a span or a part of the day: "last Tuesday", "last week", "last night", "the last 3 days". */
static size_t last_read(struct work *w, size_t i) {
    size_t j = i + 1;
    if (is_kind(w, j, WORD_WEEKDAY)) {
        double days = days_since_weekday(w, (int)word_entry(w, j)->value);
        if (i > 0 && is_kind(w, i - 1, WORD_SPAN)) /* "a week last Tuesday" */
            return 0;
        return quantity_push_ago(w, i, j + 1, days * 24, days * 24);
    }
    if (is_kind(w, j, WORD_DAYPART))
        return push_daypart(w, i, j + 1, 1, hour_of_part(w, j));
    if (is_glue(w, j, GLUE_WEEKEND))
        return quantity_push_ago(w, i, j + 1, 6.5 * 24, 6.5 * 24);
    if (is_kind(w, j, WORD_MONTH)) {
        double days = days_since_date(w, (int)word_entry(w, j)->value, 1);
        return quantity_push_ago(w, i, j + 1, days * 24, days * 24);
    }
    if (is_kind(w, j, WORD_SPAN)) {
        double hours = word_entry(w, j)->value;
        bool during = i > 0 && is_glue(w, i - 1, GLUE_THE);
        if (!during)
            return quantity_push_ago(w, i, j + 1, hours, hours);
        struct amount a = {.value = hours, .low = hours, .high = hours};
        quantity_push_range(w, QUANTITY_DURATION, i, j + 1, &a, 1, PER_NONE);
        return j + 1;
    }
    return 0;
}

/* "the evening before last", "the Friday before last". */
size_t date_before_last(struct work *w, size_t i) {
    if (!is_glue(w, i + 1, GLUE_BEFORE) || !is_glue(w, i + 2, GLUE_LAST))
        return 0;
    if (is_kind(w, i, WORD_WEEKDAY)) {
        double days = days_since_weekday(w, (int)word_entry(w, i)->value) + 7;
        return quantity_push_ago(w, i, i + 3, days * 24, days * 24);
    }
    if (is_kind(w, i, WORD_DAYPART))
        return push_daypart(w, i, i + 3, 2, hour_of_part(w, i));
    if (is_glue(w, i, GLUE_WEEKEND))
        return quantity_push_ago(w, i, i + 3, 13.5 * 24, 13.5 * 24);
    double hours = word_entry(w, i)->value * 2;
    return quantity_push_ago(w, i, i + 3, hours, hours);
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
    struct str day = w->words[i].folded;
    if (day.ptr[day.len - 1] == 's' && day.len > 6) /* "on Sundays" */
        return 0;
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
    return quantity_push_ago(w, first, next, days * 24, days * 24);
}

static bool day_of_month(const struct work *w, size_t i, int *day, size_t *next) {
    size_t at = 0;
    double v;
    if (i >= w->count || !digits_scan(w->words[i].folded, &at, &v) || at != w->words[i].folded.len || v < 1 || v > 31)
        return false;
    *day = (int)v;
    *next = is_glue(w, i + 1, GLUE_NTH) ? i + 2 : i + 1;
    return true;
}

/* The part of a span that the words before token i name: "the end of November", "mid January", "early this month". Gives its share of
 * the span, and sets *first to where it begins; below 0 for none. */
static double part_before(const struct work *w, size_t i, size_t *first) {
    static const struct {
        struct str word;
        double share;
    } parts[] = {{STR_INIT("end"), 1},         {STR_INIT("late"), 0.9},      {STR_INIT("mid"), 0.5},  {STR_INIT("middle"), 0.5},
                 {STR_INIT("early"), 0.1},     {STR_INIT("beginning"), 0.05}, {STR_INIT("start"), 0.05}};
    size_t at = i;
    for (; at > 0 && is_joined(w, at); at--) {
        enum glue g = word_glue(w, at - 1);
        if (g != GLUE_OF && g != GLUE_THE && g != GLUE_THIS && g != GLUE_LAST && g != GLUE_IN)
            break;
    }
    for (size_t k = 0; k < sizeof parts / sizeof *parts && at > 0 && w->words[at].before <= BEFORE_DASH; k++)
        if (str_equal(w->words[at - 1].folded, parts[k].word)) {
            *first = at - 1;
            return parts[k].share;
        }
    return -1;
}

/* "The beginning of the month", "the end of last year". */
static size_t part_of_span(struct work *w, size_t i) {
    double unit = word_entry(w, i)->value;
    size_t first = i;
    double share = unit == 720 || unit == 8760 ? part_before(w, i, &first) : -1;
    if (share < 0 || first + 1 == i)
        return 0;
    bool last = is_glue(w, i - 1, GLUE_LAST);
    int64_t today = today_of(w), year = year_of_days(today);
    int64_t since_new_year = today - civil_days(year, 1, 1);
    int month = 12;
    while (month > 1 && civil_days(year, month, 1) > today)
        month--;
    int64_t begin = unit == 8760 ? since_new_year : today - civil_days(year, month, 1);
    double length = unit / DAY_HOURS, days = (double)begin + (last ? length : 0) - share * length;
    if (days < 0)
        return 0;
    return quantity_push_ago(w, first, i + 1, days * 24, days * 24);
}

/* "november", "the 3rd of January", "Jan 12", "mid November". */
static size_t month_read(struct work *w, size_t i) {
    int month = (int)word_entry(w, i)->value, day = 1;
    size_t next = i + 1, first = i, end;
    double share = part_before(w, i, &first);
    if (share >= 0)
        day = 1 + (int)(share * 27);
    if (share < 0 && day_of_month(w, i + 1, &day, &end))
        next = end;
    size_t back = i > 0 && is_glue(w, i - 1, GLUE_OF) ? i - 1 : i;
    size_t nth = back > 0 && is_glue(w, back - 1, GLUE_NTH) ? back - 1 : back;
    if (share < 0 && nth > 0 && day_of_month(w, nth - 1, &day, &end) && end == back)
        first = nth - 1;
    bool word_is_verb = is_kind(w, i, WORD_VERB) || month == 3;
    if (first == i && next == i + 1 &&
        (!is_led(w, i) || (word_is_verb && (i == 0 || w->words[i].before >= BEFORE_COMMA))))
        return 0;
    double years = 0;
    struct amount a;
    if (amount_read_simple(w, next, &a) && a.digits && is_year(a.value)) {
        years = (double)(year_of_days(today_of(w)) - (int64_t)a.value);
        next = a.next;
    }
    while (w->quantity_count > 0 && w->quantities[w->quantity_count - 1].last >= first)
        w->quantity_count--;
    double days = years > 0
                      ? (double)(today_of(w) - civil_days(year_of_days(today_of(w)) - (int64_t)years, month, day))
                      : days_since_date(w, month, day);
    return push_date(w, first, next, days);
}

enum { SEASON_DAY = 15 }; /* seasons stand in the table by a day in their middle */

/* "Since the summer", "last autumn": a time. "In winter" is none. */
static bool is_season_led(const struct work *w, size_t i) {
    while (i > 0 && (is_glue(w, i - 1, GLUE_THE) || is_kind(w, i - 1, WORD_ABOUT)))
        i--;
    return i > 0 && (is_glue(w, i - 1, GLUE_SINCE) || is_glue(w, i - 1, GLUE_LAST));
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
    if (!is_led(w, i) || (date % 100 == SEASON_DAY && !is_season_led(w, i)))
        return 0;
    double days = days_since_date(w, date / 100, date % 100);
    return quantity_push_ago(w, i, next, days * 24, days * 24);
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
    return quantity_push_ago(w, i, next, days * 24, days * 24);
}

/* "this morning", "this week"; "all day", "all week". */
static size_t this_read(struct work *w, size_t i) {
    size_t j = i + 1;
    if (!is_joined(w, j))
        return 0;
    if (is_glue(w, i, GLUE_THIS)) {
        if (is_kind(w, j, WORD_DAYPART) && !is_kind(w, j, WORD_SPAN))
            return quantity_push_ago(w, i, j + 1, 0, 0);
        if (is_kind(w, j, WORD_WEEKDAY)) {
            double days = days_since_weekday(w, (int)word_entry(w, j)->value);
            return quantity_push_ago(w, i, j + 1, days * 24, days * 24);
        }
        if (is_glue(w, j, GLUE_WEEKEND))
            return quantity_push_ago(w, i, j + 1, 24, 24);
        return is_kind(w, j, WORD_SPAN) ? j + 1 : 0; /* "this week" tells no number */
    }
    size_t the = is_kind(w, j, WORD_SPAN) ? j : 0;
    if (the == 0)
        return 0;
    struct amount a = {.value = word_entry(w, the)->value};
    a.high = a.value; /* low 0: not said to be a length; only an answer to a question about one */
    quantity_push_range(w, QUANTITY_DURATION, i, the + 1, &a, 1, PER_NONE);
    if (w->quantity_count > 0)
        w->quantities[w->quantity_count - 1].vague = true;
    return the + 1;
}

/* "A crown on Monday, and it has twitched ever since": the time that was told. */
static size_t since_then(struct work *w, size_t i) {
    bool then = is_glue(w, i + 1, GLUE_THAT) || is_glue(w, i + 1, GLUE_BECAUSE);
    if (!str_equal(w->words[i].folded, STR("since")) || w->quantity_count == 0 || !is_end(w, i + 1 + then))
        return 0;
    const struct quantity *told = &w->quantities[w->quantity_count - 1];
    if (told->kind != QUANTITY_AGO || w->tokens[told->first].sentence + 1 < w->tokens[i].sentence)
        return 0;
    double hours = told->value, low = told->low, high = told->high;
    size_t next = quantity_push_ago(w, i, i + 1 + then, hours, hours);
    w->quantities[w->quantity_count - 1].low = low;
    w->quantities[w->quantity_count - 1].high = high;
    return next;
}

/* "since lunch", "at breakfast", "since I woke up", "since the weekend". */
static size_t since_read(struct work *w, size_t i) {
    size_t j = i + 1;
    while (is_glue(w, j, GLUE_THE) || is_kind(w, j, WORD_ABOUT | WORD_SUBJECT))
        j++;
    if (is_kind(w, j, WORD_DAYPART) && !is_kind(w, j, WORD_SPAN) && is_joined(w, j) && !is_glue(w, j + 1, GLUE_BEFORE))
        return quantity_push_ago(w, i, j + 1, 0, 0);
    if (is_glue(w, i, GLUE_SINCE) &&
        (is_glue(w, j, GLUE_WAKING) || (is_kind(w, j, WORD_BE) && j + 1 < w->count &&
                                        (str_equal(w->words[j + 1].folded, STR("up")) || is_glue(w, j + 1, GLUE_OUT)))))
        return quantity_push_ago(w, i, j + 1, 0, 0);
    if (is_glue(w, j, GLUE_WEEKEND))
        return quantity_push_ago(w, i, j + 1, 6.5 * 24, 6.5 * 24);
    return since_then(w, i);
}

static size_t glue_read(struct work *w, size_t i) {
    switch (word_glue(w, i)) {
    case GLUE_LAST:
        return last_read(w, i);
    case GLUE_THIS:
    case GLUE_ALL:
        return this_read(w, i);
    case GLUE_NEW:
        return new_year_read(w, i);
    case GLUE_SINCE:
    case GLUE_AT:
    case GLUE_ON:
    case GLUE_OVER:
        return since_read(w, i);
    default:
        return 0;
    }
}

size_t date_read(struct work *w, size_t i) {
    uint32_t kinds = word_kinds(w, i);
    size_t next = 0;
    if (kinds & WORD_DAY)
        next = day_read(w, i);
    if (next == 0 && kinds & WORD_WEEKDAY)
        next = weekday_read(w, i);
    if (next == 0 && kinds & WORD_MONTH)
        next = month_read(w, i);
    if (next == 0 && kinds & WORD_SPAN)
        next = part_of_span(w, i);
    if (next == 0 && kinds & WORD_FEAST)
        next = feast_read(w, i);
    if (next == 0 && kinds & WORD_GLUE)
        next = glue_read(w, i);
    return next;
}
