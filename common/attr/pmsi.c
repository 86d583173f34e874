/* SPDX-License-Identifier: ISC */
/*
 * P-Multicast Service Interface tunnel: flags 1, type 1, label 3, identifier
 * by type. RFC 6514 5.
 */
#include "common/attr/rows.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"

struct pmsi_type {
	const char	*name;
	uint8_t		 len_ipv4, len_ipv6;	/* of identifier; 0: any */
};

static const struct pmsi_type types[] = {
	[0] = { "notunnel", 0, 0 },
	[1] = { "rsvp-tep2mplsp", 12, 24 },
	[2] = { "mldpp2mplsp", 0, 0 },
	[3] = { "pim-ssmtree", 8, 32 },
	[4] = { "pim-smtree", 8, 32 },
	[5] = { "bidir-pimtree", 8, 32 },
	[6] = { "ingressreplication", 4, 16 },
	[7] = { "mldpmp2mplsp", 0, 0 },
};

#define N_TYPES	(sizeof(types) / sizeof(types[0]))

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
	if (type >= N_TYPES || types[type].len_ipv4 == 0)
		return 0;
	return len == types[type].len_ipv4 || len == types[type].len_ipv6 ?
	    0 : ERR_RANGE;
}

/* "pmsi:ingressreplication:0:5:10.0.0.1" */
void
pmsi_text(struct rd value, struct wr *out)
{
	unsigned flags = buf_get_u8(&value), type = buf_get_u8(&value);
	uint32_t label = buf_get_u24(&value) >> 4;
	char text[ADDR_TEXT_MAX];
	struct addr a;
	size_t len = buf_left(&value);

	if (type < N_TYPES)
		buf_put_format(out, "pmsi:%s:%u:", types[type].name, flags);
	else
		buf_put_format(out, "pmsi:unknown-%u:%u:", type, flags);
	if (label == 0)
		buf_put_text(out, "-:");
	else
		buf_put_format(out, "%u:", label);
	if ((len == 4 || len == 16) &&
	    addr_from_bytes(value.pos, len, &a) == 0) {
		buf_put_text(out, addr_print(&a, text, sizeof(text)));
		return;
	}
	while (buf_left(&value) > 0)
		buf_put_format(out, "%02X", buf_get_u8(&value));
}

void
pmsi_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	struct wr text;

	(void)shape;
	buf_writer_growing(&text, 1 << 18);
	pmsi_text(value, &text);
	emit_string_len(e, (const char *)text.base, text.len);
	buf_free(&text);
}
