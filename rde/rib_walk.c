/* SPDX-License-Identifier: ISC */
/*
 * Walks over all destinations, in slices: to sweep paths that are over, to
 * apply the in rules anew, to put new destinations in order.
 */
#include "rde/rib.h"

#include "common/env.h"
#include "rde/engine.h"
#include "rde/monitor.h"
#include "rde/stale.h"

#define INDEX_SLICE	256	/* records between looks at the budget */
#define INDEX_IDLE_USEC	100000	/* pause after which the order is made */

uint32_t
rib_walk_next(struct rde *rde, struct rib_walk *w)
{
	const struct table *t;

	while (w->family_mask != 0) {
		w->family = (uint8_t)__builtin_ctz(w->family_mask);
		t = rde->tables[w->family];
		if (t != NULL && w->id < t->n_ids)
			return w->id++;
		w->family_mask &= ~(1u << w->family);
		w->id = 0;
		if (w->again_mask >> w->family & 1) {
			w->again_mask &= ~(1u << w->family);
			w->family_mask |= 1u << w->family;
		}
	}
	return TABLE_ID_NONE;
}

void
rib_walk_ask(struct rib_walk *w, uint32_t family_mask)
{
	if (w->family_mask != 0 && w->id != 0)
		w->again_mask |= family_mask & (1u << w->family);
	w->family_mask |= family_mask;
}

void
rib_sweep(struct rde *rde, uint32_t family_mask)
{
	rib_walk_ask(&rde->rib->sweep, family_mask);
	rde_schedule(rde);
}

/* Remove the record's paths that are over. */
static void
sweep_record(struct rde *rde, struct table *t, uint32_t id)
{
	unsigned i = 0;

	while (i < table_at(t, id)->n_paths) {
		if (rib_path_is_alive(rde, t,
		    table_path(t, table_at(t, id), i)))
			i++;
		else
			rib_path_remove(rde, t, id, i);
	}
}

/* Peers that have left the model go when no path names them. */
static void
sweep_retired(struct rde *rde)
{
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL && rde->peers[i]->is_retired)
			rpeer_free(rde, rde->peers[i]);
	}
}

bool
rib_sweep_run(struct rde *rde, struct budget *b)
{
	struct rib_walk *w = &rde->rib->sweep;
	uint32_t id;

	if (monitor_is_full(rde))
		return true;	/* on_drained goes on */
	while ((id = rib_walk_next(rde, w)) != TABLE_ID_NONE) {
		if (table_is_used(rde->tables[w->family], id))
			sweep_record(rde, rde->tables[w->family], id);
		if (!budget_spend(b, 1))
			return false;
	}
	if (rde->rib->n_dirty == 0)
		sweep_retired(rde);
	return true;
}

static bool
path_is_to_be_filtered(const struct rde *rde, const struct table *t,
    const struct path *p)
{
	const struct rpeer *peer = rde->peers[p->peer];

	return rib_path_is_alive(rde, t, p) && (rde->rib->refilters_all ||
	    peer->is_in_changed ||
	    stale_is_long_lived(peer, t->family->id, p));
}

/* Evaluate the in rules; true when the result is another. */
static bool
path_filter_anew(struct rde *rde, struct table *t, uint32_t id, unsigned i)
{
	struct path *p = table_path(t, table_at(t, id), i);
	bool was_told = monitor_has_path(rde, p);

	if (!rib_path_filter(rde, t, id, p))
		return false;
	monitor_path(rde, t, id, i, was_told);
	return true;
}

/* Evaluate the in rules anew for the paths of a record that need it. */
static void
refilter_record(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	bool is_changed = rde->rib->redecides;
	unsigned i;

	for (i = 0; i < r->n_paths; i++) {
		if (!path_is_to_be_filtered(rde, t, table_path(t, r, i)))
			continue;
		rde->rib->n_refiltered++;
		is_changed |= path_filter_anew(rde, t, id, i);
		if (rde->rib->n_extras != 0)
			rib_extra_sync(rde, t, id, i);
	}
	if (is_changed)
		rib_mark(rde, t, id);
}

/* All has been looked at. */
static void
refilter_end(struct rde *rde)
{
	uint32_t i;

	rde->rib->is_refiltering = rde->rib->refilters_all =
	    rde->rib->redecides = false;
	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL)
			rde->peers[i]->is_in_changed = false;
	}
}

bool
rib_refilter_run(struct rde *rde, struct budget *b)
{
	struct rib_walk *w = &rde->rib->refilter;
	uint32_t id;

	if (!rde->rib->is_refiltering || monitor_is_full(rde))
		return true;
	while ((id = rib_walk_next(rde, w)) != TABLE_ID_NONE) {
		if (table_is_used(rde->tables[w->family], id))
			refilter_record(rde, rde->tables[w->family], id);
		if (!budget_spend(b, 4))
			return false;
	}
	refilter_end(rde);
	return true;
}

void
rib_refilter(struct rde *rde, uint32_t family_mask)
{
	rde->rib->is_refiltering = true;
	rib_walk_ask(&rde->rib->refilter, family_mask);
	rde_schedule(rde);
}

void
rib_refilter_all(struct rde *rde, bool redecide)
{
	rde->rib->refilters_all = true;
	rde->rib->redecides |= redecide;
	rib_refilter(rde, RDE_ALL_FAMILIES);
}

void
rib_revalidate(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	struct filter_route route = { 0 };
	bool is_changed = false;
	struct path *p;
	uint16_t states;
	unsigned i;

	rib_record_prefix(t, r, &route);
	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		if (p->peer == RDE_PEER_LOCAL || (p->flags & PATH_PRIVATE) ||
		    rpeer_is_isolated(rde->peers[p->peer]) ||
		    !rib_path_is_alive(rde, t, p))
			continue;
		states = validate_path(rde, rde->peers[p->peer], t,
		    &route.prefix, p->attr_in);
		if ((p->flags & PATH_STATES) == states)
			continue;
		is_changed |= path_filter_anew(rde, t, id, i);
		if (rde->rib->validate.out_uses) {
			r->flags |= RECORD_FORCE;
			is_changed = true;
		}
		if (rde->rib->n_extras != 0)
			rib_extra_sync(rde, t, id, i);
	}
	if (is_changed)
		rib_mark(rde, t, id);
}

static bool
rib_is_indexed(struct rde *rde)
{
	struct table *t;
	unsigned at = 0;

	while ((t = rib_next_table(rde, &at)) != NULL)
		if (t->n_indexed != t->n_ids)
			return false;
	return true;
}

/*
 * What comes in in pieces is sorted as a whole: it is waited for a pause.
 */
static bool
index_can_wait(struct rde *rde)
{
	struct rib *rib = rde->rib;
	struct mono now = loop_now(rde->env->loop);

	if (rde->had_input || rib->n_dirty != 0)
		rib->busy_at = now;
	if (!mono_is_set(rib->busy_at) || mono_diff_usec(now, rib->busy_at) >=
	    INDEX_IDLE_USEC)
		return false;
	if (!rib->index_timer.is_set)
		loop_timer_set(&rib->index_timer, mono_add_usec(rib->busy_at,
		    INDEX_IDLE_USEC));
	return true;
}

bool
rib_index_run(struct rde *rde, struct budget *b)
{
	struct table *t;
	unsigned at = 0;

	if (rib_is_indexed(rde) || index_can_wait(rde))
		return true;
	while ((t = rib_next_table(rde, &at)) != NULL) {
		while (!table_index(t, INDEX_SLICE)) {
			if (!budget_spend(b, INDEX_SLICE))
				return false;
		}
	}
	return true;
}
