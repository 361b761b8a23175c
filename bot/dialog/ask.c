#include <string.h>

#include "dialog/talk_work.h"

/* The machine's questions: which comes next, how it is worded, and the quick replies that go with it. */

enum {
    CHOICES_MAX = DIALOG_VALUES_MAX + 2,
    SET_SHOWN_MAX = 8, /* a set with more values is answered in words: nobody reads a list of drug classes on a phone */
};

bool ask_is_open(const struct session *s) { return s->here.ask != DIALOG_NONE; }

void ask_close(struct session *s) {
    s->here.ask = DIALOG_NONE;
    s->here.ask_mask = 0;
}

size_t machine_asks(const struct dialog *d, const struct session *s, uint16_t *findings) {
    if (!ask_is_open(s))
        return 0;
    if (!ask_is_screen(d, s->here.ask)) {
        findings[0] = ask_to_finding(d, s->here.ask);
        return 1;
    }
    const struct screen *screen = &d->screens[s->here.ask];
    size_t n = 0;
    for (uint16_t i = 0; i < screen->finding_count; i++)
        if (s->here.ask_mask >> i & 1)
            findings[n++] = screen->findings[i];
    return n;
}

/* ---- quick replies ---- */

struct choices {
    struct str *items;
    uint16_t count;
    bool numbered;
    uint8_t together;
};

static void add_choice(struct choices *c, struct str text) {
    if (c->items && c->count < CHOICES_MAX && text.len > 0)
        c->items[c->count++] = text;
}

static void add_finding_choices(const struct talk *k, const struct finding *f, struct choices *c) {
    if (f->kind == FINDING_YESNO) {
        add_choice(c, voice_say(&k->voice, SAY_YES));
        add_choice(c, voice_say(&k->voice, SAY_NO));
    }
    bool long_set = f->kind == FINDING_SET && f->option_count > SET_SHOWN_MAX;
    for (uint16_t i = 0; i < f->option_count && i < DIALOG_VALUES_MAX && !long_set; i++)
        add_choice(c, f->options[i].say);
    if (f->kind == FINDING_SET)
        add_choice(c, voice_say(&k->voice, SAY_NONE_OF_THESE));
    if (c->count > 0)
        add_choice(c, voice_say(&k->voice, SAY_NOT_SURE));
    c->numbered = f->kind != FINDING_NUMBER;
}

static struct choices open_choices(const struct talk *k) {
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t n = machine_asks(k->dialog, k->session, asked);
    struct choices c = {.items = ARENA_ARRAY(k->turn->arena, struct str, CHOICES_MAX)};
    if (n == 1) {
        add_finding_choices(k, &k->dialog->findings[asked[0]], &c);
        return c;
    }
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &k->dialog->findings[asked[i]];
        if (f->kind != FINDING_YESNO)
            return (struct choices){0}; /* a question of several kinds is answered in words */
        add_choice(&c, voice_text(&k->voice, &f->short_name));
    }
    add_choice(&c, voice_say(&k->voice, SAY_NONE_OF_THESE));
    add_choice(&c, voice_say(&k->voice, SAY_NOT_SURE));
    c.numbered = true;
    c.together = (uint8_t)n;
    return c;
}

struct str ask_pick(struct talk *k, struct str message) {
    struct str digits = str_trim(message);
    if (digits.len > 0 && memchr(".)", digits.ptr[digits.len - 1], 2))
        digits.len--;
    uint64_t number;
    if (!ask_is_open(k->session) || digits.len > 2 || !str_to_u64(digits, &number))
        return message;
    struct choices c = open_choices(k);
    uint16_t asked[DIALOG_SCREEN_MAX];
    size_t signs = machine_asks(k->dialog, k->session, asked);
    if (!c.numbered || number < 1 || number > c.count || (signs > 1 && number <= signs))
        return message; /* the signs of a screen are picked by number where the message is heard: their wordings name several */
    return c.items[number - 1];
}

/* ---- putting a question ---- */

/* A screen of which one sign is left is asked as that sign. */
static void open_ask(struct talk *k, uint16_t ask, uint16_t mask) {
    struct standing *here = &k->session->here;
    if (ask_is_screen(k->dialog, ask) && (mask & (mask - 1)) == 0) {
        uint16_t member = (uint16_t)__builtin_ctz(mask);
        ask = ask_finding(k->dialog, k->dialog->screens[ask].findings[member]);
        mask = 0;
    }
    here->ask = ask;
    here->ask_mask = mask;
}

