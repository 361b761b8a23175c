#include "chat/scram.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/utf8.h"

void base64_add(struct buf *out, struct str bytes) {
    while (bytes.len > 0) {
        unsigned char quad[5];
        size_t len = bytes.len < 3 ? bytes.len : 3;
        EVP_EncodeBlock(quad, (const unsigned char *)bytes.ptr, (int)len);
        buf_add(out, (struct str){(const char *)quad, 4});
        bytes = str_slice(bytes, len, SIZE_MAX);
        OPENSSL_cleanse(quad, sizeof quad);
    }
}

static bool is_base64(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool fine = str_is_letter(c) || str_is_digit(c) || c == '+' || c == '/';
        if (!fine)
            return false;
    }
    return true;
}

bool base64_read(struct buf *out, struct str text) {
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
        padding++;
    if (text.len % 4 != 0 || !is_base64(str_slice(text, 0, text.len - padding)))
        return false;
    for (; text.len > 0; text = str_slice(text, 4, SIZE_MAX)) {
        unsigned char triple[3];
        if (EVP_DecodeBlock(triple, (const unsigned char *)text.ptr, 4) != 3)
            return false;
        buf_add(out, (struct str){(const char *)triple, text.len > 4 ? 3 : 3 - padding});
    }
    return !out->failed;
}

static bool is_ascii(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] & 0x80)
            return false;
    return true;
}

static bool has_control(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
            return true;
    return false;
}

bool saslprep(struct buf *out, struct str text, struct err *e) {
    if (text.len == 0 || has_control(text) || !utf8_is_valid(text) || text.len > INT_MAX)
        return err_set(e, ERR_AUTH, "a name or password is empty, not UTF-8 or has control characters");
    if (is_ascii(text)) {
        buf_add(out, text);
        return !out->failed;
    }
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &made,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE |
                                            UTF8PROC_REJECTNA);
    if (len > 0) {
        buf_add(out, (struct str){(const char *)made, (size_t)len});
        OPENSSL_cleanse(made, (size_t)len);
    }
    free(made);
    return len > 0 ? !out->failed : err_set(e, ERR_AUTH, "a name or password has characters that SASL forbids");
}

void scram_init(struct scram *s, bool sha256, struct str nonce) {
    *s = (struct scram){.sha256 = sha256};
    buf_init_heap(&s->first_bare);
    if (nonce.len < sizeof s->nonce)
        memcpy(s->nonce, nonce.ptr, nonce.len);
}

void scram_finish(struct scram *s) {
    buf_finish(&s->first_bare);
    OPENSSL_cleanse(s, sizeof *s);
}

/* In a name a comma and an equals sign would end the attribute. */
static void add_name(struct buf *b, struct str name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == ',')
            buf_add(b, STR("=2C"));
        else if (name.ptr[i] == '=')
            buf_add(b, STR("=3D"));
        else
            buf_add_char(b, name.ptr[i]);
}

bool scram_first(struct scram *s, struct str user, struct buf *out, struct err *e) {
    struct buf name;
    buf_init_heap(&name);
    bool fine = saslprep(&name, user, e);
    if (fine) {
        buf_add(&s->first_bare, STR("n="));
        add_name(&s->first_bare, buf_str(&name));
        buf_printf(&s->first_bare, ",r=%s", s->nonce);
        buf_add(out, STR("n,,")); /* no channel binding, none wanted */
        buf_add(out, buf_str(&s->first_bare));
    }
    buf_finish(&name);
    return fine && !out->failed;
}

/* Cuts "x=value" off message; false where the next attribute has another letter. */
static bool cut_attribute(struct str *message, char letter, struct str *value) {
    struct str rest = *message;
    struct str part = str_cut(&rest, ',');
    if (part.len < 2 || part.ptr[0] != letter || part.ptr[1] != '=')
        return false;
    *value = str_slice(part, 2, SIZE_MAX);
    *message = rest;
    return true;
}

struct challenge {
    struct str nonce, salt_base64;
    uint64_t rounds;
};

static bool read_challenge(const struct scram *s, struct str message, struct challenge *c, struct err *e) {
    struct str rounds, extension;
    if (cut_attribute(&message, 'm', &extension))
        return err_set(e, ERR_AUTH, "the server asks for a SCRAM extension that does not exist yet");
    if (!cut_attribute(&message, 'r', &c->nonce) || !cut_attribute(&message, 's', &c->salt_base64) ||
        !cut_attribute(&message, 'i', &rounds) || !str_to_u64(rounds, &c->rounds))
        return err_set(e, ERR_PROTOCOL, "the server's SCRAM challenge is malformed");
    if (!str_starts_with(c->nonce, str_of(s->nonce)) || c->nonce.len == strlen(s->nonce))
        return err_set(e, ERR_AUTH, "the server's SCRAM challenge does not answer ours");
    if (c->rounds < SCRAM_ROUNDS_LEAST || c->rounds > SCRAM_ROUNDS_MOST)
        return err_set(e, ERR_AUTH, "the server asks for %llu SCRAM rounds, not for %d to %d",
                       (unsigned long long)c->rounds, SCRAM_ROUNDS_LEAST, SCRAM_ROUNDS_MOST);
    return true;
}

