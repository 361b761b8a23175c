/* The program: reads the command line, loads the dialogs, picks a subcommand. Only here does anything exit. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "author/check.h"
#include "author/explain.h"
#include "author/talk.h"
#include "shell/console.h"
#include "shell/dialogs.h"
#include "shell/files.h"
#include "shell/late.h"
#include "shell/lines.h"
#include "shell/output.h"
#include "shell/run.h"

enum exit_status { EXIT_OK = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3, EXIT_MACHINE = 4 };

enum { DIALOGS_MAX = 16 };

static const char usage[] =
    "Usage: lippy [console] [--json] [--dialog DIR] [--country CODE] [--seed N] [--now TIME]\n"
    "       lippy run [-c FILE] [--dialog DIR] [--country CODE]\n"
    "       lippy check DIR\n"
    "       lippy compile [--output FOLDER] DIR...\n"
    "       lippy talks [--dialog DIR] FILE...\n"
    "       lippy explain [--json] [--dialog DIR] [--now TIME] [TEXT]\n"
    "\n"
    "Lippy talks with people whose upper lip twitches: it asks about warning signs and triggers,\n"
    "and says what may help and when to see a doctor. It is a program, not a doctor.\n"
    "\n"
    "  console    talk here, in the terminal (the default); --json: for programs, a line each way\n"
    "  run        join the chat rooms of a configuration file; see config.example.ini. Without -c:\n"
    "             a page for the browser on this machine\n"
    "  check      list everything that is wrong with a dialog's files\n"
    "  compile    make the images of dialogs, from which console and run start at once\n"
    "  talks      play example talks against a dialog\n"
    "  explain    show what a message was understood to say; --json: lines in, lines out\n"
    "\n"
    "  -c, --config FILE   the configuration of `run`\n"
    "      --dialog DIR    a dialog's folder (default: the one about twitching lips); may be repeated\n"
    "      --country CODE  two letters: whose emergency numbers to tell\n"
    "      --seed N        which of several wordings to use\n"
    "      --now TIME      the clock, such as 2026-01-31T12:00:00Z\n"
    "  -o, --output FOLDER where `compile` puts the images (default: where they are looked for)\n"
    "  -h, --help          this text\n"
    "      --version       the version\n"
    "\n"
    "Exit status: 0 all well; 1 a dialog, a talk or the configuration is wrong; 2 wrong use;\n"
    "3 the server refuses us for good; 4 the machine failed us. More: man lippy\n";

struct options {
    const char *command;
    const char *config;
    const char *output;
    const char *dialogs[DIALOGS_MAX];
    size_t dialog_count;
    const char *country;
    unsigned seed;
    struct clock_source clock;
    bool json, help, version;
    char **rest;
    int rest_count;
};

static void put(struct str text, FILE *to) {
    if (text.len > 0)
        fwrite(text.ptr, 1, text.len, to);
}

/* ---- command line ---- */

static int misuse(const char *what, const char *value) {
    fprintf(stderr, "lippy: %s%s%s\nTry: lippy --help\n", what, value ? ": " : "", value ? value : "");
    return EXIT_USAGE;
}

