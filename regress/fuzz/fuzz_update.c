/* SPDX-License-Identifier: ISC */
/*
 * UPDATE: the first byte chooses the session, the rest is the body. What is
 * accepted is described in every form and written again.
 */
#include "common/emit.h"
#include "common/wire/message.h"
#include "common/wire/update.h"

#include <stdlib.h>

#define OUT_MAX		(1 << 24)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
describe(const struct update *u, const struct update_context *ctx)
{
	struct emit e;
	struct wr out;
	int shape;

	buf_writer_growing(&out, OUT_MAX);
	for (shape = NLRI_JSON_V4; shape <= NLRI_JSON_V6; shape++) {
		emit_json_init(&e, &out, false);
		emit_begin_object(&e);
		update_emit(u, ctx, shape, &e);
		emit_end_object(&e);
		if (e.depth != 0)
			abort();
	}
	emit_msgpack_init(&e, &out);
	emit_begin_object(&e);
	update_emit(u, ctx, NLRI_JSON_V6, &e);
	emit_end_object(&e);
	update_text(u, ctx, "neighbor 10.0.0.1 receive update", &out);
	buf_free(&out);
}

static void
write_run(const struct update_run *run, const struct update *u,
    const struct update_nexthop *nexthop, const struct update_context *ctx,
    const struct update_format *format)
{
	struct update_builder b;
	struct rd left = run->run;
	struct nlri n;
	struct wr out;

	if (run->family == NULL)
		return;
	buf_writer_growing(&out, OUT_MAX);
	if (update_begin(&b, &out, format, run->family, u->attrs,
	    nexthop) == 0) {
		while (buf_left(&left) > 0) {
			if (nlri_next(run->family, (ctx->add_path_mask >>
			    run->family->id & 1) != 0, &left, &n) != 0)
				abort();
			(void)update_add(&b, &n);
		}
		update_end(&b);
		if (out.err == 0 && out.len > format->max_len)
			abort();
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct update_context ctx = { .family_mask = UINT32_MAX,
	    .max_asns = 750 };
	struct update_format format = { .max_len = 4096 };
	struct wr scratch;
	struct update u;
	unsigned flags;

	if (len == 0)
		return 0;
	flags = data[0];
	ctx.attr.has_as4 = flags & 1;
	ctx.attr.is_ebgp = flags & 2;
	ctx.add_path_mask = (flags & 4) != 0 ? UINT32_MAX : 0;
	ctx.extended_nexthop_mask = (flags & 8) != 0 ? UINT32_MAX : 0;
	format.has_as4 = flags & 16;
	format.is_exabgp_packing = flags & 32;
	format.add_path_mask = ctx.add_path_mask;
	buf_writer_growing(&scratch, 1 << 18);
	if (update_decode(buf_reader(&data[1], len - 1), &ctx, &scratch,
	    &u) == 0 && u.verdict != ATTR_RESET) {
		describe(&u, &ctx);
		write_run(&u.nlri, &u, &u.nexthop, &ctx, &format);
		write_run(&u.mp_reach, &u, &u.mp_nexthop, &ctx, &format);
	}
	buf_free(&scratch);
	return 0;
}
