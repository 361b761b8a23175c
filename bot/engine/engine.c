#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "engine/pool.h"

enum {
    TURN_ARENA_BYTES_MAX = 32 << 20, /* a line of 2 MB comes back in a record */
    EXPIRE_STEPS = 512, /* sessions looked at in a tick */
    KEY_BUFFER = 1024,
};

/* In a room, a person who has been silent for so long has to call us by name again. */
static const int64_t ROOM_OPEN_MS = INT64_C(30) * 60 * 1000;

struct engine {
    const struct dialog *const *dialogs;
    const struct place **places; /* of the country, one for each dialog */
    size_t dialog_count;
    struct pool *pool;
    struct arena arena; /* the turn's */
    struct turn turn;
    struct session working; /* the copy a turn works on */
    int64_t ttl_ms;
    unsigned seed;
    struct engine_reply replies[2 * TURN_REPLIES_MAX];
};

struct engine *engine_new(const struct engine_config *config, struct err *err) {
    if (config->dialog_count == 0 || config->dialog_count > UINT8_MAX) {
        err_set(err, ERR_SCHEMA, "an engine needs 1 to 255 dialogs, not %zu", config->dialog_count);
        return NULL;
    }
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        goto no_memory;
    arena_init(&e->arena, TURN_ARENA_BYTES_MAX);
    e->dialogs = config->dialogs;
    e->dialog_count = config->dialog_count;
    e->ttl_ms = config->session_ttl_ms;
    e->seed = config->seed;
    e->pool = pool_new(config->max_sessions, config->hash_key);
    e->places = calloc(config->dialog_count, sizeof(struct place *));
    if (!e->pool || !e->places)
        goto no_memory;
    for (size_t i = 0; i < config->dialog_count; i++)
        e->places[i] = dialog_find_place(config->dialogs[i], config->country);
    return e;

no_memory:
    engine_free(e);
    err_set(err, ERR_LIMIT, "no memory for the engine");
    return NULL;
}

void engine_free(struct engine *e) {
    if (!e)
        return;
    pool_free(e->pool);
    free(e->places);
    arena_finish(&e->arena);
    explicit_bzero(&e->working, sizeof e->working);
    free(e);
}

/* ---- keys ---- */

struct key {
    char bytes[KEY_BUFFER];
    size_t len;
};

static void key_add(struct key *k, struct str part) {
    if (k->len + part.len + 1 > sizeof k->bytes) {
        k->len = sizeof k->bytes + 1; /* too long: no talk */
        return;
    }
    if (part.len > 0)
        memcpy(k->bytes + k->len, part.ptr, part.len);
    k->bytes[k->len + part.len] = '\0';
    k->len += part.len + 1;
}

/* False where the names are too long to be real. NUL between the parts: no name of a platform holds one. */
static bool make_key(struct key *k, struct str platform, struct str room, struct str who) {
    k->len = 0;
    key_add(k, platform);
    key_add(k, room);
    key_add(k, who);
    return k->len <= sizeof k->bytes;
}

static struct str key_str(const struct key *k) { return (struct str){k->bytes, k->len}; }

/* ---- replies ---- */

static size_t add_reply(struct engine *e, size_t n, const struct reply *r, bool aside) {
    if (n < sizeof e->replies / sizeof *e->replies)
        e->replies[n++] = (struct engine_reply){
            .text = r->text, .choices = r->choices, .choice_count = r->choice_count, .numbered = r->numbered, .aside = aside,
            .together = r->together, .level = r->level};
    return n;
}

static size_t take_replies(struct engine *e, size_t n, bool aside) {
    for (size_t i = 0; i < e->turn.reply_count; i++)
        n = add_reply(e, n, &e->turn.replies[i], aside);
    e->turn.reply_count = 0;
    return n;
}

static size_t add_say(struct engine *e, size_t n, enum engine_say say, bool aside) {
    struct reply r = {.text = machine_say(&e->turn, (int)say)};
    return r.text.len > 0 ? add_reply(e, n, &r, aside) : n;
}

/* ---- the talk ---- */

static void use_dialog(struct engine *e, uint8_t dialog) {
    e->working.dialog = dialog;
    e->turn.dialog = e->dialogs[dialog];
    e->turn.place = e->places[dialog];
}

enum { SUBJECT_COUNTS = READING_HITS_MAX + 1 }; /* one word of its subject counts more than all else that a dialog understands */

/* How much of an opening is for this dialog: its subject, and then what says something about a finding. The words that always work, the
 * questions and the cues are no sign of it: all dialogs have those. */
