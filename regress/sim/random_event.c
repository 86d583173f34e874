/* SPDX-License-Identifier: ISC */
/* What befalls a world, a table row each. */
#include "regress/sim/random.h"

#include <stdlib.h>

struct event_row {
	unsigned	weight;
	void		(*happen)(struct world *, unsigned node);
};

/* A neighbor of the node, drawn; there is one at least. */
static unsigned
draw_neighbor(struct world *w, unsigned node)
{
	unsigned i = world_below(w, w->n_nodes);

	while (!world_is_linked(w, node, i))
		i = (i + 1) % w->n_nodes;
	return i;
}

/* A prefix that bgpctl may say here: the last own one, or a shared one. */
static unsigned
draw_told(struct world *w, unsigned node)
{
	unsigned shared = w->n_nodes * WORLD_OWN;

	if (world_below(w, 2) == 0)
		return node * WORLD_OWN + WORLD_OWN - 1;
	return shared + WORLD_SHARED / 2 + world_below(w, WORLD_SHARED / 2);
}

static void
toggle(struct world *w, unsigned node, unsigned prefix)
{
	if (w->node[node].configured[prefix])
		return;
	world_tell(w, node, prefix, w->node[node].told[prefix]);
}

static void
event_network(struct world *w, unsigned node)
{
	unsigned prefix = draw_told(w, node);

	if (!w->node[node].is_alive)
		return;
	world_say(w, "n%u toggles prefix %u", node, prefix);
	toggle(w, node, prefix);
}

/* There and back, faster than anybody can follow. */
static void
event_flap(struct world *w, unsigned node)
{
	unsigned prefix = draw_told(w, node), n = 1 + world_below(w, 40), i;

	if (!w->node[node].is_alive)
		return;
	world_say(w, "n%u toggles prefix %u %u times", node, prefix, n);
	for (i = 0; i < n; i++) {
		toggle(w, node, prefix);
		sim_run_until(w->sim, w->sim->now.usec +
		    world_below(w, 20000));
	}
}

static void
reload(struct world *w, unsigned node)
{
	if (w->node[node].is_alive)
		sim_host_configure(w->node[node].host, world_config(w, node));
}

static void
event_reload_networks(struct world *w, unsigned node)
{
	unsigned prefix = node * WORLD_OWN;

	if (world_below(w, 2) == 0)
		prefix = w->n_nodes * WORLD_OWN +
		    world_below(w, WORLD_SHARED / 2);
	w->node[node].configured[prefix] ^= true;
	world_say(w, "n%u reloads: prefix %u", node, prefix);
	reload(w, node);
}

static void
event_reload_policy(struct world *w, unsigned node)
{
	unsigned neighbor = draw_neighbor(w, node);
	struct world_policy *p = &w->node[node].policy[neighbor];

	/* The inside of an AS has no rules. */
	if (world_is_internal(w, node, neighbor))
		return;
	switch (world_below(w, 3)) {
	case 0:
		p->deny_in = (int16_t)world_below(w, w->n_nodes + 1) - 1;
		break;
	case 1:
		p->deny_out = (int16_t)world_below(w, w->n_nodes + 1) - 1;
		break;
	default:
		p->prepend = (uint8_t)world_below(w, 4);
		break;
	}
	world_say(w, "n%u reloads: policy for n%u", node, neighbor);
	reload(w, node);
}

static void
event_reload_same(struct world *w, unsigned node)
{
	unsigned i, n = 1 + world_below(w, 5);

	world_say(w, "n%u reloads %u times", node, n);
	for (i = 0; i < n; i++)
		reload(w, node);
}

static void
event_reset(struct world *w, unsigned node)
{
	unsigned neighbor = draw_neighbor(w, node);

	world_say(w, "connection n%u n%u is reset", node, neighbor);
	sim_cut_between(w->sim, &w->node[node].addr,
	    &w->node[neighbor].addr);
}

static void
set_cut(struct world *w, unsigned a, unsigned b, bool is_cut)
{
	w->path[a][b].is_cut = w->path[b][a].is_cut = is_cut;
}

static void
event_link(struct world *w, unsigned node)
{
	unsigned neighbor = draw_neighbor(w, node);
	bool is_cut = !w->path[node][neighbor].is_cut;

	world_say(w, "link n%u n%u is %s", node, neighbor,
	    is_cut ? "cut" : "whole");
	set_cut(w, node, neighbor, is_cut);
}

