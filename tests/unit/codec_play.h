/* What every player of a codec has. To be included behind PLAYED, the codec's table, struct play with c, now_ms and log (what came out since
 * clear()), and drain(), which writes into the log what the codec has for us. */
#ifndef CODEC_PLAY_H
#define CODEC_PLAY_H

#include "test.h"

#include <stdlib.h>

#include "chat/chat.h"
#include "core/buf.h"

static inline void clear(struct play *p) { buf_clear(&p->log); }

/* One frame, at the end of what may be read. */
static inline bool feed_str(struct play *p, struct str frame) {
    struct err e = {0};
    char *exact = malloc(frame.len ? frame.len : 1);
    assert_non_null(exact);
    if (frame.len > 0)
        memcpy(exact, frame.ptr, frame.len);
    bool fine = PLAYED.feed(p->c, (struct str){exact, frame.len}, false, p->now_ms, &e);
    free(exact);
    assert_int_equal(fine, e.code == ERR_NONE);
    drain(p);
    return fine;
}

static inline void tick(struct play *p, int64_t ms) {
    p->now_ms += ms;
    PLAYED.tick(p->c, p->now_ms);
    drain(p);
}

static inline void dial(struct play *p) {
    PLAYED.dial(p->c, p->now_ms);
    drain(p);
}

static inline void open_it(struct play *p) {
    PLAYED.opened(p->c, p->now_ms);
    drain(p);
}

static inline void finish(struct play *p) {
    PLAYED.free(p->c);
    buf_finish(&p->log);
}

static inline unsigned count(const struct play *p, const char *text) {
    unsigned n = 0;
    struct str s = buf_str(&p->log);
    for (size_t at; (at = str_find(s, str_of(text))) != SIZE_MAX; n++)
        s = str_slice(s, at + 1, SIZE_MAX);
    return n;
}

static inline void want(struct play *p, const char *text) {
    if (text[0] && !count(p, text))
        fail_msg("\"%s\" is not in:\n%.*s", text, STR_ARG(buf_str(&p->log)));
}

/* The whole log. */
static inline void want_all(struct play *p, const char *text) {
    if (!str_equal(buf_str(&p->log), str_of(text)))
        fail_msg("not\n%s\nbut\n%.*s", text, STR_ARG(buf_str(&p->log)));
    clear(p);
}

#endif
