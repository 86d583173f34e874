/* SPDX-License-Identifier: ISC */
/*
 * VPLS routes. RFC 4761 3.2.2.
 *
 *   vpls [NAME] words: endpoint N base N offset N size N rd RD
 *
 *   length 2 (17) | rd 8 | endpoint 2 | offset 2 | size 2 |
 *   base 3 (a label: 20 bits, bottom bit)
 */
#include "common/text/parts.h"

#include "common/nlri/nlri.h"

#define VPLS_LEN	17
#define LABEL_MAX	0xfffff
#define LABEL_BOTTOM	1

enum vpls_field {
	VPLS_BASE,
	VPLS_ENDPOINT,
	VPLS_OFFSET,
	VPLS_SIZE,
	VPLS_N
};

static text_part_fn vpls_base, vpls_endpoint, vpls_offset, vpls_size;

/* Sorted by word; in the order of enum vpls_field. */
static const struct text_part vpls_rows[VPLS_N] = {
	{ "base", vpls_base },
	{ "endpoint", vpls_endpoint },
	{ "offset", vpls_offset },
	{ "size", vpls_size },
};

static int
vpls_number(struct text_parser *p, struct words *w, unsigned field,
    uint64_t max)
{
	uint64_t n;
	int e = parts_number(p, w, max, &n);

	if (e != 0)
		return e;
	p->number[field] = n;
	p->number_mask |= 1u << field;
	return 0;
}

static int
vpls_base(struct text_parser *p, struct words *w)
{
	return vpls_number(p, w, VPLS_BASE, LABEL_MAX);
}

static int
vpls_endpoint(struct text_parser *p, struct words *w)
{
	return vpls_number(p, w, VPLS_ENDPOINT, UINT16_MAX);
}

static int
vpls_offset(struct text_parser *p, struct words *w)
{
	return vpls_number(p, w, VPLS_OFFSET, UINT16_MAX);
}

static int
vpls_size(struct text_parser *p, struct words *w)
{
	return vpls_number(p, w, VPLS_SIZE, UINT16_MAX);
}

static int
vpls_check(struct text_parser *p, const struct words *w)
{
	unsigned i;

	for (i = 0; i < VPLS_N; i++)
		if ((p->number_mask >> i & 1) == 0)
			return parts_fail(p, w, "vpls: %s is missing",
			    vpls_rows[i].word);
	if (!p->has_rd)
		return parts_fail(p, w, "vpls: rd is missing");
	if (p->number[VPLS_BASE] + p->number[VPLS_SIZE] > LABEL_MAX)
		return parts_fail(p, w, "vpls: base and size go beyond "
		    "label %u", LABEL_MAX);
	return 0;
}

int
text_vpls_parse(struct text_parser *p, struct words *w)
{
	int e;

	/* A word that is no keyword is the name of a block. */
	if (words_is_value(w) && words_find(&w->word, PARTS(vpls_rows),
	    sizeof(vpls_rows[0])) == NULL && !parts_is_common(&w->word))
		p->name = words_glued(w);
	if ((e = parts_words(p, w, PARTS(vpls_rows))) != 0 ||
	    (e = vpls_check(p, w)) != 0)
		return e;
	buf_put_u16(&p->nlri, VPLS_LEN);
	buf_put_bytes(&p->nlri, p->rd, sizeof(p->rd));
	buf_put_u16(&p->nlri, (uint32_t)p->number[VPLS_ENDPOINT]);
	buf_put_u16(&p->nlri, (uint32_t)p->number[VPLS_OFFSET]);
	buf_put_u16(&p->nlri, (uint32_t)p->number[VPLS_SIZE]);
	buf_put_u24(&p->nlri, (uint32_t)p->number[VPLS_BASE] << 4 |
	    LABEL_BOTTOM);
	return block_finish(p, w, AFI_L2VPN, SAFI_VPLS);
}