static int parse(int argc, char **argv, struct options *o) {
    enum { OPT_DIALOG = 256, OPT_COUNTRY, OPT_SEED, OPT_NOW, OPT_JSON, OPT_VERSION };
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},      {"output", required_argument, NULL, 'o'},  {"dialog", required_argument, NULL, OPT_DIALOG},
        {"country", required_argument, NULL, OPT_COUNTRY}, {"seed", required_argument, NULL, OPT_SEED},
        {"now", required_argument, NULL, OPT_NOW},     {"json", no_argument, NULL, OPT_JSON},
        {"help", no_argument, NULL, 'h'},              {"version", no_argument, NULL, OPT_VERSION},
        {NULL, 0, NULL, 0}};
    uint64_t number;
    for (int c; (c = getopt_long(argc, argv, "c:o:h", options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            o->config = optarg;
            break;
        case 'o':
            o->output = optarg;
            break;
        case OPT_DIALOG:
            if (o->dialog_count == DIALOGS_MAX)
                return misuse("too many dialogs", NULL);
            o->dialogs[o->dialog_count++] = optarg;
            break;
        case OPT_COUNTRY:
            o->country = optarg;
            break;
        case OPT_SEED:
            if (!str_to_u64(str_of(optarg), &number) || number > UINT32_MAX)
                return misuse("not a seed", optarg);
            o->seed = (unsigned)number;
            break;
        case OPT_NOW:
            if (!clock_parse(str_of(optarg), &o->clock))
                return misuse("not a time like 2026-01-31T12:00:00Z", optarg);
            break;
        case OPT_JSON:
            o->json = true;
            break;
        case 'h':
            o->help = true;
            return EXIT_OK;
        case OPT_VERSION:
            o->version = true;
            return EXIT_OK;
        default:
            return misuse("unknown option, or one without its value", NULL);
        }
    }
    o->command = optind < argc ? argv[optind++] : "console";
    o->rest = argv + optind;
    o->rest_count = argc - optind;
    return EXIT_OK;
}

/* ---- dialogs ---- */

/* The dialog that comes with the program: named by the environment, installed beside it, or in the source tree. */
static const char *default_dialog(char *buffer, size_t size) {
    const char *named = getenv("LIPPY_DIALOGS");
    if (named && *named) {
        snprintf(buffer, size, "%s/lip-twitching", named);
        return buffer;
    }
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = '\0';
        char *slash = strrchr(program, '/');
        if (slash) {
            *slash = '\0';
            snprintf(buffer, size, "%s/../share/lippy/dialogs/lip-twitching", program);
            if (access(buffer, R_OK) == 0)
                return buffer;
        }
    }
    return LIPPY_SOURCE_DIR "/dialogs/lip-twitching";
}

struct dialogs {
    const struct dialog *items[DIALOGS_MAX];
    struct opened_dialog opened[DIALOGS_MAX];
    size_t count;
};

static void print_problems(const char *dir, const struct problems *problems) {
    struct buf b;
    buf_init_heap(&b);
    check_report(&b, str_of(dir), problems);
    put(buf_str(&b), stderr);
    buf_finish(&b);
}

/* images: their folder, or NULL, for who wants the files themselves. */
static bool open_dialogs(const struct options *o, const char *images, struct dialogs *out) {
    char path[8192];
    const char *only = default_dialog(path, sizeof path);
    size_t count = o->dialog_count ? o->dialog_count : 1;
    for (size_t i = 0; i < count; i++) {
        const char *dir = o->dialog_count ? o->dialogs[i] : only;
        struct problems problems;
        problems_init(&problems);
        bool fine = dialog_open(&out->opened[i], dir, images, &problems);
        out->items[i] = out->opened[i].dialog;
        if (!fine)
            print_problems(dir, &problems);
        problems_finish(&problems);
        if (!fine)
            return false;
        out->count = i + 1;
    }
    return true;
}

static void close_dialogs(struct dialogs *d) {
    for (size_t i = 0; i < d->count; i++)
        dialog_close(&d->opened[i]);
}

static struct engine *make_engine(const struct options *o, const struct dialogs *d) {
    struct engine_config config = {.dialogs = d->items,
                                   .dialog_count = d->count,
                                   .country = str_of(o->country),
                                   .max_sessions = 16,
                                   .session_ttl_ms = INT64_MAX / 4,
                                   .seed = o->seed};
    struct err e = {0};
    if (getrandom(config.hash_key, sizeof config.hash_key, 0) != (ssize_t)sizeof config.hash_key)
        err_set(&e, ERR_IO, "no random bytes to be had");
    struct engine *engine = e.code ? NULL : engine_new(&config, &e);
    if (!engine)
        fprintf(stderr, "lippy: %s\n", e.message);
    return engine;
}

