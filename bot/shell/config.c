#define LOG_MODULE "config"
#include "shell/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT (256 * 1024)
#define PASSWORD_LIMIT 1024

struct reading;
struct key;
/* Reads one value into the config; on false it has complained through e. */
typedef bool read_value_fn(struct reading *r, const struct key *k, struct str value, struct err *e);
static read_value_fn read_text, read_path, read_paths, read_rooms, read_number, read_yes_no, read_level, read_country,
    read_address, read_url, read_jid;

struct key {
    const char *section, *name;
    read_value_fn *read;
    size_t offset;
    uint64_t min, max, standard; /* read_number */
};

#define AT(field) offsetof(struct config, field)
static const struct key keys[] = {
    {"bot", "dialogs", read_paths, AT(dialogs), 0, 0, 0},
    {"bot", "country", read_country, AT(country), 0, 0, 0},
    {"bot", "log", read_level, AT(log_level), 0, 0, 0},
    {"bot", "max_sessions", read_number, AT(max_sessions), 1, 10000000, 100000},
    {"bot", "session_hours", read_number, AT(session_hours), 1, 24 * 365, 24 * 30},
    {"xmpp", "jid", read_jid, AT(jid), 0, 0, 0},
    {"xmpp", "password_file", read_path, AT(password_file), 0, 0, 0},
    {"xmpp", "password_env", read_text, AT(password_env), 0, 0, 0},
    {"xmpp", "nick", read_text, AT(nick), 0, 0, 0},
    {"xmpp", "rooms", read_rooms, AT(rooms), 0, 0, 0},
    {"xmpp", "websocket", read_url, AT(websocket), 0, 0, 0},
    {"xmpp", "ca_file", read_path, AT(ca_file), 0, 0, 0},
    {"xmpp", "connect_address", read_address, AT(connect_host), 0, 0, 0},
    {"xmpp", "allow_plain_ws", read_yes_no, AT(allow_plain_ws), 0, 0, 0},
    {"xmpp", "connect_seconds", read_number, AT(connect_seconds), 1, 600, 20},
    {"xmpp", "ping_seconds", read_number, AT(ping_seconds), 1, 3600, 45},
    {"xmpp", "long_pause_seconds", read_number, AT(long_pause_seconds), 1, 86400, 600},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

/* One INI while it is read. */
struct reading {
    struct config *config;
    struct str rest; /* what inih has not been given yet */
    const char *name;
    unsigned line;
    bool line_indented;
    bool failed;
    struct buf *errors;
    char bad_section[64];         /* told already */
    unsigned key_line[KEY_COUNT]; /* where it stood; 0: nowhere */
};

static void *field(const struct reading *r, const struct key *k) { return (char *)r->config + k->offset; }

/* line 0: the mistake is that something is not there. */
static void complain(struct reading *r, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void complain(struct reading *r, unsigned line, const char *format, ...) {
    char text[500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->failed = true;
    if (line)
        buf_printf(r->errors, "%s:%u: %s\n", r->name, line, text);
    else
        buf_printf(r->errors, "%s: %s\n", r->name, text);
}

/* --- values ------------------------------------------------------------------------------------------------------ */

static bool keep(struct reading *r, struct str value, struct str *out, struct err *e) {
    *out = arena_copy(&r->config->arena, value);
    return out->ptr || err_set(e, ERR_LIMIT, "no memory");
}

static bool read_text(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return keep(r, value, field(r, k), e);
}

/* A relative path counts from the folder of the INI, so that the bot may be started anywhere. */
static bool keep_path(struct reading *r, struct str value, struct str *out, struct err *e) {
    const char *slash = strrchr(r->name, '/');
    if (value.ptr[0] == '/' || !slash)
        return keep(r, value, out, e);
    *out = arena_printf(&r->config->arena, "%.*s/%.*s", (int)(slash - r->name), r->name, STR_ARG(value));
    return out->ptr || err_set(e, ERR_LIMIT, "no memory");
}

static bool read_path(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return keep_path(r, value, field(r, k), e);
}

static bool read_list(struct reading *r, const struct key *k, struct str value, struct err *e,
                      bool (*add)(struct reading *, struct str, struct str *, struct err *)) {
    struct config_list *list = field(r, k);
    while (value.len) {
        struct str item = str_trim(str_cut(&value, ','));
        if (str_is_empty(item))
            continue;
        if (list->count == CONFIG_LIST_MAX)
            return err_set(e, ERR_SCHEMA, "more than %d", CONFIG_LIST_MAX);
        if (!add(r, item, &list->items[list->count], e))
            return false;
        list->count++;
    }
    return true;
}

static bool read_paths(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return read_list(r, k, value, e, keep_path);
}

static bool keep_room(struct reading *r, struct str room, struct str *out, struct err *e) {
    size_t at = str_find(room, STR("@"));
    if (at == SIZE_MAX || at == 0 || at + 1 == room.len || str_find(room, STR("/")) != SIZE_MAX)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not a room's address; it looks like name@rooms.example.org",
                       STR_ARG(room));
    return keep(r, room, out, e);
}

static bool read_rooms(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return read_list(r, k, value, e, keep_room);
}

static bool read_number(struct reading *r, const struct key *k, struct str value, struct err *e) {
    uint64_t number;
    if (!str_to_u64(value, &number) || number < k->min || number > k->max)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not a number from %llu to %llu", STR_ARG(value),
                       (unsigned long long)k->min, (unsigned long long)k->max);
    *(uint64_t *)field(r, k) = number;
    return true;
}

static bool read_yes_no(struct reading *r, const struct key *k, struct str value, struct err *e) {
    bool yes = str_equal_nocase(value, STR("yes")) || str_equal_nocase(value, STR("true"));
    if (!yes && !str_equal_nocase(value, STR("no")) && !str_equal_nocase(value, STR("false")))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is neither yes nor no", STR_ARG(value));
    *(bool *)field(r, k) = yes;
    return true;
}

static bool read_level(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return log_level_from(value, field(r, k)) ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is not one of error, warning, info, debug", STR_ARG(value));
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool read_country(struct reading *r, const struct key *k, struct str value, struct err *e) {
    if (value.len != 2 || !is_letter(value.ptr[0]) || !is_letter(value.ptr[1]))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not a country of two letters (ISO 3166)", STR_ARG(value));
    char lower[2] = {(char)(value.ptr[0] | 0x20), (char)(value.ptr[1] | 0x20)};
    return keep(r, (struct str){lower, 2}, field(r, k), e);
}

static bool read_jid(struct reading *r, const struct key *k, struct str value, struct err *e) {
    struct str bare = value;
    bare = str_cut(&bare, '/');
    size_t at = str_find(bare, STR("@"));
    if (at == SIZE_MAX || at == 0 || at + 1 == bare.len)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not an address; it looks like lippy@example.org", STR_ARG(value));
    return keep(r, value, field(r, k), e) && keep(r, str_slice(bare, at + 1, bare.len), &r->config->domain, e);
}

/* "host", "host:port", "[::1]:port"; port stays as it is where none is written. */
static bool split_authority(struct str text, struct str *host, uint16_t *port) {
    uint64_t number = *port;
    size_t end = text.len && text.ptr[0] == '[' ? str_find(text, STR("]")) : str_find(text, STR(":"));
    if (text.len && text.ptr[0] == '[') {
        if (end == SIZE_MAX)
            return false;
        *host = str_slice(text, 1, end - 1);
        end++;
    } else {
        *host = str_slice(text, 0, end);
    }
    if (end < text.len) {
        if (text.ptr[end] != ':' || !str_to_u64(str_slice(text, end + 1, text.len), &number))
            return false;
    }
    if (number < 1 || number > 65535 || str_is_empty(*host))
        return false;
    for (size_t i = 0; i < host->len; i++)
        if ((unsigned char)host->ptr[i] <= ' ' || strchr("\"<>@\\^`{|}\x7f", host->ptr[i]))
            return false;
    *port = (uint16_t)number;
    return true;
}

static bool read_address(struct reading *r, const struct key *k, struct str value, struct err *e) {
    struct str host;
    uint16_t port = 0;
    if (!split_authority(value, &host, &port))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not host:port", STR_ARG(value));
    r->config->connect_port = port;
    return keep(r, host, field(r, k), e);
}

static bool read_url(struct reading *r, const struct key *k, struct str value, struct err *e) {
    struct config_url url;
    return config_url_parse(value, &url, e) && keep(r, value, field(r, k), e);
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

/* inih's fgets, over memory. Counting here gives the line numbers that its handler is not told. */
static char *next_line(char *out, int cap, void *user) {
    struct reading *r = user;
    if (str_is_empty(r->rest))
        return NULL;
    struct str line = str_cut(&r->rest, '\n');
    r->line++;
    r->line_indented = line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
    if (line.len + 2 > (size_t)cap) {
        complain(r, r->line, "the line is longer than %d bytes", cap - 2);
        line.len = 0;
    }
    if (line.len)
        memcpy(out, line.ptr, line.len);
    out[line.len] = '\n';
    out[line.len + 1] = '\0';
    return out;
}

/* The nearest of our section or key names, for "did you mean". */
static const char *nearest(struct str name, const char *in_section) {
    const char *best = NULL;
    unsigned best_distance = 3;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const char *candidate = in_section ? keys[i].name : keys[i].section;
        if (in_section && strcmp(keys[i].section, in_section) != 0)
            continue;
        unsigned distance = str_distance(name, str_of(candidate), best_distance - 1);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

static bool is_section(const char *section) {
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, section) == 0)
            return true;
    return false;
}

static void unknown_section(struct reading *r, const char *section) {
    if (strcmp(r->bad_section, section) == 0 && section[0])
        return;
    snprintf(r->bad_section, sizeof r->bad_section, "%s", section);
    const char *near = nearest(str_of(section), NULL);
    if (!section[0])
        complain(r, r->line, "a key before the first [section]");
    else
        complain(r, r->line, "unknown section [%s]%s%s%s", section, near ? "; did you mean [" : "", near ? near : "",
                 near ? "]?" : "");
}

static void unknown_key(struct reading *r, const char *section, const char *name) {
    const char *near = nearest(str_of(name), section);
    complain(r, r->line, "[%s] %s: unknown key%s%s%s", section, name, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
}

static void set_key(struct reading *r, size_t i, struct str value) {
    const struct key *k = &keys[i];
    struct err e = {0};
    bool is_list = k->read == read_rooms || k->read == read_paths;
    unsigned line_before = r->key_line[i];
    r->key_line[i] = r->line;
    if (str_is_empty(value)) {
        if (!is_list || !r->rest.len || !strchr(" \t", r->rest.ptr[0]))
            complain(r, r->line, "[%s] %s: a value is missing", k->section, k->name);
    } else if (line_before && !is_list) {
        complain(r, r->line, "[%s] %s: %s line %u", k->section, k->name,
                 r->line_indented ? "a line that begins with a blank goes on with" : "given before in", line_before);
    } else if (!k->read(r, k, value, &e)) {
        complain(r, r->line, "[%s] %s: %s", k->section, k->name, e.message);
    }
}

/* inih's handler. Always content: the mistakes are ours to tell. */
static int on_pair(void *user, const char *section, const char *name, const char *value) {
    struct reading *r = user;
    if (!is_section(section)) {
        unknown_section(r, section);
        return 1;
    }
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0) {
            set_key(r, i, str_trim(str_of(value)));
            return 1;
        }
    unknown_key(r, section, name);
    return 1;
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static unsigned line_of(const struct reading *r, const char *name) {
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return r->key_line[i];
    return 0;
}

static bool need(struct reading *r, const char *section, const char *name) {
    if (line_of(r, name))
        return true;
    complain(r, 0, "[%s] %s: is missing", section, name);
    return false;
}

static void check_websocket(struct reading *r) {
    struct config *c = r->config;
    struct config_url url;
    if (str_is_empty(c->websocket) || !config_url_parse(c->websocket, &url, NULL))
        return;
    struct str goes_to = str_is_empty(c->connect_host) ? url.host : c->connect_host;
    if (!url.tls && !c->allow_plain_ws && !config_is_loopback(goes_to))
        complain(r, line_of(r, "websocket"), "[xmpp] websocket: ws is not encrypted; use wss, or allow_plain_ws = yes");
    if (url.tls && config_is_numeric(url.host))
        complain(r, line_of(r, "websocket"),
                 "[xmpp] websocket: wss needs a name, which the certificate is checked for; name it here and put the "
                 "number into connect_address");
}

/* Others read this file once more, in their own way: so nothing but a regular one, and no waiting for a pipe. */
static FILE *open_regular(const char *path) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool regular = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    FILE *f = regular ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !f) {
        close(fd);
        errno = EINVAL;
    }
    return f;
}

static void check_ca_file(struct reading *r) {
    static const char mark[] = "-----BEGIN CERTIFICATE-----";
    const char *path = r->config->ca_file.ptr;
    char line[512];
    bool found = false;
    if (str_is_empty(r->config->ca_file))
        return;
    FILE *f = open_regular(path);
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, mark, sizeof mark - 1) == 0;
    if (!f)
        complain(r, line_of(r, "ca_file"), "[xmpp] ca_file: cannot read %s: %s", path,
                 errno == EINVAL ? "not a regular file" : strerror(errno));
    else if (!found)
        complain(r, line_of(r, "ca_file"), "[xmpp] ca_file: %s holds no certificate in PEM form", path);
    if (f)
        fclose(f);
}

