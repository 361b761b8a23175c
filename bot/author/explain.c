#include "author/explain.h"

#include <cJSON.h>
#include <string.h>

#include "dialog/hear.h"
#include "dialog/json.h"
#include "text/likeness.h"

enum { ARENA_BYTES_MAX = 4 << 20, ASKED_MAX = 64, LABEL_COLUMNS = 10 };

static const char *const cue_names[] = {
#define X(name, word) word,
    CUE_KINDS(X)
#undef X
};

static const char *const context_names[] = {"denied",          "in doubt", "supposed",
                                            "somebody else's", "over",     "asked, not said"};
static const char *const answer_names[] = {"yes",  "no",      "not sure",   "none",     "all",
                                           "only", "all but", "correction", "question", "social"};
static const char *const command_names[] = {
#define X(name, word) word,
    COMMANDS(X)
#undef X
};

struct explainer {
    struct buf *out;
    const struct dialog *d;
    const struct hearing *h;
    struct arena *arena;
};

/* --- pieces --- */

static struct str words_of(const struct reading *r, size_t first, size_t last) {
    if (first >= r->token_count || last >= r->token_count || last < first)
        return STR_NONE;
    size_t start = r->tokens[first].start, end = (size_t)r->tokens[last].start + r->tokens[last].length;
    return str_slice(r->text, start, end > start ? end - start : 0);
}

static void label(const struct explainer *x, const char *text) { buf_printf(x->out, "%-*s", LABEL_COLUMNS, text); }

/* Control characters of the message would disturb a terminal. */
static void add_shown(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.len; i++)
        buf_add_char(b, (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f ? ' ' : s.ptr[i]);
}

static void add_quoted(struct buf *b, struct str s) {
    buf_add_char(b, '"');
    add_shown(b, s);
    buf_add_char(b, '"');
}

static void add_bits(struct buf *b, const char *const *names, size_t count, unsigned bits) {
    const char *before = "";
    for (size_t i = 0; i < count; i++) {
        if (!(bits >> i & 1))
            continue;
        buf_printf(b, "%s%s", before, names[i]);
        before = ", ";
    }
}

static void add_context(struct buf *b, unsigned context) {
    add_bits(b, context_names, sizeof context_names / sizeof *context_names, context);
}

/* --- the reading --- */

static void explain_word(const struct explainer *x, size_t i) {
    const struct reading *r = &x->h->reading;
    const struct token *t = &r->tokens[i];
    struct str written = words_of(r, i, i), stem = lexicon_stem(x->d->lexicon, t->word);
    if (i > 0 && t->clause != r->tokens[i - 1].clause)
        buf_add(x->out, STR("| "));
    bool filler = t->flags & TOKEN_FILLER, unknown = t->word == 0 && !(t->flags & TOKEN_NUMBER);
    if (filler)
        buf_add_char(x->out, '(');
    add_shown(x->out, written);
    if (filler)
        buf_add_char(x->out, ')');
    if (t->flags & TOKEN_MENDED || (t->word != 0 && !filler && !str_equal_nocase(stem, written)))
        buf_printf(x->out, "%s%.*s", t->flags & TOKEN_MENDED ? " ~> " : "/", STR_ARG(stem));
    if (unknown)
        buf_add_char(x->out, '?');
    buf_add_char(x->out, ' ');
}

static void explain_words(const struct explainer *x) {
    label(x, "words");
    for (size_t i = 0; i < x->h->reading.token_count; i++)
        explain_word(x, i);
    buf_add(x->out, STR("\n"));
    label(x, "");
    buf_add(x->out, STR("(filler)  word/stem  slip ~> mended  unknown?  | begins a clause\n"));
    if (x->h->reading.cut)
        buf_add(x->out, STR("          too long: the end was not read\n"));
}

static void explain_cues(const struct explainer *x) {
    const struct reading *r = &x->h->reading;
    for (size_t i = 0; i < r->cue_count; i++) {
        label(x, i == 0 ? "cues" : "");
        add_quoted(x->out, words_of(r, r->cues[i].first, r->cues[i].last));
        buf_printf(x->out, " %s\n", cue_names[r->cues[i].phrase]);
    }
}

/* Every phrase that was found, whatever came of it. */
static void explain_phrases(const struct explainer *x) {
    const struct reading *r = &x->h->reading;
    for (size_t i = 0; i < r->hit_count; i++) {
        label(x, i == 0 ? "phrases" : "");
        add_quoted(x->out, words_of(r, r->hits[i].first, r->hits[i].last));
        if (r->hits[i].phrase < x->d->phrase_count)
            buf_printf(x->out, " by \"%.*s\"", STR_ARG(x->d->phrase_text[r->hits[i].phrase]));
        if (r->hits[i].context) {
            buf_add(x->out, STR("  "));
            add_context(x->out, r->hits[i].context);
        }
        buf_add_char(x->out, '\n');
    }
}

