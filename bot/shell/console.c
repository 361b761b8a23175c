#include "shell/console.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/utf8.h"
#include "shell/lines.h"
#include "shell/output.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MOST = 88, WIDTH_LEAST = 24 };

static const struct engine_from someone = {
    .platform = STR_INIT("console"), .who = STR_INIT("you"), .addressed = true};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
    (void)signal;
    interrupted = 1;
}

/* No SA_RESTART: a read in progress returns, and the talk ends kindly. */
static void catch_interrupts(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- showing text ---- */

struct screen_style {
    bool tty;    /* a person sees it: prompt and wrapping to the window */
    bool styled; /* bold and colour */
    size_t width;
};

static struct screen_style style_of_terminal(void) {
    struct screen_style s = {.tty = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO), .width = WIDTH_DEFAULT};
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    bool dumb = !term || !*term || strcmp(term, "dumb") == 0;
    s.styled = isatty(STDOUT_FILENO) && !dumb && !(no_color && *no_color);
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        s.width = size.ws_col;
    s.width = s.width > WIDTH_MOST ? WIDTH_MOST : s.width < WIDTH_LEAST ? WIDTH_LEAST : s.width;
    return s;
}

/* One word; stars at its ends switch bold on and off, as in "*Call 999 now.*" */
static void put_word(const struct screen_style *s, struct str word, bool *bold) {
    for (size_t i = 0; i < word.len; i++) {
        bool edge = word.ptr[i] == '*' && (*bold || i + 1 < word.len);
        if (!edge) {
            putchar(word.ptr[i]);
            continue;
        }
        *bold = !*bold;
        if (s->styled)
            fputs(*bold ? "\033[1m" : "\033[0m", stdout);
    }
}

/* Wraps one line of text; the lines after the first are indented by `indent` columns. */
static void put_wrapped(const struct screen_style *s, struct str line, size_t indent) {
    size_t column = 0;
    bool bold = false, first = true;
    while (line.len > 0) {
        struct str word = str_cut(&line, ' ');
        size_t columns = utf8_columns(word);
        if (!first && column + 1 + columns > s->width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            putchar(' ');
            column++;
        }
        put_word(s, word, &bold);
        column += columns;
        first = false;
    }
    if (bold && s->styled)
        fputs("\033[0m", stdout);
    putchar('\n');
}

static void put_text(const struct screen_style *s, struct str text) {
    while (text.len > 0) {
        struct str line = str_cut(&text, '\n');
        put_wrapped(s, line, str_starts_with(line, STR("- ")) ? 2 : 0);
    }
}

static void put_choices(const struct screen_style *s, const struct engine_reply *r) {
    for (size_t i = 0; i < r->choice_count; i++) {
        char head[16];
        int length = r->numbered ? snprintf(head, sizeof head, "%2zu. ", i + 1) : snprintf(head, sizeof head, "  - ");
        fputs(head, stdout);
        struct screen_style narrow = *s;
        narrow.width -= (size_t)length;
        put_wrapped(&narrow, r->choices[i], (size_t)length);
    }
}

static void put_replies(const struct screen_style *s, const struct engine_reply *replies, size_t count) {
    for (size_t i = 0; i < count; i++) {
        putchar('\n');
        put_text(s, replies[i].text);
        put_choices(s, &replies[i]);
    }
    putchar('\n');
    output_flush();
}

/* ---- for people ---- */

bool console_talk(struct engine *e, const struct clock_source *clock) {
    struct screen_style style = style_of_terminal();
    struct lines lines = {.stream = stdin};
    const struct engine_reply *replies;
    catch_interrupts();
    size_t count = engine_greet(e, &someone, clock_now_ms(clock), &replies);
    put_replies(&style, replies, count);
    struct str line;
    while (!interrupted && output_flush()) {
        if (style.tty) {
            fputs(style.styled ? "\033[36m>\033[0m " : "> ", stdout);
            output_flush();
        }
        if (lines_next(&lines, &line) != LINE_OK)
            break;
        count = engine_message(e, &someone, line, clock_now_ms(clock), &replies);
        put_replies(&style, replies, count);
        const struct session *s = engine_session(e, &someone, NULL);
        if (!s || s->flags & SESSION_CLOSED) /* stop, or delete */
            return lines_finish(&lines);
    }
    struct str farewell = engine_farewell(e, &someone);
    if (farewell.len > 0) {
        putchar('\n');
        put_text(&style, farewell);
    }
    return lines_finish(&lines);
}
