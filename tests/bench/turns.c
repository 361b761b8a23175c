#include <getopt.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "dialog/load.h"

extern char **environ;

enum { FLOOR_BYTES = 64, STARTS = 7, TIMED_TURNS_MAX = 2000000 };

struct options {
    const char *dialog, *stream;
    size_t sessions;
    unsigned scale;
    double seconds;
    bool unmatched;
};

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- the floor: what any program pays that looks at every byte ---- */

__attribute__((noinline)) static uint64_t lower_split_hash(const char *message, size_t length) {
    uint64_t all = 0, hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)message[i];
        c = (unsigned char)((unsigned)(c - 'A') < 26u ? c | 0x20 : c);
        if (c == ' ') {
            all ^= hash;
            hash = UINT64_C(0xcbf29ce484222325);
        } else {
            hash = (hash ^ c) * UINT64_C(0x100000001b3);
        }
    }
    return all ^ hash;
}

/* Messages of 64 ASCII bytes, made of the stream's own text. */
static char *floor_messages(const struct stream *s, size_t count) {
    char *out = malloc(count * FLOOR_BYTES);
    size_t message = 0, at = 0;
    for (size_t i = 0; out && i < count * FLOOR_BYTES; i++) {
        struct str text = s->messages[message];
        char c = at < text.len ? text.ptr[at++] : ' ';
        if (at >= text.len) {
            at = 0;
            message = (message + 1) % s->count;
        }
        out[i] = c >= ' ' && c < 127 ? c : 'x';
    }
    return out;
}

static double measure_floor(const struct stream *s, double seconds) {
    enum { MESSAGES = 4096 };
    char *messages = floor_messages(s, MESSAGES);
    if (!messages)
        return 0;
    uint64_t sink = 0;
    size_t done = 0;
    double start = bench_now_s(), spent;
    do {
        for (size_t i = 0; i < MESSAGES; i++)
            sink ^= lower_split_hash(messages + i * FLOOR_BYTES, FLOOR_BYTES);
        done += MESSAGES;
        spent = bench_now_s() - start;
    } while (spent < seconds);
    __asm__ volatile("" : : "r"(sink)); /* the work is wanted */
    free(messages);
    return (double)done / spent;
}

/* ---- turns ---- */

struct player {
    struct engine *engine;
    const struct stream *stream;
    struct str *names; /* of the copies of each user: copy * stream.count + line */
    size_t copies;
    size_t line, copy;
    int64_t now_ms;
};

/* Every copy of the stream's users plays it from the start, one after another, so that all sessions stay alive. */
static size_t play_one(struct player *p) {
    struct engine_from from = {.platform = STR("bench"), .who = p->names[p->copy * p->stream->count + p->line], .addressed = true};
    const struct engine_reply *replies;
    size_t n = engine_message(p->engine, &from, p->stream->messages[p->line], p->now_ms, &replies);
    p->now_ms++;
    if (++p->line == p->stream->count) {
        p->line = 0;
        p->copy = (p->copy + 1) % p->copies;
    }
    return n;
}

static size_t count_users(const struct stream *s) {
    size_t users = 0;
    for (size_t i = 0; i < s->count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = str_equal(s->users[k], s->users[i]);
        users += !seen;
    }
    return users;
}

static bool make_names(struct player *p, struct arena *a, size_t sessions) {
    size_t users = count_users(p->stream);
    p->copies = sessions > users ? (sessions + users - 1) / users : 1;
    p->names = ARENA_ARRAY(a, struct str, p->copies * p->stream->count);
    for (size_t c = 0; p->names && c < p->copies; c++)
        for (size_t i = 0; i < p->stream->count; i++)
            p->names[c * p->stream->count + i] =
                c == 0 ? p->stream->users[i] : arena_printf(a, "%.*s#%zu", STR_ARG(p->stream->users[i]), c);
    return p->names != NULL;
}

static double measure_turns(struct player *p, double seconds) {
    size_t done = 0, said = 0;
    double start = bench_now_s(), spent;
    do {
        for (unsigned i = 0; i < 1024; i++)
            said += play_one(p);
        done += 1024;
        spent = bench_now_s() - start;
    } while (spent < seconds);
    return said > 0 ? (double)done / spent : 0;
}

static void measure_latency(struct player *p, double seconds, double *p50, double *p99) {
    double *us = malloc(TIMED_TURNS_MAX * sizeof *us);
    size_t n = 0;
    double start = bench_now_s(), before = start;
    while (us && n < TIMED_TURNS_MAX && before - start < seconds) {
        before = bench_now_s();
        play_one(p);
        us[n++] = (bench_now_s() - before) * 1e6;
    }
    *p50 = *p99 = 0;
    if (n > 0) {
        qsort(us, n, sizeof *us, compare_doubles);
        *p50 = us[n / 2];
        *p99 = us[n * 99 / 100];
    }
    free(us);
}

/* ---- a fresh process: time and memory to the first reply ---- */

