#define LOG_MODULE "config"
#include "shell/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/url.h"

#define FILE_LIMIT (256 * 1024)
#define SECRET_LIMIT 1024

struct reading;
struct key;
/* Reads one value to k->at; on false it has complained through e. */
typedef bool read_value_fn(struct reading *r, const struct key *k, struct str value, struct err *e);
static read_value_fn read_text, read_path, read_paths, read_list, read_number, read_yes_no, read_level, read_country,
    read_address, read_url;

struct key {
    const char *section, *name;
    read_value_fn *read;
    void *at;
    uint64_t min, max, standard;  /* read_number; standard: read_yes_no too */
    const struct chat_key *chat;  /* of a platform's own keys */
    struct config_platform *of;   /* the section's platform; NULL: [bot] */
    unsigned line;                /* where it stood; 0: nowhere */
};

enum { BOT_KEYS = 6, SHARED_KEYS = 6, KEYS_MAX = BOT_KEYS + PLATFORMS_MAX * (SHARED_KEYS + 2 * CHAT_KEYS_MAX) };

/* One INI while it is read. */
struct reading {
    struct config *config;
    struct str rest; /* what inih has not been given yet */
    const char *name;
    unsigned line;
    bool line_indented;
    bool failed;
    struct buf *errors;
    char bad_section[64]; /* told already */
    struct key keys[KEYS_MAX];
    size_t key_count;
};

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
    return (!k->chat || !k->chat->check || k->chat->check(value, e)) && keep(r, value, k->at, e);
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
    return keep_path(r, value, k->at, e);
}

static bool add_items(struct reading *r, const struct key *k, struct config_list *list, struct str value, struct err *e,
                      bool (*add)(struct reading *, struct str, struct str *, struct err *)) {
    while (value.len) {
        struct str item = str_trim(str_cut(&value, ','));
        if (str_is_empty(item))
            continue;
        if (list->count == CONFIG_LIST_MAX)
            return err_set(e, ERR_SCHEMA, "more than %d", CONFIG_LIST_MAX);
        if ((k->chat && k->chat->check && !k->chat->check(item, e)) || !add(r, item, &list->items[list->count], e))
            return false;
        list->count++;
    }
    return true;
}

static bool read_paths(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return add_items(r, k, k->at, value, e, keep_path);
}

static bool read_list(struct reading *r, const struct key *k, struct str value, struct err *e) {
    return add_items(r, k, k->at, value, e, keep);
}

static bool read_number(struct reading *r, const struct key *k, struct str value, struct err *e) {
    (void)r;
    uint64_t number;
    if (!str_to_u64(value, &number) || number < k->min || number > k->max)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not a number from %llu to %llu", STR_ARG(value),
                       (unsigned long long)k->min, (unsigned long long)k->max);
    *(uint64_t *)k->at = number;
    return true;
}

static bool read_yes_no(struct reading *r, const struct key *k, struct str value, struct err *e) {
    (void)r;
    bool yes = str_equal_nocase(value, STR("yes")) || str_equal_nocase(value, STR("true"));
    if (!yes && !str_equal_nocase(value, STR("no")) && !str_equal_nocase(value, STR("false")))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is neither yes nor no", STR_ARG(value));
    *(uint64_t *)k->at = yes;
    return true;
}

