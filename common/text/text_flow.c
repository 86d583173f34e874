/* SPDX-License-Identifier: ISC */
/*
 * Flow specifications as a sentence: blocks and lines, and the actions, which
 * become extended communities. The match terms are in flow_match.c. RFC 8955
 * 7, RFC 8956 6.
 *
 *   flow route [NAME] { [rd RD;] [next-hop IP;] match { term; }
 *       [scope { interface-set ...; }] then { action; } }
 *   flow route TERM... ACTION...
 */
#include "common/text/flow.h"
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"

#define RATE_MAX	1e12	/* Compat: ExaBGP's cap */
#define GROUP_MAX	0x3fff

static text_part_fn flow_accept, flow_action, flow_copy, flow_discard,
    flow_interface_set, flow_mark, flow_rate_limit, flow_redirect,
    flow_to_nexthop, flow_to_nexthop_ietf;

static const struct text_part action_rows[] = {
	{ "accept", flow_accept },
	{ "action", flow_action },
	{ "copy", flow_copy },
	{ "discard", flow_discard },
	{ "interface-set", flow_interface_set },
	{ "mark", flow_mark },
	{ "rate-limit", flow_rate_limit },
	{ "redirect", flow_redirect },
	{ "redirect-to-nexthop", flow_to_nexthop },
	{ "redirect-to-nexthop-ietf", flow_to_nexthop_ietf },
};

#define EXTENDED(type, low)	((uint64_t)(type) << 48 | (low))

