/* SPDX-License-Identifier: ISC */
/*
 * Link-state NLRI: type 2, length 2, (route distinguisher 8,) protocol 1,
 * identifier 8, then TLVs of type 2, length 2. RFC 9552 5.2, RFC 9514 6.
 * What does not fit is shown as bytes.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

#include <stdio.h>

enum bgpls_type {
	BGPLS_NODE = 1, BGPLS_LINK = 2, BGPLS_PREFIX_V4 = 3,
	BGPLS_PREFIX_V6 = 4, BGPLS_SRV6_SID = 6,
};

enum bgpls_tlv {
	TLV_LOCAL_NODE = 256,
	TLV_REMOTE_NODE = 257,
	TLV_LINK_ID = 258,
	TLV_IPV4_INTERFACE = 259,
	TLV_IPV4_NEIGHBOR = 260,
	TLV_IPV6_INTERFACE = 261,
	TLV_IPV6_NEIGHBOR = 262,
	TLV_TOPOLOGY = 263,
	TLV_OSPF_ROUTE = 264,
	TLV_REACHABILITY = 265,
	TLV_AS = 512,
	TLV_BGPLS_ID = 513,
	TLV_OSPF_AREA = 514,
	TLV_ROUTER_ID = 515,
	TLV_BGP_ROUTER_ID = 516,
	TLV_MEMBER_AS = 517,
	TLV_SRV6_SID = 518,
};

#define PROTOCOL_ISIS_L1	1
#define PROTOCOL_ISIS_L2	2

struct bgpls {
	uint16_t	type;
	char		rdist[RDIST_TEXT_MAX];	/* "" : none */
	uint8_t		protocol;
	uint64_t	identifier;
	struct rd	tlvs;		/* well framed */
};

static const char *const type_names[] = {
	[BGPLS_NODE] = "bgpls-node",
	[BGPLS_LINK] = "bgpls-link",
	[BGPLS_PREFIX_V4] = "bgpls-prefix-v4",
	[BGPLS_PREFIX_V6] = "bgpls-prefix-v6",
	[BGPLS_SRV6_SID] = "bgpls-srv6sid",
};

static bool
next_tlv(struct rd *r, uint16_t *type, struct rd *value)
{
	if (buf_left(r) == 0)
		return false;
	*type = buf_get_u16(r);
	*value = buf_get_sub(r, buf_get_u16(r));
	return !r->is_short;
}

static bool
find_tlv(struct rd tlvs, uint16_t want, struct rd *value)
{
	uint16_t type;

	while (next_tlv(&tlvs, &type, value)) {
		if (type == want)
			return true;
	}
	return false;
}

static int
check_framing(struct rd tlvs)
{
	struct rd value;
	uint16_t type;

	while (next_tlv(&tlvs, &type, &value))
		;
	return tlvs.is_short ? ERR_SHORT : 0;
}

static int
parse(const struct nlri *n, struct bgpls *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	*out = (struct bgpls){ .type = buf_get_u16(&r) };
	buf_get_u16(&r);
	if (out->type >= sizeof(type_names) / sizeof(type_names[0]) ||
	    type_names[out->type] == NULL)
		return ERR_UNKNOWN;
	if (n->family->safi == SAFI_BGP_LS_VPN)
		rdist_print(&r, out->rdist, sizeof(out->rdist));
	out->protocol = buf_get_u8(&r);
	out->identifier = buf_get_u64(&r);
	out->tlvs = r;
	return r.is_short ? ERR_SHORT : 0;
}

/* Nesting is two deep at most: descriptors have no descriptors inside. */
static int
parse_checked(const struct nlri *n, struct bgpls *out)
{
	struct rd tlvs, value;
	uint16_t type;
	int err;

	err = parse(n, out);
	if (err != 0)
		return err;
	tlvs = out->tlvs;
	while (next_tlv(&tlvs, &type, &value)) {
		if ((type == TLV_LOCAL_NODE || type == TLV_REMOTE_NODE) &&
		    check_framing(value) != 0)
			return ERR_SHORT;
	}
	if (tlvs.is_short || !find_tlv(out->tlvs, TLV_LOCAL_NODE, &value))
		return ERR_SHORT;
	return 0;
}

