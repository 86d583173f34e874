/* SPDX-License-Identifier: ISC */
/*
 * What is in MRT records. Paths are walked once before any is given, so that
 * a record is told whole or not at all.
 */
#include "common/wire/mrt_read.h"

#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/err.h"
#include "common/wire/message.h"

#define BLOCK_MAX	(1u << 18)

static enum mrt_kind
message_kind(uint16_t subtype)
{
	switch (subtype) {
	case MRT_STATE_CHANGE:
	case MRT_STATE_CHANGE_AS4:
		return MRT_KIND_STATE;
	case MRT_MESSAGE:
	case MRT_MESSAGE_AS4:
	case MRT_MESSAGE_LOCAL:
	case MRT_MESSAGE_AS4_LOCAL:
	case MRT_MESSAGE_ADDPATH:
	case MRT_MESSAGE_AS4_ADDPATH:
	case MRT_MESSAGE_LOCAL_ADDPATH:
	case MRT_MESSAGE_AS4_LOCAL_ADDPATH:
		return MRT_KIND_MESSAGE;
	default:
		return MRT_KIND_OTHER;
	}
}

enum mrt_kind
mrt_kind(const struct mrt_record *r)
{
	switch (r->type) {
	case MRT_TABLE_DUMP:
		return r->subtype == AFI_IPV4 || r->subtype == AFI_IPV6 ?
		    MRT_KIND_RIB : MRT_KIND_OTHER;
	case MRT_TABLE_DUMP_V2:
		if (r->subtype == MRT_PEER_INDEX_TABLE)
			return MRT_KIND_INDEX;
		return r->subtype >= MRT_RIB_IPV4_UNICAST && r->subtype <=
		    MRT_RIB_GENERIC + MRT_RIB_ADDPATH && r->subtype !=
		    MRT_PEER_INDEX_TABLE + MRT_RIB_ADDPATH ?
		    MRT_KIND_RIB : MRT_KIND_OTHER;
	case MRT_BGP4MP:
	case MRT_BGP4MP_ET:
		return message_kind(r->subtype);
	default:
		return MRT_KIND_OTHER;
	}
}

static void
get_addr(struct rd *r, bool is_v6, struct addr *out)
{
	size_t len = is_v6 ? 16 : 4;
	const uint8_t *bytes = buf_get_bytes(r, len);

	*out = addr_from_ipv4(0);
	if (bytes != NULL)
		(void)addr_from_bytes(bytes, len, out);
}

static int
end_of(const struct rd *r)
{
	return r->is_short ? ERR_SHORT : buf_left(r) > 0 ? ERR_TRAILING : 0;
}

/* type 1 (bit 0: IPv6, bit 1: 4-octet AS) | id 4 | address | AS 2 or 4 */
void
mrt_next_peer(struct rd *peers, struct mrt_peer *out)
{
	uint8_t type = buf_get_u8(peers);

	out->id = buf_get_u32(peers);
	get_addr(peers, (type & 1) != 0, &out->addr);
	out->as = (type & 2) != 0 ? buf_get_u32(peers) : buf_get_u16(peers);
}

/* collector 4 | length 2 | view | peers 2 | peers */
int
mrt_read_index(struct rd body, struct mrt_index *out)
{
	struct mrt_peer peer;
	unsigned i;
	struct rd r;

	out->collector_id = addr_from_ipv4(buf_get_u32(&body));
	out->view = buf_get_sub(&body, buf_get_u16(&body));
	out->n_peers = buf_get_u16(&body);
	r = out->peers = body;
	for (i = 0; i < out->n_peers && !r.is_short; i++)
		mrt_next_peer(&r, &peer);
	return end_of(&r);
}

/*
 * view 2 | sequence 2 | prefix 4 or 16 | length 1 | status 1 | time 4 |
 * peer 4 or 16 | AS 2 | length 2 | attributes. From the time on it is a path
 * with its peer inside.
 */
static int
read_old_rib(const struct mrt_record *record, struct mrt_rib *out)
{
	bool is_v6 = record->subtype == AFI_IPV6;
	struct rd r = record->body, run;
	struct mrt_path path;
	const uint8_t *prefix;
	uint8_t len;
	int err;

	buf_get_u32(&r);
	prefix = buf_get_bytes(&r, is_v6 ? 16 : 4);
	len = buf_get_u8(&r);
	buf_get_u8(&r);
	if (r.is_short)
		return ERR_SHORT;
	if (len > (is_v6 ? 128 : 32))
		return ERR_RANGE;
	out->bytes[0] = len;
	memcpy(&out->bytes[1], prefix, (len + 7u) / 8);
	run = buf_reader(out->bytes, 1 + (len + 7u) / 8);
	err = nlri_next(nlri_by_id(is_v6 ? NLRI_IPV6_UNICAST :
	    NLRI_IPV4_UNICAST), false, &run, &out->nlri);
	if (err != 0)
		return err;
	out->has_peer = true;
	out->n_paths = 1;
	out->paths = r;
	mrt_next_path(out, &path);
	err = end_of(&out->paths);
	out->paths = r;
	return err;
}

