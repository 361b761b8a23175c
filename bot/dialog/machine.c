#include "dialog/machine.h"

#include <string.h>

#include "dialog/talk_work.h"

/* The order within a turn: hear everything, keep it, look at all rules, then decide: an emergency before anything else,
 * commands, questions of the person, and only then the next question of ours. */

enum {
    STATES_PER_TURN_MAX = 32, /* a dialog whose states lead in a circle stops here */
    MISSES_OUT = 3,           /* after so many messages in a row not understood, and again after as many more: the way out */
    TRIES_MOST = 2,           /* answers to one question not understood: it counts as "not sure" */
};

/* ---- small parts ---- */

void talk_reply(struct talk *k, struct str text) {
    struct turn *t = k->turn;
    if (text.len > 0 && t->reply_count < TURN_REPLIES_MAX)
        t->replies[t->reply_count++] = (struct reply){.text = text};
}

void talk_say(struct talk *k, enum engine_say say) { talk_reply(k, voice_say(&k->voice, (uint16_t)say)); }

enum level talk_fires(const struct talk *k) {
    uint16_t rule = k->session->reached;
    return rule < k->dialog->rule_count ? k->dialog->rules[rule].level : LEVEL_NONE;
}

enum level talk_level(const struct talk *k) {
    enum level reached = talk_fires(k), told = (enum level)k->session->told;
    return reached > told ? reached : told;
}

static void find_whose(struct talk *k) {
    k->voice.about_other = k->dialog->about_other.nodes && guard_eval(&k->dialog->about_other, &k->voice.view) == KLEENE_YES;
}

void talk_refresh(struct talk *k) {
    k->voice.view.known = NULL;
    k->voice.view.told = talk_level(k);
    talk_watch_start(k);
    find_whose(k);
}

void talk_refresh_level(struct talk *k) {
    enum level before = k->voice.view.told;
    k->voice.view.told = talk_level(k);
    if (k->voice.view.told != before && k->dialog->normal->level_matters)
        talk_refresh(k);
}

void talk_watch_start(struct talk *k) {
    triage_watch_start(&k->watch, &k->voice.view);
    k->voice.view.known = k->watch.view.known;
    k->watching = true;
}

static void talk_init(struct talk *k, struct turn *t) {
    k->turn = t;
    k->dialog = t->dialog;
    k->session = t->session;
    k->voice = (struct voice){.view = {t->dialog, &t->session->now, LEVEL_NONE, NULL},
                              .place = t->place,
                              .seed = (unsigned)t->session->seed * 31u + t->session->turn,
                              .arena = t->arena};
    k->voice.view.told = talk_level(k);
    k->watching = false;
    find_whose(k);
}

static const struct state *state_now(const struct talk *k) { return &k->dialog->states[k->session->here.state]; }

static void go(struct talk *k, uint16_t state) {
    k->session->here.state = state;
    k->session->flags &= (uint8_t)~SESSION_ENTERED;
    ask_close(k->session);
}

/* ---- running the states ---- */

static void enter(struct talk *k, const struct state *s) {
    if (k->session->flags & SESSION_ENTERED)
        return;
    k->session->flags |= SESSION_ENTERED;
    for (uint16_t i = 0; i < s->say_count; i++)
        talk_reply(k, voice_say(&k->voice, s->says[i]));
}

static bool leave(struct talk *k, const struct state *s) {
    for (uint16_t i = 0; i < s->next_count; i++) {
        if (guard_eval(&s->next[i].only_if, &k->voice.view) == KLEENE_YES) {
            go(k, s->next[i].state);
            return true;
        }
    }
    return false;
}

/* Asks what the state wants to know. True when a question was put. */
static bool ask(struct talk *k, const struct state *s) {
    bool urgent = talk_level(k) >= LEVEL_URGENT && !s->even_urgent;
    if ((!urgent && ask_listed(k, s)) || ask_settled(k, s))
        return true;
    ask_close(k->session); /* only now: a screen taken apart goes on from the question before */
    return false;
}

