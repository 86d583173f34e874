/* SPDX-License-Identifier: ISC */
/* Records about the kernel's routes, between parent and RDE. */
#include "common/kroute_msg.h"

#include "common/err.h"
#include "common/imsg.h"

#include <string.h>

static void
put_prefix(struct wr *w, const struct prefix *p)
{
	imsg_put_addr(w, &p->addr);
	buf_put_u8(w, p->len_bits);
}

static int
get_prefix(struct rd *r, struct prefix *out)
{
	int e = imsg_get_addr(r, &out->addr);

	if (e != 0)
		return e;
	out->len_bits = buf_get_u8(r);
	if (r->is_short)
		return ERR_SHORT;
	return out->len_bits > addr_bits(out->addr.family) ? ERR_RANGE : 0;
}

void
kroute_put_change(struct wr *w, const struct kroute_change *c)
{
	buf_put_u8(w, c->kind);
	put_prefix(w, &c->prefix);
	imsg_put_addr(w, &c->gateway);
	buf_put_u32(w, c->ifindex);
}

int
kroute_get_change(struct rd *r, struct kroute_change *out)
{
	struct kroute_change c = { .kind = buf_get_u8(r) };
	int e;

	memset(out, 0, sizeof(*out));
	if (c.kind > KROUTE_REJECT)
		return ERR_RANGE;
	if ((e = get_prefix(r, &c.prefix)) != 0 ||
	    (e = imsg_get_addr(r, &c.gateway)) != 0)
		return e;
	c.ifindex = buf_get_u32(r);
	if (r->is_short)
		return ERR_SHORT;
	if (c.prefix.addr.family == ADDR_NONE ||
	    (c.kind == KROUTE_GATEWAY &&
	    c.gateway.family != c.prefix.addr.family))
		return ERR_RANGE;
	prefix_mask(&c.prefix);
	*out = c;
	return 0;
}

void
kroute_put_nexthop(struct wr *w, const struct kroute_nexthop *n)
{
	size_t len = strnlen(n->ifname, sizeof(n->ifname) - 1);

	imsg_put_addr(w, &n->addr);
	buf_put_u8(w, (n->is_valid ? 1u : 0u) | (n->is_connected ? 2u : 0u) |
	    (n->is_up ? 4u : 0u));
	imsg_put_addr(w, &n->gateway);
	buf_put_u32(w, n->ifindex);
	buf_put_u32(w, n->metric);
	put_prefix(w, &n->prefix);
	buf_put_u8(w, (uint32_t)len);
	buf_put_bytes(w, n->ifname, len);
}

int
kroute_get_nexthop(struct rd *r, struct kroute_nexthop *out)
{
	struct kroute_nexthop n = { 0 };
	uint8_t flags, len;
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = imsg_get_addr(r, &n.addr)) != 0)
		return e;
	flags = buf_get_u8(r);
	n.is_valid = flags & 1;
	n.is_connected = flags & 2;
	n.is_up = flags & 4;
	if ((e = imsg_get_addr(r, &n.gateway)) != 0)
		return e;
	n.ifindex = buf_get_u32(r);
	n.metric = buf_get_u32(r);
	if ((e = get_prefix(r, &n.prefix)) != 0)
		return e;
	len = buf_get_u8(r);
	if (len >= sizeof(n.ifname))
		return ERR_RANGE;
	buf_get_copy(r, n.ifname, len);
	if (r->is_short)
		return ERR_SHORT;
	*out = n;
	return 0;
}

void
kroute_put_prefix(struct wr *w, const struct kroute_prefix *p)
{
	buf_put_u8(w, p->is_present);
	buf_put_u32(w, p->number);
	put_prefix(w, &p->prefix);
}

int
kroute_get_prefix(struct rd *r, struct kroute_prefix *out)
{
	struct kroute_prefix p = { .is_present = buf_get_u8(r) != 0 };
	int e;

	memset(out, 0, sizeof(*out));
	p.number = buf_get_u32(r);
	if ((e = get_prefix(r, &p.prefix)) != 0)
		return e;
	*out = p;
	return 0;
}