static double resident_mb(pid_t pid) {
    char path[64];
    unsigned long total = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Starts `lippy console --json`, which stands beside this program, and waits for its greeting. */
static bool start_once(const struct options *o, double *ms, double *mb) {
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 16);
    if (length <= 0)
        return false;
    program[length] = '\0';
    strcpy(strrchr(program, '/'), "/lippy");
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0)
        return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    char *argv[] = {program, "console", "--json", "--dialog", (char *)(uintptr_t)o->dialog, NULL};
    pid_t pid;
    double start = bench_now_s();
    bool good = posix_spawn(&pid, program, &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    char c = 0;
    while (good && c != '\n')
        good = read(out[0], &c, 1) == 1;
    *ms = (bench_now_s() - start) * 1e3;
    *mb = good ? resident_mb(pid) : 0;
    close(in[1]);
    close(out[0]);
    waitpid(pid, NULL, 0);
    return good;
}

static void measure_start(const struct options *o, double *ms, double *mb) {
    double times[STARTS], sizes[STARTS];
    size_t n = 0;
    for (unsigned i = 0; i < STARTS; i++)
        n += start_once(o, &times[n], &sizes[n]);
    *ms = *mb = -1;
    if (n == 0)
        return;
    qsort(times, n, sizeof *times, compare_doubles);
    qsort(sizes, n, sizeof *sizes, compare_doubles);
    *ms = times[n / 2];
    *mb = sizes[n / 2];
}

/* ---- the run ---- */

/* Letters shifted so that no word is left that a dialog knows. */
static void unmatch(struct stream *s, struct arena *a) {
    for (size_t i = 0; i < s->count; i++) {
        struct str copy = arena_copy(a, s->messages[i]);
        char *bytes = arena_alloc(a, 1, copy.len + 1);
        for (size_t k = 0; k < copy.len; k++) {
            char c = copy.ptr[k];
            bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            bytes[k] = letter ? "qxzjkvw"[(unsigned)c % 7] : ' ';
        }
        s->messages[i] = (struct str){bytes, copy.len};
    }
}

static bool parse(int argc, char **argv, struct options *o) {
    static const struct option options[] = {{"dialog", 1, NULL, 'd'},  {"stream", 1, NULL, 's'}, {"sessions", 1, NULL, 'n'},
                                            {"scale", 1, NULL, 'k'},   {"seconds", 1, NULL, 't'}, {"unmatched", 0, NULL, 'u'},
                                            {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'd': o->dialog = optarg; break;
        case 's': o->stream = optarg; break;
        case 'n': o->sessions = strtoul(optarg, NULL, 10); break;
        case 'k': o->scale = (unsigned)strtoul(optarg, NULL, 10); break;
        case 't': o->seconds = strtod(optarg, NULL); break;
        case 'u': o->unmatched = true; break;
        default: return false;
        }
    }
    if (!o->dialog || !o->stream || o->scale < 1 || o->sessions < 1) {
        fputs("lippy-bench turns needs --dialog DIR and --stream FILE\n", stderr);
        return false;
    }
    return true;
}

int bench_turns(int argc, char **argv) {
    struct options o = {.sessions = 10000, .scale = 1, .seconds = 2};
    if (!parse(argc, argv, &o))
        return 2;
    struct arena a;
    struct stream stream;
    arena_init(&a, 0);
    if (!stream_read(o.stream, &a, &stream))
        return 1;
    struct dialog *d = bench_load(o.dialog, o.scale, &stream);
    struct engine *e = d ? bench_engine(d, o.sessions + 1024) : NULL;
    struct player p = {.engine = e, .stream = &stream, .now_ms = INT64_C(1769860800000)};
    if (o.unmatched)
        unmatch(&stream, &a);
    if (!e || !make_names(&p, &a, o.sessions))
        return 1;
    while (engine_session_count(e) < o.sessions && (p.copy > 0 || p.line > 0 || engine_session_count(e) == 0))
        play_one(&p); /* all sessions alive, everything warm */
    /* The machine's speed drifts: floor, turns, floor. */
    double floor = measure_floor(&stream, o.seconds / 4);
    double turns = measure_turns(&p, o.seconds);
    floor = (floor + measure_floor(&stream, o.seconds / 4)) / 2;
    double p50, p99, start_ms, start_mb;
    measure_latency(&p, o.seconds, &p50, &p99);
    measure_start(&o, &start_ms, &start_mb);
    printf("{\"turns_per_s\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"floor_per_s\":%.0f,\"ratio\":%.1f,"
           "\"bytes_per_session\":%.0f,\"rss_mb\":%.1f,\"first_reply_ms\":%.1f,\"sessions\":%zu,\"scale\":%u,"
           "\"topics\":%u,\"phrases\":%zu,\"unmatched\":%s}\n",
           turns, p50, p99, floor, turns > 0 ? floor / turns : 0,
           (double)engine_session_bytes(e) / (double)engine_session_count(e), start_mb, start_ms, engine_session_count(e),
           o.scale, d->topic_count, lexicon_phrase_count(d->lexicon), o.unmatched ? "true" : "false");
    engine_free(e);
    dialog_free(d);
    arena_finish(&a);
    return 0;
}
