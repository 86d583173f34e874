/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: flowspec rules to the bytes of a flow. RFC 8955 4.2, RFC 8956 3.
 *
 *   component: type 1 | operator 1, value 1, 2, 4 ... ; or a prefix
 *
 * Components stand in the order of their numbers, each once.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/route.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define FLOW_MAX	4000
#define COMPONENT_N	14

enum flow_component {
	FLOW_TO = 1,
	FLOW_FROM = 2,
	FLOW_PROTO = 3,
	FLOW_TO_PORT = 5,
	FLOW_FROM_PORT = 6,
	FLOW_ICMP_TYPE = 7,
	FLOW_ICMP_CODE = 8,
	FLOW_FLAGS = 9,
	FLOW_LENGTH = 10,
	FLOW_TOS = 11,
	FLOW_FRAGMENT = 12,
};

/* Operators, RFC 8955 4.2.1. */
#define OP_END		0x80
#define OP_AND		0x40
#define OP_LT		0x04
#define OP_GT		0x02
#define OP_EQ		0x01
#define OP_NOT		0x02		/* of bits, 4.2.1.2 */
#define OP_MATCH	0x01

struct flow {
	struct bgpd_parser *p;
	uint16_t	afi;
	struct wr	parts[COMPONENT_N];
};

static struct wr *
part(struct flow *w, unsigned component)
{
	return &w->parts[component];
}

static void
put_value(struct wr *out, uint8_t op, uint64_t value)
{
	unsigned bytes = value > UINT16_MAX ? 4 : value > UINT8_MAX ? 2 : 1;

	/* Bits 2-3 are the logarithm of the length. */
	buf_put_u8(out, (uint8_t)(op | (bytes == 4 ? 0x20 :
	    bytes == 2 ? 0x10 : 0)));
	if (bytes == 4)
		buf_put_u32(out, (uint32_t)value);
	else if (bytes == 2)
		buf_put_u16(out, (uint16_t)value);
	else
		buf_put_u8(out, (uint8_t)value);
}

static uint8_t
operator_bits(uint8_t op)
{
	static const uint8_t bits[] = {
		[CONF_OP_EQ] = OP_EQ, [CONF_OP_NE] = OP_LT | OP_GT,
		[CONF_OP_LT] = OP_LT, [CONF_OP_LE] = OP_LT | OP_EQ,
		[CONF_OP_GT] = OP_GT, [CONF_OP_GE] = OP_GT | OP_EQ,
	};

	return bits[op];
}

typedef bool flow_value_fn(struct bgpd_parser *, int64_t *);

static bool
value_port(struct bgpd_parser *p, int64_t *out)
{
	uint16_t port = 0;

	if (p->token.kind == LEX_NUMBER && p->token.number == 0) {
		*out = 0;
		bgpd_next(p);
		return true;
	}
	if (!bgpd_port(p, &port))
		return false;
	*out = port;
	return true;
}

static bool
value_proto(struct bgpd_parser *p, int64_t *out)
{
	const struct protoent *e = p->token.kind == LEX_STRING ?
	    getprotobyname(p->token.text) : NULL;

	if (e == NULL)
		return bgpd_number(p, 0, UINT8_MAX, "a protocol", out);
	*out = e->p_proto;
	bgpd_next(p);
	return true;
}

static bool
value_length(struct bgpd_parser *p, int64_t *out)
{
	return bgpd_number(p, 0, UINT16_MAX, "a length", out);
}

static bool
value_icmp(struct bgpd_parser *p, int64_t *out)
{
	return bgpd_number(p, 0, UINT8_MAX, "a number of ICMP", out);
}