/* The families that have subtypes of their own. */
static const struct nlri_family *
subtype_family(unsigned subtype)
{
	switch (subtype) {
	case MRT_RIB_IPV4_UNICAST:
		return nlri_by_id(NLRI_IPV4_UNICAST);
	case MRT_RIB_IPV4_MULTICAST:
		return nlri_by_id(NLRI_IPV4_MULTICAST);
	case MRT_RIB_IPV6_UNICAST:
		return nlri_by_id(NLRI_IPV6_UNICAST);
	case MRT_RIB_IPV6_MULTICAST:
		return nlri_by_id(NLRI_IPV6_MULTICAST);
	default:
		return NULL;
	}
}

/* sequence 4 | [AFI 2 | SAFI 1] | NLRI | paths 2 | paths */
static int
read_rib(const struct mrt_record *record, struct mrt_rib *out)
{
	unsigned subtype = record->subtype, i;
	const struct nlri_family *family;
	struct rd r = record->body;
	struct mrt_path path;
	uint16_t afi;
	int err;

	/* Beyond RIB_GENERIC (6) are those with path ids, from 8 on. */
	out->has_path_id = subtype > MRT_RIB_GENERIC;
	out->has_as4 = true;
	if (out->has_path_id)
		subtype -= MRT_RIB_ADDPATH;
	buf_get_u32(&r);
	family = subtype_family(subtype);
	if (subtype == MRT_RIB_GENERIC) {
		afi = buf_get_u16(&r);
		family = nlri_find(afi, buf_get_u8(&r));
	}
	if (r.is_short)
		return ERR_SHORT;
	if (family == NULL)
		return ERR_UNKNOWN;
	err = nlri_next(family, false, &r, &out->nlri);
	if (err != 0)
		return err;
	out->n_paths = buf_get_u16(&r);
	out->paths = r;
	for (i = 0; i < out->n_paths && !out->paths.is_short; i++)
		mrt_next_path(out, &path);
	err = end_of(&out->paths);
	out->paths = r;
	return err;
}

int
mrt_read_rib(const struct mrt_record *record, struct mrt_rib *out)
{
	*out = (struct mrt_rib){ .n_paths = 0 };
	return record->type == MRT_TABLE_DUMP ? read_old_rib(record, out) :
	    read_rib(record, out);
}

/* peer 2 | time 4 | [path id 4] | length 2 | attributes */
void
mrt_next_path(struct mrt_rib *rib, struct mrt_path *out)
{
	struct rd *r = &rib->paths;

	*out = (struct mrt_path){ .has_path_id = rib->has_path_id };
	if (rib->has_peer) {
		out->time_sec = buf_get_u32(r);
		get_addr(r, rib->nlri.family->afi == AFI_IPV6,
		    &rib->peer.addr);
		rib->peer.as = buf_get_u16(r);
	} else {
		out->peer = buf_get_u16(r);
		out->time_sec = buf_get_u32(r);
	}
	if (rib->has_path_id)
		out->path_id = buf_get_u32(r);
	out->attrs = buf_get_sub(r, buf_get_u16(r));
}

void
mrt_scratch_init(struct mrt_scratch *s)
{
	buf_writer_growing(&s->body, BLOCK_MAX);
	buf_writer_growing(&s->block, BLOCK_MAX);
}

void
mrt_scratch_fini(struct mrt_scratch *s)
{
	buf_free(&s->body);
	buf_free(&s->block);
}

/*
 * length 1 | next hop; or with AFI 2 | SAFI 1 before, and what follows. The
 * whole form begins with 0, as no short one of more than a byte does.
 */
static bool
read_short_reach(struct rd value, struct update_nexthop *out)
{
	struct rd r = value, hop;

	if (buf_get_u8(&r) == 0 && buf_left(&r) > 0) {
		r = value;
		buf_get_u24(&r);
		hop = buf_get_sub(&r, buf_get_u8(&r));
	} else {
		r = value;
		hop = buf_get_sub(&r, buf_get_u8(&r));
		if (buf_left(&r) > 0)
			return false;
	}
	if (r.is_short || buf_left(&hop) > sizeof(out->bytes))
		return false;
	out->len = (uint8_t)buf_left(&hop);
	buf_get_copy(&hop, out->bytes, out->len);
	return true;
}

/* Copy what is no next hop behind the head of an UPDATE without routes. */
static bool
split_attrs(struct rd attrs, struct wr *body, struct update_nexthop *nexthop)
{
	struct rd block;
	struct attr a;

	while (buf_left(&attrs) > 0) {
		block = attrs;
		if (attr_next(&attrs, &a) != 0)
			return false;
		if (a.code == ATTR_NEXT_HOP && nexthop->len == 0 &&
		    buf_left(&a.value) == 4) {
			nexthop->len = 4;
			buf_get_copy(&a.value, nexthop->bytes, 4);
		} else if (a.code == ATTR_MP_REACH) {
			if (!read_short_reach(a.value, nexthop))
				return false;
		} else if (a.code != ATTR_NEXT_HOP &&
		    a.code != ATTR_MP_UNREACH) {
			buf_put_bytes(body, block.pos, buf_left(&block) -
			    buf_left(&attrs));
		}
	}
	return true;
}

