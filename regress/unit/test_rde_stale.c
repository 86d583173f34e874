/* SPDX-License-Identifier: ISC */
/* Routes that outlive their session: graceful restart, refresh, RFC 9494. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/env.h"
#include "common/loop.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define EOR4	"0200000000"
#define BORR	0x01
#define EORR	0x02

/* 10.1.0.0/16 and 10.2.0.0/16 by AS 65001, and as 3 (internal) hears them */
#define ROUTE(n)	"0200000014" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "100a" n
#define TOLD(n)		"020000001b" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "40050400000064" "100a" n
#define TOLD_STALE(n)	"0200000022" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "40050400000064" "c00804ffff0006" \
			"100a" n
#define NO_LLGR(n)	"020000001b" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "c00804ffff0007" "100a" n
#define GONE(n)		"02000310" "0a" n "0000"

static struct conf_peer *
add_peer(struct config *c, uint32_t id, uint32_t remote_as)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = 65000;
	p->remote_as = remote_as;
	p->llgr_sec = 3600;
	p->stale_time_sec = 1;
	return p;
}

static struct config *
start(struct world *w)
{
	struct config *c = config_new();
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	add_peer(c, 1, 65001);
	add_peer(c, 2, 65000);
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = i == 0 ? RULE_FROM : RULE_TO;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
	}
	c->n_rules = 2;
	world_config(w, c);
	w->gr_family_mask = w->gr_forwarding_mask = IPV4;
	w->llgr_sec = 1;
	world_up(w, &c->peers[1], IPV4);
	world_expect(w, 2, EOR4);
	world_up(w, &c->peers[0], IPV4);
	world_expect(w, 1, EOR4);
	world_send_hex(w, 1, ROUTE("01"));
	world_expect(w, 2, TOLD("01"));
	world_send_hex(w, 1, ROUTE("02"));
	world_expect(w, 2, TOLD("02"));
	return c;
}

/* The neighbor that hears of them is there again, and hears all. */
static void
hear_again(struct world *w, struct config *c, const char *first)
{
	world_up(w, &c->peers[1], IPV4);
	world_expect(w, 2, first);
	world_expect(w, 2, EOR4);
}

static int64_t
now_usec(struct world *w)
{
	return loop_now(w->env->loop).usec;
}

static void
refresh(struct world *w, uint8_t subtype)
{
	const uint8_t bytes[4] = { 0, 1, subtype, 1 };

	chan_send(w->sess, IMSG_REFRESH, 1, bytes, 4);
}

static void
stop(struct world *w, struct config *c)
{
	config_free(c);
	world_stop(w);
}