struct hash {
    const EVP_MD *md;
    int len;
};

static struct hash hash_of(const struct scram *s) {
    const EVP_MD *md = s->sha256 ? EVP_sha256() : EVP_sha1();
    return (struct hash){md, EVP_MD_get_size(md)};
}

static bool hmac(struct hash h, const unsigned char *key, struct str text, unsigned char *out) {
    return HMAC(h.md, key, h.len, (const unsigned char *)text.ptr, text.len, out, NULL) != NULL;
}

/* RFC 5802 section 3: the names are its names. */
static bool prove(struct scram *s, const unsigned char *salted_password, struct str auth_message,
                  unsigned char *proof) {
    unsigned char client_key[SCRAM_HASH_MOST], stored_key[SCRAM_HASH_MOST], server_key[SCRAM_HASH_MOST];
    struct hash h = hash_of(s);
    bool fine = hmac(h, salted_password, STR("Client Key"), client_key) &&
                EVP_Digest(client_key, (size_t)h.len, stored_key, NULL, h.md, NULL) == 1 &&
                hmac(h, stored_key, auth_message, proof) && hmac(h, salted_password, STR("Server Key"), server_key) &&
                hmac(h, server_key, auth_message, s->server_signature);
    for (int i = 0; fine && i < h.len; i++)
        proof[i] ^= client_key[i];
    OPENSSL_cleanse(client_key, sizeof client_key);
    OPENSSL_cleanse(stored_key, sizeof stored_key);
    OPENSSL_cleanse(server_key, sizeof server_key);
    return fine;
}

static bool salt_password(const struct scram *s, struct str password, const struct challenge *c, unsigned char *salted,
                          struct err *e) {
    struct buf prepared, salt;
    struct hash h = hash_of(s);
    buf_init_heap(&prepared);
    buf_init_heap(&salt);
    bool fine = saslprep(&prepared, password, e);
    if (fine && (!base64_read(&salt, c->salt_base64) || salt.len == 0 || salt.len > INT_MAX))
        fine = err_set(e, ERR_PROTOCOL, "the server's SCRAM salt is malformed");
    if (fine && PKCS5_PBKDF2_HMAC(prepared.ptr, (int)prepared.len, (const unsigned char *)salt.ptr, (int)salt.len,
                                  (int)c->rounds, h.md, h.len, salted) != 1)
        fine = err_set(e, ERR_LIMIT, "no memory for a login");
    if (prepared.ptr)
        OPENSSL_cleanse(prepared.ptr, prepared.cap);
    buf_finish(&prepared);
    buf_finish(&salt);
    return fine;
}

bool scram_answer(struct scram *s, struct str password, struct str challenge, struct buf *out, struct err *e) {
    unsigned char salted[SCRAM_HASH_MOST] = {0}, proof[SCRAM_HASH_MOST] = {0};
    struct challenge c = {0};
    struct buf final, auth_message;
    if (s->answered)
        return err_set(e, ERR_PROTOCOL, "a second SCRAM challenge");
    if (!read_challenge(s, challenge, &c, e) || !salt_password(s, password, &c, salted, e))
        return false;
    buf_init_heap(&final);
    buf_init_heap(&auth_message);
    buf_add(&final, STR("c=biws,r=")); /* base64 of "n,," */
    buf_add(&final, c.nonce);
    buf_printf(&auth_message, "%.*s,", STR_ARG(buf_str(&s->first_bare)));
    buf_add(&auth_message, challenge);
    buf_add_char(&auth_message, ',');
    buf_add(&auth_message, buf_str(&final));
    bool fine = !auth_message.failed && prove(s, salted, buf_str(&auth_message), proof);
    if (fine) {
        buf_add(&final, STR(",p="));
        base64_add(&final, (struct str){(const char *)proof, (size_t)hash_of(s).len});
        buf_add(out, buf_str(&final));
        s->answered = true;
    }
    OPENSSL_cleanse(salted, sizeof salted);
    buf_finish(&final);
    buf_finish(&auth_message);
    return fine && !out->failed ? true : err_set(e, ERR_LIMIT, "no memory for a login");
}

bool scram_verify(struct scram *s, struct str final, struct err *e) {
    struct str base64;
    struct buf signature;
    size_t len = (size_t)hash_of(s).len;
    if (!s->answered || !cut_attribute(&final, 'v', &base64))
        return err_set(e, ERR_AUTH, "the server did not prove that it knows the password");
    buf_init_heap(&signature);
    s->verified = base64_read(&signature, base64) && signature.len == len &&
                  CRYPTO_memcmp(signature.ptr, s->server_signature, len) == 0;
    buf_finish(&signature);
    return s->verified ? true : err_set(e, ERR_AUTH, "the server does not know the password: it is not ours");
}
