/* SPDX-License-Identifier: ISC */
/*
 * One path attribute: the first byte is its code, the second its flags, the
 * third the session, the rest its value. FUZZ_ATTRIBUTE in the environment
 * takes the place of the first. What is accepted is described in each form.
 */
#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/emit.h"

#include <stdlib.h>

#define OUT_MAX		(1 << 24)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
describe(const struct attr *a)
{
	struct wr block, out;
	struct emit e;
	int shape;

	buf_writer_growing(&block, OUT_MAX);
	buf_writer_growing(&out, OUT_MAX);
	attr_put(&block, a->flags, a->code, a->value.pos,
	    buf_left(&a->value));
	for (shape = ATTR_JSON_V4; shape <= ATTR_JSON_V6; shape++) {
		emit_json_init(&e, &out, false);
		emit_begin_object(&e);
		attr_emit_block(buf_written(&block), shape, &e);
		emit_end_object(&e);
		if (e.depth != 0)
			abort();
	}
	emit_msgpack_init(&e, &out);
	emit_begin_object(&e);
	attr_emit_block(buf_written(&block), ATTR_JSON_V6, &e);
	emit_end_object(&e);
	attr_text_block(buf_written(&block), &out);
	if (out.err != 0)
		abort();
	buf_free(&block);
	buf_free(&out);
}

/* Segments that the check let pass are walked by all who ask of them. */
static void
ask_path(struct rd path)
{
	struct wr out;

	buf_writer_growing(&out, OUT_MAX);
	(void)aspath_neighbor(path);
	(void)aspath_has_set(path);
	(void)aspath_contains(path, 65001);
	aspath_text_plain(path, &out);
	aspath_prepend(path, 2, 65001, 3, &out);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *fixed = getenv("FUZZ_ATTRIBUTE");
	struct attr_context ctx;
	struct attr a;

	if (len < 3 || len > 65535)
		return 0;
	a = (struct attr){
		.code = fixed != NULL ? (uint8_t)atoi(fixed) : data[0],
		.flags = data[1] & 0xf0,
		.value = buf_reader(data + 3, len - 3),
	};
	ctx = (struct attr_context){
		.has_as4 = data[2] & 1, .is_ebgp = data[2] & 2,
		.is_confed = data[2] & 4,
	};
	if (attr_judge(&a, &ctx) != ATTR_ACCEPT)
		return 0;
	/* Descriptions are of the canonical, 4-octet form. */
	if (!ctx.has_as4 && (a.code == ATTR_AS_PATH ||
	    a.code == ATTR_AGGREGATOR))
		return 0;
	describe(&a);
	if (a.code == ATTR_AS_PATH)
		ask_path(a.value);
	return 0;
}
