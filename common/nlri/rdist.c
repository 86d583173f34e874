/* SPDX-License-Identifier: ISC */
/* Route distinguishers as text: type 2, administrator, number. */
#include "common/nlri/rdist.h"

#include <inttypes.h>
#include <stdio.h>

enum rdist_type {
	RDIST_AS2 = 0,
	RDIST_IPV4 = 1,
	RDIST_AS4 = 2,
};

char *
rdist_print(struct rd *r, char *text, size_t text_len)
{
	struct rd v = buf_get_sub(r, RDIST_LEN), whole = v;
	unsigned type = buf_get_u16(&v), a, b, c;

	a = buf_get_u16(&v);
	b = buf_get_u16(&v);
	c = buf_get_u16(&v);
	if (v.is_short)
		text[0] = '\0';
	else if (type == RDIST_AS2)
		snprintf(text, text_len, "%u:%u", a, b << 16 | c);
	else if (type == RDIST_IPV4)
		snprintf(text, text_len, "%u.%u.%u.%u:%u", a >> 8, a & 0xff,
		    b >> 8, b & 0xff, c);
	else if (type == RDIST_AS4)
		snprintf(text, text_len, "%u:%u", a << 16 | b, c);
	else
		snprintf(text, text_len, "0x%016" PRIX64, buf_get_u64(&whole));
	return text;
}