int
mrt_read_attrs(struct rd attrs, bool has_as4, struct mrt_scratch *s,
    struct mrt_attrs *out)
{
	const struct update_context ctx = { .attr = { .has_as4 = has_as4 },
	    .family_mask = UINT32_MAX };
	struct update u;
	bool is_whole;
	size_t mark;

	*out = (struct mrt_attrs){ .verdict = ATTR_ACCEPT };
	buf_reset(&s->body);
	buf_put_u16(&s->body, 0);
	mark = buf_mark_u16(&s->body);
	is_whole = split_attrs(attrs, &s->body, &out->nexthop);
	buf_patch_u16(&s->body, mark);
	if (s->body.err != 0 || update_decode(buf_written(&s->body), &ctx,
	    &s->block, &u) != 0)
		return ERR_NOMEM;
	out->verdict = is_whole ? u.verdict : ATTR_WITHDRAW;
	out->block = u.attrs;
	return 0;
}

/* AS 2 or 4, twice | interface 2 | AFI 2 | address 4 or 16, twice */
static int
read_session(struct rd *r, struct mrt_message *out)
{
	uint16_t afi;

	out->remote.as = out->has_as4 ? buf_get_u32(r) : buf_get_u16(r);
	out->local.as = out->has_as4 ? buf_get_u32(r) : buf_get_u16(r);
	buf_get_u16(r);
	afi = buf_get_u16(r);
	if (r->is_short)
		return ERR_SHORT;
	if (afi != AFI_IPV4 && afi != AFI_IPV6)
		return ERR_RANGE;
	get_addr(r, afi == AFI_IPV6, &out->remote.addr);
	get_addr(r, afi == AFI_IPV6, &out->local.addr);
	return r->is_short ? ERR_SHORT : 0;
}

static bool
is_one_of(uint16_t subtype, uint32_t subtypes)
{
	return (subtypes >> subtype & 1) != 0;
}

#define HAS_AS4	(1u << MRT_MESSAGE_AS4 | 1u << MRT_STATE_CHANGE_AS4 | \
	    1u << MRT_MESSAGE_AS4_LOCAL | 1u << MRT_MESSAGE_AS4_ADDPATH | \
	    1u << MRT_MESSAGE_AS4_LOCAL_ADDPATH)
#define IS_SENT	(1u << MRT_MESSAGE_LOCAL | 1u << MRT_MESSAGE_AS4_LOCAL | \
	    1u << MRT_MESSAGE_LOCAL_ADDPATH | \
	    1u << MRT_MESSAGE_AS4_LOCAL_ADDPATH)
#define HAS_IDS	(1u << MRT_MESSAGE_ADDPATH | 1u << MRT_MESSAGE_AS4_ADDPATH | \
	    1u << MRT_MESSAGE_LOCAL_ADDPATH | \
	    1u << MRT_MESSAGE_AS4_LOCAL_ADDPATH)

int
mrt_read_message(const struct mrt_record *record, struct mrt_message *out)
{
	struct rd r = record->body;
	struct message_error error;
	uint16_t len;
	int err;

	*out = (struct mrt_message){
		.has_as4 = is_one_of(record->subtype, HAS_AS4),
		.is_sent = is_one_of(record->subtype, IS_SENT),
		.has_path_id = is_one_of(record->subtype, HAS_IDS),
	};
	err = read_session(&r, out);
	if (err != 0)
		return err;
	if (mrt_kind(record) == MRT_KIND_STATE) {
		out->old_state = buf_get_u16(&r);
		out->new_state = buf_get_u16(&r);
		return end_of(&r);
	}
	if (buf_left(&r) < BGP_HEADER_LEN)
		return ERR_SHORT;
	if (message_check_header(r.pos, BGP_MESSAGE_MAX_EXTENDED, true, &out->type, &len,
	    &error) != 0)
		return ERR_PROTO;
	out->body = buf_get_sub(&r, len);
	buf_get_bytes(&out->body, BGP_HEADER_LEN);
	return end_of(&r);
}

bool
mrt_nexthop_addr(const struct update_nexthop *nh, struct addr *out)
{
	struct rd r = buf_reader(nh->bytes, nh->len);

	if (nh->len == 12 || nh->len == 24 || nh->len == 48)
		buf_get_u64(&r);
	if (buf_left(&r) >= 16)
		return addr_from_bytes(r.pos, 16, out) == 0;
	if (buf_left(&r) >= 4)
		return addr_from_bytes(r.pos, 4, out) == 0;
	return false;
}
