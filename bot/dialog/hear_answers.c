/* The shape of the message as an answer to what was asked: one finding, or a screen of several. */
#include <string.h>

#include "dialog/hear_work.h"

enum { NAMING_TOKENS_MAX = 8, NAME_BYTES_MIN = 3, FEW_OPTIONS = 3, TELLING_WORDS = 3, TELLING_BYTES_MIN = 4 };

static const struct finding *finding_asked(const struct hearer *h, size_t i) {
    return &h->d->findings[h->asked.findings[i]];
}

static bool is_yes(const struct heard *heard) {
    return heard && heard->value.state == VALUE_KNOWN && heard->value.number != 0;
}

/* --- quick replies --- */

static bool is_option(struct str message, const struct finding_option *o) {
    return str_equal_nocase(message, o->say) || str_equal_nocase(message, o->name);
}

/* The very text of a quick reply. */
static void hear_quick_reply(struct hearer *h) {
    struct str message = str_trim(h->r->text);
    if (h->asked.count != 1 || message.len == 0)
        return;
    uint16_t finding = h->asked.findings[0];
    const struct finding *f = &h->d->findings[finding];
    for (uint16_t i = 0; i < f->option_count; i++) {
        if (!is_option(message, &f->options[i]))
            continue;
        float number = f->kind == FINDING_NUMBER ? f->options[i].number
                       : f->kind == FINDING_SET  ? (float)(UINT32_C(1) << i)
                                                 : (float)i;
        heard_answer(h, finding, (struct value){VALUE_KNOWN, number}, HEARD_CHOICE);
        h->out->out_of_range = false;
        return;
    }
}

/* "me and 32": a quick reply that another answer follows. */
static bool opens_with(struct str message, struct str reply) {
    if (reply.len == 0 || !str_starts_with_nocase(message, reply))
        return false;
    struct str rest = str_slice(message, reply.len, message.len);
    struct str word = str_trim(rest);
    bool cut = word.len == 0 || rest.ptr[0] == ',' || rest.ptr[0] == '.' || rest.ptr[0] == '\n';
    return cut || (rest.ptr[0] == ' ' &&
                   (str_starts_with_nocase(word, STR("and ")) || str_is_digit(word.ptr[0])));
}

static void hear_first_reply(struct hearer *h) {
    struct str message = str_trim(h->r->text);
    for (size_t i = 0; i < h->asked.count; i++) {
        const struct finding *f = finding_asked(h, i);
        if (f->kind != FINDING_CHOICE || heard_find(h, h->asked.findings[i]))
            continue;
        uint16_t no = option_of_no(f);
        for (uint16_t o = 0; o < f->option_count; o++)
            if (o != no && opens_with(message, f->options[o].say)) {
                heard_answer(h, h->asked.findings[i], (struct value){VALUE_KNOWN, (float)o}, HEARD_CHOICE);
                break;
            }
    }
}

/* --- the answer in a word --- */

enum verdict { VERDICT_NONE, VERDICT_YES, VERDICT_NO, VERDICT_UNSURE };

static enum verdict first_of(const struct reading *r) {
    for (size_t i = 0; i < r->cue_count; i++) {
        if (r->cues[i].phrase == CUE_YES && r->answer & ANSWER_YES)
            return VERDICT_YES;
        if ((r->cues[i].phrase == CUE_NO && r->answer & ANSWER_NO) || r->cues[i].phrase == CUE_NONE)
            return VERDICT_NO;
        if (r->cues[i].phrase == CUE_UNSURE)
            return VERDICT_UNSURE;
    }
    return VERDICT_NONE;
}

static bool has_cue(const struct reading *r, enum cue_kind kind) { return cue_between(r, kind, 0, r->token_count); }