/* Every way between two halves of the nodes. */
static void
event_partition(struct world *w, unsigned node)
{
	unsigned a, b, half = world_below(w, w->n_nodes);
	bool is_cut = world_below(w, 2) == 0;

	(void)node;
	world_say(w, "below n%u and above are %s", half, is_cut ? "cut off" :
	    "joined");
	for (a = 0; a < half; a++)
		for (b = half; b < w->n_nodes; b++)
			set_cut(w, a, b, is_cut);
}

static void
event_slow(struct world *w, unsigned node)
{
	unsigned neighbor = draw_neighbor(w, node);
	struct sim_path *p = &w->path[node][neighbor];

	p->delay_usec = 100 + world_below(w, 400000);
	p->window_bytes = 600 + world_below(w, 8192);
	world_say(w, "link n%u n%u: %lld us, %zu bytes", node, neighbor,
	    (long long)p->delay_usec, p->window_bytes);
	w->path[neighbor][node] = *p;
}

static void
start(struct world *w, unsigned node)
{
	world_say(w, "n%u starts", node);
	w->node[node].is_alive = true;
	sim_host_start(w->node[node].host, world_config(w, node));
}

static void
event_kill(struct world *w, unsigned node)
{
	unsigned i;

	if (!w->node[node].is_alive) {
		start(w, node);
		return;
	}
	world_say(w, "n%u is killed", node);
	w->node[node].is_alive = false;
	sim_host_kill(w->node[node].host);
	for (i = 0; i < w->n_prefixes; i++)
		w->node[node].told[i] = false;
}

/* The broker says again what it was told. */
static void
event_rde_dies(struct world *w, unsigned node)
{
	unsigned i;

	if (!w->node[node].is_alive)
		return;
	world_say(w, "n%u: rde dies", node);
	sim_host_replace_rde(w->node[node].host);
	sim_run_until(w->sim, w->sim->now.usec);
	for (i = 0; i < w->n_prefixes; i++)
		if (w->node[node].told[i])
			world_tell(w, node, i, false);
}

static void
event_session_dies(struct world *w, unsigned node)
{
	if (!w->node[node].is_alive)
		return;
	world_say(w, "n%u: session engine dies", node);
	sim_host_replace_session(w->node[node].host);
}

/* Somebody sets the clock by up to an hour, either way; nobody minds. */
static void
event_clock(struct world *w, unsigned node)
{
	(void)node;
	w->sim->wall_ahead_usec = (world_below(w, 7200) - INT64_C(3600)) *
	    MONO_USEC_PER_SEC;
	world_say(w, "the clock is set to %+lld s",
	    (long long)(w->sim->wall_ahead_usec / MONO_USEC_PER_SEC));
}

static const struct event_row rows[] = {
	{ 10, event_network },
	{ 5, event_flap },
	{ 4, event_reload_networks },
	{ 5, event_reload_policy },
	{ 1, event_reload_same },
	{ 4, event_reset },
	{ 4, event_link },
	{ 2, event_partition },
	{ 3, event_slow },
	{ 3, event_kill },
	{ 2, event_rde_dies },
	{ 2, event_session_dies },
	{ 1, event_clock },
};

#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))

void
world_event(struct world *w)
{
	unsigned total = 0, i, draw;

	for (i = 0; i < N_ROWS; i++)
		total += rows[i].weight;
	draw = world_below(w, total);
	for (i = 0; draw >= rows[i].weight; i++)
		draw -= rows[i].weight;
	w->n_events++;
	rows[i].happen(w, world_below(w, w->n_nodes));
}

void
world_heal(struct world *w)
{
	unsigned a, b;

	world_say(w, "all is whole");
	for (a = 0; a < w->n_nodes; a++)
		for (b = 0; b < w->n_nodes; b++)
			w->path[a][b].is_cut = false;
	for (a = 0; a < w->n_nodes; a++)
		if (!w->node[a].is_alive)
			start(w, a);
}

void
world_withdraw_all(struct world *w)
{
	unsigned i, prefix;

	world_say(w, "all is withdrawn");
	for (i = 0; i < w->n_nodes; i++) {
		for (prefix = 0; prefix < w->n_prefixes; prefix++) {
			w->node[i].configured[prefix] = false;
			if (w->node[i].told[prefix])
				world_tell(w, i, prefix, true);
		}
		reload(w, i);
	}
}