static void
emit_ip(struct emit *e, struct rd value)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	size_t len = buf_left(&value);

	if ((len == 4 || len == 16) &&
	    addr_from_bytes(value.pos, len, &a) == 0)
		emit_string(e, addr_print(&a, text, sizeof(text)));
	else
		emit_hex(e, "0x", value.pos, len);
}

/* RFC 9552 5.2.1.4: the shape depends on protocol and length. */
static void
emit_router_id(const struct bgpls *b, struct rd value, struct emit *e)
{
	size_t len = buf_left(&value);
	struct rd part = value;

	emit_key(e, "router-id");
	if (b->protocol == PROTOCOL_ISIS_L1 ||
	    b->protocol == PROTOCOL_ISIS_L2) {
		emit_hex(e, NULL, value.pos, len);
		if (len != 7)
			return;
		buf_get_bytes(&value, 6);
		emit_key(e, "psn");
		emit_format(e, "%u", buf_get_u8(&value));
		return;
	}
	emit_ip(e, len == 8 ? buf_get_sub(&part, 4) : value);
	if (len == 8) {
		emit_key(e, "designated-router-id");
		emit_ip(e, part);
	}
}

static void
emit_descriptor(const struct bgpls *b, uint16_t type, struct rd value,
    struct emit *e)
{
	char key[24];

	switch (type) {
	case TLV_AS:
		emit_key_number(e, "autonomous-system", buf_get_u32(&value));
		break;
	case TLV_BGPLS_ID:
		emit_key(e, "bgp-ls-identifier");
		emit_format(e, "%u", buf_get_u32(&value));
		break;
	case TLV_OSPF_AREA:
		emit_key(e, "ospf-area-id");
		emit_ip(e, value);
		break;
	case TLV_ROUTER_ID:
		emit_router_id(b, value, e);
		break;
	case TLV_BGP_ROUTER_ID:
		emit_key(e, "bgp-router-id");
		emit_ip(e, value);
		break;
	case TLV_MEMBER_AS:
		emit_key_number(e, "confederation-member",
		    buf_get_u32(&value));
		break;
	default:
		snprintf(key, sizeof(key), "generic-tlv-%u", type);
		emit_key(e, key);
		emit_hex(e, "0x", value.pos, buf_left(&value));
	}
}

static void
emit_node(const struct bgpls *b, uint16_t which, const char *key,
    struct emit *e)
{
	struct rd node, value;
	uint16_t type;

	emit_key_array(e, key);
	if (find_tlv(b->tlvs, which, &node)) {
		while (next_tlv(&node, &type, &value)) {
			emit_begin_object(e);
			emit_descriptor(b, type, value, e);
			emit_end_object(e);
		}
	}
	emit_end_array(e);
}

/* All TLVs of one type, or of either of two, as addresses. */
static void
emit_addresses(const struct bgpls *b, const char *key, uint16_t ipv4,
    uint16_t ipv6, struct emit *e)
{
	struct rd tlvs = b->tlvs, value;
	uint16_t type;

	emit_key_array(e, key);
	while (next_tlv(&tlvs, &type, &value)) {
		if (type == ipv4 || type == ipv6)
			emit_ip(e, value);
	}
	emit_end_array(e);
}

static void
emit_topologies(const struct bgpls *b, struct emit *e)
{
	struct rd tlvs = b->tlvs, value;
	uint16_t type;

	emit_key_array(e, "multi-topology-ids");
	while (next_tlv(&tlvs, &type, &value)) {
		while (type == TLV_TOPOLOGY && buf_left(&value) >= 2)
			emit_number(e, buf_get_u16(&value) & 0x0fff);
	}
	emit_end_array(e);
}

static void
emit_link_ids(const struct bgpls *b, struct emit *e)
{
	struct rd tlvs = b->tlvs, value;
	uint16_t type;

	emit_key_array(e, "link-identifiers");
	while (next_tlv(&tlvs, &type, &value)) {
		if (type != TLV_LINK_ID)
			continue;
		emit_begin_object(e);
		emit_key_number(e, "link-local-id", buf_get_u32(&value));
		emit_key_number(e, "link-remote-id", buf_get_u32(&value));
		emit_end_object(e);
	}
	emit_end_array(e);
}

