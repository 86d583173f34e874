/* SPDX-License-Identifier: ISC */
/*
 * A route of any family by the bytes of its NLRI, for families that have no
 * grammar (BGP-LS) and for tests.
 *
 *   raw AFI SAFI 0xNLRI words
 */
#include "common/text/parts.h"

#include "common/nlri/nlri.h"

#define RAW_MAX		4096

/* The bytes must be one NLRI of the family, whole. */
static bool
raw_is_nlri(const struct nlri_family *family, struct rd run)
{
	struct nlri n;

	return buf_left(&run) > 0 && nlri_next(family, false, &run, &n) == 0 &&
	    buf_left(&run) == 0;
}

int
text_raw_parse(struct text_parser *p, struct words *w)
{
	const struct nlri_family *family = text_route_family(w);
	uint8_t bytes[RAW_MAX];
	size_t len;
	int e;

	if (family == NULL)
		return parts_expected(p, w, "a family such as ipv4 unicast");
	if (!words_is_value(w) ||
	    !scalars_hex(&w->word, bytes, sizeof(bytes), &len))
		return parts_expected(p, w, "0x and pairs of hex digits");
	if (!raw_is_nlri(family, buf_reader(bytes, len)))
		return parts_expected(p, w, "one NLRI of %s", family->name);
	words_next(w);
	p->safi = family->safi;
	if ((e = parts_words(p, w, NULL, 0)) != 0)
		return e;
	buf_put_bytes(&p->nlri, bytes, len);
	return block_finish(p, w, family->afi, family->safi);
}
