/* SPDX-License-Identifier: ISC */
/*
 * Tunnel encapsulation: TLVs of type 2, length 2, each with sub-TLVs of type
 * 1, length 1 (2 for types 128 and up). RFC 9012 2. Of tunnels only the
 * segment routing policy (15) is understood, RFC 9830 2.4.
 */
#include "common/attr/rows.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"

#include <stdio.h>

#define SUB_TLV_LONG	128	/* from this type on the length has 2 bytes */

static int
check_sub_tlvs(struct rd tlv)
{
	unsigned type;
	size_t len;

	while (buf_left(&tlv) > 0) {
		type = buf_get_u8(&tlv);
		len = type >= SUB_TLV_LONG ? buf_get_u16(&tlv) :
		    buf_get_u8(&tlv);
		buf_get_bytes(&tlv, len);
	}
	return tlv.is_short ? ERR_SHORT : 0;
}

int
tunnel_check(struct rd value, const struct attr_context *ctx)
{
	struct rd tlv;
	int err;

	(void)ctx;
	if (buf_left(&value) < 4)
		return ERR_SHORT;
	while (buf_left(&value) > 0) {
		buf_get_u16(&value);
		tlv = buf_get_sub(&value, buf_get_u16(&value));
		if (value.is_short)
			return ERR_SHORT;
		err = check_sub_tlvs(tlv);
		if (err != 0)
			return err;
	}
	return 0;
}

#define TUNNEL_SR_POLICY	15

enum {
	SUB_PREFERENCE = 12,
	SUB_BINDING_SID = 13,
	SUB_ENLP = 14,
	SUB_PRIORITY = 15,
	SUB_SRV6_BINDING_SID = 20,
	SUB_SEGMENT_LIST = 128,
	SUB_CANDIDATE_PATH_NAME = 129,
	SUB_POLICY_NAME = 130,
};

static bool
next_sub(struct rd *r, uint8_t *type, struct rd *value)
{
	if (buf_left(r) == 0)
		return false;
	*type = buf_get_u8(r);
	*value = buf_get_sub(r, *type >= SUB_TLV_LONG ? buf_get_u16(r) :
	    buf_get_u8(r));
	return !r->is_short;
}

static void
emit_ip(struct emit *e, const char *key, struct rd *r, size_t len)
{
	const uint8_t *bytes = buf_get_bytes(r, len);
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (bytes != NULL && addr_from_bytes(bytes, len, &a) == 0)
		emit_key_string(e, key, addr_print(&a, text, sizeof(text)));
}

/* RFC 9830 2.4.2: none, a label or an IPv6 SID, by length. */
static void
emit_binding_sid(struct rd v, struct emit *e)
{
	buf_get_u16(&v);	/* flags, reserved */
	emit_key_object(e, "binding-sid");
	if (buf_left(&v) == 4) {
		emit_key_string(e, "type", "mpls");
		emit_key_number(e, "label", buf_get_u32(&v) >> 12);
	} else if (buf_left(&v) == 16) {
		emit_key_string(e, "type", "srv6");
		emit_ip(e, "sid", &v, 16);
	} else {
		emit_key_string(e, "type", "null");
	}
	emit_end_object(e);
}

static void
emit_label(struct rd *v, struct emit *e)
{
	uint32_t entry = buf_get_u32(v);

	emit_key_number(e, "label", entry >> 12);
	emit_key_number(e, "tc", entry >> 9 & 7);
	emit_key_boolean(e, "s", (entry >> 8 & 1) != 0);
	emit_key_number(e, "ttl", entry & 0xff);
}

static void
emit_behavior(struct rd *v, struct emit *e)
{
	if (buf_left(v) < 8)
		return;
	emit_key_object(e, "endpoint-behavior");
	emit_key_number(e, "behavior", buf_get_u16(v));
	buf_get_u16(v);
	emit_key_number(e, "lb-length", buf_get_u8(v));
	emit_key_number(e, "ln-length", buf_get_u8(v));
	emit_key_number(e, "fun-length", buf_get_u8(v));
	emit_key_number(e, "arg-length", buf_get_u8(v));
	emit_end_object(e);
}

/*
 * Segments, RFC 9830 2.4.4.2 and RFC 9831 2: flags 1, algorithm or reserved
 * 1, then fields as the row's letters say: i interface 4, a IPv4 4, A IPv6
 * 16; behind them an optional SID: m label 4, s SRv6 16 and behavior 8.
 */
struct segment {
	uint8_t		 type;
	char		 name[2];
	bool		 has_algorithm;
	const char	*fields;
	const char	*keys[4];
	char		 sid;		/* 'm' or 's' */
};

static const struct segment segments[] = {
	{ 1, "A", false, "", { NULL }, 'm' },
	{ 13, "B", false, "", { NULL }, 's' },
	{ 3, "C", true, "a", { "ipv4-node" }, 'm' },
	{ 4, "D", true, "A", { "ipv6-node" }, 'm' },
	{ 5, "E", false, "ia", { "local-interface-id", "ipv4-node" }, 'm' },
	{ 6, "F", false, "aa", { "local-ipv4", "remote-ipv4" }, 'm' },
	{ 7, "G", false, "iAiA", { "local-interface-id", "local-ipv6",
	    "remote-interface-id", "remote-ipv6" }, 'm' },
	{ 8, "H", false, "AA", { "local-ipv6", "remote-ipv6" }, 'm' },
	{ 14, "I", true, "A", { "ipv6-node" }, 's' },
	{ 15, "J", true, "iAiA", { "local-interface-id", "local-ipv6",
	    "remote-interface-id", "remote-ipv6" }, 's' },
	{ 16, "K", true, "AA", { "local-ipv6", "remote-ipv6" }, 's' },
};

