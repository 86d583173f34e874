/* SPDX-License-Identifier: ISC */
/* The words that every route may carry, a table row each. */
#include "common/text/parts.h"

#include "common/attr/attr.h"

#define WELL_KNOWN	ATTR_FLAG_TRANSITIVE
#define OPTIONAL	ATTR_FLAG_OPTIONAL
#define TRANSITIVE	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)

#define SEGMENT_MAX	255	/* AS numbers of a segment */
#define GENERIC_MAX	4096	/* bytes of `attribute` */
#define AIGP_LEN	11	/* RFC 7311 3: type 1, length 2, metric 8 */

static text_part_fn part_aggregator, part_aigp, part_as_path, part_atomic,
    part_generic, part_cluster_list, part_label, part_local_preference,
    part_med, part_name, part_next_hop, part_origin, part_originator,
    part_path_id, part_split, part_watchdog, part_withdraw;

/* Sorted by word. */
const struct text_part attributes_rows[] = {
	{ "aggregator", part_aggregator },
	{ "aigp", part_aigp },
	{ "as-path", part_as_path },
	{ "atomic-aggregate", part_atomic },
	{ "attribute", part_generic },
	{ "bgp-prefix-sid", sid_prefix },
	{ "bgp-prefix-sid-srv6", sid_srv6 },
	{ "cluster-list", part_cluster_list },
	{ "community", communities_standard },
	{ "extended-community", communities_extended },
	{ "label", part_label },
	{ "large-community", communities_large },
	{ "local-preference", part_local_preference },
	{ "med", part_med },
	{ "name", part_name },
	{ "next-hop", part_next_hop },
	{ "origin", part_origin },
	{ "originator-id", part_originator },
	{ "path-information", part_path_id },
	{ "rd", parts_rd },
	{ "route-distinguisher", parts_rd },
	{ "split", part_split },
	{ "watchdog", part_watchdog },
	{ "withdraw", part_withdraw },
};

const size_t attributes_n_rows =
    sizeof(attributes_rows) / sizeof(attributes_rows[0]);

/* An attribute that is one 32-bit number. */
static int
part_u32(struct text_parser *p, struct words *w, uint8_t code, uint8_t flags)
{
	size_t start = block_begin(p, code, false);
	uint64_t n;
	int e = parts_number(p, w, UINT32_MAX, &n);

	if (e != 0)
		return e;
	buf_put_u32(&p->values, (uint32_t)n);
	return block_end(p, w, code, flags, start);
}

static int
part_med(struct text_parser *p, struct words *w)
{
	return part_u32(p, w, ATTR_MED, OPTIONAL);
}

static int
part_local_preference(struct text_parser *p, struct words *w)
{
	return part_u32(p, w, ATTR_LOCAL_PREF, WELL_KNOWN);
}

static int
part_origin(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_ORIGIN, false);

	if (words_is(w, "igp") || words_is(w, "IGP"))
		buf_put_u8(&p->values, ORIGIN_IGP);
	else if (words_is(w, "egp") || words_is(w, "EGP"))
		buf_put_u8(&p->values, ORIGIN_EGP);
	else if (words_is(w, "incomplete") || words_is(w, "INCOMPLETE"))
		buf_put_u8(&p->values, ORIGIN_INCOMPLETE);
	else
		return parts_expected(p, w, "igp, egp or incomplete");
	words_next(w);
	return block_end(p, w, ATTR_ORIGIN, WELL_KNOWN, start);
}

static int
part_atomic(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_ATOMIC_AGGREGATE, false);

	return block_end(p, w, ATTR_ATOMIC_AGGREGATE, WELL_KNOWN, start);
}

/* A segment being collected. */
struct segment {
	uint8_t		type;
	unsigned	n;
	uint32_t	asns[SEGMENT_MAX];
};

static void
segment_flush(struct text_parser *p, struct segment *s)
{
	unsigned i;

	if (s->n == 0)
		return;
	buf_put_u8(&p->values, s->type);
	buf_put_u8(&p->values, s->n);
	for (i = 0; i < s->n; i++)
		buf_put_u32(&p->values, s->asns[i]);
	s->n = 0;
}

