/* Any bytes as the operator's INI; as a websocket's address; as the host-meta document that a domain serves. */
#include "fuzz.h"

#include "chat/host_meta.h"
#include "core/url.h"
#include "shell/config.h"

static void check_ini(struct str text) {
    struct config c;
    struct buf errors;
    buf_init_heap(&errors);
    bool fine = config_parse(&c, text, "etc/config.ini", &errors);
    assert(fine == (errors.len == 0) && !errors.failed);
    if (fine) {
        assert(c.dialogs.count > 0 && c.dialogs.count <= CONFIG_LIST_MAX);
        assert(c.country.len == 0 || c.country.len == 2);
        for (size_t i = 0; i < platform_count; i++)
            for (size_t k = 0; c.platforms[i].present && c.platforms[i].ops->keys[k].name; k++) {
                const struct chat_key *key = &c.platforms[i].ops->keys[k];
                assert(c.platforms[i].values[k].item_count <= CONFIG_LIST_MAX);
                assert(!key->required || key->kind != CHAT_KEY_TEXT || c.platforms[i].values[k].text.len > 0);
            }
    }
    config_finish(&c);
    buf_finish(&errors);
}

static void check_url(struct str text) {
    struct url url;
    struct err e = {0};
    if (url_parse(text, &url, &e))
        assert(url.host.len > 0 && url.port > 0 && url.path.len > 0 && url.path.ptr[0] == '/');
    else
        assert(e.code == ERR_SCHEMA && e.message[0]);
    url_is_loopback(text);
}

static void check_document(struct str text) {
    char out[HOST_META_URL_CAP] = "";
    struct url url;
    struct err e = {0};
    if (host_meta_websocket(text, out, &e))
        assert(url_parse(str_of(out), &url, NULL) && url.tls);
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
