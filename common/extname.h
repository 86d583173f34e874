/* SPDX-License-Identifier: ISC */
/*
 * OpenBGPD's names of extended communities, by type and subtype of IANA's
 * registry. Pure.
 */
#ifndef COMMON_EXTNAME_H
#define COMMON_EXTNAME_H

#include <stdbool.h>
#include <stdint.h>

enum extname_type {		/* high byte, RFC 4360 and RFC 7153 */
	EXTNAME_TWO_AS = 0x00,
	EXTNAME_IPV4 = 0x01,
	EXTNAME_FOUR_AS = 0x02,
	EXTNAME_OPAQUE = 0x03,
	EXTNAME_EVPN = 0x06,
	EXTNAME_OVS = 0x43,		/* RFC 8097 */
	EXTNAME_GENERIC = 0x80,		/* with one of the first three */
	EXTNAME_ANY = 0xff,		/* ours: the subtype alone counts */
};

struct extname {
	uint8_t		 type;		/* enum extname_type */
	uint8_t		 subtype;
	const char	*name;
};

/* The row of a type and subtype (type EXTNAME_ANY: the first); or NULL. */
const struct extname *extname_find(uint8_t type, uint8_t subtype);
/* The first row of this name, or NULL. */
const struct extname *extname_by_name(const char *);
/* No other type has a row of this name. */
bool	extname_is_one_type(const struct extname *);
/* Values of the type are one number, not a pair. */
bool	extname_is_opaque(uint8_t type);

#endif
