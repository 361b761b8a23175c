/* Private to text/: what the readers of quantities share. Each reads what begins at token i and gives the token behind it, or 0. */
#ifndef TEXT_NUMBERS_H
#define TEXT_NUMBERS_H

#include "text/words.h"

enum { DAY_HOURS = 24 };

struct amount {
    double value, low, high;
    size_t next;   /* the token behind it */
    bool digits;   /* written in digits */
    bool lone_one; /* the word "one", which is a pronoun more often than a number */
    bool article;  /* "a", "an": a number only before a unit */
    bool part;     /* "half": a number only before a unit or an article */
    bool score;    /* "8/10" */
};

/* Nothing but a blank stands before token i. */
static inline bool is_joined(const struct work *w, size_t i) {
    return i < w->count && w->words[i].before == BEFORE_NOTHING;
}
static inline bool is_end(const struct work *w, size_t i) {
    return i >= w->count || w->words[i].before > BEFORE_NOTHING;
}
static inline bool is_year(double v) { return v >= 1900 && v <= 2100 && v == (double)(int)v; }

/* --- amounts.c --- */

/* The number at s[*at]: "12", "1,200", "0.5". False for more digits than any sensible amount has. */
bool digits_scan(struct str s, size_t *at, double *value);
/* From low to high, in either order; the value is in the middle. */
bool amount_set(struct amount *a, double low, double high);
/* Without what may follow it. */
bool amount_read_simple(const struct work *w, size_t i, struct amount *a);
/* With what may follow: ranges, "and a half", "ish", "or so", "out of 10". */
bool amount_read(const struct work *w, size_t i, struct amount *a);
/* "and a half" at i: its value, and where it ends; 0 for none. */
double amount_and_part(const struct work *w, size_t i, size_t *next);

/* --- numbers.c --- */

/* A new quantity over tokens first ... next - 1; NULL when there are too many. */
struct quantity *quantity_push(struct work *w, enum quantity_kind kind, size_t first, size_t next);
void quantity_push_range(struct work *w, enum quantity_kind kind, size_t first, size_t next, const struct amount *a,
                         double factor, enum per per);

/* --- dates.c --- */

/* How long ago, in hours; day_hours is the span in whole days of the calendar, which is what a number of days means by it. Gives next. */
size_t quantity_push_ago(struct work *w, size_t first, size_t next, double hours, double day_hours);
size_t date_read(struct work *w, size_t i);
/* Token i is the "am" of a time: "4am I woke up", but "I am 45 am I too old". */
bool date_is_am(const struct work *w, size_t i);
/* "8am", "22:30". */
size_t date_clock(struct work *w, size_t i);
/* "in 2019", whose year is a. */
size_t date_year(struct work *w, size_t i, const struct amount *a);
/* "20/12/2025", "since 3/1". */
size_t date_digits(struct work *w, size_t i);
/* "since the 12th", whose number is token i. */
size_t date_nth(struct work *w, size_t i, double day);
/* "three Sundays ago", whose day is token j. */
size_t date_weekdays(struct work *w, size_t i, size_t j, double count);
/* "the evening before last". */
size_t date_before_last(struct work *w, size_t i);

#endif
