#include "dialog/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"
#include "dialog/load_work.h"
#include "dialog/normal.h"

enum { ENTRIES_MAX = 60000 }; /* of one kind: indexes have 16 bits */

/* What the part of a file's name before the first - or . says. */
#define SECTIONS(X)                 \
    X("dialog", NAME_SETTING)       \
    X("findings", NAME_FINDING)     \
    X("conditions", NAME_CONDITION) \
    X("triage", NAME_RULE)          \
    X("causes", NAME_CAUSE)         \
    X("remedies", NAME_REMEDY)      \
    X("topics", NAME_TOPIC)         \
    X("says", NAME_SAY)             \
    X("words", NAME_GROUP)          \
    X("likes", NAME_LIKE)           \
    X("places", NAME_PLACE)         \
    X("sources", NAME_SOURCE)

static const struct section {
    const char *word;
    enum name_kind kind;
} sections[] = {
#define X(word, kind) {word, kind},
    SECTIONS(X)
#undef X
};

/* ---- names ---- */

/* Of a folder that the dialog builds on: read before the dialog's own, as "../" sorts before letters. */
static bool is_used_folder(const struct node *n) { return memchr(n->file->name.ptr, '/', n->file->name.len) != NULL; }

/* Only wording is the dialog's own taste; a fact in two places would be a mistake. */
static bool replaces(enum name_kind kind, const struct name *before, const struct node *entry) {
    return kind == NAME_SAY && is_used_folder(before->key) && !is_used_folder(entry);
}

static void declare(struct loader *l, enum name_kind kind, const struct node *entry) {
    struct names *names = &l->names[kind];
    if (names->count >= ENTRIES_MAX) {
        l->full = true;
        return;
    }
    bool fine = kind == NAME_SETTING || kind == NAME_LEVEL || check_name(l, kind, entry->key);
    struct name *before = names_find(names, entry->key->text);
    if (before && replaces(kind, before, entry)) {
        before->key = entry->key;
        before->value = entry;
        before->used = !fine;
    } else if (before)
        complain(l, entry->key, "the %s \"%.*s\" is already defined in line %u of %.*s", name_noun(kind),
                 STR_ARG(shown(l, before->text)), before->key->line, STR_ARG(before->key->file->name));
    else if (!names_add(names, entry->key->text, entry->key, entry))
        l->full = true;
    else
        names->items[names->count - 1].used = !fine || is_used_folder(entry); /* one problem is enough */
}

static void declare_all(struct loader *l, enum name_kind kind, const struct node *map) {
    for (const struct node *m = expect(l, map, NODE_MAP) ? map->first : NULL; m; m = m->next)
        declare(l, kind, m);
}

/* states, screens and levels may be spread over several dialog*.yaml. */
static void declare_settings(struct loader *l, const struct node *root) {
    static const struct section maps[] = {{"states", NAME_STATE}, {"screens", NAME_SCREEN}, {"levels", NAME_LEVEL}};
    for (const struct node *m = root->first; m; m = m->next) {
        size_t i = 0;
        while (i < sizeof maps / sizeof *maps && !str_equal(m->key->text, str_of(maps[i].word)))
            i++;
        if (i < sizeof maps / sizeof *maps)
            declare_all(l, maps[i].kind, m);
        else
            declare(l, NAME_SETTING, m);
    }
}

static void declare_words(struct loader *l, struct node *root) {
    l->words[l->word_file_count++] = root;
    for (const struct node *m = root->first; m; m = m->next)
        if (str_equal(m->key->text, STR("groups")))
            declare_all(l, NAME_GROUP, m);
}

static struct str base_name(struct str file) {
    size_t start = file.len;
    while (start > 0 && file.ptr[start - 1] != '/')
        start--;
    return str_slice(file, start, file.len);
}

static const struct section *section_of(struct loader *l, struct str file) {
    struct str base = base_name(file);
    size_t length = 0;
    while (length < base.len && base.ptr[length] != '-' && base.ptr[length] != '.')
        length++;
    struct str head = str_slice(base, 0, length);
    struct nearest near = nearest_to(head);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (str_equal(head, str_of(sections[i].word)))
            return &sections[i];
        nearest_offer(&near, str_of(sections[i].word));
    }
    problems_add(l->problems, file, 0, 0, "no file of a dialog begins with \"%.*s\"%.*s", STR_ARG(shown(l, head)),
                 STR_ARG(did_you_mean(l, &near)));
    return NULL;
}

static void declare_file(struct loader *l, const struct section *section, struct node *root) {
    if (section->kind == NAME_SETTING && memchr(root->file->name.ptr, '/', root->file->name.len))
        problems_add(l->problems, root->file->name, 0, 0, "a folder that dialogs build on has no dialog.yaml of its own");
    else if (section->kind == NAME_SETTING)
        declare_settings(l, root);
    else if (section->kind == NAME_GROUP)
        declare_words(l, root);
    else if (section->kind == NAME_LIKE)
        l->likes[l->like_file_count++] = root;
    else
        declare_all(l, section->kind, root);
}

/* ---- files ---- */

static int by_name(const void *a, const void *b) {
    return str_compare(((const struct dialog_file *)a)->name, ((const struct dialog_file *)b)->name);
}

