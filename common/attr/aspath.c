/* SPDX-License-Identifier: ISC */
/*
 * AS_PATH values: a sequence of segments, each type 1, count 1, AS numbers of
 * 4 bytes (2 where the name says so). Functions that take a value in
 * canonical form stop at the first malformed segment; aspath_check finds it.
 */
#include "common/attr/aspath.h"

#include "common/bgp.h"
#include "common/err.h"

#define SEGMENT_MAX	255u	/* AS numbers in one segment */

struct segment {
	uint8_t		type;
	uint8_t		n;
	struct rd	asns;
};

static bool
next_segment(struct rd *r, unsigned asn_len, struct segment *out)
{
	if (buf_left(r) == 0)
		return false;
	out->type = buf_get_u8(r);
	out->n = buf_get_u8(r);
	out->asns = buf_get_sub(r, (size_t)out->n * asn_len);
	return !r->is_short;
}

static bool
is_confed(const struct segment *s)
{
	return s->type == AS_CONFED_SEQUENCE || s->type == AS_CONFED_SET;
}

/* How many hops a segment counts, RFC 4271 9.1.2.2 and RFC 5065 5.3. */
static unsigned
hops(const struct segment *s)
{
	if (is_confed(s))
		return 0;
	return s->type == AS_SET ? 1 : s->n;
}

int
aspath_check(struct rd value, unsigned asn_len)
{
	struct segment s;
	uint32_t asn;

	while (next_segment(&value, asn_len, &s)) {
		if (s.type < AS_SET || s.type > AS_CONFED_SET || s.n == 0)
			return ERR_RANGE;
		while (buf_left(&s.asns) > 0) {
			asn = asn_len == 2 ? buf_get_u16(&s.asns) :
			    buf_get_u32(&s.asns);
			if (asn == 0)
				return ERR_RANGE;
		}
	}
	return value.is_short ? ERR_SHORT : 0;
}

unsigned
aspath_length(struct rd value)
{
	struct segment s;
	unsigned n = 0;

	while (next_segment(&value, 4, &s))
		n += hops(&s);
	return n;
}

unsigned
aspath_n_asns(struct rd value)
{
	struct segment s;
	unsigned n = 0;

	while (next_segment(&value, 4, &s))
		n += s.n;
	return n;
}

unsigned
aspath_count(struct rd value, uint32_t asn)
{
	struct segment s;
	unsigned n = 0;

	while (next_segment(&value, 4, &s)) {
		while (buf_left(&s.asns) > 0)
			n += buf_get_u32(&s.asns) == asn;
	}
	return n;
}

bool
aspath_contains(struct rd value, uint32_t asn)
{
	return aspath_count(value, asn) > 0;
}

uint32_t
aspath_neighbor(struct rd value)
{
	struct segment s;

	while (next_segment(&value, 4, &s)) {
		if (is_confed(&s))
			continue;
		return s.type == AS_SEQUENCE ? buf_get_u32(&s.asns) : 0;
	}
	return 0;
}

uint32_t
aspath_origin(struct rd value)
{
	struct segment s;
	uint32_t asn = 0;

	while (next_segment(&value, 4, &s)) {
		if (is_confed(&s))
			continue;
		asn = 0;
		while (s.type == AS_SEQUENCE && buf_left(&s.asns) > 0)
			asn = buf_get_u32(&s.asns);
	}
	return asn;
}

bool
aspath_has_set(struct rd value)
{
	struct segment s;

	while (next_segment(&value, 4, &s)) {
		if (s.type == AS_SET || s.type == AS_CONFED_SET)
			return true;
	}
	return false;
}

bool
aspath_has_confed(struct rd value)
{
	struct segment s;

	while (next_segment(&value, 4, &s)) {
		if (is_confed(&s))
			return true;
	}
	return false;
}

static void
put_segment(struct wr *out, unsigned type, unsigned n, struct rd asns)
{
	buf_put_u8(out, type);
	buf_put_u8(out, n);
	buf_put_bytes(out, asns.pos, buf_left(&asns));
}

/* A segment head for asn repeated n times; more may follow it. */
static void
put_repeated(struct wr *out, unsigned type, unsigned count, unsigned n,
    uint32_t asn)
{
	buf_put_u8(out, type);
	buf_put_u8(out, count);
	while (n-- > 0)
		buf_put_u32(out, asn);
}

void
aspath_prepend(struct rd value, uint8_t segment, uint32_t asn, unsigned n,
    struct wr *out)
{
	struct rd rest = value;
	struct segment first;
	unsigned n_joined = 0, n_here;

	if (next_segment(&rest, 4, &first) && first.type == segment)
		n_joined = SEGMENT_MAX - (unsigned)first.n;
	if (n_joined > n)
		n_joined = n;
	for (n -= n_joined; n > 0; n -= n_here) {
		n_here = n < SEGMENT_MAX ? n : SEGMENT_MAX;
		put_repeated(out, segment, n_here, n_here, asn);
	}
	if (n_joined > 0) {
		put_repeated(out, segment, first.n + n_joined, n_joined, asn);
		buf_put_bytes(out, first.asns.pos, buf_left(&first.asns));
		value = rest;
	}
	buf_put_bytes(out, value.pos, buf_left(&value));
}

