/* SPDX-License-Identifier: ISC */
/* Routes as records between broker, RDE and configuration. */
#include "common/route.h"

#include "common/attr/attr.h"
#include "common/err.h"
#include "common/nlri/nlri.h"

#include <string.h>

void
route_put(struct wr *w, const struct route *r)
{
	size_t start = w->len, body;

	buf_put_u32(w, 0);
	body = w->len;
	buf_put_u16(w, r->flags);
	buf_put_u16(w, r->family->afi);
	buf_put_u8(w, r->family->safi);
	buf_put_u32(w, r->path_id);
	buf_put_u8(w, r->nexthop.len);
	buf_put_bytes(w, r->nexthop.bytes, r->nexthop.len);
	buf_put_u16(w, (uint32_t)buf_left(&r->nlri));
	buf_put_bytes(w, r->nlri.pos, buf_left(&r->nlri));
	buf_put_u16(w, (uint32_t)buf_left(&r->attrs));
	buf_put_bytes(w, r->attrs.pos, buf_left(&r->attrs));
	buf_set_u16(w, start, (uint32_t)((w->len - body) >> 16));
	buf_set_u16(w, start + 2, (uint32_t)((w->len - body) & 0xffff));
}

/* The NLRI must be exactly one of its family. */
static int
route_check_nlri(const struct route *r)
{
	struct rd run = r->nlri;
	struct nlri n;
	int e;

	if (r->flags & ROUTE_NO_NLRI)
		return buf_left(&run) == 0 ? 0 : ERR_TRAILING;
	e = nlri_next(r->family, false, &run, &n);
	if (e != 0)
		return e;
	return buf_left(&run) == 0 ? 0 : ERR_TRAILING;
}

static int
route_check_attrs(struct rd attrs)
{
	struct attr a;

	while (buf_left(&attrs) > 0)
		if (attr_next(&attrs, &a) != 0)
			return ERR_SHORT;
	return 0;
}

int
route_get(struct rd *records, struct route *out)
{
	struct rd r = buf_get_sub(records, buf_get_u32(records));
	struct route route = { .flags = buf_get_u16(&r) };
	uint16_t afi = buf_get_u16(&r);
	int e;

	memset(out, 0, sizeof(*out));
	route.family = nlri_find(afi, buf_get_u8(&r));
	route.path_id = buf_get_u32(&r);
	route.nexthop.len = buf_get_u8(&r);
	if (route.nexthop.len > sizeof(route.nexthop.bytes))
		return ERR_RANGE;
	buf_get_copy(&r, route.nexthop.bytes, route.nexthop.len);
	route.nlri = buf_get_sub(&r, buf_get_u16(&r));
	route.attrs = buf_get_sub(&r, buf_get_u16(&r));
	if (r.is_short)
		return ERR_SHORT;
	if (route.family == NULL)
		return ERR_UNKNOWN;
	if ((e = route_check_nlri(&route)) != 0 ||
	    (e = route_check_attrs(route.attrs)) != 0)
		return e;
	*out = route;
	return 0;
}

void
route_nlri(const struct route *r, struct nlri *out)
{
	*out = (struct nlri){
		.family = r->family,
		.bytes = r->nlri.pos,
		.len = buf_left(&r->nlri),
		.path_id = r->path_id,
		.has_path_id = (r->flags & ROUTE_HAS_PATH_ID) != 0,
	};
}
