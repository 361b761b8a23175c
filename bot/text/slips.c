#include "text/slips.h"

#include <stdlib.h>
#include <string.h>

#include "text/fold.h"

enum {
    WORD_LEN_MAX = 24,    /* of words that are mended */
    SHORT_TARGET_LEN = 3, /* only a letter too many of the same is mended into a word as short as this */
    SHORT_LEN = 4,        /* the shortest word that is mended */
    TWO_EDITS_LEN = 8,    /* from here on two edits are looked for */
    CANDIDATES_MAX = 96,  /* looked at for one word */

    /* What a slip weighs. One edit is 10 to 14, two are 20 to 28. */
    WEIGHT_SWAP = 10,
    WEIGHT_DOUBLE = 10, /* a letter doubled, or a double letter single */
    WEIGHT_NEAR_KEY = 11,
    WEIGHT_VOWEL = 12,  /* another vowel, or one left out */
    WEIGHT_LETTER = 13, /* a letter left out, or one too many */
    WEIGHT_OTHER = 14,  /* another letter altogether */
    WEIGHT_TWO_MAX = 26,
    WEIGHT_NONE = 100,
};

/* Keys that touch on a QWERTY keyboard, to the right and below; the other way round is looked up too. */
static const char *const beside[26] = {
    ['q' - 'a'] = "wa",  ['w' - 'a'] = "esa", ['e' - 'a'] = "rds", ['r' - 'a'] = "tfd", ['t' - 'a'] = "ygf",
    ['y' - 'a'] = "uhg", ['u' - 'a'] = "ijh", ['i' - 'a'] = "okj", ['o' - 'a'] = "plk", ['p' - 'a'] = "l",
    ['a' - 'a'] = "sz",  ['s' - 'a'] = "dxz", ['d' - 'a'] = "fcx", ['f' - 'a'] = "gvc", ['g' - 'a'] = "hbv",
    ['h' - 'a'] = "jnb", ['j' - 'a'] = "kmn", ['k' - 'a'] = "lm",  ['l' - 'a'] = "",    ['z' - 'a'] = "x",
    ['x' - 'a'] = "c",   ['c' - 'a'] = "v",   ['v' - 'a'] = "b",   ['b' - 'a'] = "n",   ['n' - 'a'] = "m",
    ['m' - 'a'] = "",
};

static bool keys_touch(char a, char b) { return strchr(beside[a - 'a'], b) || strchr(beside[b - 'a'], a); }

static bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }

static bool only_letters(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 'a' || s.ptr[i] > 'z')
            return false;
    return s.len > 0;
}

static struct str target_text(const struct vocabulary *v, uint32_t target) {
    return target & TARGET_IS_STEM ? stem_text(v, target & ~TARGET_IS_STEM) : form_text(v, target);
}

/* --- The index --- */

/* Calls visit for every delete of a word: the word itself, then without one letter, then without two. Equal ones next to each other are
 * visited once. */
typedef void visit_fn(void *user, uint32_t hash);

static void visit_without(struct str word, size_t from, unsigned deletes, visit_fn *visit, void *user) {
    visit(user, fold_hash(word.ptr, word.len)); /* word.ptr is a padded copy */
    if (deletes == 0)
        return;
    for (size_t i = from; i < word.len; i++) {
        if (i > from && word.ptr[i] == word.ptr[i - 1])
            continue;
        char shorter[WORD_LEN_MAX + FOLD_SLACK] = {0};
        memcpy(shorter, word.ptr, i);
        memcpy(shorter + i, word.ptr + i + 1, word.len - i - 1);
        visit_without((struct str){shorter, word.len - 1}, i, deletes - 1, visit, user);
    }
}

static void visit_deletes(struct str word, unsigned deletes, visit_fn *visit, void *user) {
    char padded[WORD_LEN_MAX + FOLD_SLACK] = {0};
    memcpy(padded, word.ptr, word.len);
    visit_without((struct str){padded, word.len}, 0, deletes, visit, user);
}

static unsigned target_deletes(size_t len) { return len >= TWO_EDITS_LEN ? 2 : len > SHORT_TARGET_LEN ? 1 : 0; }

static void count_delete(void *user, uint32_t hash) {
    (void)hash;
    ++*(size_t *)user;
}

struct filling {
    struct slips *s;
    uint32_t target; /* place + 1 */
};

static uint32_t slot_of(uint32_t place, uint32_t hash) { return place << 8 | hash >> 24; }

static void put_delete(void *user, uint32_t hash) {
    struct filling *f = user;
    uint32_t at = hash & f->s->mask;
    while (f->s->slots[at])
        at = (at + 1) & f->s->mask;
    f->s->slots[at] = slot_of(f->target, hash);
}

