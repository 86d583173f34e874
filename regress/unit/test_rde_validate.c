/* SPDX-License-Identifier: ISC */
/* Origin validation by a plain search; ASPA by the draft's rules; expiry. */
#include "common/bgp.h"
#include "common/config.h"
#include "rde/aspa.h"
#include "rde/rov.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define N_VRPS	400
#define N_ASKS	4000

static struct prefix
to_prefix(const char *text)
{
	struct prefix p;

	cr_assert_eq(prefix_parse(text, &p), 0, "%s", text);
	return p;
}

/* A small world, so that much of it overlaps. */
static struct prefix
random_prefix(unsigned *seed)
{
	struct prefix p = {
		.addr = addr_from_ipv4((uint32_t)rand_r(seed) << 30 |
		    (uint32_t)(rand_r(seed) & 0xff) << 16),
		.len_bits = (uint8_t)(rand_r(seed) % 25),
	};

	prefix_mask(&p);
	return p;
}

struct plain {
	struct prefix	prefix;
	uint8_t		max_len, sources;
	uint32_t	asn;
};

static uint8_t
plain_state(const struct plain *all, const struct prefix *p, uint32_t asn)
{
	uint8_t state = ROV_NOT_FOUND;
	size_t i;

	for (i = 0; i < N_VRPS; i++) {
		if (all[i].sources == 0 || !prefix_covers(&all[i].prefix, p))
			continue;
		if (asn != 0 && all[i].asn == asn &&
		    p->len_bits <= all[i].max_len)
			return ROV_VALID;
		state = ROV_INVALID;
	}
	return state;
}

/* Two sources come and go at random; each answer equals a plain search. */
Test(rde_validate, origins_are_as_a_plain_search_finds)
{
	static struct plain all[N_VRPS];
	unsigned seed = 7, i, k;
	struct prefix p;
	struct rov rov;
	uint32_t asn;

	rov_init(&rov, 99);
	for (i = 0; i < N_VRPS; i++) {
		all[i].prefix = random_prefix(&seed);
		all[i].max_len = (uint8_t)(all[i].prefix.len_bits +
		    (unsigned)rand_r(&seed) % 8);
		all[i].asn = 1000 + i;	/* none twice */
	}
	for (i = 0; i < N_ASKS; i++) {
		unsigned source = rand_r(&seed) & 1 ? ROV_CONF : ROV_RTR;
		bool is_present = rand_r(&seed) & 1, had, has;

		k = (unsigned)rand_r(&seed) % N_VRPS;
		had = all[k].sources != 0;
		all[k].sources = (uint8_t)(is_present ?
		    all[k].sources | source : all[k].sources & ~source);
		has = all[k].sources != 0;
		cr_assert_eq(rov_set(&rov, &all[k].prefix, all[k].max_len,
		    all[k].asn, source, is_present), had != has);
		p = random_prefix(&seed);
		asn = 1000 + (unsigned)rand_r(&seed) % N_VRPS;
		cr_assert_eq(rov_state(&rov, &p, asn),
		    plain_state(all, &p, asn));
		cr_assert_neq(rov_state(&rov, &p, 0), ROV_VALID);
	}
	rov_fini(&rov);
}

struct count {
	unsigned	n;
	struct prefix	last;
};

static void
on_changed(void *arg, const struct prefix *p)
{
	struct count *c = arg;

	c->n++;
	c->last = *p;
}

Test(rde_validate, configured_vrps_expire_and_only_changes_are_told)
{
	struct conf_roa roas[2] = {
		{ .prefix = to_prefix("192.0.2.0/24"), .max_len = 24,
		    .asn = 1, .expires = 100 },
		{ .prefix = to_prefix("198.51.100.0/24"), .max_len = 24,
		    .asn = 1 },
	};
	struct config c = { .roas = roas, .n_roas = 2 };
	struct prefix p = roas[0].prefix;
	struct count n = { 0 };
	struct rov rov;

	rov_init(&rov, 1);
	cr_assert_eq(rov_configure(&rov, &c, 50, on_changed, &n), 100);
	cr_assert_eq(n.n, 2u);
	cr_assert_eq(rov_state(&rov, &p, 1), ROV_VALID);
	cr_assert_eq(rov_configure(&rov, &c, 60, on_changed, &n), 100);
	cr_assert_eq(n.n, 2u);
	/* A cache says it, too: its end in the file changes nothing. */
	cr_assert_not(rov_set(&rov, &p, 24, 1, ROV_RTR, true));
	cr_assert_eq(rov_configure(&rov, &c, 100, on_changed, &n), 0);
	cr_assert_eq(n.n, 2u);
	cr_assert(rov_set(&rov, &p, 24, 1, ROV_RTR, false));
	cr_assert_eq(rov_state(&rov, &p, 1), ROV_NOT_FOUND);
	c.n_roas = 0;
	rov_configure(&rov, &c, 100, on_changed, &n);
	cr_assert_eq(n.n, 3u);
	cr_assert_eq(prefix_compare(&n.last, &roas[1].prefix), 0);
	cr_assert_eq(rov.n_true[0], 0u);
	rov_fini(&rov);
}