/* The stretches that contexts reach. */
static void explain_reach(const struct explainer *x) {
    const struct reading *r = &x->h->reading;
    const char *name = "reach";
    for (size_t i = 0; i < r->token_count;) {
        size_t j = i + 1;
        while (j < r->token_count && r->tokens[j].context == r->tokens[i].context)
            j++;
        if (r->tokens[i].context) {
            label(x, name);
            add_quoted(x->out, words_of(r, i, j - 1));
            buf_add_char(x->out, ' ');
            add_context(x->out, r->tokens[i].context);
            buf_add_char(x->out, '\n');
            name = "";
        }
        i = j;
    }
}

static void explain_quantity(const struct explainer *x, const struct quantity *q) {
    static const char *const kinds[] = {"", "hours long", "hours ago", "years of age", "mg", "units", "times"};
    static const char *const pers[] = {"", " a day", " a week", " a month"};
    add_quoted(x->out, words_of(&x->h->reading, q->first, q->last));
    buf_printf(x->out, " %.4g", q->value);
    if (q->high > q->low)
        buf_printf(x->out, " (%.4g to %.4g)", q->low, q->high);
    buf_printf(x->out, " %s%s%s\n", kinds[q->kind], pers[q->per], q->vague ? ", roughly" : "");
}

static void explain_answer(const struct explainer *x) {
    const struct reading *r = &x->h->reading;
    for (size_t i = 0; i < r->quantity_count; i++) {
        label(x, i == 0 ? "numbers" : "");
        explain_quantity(x, &r->quantities[i]);
    }
    if (r->answer) {
        label(x, "answer");
        add_bits(x->out, answer_names, sizeof answer_names / sizeof *answer_names, r->answer);
        buf_add_char(x->out, '\n');
    }
}

/* --- the hearing --- */

static void explain_heard(const struct explainer *x, const struct heard *heard) {
    static const char *const hows[] = {"",
                                       "as the answer to the question",
                                       "as a choice from the list",
                                       "as a quantity",
                                       "because only the others were named",
                                       "by words that no list knows",
                                       "because it is said of somebody else"};
    struct str name = x->d->findings[heard->finding].name;
    buf_printf(x->out, "%.*s = ", STR_ARG(name));
    json_add_value(x->out, x->d, heard->finding, heard->value);
    buf_add(x->out, STR("  from "));
    add_quoted(x->out, words_of(&x->h->reading, heard->first, heard->last));
    if (heard->phrase != UINT32_MAX && heard->phrase < x->d->phrase_count)
        buf_printf(x->out, "  by the phrase \"%.*s\"", STR_ARG(x->d->phrase_text[heard->phrase]));
    if (heard->how != HEARD_PHRASE)
        buf_printf(x->out, "  %s", hows[heard->how]);
    if (heard->context) {
        buf_add(x->out, STR("  "));
        add_context(x->out, heard->context);
    }
    buf_add_char(x->out, '\n');
}

static void explain_findings(const struct explainer *x) {
    const struct hearing *h = x->h;
    if (h->heard_count == 0)
        buf_add(x->out, STR("heard     nothing\n"));
    for (size_t i = 0; i < h->heard_count; i++) {
        label(x, i == 0 ? "heard" : "");
        explain_heard(x, &h->heard[i]);
    }
    for (size_t i = 0; i < h->passed_count; i++) {
        const struct passed_over *p = &h->passed[i];
        label(x, i == 0 ? "passed" : "");
        buf_printf(x->out, "%.*s  from ", STR_ARG(x->d->findings[p->finding].name));
        add_quoted(x->out, words_of(&h->reading, p->first, p->last));
        buf_add(x->out, STR("  "));
        if (p->context)
            add_context(x->out, p->context);
        else
            buf_add(x->out, STR("an idiom"));
        if (p->phrase < x->d->phrase_count)
            buf_printf(x->out, ", by the phrase \"%.*s\"", STR_ARG(x->d->phrase_text[p->phrase]));
        buf_add_char(x->out, '\n');
    }
}

static void explain_likeness(const struct explainer *x) {
    const struct sounds_like *like = &x->h->sounds_like;
    if (like->finding == DIALOG_NONE)
        return;
    buf_printf(x->out, "sounds    like %.*s  as in ", STR_ARG(x->d->findings[like->finding].name));
    add_quoted(x->out, likeness_example(x->d->likeness, x->d->lexicon, &x->h->reading, like->finding, x->arena));
    buf_printf(x->out, "  (%.2f): sets nothing, but is asked about\n", (double)like->score);
}