static bool is_target(const struct form *form, struct str text) {
    if (text.len < SHORT_TARGET_LEN || text.len > WORD_LEN_MAX || !only_letters(text))
        return false;
    if (form->flags & FORM_EXPANDS)
        return text.len >= 6; /* "doesnt", but "want" is no slip for "wont" */
    return form->flags & FORM_TARGET;
}

/* Forms first, then the stems that are no form themselves. */
static size_t list_targets(const struct vocabulary *v, uint32_t *targets) {
    size_t count = 0;
    for (uint32_t i = 1; i < v->form_count; i++)
        if (is_target(&v->forms[i], form_text(v, i)))
            targets[count++] = i;
    for (uint32_t i = 1; i < v->stem_count; i++) {
        struct str text = stem_text(v, i);
        bool wanted = v->stems[i].flags & (FORM_CONTENT | FORM_CUE) && text.len >= SHORT_LEN &&
                      text.len <= WORD_LEN_MAX;
        if (wanted && only_letters(text))
            targets[count++] = i | TARGET_IS_STEM;
    }
    return count;
}

bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a) {
    uint32_t *targets = calloc(words->form_count + words->stem_count + 1, sizeof *targets);
    if (!targets)
        return false;
    s->target_count = list_targets(words, targets);
    s->targets = ARENA_ARRAY(a, uint32_t, s->target_count + 1);
    size_t deletes = 0, slots = 64;
    for (size_t i = 0; i < s->target_count; i++) {
        struct str text = target_text(words, targets[i]);
        visit_deletes(text, target_deletes(text.len), count_delete, &deletes);
    }
    while (slots * 3 < deletes * 4)
        slots *= 2;
    s->slots = ARENA_ARRAY(a, uint32_t, slots);
    s->mask = (uint32_t)(slots - 1);
    bool ok = s->targets && s->slots && s->target_count < UINT32_MAX >> 8;
    for (size_t i = 0; ok && i < s->target_count; i++) {
        s->targets[i] = targets[i];
        struct filling f = {s, (uint32_t)(i + 1)};
        struct str text = target_text(words, targets[i]);
        visit_deletes(text, target_deletes(text.len), put_delete, &f);
    }
    free(targets);
    return ok;
}

/* --- Weighing --- */

static unsigned weigh_other(char typed, char meant) {
    if (typed == meant)
        return 0;
    if (keys_touch(typed, meant))
        return WEIGHT_NEAR_KEY;
    return is_vowel(typed) && is_vowel(meant) ? WEIGHT_VOWEL : WEIGHT_OTHER;
}

/* typed[i] is one too many. */
static unsigned weigh_extra(struct str typed, size_t i) {
    bool doubled = (i > 0 && typed.ptr[i - 1] == typed.ptr[i]) ||
                   (i + 1 < typed.len && typed.ptr[i + 1] == typed.ptr[i]);
    return doubled ? WEIGHT_DOUBLE : WEIGHT_LETTER;
}

/* meant[j] was left out. */
static unsigned weigh_missing(struct str meant, size_t j) {
    bool doubled = (j > 0 && meant.ptr[j - 1] == meant.ptr[j]) ||
                   (j + 1 < meant.len && meant.ptr[j + 1] == meant.ptr[j]);
    return doubled ? WEIGHT_DOUBLE : is_vowel(meant.ptr[j]) ? WEIGHT_VOWEL : WEIGHT_LETTER;
}

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Optimal string alignment; cells more than two off the diagonal cannot matter. */
static unsigned weigh(struct str typed, struct str meant) {
    unsigned rows[3][WORD_LEN_MAX + 2];
    for (size_t i = 0; i <= typed.len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        size_t from = i > 2 ? i - 2 : 0, to = i + 2 < meant.len ? i + 2 : meant.len;
        for (size_t j = from; j <= to; j++) {
            unsigned best = i == 0 && j == 0 ? 0 : WEIGHT_NONE;
            if (i > 0 && j > 0)
                best = least(best, above[j - 1] + weigh_other(typed.ptr[i - 1], meant.ptr[j - 1]));
            if (i > 0 && j < i + 2) /* above[j] is in its row's band */
                best = least(best, above[j] + weigh_extra(typed, i - 1));
            if (j > from)
                best = least(best, row[j - 1] + weigh_missing(meant, j - 1));
            if (i > 1 && j > 1 && typed.ptr[i - 1] == meant.ptr[j - 2] && typed.ptr[i - 2] == meant.ptr[j - 1])
                best = least(best, above2[j - 2] + WEIGHT_SWAP);
            row[j] = best;
        }
    }
    return rows[typed.len % 3][meant.len];
}

