/* SPDX-License-Identifier: ISC */
/* What the files of the UPDATE codec share. Only they include this. */
#ifndef COMMON_WIRE_UPDATE_INTERNAL_H
#define COMMON_WIRE_UPDATE_INTERNAL_H

#include "common/wire/update.h"

#define ATTR_N_CODES	256

/* A set of attribute codes. */
struct update_codes {
	uint64_t	words[ATTR_N_CODES / 64];
};

/* An UPDATE while it is read: its attributes by code. */
struct update_scan {
	const struct update_context *ctx;
	struct update	*out;
	struct update_codes seen;
	struct update_codes kept;	/* attrs[code] is set */
	struct attr	attrs[ATTR_N_CODES];
};

static inline bool
update_codes_has(const struct update_codes *c, uint8_t code)
{
	return (c->words[code / 64] >> (code % 64) & 1) != 0;
}

static inline void
update_codes_add(struct update_codes *c, uint8_t code)
{
	c->words[code / 64] |= UINT64_C(1) << (code % 64);
}

static inline void
update_codes_del(struct update_codes *c, uint8_t code)
{
	c->words[code / 64] &= ~(UINT64_C(1) << (code % 64));
}

/* update_canon.c: write the canonical block of what was kept. */
void	update_canon_write(struct update_scan *, struct wr *scratch);

#endif