/* The byte: a number, hexadecimal, or a name. DSCP is the upper six bits. */
static bool
value_tos(struct bgpd_parser *p, int64_t *out)
{
	static const struct { const char *word; uint8_t tos; } names[] = {
		{ "af11", 0x28 }, { "af12", 0x30 }, { "af13", 0x38 },
		{ "af21", 0x48 }, { "af22", 0x50 }, { "af23", 0x58 },
		{ "af31", 0x68 }, { "af32", 0x70 }, { "af33", 0x78 },
		{ "af41", 0x88 }, { "af42", 0x90 }, { "af43", 0x98 },
		{ "critical", 0xa0 }, { "cs0", 0x00 }, { "cs1", 0x20 },
		{ "cs2", 0x40 }, { "cs3", 0x60 }, { "cs4", 0x80 },
		{ "cs5", 0xa0 }, { "cs6", 0xc0 }, { "cs7", 0xe0 },
		{ "ef", 0xb8 }, { "inetcontrol", 0xc0 }, { "lowdelay", 0x10 },
		{ "netcontrol", 0xe0 }, { "reliability", 0x04 },
		{ "throughput", 0x08 }, { "va", 0xb0 },
	};
	char *end;
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		if (bgpd_take(p, names[i].word)) {
			*out = names[i].tos >> 2;
			return true;
		}
	}
	if (p->token.kind == LEX_STRING &&
	    strncmp(p->token.text, "0x", 2) == 0) {
		*out = (int64_t)strtoul(p->token.text, &end, 16);
		if (*end != '\0' || *out > UINT8_MAX)
			return bgpd_expected(p, "a tos");
		bgpd_next(p);
	} else if (!bgpd_number(p, 0, UINT8_MAX, "a tos", out)) {
		return false;
	}
	*out >>= 2;
	return true;
}

/* item = n | unop n | n - m | n >< m; the last sets OP_END later. */
static bool
flow_item(struct flow *w, unsigned component, flow_value_fn *value,
    bool has_ranges)
{
	struct wr *out = part(w, component);
	struct bgpd_parser *p = w->p;
	uint8_t op = has_ranges ? bgpd_unary(p) : CONF_OP_NONE;
	int64_t low = 0, high = 0;
	bool is_outside;

	if (!value(p, &low))
		return false;
	if (op != CONF_OP_NONE || !has_ranges ||
	    (!bgpd_is_char(p, '-') && p->token.kind != LEX_XRANGE)) {
		put_value(out, op == CONF_OP_NONE ? OP_EQ : operator_bits(op),
		    (uint64_t)low);
		return true;
	}
	is_outside = p->token.kind == LEX_XRANGE;
	bgpd_next(p);
	if (!value(p, &high))
		return false;
	if (high <= low)
		return bgpd_fail(p, "the range goes backwards");
	put_value(out, is_outside ? OP_LT : OP_GT | OP_EQ, (uint64_t)low);
	put_value(out, is_outside ? OP_GT : OP_AND | OP_LT | OP_EQ,
	    (uint64_t)high);
	return true;
}

static bool
flow_items(struct flow *w, unsigned component, flow_value_fn *value,
    bool has_ranges)
{
	if (part(w, component)->len != 0)
		return bgpd_fail(w->p, "this is in the flow already");
	if (!bgpd_take_char(w->p, '{'))
		return flow_item(w, component, value, has_ranges);
	while (bgpd_list_goes_on(w->p))
		if (!flow_item(w, component, value, has_ranges))
			return false;
	return true;
}

/* any | prefix, and a port */
static bool
flow_address(struct flow *w, unsigned component, unsigned port)
{
	struct wr *out = part(w, component);
	struct bgpd_parser *p = w->p;
	struct prefix prefix;
	bool is_ipv6 = w->afi == AFI_IPV6;

	if (!bgpd_is(p, "port") && !bgpd_take(p, "any")) {
		if (out->len != 0)
			return bgpd_fail(p, "this is in the flow already");
		if (!bgpd_prefix(p, true, &prefix))
			return false;
		if ((prefix.addr.family == ADDR_IPV6) != is_ipv6)
			return bgpd_fail(p, "the prefix is of the other "
			    "family");
		buf_put_u8(out, prefix.len_bits);
		if (is_ipv6)
			buf_put_u8(out, 0);	/* offset */
		buf_put_bytes(out, prefix.addr.bytes,
		    (prefix.len_bits + 7u) / 8);
	}
	return !bgpd_take(p, "port") ||
	    flow_items(w, port, value_port, true);
}