/* Advice waits for the safety questions, however the author has written the state. */
static bool advise(struct talk *k, const struct state *s, bool at_once) {
    if (s->advise_count == 0)
        return true;
    if (!at_once && talk_level(k) < LEVEL_EMERGENCY && ask_safety(k))
        return false;
    tell_advice(k, s);
    talk_refresh_level(k);
    return true;
}

/* Runs on until a question is put or a state listens. `heard`: this turn's message is the one a listening state waited for.
 * at_once: the first state was reached by an `always` branch. */
static void run(struct talk *k, bool heard, bool at_once) {
    for (unsigned i = 0; i < STATES_PER_TURN_MAX; i++, heard = false, at_once = false) {
        const struct state *s = state_now(k);
        bool waited = heard && (k->session->flags & SESSION_ENTERED);
        enter(k, s);
        if (!(s->listen && waited)) {
            if (ask(k, s) || !advise(k, s, at_once))
                return;
            if (s->end)
                k->session->flags |= SESSION_ENDED;
        }
        if (s->listen && (!waited || s->next_count == 0))
            return;
        if (!leave(k, s))
            return;
    }
}

/* ---- keeping what was heard ---- */

/* "Not sure" never replaces an answer, and of a yes-or-no question it counts twice before it is final. */
static struct value settle_doubt(const struct talk *k, uint16_t finding, struct value old, bool asked) {
    if (old.state == VALUE_KNOWN || old.state == VALUE_STILL_UNSURE)
        return old;
    bool once = k->dialog->findings[finding].kind == FINDING_YESNO && (old.state == VALUE_UNKNOWN || !asked);
    return (struct value){once ? VALUE_UNSURE : VALUE_STILL_UNSURE, 0};
}

/* What a message changed. */
struct changes {
    uint16_t findings[HEARD_MAX];
    size_t count;
};

static void keep(struct talk *k, uint16_t finding, struct value new, bool asked, struct changes *c) {
    struct value old = frame_get(k->dialog, &k->session->now, finding);
    if (new.state == VALUE_UNSURE)
        new = settle_doubt(k, finding, old, asked);
    if (value_equal(old, new) || c->count == HEARD_MAX)
        return;
    c->findings[c->count++] = finding;
    frame_set(k->dialog, &k->session->now, finding, new);
}

static bool is_among(uint16_t finding, const uint16_t *asked, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (asked[i] == finding)
            return true;
    return false;
}

static void keep_all(struct talk *k, const uint16_t *asked, size_t asked_count, struct changes *c) {
    const struct hearing *h = &k->turn->hearing;
    for (size_t i = 0; i < h->heard_count; i++)
        keep(k, h->heard[i].finding, h->heard[i].value, is_among(h->heard[i].finding, asked, asked_count), c);
}

static void look_at_all(struct talk *k) {
    struct triage now;
    triage_eval(talk_watch(k), LEVEL_EMERGENCY, &now);
    k->session->reached = now.level >= LEVEL_ROUTINE ? now.fired[0] : DIALOG_NONE;
}

/* Rules outrank the flow: after every message they are looked at again. A rule can begin or stop to fire only by one of the findings that
 * changed: while the one that gave the level goes on firing, only those need a look that outrank it and may have begun to. */
static void look_again(struct talk *k, const struct changes *c) {
    struct session *s = k->session;
    talk_refresh(k);
    struct triage_watch *w = talk_watch(k);
    if (s->reached != DIALOG_NONE && !triage_fires(w, s->reached)) {
        look_at_all(k);
    } else {
        enum level reached = talk_fires(k);
        uint16_t higher = triage_rising(w, c->findings, c->count, reached > LEVEL_SELF_CARE ? reached : LEVEL_SELF_CARE);
        if (higher != DIALOG_NONE)
            s->reached = higher;
    }
    talk_refresh_level(k);
}

/* ---- jumps from anywhere ---- */

