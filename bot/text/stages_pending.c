/* Empty stages, so that reading links while numbers.c, context.c and answer.c are not there yet: delete this file with them. */
#include "text/work.h"

const struct number_word number_words[] = {{"", 0, 0}};
const size_t number_word_count = 0;

void clauses_read(struct work *w) {
    (void)w;
}

void context_read(struct work *w) {
    (void)w;
}

void numbers_read(struct work *w) {
    (void)w;
}

void answer_read(struct work *w) {
    (void)w;
}
