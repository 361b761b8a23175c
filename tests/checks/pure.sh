#!/bin/sh
# pure.sh NM LIBRARY: the library asks nothing of the world. It calls no socket, clock, file, environment, terminal,
# thread or random source, and ends no process; assert() alone may, on our own mistakes.
set -eu
export LC_ALL=C
nm=$1 library=$2

names() { tr -s ' \n' '|' | sed 's/^|//; s/|$//'; }
libraries='curl_[a-z_]+|lws_[a-z_]+|uv_[a-z_]+|pthread_[a-z_]+|RAND_[a-z_]+|yaml_parser_set_input_file'
sockets=$(names <<END
socket socketpair connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg shutdown setsockopt
getaddrinfo gethostbyname gethostname select pselect poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait
END
)
clocks=$(names <<END
time clock clock_gettime gettimeofday timespec_get ftime times localtime localtime_r mktime tzset
sleep usleep nanosleep clock_nanosleep alarm setitimer
END
)
files=$(names <<END
open openat creat close read write pread pwrite readv writev lseek fsync mmap ioctl fcntl dup dup2 pipe pipe2 isatty
fopen fdopen freopen fclose fread fwrite fflush fputs fputc putc putchar puts printf vprintf fprintf vfprintf dprintf
vdprintf perror fgets fgetc getc getchar getline getdelim scanf fscanf tmpfile mkstemp fmemopen open_memstream popen
remove rename unlink mkdir rmdir stat fstat lstat access opendir readdir chdir getcwd syslog stdin stdout stderr
END
)
processes=$(names <<END
exit _exit _Exit quick_exit abort atexit fork vfork execv execve execvp execl execlp posix_spawn system kill raise
signal sigaction longjmp siglongjmp setjmp _setjmp err errx warn warnx
END
)
surroundings=$(names <<END
getenv secure_getenv setenv putenv unsetenv environ setlocale getpid getuid sysconf
rand srand random srandom rand_r drand48 getrandom getentropy arc4random arc4random_buf
END
)
refused="^[^ ]*:([^ :]+): +U ($libraries|$sockets|$clocks|$files|$processes|$surroundings)\$"

# "library:file.o:   U name@GLIBC_2.2.5" to "library:file.o: U name"; a fortified or versioned name is the plain one.
plain() { sed -E 's/@.*//; s/ U __isoc[0-9]+_/ U /; s/ U __([a-z0-9_]+)_chk$/ U \1/; s/ U ([a-z]+)64$/ U \1/'; }

undefined=$("$nm" -A -u "$library" | plain)
# Were nm or this pattern to say nothing, the check would pass on anything.
case "$undefined" in
*' U mem'*) ;;
*) echo "nm shows no calls in $library: built with link-time optimisation?"; exit 1 ;;
esac
for sample in time __printf_chk open64 __isoc99_fscanf stderr lws_service clock_gettime@GLIBC_2.17 socket exit getenv; do
    printf 'l.a:x.c.o:                 U %s\n' "$sample" | plain | grep -Eq "$refused" || {
        echo "this check would not see $sample"
        exit 1
    }
done

found=$(printf '%s\n' "$undefined" | grep -E "$refused" || true)
[ -z "$found" ] || {
    echo "The pure library must not call:"
    printf '%s\n' "$found" | sed -E "s/$refused/  \\1: \\2/"
    exit 1
}
echo "$(printf '%s\n' "$undefined" | sed 's/.* U //' | sort -u | wc -l) names used, none of them refused"
