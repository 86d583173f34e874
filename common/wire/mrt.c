/* SPDX-License-Identifier: ISC */
/* MRT records. */
#include "common/wire/mrt.h"

#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/err.h"

#define USEC_PER_SEC	1000000u
#define HEADER_LEN	12
#define RECORD_MAX	(16u << 20)	/* no sound record is longer */

size_t
mrt_begin(struct wr *out, uint64_t time_usec, uint16_t type,
    uint16_t subtype)
{
	size_t start = out->len;

	buf_put_u32(out, (uint32_t)(time_usec / USEC_PER_SEC));
	buf_put_u16(out, type);
	buf_put_u16(out, subtype);
	buf_put_u32(out, 0);
	if (type == MRT_BGP4MP_ET)
		buf_put_u32(out, (uint32_t)(time_usec % USEC_PER_SEC));
	return start;
}

void
mrt_end(struct wr *out, size_t start)
{
	size_t len = out->len - start - HEADER_LEN;

	if (out->err != 0)
		return;
	buf_set_u16(out, start + 8, (uint32_t)(len >> 16));
	buf_set_u16(out, start + 10, (uint32_t)(len & 0xffff));
}

void
mrt_put_peers(struct wr *out, uint32_t collector_id,
    const struct mrt_peer *peers, size_t n)
{
	size_t i;

	buf_put_u32(out, collector_id);
	buf_put_u16(out, 0);
	buf_put_u16(out, (uint32_t)n);
	for (i = 0; i < n; i++) {
		/* bit 0: IPv6, bit 1: AS number of 4 bytes */
		buf_put_u8(out, peers[i].addr.family == ADDR_IPV6 ? 3 : 2);
		buf_put_u32(out, peers[i].id);
		buf_put_bytes(out, peers[i].addr.bytes,
		    peers[i].addr.family == ADDR_IPV6 ? 16 : 4);
		buf_put_u32(out, peers[i].as);
	}
}

size_t
mrt_begin_paths(struct wr *out, uint32_t sequence, struct rd nlri)
{
	buf_put_u32(out, sequence);
	buf_put_bytes(out, nlri.pos, buf_left(&nlri));
	return buf_mark_u16(out);
}

void
mrt_end_paths(struct wr *out, size_t mark, uint16_t n)
{
	buf_set_u16(out, mark, n);
}

/* The attribute that holds the next hop. */
static void
put_nexthop(struct wr *out, struct rd nexthop)
{
	uint32_t len = (uint32_t)buf_left(&nexthop);

	if (len == 4) {
		buf_put_u24(out, ATTR_FLAG_TRANSITIVE << 16 |
		    ATTR_NEXT_HOP << 8 | 4);
	} else {
		buf_put_u24(out, ATTR_FLAG_OPTIONAL << 16 |
		    ATTR_MP_REACH << 8 | (len + 1));
		buf_put_u8(out, len);
	}
	buf_put_bytes(out, nexthop.pos, len);
}

void
mrt_put_path(struct wr *out, const struct mrt_path *p)
{
	int code = buf_left(&p->nexthop) == 4 ? ATTR_NEXT_HOP :
	    ATTR_MP_REACH;
	struct rd block = p->attrs, rest = block;
	bool is_put = buf_left(&p->nexthop) == 0;
	struct attr a;
	size_t mark;

	buf_put_u16(out, p->peer);
	buf_put_u32(out, p->time_sec);
	if (p->has_path_id)
		buf_put_u32(out, p->path_id);
	mark = buf_mark_u16(out);
	while (buf_left(&rest) > 0) {
		block = rest;
		if (attr_next(&rest, &a) != 0)
			break;
		if (!is_put && a.code > code) {
			put_nexthop(out, p->nexthop);
			is_put = true;
		}
		buf_put_bytes(out, block.pos,
		    buf_left(&block) - buf_left(&rest));
	}
	if (!is_put)
		put_nexthop(out, p->nexthop);
	buf_patch_u16(out, mark);
}

static void
put_as(struct wr *out, uint32_t as, bool has_as4)
{
	if (has_as4)
		buf_put_u32(out, as);
	else
		buf_put_u16(out, as > UINT16_MAX ? BGP_AS_TRANS : as);
}

void
mrt_put_session(struct wr *out, const struct mrt_peer *remote,
    const struct mrt_peer *local, bool has_as4)
{
	bool is_v6 = remote->addr.family == ADDR_IPV6;

	put_as(out, remote->as, has_as4);
	put_as(out, local->as, has_as4);
	buf_put_u16(out, 0);	/* interface */
	buf_put_u16(out, is_v6 ? AFI_IPV6 : AFI_IPV4);
	buf_put_bytes(out, remote->addr.bytes, is_v6 ? 16 : 4);
	buf_put_bytes(out, local->addr.bytes, is_v6 ? 16 : 4);
}

int
mrt_next(struct rd *r, struct mrt_record *out)
{
	struct rd peek = *r;
	uint32_t sec = buf_get_u32(&peek), usec = 0, len;

	out->type = buf_get_u16(&peek);
	out->subtype = buf_get_u16(&peek);
	len = buf_get_u32(&peek);
	if (peek.is_short)
		return ERR_AGAIN;
	if (len > RECORD_MAX)
		return ERR_PROTO;
	out->body = buf_get_sub(&peek, len);
	if (peek.is_short)
		return ERR_AGAIN;
	if (out->type == MRT_BGP4MP_ET)
		usec = buf_get_u32(&out->body);
	if (out->body.is_short)
		return ERR_PROTO;
	out->time_usec = (uint64_t)sec * USEC_PER_SEC + usec;
	*r = peek;
	return 0;
}
