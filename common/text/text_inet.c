/* SPDX-License-Identifier: ISC */
/*
 * Routes to prefixes: unicast, multicast, labelled, VPN; one by one, by
 * `split`, or many with one set of attributes.
 */
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"

#define LABEL_BOTTOM	1
#define LABEL_WITHDRAWN	0x800000	/* RFC 8277 2.4 */

static uint16_t
prefix_afi(const struct prefix *prefix)
{
	return prefix->addr.family == ADDR_IPV4 ? AFI_IPV4 : AFI_IPV6;
}

static bool
prefix_is_multicast(const struct prefix *prefix)
{
	return addr_is_multicast(&prefix->addr) &&
	    prefix->len_bits >= (prefix->addr.family == ADDR_IPV4 ? 4 : 8);
}

/* The SAFI that was said, or that follows from what was said. */
static uint8_t
inet_safi(const struct text_parser *p, const struct prefix *prefix)
{
	if (p->safi != 0)
		return p->safi;
	if (p->has_rd)
		return SAFI_MPLS_VPN;
	if (p->n_labels > 0)
		return SAFI_NLRI_MPLS;
	return prefix_is_multicast(prefix) ? SAFI_MULTICAST : SAFI_UNICAST;
}

/*
 * Without the bottom bit these labels read as the end of the stack (0x000000,
 * 0x800000 in withdraws): they can only be last.
 */
static int
inet_check_labels(struct text_parser *p, const struct words *w)
{
	size_t i;

	for (i = 0; i + 1 < p->n_labels; i++)
		if (p->labels[i] == 0 || p->labels[i] << 4 == LABEL_WITHDRAWN)
			return parts_fail(p, w, "label: %u can only be last",
			    p->labels[i]);
	return 0;
}

/* That rd and label are there exactly when the family has them. */
static int
inet_check(struct text_parser *p, const struct words *w, uint8_t safi)
{
	bool is_vpn = safi == SAFI_MPLS_VPN;
	bool is_labelled = is_vpn || safi == SAFI_NLRI_MPLS;

	if (p->has_rd != is_vpn)
		return parts_fail(p, w, "%s: rd is %s", p->keyword,
		    is_vpn ? "missing" : "not for this family");
	if (p->n_labels > 0 && !is_labelled)
		return parts_fail(p, w, "%s: label is not for this family",
		    p->keyword);
	if (is_labelled && p->n_labels == 0 && !p->is_withdraw)
		return parts_fail(p, w, "%s: label is missing", p->keyword);
	return inet_check_labels(p, w);
}

static void
inet_put_labels(struct text_parser *p)
{
	size_t i;

	for (i = 0; i < p->n_labels; i++)
		buf_put_u24(&p->nlri, p->labels[i] << 4 |
		    (i + 1 == p->n_labels ? LABEL_BOTTOM : 0));
	if (p->n_labels == 0)
		buf_put_u24(&p->nlri, LABEL_WITHDRAWN);
}

/* length in bits 1 | labels 3 each | rd 8 | prefix */
static int
inet_give(struct text_parser *p, struct words *w, const struct prefix *prefix)
{
	uint8_t safi = inet_safi(p, prefix);
	size_t mark;
	unsigned bits;
	int e;

	if ((e = inet_check(p, w, safi)) != 0)
		return e;
	buf_reset(&p->nlri);
	if (safi == SAFI_UNICAST || safi == SAFI_MULTICAST) {
		nlri_put_prefix(prefix, &p->nlri);
		return block_finish(p, w, prefix_afi(prefix), safi);
	}
	mark = buf_mark_u8(&p->nlri);
	inet_put_labels(p);
	if (p->has_rd)
		buf_put_bytes(&p->nlri, p->rd, sizeof(p->rd));
	bits = (unsigned)(p->nlri.len - 1) * 8 + prefix->len_bits;
	buf_put_bytes(&p->nlri, prefix->addr.bytes,
	    (prefix->len_bits + 7u) / 8);
	if (bits > UINT8_MAX)
		p->nlri.err = ERR_RANGE;
	if (p->nlri.err == 0)
		p->nlri.base[mark] = (uint8_t)bits;
	return block_finish(p, w, prefix_afi(prefix), safi);
}

