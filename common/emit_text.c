/* SPDX-License-Identifier: ISC */
/*
 * Structured output as words on one line: "key value key [ a b ] key { k v }".
 * The outermost object has no braces. Bytes that are not printable ASCII are
 * escaped as \xNN, so that a line stays a line.
 */
#include "common/emit.h"

#include "common/buf.h"
#include "common/err.h"


static void
space(struct emit *e)
{
	e->has_key = false;
	if (e->n_items[0]++ > 0)
		buf_put_text(e->out, " ");
}

static void
text_begin(struct emit *e, bool is_object)
{
	if (e->depth++ == 0 && is_object)
		return;
	space(e);
	buf_put_text(e->out, is_object ? "{" : "[");
}

static void
text_end(struct emit *e, bool is_object)
{
	if (e->depth == 0 || (--e->depth == 0 && is_object))
		return;
	space(e);
	buf_put_text(e->out, is_object ? "}" : "]");
}

static void
text_key(struct emit *e, const char *key)
{
	space(e);
	buf_put_text(e->out, key);
}

static void
text_string(struct emit *e, const char *s, size_t len)
{
	struct rd r = buf_reader(s, len);
	unsigned c;

	space(e);
	while (buf_left(&r) > 0) {
		c = buf_get_u8(&r);
		if (c >= 0x20 && c < 0x7f)
			buf_put_u8(e->out, c);
		else
			buf_put_format(e->out, "\\x%02x", c);
	}
}

static void
text_number(struct emit *e, uint64_t magnitude, bool is_negative)
{
	space(e);
	if (is_negative)
		buf_put_text(e->out, "-");
	buf_put_decimal(e->out, magnitude);
}

static void
text_real(struct emit *e, double v, unsigned decimals)
{
	space(e);
	buf_put_format(e->out, "%.*f", (int)decimals, v);
}

static void
text_boolean(struct emit *e, bool b)
{
	space(e);
	buf_put_text(e->out, b ? "true" : "false");
}

static void
text_null(struct emit *e)
{
	space(e);
	buf_put_text(e->out, "null");
}

static const struct emit_ops text_ops = {
	.begin = text_begin,
	.end = text_end,
	.key = text_key,
	.string = text_string,
	.number = text_number,
	.real = text_real,
	.boolean = text_boolean,
	.null = text_null,
};

void
emit_text_init(struct emit *e, struct wr *out)
{
	*e = (struct emit){ .ops = &text_ops, .out = out };
}
