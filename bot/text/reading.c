#include "text/reading.h"

#include "core/utf8.h"
#include "text/work.h"

/* All but the words, of which there may be many. */
static void work_init(struct work *w, const struct lexicon *l, int64_t now_s, struct arena *a, struct reading *out) {
    w->lexicon = l;
    w->arena = a;
    w->now_s = now_s;
    w->out = out;
    w->count = w->hit_count = w->cue_count = w->quantity_count = 0;
    w->kinds = w->cue_kinds = 0;
    w->glues = 0;
    w->flags = 0;
    w->any_long_cue = w->any_mark = w->any_digits = w->any_question = w->any_mended = false;
    w->ends_in_question_mark = w->double_denial = false;
}

bool text_read(const struct lexicon *l, struct str message, int64_t now_s, struct arena *a, struct reading *out) {
    struct str head = message.len > READING_BYTES_MAX ? utf8_head(message, READING_BYTES_MAX) : message;
    struct work w;
    work_init(&w, l, now_s, a, out);
    out->text = message;
    out->cut = head.len < message.len;
    out->answer = 0;
    out->chosen = out->refused = out->doubted = 0;
    if (!tokens_read(&w, head) || !phrases_read(&w))
        return false;
    context_read(&w);
    if (!numbers_read(&w))
        return false;
    answer_read(&w);
    out->tokens = w.tokens;
    out->token_count = w.count;
    out->hits = w.hits;
    out->hit_count = w.hit_count;
    out->cues = w.cues;
    out->cue_count = w.cue_count;
    out->cue_kinds = w.cue_kinds;
    out->quantities = w.quantities;
    out->quantity_count = w.quantity_count;
    return true;
}