/* A screen whose text has a line "- ..." for each member, in their order, shows those of the open members only. */
static struct str open_lines(const struct talk *k, const struct screen *screen, struct str text) {
    bool all = k->session->here.ask_mask == (1u << screen->finding_count) - 1;
    if (all && text.len > 0 && text.ptr[0] != '\n' && text.ptr[text.len - 1] != '\n')
        return text;
    struct buf b;
    buf_init(&b, k->turn->arena);
    uint16_t member = 0;
    for (struct str rest = text; rest.len > 0;) {
        struct str line = str_cut(&rest, '\n');
        if (str_starts_with(line, STR("- ")) && !(k->session->here.ask_mask >> member++ & 1))
            continue;
        if (b.len > 0)
            buf_add_char(&b, '\n');
        buf_add(&b, line);
    }
    return member == screen->finding_count ? buf_str(&b) : text;
}

static struct str question_text(const struct talk *k, bool again) {
    uint16_t ask = k->session->here.ask;
    if (ask_is_screen(k->dialog, ask)) {
        const struct screen *screen = &k->dialog->screens[ask];
        struct str text = voice_text(&k->voice, again && screen->again.count ? &screen->again : &screen->ask);
        return open_lines(k, screen, text);
    }
    const struct finding *f = &k->dialog->findings[ask_to_finding(k->dialog, ask)];
    return voice_text(&k->voice, again && f->again.count ? &f->again : &f->ask);
}

static void put(struct talk *k, struct str lead, bool again) {
    struct turn *t = k->turn;
    if (t->reply_count == TURN_REPLIES_MAX)
        return;
    struct str text = question_text(k, again);
    if (lead.len > 0) {
        struct buf b;
        buf_init(&b, t->arena);
        buf_add(&b, lead);
        buf_add(&b, STR("\n\n"));
        buf_add(&b, text);
        text = buf_str(&b);
    }
    struct choices c = open_choices(k);
    t->replies[t->reply_count++] = (struct reply){text, c.items, c.count, c.numbered, c.together, LEVEL_NONE};
}

void ask_resume(struct talk *k, struct str lead, bool again) {
    if (ask_is_open(k->session))
        put(k, lead, again);
    else
        talk_reply(k, lead);
}

static void ask_now(struct talk *k, uint16_t ask, uint16_t mask, bool check) {
    k->session->tries = 0;
    open_ask(k, ask, mask);
    put(k, check ? voice_say(&k->voice, SAY_CHECK_LEAD) : STR_NONE, check);
}

void ask_to_be_sure(struct talk *k, uint16_t finding) {
    k->session->tries = 0;
    open_ask(k, ask_finding(k->dialog, finding), 0);
    put(k, voice_say(&k->voice, SAY_TO_BE_SURE), false);
}

/* ---- what comes next ---- */

/* The findings of an ask number that are unknown. */
static struct slot_set unknown_of(struct talk *k, uint16_t ask) {
    struct slot_set out = {{0}};
    if (ask_is_screen(k->dialog, ask))
        out = k->dialog->normal->screens[ask];
    else
        slot_set_add(&out, k->dialog->normal->slots[ask_to_finding(k->dialog, ask)]);
    return slot_set_less(&out, &talk_watch(k)->known.said);
}

/* Those of the findings that are members of a screen, as a session keeps them. */
static uint16_t members(const struct talk *k, uint16_t screen, const struct slot_set *findings) {
    const struct screen *s = &k->dialog->screens[screen];
    unsigned mask = 0;
    for (unsigned i = 0; i < s->finding_count; i++)
        mask |= (unsigned)slot_set_has(findings, k->dialog->normal->slots[s->findings[i]]) << i;
    return (uint16_t)mask;
}

/* After a screen was not understood its signs come one at a time, until another question is due. */
static void ask_screen_members(struct talk *k, uint16_t screen, uint16_t mask) {
    uint16_t ask = k->session->here.ask;
    bool same = ask != DIALOG_NONE && (ask_is_screen(k->dialog, ask)
                                           ? ask == screen
                                           : k->dialog->findings[ask_to_finding(k->dialog, ask)].screen == screen);
    if (!same)
        k->session->flags &= (uint8_t)~SESSION_ALONE;
    if (k->session->flags & SESSION_ALONE)
        mask &= (uint16_t)-mask;
    ask_now(k, ask_screen(screen), mask, false);
}

/* What is still wanted. */
struct wants {
    const struct slot_set *first; /* what the highest level waits for that waits for anything, or the gates of remedies: it is asked first */
    unsigned levels;              /* bit n: level n wants something, too */
};

/* A screen lists all that is wanted of it. */
static void ask_screen_wanted(struct talk *k, uint16_t screen, const struct wants *w) {
    struct slot_set unknown = unknown_of(k, ask_screen(screen)), wanted = slot_set_both(w->first, &unknown);
    for (unsigned levels = w->levels; levels; levels &= levels - 1) {
        struct slot_set more = triage_needs_of(talk_watch(k), (enum level)__builtin_ctz(levels), &unknown);
        slot_set_join(&wanted, &more);
    }
    ask_screen_members(k, ask_screen(screen), members(k, screen, &wanted));
}