/* The first `always` branch that has become true with this message. */
static bool jump(struct talk *k, const struct frame *earlier, enum level told) {
    const struct dialog *d = k->dialog;
    struct view before = {d, earlier, told, NULL};
    for (uint16_t i = 0; i < d->always_count; i++) {
        const struct branch *b = &d->always[i];
        if (guard_eval(&b->only_if, &k->voice.view) != KLEENE_YES || guard_eval(&b->only_if, &before) == KLEENE_YES)
            continue;
        go(k, b->state);
        return true;
    }
    return false;
}

/* After the advice something new came up that outranks it, or has to be looked into: through the questions again. */
static bool reopen(struct talk *k) {
    if (!(k->session->flags & SESSION_ENDED) || k->session->told == LEVEL_EMERGENCY)
        return false;
    bool higher = talk_fires(k) > (enum level)k->session->told;
    bool open = !slot_set_is_empty(triage_needs(talk_watch(k), LEVEL_EMERGENCY)) ||
                (k->session->told < LEVEL_URGENT && !slot_set_is_empty(triage_needs(talk_watch(k), LEVEL_URGENT)));
    uint16_t safety = ask_safety_state(k->dialog);
    if ((!higher && !open) || safety == DIALOG_NONE)
        return false;
    talk_say(k, SAY_LEVEL_UP);
    k->session->flags &= (uint8_t)~SESSION_ENDED;
    go(k, safety);
    return true;
}

/* After the advice a new fact may speak for other causes: they are told again. */
static bool advise_again(struct talk *k, const struct frame *earlier) {
    if (!(k->session->flags & SESSION_ADVISED) || !(k->session->flags & SESSION_ENDED))
        return false;
    struct view before = {k->dialog, earlier, k->voice.view.told, NULL};
    struct advice was, is;
    advice_find(&before, &was);
    advice_find(&k->voice.view, &is);
    bool same = was.cause_count == is.cause_count;
    for (uint16_t i = 0; same && i < is.cause_count; i++)
        same = was.causes[i].cause == is.causes[i].cause;
    if (same)
        return false;
    struct buf b;
    buf_init(&b, k->turn->arena);
    tell_causes_and_remedies(k, &b);
    talk_reply(k, buf_str(&b));
    k->turn->gave_advice = true;
    return true;
}

/* What a listening state says to a message that needs no other answer. */
static void answer_otherwise(struct talk *k, enum engine_say say) {
    uint16_t own = state_now(k)->otherwise;
    talk_reply(k, voice_say(&k->voice, own != DIALOG_NONE ? own : (uint16_t)say));
}

/* ---- commands ---- */

static void take_back(struct talk *k) {
    struct session *s = k->session;
    s->now = s->earlier;
    s->here = s->before;
    s->flags &= (uint8_t) ~(SESSION_UNDO | SESSION_ALONE);
    s->flags |= SESSION_ENTERED;
    s->misses = 0;
    talk_refresh(k);
    look_at_all(k);
    talk_refresh_level(k);
}

static void step_back(struct talk *k) {
    bool can = k->session->flags & SESSION_UNDO;
    if (can)
        take_back(k);
    ask_resume(k, voice_say(&k->voice, can ? SAY_BACK : SAY_BACK_NONE), false);
}

static bool obey(struct talk *k, int command) {
    struct turn *t = k->turn;
    switch (command) {
    case COMMAND_HELP:
        ask_resume(k, voice_say(&k->voice, SAY_HELP), false);
        return true;
    case COMMAND_BACK:
        step_back(k);
        return true;
    case COMMAND_RESTART:
        talk_say(k, SAY_RESTART);
        machine_start(t);
        return true;
    case COMMAND_WHY:
        ask_resume(k, tell_why(k), false);
        return true;
    case COMMAND_STOP:
        talk_say(k, SAY_STOP);
        ask_close(k->session);
        k->session->flags |= SESSION_CLOSED;
        return true;
    case COMMAND_SOURCES:
        ask_resume(k, tell_sources(k), false);
        return true;
    case COMMAND_DELETE:
        talk_say(k, SAY_DELETE);
        t->forget = true;
        k->session->flags |= SESSION_CLOSED;
        return true;
    case COMMAND_SUMMARY:
        ask_resume(k, machine_summary(t), false);
        return true;
    default:
        return false; /* "private" and "here" are the engine's */
    }
}

