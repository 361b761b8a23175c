#include "core/image.h"

#include <assert.h>
#include <string.h>

#include "core/siphash.h"

#define MAGIC "LIPPYIMG"
/* Tells the order of bytes and the width of pointers apart, and the versions of this layout. */
#define LAYOUT (UINT64_C(0x0102030405060100) + sizeof(void *) * 16 + 1)

enum { WORD = sizeof(uintptr_t) };

struct head {
    char magic[8];
    uint64_t layout, at, bytes, program, sources;
    uint64_t contents, relocations; /* bytes of the block; how many words of it are pointers */
    uint64_t root, notes;
    uint64_t hash; /* of what is before it and of the notes behind it */
};

static uint64_t hash_head(const struct head *h, struct str notes) {
    unsigned char key[16];
    uint64_t of_notes = siphash((const unsigned char[16]){0}, notes);
    memcpy(key, &of_notes, sizeof of_notes);
    memcpy(key + sizeof of_notes, &h->layout, sizeof h->layout);
    return siphash(key, (struct str){(const char *)h, offsetof(struct head, hash)});
}

/* ---- making ---- */

static uintptr_t word_at(const void *block, size_t at) {
    uintptr_t word;
    memcpy(&word, (const char *)block + at, sizeof word);
    return word;
}

static bool is_foreign(const struct image_plan *p, uintptr_t word) {
    for (size_t i = 0; i < p->foreign_count; i++)
        if (word >= p->foreign[i].from && word < p->foreign[i].to)
            return true;
    return false;
}

/* One word of the block as the image has it; *pointer: it is one. */
static bool make_word(const struct image_plan *p, size_t at, uintptr_t *word, bool *pointer, struct err *e) {
    uintptr_t a = word_at(p->first, at), b = word_at(p->second, at);
    uintptr_t first = (uintptr_t)p->first, second = (uintptr_t)p->second;
    *word = a;
    *pointer = a != b;
    if (a == b)
        return !is_foreign(p, a) || err_set(e, ERR_SCHEMA, "at byte %zu is a pointer into the program, or what looks like one by chance: try again", at);
    if (b - a != second - first || a < first || a - first > p->bytes)
        return err_set(e, ERR_SCHEMA, "byte %zu is not twice the same: a pointer out of the block, or bytes nobody has set", at);
    *word = p->at + IMAGE_HEAD_BYTES + (a - first);
    return true;
}

static void add_bytes(struct buf *out, const void *bytes, size_t count) { buf_add(out, (struct str){bytes, count}); }

static void put_head(struct buf *out, const struct image_plan *p, size_t relocations) {
    char page[IMAGE_HEAD_BYTES] = {0};
    struct head h = {.magic = MAGIC,
                     .layout = LAYOUT,
                     .at = p->at,
                     .bytes = IMAGE_HEAD_BYTES + p->bytes + relocations * sizeof(uint32_t),
                     .program = p->stamp.program,
                     .sources = p->stamp.sources,
                     .contents = p->bytes,
                     .relocations = relocations,
                     .root = p->root,
                     .notes = p->notes.len};
    h.hash = hash_head(&h, p->notes);
    memcpy(page, &h, sizeof h);
    if (p->notes.len > 0)
        memcpy(page + sizeof h, p->notes.ptr, p->notes.len);
    memcpy(out->ptr, page, sizeof page);
}

static bool add_contents(struct buf *out, struct buf *places, const struct image_plan *p, struct err *e) {
    for (size_t at = 0; at < p->bytes; at += WORD) {
        uintptr_t word;
        uint32_t place = (uint32_t)(at / WORD);
        bool pointer;
        if (!make_word(p, at, &word, &pointer, e))
            return false;
        add_bytes(out, &word, sizeof word);
        if (pointer)
            add_bytes(places, &place, sizeof place);
    }
    return true;
}

bool image_make(struct buf *out, const struct image_plan *plan, struct err *e) {
    static const char no_head[IMAGE_HEAD_BYTES];
    struct buf places;
    assert(plan->bytes % WORD == 0 && plan->root < plan->bytes && plan->at % IMAGE_HEAD_BYTES == 0);
    assert(((uintptr_t)plan->second - (uintptr_t)plan->first) % 256 != 0);
    if (plan->notes.len > IMAGE_NOTES_MAX || plan->bytes / WORD > UINT32_MAX)
        return err_set(e, ERR_LIMIT, "too large for an image");
    buf_init_heap(&places);
    buf_clear(out);
    add_bytes(out, no_head, sizeof no_head); /* it comes when all is known */
    bool fine = add_contents(out, &places, plan, e);
    if (fine) {
        size_t count = places.len / sizeof(uint32_t);
        buf_add(out, buf_str(&places));
        fine = (!out->failed && !places.failed) || err_set(e, ERR_LIMIT, "no memory for the image");
        if (fine)
            put_head(out, plan, count);
    }
    buf_finish(&places);
    return fine;
}

/* ---- reading ---- */

/* Sizes are compared so that none can wrap. */
static bool sizes_fit(const struct head *h, uint64_t file_bytes) {
    if (h->bytes != file_bytes || h->bytes < IMAGE_HEAD_BYTES || h->notes > IMAGE_NOTES_MAX)
        return false;
    uint64_t room = h->bytes - IMAGE_HEAD_BYTES;
    if (h->contents > room || h->contents % WORD || h->root >= h->contents || h->root % WORD)
        return false;
    room -= h->contents;
    return room / sizeof(uint32_t) == h->relocations && room % sizeof(uint32_t) == 0 && h->at % IMAGE_HEAD_BYTES == 0 &&
           h->at <= UINTPTR_MAX - h->bytes;
}

bool image_read_head(struct str head, uint64_t file_bytes, struct image *out, struct err *e) {
    struct head h;
    if (head.len < IMAGE_HEAD_BYTES)
        return err_set(e, ERR_SYNTAX, "too short for an image");
    memcpy(&h, head.ptr, sizeof h);
    if (memcmp(h.magic, MAGIC, sizeof h.magic) != 0 || h.layout != LAYOUT)
        return err_set(e, ERR_SYNTAX, "no image of this kind");
    if (!sizes_fit(&h, file_bytes))
        return err_set(e, ERR_SYNTAX, "not a whole image");
    struct str notes = {head.ptr + sizeof h, (size_t)h.notes};
    if (hash_head(&h, notes) != h.hash)
        return err_set(e, ERR_SYNTAX, "its head is damaged");
    *out = (struct image){h.at, h.bytes, {h.program, h.sources}, notes, h.contents, h.relocations, h.root};
    return true;
}

/* Moves one pointer; false where it points out of the contents or is none of their words. */
static bool move(const struct image *i, char *contents, uint32_t place, uintptr_t by) {
    uint64_t at = (uint64_t)place * WORD, from = i->at + IMAGE_HEAD_BYTES;
    uintptr_t word;
    if (at >= i->contents)
        return false;
    memcpy(&word, contents + at, sizeof word);
    if (word < from || word - from > i->contents)
        return false;
    word += by;
    memcpy(contents + at, &word, sizeof word);
    return true;
}

void *image_settle(const struct image *i, void *memory) {
    char *contents = (char *)memory + IMAGE_HEAD_BYTES;
    const char *places = contents + i->contents;
    uintptr_t by = (uintptr_t)memory - (uintptr_t)i->at;
    for (uint64_t n = 0; by != 0 && n < i->relocations; n++) {
        uint32_t place;
        memcpy(&place, places + n * sizeof place, sizeof place);
        if (!move(i, contents, place, by))
            return NULL;
    }
    return contents + i->root;
}
