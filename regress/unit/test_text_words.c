/* SPDX-License-Identifier: ISC */
/* Cutting text into words, single values, and sorted tables. */
#include "common/addr.h"
#include "common/err.h"
#include "common/text/flow.h"
#include "common/text/parts.h"
#include "common/text/scalars.h"
#include "common/text/words.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

/* The words of text, each between bars. */
static char *
bars(const char *text, bool is_file, char *out)
{
	struct words w;
	size_t n = 0;

	out[0] = '\0';
	for (words_init(&w, text, strlen(text), is_file); !words_at_end(&w);
	    words_next(&w))
		n += (size_t)sprintf(out + n, "|%.*s", (int)w.word.len,
		    w.word.at);
	return out;
}

Test(words, lines_are_cut_as_exabgp_does)
{
	static const struct {
		const char	*text, *file, *line;
	} rows[] = {
		{ "", "", "" },
		{ " a\tb\r\nc ", "|a|b|c", "|a|b|c" },
		{ "a[b]{c};d,e", "|a|[|b|]|{|c|}|;|d|,|e",
		  "|a|[|b|]|{|c|}|;|d|,|e" },
		{ "a # b;\nc", "|a|c", "|a|#|b|;|c" },
		{ "a#b", "|a", "|a#b" },
		{ "\"a ; 'b'\" 'c \"d' \"\"", "|a ; 'b'|c \"d|",
		  "|a ; 'b'|c \"d|" },
		{ "(1:2)", "|(|1:2|)", "|(|1:2|)" },
	};
	char out[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_str_eq(bars(rows[i].text, true, out), rows[i].file);
		cr_expect_str_eq(bars(rows[i].text, false, out),
		    rows[i].line);
	}
}

Test(words, lines_are_counted_and_glue_is_known)
{
	static const char text[] = "a\n\"b\nc\" p(a)[s],s;x";
	struct words w;
	struct word whole;

	words_init(&w, text, strlen(text), true);
	words_next(&w);
	cr_expect_eq(w.word.line, 2);
	words_next(&w);
	cr_expect_eq(w.word.line, 3);
	whole = words_glued(&w);
	cr_expect_eq(whole.len, strlen("p(a)[s],s"));
	cr_expect(words_is(&w, ";"));
}

Test(words, open_quotes_are_told)
{
	struct words w;

	words_init(&w, "a 'b", 4, false);
	words_next(&w);
	cr_expect(w.is_open_quote);
	cr_expect_eq(w.word.len, 1);
	words_next(&w);
	cr_expect(words_at_end(&w));
}

Test(words, backslashes_are_resolved_before_quotes)
{
	static const struct {
		const char	*in, *out;
		int		 err;
	} rows[] = {
		{ "plain", "plain", 0 },
		{ "a\\\nb\\\r\nc", "a\nb\nc", 0 },
		{ "\\\"\\t\\n\\\\\\x", "\"\t\n\\x", 0 },
		{ "\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac", 0 },
		{ "\\u12", NULL, ERR_SYNTAX },
		{ "\\u12g4", NULL, ERR_SYNTAX },
		{ "a\\", "a\\", 0 },
	};
	char text[64];
	uint32_t line;
	size_t i, len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(text, rows[i].in);
		len = strlen(text);
		cr_expect_eq(words_unescape(text, &len, &line), rows[i].err);
		if (rows[i].out == NULL)
			continue;
		cr_expect_eq(len, strlen(rows[i].out));
		cr_expect_arr_eq(text, rows[i].out, len);
	}
}

static struct word
word(const char *text)
{
	return (struct word){ .at = text, .len = (uint32_t)strlen(text) };
}

