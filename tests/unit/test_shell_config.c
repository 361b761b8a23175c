#include "test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/config.h"

static struct config config;
static struct buf errors;

static bool parse(const char *text) {
    buf_clear(&errors);
    return config_parse(&config, str_of(text), "etc/config.ini", &errors);
}

static struct config_platform *xmpp(void) { return config_platform(&config, "xmpp"); }

/* The value of a key of [xmpp]. */
static const struct chat_value *value(const char *name) {
    const struct chat_key *k = xmpp()->ops->keys;
    size_t i = 0;
    while (strcmp(k[i].name, name) != 0)
        i++;
    return &xmpp()->values[i];
}

static const struct config_secret *password(void) { return &xmpp()->secrets[value("password") - xmpp()->values]; }

static void assert_errors(const char *text, const char *expected) {
    assert_false(parse(text));
    assert_str(buf_str(&errors), expected);
    config_finish(&config);
}

#define BOT "[bot]\ndialogs = d\n"
#define XMPP BOT "[xmpp]\njid = lippy@example.org\npassword_env = PW\n" /* lines 1 to 5 */

static void test_whole(void **state) {
    (void)state;
    assert_true(
        parse("; comment\n[bot]\ndialogs = one, /abs/two\ncountry = DE\nlog = debug\nmax_sessions = 7\nstate_dir = state\n"
              "[xmpp]\njid = lippy@example.org/room\npassword_file = pw\nnick = Lippy\n"
              "rooms = a@rooms.example.org, b@rooms.example.org,\n   c@rooms.example.org\n"
              "websocket = wss://example.org:5281/ws\nconnect_address = 127.0.0.1:99\nallow_plain_ws = Yes\r\n"));
    assert_int_equal(config.dialogs.count, 2);
    assert_str(config.dialogs.items[0], "etc/one");
    assert_str(config.dialogs.items[1], "/abs/two");
    assert_str(config.country, "de");
    assert_int_equal(config.log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(config.max_sessions, 7);
    assert_int_equal(config.session_hours, 720);
    assert_str(config.state_dir, "etc/state");
    assert_true(xmpp()->present);
    assert_str(value("jid")->text, "lippy@example.org/room");
    assert_str(password()->file, "etc/pw");
    assert_str(value("nick")->text, "Lippy");
    assert_int_equal(value("rooms")->item_count, 3);
    assert_str(value("rooms")->items[2], "c@rooms.example.org");
    assert_str(value("websocket")->text, "wss://example.org:5281/ws");
    assert_str(xmpp()->connect_host, "127.0.0.1");
    assert_int_equal(xmpp()->connect_port, 99);
    assert_true(xmpp()->allow_plain_ws);
    assert_int_equal(xmpp()->ping_seconds, 45);
    config_finish(&config);
}

static void test_defaults(void **state) {
    (void)state;
    assert_true(parse(BOT));
    for (size_t i = 0; i < platform_count; i++)
        assert_false(config.platforms[i].present);
    assert_true(str_is_empty(config.state_dir));
    config_finish(&config);
    assert_true(parse(XMPP));
    assert_true(xmpp()->present);
    assert_false(xmpp()->allow_plain_ws);
    assert_true(str_is_empty(value("websocket")->text));
    config_finish(&config);
    assert_null(config_platform(&config, "carrier pigeon"));
}

static void test_a_section_without_keys(void **state) {
    (void)state;
    assert_errors(BOT " [xmpp] ; all defaults\n",
                  "etc/config.ini: [xmpp] jid: is missing\n"
                  "etc/config.ini: [xmpp] password_file: is missing, and password_env too; one of them is needed\n");
}

static void test_mistakes_have_a_place(void **state) {
    (void)state;
    assert_errors(BOT "log = loud\n",
                  "etc/config.ini:3: [bot] log: \"loud\" is not one of error, warning, info, debug\n");
    assert_errors(BOT "max_sessions = many\n",
                  "etc/config.ini:3: [bot] max_sessions: \"many\" is not a number from 1 to 10000000\n");
    assert_errors(BOT "max_sessions = 0\n",
                  "etc/config.ini:3: [bot] max_sessions: \"0\" is not a number from 1 to 10000000\n");
    assert_errors(
        BOT "max_sessions = 99999999999999999999999\n",
        "etc/config.ini:3: [bot] max_sessions: \"99999999999999999999999\" is not a number from 1 to 10000000\n");
    assert_errors(XMPP "nick =\n", "etc/config.ini:6: [xmpp] nick: a value is missing\n");
    assert_errors(XMPP "rooms =\n", "etc/config.ini:6: [xmpp] rooms: a value is missing\n");
    assert_errors(XMPP "nik = x\n", "etc/config.ini:6: [xmpp] nik: unknown key; did you mean nick?\n");
    assert_errors(XMPP "colour = x\n", "etc/config.ini:6: [xmpp] colour: unknown key\n");
    assert_errors(BOT "[xmp]\na = 1\nb = 2\n", "etc/config.ini:4: unknown section [xmp]; did you mean [xmpp]?\n");
    assert_errors("x = 1\n" BOT, "etc/config.ini:1: a key before the first [section]\n");
    assert_errors(BOT "nonsense\n", "etc/config.ini:3: neither \"key = value\" nor \"[section]\"\n");
    assert_errors(BOT "country = Germany\n",
                  "etc/config.ini:3: [bot] country: \"Germany\" is not a country of two letters (ISO 3166)\n");
    assert_errors(XMPP "jid = other@example.org\n", "etc/config.ini:6: [xmpp] jid: given before in line 4\n");
    assert_errors(XMPP " nick = x\n",
                  "etc/config.ini:6: [xmpp] password_env: a line that begins with a blank goes on with line 5\n");
    assert_errors(XMPP "allow_plain_ws = maybe\n",
                  "etc/config.ini:6: [xmpp] allow_plain_ws: \"maybe\" is neither yes nor no\n");
    assert_errors(XMPP "rooms = clinic\n", "etc/config.ini:6: [xmpp] rooms: \"clinic\" is not a room's address; "
                                           "it looks like name@rooms.example.org\n");
    assert_errors(XMPP "connect_address = 127.0.0.1\n",
                  "etc/config.ini:6: [xmpp] connect_address: \"127.0.0.1\" is not host:port\n");
}

static void test_several_mistakes_at_once(void **state) {
    (void)state;
    assert_errors("[bot]\nlog = x\nmax_sessions = y\n[xmpp]\nnick = z\n",
                  "etc/config.ini:2: [bot] log: \"x\" is not one of error, warning, info, debug\n"
                  "etc/config.ini:3: [bot] max_sessions: \"y\" is not a number from 1 to 10000000\n"
                  "etc/config.ini: [bot] dialogs: is missing\n"
                  "etc/config.ini: [xmpp] jid: is missing\n"
                  "etc/config.ini: [xmpp] password_file: is missing, and password_env too; one of them is needed\n");
}

static void test_password_once(void **state) {
    (void)state;
    assert_errors(XMPP "password_file = f\n",
                  "etc/config.ini:6: [xmpp] password_file: there is password_env already, in line 5\n");
    /* one that may be left out as well */
    assert_errors(BOT "[irc]\nwebsocket = wss://irc.example.org/\npassword_env = PW\npassword_file = f\n",
                  "etc/config.ini:6: [irc] password_file: there is password_env already, in line 5\n");
}

static void test_plain_ws_only_at_home(void **state) {
    (void)state;
    static const char refused[] =
        "etc/config.ini:6: [xmpp] websocket: ws is not encrypted; use wss, or allow_plain_ws = yes\n";
    assert_errors(XMPP "websocket = ws://example.org/ws\n", refused);
    assert_errors(XMPP "websocket = ws://127.example.org/ws\n", refused);
    assert_errors(XMPP "websocket = ws://localhost:5280/ws\nconnect_address = 192.0.2.1:80\n", refused);
    const char *fine[] = {"ws://example.org/ws\nallow_plain_ws = yes", "ws://127.0.0.1:5280/ws", "ws://[::1]:5280/ws",
                          "ws://localhost/ws", "ws://example.org/ws\nconnect_address = 127.0.0.1:5280"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, "%swebsocket = %s\n", XMPP, fine[i]);
        assert_true(parse(text));
        config_finish(&config);
    }
}