/* Yes, no or not sure, once all its words are weighed. Doubt gives way to a plain yes and not to a plain no. */
static enum verdict verdict_of(const struct reading *r) {
    bool yes = r->answer & ANSWER_YES, no = r->answer & (ANSWER_NO | ANSWER_NONE), unsure = r->answer & ANSWER_UNSURE;
    if (yes && no)
        return has_cue(r, CUE_CORRECT) ? VERDICT_NONE : first_of(r);
    if (unsure)
        return yes && first_of(r) == VERDICT_YES ? VERDICT_YES : VERDICT_UNSURE;
    if (yes)
        return VERDICT_YES;
    if (no)
        return has_cue(r, CUE_DOUBT) && !(r->answer & ANSWER_NONE) ? VERDICT_UNSURE : VERDICT_NO;
    return has_cue(r, CUE_DOUBT) && !(r->answer & ANSWER_QUESTION) ? VERDICT_UNSURE : VERDICT_NONE;
}

/* What may follow a word in another of its forms: "numb", "numbness". */
static bool is_ending(struct str rest) {
    static const struct str endings[] = {STR_INIT("s"), STR_INIT("es"), STR_INIT("ed"), STR_INIT("d"), STR_INIT("ing"),
                                         STR_INIT("ness"), STR_INIT("n"), STR_INIT("y"), STR_INIT("ly")};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_equal_nocase(rest, endings[i]))
            return true;
    return rest.len == 0;
}

/* Whether a word of the text is this one, or a form of it: "with" is no form of "within". */
static bool has_word(struct str text, struct str word) {
    for (size_t i = 0; i + word.len <= text.len; i++) {
        size_t end = i + word.len;
        if ((i > 0 && str_is_letter(text.ptr[i - 1])) || !str_starts_with_nocase(str_slice(text, i, text.len), word))
            continue;
        while (end < text.len && str_is_letter(text.ptr[end]))
            end++;
        if (is_ending(str_slice(text, i + word.len, end - i - word.len)))
            return true;
    }
    return false;
}

/* "One" and "side" point at things; in the name of a sign they name nothing. The word has at least NAME_BYTES_MIN bytes. */
static bool names(const struct finding *f, struct str word) {
    return f->name_heads >> head_bit(word.ptr) & 1 && !str_equal_nocase(word, STR("one")) && !str_equal_nocase(word, STR("side")) &&
           f->short_name.count > 0 && has_word(f->short_name.variants[0], word);
}

/* A short message without verb whose every word of substance is in the name of f: "in my fingertips". */
static bool is_bare_name(const struct hearer *h, const struct finding *f) {
    size_t named = 0;
    for (size_t t = 0; t < h->r->token_count; t++) {
        const struct token *token = &h->r->tokens[t];
        struct str word = token_text(h->r, t);
        if (token->flags & (TOKEN_FILLER | TOKEN_NUMBER) || word.len < NAME_BYTES_MIN)
            continue;
        if (!names(f, word))
            return false;
        named++;
    }
    return named > 0;
}

/* --- one finding --- */

static bool only_when(const struct reading *r) {
    static const struct str words[] = {STR_INIT("when"),   STR_INIT("if"),        STR_INIT("after"), STR_INIT("while"),
                                       STR_INIT("whilst"), STR_INIT("at"),        STR_INIT("in"),    STR_INIT("on"),
                                       STR_INIT("during"), STR_INIT("sometimes"), STR_INIT("once")};
    for (size_t c = 0; c < r->cue_count; c++) {
        if (r->cues[c].phrase != CUE_ONLY || r->cues[c].last + 1u >= r->token_count)
            continue;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (str_equal_nocase(token_text(r, r->cues[c].last + 1u), words[i]))
                return true;
    }
    return false;
}

/* Without a yes or no: a time says that it was so; "normal" says of a sign of a screen that it is not there; the bare name of the part says
 * that it is ("in my fingertips"). */
