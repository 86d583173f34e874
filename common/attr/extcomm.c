/* SPDX-License-Identifier: ISC */
/*
 * Extended communities: type 1, subtype 1, value 6 (RFC 4360), or 18 for the
 * IPv6 ones (RFC 5701). One table row a kind says how its value is written;
 * unknown kinds are hexadecimal.
 */
#include "common/attr/rows.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"

#include <inttypes.h>
#include <math.h>

#define EXTCOMM_LEN		8
#define EXTCOMM_IPV6_LEN	20

#define TYPE_NON_TRANSITIVE	0x40

struct kind {
	uint8_t		 type;
	uint8_t		 subtype;
	const char	*name;
	void		(*put)(const struct kind *, struct rd, struct wr *);
};

int
extcomm_check(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return buf_left(&value) == 0 || buf_left(&value) % EXTCOMM_LEN != 0 ?
	    ERR_RANGE : 0;
}

int
extcomm_check_ipv6(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return buf_left(&value) == 0 ||
	    buf_left(&value) % EXTCOMM_IPV6_LEN != 0 ? ERR_RANGE : 0;
}

static void
put_ip(struct rd *r, size_t len, struct wr *out)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (addr_from_bytes(buf_get_bytes(r, len), len, &a) == 0)
		buf_put_text(out, addr_print(&a, text, sizeof(text)));
}

/* The rate of RFC 8955 7.1 and of link bandwidth: an IEEE 754 single. */
static double
get_float(struct rd *r)
{
	union {
		uint32_t	bits;
		float		value;
	} u = { .bits = buf_get_u32(r) };

	return isfinite(u.value) ? (double)u.value : 0.0;
}

static void
put_asn_number(const struct kind *k, struct rd r, struct wr *out)
{
	unsigned asn = buf_get_u16(&r);

	buf_put_format(out, "%s:%u:%u", k->name, asn, buf_get_u32(&r));
}

/* Compat: ExaBGP writes the origin's number as an address. */
static void
put_asn_ip(const struct kind *k, struct rd r, struct wr *out)
{
	buf_put_format(out, "%s:%u:", k->name, buf_get_u16(&r));
	put_ip(&r, 4, out);
}

static void
put_ip_number(const struct kind *k, struct rd r, struct wr *out)
{
	buf_put_format(out, "%s:", k->name);
	put_ip(&r, 4, out);
	buf_put_format(out, ":%u", buf_get_u16(&r));
}

static void
put_asn4_number(const struct kind *k, struct rd r, struct wr *out)
{
	uint32_t asn = buf_get_u32(&r);

	buf_put_format(out, "%s:%u:%u", k->name, asn, buf_get_u16(&r));
}

static void
put_rate(const struct kind *k, struct rd r, struct wr *out)
{
	buf_get_u16(&r);	/* an AS number, informational */
	buf_put_format(out, "%s:%.0f%s", k->name, get_float(&r),
	    k->subtype == 0x0c ? ":packets" : "");
}

static void
put_action(const struct kind *k, struct rd r, struct wr *out)
{
	static const char *const names[] = {
		"none", "terminal", "sample", "sample-terminal",
	};

	buf_get_bytes(&r, 5);
	buf_put_format(out, "%s %s", k->name, names[buf_get_u8(&r) & 3]);
}

static void
put_mark(const struct kind *k, struct rd r, struct wr *out)
{
	buf_get_bytes(&r, 5);
	buf_put_format(out, "%s %u", k->name, buf_get_u8(&r));
}

static void
put_nexthop(const struct kind *k, struct rd r, struct wr *out)
{
	(void)k;
	buf_get_bytes(&r, 5);
	buf_put_text(out, (buf_get_u8(&r) & 1) != 0 ?
	    "copy-to-nexthop" : "redirect-to-nexthop");
}

static void
put_nexthop_ietf(struct rd r, size_t len, struct wr *out)
{
	struct rd last = r;

	buf_get_bytes(&last, len);
	buf_put_text(out, (buf_get_u16(&last) & 1) != 0 ?
	    "copy-to-nexthop-ietf " : "redirect-to-nexthop-ietf ");
	put_ip(&r, len, out);
}