static void check_xmpp(struct reading *r) {
    struct config *c = r->config;
    unsigned file = line_of(r, "password_file"), env = line_of(r, "password_env");
    if (need(r, "xmpp", "jid") && !line_of(r, "nick")) {
        struct str rest = c->jid;
        keep(r, str_cut(&rest, '@'), &c->nick, NULL);
    }
    if (!file && !env)
        complain(r, 0, "[xmpp] password_file: is missing, and password_env too; one of them is needed");
    if (file && env)
        complain(r, file > env ? file : env, "[xmpp] %s: there is %s already, in line %u",
                 file > env ? "password_file" : "password_env", file > env ? "password_env" : "password_file",
                 file > env ? env : file);
    check_websocket(r);
    check_ca_file(r);
}

static void check_whole(struct reading *r) {
    need(r, "bot", "dialogs");
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, "xmpp") == 0 && r->key_line[i])
            r->config->has_xmpp = true;
    if (r->config->has_xmpp)
        check_xmpp(r);
}

static void set_defaults(struct config *c) {
    memset(c, 0, sizeof *c);
    arena_init(&c->arena, 0);
    c->log_level = LOG_LEVEL_INFO;
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].read == read_number)
            *(uint64_t *)((char *)c + keys[i].offset) = keys[i].standard;
}

