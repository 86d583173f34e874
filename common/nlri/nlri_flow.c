/* SPDX-License-Identifier: ISC */
/*
 * Flow specifications, IPv4 and IPv6, with or without a route distinguisher.
 * RFC 8955 4, RFC 8956 3.
 *
 *   length 1 or 2 | (route distinguisher 8) | components
 *   prefix: type 1, bits 1, (IPv6: offset 1,) pattern
 *   others: type 1, then operator 1 and value 1, 2, 4 or 8, until one has
 *   the end bit
 *
 * A flow that is not well formed is shown as bytes.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/flow_words.h"
#include "common/nlri/rdist.h"

#include <inttypes.h>

#define FLOW_TEXT_MAX	(1 << 18)	/* 4095 bytes make no more */

struct flow {
	bool		is_ipv6;
	/* Compat: ExaBGP writes the whole pattern whatever the offset. */
	bool		is_whole_pattern;
	struct rd	rdist;		/* empty when the family has none */
	struct rd	components;
};

struct flow_prefix {
	struct prefix	prefix;
	unsigned	offset;
};

static bool
is_prefix_type(unsigned type)
{
	return type == FLOW_DESTINATION || type == FLOW_SOURCE;
}

/* Move the bytes of a pattern behind its offset bits, RFC 8956 3.1. */
static void
shift_pattern(struct prefix *p, unsigned offset)
{
	uint8_t from[16];
	unsigned i, bit;

	memcpy(from, p->addr.bytes, sizeof(from));
	memset(p->addr.bytes, 0, sizeof(p->addr.bytes));
	for (i = 0; i + offset < p->len_bits; i++) {
		bit = from[i / 8] >> (7 - i % 8) & 1;
		p->addr.bytes[(i + offset) / 8] |=
		    (uint8_t)(bit << (7 - (i + offset) % 8));
	}
}

static int
get_prefix(struct rd *r, const struct flow *f, struct flow_prefix *out)
{
	unsigned bits = buf_get_u8(r), pattern_bits;
	int err;

	out->offset = f->is_ipv6 ? buf_get_u8(r) : 0;
	if (out->offset > bits)
		return ERR_RANGE;
	pattern_bits = f->is_whole_pattern ? bits : bits - out->offset;
	err = nlri_inet_get_prefix(r, f->is_ipv6 ? AFI_IPV6 : AFI_IPV4,
	    pattern_bits, &out->prefix);
	if (err != 0 || bits > addr_bits(out->prefix.addr.family))
		return err != 0 ? err : ERR_RANGE;
	out->prefix.len_bits = (uint8_t)bits;
	if (!f->is_whole_pattern)
		shift_pattern(&out->prefix, out->offset);
	return 0;
}

static uint64_t
get_value(struct rd *r, unsigned op)
{
	switch (op & FLOW_OP_LEN) {
	case 0x00:
		return buf_get_u8(r);
	case 0x10:
		return buf_get_u16(r);
	case 0x20:
		return buf_get_u32(r);
	default:
		return buf_get_u64(r);
	}
}

/* Cut a component of operators off the front: up to its end bit. */
static int
get_operators(struct rd *r, struct rd *out)
{
	struct rd start = *r;
	unsigned op;

	do {
		op = buf_get_u8(r);
		get_value(r, op);
		if (r->is_short)
			return ERR_SHORT;
	} while ((op & FLOW_OP_END) == 0);
	*out = buf_get_sub(&start, buf_left(&start) - buf_left(r));
	return 0;
}

/* Components ascend, each at most once (RFC 8955 4.2). */
static int
check_components(const struct flow *f)
{
	struct rd r = f->components, operators;
	struct flow_prefix prefix;
	unsigned type, last = 0;
	int err;

	while (buf_left(&r) > 0) {
		type = buf_get_u8(&r);
		if (type <= last || type > FLOW_TYPE_MAX ||
		    (type == FLOW_LABEL && !f->is_ipv6))
			return ERR_RANGE;
		last = type;
		err = is_prefix_type(type) ? get_prefix(&r, f, &prefix) :
		    get_operators(&r, &operators);
		if (err != 0)
			return err;
	}
	return 0;
}

static int
parse(const struct nlri *n, struct flow *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	*out = (struct flow){ .is_ipv6 = n->family->afi == AFI_IPV6 };
	if (buf_get_u8(&r) >= 0xf0)
		buf_get_u8(&r);
	out->rdist = buf_reader(NULL, 0);
	if (n->family->safi == SAFI_FLOW_VPN)
		out->rdist = buf_get_sub(&r, RDIST_LEN);
	if (r.is_short)
		return ERR_SHORT;
	out->components = r;
	if (check_components(out) == 0)
		return 0;
	out->is_whole_pattern = true;
	return out->is_ipv6 ? check_components(out) : ERR_RANGE;
}

