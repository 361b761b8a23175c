/* Which items of a list a message picks, and how: "1 and 3", "the last two", "no to the first, yes to the second, not sure about the third".
 *
 * Items stand in groups; a yes, a no or a doubt before a group or right behind it is that group's. Without one it is chosen. The message
 * must hold nothing else, or begin with choices that are clear ("the second one, since yesterday"). */
#include "text/choices.h"

#include "text/vocabulary.h"

#define CHOICES_MAX CHOICES_FROM_START

enum verdict { VERDICT_OPEN, VERDICT_YES, VERDICT_NO, VERDICT_UNSURE };

struct choice {
    unsigned group;       /* the items of the group that is being read */
    unsigned latest;      /* those of the group before it */
    unsigned by[4];       /* by enum verdict, of the groups that are done */
    enum verdict lead;    /* said before the group */
    bool led;             /* by "no to", "yes to", "not sure about": it holds over commas */
    enum verdict settled; /* what the latest group got */
    bool marked;          /* "the second one", "number 2": clear whatever follows */
    bool numbers;         /* bare digits or number words */
    bool letters;
};

static bool is_edge(const struct work *w, size_t i) {
    return i == 0 || i >= w->count || w->words[i].before >= BEFORE_BRACKET || w->words[i].edge != EDGE_NONE;
}

static bool digit_choice(struct str s, unsigned *n) {
    unsigned v = 0;
    if (s.len == 0 || s.len > 2)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *n = v;
    return v >= 1 && v <= CHOICES_MAX;
}

static bool is_word(const struct work *w, size_t i, struct str word) {
    return i < w->count && str_equal(w->words[i].folded, word);
}

/* "Only one", "all but one": a number of items, and none of theirs. */
static bool is_how_many(const struct work *w, size_t i) {
    for (size_t c = 0; c < w->cue_count && w->cues[c].first < i; c++)
        if (w->cues[c].last + 1u == i && (w->cues[c].phrase == CUE_ONLY || w->cues[c].phrase == CUE_EXCEPT))
            return word_entry(w, i)->value == 1;
    return false;
}

/* "the middle one" and "all three" are no numbers of a list. */
static bool may_choose(const struct work *w, size_t i) {
    if (is_how_many(w, i))
        return false;
    bool alone = i == 0 || is_glue(w, i - 1, GLUE_NUMBER) || is_glue(w, i - 1, GLUE_AND) || is_glue(w, i - 1, GLUE_TO) ||
                 w->words[i].before != BEFORE_NOTHING || w->tokens[i - 1].flags & TOKEN_CUE;
    return alone && !(w->tokens[i].flags & TOKEN_CUE);
}

/* How many are meant: "the last two", "the first three", "the middle two"; 1 without a number. */
static unsigned few_at(const struct work *w, size_t i, size_t *next) {
    unsigned n = 1;
    double value = is_kind(w, i, WORD_ONES) ? word_entry(w, i)->value : is_kind(w, i, WORD_AMOUNT) ? 2 : 0;
    if (value >= 2 && value <= CHOICES_FROM_END)
        n = (unsigned)value;
    else if (i >= w->count || w->words[i].before != BEFORE_NOTHING || !digit_choice(w->words[i].folded, &n) ||
             n < 2 || n > CHOICES_FROM_END)
        n = 1;
    *next = n > 1 ? i + 1 : i;
    return n;
}

/* Whether the token is of a cue that speaks of the rest itself, as "no to the other two" does: it picks nothing. */
static bool is_of_only(const struct work *w, size_t i) {
    for (size_t c = 0; c < w->cue_count; c++)
        if (w->cues[c].phrase == CUE_ONLY && w->cues[c].first <= i && i <= w->cues[c].last)
            return true;
    return false;
}

/* "The rest", "others", "the other two", "other 2". */
static bool is_rest(const struct work *w, size_t i) {
    size_t next;
    return is_word(w, i, STR("rest")) || is_word(w, i, STR("others")) ||
           (is_word(w, i, STR("other")) && (is_glue(w, i + 1, GLUE_ONE) || is_kind(w, i + 1, WORD_ONES) || few_at(w, i + 1, &next) > 1));
}