static bool read_level(struct reading *r, const struct key *k, struct str value, struct err *e) {
    (void)r;
    return log_level_from(value, k->at) ||
           err_set(e, ERR_SCHEMA, "\"%.*s\" is not one of error, warning, info, debug", STR_ARG(value));
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool read_country(struct reading *r, const struct key *k, struct str value, struct err *e) {
    if (value.len != 2 || !is_letter(value.ptr[0]) || !is_letter(value.ptr[1]))
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not a country of two letters (ISO 3166)", STR_ARG(value));
    char lower[2] = {(char)(value.ptr[0] | 0x20), (char)(value.ptr[1] | 0x20)};
    return keep(r, (struct str){lower, 2}, k->at, e);
}

static bool read_address(struct reading *r, const struct key *k, struct str value, struct err *e) {
    struct str host;
    uint16_t port = 0;
    if (!url_split_authority(value, &host, &port) || port == 0)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not host:port", STR_ARG(value));
    k->of->connect_port = port;
    return keep(r, host, k->at, e);
}

static bool read_url(struct reading *r, const struct key *k, struct str value, struct err *e) {
    struct url url;
    bool http = k->chat->kind == CHAT_KEY_HTTP;
    if (!url_parse(value, &url, NULL) || url.http != http)
        return err_set(e, ERR_SCHEMA, "\"%.*s\" is not an address like %s", STR_ARG(value),
                       http ? "https://chat.example.org" : "wss://example.org/xmpp-websocket");
    while (http && value.ptr[value.len - 1] == '/')
        value.len--;
    return keep(r, value, k->at, e);
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

/* A section without a key is there, too: its defaults count. */
static void note_section(struct reading *r, struct str line) {
    struct str rest = str_trim(line);
    if (rest.len == 0 || rest.ptr[0] != '[' || str_find(rest, STR("]")) == SIZE_MAX)
        return;
    rest = str_slice(rest, 1, SIZE_MAX);
    struct str name = str_trim(str_cut(&rest, ']'));
    for (size_t i = 0; i < platform_count; i++)
        if (str_equal(name, str_of(platforms[i]->name)))
            r->config->platforms[i].present = true;
}

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
    note_section(r, line);
    if (line.len)
        memcpy(out, line.ptr, line.len);
    out[line.len] = '\n';
    out[line.len + 1] = '\0';
    return out;
}

/* The nearest of our section or key names, for "did you mean". */
static const char *nearest(const struct reading *r, struct str name, const char *in_section) {
    const char *best = NULL;
    unsigned best_distance = 3;
    for (size_t i = 0; i < r->key_count; i++) {
        const char *candidate = in_section ? r->keys[i].name : r->keys[i].section;
        if (in_section && strcmp(r->keys[i].section, in_section) != 0)
            continue;
        unsigned distance = str_distance(name, str_of(candidate), best_distance - 1);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

static bool is_section(const struct reading *r, const char *section) {
    for (size_t i = 0; i < r->key_count; i++)
        if (strcmp(r->keys[i].section, section) == 0)
            return true;
    return false;
}

static void unknown_section(struct reading *r, const char *section) {
    if (strcmp(r->bad_section, section) == 0 && section[0])
        return;
    snprintf(r->bad_section, sizeof r->bad_section, "%s", section);
    const char *near = nearest(r, str_of(section), NULL);
    if (!section[0])
        complain(r, r->line, "a key before the first [section]");
    else
        complain(r, r->line, "unknown section [%s]%s%s%s", section, near ? "; did you mean [" : "", near ? near : "",
                 near ? "]?" : "");
}

static void unknown_key(struct reading *r, const char *section, const char *name) {
    const char *near = nearest(r, str_of(name), section);
    complain(r, r->line, "[%s] %s: unknown key%s%s%s", section, name, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
}

static void set_key(struct reading *r, size_t i, struct str value) {
    struct key *k = &r->keys[i];
    struct err e = {0};
    bool is_list = k->read == read_list || k->read == read_paths;
    unsigned line_before = k->line;
    k->line = r->line;
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
    if (!is_section(r, section)) {
        unknown_section(r, section);
        return 1;
    }
    for (size_t i = 0; i < r->key_count; i++)
        if (strcmp(r->keys[i].section, section) == 0 && strcmp(r->keys[i].name, name) == 0) {
            set_key(r, i, str_trim(str_of(value)));
            return 1;
        }
    unknown_key(r, section, name);
    return 1;
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static const struct key *key_of(const struct reading *r, const char *section, const char *name) {
    for (size_t i = 0; i < r->key_count; i++)
        if (strcmp(r->keys[i].section, section) == 0 && strcmp(r->keys[i].name, name) == 0)
            return &r->keys[i];
    return NULL;
}

static unsigned line_of(const struct reading *r, const char *section, const char *name) {
    const struct key *k = key_of(r, section, name);
    return k ? k->line : 0;
}

static void need(struct reading *r, const char *section, const char *name) {
    if (!line_of(r, section, name))
        complain(r, 0, "[%s] %s: is missing", section, name);
}

/* What goes over the wire in the clear can be read and changed by anybody on the way. */
static void check_url(struct reading *r, const struct key *k) {
    struct config_platform *p = k->of;
    struct str text = *(struct str *)k->at;
    struct url url;
    if (str_is_empty(text) || !url_parse(text, &url, NULL))
        return;
    struct str goes_to = str_is_empty(p->connect_host) ? url.host : p->connect_host;
    if (!url.tls && !p->allow_plain_ws && !url_is_loopback(goes_to))
        complain(r, k->line, "[%s] %s: %s is not encrypted; use %s, or allow_plain_ws = yes", k->section, k->name,
                 url.http ? "http" : "ws", url.http ? "https" : "wss");
    if (url.tls && !url.http && url_is_numeric(url.host))
        complain(r, k->line,
                 "[%s] %s: wss needs a name, which the certificate is checked for; name it here and put the "
                 "number into connect_address",
                 k->section, k->name);
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

static void check_ca_file(struct reading *r, const struct config_platform *p) {
    static const char mark[] = "-----BEGIN CERTIFICATE-----";
    const char *section = p->ops->name, *path = p->ca_file.ptr;
    char line[512];
    bool found = false;
    if (str_is_empty(p->ca_file))
        return;
    FILE *f = open_regular(path);
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, mark, sizeof mark - 1) == 0;
    if (!f)
        complain(r, line_of(r, section, "ca_file"), "[%s] ca_file: cannot read %s: %s", section, path,
                 errno == EINVAL ? "not a regular file" : strerror(errno));
    else if (!found)
        complain(r, line_of(r, section, "ca_file"), "[%s] ca_file: %s holds no certificate in PEM form", section, path);
    if (f)
        fclose(f);
}

static void check_secret(struct reading *r, const char *section, const char *name, bool required) {
    char file_key[64], env_key[64];
    snprintf(file_key, sizeof file_key, "%s_file", name);
    snprintf(env_key, sizeof env_key, "%s_env", name);
    unsigned file = line_of(r, section, file_key), env = line_of(r, section, env_key);
    if (!file && !env && required)
        complain(r, 0, "[%s] %s: is missing, and %s too; one of them is needed", section, file_key, env_key);
    if (file && env)
        complain(r, file > env ? file : env, "[%s] %s: there is %s already, in line %u", section,
                 file > env ? file_key : env_key, file > env ? env_key : file_key, file > env ? env : file);
}

static void check_platform(struct reading *r, struct config_platform *p) {
    const char *section = p->ops->name;
    for (size_t i = 0; p->ops->keys[i].name; i++) {
        const struct chat_key *k = &p->ops->keys[i];
        p->values[i].items = p->lists[i].items;
        p->values[i].item_count = p->lists[i].count;
        if (k->kind == CHAT_KEY_SECRET)
            check_secret(r, section, k->name, k->required);
        else if (k->required)
            need(r, section, k->name);
        if (k->kind == CHAT_KEY_WS || k->kind == CHAT_KEY_HTTP)
            check_url(r, key_of(r, section, k->name));
    }
    check_ca_file(r, p);
}

static void check_whole(struct reading *r) {
    need(r, "bot", "dialogs");
    for (size_t i = 0; i < platform_count; i++)
        if (r->config->platforms[i].present)
            check_platform(r, &r->config->platforms[i]);
}

/* --- the keys there are ------------------------------------------------------------------------------------------ */

static struct key *add_key(struct reading *r, const char *section, const char *name, read_value_fn *read, void *at) {
    assert(r->key_count < KEYS_MAX);
    struct key *k = &r->keys[r->key_count++];
    *k = (struct key){.section = section, .name = name, .read = read, .at = at};
    return k;
}

static void add_number(struct reading *r, const char *section, const char *name, uint64_t *at, uint64_t min, uint64_t max,
                       uint64_t standard) {
    struct key *k = add_key(r, section, name, read_number, at);
    k->min = min;
    k->max = max;
    *at = k->standard = standard;
}

static void add_secret(struct reading *r, const char *section, const struct chat_key *key, struct config_secret *secret) {
    struct str file = arena_printf(&r->config->arena, "%s_file", key->name);
    struct str env = arena_printf(&r->config->arena, "%s_env", key->name);
    add_key(r, section, file.ptr ? file.ptr : "", read_path, &secret->file);
    add_key(r, section, env.ptr ? env.ptr : "", read_text, &secret->env);
}

static void add_own_key(struct reading *r, struct config_platform *p, size_t i) {
    const struct chat_key *key = &p->ops->keys[i];
    const char *section = p->ops->name;
    struct chat_value *value = &p->values[i];
    struct key *k = NULL;
    value->text = str_of(key->standard_text);
    switch (key->kind) {
    case CHAT_KEY_TEXT: k = add_key(r, section, key->name, read_text, &value->text); break;
    case CHAT_KEY_LIST: k = add_key(r, section, key->name, read_list, &p->lists[i]); break;
    case CHAT_KEY_SECRET: add_secret(r, section, key, &p->secrets[i]); return;
    case CHAT_KEY_WS:
    case CHAT_KEY_HTTP: k = add_key(r, section, key->name, read_url, &value->text); break;
    case CHAT_KEY_NUMBER:
        add_number(r, section, key->name, &value->number, key->min, key->max, key->standard);
        return;
    case CHAT_KEY_YES_NO:
        value->number = key->standard;
        k = add_key(r, section, key->name, read_yes_no, &value->number);
        break;
    }
    k->chat = key;
}

/* What every connection has. */
static void add_shared_keys(struct reading *r, struct config_platform *p) {
    const char *section = p->ops->name;
    add_key(r, section, "ca_file", read_path, &p->ca_file);
    add_key(r, section, "connect_address", read_address, &p->connect_host);
    add_key(r, section, "allow_plain_ws", read_yes_no, &p->allow_plain_ws);
    add_number(r, section, "connect_seconds", &p->connect_seconds, 1, 600, 20);
    add_number(r, section, "ping_seconds", &p->ping_seconds, 1, 3600, 45);
    add_number(r, section, "long_pause_seconds", &p->long_pause_seconds, 1, 86400, 600);
}

static void add_keys(struct reading *r) {
    struct config *c = r->config;
    add_key(r, "bot", "dialogs", read_paths, &c->dialogs);
    add_key(r, "bot", "country", read_country, &c->country);
    add_key(r, "bot", "state_dir", read_path, &c->state_dir);
    add_key(r, "bot", "log", read_level, &c->log_level);
    add_number(r, "bot", "max_sessions", &c->max_sessions, 1, 10000000, 100000);
    add_number(r, "bot", "session_hours", &c->session_hours, 1, 24 * 365, 24 * 30);
    for (size_t i = 0; i < platform_count; i++) {
        struct config_platform *p = &c->platforms[i];
        size_t first = r->key_count;
        p->ops = platforms[i];
        for (size_t k = 0; p->ops->keys[k].name; k++)
            add_own_key(r, p, k);
        if (!p->ops->server)
            add_shared_keys(r, p);
        for (size_t k = first; k < r->key_count; k++)
            r->keys[k].of = p;
    }
}

static void set_defaults(struct config *c) {
    memset(c, 0, sizeof *c);
    arena_init(&c->arena, 0);
    c->log_level = LOG_LEVEL_INFO;
}

struct config_platform *config_platform(struct config *c, const char *name) {
    for (size_t i = 0; i < platform_count; i++)
        if (c->platforms[i].ops && strcmp(c->platforms[i].ops->name, name) == 0)
            return &c->platforms[i];
    return NULL;
}

bool config_parse(struct config *c, struct str text, const char *name, struct buf *errors) {
    struct reading r = {.config = c, .rest = text, .name = name, .errors = errors};
    set_defaults(c);
    add_keys(&r);
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

static void wipe(struct str secret) {
    if (secret.len > 0)
        explicit_bzero((char *)(uintptr_t)secret.ptr, secret.len);
}

void config_finish(struct config *c) {
    if (c->has_secrets)
        log_forget();
    for (size_t i = 0; i < PLATFORMS_MAX && c->platforms[i].ops; i++)
        for (size_t k = 0; c->platforms[i].ops->keys[k].name; k++)
            if (c->platforms[i].ops->keys[k].kind == CHAT_KEY_SECRET)
                wipe(c->platforms[i].values[k].text);
    arena_finish(&c->arena);
    memset(c, 0, sizeof *c);
}

static ssize_t secret_from_file(const char *key, const char *section, const char *path, char *out, struct err *e) {
    mode_t mode = 0;
    ssize_t len = read_file(path, out, SECRET_LIMIT, &mode);
    if (len < 0) {
        err_set(e, ERR_IO, "[%s] %s_file: cannot read %s: %s", section, key, path, strerror(errno));
        return -1;
    }
    if (mode & (S_IRWXG | S_IRWXO))
        LOG_WARN("%s can be read by others than its owner; chmod 600 it", path);
    while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\r'))
        len--;
    return len;
}

static bool read_secret(struct config *c, const char *section, const char *key, const struct config_secret *s,
                        struct str *value, struct err *e) {
    char *out = ARENA_ARRAY(&c->arena, char, SECRET_LIMIT);
    ssize_t len = 0;
    if (!out)
        return err_set(e, ERR_LIMIT, "no memory");
    c->has_secrets = true;
    if (!str_is_empty(s->file)) {
        len = secret_from_file(key, section, s->file.ptr, out, e);
    } else {
        const char *text = getenv(s->env.ptr);
        len = text && strlen(text) < SECRET_LIMIT ? (ssize_t)strlen(text) : 0;
        memcpy(out, text ? text : "", (size_t)len);
    }
    if (len < 0)
        return false;
    *value = (struct str){out, (size_t)len};
    if (len == 0 || memchr(out, '\0', (size_t)len))
        return err_set(e, ERR_SCHEMA, "[%s] the %s is empty or has a NUL byte (%s %s)", section, key,
                       str_is_empty(s->file) ? "environment variable" : "file",
                       str_is_empty(s->file) ? s->env.ptr : s->file.ptr);
    log_hide(*value);
    return true;
}

bool config_secrets(struct config *c, struct config_platform *p, struct err *e) {
    for (size_t i = 0; p->ops->keys[i].name; i++) {
        const struct config_secret *s = &p->secrets[i];
        if ((str_is_empty(s->file) && str_is_empty(s->env)) || p->values[i].text.len > 0)
            continue;
        if (!read_secret(c, p->ops->name, p->ops->keys[i].name, s, &p->values[i].text, e))
            return false;
    }
    return true;
}
