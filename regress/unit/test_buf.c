/* SPDX-License-Identifier: ISC */
/* The byte reader and writer. */
#include "common/buf.h"
#include "common/err.h"

#include <criterion/criterion.h>

Test(buf, get_u16_short_input_sets_error)
{
	struct rd r = buf_reader("\x01", 1);

	cr_assert_eq(buf_get_u16(&r), 0);
	cr_assert(r.is_short);
	cr_assert_eq(buf_left(&r), 0);
}

Test(buf, integers_survive_a_round_trip)
{
	uint8_t bytes[18];
	struct wr w;
	struct rd r;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, 0x12);
	buf_put_u16(&w, 0x1234);
	buf_put_u24(&w, 0x123456);
	buf_put_u32(&w, 0x12345678);
	buf_put_u64(&w, UINT64_C(0x123456789abcdef0));
	cr_assert_eq(w.err, 0);
	cr_assert_eq(w.len, sizeof(bytes));
	r = buf_written(&w);
	cr_assert_eq(buf_get_u8(&r), 0x12);
	cr_assert_eq(buf_get_u16(&r), 0x1234);
	cr_assert_eq(buf_get_u24(&r), 0x123456);
	cr_assert_eq(buf_get_u32(&r), 0x12345678);
	cr_assert_eq(buf_get_u64(&r), UINT64_C(0x123456789abcdef0));
	cr_assert(!r.is_short);
}

Test(buf, get_sub_is_bounded_and_outer_skips_it)
{
	struct rd r = buf_reader("\x01\x02\x03\x04", 4), sub;

	sub = buf_get_sub(&r, 2);
	cr_assert_eq(buf_get_u8(&sub), 1);
	buf_get_u16(&sub);
	cr_assert(sub.is_short);
	cr_assert(!r.is_short);
	cr_assert_eq(buf_get_u8(&r), 3);
	sub = buf_get_sub(&r, 2);
	cr_assert(sub.is_short);
	cr_assert(r.is_short);
}

Test(buf, put_refuses_values_too_wide)
{
	uint8_t bytes[4];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, 256);
	cr_assert_eq(w.err, ERR_RANGE);
	buf_put_u8(&w, 1);
	cr_assert_eq(w.len, 0);
}

Test(buf, writers_are_bounded)
{
	uint8_t bytes[2];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u24(&w, 1);
	cr_assert_eq(w.err, ERR_FULL);
	buf_writer_growing(&w, 1000);
	buf_put_zero(&w, 1000);
	cr_assert_eq(w.err, 0);
	buf_put_u8(&w, 1);
	cr_assert_eq(w.err, ERR_FULL);
	buf_free(&w);
}

Test(buf, patch_counts_what_follows_the_field)
{
	uint8_t bytes[8];
	struct wr w;
	size_t mark;

	buf_writer(&w, bytes, sizeof(bytes));
	mark = buf_mark_u16(&w);
	buf_put_text(&w, "abc");
	buf_patch_u16(&w, mark);
	cr_assert_eq(w.err, 0);
	cr_assert_arr_eq(bytes, "\x00\x03" "abc", 5);
}

Test(buf, put_decimal_writes_all_digits)
{
	static const struct {
		uint64_t	 v;
		const char	*text;
	} rows[] = {
		{ 0, "0" }, { 9, "9" }, { 10, "10" }, { 4294967295u,
		"4294967295" }, { UINT64_MAX, "18446744073709551615" },
	};
	uint8_t array[20];
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_writer(&w, array, sizeof(array));
		buf_put_decimal(&w, rows[i].v);
		cr_assert_eq(w.err, 0);
		cr_assert_eq(w.len, strlen(rows[i].text));
		cr_assert_arr_eq(array, rows[i].text, w.len);
	}
	buf_writer(&w, array, 2);
	buf_put_decimal(&w, 100);
	cr_assert_neq(w.err, 0);
}
