/* SPDX-License-Identifier: ISC */
/*
 * Mobile user plane routes, draft-ietf-bess-mup-safi 3.1.
 *
 *   mup mup-isd PREFIX rd RD words
 *   mup mup-dsd IP rd RD words
 *   mup mup-t1st PREFIX rd RD teid N qfi N endpoint IP [source IP] words
 *   mup mup-t2st IP rd RD teid N/BITS words
 *
 *   architecture 1 (3GPP 5G) | type 2 | length 1 | rd 8 | by type:
 *     1 ISD   prefix length 1, prefix
 *     2 DSD   address
 *     3 T1ST  prefix length 1, prefix | teid 4 | qfi 1 | endpoint length in
 *             bits 1, endpoint | source length in bits 1, source (if any)
 *     4 T2ST  length in bits of what follows 1 | endpoint | teid 0..4
 *
 * Compat: ExaBGP writes the low bytes of a T2ST teid that is shorter than 32
 * bits, not the high ones; its own decoder reads them so.
 */
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"

#define MUP_3GPP_5G	1

enum mup_type {
	MUP_ISD = 1,
	MUP_DSD = 2,
	MUP_T1ST = 3,
	MUP_T2ST = 4,
};

enum mup_number {
	MUP_TEID,
	MUP_TEID_BITS,
	MUP_QFI,
};

enum mup_addr {
	MUP_ENDPOINT,
	MUP_SOURCE,
};

struct mup_row {
	const char	*word;
	uint8_t		 type;
	bool		 is_prefix;
	text_part_fn	*put;
};

static text_part_fn mup_endpoint, mup_qfi, mup_source, mup_teid, mup_put_none,
    mup_put_t1st, mup_put_t2st;

static const struct text_part mup_word_rows[] = {
	{ "endpoint", mup_endpoint },
	{ "qfi", mup_qfi },
	{ "source", mup_source },
	{ "teid", mup_teid },
};

static const struct mup_row mup_rows[] = {
	{ "mup-dsd", MUP_DSD, false, mup_put_none },
	{ "mup-isd", MUP_ISD, true, mup_put_none },
	{ "mup-t1st", MUP_T1ST, true, mup_put_t1st },
	{ "mup-t2st", MUP_T2ST, false, mup_put_t2st },
};

static int
mup_endpoint(struct text_parser *p, struct words *w)
{
	return parts_addr(p, w, &p->addrs[MUP_ENDPOINT]);
}

static int
mup_source(struct text_parser *p, struct words *w)
{
	return parts_addr(p, w, &p->addrs[MUP_SOURCE]);
}

static int
mup_qfi(struct text_parser *p, struct words *w)
{
	int e = parts_number(p, w, 63, &p->number[MUP_QFI]);

	if (e == 0)
		p->number_mask |= 1u << MUP_QFI;
	return e;
}

/* N, or N/BITS where N fits in BITS */
static int
mup_teid(struct text_parser *p, struct words *w)
{
	const char *slash = NULL;
	uint64_t teid, bits = 32;
	size_t n = w->word.len;

	if (words_is_value(w))
		slash = memchr(w->word.at, '/', w->word.len);
	if (slash != NULL)
		n = (size_t)(slash - w->word.at);
	if (!words_is_value(w) ||
	    (slash != NULL && !scalars_decimal(slash + 1, w->word.len - n - 1,
	    32, &bits)) ||
	    !scalars_decimal(w->word.at, n, UINT32_MAX, &teid))
		return parts_expected(p, w, "N or N/BITS, BITS 0..32");
	if (teid >> bits != 0)
		return parts_expected(p, w, "a number of %u bits",
		    (unsigned)bits);
	p->number[MUP_TEID] = teid;
	p->number[MUP_TEID_BITS] = bits;
	p->number_mask |= 1u << MUP_TEID;
	words_next(w);
	return 0;
}

static int
mup_missing(struct text_parser *p, const struct words *w, const char *what)
{
	return parts_fail(p, w, "mup: %s is missing", what);
}