static enum verdict indirect(const struct hearer *h, uint16_t finding) {
    const struct finding *f = &h->d->findings[finding];
    unsigned answer = h->r->answer;
    bool denies = has_cue(h->r, CUE_DENY) || has_cue(h->r, CUE_NO), sign = f->screen != DIALOG_NONE;
    if (answer & (ANSWER_QUESTION | ANSWER_SOCIAL | ANSWER_UNSURE) || has_cue(h->r, CUE_DOUBT) ||
        has_cue(h->r, CUE_SUPPOSE))
        return VERDICT_NONE;
    bool of_others = h->heard_count > 0 || h->passed_count > 0 || h->r->token_count > NAMING_TOKENS_MAX;
    if (answer & (ANSWER_FINE | ANSWER_NOT_FINE) && of_others) /* "my breathing is fine" is no answer about a rash */
        return VERDICT_NONE;
    if (answer & ANSWER_NOT_FINE)
        return sign ? VERDICT_YES : VERDICT_NONE;
    if (answer & ANSWER_FINE)
        return sign && !denies ? VERDICT_NO : VERDICT_NONE;
    if (denies)
        return VERDICT_NONE;
    if (answer & ANSWER_ONLY && only_when(h->r)) /* "only when I'm tired": then it is so */
        return VERDICT_YES;
    return answer & ANSWER_TIME || is_bare_name(h, f) ? VERDICT_YES : VERDICT_NONE;
}

static bool is_no(const struct heard *heard) { return heard->value.state == VALUE_KNOWN && heard->value.number == 0; }

static void answer_yesno(struct hearer *h, uint16_t finding, enum verdict verdict) {
    struct heard *heard = heard_find(h, finding);
    if (heard) {
        bool unsure = heard->value.state != VALUE_KNOWN;
        if (unsure && verdict == VERDICT_YES)
            heard->value = VALUE_YES;
        if (is_no(heard) && verdict == VERDICT_UNSURE && h->r->answer & ANSWER_UNSURE)
            heard->value = VALUE_DOUBT;
        return;
    }
    if (verdict == VERDICT_NONE && h->asked.count == 1)
        verdict = indirect(h, finding);
    if (verdict == VERDICT_YES)
        heard_answer(h, finding, VALUE_YES, HEARD_ANSWER);
    else if (verdict == VERDICT_NO)
        heard_answer(h, finding, VALUE_NO, HEARD_ANSWER);
    else if (verdict == VERDICT_UNSURE)
        heard_answer(h, finding, VALUE_DOUBT, HEARD_ANSWER);
}

/* Whether item i of `count` is among those that a reading picked. */
static bool is_picked(uint32_t bits, size_t i, size_t count) {
    size_t from_end = count - 1 - i;
    return (i < CHOICES_FROM_START && bits >> i & 1) || (from_end < CHOICES_FROM_END && bits >> (CHOICE_LAST + from_end) & 1) ||
           (bits >> CHOICE_MIDDLE & 1 && count % 2 == 1 && i == count / 2) ||
           (bits >> CHOICE_MIDDLE_TWO & 1 && count % 2 == 0 && (i == count / 2 || i + 1 == count / 2));
}

/* The only item picked, or DIALOG_NONE. */
static uint16_t one_picked(uint32_t bits, uint16_t count) {
    uint16_t one = DIALOG_NONE, picked = 0;
    for (uint16_t i = 0; i < count; i++)
        if (is_picked(bits, i, count)) {
            one = i;
            picked++;
        }
    return picked == 1 ? one : DIALOG_NONE;
}

static void answer_choice(struct hearer *h, uint16_t finding, enum verdict verdict) {
    const struct finding *f = &h->d->findings[finding];
    uint16_t no = option_of_no(f);
    if (heard_find(h, finding))
        return;
    if (verdict == VERDICT_NO && no != DIALOG_NONE)
        heard_answer(h, finding, (struct value){VALUE_KNOWN, no}, HEARD_ANSWER);
    else if (verdict == VERDICT_YES && no != DIALOG_NONE &&
             f->option_count <= FEW_OPTIONS) /* the least that a yes can mean */
        heard_answer(h, finding, (struct value){VALUE_KNOWN, no == 0 ? 1 : 0}, HEARD_ANSWER);
    else if (verdict == VERDICT_UNSURE && h->r->answer & ANSWER_UNSURE)
        heard_answer(h, finding, VALUE_DOUBT, HEARD_ANSWER);
    else if (h->r->chosen && h->asked.count == 1 && h->r->quantity_count <= 1) {
        uint16_t item = one_picked(h->r->chosen, f->option_count);
        if (item != DIALOG_NONE)
            heard_answer(h, finding, (struct value){VALUE_KNOWN, (float)item}, HEARD_CHOICE);
    }
}

