/* SPDX-License-Identifier: ISC */
/*
 * Segment routing policies: NLRI and tunnel encapsulation attribute. RFC
 * 9830 2, RFC 9831 2 (segments of types C to K).
 *
 *   sr-policy distinguisher N color N endpoint IP [preference N]
 *       [priority N] [binding-sid mpls N | binding-sid null]
 *       [srv6-binding-sid SID] [policy-name STR] [candidate-path-name STR]
 *       [segment-list weight N *(segment TYPE ...)]... words
 *
 *   NLRI: length in bits 1 | distinguisher 4 | color 4 | endpoint 4 or 16
 *   attribute: tunnel type 2 (15) | length 2 | sub-TLVs: type 1,
 *       length 1 (2 from type 128 on), value; in the order of the words
 */
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"

#define TRANSITIVE	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)
#define TUNNEL_SR_POLICY	15
#define LABEL_MAX		0xfffff
#define LABEL_SHIFT		12
#define LABEL_BOTTOM		0x100
#define SUB_TLV_LONG		128	/* two bytes of length from here */
#define NAME_MAX_LEN		255

/*
 * Compat: ExaBGP sets this bit, which RFC 9830 2.4.2 does not assign, with a
 * label as binding SID.
 */
#define BINDING_LABEL_FLAG	0x10

enum sub_tlv {
	SUB_WEIGHT = 9,
	SUB_PREFERENCE = 12,
	SUB_BINDING_SID = 13,
	SUB_PRIORITY = 15,
	SUB_SRV6_BINDING_SID = 20,
	SUB_SEGMENT_LIST = 128,
	SUB_CANDIDATE_NAME = 129,
	SUB_POLICY_NAME = 130,
};

enum segment_flag {
	SEGMENT_HAS_ALGORITHM = 0x40,
	SEGMENT_HAS_BEHAVIOR = 0x10,
};

enum policy_number {
	POLICY_DISTINGUISHER,
	POLICY_COLOR,
};

static text_part_fn policy_binding_sid, policy_candidate_name, policy_color,
    policy_distinguisher, policy_endpoint, policy_name, policy_preference,
    policy_priority, policy_segment_list, policy_srv6_binding_sid;

static const struct text_part policy_rows[] = {
	{ "binding-sid", policy_binding_sid },
	{ "candidate-path-name", policy_candidate_name },
	{ "color", policy_color },
	{ "distinguisher", policy_distinguisher },
	{ "endpoint", policy_endpoint },
	{ "policy-name", policy_name },
	{ "preference", policy_preference },
	{ "priority", policy_priority },
	{ "segment-list", policy_segment_list },
	{ "srv6-binding-sid", policy_srv6_binding_sid },
};

/* What a segment is made of, in the order of text and bytes. */
enum segment_field {
	FIELD_END,
	FIELD_MPLS,		/* mpls LABEL */
	FIELD_SRV6,		/* srv6 SID */
	FIELD_IPV4,		/* ipv4 IP */
	FIELD_IPV6,		/* ipv6 IP */
	FIELD_ALGORITHM,	/* algorithm N: the second byte */
	FIELD_LOCAL_IF,		/* local-if-id N */
	FIELD_REMOTE_IF,	/* remote-if-id N */
	FIELD_LOCAL4,		/* local IP */
	FIELD_REMOTE4,		/* remote IP */
	FIELD_LOCAL6,		/* local IP6 */
	FIELD_REMOTE6,		/* remote IP6 */
	FIELD_LOCAL_IPV6,	/* local-ipv6 IP6 */
	FIELD_REMOTE_IPV6,	/* remote-ipv6 IP6 */
	FIELD_SID,		/* [sid LABEL] */
	FIELD_SRV6_SID,		/* [sid SID] */
	FIELD_BEHAVIOR,		/* [endpoint-behavior N LB LN FUN ARG] */
};

enum field_kind { KIND_NUMBER, KIND_LABEL, KIND_ADDR4, KIND_ADDR6 };

static const struct {
	const char	*word;
	uint8_t		 kind;
	bool		 is_optional;
} field_rows[] = {
	[FIELD_MPLS] = { "mpls", KIND_LABEL, false },
	[FIELD_SRV6] = { "srv6", KIND_ADDR6, false },
	[FIELD_IPV4] = { "ipv4", KIND_ADDR4, false },
	[FIELD_IPV6] = { "ipv6", KIND_ADDR6, false },
	[FIELD_ALGORITHM] = { "algorithm", KIND_NUMBER, false },
	[FIELD_LOCAL_IF] = { "local-if-id", KIND_NUMBER, false },
	[FIELD_REMOTE_IF] = { "remote-if-id", KIND_NUMBER, false },
	[FIELD_LOCAL4] = { "local", KIND_ADDR4, false },
	[FIELD_REMOTE4] = { "remote", KIND_ADDR4, false },
	[FIELD_LOCAL6] = { "local", KIND_ADDR6, false },
	[FIELD_REMOTE6] = { "remote", KIND_ADDR6, false },
	[FIELD_LOCAL_IPV6] = { "local-ipv6", KIND_ADDR6, false },
	[FIELD_REMOTE_IPV6] = { "remote-ipv6", KIND_ADDR6, false },
	[FIELD_SID] = { "sid", KIND_LABEL, true },
	[FIELD_SRV6_SID] = { "sid", KIND_ADDR6, true },
	[FIELD_BEHAVIOR] = { "endpoint-behavior", KIND_NUMBER, true },
};