/* In the order of their names, whatever order the caller found them in. */
static struct dialog_file *sorted(struct loader *l, const struct dialog_file *files, size_t count) {
    struct dialog_file *copy = LOAD_WORK(l, struct dialog_file, count);
    if (!copy)
        return NULL;
    if (count > 0)
        memcpy(copy, files, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, by_name);
    return copy;
}

/* Each text is hashed under the hash of what came before it, so that no byte can move from one to the next. */
static uint64_t hash_on(uint64_t before, struct str text) {
    unsigned char key[16] = {0};
    memcpy(key, &before, sizeof before);
    return siphash(key, text);
}

uint64_t dialog_files_hash(const struct dialog_file *files, size_t count) {
    uint64_t hash = count;
    for (size_t i = 0; i < count; i++)
        hash = hash_on(hash_on(hash, files[i].name), files[i].bytes);
    return hash;
}

/* False where a file could not be read at all: what the others lack because of it would only be noise. */
static bool read_files(struct loader *l, const struct dialog_file *files, size_t count) {
    bool fine = true;
    l->words = LOAD_WORK(l, struct node *, count);
    l->likes = LOAD_WORK(l, struct node *, count);
    for (size_t i = 0; i < count && l->words && l->likes; i++) {
        const struct section *section = section_of(l, files[i].name);
        struct node *root = yaml_read(&files[i], &l->work, l->problems);
        fine &= root && expect(l, root, NODE_MAP);
        if (fine && section)
            declare_file(l, section, root);
    }
    return fine && !l->full;
}

/* ---- the whole ---- */

static void complain_all_unused(struct loader *l) {
    complain_unused(l, NAME_FINDING, " by a rule, a cause, a remedy, a state or a screen");
    complain_unused(l, NAME_CONDITION, "");
    complain_unused(l, NAME_REMEDY, " by a cause or as a comfort");
    complain_unused(l, NAME_SAY, "");
    complain_unused(l, NAME_SOURCE, "");
    complain_unused(l, NAME_SCREEN, "");
    complain_unused(l, NAME_GROUP, "");
}

static void compile(struct loader *l) {
    l->conditions = LOAD_WORK(l, struct condition, l->names[NAME_CONDITION].count);
    l->lexicon = lexicon_new(l->out, &l->work);
    names_init(&l->phrases, &l->work);
    names_init(&l->fillers, &l->work);
    l->full |= !l->lexicon;
    load_place_keys(l);
    load_finding_shapes(l);
    if (l->full)
        return;
    load_words(l);
    load_sources(l);
    load_places(l);
    load_conditions(l);
    load_findings(l);
    load_says(l);
    load_levels(l);
    load_screens(l);
    load_rules(l);
    load_rule_refs(l);
    load_remedies(l);
    load_causes(l);
    load_topics(l);
    load_states(l);
    load_settings(l);
    if (l->full)
        return;
    load_meanings(l);
    complain_all_unused(l);
    load_likes(l);
    l->d->lexicon = l->lexicon;
}

void dialog_free(struct dialog *d) {
    if (!d)
        return;
    struct arena *arena = d->arena; /* d itself is in it */
    arena_finish(arena);
    free(arena);
}

static void load(struct loader *l, const struct dialog_file *files, size_t count) {
    if (count > LOAD_FILES_MAX) {
        complain(l, NULL, "a dialog has at most %d files", LOAD_FILES_MAX);
        return;
    }
    if (count == 0) {
        complain(l, NULL, "no .yaml file here");
        return;
    }
    struct dialog_file *in_order = sorted(l, files, count);
    if (in_order && read_files(l, in_order, count)) {
        l->d->revision = (uint32_t)dialog_files_hash(in_order, count);
        compile(l);
    }
    if (l->full)
        complain(l, NULL, "the dialog is too large");
    problems_sort(l->problems);
}

struct dialog *dialog_load_into(struct arena *a, const struct dialog_file *files, size_t count, struct problems *problems) {
    struct loader l = {.d = ARENA_NEW(a, struct dialog), .out = a, .problems = problems};
    if (!l.d) {
        problems_add(problems, STR_NONE, 0, 0, "out of memory");
        return NULL;
    }
    size_t before = problems->count + problems->left_out;
    l.problems_before = before;
    arena_init(&l.work, LOAD_ARENA_BYTES_MAX);
    for (int kind = 0; kind < NAME_KIND_COUNT; kind++)
        names_init(&l.names[kind], &l.work);
    load(&l, files, count);
    if (problems->count + problems->left_out == before) {
        l.d->normal = normal_build(l.d, a, l.guards, l.guard_count);
        if (!l.d->normal)
            problems_add(problems, STR_NONE, 0, 0, "the dialog is too large");
    }
    arena_finish(&l.work);
    return l.d->normal ? l.d : NULL;
}

struct dialog *dialog_load(const struct dialog_file *files, size_t count, struct problems *problems) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena) {
        problems_add(problems, STR_NONE, 0, 0, "out of memory");
        return NULL;
    }
    arena_init(arena, LOAD_ARENA_BYTES_MAX);
    struct dialog *d = dialog_load_into(arena, files, count, problems);
    if (d) {
        d->arena = arena;
        return d;
    }
    arena_finish(arena);
    free(arena);
    return NULL;
}
