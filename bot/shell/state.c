#define LOG_MODULE "state"
#include "shell/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/log.h"

enum { PATH_CAP = 1024, STATE_MOST = 64 * 1024 };

static bool path_of(char path[PATH_CAP], struct str folder, const char *name, const char *suffix) {
    if (folder.len == 0)
        return false;
    int n = snprintf(path, PATH_CAP, "%.*s/%s.state%s", STR_ARG(folder), name, suffix);
    return n > 0 && n < PATH_CAP;
}

static bool write_whole(int fd, struct str bytes) {
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)n, SIZE_MAX);
    }
    return true;
}

void state_write(struct str folder, const char *name, struct str bytes) {
    char path[PATH_CAP], fresh[PATH_CAP];
    if (!path_of(path, folder, name, "") || !path_of(fresh, folder, name, ".new") || bytes.len > STATE_MOST)
        return;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    bool fine = fd >= 0 && write_whole(fd, bytes);
    int why = errno;
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    if (fine && rename(fresh, path) == 0)
        return;
    LOG_WARN("%s is not written: %s", path, strerror(fine ? errno : why));
    unlink(fresh);
}

struct str state_read(struct str folder, const char *name) {
    char path[PATH_CAP];
    struct stat st;
    if (!path_of(path, folder, name, ""))
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