#define FIELDS_MAX	8

struct segment_row {
	const char	*word;
	uint8_t		 type;
	uint8_t		 fields[FIELDS_MAX];	/* up to FIELD_END */
};

/* Sorted by word. */
static const struct segment_row segment_rows[] = {
	{ "type-a", 1, { FIELD_MPLS } },
	{ "type-b", 13, { FIELD_SRV6, FIELD_BEHAVIOR } },
	{ "type-c", 3, { FIELD_IPV4, FIELD_ALGORITHM, FIELD_SID } },
	{ "type-d", 4, { FIELD_IPV6, FIELD_ALGORITHM, FIELD_SID } },
	{ "type-e", 5, { FIELD_LOCAL_IF, FIELD_IPV4, FIELD_SID } },
	{ "type-f", 6, { FIELD_LOCAL4, FIELD_REMOTE4, FIELD_SID } },
	{ "type-g", 7, { FIELD_LOCAL_IF, FIELD_LOCAL_IPV6, FIELD_REMOTE_IF,
	    FIELD_REMOTE_IPV6, FIELD_SID } },
	{ "type-h", 8, { FIELD_LOCAL6, FIELD_REMOTE6, FIELD_SID } },
	{ "type-i", 14, { FIELD_IPV6, FIELD_ALGORITHM, FIELD_SRV6_SID,
	    FIELD_BEHAVIOR } },
	{ "type-j", 15, { FIELD_LOCAL_IF, FIELD_LOCAL_IPV6, FIELD_REMOTE_IF,
	    FIELD_REMOTE_IPV6, FIELD_ALGORITHM, FIELD_SRV6_SID,
	    FIELD_BEHAVIOR } },
	{ "type-k", 16, { FIELD_LOCAL6, FIELD_REMOTE6, FIELD_ALGORITHM,
	    FIELD_SRV6_SID, FIELD_BEHAVIOR } },
};

/* Keep what was written to the values since start as a sub-TLV. */
static int
policy_keep(struct text_parser *p, const struct words *w, uint8_t type,
    size_t start)
{
	struct text_term *term = NULL;
	unsigned i;

	for (i = 0; i < p->n_terms; i++)
		if (p->terms[i].component == type && type != SUB_SEGMENT_LIST)
			term = &p->terms[i];
	if (term == NULL && p->n_terms == TEXT_TERMS_MAX)
		return parts_fail(p, w, "%s: too many", p->keyword);
	if (term == NULL)
		term = &p->terms[p->n_terms++];
	*term = (struct text_term){ .component = type, .at = (uint32_t)start,
	    .len = (uint32_t)(p->values.len - start) };
	return 0;
}

static int
policy_distinguisher(struct text_parser *p, struct words *w)
{
	p->number_mask |= 1u << POLICY_DISTINGUISHER;
	return parts_number(p, w, UINT32_MAX,
	    &p->number[POLICY_DISTINGUISHER]);
}

static int
policy_color(struct text_parser *p, struct words *w)
{
	p->number_mask |= 1u << POLICY_COLOR;
	return parts_number(p, w, UINT32_MAX, &p->number[POLICY_COLOR]);
}

static int
policy_endpoint(struct text_parser *p, struct words *w)
{
	return parts_addr(p, w, &p->addrs[0]);
}

static int
policy_preference(struct text_parser *p, struct words *w)
{
	size_t start = p->values.len;
	uint64_t n;
	int e = parts_number(p, w, UINT32_MAX, &n);

	if (e != 0)
		return e;
	buf_put_u16(&p->values, 0);		/* flags, reserved */
	buf_put_u32(&p->values, (uint32_t)n);
	return policy_keep(p, w, SUB_PREFERENCE, start);
}

static int
policy_priority(struct text_parser *p, struct words *w)
{
	size_t start = p->values.len;
	uint64_t n;
	int e = parts_number(p, w, UINT8_MAX, &n);

	if (e != 0)
		return e;
	buf_put_u8(&p->values, (uint32_t)n);
	buf_put_u8(&p->values, 0);		/* reserved */
	return policy_keep(p, w, SUB_PRIORITY, start);
}