/* Words that no list knows, in the answer to a set that takes them: the name of a medicine that nobody has listed. */
static bool has_unknown_words(const struct reading *r) {
    for (size_t i = 0; i < r->token_count; i++) {
        const struct token *t = &r->tokens[i];
        char c = r->text.ptr[t->start];
        if (t->word == 0 && t->length >= 5 && !(t->flags & (TOKEN_FILLER | TOKEN_NUMBER | TOKEN_CUE)) &&
            (c < '0' || c > '9'))
            return true;
    }
    return false;
}

static void answer_set(struct hearer *h, uint16_t finding, enum verdict verdict) {
    const struct finding *f = &h->d->findings[finding];
    if (heard_find(h, finding))
        return;
    if (verdict == VERDICT_NO && f->has_none && !has_unknown_words(h->r))
        heard_answer(h, finding, (struct value){VALUE_KNOWN, 0}, HEARD_ANSWER);
    else if (verdict == VERDICT_UNSURE && h->r->answer & ANSWER_UNSURE)
        heard_answer(h, finding, VALUE_DOUBT, HEARD_ANSWER);
    else if (f->other != DIALOG_NONE && h->asked.count == 1 && !(h->r->answer & ANSWER_QUESTION) &&
             has_unknown_words(h->r))
        heard_answer(h, finding, (struct value){VALUE_KNOWN, (float)(UINT32_C(1) << f->other)}, HEARD_OTHER);
}

static bool takes_zero(const struct finding *f) {
    bool amount = f->measure == MEASURE_MG || f->measure == MEASURE_UNITS || f->measure == MEASURE_SCORE ||
                  f->measure == MEASURE_COUNT;
    return f->low <= 0 && (amount || f->per != PER_NONE);
}

static void answer_number(struct hearer *h, uint16_t finding, enum verdict verdict) {
    if (heard_find(h, finding) || h->out->out_of_range)
        return;
    if (verdict == VERDICT_NO && takes_zero(&h->d->findings[finding]))
        heard_answer(h, finding, (struct value){VALUE_KNOWN, 0}, HEARD_ANSWER);
    else if (verdict == VERDICT_UNSURE && h->r->answer & ANSWER_UNSURE)
        heard_answer(h, finding, VALUE_DOUBT, HEARD_ANSWER);
}

static void answer_one(struct hearer *h, uint16_t finding, enum verdict verdict) {
    switch (h->d->findings[finding].kind) {
    case FINDING_YESNO:
        answer_yesno(h, finding, verdict);
        break;
    case FINDING_CHOICE:
        answer_choice(h, finding, verdict);
        break;
    case FINDING_SET:
        answer_set(h, finding, verdict);
        break;
    case FINDING_NUMBER:
        answer_number(h, finding, verdict);
        break;
    }
}

/* --- screens --- */

/* "just the eye one": a word of the message that stands in the name of one sign of the screen only. */
static uint16_t named_in_passing(const struct hearer *h) {
    uint16_t named = DIALOG_NONE;
    size_t words = 0;
    for (size_t t = 0; t < h->r->token_count; t++) {
        const struct token *token = &h->r->tokens[t];
        struct str word = token_text(h->r, t);
        if (token->flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER) || word.len < NAME_BYTES_MIN)
            continue;
        words++;
        uint16_t match = DIALOG_NONE;
        bool one = true;
        for (size_t i = 0; i < h->asked.count; i++)
            if (names(finding_asked(h, i), word)) {
                one &= match == DIALOG_NONE;
                match = h->asked.findings[i];
            }
        if (match == DIALOG_NONE || !one)
            continue;
        if (named != DIALOG_NONE && named != match)
            return DIALOG_NONE;
        named = match;
    }
    return words <= NAMING_TOKENS_MAX ? named : DIALOG_NONE;
}