/*
 * The topology: 1 and 2 are tops that peer; 10 buys from 1, 20 from 2, 30
 * from 10 and 20. 40 says nothing. 50 has attested that nobody (AS 0) is its
 * provider.
 */
static void
attest(struct aspa *a)
{
	const uint32_t zero[] = { 0 }, one[] = { 1 }, two[] = { 2 };
	const uint32_t both[] = { 20, 10, 20 };

	aspa_set(a, 1, ASPA_CONF, zero, 1);
	aspa_set(a, 2, ASPA_CONF, zero, 1);
	aspa_set(a, 10, ASPA_CONF, one, 1);
	aspa_set(a, 20, ASPA_RTR, two, 1);
	aspa_set(a, 30, ASPA_RTR, both, 3);
	aspa_set(a, 50, ASPA_CONF, zero, 1);
}

struct path_row {
	const char	*name;
	uint32_t	path[8];	/* neighbor first, 0 ends */
	uint8_t		up, down;
};

static const struct path_row rows[] = {
	{ "one AS", { 30 }, ROV_VALID, ROV_VALID },
	{ "a customer's customer", { 10, 30 }, ROV_VALID, ROV_VALID },
	{ "up all the way", { 1, 10, 30 }, ROV_VALID, ROV_VALID },
	{ "prepended", { 1, 10, 10, 30, 30, 30 }, ROV_VALID, ROV_VALID },
	{ "over the top", { 2, 1, 10, 30 }, ROV_INVALID, ROV_VALID },
	{ "up, over, down", { 20, 2, 1, 10, 30 }, ROV_INVALID, ROV_VALID },
	{ "up and down again", { 30, 10, 1 }, ROV_INVALID, ROV_VALID },
	{ "a leak: a valley", { 2, 20, 30, 10, 1 }, ROV_INVALID,
	    ROV_INVALID },
	{ "up, then over", { 40, 10, 30 }, ROV_INVALID, ROV_VALID },
	{ "somebody silent below", { 1, 10, 40 }, ROV_NOT_FOUND,
	    ROV_NOT_FOUND },
	{ "a stranger claims a customer", { 60, 30 }, ROV_INVALID,
	    ROV_VALID },
	{ "no provider at all", { 1, 50 }, ROV_INVALID, ROV_VALID },
	{ "two silent ones", { 60, 61 }, ROV_NOT_FOUND, ROV_VALID },
	{ "three silent ones", { 60, 61, 62 }, ROV_NOT_FOUND,
	    ROV_NOT_FOUND },
};

static struct aspa_states
verify(const struct aspa *a, const uint32_t *path, unsigned type)
{
	uint8_t bytes[64];
	struct wr w;
	unsigned n = 0, i;

	while (path[n] != 0)
		n++;
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, type);
	buf_put_u8(&w, n);
	for (i = 0; i < n; i++)
		buf_put_u32(&w, path[i]);
	return aspa_verify(a, buf_written(&w));
}

Test(rde_validate, paths_are_judged_as_the_draft_says)
{
	struct aspa_states s;
	struct aspa a;
	size_t i;

	aspa_init(&a, 5);
	attest(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = verify(&a, rows[i].path, AS_SEQUENCE);
		cr_expect_eq(s.up, rows[i].up, "%s: up %u", rows[i].name,
		    s.up);
		cr_expect_eq(s.down, rows[i].down, "%s: down %u",
		    rows[i].name, s.down);
	}
	s = verify(&a, rows[1].path, AS_SET);
	cr_assert_eq(s.up, ROV_INVALID);
	cr_assert_eq(s.down, ROV_INVALID);
	s = aspa_verify(&a, buf_reader(NULL, 0));
	cr_assert_eq(s.up, ROV_INVALID);
	aspa_fini(&a);
}

Test(rde_validate, lists_of_both_sources_are_united)
{
	const uint32_t one[] = { 1 }, two[] = { 2 }, both[] = { 2, 1 };
	const uint32_t path[] = { 2, 30, 0 };
	struct conf_aspa record = { .customer = 30, .n_providers = 1,
	    .expires = 100 };
	struct config c = { .aspas = &record, .n_aspas = 1 };
	uint32_t providers[] = { 2 }, serial;
	struct aspa a;
	int64_t next;

	record.providers = providers;
	aspa_init(&a, 5);
	cr_assert(aspa_set(&a, 30, ASPA_RTR, one, 1));
	cr_assert_eq(verify(&a, path, AS_SEQUENCE).up, ROV_INVALID);
	cr_assert(aspa_configure(&a, &c, 50, &next));
	cr_assert_eq(next, 100);
	cr_assert_eq(verify(&a, path, AS_SEQUENCE).up, ROV_VALID);
	serial = a.serial;
	cr_assert_not(aspa_set(&a, 30, ASPA_RTR, both, 2));
	cr_assert_not(aspa_configure(&a, &c, 100, &next));
	cr_assert_eq(next, 0);
	cr_assert_eq(a.serial, serial);
	cr_assert(aspa_set(&a, 30, ASPA_RTR, two, 1));
	cr_assert(aspa_set(&a, 30, ASPA_RTR, NULL, 0));
	cr_assert_eq(verify(&a, path, AS_SEQUENCE).up, ROV_NOT_FOUND);
	cr_assert_eq(a.n_true, 0u);
	aspa_fini(&a);
}