static int
segment_add(struct text_parser *p, struct words *w, struct segment *s)
{
	uint32_t asn;

	if (!words_is_value(w) ||
	    !scalars_asn(w->word.at, w->word.len, &asn) || asn == 0)
		return parts_expected(p, w, "an AS number");
	if (s->n == SEGMENT_MAX)
		segment_flush(p, s);
	s->asns[s->n++] = asn;
	words_next(w);
	return 0;
}

/* AS numbers up to the closing character, which is passed. */
static int
segment_until(struct text_parser *p, struct words *w, struct segment *s,
    char close)
{
	int e;

	while (!words_take_char(w, close)) {
		if (words_take_char(w, ','))
			continue;
		if ((e = segment_add(p, w, s)) != 0)
			return e;
	}
	segment_flush(p, s);
	return 0;
}

/* N, [ N N ], [ N ( N N ) N ] with an AS_SET; ( N N ) is a sequence. */
static int
part_as_path(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_AS_PATH, false);
	struct segment s;
	int e = 0;

	s.type = AS_SEQUENCE;
	s.n = 0;
	if (words_take_char(w, '(')) {
		e = segment_until(p, w, &s, ')');
	} else if (!words_take_char(w, '[')) {
		e = segment_add(p, w, &s);
	} else while (e == 0 && !words_take_char(w, ']')) {
		if (words_take_char(w, ','))
			continue;
		if (!words_take_char(w, '(')) {
			e = segment_add(p, w, &s);
			continue;
		}
		segment_flush(p, &s);
		s.type = AS_SET;
		e = segment_until(p, w, &s, ')');
		s.type = AS_SEQUENCE;
	}
	if (e != 0)
		return e;
	segment_flush(p, &s);
	return block_end(p, w, ATTR_AS_PATH, WELL_KNOWN, start);
}

/* ASN:IP or ( ASN:IP ) */
static int
part_aggregator(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_AGGREGATOR, false);
	bool has_paren = words_take_char(w, '(');
	const char *colon = NULL;
	uint32_t asn, ip;
	size_t n;

	if (words_is_value(w))
		colon = memchr(w->word.at, ':', w->word.len);
	n = colon == NULL ? 0 : (size_t)(colon - w->word.at);
	if (colon == NULL || !scalars_asn(w->word.at, n, &asn) || asn == 0 ||
	    !scalars_ipv4(colon + 1, w->word.len - n - 1, &ip))
		return parts_expected(p, w, "ASN:IP");
	words_next(w);
	if (has_paren && !words_take_char(w, ')'))
		return parts_expected(p, w, "\")\"");
	buf_put_u32(&p->values, asn);
	buf_put_u32(&p->values, ip);
	return block_end(p, w, ATTR_AGGREGATOR, TRANSITIVE, start);
}

static int
part_originator(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_ORIGINATOR_ID, false);
	uint32_t ip;
	int e = parts_ipv4(p, w, &ip);

	if (e != 0)
		return e;
	buf_put_u32(&p->values, ip);
	return block_end(p, w, ATTR_ORIGINATOR_ID, OPTIONAL, start);
}

static int
item_ipv4(struct text_parser *p, struct words *w)
{
	uint32_t ip;
	int e = parts_ipv4(p, w, &ip);

	if (e == 0)
		buf_put_u32(&p->values, ip);
	return e;
}

static int
part_cluster_list(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_CLUSTER_LIST, false);
	int e = parts_list(p, w, item_ipv4);

	if (e != 0)
		return e;
	return block_end_list(p, w, ATTR_CLUSTER_LIST, OPTIONAL, start);
}

static int
part_aigp(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_AIGP, false);
	uint64_t metric;
	int e = parts_number(p, w, UINT64_MAX, &metric);

	if (e != 0)
		return e;
	buf_put_u8(&p->values, 1);
	buf_put_u16(&p->values, AIGP_LEN);
	buf_put_u64(&p->values, metric);
	return block_end(p, w, ATTR_AIGP, OPTIONAL, start);
}

/* What `attribute` may not be, since it is kept beside the block. */
static bool
generic_is_barred(uint64_t code)
{
	return code == 0 || code == ATTR_NEXT_HOP || code == ATTR_MP_REACH ||
	    code == ATTR_MP_UNREACH || code == ATTR_AS4_PATH ||
	    code == ATTR_AS4_AGGREGATOR;
}

