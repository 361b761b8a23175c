#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "shell/build_stamp.h"

#include <link.h>
#include <string.h>

#include "core/siphash.h"

/* ---- build ids: a note that the linker makes of all that it has linked ---- */

static struct str id_in_notes(const char *at, size_t bytes) {
    ElfW(Nhdr) note;
    while (bytes >= sizeof note) {
        memcpy(&note, at, sizeof note);
        size_t name = (note.n_namesz + 3u) & ~3u, rest = bytes - sizeof note;
        if (name > rest || note.n_descsz > rest - name)
            break;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(at + sizeof note, "GNU", 4) == 0)
            return (struct str){at + sizeof note + name, note.n_descsz};
        size_t step = sizeof note + name + ((note.n_descsz + 3u) & ~3u);
        if (step > bytes)
            break;
        at += step;
        bytes -= step;
    }
    return STR_NONE;
}

static struct str id_of(const struct dl_phdr_info *info) {
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        /* Notes aligned to 8 bytes are of another kind, and laid out otherwise. */
        if (p->p_type != PT_NOTE || p->p_align > 4)
            continue;
        struct str id = id_in_notes((const char *)(info->dlpi_addr + p->p_vaddr), p->p_memsz);
        if (id.len > 0)
            return id;
    }
    return STR_NONE;
}

struct stamping {
    uint64_t stamp;
    bool program_seen;
};

/* The first object is the program. Of its libraries those count whose versions differ in what they make of a word. */
static int stamp_object(struct dl_phdr_info *info, size_t size, void *user) {
    struct stamping *s = user;
    unsigned char key[16] = {0};
    (void)size;
    bool counts = !s->program_seen || strstr(info->dlpi_name, "/libstemmer.") || strstr(info->dlpi_name, "/libutf8proc.");
    struct str id = counts ? id_of(info) : STR_NONE;
    if (!s->program_seen && id.len == 0)
        return 1;
    s->program_seen = true;
    memcpy(key, &s->stamp, sizeof s->stamp);
    if (counts)
        s->stamp = siphash(key, id);
    return 0;
}

uint64_t build_stamp(void) {
    struct stamping s = {0};
    dl_iterate_phdr(stamp_object, &s);
    return s.stamp;
}

/* ---- where they are ---- */

struct ranges {
    struct image_range *items;
    size_t count;
};

static int add_ranges(struct dl_phdr_info *info, size_t size, void *user) {
    struct ranges *r = user;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum && r->count < BUILD_RANGES_MAX; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD)
            r->items[r->count++] = (struct image_range){from, from + p->p_memsz};
    }
    return 0;
}

size_t build_ranges(struct image_range ranges[static BUILD_RANGES_MAX]) {
    struct ranges r = {ranges, 0};
    dl_iterate_phdr(add_ranges, &r);
    return r.count;
}