bool config_parse(struct config *c, struct str text, const char *name, struct buf *errors) {
    struct reading r = {.config = c, .rest = text, .name = name, .errors = errors};
    set_defaults(c);
    if (text.len && memchr(text.ptr, '\0', text.len)) {
        complain(&r, 0, "not a text file: it has a NUL byte");
        return false;
    }
    int rc = ini_parse_stream(next_line, &r, on_pair, &r);
    if (rc > 0)
        complain(&r, (unsigned)rc, "neither \"key = value\" nor \"[section]\"");
    else if (rc < 0)
        complain(&r, 0, "no memory");
    check_whole(&r);
    return !r.failed;
}

/* Opens without waiting for the writer of a pipe; what the pipe holds is waited for. -1 with errno. */
static int open_file(const char *path, struct stat *st) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), why = errno;
    if (fd < 0)
        return -1;
    if (fstat(fd, st) != 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) != 0)
        why = errno;
    else if (S_ISDIR(st->st_mode))
        why = EISDIR;
    else
        return fd;
    close(fd);
    errno = why;
    return -1;
}

/* A whole small file, or -1 with errno; at most cap bytes, more gives EFBIG. EPIPE: a pipe that nobody writes to. */
static ssize_t read_file(const char *path, char *out, size_t cap, mode_t *mode) {
    struct stat st;
    size_t len = 0;
    ssize_t got = 1;
    int fd = open_file(path, &st);
    if (fd < 0)
        return -1;
    *mode = st.st_mode;
    while (got > 0 && len < cap) {
        got = read(fd, out + len, cap - len);
        len += got > 0 ? (size_t)got : 0;
    }
    int why = got < 0 ? errno : len == cap ? EFBIG : len == 0 && S_ISFIFO(st.st_mode) ? EPIPE : 0;
    close(fd);
    errno = why;
    return why ? -1 : (ssize_t)len;
}

