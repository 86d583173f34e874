/* SPDX-License-Identifier: ISC */
/* BGP-LS TLVs of segment routing: RFC 9085 (MPLS), RFC 9514 (IPv6). */
#include "common/attr/bgpls_tlv.h"

#include "common/emit.h"

#define FLAG_SID_VALUE	0x20	/* adjacency: V */
#define FLAG_SID_LOCAL	0x10	/* adjacency: L */
#define FLAG_PFX_VALUE	0x08	/* prefix: V */
#define FLAG_PFX_LOCAL	0x04	/* prefix: L */

#define SUB_SID_LABEL		1161
#define SUB_SID_STRUCTURE	1252

/*
 * SIDs to the end of r: labels of 3 bytes when both flags are set, indexes
 * of 4 when neither is; what remains is not decoded.
 */
static void
emit_sids(struct rd *r, bool is_value, bool is_local, struct emit *e)
{
	size_t len = is_value ? 3 : 4;

	emit_key_array(e, "sids");
	while (is_value == is_local && buf_left(r) >= len)
		emit_number(e, is_value ? buf_get_u24(r) : buf_get_u32(r));
	emit_end_array(e);
}

static void
emit_undecoded(const char *key, struct rd r, struct emit *e)
{
	emit_key_array(e, key);
	if (buf_left(&r) > 0)
		emit_hex(e, "0x", r.pos, buf_left(&r));
	emit_end_array(e);
}

/* flags 1, weight 1, reserved 2, SIDs */
void
bgpls_tlv_sr_adj(struct rd value, const char *flags, struct emit *e)
{
	struct rd first = value;
	unsigned bits = buf_get_u8(&value), weight = buf_get_u8(&value);

	buf_get_u16(&value);
	emit_begin_object(e);
	emit_key(e, "flags");
	bgpls_tlv_flags(first, flags, e);
	emit_sids(&value, (bits & FLAG_SID_VALUE) != 0,
	    (bits & FLAG_SID_LOCAL) != 0, e);
	emit_key_number(e, "weight", weight);
	emit_undecoded("undecoded-sids", value, e);
	emit_end_object(e);
}

/* flags 1, weight 1, reserved 2, system id 6, SID */
void
bgpls_tlv_sr_adj_lan(struct rd value, const char *flags, struct emit *e)
{
	struct rd first = value, id;
	unsigned bits = buf_get_u8(&value), weight = buf_get_u8(&value);
	bool is_value = (bits & FLAG_SID_VALUE) != 0;

	buf_get_u16(&value);
	id = buf_get_sub(&value, 6);
	emit_begin_object(e);
	emit_key(e, "flags");
	bgpls_tlv_flags(first, flags, e);
	emit_key_number(e, "weight", weight);
	emit_key(e, "system-id");
	emit_hex(e, NULL, id.pos, buf_left(&id));
	if (is_value == ((bits & FLAG_SID_LOCAL) != 0) &&
	    buf_left(&value) >= (is_value ? 3u : 4u))
		emit_key_number(e, "sid", is_value ? buf_get_u24(&value) :
		    buf_get_u32(&value));
	emit_undecoded("undecoded", value, e);
	emit_end_object(e);
}

/* flags 1, reserved 1, then range 3 and a SID/Label sub-TLV each */
void
bgpls_tlv_sr_capability(struct rd value, const char *flags, struct emit *e)
{
	struct rd first = value, sub;
	uint32_t range;
	unsigned type;
	size_t len;

	bgpls_tlv_flags(first, flags, e);
	buf_get_u16(&value);
	emit_key_array(e, "sids");
	while (buf_left(&value) > 0) {
		range = buf_get_u24(&value);
		type = buf_get_u16(&value);
		sub = buf_get_sub(&value, buf_get_u16(&value));
		len = buf_left(&sub);
		if (type != SUB_SID_LABEL || (len != 3 && len != 4))
			continue;
		emit_begin_array(e);
		emit_number(e, range);
		emit_number(e, len == 3 ? buf_get_u24(&sub) :
		    buf_get_u32(&sub));
		emit_end_array(e);
	}
	emit_end_array(e);
}

