/* SPDX-License-Identifier: ISC */
/* The pure parts of the engine: attribute sets, decision, rules. */
#include "common/arena.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/attrset.h"
#include "rde/decide.h"
#include "rde/filter.h"
#include "regress/unit/hex.h"

#include <criterion/criterion.h>

#include <string.h>

static uint32_t
intern(struct attrsets *s, const char *hex, uint32_t weight)
{
	uint8_t bytes[256], nexthop[4] = { 192, 0, 2, 1 };
	struct attrset_key key = {
		.block = buf_reader(bytes, hex_decode(hex, bytes,
		    sizeof(bytes))),
		.nexthop = nexthop, .nexthop_len = 4, .weight = weight,
	};

	return attrset_intern(s, &key);
}

Test(rde_attrset, equal_sets_are_one_and_are_freed)
{
	struct attrsets s;
	uint32_t a, b, c;

	attrset_init(&s, 1);
	a = intern(&s, "40010100 4002060201 0000fde9 40050400000032", 0);
	b = intern(&s, "40010100 4002060201 0000fde9 40050400000032", 0);
	c = intern(&s, "40010100 4002060201 0000fde9 40050400000032", 1);
	cr_assert_neq(a, ATTRSET_NONE);
	cr_assert_eq(a, b);
	cr_assert_neq(a, c);
	cr_assert_eq(attrset_at(&s, a)->local_pref, 50);
	cr_assert_eq(attrset_at(&s, a)->neighbor_as, 65001);
	cr_assert_eq(attrset_at(&s, a)->path_len, 1);
	attrset_unref(&s, a);
	attrset_unref(&s, b);
	attrset_unref(&s, c);
	cr_assert_eq(s.n_sets, 0);
	cr_assert_eq(s.heap.used_bytes, 0);
	cr_assert_eq(intern(&s, "400101", 0), ATTRSET_NONE);
	attrset_fini(&s);
}

struct decide_row {
	const char	*name;
	const char	*attrs[3];	/* candidates; NULL: no more */
	bool		 is_ebgp[3];
	uint32_t	 ids[3];
	uint32_t	 ages[3];
	uint32_t	 weights[3];
	bool		 med_always, evaluates_age;
	size_t		 best;
};

#define AS1	"4002060201 00000001"
#define AS2	"4002060201 00000002"
#define AS12	"40020a0202 00000001 00000002"
#define MED(n)	"800404000000" n
#define LP(n)	"400504000000" n
#define IGP	"40010100"

static const struct decide_row decide_rows[] = {
	{ .name = "local-pref", .attrs = { IGP AS1, IGP AS12 LP("65") },
	    .best = 1 },
	{ .name = "path length", .attrs = { IGP AS12, IGP AS1 }, .best = 1 },
	{ .name = "origin", .attrs = { "40010102" AS1, "40010101" AS1 },
	    .best = 1 },
	{ .name = "med of one neighbor AS", .attrs = { IGP AS1 MED("09"),
	    IGP AS1 MED("05") }, .best = 1 },
	{ .name = "med of two is not compared", .attrs = { IGP AS1 MED("09"),
	    IGP AS2 MED("05") }, .ids = { 1, 2 }, .best = 0 },
	{ .name = "med always", .attrs = { IGP AS1 MED("09"),
	    IGP AS2 MED("05") }, .ids = { 1, 2 }, .med_always = true,
	    .best = 1 },
	{ .name = "med does not depend on order", .attrs = {
	    IGP AS1 MED("09"), IGP AS2 MED("01"), IGP AS1 MED("05") },
	    .ids = { 1, 2, 3 }, .best = 1 },
	{ .name = "external", .attrs = { IGP AS1, IGP AS1 },
	    .is_ebgp = { false, true }, .best = 1 },
	{ .name = "weight", .attrs = { IGP AS1, IGP AS1 },
	    .weights = { 0, 5 }, .best = 1 },
	{ .name = "age ignored", .attrs = { IGP AS1, IGP AS1 },
	    .ages = { 9, 1 }, .ids = { 1, 2 }, .best = 0 },
	{ .name = "age", .attrs = { IGP AS1, IGP AS1 }, .ages = { 9, 1 },
	    .ids = { 1, 2 }, .evaluates_age = true, .best = 1 },
	{ .name = "router id", .attrs = { IGP AS1, IGP AS1 },
	    .ids = { 5, 3 }, .best = 1 },
	{ .name = "originator id", .attrs = { IGP AS1,
	    IGP AS1 "80090400000001" }, .ids = { 2, 3 }, .best = 1 },
	{ .name = "cluster list", .attrs = { IGP AS1 "800a0400000001",
	    IGP AS1 }, .ids = { 2, 2 }, .best = 1 },
};

