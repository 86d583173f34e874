/* SPDX-License-Identifier: ISC */
/*
 * Single values as people write them: numbers, AS numbers, addresses,
 * prefixes, route distinguishers. Each takes a slice of text, returns true
 * and sets *out when the whole slice is such a value, and else returns false
 * with *out untouched.
 */
#ifndef COMMON_TEXT_SCALARS_H
#define COMMON_TEXT_SCALARS_H

#include "common/text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct prefix;

#define SCALARS_RD_LEN	8

/* Decimal digits, up to max. */
bool	scalars_decimal(const char *at, size_t len, uint64_t max,
	    uint64_t *out);
/* Decimal, or hexadecimal after 0x. */
bool	scalars_number(const struct word *, uint64_t max, uint64_t *out);
/* A decimal number that may have a fraction; not negative. */
bool	scalars_real(const char *at, size_t len, double *out);
/* "65000", or "1.10" (asdot, RFC 5396). */
bool	scalars_asn(const char *at, size_t len, uint32_t *out);
/* Dotted IPv4 in host order. */
bool	scalars_ipv4(const char *at, size_t len, uint32_t *out);
/* IPv4 or IPv6; a zone is not accepted. */
bool	scalars_addr(const struct word *, struct addr *out);
/* "address" or "address/len"; host bits are kept. */
bool	scalars_prefix(const struct word *, struct prefix *out);
/* "IP:n", "asn:n" as RFC 4364 4.2 types 1, 0 and 2. */
bool	scalars_rd(const struct word *, uint8_t out[SCALARS_RD_LEN]);
/* ExaBGP's words: true enable enabled yes on 1, false disable ... 0. */
bool	scalars_boolean(const struct word *, bool *out);
/* Pairs of hex digits after 0x, at most max_len bytes. */
bool	scalars_hex(const struct word *, uint8_t *out, size_t max_len,
	    size_t *out_len);

#endif