/* flags 1, algorithm 1, reserved 2, SIDs */
void
bgpls_tlv_sr_prefix(struct rd value, const char *flags, struct emit *e)
{
	struct rd first = value;
	unsigned bits = buf_get_u8(&value), algorithm = buf_get_u8(&value);

	buf_get_u16(&value);
	emit_begin_object(e);
	emit_key(e, "sr-prefix-flags");
	bgpls_tlv_flags(first, flags, e);
	emit_sids(&value, (bits & FLAG_PFX_VALUE) != 0,
	    (bits & FLAG_PFX_LOCAL) != 0, e);
	emit_undecoded("undecoded-sids", value, e);
	emit_key_number(e, "sr-algorithm", algorithm);
	emit_end_object(e);
}

void
bgpls_tlv_srv6_structure(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_object(e);
	emit_key_number(e, "loc_block_len", buf_get_u8(&value));
	emit_key_number(e, "loc_node_len", buf_get_u8(&value));
	emit_key_number(e, "func_len", buf_get_u8(&value));
	emit_key_number(e, "arg_len", buf_get_u8(&value));
	emit_end_object(e);
}

static void
emit_structure(struct rd subs, struct emit *e)
{
	struct rd sub;
	unsigned type;

	while (buf_left(&subs) > 0) {
		type = buf_get_u16(&subs);
		sub = buf_get_sub(&subs, buf_get_u16(&subs));
		if (type != SUB_SID_STRUCTURE || buf_left(&sub) < 4)
			continue;
		emit_key(e, "srv6-sid-structure");
		bgpls_tlv_srv6_structure(sub, NULL, e);
		return;
	}
}

/*
 * behavior 2, flags 1, algorithm 1, weight 1, reserved 1, (neighbor id of
 * id_len,) SID 16, sub-TLVs
 */
static void
emit_endx(struct rd value, const char *flags, size_t id_len, struct emit *e)
{
	unsigned behavior = buf_get_u16(&value), algorithm, weight;
	struct rd bits = value, id;

	buf_get_u8(&value);
	algorithm = buf_get_u8(&value);
	weight = buf_get_u8(&value);
	buf_get_u8(&value);
	id = buf_get_sub(&value, id_len);
	emit_begin_object(e);
	emit_key(e, "flags");
	bgpls_tlv_flags(bits, flags, e);
	if (id_len != 0)
		emit_key(e, "neighbor-id");
	if (id_len == 4)
		bgpls_tlv_ip(id, NULL, e);
	else if (id_len != 0)
		bgpls_tlv_digits(id, NULL, e);
	emit_key_number(e, "behavior", behavior);
	emit_key_number(e, "algorithm", algorithm);
	emit_key_number(e, "weight", weight);
	emit_key(e, "sid");
	bgpls_tlv_ip(buf_get_sub(&value, 16), NULL, e);
	emit_structure(value, e);
	emit_end_object(e);
}

void
bgpls_tlv_srv6_endx(struct rd value, const char *flags, struct emit *e)
{
	emit_endx(value, flags, 0, e);
}

void
bgpls_tlv_srv6_endx_isis(struct rd value, const char *flags, struct emit *e)
{
	emit_endx(value, flags, 6, e);
}

void
bgpls_tlv_srv6_endx_ospf(struct rd value, const char *flags, struct emit *e)
{
	emit_endx(value, flags, 4, e);
}

void
bgpls_tlv_srv6_capabilities(struct rd value, const char *flags,
    struct emit *e)
{
	emit_begin_object(e);
	emit_key_object(e, "flags");
	emit_key_number(e, "O", (buf_get_u16(&value) & 0x4000) != 0);
	emit_end_object(e);
	emit_end_object(e);
	(void)flags;
}

/* flags 1, algorithm 1, reserved 2, metric 4 */
void
bgpls_tlv_srv6_locator(struct rd value, const char *flags, struct emit *e)
{
	struct rd first = value;

	emit_begin_object(e);
	emit_key(e, "flags");
	bgpls_tlv_flags(first, flags, e);
	buf_get_u8(&value);
	emit_key_number(e, "algorithm", buf_get_u8(&value));
	buf_get_u16(&value);
	emit_key_number(e, "metric", buf_get_u32(&value));
	emit_end_object(e);
}

/* behavior 2, flags 1 (none defined), algorithm 1 */
void
bgpls_tlv_srv6_behavior(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_object(e);
	emit_key_number(e, "endpoint-behavior", buf_get_u16(&value));
	buf_get_u8(&value);
	emit_key_array(e, "flags");
	emit_end_array(e);
	emit_key_number(e, "algorithm", buf_get_u8(&value));
	emit_end_object(e);
}
