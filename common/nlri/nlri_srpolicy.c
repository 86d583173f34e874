/* SPDX-License-Identifier: ISC */
/*
 * Segment routing policies: bits 1 (96 or 192), distinguisher 4, color 4,
 * endpoint 4 or 16. RFC 9830 2.1.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"

struct sr_policy {
	uint32_t	distinguisher, color;
	struct addr	endpoint;
};

static int
parse(const struct nlri *n, struct sr_policy *out)
{
	struct rd r = buf_reader(n->bytes, n->len);
	size_t len = n->family->afi == AFI_IPV6 ? 16 : 4;

	if (buf_get_u8(&r) != (8 + len) * 8)
		return ERR_RANGE;
	out->distinguisher = buf_get_u32(&r);
	out->color = buf_get_u32(&r);
	return addr_from_bytes(buf_get_bytes(&r, len), len, &out->endpoint);
}

void
nlri_srpolicy_emit(const struct nlri *n, enum nlri_json shape,
    struct emit *e)
{
	char text[ADDR_TEXT_MAX];
	struct sr_policy p;

	if (parse(n, &p) != 0) {
		nlri_opaque_emit(n, shape, e);
		return;
	}
	emit_key_number(e, "distinguisher", p.distinguisher);
	emit_key_number(e, "color", p.color);
	emit_key_string(e, "endpoint",
	    addr_print(&p.endpoint, text, sizeof(text)));
	nlri_inet_emit_path(n, e);
}

void
nlri_srpolicy_text(const struct nlri *n, struct wr *out)
{
	char text[ADDR_TEXT_MAX];
	struct sr_policy p;

	if (parse(n, &p) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	buf_put_format(out, "sr-policy distinguisher %u color %u endpoint %s",
	    p.distinguisher, p.color,
	    addr_print(&p.endpoint, text, sizeof(text)));
	nlri_inet_text_path(n, out);
}
