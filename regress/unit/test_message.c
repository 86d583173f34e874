/* SPDX-License-Identifier: ISC */
/* Message headers, small messages, NOTIFICATION texts. */
#include "common/wire/message.h"
#include "common/err.h"
#include "regress/unit/hex.h"

#include <string.h>

#define HEAD	"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

struct row {
	const char	*bytes;
	uint32_t	 max_len;
	int		 is_extra;
	int		 err;
	unsigned	 subcode;
	const char	*data;
};

static const struct row rows[] = {
	{ HEAD "001304", 4096, 0, 0, 0, "" },
	{ HEAD "001D01", 4096, 0, 0, 0, "" },
	{ HEAD "001702", 4096, 0, 0, 0, "" },
	{ HEAD "001503", 4096, 0, 0, 0, "" },
	{ HEAD "001705", 4096, 0, 0, 0, "" },
	{ HEAD "FFFF02", 65535, 0, 0, 0, "" },
	{ HEAD "100002", 4096, 0, 0, 0, "" },
	{ HEAD "001706", 4096, 1, 0, 0, "" },
	{ "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE" "001304", 4096, 0, ERR_PROTO,
	    1, "" },
	{ "00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" "001304", 4096, 0, ERR_PROTO,
	    1, "" },
	{ HEAD "001204", 4096, 0, ERR_PROTO, 2, "0012" },
	{ HEAD "000004", 4096, 0, ERR_PROTO, 2, "0000" },
	{ HEAD "100102", 4096, 0, ERR_PROTO, 2, "1001" },
	{ HEAD "001C01", 4096, 0, ERR_PROTO, 2, "001C" },
	{ HEAD "100101", 65535, 0, ERR_PROTO, 2, "1001" },
	{ HEAD "001602", 4096, 0, ERR_PROTO, 2, "0016" },
	{ HEAD "001403", 4096, 0, ERR_PROTO, 2, "0014" },
	{ HEAD "001404", 4096, 0, ERR_PROTO, 2, "0014" },
	{ HEAD "001300", 4096, 0, ERR_PROTO, 3, "00" },
	{ HEAD "001306", 4096, 0, ERR_PROTO, 3, "06" },
	{ HEAD "0013FF", 4096, 1, ERR_PROTO, 3, "FF" },
};

Test(message, headers_and_their_notifications)
{
	uint8_t bytes[32], type;
	char text[8];
	struct message_error e;
	uint16_t len;
	size_t i;
	int err;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hex_decode(rows[i].bytes, bytes, sizeof(bytes));
		memset(&e, 0, sizeof(e));
		err = message_check_header(bytes, rows[i].max_len,
		    rows[i].is_extra, &type, &len, &e);
		cr_expect_eq(err, rows[i].err, "%s", rows[i].bytes);
		cr_expect_eq(e.subcode, rows[i].subcode, "%s", rows[i].bytes);
		cr_expect_str_eq(hex_encode(e.data, e.len, text),
		    rows[i].data, "%s", rows[i].bytes);
		cr_expect_eq(e.code, err == 0 ? 0 : ERROR_HEADER);
	}
}

Test(message, small_messages)
{
	uint8_t bytes[128];
	char text[257];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	message_put_keepalive(&w);
	message_put_notification(&w, 6, 2, "\x01x", 2);
	message_put_refresh(&w, 1, 0, 1);
	cr_assert_eq(w.err, 0);
	cr_expect_str_eq(hex_encode(bytes, w.len, text),
	    HEAD "001304" HEAD "00170306020178" HEAD "00170500010001");
}

Test(message, every_code_has_a_text)
{
	char text[128];
	unsigned code, subcode, n = 0;

	for (code = 0; code < 256; code++) {
		for (subcode = 0; subcode < 256; subcode++)
			n += message_error_text((uint8_t)code,
			    (uint8_t)subcode, text, sizeof(text))[0] != '\0';
	}
	cr_expect_eq(n, 65536);
	cr_expect_str_eq(message_error_text(6, 2, text, sizeof(text)),
	    "Cease, administratively down");
	cr_expect_str_eq(message_name(2), "update");
	cr_expect_str_eq(message_name(0), "unknown");
	cr_expect_str_eq(message_name(200), "unknown");
}

Test(message, shutdown_text_never_trusts_its_length)
{
	static const struct {
		const char *data, *text;
	} cases[] = {
		{ "", "" }, { "00", "" }, { "FF41", "" }, { "0141", "A" },
		{ "034100 42", "A\\x00B" }, { "02C3A9", "\xc3\xa9" },
		{ "030A5C7F", "\\x0a\\x5c\\x7f" },
	};
	uint8_t bytes[16];
	char text[64];
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = hex_decode(cases[i].data, bytes, sizeof(bytes));
		message_shutdown_text(bytes, n, text, sizeof(text));
		cr_expect_str_eq(text, cases[i].text, "%s", cases[i].data);
	}
}
