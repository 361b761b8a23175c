/* What the fuzzers share. A fuzzer is a file with one LLVMFuzzerTestOneInput(): any bytes in; a crash, a failed assertion or too much
 * time is a find. It never rejects an input, keeps nothing from one to the next, and is as quick as it can be. */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "engine/engine.h"
#include "shell/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_NOW_MS (INT64_C(1769860800) * 1000) /* 2026-01-31T12:00:00Z */

/* A block of exactly that size: a read past its end is seen. Freed by the caller. */
static inline char *fuzz_exact(struct str s) {
    char *copy = malloc(s.len ? s.len : 1);
    assert(copy);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

/* A dialog of the repository, which must load. */
static inline struct dialog *fuzz_dialog(const char *dir) {
    struct problems problems;
    problems_init(&problems);
    struct dialog *d = dialog_load_dir(dir, &problems);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%.*s:%u: %.*s\n", STR_ARG(problems.items[i].file), problems.items[i].line,
                STR_ARG(problems.items[i].message));
    problems_finish(&problems);
    assert(d);
    return d;
}

static inline struct engine *fuzz_engine(const struct dialog *const *dialog) {
    struct engine_config config = {
        .dialogs = dialog, .dialog_count = 1, .country = STR("gb"), .max_sessions = 4, .session_ttl_ms = INT64_C(30) * 24 * 3600 * 1000};
    struct err e = {0};
    struct engine *engine = engine_new(&config, &e);
    assert(engine);
    return engine;
}

/* What holds for everything that we say. */
static inline void fuzz_check_replies(const struct engine_reply *replies, size_t count) {
    assert(count <= 2 * TURN_REPLIES_MAX);
    for (size_t i = 0; i < count; i++) {
        assert(replies[i].text.len > 0 && utf8_is_valid(replies[i].text));
        assert(replies[i].choice_count <= DIALOG_VALUES_MAX);
        for (size_t c = 0; c < replies[i].choice_count; c++)
            assert(replies[i].choices[c].len > 0 && utf8_is_valid(replies[i].choices[c]));
    }
}

/* What a talk knows is what its dialog can mean. */
static inline void fuzz_check_session(const struct dialog *d, const struct session *s) {
    assert(s->revision == d->revision && s->dialog == 0 && s->told <= LEVEL_EMERGENCY);
    assert(s->here.state < d->state_count && s->before.state < d->state_count);
    assert(s->reached == DIALOG_NONE || s->reached < d->rule_count);
    for (unsigned i = 0; i < SESSION_RULES_MAX; i++)
        assert(s->told_rules[i] == DIALOG_NONE || s->told_rules[i] < d->rule_count);
    for (uint16_t i = 0; i < d->finding_count; i++) {
        const struct finding *f = &d->findings[i];
        struct value v = frame_get(d, &s->now, i);
        if (v.state != VALUE_KNOWN)
            continue;
        switch (f->kind) {
        case FINDING_YESNO:
            assert(v.number == 0 || v.number == 1);
            break;
        case FINDING_CHOICE:
            assert(v.number >= 0 && v.number < (float)f->option_count);
            break;
        case FINDING_SET:
            assert(v.number >= 0 && v.number < (float)(1u << f->option_count));
            break;
        case FINDING_NUMBER:
            assert(v.number >= f->low * 0.99f && v.number <= f->high * 1.01f);
            break;
        }
    }
}

#endif
