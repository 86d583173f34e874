/* SPDX-License-Identifier: ISC */
/*
 * Communities: standard (RFC 1997), large (RFC 8092), extended (RFC 4360,
 * RFC 5668, RFC 8955), in all of ExaBGP's spellings.
 */
#include "common/text/parts.h"

#define TRANSITIVE	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)

#define FIELDS_MAX	5	/* parts between colons */

/* Sorted by word. */
static const struct {
	const char	*word;
	uint32_t	 value;
} standard_names[] = {
	{ "blackhole", 0xffff029a },		/* RFC 7999 */
	{ "graceful-shutdown", 0xffff0000 },	/* RFC 8326 */
	{ "no-advertise", 0xffffff02 },
	{ "no-export", 0xffffff01 },
	{ "no-export-subconfed", 0xffffff03 },
	{ "no-peer", 0xffffff04 },		/* RFC 3765 */
	{ "no_advertise", 0xffffff02 },
	{ "no_export", 0xffffff01 },
	{ "no_export_subconfed", 0xffffff03 },
	{ "nopeer", 0xffffff04 },
};

/* Numbers and addresses separated by colons. */
struct fields {
	struct word	field[FIELDS_MAX];
	size_t		n;
};

/* Split a word at its colons; false when there are too many. */
static bool
fields_split(const struct word *w, struct fields *out)
{
	const char *at = w->at, *end = w->at + w->len, *colon;

	for (out->n = 0; out->n < FIELDS_MAX; at = colon + 1) {
		colon = memchr(at, ':', (size_t)(end - at));
		out->field[out->n++] = (struct word){ .at = at,
		    .len = (uint32_t)((colon == NULL ? end : colon) - at) };
		if (colon == NULL)
			return true;
	}
	return false;
}

static bool
field_number(const struct word *f, uint64_t max, uint64_t *out)
{
	return scalars_decimal(f->at, f->len, max, out);
}

static bool
standard_parse(const struct word *w, uint32_t *out)
{
	const char *colon = memchr(w->at, ':', w->len);
	uint64_t high, low;
	size_t n;

	if (colon == NULL) {
		if (!scalars_number(w, UINT32_MAX, &low))
			return false;
		*out = (uint32_t)low;
		return true;
	}
	n = (size_t)(colon - w->at);
	if (!scalars_decimal(w->at, n, UINT16_MAX, &high) ||
	    !scalars_decimal(colon + 1, w->len - n - 1, UINT16_MAX, &low))
		return false;
	*out = (uint32_t)(high << 16 | low);
	return true;
}

static int
item_standard(struct text_parser *p, struct words *w)
{
	const char *const *name;
	uint32_t value;
	size_t i;

	if (!words_is_value(w))
		return parts_expected(p, w, "a community");
	if (!standard_parse(&w->word, &value)) {
		name = words_find(&w->word, PARTS(standard_names),
		    sizeof(standard_names[0]));
		if (name == NULL)
			return parts_expected(p, w, "a community, "
			    "0..65535:0..65535, a number or a name");
		for (i = 0; &standard_names[i].word != name; i++)
			;
		value = standard_names[i].value;
	}
	buf_put_u32(&p->values, value);
	words_next(w);
	return 0;
}

int
communities_standard(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_COMMUNITY, false);
	int e = parts_list(p, w, item_standard);

	if (e != 0)
		return e;
	block_sort(p, start, 4, false);
	return block_end_list(p, w, ATTR_COMMUNITY, TRANSITIVE, start);
}

/* 0x and up to 24 digits, or a decimal number: the low end of 12 bytes. */
static bool
large_number(struct text_parser *p, const struct word *w)
{
	struct word digits = *w;
	uint8_t bytes[12];
	uint64_t n;
	size_t len;

	if (scalars_number(&digits, UINT64_MAX, &n)) {
		buf_put_u32(&p->values, 0);
		buf_put_u64(&p->values, n);
		return true;
	}
	if (!scalars_hex(w, bytes, sizeof(bytes), &len))
		return false;
	buf_put_zero(&p->values, sizeof(bytes) - len);
	buf_put_bytes(&p->values, bytes, len);
	return true;
}