/* The most that a slip may weigh, by the lengths of what was written and what was meant. */
static unsigned weight_limit(size_t typed, size_t meant) {
    size_t shorter = typed < meant ? typed : meant, longer = typed < meant ? meant : typed;
    if (shorter <= SHORT_TARGET_LEN)
        return typed > meant ? WEIGHT_DOUBLE : 0;
    if (shorter == SHORT_LEN)
        return WEIGHT_NEAR_KEY;
    if (shorter < 7)
        return WEIGHT_LETTER;
    return longer >= TWO_EDITS_LEN ? WEIGHT_TWO_MAX : WEIGHT_OTHER;
}

/* Few slips are in the first letter; a swap of the first two is. */
static bool begins_alike(struct str a, struct str b) {
    return a.ptr[0] == b.ptr[0] || (a.ptr[0] == b.ptr[1] && a.ptr[1] == b.ptr[0]);
}

/* --- Finding --- */

struct search {
    const struct slips *s;
    const struct vocabulary *words;
    struct str typed;
    size_t typed_len; /* of the whole word, where typed is its stem */
    bool stems;
    uint32_t seen[CANDIDATES_MAX];
    size_t seen_count;
    uint32_t best, meaning;
    unsigned weight;
    bool tied;
};

/* What a target comes to: two targets with one meaning are no tie. */
static uint32_t meaning_of(const struct vocabulary *v, uint32_t target) {
    if (target & TARGET_IS_STEM)
        return target & ~TARGET_IS_STEM;
    return v->forms[target].flags & FORM_EXPANDS ? target | TARGET_IS_STEM : v->forms[target].stem;
}

static bool first_seen(struct search *s, uint32_t target) {
    for (size_t i = 0; i < s->seen_count; i++)
        if (s->seen[i] == target)
            return false;
    if (s->seen_count == CANDIDATES_MAX)
        return false;
    s->seen[s->seen_count++] = target;
    return true;
}

static void consider(struct search *s, uint32_t target) {
    struct str meant = target_text(s->words, target);
    size_t apart = s->typed.len > meant.len ? s->typed.len - meant.len : meant.len - s->typed.len;
    bool fits = apart <= 2 && begins_alike(s->typed, meant) && (!s->stems || target & TARGET_IS_STEM);
    if (!fits || !first_seen(s, target))
        return;
    size_t endings = s->typed_len - s->typed.len; /* a stem is as long as its word here: it is no less likely a slip */
    unsigned weight = weigh(s->typed, meant);
    if (weight > weight_limit(s->typed_len, meant.len + endings) || weight > s->weight)
        return;
    uint32_t meaning = meaning_of(s->words, target);
    bool same = s->best && meaning == s->meaning;
    if (weight == s->weight && s->best) {
        s->tied |= !same;
        return;
    }
    s->best = target;
    s->meaning = meaning;
    s->weight = weight;
    s->tied = false;
}

static void look_up(void *user, uint32_t hash) {
    struct search *s = user;
    for (uint32_t at = hash & s->s->mask; s->s->slots[at]; at = (at + 1) & s->s->mask)
        if ((s->s->slots[at] & 0xFF) == hash >> 24)
            consider(s, s->s->targets[(s->s->slots[at] >> 8) - 1]);
}

struct slip slips_find(const struct slips *s, const struct vocabulary *words, struct str word, struct str stem) {
    if (word.len < SHORT_LEN || word.len > WORD_LEN_MAX || !only_letters(word))
        return (struct slip){0};
    struct search search = {.s = s, .words = words, .typed = word, .typed_len = word.len, .weight = WEIGHT_NONE};
    visit_deletes(word, word.len + 1 >= TWO_EDITS_LEN ? 2 : 1, look_up, &search);
    if (stem.len >= SHORT_LEN - 1 && stem.len < word.len && only_letters(stem)) {
        char padded[WORD_LEN_MAX + FOLD_SLACK] = {0};
        memcpy(padded, stem.ptr, stem.len);
        search.typed = (struct str){padded, stem.len};
        search.stems = true;
        search.seen_count = 0;
        visit_deletes(search.typed, stem.len + 1 >= TWO_EDITS_LEN ? 2 : 1, look_up, &search);
    }
    if (!search.best || search.tied)
        return (struct slip){0};
    return (struct slip){search.best, search.weight <= WEIGHT_OTHER ? 1U : 2U};
}