/* ---- what was not understood ---- */

/* The open question is put another way: a screen sign by sign, a single one in its other words, in the end with the way out. */
static void miss(struct talk *k) {
    struct session *s = k->session;
    if (s->misses < UINT8_MAX)
        s->misses++;
    if (!ask_is_open(s)) {
        answer_otherwise(k, SAY_UNCLEAR_OPEN);
        return;
    }
    if (ask_is_screen(k->dialog, s->here.ask)) {
        s->flags |= SESSION_ALONE;
        uint16_t screen = s->here.ask;
        uint16_t first = (uint16_t)(s->here.ask_mask & -s->here.ask_mask);
        s->here.ask = ask_finding(k->dialog, k->dialog->screens[screen].findings[__builtin_ctz(first)]);
        s->here.ask_mask = 0;
        ask_resume(k, voice_say(&k->voice, SAY_UNCLEAR), false);
        return;
    }
    uint16_t finding = ask_to_finding(k->dialog, s->here.ask);
    if (++s->tries < TRIES_MOST) {
        ask_resume(k, voice_say(&k->voice, s->misses % MISSES_OUT == 0 ? SAY_UNCLEAR_OUT : SAY_UNCLEAR), true);
        return;
    }
    struct frame earlier = s->now;
    struct changes changes = {.count = 0};
    keep(k, finding, VALUE_DOUBT, true, &changes);
    look_again(k, &changes);
    bool jumped = jump(k, &earlier, (enum level)s->told);
    if (!jumped)
        talk_say(k, s->misses % MISSES_OUT == 0 ? SAY_UNCLEAR_OUT : SAY_UNCLEAR_AGAIN);
    run(k, false, jumped);
}

/* ---- the turn ---- */

void machine_start(struct turn *t) {
    struct session *s = t->session;
    int64_t touched = s->touched_ms;
    uint8_t dialog = s->dialog, seed = s->seed;
    *s = (struct session){.touched_ms = touched, .revision = t->dialog->revision, .dialog = dialog, .seed = seed, .reached = DIALOG_NONE};
    s->here = s->before = (struct standing){.state = t->dialog->start, .ask = DIALOG_NONE};
    for (uint16_t i = 0; i < SESSION_RULES_MAX; i++)
        s->told_rules[i] = DIALOG_NONE;
    t->started = true;
    struct talk k;
    talk_init(&k, t);
    run(&k, false, false);
}

void machine_resume(struct turn *t, int lead) {
    struct talk k;
    talk_init(&k, t);
    ask_resume(&k, voice_say(&k.voice, (uint16_t)lead), false);
}

struct str machine_say(struct turn *t, int say) {
    struct talk k;
    talk_init(&k, t);
    return voice_say(&k.voice, (uint16_t)say);
}

/* Answers a question of the person; the open one comes again unless the message answered it as well. */
static struct str answer_in_between(struct talk *k) {
    const struct hearing *h = &k->turn->hearing;
    if (h->topic != DIALOG_NONE)
        return tell_topic(k, h->topic);
    if (h->cause != DIALOG_NONE)
        return tell_cause(k, h->cause);
    return STR_NONE;
}

/* The sign that the message sounds like, if it is worth a question of its own now; else DIALOG_NONE. Nobody is asked who was told to get
 * help, while that state lasts. */