static void test_wss_needs_a_name(void **state) {
    (void)state;
    assert_false(parse(XMPP "websocket = wss://127.0.0.1:5281/ws\n"));
    assert_true(str_find(buf_str(&errors), STR("etc/config.ini:6: [xmpp] websocket: wss needs a name")) == 0);
    config_finish(&config);
}

static void test_garbage(void **state) {
    (void)state;
    char line[2100];
    memset(line, 'x', sizeof line);
    assert_false(config_parse(&config, (struct str){line, sizeof line}, "i", &errors));
    config_finish(&config);
    assert_false(config_parse(&config, (struct str){"[bot]\0=\n", 8}, "i", &errors));
    config_finish(&config);
    assert_errors(BOT "[xmpp\n", "etc/config.ini:3: neither \"key = value\" nor \"[section]\"\n");
    memcpy(line, BOT "log = ", sizeof BOT + 5);
    line[2099] = '\n';
    buf_clear(&errors);
    assert_false(config_parse(&config, (struct str){line, sizeof line}, "i", &errors));
    assert_true(str_starts_with(buf_str(&errors), STR("i:3: the line is longer than ")));
    config_finish(&config);
}

static void test_files(void **state) {
    (void)state;
    buf_clear(&errors);
    assert_false(config_load(&config, "/nowhere/config.ini", &errors));
    assert_str(buf_str(&errors), "/nowhere/config.ini: cannot read it: No such file or directory\n");
    config_finish(&config);
    buf_clear(&errors);
    assert_false(config_load(&config, "/", &errors));
    assert_str(buf_str(&errors), "/: cannot read it: Is a directory\n");
    config_finish(&config);
}

