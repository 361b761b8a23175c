#include "shell/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int lost; /* errno of the first write that failed */

void output_init(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* gets the lowest free number: this one */
    signal(SIGPIPE, SIG_IGN);
}

bool output_flush(void) {
    if (fflush(stdout) != 0 && !lost)
        lost = errno;
    if (ferror(stdout) && !lost)
        lost = EIO; /* in between, when the buffer was full */
    return !lost;
}

bool output_finish(void) {
    if (!output_flush())
        fprintf(stderr, "lippy: cannot write the output: %s\n", strerror(lost));
    return !lost;
}
