/* SPDX-License-Identifier: ISC */
/*
 * BGP Prefix-SID attribute values. RFC 8669 3 (label index, SRGB), RFC 9252
 * 2 (SRv6 services).
 */
#include "common/text/parts.h"

#define TRANSITIVE	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)

enum sid_tlv {
	SID_LABEL_INDEX = 1,
	SID_SRGB = 3,
	SID_L3_SERVICE = 5,
	SID_L2_SERVICE = 6,
};

#define SID_INDEX_LEN		7
#define SID_BEHAVIOR_OPAQUE	0xffff	/* RFC 8986 10.2.2 */
#define SID_STRUCTURE_LEN	6

/* ( BASE,RANGE ) */
static int
item_range(struct text_parser *p, struct words *w)
{
	uint64_t base, range;
	int e;

	if (!words_take_char(w, '('))
		return parts_expected(p, w, "( BASE,RANGE )");
	if ((e = parts_number(p, w, 0xffffff, &base)) != 0)
		return e;
	words_take_char(w, ',');
	if ((e = parts_number(p, w, 0xffffff, &range)) != 0)
		return e;
	if (!words_take_char(w, ')'))
		return parts_expected(p, w, "\")\"");
	buf_put_u24(&p->values, (uint32_t)base);
	buf_put_u24(&p->values, (uint32_t)range);
	return 0;
}

/* [ INDEX ] or [ INDEX, [ ( BASE,RANGE ), ... ] ] */
int
sid_prefix(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_PREFIX_SID, false), mark;
	uint64_t index;
	int e;

	if (!words_take_char(w, '['))
		return parts_expected(p, w, "\"[\"");
	if ((e = parts_number(p, w, UINT32_MAX, &index)) != 0)
		return e;
	buf_put_u8(&p->values, SID_LABEL_INDEX);
	buf_put_u16(&p->values, SID_INDEX_LEN);
	buf_put_zero(&p->values, 3);		/* reserved 1, flags 2 */
	buf_put_u32(&p->values, (uint32_t)index);
	words_take_char(w, ',');
	if (words_is_char(w, '[')) {
		buf_put_u8(&p->values, SID_SRGB);
		mark = buf_mark_u16(&p->values);
		buf_put_u16(&p->values, 0);	/* flags */
		if ((e = parts_list(p, w, item_range)) != 0)
			return e;
		buf_patch_u16(&p->values, mark);
	}
	if (!words_take_char(w, ']'))
		return parts_expected(p, w, "\"]\"");
	return block_end(p, w, ATTR_PREFIX_SID, TRANSITIVE, start);
}

/* [ LBL,LNL,FL,AL,TL,TO ]: the SID structure sub-sub-TLV. */
static int
srv6_structure(struct text_parser *p, struct words *w)
{
	uint64_t n;
	int e, i;

	words_next(w);
	buf_put_u8(&p->values, 1);
	buf_put_u16(&p->values, SID_STRUCTURE_LEN);
	for (i = 0; i < SID_STRUCTURE_LEN; i++) {
		if (i > 0)
			words_take_char(w, ',');
		if ((e = parts_number(p, w, 128, &n)) != 0)
			return e;
		buf_put_u8(&p->values, (uint32_t)n);
	}
	if (!words_take_char(w, ']'))
		return parts_expected(p, w, "\"]\"");
	return 0;
}

/* SID [ BEHAVIOR [ structure ] ]: the SID information sub-TLV. */
static int
srv6_information(struct text_parser *p, struct words *w)
{
	uint64_t behavior = SID_BEHAVIOR_OPAQUE;
	struct addr sid;
	size_t mark;
	int e;

	if ((e = parts_addr(p, w, &sid)) != 0)
		return e;
	if (sid.family != ADDR_IPV6)
		return parts_fail(p, w, "%s: the SID is no IPv6 address",
		    p->keyword);
	if (words_is_value(w) &&
	    (e = parts_number(p, w, UINT16_MAX, &behavior)) != 0)
		return e;
	buf_put_u8(&p->values, 1);
	mark = buf_mark_u16(&p->values);
	buf_put_u8(&p->values, 0);		/* reserved */
	buf_put_bytes(&p->values, sid.bytes, 16);
	buf_put_u8(&p->values, 0);		/* flags */
	buf_put_u16(&p->values, (uint32_t)behavior);
	buf_put_u8(&p->values, 0);		/* reserved */
	if (words_is_char(w, '[') && (e = srv6_structure(p, w)) != 0)
		return e;
	buf_patch_u16(&p->values, mark);
	return 0;
}

/* ( l3-service|l2-service SID [ BEHAVIOR [ structure ] ] ) */
int
sid_srv6(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_PREFIX_SID, false), mark;
	bool is_l2;
	int e;

	if (!words_take_char(w, '('))
		return parts_expected(p, w, "\"(\"");
	is_l2 = words_is(w, "l2-service");
	if (!is_l2 && !words_is(w, "l3-service"))
		return parts_expected(p, w, "l3-service or l2-service");
	words_next(w);
	buf_put_u8(&p->values, is_l2 ? SID_L2_SERVICE : SID_L3_SERVICE);
	mark = buf_mark_u16(&p->values);
	buf_put_u8(&p->values, 0);		/* reserved */
	if ((e = srv6_information(p, w)) != 0)
		return e;
	buf_patch_u16(&p->values, mark);
	if (!words_take_char(w, ')'))
		return parts_expected(p, w, "\")\"");
	return block_end(p, w, ATTR_PREFIX_SID, TRANSITIVE, start);
}
