#include "author/talk.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "core/civil.h"
#include "core/utf8.h"
#include "dialog/advice.h"
#include "dialog/json.h"
#include "dialog/machine.h"

/* A talk is played on the machine itself: no engine, no store, a clock that stands still. */

enum { ARENA_BYTES_MAX = 8 << 20, ANSWERS_MAX = 40, USUAL_MAX = 32, PATTERN_BYTES_MAX = 200 };

struct usual {
    struct str finding, text;
};

struct play {
    struct buf *out;
    const struct dialog *d;
    struct str file;
    unsigned line;
    bool good;
    struct arena arena;  /* the turn's */
    struct arena script; /* lives as long as the talk */
    struct session session;
    struct turn turn;
    struct buf said; /* the last replies, joined; on the heap */
    struct usual usual[USUAL_MAX];
    size_t usual_count;
    int64_t now_ms;
};

static void fail(struct play *p, const char *what, struct str detail) {
    p->good = false;
    buf_printf(p->out, "%.*s:%u: %s: %.*s\n", STR_ARG(p->file), p->line, what, STR_ARG(detail));
}

/* ---- the bot's side ---- */

static void collect(struct play *p) {
    buf_clear(&p->said);
    for (size_t i = 0; i < p->turn.reply_count; i++) {
        const struct reply *r = &p->turn.replies[i];
        buf_add(&p->said, r->text);
        buf_add_char(&p->said, '\n');
        for (uint16_t c = 0; c < r->choice_count; c++)
            buf_printf(&p->said, "[%.*s]\n", STR_ARG(r->choices[c]));
    }
}

static void say(struct play *p, struct str text) {
    arena_reset(&p->arena);
    p->turn.now_ms = p->now_ms;
    if (!machine_turn(&p->turn, text))
        fail(p, "out of memory at", text);
    collect(p);
}

static void begin(struct play *p, struct str country, unsigned seed) {
    p->session = (struct session){.seed = (uint8_t)seed};
    p->turn = (struct turn){.dialog = p->d, .place = dialog_find_place(p->d, country), .session = &p->session,
                            .arena = &p->arena, .now_ms = p->now_ms};
    machine_start(&p->turn);
    collect(p);
}

/* ---- answers of someone with nothing special to say ---- */

static struct str usual_answer(const struct play *p, const struct finding *f) {
    for (size_t i = 0; i < p->usual_count; i++)
        if (str_equal(p->usual[i].finding, f->name))
            return p->usual[i].text;
    if (f->kind == FINDING_YESNO)
        return STR("no");
    if (f->kind == FINDING_SET)
        return STR("none");
    if (f->option_count > 0)
        return f->options[0].say;
    return STR("not sure");
}

static void answer_all(struct play *p) {
    for (unsigned i = 0; i < ANSWERS_MAX && !(p->session.flags & SESSION_ENDED); i++) {
        uint16_t asks[DIALOG_SCREEN_MAX];
        size_t n = machine_asks(p->d, &p->session, asks);
        struct buf text;
        buf_init_heap(&text);
        for (size_t a = 0; a < n; a++) {
            struct str answer = usual_answer(p, &p->d->findings[asks[a]]);
            if (n > 1 && str_equal(answer, STR("no")))
                continue;
            buf_add(&text, text.len ? STR(" and ") : STR(""));
            buf_add(&text, answer);
        }
        if (text.len == 0)
            buf_add(&text, n == 0 ? STR("ok") : STR("no, none of those"));
        say(p, buf_str(&text));
        buf_finish(&text);
    }
    if (!(p->session.flags & SESSION_ENDED))
        fail(p, "no advice after the usual answers, the bot says", buf_str(&p->said));
}

/* ---- checks ---- */

/* Long or nested repeats, references back and very long patterns can take libc's matcher more memory, time or stack than there is. */
static bool is_tame(struct str pattern) {
    bool tame = pattern.len < PATTERN_BYTES_MAX && str_find(pattern, STR("{")) == SIZE_MAX;
    for (size_t i = 0; i + 1 < pattern.len; i++)
        tame = tame && !(pattern.ptr[i] == '\\' && str_is_digit(pattern.ptr[i + 1]));
    return tame;
}

