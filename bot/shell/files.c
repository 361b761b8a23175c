#include "shell/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_dialog_name(struct str name) {
    struct str end = STR(".yaml");
    return name.len > end.len && name.ptr[0] != '.' && str_equal(str_slice(name, name.len - end.len, end.len), end);
}

static bool fill(int fd, char *to, size_t size, size_t *got) {
    for (*got = 0; *got < size;) {
        ssize_t n = read(fd, to + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        *got += (size_t)n;
    }
    return true;
}

static bool write_all(int fd, struct str bytes) {
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
    return true;
}

bool files_replace(const char *path, struct str bytes, mode_t mode, struct err *e) {
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.XXXXXX", path) >= (int)sizeof fresh)
        return err_set(e, ERR_LIMIT, "the path is too long");
    int fd = mkstemp(fresh);
    if (fd < 0)
        return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    bool fine = write_all(fd, bytes) && fchmod(fd, mode) == 0;
    fine = close(fd) == 0 && fine;
    if (fine && rename(fresh, path) == 0)
        return true;
    err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    unlink(fresh);
    return false;
}

static bool read_open_file(int fd, struct dialog_file *file, struct arena *a, struct err *e) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_IO, "%.*s: %s", STR_ARG(file->name), strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_IO, "%.*s: not a regular file", STR_ARG(file->name));
    if (st.st_size > LOAD_FILE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%.*s: the file has more than %d bytes", STR_ARG(file->name), LOAD_FILE_BYTES_MAX);
    char *bytes = ARENA_ARRAY(a, char, (size_t)st.st_size);
    size_t got;
    if (!bytes)
        return err_set(e, ERR_LIMIT, "the dialog is too large");
    if (!fill(fd, bytes, (size_t)st.st_size, &got))
        return err_set(e, ERR_IO, "%.*s: %s", STR_ARG(file->name), strerror(errno));
    file->bytes = (struct str){bytes, got};
    return true;
}

/* O_NONBLOCK: a pipe among the files must not hold us up before we see what it is. */
static bool read_file(int dir_fd, struct dialog_file *file, struct arena *a, struct err *e) {
    int fd = openat(dir_fd, file->name.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, ERR_IO, "%.*s: %s", STR_ARG(file->name), strerror(errno));
    bool fine = read_open_file(fd, file, a, e);
    close(fd);
    return fine;
}

bool files_read(struct str path, struct arena *a, struct str *bytes, struct err *e) {
    struct dialog_file file = {.name = arena_copy(a, path)};
    if (!file.name.ptr || !read_file(AT_FDCWD, &file, a, e))
        return file.name.ptr ? false : err_set(e, ERR_LIMIT, "no memory");
    *bytes = file.bytes;
    return true;
}

static int by_name(const void *a, const void *b) {
    return str_compare(((const struct dialog_file *)a)->name, ((const struct dialog_file *)b)->name);
}

static bool list_names(DIR *d, struct arena *a, struct dialog_file *files, size_t *count, struct err *e) {
    *count = 0;
    for (struct dirent *entry; (entry = readdir(d));) {
        struct str name = str_of(entry->d_name);
        if (!is_dialog_name(name))
            continue;
        if (*count == LOAD_FILES_MAX)
            return err_set(e, ERR_LIMIT, "more than %d .yaml files", LOAD_FILES_MAX);
        files[*count].name = arena_copy(a, name);
        if (!files[(*count)++].name.ptr)
            return err_set(e, ERR_LIMIT, "the dialog is too large");
    }
    qsort(files, *count, sizeof *files, by_name);
    return true;
}

bool files_read_dir(struct str dir, struct arena *a, struct dialog_file **files, size_t *count, struct err *e) {
    *count = 0;
    struct str path = arena_copy(a, dir);
    *files = ARENA_ARRAY(a, struct dialog_file, LOAD_FILES_MAX);
    if (!path.ptr || !*files)
        return err_set(e, ERR_LIMIT, "out of memory");
    DIR *d = opendir(path.ptr);
    if (!d)
        return err_set(e, ERR_IO, "%s", strerror(errno));
    bool fine = list_names(d, a, *files, count, e);
    for (size_t i = 0; i < *count && fine; i++)
        fine = read_file(dirfd(d), &(*files)[i], a, e);
    closedir(d);
    return fine;
}

/* Appends the files of a used folder, their names with the folder before them. */
static bool read_use(const char *dir, const struct dialog_use *use, struct arena *a, struct dialog_file *files,
                     size_t *count, struct err *e) {
    struct dialog_file *more;
    size_t more_count;
    struct str path = arena_printf(a, "%s/%.*s", dir, STR_ARG(use->folder));
    if (!path.ptr)
        return err_set(e, ERR_LIMIT, "out of memory");
    if (!files_read_dir(path, a, &more, &more_count, e))
        return false;
    for (size_t i = 0; i < more_count; i++) {
        struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(use->folder), STR_ARG(more[i].name));
        if (!name.ptr)
            return err_set(e, ERR_LIMIT, "out of memory");
        files[(*count)++] = (struct dialog_file){name, more[i].bytes};
    }
    return true;
}

bool files_read_used(const char *dir, const struct dialog_use *uses, size_t use_count, struct arena *a,
                     struct dialog_file **files, size_t *count, struct problems *problems) {
    struct dialog_file *all = ARENA_ARRAY(a, struct dialog_file, (LOAD_USES_MAX + 1) * LOAD_FILES_MAX);
    bool fine = true;
    if (!all) {
        problems_add(problems, STR_NONE, 0, 0, "out of memory");
        return false;
    }
    memcpy(all, *files, *count * sizeof *all);
    for (size_t i = 0; i < use_count; i++) {
        struct err e = {0};
        if (read_use(dir, &uses[i], a, all, count, &e))
            continue;
        problems_add(problems, uses[i].file, uses[i].line, uses[i].column, "cannot read the folder \"%.*s\": %s",
                     STR_ARG(uses[i].folder), e.message);
        fine = false;
    }
    *files = all;
    return fine;
}

bool files_read_uses(const char *dir, struct arena *a, struct dialog_file **files, size_t *count, struct problems *problems) {
    struct dialog_use uses[LOAD_USES_MAX];
    size_t use_count;
    bool fine = dialog_uses(*files, *count, a, uses, &use_count, problems);
    return files_read_used(dir, uses, use_count, a, files, count, problems) && fine;
}

bool files_read_dialog(const char *dir, struct arena *a, struct dialog_file **files, size_t *count, struct problems *problems) {
    struct err e = {0};
    if (files_read_dir(str_of(dir), a, files, count, &e))
        return files_read_uses(dir, a, files, count, problems);
    problems_add(problems, STR_NONE, 0, 0, "%s", e.message);
    return false;
}

struct dialog *dialog_load_dir(const char *dir, struct problems *problems) {
    struct arena a;
    struct dialog_file *files;
    size_t count;
    struct dialog *d = NULL;
    arena_init(&a, LOAD_ARENA_BYTES_MAX);
    if (files_read_dialog(dir, &a, &files, &count, problems))
        d = dialog_load(files, count, problems);
    arena_finish(&a);
    return d;
}
