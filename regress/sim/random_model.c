/* SPDX-License-Identifier: ISC */
/*
 * What a world's tables must be: every node looks at what its neighbors would
 * tell it, again and again until nothing changes. Slow and plain on purpose.
 */
#include "regress/sim/random.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX	200

static const uint32_t preference[] = {
	[REL_NONE] = 100, [REL_CUSTOMER] = 200, [REL_PEER] = 150,
	[REL_PROVIDER] = 120,
};

static bool
announces(const struct world_node *n, unsigned prefix)
{
	return n->is_alive && (n->configured[prefix] || n->told[prefix]);
}

static bool
is_own_of(const struct world *w, unsigned prefix, int node)
{
	return node >= 0 && prefix < w->n_nodes * WORLD_OWN &&
	    prefix / WORLD_OWN == (unsigned)node;
}

/* A route of the AS's inside is passed on by reflectors only (RFC 4456 6). */
static bool
tells_internal(const struct world *w, unsigned a, unsigned b,
    const struct world_route *best)
{
	unsigned from = (unsigned)best->from;

	if (best->from < 0 || !world_is_internal(w, a, from))
		return true;
	return from != b &&
	    (world_is_client(w, a, from) || world_is_client(w, a, b));
}

/* Whether a tells b of its best route. */
static bool
tells(const struct world *w, unsigned a, unsigned b,
    const struct world_route *best, unsigned prefix)
{
	const struct world_policy *p = &w->node[a].policy[b];

	if (!best->is_there || is_own_of(w, prefix, p->deny_out))
		return false;
	if (world_is_internal(w, a, b))
		return tells_internal(w, a, b, best);
	if (!w->is_hierarchy || p->relation == REL_CUSTOMER)
		return true;
	/* To peers and providers only our own and our customers' routes. */
	return best->from < 0 ||
	    w->node[a].policy[best->from].relation == REL_CUSTOMER;
}

/* The same inside of an AS: who brought it in, and who reflected it. */
static bool
hears_internal(const struct world *w, unsigned b, unsigned a,
    const struct world_route *best, struct world_route *out)
{
	*out = *best;
	out->is_ebgp = false;
	out->from = (int16_t)a;
	if (best->from < 0 || !world_is_internal(w, a, (unsigned)best->from)) {
		out->originator = (uint8_t)a;
		return true;
	}
	out->clusters |= UINT32_C(1) << a;
	out->n_clusters++;
	return out->originator != b && (out->clusters >> b & 1) == 0;
}

/* The route as b sees it when a tells it; false if b refuses it. */
static bool
hears(const struct world *w, unsigned b, unsigned a,
    const struct world_route *best, unsigned prefix, struct world_route *out)
{
	const struct world_policy *p = &w->node[b].policy[a];
	unsigned n = 1 + w->node[a].policy[b].prepend, i;

	if (world_is_internal(w, a, b))
		return hears_internal(w, b, a, best, out);
	if (is_own_of(w, prefix, p->deny_in) ||
	    n + best->len > WORLD_PATH_MAX)
		return false;
	*out = (struct world_route){
		.is_there = true, .is_ebgp = true, .from = (int16_t)a,
		.originator = (uint8_t)a,
		.len = (uint16_t)(n + best->len),
		.local_pref = w->is_hierarchy ? preference[p->relation] : 100,
	};
	memset(out->path, world_as_index(w, a), n);
	memcpy(out->path + n, best->path, best->len);
	for (i = 0; i < out->len; i++)
		if (out->path[i] == world_as_index(w, b))
			return false;
	return true;
}

/* Router ids and addresses rise with the numbers of the nodes. */
static bool
is_better(const struct world_route *a, const struct world_route *b)
{
	if (!b->is_there)
		return true;
	if (a->local_pref != b->local_pref)
		return a->local_pref > b->local_pref;
	if (a->len != b->len)
		return a->len < b->len;
	if (a->is_ebgp != b->is_ebgp)
		return a->is_ebgp;
	if (a->originator != b->originator)
		return a->originator < b->originator;
	if (a->n_clusters != b->n_clusters)
		return a->n_clusters < b->n_clusters;
	return a->from < b->from;
}

static void
look(const struct world *w, unsigned node, unsigned prefix,
    struct world_route (*old)[WORLD_PREFIXES_MAX], struct world_route *out)
{
	struct world_route heard;
	unsigned i;

	*out = (struct world_route){ .is_there = false };
	if (!w->node[node].is_alive)
		return;
	if (announces(&w->node[node], prefix))
		*out = (struct world_route){
			.is_there = true, .from = -1, .local_pref = 300,
			.originator = (uint8_t)node,
		};
	for (i = 0; i < w->n_nodes; i++) {
		if (!world_is_linked(w, node, i) || !world_is_up(w, node, i) ||
		    !tells(w, i, node, &old[i][prefix], prefix) ||
		    !hears(w, node, i, &old[i][prefix], prefix, &heard))
			continue;
		if (is_better(&heard, out))
			*out = heard;
	}
}

static bool
is_same(const struct world_route *a, const struct world_route *b)
{
	return a->is_there == b->is_there && (!a->is_there ||
	    (a->from == b->from && a->len == b->len &&
	    a->originator == b->originator && a->clusters == b->clusters &&
	    memcmp(a->path, b->path, a->len) == 0));
}

/* One prefix; only its column of the answer is looked at. */
static void
solve_prefix(const struct world *w, unsigned prefix,
    struct world_route (*now)[WORLD_PREFIXES_MAX])
{
	struct world_route *next = calloc(w->n_nodes, sizeof(*next));
	bool is_changed = true;
	unsigned i, round;

	if (next == NULL)
		err(1, "world");
	for (round = 0; is_changed; round++) {
		if (round == ROUNDS_MAX)
			errx(1, "seed %llu: the model has no answer",
			    (unsigned long long)w->seed);
		is_changed = false;
		for (i = 0; i < w->n_nodes; i++)
			look(w, i, prefix, now, &next[i]);
		for (i = 0; i < w->n_nodes; i++) {
			if (!is_same(&next[i], &now[i][prefix]))
				is_changed = true;
			now[i][prefix] = next[i];
		}
	}
	free(next);
}

struct world_route (*
world_solve(const struct world *w))[WORLD_PREFIXES_MAX]
{
	struct world_route (*now)[WORLD_PREFIXES_MAX];
	unsigned prefix;

	now = calloc(w->n_nodes, sizeof(*now));
	if (now == NULL)
		err(1, "world");
	for (prefix = 0; prefix < w->n_prefixes; prefix++)
		solve_prefix(w, prefix, now);
	return now;
}