Test(words, tables_are_sorted)
{
	struct word w;
	size_t i;

	for (i = 0; i < attributes_n_rows; i++) {
		w = word(attributes_rows[i].word);
		cr_expect_eq(words_find(&w, attributes_rows,
		    attributes_n_rows, sizeof(attributes_rows[0])),
		    &attributes_rows[i], "%s", attributes_rows[i].word);
	}
	w = word("med5");
	cr_expect_null(words_find(&w, attributes_rows, attributes_n_rows,
	    sizeof(attributes_rows[0])));
	w = word("me");
	cr_expect_null(words_find(&w, attributes_rows, attributes_n_rows,
	    sizeof(attributes_rows[0])));
}

Test(words, tables_of_flows_are_sorted)
{
	const struct flow_row *row;
	struct word w;
	size_t i, k;

	for (i = 0; i < flow_n_rows; i++) {
		row = &flow_rows[i];
		w = word(row->word);
		cr_expect_eq(flow_find(&w), row, "%s", row->word);
		for (k = 0; k < row->n_names; k++) {
			w = word(row->names[k].word);
			cr_expect_eq(words_find(&w, row->names, row->n_names,
			    sizeof(row->names[0])), &row->names[k], "%s",
			    row->names[k].word);
		}
	}
}

Test(scalars, numbers_are_whole_and_in_range)
{
	static const struct {
		const char	*text;
		bool		 is_good;
		uint64_t	 max, value;
	} rows[] = {
		{ "0", true, 0, 0 }, { "1", false, 0, 0 },
		{ "18446744073709551615", true, UINT64_MAX, UINT64_MAX },
		{ "18446744073709551616", false, UINT64_MAX, 0 },
		{ "0xff", true, 255, 255 }, { "0x100", false, 255, 0 },
		{ "0xffffffffffffffff", true, UINT64_MAX, UINT64_MAX },
		{ "0x1ffffffffffffffff", false, UINT64_MAX, 0 },
		{ "0x", false, 255, 0 }, { "", false, 255, 0 },
		{ "1a", false, 255, 0 }, { "-1", false, 255, 0 },
		{ " 1", false, 255, 0 },
	};
	struct word w;
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = word(rows[i].text);
		n = 0;
		cr_expect_eq(scalars_number(&w, rows[i].max, &n),
		    rows[i].is_good, "%s", rows[i].text);
		cr_expect_eq(n, rows[i].value, "%s", rows[i].text);
	}
}

Test(scalars, addresses_prefixes_and_as_numbers)
{
	static const char *const bad_ipv4[] = { "", "1.2.3", "1.2.3.4.5",
	    "1.2.3.256", "1..2.3", "1.2.3.4 ", "1.2.3.", ".1.2.3", "a.b.c.d",
	    "0001.2.3.4" };
	static const char *const bad_prefix[] = { "", "10.0.0.0/",
	    "10.0.0.0/33", "::/129", "10.0.0.0/-1", "/8", "10.0.0.0/8/9" };
	struct prefix p;
	struct word w;
	uint32_t n;
	size_t i;

	for (i = 0; i < sizeof(bad_ipv4) / sizeof(bad_ipv4[0]); i++)
		cr_expect(!scalars_ipv4(bad_ipv4[i], strlen(bad_ipv4[i]),
		    &n), "%s", bad_ipv4[i]);
	for (i = 0; i < sizeof(bad_prefix) / sizeof(bad_prefix[0]); i++) {
		w = word(bad_prefix[i]);
		cr_expect(!scalars_prefix(&w, &p), "%s", bad_prefix[i]);
	}
	cr_expect(scalars_ipv4("255.0.10.1", 10, &n));
	cr_expect_eq(n, 0xff000a01);
	cr_expect(scalars_asn("1.10", 4, &n));
	cr_expect_eq(n, 65546);
	cr_expect(!scalars_asn("4294967296", 10, &n));
	cr_expect(!scalars_asn("1.65536", 7, &n));
	w = word("2001:DB8::/32");
	cr_expect(scalars_prefix(&w, &p));
	cr_expect_eq(p.addr.family, ADDR_IPV6);
	cr_expect_eq(p.len_bits, 32);
}
