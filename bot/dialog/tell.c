#include "dialog/talk_work.h"

/* The machine's answers: the advice, topics, reasons, sources, and the summary for a doctor. */

enum { REASONS_TOLD_MAX = 3, SOURCES_TOLD_MAX = 8 };

static void paragraph(struct buf *b, struct str text) {
    if (text.len == 0)
        return;
    if (b->len > 0)
        buf_add(b, STR("\n\n"));
    buf_add(b, text);
}

/* ---- advice ---- */

/* A rule's own instruction comes before that of its level. */
static void tell_level(struct talk *k, struct buf *b, enum level level, const struct triage *now) {
    const struct level_text *text = &k->dialog->levels[level];
    struct str title = voice_text(&k->voice, &text->title);
    struct str say = voice_text(&k->voice, &text->say);
    for (uint16_t i = 0; i < now->fired_count; i++) {
        const struct rule *rule = &k->dialog->rules[now->fired[i]];
        if (rule->level == level && rule->instead.count > 0) {
            say = voice_text(&k->voice, &rule->instead);
            break;
        }
    }
    if (title.len > 0) {
        paragraph(b, STR("*"));
        buf_add(b, title);
        buf_add_char(b, '*');
    }
    paragraph(b, say);
}

static void tell_because(struct talk *k, struct buf *b, enum level level, const struct triage *now) {
    unsigned told = 0;
    for (uint16_t i = 0; i < now->fired_count && told < REASONS_TOLD_MAX; i++) {
        const struct rule *rule = &k->dialog->rules[now->fired[i]];
        if (rule->level != level || rule->because.count == 0)
            continue;
        if (told++ == 0) {
            paragraph(b, voice_say(&k->voice, SAY_BECAUSE_LEAD));
            buf_add_char(b, ' ');
        } else {
            buf_add(b, STR(". Also, ")); /* a sentence each: they stay short */
        }
        buf_add(b, voice_text(&k->voice, &rule->because));
    }
    if (told > 0)
        buf_add_char(b, '.');
}

static void tell_causes(struct talk *k, struct buf *b, const struct advice *advice) {
    if (advice->cause_count == 0) {
        paragraph(b, voice_say(&k->voice, SAY_CAUSES_NONE));
        return;
    }
    paragraph(b, voice_say(&k->voice, SAY_CAUSES_LEAD));
    for (uint16_t c = 0; c < advice->cause_count; c++) {
        const struct likely *likely = &advice->causes[c];
        buf_add(b, STR("\n- "));
        buf_add(b, k->dialog->causes[likely->cause].title);
        for (uint16_t i = 0; i < likely->reason_count; i++) {
            buf_add(b, i == 0 ? STR(": ") : STR("; "));
            buf_add(b, voice_text(&k->voice, likely->reasons[i]));
        }
    }
}

static void tell_remedies(struct talk *k, struct buf *b, const struct advice *advice) {
    if (advice->remedy_count == 0)
        return;
    paragraph(b, voice_say(&k->voice, SAY_REMEDIES_LEAD));
    for (uint16_t i = 0; i < advice->remedy_count; i++) {
        const struct remedy *remedy = &k->dialog->remedies[advice->remedies[i]];
        buf_add(b, STR("\n- "));
        buf_add(b, voice_text(&k->voice, &remedy->say));
        for (uint16_t c = 0; c < remedy->caution_count; c++) {
            if (guard_eval(&remedy->cautions[c].only_if, &k->voice.view) == KLEENE_NO)
                continue; /* what may apply is said */
            buf_add_char(b, ' ');
            buf_add(b, voice_text(&k->voice, &remedy->cautions[c].say));
        }
    }
}

void tell_causes_and_remedies(struct talk *k, struct buf *b) {
    struct advice advice;
    advice_find(&k->voice.view, &advice);
    tell_causes(k, b, &advice);
    tell_remedies(k, b, &advice);
}

/* Keeps what was told; a level is never lowered again. */
static void remember_level(struct talk *k, enum level level, const struct triage *now) {
    struct session *s = k->session;
    if (level < (enum level)s->told)
        return;
    s->told = (uint8_t)level;
    for (uint16_t i = 0; i < SESSION_RULES_MAX; i++)
        s->told_rules[i] = i < now->fired_count ? now->fired[i] : DIALOG_NONE;
}

/* An emergency's advice does not. */
static bool tells_causes(const struct state *s) {
    for (uint16_t m = 0; m < s->advise_count; m++)
        for (uint16_t p = 0; p < s->advise[m].part_count; p++)
            if (s->advise[m].parts[p].kind == PART_CAUSES || s->advise[m].parts[p].kind == PART_REMEDIES)
                return true;
    return false;
}

