/* SPDX-License-Identifier: ISC */
/* OPERATIONAL messages: advisories, and prefix counts asked and answered. */
#include "common/wire/operational.h"

#include "common/err.h"

struct kind {
	const char	*name;
	bool		 is_advisory;
	bool		 has_counter;
};

static const struct kind kinds[] = {
	[1] = { "ADM", true, false },
	[2] = { "ASM", true, false },
	[3] = { "RPCQ", false, false },
	[4] = { "RPCP", false, true },
	[5] = { "APCQ", false, false },
	[6] = { "APCP", false, true },
	[7] = { "LPCQ", false, false },
	[8] = { "LPCP", false, true },
};

int
operational_decode(struct rd body, struct operational *out)
{
	struct rd r;

	*out = (struct operational){ .type = buf_get_u16(&body) };
	r = buf_get_sub(&body, buf_get_u16(&body));
	if (body.is_short)
		return ERR_SHORT;
	out->value = r;
	if (out->type >= sizeof(kinds) / sizeof(kinds[0]) ||
	    kinds[out->type].name == NULL)
		return 0;
	out->is_advisory = kinds[out->type].is_advisory;
	out->has_counter = kinds[out->type].has_counter;
	out->afi = buf_get_u16(&r);
	out->safi = buf_get_u8(&r);
	if (!out->is_advisory) {
		out->router_id = buf_get_u32(&r);
		out->sequence = buf_get_u32(&r);
		if (out->has_counter)
			out->counter = buf_get_u32(&r);
	}
	if (r.is_short)
		return ERR_SHORT;
	out->value = r;
	out->name = kinds[out->type].name;
	return 0;
}