static void explain_requests(const struct explainer *x) {
    const struct hearing *h = x->h;
    if (h->topic != DIALOG_NONE)
        buf_printf(x->out, "asks      %.*s\n", STR_ARG(x->d->topics[h->topic].name));
    if (h->cause != DIALOG_NONE)
        buf_printf(x->out, "asks      about %.*s\n", STR_ARG(x->d->causes[h->cause].name));
    if (h->command >= 0)
        buf_printf(x->out, "command   %s\n", command_names[h->command]);
}

static void explain_rules(const struct explainer *x) {
    const char *name = "rules";
    for (size_t i = 0; i < x->h->heard_count; i++) {
        const struct finding *f = &x->d->findings[x->h->heard[i].finding];
        if (f->rule_count == 0)
            continue;
        label(x, name);
        name = "";
        buf_printf(x->out, "%.*s:", STR_ARG(f->name));
        for (uint16_t r = 0; r < f->rule_count; r++) {
            const struct rule *rule = &x->d->rules[f->rules[r]];
            buf_printf(x->out, " %.*s(%s)", STR_ARG(rule->name), level_name(rule->level));
        }
        buf_add_char(x->out, '\n');
    }
}

void explain_text(struct buf *out, const struct dialog *d, struct str message, int64_t now_s) {
    struct arena a;
    struct hearing h;
    arena_init(&a, ARENA_BYTES_MAX);
    if (hear(d, message, (struct asked){0}, false, now_s, &a, &h)) {
        struct explainer x = {out, d, &h, &a};
        explain_words(&x);
        explain_cues(&x);
        explain_reach(&x);
        explain_phrases(&x);
        explain_answer(&x);
        explain_findings(&x);
        explain_likeness(&x);
        explain_requests(&x);
        explain_rules(&x);
    } else {
        buf_add(out, STR("this message needs more memory than a message may have\n"));
    }
    arena_finish(&a);
}

/* --- JSON --- */

/* What was heard, details of other findings or all the rest: "name":value, ... */
static void add_findings(struct buf *out, const struct dialog *d, const struct hearing *h, bool details) {
    const char *before = "";
    for (size_t i = 0; i < h->heard_count; i++) {
        const struct finding *f = &d->findings[h->heard[i].finding];
        if (f->detail != details)
            continue;
        buf_add(out, str_of(before));
        json_add_text(out, f->name);
        buf_add_char(out, ':');
        json_add_value(out, d, h->heard[i].finding, h->heard[i].value);
        before = ",";
    }
}

static void add_likeness(struct buf *out, const struct dialog *d, const struct sounds_like *like) {
    buf_add(out, STR(",\"sounds_like\":"));
    json_add_text(out, d->findings[like->finding].name);
    buf_printf(out, ",\"score\":%.3f", (double)like->score);
}

static struct asked read_asked(const struct dialog *d, const cJSON *list, uint16_t *findings) {
    struct asked asked = {findings, 0};
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        uint16_t finding = cJSON_IsString(item) ? dialog_find_finding(d, str_of(item->valuestring)) : DIALOG_NONE;
        if (finding != DIALOG_NONE && asked.count < ASKED_MAX)
            findings[asked.count++] = finding;
    }
    return asked;
}

void explain_json_line(struct buf *out, const struct dialog *d, struct str line, int64_t now_s) {
    struct arena a;
    struct hearing h;
    uint16_t findings[ASKED_MAX];
    arena_init(&a, ARENA_BYTES_MAX);
    cJSON *json = cJSON_ParseWithLength(line.ptr ? line.ptr : "", line.len);
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "text");
    buf_add(out, STR("{\"findings\":{"));
    if (!cJSON_IsString(text)) {
        buf_add(out, STR("},\"error\":\"an object with a string \\\"text\\\" is expected\"}"));
    } else {
        struct asked asked = read_asked(d, cJSON_GetObjectItemCaseSensitive(json, "asked"), findings);
        bool heard = hear(d, str_of(text->valuestring), asked, false, now_s, &a, &h);
        if (heard)
            add_findings(out, d, &h, false);
        buf_add(out, STR("},\"details\":{"));
        if (heard)
            add_findings(out, d, &h, true);
        buf_add_char(out, '}');
        if (heard && h.sounds_like.finding != DIALOG_NONE)
            add_likeness(out, d, &h.sounds_like);
        buf_add_char(out, '}');
    }
    cJSON_Delete(json);
    arena_finish(&a);
}
