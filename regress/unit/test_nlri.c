/* SPDX-License-Identifier: ISC */
/* Address families: cutting, keys, texts; every family at every length. */
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "regress/unit/hex.h"

#include <string.h>

struct row {
	unsigned	 family;
	const char	*bytes, *key, *text;
};

static const struct row rows[] = {
	{ NLRI_IPV4_UNICAST, "180A0001", "180A0001", "10.0.1.0/24" },
	{ NLRI_IPV4_UNICAST, "00", "00", "0.0.0.0/0" },
	{ NLRI_IPV4_UNICAST, "0CAC1F", "0CAC10", "172.16.0.0/12" },
	{ NLRI_IPV6_UNICAST, "2020010DB8", "2020010DB8", "2001:db8::/32" },
	{ NLRI_IPV4_MPLS, "38 000641 0A000000", "200A000000",
	    "10.0.0.0/32 label 100 (1601)" },
	{ NLRI_IPV4_MPLS, "50 000640 000C81 0A000000", "200A000000",
	    "10.0.0.0/32 label [ 100 (1600) 200 (3201) ]" },
	{ NLRI_IPV4_MPLS, "38 800000 0A000000", "200A000000",
	    "10.0.0.0/32 label 524288 (8388608)" },
	{ NLRI_IPV4_VPN, "71 003E81 0000FDE800000001 0A000000",
	    "0000FDE800000001190A000000",
	    "10.0.0.0/25 label 1000 (16001) rd 65000:1" },
	{ NLRI_IPV6_VPN, "78 003E81 0001C0A801010002 20010DB8",
	    "0001C0A8010100022020010DB8",
	    "2001:db8::/32 label 1000 (16001) rd 192.168.1.1:2" },
};

static size_t
strip(const char *hex, char *to)
{
	char *start = to;

	for (; *hex != '\0'; hex++) {
		if (*hex != ' ')
			*to++ = *hex;
	}
	*to = '\0';
	return (size_t)(to - start);
}

Test(nlri, keys_texts_and_round_trips)
{
	uint8_t bytes[64];
	char text[256], want[256];
	struct wr w;
	struct rd run;
	struct nlri n;
	size_t i, len;

	buf_writer_growing(&w, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = hex_decode(rows[i].bytes, bytes, sizeof(bytes));
		run = buf_reader(bytes, len);
		cr_assert_eq(nlri_next(nlri_by_id(rows[i].family), false,
		    &run, &n), 0, "%s", rows[i].bytes);
		cr_expect_eq(buf_left(&run), 0);
		buf_reset(&w);
		nlri_put(&n, false, false, &w);
		strip(rows[i].bytes, want);
		cr_expect_str_eq(hex_encode(w.base, w.len, text), want);
		buf_reset(&w);
		nlri_key(&n, &w);
		cr_expect_str_eq(hex_encode(w.base, w.len, text),
		    rows[i].key, "%s", rows[i].bytes);
		buf_reset(&w);
		nlri_text(&n, &w);
		buf_put_u8(&w, 0);
		cr_expect_str_eq((char *)w.base, rows[i].text);
	}
	buf_free(&w);
}

Test(nlri, truncation_at_each_byte_is_short)
{
	uint8_t bytes[64];
	struct rd run;
	struct nlri n;
	size_t i, len, cut;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = hex_decode(rows[i].bytes, bytes, sizeof(bytes));
		for (cut = 1; cut < len; cut++) {
			run = buf_reader(bytes, cut);
			cr_expect_neq(nlri_next(nlri_by_id(rows[i].family),
			    false, &run, &n), 0, "%s at %zu", rows[i].bytes,
			    cut);
		}
	}
}

struct bad {
	unsigned	 family;
	const char	*bytes;
};

static const struct bad bads[] = {
	{ NLRI_IPV4_UNICAST, "210A00000000" },
	{ NLRI_IPV6_UNICAST, "812001000000000000000000000000000000" },
	{ NLRI_IPV4_MPLS, "0400" },
	{ NLRI_IPV4_MPLS, "17000010" },
	{ NLRI_IPV4_MPLS, "38 000640 0A000000" },
	{ NLRI_IPV4_MPLS, "39 000641 0A00000000" },
	{ NLRI_IPV4_VPN, "57 003E81 0000FDE800000001" },
	{ NLRI_IPV4_VPN, "79 003E81 0000FDE800000001 0A00000000" },
	{ NLRI_IPV4_FLOW, "00" },
};

Test(nlri, malformed_is_refused)
{
	uint8_t bytes[64];
	struct rd run;
	struct nlri n;
	size_t i;

	for (i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		run = buf_reader(bytes, hex_decode(bads[i].bytes, bytes,
		    sizeof(bytes)));
		cr_expect_neq(nlri_next(nlri_by_id(bads[i].family), false,
		    &run, &n), 0, "%s", bads[i].bytes);
	}
}

/*
 * Bytes that mean nothing: whatever is cut advances, and its key, text and
 * JSON can be made.
 */
Test(nlri, every_family_survives_any_bytes)
{
	uint8_t bytes[48];
	uint32_t seed = 1;
	struct emit e;
	struct wr w;
	struct rd run;
	struct nlri n;
	unsigned id, round;
	size_t i, before;

	buf_writer_growing(&w, 1 << 20);
	for (round = 0; round < 2000 * NLRI_N_FAMILIES; round++) {
		id = round % NLRI_N_FAMILIES;
		for (i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (seed >> 24 & 3) == 0 ?
			    (uint8_t)(seed >> 16) : (uint8_t)(seed >> 16 & 31);
		}
		run = buf_reader(bytes, sizeof(bytes));
		while (buf_left(&run) > 0) {
			before = buf_left(&run);
			if (nlri_next(nlri_by_id(id), round % 3 == 0, &run,
			    &n) != 0)
				break;
			cr_assert_lt(buf_left(&run), before);
			buf_reset(&w);
			nlri_key(&n, &w);
			nlri_text(&n, &w);
			emit_json_init(&e, &w, false);
			nlri_emit(&n, round & 1 ? NLRI_JSON_V4 :
			    NLRI_JSON_V6, &e);
			cr_assert_eq(w.err, 0);
			cr_assert_eq(e.depth, 0);
		}
	}
	buf_free(&w);
}

Test(nlri, words_and_numbers)
{
	char buf[16];
	unsigned id;

	cr_expect_eq(nlri_by_words("ipv4", "unicast"),
	    nlri_by_id(NLRI_IPV4_UNICAST));
	cr_expect_eq(nlri_by_words("ipv6", "labeled-unicast"),
	    nlri_by_id(NLRI_IPV6_MPLS));
	cr_expect_null(nlri_by_words("l2vpn", "unicast"));
	cr_expect_null(nlri_by_words("ipv5", "unicast"));
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		cr_expect_eq(nlri_by_id(id)->id, id);
		cr_expect_eq(nlri_find(nlri_by_id(id)->afi,
		    nlri_by_id(id)->safi), nlri_by_id(id));
	}
	cr_expect_str_eq(nlri_afi_name(7, buf, sizeof(buf)), "afi 7");
	cr_expect_str_eq(nlri_safi_name(133, buf, sizeof(buf)), "flow");
}