bool config_load(struct config *c, const char *path, struct buf *errors) {
    mode_t mode;
    char *text = malloc(FILE_LIMIT);
    ssize_t len = text ? read_file(path, text, FILE_LIMIT, &mode) : -1;
    bool ok = false;
    if (len < 0) {
        set_defaults(c);
        buf_printf(errors, "%s: cannot read it: %s\n", path, strerror(errno));
    } else {
        ok = config_parse(c, (struct str){text, (size_t)len}, path, errors);
    }
    free(text);
    return ok;
}

void config_finish(struct config *c) {
    if (c->password) {
        log_forget();
        explicit_bzero(c->password, c->password_len);
    }
    arena_finish(&c->arena);
    memset(c, 0, sizeof *c);
}

static ssize_t password_from_file(const struct config *c, char *out, size_t cap, struct err *e) {
    mode_t mode = 0;
    ssize_t len = read_file(c->password_file.ptr, out, cap, &mode);
    if (len < 0) {
        err_set(e, ERR_IO, "[xmpp] password_file: cannot read %s: %s", c->password_file.ptr, strerror(errno));
        return -1;
    }
    if (mode & (S_IRWXG | S_IRWXO))
        LOG_WARN("%s can be read by others than its owner; chmod 600 it", c->password_file.ptr);
    while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\r'))
        len--;
    return len;
}

