/* SPDX-License-Identifier: ISC */
#include "common/wire/mrt.h"

#include "common/err.h"

#include <criterion/criterion.h>

static void
make(struct wr *w)
{
	static const uint8_t nlri[] = { 8, 10 };
	static const uint8_t attrs[] = { 0x40, 1, 1, 0, 0xc0, 8, 4, 0, 1, 0,
	    2 };
	static const uint8_t hop[] = { 192, 0, 2, 1 };
	const struct mrt_path path = {
		.peer = 1, .time_sec = 7,
		.attrs = buf_reader(attrs, sizeof(attrs)),
		.nexthop = buf_reader(hop, sizeof(hop)),
	};
	size_t start, mark;

	start = mrt_begin(w, 5000001, MRT_TABLE_DUMP_V2,
	    MRT_RIB_IPV4_UNICAST);
	mark = mrt_begin_paths(w, 9, buf_reader(nlri, sizeof(nlri)));
	mrt_put_path(w, &path);
	mrt_end_paths(w, mark, 1);
	mrt_end(w, start);
}

/* RFC 6396 4.3.2; the next hop stands between ORIGIN and COMMUNITIES. */
Test(mrt, rib_record_has_its_next_hop_in_place)
{
	static const uint8_t wanted[] = {
		0, 0, 0, 5, 0, 13, 0, 2, 0, 0, 0, 34,
		0, 0, 0, 9, 8, 10, 0, 1,
		0, 1, 0, 0, 0, 7, 0, 18, 0x40, 1, 1, 0, 0x40, 3, 4, 192, 0,
		2, 1, 0xc0, 8, 4, 0, 1, 0, 2,
	};
	struct wr w;

	buf_writer_growing(&w, 1024);
	make(&w);
	cr_assert_eq(w.err, 0);
	cr_assert_eq(w.len, sizeof(wanted));
	cr_assert_arr_eq(w.base, wanted, sizeof(wanted));
	buf_free(&w);
}

Test(mrt, next_takes_whole_records_only)
{
	struct mrt_record record;
	struct wr w;
	struct rd r;
	size_t start, i;

	buf_writer_growing(&w, 1024);
	start = mrt_begin(&w, 5000001, MRT_BGP4MP_ET, MRT_MESSAGE_AS4);
	buf_put_u32(&w, 0x01020304);
	mrt_end(&w, start);
	for (i = 0; i < w.len; i++) {
		r = buf_reader(w.base, i);
		cr_assert_eq(mrt_next(&r, &record), ERR_AGAIN, "%zu", i);
		cr_assert_eq(buf_left(&r), i);
	}
	make(&w);
	r = buf_written(&w);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(record.time_usec, 5000001);
	cr_assert_eq(record.subtype, MRT_MESSAGE_AS4);
	cr_assert_eq(buf_left(&record.body), 4);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(record.type, MRT_TABLE_DUMP_V2);
	cr_assert_eq(record.time_usec, 5000000);
	cr_assert_eq(buf_left(&r), 0);
	buf_free(&w);
}

Test(mrt, next_refuses_what_cannot_be)
{
	static const uint8_t huge[12] = { [8] = 0xff };
	static const uint8_t cut[13] = { [5] = 17, [11] = 1 };
	struct mrt_record record;
	struct rd r = buf_reader(huge, sizeof(huge));

	cr_assert_eq(mrt_next(&r, &record), ERR_PROTO);
	r = buf_reader(cut, sizeof(cut));
	cr_assert_eq(mrt_next(&r, &record), ERR_PROTO);
}
