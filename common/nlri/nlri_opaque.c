/* SPDX-License-Identifier: ISC */
/*
 * Families by their framing alone: how to cut one NLRI off a run so that its
 * bytes survive whatever is inside, and how to show bytes that nobody knows.
 */
#include "common/nlri/families.h"

#include "common/emit.h"
#include "common/err.h"

int
nlri_opaque_span(struct rd start, const struct rd *run, struct nlri *out)
{
	size_t len;

	if (run->is_short)
		return ERR_SHORT;
	len = buf_left(&start) - buf_left(run);
	out->bytes = buf_get_bytes(&start, len);
	out->len = len;
	return 0;
}

/* length in bits 1, value: sr-policy, rtc. RFC 9830 2.1, RFC 4684 4. */
int
nlri_opaque_cut_bits(struct rd *run, struct nlri *out)
{
	struct rd start = *run;
	unsigned len_bits = buf_get_u8(run);

	buf_get_bytes(run, (len_bits + 7) / 8);
	return nlri_opaque_span(start, run, out);
}

/* type 1, length 1, value: evpn, mcast-vpn. RFC 7432 7, RFC 6514 4. */
int
nlri_opaque_cut_type_len(struct rd *run, struct nlri *out)
{
	struct rd start = *run;

	buf_get_u8(run);
	buf_get_bytes(run, buf_get_u8(run));
	return nlri_opaque_span(start, run, out);
}

/* length 2, value: vpls. RFC 4761 3.2.2. */
int
nlri_opaque_cut_len16(struct rd *run, struct nlri *out)
{
	struct rd start = *run;

	buf_get_bytes(run, buf_get_u16(run));
	return nlri_opaque_span(start, run, out);
}

/* type 2, length 2, value: bgp-ls. RFC 9552 5.2. */
int
nlri_opaque_cut_type16_len16(struct rd *run, struct nlri *out)
{
	struct rd start = *run;

	buf_get_u16(run);
	buf_get_bytes(run, buf_get_u16(run));
	return nlri_opaque_span(start, run, out);
}

/* architecture 1, type 2, length 1, value: mup. */
int
nlri_opaque_cut_mup(struct rd *run, struct nlri *out)
{
	struct rd start = *run;

	buf_get_u24(run);
	buf_get_bytes(run, buf_get_u8(run));
	return nlri_opaque_span(start, run, out);
}

/* length 1, or 2 as 0xfnnn, then components: flow. RFC 8955 4.1. */
int
nlri_opaque_cut_flow(struct rd *run, struct nlri *out)
{
	struct rd start = *run;
	unsigned len = buf_get_u8(run);

	if (len >= 0xf0)
		len = (len & 0x0f) << 8 | buf_get_u8(run);
	if (len == 0)
		return ERR_RANGE;
	buf_get_bytes(run, len);
	return nlri_opaque_span(start, run, out);
}

void
nlri_opaque_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	(void)shape;
	emit_key_boolean(e, "parsed", false);
	emit_key(e, "raw");
	emit_hex(e, NULL, n->bytes, n->len);
	nlri_inet_emit_path(n, e);
}

void
nlri_opaque_text(const struct nlri *n, struct wr *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	buf_put_text(out, "0x");
	while (buf_left(&r) > 0)
		buf_put_format(out, "%02X", buf_get_u8(&r));
	nlri_inet_text_path(n, out);
}
