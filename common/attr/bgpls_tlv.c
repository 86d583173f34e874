/* SPDX-License-Identifier: ISC */
/* Forms of BGP-LS TLVs: numbers, names, flags, bandwidths, delays. */
#include "common/attr/bgpls_tlv.h"

#include "common/addr.h"
#include "common/emit.h"

#include <string.h>

#define ANOMALOUS	0x80	/* RFC 8571 2 */

static double
get_float(struct rd *r)
{
	union {
		uint32_t	bits;
		float		value;
	} u = { .bits = buf_get_u32(r) };

	return (double)u.value;
}

/*
 * Bits of the first byte by name, "RSV" once and always 0: reserved bits are
 * ignored on receipt.
 */
void
bgpls_tlv_flags(struct rd value, const char *flags, struct emit *e)
{
	unsigned bits = buf_get_u8(&value), i;
	bool has_reserved = false;
	char name[32];
	size_t len;

	emit_begin_object(e);
	for (i = 0; i < 8 && *flags != '\0'; i++) {
		len = strcspn(flags, ",");
		if (len >= sizeof(name))
			break;
		memcpy(name, flags, len);
		name[len] = '\0';
		if (strcmp(name, "RSV") == 0)
			has_reserved = true;
		else
			emit_key_number(e, name, bits >> (7 - i) & 1);
		flags = flags[len] == ',' ? &flags[len + 1] : &flags[len];
	}
	if (has_reserved)
		emit_key_number(e, "RSV", 0);
	emit_end_object(e);
}

void
bgpls_tlv_hex(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_hex(e, "0x", value.pos, buf_left(&value));
}

void
bgpls_tlv_digits(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_hex(e, NULL, value.pos, buf_left(&value));
}

void
bgpls_tlv_string(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_string_len(e, (const char *)value.pos, buf_left(&value));
}

void
bgpls_tlv_ip(struct rd value, const char *flags, struct emit *e)
{
	size_t len = buf_left(&value);
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if ((len == 4 || len == 16) &&
	    addr_from_bytes(value.pos, len, &a) == 0)
		emit_string(e, addr_print(&a, text, sizeof(text)));
	else
		bgpls_tlv_hex(value, flags, e);
}

void
bgpls_tlv_link_ids(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_object(e);
	emit_key_number(e, "local-id", buf_get_u32(&value));
	emit_key_number(e, "remote-id", buf_get_u32(&value));
	emit_end_object(e);
}

/* A number of 1 to 8 bytes. */
static uint64_t
get_number(struct rd *r)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < 8 && buf_left(r) > 0; i++)
		n = n << 8 | buf_get_u8(r);
	return n;
}

void
bgpls_tlv_number(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_number(e, get_number(&value));
}

/* One byte is an IS-IS small metric of 6 bits, RFC 9552 5.3.2.4. */
void
bgpls_tlv_igp_metric(struct rd value, const char *flags, struct emit *e)
{
	bool is_small = buf_left(&value) == 1;
	uint64_t n = get_number(&value);

	(void)flags;
	emit_number(e, is_small ? n & 0x3f : n);
}

void
bgpls_tlv_float(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_real(e, get_float(&value), 1);
}

void
bgpls_tlv_floats(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_array(e);
	while (buf_left(&value) >= 4)
		emit_real(e, get_float(&value), 1);
	emit_end_array(e);
}

void
bgpls_tlv_u8s(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_array(e);
	while (buf_left(&value) > 0)
		emit_number(e, buf_get_u8(&value));
	emit_end_array(e);
}

void
bgpls_tlv_u32s(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_array(e);
	while (buf_left(&value) >= 4)
		emit_number(e, buf_get_u32(&value));
	emit_end_array(e);
}

void
bgpls_tlv_u64s(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	emit_begin_array(e);
	while (buf_left(&value) >= 8)
		emit_number(e, buf_get_u64(&value));
	emit_end_array(e);
}

void
bgpls_tlv_delay(struct rd value, const char *flags, struct emit *e)
{
	bool is_anomalous = (buf_get_u8(&value) & ANOMALOUS) != 0;

	(void)flags;
	emit_begin_object(e);
	emit_key_number(e, "delay-us", buf_get_u24(&value));
	emit_key_boolean(e, "anomalous", is_anomalous);
	emit_end_object(e);
}

void
bgpls_tlv_minmax(struct rd value, const char *flags, struct emit *e)
{
	bool is_anomalous = (buf_get_u8(&value) & ANOMALOUS) != 0;

	(void)flags;
	emit_begin_object(e);
	emit_key_number(e, "min-delay-us", buf_get_u24(&value));
	buf_get_u8(&value);
	emit_key_number(e, "max-delay-us", buf_get_u24(&value));
	emit_key_boolean(e, "anomalous", is_anomalous);
	emit_end_object(e);
}

void
bgpls_tlv_variation(struct rd value, const char *flags, struct emit *e)
{
	(void)flags;
	buf_get_u8(&value);
	emit_number(e, buf_get_u24(&value));
}

/* In units of 0.000003 %, RFC 8571 2.4. */
void
bgpls_tlv_loss(struct rd value, const char *flags, struct emit *e)
{
	bool is_anomalous = (buf_get_u8(&value) & ANOMALOUS) != 0;

	(void)flags;
	emit_begin_object(e);
	emit_key(e, "loss-percent");
	emit_real(e, buf_get_u24(&value) * 0.000003, 6);
	emit_key_boolean(e, "anomalous", is_anomalous);
	emit_end_object(e);
}
