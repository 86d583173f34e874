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

#include "common/err.h"

enum {
	TLV_LABEL_INDEX = 1,
	TLV_SRGB = 3,
	TLV_L3_SERVICE = 5,
	TLV_L2_SERVICE = 6,
};

#define SID_INFORMATION		1
#define SID_INFORMATION_MIN	21

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
