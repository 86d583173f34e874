/* SPDX-License-Identifier: ISC */
/* OPEN messages: faults, round trips, negotiation, description. */
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/wire/open.h"
#include "regress/unit/hex.h"

#include <string.h>

struct fault {
	const char	*name, *body;
	int		 err;
	unsigned	 subcode;
	const char	*data;
};

#define FIXED	"04 FDE9 00B4 0A000002"

static const struct fault faults[] = {
	{ "no parameters", FIXED "00", 0, 0, "" },
	{ "empty", "", ERR_PROTO, 0, "" },
	{ "version 3", "03 FDE9 00B4 0A000002 00", ERR_PROTO, 1, "0004" },
	{ "version 5", "05 FDE9 00B4 0A000002 00", ERR_PROTO, 1, "0004" },
	{ "parameters longer than message", FIXED "04 0206", ERR_PROTO, 0,
	    "" },
	{ "bytes after parameters", FIXED "00 00", ERR_PROTO, 0, "" },
	{ "parameter cut", FIXED "02 0206", ERR_PROTO, 0, "" },
	{ "parameter unknown", FIXED "02 0100", ERR_PROTO, 4, "" },
	{ "capability cut", FIXED "04 0202 4104", ERR_PROTO, 0, "" },
	{ "as4 of 0 bytes", FIXED "0A 0208 4100 4104 0000FDE9", ERR_PROTO, 0,
	    "" },
	{ "as4 of 3 bytes", FIXED "07 0205 4103 00FDE9", ERR_PROTO, 0, "" },
	{ "multiprotocol of 3 bytes", FIXED "07 0205 0103 000100", ERR_PROTO,
	    0, "" },
	{ "graceful restart of 1 byte", FIXED "05 0203 4001 00", ERR_PROTO,
	    0, "" },
	{ "add-path of 3 bytes", FIXED "07 0205 4503 000101", ERR_PROTO, 0,
	    "" },
	{ "add-path of unknown family", FIXED "08 0206 4504 00630103", 0, 0,
	    "" },
	{ "unknown capability", FIXED "07 0205 0303 010203", 0, 0, "" },
	{ "short LLGR", FIXED "05 0203 4701 00", 0, 0, "" },
	{ "software of length 0", FIXED "05 0203 4B01 00", 0, 0, "" },
	{ "software longer than it is", FIXED "05 0203 4B01 FF", 0, 0, "" },
	{ "hostname cut", FIXED "06 0204 4902 0561", 0, 0, "" },
	{ "extended form", FIXED "FF FF 0009 02 0006 0104 00010001", 0, 0,
	    "" },
	{ "extended form, first length 1", FIXED "01 FF 0009 02 0006 0104"
	    "00010001", 0, 0, "" },
	{ "extended form, length 0", FIXED "FF FF 0000", 0, 0, "" },
	{ "extended form, too long", FIXED "FF FF FFFF 02", ERR_PROTO, 0,
	    "" },
	{ "extended form, cut", FIXED "FF FF", ERR_PROTO, 0, "" },
	{ "ends after length 255", FIXED "FF", ERR_PROTO, 0, "" },
	{ "extended form, parameter cut", FIXED "FF FF 0003 02 0006",
	    ERR_PROTO, 0, "" },
};

Test(open, faults_have_these_notifications)
{
	uint8_t bytes[128];
	char data[32];
	struct open o;
	size_t i, n;
	int err;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		n = hex_decode(faults[i].body, bytes, sizeof(bytes));
		err = open_decode(buf_reader(bytes, n), &o);
		cr_expect_eq(err, faults[i].err, "%s: %d", faults[i].name,
		    err);
		cr_expect_eq(o.error_subcode, faults[i].subcode, "%s: %u",
		    faults[i].name, o.error_subcode);
		cr_expect_str_eq(hex_encode(o.error_data, o.error_len, data),
		    faults[i].data, "%s", faults[i].name);
	}
}

#define HEAD	"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

/* Messages that are written again as they were. */
static const char *const round_trips[] = {
	HEAD "00350104FFFD00B40A0000021802060104000100010206410400"
	"00FFFD0202060002024D00",
	HEAD "00490104FFFD00B40A0000022C0206010400010001020641040000FFFD0202"
	"060002164B14134578614247502F352E302E302D302B74657374",
	HEAD "00550104FFFD00B40A000002380206010400010001020641040000FFFD0202"
	"0600022249200C6D792D686F73742D6E616D65126D792D646F6D61696E2D6E616D"
	"652E636F6D",
	HEAD "006F0104FFFD00B40A00000252" "0206010400010001" "0206010400020001"
	"020641040000FFFD" "02080506000100010002" "020A4508000101030002"
	"0101" "02074C050001010005" "020C400AC078000101800002010" "0"
	"02020200" "02024600" "0203090103",
};