/* ---- subcommands ---- */

static int do_console(const struct options *o) {
    if (o->rest_count > 0)
        return misuse("console takes no further words", o->rest[0]);
    struct dialogs d = {.count = 0};
    char folder[IMAGES_PATH_MAX];
    if (!open_dialogs(o, images_folder(folder), &d))
        return close_dialogs(&d), EXIT_WRONG;
    struct engine *e = make_engine(o, &d);
    bool fine = e && (o->json ? console_json(e, &o->clock) : console_talk(e, &o->clock));
    engine_free(e);
    close_dialogs(&d);
    return fine ? EXIT_OK : EXIT_MACHINE;
}

/* What `run` does without a configuration: the page, for this machine alone. */
static void add_own_config(struct buf *b, const struct options *o) {
    char path[8192];
    buf_add(b, STR("[bot]\ndialogs ="));
    for (size_t i = 0; i < o->dialog_count; i++)
        buf_printf(b, " %s,", o->dialogs[i]);
    if (o->dialog_count == 0)
        buf_printf(b, " %s", default_dialog(path, sizeof path));
    buf_printf(b, "\n%s%s\n[web]\n", o->country ? "country = " : "", o->country ? o->country : "");
}

static int do_run(const struct options *o) {
    if (o->rest_count > 0 || (o->config && (o->dialog_count > 0 || o->country)))
        return misuse(o->rest_count > 0 ? "run takes no further words" : "with -c, dialogs and the country stand in its file", NULL);
    struct err e = {0};
    if (!late_load(&e)) {
        fprintf(stderr, "lippy: %s\n", e.message);
        return EXIT_MACHINE;
    }
    struct buf own;
    buf_init_heap(&own);
    if (!o->config)
        add_own_config(&own, o);
    int status = run_bot(o->config ? o->config : "run without -c", buf_str(&own));
    buf_finish(&own);
    return status;
}

/* Remarks on what loads but could be better; they forbid nothing. */
static void print_remarks(const char *dir, const struct dialog *d, const struct dialog_file *files, size_t count) {
    struct problems remarks;
    struct buf b;
    problems_init(&remarks);
    buf_init_heap(&b);
    check_style(d, files, count, &remarks);
    check_report_style(&b, str_of(dir), &remarks);
    put(buf_str(&b), stderr);
    buf_finish(&b);
    problems_finish(&remarks);
}

static int do_check(const struct options *o) {
    if (o->rest_count != 1)
        return misuse("check takes one folder", NULL);
    const char *dir = o->rest[0];
    struct arena a;
    struct problems problems;
    struct dialog_file *files;
    size_t count;
    arena_init(&a, 0);
    problems_init(&problems);
    bool read = files_read_dialog(dir, &a, &files, &count, &problems);
    struct dialog *d = read ? dialog_load(files, count, &problems) : NULL;
    print_problems(dir, &problems);
    if (d) {
        print_remarks(dir, d, files, count);
        printf("%s: %u findings, %u rules, %u causes, %u remedies, %u topics, %zu phrases of %zu words: all well\n", dir,
               d->finding_count, d->rule_count, d->cause_count, d->remedy_count, d->topic_count,
               lexicon_phrase_count(d->lexicon), lexicon_word_count(d->lexicon));
    }
    int status = d ? EXIT_OK : EXIT_WRONG;
    dialog_free(d);
    problems_finish(&problems);
    arena_finish(&a);
    return status;
}

static int compile_one(const char *dir, const char *folder) {
    char path[IMAGES_PATH_MAX];
    struct problems problems;
    struct err e = {0};
    size_t bytes;
    problems_init(&problems);
    bool fine = dialog_compile(dir, folder, path, &bytes, &problems, &e);
    print_problems(dir, &problems);
    if (fine)
        printf("%s: %zu bytes\n", path, bytes);
    else if (e.code)
        fprintf(stderr, "lippy: %s: %s\n", dir, e.message);
    int status = fine ? EXIT_OK : problems.count > 0 ? EXIT_WRONG : EXIT_MACHINE;
    problems_finish(&problems);
    return status;
}

