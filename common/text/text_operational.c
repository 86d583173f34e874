/* SPDX-License-Identifier: ISC */
/*
 * Operational messages, draft-ietf-idr-operational-message 3. After the BGP
 * header:
 *
 *   type 2 | length 2 | afi 2 | safi 1 | then
 *     advisories: text
 *     queries and counters: router id 4, sequence 4, (counter 4)
 */
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"
#include "common/wire/message.h"

#define ADVISORY_MAX	2048	/* bytes of UTF-8 */

enum operational_kind { KIND_ADVISORY, KIND_QUERY, KIND_COUNTER };

struct operational_row {
	const char	*word;
	uint16_t	 type;
	uint8_t		 kind;
};

/* Sorted by word. */
static const struct operational_row operational_rows[] = {
	{ "adm", 0x0001, KIND_ADVISORY },
	{ "apcp", 0x0006, KIND_COUNTER },
	{ "apcq", 0x0005, KIND_QUERY },
	{ "asm", 0x0002, KIND_ADVISORY },
	{ "lpcp", 0x0008, KIND_COUNTER },
	{ "lpcq", 0x0007, KIND_QUERY },
	{ "rpcp", 0x0004, KIND_COUNTER },
	{ "rpcq", 0x0003, KIND_QUERY },
};

/* afi AFI safi SAFI */
static int
operational_family(struct text_parser *p, struct words *w,
    const struct nlri_family **family)
{
	struct words pair;
	char text[64];
	struct wr joined;
	int e;

	/* The words stand apart: join them for the table. */
	buf_writer(&joined, text, sizeof(text));
	if ((e = parts_word(p, w, "afi")) != 0)
		return e;
	if (words_is_value(w))
		buf_put_bytes(&joined, w->word.at, w->word.len);
	buf_put_text(&joined, " ");
	words_next(w);
	if ((e = parts_word(p, w, "safi")) != 0)
		return e;
	if (words_is_value(w))
		buf_put_bytes(&joined, w->word.at, w->word.len);
	words_init(&pair, text, joined.err != 0 ? 0 : joined.len, false);
	*family = text_route_family(&pair);
	if (*family == NULL)
		return parts_expected(p, w, "a family");
	words_next(w);
	return 0;
}

static int
operational_number(struct text_parser *p, struct words *w, const char *word,
    struct wr *out)
{
	uint64_t n;
	int e;

	if ((e = parts_word(p, w, word)) != 0 ||
	    (e = parts_number(p, w, UINT32_MAX, &n)) != 0)
		return e;
	buf_put_u32(out, (uint32_t)n);
	return 0;
}

/* [router-id IP] sequence N [counter N] */
static int
operational_counters(struct text_parser *p, struct words *w,
    const struct operational_row *row, struct wr *out)
{
	uint32_t router_id = 0;
	int e;

	if (words_is(w, "router-id")) {
		words_next(w);
		if ((e = parts_ipv4(p, w, &router_id)) != 0)
			return e;
	}
	buf_put_u32(out, router_id);
	if ((e = operational_number(p, w, "sequence", out)) != 0)
		return e;
	if (row->kind == KIND_COUNTER)
		return operational_number(p, w, "counter", out);
	return 0;
}

static int
operational_advisory(struct text_parser *p, struct words *w, struct wr *out)
{
	int e;

	if ((e = parts_word(p, w, "advisory")) != 0)
		return e;
	if (!words_is_value(w) || w->word.len > ADVISORY_MAX)
		return parts_expected(p, w, "a text of at most %d bytes",
		    ADVISORY_MAX);
	buf_put_bytes(out, w->word.at, w->word.len);
	words_next(w);
	return 0;
}

int
text_operational_parse(struct text_parser *p, struct words *w, struct wr *out)
{
	const struct operational_row *row;
	const struct nlri_family *family;
	size_t before = out->len, mark;
	int e;

	p->keyword = "operational";
	p->is_block = false;
	row = words_find(&w->word, PARTS(operational_rows), sizeof(*row));
	if (row == NULL)
		return parts_expected(p, w,
		    "adm, asm, apcp, apcq, lpcp, lpcq, rpcp or rpcq");
	p->keyword = row->word;
	words_next(w);
	if ((e = operational_family(p, w, &family)) != 0)
		return e;
	before = message_begin(out, BGP_OPERATIONAL);
	buf_put_u16(out, row->type);
	mark = buf_mark_u16(out);
	buf_put_u16(out, family->afi);
	buf_put_u8(out, family->safi);
	if (row->kind == KIND_ADVISORY)
		e = operational_advisory(p, w, out);
	else
		e = operational_counters(p, w, row, out);
	if (e == 0)
		e = parts_stop(p, w);
	if (e != 0) {
		buf_truncate(out, before);
		return e;
	}
	buf_patch_u16(out, mark);
	message_end(out, before);
	return out->err;
}
