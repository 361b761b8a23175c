/* Numbers in digits and words: "1,200", "forty two", "a couple", "half a dozen", "5-6", "8 out of 10". */
#include "text/numbers.h"

#include <string.h>

/* The number at s[*at]: "12", "1,200", "0.5". False for more digits than any sensible amount has. */
bool digits_scan(struct str s, size_t *at, double *value) {
    double v = 0;
    size_t i = *at, digits = 0;
    for (; i < s.len; i++) {
        if (str_is_digit(s.ptr[i])) {
            v = v * 10 + (s.ptr[i] - '0');
            digits++;
        } else if (s.ptr[i] != ',' || i + 3 >= s.len || !str_is_digit(s.ptr[i + 1]) || !str_is_digit(s.ptr[i + 2]) ||
                   !str_is_digit(s.ptr[i + 3])) {
            break;
        }
    }
    if (digits == 0 || digits > 7)
        return false;
    if (i + 1 < s.len && (s.ptr[i] == '.' || s.ptr[i] == ',') && str_is_digit(s.ptr[i + 1])) {
        double scale = 0.1;
        for (i++; i < s.len && str_is_digit(s.ptr[i]); i++, scale /= 10)
            v += scale * (s.ptr[i] - '0');
    }
    *at = i;
    *value = v;
    return true;
}

bool amount_set(struct amount *a, double low, double high) {
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
    if (!digits_scan(s, &at, &first))
        return false;
    a->digits = true;
    a->next = i + 1;
    if (at == s.len)
        return amount_set(a, first, first);
    char joint = s.ptr[at++];
    if ((joint != '/' && joint != '-') || !digits_scan(s, &at, &second) || at != s.len)
        return false;
    if (joint == '/') {
        if (first <= second && (second == 10 || second == 100)) {
            a->score = true;
            return amount_set(a, first * 10 / second, first * 10 / second);
        }
        if (first < second && (second == 2 || second == 4) && is_joined(w, i + 1) &&
            is_kind(w, i + 1, WORD_SPAN | WORD_ARTICLE))
            return amount_set(a, first / second, first / second);
        if (second - first > 5 || second <= first)
            return false;
    } else if (second < first) {
        return false;
    }
    return amount_set(a, first, second);
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
    return amount_set(a, total + group, total + group);
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
            return amount_set(a, factor, factor);
        }
    } else if (is_kind(w, at, WORD_ARTICLE)) {
        at++;
        if (is_kind(w, at, WORD_PART) && !is_glue(w, at + 1, GLUE_OF)) { /* "a half hour" */
            a->next = at + 1;
            a->part = true;
            return amount_set(a, word_entry(w, at)->value, word_entry(w, at)->value);
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
    return amount_set(a, factor, factor);
}

bool amount_read_simple(const struct work *w, size_t i, struct amount *a) {
    memset(a, 0, sizeof *a);
    if (i >= w->count)
        return false;
    struct str s = w->words[i].folded;
    if (s.len > 0 && str_is_digit(s.ptr[0]))
        return digits_read(w, i, a);
    uint32_t kinds = word_kinds(w, i);
    if (kinds & (WORD_PART | WORD_AMOUNT | WORD_ARTICLE) && vague_read(w, i, a))
        return true;
    if (kinds & (WORD_ONES | WORD_TENS | WORD_ARTICLE) && words_read(w, i, a)) {
        if (is_kind(w, a->next, WORD_AMOUNT) && is_joined(w, a->next) &&
            word_entry(w, a->next)->value == 12) { /* "two dozen" */
            amount_set(a, a->value * 12, a->value * 12);
            a->next++;
        }
        return true;
    }
    if (kinds & WORD_ARTICLE) {
        a->article = true;
        a->next = i + 1;
        return amount_set(a, 1, 1);
    }
    return false;
}

/* "and a half", "and a quarter" at i: its value, and where it ends. */
double amount_and_part(const struct work *w, size_t i, size_t *next) {
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
bool amount_read(const struct work *w, size_t i, struct amount *a) {
    if (!amount_read_simple(w, i, a))
        return false;
    if (a->article)
        return true;
    size_t next = 0;
    double part = a->part ? 0 : amount_and_part(w, a->next, &next);
    if (part > 0) {
        amount_set(a, a->low + part, a->high + part);
        a->next = next;
        a->lone_one = false;
    }
    size_t j = a->next;
    struct amount b;
    bool dash = j < w->count && w->words[j].before == BEFORE_DASH;
    bool joint = (is_glue(w, j, GLUE_TO) || is_glue(w, j, GLUE_OR)) && is_joined(w, j);
    bool between = is_glue(w, j, GLUE_AND) && i > 0 && is_glue(w, i - 1, GLUE_BETWEEN);
    if (!a->part && (dash || joint || between) && amount_read_simple(w, dash ? j : j + 1, &b) && !b.article &&
        !b.part && (b.high > a->low || is_glue(w, j, GLUE_OR)) && b.digits == a->digits) {
        double more = amount_and_part(w, b.next, &next);
        amount_set(a, a->low, b.high + more);
        a->next = more > 0 ? next : b.next;
        a->lone_one = false;
        j = a->next;
    } else if (is_glue(w, j, GLUE_OUT) && is_glue(w, j + 1, GLUE_OF) && amount_read_simple(w, j + 2, &b) &&
               (b.value == 10 || b.value == 100)) {
        amount_set(a, a->low * 10 / b.value, a->high * 10 / b.value);
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
