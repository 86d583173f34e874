/* SPDX-License-Identifier: ISC */
/* RTR PDUs: what was read is written as the same bytes; faults have codes. */
#include "common/err.h"
#include "common/wire/rtr.h"
#include "regress/unit/hex.h"

#include <criterion/criterion.h>

#include <string.h>

struct good_row {
	const char	*name, *hex;
};

static const struct good_row good[] = {
	{ "serial notify", "0100002a0000000c00000007" },
	{ "serial query", "0201002a0000000c00000007" },
	{ "reset query", "0002000000000008" },
	{ "cache response", "0103002a00000008" },
	{ "ipv4 prefix", "01040000000000140118180 0c0000200 0000fde9" },
	{ "ipv6 prefix withdrawn",
	    "0106000000000020002030002 0010db8000000000000000000000000"
	    "0000fde9" },
	{ "end of data, version 0", "0007002a0000000c00000007" },
	{ "end of data, version 1",
	    "0107002a000000180000000700000e1000000258 00001c20" },
	{ "cache reset", "0108000000000008" },
	{ "router key", "0109010000000024"
	    "00112233445566778899aabbccddeeff00112233 0000fde9 30593013" },
	{ "error report", "010a000400000018 00000008 0202000000000008"
	    "00000000" },
	{ "aspa", "020b010000000014 0000fde9 0000fdea 0000fdeb" },
	{ "aspa withdrawn", "020b00000000000c 0000fde9" },
};

struct bad_row {
	const char	*name, *hex;
	uint16_t	 error;
};

static const struct bad_row bad[] = {
	{ "version 3", "0302000000000008", RTR_UNSUPPORTED_VERSION },
	{ "type 5", "0105000000000008", RTR_UNSUPPORTED_TYPE },
	{ "type 255", "01ff000000000008", RTR_UNSUPPORTED_TYPE },
	{ "router key in version 0", "0009010000000024"
	    "00112233445566778899aabbccddeeff00112233 0000fde9 30593013",
	    RTR_UNSUPPORTED_TYPE },
	{ "aspa in version 1", "010b010000000010 0000fde9 0000fdea",
	    RTR_UNSUPPORTED_TYPE },
	{ "max length below length",
	    "01040000000000140118100 0c0000200 0000fde9", RTR_CORRUPT_DATA },
	{ "max length of 33",
	    "01040000000000140118210 0c0000200 0000fde9", RTR_CORRUPT_DATA },
	{ "timers in version 0",
	    "0007002a000000180000000700000e1000000258 00001c20",
	    RTR_CORRUPT_DATA },
	{ "no timers in version 1", "0107002a0000000c00000007",
	    RTR_CORRUPT_DATA },
	{ "aspa announced without providers", "020b01000000000c 0000fde9",
	    RTR_PROVIDER_LIST },
	{ "aspa of itself", "020b010000000010 0000fde9 0000fde9",
	    RTR_PROVIDER_LIST },
	{ "half a provider", "020b01000000000e 0000fde9 0000",
	    RTR_CORRUPT_DATA },
	{ "error report beyond its end",
	    "010a000400000010 00000009 00000000", RTR_CORRUPT_DATA },
};

static size_t
from_hex(const char *hex, uint8_t *out)
{
	char packed[512];
	size_t n = 0;

	for (; *hex != '\0'; hex++)
		if (*hex != ' ')
			packed[n++] = *hex;
	packed[n] = '\0';
	return hex_decode(packed, out, 256);
}

Test(rtr, what_is_read_is_written_the_same)
{
	uint8_t bytes[256], again[256];
	struct rtr_pdu p;
	uint16_t error;
	struct wr w;
	size_t i, n;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		n = from_hex(good[i].hex, bytes);
		cr_assert_eq(rtr_decode(buf_reader(bytes, n), &p, &error), 0,
		    "%s: error %u", good[i].name, error);
		buf_writer(&w, again, sizeof(again));
		rtr_encode(&w, &p);
		cr_assert_eq(w.err, 0);
		cr_assert_eq(w.len, n, "%s: %zu", good[i].name, w.len);
		cr_assert_arr_eq(again, bytes, n, "%s", good[i].name);
	}
}

/* Cut at each byte, with the length as it was and as it then is. */
Test(rtr, each_truncation_is_an_error)
{
	uint8_t bytes[256];
	struct rtr_pdu p;
	uint16_t error;
	size_t i, n, cut;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		n = from_hex(good[i].hex, bytes);
		for (cut = 0; cut < n; cut++)
			cr_assert_eq(rtr_decode(buf_reader(bytes, cut), &p,
			    &error), ERR_PROTO, "%s at %zu", good[i].name,
			    cut);
		for (cut = RTR_HEADER_LEN; cut < n; cut++) {
			bytes[7] = (uint8_t)cut;
			/* Shorter lists are lists, too. */
			if ((bytes[1] == RTR_ASPA && cut > 12 &&
			    cut % 4 == 0) || (bytes[1] == RTR_ROUTER_KEY &&
			    cut >= 32))
				continue;
			cr_assert_eq(rtr_decode(buf_reader(bytes, cut), &p,
			    &error), ERR_PROTO, "%s with length %zu",
			    good[i].name, cut);
		}
	}
}

Test(rtr, faults_have_their_codes)
{
	uint8_t bytes[256];
	struct rtr_pdu p;
	uint16_t error;
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = from_hex(bad[i].hex, bytes);
		cr_assert_eq(rtr_decode(buf_reader(bytes, n), &p, &error),
		    ERR_PROTO, "%s", bad[i].name);
		cr_assert_eq(error, bad[i].error, "%s: %u", bad[i].name,
		    error);
	}
}

Test(rtr, header_bounds_the_length)
{
	uint8_t bytes[16];
	struct rtr_header h;
	size_t n;

	n = from_hex("01020000 00000007", bytes);
	cr_assert_eq(rtr_header(buf_reader(bytes, n), &h), ERR_RANGE);
	n = from_hex("01020000 00010001", bytes);
	cr_assert_eq(rtr_header(buf_reader(bytes, n), &h), ERR_RANGE);
	n = from_hex("01020000 00010000", bytes);
	cr_assert_eq(rtr_header(buf_reader(bytes, n), &h), 0);
	cr_assert_eq(rtr_header(buf_reader(bytes, n - 1), &h), ERR_SHORT);
}

Test(rtr, host_bits_are_cleared)
{
	uint8_t bytes[32];
	struct rtr_pdu p;
	uint16_t error;
	char text[PREFIX_TEXT_MAX];
	size_t n;

	n = from_hex("0104000000000014 01181800 c00002ff 0000fde9", bytes);
	cr_assert_eq(rtr_decode(buf_reader(bytes, n), &p, &error), 0);
	cr_assert_str_eq(prefix_print(&p.prefix, text, sizeof(text)),
	    "192.0.2.0/24");
}
