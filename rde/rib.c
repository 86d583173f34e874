/* SPDX-License-Identifier: ISC */
/* Paths in and out of the table, and what the in rules make of them. */
#include "rde/rib.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/flow.h"
#include "rde/group.h"
#include "rde/monitor.h"
#include "rde/stale.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void
rib_on_timer(void *arg)
{
	rde_schedule(arg);
}

void
rib_init(struct rde *rde)
{
	rde->rib = calloc(1, sizeof(*rde->rib));
	if (rde->rib == NULL)
		err(1, "rib");
	rde->rib->rde = rde;
	loop_timer_init(&rde->rib->decide_timer, rde->env->loop, rib_on_timer,
	    rde);
	loop_timer_init(&rde->rib->index_timer, rde->env->loop, rib_on_timer,
	    rde);
	stale_init(rde);
	flow_init(rde);
	validate_init(rde);
	nexthop_init(rde);
	fib_init(&rde->rib->fib, 0);
	told_init(&rde->rib->told);
	rde->local.is_up = true;
	rde->peers[RDE_PEER_LOCAL] = &rde->local;
}

void
rib_fini(struct rde *rde)
{
	struct rib *rib = rde->rib;

	group_fini(rde);
	told_fini(rde);
	stale_fini(rde);
	flow_fini(rde);
	loop_timer_fini(&rib->decide_timer);
	loop_timer_fini(&rib->index_timer);
	rib_extra_fini(rde);
	free(rib->paths);
	free(rib->indexes);
	free(rib->ranks);
	free(rib->classes);
	free(rib->items);
	filter_sets_fini(&rib->sets);
	validate_fini(rde);
	nexthop_fini(rde);
	fib_fini(&rib->fib);
	knet_fini(rde);
	free(rib);
}

struct table *
rib_table(const struct rde *rde, unsigned rib, unsigned family)
{
	return rib == 0 ? rde->tables[family] :
	    rde->rib->extras[rib - 1]->tables[family];
}

struct table *
rib_next_table(const struct rde *rde, unsigned *at)
{
	struct table *t = NULL;

	while (t == NULL &&
	    *at < (1 + rde->rib->n_extras) * NLRI_N_FAMILIES) {
		t = rib_table(rde, *at / NLRI_N_FAMILIES,
		    *at % NLRI_N_FAMILIES);
		(*at)++;
	}
	return t;
}

void
rib_mark(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);

	if (r->flags & RECORD_DIRTY)
		return;
	r->flags |= RECORD_DIRTY;
	rde->rib->n_dirty++;
	id_queue_push(&t->dirty, id);
}

void
rib_bury(struct table *t, uint32_t id)
{
	id_queue_push(&t->dead, id);
}

bool
rib_path_is_alive(const struct rde *rde, const struct table *t,
    const struct path *p)
{
	const struct rpeer *peer = rde->peers[p->peer];
	unsigned family = t->family->id;

	if (peer == NULL || peer->is_retired)
		return false;
	/* What a program originated for a peer outlives its session. */
	return (p->flags & PATH_PRIVATE) != 0 ||
	    (p->flags & PATH_GENERATION) == peer->generation[family] ||
	    stale_is_kept(peer, family, p->flags & PATH_GENERATION);
}

/* Our own routes need none. */
static bool
path_has_nexthop(const struct rde *rde, const struct path *p)
{
	return !rde->rib->nexthops.is_on || p->peer == RDE_PEER_LOCAL ||
	    nexthop_is_usable(rde->rib->rde,
	    attrset_at(&rde->attrsets, p->attr));
}

bool
rib_path_is_eligible(const struct rde *rde, const struct table *t,
    const struct path *p)
{
	return (p->flags & t->blocked) == 0 && p->attr != ATTRSET_NONE &&
	    rib_path_is_alive(rde, t, p) && path_has_nexthop(rde, p);
}

void
rib_record_prefix(const struct table *t, const struct record *r,
    struct filter_route *out)
{
	out->afi = t->family->afi == AFI_IPV4 ? ADDR_IPV4 :
	    t->family->afi == AFI_IPV6 ? ADDR_IPV6 : ADDR_NONE;
	if (t->addr_len == 0)
		return;
	out->prefix.len_bits = r->len_bits;
	addr_from_bytes(r->key, t->addr_len, &out->prefix.addr);
}