static uint16_t worth_asking(const struct talk *k) {
    const struct hearing *h = &k->turn->hearing;
    uint16_t sign = h->sounds_like.finding;
    if (sign == DIALOG_NONE || frame_state(k->dialog, &k->session->now, sign) != VALUE_UNKNOWN ||
        guard_eval(&k->dialog->findings[sign].only_if, &k->voice.view) == KLEENE_NO)
        return DIALOG_NONE;
    bool in_need = k->session->told >= LEVEL_URGENT && !(k->session->flags & SESSION_ENDED);
    if (in_need || talk_level(k) == LEVEL_EMERGENCY)
        return DIALOG_NONE;
    return ask_is_open(k->session) && k->session->here.ask == ask_finding(k->dialog, sign) ? DIALOG_NONE : sign;
}

static void decide(struct talk *k, bool changed, const struct frame *earlier) {
    struct session *s = k->session;
    const struct hearing *h = &k->turn->hearing;
    if (changed && jump(k, earlier, (enum level)s->told)) {
        run(k, false, true);
        return;
    }
    if (!changed && h->command >= 0 && obey(k, h->command))
        return;
    struct str between = answer_in_between(k);
    if (changed && reopen(k)) {
        run(k, false, false);
        return;
    }
    if (h->out_of_range && !h->answered) {
        ask_resume(k, voice_say(&k->voice, SAY_RANGE), false);
        return;
    }
    uint16_t sign = worth_asking(k);
    if (sign != DIALOG_NONE) {
        talk_reply(k, between);
        s->misses = 0;
        ask_to_be_sure(k, sign);
        return;
    }
    bool was_open = ask_is_open(s);
    bool aside = between.len > 0 || h->social;
    /* What only sounds like a question is answered once; said again, it was meant as an answer that nobody understood. */
    bool asks = h->social || h->reading.answer & ANSWER_QUESTION;
    if (was_open && !changed && !h->answered && aside && (asks || s->misses == 0)) {
        s->misses = (uint8_t)(s->misses + !asks);
        ask_resume(k, between, false);
        return;
    }
    aside = aside && (asks || changed || h->answered || !was_open);
    /* What was known before and answers nothing is a miss: the same question is not put in the same words for ever. */
    bool understood = changed || h->answered || aside || (!was_open && h->heard_count > 0);
    talk_reply(k, between);
    bool waits = state_now(k)->listen && state_now(k)->next_count > 0;
    if (!understood && !waits) {
        miss(k);
        return;
    }
    s->misses = 0;
    if (changed && advise_again(k, earlier))
        return;
    size_t before = k->turn->reply_count;
    run(k, true, false);
    if (k->turn->reply_count == before && between.len == 0)
        answer_otherwise(k, changed ? SAY_NOTED : SAY_WELCOME);
}

bool machine_turn(struct turn *t, struct str text) {
    struct session *s = t->session;
    t->reply_count = 0;
    t->hearing = (struct hearing){.sounds_like = {.finding = DIALOG_NONE}, .topic = DIALOG_NONE, .cause = DIALOG_NONE, .command = -1};
    if (s->revision != t->dialog->revision || s->flags & SESSION_CLOSED || s->here.state >= t->dialog->state_count)
        machine_start(t);
    struct talk k;
    talk_init(&k, t);
    if (t->corrects && s->flags & SESSION_UNDO && s->changed)
        take_back(&k);
    s->turn++;
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t asked_count = machine_asks(t->dialog, s, asked);
    if (text.len > READING_BYTES_MAX)
        talk_say(&k, SAY_TOO_LONG);
    if (!hear(t->dialog, ask_pick(&k, text), (struct asked){asked, asked_count}, k.voice.about_other, t->now_ms / 1000,
              t->arena, &t->hearing))
        return false;
    struct frame earlier = s->now;
    struct standing before = s->here;
    struct changes changes = {.count = 0};
    keep_all(&k, asked, asked_count, &changes);
    bool changed = changes.count > 0;
    s->changed = changed;
    if (changed) {
        s->earlier = earlier;
        s->before = before;
        s->flags |= SESSION_UNDO;
        look_again(&k, &changes);
    }
    decide(&k, changed, &earlier);
    s->touched_ms = t->now_ms;
    return true;
}