static bool
flow_from(struct flow *w)
{
	return flow_address(w, FLOW_FROM, FLOW_FROM_PORT);
}

static bool
flow_to(struct flow *w)
{
	return flow_address(w, FLOW_TO, FLOW_TO_PORT);
}

static bool
flow_proto(struct flow *w)
{
	return flow_items(w, FLOW_PROTO, value_proto, false);
}

static bool
flow_length(struct flow *w)
{
	return flow_items(w, FLOW_LENGTH, value_length, true);
}

static bool
flow_tos(struct flow *w)
{
	return flow_items(w, FLOW_TOS, value_tos, false);
}

/* type [code c] */
static bool
flow_icmp_one(struct flow *w)
{
	if (!flow_item(w, FLOW_ICMP_TYPE, value_icmp, false))
		return false;
	return !bgpd_take(w->p, "code") ||
	    flow_item(w, FLOW_ICMP_CODE, value_icmp, false);
}

static bool
flow_icmp_type(struct flow *w)
{
	if (part(w, FLOW_ICMP_TYPE)->len != 0)
		return bgpd_fail(w->p, "this is in the flow already");
	if (!bgpd_take_char(w->p, '{'))
		return flow_icmp_one(w);
	while (bgpd_list_goes_on(w->p))
		if (!flow_icmp_one(w))
			return false;
	return true;
}

/* As printed: the codes by themselves. */
static bool
flow_icmp_code(struct flow *w)
{
	return flow_items(w, FLOW_ICMP_CODE, value_icmp, false);
}

/* "SA" to bits; names is the letter of each bit. */
static bool
letters(const char *s, size_t len, const char *names, uint8_t *out)
{
	const char *at;
	size_t i;

	*out = 0;
	for (i = 0; i < len; i++) {
		at = s[i] == '\0' ? NULL : strchr(names, s[i]);
		if (at == NULL || *at == ' ')
			return false;
		*out |= (uint8_t)(1u << (at - names));
	}
	return true;
}

/* any | letters | [letters] / mask: bits that are set, those looked at. */
static bool
flow_bits(struct flow *w, unsigned component, const char *names)
{
	struct bgpd_parser *p = w->p;
	struct wr *out = part(w, component);
	uint8_t set = 0, mask = 0;
	bool has_set = false;

	if (out->len != 0)
		return bgpd_fail(p, "this is in the flow already");
	if (bgpd_take(p, "any"))
		return true;
	if (!bgpd_is_char(p, '/')) {
		if (p->token.kind != LEX_STRING || !letters(p->token.text,
		    strlen(p->token.text), names, &set))
			return bgpd_expected(p, "flags");
		has_set = true;
		bgpd_next(p);
	}
	/* Compat: letters alone are any of them; with a mask, exactly. */
	if (has_set && !bgpd_is_char(p, '/')) {
		put_value(out, 0, set);
		return true;
	}
	bgpd_next(p);
	if (p->token.kind != LEX_STRING || !letters(p->token.text,
	    strlen(p->token.text), names, &mask))
		return bgpd_expected(p, "flags");
	bgpd_next(p);
	if ((set & ~mask) != 0)
		return bgpd_fail(p, "flags outside of those looked at");
	if (has_set)
		put_value(out, OP_MATCH, set);
	if ((mask & ~set) != 0)
		put_value(out, has_set ? OP_AND | OP_NOT : OP_NOT,
		    (uint64_t)(mask & ~set));
	return true;
}

static bool
flow_flags(struct flow *w)
{
	return flow_bits(w, FLOW_FLAGS, "FSRPAUEW");
}

static bool
flow_fragment(struct flow *w)
{
	/* IPv6 knows no "do not fragment", RFC 8956 3.6. */
	return flow_bits(w, FLOW_FRAGMENT, w->afi == AFI_IPV6 ? " IFL" :
	    "DIFL");
}

