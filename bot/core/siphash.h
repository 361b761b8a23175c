/* SipHash-2-4 (Aumasson, Bernstein: SipHash, INDOCRYPT 2012): a keyed hash for tables whose keys strangers choose. */
#ifndef CORE_SIPHASH_H
#define CORE_SIPHASH_H

#include "core/str.h"

uint64_t siphash(const unsigned char key[16], struct str data);

#endif