Test(rde_decide, steps_in_order)
{
	struct addr addrs[3] = { addr_from_ipv4(1), addr_from_ipv4(2),
	    addr_from_ipv4(3) };
	const struct decide_row *row;
	struct decide_options o;
	struct decide_path p[3];
	struct attrsets s;
	size_t i, n, best;

	attrset_init(&s, 1);
	for (i = 0; i < sizeof(decide_rows) / sizeof(decide_rows[0]); i++) {
		row = &decide_rows[i];
		for (n = 0; n < 3 && row->attrs[n] != NULL; n++) {
			p[n] = (struct decide_path){
				.attr = attrset_at(&s, intern(&s,
				    row->attrs[n], row->weights[n])),
				.peer_addr = &addrs[n],
				.router_id = row->ids[n],
				.age = row->ages[n],
				.is_ebgp = row->is_ebgp[n],
			};
		}
		o = (struct decide_options){
			.med_always = row->med_always,
			.evaluates_age = row->evaluates_age,
		};
		best = decide_best(p, n, &o);
		cr_expect_eq(best, row->best, "%s: %zu", row->name, best);
	}
	attrset_fini(&s);
}

/* A rule for the table; zero means unset. */
struct rule_row {
	uint8_t		action;
	bool		is_quick;
	const char	*prefix;
	uint8_t		len_min, len_max;
	uint8_t		as_kind, as_op;
	uint32_t	as_low, as_high;
	uint32_t	max_as_len;
	uint32_t	community;	/* high 16, low 16 */
	uint8_t		set_kind;	/* with set_number; 255: none */
	int64_t		set_number;
};

struct filter_row {
	const char	*name;
	struct rule_row	 rules[3];
	size_t		 n_rules;
	const char	*prefix, *attrs;
	bool		 is_allowed;
	const char	*out;		/* NULL: not looked at */
};

#define NOSET .set_kind = 255
#define ALLOW { .action = RULE_ALLOW, NOSET }

static const struct filter_row filter_rows[] = {
	{ "default deny", { ALLOW }, 0, "10.0.0.0/8", IGP AS1, false, NULL },
	{ "allow", { ALLOW }, 1, "10.0.0.0/8", IGP AS1, true, IGP AS1 },
	{ "last match wins", { ALLOW, { .action = RULE_DENY, NOSET } }, 2,
	    "10.0.0.0/8", IGP AS1, false, NULL },
	{ "quick ends", { { .action = RULE_ALLOW, .is_quick = true, NOSET },
	    { .action = RULE_DENY, NOSET } }, 2, "10.0.0.0/8", IGP AS1,
	    true, NULL },
	{ "prefix", { { .action = RULE_ALLOW, .prefix = "10.0.0.0/8",
	    NOSET } }, 1, "10.1.0.0/16", IGP AS1, false, NULL },
	{ "prefix with lengths", { { .action = RULE_ALLOW,
	    .prefix = "10.0.0.0/8", .len_min = 16, .len_max = 24, NOSET } },
	    1, "10.1.0.0/16", IGP AS1, true, NULL },
	{ "source-as", { { .action = RULE_ALLOW, .as_kind = RULE_AS_SOURCE,
	    .as_op = CONF_OP_EQ, .as_low = 2, NOSET } }, 1, "10.0.0.0/8",
	    IGP AS12, true, NULL },
	{ "transit-as leaves the last out", { { .action = RULE_ALLOW,
	    .as_kind = RULE_AS_TRANSIT, .as_op = CONF_OP_EQ, .as_low = 2,
	    NOSET } }, 1, "10.0.0.0/8", IGP AS12, false, NULL },
	{ "any AS in a range", { { .action = RULE_ALLOW,
	    .as_kind = RULE_AS_ANY, .as_op = CONF_OP_RANGE, .as_low = 2,
	    .as_high = 9, NOSET } }, 1, "10.0.0.0/8", IGP AS12, true, NULL },
	{ "max-as-len", { { .action = RULE_ALLOW, .max_as_len = 1,
	    NOSET } }, 1, "10.0.0.0/8", IGP AS1, false, NULL },
	{ "community", { { .action = RULE_ALLOW, .community = 0x00010002,
	    NOSET } }, 1, "10.0.0.0/8", IGP AS1 "c0080400010002", true,
	    NULL },
	{ "community absent", { { .action = RULE_ALLOW,
	    .community = 0x00010003, NOSET } }, 1, "10.0.0.0/8",
	    IGP AS1 "c0080400010002", false, NULL },
	{ "sets of match rules add up", { { .action = RULE_MATCH,
	    .set_kind = SET_LOCALPREF, .set_number = 200 }, ALLOW,
	    { .action = RULE_MATCH, .set_kind = SET_LOCALPREF_RELATIVE,
	    .set_number = -50 } }, 3, "10.0.0.0/8", IGP AS1, true,
	    IGP AS1 LP("96") },
	{ "prepend-self", { { .action = RULE_ALLOW,
	    .set_kind = SET_PREPEND_SELF, .set_number = 1 } }, 1,
	    "10.0.0.0/8", IGP AS2, true, IGP AS12 },
	{ "med saturates", { { .action = RULE_ALLOW,
	    .set_kind = SET_MED_RELATIVE, .set_number = -10 } }, 1,
	    "10.0.0.0/8", IGP AS1 MED("05"), true, IGP AS1 MED("00") },
};