Test(open, decode_then_encode_gives_the_same_bytes)
{
	uint8_t bytes[512], again[512];
	char text[1025];
	struct open o;
	struct wr w;
	size_t i, n;

	for (i = 0; i < sizeof(round_trips) / sizeof(round_trips[0]); i++) {
		n = hex_decode(round_trips[i], bytes, sizeof(bytes));
		cr_assert_eq(open_decode(buf_reader(&bytes[BGP_HEADER_LEN],
		    n - BGP_HEADER_LEN), &o), 0, "%zu", i);
		buf_writer(&w, again, sizeof(again));
		open_encode(&o, &w);
		cr_assert_eq(w.err, 0);
		cr_expect_str_eq(hex_encode(again, w.len, text),
		    round_trips[i], "%s", text);
	}
}

Test(open, truncation_at_each_byte_is_refused)
{
	uint8_t bytes[512];
	struct open o;
	size_t n, cut;

	n = hex_decode(round_trips[3], bytes, sizeof(bytes));
	for (cut = BGP_HEADER_LEN; cut < n; cut++)
		cr_expect_eq(open_decode(buf_reader(&bytes[BGP_HEADER_LEN],
		    cut - BGP_HEADER_LEN), &o), ERR_PROTO, "%zu", cut);
}

/* Everything at once makes the extended form of RFC 9072. */
Test(open, many_capabilities_use_the_extended_form)
{
	struct open o = { .version = 4, .as = 65000, .router_id = 1,
	    .capabilities = { .has_multiprotocol = true, .has_as4 = true,
	    .as4 = 70000, .role = ROLE_PEER,
	    .n_families = NLRI_N_FAMILIES } }, back;
	uint8_t bytes[1024];
	struct wr w;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		o.capabilities.family_order[i] = (uint8_t)i;
		o.capabilities.add_path[i] = ADD_PATH_BOTH;
		o.capabilities.family_mask |= 1u << i;
	}
	buf_writer(&w, bytes, sizeof(bytes));
	open_encode(&o, &w);
	cr_assert_eq(w.err, 0);
	cr_expect_eq(bytes[28], 255);
	cr_expect_eq(bytes[29], 255);
	cr_assert_eq(open_decode(buf_reader(&bytes[BGP_HEADER_LEN],
	    w.len - BGP_HEADER_LEN), &back), 0);
	cr_expect_eq(memcmp(&o, &back, sizeof(o)), 0);
}

Test(open, negotiation_is_what_both_have)
{
	struct open l = { .hold_time_sec = 90, .capabilities = {
	    .has_multiprotocol = true, .has_as4 = true, .family_mask = 0x401,
	    .family_order = { 0, 10 }, .n_families = 2,
	    .add_path = { [0] = ADD_PATH_RECEIVE } } };
	struct open r = { .hold_time_sec = 30, .capabilities = {
	    .has_as4 = true, .add_path = { [0] = ADD_PATH_SEND } } };
	struct open_negotiated n;

	open_negotiate(&l, &r, &n);
	cr_expect_eq(n.family_mask, 1);
	cr_expect_eq(n.n_families, 1);
	cr_expect_eq(n.hold_time_sec, 30);
	cr_expect(n.has_as4);
	cr_expect_eq(n.add_path_receive_mask, 1);
	cr_expect_eq(n.add_path_send_mask, 0);
	r.capabilities = l.capabilities;
	r.capabilities.family_order[0] = 10;
	r.capabilities.family_order[1] = 0;
	open_negotiate(&l, &r, &n);
	cr_expect_eq(n.family_mask, 0x401);
	cr_expect_eq(n.family_order[0], 10);
	cr_expect_eq(n.add_path_receive_mask, 0);
}

Test(open, description)
{
	uint8_t bytes[512];
	struct open o;
	struct emit e;
	struct wr w;
	struct rd body;
	size_t n;

	n = hex_decode(round_trips[1], bytes, sizeof(bytes));
	body = buf_reader(&bytes[BGP_HEADER_LEN], n - BGP_HEADER_LEN);
	open_decode(body, &o);
	buf_writer_growing(&w, 65536);
	emit_json_init(&e, &w, false);
	emit_begin_object(&e);
	open_emit(&o, body, &e);
	emit_end_object(&e);
	buf_put_u8(&w, 0);
	cr_expect_str_eq((char *)w.base, "{ \"version\": 4, \"asn\": 65533, "
	    "\"hold_time\": 180, \"router_id\": \"10.0.0.2\", "
	    "\"capabilities\": { \"1\": { \"name\": \"multiprotocol\", "
	    "\"families\": [ \"ipv4/unicast\" ] }, \"6\": { \"name\": "
	    "\"extended-message\", \"size\": 65535 }, \"65\": { \"name\": "
	    "\"asn4\", \"asn4\": 65533 }, \"75\": { \"software\": "
	    "\"ExaBGP/5.0.0-0+test\" } } }");
	buf_reset(&w);
	open_text(&o, body, &w);
	buf_put_u8(&w, 0);
	cr_expect_str_eq((char *)w.base, "version 4 asn 65533 hold_time 180 "
	    "router_id 10.0.0.2 capabilities [multiprotocol(ipv4 unicast), "
	    "extended-message(65535), asn4(65533), software version]");
	buf_free(&w);
}
