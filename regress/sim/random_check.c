/* SPDX-License-Identifier: ISC */
/*
 * Asking the daemons of a world, and comparing: with the model, with each
 * other, with what may never be.
 */
#include "regress/sim/random.h"

#include "common/chan.h"
#include "common/value.h"
#include "session/engine.h"
#include "session/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_USEC	(8000 * MONO_USEC_PER_SEC)
#define CALM_USEC	(5 * MONO_USEC_PER_SEC)
/* What a queue may hold: its high mark, and one batch more. */
#define CHAN_MOST	(CHAN_HIGH_BYTES + 4 * IMSG_DATA_MAX)
#define CONN_MOST	(CONN_HIGH_BYTES + 4 * IMSG_DATA_MAX)

/* Looking at the answers of one node. */
struct look {
	struct world	*w;
	unsigned	 node;
	struct world_route *want;	/* by prefix, or NULL */
	unsigned	 n_seen;
	/* A table: digests by neighbor and prefix. */
	uint32_t	(*table)[WORLD_PREFIXES_MAX];
	bool		 is_out;
	const char	*why;
	char		 text[512];
};

static uint32_t
digest(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h | 1;
}

static int
entry_neighbor(const struct look *l, const struct value *v)
{
	return world_node_number(l->w, value_get_string(value_get(v,
	    "neighbor"), "remote_addr", ""));
}

static void
wrong(struct look *l, const char *what, const struct value *v)
{
	if (l->why != NULL)
		return;
	snprintf(l->text, sizeof(l->text), "n%u: %s: %s path [%s] from %s",
	    l->node, what, value_get_string(v, "prefix", "?"),
	    value_get_string(v, "aspath", "?"), value_get_string(
	    value_get(v, "neighbor"), "remote_addr", "?"));
	l->why = l->text;
}

/* The path's text against the model's list. */
static bool
is_path(const struct world *w, const char *text,
    const struct world_route *r)
{
	char want[WORLD_PATH_MAX * 7 + 1] = "";
	size_t at = 0;
	unsigned i;

	for (i = 0; i < r->len; i++)
		at += (size_t)snprintf(want + at, sizeof(want) - at, "%s%u",
		    i == 0 ? "" : " ", world_as(w, r->path[i]));
	return strcmp(text, want) == 0;
}

static void
on_best(const struct value *v, void *arg)
{
	struct look *l = arg;
	int prefix = world_prefix_number(l->w, value_get_string(v, "prefix",
	    ""));
	const struct world_route *r;

	if (prefix < 0) {
		wrong(l, "a prefix of nobody", v);
		return;
	}
	r = &l->want[prefix];
	l->n_seen++;
	if (!r->is_there)
		wrong(l, "a route without a source", v);
	else if (!is_path(l->w, value_get_string(v, "aspath", ""), r))
		wrong(l, "another path than the model's", v);
	else if (entry_neighbor(l, v) != r->from)
		wrong(l, "another neighbor than the model's", v);
}

static bool
has_best(struct world *w, unsigned node, struct world_route *want,
    struct look *l)
{
	unsigned i, n = 0;

	*l = (struct look){ .w = w, .node = node, .want = want };
	for (i = 0; i < w->n_prefixes; i++)
		n += want[i].is_there;
	if (!sim_host_query(w->node[node].host, &(struct sim_query){
	    .is_best = true, .on_entry = on_best, .arg = l }))
		world_fail(w, "n%u does not answer", node);
	if (l->why == NULL && l->n_seen != n) {
		snprintf(l->text, sizeof(l->text), "n%u: %u routes, the model "
		    "has %u", node, l->n_seen, n);
		l->why = l->text;
	}
	return l->why == NULL;
}

/*
 * What one sent is what the other has.
 */
static void
on_table(const struct value *v, void *arg)
{
	struct look *l = arg;
	int prefix = world_prefix_number(l->w, value_get_string(v, "prefix",
	    ""));
	int neighbor = entry_neighbor(l, v);
	const char *path = value_get_string(v, "aspath", "");

	if (prefix < 0 || neighbor < 0)
		return;
	l->table[neighbor][prefix] = digest(path);
}

static void
fetch(struct world *w, unsigned node, const char *direction, struct look *l)
{
	*l = (struct look){ .w = w, .node = node };
	l->table = calloc(w->n_nodes, sizeof(*l->table));
	sim_host_query(w->node[node].host, &(struct sim_query){
	    .direction = direction, .on_entry = on_table, .arg = l });
}

static bool
compare_tables(struct world *w, unsigned a, const struct look *out,
    unsigned b, const struct look *in)
{
	unsigned i;

	for (i = 0; i < w->n_prefixes; i++) {
		if (out->table[b][i] == in->table[a][i])
			continue;
		world_fail(w, "n%u told n%u of prefix %u what the other does "
		    "not have (%#x, %#x)", a, b, i, out->table[b][i],
		    in->table[a][i]);
		return false;
	}
	return true;
}

