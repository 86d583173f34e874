/* SPDX-License-Identifier: ISC */
/*
 * Twenty daemons, an AS each, in a random graph whose edges have random
 * lengths (prepend-self). Cables are pulled, networks come and go, lengths
 * change at reloads; some tell and take several paths; in the end every daemon's best routes are those of
 * the shortest paths, as a few lines of Bellman and Ford compute them.
 * BGPD_SEED is the first seed, BGPD_SEEDS their number.
 */
#include "common/arena.h"
#include "common/bgp.h"
#include "common/nlri/nlri.h"
#include "common/route.h"
#include "common/value.h"
#include "regress/sim/sim.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEC	MONO_USEC_PER_SEC
#define N	20
#define FAR	1000000u
#define AS(i)	(65001u + (i))

struct topology {
	struct sim	*sim;
	struct sim_host	*hosts[N];
	char		 names[N][16], addrs[N][16];
	bool		 is_edge[N][N];
	unsigned	 prepend[N][N];		/* by the first, to the other */
	bool		 has_network[N];
	uint32_t	 ids[N];		/* router ids */
	uint8_t		 add_path[N];		/* modes of sending */
	bool		 takes_paths[N], evaluates_all[N];
	uint64_t	 rng;
	/* what a query found: neighbor of the best route to a network */
	int		 found[N];
	unsigned	 n_found;
	bool		 is_wrong;
};

static uint32_t
rnd(struct topology *t, uint32_t n)
{
	t->rng ^= t->rng << 13;
	t->rng ^= t->rng >> 7;
	t->rng ^= t->rng << 17;
	return (uint32_t)((t->rng >> 16) % n);
}

static struct conf_rule *
add_rule(struct config *c, unsigned direction, uint8_t action)
{
	struct conf_rule *r = arena_append(c->arena, &c->rules, &c->n_rules,
	    sizeof(*r));

	r->action = action;
	r->direction = (uint8_t)direction;
	memset(r->max_communities, 0xff, sizeof(r->max_communities));
	return r;
}

static void
add_neighbor(const struct topology *t, struct config *c, unsigned self,
    unsigned other)
{
	struct conf_peer *p = config_add_peer(c);
	struct conf_family *f;
	struct conf_rule *r;

	addr_parse(t->addrs[other], &p->remote.addr);
	p->remote.len_bits = 32;
	p->remote_as = AS(other);
	p->local_as = AS(self);
	p->passive = self > other;
	p->enforce_neighbor_as = true;
	p->connect_retry_sec = 5;
	/* More paths do not change which ones are the shortest. */
	p->add_path_send = t->add_path[self];
	p->add_path_plus = t->add_path[self] > ADD_PATH_SEND_ALL;
	p->add_path_receive = t->takes_paths[self];
	p->evaluate_all = t->evaluates_all[self];
	f = arena_append(c->arena, &p->families, &p->n_families, sizeof(*f));
	f->afi = AFI_IPV4;
	f->safi = SAFI_UNICAST;
	if (t->prepend[self][other] == 0)
		return;
	r = add_rule(c, RULE_TO, RULE_MATCH);
	r->peer_kind = RULE_PEER_ADDRESS;
	r->peer_addr = p->remote.addr;
	r->sets = arena_alloc(c->arena, sizeof(*r->sets));
	r->sets[0] = (struct conf_set){ .kind = SET_PREPEND_SELF,
	    .number = t->prepend[self][other] };
	r->n_sets = 1;
}

static struct config *
model(const struct topology *t, unsigned self)
{
	struct config *c = config_new();
	uint8_t bytes[4] = { 24, 10, (uint8_t)self, 0 };
	struct conf_route *r;
	unsigned i;

	c->as = AS(self);
	c->as_short = (uint16_t)c->as;
	c->router_id = t->ids[self];
	c->fib_update = false;
	add_rule(c, RULE_FROM, RULE_ALLOW);
	add_rule(c, RULE_TO, RULE_ALLOW);
	for (i = 0; i < N; i++) {
		if (t->is_edge[self][i])
			add_neighbor(t, c, self, i);
	}
	if (!t->has_network[self])
		return c;
	r = arena_append(c->arena, &c->networks, &c->n_networks, sizeof(*r));
	r->afi = AFI_IPV4;
	r->safi = SAFI_UNICAST;
	r->flags = ROUTE_FROM_NETWORK;
	r->nlri.bytes = arena_copy(c->arena, bytes, sizeof(bytes));
	r->nlri.len = sizeof(bytes);
	return c;
}