struct str config_password(struct config *c, struct err *e) {
    char *out = ARENA_ARRAY(&c->arena, char, PASSWORD_LIMIT);
    ssize_t len = 0;
    if (!out) {
        err_set(e, ERR_LIMIT, "no memory");
        return STR_NONE;
    }
    c->password = out;
    c->password_len = PASSWORD_LIMIT;
    if (!str_is_empty(c->password_file)) {
        len = password_from_file(c, out, PASSWORD_LIMIT, e);
    } else {
        const char *value = getenv(c->password_env.ptr);
        len = value && strlen(value) < PASSWORD_LIMIT ? (ssize_t)strlen(value) : 0;
        memcpy(out, value ? value : "", (size_t)len);
    }
    if (len < 0)
        return STR_NONE;
    if (len == 0 || memchr(out, '\0', (size_t)len)) {
        err_set(e, ERR_SCHEMA, "[xmpp] the password is empty or has a NUL byte (%s %s)",
                str_is_empty(c->password_file) ? "environment variable" : "file",
                str_is_empty(c->password_file) ? c->password_env.ptr : c->password_file.ptr);
        return STR_NONE;
    }
    log_hide((struct str){out, (size_t)len});
    return (struct str){out, (size_t)len};
}

bool config_url_parse(struct str url, struct config_url *out, struct err *e) {
    bool tls = str_starts_with_nocase(url, STR("wss://"));
    if (!tls && !str_starts_with_nocase(url, STR("ws://")))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" does not begin with wss://", STR_ARG(url));
    struct str rest = str_slice(url, tls ? 6 : 5, url.len);
    size_t slash = str_find(rest, STR("/"));
    *out = (struct config_url){
        .tls = tls,
        .authority = str_slice(rest, 0, slash),
        .path = slash == SIZE_MAX ? STR("/") : str_slice(rest, slash, rest.len),
        .port = tls ? 443 : 80,
    };
    bool clean = split_authority(out->authority, &out->host, &out->port);
    for (size_t i = 0; i < out->path.len; i++)
        clean = clean && out->path.ptr[i] > ' ' && out->path.ptr[i] != '#' && out->path.ptr[i] != 0x7f;
    return clean ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is not an address like wss://example.org/xmpp-websocket", STR_ARG(url));
}

bool config_is_numeric(struct str host) {
    unsigned char bytes[16];
    char text[64];
    if (host.len >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", STR_ARG(host));
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool config_is_loopback(struct str host) {
    static const char under[] = ".localhost";
    bool numeric = config_is_numeric(host);
    if (numeric)
        return str_starts_with(host, STR("127.")) || str_equal(host, STR("::1"));
    return str_equal_nocase(host, STR("localhost")) ||
           (host.len > sizeof under - 1 &&
            str_equal_nocase(str_slice(host, host.len - (sizeof under - 1), host.len), str_of(under)));
}
