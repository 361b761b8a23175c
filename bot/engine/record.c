#include "engine/record.h"

#include "dialog/advice.h"
#include "dialog/json.h"
#include "dialog/triage.h"
#include "dialog/voice.h"

enum {
    ESCAPED_MAX = 6,       /* bytes of JSON for one of text: "\u0000" */
    REST_BYTES = 4 * 1024, /* of most records, less the text */
};

static void add_replies(struct buf *b, const struct engine_reply *replies, size_t count) {
    buf_add(b, STR(",\"replies\":["));
    for (size_t i = 0; i < count; i++) {
        buf_add(b, i ? STR(",{\"text\":") : STR("{\"text\":"));
        json_add_text(b, replies[i].text);
        buf_add(b, STR(",\"choices\":["));
        for (size_t c = 0; c < replies[i].choice_count; c++) {
            if (c)
                buf_add_char(b, ',');
            json_add_text(b, replies[i].choices[c]);
        }
        buf_add(b, STR("]}"));
    }
    buf_add_char(b, ']');
}

static void add_asks(struct buf *b, const struct dialog *d, const struct session *s) {
    uint16_t asks[DIALOG_SCREEN_MAX];
    size_t n = machine_asks(d, s, asks);
    buf_add(b, STR(",\"asks\":["));
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(b, ',');
        json_add_text(b, d->findings[asks[i]].name);
    }
    buf_add_char(b, ']');
}

/* All that fires where the level told is that of now; else the rules that gave the level when it was told. */
static void add_triage(struct buf *b, const struct view *v, const struct session *s) {
    struct triage now;
    if (s->told == LEVEL_NONE) {
        buf_add(b, STR(",\"triage\":null"));
        return;
    }
    struct triage_watch watch;
    triage_watch_start(&watch, v);
    triage_eval(&watch, LEVEL_EMERGENCY, &now);
    bool same = now.level == (enum level)s->told;
    const uint16_t *rules = same ? now.fired : s->told_rules;
    uint16_t count = same ? now.fired_count : SESSION_RULES_MAX;
    buf_printf(b, ",\"triage\":{\"level\":\"%s\",\"rules\":[", level_name((enum level)s->told));
    for (uint16_t i = 0; i < count && rules[i] != DIALOG_NONE; i++) {
        if (i)
            buf_add_char(b, ',');
        json_add_text(b, v->dialog->rules[rules[i]].name);
    }
    buf_add(b, STR("]}"));
}

static void add_advice(struct buf *b, const struct dialog *d, const struct session *s, const struct voice *voice) {
    struct advice advice = {0};
    if (s->flags & SESSION_ADVISED)
        advice_find(&voice->view, &advice);
    buf_add(b, STR(",\"causes\":["));
    for (uint16_t i = 0; i < advice.cause_count; i++) {
        buf_add(b, i ? STR(",{\"id\":") : STR("{\"id\":"));
        json_add_text(b, d->causes[advice.causes[i].cause].name);
        buf_add(b, STR(",\"because\":["));
        for (uint16_t r = 0; r < advice.causes[i].reason_count; r++) {
            if (r)
                buf_add_char(b, ',');
            json_add_text(b, voice_text(voice, advice.causes[i].reasons[r]));
        }
        buf_add(b, STR("]}"));
    }
    buf_add(b, STR("],\"remedies\":["));
    for (uint16_t i = 0; i < advice.remedy_count; i++) {
        if (i)
            buf_add_char(b, ',');
        json_add_text(b, d->remedies[advice.remedies[i]].name);
    }
    buf_add_char(b, ']');
}

struct str record_turn(struct engine *e, unsigned number, const struct str *text, const struct engine_reply *replies,
                       size_t count) {
    const struct turn *t = engine_last_turn(e);
    const struct dialog *d = t->dialog;
    const struct session *s = t->session;
    struct voice voice = {.view = {d, &s->now, (enum level)s->told, NULL}, .place = t->place, .seed = s->seed, .arena = t->arena};
    voice.about_other = d->about_other.nodes && guard_eval(&d->about_other, &voice.view) == KLEENE_YES;
    struct buf b;
    buf_init(&b, t->arena);
    buf_reserve(&b, ESCAPED_MAX * (text ? text->len : 0) + REST_BYTES);
    buf_printf(&b, "{\"turn\":%u,\"text\":", number);
    if (text)
        json_add_text(&b, *text);
    else
        buf_add(&b, STR("null"));
    add_replies(&b, replies, count);
    buf_add(&b, STR(",\"state\":"));
    json_add_text(&b, d->states[s->here.state].name);
    add_asks(&b, d, s);
    buf_add(&b, STR(",\"findings\":"));
    json_add_findings(&b, d, &s->now);
    add_triage(&b, &voice.view, s);
    add_advice(&b, d, s, &voice);
    buf_printf(&b, ",\"end\":%s}", s->flags & SESSION_ENDED ? "true" : "false");
    return b.failed ? STR_NONE : buf_str(&b);
}
