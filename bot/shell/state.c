#define LOG_MODULE "state"
#include "shell/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/files.h"
#include "shell/log.h"

enum { PATH_CAP = 1024, STATE_MOST = 64 * 1024 };

static bool path_of(char path[PATH_CAP], struct str folder, const char *name) {
    if (folder.len == 0)
        return false;
    int n = snprintf(path, PATH_CAP, "%.*s/%s.state", STR_ARG(folder), name);
    return n > 0 && n < PATH_CAP;
}

void state_write(struct str folder, const char *name, struct str bytes) {
    char path[PATH_CAP];
    struct err e = {0};
    if (path_of(path, folder, name) && bytes.len <= STATE_MOST && !files_replace(path, bytes, S_IRUSR | S_IWUSR, &e))
        LOG_WARN("not written: %s", e.message);
}

struct str state_read(struct str folder, const char *name) {
    char path[PATH_CAP];
    struct stat st;
    if (!path_of(path, folder, name))
        return STR_NONE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *bytes = NULL;
    ssize_t len = -1;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (bytes = malloc(STATE_MOST)))
        len = read(fd, bytes, STATE_MOST);
    if (fd >= 0)
        close(fd);
    if (len > 0)
        return (struct str){bytes, (size_t)len};
    free(bytes);
    return STR_NONE;
}

void state_free(struct str bytes) {
    if (bytes.len == 0)
        return;
    explicit_bzero((char *)(uintptr_t)bytes.ptr, bytes.len);
    free((char *)(uintptr_t)bytes.ptr);
}
