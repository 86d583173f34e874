/* SPDX-License-Identifier: ISC */
/*
 * Two daemons in the simulator: Established, a table exchange, a collision,
 * a hold timer's expiry; each run twice with one seed to one trace.
 */
#include "common/arena.h"
#include "common/bgp.h"
#include "common/nlri/nlri.h"
#include "common/route.h"
#include "regress/sim/sim.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SEC	MONO_USEC_PER_SEC
#define N_ROUTES 1000

static struct conf_peer *
add_peer(struct config *c, const char *addr, uint32_t as, bool is_passive)
{
	struct conf_peer *p = config_add_peer(c);
	struct conf_family *f;

	cr_assert_eq(addr_parse(addr, &p->remote.addr), 0);
	p->remote.len_bits = 32;
	p->remote_as = as;
	p->passive = is_passive;
	p->enforce_neighbor_as = true;
	f = arena_append(c->arena, &p->families, &p->n_families, sizeof(*f));
	f->afi = AFI_IPV4;
	f->safi = SAFI_UNICAST;
	return p;
}

static void
add_network(struct config *c, uint32_t i)
{
	struct conf_route *r = arena_append(c->arena, &c->networks,
	    &c->n_networks, sizeof(*r));
	uint8_t bytes[4] = { 24, (uint8_t)(10 + (i >> 16)),
	    (uint8_t)(i >> 8), (uint8_t)i };

	r->afi = AFI_IPV4;
	r->safi = SAFI_UNICAST;
	r->flags = ROUTE_FROM_NETWORK;
	r->nlri.bytes = arena_copy(c->arena, bytes, sizeof(bytes));
	r->nlri.len = sizeof(bytes);
}

/* AS, router id, and a rule that allows all, both ways. */
static struct config *
new_config(uint32_t as, uint32_t id)
{
	struct config *c = config_new();
	struct conf_rule *r;
	unsigned i, k;

	c->as = as;
	c->as_short = (uint16_t)as;
	c->router_id = id;
	c->fib_update = false;
	for (i = 0; i < 2; i++) {
		r = arena_append(c->arena, &c->rules, &c->n_rules,
		    sizeof(*r));
		r->action = RULE_ALLOW;
		r->direction = i == 0 ? RULE_FROM : RULE_TO;
		for (k = 0; k < 3; k++)
			r->max_communities[k] = -1;
	}
	return c;
}

struct world {
	struct sim	*sim;
	struct sim_host	*a, *b;
};

static struct world
new_world(uint64_t seed, bool is_b_passive, unsigned n_routes)
{
	struct world w = { .sim = sim_new(seed) };
	struct config *a = new_config(65001, 0x0a000001);
	struct config *b = new_config(65002, 0x0a000002);
	unsigned i;

	a->hold_time_sec = b->hold_time_sec = 9;
	add_peer(a, "192.0.2.2", 65002, false);
	add_peer(b, "192.0.2.1", 65001, is_b_passive);
	for (i = 0; i < n_routes; i++)
		add_network(a, i);
	w.a = sim_host_new(w.sim, "a", "192.0.2.1", a);
	w.b = sim_host_new(w.sim, "b", "192.0.2.2", b);
	return w;
}

static bool
trace_has(const struct sim *s, const char *text)
{
	return memmem(s->trace.base, s->trace.len, text, strlen(text)) != NULL;
}

/* Run a story twice; both traces must be the same. */
static void
tell_twice(uint64_t seed, void (*story)(uint64_t seed, struct wr *trace))
{
	struct wr one, two;

	buf_writer_growing(&one, 64 * 1024 * 1024);
	buf_writer_growing(&two, 64 * 1024 * 1024);
	story(seed, &one);
	story(seed, &two);
	cr_assert(one.len > 0);
	cr_assert(one.len == two.len &&
	    memcmp(one.base, two.base, one.len) == 0,
	    "seed %llu: two runs, two traces", (unsigned long long)seed);
	buf_free(&one);
	buf_free(&two);
}

static void
end_world(struct world *w, struct wr *trace)
{
	buf_put_bytes(trace, w->sim->trace.base, w->sim->trace.len);
	sim_free(w->sim);
}