static void
make_rule(struct config *c, struct conf_rule *r, const struct rule_row *row)
{
	memset(r, 0, sizeof(*r));
	r->action = row->action;
	r->direction = RULE_FROM;
	r->is_quick = row->is_quick;
	memset(r->max_communities, 0xff, sizeof(r->max_communities));
	if (row->prefix != NULL) {
		r->has_prefix = true;
		cr_assert_eq(prefix_parse(row->prefix, &r->prefix.prefix), 0);
		if (row->len_max != 0)
			r->prefix.op = CONF_OP_RANGE;
		r->prefix.len_min = row->len_min;
		r->prefix.len_max = row->len_max;
	}
	r->as_kind = row->as_kind;
	r->as_op = row->as_op;
	r->as_low = row->as_low;
	r->as_high = row->as_high;
	r->max_as_len = row->max_as_len;
	if (row->community != 0) {
		r->n_communities = 1;
		r->communities = arena_alloc(c->arena,
		    sizeof(*r->communities));
		r->communities[0].part[0] = row->community >> 16;
		r->communities[0].part[1] = row->community & 0xffff;
	}
	if (row->set_kind != 255) {
		r->n_sets = 1;
		r->sets = arena_alloc(c->arena, sizeof(*r->sets));
		r->sets[0].kind = row->set_kind;
		r->sets[0].number = row->set_number;
	}
}

static void
run_filter_row(const struct filter_row *row)
{
	struct config *c = config_new();
	struct conf_peer *peer = config_add_peer(c);
	struct addr none = { 0 };
	struct filter_peer fp = { .addr = &none, .local_addr = &none,
	    .local_as = 1, .remote_as = 65001 };
	struct filter_route route = { .afi = ADDR_IPV4 };
	struct policy *list = NULL, *p;
	struct filter_sets sets;
	struct attrsets s;
	struct wr scratch;
	uint32_t out = ATTRSET_NONE;
	bool is_allowed;
	size_t i;

	attrset_init(&s, 7);
	buf_writer_growing(&scratch, 65536);
	c->rules = arena_alloc(c->arena, 3 * sizeof(*c->rules));
	c->n_rules = row->n_rules;
	for (i = 0; i < row->n_rules; i++)
		make_rule(c, &c->rules[i], &row->rules[i]);
	filter_sets_init(&sets, c);
	p = filter_policy(&list, &sets, peer, 65001, RULE_FROM,
	    "Loc-RIB");
	cr_assert_eq(prefix_parse(row->prefix, &route.prefix), 0);
	route.attr = intern(&s, row->attrs, 0);
	for (i = 0; i < 2; i++) {
		/* The second time the memo may answer. */
		is_allowed = filter_run(p, &s, &fp, &route, &scratch, &out);
		cr_expect_eq(is_allowed, row->is_allowed, "%s", row->name);
		if (is_allowed && row->out != NULL) {
			uint32_t want = intern(&s, row->out, 0);
			struct rd a = attrset_block(attrset_at(&s, want));
			struct rd b = attrset_block(attrset_at(&s, out));

			cr_expect(buf_left(&a) == buf_left(&b) && memcmp(
			    a.pos, b.pos, buf_left(&a)) == 0, "%s",
			    row->name);
			attrset_unref(&s, want);
		}
		if (is_allowed)
			attrset_unref(&s, out);
	}
	attrset_unref(&s, route.attr);
	cr_expect_eq(s.n_sets, 0, "%s", row->name);
	filter_unref(&list, p);
	filter_sets_fini(&sets);
	buf_free(&scratch);
	attrset_fini(&s);
	config_free(c);
}

Test(rde_filter, rules)
{
	size_t i;

	for (i = 0; i < sizeof(filter_rows) / sizeof(filter_rows[0]); i++)
		run_filter_row(&filter_rows[i]);
}