static uint64_t
float_bits(double d)
{
	float f = (float)d;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static int
flow_accept(struct text_parser *p, struct words *w)
{
	(void)p;
	(void)w;
	return 0;
}

static int
flow_discard(struct text_parser *p, struct words *w)
{
	return communities_add_extended(p, w, EXTENDED(0x8006, 0));
}

/* N [bytes|packets] */
static int
flow_rate_limit(struct text_parser *p, struct words *w)
{
	unsigned type = 0x8006;
	double rate;

	if (!words_is_value(w) ||
	    !scalars_real(w->word.at, w->word.len, &rate))
		return parts_expected(p, w, "a number");
	words_next(w);
	if (words_is(w, "packets"))
		type = 0x800c;
	if (words_is(w, "packets") || words_is(w, "bytes"))
		words_next(w);
	if (rate > RATE_MAX)
		rate = RATE_MAX;
	return communities_add_extended(p, w, EXTENDED(type,
	    float_bits(rate)));
}

static int
flow_mark(struct text_parser *p, struct words *w)
{
	uint64_t dscp;
	int e = parts_number(p, w, 63, &dscp);

	if (e != 0)
		return e;
	return communities_add_extended(p, w, EXTENDED(0x8009, dscp));
}

static int
flow_action(struct text_parser *p, struct words *w)
{
	unsigned bits;

	if (words_is(w, "sample"))
		bits = 2;
	else if (words_is(w, "terminal"))
		bits = 1;
	else if (words_is(w, "sample-terminal"))
		bits = 3;
	else
		return parts_expected(p, w,
		    "sample, terminal or sample-terminal");
	words_next(w);
	return communities_add_extended(p, w, EXTENDED(0x8007, bits));
}

/* Traffic to the next hop, which this sets; low is 1 for a copy. */
static int
flow_nexthop_action(struct text_parser *p, const struct words *w,
    const struct addr *a, unsigned low)
{
	p->nexthop = *a;
	p->has_nexthop = true;
	return communities_add_extended(p, w, EXTENDED(0x0800, low));
}

static int
flow_copy(struct text_parser *p, struct words *w)
{
	struct addr a;
	int e = parts_addr(p, w, &a);

	return e != 0 ? e : flow_nexthop_action(p, w, &a, 1);
}

static int
flow_to_nexthop(struct text_parser *p, struct words *w)
{
	return communities_add_extended(p, w, EXTENDED(0x0800, 0));
}

/* draft-ietf-idr-flowspec-redirect-ip: 010c, or 000c with IPv6. */
static int
flow_to_nexthop_ietf(struct text_parser *p, struct words *w)
{
	struct addr a;
	int e = parts_addr(p, w, &a);

	if (e != 0)
		return e;
	if (a.family == ADDR_IPV6)
		return communities_add_ipv6(p, w, 0x000c, &a, 0);
	return communities_add_extended(p, w, EXTENDED(0x010c,
	    (uint64_t)addr_to_ipv4(&a) << 16));
}

/* [V6], behind its bracket; [V6]:N is an IPv6 route target, RFC 8956 6.1. */
static int
flow_redirect_ipv6(struct text_parser *p, struct words *w)
{
	struct addr a;
	struct word low;
	uint64_t n;
	int e = parts_addr(p, w, &a);

	if (e != 0)
		return e;
	if (!words_take_char(w, ']'))
		return parts_expected(p, w, "\"]\"");
	if (!w->is_glued || !words_is_value(w) || *w->word.at != ':')
		return flow_nexthop_action(p, w, &a, 0);
	low = w->word;
	if (a.family != ADDR_IPV6 ||
	    !scalars_decimal(low.at + 1, low.len - 1, UINT16_MAX, &n))
		return parts_expected(p, w, "a number 0..65535");
	words_next(w);
	return communities_add_ipv6(p, w, 0x000d, &a, (unsigned)n);
}

/* ASN:N | IP:N | IP | [V6] | [V6]:N */
static int
flow_redirect(struct text_parser *p, struct words *w)
{
	struct addr a;
	uint64_t value;

	if (words_take_char(w, '['))
		return flow_redirect_ipv6(p, w);
	if (words_is_value(w) && scalars_addr(&w->word, &a)) {
		words_next(w);
		return flow_nexthop_action(p, w, &a, 0);
	}
	if (!words_is_value(w) || !communities_redirect(&w->word, &value))
		return parts_expected(p, w, "ASN:N, IP:N or an IP address");
	words_next(w);
	return communities_add_extended(p, w, value);
}

/* The part of a word up to its next colon, which is passed. */
static struct word
cut_part(struct word *w)
{
	struct word part = *w;
	const char *colon = w->len == 0 ? NULL : memchr(w->at, ':', w->len);

	if (colon == NULL) {
		w->len = 0;
		return part;
	}
	part.len = (uint32_t)(colon - w->at);
	w->at = colon + 1;
	w->len -= part.len + 1;
	return part;
}

/*
 * [transitive:|non-transitive:]input|output|input-output:ASN:GROUP,
 * draft-ietf-idr-flowspec-interfaceset: type 0702 or 4702, AS 4, direction
 * 2 bits (1 input, 2 output), group 14 bits.
 */
static int
item_interface_set(struct text_parser *p, struct words *w)
{
	struct word left = w->word, part;
	unsigned type = 0x0702, direction = 0;
	uint64_t group;
	uint32_t asn;

	if (!words_is_value(w))
		return parts_expected(p, w, "an interface set");
	part = cut_part(&left);
	if (words_equal(&part, "non-transitive", 14))
		type = 0x4702;
	if (type == 0x4702 || words_equal(&part, "transitive", 10))
		part = cut_part(&left);
	if (words_equal(&part, "input", 5))
		direction = 1;
	else if (words_equal(&part, "output", 6))
		direction = 2;
	else if (words_equal(&part, "input-output", 12))
		direction = 3;
	part = cut_part(&left);
	if (direction == 0 || !scalars_asn(part.at, part.len, &asn) ||
	    !scalars_decimal(left.at, left.len, GROUP_MAX, &group))
		return parts_expected(p, w,
		    "[transitive:]input|output|input-output:ASN:0..16383");
	words_next(w);
	return communities_add_extended(p, w, EXTENDED(type,
	    (uint64_t)asn << 16 | (uint64_t)direction << 14 | group));
}

static int
flow_interface_set(struct text_parser *p, struct words *w)
{
	return parts_list(p, w, item_interface_set);
}

static bool
is_flow_word(const struct word *word)
{
	return flow_find(word) != NULL || parts_is_common(word) ||
	    words_find(word, PARTS(action_rows), sizeof(action_rows[0])) !=
	    NULL;
}

/* Terms, too, belong to the words that are allowed. */
static int
flow_unknown(struct text_parser *p, const struct words *w)
{
	char list[512];
	struct wr out;
	size_t i;

	buf_writer(&out, list, sizeof(list));
	for (i = 0; i < flow_n_rows; i++)
		buf_put_format(&out, " %s", flow_rows[i].word);
	for (i = 0; i < sizeof(action_rows) / sizeof(action_rows[0]); i++)
		buf_put_format(&out, " %s", action_rows[i].word);
	return parts_unknown(p, w, list, out.len);
}

/* One word of a term or an action, or a common one. */
static int
flow_one(struct text_parser *p, struct words *w)
{
	const struct flow_row *row = flow_find(&w->word);

	if (row != NULL) {
		p->keyword = row->word;
		words_next(w);
		return flow_parse(p, w, row);
	}
	p->keyword = "flow";
	if (!is_flow_word(&w->word))
		return flow_unknown(p, w);
	return parts_one(p, w, PARTS(action_rows));
}

static bool
is_section(const struct words *w)
{
	return words_is(w, "match") || words_is(w, "then") ||
	    words_is(w, "scope");
}

/* word; word; ... up to the closing brace, which is passed. */
static int
flow_section(struct text_parser *p, struct words *w)
{
	int e;

	words_next(w);
	if (!words_take_char(w, '{'))
		return parts_expected(p, w, "\"{\"");
	for (;;) {
		while (words_take_char(w, ';'))
			;
		if (words_take_char(w, '}'))
			return 0;
		if ((e = flow_one(p, w)) != 0)
			return e;
		if (!words_is_char(w, ';') && !words_is_char(w, '}'))
			return parts_expected(p, w, "\";\"");
	}
}

static int
flow_block(struct text_parser *p, struct words *w)
{
	int e;

	p->is_block = true;
	words_next(w);
	for (;;) {
		while (words_take_char(w, ';'))
			;
		if (words_take_char(w, '}'))
			return 0;
		if (is_section(w)) {
			if ((e = flow_section(p, w)) != 0)
				return e;
			continue;
		}
		if ((e = flow_one(p, w)) != 0)
			return e;
		if (!words_is_char(w, ';') && !words_is_char(w, '}'))
			return parts_expected(p, w, "\";\"");
	}
}

static int
flow_words(struct text_parser *p, struct words *w)
{
	int e;

	p->keyword = "flow";
	if (words_is_value(w) && !is_flow_word(&w->word))
		p->name = words_glued(w);
	if (words_is_char(w, '{'))
		return flow_block(p, w);
	while (!words_at_stop(w))
		if ((e = flow_one(p, w)) != 0)
			return e;
	return parts_stop(p, w);
}

/* length 1 below 240, else 2 as 0xfnnn | rd 8 | components, ascending */
static int
flow_put(struct text_parser *p, const struct words *w)
{
	struct wr *nlri = &p->nlri;
	size_t len;

	buf_reset(nlri);
	buf_put_zero(nlri, 2);
	if (p->has_rd)
		buf_put_bytes(nlri, p->rd, sizeof(p->rd));
	flow_put_sorted(p);
	len = nlri->len - 2;
	if (nlri->err != 0 || p->values.err != 0 || len > 0xfff)
		return parts_fail(p, w, "flow: longer than 4095 bytes");
	if (len >= 0xf0) {
		buf_set_u16(nlri, 0, 0xf000 | (uint32_t)len);
		return 0;
	}
	/* One byte of length is enough: move the rest up. */
	memmove(nlri->base + 1, nlri->base + 2, len);
	nlri->base[0] = (uint8_t)len;
	nlri->len--;
	return 0;
}

int
text_flow_parse(struct text_parser *p, struct words *w)
{
	bool is_given = p->safi == SAFI_FLOW_VPN;
	int e;

	p->n_terms = 0;
	if ((e = flow_words(p, w)) != 0)
		return e;
	if (p->n_terms == 0)
		return parts_fail(p, w, "flow: nothing to match");
	if (is_given && !p->has_rd)
		return parts_fail(p, w, "flow-vpn: rd is missing");
	if (p->afi == 0)
		p->afi = AFI_IPV4;
	if ((e = flow_put(p, w)) != 0)
		return e;
	p->keyword = "flow";
	return block_finish(p, w, p->afi, p->has_rd ? SAFI_FLOW_VPN :
	    SAFI_FLOW);
}