static int
item_large(struct text_parser *p, struct words *w)
{
	struct fields f;
	uint64_t part[3];
	size_t i;

	if (!words_is_value(w))
		return parts_expected(p, w, "a large community, N:N:N");
	if (fields_split(&w->word, &f) && f.n == 3 &&
	    field_number(&f.field[0], UINT32_MAX, &part[0]) &&
	    field_number(&f.field[1], UINT32_MAX, &part[1]) &&
	    field_number(&f.field[2], UINT32_MAX, &part[2])) {
		for (i = 0; i < 3; i++)
			buf_put_u32(&p->values, (uint32_t)part[i]);
	} else if (!large_number(p, &w->word)) {
		return parts_expected(p, w, "a large community, N:N:N");
	}
	words_next(w);
	return 0;
}

int
communities_large(struct text_parser *p, struct words *w)
{
	size_t start = block_begin(p, ATTR_LARGE_COMMUNITY, false);
	int e = parts_list(p, w, item_large);

	if (e != 0)
		return e;
	block_sort(p, start, 12, true);
	return block_end_list(p, w, ATTR_LARGE_COMMUNITY, TRANSITIVE, start);
}

/* Type and subtype in the high 16 bits. */
#define EXTENDED(type, low)	((uint64_t)(type) << 48 | (low))

/*
 * administrator:number of types 00 (2-octet AS), 01 (address), 02 (4-octet
 * AS), all with the same subtype; is_wide: the AS is taken as 4-octet.
 */
static bool
extended_pair(const struct text_parser *p, const struct fields *f,
    unsigned subtype, bool is_wide, uint64_t *out)
{
	struct word admin = f->field[0], number = f->field[1];
	uint32_t as, ip;
	uint64_t n;
	unsigned type;

	if (scalars_ipv4(admin.at, admin.len, &as)) {
		if (!field_number(&number, UINT16_MAX, &n))
			return false;
		*out = EXTENDED(0x0100 | subtype, (uint64_t)as << 16 | n);
		return true;
	}
	/* "70000L" is a 4-octet AS, whatever its size. */
	type = p->has_as4_types ? 0x0200 : 0x0100;
	if (admin.len > 1 && admin.at[admin.len - 1] == 'L') {
		admin.len--;
		is_wide = true;
		type = 0x0200;
	}
	if (!scalars_asn(admin.at, admin.len, &as))
		return false;
	if (as > UINT16_MAX || is_wide) {
		if (!field_number(&number, UINT16_MAX, &n))
			return false;
		*out = EXTENDED(type | subtype, (uint64_t)as << 16 | n);
		return true;
	}
	if (scalars_ipv4(number.at, number.len, &ip))
		n = ip;
	else if (!field_number(&number, UINT32_MAX, &n))
		return false;
	*out = EXTENDED(subtype, (uint64_t)as << 32 | n);
	return true;
}

/* Each takes the fields behind its name. */
typedef bool extended_fn(const struct text_parser *, const struct fields *,
    uint64_t *out);

static bool
extended_target(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	return f->n == 2 && extended_pair(p, f, 0x02, false, out);
}

static bool
extended_target4(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	return f->n == 2 && extended_pair(p, f, 0x02, true, out);
}

static bool
extended_origin(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	return f->n == 2 && extended_pair(p, f, 0x03, false, out);
}

static bool
extended_origin4(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	return f->n == 2 && extended_pair(p, f, 0x03, true, out);
}

/* RFC 8955 7.4: 8008 AS, 8108 address, 8208 4-octet AS. */
static bool
extended_redirect(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	struct text_parser as4 = { .has_as4_types = true };

	(void)p;
	if (f->n != 2 || !extended_pair(&as4, f, 0x08, false, out))
		return false;
	*out |= UINT64_C(0x80) << 56;
	return true;
}

