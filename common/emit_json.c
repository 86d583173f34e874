/* SPDX-License-Identifier: ISC */
/*
 * Structured output as JSON (RFC 8259): one line, or pretty with tabs. What
 * comes out is valid whatever bytes go in: control characters are escaped
 * and bytes that are not UTF-8 become U+FFFD.
 */
#include "common/emit.h"

#include "common/buf.h"
#include "common/err.h"

#include <math.h>
#include <string.h>

#define MICRO		1000000u
#define REAL_MAX	4294967296.0	/* millionths of it are exact */

static void
new_line(struct emit *e)
{
	unsigned i;

	buf_put_text(e->out, "\n");
	for (i = 0; i < e->depth; i++)
		buf_put_text(e->out, "\t");
}

/* What comes between the item before and the one that begins here. */
static void
separate(struct emit *e)
{
	uint32_t *n;

	if (e->has_key) {
		e->has_key = false;
		return;
	}
	if (e->depth == 0)
		return;
	n = &e->n_items[e->depth - 1];
	if ((*n)++ > 0)
		buf_put_text(e->out, e->is_pretty ? "," : ", ");
	else if (!e->is_pretty)
		buf_put_text(e->out, " ");
	if (e->is_pretty)
		new_line(e);
}

static void
json_begin(struct emit *e, bool is_object)
{
	separate(e);
	buf_put_text(e->out, is_object ? "{" : "[");
	if (e->depth == EMIT_DEPTH_MAX) {
		if (e->out->err == 0)
			e->out->err = ERR_FULL;
		return;
	}
	e->n_items[e->depth++] = 0;
}

static void
json_end(struct emit *e, bool is_object)
{
	bool is_empty;

	if (e->depth == 0)
		return;
	e->depth--;
	is_empty = e->n_items[e->depth] == 0;
	if (e->is_pretty && !is_empty)
		new_line(e);
	else
		buf_put_text(e->out, " ");
	buf_put_text(e->out, is_object ? "}" : "]");
}

/*
 * Length of the UTF-8 sequence at the front of r, or 0 when it is none
 * (overlong forms, surrogates and beyond U+10FFFF included; RFC 3629).
 */
static size_t
utf8_len(struct rd r)
{
	uint32_t c = buf_get_u8(&r), next;
	size_t n, i;

	if (c < 0x80)
		return 1;
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	c &= 0x7fu >> n;
	for (i = 1; i < n; i++) {
		next = buf_get_u8(&r);
		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return n;
}

static void
put_escaped(struct wr *out, unsigned c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	size_t i;

	for (i = 0; i + 1 < sizeof(named); i += 2) {
		if ((unsigned char)named[i] == c) {
			buf_put_format(out, "\\%c", named[i + 1]);
			return;
		}
	}
	buf_put_format(out, "\\u%04x", c);
}

/* Whether a character stands in a string as it is, whatever follows. */
static bool
is_plain(unsigned c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* One character that is not plain; r moves behind it. */
static void
put_special(struct wr *out, struct rd *r)
{
	size_t n = utf8_len(*r);
	const uint8_t *p = buf_get_bytes(r, n == 0 ? 1 : n);

	if (n == 0)
		buf_put_text(out, "\\ufffd");
	else if (n == 1)
		put_escaped(out, *p);
	else
		buf_put_bytes(out, p, n);
}

static void
put_quoted(struct wr *out, const char *s, size_t len)
{
	struct rd r = buf_reader(s, len), peek;
	size_t n;

	buf_put_text(out, "\"");
	while (buf_left(&r) > 0) {
		peek = r;
		for (n = 0; buf_left(&peek) > 0 && is_plain(
		    buf_get_u8(&peek)); n++)
			;
		if (n > 0)
			buf_put_bytes(out, buf_get_bytes(&r, n), n);
		else
			put_special(out, &r);
	}
	buf_put_text(out, "\"");
}

static void
json_key(struct emit *e, const char *key)
{
	separate(e);
	put_quoted(e->out, key, strlen(key));
	buf_put_text(e->out, ": ");
	e->has_key = true;
}

static void
json_string(struct emit *e, const char *s, size_t len)
{
	separate(e);
	put_quoted(e->out, s, len);
}

static void
json_number(struct emit *e, uint64_t magnitude, bool is_negative)
{
	separate(e);
	if (is_negative)
		buf_put_text(e->out, "-");
	buf_put_decimal(e->out, magnitude);
}

/*
 * Six decimals of a number of usual size, without what printf costs: it is
 * the time that each event has. False when it is another number.
 */
static bool
put_micro(struct wr *out, double v)
{
	uint64_t micro, scale = MICRO / 10;

	if (!(v >= 0 && v < REAL_MAX))
		return false;
	micro = (uint64_t)(v * MICRO + 0.5);
	buf_put_decimal(out, micro / MICRO);
	buf_put_text(out, ".");
	for (micro %= MICRO; scale > 0; scale /= 10)
		buf_put_u8(out, (uint32_t)('0' + micro / scale % 10));
	return true;
}

static void
json_real(struct emit *e, double v, unsigned decimals)
{
	separate(e);
	if (decimals == 6 && put_micro(e->out, v))
		return;
	if (isfinite(v))
		buf_put_format(e->out, "%.*f", (int)decimals, v);
	else
		buf_put_text(e->out, "null");	/* JSON has no such number */
}

static void
json_boolean(struct emit *e, bool b)
{
	separate(e);
	buf_put_text(e->out, b ? "true" : "false");
}

static void
json_null(struct emit *e)
{
	separate(e);
	buf_put_text(e->out, "null");
}

static const struct emit_ops json_ops = {
	.begin = json_begin,
	.end = json_end,
	.key = json_key,
	.string = json_string,
	.number = json_number,
	.real = json_real,
	.boolean = json_boolean,
	.null = json_null,
};

void
emit_json_init(struct emit *e, struct wr *out, bool is_pretty)
{
	*e = (struct emit){ .ops = &json_ops, .out = out,
	    .is_pretty = is_pretty };
}