void tell_advice(struct talk *k, const struct state *s) {
    struct triage now;
    enum level fires = talk_fires(k);
    triage_eval(talk_watch(k), fires > LEVEL_SELF_CARE ? fires : LEVEL_SELF_CARE, &now);
    enum level level = now.level > (enum level)k->session->told ? now.level : (enum level)k->session->told;
    if (level == LEVEL_NONE)
        level = LEVEL_ROUTINE; /* no rule fits: better seen once than not at all */
    struct advice advice = {0};
    if (tells_causes(s))
        advice_find(&k->voice.view, &advice);
    for (uint16_t m = 0; m < s->advise_count; m++) {
        struct buf b;
        buf_init(&b, k->turn->arena);
        size_t reply = k->turn->reply_count;
        bool tells_level = false;
        for (uint16_t p = 0; p < s->advise[m].part_count; p++) {
            const struct part *part = &s->advise[m].parts[p];
            switch (part->kind) {
            case PART_LEVEL:
                tell_level(k, &b, level, &now);
                remember_level(k, level, &now);
                tells_level = true;
                break;
            case PART_BECAUSE:
                tell_because(k, &b, level, &now);
                break;
            case PART_CAUSES:
                tell_causes(k, &b, &advice);
                k->session->flags |= SESSION_ADVISED;
                k->turn->gave_advice = true;
                break;
            case PART_REMEDIES:
                tell_remedies(k, &b, &advice);
                break;
            case PART_SAY:
                paragraph(&b, voice_say(&k->voice, part->say));
                break;
            }
        }
        talk_reply(k, buf_str(&b));
        if (tells_level && k->turn->reply_count > reply)
            k->turn->replies[reply].level = (uint8_t)level;
    }
}

/* ---- answers in between ---- */

static void add_source(struct talk *k, struct buf *b, const uint16_t *sources, uint16_t count) {
    if (count > 0) {
        buf_add(b, STR(" (Source: "));
        buf_add(b, k->dialog->sources[sources[0]].title);
        buf_add_char(b, ')');
    }
}

static struct str with_source(struct talk *k, const struct wording *w, const uint16_t *sources, uint16_t count) {
    struct buf b;
    buf_init(&b, k->turn->arena);
    buf_add(&b, voice_text(&k->voice, w));
    if (b.len > 0)
        add_source(k, &b, sources, count);
    return buf_str(&b);
}

struct str tell_topic(struct talk *k, uint16_t topic) {
    const struct topic *t = &k->dialog->topics[topic];
    return with_source(k, &t->say, t->sources, t->source_count);
}

struct str tell_cause(struct talk *k, uint16_t cause) {
    const struct cause *c = &k->dialog->causes[cause];
    return with_source(k, &c->about, c->sources, c->source_count);
}

struct str tell_why(struct talk *k) {
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t n = machine_asks(k->dialog, k->session, asked);
    if (n == 0)
        return voice_say(&k->voice, SAY_WHY_NONE);
    const struct finding *f = &k->dialog->findings[asked[0]];
    const struct wording *why = &f->why;
    if (f->screen != DIALOG_NONE && (n > 1 || why->count == 0) && k->dialog->screens[f->screen].why.count > 0)
        why = &k->dialog->screens[f->screen].why;
    return why->count ? with_source(k, why, f->sources, f->source_count) : voice_say(&k->voice, SAY_WHY_NONE);
}

struct source_list {
    uint16_t items[SOURCES_TOLD_MAX];
    uint16_t count;
};

static void list_sources(struct source_list *list, const uint16_t *sources, uint16_t count) {
    for (uint16_t i = 0; i < count && list->count < SOURCES_TOLD_MAX; i++) {
        bool known = false;
        for (uint16_t n = 0; n < list->count; n++)
            known |= list->items[n] == sources[i];
        if (!known)
            list->items[list->count++] = sources[i];
    }
}

struct str tell_sources(struct talk *k) {
    const struct dialog *d = k->dialog;
    struct source_list list = {.count = 0};
    for (uint16_t i = 0; i < SESSION_RULES_MAX && k->session->told_rules[i] != DIALOG_NONE; i++) {
        const struct rule *rule = &d->rules[k->session->told_rules[i]];
        list_sources(&list, rule->sources, rule->source_count);
    }
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t n = machine_asks(d, k->session, asked);
    for (size_t i = 0; i < n; i++)
        list_sources(&list, d->findings[asked[i]].sources, d->findings[asked[i]].source_count);
    if (k->session->flags & SESSION_ADVISED) {
        struct advice advice;
        advice_find(&k->voice.view, &advice);
        for (uint16_t i = 0; i < advice.cause_count; i++) {
            const struct cause *cause = &d->causes[advice.causes[i].cause];
            list_sources(&list, cause->sources, cause->source_count);
        }
    }
    struct buf b;
    buf_init(&b, k->turn->arena);
    buf_add(&b, voice_say(&k->voice, SAY_SOURCES_LEAD));
    for (uint16_t i = 0; i < list.count; i++) {
        const struct source *s = &d->sources[list.items[i]];
        buf_printf(&b, "\n- %.*s <%.*s>", STR_ARG(s->title), STR_ARG(s->url));
    }
    return buf_str(&b);
}

/* ---- the summary for a doctor ---- */