/* The next prefix of the same length: add one to its last bit. */
static void
prefix_step(struct prefix *prefix)
{
	size_t i = (prefix->len_bits - 1u) / 8;
	unsigned sum = prefix->addr.bytes[i] +
	    (0x80u >> (prefix->len_bits - 1u) % 8);

	prefix->addr.bytes[i] = (uint8_t)sum;
	while (sum > UINT8_MAX && i > 0) {
		i--;
		sum = prefix->addr.bytes[i] + 1u;
		prefix->addr.bytes[i] = (uint8_t)sum;
	}
}

/* One prefix, or all its parts of the length that `split` says. */
static int
inet_give_split(struct text_parser *p, struct words *w, struct prefix prefix)
{
	unsigned more;
	uint32_t i, n = 1;
	int e = 0;

	if (p->split_len == 0)
		return inet_give(p, w, &prefix);
	if (p->split_len < prefix.len_bits ||
	    p->split_len > addr_bits(prefix.addr.family))
		return parts_fail(p, w, "split: /%u is no part of a /%u",
		    p->split_len, prefix.len_bits);
	more = p->split_len - (unsigned)prefix.len_bits;
	if (more > 31 || (n << more) > TEXT_SPLIT_MAX)
		return parts_fail(p, w, "split: more than %u routes",
		    TEXT_SPLIT_MAX);
	n <<= more;
	prefix.len_bits = p->split_len;
	for (i = 0; i < n && e == 0; i++) {
		e = inet_give(p, w, &prefix);
		prefix_step(&prefix);
	}
	return e;
}

/* PREFIX words */
int
text_inet_route(struct text_parser *p, struct words *w)
{
	struct prefix prefix;
	int e;

	if ((e = parts_prefix(p, w, &prefix)) != 0)
		return e;
	if (p->afi != 0 && p->afi != prefix_afi(&prefix))
		return parts_fail(p, w, "%s: the prefix is of the other "
		    "address family", p->keyword);
	if ((e = parts_words(p, w, NULL, 0)) != 0)
		return e;
	return inet_give_split(p, w, prefix);
}

/* Behind `nlri`: check all prefixes, then give them all. */
static int
inet_give_list(struct text_parser *p, struct words *w, struct words list)
{
	struct prefix prefix;
	int e;

	*w = list;
	do {
		if ((e = parts_prefix(p, w, &prefix)) != 0 ||
		    (e = inet_check(p, w, inet_safi(p, &prefix))) != 0)
			return e;
		words_take_char(w, ',');
	} while (!words_at_stop(w));
	if ((e = parts_stop(p, w)) != 0)
		return e;
	for (*w = list; !words_at_stop(w) && e == 0;
	    words_take_char(w, ',')) {
		if ((e = parts_prefix(p, w, &prefix)) == 0)
			e = inet_give_split(p, w, prefix);
	}
	return e;
}

/* words [nlri PREFIX...]; without nlri a route of attributes alone. */
int
text_inet_attributes(struct text_parser *p, struct words *w)
{
	int e;

	while (!words_at_stop(w) && !words_is(w, "nlri"))
		if ((e = parts_one(p, w, NULL, 0)) != 0)
			return e;
	if (words_is(w, "nlri")) {
		words_next(w);
		return inet_give_list(p, w, *w);
	}
	if ((e = parts_stop(p, w)) != 0)
		return e;
	p->flags |= ROUTE_NO_NLRI;
	buf_reset(&p->nlri);
	return block_finish(p, w, p->has_nexthop &&
	    p->nexthop.family == ADDR_IPV6 ? AFI_IPV6 : AFI_IPV4,
	    SAFI_UNICAST);
}