static void
put_nexthop_ietf_ipv4(const struct kind *k, struct rd r, struct wr *out)
{
	(void)k;
	put_nexthop_ietf(r, 4, out);
}

static void
put_nexthop_ietf_ipv6(const struct kind *k, struct rd r, struct wr *out)
{
	(void)k;
	put_nexthop_ietf(r, 16, out);
}

static void
put_interface_set(const struct kind *k, struct rd r, struct wr *out)
{
	static const char *const directions[] = {
		"none", "input", "output", "input-output",
	};
	uint32_t asn = buf_get_u32(&r);
	unsigned group = buf_get_u16(&r);

	buf_put_format(out, "%s:%s:%u:%u", k->name, directions[group >> 14],
	    asn, group & 0x3fff);
}

static void
put_l2info(const struct kind *k, struct rd r, struct wr *out)
{
	unsigned encaps = buf_get_u8(&r), control = buf_get_u8(&r);
	unsigned mtu = buf_get_u16(&r);

	buf_put_format(out, "%s:%u:%u:%u:%u", k->name, encaps, control, mtu,
	    buf_get_u16(&r));
}

static void
put_encapsulation(const struct kind *k, struct rd r, struct wr *out)
{
	static const char *const names[] = {
		[0] = "Default", [1] = "L2TPv3", [2] = "GRE", [7] = "IPIP",
		[8] = "VXLAN", [9] = "NVGRE", [10] = "MPLS",
		[11] = "VXLAN-GPE", [12] = "MPLS-UDP",
	};
	unsigned type;

	buf_get_u32(&r);
	type = buf_get_u16(&r);
	if (type < sizeof(names) / sizeof(names[0]) && names[type] != NULL)
		buf_put_format(out, "%s:%s", k->name, names[type]);
	else
		buf_put_format(out, "%s:encap-%u", k->name, type);
}

static void
put_mac_mobility(const struct kind *k, struct rd r, struct wr *out)
{
	bool is_sticky = (buf_get_u8(&r) & 1) != 0;

	buf_get_u8(&r);
	buf_put_format(out, "%s:%u%s", k->name, buf_get_u32(&r),
	    is_sticky ? ":sticky" : "");
}

static void
put_bandwidth(const struct kind *k, struct rd r, struct wr *out)
{
	unsigned asn = buf_get_u16(&r);

	buf_put_format(out, "%s:%u:%.0f", k->name, asn, get_float(&r));
}

static const struct kind kinds[] = {
	{ 0x00, 0x02, "target", put_asn_number },
	{ 0x00, 0x03, "origin", put_asn_ip },
	{ 0x00, 0x04, "bandwidth", put_bandwidth },
	{ 0x00, 0x13, "rtrecord", put_asn_number },
	{ 0x01, 0x02, "target", put_ip_number },
	{ 0x01, 0x03, "origin", put_ip_number },
	{ 0x01, 0x0c, "redirect-to-nexthop-ietf", put_nexthop_ietf_ipv4 },
	{ 0x01, 0x13, "rtrecord", put_ip_number },
	{ 0x02, 0x02, "target", put_asn4_number },
	{ 0x02, 0x03, "origin", put_asn4_number },
	{ 0x02, 0x13, "rtrecord", put_asn4_number },
	{ 0x03, 0x0c, "encap", put_encapsulation },
	{ 0x06, 0x00, "mac-mobility", put_mac_mobility },
	{ 0x07, 0x02, "interface-set", put_interface_set },
	{ 0x08, 0x00, "redirect-to-nexthop", put_nexthop },
	{ 0x0c, 0x00, "mup", put_asn_number },
	{ 0x80, 0x06, "rate-limit", put_rate },
	{ 0x80, 0x07, "action", put_action },
	{ 0x80, 0x08, "redirect", put_asn_number },
	{ 0x80, 0x09, "mark", put_mark },
	{ 0x80, 0x0a, "l2info", put_l2info },
	{ 0x80, 0x0c, "rate-limit", put_rate },
	{ 0x81, 0x08, "redirect", put_ip_number },
	{ 0x82, 0x08, "redirect", put_asn4_number },
};

