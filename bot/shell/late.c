#include "shell/late.h"

#ifdef LATE_CRYPTO

#include <assert.h>
#include <libwebsockets.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "shell/library.h"

/* clang-format off */
/* X: what gives something back; V: what does not. */
#define CRYPTO_FUNCTIONS(X, V) \
    X(int, CRYPTO_memcmp, (const void *a, const void *b, size_t len), (a, b, len)) \
    V(OPENSSL_cleanse, (void *ptr, size_t len), (ptr, len)) \
    X(int, EVP_EncodeBlock, (unsigned char *to, const unsigned char *from, int len), (to, from, len)) \
    X(int, EVP_DecodeBlock, (unsigned char *to, const unsigned char *from, int len), (to, from, len)) \
    X(const EVP_MD *, EVP_sha1, (void), ()) \
    X(const EVP_MD *, EVP_sha256, (void), ()) \
    X(int, EVP_MD_get_size, (const EVP_MD *md), (md)) \
    X(int, EVP_Digest, (const void *data, size_t len, unsigned char *out, unsigned int *size, const EVP_MD *md, ENGINE *engine), \
      (data, len, out, size, md, engine)) \
    X(unsigned char *, HMAC, (const EVP_MD *md, const void *key, int key_len, const unsigned char *data, size_t len, \
      unsigned char *out, unsigned int *size), (md, key, key_len, data, len, out, size)) \
    X(int, PKCS5_PBKDF2_HMAC, (const char *pass, int pass_len, const unsigned char *salt, int salt_len, int rounds, const EVP_MD *md, \
      int len, unsigned char *out), (pass, pass_len, salt, salt_len, rounds, md, len, out))

#define WEBSOCKETS_FUNCTIONS(X, V) \
    X(struct lws_context *, lws_create_context, (const struct lws_context_creation_info *info), (info)) \
    V(lws_context_destroy, (struct lws_context *context), (context)) \
    X(struct lws_vhost *, lws_create_vhost, (struct lws_context *context, const struct lws_context_creation_info *info), (context, info)) \
    V(lws_set_log_level, (int level, void (*put)(int level, const char *line)), (level, put)) \
    X(struct lws *, lws_client_connect_via_info, (const struct lws_client_connect_info *info), (info)) \
    X(void *, lws_get_opaque_user_data, (const struct lws *wsi), (wsi)) \
    V(lws_set_opaque_user_data, (struct lws *wsi, void *data), (wsi, data)) \
    X(struct lws *, lws_adopt_descriptor_vhost_via_info, (const lws_adopt_desc_t *info), (info)) \
    X(int, lws_hdr_total_length, (struct lws *wsi, enum lws_token_indexes header), (wsi, header)) \
    X(int, lws_http_transaction_completed, (struct lws *wsi), (wsi)) \
    X(int, lws_add_http_header_by_token, (struct lws *wsi, enum lws_token_indexes header, const unsigned char *value, int len, \
      unsigned char **to, unsigned char *end), (wsi, header, value, len, to, end)) \
    X(unsigned int, lws_http_client_http_response, (struct lws *wsi), (wsi)) \
    X(int, lws_hdr_copy, (struct lws *wsi, char *to, int len, enum lws_token_indexes header), (wsi, to, len, header)) \
    X(int, lws_is_first_fragment, (struct lws *wsi), (wsi)) \
    X(int, lws_is_final_fragment, (struct lws *wsi), (wsi)) \
    X(int, lws_frame_is_binary, (struct lws *wsi), (wsi)) \
    X(size_t, lws_remaining_packet_payload, (struct lws *wsi), (wsi)) \
    X(int, lws_callback_on_writable, (struct lws *wsi), (wsi)) \
    X(int, lws_write, (struct lws *wsi, unsigned char *bytes, size_t len, enum lws_write_protocol protocol), (wsi, bytes, len, protocol)) \
    V(lws_set_timeout, (struct lws *wsi, enum pending_timeout why, int seconds), (wsi, why, seconds)) \
    V(lws_close_reason, (struct lws *wsi, enum lws_close_status status, unsigned char *why, size_t len), (wsi, status, why, len))
/* clang-format on */

static struct {
#define X(type, name, parameters, arguments) __typeof__(name) *name;
#define V(name, parameters, arguments) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(X, V)
    WEBSOCKETS_FUNCTIONS(X, V)
#undef X
#undef V
    bool loaded;
} late;

/* By their headers' own types: what does not agree with them is not compiled. */
#define X(type, name, parameters, arguments)                                                                           \
    type name parameters {                                                                                             \
        assert(late.loaded);                                                                                           \
        return late.name arguments;                                                                                    \
    }
#define V(name, parameters, arguments)                                                                                 \
    void name parameters {                                                                                             \
        assert(late.loaded);                                                                                           \
        late.name arguments;                                                                                           \
    }
CRYPTO_FUNCTIONS(X, V)
WEBSOCKETS_FUNCTIONS(X, V)
#undef X
#undef V

bool late_load(struct err *e) {
    void *crypto = library_load(LATE_CRYPTO, e), *websockets = crypto ? library_load(LATE_WEBSOCKETS, e) : NULL;
    bool fine = websockets != NULL;
#define X(type, name, parameters, arguments) fine = fine && library_function(from, #name, &late.name, e);
#define V(name, parameters, arguments) X(void, name, parameters, arguments)
    void *from = crypto;
    CRYPTO_FUNCTIONS(X, V)
    from = websockets;
    WEBSOCKETS_FUNCTIONS(X, V)
#undef X
#undef V
    late.loaded = fine;
    return fine;
}

#else /* linked with them, as on systems whose libraries CMake cannot tell the names of */

bool late_load(struct err *e) {
    (void)e;
    return true;
}

#endif
