/* SPDX-License-Identifier: ISC */
/* Standard and large communities. RFC 1997, RFC 8092. */
#include "common/attr/rows.h"

#include "common/emit.h"
#include "common/err.h"

/* A list of one or more items of size bytes. */
static int
check_list(struct rd value, size_t size)
{
	if (buf_left(&value) == 0 || buf_left(&value) % size != 0)
		return ERR_RANGE;
	return 0;
}

int
community_check(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return check_list(value, 4);
}

int
community_check_cluster_list(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return check_list(value, 4);
}

int
community_check_large(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return check_list(value, 12);
}

void
community_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)shape;
	emit_begin_array(e);
	while (buf_left(&value) > 0) {
		emit_begin_array(e);
		emit_number(e, buf_get_u16(&value));
		emit_number(e, buf_get_u16(&value));
		emit_end_array(e);
	}
	emit_end_array(e);
}

void
community_emit_large(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)shape;
	emit_begin_array(e);
	while (buf_left(&value) > 0) {
		emit_begin_array(e);
		emit_number(e, buf_get_u32(&value));
		emit_number(e, buf_get_u32(&value));
		emit_number(e, buf_get_u32(&value));
		emit_end_array(e);
	}
	emit_end_array(e);
}

struct well_known {
	uint32_t	 value;
	const char	*name;
};

static void
text_community(uint32_t c, struct wr *out)
{
	static const struct well_known names[] = {
		{ 0xffff029a, "blackhole" },
		{ 0xffffff01, "no-export" },
		{ 0xffffff02, "no-advertise" },
		{ 0xffffff03, "no-export-subconfed" },
		{ 0xffffff04, "no-peer" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].value == c) {
			buf_put_text(out, names[i].name);
			return;
		}
	}
	buf_put_format(out, "%u:%u", c >> 16, c & 0xffff);
}

void
community_text(struct rd value, struct wr *out)
{
	bool is_many = buf_left(&value) > 4;

	if (is_many)
		buf_put_text(out, "[ ");
	while (buf_left(&value) > 0) {
		text_community(buf_get_u32(&value), out);
		if (is_many)
			buf_put_text(out, " ");
	}
	if (is_many)
		buf_put_text(out, "]");
}

void
community_text_large(struct rd value, struct wr *out)
{
	bool is_many = buf_left(&value) > 12;
	uint32_t a, b, c;

	if (is_many)
		buf_put_text(out, "[ ");
	while (buf_left(&value) > 0) {
		a = buf_get_u32(&value);
		b = buf_get_u32(&value);
		c = buf_get_u32(&value);
		buf_put_format(out, "%u:%u:%u", a, b, c);
		if (is_many)
			buf_put_text(out, " ");
	}
	if (is_many)
		buf_put_text(out, "]");
}