static void
story_exchange(uint64_t seed, struct wr *trace)
{
	struct world w = new_world(seed, true, N_ROUTES);

	sim_run_until(w.sim, 20 * SEC);
	cr_assert(trace_has(w.sim, "session established"), "%.*s",
	    (int)w.sim->trace.len, (char *)w.sim->trace.base);
	cr_assert_eq(sim_host_count(w.b, NULL), N_ROUTES);
	cr_assert_eq(sim_host_count(w.b, "in"), N_ROUTES);
	end_world(&w, trace);
}

Test(world, two_daemons_exchange_a_table)
{
	tell_twice(1, story_exchange);
}

static void
story_collision(uint64_t seed, struct wr *trace)
{
	struct world w = new_world(seed, false, 1);

	sim_run_until(w.sim, 20 * SEC);
	cr_assert(trace_has(w.sim, "NOTIFICATION 6/7"), "seed %llu: %.*s",
	    (unsigned long long)seed, (int)w.sim->trace.len,
	    (char *)w.sim->trace.base);
	cr_assert(trace_has(w.sim, "a: peer 192.0.2.2 (AS65002): "
	    "session established"));
	cr_assert(trace_has(w.sim, "b: peer 192.0.2.1 (AS65001): "
	    "session established"));
	cr_assert(!trace_has(w.sim, "session down"));
	cr_assert_eq(sim_host_count(w.b, NULL), 1);
	end_world(&w, trace);
}

Test(world, a_collision_leaves_one_session)
{
	tell_twice(2, story_collision);
}

static void
story_hold_timer(uint64_t seed, struct wr *trace)
{
	struct world w = new_world(seed, true, 10);

	sim_run_until(w.sim, 10 * SEC);
	cr_assert_eq(sim_host_count(w.b, NULL), 10);
	w.sim->is_partitioned = true;
	sim_run_until(w.sim, 30 * SEC);
	cr_assert(trace_has(w.sim, "sent NOTIFICATION 4/0"));
	cr_assert(trace_has(w.sim, "hold timer expired") ||
	    trace_has(w.sim, "Hold timer expired"));
	cr_assert_eq(sim_host_count(w.b, NULL), 0);
	/* Whole again: the session comes back, and the routes with it. */
	w.sim->is_partitioned = false;
	sim_run_until(w.sim, 300 * SEC);
	cr_assert_eq(sim_host_count(w.b, NULL), 10);
	end_world(&w, trace);
}

Test(world, silence_ends_a_session_and_it_comes_back)
{
	tell_twice(3, story_hold_timer);
}

static void
story_cuts(uint64_t seed, struct wr *trace)
{
	struct world w = new_world(seed, false, 100);
	unsigned i;

	for (i = 1; i <= 5; i++) {
		sim_run_until(w.sim, i * 100 * SEC + sim_random(w.sim) % SEC);
		sim_cut_all(w.sim);
	}
	sim_run_until(w.sim, 1000 * SEC);
	cr_assert_eq(sim_host_count(w.b, NULL), 100, "seed %llu: %.*s",
	    (unsigned long long)seed, (int)w.sim->trace.len,
	    (char *)w.sim->trace.base);
	end_world(&w, trace);
}

Test(world, lost_connections_are_made_again)
{
	uint64_t seed;

	for (seed = 10; seed < 30; seed++)
		tell_twice(seed, story_cuts);
}

/* b takes no more than 5 prefixes, and a has 10. */
static struct world
limited_world(uint64_t seed, uint32_t restart_min)
{
	struct world w = { .sim = sim_new(seed) };
	struct config *a = new_config(65001, 0x0a000001);
	struct config *b = new_config(65002, 0x0a000002);
	struct conf_peer *p;
	unsigned i;

	add_peer(a, "192.0.2.2", 65002, false);
	p = add_peer(b, "192.0.2.1", 65001, true);
	p->max_prefix = 5;
	p->max_prefix_restart_min = restart_min;
	p->log_updates = true;
	for (i = 0; i < 10; i++)
		add_network(a, i);
	w.a = sim_host_new(w.sim, "a", "192.0.2.1", a);
	w.b = sim_host_new(w.sim, "b", "192.0.2.2", b);
	return w;
}

static unsigned
trace_count(const struct sim *s, const char *text)
{
	const uint8_t *at = s->trace.base, *end = at + s->trace.len;
	unsigned n = 0;

	while ((at = memmem(at, (size_t)(end - at), text,
	    strlen(text))) != NULL) {
		n++;
		at++;
	}
	return n;
}