static int do_compile(const struct options *o) {
    char buffer[IMAGES_PATH_MAX];
    const char *folder = o->output ? o->output : images_folder(buffer);
    if (o->rest_count == 0)
        return misuse("compile takes the folders of dialogs", NULL);
    if (!folder)
        return misuse("compile needs a folder for the images: --output FOLDER", NULL);
    int status = EXIT_OK;
    for (int i = 0; i < o->rest_count; i++) {
        int one = compile_one(o->rest[i], folder);
        status = one > status ? one : status;
    }
    return status;
}

static int explain_lines(const struct dialog *d, const struct clock_source *clock) {
    struct lines lines = {.stream = stdin};
    struct buf out;
    struct str line;
    buf_init_heap(&out);
    while (output_flush() && lines_next(&lines, &line) == LINE_OK) {
        buf_clear(&out);
        explain_json_line(&out, d, line, clock_now_ms(clock) / 1000);
        put(buf_str(&out), stdout);
        putchar('\n');
    }
    buf_finish(&out);
    return lines_finish(&lines) ? EXIT_OK : EXIT_MACHINE;
}

static int do_explain(const struct options *o) {
    struct dialogs d = {.count = 0};
    if (!o->json && o->rest_count != 1)
        return misuse("explain takes one text; put it in quotes", NULL);
    if (!open_dialogs(o, NULL, &d))
        return close_dialogs(&d), EXIT_WRONG;
    int status = EXIT_OK;
    if (o->json) {
        status = explain_lines(d.items[0], &o->clock);
    } else {
        struct buf out;
        buf_init_heap(&out);
        explain_text(&out, d.items[0], str_of(o->rest[0]), clock_now_ms(&o->clock) / 1000);
        put(buf_str(&out), stdout);
        buf_finish(&out);
    }
    close_dialogs(&d);
    return status;
}

static int do_talks(const struct options *o) {
    struct dialogs d = {.count = 0};
    if (o->rest_count == 0)
        return misuse("talks takes the files to play", NULL);
    if (!open_dialogs(o, NULL, &d))
        return close_dialogs(&d), EXIT_WRONG;
    unsigned failed = 0;
    struct buf out;
    buf_init_heap(&out);
    for (int i = 0; i < o->rest_count; i++) {
        struct arena a;
        arena_init(&a, 0);
        struct err e = {0};
        struct str text;
        buf_clear(&out);
        if (!files_read(str_of(o->rest[i]), &a, &text, &e))
            buf_printf(&out, "%s\n", e.message);
        bool good = !e.code && talk_play(&out, d.items[0], str_of(o->rest[i]), text);
        failed += !good;
        put(buf_str(&out), good ? stdout : stderr);
        arena_finish(&a);
    }
    buf_finish(&out);
    close_dialogs(&d);
    printf("%d talks, %u failed\n", o->rest_count, failed);
    return failed ? EXIT_WRONG : EXIT_OK;
}

static const struct subcommand {
    const char *name;
    int (*run)(const struct options *o);
} subcommands[] = {
    {"console", do_console}, {"run", do_run}, {"check", do_check},
    {"compile", do_compile}, {"explain", do_explain}, {"talks", do_talks},
};

static int run(const struct options *o) {
    if (o->help || o->version) {
        fputs(o->help ? usage : "lippy " LIPPY_VERSION "\n", stdout);
        return EXIT_OK;
    }
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        if (strcmp(o->command, subcommands[i].name) == 0)
            return subcommands[i].run(o);
    return misuse("no such command", o->command);
}

int main(int argc, char **argv) {
    struct options o = {0};
    output_init();
    int status = parse(argc, argv, &o);
    if (status == EXIT_OK)
        status = run(&o);
    return output_finish() ? status : EXIT_MACHINE;
}
