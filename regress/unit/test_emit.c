/* SPDX-License-Identifier: ISC */
/* One description, three forms. */
#include "common/buf.h"
#include "common/emit.h"

#include <criterion/criterion.h>

#include <msgpack.h>
#include <stdio.h>
#include <string.h>

static void
describe(struct emit *e)
{
	emit_begin_object(e);
	emit_key_string(e, "s", "a\"b\n\x01\xc3\xa9");
	emit_key(e, "bad");
	emit_string_len(e, "\xff\xc0\x80\xed\xa0\x80", 6);
	emit_key_number(e, "n", UINT64_MAX);
	emit_key(e, "i");
	emit_signed(e, INT64_MIN);
	emit_key_boolean(e, "t", true);
	emit_key(e, "z");
	emit_null(e);
	emit_key(e, "r");
	emit_real(e, 1.5, 1);
	emit_key(e, "h");
	emit_hex(e, "0x", "\xab\x01", 2);
	emit_key_array(e, "a");
	emit_number(e, 1);
	emit_begin_object(e);
	emit_end_object(e);
	emit_begin_array(e);
	emit_number(e, 2);
	emit_end_array(e);
	emit_end_array(e);
	emit_end_object(e);
}

Test(emit, json)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, 65536);
	emit_json_init(&e, &w, false);
	describe(&e);
	buf_put_u8(&w, 0);
	cr_expect_str_eq((char *)w.base, "{ \"s\": \"a\\\"b\\n\\u0001\xc3\xa9\""
	    ", \"bad\": \"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\""
	    ", \"n\": 18446744073709551615, \"i\": -9223372036854775808"
	    ", \"t\": true, \"z\": null, \"r\": 1.5, \"h\": \"0xAB01\""
	    ", \"a\": [ 1, { }, [ 2 ] ] }");
	buf_reset(&w);
	emit_json_init(&e, &w, true);
	emit_begin_object(&e);
	emit_key_array(&e, "a");
	emit_number(&e, 1);
	emit_number(&e, 2);
	emit_end_array(&e);
	emit_end_object(&e);
	buf_put_u8(&w, 0);
	cr_expect_str_eq((char *)w.base,
	    "{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t]\n}");
	buf_free(&w);
}

Test(emit, text)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, 65536);
	emit_text_init(&e, &w);
	describe(&e);
	buf_put_u8(&w, 0);
	cr_expect_str_eq((char *)w.base, "s a\"b\\x0a\\x01\\xc3\\xa9 bad "
	    "\\xff\\xc0\\x80\\xed\\xa0\\x80 n 18446744073709551615 i "
	    "-9223372036854775808 t true z null r 1.5 h 0xAB01 a [ 1 { } "
	    "[ 2 ] ]");
	buf_free(&w);
}

Test(emit, msgpack_unpacks_to_the_same)
{
	msgpack_unpacked u;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, 65536);
	emit_msgpack_init(&e, &w);
	describe(&e);
	cr_assert_eq(w.err, 0);
	msgpack_unpacked_init(&u);
	cr_assert_eq(msgpack_unpack_next(&u, (char *)w.base, w.len, NULL),
	    MSGPACK_UNPACK_SUCCESS);
	cr_assert_eq(u.data.type, MSGPACK_OBJECT_MAP);
	cr_expect_eq(u.data.via.map.size, 9);
	cr_expect_eq(u.data.via.map.ptr[2].val.via.u64, UINT64_MAX);
	cr_expect_eq(u.data.via.map.ptr[3].val.via.i64, INT64_MIN);
	cr_expect_eq(u.data.via.map.ptr[8].val.via.array.size, 3);
	msgpack_unpacked_destroy(&u);
	buf_free(&w);
}

Test(emit, nesting_too_deep_is_an_error)
{
	struct emit e;
	struct wr w;
	unsigned i;

	buf_writer_growing(&w, 65536);
	emit_json_init(&e, &w, false);
	for (i = 0; i <= EMIT_DEPTH_MAX; i++)
		emit_begin_array(&e);
	cr_expect_neq(w.err, 0);
	buf_free(&w);
}
