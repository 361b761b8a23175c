/* Any bytes as the operator's INI; as a websocket's address; as the host-meta document that a domain serves. */
#include "fuzz.h"

#include "shell/config.h"
#include "shell/discover.h"

static void check_ini(struct str text) {
    struct config c;
    struct buf errors;
    buf_init_heap(&errors);
    bool fine = config_parse(&c, text, "etc/config.ini", &errors);
    assert(fine == (errors.len == 0) && !errors.failed);
    if (fine) {
        assert(c.dialogs.count > 0 && c.dialogs.count <= CONFIG_LIST_MAX && c.rooms.count <= CONFIG_LIST_MAX);
        assert(c.country.len == 0 || c.country.len == 2);
        assert(c.has_xmpp == (c.jid.len > 0) && (!c.has_xmpp || (c.nick.len > 0 && c.domain.len > 0)));
    }
    config_finish(&c);
    buf_finish(&errors);
}

static void check_url(struct str text) {
    struct config_url url;
    struct err e = {0};
    if (config_url_parse(text, &url, &e))
        assert(url.host.len > 0 && url.port > 0 && url.path.len > 0 && url.path.ptr[0] == '/');
    else
        assert(e.code == ERR_SCHEMA && e.message[0]);
    config_is_loopback(text);
}

static void check_document(struct str text) {
    char out[DISCOVER_URL_CAP] = "";
    struct config_url url;
    struct err e = {0};
    if (discover_websocket(text, out, &e))
        assert(config_url_parse(str_of(out), &url, NULL) && url.tls);
    else
        assert(e.code == ERR_PROTOCOL && e.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str input = {(const char *)data, size};
    if (str_find(input, STR("ca_file")) != SIZE_MAX)
        return 0; /* the only key whose file is opened: a fuzzer may not */
    char *exact = fuzz_exact(input);
    input.ptr = exact;
    check_ini(input);
    check_url(input);
    check_document(input);
    free(exact);
    return 0;
}
