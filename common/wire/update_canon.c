/* SPDX-License-Identifier: ISC */
/*
 * The canonical attribute block of a received UPDATE: ascending, 4-octet,
 * each code once. Here the two halves of RFC 6793 come together again.
 */
#include "common/wire/update_internal.h"

#include "common/attr/aspath.h"

#define LARGE_LEN		12
#define LARGE_DEDUP_MAX		128	/* bounds the quadratic search */

/* Whether AS4_PATH and AS4_AGGREGATOR count, RFC 6793 4.2.3. */
static bool
is_as4_usable(const struct update_scan *s)
{
	struct rd value;

	if (!update_codes_has(&s->kept, ATTR_AGGREGATOR) ||
	    !update_codes_has(&s->kept, ATTR_AS4_AGGREGATOR))
		return true;
	value = s->attrs[ATTR_AGGREGATOR].value;
	return buf_get_u16(&value) == BGP_AS_TRANS;
}

static void
put_as_path(const struct update_scan *s, struct wr *out)
{
	struct rd path = s->attrs[ATTR_AS_PATH].value;
	bool is_merged = update_codes_has(&s->kept, ATTR_AS4_PATH) &&
	    is_as4_usable(s);
	size_t start, mark = attr_begin(out, ATTR_FLAG_TRANSITIVE,
	    ATTR_AS_PATH);
	struct wr wide;

	start = out->len;
	aspath_from_as2(path, out);
	if (is_merged && out->err == 0) {
		/* Widen beside, because merging writes where it reads. */
		buf_writer_growing(&wide, 2 * UINT16_MAX);
		buf_put_bytes(&wide, out->base + start, out->len - start);
		buf_truncate(out, start);
		aspath_merge_as4(buf_written(&wide),
		    s->attrs[ATTR_AS4_PATH].value, out);
		if (wide.err != 0)
			out->err = wide.err;
		buf_free(&wide);
	}
	attr_end(out, mark);
}

static void
put_aggregator(const struct update_scan *s, struct wr *out)
{
	const struct attr *a = &s->attrs[ATTR_AGGREGATOR];
	struct rd value = a->value;
	uint32_t asn = buf_get_u16(&value);
	size_t mark = attr_begin(out, a->flags, ATTR_AGGREGATOR);

	if (asn == BGP_AS_TRANS &&
	    update_codes_has(&s->kept, ATTR_AS4_AGGREGATOR)) {
		value = s->attrs[ATTR_AS4_AGGREGATOR].value;
		asn = buf_get_u32(&value);
	}
	buf_put_u32(out, asn);
	buf_put_u32(out, buf_get_u32(&value));
	attr_end(out, mark);
}

static bool
has_before(struct rd list, struct rd item)
{
	while (buf_left(&list) > buf_left(&item)) {
		if (memcmp(buf_get_bytes(&list, LARGE_LEN), item.pos,
		    LARGE_LEN) == 0)
			return true;
	}
	return false;
}

/* Duplicates inside are removed silently, RFC 8092 3. */
static void
put_large(const struct attr *a, struct wr *out)
{
	struct rd rest = a->value;
	size_t mark = attr_begin(out, a->flags, ATTR_LARGE_COMMUNITY);
	bool is_searched = buf_left(&rest) <= LARGE_DEDUP_MAX * LARGE_LEN;
	bool is_known;

	while (buf_left(&rest) > 0) {
		is_known = is_searched && has_before(a->value, rest);
		if (is_known)
			buf_get_bytes(&rest, LARGE_LEN);
		else
			buf_put_bytes(out, buf_get_bytes(&rest, LARGE_LEN),
			    LARGE_LEN);
	}
	attr_end(out, mark);
}

/* The flags that are kept: of a known attribute only Partial may vary. */
static uint8_t
canonical_flags(const struct attr *a)
{
	const struct attr_row *row = attr_find(a->code);
	uint8_t flags = a->flags;

	if (row == NULL)
		return flags | ATTR_FLAG_PARTIAL;
	if ((row->flags & ATTR_FLAG_OPTIONAL) == 0 ||
	    (row->flags & ATTR_FLAG_TRANSITIVE) == 0)
		return row->flags;
	return (uint8_t)(row->flags | (flags & ATTR_FLAG_PARTIAL));
}

static void
put_one(struct update_scan *s, uint8_t code, struct wr *out)
{
	struct attr *a = &s->attrs[code];

	a->flags = canonical_flags(a);
	switch (code) {
	case ATTR_NEXT_HOP:
	case ATTR_MP_REACH:
	case ATTR_MP_UNREACH:
	case ATTR_AS4_PATH:
	case ATTR_AS4_AGGREGATOR:
		return;
	case ATTR_AS_PATH:
		if (!s->ctx->attr.has_as4) {
			put_as_path(s, out);
			return;
		}
		break;
	case ATTR_AGGREGATOR:
		if (!s->ctx->attr.has_as4) {
			put_aggregator(s, out);
			return;
		}
		break;
	case ATTR_LARGE_COMMUNITY:
		put_large(a, out);
		return;
	default:
		break;
	}
	attr_put(out, a->flags, code, a->value.pos, buf_left(&a->value));
}

void
update_canon_write(struct update_scan *s, struct wr *scratch)
{
	struct update_codes left = s->kept;
	unsigned i, code;

	for (i = 0; i < ATTR_N_CODES / 64; i++) {
		while (left.words[i] != 0) {
			code = i * 64 +
			    (unsigned)__builtin_ctzll(left.words[i]);
			left.words[i] &= left.words[i] - 1;
			put_one(s, (uint8_t)code, scratch);
		}
	}
	s->out->attrs = buf_written(scratch);
}
