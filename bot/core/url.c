#include "core/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool url_split_authority(struct str text, struct str *host, uint16_t *port) {
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

static const struct scheme {
    struct str head;
    bool http, tls;
    uint16_t port;
} schemes[] = {
    {STR_INIT("wss://"), false, true, 443},
    {STR_INIT("ws://"), false, false, 80},
    {STR_INIT("https://"), true, true, 443},
    {STR_INIT("http://"), true, false, 80},
};

bool url_parse(struct str text, struct url *out, struct err *e) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const struct scheme *s = &schemes[i];
        if (!str_starts_with_nocase(text, s->head))
            continue;
        struct str rest = str_slice(text, s->head.len, SIZE_MAX);
        size_t slash = str_find(rest, STR("/")), query = str_find(rest, STR("?"));
        *out = (struct url){
            .http = s->http,
            .tls = s->tls,
            .authority = str_slice(rest, 0, slash),
            .path = slash == SIZE_MAX ? STR("/") : str_slice(rest, slash, SIZE_MAX),
            .port = s->port,
        };
        bool clean = query >= slash && url_split_authority(out->authority, &out->host, &out->port);
        for (size_t k = 0; k < out->path.len; k++)
            clean = clean && out->path.ptr[k] > ' ' && out->path.ptr[k] != '#' && out->path.ptr[k] != 0x7f;
        return clean || err_set(e, ERR_SCHEMA, "\"%.*s\" is not a whole address", STR_ARG(text));
    }
    return err_set(e, ERR_SCHEMA, "\"%.*s\" begins with none of wss://, ws://, https://, http://", STR_ARG(text));
}

bool url_is_numeric(struct str host) {
    unsigned char bytes[16];
    char text[64];
    if (host.len >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", STR_ARG(host));
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool url_is_loopback(struct str host) {
    static const char under[] = ".localhost";
    if (url_is_numeric(host))
        return str_starts_with(host, STR("127.")) || str_equal(host, STR("::1"));
    return str_equal_nocase(host, STR("localhost")) ||
           (host.len > sizeof under - 1 &&
            str_equal_nocase(str_slice(host, host.len - (sizeof under - 1), host.len), str_of(under)));
}
