/* SPDX-License-Identifier: ISC */
/*
 * IPv4 and IPv6, unicast and multicast: length in bits 1, prefix in as many
 * bytes as that needs. RFC 4271 4.3, RFC 4760 5.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"

static unsigned
max_bits(uint16_t afi)
{
	return afi == AFI_IPV6 ? 128 : 32;
}

int
nlri_inet_cut(struct rd *run, struct nlri *out)
{
	struct rd start = *run;
	unsigned len_bits;

	len_bits = buf_get_u8(run);
	if (len_bits > max_bits(out->family->afi))
		return ERR_RANGE;
	buf_get_bytes(run, (len_bits + 7) / 8);
	return nlri_opaque_span(start, run, out);
}

int
nlri_inet_get_prefix(struct rd *r, uint16_t afi, unsigned len_bits,
    struct prefix *out)
{
	struct prefix p = { .len_bits = (uint8_t)len_bits };

	if (len_bits > max_bits(afi))
		return ERR_RANGE;
	p.addr.family = afi == AFI_IPV6 ? ADDR_IPV6 : ADDR_IPV4;
	buf_get_copy(r, p.addr.bytes, (len_bits + 7) / 8);
	if (r->is_short)
		return ERR_SHORT;
	*out = p;
	return 0;
}

int
nlri_to_prefix(const struct nlri *n, struct prefix *out)
{
	struct rd r = buf_reader(n->bytes, n->len);
	unsigned len_bits;

	if (!n->family->is_prefix)
		return ERR_RANGE;
	len_bits = buf_get_u8(&r);
	if (r.is_short ||
	    nlri_inet_get_prefix(&r, n->family->afi, len_bits, out) != 0)
		return ERR_RANGE;
	return 0;
}

void
nlri_put_prefix(const struct prefix *p, struct wr *out)
{
	buf_put_u8(out, p->len_bits);
	buf_put_bytes(out, p->addr.bytes, (p->len_bits + 7u) / 8);
}

void
nlri_inet_key(const struct nlri *n, struct wr *key)
{
	struct prefix p;

	if (nlri_to_prefix(n, &p) != 0)
		return;
	prefix_mask(&p);
	nlri_put_prefix(&p, key);
}

void
nlri_inet_emit_path(const struct nlri *n, struct emit *e)
{
	if (!n->has_path_id)
		return;
	emit_key(e, "path-information");
	emit_format(e, "%u.%u.%u.%u", n->path_id >> 24,
	    n->path_id >> 16 & 0xff, n->path_id >> 8 & 0xff,
	    n->path_id & 0xff);
}

void
nlri_inet_text_path(const struct nlri *n, struct wr *out)
{
	if (!n->has_path_id)
		return;
	buf_put_format(out, " path-information %u.%u.%u.%u", n->path_id >> 24,
	    n->path_id >> 16 & 0xff, n->path_id >> 8 & 0xff,
	    n->path_id & 0xff);
}

void
nlri_inet_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;

	(void)shape;
	if (nlri_to_prefix(n, &p) != 0)
		return;
	prefix_mask(&p);
	emit_key_string(e, "nlri", prefix_print(&p, text, sizeof(text)));
	nlri_inet_emit_path(n, e);
}

void
nlri_inet_text(const struct nlri *n, struct wr *out)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;

	if (nlri_to_prefix(n, &p) != 0)
		return;
	prefix_mask(&p);
	buf_put_text(out, prefix_print(&p, text, sizeof(text)));
	nlri_inet_text_path(n, out);
}