static int
mup_put_none(struct text_parser *p, struct words *w)
{
	(void)p;
	(void)w;
	return 0;
}

static void
mup_put_addr(struct text_parser *p, const struct addr *a)
{
	buf_put_u8(&p->nlri, addr_bits(a->family));
	buf_put_bytes(&p->nlri, a->bytes, addr_len(a->family));
}

static int
mup_put_t1st(struct text_parser *p, struct words *w)
{
	if ((p->number_mask >> MUP_TEID & 1) == 0)
		return mup_missing(p, w, "teid");
	if ((p->number_mask >> MUP_QFI & 1) == 0)
		return mup_missing(p, w, "qfi");
	if (p->addrs[MUP_ENDPOINT].family == ADDR_NONE)
		return mup_missing(p, w, "endpoint");
	buf_put_u32(&p->nlri, (uint32_t)p->number[MUP_TEID]);
	buf_put_u8(&p->nlri, (uint32_t)p->number[MUP_QFI]);
	mup_put_addr(p, &p->addrs[MUP_ENDPOINT]);
	if (p->addrs[MUP_SOURCE].family != ADDR_NONE)
		mup_put_addr(p, &p->addrs[MUP_SOURCE]);
	return 0;
}

static int
mup_put_t2st(struct text_parser *p, struct words *w)
{
	unsigned i;

	if ((p->number_mask >> MUP_TEID & 1) == 0)
		return mup_missing(p, w, "teid");
	for (i = ((unsigned)p->number[MUP_TEID_BITS] + 7) / 8; i > 0; i--)
		buf_put_u8(&p->nlri,
		    (uint32_t)(p->number[MUP_TEID] >> (8 * (i - 1)) & 0xff));
	return 0;
}

/* The prefix or address behind the type's word. */
static void
mup_put_prefix(struct text_parser *p, const struct mup_row *row,
    const struct prefix *prefix)
{
	unsigned bits = prefix->len_bits;

	if (row->type == MUP_T2ST)
		bits += (unsigned)p->number[MUP_TEID_BITS];
	if (row->type != MUP_DSD)
		buf_put_u8(&p->nlri, bits);
	buf_put_bytes(&p->nlri, prefix->addr.bytes,
	    (prefix->len_bits + 7u) / 8);
}

static int
mup_parse_prefix(struct text_parser *p, struct words *w,
    const struct mup_row *row, struct prefix *out)
{
	int e;

	if (row->is_prefix)
		e = parts_prefix(p, w, out);
	else
		e = parts_addr(p, w, &out->addr);
	if (e != 0)
		return e;
	if (!row->is_prefix)
		out->len_bits = (uint8_t)addr_bits(out->addr.family);
	if (out->addr.family != (p->afi == AFI_IPV4 ? ADDR_IPV4 : ADDR_IPV6))
		return parts_fail(p, w, "%s: the address is of the other "
		    "address family", p->keyword);
	return 0;
}

int
text_mup_parse(struct text_parser *p, struct words *w)
{
	const struct mup_row *row;
	struct prefix prefix;
	size_t mark;
	int e;

	row = words_find(&w->word, PARTS(mup_rows), sizeof(*row));
	if (row == NULL)
		return parts_expected(p, w,
		    "mup-dsd, mup-isd, mup-t1st or mup-t2st");
	words_next(w);
	p->keyword = row->word;
	if ((e = mup_parse_prefix(p, w, row, &prefix)) != 0 ||
	    (e = parts_words(p, w, PARTS(mup_word_rows))) != 0)
		return e;
	if (!p->has_rd)
		return mup_missing(p, w, "rd");
	buf_put_u8(&p->nlri, MUP_3GPP_5G);
	buf_put_u16(&p->nlri, row->type);
	mark = buf_mark_u8(&p->nlri);
	buf_put_bytes(&p->nlri, p->rd, sizeof(p->rd));
	mup_put_prefix(p, row, &prefix);
	if ((e = row->put(p, w)) != 0)
		return e;
	buf_patch_u8(&p->nlri, mark);
	return block_finish(p, w, p->afi, SAFI_MUP);
}
