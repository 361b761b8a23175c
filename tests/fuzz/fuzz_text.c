/* A talk with someone who may type anything. Each line is a message; one that begins with '@' and one of these letters is a direction:
 *
 *     @h @d @m  an hour, a day, 40 days go by     @r @a  in a room from now on, said to us or not
 *     @g        they open the talk                @p     in private from now on (so it begins) */
#include "fuzz.h"

enum { LINES_MAX = 64 };

struct stage {
    struct engine *engine;
    struct engine_from from;
    int64_t now_ms;
};

static const struct engine_from in_private = {.platform = STR_INIT("fuzz"), .who = STR_INIT("them"), .addressed = true};
static const struct engine_from in_room = {
    .platform = STR_INIT("fuzz"), .room = STR_INIT("room"), .who = STR_INIT("room#them"), .nick = STR_INIT("them"), .aside = STR_INIT("them")};

/* An emergency is told in the turn in which it is heard, whatever else the message says; advice waits for what may be urgent. */
static void check_safety(const struct dialog *d, const struct turn *t, const struct session *s) {
    struct view view = {d, &s->now, (enum level)s->told, NULL};
    struct triage_watch watch;
    struct triage now;
    triage_watch_start(&watch, &view);
    triage_eval(&watch, LEVEL_EMERGENCY, &now);
    assert(now.level < LEVEL_EMERGENCY || s->told == LEVEL_EMERGENCY);
    if (t->gave_advice && s->told < LEVEL_URGENT)
        assert(now.level <= LEVEL_ROUTINE);
}

static void hear_line(struct stage *g, struct str line) {
    const struct engine_reply *replies;
    const struct dialog *d = NULL;
    const struct session *kept = engine_session(g->engine, &g->from, NULL);
    struct session before = kept ? *kept : (struct session){0};
    char *exact = fuzz_exact(line);
    size_t count = engine_message(g->engine, &g->from, (struct str){exact, line.len}, g->now_ms, &replies);
    fuzz_check_replies(replies, count);
    free(exact);
    if (count == 0) {
        assert(!g->from.addressed);
        return;
    }
    const struct turn *t = engine_last_turn(g->engine);
    const struct session *s = engine_session(g->engine, &g->from, &d);
    assert((s == NULL) == t->forget);
    if (!s)
        return;
    fuzz_check_session(d, s);
    assert(t->started || s->told >= before.told);
    if (!(s->flags & (SESSION_CHOOSING | SESSION_CLOSED)))
        check_safety(d, t, s);
}

static bool direct(struct stage *g, struct str line) {
    const struct engine_reply *replies;
    size_t count;
    if (line.len < 2 || line.ptr[0] != '@')
        return false;
    switch (line.ptr[1]) {
    case 'h':
        g->now_ms += INT64_C(3600) * 1000;
        break;
    case 'd':
        g->now_ms += INT64_C(24) * 3600 * 1000;
        break;
    case 'm':
        g->now_ms += INT64_C(40) * 24 * 3600 * 1000;
        break;
    case 'r':
    case 'a':
        g->from = in_room;
        g->from.addressed = line.ptr[1] == 'r';
        break;
    case 'p':
        g->from = in_private;
        break;
    case 'g':
        count = engine_greet(g->engine, &g->from, g->now_ms, &replies);
        fuzz_check_replies(replies, count);
        break;
    default:
        return false;
    }
    engine_tick(g->engine, g->now_ms);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct dialog *dialog;
    if (!dialog)
        dialog = fuzz_dialog(LIPPY_SOURCE_DIR "/dialogs/lip-twitching");
    struct stage stage = {fuzz_engine(&dialog), in_private, FUZZ_NOW_MS};
    struct str rest = {(const char *)data, size};
    for (unsigned i = 0; i < LINES_MAX && rest.len > 0; i++) {
        struct str line = str_cut(&rest, '\n');
        if (!direct(&stage, line))
            hear_line(&stage, line);
    }
    engine_free(stage.engine);
    return 0;
}