bool
communities_redirect(const struct word *word, uint64_t *out)
{
	struct fields f;

	return fields_split(word, &f) && extended_redirect(NULL, &f, out);
}

bool
communities_target(const struct word *word, uint64_t *out)
{
	struct text_parser as4 = { .has_as4_types = true };
	struct fields f;

	return fields_split(word, &f) && extended_target(&as4, &f, out);
}

/* encapsulation:control flags:MTU:preference, RFC 4761 3.2.4. */
static bool
extended_l2info(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	uint64_t encapsulation, control, mtu, reserved;

	(void)p;
	if (f->n != 4 ||
	    !field_number(&f->field[0], UINT8_MAX, &encapsulation) ||
	    !field_number(&f->field[1], UINT8_MAX, &control) ||
	    !field_number(&f->field[2], UINT16_MAX, &mtu) ||
	    !field_number(&f->field[3], UINT16_MAX, &reserved))
		return false;
	*out = EXTENDED(0x800a, encapsulation << 40 | control << 32 |
	    mtu << 16 | reserved);
	return true;
}

static bool
extended_mup(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	uint64_t high, low;

	(void)p;
	if (f->n != 2 || !field_number(&f->field[0], UINT16_MAX, &high) ||
	    !field_number(&f->field[1], UINT32_MAX, &low))
		return false;
	*out = EXTENDED(0x0c00, high << 32 | low);
	return true;
}