static int
put_label(struct text_parser *p, struct words *w)
{
	uint64_t label;
	int e = parts_number(p, w, LABEL_MAX, &label);

	if (e == 0)
		buf_put_u32(&p->values,
		    (uint32_t)label << LABEL_SHIFT | LABEL_BOTTOM);
	return e;
}

static int
put_addr(struct text_parser *p, struct words *w, uint8_t family)
{
	struct addr a;
	int e = parts_addr(p, w, &a);

	if (e != 0)
		return e;
	if (a.family != family)
		return parts_fail(p, w, "%s: expected an IPv%d address",
		    p->keyword, family);
	buf_put_bytes(&p->values, a.bytes, addr_len(family));
	return 0;
}

/* mpls N | null */
static int
policy_binding_sid(struct text_parser *p, struct words *w)
{
	size_t start = p->values.len;
	int e;

	if (words_is(w, "null")) {
		words_next(w);
		buf_put_u16(&p->values, 0);
		return policy_keep(p, w, SUB_BINDING_SID, start);
	}
	if (!words_is(w, "mpls"))
		return parts_expected(p, w, "mpls N or null");
	words_next(w);
	buf_put_u8(&p->values, BINDING_LABEL_FLAG);
	buf_put_u8(&p->values, 0);
	if ((e = put_label(p, w)) != 0)
		return e;
	return policy_keep(p, w, SUB_BINDING_SID, start);
}

static int
policy_srv6_binding_sid(struct text_parser *p, struct words *w)
{
	size_t start = p->values.len;
	int e;

	buf_put_u16(&p->values, 0);		/* flags, reserved */
	if ((e = put_addr(p, w, ADDR_IPV6)) != 0)
		return e;
	return policy_keep(p, w, SUB_SRV6_BINDING_SID, start);
}

static int
policy_put_name(struct text_parser *p, struct words *w, uint8_t type)
{
	size_t start = p->values.len;
	struct word name;

	if (!words_is_value(w) || w->word.len > NAME_MAX_LEN)
		return parts_expected(p, w, "a name");
	name = words_glued(w);
	buf_put_u8(&p->values, 0);		/* reserved */
	buf_put_bytes(&p->values, name.at, name.len);
	return policy_keep(p, w, type, start);
}

static int
policy_name(struct text_parser *p, struct words *w)
{
	return policy_put_name(p, w, SUB_POLICY_NAME);
}

static int
policy_candidate_name(struct text_parser *p, struct words *w)
{
	return policy_put_name(p, w, SUB_CANDIDATE_NAME);
}

/* N LB LN FUN ARG, behind endpoint-behavior: RFC 9831 2.1 */
static int
put_behavior(struct text_parser *p, struct words *w)
{
	uint64_t n;
	int e, i;

	if ((e = parts_number(p, w, UINT16_MAX, &n)) != 0)
		return e;
	buf_put_u16(&p->values, (uint32_t)n);
	buf_put_u16(&p->values, 0);		/* reserved */
	for (i = 0; i < 4; i++) {
		if ((e = parts_number(p, w, UINT8_MAX, &n)) != 0)
			return e;
		buf_put_u8(&p->values, (uint32_t)n);
	}
	return 0;
}

/* One field behind its word; *head collects flags and algorithm. */
static int
put_field(struct text_parser *p, struct words *w, unsigned field,
    uint32_t *head)
{
	uint64_t n;
	int e;

	switch (field_rows[field].kind) {
	case KIND_LABEL:
		return put_label(p, w);
	case KIND_ADDR4:
		return put_addr(p, w, ADDR_IPV4);
	case KIND_ADDR6:
		return put_addr(p, w, ADDR_IPV6);
	default:
		break;
	}
	if (field == FIELD_BEHAVIOR) {
		*head |= SEGMENT_HAS_BEHAVIOR << 8;
		return put_behavior(p, w);
	}
	e = parts_number(p, w, field == FIELD_ALGORITHM ? UINT8_MAX :
	    UINT32_MAX, &n);
	if (e != 0)
		return e;
	if (field != FIELD_ALGORITHM)
		buf_put_u32(&p->values, (uint32_t)n);
	else if (n != 0)
		*head |= SEGMENT_HAS_ALGORITHM << 8 | (uint32_t)n;
	return 0;
}