/* Asks `ask` if it holds something of `first`, which is unknown. */
static bool ask_if_wanted(struct talk *k, uint16_t ask, const struct wants *w, const struct slot_set *first) {
    const struct normal *n = k->dialog->normal;
    if (ask_is_screen(k->dialog, ask)) {
        if (!slot_sets_meet(&n->screens[ask], first))
            return false;
        ask_screen_wanted(k, ask, w);
        return true;
    }
    if (!slot_set_has(first, n->slots[ask_to_finding(k->dialog, ask)]))
        return false;
    ask_now(k, ask, 0, false);
    return true;
}

/* A sign the person was not sure about is asked again alone, as soon as it matters. */
static bool ask_doubted(struct talk *k, const struct wants *w) {
    struct slot_set unsure = slot_set_both(&talk_watch(k)->known.unsure, w->first);
    for (uint16_t f = 0; f < k->dialog->finding_count && !slot_set_is_empty(&unsure); f++)
        if (slot_set_has(&unsure, k->dialog->normal->slots[f])) {
            ask_now(k, ask_finding(k->dialog, f), 0, true);
            return true;
        }
    return false;
}

static bool ask_wanted(struct talk *k, const struct state *s, const struct wants *w) {
    if (ask_doubted(k, w))
        return true;
    struct slot_set first = slot_set_less(w->first, &talk_watch(k)->known.said);
    for (uint16_t i = 0; s && i < s->with_count; i++)
        if (ask_if_wanted(k, s->with[i], w, &first))
            return true;
    for (uint16_t i = 0; i < k->dialog->screen_count; i++)
        if (ask_if_wanted(k, ask_screen(i), w, &first))
            return true;
    for (uint16_t f = 0; f < k->dialog->finding_count; f++)
        if (ask_if_wanted(k, ask_finding(k->dialog, f), w, &first))
            return true;
    return false;
}

/* Settles levels, the highest that waits for something first. */
static bool ask_levels(struct talk *k, const struct state *s, unsigned levels) {
    for (int level = LEVEL_EMERGENCY; level > LEVEL_NONE; level--) {
        if (!(levels >> level & 1))
            continue;
        struct wants w = {triage_needs(talk_watch(k), (enum level)level), levels & ((1u << level) - 1)};
        if (!slot_set_is_empty(w.first) && ask_wanted(k, s, &w))
            return true;
    }
    return false;
}

/* An urgent rule that fires leaves only its own level and the one above to be settled, a routine one settles its own. */
static bool is_worth_settling(const struct talk *k, enum level level) {
    enum level reached = talk_level(k);
    return reached >= LEVEL_URGENT ? level >= reached : level > reached || reached == LEVEL_NONE || level >= LEVEL_URGENT;
}

bool ask_settled(struct talk *k, const struct state *s) {
    unsigned levels = 0;
    for (int level = LEVEL_EMERGENCY; level > LEVEL_NONE; level--)
        if ((s->settle >> level & 1) && is_worth_settling(k, (enum level)level))
            levels |= 1u << level;
    if (ask_levels(k, s, levels))
        return true;
    if (!s->settle_gates)
        return false;
    struct slot_set gates = {{0}};
    return advice_needs(&talk_watch(k)->view, &gates) && ask_wanted(k, s, &(struct wants){&gates, 0});
}

uint16_t ask_safety_state(const struct dialog *d) {
    for (uint16_t i = 0; i < d->state_count; i++)
        if (d->states[i].settle >> LEVEL_EMERGENCY & 1)
            return i;
    return DIALOG_NONE;
}

bool ask_safety(struct talk *k) {
    uint16_t state = ask_safety_state(k->dialog);
    const struct state *s = state == DIALOG_NONE ? NULL : &k->dialog->states[state];
    return ask_levels(k, s, 1u << LEVEL_EMERGENCY | 1u << LEVEL_URGENT);
}

/* Those of an ask number that are unknown and whose `if` is not no. */
static struct slot_set open_of(struct talk *k, uint16_t ask) {
    struct slot_set unknown = unknown_of(k, ask), open = talk_watch(k)->known.askable;
    slot_set_join(&open, &talk_watch(k)->known.waiting);
    return slot_set_both(&unknown, &open);
}

bool ask_listed(struct talk *k, const struct state *s) {
    for (uint16_t i = 0; i < s->ask_count; i++) {
        struct slot_set open = open_of(k, s->asks[i]);
        if (slot_set_is_empty(&open))
            continue;
        if (ask_is_screen(k->dialog, s->asks[i]))
            ask_screen_members(k, s->asks[i], members(k, s->asks[i], &open));
        else
            ask_now(k, s->asks[i], 0, false);
        return true;
    }
    return false;
}