/* The bits of an IEEE 754 single. */
static uint32_t
float_bits(double d)
{
	float f = (float)d;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/* asn:bytes a second, draft-ietf-idr-link-bandwidth. */
static bool
extended_bandwidth(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	uint64_t as;
	double rate;

	(void)p;
	if (f->n != 2 || !field_number(&f->field[0], UINT16_MAX, &as) ||
	    !scalars_real(f->field[1].at, f->field[1].len, &rate))
		return false;
	*out = EXTENDED(0x4004, as << 32 | float_bits(rate));
	return true;
}

/* rate[:packets|:bytes], RFC 8955 7.1 and 7.2. */
static bool
extended_rate(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	double rate;
	bool is_packets = false;

	(void)p;
	if (f->n < 1 || f->n > 2 ||
	    !scalars_real(f->field[0].at, f->field[0].len, &rate))
		return false;
	if (f->n == 2) {
		is_packets = words_equal(&f->field[1], "packets", 7);
		if (!is_packets && !words_equal(&f->field[1], "bytes", 5))
			return false;
	}
	*out = EXTENDED(is_packets ? 0x800c : 0x8006, float_bits(rate));
	return true;
}

static bool
extended_nexthop(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	(void)p;
	*out = EXTENDED(0x0800, 0);
	return f->n == 0;
}

static bool
extended_copy(const struct text_parser *p, const struct fields *f,
    uint64_t *out)
{
	(void)p;
	*out = EXTENDED(0x0800, 1);
	return f->n == 0;
}

struct extended_row {
	const char	*word;
	extended_fn	*parse;
	const char	*form;		/* for errors */
};

/* Sorted by word. */
static const struct extended_row extended_rows[] = {
	{ "bandwidth", extended_bandwidth, "bandwidth:ASN:NUMBER" },
	{ "copy-to-nexthop", extended_copy, "copy-to-nexthop" },
	{ "l2info", extended_l2info, "l2info:ENCAP:CONTROL:MTU:PREFERENCE" },
	{ "mup", extended_mup, "mup:N:N" },
	{ "origin", extended_origin, "origin:ASN:N or origin:IP:N" },
	{ "origin4", extended_origin4, "origin4:ASN:N" },
	{ "rate-limit", extended_rate, "rate-limit:N[:packets]" },
	{ "redirect", extended_redirect, "redirect:ASN:N or redirect:IP:N" },
	{ "redirect-to-nexthop", extended_nexthop, "redirect-to-nexthop" },
	{ "target", extended_target, "target:ASN:N or target:IP:N" },
	{ "target4", extended_target4, "target4:ASN:N" },
};

/* Names whose value is the next word: "mark 10", "action sample". */
static int
extended_spaced(struct text_parser *p, struct words *w, uint64_t *out)
{
	uint64_t n;
	int e;

	if (words_is(w, "mark")) {
		words_next(w);
		if ((e = parts_number(p, w, 63, &n)) != 0)
			return e;
		*out = EXTENDED(0x8009, n);
		return 0;
	}
	words_next(w);
	if (words_is(w, "sample"))
		*out = EXTENDED(0x8007, 2);
	else if (words_is(w, "terminal"))
		*out = EXTENDED(0x8007, 1);
	else if (words_is(w, "sample-terminal"))
		*out = EXTENDED(0x8007, 3);
	else
		return parts_expected(p, w,
		    "sample, terminal or sample-terminal");
	words_next(w);
	return 0;
}

/* A community without a space in it. */
static int
extended_word(struct text_parser *p, struct words *w, uint64_t *out)
{
	const struct extended_row *row;
	const char *form = "an extended community";
	struct fields f;

	if (scalars_number(&w->word, UINT64_MAX, out) && w->word.len == 18)
		return 0;
	if (!fields_split(&w->word, &f))
		return parts_expected(p, w, "%s", form);
	row = words_find(&f.field[0], PARTS(extended_rows),
	    sizeof(extended_rows[0]));
	if (row != NULL) {
		memmove(f.field, f.field + 1, sizeof(f.field[0]) * --f.n);
		if (row->parse(p, &f, out))
			return 0;
		form = row->form;
	} else if (extended_target(p, &f, out)) {
		return 0;	/* "A:B" alone is a target */
	}
	return parts_expected(p, w, "%s", form);
}

static int
item_extended(struct text_parser *p, struct words *w)
{
	uint64_t value;
	int e;

	if (!words_is_value(w))
		return parts_expected(p, w, "an extended community");
	if (words_is(w, "mark") || words_is(w, "action")) {
		e = extended_spaced(p, w, &value);
	} else {
		e = extended_word(p, w, &value);
		if (e == 0)
			words_next(w);
	}
	if (e == 0)
		buf_put_u64(&p->values, value);
	return e;
}

int
communities_extended(struct text_parser *p, struct words *w)
{
	/* Actions of flows are extended communities too: all are kept. */
	size_t start = block_begin(p, ATTR_EXT_COMMUNITY,
	    p->safi == SAFI_FLOW || p->safi == SAFI_FLOW_VPN);
	int e = parts_list(p, w, item_extended);

	if (e != 0)
		return e;
	block_sort(p, start, 8, false);
	return block_end_list(p, w, ATTR_EXT_COMMUNITY, TRANSITIVE, start);
}

int
communities_add_extended(struct text_parser *p, const struct words *w,
    uint64_t value)
{
	size_t start = block_begin(p, ATTR_EXT_COMMUNITY, true);

	buf_put_u64(&p->values, value);
	block_sort(p, start, 8, false);
	return block_end(p, w, ATTR_EXT_COMMUNITY, TRANSITIVE, start);
}

int
communities_add_ipv6(struct text_parser *p, const struct words *w,
    unsigned type, const struct addr *a, unsigned low)
{
	size_t start = block_begin(p, ATTR_IPV6_EXT_COMMUNITY, true);

	buf_put_u16(&p->values, type);
	buf_put_bytes(&p->values, a->bytes, 16);
	buf_put_u16(&p->values, low);
	block_sort(p, start, 20, false);
	return block_end(p, w, ATTR_IPV6_EXT_COMMUNITY, TRANSITIVE, start);
}