static void assert_secret(const char *want) {
    struct err e = {0};
    assert_true(config_secrets(&config, xmpp(), &e));
    assert_str(value("password")->text, want);
}

static void keep_line(void *user, struct str line) { buf_add(user, line); }

static void test_password(void **state) {
    (void)state;
    char path[] = "/tmp/lippy-config-XXXXXX", text[200];
    struct err e = {0};
    struct buf log;
    buf_init_heap(&log);
    log_set_sink(keep_line, &log);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "s3cret word\r\n", 13) == 13);
    snprintf(text, sizeof text, "%s[xmpp]\njid = a@b\npassword_file = %s\n", BOT, path);

    assert_true(parse(text));
    assert_secret("s3cret word");
    assert_int_equal(log.len, 0);
    config_finish(&config);

    assert_int_equal(fchmod(fd, 0644), 0);
    assert_true(parse(text));
    assert_secret("s3cret word");
    assert_true(str_find(buf_str(&log), STR("can be read by others")) != SIZE_MAX);
    config_finish(&config);

    assert_int_equal(ftruncate(fd, 0), 0);
    assert_true(parse(text));
    assert_false(config_secrets(&config, xmpp(), &e));
    assert_non_null(strstr(e.message, "is empty"));
    config_finish(&config);
    close(fd);
    unlink(path);

    assert_true(parse(text));
    e = (struct err){0};
    assert_false(config_secrets(&config, xmpp(), &e));
    assert_non_null(strstr(e.message, "cannot read"));
    config_finish(&config);

    setenv("PW", "from outside", 1);
    assert_true(parse(XMPP));
    assert_secret("from outside");
    config_finish(&config);
    unsetenv("PW");
    assert_true(parse(XMPP));
    e = (struct err){0};
    assert_false(config_secrets(&config, xmpp(), &e));
    assert_non_null(strstr(e.message, "environment variable PW"));
    config_finish(&config);
    log_set_sink(NULL, NULL);
    buf_finish(&log);
}

static int finish(void **state) {
    (void)state;
    buf_finish(&errors);
    return 0;
}

int main(void) {
    buf_init_heap(&errors);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_a_section_without_keys),
        cmocka_unit_test(test_mistakes_have_a_place),
        cmocka_unit_test(test_several_mistakes_at_once),
        cmocka_unit_test(test_password_once),
        cmocka_unit_test(test_plain_ws_only_at_home),
        cmocka_unit_test(test_wss_needs_a_name),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_password),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
