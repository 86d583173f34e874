/* SPDX-License-Identifier: ISC */
#include "common/wire/bmp.h"

#include <criterion/criterion.h>

static const struct bmp_peer peer_v4 = {
	.flags = BMP_FLAG_OUT | BMP_FLAG_POST_POLICY,
	.addr = { .family = ADDR_IPV4, .bytes = { 192, 0, 2, 7 } },
	.as = 65536, .id = 0xc0000207, .time_usec = 5000007,
};

static void
expect(struct wr *w, const uint8_t *wanted, size_t len)
{
	cr_assert_eq(w->err, 0);
	cr_assert_eq(w->len, len);
	cr_assert_arr_eq(w->base, wanted, len);
	buf_free(w);
}

/* RFC 7854 4.1, 4.2, RFC 8671 4: an IPv4 address stands at the end. */
Test(bmp, route_monitoring_has_the_peer_header)
{
	static const uint8_t wanted[] = {
		3, 0, 0, 0, 50, 0,
		0, 0x50, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7,
		0, 1, 0, 0, 192, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 7,
		0xaa, 0xbb,
	};
	struct wr w;
	size_t start;

	buf_writer_growing(&w, 1024);
	start = bmp_begin(&w, BMP_ROUTE_MONITORING, &peer_v4);
	buf_put_u16(&w, 0xaabb);
	bmp_end(&w, start);
	expect(&w, wanted, sizeof(wanted));
}

/* V is set by the address; 4.10 */
Test(bmp, peer_up_of_ipv6_has_both_opens)
{
	static const uint8_t wanted[] = {
		3, 0, 0, 0, 71, 3,
		0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
		0, 179, 0x75, 0x30, 1, 2, 3,
	};
	static const uint8_t opens[] = { 1, 2, 3 };
	const struct bmp_peer peer = {
		.addr = { .family = ADDR_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8,
		    [15] = 1 } },
		.as = 9, .id = 8,
	};
	const struct bmp_up up = {
		.local = { .family = ADDR_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8,
		    [15] = 2 } },
		.local_port = 179, .remote_port = 30000,
		.sent = buf_reader(opens, 2),
		.received = buf_reader(opens + 2, 1),
	};
	struct wr w;
	size_t start;

	buf_writer_growing(&w, 1024);
	start = bmp_begin(&w, BMP_PEER_UP, &peer);
	bmp_put_up(&w, &up);
	bmp_end(&w, start);
	expect(&w, wanted, sizeof(wanted));
}

/* 4.8 */
Test(bmp, statistics_are_counted)
{
	static const uint8_t wanted[] = {
		0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 5,
		0, 7, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0,
	};
	struct wr w;
	size_t mark;

	buf_writer_growing(&w, 1024);
	mark = bmp_begin_statistics(&w);
	bmp_put_counter(&w, BMP_STAT_REJECTED, 5);
	bmp_put_gauge(&w, BMP_STAT_ADJ_RIB_IN, UINT64_C(1) << 32);
	bmp_end_statistics(&w, mark, 2);
	expect(&w, wanted, sizeof(wanted));
}

/* 4.4, 4.5; the second message's length is its own. */
Test(bmp, tlvs_and_messages_behind_each_other)
{
	static const uint8_t wanted[] = {
		3, 0, 0, 0, 12, 4, 0, 2, 0, 2, 'a', 'b',
		3, 0, 0, 0, 12, 5, 0, 1, 0, 2, 0, 0,
	};
	struct wr w;
	size_t start;

	buf_writer_growing(&w, 1024);
	start = bmp_begin(&w, BMP_INITIATION, NULL);
	bmp_put_tlv(&w, BMP_INFO_NAME, "ab", 2);
	bmp_end(&w, start);
	start = bmp_begin(&w, BMP_TERMINATION, NULL);
	bmp_put_tlv(&w, BMP_TERM_REASON, "\0\0", 2);
	bmp_end(&w, start);
	expect(&w, wanted, sizeof(wanted));
}