/* What is said of a sign by a word of its name: "not the arm", "no pain", "the face, not sure". Only what was asked is so named. */
static void hear_named_denials(struct hearer *h) {
    for (size_t t = 0; t < h->r->token_count; t++) {
        const struct token *token = &h->r->tokens[t];
        struct str word = token_text(h->r, t);
        if (!(token->context & (CONTEXT_DENIED | CONTEXT_DOUBT)) ||
            token->flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER) || word.len < NAME_BYTES_MIN ||
            token->context & (CONTEXT_OTHERS | CONTEXT_SUPPOSE | CONTEXT_ASKED | CONTEXT_PAST))
            continue;
        uint16_t match = DIALOG_NONE;
        size_t count = 0;
        for (size_t i = 0; i < h->asked.count; i++)
            if (names(finding_asked(h, i), word)) {
                count++;
                match = h->asked.findings[i];
            }
        if (count == 1 && !heard_find(h, match) && h->d->findings[match].kind == FINDING_YESNO)
            heard_answer(h, match, token->context & CONTEXT_DOUBT ? VALUE_DOUBT : VALUE_NO, HEARD_CHOICE);
    }
}

/* What a message that picks says of one item of the screen. */
static bool says_of_item(bool chosen, bool refused, bool doubted, struct value *v) {
    *v = doubted ? VALUE_DOUBT : chosen ? VALUE_YES : VALUE_NO;
    return chosen || refused || doubted;
}

/* "No to the first, yes to the second": what is picked of a screen, one way or the other. */
static bool hear_chosen(struct hearer *h) {
    const struct reading *r = h->r;
    size_t count = h->asked.count;
    struct value v;
    bool any = false;
    if (!(r->chosen | r->refused | r->doubted))
        return false;
    for (size_t i = 0; i < count; i++)
        if (finding_asked(h, i)->kind == FINDING_YESNO &&
            says_of_item(is_picked(r->chosen, i, count), is_picked(r->refused, i, count), is_picked(r->doubted, i, count), &v)) {
            heard_answer(h, h->asked.findings[i], v, HEARD_CHOICE);
            any = true;
        }
    bool rest = says_of_item(r->chosen >> CHOICE_REST & 1, r->refused >> CHOICE_REST & 1, r->doubted >> CHOICE_REST & 1, &v);
    for (size_t i = 0; i < count && any && rest; i++)
        if (finding_asked(h, i)->kind == FINDING_YESNO && !heard_find(h, h->asked.findings[i]))
            heard_answer(h, h->asked.findings[i], v, HEARD_REST);
    return any;
}

/* "None" to a list may mean no coffee, but no sleep it does not. */
static bool may_be_none(const struct finding *f) {
    return f->kind != FINDING_NUMBER || f->measure == MEASURE_MG || f->measure == MEASURE_UNITS;
}

/* The others of the screen, which "only", "none but" or "all but" speak of. */
static void rest_is(struct hearer *h, enum verdict verdict) {
    for (size_t i = 0; i < h->asked.count; i++) {
        uint16_t finding = h->asked.findings[i];
        if (heard_find(h, finding))
            continue;
        if (finding_asked(h, i)->kind == FINDING_YESNO)
            heard_answer(h, finding, verdict == VERDICT_YES ? VALUE_YES : VALUE_NO, HEARD_REST);
        else if (verdict == VERDICT_NO && may_be_none(finding_asked(h, i)))
            answer_one(h, finding, verdict);
    }
}

