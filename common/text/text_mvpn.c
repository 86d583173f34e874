/* SPDX-License-Identifier: ISC */
/*
 * Multicast VPN routes. RFC 6514 4.3, 4.4, 4.5.
 *
 *   mcast-vpn shared-join rp IP group IP rd RD source-as N words
 *   mcast-vpn source-join source IP group IP rd RD source-as N words
 *   mcast-vpn source-ad source IP group IP rd RD words
 *
 *   type 1 | length 1 | rd 8 | source AS 4 (joins) |
 *   source length in bits 1, address | group length in bits 1, address
 */
#include "common/text/parts.h"

#include "common/nlri/nlri.h"

enum mvpn_type {
	MVPN_SOURCE_AD = 5,
	MVPN_SHARED_JOIN = 6,
	MVPN_SOURCE_JOIN = 7,
};

enum mvpn_field {		/* in p->addrs and p->number */
	MVPN_SOURCE,
	MVPN_GROUP,
	MVPN_SOURCE_AS,
};

static text_part_fn mvpn_group, mvpn_source, mvpn_source_as;

static const struct text_part mvpn_rows[] = {
	{ "group", mvpn_group },
	{ "rp", mvpn_source },
	{ "source", mvpn_source },
	{ "source-as", mvpn_source_as },
};

static int
mvpn_addr(struct text_parser *p, struct words *w, unsigned field)
{
	int e = parts_addr(p, w, &p->addrs[field]);

	if (e != 0)
		return e;
	if (p->addrs[field].family != (p->afi == AFI_IPV4 ? ADDR_IPV4 :
	    ADDR_IPV6))
		return parts_fail(p, w, "%s: the address is of the other "
		    "address family", p->keyword);
	return 0;
}

static int
mvpn_source(struct text_parser *p, struct words *w)
{
	return mvpn_addr(p, w, MVPN_SOURCE);
}

static int
mvpn_group(struct text_parser *p, struct words *w)
{
	return mvpn_addr(p, w, MVPN_GROUP);
}

static int
mvpn_source_as(struct text_parser *p, struct words *w)
{
	uint32_t asn;

	if (!words_is_value(w) ||
	    !scalars_asn(w->word.at, w->word.len, &asn))
		return parts_expected(p, w, "an AS number");
	p->number[MVPN_SOURCE_AS] = asn;
	p->number_mask |= 1u << MVPN_SOURCE_AS;
	words_next(w);
	return 0;
}

static int
mvpn_check(struct text_parser *p, const struct words *w, unsigned type)
{
	const char *missing = NULL;

	if (p->addrs[MVPN_SOURCE].family == ADDR_NONE)
		missing = type == MVPN_SHARED_JOIN ? "rp" : "source";
	else if (p->addrs[MVPN_GROUP].family == ADDR_NONE)
		missing = "group";
	else if (!p->has_rd)
		missing = "rd";
	else if (type != MVPN_SOURCE_AD && p->number_mask == 0)
		missing = "source-as";
	if (missing != NULL)
		return parts_fail(p, w, "mcast-vpn: %s is missing", missing);
	return 0;
}

static void
mvpn_put_addr(struct text_parser *p, const struct addr *a)
{
	buf_put_u8(&p->nlri, addr_bits(a->family));
	buf_put_bytes(&p->nlri, a->bytes, addr_len(a->family));
}

int
text_mvpn_parse(struct text_parser *p, struct words *w)
{
	unsigned type;
	size_t mark;
	int e;

	if (words_is(w, "source-ad"))
		type = MVPN_SOURCE_AD;
	else if (words_is(w, "shared-join"))
		type = MVPN_SHARED_JOIN;
	else if (words_is(w, "source-join"))
		type = MVPN_SOURCE_JOIN;
	else
		return parts_expected(p, w,
		    "shared-join, source-join or source-ad");
	words_next(w);
	if ((e = parts_words(p, w, PARTS(mvpn_rows))) != 0 ||
	    (e = mvpn_check(p, w, type)) != 0)
		return e;
	buf_put_u8(&p->nlri, type);
	mark = buf_mark_u8(&p->nlri);
	buf_put_bytes(&p->nlri, p->rd, sizeof(p->rd));
	if (type != MVPN_SOURCE_AD)
		buf_put_u32(&p->nlri, (uint32_t)p->number[MVPN_SOURCE_AS]);
	mvpn_put_addr(p, &p->addrs[MVPN_SOURCE]);
	mvpn_put_addr(p, &p->addrs[MVPN_GROUP]);
	buf_patch_u8(&p->nlri, mark);
	return block_finish(p, w, p->afi, SAFI_MCAST_VPN);
}