static void
put_ipv6_number(const struct kind *k, struct rd r, struct wr *out)
{
	buf_put_format(out, "%s:", k->name);
	put_ip(&r, 16, out);
	buf_put_format(out, ":%u", buf_get_u16(&r));
}

static const struct kind ipv6_kinds[] = {
	{ 0x00, 0x02, "target", put_ipv6_number },
	{ 0x00, 0x03, "origin", put_ipv6_number },
	{ 0x00, 0x0c, "redirect-to-nexthop-ietf", put_nexthop_ietf_ipv6 },
	/* Compat: ExaBGP's flow redirect to an IPv6 address. */
	{ 0x80, 0x0b, "redirect", put_ipv6_number },
};

/* Interface sets may be transitive or not; other kinds are what they say. */
static const struct kind *
find_kind(const struct kind *rows, size_t n, unsigned type, unsigned subtype)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].subtype != subtype)
			continue;
		if (rows[i].type == type ||
		    rows[i].type == (type & ~(unsigned)TYPE_NON_TRANSITIVE))
			return &rows[i];
	}
	return NULL;
}

#define N_ITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static void
text_one(struct rd *value, size_t len, struct wr *out)
{
	struct rd one = buf_get_sub(value, len), rest = one;
	unsigned type = buf_get_u8(&rest), subtype = buf_get_u8(&rest);
	const struct kind *k;

	if (len == EXTCOMM_LEN)
		k = find_kind(kinds, N_ITEMS(kinds), type, subtype);
	else
		k = find_kind(ipv6_kinds, N_ITEMS(ipv6_kinds), type, subtype);
	if (k != NULL) {
		k->put(k, rest, out);
		return;
	}
	buf_put_text(out, "0x");
	while (buf_left(&one) > 0)
		buf_put_format(out, "%02X", buf_get_u8(&one));
}

static void
text_all(struct rd value, size_t len, struct wr *out)
{
	bool is_many = buf_left(&value) > len;

	if (is_many)
		buf_put_text(out, "[ ");
	while (buf_left(&value) > 0) {
		text_one(&value, len, out);
		if (is_many)
			buf_put_text(out, " ");
	}
	if (is_many)
		buf_put_text(out, "]");
}

static void
emit_text_of(struct rd *value, size_t len, struct emit *e)
{
	char text[128];
	struct wr out;

	buf_writer(&out, text, sizeof(text));
	text_one(value, len, &out);
	emit_key(e, "string");
	emit_string_len(e, text, out.len);
}

void
extcomm_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	struct rd number;

	(void)shape;
	emit_begin_array(e);
	while (buf_left(&value) >= EXTCOMM_LEN) {
		number = value;
		emit_begin_object(e);
		emit_key_number(e, "value", buf_get_u64(&number));
		emit_text_of(&value, EXTCOMM_LEN, e);
		emit_end_object(e);
	}
	emit_end_array(e);
}

void
extcomm_emit_ipv6(struct rd value, enum attr_json shape, struct emit *e)
{
	struct rd one;

	(void)shape;
	emit_begin_array(e);
	while (buf_left(&value) >= EXTCOMM_IPV6_LEN) {
		one = value;
		emit_begin_object(e);
		emit_key(e, "value");
		emit_hex(e, "0x", buf_get_bytes(&one, EXTCOMM_IPV6_LEN),
		    EXTCOMM_IPV6_LEN);
		emit_text_of(&value, EXTCOMM_IPV6_LEN, e);
		emit_end_object(e);
	}
	emit_end_array(e);
}

void
extcomm_text(struct rd value, struct wr *out)
{
	text_all(value, EXTCOMM_LEN, out);
}

void
extcomm_text_ipv6(struct rd value, struct wr *out)
{
	text_all(value, EXTCOMM_IPV6_LEN, out);
}