/* "All but the last", against "none bar the last". */
static bool all_but(const struct reading *r) {
    static const char *const words[] = {"all", "every", "both", "yes", "lot"};
    if (r->answer & (ANSWER_NONE | ANSWER_NO))
        return false;
    if (r->answer & ANSWER_ALL)
        return true;
    for (size_t i = 0; i < r->cue_count; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (r->cues[i].phrase == CUE_EXCEPT &&
                str_starts_with_nocase(token_text(r, r->cues[i].first), str_of(words[k])))
                return true;
    return false;
}

/* What is excepted holds words that nobody understood. A sign that was not asked, and the complaint itself, are understood. */
static bool excepts_unheard(const struct hearer *h) {
    const struct reading *r = h->r;
    size_t from = r->token_count;
    bool words = false;
    for (size_t i = 0; i < r->cue_count; i++)
        if (r->cues[i].phrase == CUE_EXCEPT)
            from = r->cues[i].last + 1u;
    for (size_t i = 0; i < r->hit_count; i++)
        if (r->hits[i].first >= from)
            return false;
    for (size_t t = from; t < r->token_count; t++)
        words |= !(r->tokens[t].flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER)) && r->tokens[t].length >= TELLING_BYTES_MIN;
    return words;
}

/* A none, no or all that does not hold for what is named: "none of those, bar the arm". False where there is no such answer. */
static bool except(struct hearer *h, bool named) {
    const struct reading *r = h->r;
    bool all = all_but(r);
    if (!(r->answer & ANSWER_EXCEPT) || !(all || r->answer & (ANSWER_NONE | ANSWER_NO)))
        return false;
    if (!named && (all || excepts_unheard(h)))
        return true;
    for (size_t i = 0; i < h->asked.count && all; i++) {
        struct heard *heard = heard_find(h, h->asked.findings[i]);
        if (heard && finding_asked(h, i)->kind == FINDING_YESNO && heard->value.state == VALUE_KNOWN)
            heard->value = VALUE_NO;
    }
    rest_is(h, all ? VERDICT_YES : VERDICT_NO);
    return true;
}

struct tally {
    size_t yesnos, open; /* of the screen; not heard yet */
    bool named;          /* a sign of it was heard as present */
    bool any;
};

static struct tally tally(struct hearer *h) {
    struct tally t = {0};
    for (size_t i = 0; i < h->asked.count; i++) {
        const struct heard *heard = heard_find(h, h->asked.findings[i]);
        bool yesno = finding_asked(h, i)->kind == FINDING_YESNO;
        t.yesnos += yesno;
        t.open += yesno && !heard;
        t.any |= heard != NULL;
        t.named |= (yesno && is_yes(heard)) || (heard && heard->value.state == VALUE_UNSURE);
    }
    return t;
}

/* Whether something of the screen was heard, one way or the other. */
static bool any_heard(const struct hearer *h) {
    uint64_t both = 0;
    for (size_t i = 0; i < sizeof h->asked_bits / sizeof *h->asked_bits; i++)
        both |= h->asked_bits[i] & h->heard_bits[i];
    return both != 0;
}

/* "There is a grumbling behind my breastbone, and no": something was told that nobody understood, and the no behind it may be of the
 * rest. Then the signs are asked again. */
static bool tells_unheard(const struct hearer *h) {
    const struct reading *r = h->r;
    size_t no = SIZE_MAX, words = 0;
    for (size_t i = 0; i < r->cue_count && no == SIZE_MAX; i++)
        if (r->cues[i].phrase == CUE_NO || r->cues[i].phrase == CUE_NONE)
            no = r->cues[i].first;
    if (no == SIZE_MAX || r->answer & (ANSWER_FINE | ANSWER_SOCIAL | ANSWER_ONLY | ANSWER_QUESTION))
        return false;
    for (size_t t = 0; t < no; t++)
        words += !(r->tokens[t].flags & (TOKEN_FILLER | TOKEN_CUE | TOKEN_NUMBER)) && r->tokens[t].length >= TELLING_BYTES_MIN &&
                 !(r->tokens[t].context & (CONTEXT_DENIED | CONTEXT_OTHERS | CONTEXT_PAST));
    return words >= TELLING_WORDS;
}

/* The one sign of the screen that has the word in its name, or DIALOG_NONE. */
static uint16_t sign_named(const struct hearer *h, size_t t) {
    uint16_t match = DIALOG_NONE;
    struct str word = t < h->r->token_count ? token_text(h->r, t) : STR("");
    if (word.len < NAME_BYTES_MIN || h->r->tokens[t].flags & (TOKEN_CUE | TOKEN_NUMBER))
        return DIALOG_NONE;
    for (size_t i = 0; i < h->asked.count; i++)
        if (finding_asked(h, i)->kind == FINDING_YESNO && names(finding_asked(h, i), word)) {
            if (match != DIALOG_NONE)
                return DIALOG_NONE;
            match = h->asked.findings[i];
        }
    return match;
}

