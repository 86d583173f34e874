/* SPDX-License-Identifier: ISC */
/*
 * VPLS: length 2, route distinguisher 8, endpoint 2, block offset 2, block
 * size 2, label base 3. RFC 4761 3.2.2. Other lengths (RFC 6074) are shown
 * as bytes.
 */
#include "common/nlri/families.h"

#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

#define VPLS_LEN	19

struct vpls {
	char		rdist[RDIST_TEXT_MAX];
	unsigned	endpoint, offset, size, base;
};

static int
parse(const struct nlri *n, struct vpls *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	if (n->len != VPLS_LEN)
		return ERR_RANGE;
	buf_get_u16(&r);
	rdist_print(&r, out->rdist, sizeof(out->rdist));
	out->endpoint = buf_get_u16(&r);
	out->offset = buf_get_u16(&r);
	out->size = buf_get_u16(&r);
	out->base = buf_get_u24(&r) >> 4;
	return 0;
}

void
nlri_vpls_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	struct vpls v;

	if (parse(n, &v) != 0) {
		nlri_opaque_emit(n, shape, e);
		return;
	}
	emit_key_string(e, "rd", v.rdist);
	emit_key_number(e, "endpoint", v.endpoint);
	emit_key_number(e, "base", v.base);
	emit_key_number(e, "offset", v.offset);
	emit_key_number(e, "size", v.size);
	nlri_inet_emit_path(n, e);
}

void
nlri_vpls_text(const struct nlri *n, struct wr *out)
{
	struct vpls v;

	if (parse(n, &v) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	buf_put_format(out, "vpls rd %s endpoint %u base %u offset %u size %u",
	    v.rdist, v.endpoint, v.base, v.offset, v.size);
	nlri_inet_text_path(n, out);
}

/*
 * The label base and block size may change, and are 0: a withdrawal is made
 * of the key alone.
 */
void
nlri_vpls_key(const struct nlri *n, struct wr *key)
{
	struct rd r = buf_reader(n->bytes, n->len);

	if (n->len != VPLS_LEN) {
		buf_put_bytes(key, n->bytes, n->len);
		return;
	}
	buf_put_bytes(key, buf_get_bytes(&r, 2 + RDIST_LEN + 4),
	    2 + RDIST_LEN + 4);
	buf_put_zero(key, 2 + 3);
}