/* Components in their order, with the end marked, behind the length. */
static bool
flow_put(struct flow *w, struct wr *out)
{
	static const uint8_t is_prefix[COMPONENT_N] = {
		[FLOW_TO] = 1, [FLOW_FROM] = 1,
	};
	size_t len = 0, last;
	unsigned i;
	struct rd r;
	uint8_t op;

	for (i = 1; i < COMPONENT_N; i++)
		len += w->parts[i].len + (w->parts[i].len != 0);
	if (len == 0 || len > FLOW_MAX)
		return false;
	if (len < 240)
		buf_put_u8(out, (uint8_t)len);
	else
		buf_put_u16(out, (uint16_t)(0xf000 | len));
	for (i = 1; i < COMPONENT_N; i++) {
		if (w->parts[i].len == 0)
			continue;
		buf_put_u8(out, (uint8_t)i);
		last = out->len;
		buf_put_bytes(out, w->parts[i].base, w->parts[i].len);
		if (is_prefix[i])
			continue;
		for (r = buf_reader(w->parts[i].base, w->parts[i].len);
		    buf_left(&r) > 0;) {
			last = out->len - buf_left(&r);
			op = buf_get_u8(&r);
			buf_get_bytes(&r, 1u << (op >> 4 & 3));
		}
		out->base[last] |= OP_END;
	}
	return out->err == 0;
}

static bool
flow_parse(struct flow *w)
{
	static const struct {
		const char	*word;
		bool		(*parse)(struct flow *);
	} rows[] = {
		{ "flags", flow_flags }, { "fragment", flow_fragment },
		{ "from", flow_from }, { "icmp-code", flow_icmp_code },
		{ "icmp-type", flow_icmp_type }, { "length", flow_length },
		{ "proto", flow_proto }, { "to", flow_to },
		{ "tos", flow_tos },
	};
	size_t i;

	while (!bgpd_is_end_of_statement(w->p) && !bgpd_is(w->p, "set")) {
		for (i = 0; i < COUNT(rows); i++)
			if (bgpd_take(w->p, rows[i].word))
				break;
		if (i == COUNT(rows))
			return bgpd_expected(w->p, "a part of a flow, or set");
		if (!rows[i].parse(w))
			return false;
	}
	return true;
}

static bool
flow_keep(struct flow *w)
{
	struct config *c = w->p->config;
	struct conf_route r = { .afi = w->afi, .safi = SAFI_FLOW }, *slot;
	struct wr out;
	bool is_good;
	size_t i;

	buf_writer_growing(&out, FLOW_MAX + 2);
	is_good = flow_put(w, &out);
	if (is_good) {
		r.nlri.bytes = arena_copy(c->arena, out.base, out.len);
		r.nlri.len = (uint32_t)out.len;
	}
	buf_free(&out);
	if (!is_good)
		return bgpd_fail(w->p, "the flow is empty or too long");
	if (bgpd_take(w->p, "set") &&
	    !bgpd_parse_sets(w->p, &r.sets, &r.n_sets))
		return false;
	for (i = 0; i < c->n_flowspecs; i++)
		if (c->flowspecs[i].afi == r.afi &&
		    c->flowspecs[i].nlri.len == r.nlri.len &&
		    memcmp(c->flowspecs[i].nlri.bytes, r.nlri.bytes,
		    r.nlri.len) == 0)
			return bgpd_fail(w->p, "this flow is there already");
	slot = arena_append(c->arena, &c->flowspecs, &c->n_flowspecs,
	    sizeof(*slot));
	*slot = r;
	return true;
}

bool
bgpd_parse_flowspec(struct bgpd_parser *p)
{
	struct flow w = { .p = p };
	bool is_good;
	unsigned i;

	if (bgpd_take(p, "inet") || bgpd_take(p, "IPv4"))
		w.afi = AFI_IPV4;
	else if (bgpd_take(p, "inet6") || bgpd_take(p, "IPv6"))
		w.afi = AFI_IPV6;
	else
		return bgpd_expected(p, "inet or inet6");
	for (i = 0; i < COMPONENT_N; i++)
		buf_writer_growing(&w.parts[i], FLOW_MAX);
	is_good = flow_parse(&w) && flow_keep(&w);
	for (i = 0; i < COMPONENT_N; i++)
		buf_free(&w.parts[i]);
	return is_good;
}