static size_t skip_fillers(const struct reading *r, size_t t) {
    while (t < r->token_count && r->tokens[t].flags & TOKEN_FILLER)
        t++;
    return t;
}

/* "Face yes, arm no", "yes to the arm, no to the face": a word of a sign's name beside a yes. */
static void hear_named_yes(struct hearer *h) {
    const struct reading *r = h->r;
    for (size_t c = 0; c < r->cue_count; c++) {
        const struct hit *cue = &r->cues[c];
        if (cue->phrase != CUE_YES)
            continue;
        size_t next = skip_fillers(r, cue->last + 1u);
        uint16_t named = DIALOG_NONE;
        struct str word = next < r->token_count ? token_text(r, next) : STR("");
        if (str_equal_nocase(word, STR("to")) || str_equal_nocase(word, STR("for")))
            named = sign_named(h, skip_fillers(r, next + 1));
        else if (cue->first > 0 && (next >= r->token_count || r->tokens[next].clause != r->tokens[cue->last].clause))
            named = sign_named(h, cue->first - 1u);
        if (named != DIALOG_NONE && !heard_find(h, named))
            heard_answer(h, named, VALUE_YES, HEARD_CHOICE);
    }
}

/* The one sign named by a word of its name. */
static void hear_named(struct hearer *h) {
    unsigned answer = h->r->answer;
    bool asks = answer & (ANSWER_QUESTION | ANSWER_ALL), denies = answer & (ANSWER_NO | ANSWER_NONE | ANSWER_UNSURE);
    if ((asks && !(answer & ANSWER_EXCEPT)) || (denies && !(answer & (ANSWER_ONLY | ANSWER_YES | ANSWER_EXCEPT))))
        return;
    uint16_t named = named_in_passing(h);
    if (named == DIALOG_NONE)
        return;
    bool denied = has_cue(h->r, CUE_DENY) && !(answer & (ANSWER_ONLY | ANSWER_EXCEPT));
    heard_answer(h, named, denied ? VALUE_NO : has_cue(h->r, CUE_DOUBT) ? VALUE_DOUBT : VALUE_YES, HEARD_CHOICE);
}

/* "Just the twitch": the complaint itself, and nothing of the screen. */
static bool names_the_complaint(const struct hearer *h) {
    const struct reading *r = h->r;
    bool complaint[READING_TOKENS_MAX] = {false}, any = false;
    for (size_t i = 0; i < r->hit_count; i++)
        for (uint32_t m = h->d->phrase_meaning[r->hits[i].phrase]; m < h->d->phrase_meaning[r->hits[i].phrase + 1]; m++)
            for (size_t t = r->hits[i].first; t <= r->hits[i].last && h->d->meanings[m].kind == MEANS_SUBJECT; t++)
                any = complaint[t] = true;
    for (size_t t = 0; t < r->token_count; t++)
        if (!complaint[t] && !(r->tokens[t].flags & (TOKEN_FILLER | TOKEN_CUE)) && r->tokens[t].length >= TELLING_BYTES_MIN)
            return false;
    return any;
}

/* The one word at token t is a yes, a no or a doubt. */
static enum verdict verdict_at(const struct reading *r, size_t t) {
    enum verdict v = str_equal_nocase(token_text(r, t), STR("no")) ? VERDICT_NO : VERDICT_NONE; /* inside "no no" it is no cue */
    for (size_t c = 0; c < r->cue_count && r->cues[c].first <= t; c++) {
        if (r->cues[c].first != t || r->cues[c].last != t)
            continue;
        if (r->cues[c].phrase == CUE_UNSURE)
            return VERDICT_UNSURE;
        if (r->cues[c].phrase == CUE_YES || r->cues[c].phrase == CUE_NO)
            v = r->cues[c].phrase == CUE_YES ? VERDICT_YES : VERDICT_NO;
    }
    return v;
}

