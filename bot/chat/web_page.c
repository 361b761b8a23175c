#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include "chat/web_work.h"
#include "core/url.h"

/* ---- cookies ---- */

/* Bound to this very host where the browser can be told so (RFC 6265bis 4.1.3.2): no neighbour can plant one. */
static struct str cookie_name(const struct chat *c) { return c->secure ? STR("__Host-lippy") : STR("lippy"); }

static void prove(const struct chat *c, const unsigned char id[WEB_ID_BYTES], unsigned char proof[WEB_ID_BYTES]) {
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    HMAC(EVP_sha256(), c->entropy, sizeof c->entropy, id, WEB_ID_BYTES, hash, NULL);
    memcpy(proof, hash, WEB_ID_BYTES);
}

void web_talks_key(struct chat *c) {
    static const unsigned char label[WEB_ID_BYTES] = "names of talks";
    prove(c, label, c->talks.key);
}

void web_cookie_make(const struct chat *c, const unsigned char id[WEB_ID_BYTES], char out[WEB_COOKIE_SIZE]) {
    unsigned char proof[WEB_ID_BYTES];
    prove(c, id, proof);
    web_hex(out, id, WEB_ID_BYTES);
    web_hex(out + WEB_ID_SIZE, proof, WEB_ID_BYTES);
}

static bool cookie_is_ours(const struct chat *c, struct str value, unsigned char id[WEB_ID_BYTES]) {
    unsigned char given[WEB_ID_BYTES], proof[WEB_ID_BYTES];
    if (value.len != WEB_COOKIE_SIZE || !web_unhex(id, value, WEB_ID_BYTES) ||
        !web_unhex(given, str_slice(value, WEB_ID_SIZE, WEB_ID_SIZE), WEB_ID_BYTES))
        return false;
    prove(c, id, proof);
    return CRYPTO_memcmp(given, proof, sizeof proof) == 0;
}

bool web_cookie_read(const struct chat *c, struct str header, unsigned char id[WEB_ID_BYTES]) {
    while (header.len > 0) {
        struct str value = str_trim(str_cut(&header, ';'));
        struct str name = str_cut(&value, '=');
        if (str_equal(name, cookie_name(c)) && cookie_is_ours(c, value, id))
            return true;
    }
    return false;
}

/* ---- who may ask ---- */

/* Without an origin in the configuration: this machine, and numbers. A name could be a stranger's, whose page then would be of our own
 * origin ("DNS rebinding"). */
static bool host_is_ours(const struct chat *c, struct str host) {
    struct str name;
    uint16_t port = 80;
    if (c->origin_count > 0)
        return true;
    return url_split_authority(host, &name, &port) && (url_is_loopback(name) || url_is_numeric(name));
}

static bool origin_is_ours(const struct chat *c, struct str origin, struct str host) {
    static const struct str scheme = STR_INIT("http://");
    for (size_t i = 0; i < c->origin_count; i++)
        if (str_equal_nocase(origin, c->origins[i]))
            return true;
    return c->origin_count == 0 && str_starts_with_nocase(origin, scheme) &&
           str_equal_nocase(str_slice(origin, scheme.len, SIZE_MAX), host);
}

/* The last address of X-Forwarded-For is the one that our own proxy saw. */
static struct str last_address(struct str forwarded) {
    struct str last = STR_NONE;
    while (forwarded.len > 0)
        last = str_trim(str_cut(&forwarded, ','));
    return last;
}

/* ---- answers ---- */

static void add_header(struct chat *c, struct chat_page *page, const char *name, struct str value) {
    if (page->header_count < WEB_HEADERS)
        c->headers[page->header_count++] = (struct chat_header){name, value};
    page->headers = c->headers;
}