Test(rde_stale, what_is_not_said_again_goes_at_end_of_rib)
{
	struct world w;
	struct config *c = start(&w);

	world_down_as(&w, 1, DOWN_STALE);
	world_expect_none(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("02"));
	world_expect_none(&w);
	world_send_hex(&w, 1, EOR4);
	world_expect(&w, 2, GONE("01"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, without_forwarding_flag_nothing_is_kept)
{
	struct world w;
	struct config *c = start(&w);

	world_down_as(&w, 1, DOWN_STALE);
	world_expect_none(&w);
	w.gr_forwarding_mask = 0;
	world_up(&w, &c->peers[0], IPV4);
	world_run_outputs(&w, 2);
	world_expect_for(&w, 1, EOR4);
	world_expect_for(&w, 2, "02000610" "0a01" "100a02" "0000");
	stop(&w, c);
}

Test(rde_stale, a_missing_end_is_not_waited_for_for_ever)
{
	struct world w;
	struct config *c = start(&w);

	world_down_as(&w, 1, DOWN_STALE);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("02"));
	/* staletime is a second */
	world_expect(&w, 2, GONE("01"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, two_restarts_keep_only_what_was_current)
{
	struct world w;
	struct config *c = start(&w);

	world_down_as(&w, 1, DOWN_STALE);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("02"));
	world_settle(&w);
	world_down_as(&w, 1, DOWN_STALE);
	world_expect(&w, 2, GONE("01"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, refresh_sweeps_between_its_marks)
{
	struct world w;
	struct config *c = start(&w);

	refresh(&w, BORR);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect_none(&w);
	refresh(&w, EORR);
	world_expect(&w, 2, GONE("02"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, a_refresh_without_end_ends_by_time)
{
	struct world w;
	struct config *c = start(&w);

	refresh(&w, BORR);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, GONE("02"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, long_lived_routes_are_marked_and_end)
{
	struct world w;
	struct config *c = start(&w);

	world_send_hex(&w, 1, NO_LLGR("02"));
	world_run_outputs(&w, 1);
	w.n_taken = w.n_outputs;
	world_down_as(&w, 1, DOWN_STALE);
	world_expect_none(&w);
	world_down_as(&w, 1, DOWN_LONG_STALE);
	world_expect(&w, 2, GONE("02"));
	world_expect(&w, 2, TOLD_STALE("01"));
	/* Its long-lived time is a second. */
	world_expect(&w, 2, GONE("01"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, long_lived_routes_become_fresh_again)
{
	struct world w;
	struct config *c = start(&w);

	world_down_as(&w, 1, DOWN_STALE);
	world_down_as(&w, 1, DOWN_LONG_STALE);
	world_expect(&w, 2, TOLD_STALE("01") "100a02");
	w.llgr_sec = 3600;
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, who_does_not_know_of_it_does_not_hear_it)
{
	struct world w;
	struct config *c = start(&w);

	w.llgr_sec = 0;
	world_down(&w, 2);
	world_up(&w, &c->peers[1], IPV4);
	world_run_outputs(&w, 2);
	w.n_taken = w.n_outputs;
	world_down_as(&w, 1, DOWN_STALE);
	world_expect_none(&w);
	world_down_as(&w, 1, DOWN_LONG_STALE);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	stop(&w, c);
}

/*
 * The session engine is replaced: times go on as if it had not been.
 */
Test(rde_stale, a_restart_time_ends_under_another_session_engine)
{
	struct world w;
	struct config *c = start(&w);
	int64_t begin;

	c->peers[0].llgr_sec = 0;
	c->peers[0].stale_time_sec = 60;
	world_config(&w, c);
	w.gr_time_sec = 2;
	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_down_as(&w, 1, DOWN_STALE);
	begin = now_usec(&w);
	world_replace_session(&w);
	hear_again(&w, c, TOLD("01"));
	world_expect(&w, 2, GONE("01"));
	cr_assert_geq(now_usec(&w) - begin, 1900000);
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, long_lived_times_begin_and_end_under_another_session_engine)
{
	struct world w;
	struct config *c = start(&w);
	int64_t begin;

	/* staletime, a second, is its restart time; then another one */
	w.gr_time_sec = 120;
	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	w.llgr_sec = 1;
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_down_as(&w, 1, DOWN_STALE);
	begin = now_usec(&w);
	world_replace_session(&w);
	hear_again(&w, c, TOLD("01"));
	world_expect(&w, 2, TOLD_STALE("01"));
	cr_assert_geq(now_usec(&w) - begin, 900000);
	/* Once more: its long-lived time of a second goes on. */
	world_replace_session(&w);
	hear_again(&w, c, TOLD_STALE("01"));
	world_expect(&w, 2, GONE("01"));
	cr_assert_geq(now_usec(&w) - begin, 1900000);
	cr_assert_leq(now_usec(&w) - begin, 10000000);
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, a_session_that_its_engine_leaves_is_a_restart)
{
	struct world w;
	struct config *c = start(&w);

	c->peers[0].stale_time_sec = 60;
	world_config(&w, c);
	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	w.gr_time_sec = 60;
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_send_hex(&w, 1, ROUTE("02"));
	world_expect(&w, 2, TOLD("02"));
	world_replace_session(&w);
	/* Both, in some order. */
	world_up(&w, &c->peers[1], IPV4);
	world_run_outputs(&w, 2);
	cr_assert_eq(w.outputs[w.n_taken].len,
	    18 + sizeof(TOLD("01") "100a02") / 2);
	w.n_taken = w.n_outputs;
	/* Back, it says one of them again. */
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("02"));
	world_send_hex(&w, 1, EOR4);
	world_expect(&w, 2, GONE("01"));
	/* The operator takes it down: that is no restart. */
	world_replace_session(&w);
	hear_again(&w, c, TOLD("02"));
	world_down(&w, 1);
	world_expect(&w, 2, GONE("02"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_stale, a_session_without_restart_is_over_with_its_engine)
{
	struct world w;
	struct config *c = start(&w);

	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	w.gr_family_mask = 0;
	world_up(&w, &c->peers[0], IPV4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_settle(&w);
	world_replace_session(&w);
	w.n_taken = w.n_outputs;
	world_up(&w, &c->peers[1], IPV4);
	world_expect(&w, 2, EOR4);
	world_expect_none(&w);
	stop(&w, c);
}

/*
 * All workers are replaced: what a neighbor that is down said goes over.
 */
static void
succeed(struct world *next, struct world *w, struct config *c)
{
	world_hand_over(w);
	world_start(next);
	world_config(next, c);
	world_take_over(next, w);
	next->gr_family_mask = next->gr_forwarding_mask = IPV4;
	next->llgr_sec = w->llgr_sec;
	next->gr_time_sec = w->gr_time_sec;
	world_stop(w);
}

Test(rde_stale, stale_routes_are_handed_over_with_their_times)
{
	struct world w, next, last;
	struct config *c = start(&w);
	int64_t begin;

	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	w.gr_time_sec = 120;	/* staletime is a second */
	w.llgr_sec = 2;
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_down_as(&w, 1, DOWN_STALE);
	world_settle(&w);
	begin = now_usec(&w);
	succeed(&next, &w, c);
	hear_again(&next, c, TOLD("01"));
	world_expect(&next, 2, TOLD_STALE("01"));
	cr_assert_geq(now_usec(&next) - begin, 900000);
	/* Once more, as a last resort. */
	succeed(&last, &next, c);
	hear_again(&last, c, TOLD_STALE("01"));
	world_expect(&last, 2, GONE("01"));
	cr_assert_geq(now_usec(&last) - begin, 2800000);
	cr_assert_leq(now_usec(&last) - begin, 12000000);
	world_expect_none(&last);
	stop(&last, c);
}

Test(rde_stale, who_is_back_after_a_handover_is_fresh)
{
	struct world w, next;
	struct config *c = start(&w);

	c->peers[0].stale_time_sec = 60;
	world_config(&w, c);
	w.gr_time_sec = 60;
	world_down(&w, 1);
	world_expect(&w, 2, "02000610" "0a01" "100a02" "0000");
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_send_hex(&w, 1, ROUTE("01"));
	world_expect(&w, 2, TOLD("01"));
	world_send_hex(&w, 1, ROUTE("02"));
	world_expect(&w, 2, TOLD("02"));
	world_down_as(&w, 1, DOWN_STALE);
	world_settle(&w);
	succeed(&next, &w, c);
	world_up(&next, &c->peers[0], IPV4);
	world_expect(&next, 1, EOR4);
	world_send_hex(&next, 1, ROUTE("02"));
	world_send_hex(&next, 1, EOR4);
	world_settle(&next);
	hear_again(&next, c, TOLD("02"));
	world_expect_none(&next);
	stop(&next, c);
}
