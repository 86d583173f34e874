/* SPDX-License-Identifier: ISC */
/* Records between the processes: whole, cut at each byte, out of range. */
#include "common/err.h"
#include "common/kroute_msg.h"
#include "common/rtr_delta.h"

#include <criterion/criterion.h>

#include <string.h>

static struct prefix
to_prefix(const char *text)
{
	struct prefix p = { 0 };

	cr_assert_eq(prefix_parse(text, &p), 0);
	return p;
}

static struct addr
to_addr(const char *text)
{
	struct addr a = { 0 };

	cr_assert_eq(addr_parse(text, &a), 0);
	return a;
}

static struct kroute_change
a_change(void)
{
	return (struct kroute_change){
		.kind = KROUTE_GATEWAY,
		.prefix = to_prefix("2001:db8::/32"),
		.gateway = to_addr("2001:db8:1::1"), .ifindex = 3,
	};
}

Test(kroute_msg, changes_are_read_as_written)
{
	struct kroute_change c = a_change(), got;
	uint8_t bytes[128];
	struct rd r;
	struct wr w;
	size_t cut;

	buf_writer(&w, bytes, sizeof(bytes));
	kroute_put_change(&w, &c);
	cr_assert_eq(w.err, 0);
	r = buf_written(&w);
	cr_assert_eq(kroute_get_change(&r, &got), 0);
	cr_assert_eq(buf_left(&r), 0u);
	cr_assert_eq(got.kind, c.kind);
	cr_assert_eq(got.ifindex, 3u);
	cr_assert_eq(prefix_compare(&got.prefix, &c.prefix), 0);
	cr_assert(addr_is_equal(&got.gateway, &c.gateway));
	for (cut = 0; cut < w.len; cut++) {
		r = buf_reader(bytes, cut);
		cr_assert_neq(kroute_get_change(&r, &got), 0, "%zu", cut);
		cr_assert_eq(got.kind, KROUTE_NONE);
	}
}

/* What the parent must not believe of the RDE. */
Test(kroute_msg, changes_out_of_range_are_refused)
{
	struct kroute_change c, got;
	uint8_t bytes[128];
	struct rd r;
	struct wr w;
	unsigned i;

	for (i = 0; i < 4; i++) {
		c = a_change();
		if (i == 0)
			c.kind = KROUTE_REJECT + 1;
		else if (i == 1)
			c.prefix.len_bits = 129;
		else if (i == 2)
			c.gateway = to_addr("192.0.2.1");
		else
			c.prefix.addr.family = ADDR_NONE;
		buf_writer(&w, bytes, sizeof(bytes));
		kroute_put_change(&w, &c);
		r = buf_written(&w);
		cr_assert_neq(kroute_get_change(&r, &got), 0, "%u", i);
	}
}

Test(kroute_msg, nexthops_are_read_as_written)
{
	struct kroute_nexthop n = {
		.addr = to_addr("192.0.2.1"), .is_valid = true,
		.gateway = to_addr("10.0.0.1"), .is_up = true,
		.ifindex = 9, .metric = 20,
		.prefix = to_prefix("192.0.2.0/24"), .ifname = "eth0",
	}, got;
	uint8_t bytes[128];
	struct rd r;
	struct wr w;
	size_t cut;

	buf_writer(&w, bytes, sizeof(bytes));
	kroute_put_nexthop(&w, &n);
	r = buf_written(&w);
	cr_assert_eq(kroute_get_nexthop(&r, &got), 0);
	cr_assert(got.is_valid && got.is_up && !got.is_connected);
	cr_assert(addr_is_equal(&got.addr, &n.addr));
	cr_assert(addr_is_equal(&got.gateway, &n.gateway));
	cr_assert_eq(got.metric, 20u);
	cr_assert_str_eq(got.ifname, "eth0");
	for (cut = 0; cut < w.len; cut++) {
		r = buf_reader(bytes, cut);
		cr_assert_neq(kroute_get_nexthop(&r, &got), 0, "%zu", cut);
		cr_assert_eq(got.addr.family, ADDR_NONE);
	}
	/* A name without room for its end. */
	bytes[w.len - 5] = KROUTE_IFNAME_MAX;
	r = buf_reader(bytes, sizeof(bytes));
	cr_assert_eq(kroute_get_nexthop(&r, &got), ERR_RANGE);
}

Test(kroute_msg, validation_deltas_are_read_as_written)
{
	struct rtr_delta_vrp v = {
		.is_announce = true, .max_len = 24, .asn = 65001,
		.prefix = to_prefix("192.0.2.0/24"),
	}, got;
	const uint32_t providers[] = { 1, 4200000000u };
	struct rtr_delta_aspa aspa;
	uint8_t bytes[128];
	struct rd r;
	struct wr w;
	size_t cut;

	buf_writer(&w, bytes, sizeof(bytes));
	rtr_delta_put_vrp(&w, &v);
	r = buf_written(&w);
	cr_assert_eq(rtr_delta_get_vrp(&r, &got), 0);
	cr_assert(got.is_announce);
	cr_assert_eq(got.asn, 65001u);
	cr_assert_eq(prefix_compare(&got.prefix, &v.prefix), 0);
	for (cut = 0; cut < w.len; cut++) {
		r = buf_reader(bytes, cut);
		cr_assert_neq(rtr_delta_get_vrp(&r, &got), 0);
	}
	bytes[3] = 33;		/* the longest length */
	r = buf_written(&w);
	cr_assert_eq(rtr_delta_get_vrp(&r, &got), ERR_RANGE);
	buf_reset(&w);
	rtr_delta_put_aspa(&w, 7, providers, 2);
	r = buf_written(&w);
	cr_assert_eq(rtr_delta_get_aspa(&r, &aspa), 0);
	cr_assert_eq(aspa.customer, 7u);
	cr_assert_eq(aspa.n_providers, 2u);
	cr_assert_eq(buf_get_u32(&aspa.providers), 1u);
	cr_assert_eq(buf_get_u32(&aspa.providers), 4200000000u);
	for (cut = 0; cut < w.len; cut++) {
		r = buf_reader(bytes, cut);
		cr_assert_neq(rtr_delta_get_aspa(&r, &aspa), 0);
	}
}
