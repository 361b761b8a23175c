/* What a codec has to hand out: a bounded queue of results that owns their strings. */
#ifndef CHAT_OUTBOX_H
#define CHAT_OUTBOX_H

#include "chat/chat.h"

struct outbox_item;

struct outbox {
    struct outbox_item *first, *last;
    struct outbox_item *lent; /* what outbox_next() gave out last */
    size_t count, bytes;
    size_t count_most, bytes_most;
};

void outbox_init(struct outbox *o, size_t count_most, size_t bytes_most);
void outbox_finish(struct outbox *o);
/* Copies the strings of out. False when the queue is full or there is no memory; nothing is added then. */
bool outbox_push(struct outbox *o, const struct chat_out *out);
/* The same; but a full queue, which nobody drains, is cleared for a CHAT_CLOSE: false, the stream is given up. */
bool outbox_put(struct outbox *o, const struct chat_out *out);
/* The oldest result. Its strings last until the next call of this, outbox_release() or outbox_finish(). */
bool outbox_next(struct outbox *o, struct chat_out *out);
/* A wake-up for when the queue is empty: told only when the one told before, *told_ms, would come too late, so that a quiet chat costs
 * one timer a minute and a busy one no more. */
bool outbox_wake(int64_t due_ms, int64_t *told_ms, struct chat_out *out);
void outbox_release(struct outbox *o);
void outbox_clear(struct outbox *o);
/* Moves all items from one queue to the end of another, past its limits. */
void outbox_join(struct outbox *to, struct outbox *from);
/* Moves all items with this room from one queue to the end of another, in their order; what does not fit is dropped.
 * Returns how many were dropped. */
size_t outbox_move(struct outbox *from, struct outbox *to, struct str room);

#endif