/* [ 0xCODE 0xFLAGS 0xDATA ] */
static int
part_generic(struct text_parser *p, struct words *w)
{
	const struct attr_context as_ours = { .has_as4 = true };
	const struct attr_row *known;
	uint8_t data[GENERIC_MAX];
	uint64_t code, flags;
	size_t len = 0, start;
	int e;

	if (!words_take_char(w, '['))
		return parts_expected(p, w, "\"[\"");
	if ((e = parts_number(p, w, UINT8_MAX, &code)) != 0 ||
	    (e = parts_number(p, w, UINT8_MAX, &flags)) != 0)
		return e;
	if (generic_is_barred(code))
		return parts_fail(p, w, "attribute: code %u has a word "
		    "of its own or is made by the daemon", (unsigned)code);
	if (!words_is(w, "0x") &&
	    !scalars_hex(&w->word, data, sizeof(data), &len))
		return parts_expected(p, w, "0x and pairs of hex digits");
	known = attr_find((uint8_t)code);
	if (known != NULL &&
	    known->check(buf_reader(data, len), &as_ours) != 0)
		return parts_fail(p, w,
		    "attribute: the data is no %s", known->name);
	if (known != NULL)	/* the canonical form; unknown ones stay */
		flags &= ~(uint64_t)ATTR_FLAG_EXTENDED;
	words_next(w);
	if (!words_take_char(w, ']'))
		return parts_expected(p, w, "\"]\"");
	start = block_begin(p, (uint8_t)code, false);
	buf_put_bytes(&p->values, data, len);
	return block_end(p, w, (uint8_t)code, (uint8_t)flags, start);
}

static int
item_label(struct text_parser *p, struct words *w)
{
	uint64_t label;
	int e = parts_number(p, w, 0xfffff, &label);

	if (e != 0)
		return e;
	if (p->n_labels == TEXT_LABELS_MAX)
		return parts_fail(p, w, "label: more than %d",
		    TEXT_LABELS_MAX);
	p->labels[p->n_labels++] = (uint32_t)label;
	return 0;
}

static int
part_label(struct text_parser *p, struct words *w)
{
	p->n_labels = 0;
	return parts_list(p, w, item_label);
}

static int
part_next_hop(struct text_parser *p, struct words *w)
{
	p->flags &= (uint16_t)~ROUTE_NEXTHOP_SELF;
	p->has_nexthop = false;
	if (words_is(w, "self")) {
		p->flags |= ROUTE_NEXTHOP_SELF;
		words_next(w);
		return 0;
	}
	if (!words_is_value(w) || !scalars_addr(&w->word, &p->nexthop))
		return parts_expected(p, w, "an IP address or self");
	p->has_nexthop = true;
	words_next(w);
	return 0;
}

static int
part_path_id(struct text_parser *p, struct words *w)
{
	uint64_t n;

	p->flags |= ROUTE_HAS_PATH_ID;
	if (words_is_value(w) &&
	    scalars_ipv4(w->word.at, w->word.len, &p->path_id)) {
		words_next(w);
		return 0;
	}
	if (!words_is_value(w) || !scalars_number(&w->word, UINT32_MAX, &n))
		return parts_expected(p, w,
		    "a number 0..4294967295 or an IPv4 address");
	p->path_id = (uint32_t)n;
	words_next(w);
	return 0;
}

static int
part_name(struct text_parser *p, struct words *w)
{
	if (!words_is_value(w))
		return parts_expected(p, w, "a name");
	p->name = words_glued(w);
	return 0;
}

static int
part_watchdog(struct text_parser *p, struct words *w)
{
	if (!words_is_value(w) || words_is(w, "announce") ||
	    words_is(w, "withdraw"))
		return parts_expected(p, w,
		    "a name other than announce and withdraw");
	p->watchdog = words_glued(w);
	return 0;
}

static int
part_withdraw(struct text_parser *p, struct words *w)
{
	(void)w;
	p->flags |= ROUTE_WITHDRAWN_AT_START;
	return 0;
}

static int
part_split(struct text_parser *p, struct words *w)
{
	struct word length = w->word;
	uint64_t n;

	if (length.len > 1 && *length.at == '/') {
		length.at++;
		length.len--;
	}
	if (!words_is_value(w) ||
	    !scalars_decimal(length.at, length.len, 128, &n) || n == 0)
		return parts_expected(p, w, "a length /1../128");
	p->split_len = (uint8_t)n;
	words_next(w);
	return 0;
}