static bool matches(struct play *p, struct str want) {
    char pattern[PATTERN_BYTES_MAX];
    struct str inner = str_slice(want, 1, want.len - 2);
    regex_t regex;
    if (!is_tame(inner)) {
        fail(p, "not a regular expression that can be used here (no {, no \\1, under 200 bytes)", utf8_head(want, PATTERN_BYTES_MAX));
        return true;
    }
    snprintf(pattern, sizeof pattern, "%.*s", STR_ARG(inner));
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
        fail(p, "not a regular expression", want);
        return true;
    }
    bool found = regexec(&regex, p->said.ptr ? p->said.ptr : "", 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static bool said(struct play *p, struct str want) {
    if (want.len > 2 && want.ptr[0] == '/' && want.ptr[want.len - 1] == '/')
        return matches(p, want);
    return str_find(buf_str(&p->said), want) != SIZE_MAX;
}

static bool finding_is(struct play *p, uint16_t finding, struct str want) {
    struct value v = frame_get(p->d, &p->session.now, finding);
    if (v.state == VALUE_UNKNOWN)
        return str_equal(want, STR("unknown"));
    struct buf b;
    buf_init(&b, &p->arena);
    json_add_value(&b, p->d, finding, v);
    struct str got = buf_str(&b);
    if (got.len > 1 && got.ptr[0] == '"')
        got = str_slice(got, 1, got.len - 2);
    if (got.len > 1 && got.ptr[0] == '[')
        return str_find(got, arena_printf(&p->arena, "\"%.*s\"", STR_ARG(want))) != SIZE_MAX;
    return str_equal(got, want);
}

static bool advises(struct play *p, bool causes, struct str name) {
    struct view view = {p->d, &p->session.now, (enum level)p->session.told, NULL};
    struct advice advice;
    if (!(p->session.flags & SESSION_ADVISED))
        return false;
    advice_find(&view, &advice);
    for (uint16_t i = 0; causes && i < advice.cause_count; i++)
        if (str_equal(p->d->causes[advice.causes[i].cause].name, name))
            return true;
    for (uint16_t i = 0; !causes && i < advice.remedy_count; i++)
        if (str_equal(p->d->remedies[advice.remedies[i]].name, name))
            return true;
    return false;
}

static bool told_rule(const struct play *p, struct str name) {
    for (uint16_t i = 0; i < SESSION_RULES_MAX && p->session.told_rules[i] != DIALOG_NONE; i++)
        if (str_equal(p->d->rules[p->session.told_rules[i]].name, name))
            return true;
    return false;
}

static bool asks(const struct play *p, struct str name) {
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t n = machine_asks(p->d, &p->session, asked);
    for (size_t i = 0; i < n; i++)
        if (str_equal(p->d->findings[asked[i]].name, name))
            return true;
    return n == 0 && str_equal(name, STR("nothing"));
}

static bool holds(struct play *p, struct str check) {
    struct str what = str_cut(&check, ' ');
    struct str value = str_trim(check);
    if (str_equal(what, STR("level")))
        return str_equal(str_of(level_name((enum level)p->session.told)), value);
    if (str_equal(what, STR("rule")))
        return told_rule(p, value);
    if (str_equal(what, STR("cause")) || str_equal(what, STR("remedy")))
        return advises(p, str_equal(what, STR("cause")), value);
    if (str_equal(what, STR("state")))
        return str_equal(p->d->states[p->session.here.state].name, value);
    if (str_equal(what, STR("asks")))
        return asks(p, value);
    if (str_equal(what, STR("end")))
        return p->session.flags & SESSION_ENDED;
    uint16_t finding = dialog_find_finding(p->d, what);
    if (finding == DIALOG_NONE) {
        fail(p, "no finding of this name", what);
        return true;
    }
    return finding_is(p, finding, value);
}

/* ---- the script ---- */

struct settings {
    struct str country;
    unsigned seed;
    bool begun;
};

static void set(struct play *p, struct settings *s, struct str line) {
    struct str what = str_cut(&line, ' ');
    uint64_t number;
    if (str_equal(what, STR("now"))) {
        int64_t seconds = 0;
        if (!civil_parse(line, &seconds))
            fail(p, "not a time like 2026-01-31T12:00:00Z", line);
        p->now_ms = seconds * 1000;
    } else if (str_equal(what, STR("country"))) {
        s->country = line;
    } else if (str_equal(what, STR("seed")) && str_to_u64(line, &number)) {
        s->seed = (unsigned)number;
    } else if (str_equal(what, STR("usual")) && p->usual_count < USUAL_MAX) {
        struct str finding = str_cut(&line, ' ');
        if (dialog_find_finding(p->d, finding) == DIALOG_NONE)
            fail(p, "no finding of this name", finding);
        p->usual[p->usual_count++] = (struct usual){finding, line};
    } else {
        fail(p, "not a setting", what);
    }
}

static void play_line(struct play *p, struct settings *s, struct str line) {
    if (line.len == 0 || line.ptr[0] == '#')
        return;
    bool turned = line.ptr[0] == '!';
    if (turned)
        line = str_slice(line, 1, line.len);
    char kind = line.len ? line.ptr[0] : ' ';
    struct str rest = str_trim(str_slice(line, 1, line.len));
    if (kind == '@') {
        set(p, s, rest);
        return;
    }
    if (!s->begun)
        begin(p, s->country, s->seed);
    s->begun = true;
    if (kind == '>')
        say(p, rest);
    else if (kind == '*')
        answer_all(p);
    else if (kind == '<' && said(p, rest) == turned)
        fail(p, turned ? "said, and should not have been" : "not said", rest), fail(p, "the bot says", buf_str(&p->said));
    else if (kind == '=' && holds(p, rest) == turned)
        fail(p, turned ? "holds, and should not" : "does not hold", rest), fail(p, "the bot says", buf_str(&p->said));
    else if (kind != '<' && kind != '=')
        fail(p, "a line begins with > < = ! * @ or #", line);
}

bool talk_play(struct buf *out, const struct dialog *d, struct str file, struct str text) {
    struct play p = {.out = out, .d = d, .file = file, .good = true, .now_ms = INT64_C(1769860800000)};
    struct settings s = {.begun = false};
    arena_init(&p.arena, ARENA_BYTES_MAX);
    arena_init(&p.script, ARENA_BYTES_MAX);
    buf_init_heap(&p.said);
    while (text.len > 0) {
        p.line++;
        play_line(&p, &s, str_trim(str_cut(&text, '\n')));
    }
    if (!s.begun)
        fail(&p, "an empty talk", file);
    buf_finish(&p.said);
    arena_finish(&p.script);
    arena_finish(&p.arena);
    return p.good;
}
