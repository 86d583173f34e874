/* SPDX-License-Identifier: ISC */
/* The BGP-LS attribute: TLVs of type 2, length 2. RFC 9552 5.3. */
#include "common/attr/rows.h"

#include "common/err.h"

int
bgpls_check(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	while (buf_left(&value) > 0) {
		buf_get_u16(&value);
		buf_get_bytes(&value, buf_get_u16(&value));
	}
	return value.is_short ? ERR_SHORT : 0;
}