/* "The last two", "the first three", "the middle one", "the last but one", "the rest". Gives the token behind, or 0. */
static size_t stretch_read(const struct work *w, size_t i, struct choice *c) {
    size_t next = i + 1;
    if (is_kind(w, i, WORD_ORDINAL) && word_entry(w, i)->value == 1) {
        unsigned n = few_at(w, i + 1, &next);
        if (n < 2)
            return 0;
        c->group |= (1u << n) - 1;
    } else if (is_word(w, i, STR("last")) || is_word(w, i, STR("bottom"))) {
        unsigned n = few_at(w, i + 1, &next);
        bool but = is_word(w, next, STR("but")) && is_kind(w, next + 1, WORD_ONES) && word_entry(w, next + 1)->value == 1;
        if (n < 2 && !but)
            return 0;
        c->group |= but ? 1u << (CHOICE_LAST + 1) : ((1u << n) - 1) << CHOICE_LAST;
        next += but ? 2 : 0;
    } else if (is_word(w, i, STR("middle"))) {
        unsigned n = few_at(w, i + 1, &next);
        if (n > 2)
            return 0;
        c->group |= 1u << (n == 2 ? CHOICE_MIDDLE_TWO : CHOICE_MIDDLE);
    } else if (is_rest(w, i)) {
        few_at(w, next, &next);
        c->group |= 1u << CHOICE_REST;
    } else {
        return 0;
    }
    c->marked = true;
    if (is_glue(w, next, GLUE_ONE) || is_kind(w, next, WORD_ONES))
        next++;
    return next;
}

/* One item at i; gives the token behind it, or 0. */
static size_t item_read(const struct work *w, size_t i, struct choice *c) {
    unsigned n = 0;
    bool numbered = is_glue(w, i, GLUE_NUMBER);
    if (numbered)
        i++;
    if (i >= w->count || is_kind(w, i + 1, WORD_SPAN))
        return 0; /* "two years ago" picks nothing */
    struct str s = w->words[i].folded;
    size_t next = i + 1;
    if (digit_choice(s, &n)) {
        if (w->tokens[i].flags & TOKEN_CUE) /* "all 3" */
            return 0;
        c->numbers = true;
        if (is_glue(w, next, GLUE_NTH))
            next++, c->marked = true;
    } else if (is_kind(w, i, WORD_ONES) && may_choose(w, i) && word_entry(w, i)->value >= 1 &&
               word_entry(w, i)->value <= CHOICES_MAX) {
        n = (unsigned)word_entry(w, i)->value;
        c->numbers = true;
    } else if (is_kind(w, i, WORD_ORDINAL)) {
        n = (unsigned)word_entry(w, i)->value;
        if (is_glue(w, next, GLUE_TIME))
            return 0;
        c->marked |= is_kind(w, next, WORD_ONES) || is_glue(w, next, GLUE_ONE) || is_edge(w, next) ||
                     is_glue(w, next, GLUE_AND) || is_glue(w, next, GLUE_OR) || w->tokens[next].flags & TOKEN_CUE;
    } else if (is_word(w, i, STR("last")) || (is_word(w, i, STR("bottom")) && is_kind(w, next, WORD_ONES))) {
        n = CHOICE_LAST + 1;
        c->marked |= is_kind(w, next, WORD_ONES) || is_edge(w, next) || w->tokens[next].flags & TOKEN_CUE;
    } else if (is_word(w, i, STR("top")) && is_kind(w, next, WORD_ONES)) {
        n = 1;
        c->marked = true;
    } else if (s.len == 1 && s.ptr[0] >= 'a' && s.ptr[0] <= 'h' &&
               (numbered || is_edge(w, next) || is_glue(w, next, GLUE_AND) || w->tokens[next].flags & TOKEN_CUE)) {
        n = (unsigned)(s.ptr[0] - 'a') + 1;
        c->letters = true;
    } else {
        return 0;
    }
    c->marked |= numbered;
    c->group |= 1u << (n - 1);
    if ((is_kind(w, next, WORD_ONES) && word_entry(w, next)->value == 1 && !c->numbers) || is_glue(w, next, GLUE_ONE))
        next++;
    return next;
}