static size_t match_of(const struct dialog *d, const struct reading *r) {
    size_t match = 0;
    for (size_t i = 0; i < r->hit_count; i++) {
        bool subject = false, value = false;
        uint32_t phrase = r->hits[i].phrase;
        for (uint32_t m = d->phrase_meaning[phrase]; m < d->phrase_meaning[phrase + 1]; m++) {
            subject |= d->meanings[m].kind == MEANS_SUBJECT;
            value |= d->meanings[m].kind == MEANS_VALUE && !d->meanings[m].only_asked;
        }
        if (subject && !(r->hits[i].context & CONTEXT_DENIED))
            match += SUBJECT_COUNTS;
        else if (value)
            match++;
    }
    return match;
}

/* The dialog that an opening is most about; of equals the first. */
static uint8_t choose_dialog(struct engine *e, struct str text, int64_t now_ms) {
    uint8_t best = 0;
    size_t best_match = 0;
    for (size_t i = 0; e->dialog_count > 1 && i < e->dialog_count; i++) {
        struct reading r;
        if (!text_read(e->dialogs[i]->lexicon, text, now_ms / 1000, &e->arena, &r))
            continue;
        size_t match = match_of(e->dialogs[i], &r);
        if (match > best_match) {
            best_match = match;
            best = (uint8_t)i;
        }
    }
    return best;
}

static void begin_turn(struct engine *e, int64_t now_ms) {
    arena_reset(&e->arena);
    e->turn = (struct turn){.session = &e->working, .arena = &e->arena, .now_ms = now_ms};
}

static void open_talk(struct engine *e, uint8_t dialog, int64_t now_ms) {
    e->working = (struct session){.touched_ms = now_ms, .seed = (uint8_t)e->seed};
    use_dialog(e, dialog);
    machine_start(&e->turn);
}

/* kept: the session of this key, as found since the pool was last changed, or NULL: it is looked for. */
static bool store(struct engine *e, struct str key, struct session *kept) {
    if (e->turn.forget) {
        pool_drop(e->pool, key);
        return true;
    }
    if (!kept)
        kept = pool_add(e->pool, key);
    if (kept)
        *kept = e->working;
    return kept != NULL;
}

static bool is_fresh(const struct engine *e, const struct session *s, int64_t now_ms) {
    return s && now_ms - s->touched_ms < e->ttl_ms && !(s->flags & SESSION_CLOSED) &&
           s->dialog < e->dialog_count && s->revision == e->dialogs[s->dialog]->revision;
}

/* A line to somebody else in the room: "@bob what do you think?" */
static bool is_for_another(struct str text) { return text.len > 1 && text.ptr[0] == '@'; }

static bool is_for_us(const struct engine_from *from, const struct session *kept, bool fresh, struct str text,
                      int64_t now_ms) {
    if (from->room.len == 0 || from->addressed)
        return true;
    return fresh && !(kept->flags & SESSION_ENDED) && now_ms - kept->touched_ms < ROOM_OPEN_MS && !is_for_another(text);
}

/* ---- rooms: the offer to go on in private ---- */

static size_t offer_private(struct engine *e, size_t n, bool only) {
    static const struct str choices[] = {STR_INIT("in private"), STR_INIT("here")};
    e->working.flags |= SESSION_OFFERED | SESSION_CHOOSING;
    n = add_say(e, n, only ? SAY_PRIVATE_ONLY : SAY_PRIVATE_OFFER, false);
    e->replies[n - 1].choices = choices;
    e->replies[n - 1].choice_count = only ? 1 : 2;
    e->replies[n - 1].numbered = !only;
    return n;
}

static int offer_answer(struct engine *e, struct str text, int64_t now_ms) {
    struct str word = str_trim(text);
    if (str_equal(word, STR("1")))
        return COMMAND_PRIVATE;
    if (str_equal(word, STR("2")))
        return COMMAND_HERE;
    struct hearing h;
    if (!hear(e->turn.dialog, text, (struct asked){0}, false, now_ms / 1000, &e->arena, &h))
        return -1;
    return h.command == COMMAND_PRIVATE || h.command == COMMAND_HERE ? h.command : -1;
}

/* The talk moves to the private chat with all that is known; in the room it is over. */
static size_t move_aside(struct engine *e, const struct engine_from *from) {
    struct key aside;
    if (!make_key(&aside, from->platform, STR_NONE, from->aside))
        return 0;
    size_t n = add_say(e, 0, SAY_PRIVATE_GO, false);
    machine_resume(&e->turn, SAY_PRIVATE_HERE);
    n = take_replies(e, n, true);
    store(e, key_str(&aside), NULL);
    e->working.flags |= SESSION_CLOSED;
    return n;
}

