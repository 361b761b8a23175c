#include "shell/dialogs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/image.h"
#include "shell/build_stamp.h"
#include "shell/files.h"

/* Where images prefer to be: far from where systems put programs, heaps and stacks, also those under AddressSanitizer. Each image has a
 * place of its own there by its sources. None is aligned to 2 MB, or Linux would map that much of it at the first touch. */
#define PLACES_FROM (sizeof(void *) >= 8 ? UINT64_C(0x200000100000) : UINT64_C(0x20100000))
#define PLACES (sizeof(void *) >= 8 ? 4096u : 4u)

/* ---- names ---- */

/* The name of the dialog's own folder, also of "." */
static bool image_name(const char *dir, char name[static 256]) {
    char *real = realpath(dir, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    bool fine = slash && slash[1] && snprintf(name, 256, "%s.image", slash + 1) < 256;
    free(real);
    return fine;
}

const char *images_folder(char buffer[static IMAGES_PATH_MAX]) {
    const char *named = getenv("LIPPY_IMAGES");
    if (named && *named)
        return named;
    char program[IMAGES_PATH_MAX - 32];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return NULL;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    const char *last = strrchr(program, '/');
    bool installed = last && strcmp(last, "/bin") == 0;
    snprintf(buffer, IMAGES_PATH_MAX, "%s/%s", program, installed ? "../lib/lippy/images" : "images");
    return buffer;
}

/* ---- trust ---- */

static bool is_trusted(const struct stat *st) {
    struct stat program;
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return false;
    return st->st_uid == 0 || st->st_uid == geteuid() || (stat("/proc/self/exe", &program) == 0 && st->st_uid == program.st_uid);
}

/* The folder, open; -1 where it is none or not ours alone. */
static int open_folder(const char *images) {
    struct stat st;
    int fd = open(images, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && is_trusted(&st))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int open_image(const char *dir, const char *images, struct stat *st) {
    char name[256];
    int folder = image_name(dir, name) ? open_folder(images) : -1;
    if (folder < 0)
        return -1;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    close(folder);
    if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode) && is_trusted(st))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* ---- opening ---- */

/* The folders that the dialog builds on are the image's notes, each with a NUL behind it. */
static size_t uses_in(struct str notes, struct dialog_use uses[static LOAD_USES_MAX]) {
    size_t count = 0;
    while (notes.len > 0 && count < LOAD_USES_MAX)
        uses[count++] = (struct dialog_use){.folder = str_cut(&notes, '\0')};
    return count;
}

static bool same_sources(const struct image *i, const char *dir, struct dialog_file *files, size_t count, struct arena *a) {
    struct dialog_use uses[LOAD_USES_MAX];
    struct problems unheard;
    problems_init(&unheard);
    bool fine = files_read_used(dir, uses, uses_in(i->notes, uses), a, &files, &count, &unheard);
    problems_finish(&unheard);
    return fine && dialog_files_hash(files, count) == i->stamp.sources;
}

static void *map_at(const struct image *i, int fd, int flags) {
    void *at = mmap((void *)(uintptr_t)i->at, i->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* Where it prefers to be, and else anywhere. Writable, because what is looked up often is kept in it; the file never changes. */
static void map_image(struct opened_dialog *o, const struct image *i, int fd) {
    void *memory = map_at(i, fd, MAP_FIXED_NOREPLACE);
    if (!memory)
        memory = map_at(i, fd, 0);
    if (!memory)
        return;
    o->image = memory;
    o->image_bytes = i->bytes;
    o->dialog = image_settle(i, memory);
}

/* own: the files of the dialog's own folder. */
static void take_image(struct opened_dialog *o, int fd, const struct stat *st, const char *dir, struct dialog_file *own, size_t count,
                       struct arena *a) {
    char head[IMAGE_HEAD_BYTES];
    struct image i;
    ssize_t got = pread(fd, head, sizeof head, 0);
    struct str bytes = {head, got > 0 ? (size_t)got : 0};
    uint64_t stamp = build_stamp();
    if (stamp && image_read_head(bytes, (uint64_t)st->st_size, &i, NULL) && i.stamp.program == stamp &&
        same_sources(&i, dir, own, count, a))
        map_image(o, &i, fd);
    if (!o->dialog)
        dialog_close(o);
}

bool dialog_open(struct opened_dialog *o, const char *dir, const char *images, struct problems *problems) {
    struct arena a;
    struct dialog_file *files;
    size_t count;
    struct err e = {0};
    struct stat st;
    *o = (struct opened_dialog){0};
    arena_init(&a, LOAD_ARENA_BYTES_MAX);
    int fd = images ? open_image(dir, images, &st) : -1;
    if (!files_read_dir(str_of(dir), &a, &files, &count, &e)) {
        problems_add(problems, STR_NONE, 0, 0, "%s", e.message);
    } else {
        if (fd >= 0)
            take_image(o, fd, &st, dir, files, count, &a);
        if (!o->dialog && files_read_uses(dir, &a, &files, &count, problems))
            o->dialog = o->loaded = dialog_load(files, count, problems);
    }
    if (fd >= 0)
        close(fd);
    arena_finish(&a);
    return o->dialog != NULL;
}

void dialog_close(struct opened_dialog *o) {
    dialog_free(o->loaded);
    if (o->image)
        munmap(o->image, o->image_bytes);
    *o = (struct opened_dialog){0};
}

/* ---- compiling ---- */

enum { BLOCK_SHIFT = 16, MAP_BYTES = LOAD_ARENA_BYTES_MAX + BLOCK_SHIFT };

struct compiling {
    struct dialog_file *files;
    size_t count;
    char *maps[2]; /* MAP_BYTES each */
    char *blocks[2]; /* in them */
    struct arena arenas[2];
    struct dialog *dialogs[2];
};

static bool load_twice(struct compiling *c, struct problems *problems, struct err *e) {
    for (int i = 0; i < 2; i++) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (map == MAP_FAILED)
            return err_set(e, ERR_LIMIT, "no memory");
        c->maps[i] = map;
        c->blocks[i] = c->maps[i] + i * BLOCK_SHIFT;
        arena_init_lent(&c->arenas[i], c->blocks[i], LOAD_ARENA_BYTES_MAX);
        c->dialogs[i] = dialog_load_into(&c->arenas[i], c->files, c->count, problems);
        if (!c->dialogs[i])
            return false;
    }
    return arena_lent_bytes(&c->arenas[0]) == arena_lent_bytes(&c->arenas[1]) ||
           err_set(e, ERR_SCHEMA, "two loads of the dialog differ in size");
}

static bool make_image(struct compiling *c, struct str notes, struct buf *out, struct err *e) {
    struct image_range ranges[BUILD_RANGES_MAX];
    struct image_plan plan = {
        .first = c->blocks[0],
        .second = c->blocks[1],
        .bytes = (arena_lent_bytes(&c->arenas[0]) + 15) / 16 * 16, /* what is behind is zeroed */
        .root = (size_t)((const char *)c->dialogs[0] - c->blocks[0]),
        .stamp = {build_stamp(), dialog_files_hash(c->files, c->count)},
        .notes = notes,
        .foreign = ranges,
        .foreign_count = build_ranges(ranges),
    };
    plan.at = (uintptr_t)(PLACES_FROM + plan.stamp.sources % PLACES * LOAD_ARENA_BYTES_MAX);
    if (!plan.stamp.program)
        return err_set(e, ERR_IO, "this build of the program has no id to tell it from others");
    return image_make(out, &plan, e);
}

static bool put_image(const char *dir, const char *images, char path[static IMAGES_PATH_MAX], struct str bytes, struct err *e) {
    char name[256];
    if (!image_name(dir, name) || snprintf(path, IMAGES_PATH_MAX, "%s/%s", images, name) >= IMAGES_PATH_MAX)
        return err_set(e, ERR_LIMIT, "the name of the image is too long");
    if (mkdir(images, S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH) != 0 && errno != EEXIST)
        return err_set(e, ERR_IO, "%s: %s", images, strerror(errno));
    int folder = open_folder(images);
    if (folder < 0)
        return err_set(e, ERR_IO, "%s: not a folder that belongs to you and that nobody else can write to", images);
    close(folder);
    return files_replace(path, bytes, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, e);
}

static bool compile(struct compiling *c, const char *dir, struct arena *a, struct buf *image, struct problems *problems,
                    struct err *e) {
    struct dialog_use uses[LOAD_USES_MAX];
    size_t use_count;
    struct buf notes;
    buf_init(&notes, a);
    if (!files_read_dialog(dir, a, &c->files, &c->count, problems) || !load_twice(c, problems, e))
        return false;
    if (!dialog_uses(c->files, c->count, a, uses, &use_count, problems))
        return false;
    for (size_t i = 0; i < use_count; i++) {
        buf_add(&notes, uses[i].folder);
        buf_add_char(&notes, '\0');
    }
    return make_image(c, buf_str(&notes), image, e);
}

bool dialog_compile(const char *dir, const char *images, char path[static IMAGES_PATH_MAX], size_t *bytes,
                    struct problems *problems, struct err *e) {
    struct compiling c = {0};
    struct arena a;
    struct buf image;
    arena_init(&a, 0);
    buf_init_heap(&image);
    bool fine = compile(&c, dir, &a, &image, problems, e) && put_image(dir, images, path, buf_str(&image), e);
    *bytes = image.len;
    for (int i = 0; i < 2; i++) {
        arena_finish(&c.arenas[i]);
        if (c.maps[i])
            munmap(c.maps[i], MAP_BYTES);
    }
    buf_finish(&image);
    arena_finish(&a);
    return fine;
}