static void group_ends(struct choice *c, enum verdict behind) {
    if (c->group == 0)
        return;
    enum verdict v = behind != VERDICT_OPEN ? behind : c->lead != VERDICT_OPEN ? c->lead : VERDICT_YES;
    c->by[v] |= c->group;
    c->latest = c->group;
    c->settled = v;
    c->group = 0;
}

/* "The second, I think": the doubt behind a comma is the latest group's. */
static void put_in_doubt(struct choice *c) {
    c->by[c->settled] &= ~c->latest;
    c->by[VERDICT_UNSURE] |= c->latest;
    c->latest = 0;
}

static enum verdict verdict_at(const struct work *w, size_t i, size_t *next) {
    enum verdict v = VERDICT_OPEN;
    if (is_glue(w, i, GLUE_NOT)) /* "not the first", which elsewhere denies nothing */
        v = VERDICT_NO, *next = i + 1;
    for (size_t c = 0; c < w->cue_count && w->cues[c].first <= i; c++) {
        const struct hit *cue = &w->cues[c];
        if (cue->first != i)
            continue;
        enum verdict this = cue->phrase == CUE_YES                                      ? VERDICT_YES
                            : cue->phrase == CUE_DOUBT || cue->phrase == CUE_UNSURE      ? VERDICT_UNSURE
                            : cue->phrase == CUE_DENY || cue->phrase == CUE_NO || cue->phrase == CUE_NONE ? VERDICT_NO
                                                                                         : VERDICT_OPEN;
        if (this > v)
            v = this;
        if (this != VERDICT_OPEN && (size_t)cue->last + 1 > *next)
            *next = (size_t)cue->last + 1;
    }
    for (size_t c = 0; c < w->cue_count && w->cues[c].first < *next; c++) /* "I can't" in "I can't say for the first" */
        if (w->cues[c].phrase == CUE_UNSURE && w->cues[c].first > i && w->cues[c].last >= *next)
            v = VERDICT_UNSURE, *next = w->cues[c].last + 1u;
    return v;
}

/* A yes, no or doubt at i. Gives the token behind it, or 0. */
static size_t verdict_read(const struct work *w, size_t i, struct choice *c) {
    size_t next = 0;
    enum verdict v = verdict_at(w, i, &next);
    if (v == VERDICT_OPEN || is_kind(w, i, WORD_ORDINAL | WORD_ONES))
        return 0;
    bool to = is_glue(w, next, GLUE_TO) || is_glue(w, next, GLUE_OF) || is_glue(w, next, GLUE_FOR) || is_glue(w, next, GLUE_ON) || is_word(w, next, STR("about"));
    if (c->group != 0 && !to && (c->lead == VERDICT_OPEN || is_edge(w, next))) { /* "1 no" */
        group_ends(c, v);
        c->lead = VERDICT_OPEN;
        return next;
    }
    group_ends(c, VERDICT_OPEN);
    if (is_edge(w, next)) { /* "no, the second": an answer of its own */
        if (v == VERDICT_UNSURE && c->latest != 0)
            put_in_doubt(c);
        c->lead = VERDICT_OPEN;
    } else {
        c->lead = v;
        c->led = to || (v == VERDICT_UNSURE && !is_kind(w, i, WORD_ABOUT)) || is_word(w, i, STR("neither"));
    }
    return next;
}

static bool has_or(const struct work *w, size_t i) {
    for (; i < w->count && w->words[i].before < BEFORE_STOP; i++)
        if (is_glue(w, i, GLUE_OR))
            return true;
    return false;
}