static void
path_validate(struct rde *rde, const struct table *t,
    struct filter_route *route, struct path *p)
{
	/* The bits mean something else in other tables. */
	if (t->addr_len == 0)
		return;
	p->flags = (uint16_t)((p->flags & ~PATH_STATES) | validate_path(rde,
	    rde->peers[p->peer], t, &route->prefix, p->attr_in));
	route->ovs = p->flags >> PATH_OVS_SHIFT & 3;
	route->avs = p->flags >> PATH_AVS_SHIFT & 3;
}

uint32_t
rib_path_long_lived(struct rde *rde, uint32_t attr)
{
	static const struct conf_set llgr_stale = {
		.kind = SET_COMMUNITY, .community = {
			.kind = COMMUNITY_STANDARD,
			.part = { COMMUNITY_LLGR_STALE >> 16,
			    COMMUNITY_LLGR_STALE & 0xffff },
		},
	};
	struct filter_peer fp = rpeer_filter(rde, &rde->local);
	uint32_t out = ATTRSET_NONE;

	if ((attrset_at(&rde->attrsets, attr)->flags &
	    ATTRSET_NO_LLGR) == 0)
		out = filter_apply(&rde->attrsets, attr, &llgr_stale, 1, &fp,
		    &rde->block);
	attrset_unref(&rde->attrsets, attr);
	return out;
}

/*
 * Evaluate the in rules for a path: sets its Loc-RIB attributes. True when
 * these changed.
 */
bool
rib_path_filter(struct rde *rde, struct table *t, uint32_t id, struct path *p)
{
	struct rpeer *peer = rde->peers[p->peer];
	struct filter_route route = { .attr = p->attr_in };
	struct filter_peer fp;
	uint32_t out = ATTRSET_NONE, old = p->attr;
	bool was_filtered = (p->flags & PATH_FILTERED) != 0;

	if (p->peer == RDE_PEER_LOCAL || (p->flags & PATH_PRIVATE)) {
		out = p->attr_in;
		attrset_ref(&rde->attrsets, out);
	} else if (!rpeer_is_isolated(peer) && peer->in != NULL) {
		rib_record_prefix(t, table_at(t, id), &route);
		path_validate(rde, t, &route, p);
		fp = rpeer_filter(rde, peer);
		filter_run(peer->in, &rde->attrsets, &fp, &route,
		    &rde->block, &out);
	}
	if (out != ATTRSET_NONE && peer->long_mask != 0 &&
	    stale_is_long_lived(peer, t->family->id, p))
		out = rib_path_long_lived(rde, out);
	p->flags &= (uint16_t)~PATH_FILTERED;
	if (out == ATTRSET_NONE)
		p->flags |= PATH_FILTERED;
	p->attr = out;
	if (was_filtered != (out == ATTRSET_NONE) &&
	    (p->flags & PATH_PRIVATE) == 0)
		peer->counters.prefixes_accepted +=
		    was_filtered ? 1u : UINT64_MAX;
	attrset_unref(&rde->attrsets, old);
	return (t->family->safi == SAFI_FLOW && flow_check(rde, t, id, p)) ||
	    out != old;
}

static void
path_forget(struct rde *rde, struct table *t, const struct path *p)
{
	struct rpeer *peer = rde->peers[p->peer];

	if (p->flags & PATH_PRIVATE)
		return;
	if ((p->flags & PATH_GENERATION) !=
	    peer->generation[t->family->id] &&
	    (peer->counted_mask >> t->family->id & 1) == 0)
		return;
	peer->counters.prefixes_in--;
	if ((p->flags & PATH_FILTERED) == 0)
		peer->counters.prefixes_accepted--;
}

/* A path that the peer had before it came anew counts as new. */
static bool
path_renew(struct rde *rde, struct table *t, struct path *p)
{
	struct rpeer *peer = rde->peers[p->peer];
	uint8_t generation = peer->generation[t->family->id];

	if ((p->flags & PATH_GENERATION) == generation ||
	    (p->flags & PATH_PRIVATE) != 0)
		return false;
	p->flags = (uint16_t)((p->flags & ~PATH_GENERATION) | generation);
	if (peer->counted_mask >> t->family->id & 1)
		return true;
	peer->counters.prefixes_in++;
	if ((p->flags & PATH_FILTERED) == 0)
		peer->counters.prefixes_accepted++;
	return true;
}

static int
path_new(struct rde *rde, struct table *t, uint32_t id,
    const struct nlri *nlri, const struct rib_route *route)
{
	int i = table_add_path(t, id, route->peer->index, nlri);
	struct path *p;

	if (i < 0)
		return i;
	p = table_path(t, table_at(t, id), (unsigned)i);
	p->flags = (uint16_t)(route->flags | PATH_FILTERED |
	    route->peer->generation[t->family->id]);
	if ((route->flags & PATH_PRIVATE) == 0)
		route->peer->counters.prefixes_in++;
	else
		table_at(t, id)->flags |= RECORD_HAS_PRIVATE;
	(void)rde;
	return i;
}