static void
put_prefix(const struct flow *f, const struct flow_prefix *p, struct wr *out)
{
	char text[PREFIX_TEXT_MAX];

	buf_put_text(out, prefix_print(&p->prefix, text, sizeof(text)));
	if (f->is_ipv6)
		buf_put_format(out, "/%u", p->offset);
}

/*
 * Write the next alternative: an operator and those that are and-ed to it.
 * The and bit of a component's first operator has no meaning.
 */
static void
put_alternative(unsigned type, struct rd *operators, struct wr *out)
{
	struct rd peek;
	unsigned op;
	bool is_first = true;

	while (buf_left(operators) > 0) {
		peek = *operators;
		op = buf_get_u8(&peek);
		if (!is_first && (op & FLOW_OP_AND) == 0)
			return;
		*operators = peek;
		if (!is_first)
			buf_put_text(out, "&");
		is_first = false;
		flow_words_put(type, op, get_value(operators, op), out);
	}
}

/* Call once for each alternative of a component, with its text. */
static void
emit_component(unsigned type, struct rd operators, struct emit *e)
{
	struct wr text;

	buf_writer_growing(&text, FLOW_TEXT_MAX);
	while (buf_left(&operators) > 0) {
		buf_reset(&text);
		put_alternative(type, &operators, &text);
		emit_string_len(e, (const char *)text.base, text.len);
	}
	buf_free(&text);
}

/* In brackets when there is more than one operator, and-ed ones too. */
static void
text_component(unsigned type, struct rd operators, struct wr *out)
{
	struct rd peek = operators;
	bool is_list;

	get_value(&peek, buf_get_u8(&peek));
	is_list = buf_left(&peek) > 0;
	if (is_list)
		buf_put_text(out, " [");
	while (buf_left(&operators) > 0) {
		buf_put_text(out, " ");
		put_alternative(type, &operators, out);
	}
	if (is_list)
		buf_put_text(out, " ]");
}

static void
emit_components(const struct flow *f, struct emit *e)
{
	struct rd r = f->components, operators;
	char bytes[PREFIX_TEXT_MAX + 8];
	struct flow_prefix prefix;
	struct wr text;
	unsigned type;

	while (buf_left(&r) > 0) {
		type = buf_get_u8(&r);
		emit_key_array(e, flow_words_name(type, f->is_ipv6));
		if (!is_prefix_type(type)) {
			get_operators(&r, &operators);
			emit_component(type, operators, e);
		} else if (get_prefix(&r, f, &prefix) == 0) {
			buf_writer(&text, bytes, sizeof(bytes));
			put_prefix(f, &prefix, &text);
			emit_string_len(e, bytes, text.len);
		}
		emit_end_array(e);
	}
}

static void
text_flow(const struct flow *f, struct wr *out)
{
	struct rd r = f->components, operators;
	char rdist[RDIST_TEXT_MAX];
	struct flow_prefix prefix;
	unsigned type;

	buf_put_text(out, "flow");
	while (buf_left(&r) > 0) {
		type = buf_get_u8(&r);
		buf_put_format(out, " %s", flow_words_name(type, f->is_ipv6));
		if (!is_prefix_type(type)) {
			get_operators(&r, &operators);
			text_component(type, operators, out);
		} else if (get_prefix(&r, f, &prefix) == 0) {
			buf_put_text(out, " ");
			put_prefix(f, &prefix, out);
		}
	}
	r = f->rdist;
	if (buf_left(&r) > 0)
		buf_put_format(out, " rd %s",
		    rdist_print(&r, rdist, sizeof(rdist)));
}

void
nlri_flow_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	char rdist[RDIST_TEXT_MAX];
	struct wr text;
	struct flow f;
	struct rd r;

	if (parse(n, &f) != 0) {
		nlri_opaque_emit(n, shape, e);
		return;
	}
	emit_components(&f, e);
	r = f.rdist;
	if (buf_left(&r) > 0)
		emit_key_string(e, "rd", rdist_print(&r, rdist,
		    sizeof(rdist)));
	if ((shape & NLRI_JSON_V6) == 0 && n->nexthop != NULL)
		emit_key_string(e, "next-hop", n->nexthop);
	nlri_inet_emit_path(n, e);
	buf_writer_growing(&text, FLOW_TEXT_MAX);
	text_flow(&f, &text);
	emit_key(e, "string");
	emit_string_len(e, (const char *)text.base, text.len);
	buf_free(&text);
}

void
nlri_flow_text(const struct nlri *n, struct wr *out)
{
	struct flow f;

	if (parse(n, &f) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	text_flow(&f, out);
	nlri_inet_text_path(n, out);
}
