#include "text/mend.h"

#include "text/inside.h"

struct memo {
    int none;
};

bool slips_build(struct slips *s, const struct vocabulary *words, struct arena *a)
{
    (void)s;
    (void)words;
    (void)a;
    return true;
}

struct memo *memo_new(struct arena *a)
{
    return ARENA_NEW(a, struct memo);
}

struct resolution mend(const struct lexicon *l, struct str word, uint32_t hash)
{
    (void)hash;
    return (struct resolution){.stem = word.len <= WORD_BYTES_MAX ? vocabulary_find_stem(&l->words, stem_of(word)) : 0};
}
