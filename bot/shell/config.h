/* The operator's INI: what the bot says, where it connects and as whom. config.example.ini explains every key.
 *
 * All mistakes are reported at once, each with its place: "config.ini:12: [xmpp] nick: a value is missing". Relative
 * paths count from the folder of the INI. A long list goes on in the next line when that begins with a blank. */
#ifndef SHELL_CONFIG_H
#define SHELL_CONFIG_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"
#include "shell/log.h"

enum { CONFIG_LIST_MAX = 64 };

struct config_list {
    struct str items[CONFIG_LIST_MAX];
    size_t count;
};

/* Keys that were left out have their default. Every str is followed by a NUL; those left out are empty. */
struct config {
    struct arena arena; /* owns all of it */

    struct config_list dialogs; /* folders, at least one */
    struct str country;         /* two letters, lower case */
    enum log_level log_level;
    uint64_t max_sessions, session_hours;

    bool has_xmpp;
    struct str jid, domain;                 /* domain: the part of jid behind '@' and before '/' */
    struct str password_file, password_env; /* exactly one of them */
    struct str nick;
    struct config_list rooms;
    struct str websocket; /* ws:// or wss://; empty: ask the domain */
    struct str ca_file;
    struct str connect_host; /* to go to instead of what the addresses name, with connect_port */
    uint16_t connect_port;
    bool allow_plain_ws;
    uint64_t connect_seconds, ping_seconds, long_pause_seconds;

    char *password; /* private to config_password() */
    size_t password_len;
};

/* Reads the text of an INI called name. False: *errors has a line for each mistake. config_finish() either way. */
bool config_parse(struct config *c, struct str text, const char *name, struct buf *errors);
/* The same from a file; a file that cannot be read is a mistake too. */
bool config_load(struct config *c, const char *path, struct buf *errors);
/* Wipes the password and frees the rest. */
void config_finish(struct config *c);

/* The password out of its file or environment variable, without the line end, and hidden from the log from now on. A
 * file that others can read gives a warning. Lasts as long as c. The empty str with the reason when there is none. */
struct str config_password(struct config *c, struct err *e);

/* "wss://name:443/path" taken apart: slices of url. */
struct config_url {
    bool tls;
    struct str authority; /* host and port as written */
    struct str host;      /* without port and brackets */
    struct str path;      /* begins with '/' */
    uint16_t port;
};
bool config_url_parse(struct str url, struct config_url *out, struct err *e);
/* 127.0.0.0/8, "::1", "localhost" and names under it (RFC 6761). */
bool config_is_loopback(struct str host);
/* Whether host is an IPv4 or IPv6 address rather than a name. */
bool config_is_numeric(struct str host);

#endif