static void
emit_link(const struct bgpls *b, struct emit *e)
{
	emit_node(b, TLV_LOCAL_NODE, "local-node-descriptors", e);
	emit_node(b, TLV_REMOTE_NODE, "remote-node-descriptors", e);
	emit_addresses(b, "interface-addresses", TLV_IPV4_INTERFACE,
	    TLV_IPV6_INTERFACE, e);
	emit_addresses(b, "neighbor-addresses", TLV_IPV4_NEIGHBOR,
	    TLV_IPV6_NEIGHBOR, e);
	emit_topologies(b, e);
	emit_link_ids(b, e);
}

static void
emit_only_node(const struct bgpls *b, struct emit *e)
{
	emit_node(b, TLV_LOCAL_NODE, "node-descriptors", e);
}

static void
emit_prefix(const struct bgpls *b, struct emit *e)
{
	uint16_t afi = b->type == BGPLS_PREFIX_V6 ? AFI_IPV6 : AFI_IPV4;
	char text[PREFIX_TEXT_MAX];
	struct prefix p;
	struct rd value;
	unsigned bits;

	emit_only_node(b, e);
	if (find_tlv(b->tlvs, TLV_OSPF_ROUTE, &value))
		emit_key_number(e, "ospf-route-type", buf_get_u8(&value));
	if (!find_tlv(b->tlvs, TLV_REACHABILITY, &value))
		return;
	bits = buf_get_u8(&value);
	if (nlri_inet_get_prefix(&value, afi, bits, &p) != 0)
		return;
	prefix_print(&p, text, sizeof(text));
	emit_key_string(e, "ip-reachability-tlv", text);
	emit_key_string(e, "ip-reach-prefix", text);
}

static void
emit_srv6_sid(const struct bgpls *b, struct emit *e)
{
	struct rd value;

	emit_only_node(b, e);
	emit_key_object(e, "srv6-sid-descriptors");
	emit_topologies(b, e);
	if (find_tlv(b->tlvs, TLV_SRV6_SID, &value)) {
		emit_key(e, "srv6-sid");
		emit_ip(e, value);
	}
	emit_end_object(e);
}

static void (*const emitters[])(const struct bgpls *, struct emit *) = {
	[BGPLS_NODE] = emit_only_node,
	[BGPLS_LINK] = emit_link,
	[BGPLS_PREFIX_V4] = emit_prefix,
	[BGPLS_PREFIX_V6] = emit_prefix,
	[BGPLS_SRV6_SID] = emit_srv6_sid,
};

static bool
shows_nexthop(const struct bgpls *b)
{
	return b->type == BGPLS_NODE || b->type == BGPLS_PREFIX_V4 ||
	    b->type == BGPLS_PREFIX_V6;
}

void
nlri_bgpls_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	struct bgpls b;

	if (parse_checked(n, &b) != 0) {
		emit_key_number(e, "code", b.type);
		nlri_opaque_emit(n, shape, e);
		return;
	}
	emit_key_string(e, "ls-nlri-type", type_names[b.type]);
	emit_key_number(e, "l3-routing-topology", b.identifier);
	emit_key_number(e, "protocol-id", b.protocol);
	emitters[b.type](&b, e);
	if (b.rdist[0] != '\0')
		emit_key_string(e, "rd", b.rdist);
	if ((shape & NLRI_JSON_V6) == 0 && n->nexthop != NULL && shows_nexthop(&b))
		emit_key_string(e, "nexthop", n->nexthop);
	nlri_inet_emit_path(n, e);
}

/* ExaBGP's text of a link-state NLRI is its JSON. */
void
nlri_bgpls_text(const struct nlri *n, struct wr *out)
{
	struct emit e;

	emit_json_init(&e, out, false);
	emit_begin_object(&e);
	nlri_bgpls_emit(n, NLRI_JSON_V6, &e);
	emit_end_object(&e);
}
