/* SPDX-License-Identifier: ISC */
/*
 * An MRT file: each record is read, all of it, as `bgpctl show mrt` does, and
 * what is announced is described.
 */
#include "common/bgp.h"
#include "common/emit.h"
#include "common/wire/mrt_read.h"
#include "common/wire/route_emit.h"

#include <stdlib.h>

#define OUT_MAX		(1 << 24)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
describe(const struct nlri *nlri, struct rd block)
{
	struct emit e;
	struct wr out;

	buf_writer_growing(&out, OUT_MAX);
	emit_msgpack_init(&e, &out);
	emit_begin_object(&e);
	if (nlri != NULL)
		route_emit_prefix(&e, nlri);
	route_emit_aspath(&e, block);
	route_emit_detail(&e, block);
	emit_end_object(&e);
	if (e.depth != 0 || out.err != 0)
		abort();
	buf_free(&out);
}

static void
run_index(const struct mrt_record *record)
{
	struct mrt_index index;
	struct mrt_peer peer;
	unsigned i;

	if (mrt_read_index(record->body, &index) != 0)
		return;
	for (i = 0; i < index.n_peers; i++)
		mrt_next_peer(&index.peers, &peer);
	if (index.peers.is_short || buf_left(&index.peers) != 0)
		abort();
}

static void
run_rib(const struct mrt_record *record, struct mrt_scratch *s)
{
	struct update_nexthop *hop;
	struct mrt_attrs attrs;
	struct mrt_path path;
	struct mrt_rib rib;
	struct addr addr;
	unsigned i;

	if (mrt_read_rib(record, &rib) != 0)
		return;
	for (i = 0; i < rib.n_paths; i++) {
		mrt_next_path(&rib, &path);
		if (mrt_read_attrs(path.attrs, rib.has_as4, s, &attrs) != 0)
			abort();
		hop = &attrs.nexthop;
		if (hop->len > sizeof(hop->bytes))
			abort();
		(void)mrt_nexthop_addr(hop, &addr);
		describe(&rib.nlri, attrs.block);
	}
	if (rib.paths.is_short || buf_left(&rib.paths) != 0)
		abort();
}

static void
run_message(const struct mrt_record *record, struct mrt_scratch *s)
{
	struct update_context ctx = { .family_mask = UINT32_MAX };
	struct mrt_message m;
	struct update u;

	if (mrt_read_message(record, &m) != 0 || m.type != BGP_UPDATE)
		return;
	ctx.attr.has_as4 = m.has_as4;
	ctx.add_path_mask = m.has_path_id ? UINT32_MAX : 0;
	if (update_decode(m.body, &ctx, &s->block, &u) != 0)
		abort();
	describe(NULL, u.attrs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = buf_reader(data, len);
	struct mrt_record record;
	struct mrt_scratch s;

	mrt_scratch_init(&s);
	while (mrt_next(&r, &record) == 0) {
		switch (mrt_kind(&record)) {
		case MRT_KIND_INDEX:
			run_index(&record);
			break;
		case MRT_KIND_RIB:
			run_rib(&record, &s);
			break;
		case MRT_KIND_MESSAGE:
		case MRT_KIND_STATE:
			run_message(&record, &s);
			break;
		case MRT_KIND_OTHER:
			break;
		}
	}
	mrt_scratch_fini(&s);
	return 0;
}
