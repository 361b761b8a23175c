/* SCRAM (RFC 5802 with SHA-1, RFC 7677 with SHA-256), the client's side, without channel binding; base64 and SASLprep
 * with it.
 *
 *     scram_first -> server -> scram_answer -> server -> scram_verify
 *
 * Passwords are prepared as SASLprep (RFC 4013) says where they are ASCII; others go through NFKC with ignorable code
 * points left out, which differs from SASLprep only in code points newer than Unicode 3.2. */
#ifndef CHAT_SCRAM_H
#define CHAT_SCRAM_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

enum {
    SCRAM_HASH_MOST = 32,
    /* RFC 5802 section 5.1 and RFC 7677 section 4 ask servers for 4096 or more; fewer would let a false server learn
     * more from our proof. Above the upper bound the work (about 1 us a round) would hold up the program. */
    SCRAM_ROUNDS_LEAST = 4096,
    SCRAM_ROUNDS_MOST = 1000 * 1000,
};

struct scram {
    bool sha256;
    struct buf first_bare; /* what we sent first, without its header */
    char nonce[64];
    unsigned char server_signature[SCRAM_HASH_MOST];
    bool answered, verified;
};

/* nonce: printable ASCII without commas, fewer than 64 bytes, never used before. */
void scram_init(struct scram *s, bool sha256, struct str nonce);
/* Wipes; a zeroed one is fine. */
void scram_finish(struct scram *s);

/* The three messages, not in base64. Appended to out. */
bool scram_first(struct scram *s, struct str user, struct buf *out, struct err *e);
/* ERR_PROTOCOL: the challenge is malformed. ERR_AUTH: it is not an answer to ours, asks for too few or too many rounds
 * or for an extension, or the password cannot be used. */
bool scram_answer(struct scram *s, struct str password, struct str challenge, struct buf *out, struct err *e);
/* Whether the server knows the password as well: ERR_AUTH if not. */
bool scram_verify(struct scram *s, struct str final, struct err *e);

/* Appends text as SASLprep makes it. ERR_AUTH: it has control characters, is not UTF-8 or comes out empty. */
bool saslprep(struct buf *out, struct str text, struct err *e);

void base64_add(struct buf *out, struct str bytes);
/* Strict: no blanks, padding required. False leaves out as it was. */
bool base64_read(struct buf *out, struct str text);

#endif