/* SIZE_MAX: the message was no answer to the offer and is still to be heard. */
static size_t answer_offer(struct engine *e, const struct engine_from *from, struct str text, int64_t now_ms) {
    int command = offer_answer(e, text, now_ms);
    e->working.flags &= (uint8_t)~SESSION_CHOOSING;
    if (command == COMMAND_PRIVATE)
        return move_aside(e, from);
    if (command == COMMAND_HERE && !from->discreet) {
        machine_resume(&e->turn, SAY_RESUME);
        return take_replies(e, 0, false);
    }
    e->working.here.ask = DIALOG_NONE; /* the question was never shown: the message does not answer it */
    return SIZE_MAX;
}

/* What the room is to see of the first n replies to a turn, with the offer. before: the level told before the turn. */
static size_t answer_in_room(struct engine *e, const struct engine_from *from, size_t n, bool opened, enum level before) {
    enum level told = (enum level)e->working.told;
    if (from->room.len == 0 || from->aside.len == 0)
        return n;
    if (from->discreet) {
        if (told == LEVEL_EMERGENCY || (told == LEVEL_URGENT && told > before) || (e->working.flags & SESSION_CLOSED))
            return n;
        return offer_private(e, opened && n > 0, true); /* the greeting is no secret */
    }
    if (told >= LEVEL_URGENT || (e->working.flags & (SESSION_CLOSED | SESSION_ENDED | SESSION_OFFERED)))
        return n;
    /* The greeting stays; the question waits until it is clear where it is to be put. */
    bool asks = n > 0 && e->replies[n - 1].choice_count + (e->working.here.ask != DIALOG_NONE) > 0;
    return offer_private(e, n - asks, false);
}

/* ---- entry points ---- */

size_t engine_message(struct engine *e, const struct engine_from *from, struct str text, int64_t now_ms,
                      const struct engine_reply **replies) {
    *replies = e->replies;
    struct key key;
    if (!make_key(&key, from->platform, from->room, from->who))
        return 0;
    struct session *kept = pool_find(e->pool, key_str(&key));
    bool fresh = is_fresh(e, kept, now_ms);
    if (!is_for_us(from, kept, fresh, text, now_ms) || (from->corrects && !fresh)) /* of a talk that is over */
        return 0;
    begin_turn(e, now_ms);
    e->turn.corrects = from->corrects;
    size_t n = 0;
    bool opened = !fresh;
    if (fresh) {
        e->working = *kept;
        use_dialog(e, kept->dialog);
    } else {
        open_talk(e, choose_dialog(e, text, now_ms), now_ms);
        n = take_replies(e, n, false);
    }
    enum level before = (enum level)e->working.told;
    size_t offered = SIZE_MAX;
    if (e->working.flags & SESSION_CHOOSING)
        offered = answer_offer(e, from, text, now_ms);
    if (offered != SIZE_MAX) {
        n = offered;
    } else if (!(opened && str_trim(text).len == 0)) { /* called by name alone: the greeting is the answer */
        if (!machine_turn(&e->turn, text))
            return 0;
        n = answer_in_room(e, from, take_replies(e, n, false), opened, before);
    } else if (from->discreet) {
        n = answer_in_room(e, from, n, opened, before);
    }
    return store(e, key_str(&key), offered == SIZE_MAX ? kept : NULL) ? n : 0;
}

size_t engine_greet(struct engine *e, const struct engine_from *from, int64_t now_ms, const struct engine_reply **replies) {
    *replies = e->replies;
    struct key key;
    if (!make_key(&key, from->platform, from->room, from->who))
        return 0;
    begin_turn(e, now_ms);
    open_talk(e, 0, now_ms);
    size_t n = take_replies(e, 0, false);
    return store(e, key_str(&key), NULL) ? n : 0;
}

struct str engine_farewell(struct engine *e, const struct engine_from *from) {
    const struct session *kept = engine_session(e, from, NULL);
    if (!kept)
        return STR_NONE;
    begin_turn(e, kept->touched_ms);
    e->working = *kept;
    use_dialog(e, kept->dialog);
    return machine_say(&e->turn, SAY_STOP);
}

void engine_tick(struct engine *e, int64_t now_ms) { pool_expire(e->pool, now_ms - e->ttl_ms, EXPIRE_STEPS); }

const struct session *engine_session(struct engine *e, const struct engine_from *from, const struct dialog **dialog) {
    struct key key;
    if (!make_key(&key, from->platform, from->room, from->who))
        return NULL;
    const struct session *s = pool_find(e->pool, key_str(&key));
    if (s && dialog)
        *dialog = e->dialogs[s->dialog];
    return s;
}

const struct turn *engine_last_turn(const struct engine *e) { return &e->turn; }

size_t engine_session_count(const struct engine *e) { return pool_count(e->pool); }
size_t engine_session_bytes(const struct engine *e) { return pool_bytes(e->pool); }