/* "No, no and yes": an answer for each sign in its order. Nothing is heard of fewer or more answers that differ. False where the message is
 * no such row. */
static bool hear_row(struct hearer *h) {
    const struct reading *r = h->r;
    enum verdict row[DIALOG_SCREEN_MAX];
    size_t count = 0;
    bool differ = false;
    for (size_t t = 0; t < r->token_count; t++) {
        enum verdict v = verdict_at(r, t);
        if (v == VERDICT_NONE && (str_equal_nocase(token_text(r, t), STR("and")) || r->tokens[t].flags & TOKEN_FILLER))
            continue;
        if (v == VERDICT_NONE || count == DIALOG_SCREEN_MAX)
            return false;
        row[count++] = v;
        differ |= v != row[0];
    }
    if (count < 2 || !differ)
        return false;
    for (size_t i = 0; i < h->asked.count && count == h->asked.count; i++)
        answer_one(h, h->asked.findings[i], row[i]);
    return true;
}

static bool is_unsure_sentence(const struct reading *r, uint8_t sentence) {
    for (size_t c = 0; c < r->cue_count; c++)
        if (r->cues[c].phrase == CUE_UNSURE && r->tokens[r->cues[c].first].sentence == sentence)
            return true;
    return false;
}

/* "Not sure, I tried lifting both arms and cannot tell": in a sentence that is a "not sure", nothing is a plain no. */
static void doubt_denials(struct hearer *h) {
    const struct reading *r = h->r;
    bool unsure = r->answer & ANSWER_UNSURE && !(r->answer & (ANSWER_YES | ANSWER_NO | ANSWER_NONE));
    for (size_t i = 0; i < h->asked.count && unsure; i++) {
        struct heard *heard = heard_find(h, h->asked.findings[i]);
        if (heard && finding_asked(h, i)->kind == FINDING_YESNO && is_no(heard) &&
            is_unsure_sentence(r, r->tokens[heard->first].sentence))
            heard->value = VALUE_DOUBT;
    }
}

static void hear_screen(struct hearer *h, enum verdict verdict) {
    if (hear_row(h))
        return;
    doubt_denials(h);
    unsigned answer = h->r->answer;
    bool picked = !any_heard(h) && hear_chosen(h);
    if (picked && !(answer & (ANSWER_ONLY | ANSWER_EXCEPT)))
        return;
    if (!picked && !(answer & (ANSWER_ONLY | ANSWER_EXCEPT | ANSWER_QUESTION))) {
        hear_named_denials(h);
        hear_named_yes(h);
    }
    if (!any_heard(h))
        hear_named(h);
    struct tally t = tally(h);
    if (verdict == VERDICT_NO && !t.any && tells_unheard(h))
        return;
    if (except(h, t.named))
        return;
    if (answer & ANSWER_ALL && !(answer & (ANSWER_NO | ANSWER_NONE)))
        rest_is(h, VERDICT_YES);
    else if (answer & ANSWER_ONLY && (t.named || (!t.any && names_the_complaint(h))))
        rest_is(h, VERDICT_NO);
    else if (verdict == VERDICT_NO)
        rest_is(h, VERDICT_NO);
    else if (verdict == VERDICT_YES && t.yesnos == 1 && t.open == 1)
        rest_is(h, VERDICT_YES);
    else if (verdict == VERDICT_UNSURE && answer & ANSWER_UNSURE && !t.any)
        for (size_t i = 0; i < h->asked.count; i++)
            answer_one(h, h->asked.findings[i], verdict);
}

void hear_answers(struct hearer *h) {
    if (h->asked.count == 0)
        return;
    hear_who_is_named(h);
    hear_quick_reply(h);
    enum verdict verdict = verdict_of(h->r);
    if (h->asked.count == 1)
        answer_one(h, h->asked.findings[0], verdict);
    if (h->asked.count > 1) {
        hear_first_reply(h);
        hear_screen(h, verdict);
    }
}
