#include "text/slips.h"

#include <stdlib.h>
#include <string.h>

#include "text/fold.h"

enum {
    WORD_LEN_MAX = SLIP_LEN_MAX,
    SHORT_TARGET_LEN = 3, /* only a letter too many of the same is mended into a word as short as this */
    SHORT_LEN = 4,        /* the shortest word that is mended */
    TWO_EDITS_LEN = SLIP_LONG_LEN,
    CANDIDATES_MAX = 96, /* weighed for one word */
    SHELF_LOOKS_MAX = 4096,

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

static size_t least_size(size_t a, size_t b) { return a < b ? a : b; }

/* Hashes of the deletes of a word: of the word itself, then without each of its letters in turn; of letters that are the same and side by
 * side only the first is left out. Horner's rule over both ends of the word makes each cost two multiplications. */
static size_t hash_deletes(struct str word, uint32_t out[WORD_LEN_MAX + 1]) {
    static const uint64_t base = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t behind[WORD_LEN_MAX + 1] = {0}, power[WORD_LEN_MAX + 1], before = 0;
    power[0] = 1;
    for (size_t i = word.len, n = 0; i-- > 0; n++) {
        behind[i] = behind[i + 1] + (uint64_t)(unsigned char)word.ptr[i] * power[n];
        power[n + 1] = power[n] * base;
    }
    size_t count = 0;
    out[count++] = (uint32_t)(behind[0] * base >> 32);
    for (size_t i = 0; i < word.len; i++) {
        if (i == 0 || word.ptr[i] != word.ptr[i - 1])
            out[count++] = (uint32_t)((before * power[word.len - 1 - i] + behind[i + 1]) * base >> 32);
        before = before * base + (unsigned char)word.ptr[i];
    }
    return count;
}

/* Into a short word only letters too many are mended: it is found by itself, the deletes are the other's. */
static size_t target_deletes(struct str text, uint32_t out[WORD_LEN_MAX + 1]) {
    size_t count = hash_deletes(text, out);
    return text.len > SHORT_TARGET_LEN ? count : 1;
}

static uint32_t letters_of(struct str word) {
    uint32_t letters = 0;
    for (size_t i = 0; i < word.len; i++)
        letters |= UINT32_C(1) << (word.ptr[i] - 'a');
    return letters;
}

static bool is_target(const struct form *form, struct str text) {
    if (text.len < SHORT_TARGET_LEN || text.len > WORD_LEN_MAX || !only_letters(text))
        return false;
    if (form->flags & FORM_EXPANDS)
        return text.len >= 6; /* "doesnt", but "want" is no slip for "wont" */
    return form->flags & FORM_TARGET;
}

/* Whether a form is the stem of its kind, and so stands for it among the targets. */
static bool is_own_stem(const struct vocabulary *v, uint32_t form) {
    return !(v->forms[form].flags & FORM_EXPANDS) && str_equal(form_text(v, form), stem_text(v, v->forms[form].stem));
}

static bool is_stem_target(const struct vocabulary *v, uint32_t stem) {
    struct str text = stem_text(v, stem);
    if (!(v->stems[stem].flags & (FORM_CONTENT | FORM_CUE)) || text.len < SHORT_LEN || text.len > WORD_LEN_MAX ||
        !only_letters(text))
        return false;
    uint32_t form = vocabulary_find(v, text.ptr, text.len, fold_hash(text.ptr, text.len));
    return !(form && is_target(&v->forms[form], text) && is_own_stem(v, form));
}

static size_t list_targets(const struct vocabulary *v, uint32_t *targets) {
    size_t count = 0;
    for (uint32_t i = 1; i < v->form_count; i++)
        if (is_target(&v->forms[i], form_text(v, i)))
            targets[count++] = i;
    for (uint32_t i = 1; i < v->stem_count; i++)
        if (is_stem_target(v, i))
            targets[count++] = i | TARGET_IS_STEM;
    return count;
}

static size_t shelf_of(struct str word) {
    return (size_t)(word.ptr[0] - 'a') * SLIP_LENGTHS + word.len - TWO_EDITS_LEN;
}

/* The long targets, sorted by first letter and length. */
static bool fill_shelves(struct slips *s, const struct vocabulary *words, struct arena *a) {
    size_t count = 0;
    for (size_t i = 0; i < s->target_count; i++) {
        struct str text = target_text(words, s->targets[i]);
        if (text.len < TWO_EDITS_LEN)
            continue;
        count++;
        s->shelves[shelf_of(text) + 1]++;
    }
    for (size_t i = 0; i < SLIP_SHELVES; i++)
        s->shelves[i + 1] += s->shelves[i];
    s->long_targets = ARENA_ARRAY(a, struct long_target, count + 1);
    if (!s->long_targets)
        return false;
    for (size_t i = s->target_count; i-- > 0;) {
        struct str text = target_text(words, s->targets[i]);
        if (text.len >= TWO_EDITS_LEN)
            s->long_targets[--s->shelves[shelf_of(text) + 1]] = (struct long_target){s->targets[i], letters_of(text)};
    }
    /* Each place now says where its shelf begins, one too far up. */
    memmove(s->shelves, s->shelves + 1, SLIP_SHELVES * sizeof *s->shelves);
    s->shelves[SLIP_SHELVES] = (uint32_t)count;
    return true;
}

bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a) {
    uint32_t *targets = calloc(words->form_count + words->stem_count + 1, sizeof *targets);
    if (!targets)
        return false;
    s->target_count = list_targets(words, targets);
    s->targets = ARENA_ARRAY(a, uint32_t, s->target_count + 1);
    uint32_t hashes[WORD_LEN_MAX + 1];
    size_t deletes = 0, slots = 64;
    for (size_t i = 0; i < s->target_count; i++)
        deletes += target_text(words, targets[i]).len + 1;
    while (slots * 3 < deletes * 4)
        slots *= 2;
    s->slots = ARENA_ARRAY(a, uint32_t, slots);
    s->mask = (uint32_t)(slots - 1);
    bool ok = s->targets && s->slots && s->target_count < UINT32_MAX >> 8;
    for (size_t i = 0; ok && i < s->target_count; i++) {
        s->targets[i] = targets[i];
        size_t count = target_deletes(target_text(words, targets[i]), hashes);
        for (size_t d = 0; d < count; d++) {
            uint32_t at = hashes[d] & s->mask;
            while (s->slots[at])
                at = (at + 1) & s->mask;
            s->slots[at] = (uint32_t)(i + 1) << 8 | hashes[d] >> 24;
        }
    }
    free(targets);
    return ok && fill_shelves(s, words, a);
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

/* Few slips are in the first letter; a swap of the first two is, but makes another word of many a short one ("alter", "later"). */
static bool begins_alike(struct str a, struct str b) {
    return a.ptr[0] == b.ptr[0] || (a.len >= 6 && a.ptr[0] == b.ptr[1] && a.ptr[1] == b.ptr[0]);
}

/* --- Finding --- */

struct search {
    const struct slips *s;
    const struct vocabulary *words;
    struct str typed;
    bool stems;
    uint32_t seen[CANDIDATES_MAX];
    size_t seen_count;
    uint32_t best, meaning;
    unsigned weight;
    unsigned uses, rival_uses; /* of the best, and of the most used other word that weighs the same; 0: there is none */
};

/* What a target comes to: two targets with one meaning are no tie. */
static uint32_t meaning_of(const struct vocabulary *v, uint32_t target) {
    if (target & TARGET_IS_STEM)
        return target & ~TARGET_IS_STEM;
    return v->forms[target].flags & FORM_EXPANDS ? target | TARGET_IS_STEM : v->forms[target].stem;
}

static unsigned greatest(unsigned a, unsigned b) { return a > b ? a : b; }

/* At least 1. */
static unsigned uses_of(const struct vocabulary *v, uint32_t target) {
    if (target & TARGET_IS_STEM)
        return greatest(v->stems[target & ~TARGET_IS_STEM].uses, 1);
    return v->forms[target].flags & FORM_EXPANDS ? 1 : greatest(v->stems[v->forms[target].stem].uses, 1);
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
    if (apart > 2 || !begins_alike(s->typed, meant) || !first_seen(s, target))
        return;
    bool stem = target & TARGET_IS_STEM || (s->stems && is_own_stem(s->words, target));
    if (stem != s->stems)
        return;
    unsigned weight = weigh(s->typed, meant);
    unsigned limit = !s->stems ? weight_limit(s->typed.len, meant.len) : meant.len > 5 ? WEIGHT_LETTER : WEIGHT_VOWEL;
    if (weight > limit || weight > s->weight)
        return;
    uint32_t meaning = meaning_of(s->words, target);
    unsigned uses = uses_of(s->words, target), rival_uses = 0;
    if (weight == s->weight && s->best) {
        if (meaning == s->meaning)
            return;
        rival_uses = greatest(s->rival_uses, uses < s->uses ? uses : s->uses);
        if (uses <= s->uses) {
            s->rival_uses = rival_uses;
            return;
        }
    }
    s->best = target;
    s->meaning = meaning;
    s->weight = weight;
    s->uses = uses;
    s->rival_uses = rival_uses;
}

/* One edit: what shares a delete. */
static void look_up_deletes(struct search *s) {
    uint32_t hashes[WORD_LEN_MAX + 1];
    size_t count = hash_deletes(s->typed, hashes);
    for (size_t d = 0; d < count; d++)
        for (uint32_t at = hashes[d] & s->s->mask; s->s->slots[at]; at = (at + 1) & s->s->mask)
            if ((s->s->slots[at] & 0xFF) == hashes[d] >> 24)
                consider(s, s->s->targets[(s->s->slots[at] >> 8) - 1]);
}

/* Whether at most two bits are set. */
static bool at_most_two(uint32_t bits) {
    bits &= bits - 1;
    bits &= bits - 1;
    return bits == 0;
}

/* Two edits: what begins alike, is about as long, and has the same letters but for two. */
static void look_along_shelves(struct search *s) {
    if (s->typed.len + 1 < TWO_EDITS_LEN)
        return;
    size_t letter = (size_t)(s->typed.ptr[0] - 'a') * SLIP_LENGTHS;
    size_t shortest = s->typed.len >= TWO_EDITS_LEN + 2 ? s->typed.len - 2 - TWO_EDITS_LEN : 0;
    size_t longest = least_size(s->typed.len + 2, WORD_LEN_MAX) - TWO_EDITS_LEN;
    uint32_t letters = letters_of(s->typed);
    size_t from = s->s->shelves[letter + shortest], to = s->s->shelves[letter + longest + 1];
    for (size_t i = from; i < least_size(to, from + SHELF_LOOKS_MAX); i++) {
        uint32_t other = s->s->long_targets[i].letters;
        if (at_most_two(letters & ~other) && at_most_two(other & ~letters))
            consider(s, s->s->long_targets[i].target);
    }
}

static void search_both_ways(struct search *s) {
    s->seen_count = 0;
    look_up_deletes(s);
    if (!s->best)
        look_along_shelves(s);
}

struct slip slips_find(const struct slips *s, const struct vocabulary *words, struct str word, struct str stem) {
    if (word.len < SHORT_LEN || word.len > WORD_LEN_MAX || !only_letters(word))
        return (struct slip){0};
    struct search search = {.s = s, .words = words, .typed = word, .weight = WEIGHT_NONE};
    search_both_ways(&search);
    if (stem.len > SHORT_LEN && stem.len < word.len && only_letters(stem)) {
        search.typed = stem;
        search.stems = true;
        search_both_ways(&search);
    }
    /* Of two words that are equally likely, the one that the dialog uses half as often again is guessed. */
    if (!search.best || search.uses * 2 < search.rival_uses * 3)
        return (struct slip){0};
    return (struct slip){search.best, search.weight > WEIGHT_OTHER || search.rival_uses > 0};
}