/* Adj-RIB-Out of each against Adj-RIB-In of its neighbors. */
static void
check_neighbors(struct world *w)
{
	struct look *out = calloc(w->n_nodes, sizeof(*out));
	struct look *in = calloc(w->n_nodes, sizeof(*in));
	unsigned a, b;

	for (a = 0; a < w->n_nodes; a++) {
		if (!w->node[a].is_alive)
			continue;
		fetch(w, a, "out", &out[a]);
		fetch(w, a, "in", &in[a]);
	}
	for (a = 0; a < w->n_nodes; a++)
		for (b = 0; b < w->n_nodes; b++)
			if (world_is_linked(w, a, b) && world_is_up(w, a, b))
				compare_tables(w, a, &out[a], b, &in[b]);
	for (a = 0; a < w->n_nodes; a++) {
		free(out[a].table);
		free(in[a].table);
	}
	free(out);
	free(in);
}

bool
world_has_converged(struct world *w, const char **why)
{
	struct world_route (*want)[WORLD_PREFIXES_MAX] = world_solve(w);
	static const char *const silent = "an engine is silent";
	bool is_good = true;
	struct look l;
	unsigned i;

	*why = silent;
	for (i = 0; i < w->n_nodes && is_good; i++) {
		if (!w->node[i].is_alive)
			continue;
		is_good = has_best(w, i, want[i], &l);
		if (!is_good)
			world_say(w, "not yet: %s", l.text);
	}
	free(want);
	w->n_checks++;
	return is_good && w->error[0] == '\0';
}

void
world_settle(struct world *w)
{
	int64_t until = w->sim->now.usec + SETTLE_USEC;
	int64_t step = MONO_USEC_PER_SEC / 2;
	const char *why;

	while (w->error[0] == '\0') {
		sim_run_until(w->sim, w->sim->now.usec + step);
		if (world_has_converged(w, &why)) {
			/* And stays so. */
			sim_run_until(w->sim, w->sim->now.usec + CALM_USEC);
			if (world_has_converged(w, &why))
				break;
		}
		if (w->sim->now.usec > until)
			world_fail(w, "no convergence");
		step = step < 60 * MONO_USEC_PER_SEC ? step * 2 : step;
	}
	if (w->error[0] == '\0')
		check_neighbors(w);
}

/*
 * At any moment.
 */
static struct peer *
peer_to(struct world *w, unsigned node, int neighbor)
{
	struct session *s = w->node[node].host->session;
	struct peer *p;

	for (p = s->peers; p != NULL; p = p->next)
		if (addr_is_equal(&p->conf->remote.addr,
		    &w->node[neighbor].addr))
			return p;
	return NULL;
}

static bool
path_has(const char *path, unsigned as)
{
	char *end;

	while (*path != '\0') {
		if (strtoul(path, &end, 10) == as)
			return true;
		if (end == path)
			return false;
		for (path = end; *path == ' '; path++)
			;
	}
	return false;
}

static void
on_any_best(const struct value *v, void *arg)
{
	struct look *l = arg;
	int from = entry_neighbor(l, v);
	const struct peer *p;

	if (path_has(value_get_string(v, "aspath", ""),
	    world_as(l->w, l->node)))
		wrong(l, "a loop", v);
	if (from < 0 || value_get_boolean(v, "stale", false))
		return;
	p = peer_to(l->w, l->node, from);
	if (p == NULL || p->established == NULL)
		wrong(l, "a route of a neighbor without a session", v);
}

static void
check_queues(struct world *w, unsigned node)
{
	struct sim_host *h = w->node[node].host;
	struct session *s = h->session;
	struct peer *p;
	unsigned i;

	if ((s->rde != NULL && chan_queued_bytes(s->rde) > CHAN_MOST) ||
	    chan_queued_bytes(h->to_rde) > CHAN_MOST)
		world_fail(w, "n%u: a channel's queue has grown", node);
	for (p = s->peers; p != NULL; p = p->next)
		for (i = 0; i < 2; i++)
			if (p->links[i].conn != NULL &&
			    p->links[i].conn->queued > CONN_MOST)
				world_fail(w, "n%u: a connection's queue has "
				    "grown", node);
}

void
world_check_now(struct world *w)
{
	struct look l;
	unsigned i;

	for (i = 0; i < w->n_nodes && w->error[0] == '\0'; i++) {
		if (!w->node[i].is_alive)
			continue;
		check_queues(w, i);
		l = (struct look){ .w = w, .node = i };
		sim_host_query(w->node[i].host, &(struct sim_query){
		    .is_best = true, .on_entry = on_any_best, .arg = &l });
		if (l.why != NULL)
			world_fail(w, "%s", l.text);
	}
	w->n_checks++;
}

static void
on_memory(const struct value *v, void *arg)
{
	struct look *l = arg;

	l->n_seen = (unsigned)(value_get_number(value_get(v, "rib"), "count",
	    0) + value_get_number(value_get(v, "prefix"), "count", 0) +
	    value_get_number(value_get(v, "rde_aspath"), "count", 0));
}

void
world_check_empty(struct world *w)
{
	struct look l;
	unsigned i;

	for (i = 0; i < w->n_nodes; i++) {
		l = (struct look){ .w = w, .node = i };
		sim_host_query(w->node[i].host, &(struct sim_query){
		    .request = "memory", .on_entry = on_memory, .arg = &l });
		if (l.n_seen != 0)
			world_fail(w, "n%u: %u records, paths and attribute "
			    "sets are left", i, l.n_seen);
	}
}
