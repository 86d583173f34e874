/* SPDX-License-Identifier: ISC */
/* Path attributes: descriptions in JSON and text, writing, judging. */
#include "common/attr/attr.h"
#include "common/emit.h"
#include "common/err.h"
#include "regress/unit/hex.h"

struct row {
	const char	*block, *json, *text;
};

static const struct row rows[] = {
	{ "40010102 400200 800404 00000005",
	    "{ \"origin\": \"incomplete\", \"med\": 5 }",
	    " origin incomplete med 5" },
	{ "400210 0102 00000001 00000002 0301 0000FDE8",
	    "{ \"as-path\": { \"0\": { \"element\": \"as-set\", \"value\": "
	    "[ 1, 2 ] }, \"1\": { \"element\": \"as-confed-sequence\", "
	    "\"value\": [ 65000 ] } } }",
	    " as-path [ 1 2 ] {( 65000 )}" },
	{ "400600 C00708 0000FDE9 0A000001 800A08 03030303 C0A8C901",
	    "{ \"atomic-aggregate\": true, \"aggregator\": "
	    "\"65001:10.0.0.1\", \"cluster-list\": [ \"3.3.3.3\", "
	    "\"192.168.201.1\" ] }",
	    " atomic-aggregate aggregator ( 65001:10.0.0.1 ) cluster-list "
	    "[ 3.3.3.3 192.168.201.1 ]" },
	{ "801A0B 01000B 000000000000000A C02304 0000FDE9",
	    "{ \"aigp\": \"0x000000000000000a\", \"otc\": 65001 }",
	    " aigp 0x000000000000000a otc 65001" },
	{ "C00804 FFFF029A C02018 000000010000000200000003"
	    "000000040000000500000006",
	    "{ \"community\": [ [ 65535, 666 ] ], \"large-community\": [ "
	    "[ 1, 2, 3 ], [ 4, 5, 6 ] ] }",
	    " community blackhole large-community [ 1:2:3 4:5:6 ]" },
	{ "C01018 0102 0A000001 0005 0202 00011170 0005 0600 0100 00000007",
	    "{ \"extended-community\": [ { \"value\": 72631539107692549, "
	    "\"string\": \"target:10.0.0.1:5\" }, { \"value\": "
	    "144678142616797189, \"string\": \"target:70000:5\" }, { "
	    "\"value\": 432346663739195399, \"string\": "
	    "\"mac-mobility:7:sticky\" } ] }",
	    " extended-community [ target:10.0.0.1:5 target:70000:5 "
	    "mac-mobility:7:sticky ]" },
	{ "C01018 030C 00000000 0008 4004 FDE8 4B989680"
	    "0702 0000FDE8 8005",
	    "{ \"extended-community\": [ { \"value\": 219550481834311688, "
	    "\"string\": \"encap:VXLAN\" }, { \"value\": "
	    "4613091092476761728, \"string\": \"bandwidth:65000:20000000\" "
	    "}, { \"value\": 504966112478789637, \"string\": "
	    "\"interface-set:output:65000:5\" } ] }",
	    " extended-community [ encap:VXLAN bandwidth:65000:20000000 "
	    "interface-set:output:65000:5 ]" },
	{ "C01008 010C 01020304 0001 C01914 000C "
	    "20010DB8000000000000000000000001 0000",
	    "{ \"extended-community\": [ { \"value\": 75436401910611969, "
	    "\"string\": \"copy-to-nexthop-ietf 1.2.3.4\" } ], "
	    "\"extended-community-ipv6\": [ { \"value\": "
	    "\"0x000C20010DB80000000000000000000000010000\", \"string\": "
	    "\"redirect-to-nexthop-ietf 2001:db8::1\" } ] }",
	    " extended-community copy-to-nexthop-ietf 1.2.3.4 "
	    "extended-community-ipv6 redirect-to-nexthop-ietf 2001:db8::1" },
	{ "C01609 00 06 000641 0A000001",
	    "{ \"pmsi\": \"pmsi:ingressreplication:0:100:10.0.0.1\" }",
	    " pmsi pmsi:ingressreplication:0:100:10.0.0.1" },
	{ "C0280A 01 0007 000000 0000012C",
	    "{ \"bgp-prefix-sid\": { \"sr-label-index\": 300 } }",
	    " bgp-prefix-sid [ sr-label-index 300 ]" },
	{ "801D0B 0402 0003 6E6F64 FFFF 0000",
	    "{ \"bgp-ls\": { \"node-name\": \"nod\", \"generic-lsid-65535\": "
	    "[ \"0x\" ] } }",
	    " bgp-ls [ node-name nod generic-lsid-65535 [ 0x ] ]" },
	{ "C08006 00000001 4001",
	    "{ \"attribute-set\": \"0x000000014001\" }",
	    " attribute-set 0x000000014001" },
	{ "E0FF02 ABCD", "{ \"attribute-0xFF-0xE0\": \"0xABCD\" }",
	    " attribute [ 0xFF 0xE0 0xABCD ]" },
};