#define B_UP "b: peer 192.0.2.1 (AS65001): session established"

static void
story_limit(uint64_t seed, struct wr *trace)
{
	struct world w = limited_world(seed, 0);

	sim_run_until(w.sim, 2000 * SEC);
	cr_assert(trace_has(w.sim, "sent NOTIFICATION 6/1"));
	cr_assert(trace_has(w.sim, "peer 192.0.2.1 (AS65001): update "
	    "10.0.3.0/24 via 192.0.2.1"));
	cr_assert_eq(trace_count(w.sim, B_UP), 1u);
	cr_assert_eq(sim_host_count(w.b, NULL), 0);
	end_world(&w, trace);
}

static void
story_limit_restart(uint64_t seed, struct wr *trace)
{
	struct world w = limited_world(seed, 10);

	sim_run_until(w.sim, 590 * SEC);
	cr_assert_eq(trace_count(w.sim, B_UP), 1u);
	sim_run_until(w.sim, 1300 * SEC);
	cr_assert_eq(trace_count(w.sim, B_UP), 2u, "%.*s",
	    (int)w.sim->trace.len, (char *)w.sim->trace.base);
	end_world(&w, trace);
}

Test(world, too_many_prefixes_keep_a_session_down)
{
	tell_twice(40, story_limit);
	tell_twice(41, story_limit_restart);
}

/* Both keep routes over NOTIFICATIONs: what is for good says so. */
static void
story_hard_reset(uint64_t seed, struct wr *trace)
{
	struct world w = { .sim = sim_new(seed) };
	struct config *a, *b;
	unsigned i;

	for (i = 0; i < 2; i++) {
		a = new_config(65001, 0x0a000001);
		add_peer(a, "192.0.2.2", 65002, false);
		a->peers[0].graceful_notification = true;
		a->peers[0].is_down = i == 1;
		if (i == 1) {
			sim_run_until(w.sim, 20 * SEC);
			cr_assert(trace_has(w.sim, B_UP));
			sim_host_configure(w.a, a);
			break;
		}
		b = new_config(65002, 0x0a000002);
		add_peer(b, "192.0.2.1", 65001, true);
		b->peers[0].graceful_notification = true;
		w.a = sim_host_new(w.sim, "a", "192.0.2.1", a);
		w.b = sim_host_new(w.sim, "b", "192.0.2.2", b);
	}
	sim_run_until(w.sim, 30 * SEC);
	cr_assert(trace_has(w.sim, "received NOTIFICATION 6/9"), "%.*s",
	    (int)w.sim->trace.len, (char *)w.sim->trace.base);
	end_world(&w, trace);
}

Test(world, a_session_that_ends_for_good_is_reset_hard)
{
	tell_twice(42, story_hard_reset);
}

/* What b insists on a does not have. */
static void
story_enforce(uint64_t seed, struct wr *trace, bool is_add_path)
{
	struct world w = { .sim = sim_new(seed) };
	struct config *a = new_config(65001, 0x0a000001);
	struct config *b = new_config(65002, 0x0a000002);
	struct conf_peer *p;

	add_peer(a, "192.0.2.2", 65002, false);
	p = add_peer(b, "192.0.2.1", 65001, true);
	if (is_add_path) {
		p->add_path_receive = CONF_ENFORCE;
	} else {
		p->families[0].afi = AFI_IPV6;
		p->families[0].enforce = CONF_ENFORCE;
	}
	w.a = sim_host_new(w.sim, "a", "192.0.2.1", a);
	w.b = sim_host_new(w.sim, "b", "192.0.2.2", b);
	sim_run_until(w.sim, 20 * SEC);
	cr_assert(trace_has(w.sim, "sent NOTIFICATION 2/7"), "%.*s",
	    (int)w.sim->trace.len, (char *)w.sim->trace.base);
	cr_assert(!trace_has(w.sim, B_UP));
	end_world(&w, trace);
}

static void
story_enforce_family(uint64_t seed, struct wr *trace)
{
	story_enforce(seed, trace, false);
}

static void
story_enforce_add_path(uint64_t seed, struct wr *trace)
{
	story_enforce(seed, trace, true);
}

Test(world, what_is_enforced_and_missing_ends_the_session)
{
	tell_twice(50, story_enforce_family);
	tell_twice(51, story_enforce_add_path);
}
