/* SPDX-License-Identifier: ISC */
/*
 * BGP Prefix-SID: TLVs of type 1, length 2. RFC 8669 3, RFC 9252 2.
 *
 *   1 label index: reserved 1, flags 2, index 4
 *   3 originator SRGB: flags 2, then base 3, range 3 each
 *   5 SRv6 L3 service, 6 L2 service: reserved 1, then sub-TLVs of
 *     type 1, length 2: 1 SID information: reserved 1, SID 16, flags 1,
 *     behavior 2, reserved 1, then sub-sub-TLVs: 1 structure of 6 bytes
 */
#include "common/attr/rows.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"

#include <stdio.h>

enum {
	TLV_LABEL_INDEX = 1,
	TLV_SRGB = 3,
	TLV_L3_SERVICE = 5,
	TLV_L2_SERVICE = 6,
};

#define SID_INFORMATION		1
#define SID_INFORMATION_MIN	21
#define SID_STRUCTURE		1
#define SID_STRUCTURE_LEN	6

static int
check_service(struct rd tlv)
{
	struct rd sub;
	unsigned type;

	buf_get_u8(&tlv);
	while (buf_left(&tlv) > 0) {
		type = buf_get_u8(&tlv);
		sub = buf_get_sub(&tlv, buf_get_u16(&tlv));
		if (type == SID_INFORMATION &&
		    buf_left(&sub) < SID_INFORMATION_MIN)
			return ERR_RANGE;
	}
	return tlv.is_short ? ERR_SHORT : 0;
}

static int
check_tlv(unsigned type, struct rd tlv)
{
	size_t len = buf_left(&tlv);

	switch (type) {
	case 0:			/* reserved: zeroed attributes have been seen */
		return ERR_RANGE;
	case TLV_LABEL_INDEX:
		return len == 7 ? 0 : ERR_RANGE;
	case TLV_SRGB:
		return len >= 8 && (len - 2) % 6 == 0 ? 0 : ERR_RANGE;
	case TLV_L3_SERVICE:
	case TLV_L2_SERVICE:
		return check_service(tlv);
	default:
		return 0;
	}
}

int
prefixsid_check(struct rd value, const struct attr_context *ctx)
{
	struct rd tlv;
	unsigned type;
	int err;

	(void)ctx;
	if (buf_left(&value) == 0)
		return ERR_SHORT;
	while (buf_left(&value) > 0) {
		type = buf_get_u8(&value);
		tlv = buf_get_sub(&value, buf_get_u16(&value));
		if (value.is_short)
			return ERR_SHORT;
		err = check_tlv(type, tlv);
		if (err != 0)
			return err;
	}
	return 0;
}

static void
emit_structure(struct rd sub, struct emit *e)
{
	static const char *const keys[SID_STRUCTURE_LEN] = {
		"locator-block-length", "locator-node-length",
		"function-length", "argument-length",
		"transposition-length", "transposition-offset",
	};
	size_t i;

	emit_key_object(e, "structure");
	for (i = 0; i < SID_STRUCTURE_LEN; i++)
		emit_key_number(e, keys[i], buf_get_u8(&sub));
	emit_end_object(e);
}

static void
emit_sid_information(struct rd sub, struct emit *e)
{
	char text[ADDR_TEXT_MAX];
	const uint8_t *sid;
	struct addr a;
	struct rd inner;
	unsigned type;

	buf_get_u8(&sub);
	sid = buf_get_bytes(&sub, 16);
	if (sid == NULL || addr_from_bytes(sid, 16, &a) != 0)
		return;
	emit_key_string(e, "sid", addr_print(&a, text, sizeof(text)));
	emit_key_number(e, "flags", buf_get_u8(&sub));
	emit_key_number(e, "endpoint_behavior", buf_get_u16(&sub));
	buf_get_u8(&sub);
	while (buf_left(&sub) > 0) {
		type = buf_get_u8(&sub);
		inner = buf_get_sub(&sub, buf_get_u16(&sub));
		if (type == SID_STRUCTURE &&
		    buf_left(&inner) == SID_STRUCTURE_LEN) {
			emit_structure(inner, e);
			return;
		}
	}
}

static void
emit_service(struct rd tlv, struct emit *e)
{
	struct rd sub;
	unsigned type;

	buf_get_u8(&tlv);
	emit_begin_array(e);
	while (buf_left(&tlv) > 0) {
		type = buf_get_u8(&tlv);
		sub = buf_get_sub(&tlv, buf_get_u16(&tlv));
		emit_begin_object(e);
		if (type == SID_INFORMATION) {
			emit_sid_information(sub, e);
		} else {
			emit_key_number(e, "type", type);
			emit_key(e, "raw");
			emit_hex(e, "0x", sub.pos, buf_left(&sub));
		}
		emit_end_object(e);
	}
	emit_end_array(e);
}

static void
emit_srgbs(struct rd tlv, struct emit *e)
{
	buf_get_u16(&tlv);
	emit_begin_array(e);
	while (buf_left(&tlv) >= 6) {
		emit_begin_array(e);
		emit_number(e, buf_get_u24(&tlv));
		emit_number(e, buf_get_u24(&tlv));
		emit_end_array(e);
	}
	emit_end_array(e);
}

static void
emit_tlv(unsigned type, struct rd tlv, struct emit *e)
{
	char key[24];

	switch (type) {
	case TLV_LABEL_INDEX:
		buf_get_u24(&tlv);
		emit_key_number(e, "sr-label-index", buf_get_u32(&tlv));
		break;
	case TLV_SRGB:
		emit_key(e, "sr-srgbs");
		emit_srgbs(tlv, e);
		break;
	case TLV_L3_SERVICE:
		emit_key(e, "l3-service");
		emit_service(tlv, e);
		break;
	case TLV_L2_SERVICE:
		emit_key(e, "l2-service");
		emit_service(tlv, e);
		break;
	default:
		snprintf(key, sizeof(key), "generic-tlv-%u", type);
		emit_key(e, key);
		emit_hex(e, "0x", tlv.pos, buf_left(&tlv));
	}
}

/* Of a type that comes again only the first is shown: keys are unique. */
void
prefixsid_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	bool is_seen[UINT8_MAX + 1] = { false };
	struct rd tlv;
	uint8_t type;

	(void)shape;
	emit_begin_object(e);
	while (buf_left(&value) > 0) {
		type = buf_get_u8(&value);
		tlv = buf_get_sub(&value, buf_get_u16(&value));
		if (!is_seen[type])
			emit_tlv(type, tlv, e);
		is_seen[type] = true;
	}
	emit_end_object(e);
}