/* TYPE fields: type 1, length 1, flags 1, algorithm or reserved 1, fields */
static int
put_segment(struct text_parser *p, struct words *w)
{
	const struct segment_row *row;
	const char *outer = p->keyword;
	uint32_t head = 0;
	size_t mark, i;
	unsigned field;
	int e;

	row = words_find(&w->word, PARTS(segment_rows), sizeof(*row));
	if (row == NULL)
		return parts_expected(p, w, "type-a to type-k");
	words_next(w);
	buf_put_u8(&p->values, row->type);
	mark = buf_mark_u8(&p->values);
	buf_put_u16(&p->values, 0);
	for (i = 0; (field = row->fields[i]) != FIELD_END; i++) {
		p->keyword = row->word;
		if (field_rows[field].is_optional && (words_at_end(w) ||
		    !words_equal(&w->word, field_rows[field].word,
		    strlen(field_rows[field].word))))
			continue;
		if ((e = parts_word(p, w, field_rows[field].word)) != 0)
			return e;
		p->keyword = field_rows[field].word;
		if ((e = put_field(p, w, field, &head)) != 0)
			return e;
	}
	buf_set_u16(&p->values, mark + 1, head);
	buf_patch_u8(&p->values, mark);
	p->keyword = outer;
	return 0;
}

/* weight N *(segment ...), or weight N { *(segment ...;) } */
static int
policy_segment_list(struct text_parser *p, struct words *w)
{
	size_t start = p->values.len;
	uint64_t weight;
	bool is_block;
	int e;

	if ((e = parts_word(p, w, "weight")) != 0 ||
	    (e = parts_number(p, w, UINT32_MAX, &weight)) != 0)
		return e;
	buf_put_u8(&p->values, 0);		/* reserved */
	buf_put_u8(&p->values, SUB_WEIGHT);
	buf_put_u8(&p->values, 6);
	buf_put_u16(&p->values, 0);		/* flags, reserved */
	buf_put_u32(&p->values, (uint32_t)weight);
	is_block = words_take_char(w, '{');
	while (words_is(w, "segment")) {
		words_next(w);
		if ((e = put_segment(p, w)) != 0)
			return e;
		while (is_block && words_take_char(w, ';'))
			;
	}
	if (is_block && !words_take_char(w, '}'))
		return parts_expected(p, w, "segment or \"}\"");
	p->is_inner_block = is_block;
	return policy_keep(p, w, SUB_SEGMENT_LIST, start);
}

static void
put_sub_tlv(struct text_parser *p, const struct text_term *t)
{
	uint8_t *room;

	buf_put_u8(&p->values, t->component);
	if (t->component < SUB_TLV_LONG)
		buf_put_u8(&p->values, t->len);
	else
		buf_put_u16(&p->values, t->len);
	room = buf_put_room(&p->values, t->len);
	if (room != NULL)
		memcpy(room, p->values.base + t->at, t->len);
}

static int
policy_put_tunnel(struct text_parser *p, const struct words *w)
{
	size_t start = block_begin(p, ATTR_TUNNEL_ENCAP, false), mark;
	unsigned i;

	if (p->n_terms == 0)
		return 0;
	buf_put_u16(&p->values, TUNNEL_SR_POLICY);
	mark = buf_mark_u16(&p->values);
	/* Compat: in the order of the words, as ExaBGP. */
	for (i = 0; i < p->n_terms; i++)
		put_sub_tlv(p, &p->terms[i]);
	buf_patch_u16(&p->values, mark);
	return block_end(p, w, ATTR_TUNNEL_ENCAP, TRANSITIVE, start);
}

int
text_srpolicy_parse(struct text_parser *p, struct words *w)
{
	const struct addr *endpoint = &p->addrs[0];
	uint16_t afi;
	int e;

	p->n_terms = 0;
	/* What identifies the policy may stand before a block of the rest. */
	while (!words_at_stop(w) && !words_is_char(w, '{'))
		if ((e = parts_one(p, w, PARTS(policy_rows))) != 0)
			return e;
	if ((e = parts_words(p, w, PARTS(policy_rows))) != 0)
		return e;
	if (p->number_mask != (1u << POLICY_DISTINGUISHER |
	    1u << POLICY_COLOR) || endpoint->family == ADDR_NONE)
		return parts_fail(p, w, "sr-policy: distinguisher, color or "
		    "endpoint is missing");
	afi = endpoint->family == ADDR_IPV4 ? AFI_IPV4 : AFI_IPV6;
	if (p->afi != 0 && p->afi != afi)
		return parts_fail(p, w, "endpoint: the address is of the "
		    "other address family");
	p->keyword = "sr-policy";
	if ((e = policy_put_tunnel(p, w)) != 0)
		return e;
	buf_put_u8(&p->nlri, 64 + addr_bits(endpoint->family));
	buf_put_u32(&p->nlri, (uint32_t)p->number[POLICY_DISTINGUISHER]);
	buf_put_u32(&p->nlri, (uint32_t)p->number[POLICY_COLOR]);
	buf_put_bytes(&p->nlri, endpoint->bytes, addr_len(endpoint->family));
	return block_finish(p, w, afi, SAFI_SR_POLICY);
}
