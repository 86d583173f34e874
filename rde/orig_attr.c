/* SPDX-License-Identifier: ISC */
/* Defaults of originated attributes, inserted in the order of their codes. */
#include "rde/orig_attr.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/engine.h"

#define DEFAULT_LOCAL_PREF	100

/* Lengths of next hops; those of VPNs have a route distinguisher before. */
enum nexthop_len {
	NEXTHOP_IPV4 = 4,
	NEXTHOP_VPN_IPV4 = 12,
	NEXTHOP_IPV6 = 16,
	NEXTHOP_VPN_IPV6 = 24,
};

/* A default: written by put when the block has no attribute of this code. */
struct default_row {
	uint8_t	code;
	void	(*put)(struct wr *, const struct rpeer *);
};

static void
default_origin(struct wr *w, const struct rpeer *p)
{
	const uint8_t igp = ORIGIN_IGP;

	(void)p;
	attr_put_known(w, ATTR_ORIGIN, &igp, 1);
}

static void
default_as_path(struct wr *w, const struct rpeer *p)
{
	size_t mark = attr_begin(w, ATTR_FLAG_TRANSITIVE, ATTR_AS_PATH);

	if (p->is_ebgp)
		aspath_prepend(buf_reader(NULL, 0), AS_SEQUENCE, p->local_as,
		    1, w);
	attr_end(w, mark);
}

static void
default_local_pref(struct wr *w, const struct rpeer *p)
{
	size_t mark;

	if (p->is_ebgp)
		return;
	mark = attr_begin(w, ATTR_FLAG_TRANSITIVE, ATTR_LOCAL_PREF);
	buf_put_u32(w, DEFAULT_LOCAL_PREF);
	attr_end(w, mark);
}

static const struct default_row default_rows[] = {
	{ ATTR_ORIGIN,		default_origin },
	{ ATTR_AS_PATH,		default_as_path },
	{ ATTR_LOCAL_PREF,	default_local_pref },
};

#define N_ROWS	(sizeof(default_rows) / sizeof(default_rows[0]))

static bool
attr_is_sent(const struct rpeer *p, uint8_t code)
{
	if (code == ATTR_LOCAL_PREF)
		return !p->is_ebgp;
	if (code == ATTR_AIGP)
		return !p->is_ebgp || p->conf->aigp;
	return true;
}

static bool
family_takes_either(const struct nlri_family *f)
{
	return (f->afi == AFI_IPV4 || f->afi == AFI_IPV6) &&
	    (f->safi == SAFI_UNICAST || f->safi == SAFI_MULTICAST ||
	    f->safi == SAFI_NLRI_MPLS || f->safi == SAFI_MPLS_VPN);
}

/* RFC 8950: a next hop of the other family only where that was agreed. */
static bool
nexthop_is_understood(const struct rpeer *p, const struct nlri_family *f,
    const struct update_nexthop *nh)
{
	bool is_ipv4 = nh->len == NEXTHOP_IPV4 ||
	    nh->len == NEXTHOP_VPN_IPV4;

	if (nh->len == 0 || !family_takes_either(f) ||
	    is_ipv4 == (f->afi == AFI_IPV4))
		return true;
	return (p->session.negotiated.extended_nexthop_mask >> f->id & 1) != 0;
}

/*
 * RFC 2545 3, where the peer took the capability for it: the global address
 * and behind it the link-local one that is configured.
 */
static void
add_link_local(const struct rpeer *p, const struct nlri_family *f,
    struct update_nexthop *nh)
{
	const struct addr *ll = &p->conf->local_link_local;
	struct rd global = buf_reader(nh->bytes, nh->len);
	struct addr a;
	struct wr w;

	if (!p->session.negotiated.has_link_local_nexthop ||
	    ll->family != ADDR_IPV6 || f->afi != AFI_IPV6 ||
	    !family_takes_either(f) ||
	    (nh->len != NEXTHOP_IPV6 && nh->len != NEXTHOP_VPN_IPV6))
		return;
	buf_get_bytes(&global, nh->len - addr_len(ADDR_IPV6));
	if (addr_from_bytes(global.pos, buf_left(&global), &a) != 0 ||
	    addr_is_link_local(&a))
		return;
	buf_writer(&w, nh->bytes + nh->len, sizeof(nh->bytes) - nh->len);
	if (nh->len == NEXTHOP_VPN_IPV6)
		buf_put_zero(&w, NEXTHOP_VPN_IPV6 - NEXTHOP_IPV6);
	buf_put_bytes(&w, ll->bytes, addr_len(ADDR_IPV6));
	nh->len = (uint8_t)(nh->len + w.len);
}

bool
orig_attr_build(struct rde *rde, const struct rpeer *p,
    const struct attrset *a, const struct nlri_family *family,
    struct orig_attr_out *out)
{
	struct wr *w = &rde->block;
	struct rd block = attrset_block(a);
	struct attr attr;
	size_t next = 0;

	buf_reset(w);
	while (buf_left(&block) > 0 && attr_next(&block, &attr) == 0) {
		for (; next < N_ROWS && default_rows[next].code < attr.code;
		    next++)
			default_rows[next].put(w, p);
		if (next < N_ROWS && default_rows[next].code == attr.code)
			next++;
		if (attr_is_sent(p, attr.code))
			attr_put(w, attr.flags, attr.code, attr.value.pos,
			    buf_left(&attr.value));
	}
	for (; next < N_ROWS; next++)
		default_rows[next].put(w, p);
	if (w->err != 0)
		return false;
	out->block = buf_written(w);
	if ((a->flags & ATTRSET_NEXTHOP_SELF) == 0)
		attrset_nexthop(a, &out->nexthop);
	else if (!rpeer_nexthop_self(rde, p, family, &out->nexthop))
		return false;
	if (!nexthop_is_understood(p, family, &out->nexthop))
		return false;
	add_link_local(p, family, &out->nexthop);
	return true;
}

struct rd
orig_attr_with_nexthop(struct rde *rde, struct rd block,
    const struct update_nexthop *nh)
{
	struct wr *w = &rde->reply;
	struct rd in = block;
	struct attr attr;
	bool is_put = false;

	if (nh->len != 4 && nh->len != 12)
		return block;
	buf_reset(w);
	while (buf_left(&in) > 0 && attr_next(&in, &attr) == 0) {
		if (!is_put && attr.code > ATTR_NEXT_HOP) {
			attr_put_known(w, ATTR_NEXT_HOP,
			    nh->bytes + nh->len - 4, 4);
			is_put = true;
		}
		attr_put(w, attr.flags, attr.code, attr.value.pos,
		    buf_left(&attr.value));
	}
	if (!is_put)
		attr_put_known(w, ATTR_NEXT_HOP, nh->bytes + nh->len - 4, 4);
	return buf_written(w);
}