/* Nothing from elsewhere, nothing inline, in nobody's frame. */
static void begin_page(struct chat *c, struct chat_page *page, unsigned status) {
    *page = (struct chat_page){.status = status, .type = "text/plain; charset=utf-8"};
    add_header(c, page, "content-security-policy",
               STR("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
                   "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"));
    add_header(c, page, "x-content-type-options", STR("nosniff"));
    add_header(c, page, "referrer-policy", STR("no-referrer"));
    add_header(c, page, "cross-origin-opener-policy", STR("same-origin"));
    add_header(c, page, "cross-origin-resource-policy", STR("same-origin"));
    add_header(c, page, "permissions-policy", STR("camera=(), geolocation=(), microphone=()"));
}

static void refuse(struct chat *c, struct chat_page *page, unsigned status, struct str why) {
    begin_page(c, page, status);
    add_header(c, page, "cache-control", STR("no-store"));
    page->body = why;
}

/* Who has none gets one; who has one keeps it for longer. */
static void add_cookie(struct chat *c, struct chat_page *page, const struct chat_request *request) {
    unsigned char id[WEB_ID_BYTES];
    char value[WEB_COOKIE_SIZE];
    if (!web_cookie_read(c, request->cookie, id))
        memcpy(id, request->random, sizeof id);
    web_cookie_make(c, id, value);
    snprintf(c->set_cookie, sizeof c->set_cookie, "%.*s=%.*s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", STR_ARG(cookie_name(c)),
             (int)sizeof value, value, WEB_COOKIE_DAYS * 24 * 3600, c->secure ? "; Secure" : "");
    add_header(c, page, "set-cookie", str_of(c->set_cookie));
}

static void give_file(struct chat *c, const struct chat_request *request, struct chat_page *page) {
    bool home = str_equal(request->path, STR("/"));
    for (const struct web_file *f = web_files; f->path; f++) {
        if (!str_equal(request->path, str_of(f->path)))
            continue;
        begin_page(c, page, 200);
        page->type = f->type;
        page->body = (struct str){(const char *)f->bytes, f->len};
        add_header(c, page, "cache-control", home ? STR("no-store") : STR("no-cache"));
        if (home)
            add_cookie(c, page, request);
        return;
    }
    refuse(c, page, 404, STR("There is nothing here. The talk is at /\n"));
}

static void open_websocket(struct chat *c, struct web_guest *g, const struct chat_request *request, struct chat_page *page) {
    unsigned char id[WEB_ID_BYTES];
    if (!request->websocket) {
        refuse(c, page, 426, STR("Only a websocket can be had here.\n"));
        add_header(c, page, "upgrade", STR("websocket"));
    } else if (!origin_is_ours(c, request->origin, request->host)) {
        refuse(c, page, 403, STR("The page that asks is not ours; see origin in the configuration.\n"));
    } else if (!web_cookie_read(c, request->cookie, id)) {
        refuse(c, page, 403, STR("Without our cookie there is no talk.\n"));
    } else if (web_address_full(c, g, g->address)) {
        refuse(c, page, 429, STR("Too many connections from one address.\n"));
        add_header(c, page, "retry-after", STR("30"));
    } else {
        web_make_room(c, id);
        memcpy(g->id, id, sizeof id);
        g->websocket = true;
        begin_page(c, page, 101);
    }
}

void web_requested(struct chat *c, struct web_guest *g, const struct chat_request *request, struct chat_page *page) {
    if (c->behind_proxy && request->forwarded.len > 0)
        g->address = web_address_key(c, last_address(request->forwarded));
    if (!host_is_ours(c, request->host)) {
        refuse(c, page, 421, STR("This machine is not called so; see origin in the configuration.\n"));
    } else if (!request->reads) {
        refuse(c, page, 405, STR("Only GET and HEAD.\n"));
        add_header(c, page, "allow", STR("GET, HEAD"));
    } else if (str_equal(request->path, STR("/talk"))) {
        open_websocket(c, g, request, page);
    } else if (request->websocket) {
        refuse(c, page, 404, STR("The websocket is at /talk\n"));
    } else {
        give_file(c, request, page);
    }
}