/* A tree, so that all are connected, and a dozen edges more. */
static void
make_graph(struct topology *t)
{
	unsigned i, k, swap;

	for (i = 0; i < N; i++) {
		snprintf(t->names[i], sizeof(t->names[i]), "n%u", i);
		snprintf(t->addrs[i], sizeof(t->addrs[i]), "192.0.2.%u", i + 1);
		t->ids[i] = 0x0a000001 + i;
		t->has_network[i] = rnd(t, 4) != 0;
		t->add_path[i] = (uint8_t)rnd(t, ADD_PATH_SEND_AS_WIDE + 1);
		t->takes_paths[i] = rnd(t, 2) != 0;
		t->evaluates_all[i] = rnd(t, 4) == 0;
	}
	for (i = N - 1; i > 0; i--) {
		k = rnd(t, i + 1);
		swap = t->ids[i];
		t->ids[i] = t->ids[k];
		t->ids[k] = swap;
	}
	for (i = 1; i < N + 12; i++) {
		unsigned a = i < N ? i : rnd(t, N);

		k = rnd(t, i < N ? i : N);
		if (a == k)
			continue;
		t->is_edge[a][k] = t->is_edge[k][a] = true;
		t->prepend[a][k] = rnd(t, 3);
		t->prepend[k][a] = rnd(t, 3);
	}
}

/* Some daemons are given other networks and lengths. */
static void
change_some(struct topology *t)
{
	unsigned i, k, self;

	for (i = 0; i < 6; i++) {
		self = rnd(t, N);
		t->has_network[self] = rnd(t, 2) != 0;
		for (k = 0; k < N; k++)
			t->prepend[self][k] = rnd(t, 4);
		sim_host_configure(t->hosts[self], model(t, self));
	}
}

/*
 * Distances from a network's daemon, and who each would hear it from: of
 * those that make the shortest path the one with the lowest router id.
 */
static void
solve(const struct topology *t, unsigned from, unsigned dist[N],
    int parent[N])
{
	unsigned i, k, round, d;

	for (i = 0; i < N; i++)
		dist[i] = i == from ? 0 : FAR;
	for (round = 0; round < N; round++) {
		for (i = 0; i < N; i++) {
			for (k = 0; k < N; k++) {
				d = dist[i] + 1 + t->prepend[i][k];
				if (t->is_edge[i][k] && d < dist[k])
					dist[k] = d;
			}
		}
	}
	for (k = 0; k < N; k++) {
		parent[k] = -1;
		for (i = 0; k != from && i < N; i++) {
			if (t->is_edge[i][k] &&
			    dist[i] + 1 + t->prepend[i][k] == dist[k] &&
			    (parent[k] < 0 || t->ids[i] < t->ids[parent[k]]))
				parent[k] = (int)i;
		}
	}
}

static void
on_entry(const struct value *v, void *arg)
{
	struct topology *t = arg;
	const struct value *neighbor = value_get(v, "neighbor");
	const struct value *best = value_get(v, "best");
	unsigned network, from;

	if (best == NULL || !best->boolean)
		return;
	if (sscanf(value_get(v, "prefix")->string, "10.%u.0.0/24",
	    &network) != 1 || network >= N) {
		t->is_wrong = true;
		return;
	}
	/* Our own has no address. */
	if (sscanf(value_get(neighbor, "remote_addr")->string, "192.0.2.%u",
	    &from) != 1)
		from = 0;
	t->found[network] = (int)from - 1;
	t->n_found++;
}

/* What a daemon has, against what it should have. */
static void
check_host(struct topology *t, unsigned self, int parents[N][N],
    uint64_t seed)
{
	struct sim_host *h = t->hosts[self];
	unsigned i, n = 0;

	for (i = 0; i < N; i++)
		t->found[i] = -2;
	t->n_found = 0;
	h->on_entry = on_entry;
	h->on_entry_arg = t;
	sim_host_count(h, NULL);
	cr_assert(!t->is_wrong);
	for (i = 0; i < N; i++) {
		int want = !t->has_network[i] ? -2 : parents[i][self];

		n += t->has_network[i];
		cr_assert_eq(t->found[i], want, "seed %llu: n%u has the "
		    "network of n%u from %d, not from %d",
		    (unsigned long long)seed, self, i, t->found[i], want);
	}
	cr_assert_eq(t->n_found, n);
}

static void
run_seed(uint64_t seed)
{
	struct topology *t = calloc(1, sizeof(*t));
	static const int64_t delays[] = { 100, 5000, 80000 };
	int parents[N][N];
	unsigned dist[N], i;

	cr_assert_not_null(t);
	t->rng = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	t->sim = sim_new(seed);
	t->sim->delay_usec = delays[rnd(t, 3)];
	make_graph(t);
	for (i = 0; i < N; i++)
		t->hosts[i] = sim_host_new(t->sim, t->names[i], t->addrs[i],
		    model(t, i));
	sim_run_until(t->sim, (5 + rnd(t, 20)) * SEC);
	change_some(t);
	sim_run_until(t->sim, 40 * SEC);
	sim_cut_all(t->sim);
	sim_run_until(t->sim, (60 + rnd(t, 60)) * SEC);
	change_some(t);
	sim_run_until(t->sim, 300 * SEC);
	for (i = 0; i < N; i++)
		solve(t, i, dist, parents[i]);
	for (i = 0; i < N; i++)
		check_host(t, i, parents, seed);
	sim_free(t->sim);
	free(t);
}

static uint64_t
setting(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text == NULL ? fallback : strtoull(text, NULL, 10);
}

Test(sim_topology, all_converge_to_the_shortest_paths)
{
	uint64_t first = setting("BGPD_SEED", 1), i;

	for (i = 0; i < setting("BGPD_SEEDS", 4); i++)
		run_seed(first + i);
}