static bool says_nothing(const struct work *w, size_t i) {
    enum glue g = word_glue(w, i);
    return g == GLUE_THE || g == GLUE_TO || g == GLUE_AND || g == GLUE_OR || g == GLUE_FOR || g == GLUE_OF || g == GLUE_ON ||
           is_how_many(w, i) || is_word(w, i, STR("them")) || is_word(w, i, STR("those")) || is_kind(w, i, WORD_ABOUT) ||
           (w->tokens[i].flags & TOKEN_CUE && !is_kind(w, i, WORD_ORDINAL | WORD_ONES)) ||
           (is_kind(w, i, WORD_SUBJECT | WORD_BE | WORD_SAY) && !is_kind(w, i, WORD_FIRST)) ||
           (w->tokens[i].flags & TOKEN_FILLER && !is_kind(w, i, WORD_ARTICLE) && w->words[i].folded.len > 1);
}

/* "1) no", "2. yes", "the third - maybe", "the first, no, the second, yes": the answer stands behind the mark. */
static bool is_answered_behind(const struct work *w, size_t i) {
    size_t next = 0;
    if (verdict_at(w, i, &next) == VERDICT_OPEN)
        return false;
    bool mark = w->words[i].before <= BEFORE_DASH || w->words[i].before == BEFORE_STOP;
    return w->words[i].before <= BEFORE_STOP && (is_edge(w, next) || (mark && digit_choice(w->words[next].folded, &(unsigned){0})));
}

/* Where the walk over the choices ends. */
static size_t walk(const struct work *w, struct choice *c) {
    size_t i = 0;
    while (i < w->count) {
        if (i > 0 && is_edge(w, i) && !(c->group && is_answered_behind(w, i))) {
            group_ends(c, VERDICT_OPEN);
            if (w->words[i].before >= BEFORE_STOP || !(c->led || has_or(w, i)))
                c->lead = VERDICT_OPEN;
        }
        size_t next = is_of_only(w, i) ? i + 1 : stretch_read(w, i, c);
        if (next == 0)
            next = item_read(w, i, c);
        if (next == 0)
            next = verdict_read(w, i, c);
        if (next == 0 && !says_nothing(w, i))
            break;
        i = next > 0 ? next : i + 1;
    }
    group_ends(c, VERDICT_OPEN);
    return i;
}

/* "b", "a and c": a letter that stands alone; see item_read(). */
static bool may_be_letter(const struct work *w, size_t i) {
    struct str s = w->words[i].folded;
    return s.len == 1 && s.ptr[0] >= 'a' && s.ptr[0] <= 'h' &&
           (is_edge(w, i + 1) || is_glue(w, i + 1, GLUE_AND) || w->tokens[i + 1].flags & TOKEN_CUE);
}

static bool is_picking_word(struct str word) {
    static const struct str words[] = {STR_INIT("bottom"), STR_INIT("last"), STR_INIT("middle"), STR_INIT("other"),
                                       STR_INIT("others"), STR_INIT("rest"), STR_INIT("top")};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (str_equal(word, words[k]))
            return true;
    return false;
}

bool choices_pick_by(struct str word) {
    bool letter = word.len == 1 && word.ptr[0] > 'a' && word.ptr[0] <= 'h'; /* "a" is an article, and everywhere */
    return letter || is_picking_word(word);
}

/* Whether there is a word at all that picks. */
static bool may_pick(const struct work *w) {
    if (w->any_digits || w->kinds & (WORD_ONES | WORD_ORDINAL) || any_glue(w, glue_bit(GLUE_NUMBER)))
        return true;
    if (!(w->flags & FORM_PICKS) && !(w->kinds & WORD_ARTICLE))
        return false;
    for (size_t i = 0; i < w->count; i++)
        if (may_be_letter(w, i) || (w->flags & FORM_PICKS && is_picking_word(w->words[i].folded)))
            return true;
    return false;
}

void choices_read(struct work *w) {
    struct choice c = {0};
    if (!may_pick(w))
        return;
    size_t end = walk(w, &c);
    bool whole = end >= w->count && (c.marked || c.numbers || c.letters);
    bool cut = end < w->count && w->words[end].before >= BEFORE_BRACKET && c.marked && !c.letters;
    if (!whole && !cut)
        return;
    w->out->chosen = c.by[VERDICT_YES];
    w->out->refused = c.by[VERDICT_NO];
    w->out->doubted = c.by[VERDICT_UNSURE];
}
