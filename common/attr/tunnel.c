/* SPDX-License-Identifier: ISC */
/*
 * Tunnel encapsulation: TLVs of type 2, length 2, each with sub-TLVs of type
 * 1, length 1 (2 for types 128 and up). RFC 9012 2, RFC 9830 2.2.
 */
#include "common/attr/rows.h"

#include "common/err.h"

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