static void
describe(const char *hex, struct wr *json, struct wr *text)
{
	uint8_t bytes[512];
	struct emit e;
	struct rd block;

	block = buf_reader(bytes, hex_decode(hex, bytes, sizeof(bytes)));
	buf_reset(json);
	buf_reset(text);
	emit_json_init(&e, json, false);
	emit_begin_object(&e);
	attr_emit_block(block, ATTR_JSON_V6, &e);
	emit_end_object(&e);
	attr_text_block(block, text);
	buf_put_u8(json, 0);
	buf_put_u8(text, 0);
	cr_assert_eq(json->err, 0);
	cr_assert_eq(text->err, 0);
}

Test(attr, descriptions)
{
	struct wr json, text;
	size_t i;

	buf_writer_growing(&json, 65536);
	buf_writer_growing(&text, 65536);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		describe(rows[i].block, &json, &text);
		cr_expect_str_eq((char *)json.base, rows[i].json, "%s",
		    (char *)json.base);
		cr_expect_str_eq((char *)text.base, rows[i].text, "%s",
		    (char *)text.base);
	}
	buf_free(&json);
	buf_free(&text);
}

Test(attr, segment_routing_descriptions)
{
	struct wr json, text;

	buf_writer_growing(&json, 65536);
	buf_writer_growing(&text, 65536);
	describe("801D23 0402 0003 6E6F64 0400 0001 A0 0403 0003 490001 "
	    "040A 000C 8000 0003E8 0489 0003 003E80", &json, &text);
	cr_expect_str_eq((char *)json.base, "{ \"bgp-ls\": { \"node-name\": "
	    "\"nod\", \"node-flags\": { \"O\": 1, \"T\": 0, \"E\": 1, \"B\": "
	    "0, \"R\": 0, \"V\": 0, \"RSV\": 0 }, \"area-ids\": [ \"490001\" "
	    "], \"sr-capability-flags\": { \"I\": 1, \"V\": 0, \"RSV\": 0 }, "
	    "\"sids\": [ [ 1000, 16000 ] ] } }", "%s", (char *)json.base);
	describe("C01727 000F 0023 0F02 0500 820004 00 616263 0D02 0000 "
	    "80000D 00 030A 0000 0A000001 00064100 8A0001 00", &json, &text);
	cr_expect_str_eq((char *)json.base, "{ \"tunnel-encap\": { "
	    "\"sr-policy\": { \"priority\": 5, \"policy-name\": \"abc\", "
	    "\"binding-sid\": { \"type\": \"null\" }, \"generic-tlv-138\": "
	    "\"0x00\", \"segment-lists\": [ { \"weight\": 1, \"segments\": [ "
	    "{ \"type\": \"C\", \"ipv4-node\": \"10.0.0.1\", \"algorithm\": "
	    "0, \"label\": 100, \"tc\": 0, \"s\": true, \"ttl\": 0 } ] } ] } "
	    "} }", "%s", (char *)json.base);
	buf_free(&json);
	buf_free(&text);
}

Test(attr, written_lengths)
{
	static const size_t lens[] = { 0, 1, 255, 256, 65535 };
	static const uint8_t value[65535];
	struct attr a;
	struct wr w;
	struct rd r;
	size_t i, mark;

	buf_writer_growing(&w, 1 << 18);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		buf_reset(&w);
		attr_put(&w, 0xc0, 200, value, lens[i]);
		mark = attr_begin(&w, 0xc0, 201);
		buf_put_bytes(&w, value, lens[i]);
		attr_end(&w, mark);
		cr_assert_eq(w.err, 0);
		r = buf_written(&w);
		cr_assert_eq(attr_next(&r, &a), 0);
		cr_expect_eq(a.flags, lens[i] > 255 ? 0xd0 : 0xc0);
		cr_expect_eq(buf_left(&a.value), lens[i]);
		cr_assert_eq(attr_next(&r, &a), 0);
		cr_expect_eq(a.code, 201);
		cr_expect_eq(a.flags, lens[i] > 255 ? 0xd0 : 0xc0);
		cr_expect_eq(buf_left(&a.value), lens[i]);
		cr_expect_eq(buf_left(&r), 0);
	}
	buf_reset(&w);
	attr_put(&w, 0xc0, 200, value, 65536);
	cr_expect_eq(w.err, ERR_RANGE);
	buf_free(&w);
}