bool
rib_announce(struct rde *rde, struct table *t, const struct table_key *key,
    const struct nlri *nlri, const struct rib_route *route)
{
	uint32_t id = table_add(t, key);
	bool is_private = (route->flags & PATH_PRIVATE) != 0;
	int i = table_find_path(t, id, route->peer->index, nlri->path_id,
	    is_private);
	const uint16_t said = PATH_LOOP | PATH_LEAK;
	bool was_long_lived, was_told, is_renewed;
	struct path *p;

	if (i < 0 && (i = path_new(rde, t, id, nlri, route)) < 0) {
		rib_bury(t, id);
		return false;
	}
	p = table_path(t, table_at(t, id), (unsigned)i);
	if (!rib_path_is_alive(rde, t, p)) {
		/* It may have been decided and told without this path. */
		table_at(t, id)->flags |= RECORD_FORCE;
		rib_mark(rde, t, id);
	}
	was_long_lived = route->peer->long_mask != 0 &&
	    stale_is_long_lived(route->peer, t->family->id, p);
	was_told = monitor_has_path(rde, p);
	is_renewed = path_renew(rde, t, p);
	if (table_set_nlri(t, id, (unsigned)i, nlri)) {
		table_at(t, id)->flags |= RECORD_FORCE;
		p = table_path(t, table_at(t, id), (unsigned)i);
	} else if (p->attr_in == route->attr && !was_long_lived &&
	    (p->flags & said) == (route->flags & said)) {
		/* Nothing new, but that it still stands. */
		if (is_renewed)
			monitor_path(rde, t, id, (unsigned)i, was_told);
		if (rde->rib->n_extras != 0)
			rib_extra_sync(rde, t, id, (unsigned)i);
		return true;
	}
	attrset_ref(&rde->attrsets, route->attr);
	attrset_unref(&rde->attrsets, p->attr_in);
	p->attr_in = route->attr;
	p->flags = (uint16_t)((p->flags & ~said) | (route->flags & said));
	p->age = rde_age(rde);
	rib_path_filter(rde, t, id, p);
	if ((p->flags & PATH_FILTERED) && !rpeer_is_isolated(route->peer))
		route->peer->counters.rejected++;
	monitor_path(rde, t, id, (unsigned)i, was_told);
	if (is_private)
		table_at(t, id)->flags |= RECORD_FORCE;
	rib_mark(rde, t, id);
	if (rde->rib->n_extras != 0)
		rib_extra_sync(rde, t, id, (unsigned)i);
	return true;
}

void
rib_path_remove(struct rde *rde, struct table *t, uint32_t id, unsigned i)
{
	const struct path *p = table_path(t, table_at(t, id), i);

	if (rde->rib->n_extras != 0)
		rib_extra_drop(rde, t, id, i);
	path_forget(rde, t, p);
	monitor_path_gone(rde, t, id, i);
	if (p->flags & PATH_PRIVATE)
		table_at(t, id)->flags |= RECORD_FORCE;
	table_del_path(t, id, i);
	rib_mark(rde, t, id);
}

bool
rib_withdraw(struct rde *rde, struct table *t, const struct table_key *key,
    const struct nlri *nlri, struct rpeer *peer, bool is_private)
{
	uint32_t id = rde->refill.is_active ? table_add(t, key) :
	    table_find(t, key);
	int i;

	if (id == TABLE_ID_NONE)
		return false;
	/* The RDE before us may have told it: refill.c lets it be said. */
	if (rde->refill.is_active)
		rib_bury(t, id);
	i = table_find_path(t, id, peer->index, nlri->path_id, is_private);
	if (i >= 0)
		rib_path_remove(rde, t, id, (unsigned)i);
	return i >= 0;
}

void
rib_configure(struct rde *rde)
{
	struct rib *rib = rde->rib;
	const struct config *c = rde->conf;
	size_t i;

	filter_sets_fini(&rib->sets);
	filter_sets_init(&rib->sets, c);
	rib_extra_configure(rde);
	fib_configure(rde);
	validate_configure(rde);
	rib->knows_llgr = false;
	for (i = 0; i < c->n_peers; i++)
		rib->knows_llgr |= c->peers[i].llgr_sec != 0;
	rib->options.med_always = c->med_always;
	rib->options.evaluates_age = c->route_age_evaluate;
}