void
aspath_strip_confed(struct rd value, struct wr *out)
{
	struct segment s;

	while (next_segment(&value, 4, &s)) {
		if (!is_confed(&s))
			put_segment(out, s.type, s.n, s.asns);
	}
}

bool
aspath_to_as2(struct rd value, struct wr *out)
{
	struct segment s;
	bool is_lossy = false;
	uint32_t asn;

	while (next_segment(&value, 4, &s)) {
		buf_put_u8(out, s.type);
		buf_put_u8(out, s.n);
		while (buf_left(&s.asns) > 0) {
			asn = buf_get_u32(&s.asns);
			is_lossy = is_lossy || asn > UINT16_MAX;
			buf_put_u16(out, asn > UINT16_MAX ?
			    BGP_AS_TRANS : asn);
		}
	}
	return is_lossy;
}

void
aspath_from_as2(struct rd value, struct wr *out)
{
	struct segment s;

	while (next_segment(&value, 2, &s)) {
		buf_put_u8(out, s.type);
		buf_put_u8(out, s.n);
		while (buf_left(&s.asns) > 0)
			buf_put_u32(out, buf_get_u16(&s.asns));
	}
}

/*
 * Take the leading n_keep hops off path, with the confederation segments
 * among them and right behind them. Gives the AS_SEQUENCE that they end in,
 * not written yet, so that it can be joined with what follows.
 */
static struct segment
put_leading(struct rd path, unsigned n_keep, struct wr *out)
{
	struct segment s, tail = { .n = 0 };

	while (next_segment(&path, 4, &s) && (n_keep > 0 || is_confed(&s))) {
		if (tail.n > 0)
			put_segment(out, tail.type, tail.n, tail.asns);
		tail.n = 0;
		if (s.type != AS_SEQUENCE) {
			put_segment(out, s.type, s.n, s.asns);
			n_keep -= hops(&s);
			continue;
		}
		tail = s;
		if (tail.n > n_keep)
			tail.n = (uint8_t)n_keep;
		tail.asns = buf_get_sub(&s.asns, (size_t)tail.n * 4);
		n_keep -= tail.n;
	}
	return tail;
}

/* Write the segments of an AS4_PATH, the first joined with tail if it fits. */
static void
put_joined(struct segment tail, struct rd as4_path, struct wr *out)
{
	struct segment s;

	while (next_segment(&as4_path, 4, &s)) {
		if (is_confed(&s))
			continue;
		if (tail.n > 0 && s.type == AS_SEQUENCE &&
		    tail.n + s.n <= SEGMENT_MAX) {
			put_segment(out, AS_SEQUENCE, tail.n + s.n, tail.asns);
			buf_put_bytes(out, s.asns.pos, buf_left(&s.asns));
			tail.n = 0;
			continue;
		}
		if (tail.n > 0)
			put_segment(out, tail.type, tail.n, tail.asns);
		tail.n = 0;
		put_segment(out, s.type, s.n, s.asns);
	}
	if (tail.n > 0)
		put_segment(out, tail.type, tail.n, tail.asns);
}

void
aspath_merge_as4(struct rd path, struct rd as4_path, struct wr *out)
{
	unsigned n = aspath_length(path), n4 = aspath_length(as4_path);
	struct segment tail;

	if (n < n4 || n4 == 0) {
		buf_put_bytes(out, path.pos, buf_left(&path));
		return;
	}
	tail = put_leading(path, n - n4, out);
	put_joined(tail, as4_path, out);
}

/* What stands before and after the AS numbers of each segment type. */
static void
text_segments(struct rd value, const char *const marks[][2], struct wr *out)
{
	struct segment s;
	bool is_first = true;

	while (next_segment(&value, 4, &s)) {
		if (s.type < AS_SET || s.type > AS_CONFED_SET)
			return;
		if (!is_first)
			buf_put_text(out, " ");
		is_first = false;
		buf_put_text(out, marks[s.type][0]);
		while (buf_left(&s.asns) > 0) {
			buf_put_format(out, "%u", buf_get_u32(&s.asns));
			if (buf_left(&s.asns) > 0)
				buf_put_text(out, " ");
		}
		buf_put_text(out, marks[s.type][1]);
	}
}

void
aspath_text(struct rd value, struct wr *out)
{
	static const char *const marks[][2] = {
		[AS_SET] = { "[ ", " ]" },
		[AS_SEQUENCE] = { "( ", " )" },
		[AS_CONFED_SEQUENCE] = { "{( ", " )}" },
		[AS_CONFED_SET] = { "{[ ", " ]}" },
	};

	text_segments(value, marks, out);
}

void
aspath_text_plain(struct rd value, struct wr *out)
{
	static const char *const marks[][2] = {
		[AS_SET] = { "{ ", " }" },
		[AS_SEQUENCE] = { "", "" },
		[AS_CONFED_SEQUENCE] = { "(", ")" },
		[AS_CONFED_SET] = { "[", "]" },
	};

	text_segments(value, marks, out);
}
