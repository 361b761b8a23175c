/* The operator's INI: what the bot says, where it connects and as whom. config.example.ini explains every key.
 *
 * [bot] is for the whole program; each platform has a section of its own name, whose keys are those of its table
 * (chat_ops.keys) and those that every connection has.
 *
 * All mistakes are reported at once, each with its place: "config.ini:12: [xmpp] nick: a value is missing". Relative
 * paths count from the folder of the INI. A long list goes on in the next line when that begins with a blank. */
#ifndef SHELL_CONFIG_H
#define SHELL_CONFIG_H

#include "chat/chat.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"
#include "shell/log.h"
#include "shell/platforms.h"

enum { CONFIG_LIST_MAX = 64 };

struct config_list {
    struct str items[CONFIG_LIST_MAX];
    size_t count;
};

/* Where a secret is: exactly one of the two. */
struct config_secret {
    struct str file, env;
};

/* One platform's section. */
struct config_platform {
    const struct chat_ops *ops;
    bool present; /* the INI has the section */
    struct chat_value values[CHAT_KEYS_MAX]; /* secrets are empty until config_secrets() */
    struct config_list lists[CHAT_KEYS_MAX];
    struct config_secret secrets[CHAT_KEYS_MAX];
    struct str ca_file;
    struct str connect_host; /* to go to instead of what the addresses name, with connect_port */
    uint16_t connect_port;
    uint64_t allow_plain_ws;
    uint64_t connect_seconds, ping_seconds, long_pause_seconds;
};

/* Keys that were left out have their default. Every str is followed by a NUL; those left out are empty. */
struct config {
    struct arena arena; /* owns all of it */

    struct config_list dialogs; /* folders, at least one */
    struct str country;         /* two letters, lower case */
    struct str state_dir;       /* a folder for what is to outlast a restart; empty: nothing does */
    enum log_level log_level;
    uint64_t max_sessions, session_hours;

    struct config_platform platforms[PLATFORMS_MAX]; /* as in platforms[] */
    bool has_secrets;
};

/* Reads the text of an INI called name. False: *errors has a line for each mistake. config_finish() either way. */
bool config_parse(struct config *c, struct str text, const char *name, struct buf *errors);
/* The same from a file; a file that cannot be read is a mistake too. */
bool config_load(struct config *c, const char *path, struct buf *errors);
/* Wipes the secrets and frees the rest. */
void config_finish(struct config *c);

/* The section of a platform, or NULL where this program has no such platform. */
struct config_platform *config_platform(struct config *c, const char *name);

/* Reads a section's secrets out of their files or environment variables into its values, without the line end, and hides them
 * from the log from now on. A file that others can read gives a warning. False with the reason when one is not there. */
bool config_secrets(struct config *c, struct config_platform *p, struct err *e);

#endif
