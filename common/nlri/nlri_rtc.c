/* SPDX-License-Identifier: ISC */
/*
 * Route target constraints: bits 1 (0, or 32 to 96), origin AS 4, then so
 * much of a route target as the bits say. RFC 4684 4.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"

#include <inttypes.h>
#include <stdio.h>

#define BITS_ORIGIN	32
#define BITS_WHOLE	96

enum {
	TARGET_AS2 = 0x00, TARGET_IPV4 = 0x01, TARGET_AS4 = 0x02,
};

/* A whole target by its type, others in hexadecimal. */
static void
print_target(struct rd r, char *text, size_t text_len)
{
	struct rd whole = r;
	unsigned type = buf_get_u8(&r);
	char ip[ADDR_TEXT_MAX];
	struct addr a;
	uint32_t head;

	buf_get_u8(&r);
	head = type == TARGET_AS2 ? buf_get_u16(&r) : buf_get_u32(&r);
	if (type == TARGET_AS2) {
		snprintf(text, text_len, "target:%u:%u", head,
		    buf_get_u32(&r));
	} else if (type == TARGET_AS4) {
		snprintf(text, text_len, "target:%u:%u", head,
		    buf_get_u16(&r));
	} else if (type == TARGET_IPV4) {
		a = addr_from_ipv4(head);
		snprintf(text, text_len, "target:%s:%u",
		    addr_print(&a, ip, sizeof(ip)), buf_get_u16(&r));
	} else {
		snprintf(text, text_len, "0x%016" PRIX64,
		    buf_get_u64(&whole));
	}
}

static int
parse(const struct nlri *n, uint32_t *origin, unsigned *out_bits, char *text,
    size_t text_len)
{
	struct rd r = buf_reader(n->bytes, n->len);
	unsigned bits = buf_get_u8(&r);

	*origin = 0;
	*out_bits = bits;
	snprintf(text, text_len, "default");
	if (bits == 0)
		return 0;
	if (bits < BITS_ORIGIN || bits > BITS_WHOLE)
		return ERR_RANGE;
	*origin = buf_get_u32(&r);
	if (bits == BITS_WHOLE)
		print_target(r, text, text_len);
	else
		snprintf(text, text_len, "partial/%u", bits);
	return 0;
}

void
nlri_rtc_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	struct rd prefix = buf_reader(n->bytes, n->len);
	char text[96];
	uint32_t origin;
	unsigned bits;

	if (parse(n, &origin, &bits, text, sizeof(text)) != 0) {
		nlri_opaque_emit(n, shape, e);
		return;
	}
	emit_key_number(e, "origin", origin);
	if (bits == BITS_WHOLE)
		emit_key_string(e, "route-target", text);
	else {
		emit_key(e, "route-target");
		emit_null(e);
	}
	if (bits != BITS_WHOLE && bits != 0) {
		emit_key_number(e, "prefix-length", bits);
		buf_get_bytes(&prefix, 5);	/* bits and origin */
		emit_key(e, "route-target-prefix");
		emit_hex(e, "0x", prefix.pos, buf_left(&prefix));
	}
	nlri_inet_emit_path(n, e);
}

void
nlri_rtc_text(const struct nlri *n, struct wr *out)
{
	char text[96];
	uint32_t origin;
	unsigned bits;

	if (parse(n, &origin, &bits, text, sizeof(text)) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	buf_put_format(out, "rtc %u:%s", origin, text);
	nlri_inet_text_path(n, out);
}
