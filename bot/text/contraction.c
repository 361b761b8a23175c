#include "text/contraction.h"

#include <string.h>

#include "text/fold.h"

struct padded {
    char text[8 + FOLD_SLACK]; /* zeros behind, because words are read eight bytes at a time */
};

static const struct ending {
    const char *written;
    struct padded word;
} endings[] = {
    {"n't", {"not"}},  {"'nt", {"not"}}, {"'ve", {"have"}}, {"'re", {"are"}},
    {"'ll", {"will"}}, {"'m", {"am"}},   {"'d", {"would"}}, {"'s", {""}},
};

/* Before "n't": the word has lost a letter. */
static const struct {
    const char *written;
    struct padded word;
} shortened[] = {{"ca", {"can"}}, {"wo", {"will"}}, {"sha", {"shall"}}, {"ai", {"is"}}};

static struct str of_padded(const struct padded *p) { return (struct str){p->text, strlen(p->text)}; }

static size_t without_apostrophes(char *text, size_t len) {
    size_t to = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\'')
            text[to++] = text[i];
    return to;
}

static const struct ending *ending_of(struct str written) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t count = strlen(endings[i].written);
        if (written.len > count && memcmp(written.ptr + written.len - count, endings[i].written, count) == 0)
            return &endings[i];
    }
    return NULL;
}

size_t contraction_open(char *written, size_t len, struct str out[2]) {
    const struct ending *ending = ending_of((struct str){written, len});
    if (ending)
        len -= strlen(ending->written);
    len = without_apostrophes(written, len);
    out[0] = (struct str){written, len};
    if (!ending || !ending->word.text[0])
        return 1;
    out[1] = of_padded(&ending->word);
    if (str_equal(out[1], STR("not")))
        for (size_t i = 0; i < sizeof shortened / sizeof *shortened; i++)
            if (str_equal(out[0], str_of(shortened[i].written)))
                out[0] = of_padded(&shortened[i].word);
    return 2;
}
