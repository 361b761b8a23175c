#include "shell/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/utf8.h"

#define MESSAGE_CAP 1000
#define LINE_CAP (4 * MESSAGE_CAP + 100) /* every byte may become "\xNN" */
#define SECRETS_CAP 32
#define SECRET_MIN 4

static enum log_level threshold = LOG_LEVEL_INFO;
static struct str secrets[SECRETS_CAP];
static size_t secret_count;
static log_sink_fn *line_sink;
static void *line_sink_user;

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level) { threshold = level; }

enum log_level log_get_level(void) { return threshold; }

bool log_level_from(struct str name, enum log_level *out) {
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
        if (str_equal(name, str_of(level_names[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

void log_hide(struct str secret) {
    if (secret.len >= SECRET_MIN && secret_count < SECRETS_CAP)
        secrets[secret_count++] = secret;
}

void log_forget(void) { secret_count = 0; }

void log_set_sink(log_sink_fn *sink, void *user) {
    line_sink = sink;
    line_sink_user = user;
}

struct line {
    char bytes[LINE_CAP];
    size_t len;
};

static void line_add(struct line *l, struct str s) {
    size_t room = sizeof l->bytes - 1 - l->len; /* the line end always fits */
    if (s.len > room)
        s.len = room;
    if (s.len)
        memcpy(l->bytes + l->len, s.ptr, s.len);
    l->len += s.len;
}

/* The direction marks and the C1 controls: harmless to a file, not to the terminal that shows it. */
static bool is_unprintable(uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x200e && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

static size_t secret_at(struct str text) {
    size_t longest = 0;
    for (size_t i = 0; i < secret_count; i++)
        if (secrets[i].len > longest && str_starts_with(text, secrets[i]))
            longest = secrets[i].len;
    return longest;
}

static void line_add_cleaned(struct line *l, struct str text) {
    while (text.len) {
        size_t hidden = secret_at(text);
        if (hidden) {
            line_add(l, STR("***"));
            text = str_slice(text, hidden, text.len);
            continue;
        }
        uint32_t point = 0;
        size_t width = utf8_next(text, &point);
        bool broken = width == 1 && (unsigned char)text.ptr[0] >= 0x80;
        char escaped[16];
        if (broken)
            snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned)(unsigned char)text.ptr[0]);
        else
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)point);
        line_add(l, broken || is_unprintable(point) ? str_of(escaped) : str_slice(text, 0, width));
        text = str_slice(text, width, text.len);
    }
}

static void line_add_time(struct line *l) {
    struct timespec now;
    struct tm tm;
    char stamp[64];
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || !gmtime_r(&now.tv_sec, &tm))
        return;
    size_t n = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    n += (size_t)snprintf(stamp + n, sizeof stamp - n, ".%03dZ ", (int)(now.tv_nsec / 1000000));
    line_add(l, (struct str){stamp, n});
}

void log_line(enum log_level level, const char *module, const char *format, ...) {
    char message[MESSAGE_CAP];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (wanted < 0)
        return;

    struct line line;
    line.len = 0;
    line_add_time(&line);
    line_add(&line, str_of(level_names[level]));
    line_add(&line, STR(" "));
    line_add(&line, str_of(module));
    line_add(&line, STR(": "));
    line_add_cleaned(&line, str_of(message));
    if ((size_t)wanted >= sizeof message)
        line_add(&line, STR(" ..."));
    line.bytes[line.len++] = '\n';
    if (line_sink)
        line_sink(line_sink_user, (struct str){line.bytes, line.len});
    else
        fwrite(line.bytes, 1, line.len, stderr); /* stderr is unbuffered: one write a line */
}
