/* SPDX-License-Identifier: ISC */
/* What an operator says of attributes, and caps, before any rule. */
#include "common/wire/update.h"

#include <criterion/criterion.h>
#include <string.h>

/* ORIGIN, AS_PATH 65001 65002 65003, NEXT_HOP, 10.0.0.0/8 behind. */
#define HEAD	0x40, 1, 1, 0, 0x40, 2, 14, 2, 3, 0, 0, 0xfd, 0xe9, 0, 0, \
		0xfd, 0xea, 0, 0, 0xfd, 0xeb, 0x40, 3, 4, 192, 0, 2, 1
#define NLRI	8, 10
#define TUNNEL	0xc0, 23, 4, 0, 1, 0, 0		/* TUNNEL_ENCAP, one TLV */
#define UNKNOWN	0xc0, 200, 2, 1, 2
#define FOUR	0xc0, 8, 8, 0, 1, 0, 1, 0, 1, 0, 2, \
		0xc0, 32, 24, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, \
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2

struct row {
	const char	*name;
	uint16_t	max_asns, max_communities;
	uint8_t		discard, withdraw;	/* codes; 0: none */
	enum attr_verdict verdict;
	uint16_t	n_discarded;
	uint8_t		code;		/* is it in the block? */
	bool		has_code;
};

static const struct row rows[] = {
	{ "no limits", 0, 0, 0, 0, ATTR_ACCEPT, 0, 200, true },
	{ "path as long as may be", 3, 0, 0, 0, ATTR_ACCEPT, 0, 23, true },
	{ "path too long", 2, 0, 0, 0, ATTR_WITHDRAW, 0, 0, false },
	{ "communities at the cap", 0, 4, 0, 0, ATTR_ACCEPT, 0, 8, true },
	{ "one community too many", 0, 3, 0, 0, ATTR_WITHDRAW, 0, 0, false },
	{ "discard a known one", 0, 0, 23, 0, ATTR_ACCEPT, 1, 23, false },
	{ "discard an unknown one", 0, 0, 200, 0, ATTR_ACCEPT, 1, 200,
	    false },
	{ "discard another one", 0, 0, 201, 0, ATTR_ACCEPT, 0, 200, true },
	{ "reject", 0, 0, 0, 200, ATTR_WITHDRAW, 0, 0, false },
	{ "reject another one", 0, 0, 0, 28, ATTR_ACCEPT, 0, 200, true },
	{ "reject is stronger", 0, 0, 200, 200, ATTR_WITHDRAW, 0, 0, false },
};

static const uint8_t attrs[] = { HEAD, FOUR, TUNNEL, UNKNOWN };

static void
set(uint64_t codes[4], uint8_t code)
{
	if (code != 0)
		codes[code / 64] |= UINT64_C(1) << (code % 64);
}

static void
check(const struct row *r)
{
	struct update_context ctx = {
		.attr = { .has_as4 = true, .is_ebgp = true },
		.family_mask = UINT32_MAX, .max_asns = r->max_asns,
		.max_communities = r->max_communities,
	};
	static const uint8_t nlri[] = { NLRI };
	uint8_t body[4 + sizeof(attrs) + sizeof(nlri)] = { 0 };
	struct update u;
	struct attr a;
	struct wr scratch;

	set(ctx.discard_codes, r->discard);
	set(ctx.withdraw_codes, r->withdraw);
	body[3] = sizeof(attrs);
	memcpy(body + 4, attrs, sizeof(attrs));
	memcpy(body + 4 + sizeof(attrs), nlri, sizeof(nlri));
	buf_writer_growing(&scratch, 65536);
	cr_assert_eq(update_decode(buf_reader(body, sizeof(body)), &ctx,
	    &scratch, &u), 0);
	cr_expect_eq(u.verdict, r->verdict, "%s: verdict %d", r->name,
	    u.verdict);
	cr_expect_eq(u.n_discarded, r->n_discarded, "%s", r->name);
	if (r->code != 0)
		cr_expect_eq(attr_get(u.attrs, r->code, &a), r->has_code,
		    "%s", r->name);
	buf_free(&scratch);
}

Test(limits, rows)
{
	size_t i, n = sizeof(rows) / sizeof(rows[0]);

	for (i = 0; i < n; i++)
		check(&rows[i]);
	fprintf(stderr, "limits: %zu of %zu rows\n", i, n);
}