static void
emit_segment(const struct segment *s, struct rd v, struct emit *e)
{
	unsigned algorithm;
	size_t i;

	emit_begin_object(e);
	emit_key_string(e, "type", s->name);
	buf_get_u8(&v);
	algorithm = buf_get_u8(&v);
	for (i = 0; s->fields[i] != '\0'; i++) {
		if (s->fields[i] == 'i')
			emit_key_number(e, s->keys[i], buf_get_u32(&v));
		else
			emit_ip(e, s->keys[i], &v,
			    s->fields[i] == 'a' ? 4 : 16);
	}
	if (s->has_algorithm)
		emit_key_number(e, "algorithm", algorithm);
	if (s->sid == 'm' && buf_left(&v) >= 4)
		emit_label(&v, e);
	if (s->sid == 's' && buf_left(&v) >= 16) {
		emit_ip(e, "sid", &v, 16);
		emit_behavior(&v, e);
	}
	emit_end_object(e);
}

static void
emit_any_segment(uint8_t type, struct rd v, struct emit *e)
{
	size_t i;

	for (i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		if (segments[i].type == type) {
			emit_segment(&segments[i], v, e);
			return;
		}
	}
	emit_begin_object(e);
	emit_key_number(e, "type", type);
	emit_key(e, "raw");
	emit_hex(e, "0x", v.pos, buf_left(&v));
	emit_end_object(e);
}

#define SUB_WEIGHT	9

/* reserved 1, then sub-sub-TLVs: weight (flags 1, reserved 1, 4), segments */
static void
emit_segment_list(struct rd v, struct emit *e)
{
	struct rd rest, sub;
	uint32_t weight = 1;
	uint8_t type;

	buf_get_u8(&v);
	rest = v;
	while (next_sub(&rest, &type, &sub)) {
		if (type == SUB_WEIGHT && buf_left(&sub) == 6) {
			buf_get_u16(&sub);
			weight = buf_get_u32(&sub);
		}
	}
	emit_begin_object(e);
	emit_key_number(e, "weight", weight);
	emit_key_array(e, "segments");
	while (next_sub(&v, &type, &sub)) {
		if (type != SUB_WEIGHT)
			emit_any_segment(type, sub, e);
	}
	emit_end_array(e);
	emit_end_object(e);
}

static void
emit_name(const char *key, struct rd v, struct emit *e)
{
	buf_get_u8(&v);		/* reserved */
	emit_key(e, key);
	emit_string_len(e, (const char *)v.pos, buf_left(&v));
}

static void
emit_sub(uint8_t type, struct rd v, struct emit *e)
{
	char key[24];

	switch (type) {
	case SUB_PREFERENCE:
		buf_get_u16(&v);
		emit_key_number(e, "preference", buf_get_u32(&v));
		break;
	case SUB_BINDING_SID:
		emit_binding_sid(v, e);
		break;
	case SUB_ENLP:
		buf_get_u16(&v);
		emit_key_number(e, "enlp", buf_get_u8(&v));
		break;
	case SUB_PRIORITY:
		emit_key_number(e, "priority", buf_get_u8(&v));
		break;
	case SUB_SRV6_BINDING_SID:
		buf_get_u16(&v);
		emit_ip(e, "srv6-binding-sid", &v, 16);
		break;
	case SUB_CANDIDATE_PATH_NAME:
		emit_name("candidate-path-name", v, e);
		break;
	case SUB_POLICY_NAME:
		emit_name("policy-name", v, e);
		break;
	default:
		snprintf(key, sizeof(key), "generic-tlv-%u", type);
		emit_key(e, key);
		emit_hex(e, "0x", v.pos, buf_left(&v));
	}
}

/* Of a sub-TLV that comes again only the first counts, RFC 9012 13. */
static void
emit_policy(struct rd tlv, struct emit *e)
{
	bool is_seen[UINT8_MAX + 1] = { false };
	struct rd rest = tlv, value;
	uint8_t type;

	emit_key_object(e, "sr-policy");
	while (next_sub(&rest, &type, &value)) {
		if (!is_seen[type] && type != SUB_SEGMENT_LIST)
			emit_sub(type, value, e);
		is_seen[type] = true;
	}
	if (is_seen[SUB_SEGMENT_LIST])
		emit_key_array(e, "segment-lists");
	while (is_seen[SUB_SEGMENT_LIST] && next_sub(&tlv, &type, &value)) {
		if (type == SUB_SEGMENT_LIST)
			emit_segment_list(value, e);
	}
	if (is_seen[SUB_SEGMENT_LIST])
		emit_end_array(e);
	emit_end_object(e);
}

void
tunnel_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	bool has_policy = false;
	struct rd tlv;
	unsigned type, n = 0;
	char key[32];

	(void)shape;
	emit_begin_object(e);
	while (buf_left(&value) > 0) {
		type = buf_get_u16(&value);
		tlv = buf_get_sub(&value, buf_get_u16(&value));
		if (type == TUNNEL_SR_POLICY && !has_policy) {
			emit_policy(tlv, e);
			has_policy = true;
			continue;
		}
		/* Several of one type are told apart by their place. */
		snprintf(key, sizeof(key), "tunnel-%u-%u", n++, type);
		emit_key(e, key);
		emit_hex(e, "0x", tlv.pos, buf_left(&tlv));
	}
	emit_end_object(e);
}