enum summary_line { SUMMARY_KNOWN, SUMMARY_DENIED, SUMMARY_DOUBTED, SUMMARY_OPEN, SUMMARY_LINES };

static enum summary_line summary_line_of(const struct finding *f, struct value v) {
    if (v.state == VALUE_UNKNOWN)
        return SUMMARY_OPEN;
    if (v.state != VALUE_KNOWN)
        return SUMMARY_DOUBTED;
    return f->kind == FINDING_YESNO && v.number <= 0 ? SUMMARY_DENIED : SUMMARY_KNOWN;
}

static void summary_rules(const struct turn *t, struct buf *b) {
    const struct session *s = t->session;
    if (s->told == LEVEL_NONE)
        return;
    buf_printf(b, "\n*Advice given:* %s; rules", level_name((enum level)s->told));
    for (uint16_t i = 0; i < SESSION_RULES_MAX && s->told_rules[i] != DIALOG_NONE; i++)
        buf_printf(b, " %.*s", STR_ARG(t->dialog->rules[s->told_rules[i]].name));
}

/* What was denied or not asked is a long list: its keywords keep it on one screen. */
static void add_keyword(struct buf *b, struct str name) {
    for (size_t i = 0; i < name.len; i++)
        buf_add_char(b, name.ptr[i] == '_' ? ' ' : name.ptr[i]);
}

/* "1 day", "3 weeks", "about 2 years", "400 mg a day". */
static void add_quantity(struct buf *b, const struct finding *f, float number) {
    static const struct span {
        enum measure of;
        float from, days_or_hours; /* from so many of the measure on, in units of so many of it */
        const char *unit;
    } spans[] = {{MEASURE_DAYS, 730, 365, "years"}, {MEASURE_DAYS, 60, 30, "months"}, {MEASURE_DAYS, 14, 7, "weeks"},
                 {MEASURE_HOURS, 48, 24, "days"}};
    struct str unit = f->unit;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (f->measure == spans[i].of && f->per == PER_NONE && number >= spans[i].from) {
            number /= spans[i].days_or_hours;
            unit = str_of(spans[i].unit);
            break;
        }
    }
    buf_printf(b, number < 10 ? "%.2g" : "%.0f", (double)number);
    struct str first = str_cut(&unit, ' ');
    bool singular = number > 0.95f && number < 1.05f && first.len > 1 && first.ptr[first.len - 1] == 's';
    if (first.len > 0)
        buf_printf(b, " %.*s", STR_ARG(str_slice(first, 0, singular ? first.len - 1 : first.len)));
    if (unit.len > 0)
        buf_printf(b, " %.*s", STR_ARG(unit));
}

struct str machine_summary(const struct turn *t) {
    const struct dialog *d = t->dialog;
    struct voice voice = {.view = {d, &t->session->now, (enum level)t->session->told, NULL},
                          .place = t->place, .about_other = true, .seed = t->session->seed, .arena = t->arena};
    struct buf lines[SUMMARY_LINES], b;
    for (int i = 0; i < SUMMARY_LINES; i++)
        buf_init(&lines[i], t->arena);
    for (uint16_t i = 0; i < d->finding_count; i++) {
        const struct finding *f = &d->findings[i];
        struct value v = frame_get(d, &t->session->now, i);
        /* What does not apply is neither denied nor left out, and what is only asked when something calls for it is not missed. */
        if (v.state == VALUE_UNKNOWN && (f->only_if.nodes || f->rule_count == 0 || f->screen == DIALOG_NONE))
            continue;
        enum summary_line line = summary_line_of(f, v);
        struct buf *to = &lines[line];
        if (to->len > 0)
            buf_add(to, STR("; "));
        if (line == SUMMARY_KNOWN || line == SUMMARY_DOUBTED)
            buf_add(to, voice_text(&voice, &f->short_name));
        else
            add_keyword(to, f->name);
        if (line == SUMMARY_KNOWN && f->kind != FINDING_YESNO) {
            buf_add(to, STR(": "));
            if (f->kind == FINDING_NUMBER)
                add_quantity(to, f, v.number);
            else
                voice_add_value(&voice, to, i);
        }
    }
    buf_init(&b, t->arena);
    buf_add(&b, voice_say(&voice, SAY_SUMMARY_LEAD));
    static const uint16_t heads[SUMMARY_LINES] = {
        [SUMMARY_KNOWN] = SAY_SUMMARY_YES, [SUMMARY_DENIED] = SAY_SUMMARY_NO,
        [SUMMARY_DOUBTED] = SAY_SUMMARY_UNSURE, [SUMMARY_OPEN] = SAY_SUMMARY_NOT_ASKED};
    for (int i = 0; i < SUMMARY_LINES; i++)
        if (lines[i].len > 0)
            buf_printf(&b, "\n*%.*s* %.*s", STR_ARG(voice_say(&voice, heads[i])), STR_ARG(buf_str(&lines[i])));
    summary_rules(t, &b);
    return buf_str(&b);
}
