/* SPDX-License-Identifier: ISC */
/*
 * P-Multicast Service Interface tunnel: flags 1, type 1, label 3, identifier
 * by type. RFC 6514 5.
 */
#include "common/attr/rows.h"

#include "common/err.h"

/* Identifier lengths that a type allows, over IPv4 and IPv6; 0: any. */
static const uint8_t identifier_len[][2] = {
	[0] = { 0, 0 },		/* no tunnel */
	[1] = { 12, 24 },	/* RSVP-TE P2MP */
	[2] = { 0, 0 },		/* mLDP P2MP */
	[3] = { 8, 32 },	/* PIM-SSM */
	[4] = { 8, 32 },	/* PIM-SM */
	[5] = { 8, 32 },	/* BIDIR-PIM */
	[6] = { 4, 16 },	/* ingress replication */
	[7] = { 0, 0 },		/* mLDP MP2MP */
};

int
pmsi_check(struct rd value, const struct attr_context *ctx)
{
	size_t len;
	unsigned type;

	(void)ctx;
	buf_get_u8(&value);
	type = buf_get_u8(&value);
	buf_get_u24(&value);
	if (value.is_short)
		return ERR_SHORT;
	len = buf_left(&value);
	if (type >= sizeof(identifier_len) / sizeof(identifier_len[0]) ||
	    identifier_len[type][0] == 0)
		return 0;
	return len == identifier_len[type][0] ||
	    len == identifier_len[type][1] ? 0 : ERR_RANGE;
}
