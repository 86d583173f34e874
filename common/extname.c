/* SPDX-License-Identifier: ISC */
/* Names of extended communities. */
#include "common/extname.h"

#include <stddef.h>
#include <string.h>

#define GENERIC(type)	(EXTNAME_GENERIC | (type))

static const struct extname extname_rows[] = {
	{ EXTNAME_TWO_AS, 0x02, "rt" },
	{ EXTNAME_TWO_AS, 0x03, "soo" },
	{ EXTNAME_TWO_AS, 0x05, "odi" },
	{ EXTNAME_TWO_AS, 0x08, "bdc" },
	{ EXTNAME_TWO_AS, 0x09, "srcas" },
	{ EXTNAME_TWO_AS, 0x0a, "l2vid" },
	{ EXTNAME_FOUR_AS, 0x02, "rt" },
	{ EXTNAME_FOUR_AS, 0x03, "soo" },
	{ EXTNAME_FOUR_AS, 0x05, "odi" },
	{ EXTNAME_FOUR_AS, 0x08, "bdc" },
	{ EXTNAME_FOUR_AS, 0x09, "srcas" },
	{ EXTNAME_IPV4, 0x02, "rt" },
	{ EXTNAME_IPV4, 0x03, "soo" },
	{ EXTNAME_IPV4, 0x05, "odi" },
	{ EXTNAME_IPV4, 0x07, "ori" },
	{ EXTNAME_IPV4, 0x0a, "l2vid" },
	{ EXTNAME_IPV4, 0x0b, "vrfri" },
	{ EXTNAME_OPAQUE, 0x06, "ort" },
	{ EXTNAME_OPAQUE, 0x0c, "encap" },
	{ EXTNAME_OPAQUE, 0x0d, "defgw" },
	{ EXTNAME_OVS, 0x00, "ovs" },
	{ EXTNAME_EVPN, 0x00, "mac-mob" },
	{ EXTNAME_EVPN, 0x01, "esi-lab" },
	{ EXTNAME_EVPN, 0x02, "esi-rt" },
	{ GENERIC(EXTNAME_TWO_AS), 0x06, "flow-rate" },
	{ GENERIC(EXTNAME_TWO_AS), 0x0c, "flow-pps" },
	{ GENERIC(EXTNAME_TWO_AS), 0x07, "flow-action" },
	{ GENERIC(EXTNAME_TWO_AS), 0x08, "flow-rt-redir" },
	{ GENERIC(EXTNAME_IPV4), 0x08, "flow-rt-redir" },
	{ GENERIC(EXTNAME_FOUR_AS), 0x08, "flow-rt-redir" },
	{ GENERIC(EXTNAME_TWO_AS), 0x09, "flow-dscp" },
};

#define N_ROWS	(sizeof(extname_rows) / sizeof(extname_rows[0]))

const struct extname *
extname_find(uint8_t type, uint8_t subtype)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++)
		if ((type == EXTNAME_ANY || extname_rows[i].type == type) &&
		    extname_rows[i].subtype == subtype)
			return &extname_rows[i];
	return NULL;
}

const struct extname *
extname_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++)
		if (strcmp(extname_rows[i].name, name) == 0)
			return &extname_rows[i];
	return NULL;
}

bool
extname_is_one_type(const struct extname *row)
{
	size_t i, n = 0;

	for (i = 0; i < N_ROWS; i++)
		n += strcmp(extname_rows[i].name, row->name) == 0;
	return n == 1;
}

bool
extname_is_opaque(uint8_t type)
{
	return type == EXTNAME_OPAQUE || type == EXTNAME_EVPN ||
	    type == EXTNAME_OVS;
}
