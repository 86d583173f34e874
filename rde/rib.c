/* SPDX-License-Identifier: ISC */
/* Paths in and out of the table, and the decision on what they touched. */
#include "rde/rib.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/group.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define DIRTY_WAIT_MAX	65536	/* decide at once above this */
#define INDEX_SLICE	256	/* records between looks at the budget */
#define DECIDE_USEC	20000	/* between decisions under heavy input */
#define DECIDE_HEAVY	1024	/* records of one decision: that is heavy */

static void
rib_on_timer(void *arg)
{
	rde_schedule(arg);
}

void
id_queue_push(struct id_queue *q, uint32_t id)
{
	if (q->n == q->cap && q->head > q->cap / 2) {
		memmove(q->ids, q->ids + q->head,
		    (q->n - q->head) * sizeof(*q->ids));
		q->n -= q->head;
		q->head = 0;
	}
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 64 : q->cap * 2;
		q->ids = reallocarray(q->ids, q->cap, sizeof(*q->ids));
		if (q->ids == NULL)
			err(1, "rib");
	}
	q->ids[q->n++] = id;
}

uint32_t
id_queue_pop(struct id_queue *q)
{
	uint32_t id;

	if (q->head == q->n)
		return TABLE_ID_NONE;
	id = q->ids[q->head++];
	if (q->head == q->n)
		q->head = q->n = 0;
	return id;
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
	validate_init(rde);
	nexthop_init(rde);
	fib_init(rde);
	rde->local.is_up = true;
	rde->peers[RDE_PEER_LOCAL] = &rde->local;
}

void
rib_fini(struct rde *rde)
{
	struct rib *rib = rde->rib;
	unsigned i;

	group_fini(rde);
	loop_timer_fini(&rib->decide_timer);
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		free(rib->dirty[i].ids);
		free(rib->dead[i].ids);
	}
	free(rib->paths);
	free(rib->indexes);
	filter_sets_fini(&rib->sets);
	validate_fini(rde);
	nexthop_fini(rde);
	fib_fini(rde);
	knet_fini(rde);
	free(rib);
}

void
rib_mark(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);

	if (r->flags & RECORD_DIRTY)
		return;
	r->flags |= RECORD_DIRTY;
	rde->rib->n_dirty++;
	id_queue_push(&rde->rib->dirty[t->family->id], id);
}

void
rib_bury(struct rde *rde, struct table *t, uint32_t id)
{
	id_queue_push(&rde->rib->dead[t->family->id], id);
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
	    (peer->keep_mask >> family & 1) != 0;
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
	return (p->flags & (PATH_FILTERED | PATH_LOOP | PATH_LEAK |
	    PATH_PRIVATE)) == 0 && p->attr != ATTRSET_NONE &&
	    rib_path_is_alive(rde, t, p) && path_has_nexthop(rde, p);
}

/* The prefix of a record for the rules; family 0 in other tables. */
static void
record_prefix(const struct table *t, const struct record *r,
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
	p->flags = (uint16_t)((p->flags & ~PATH_STATES) | validate_path(rde,
	    rde->peers[p->peer], t, &route->prefix, p->attr_in));
	route->ovs = p->flags >> PATH_OVS_SHIFT & 3;
	route->avs = p->flags >> PATH_AVS_SHIFT & 3;
}

/*
 * Evaluate the in rules for a path: sets its Loc-RIB attributes. True when
 * these changed.
 */
static bool
path_filter(struct rde *rde, struct table *t, uint32_t id, struct path *p)
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
		record_prefix(t, table_at(t, id), &route);
		path_validate(rde, t, &route, p);
		fp = rpeer_filter(peer);
		filter_run(peer->in, &rde->rib->sets, &rde->attrsets, &fp,
		    &route, &rde->block, &out);
	}
	p->flags &= (uint16_t)~PATH_FILTERED;
	if (out == ATTRSET_NONE)
		p->flags |= PATH_FILTERED;
	p->attr = out;
	if (was_filtered != (out == ATTRSET_NONE) &&
	    (p->flags & PATH_PRIVATE) == 0)
		peer->counters.prefixes_accepted +=
		    was_filtered ? 1u : UINT64_MAX;
	attrset_unref(&rde->attrsets, old);
	return out != old;
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
static void
path_renew(struct rde *rde, struct table *t, struct path *p)
{
	struct rpeer *peer = rde->peers[p->peer];
	uint8_t generation = peer->generation[t->family->id];

	if ((p->flags & PATH_GENERATION) == generation ||
	    (p->flags & PATH_PRIVATE) != 0)
		return;
	p->flags = (uint16_t)((p->flags & ~PATH_GENERATION) | generation);
	if (peer->counted_mask >> t->family->id & 1)
		return;
	peer->counters.prefixes_in++;
	if ((p->flags & PATH_FILTERED) == 0)
		peer->counters.prefixes_accepted++;
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
	struct path *p;

	if (i < 0 && (i = path_new(rde, t, id, nlri, route)) < 0) {
		rib_bury(rde, t, id);
		return false;
	}
	p = table_path(t, table_at(t, id), (unsigned)i);
	if (!rib_path_is_alive(rde, t, p)) {
		/* It may have been decided and told without this path. */
		table_at(t, id)->flags |= RECORD_FORCE;
		rib_mark(rde, t, id);
	}
	path_renew(rde, t, p);
	if (table_set_nlri(t, id, (unsigned)i, nlri)) {
		table_at(t, id)->flags |= RECORD_FORCE;
		p = table_path(t, table_at(t, id), (unsigned)i);
	} else if (p->attr_in == route->attr &&
	    (p->flags & said) == (route->flags & said)) {
		return true;	/* nothing new, but that it still stands */
	}
	attrset_ref(&rde->attrsets, route->attr);
	attrset_unref(&rde->attrsets, p->attr_in);
	p->attr_in = route->attr;
	p->flags = (uint16_t)((p->flags & ~said) | (route->flags & said));
	p->age = rde_age(rde);
	path_filter(rde, t, id, p);
	if (is_private)
		table_at(t, id)->flags |= RECORD_FORCE;
	rib_mark(rde, t, id);
	return true;
}

static void
path_remove(struct rde *rde, struct table *t, uint32_t id, unsigned i)
{
	const struct path *p = table_path(t, table_at(t, id), i);

	path_forget(rde, t, p);
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
		rib_bury(rde, t, id);
	i = table_find_path(t, id, peer->index, nlri->path_id, is_private);
	if (i >= 0)
		path_remove(rde, t, id, (unsigned)i);
	return i >= 0;
}

/* The candidates of a record; their number. */
static size_t
decide_gather(struct rde *rde, struct table *t, const struct record *r)
{
	struct rib *rib = rde->rib;
	const struct path *p;
	const struct rpeer *peer;
	size_t n = 0;
	unsigned i;

	if (r->n_paths > rib->cap_paths) {
		rib->cap_paths = (size_t)r->n_paths * 2;
		rib->paths = reallocarray(rib->paths, rib->cap_paths,
		    sizeof(*rib->paths));
		rib->indexes = reallocarray(rib->indexes, rib->cap_paths,
		    sizeof(*rib->indexes));
		if (rib->paths == NULL || rib->indexes == NULL)
			err(1, "rib");
	}
	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		if (!rib_path_is_eligible(rde, t, p))
			continue;
		peer = rde->peers[p->peer];
		rib->paths[n] = (struct decide_path){
			.attr = attrset_at(&rde->attrsets, p->attr),
			.peer_addr = &peer->remote,
			.router_id = peer->remote_id,
			.path_id = table_path_id(t, r, i),
			.age = p->age, .is_ebgp = peer->is_ebgp,
		};
		rib->indexes[n++] = (uint16_t)i;
	}
	return n;
}

/* Make the best path the first, or say that there is none. */
static void
decide_record(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	size_t n = decide_gather(rde, t, r), best = 0;

	if (n == 0) {
		r->flags &= (uint8_t)~RECORD_HAS_BEST;
		return;
	}
	if (n > 1)
		best = decide_best(rde->rib->paths, n, &rde->rib->options);
	table_swap_paths(t, id, 0, rde->rib->indexes[best]);
	r->flags |= RECORD_HAS_BEST;
}

/* Tell the streams, if something changed for them. */
static void
decide_export(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	const struct path *best = r->flags & RECORD_HAS_BEST ?
	    table_path(t, r, 0) : NULL;
	uint32_t attr = best == NULL ? ATTRSET_NONE : best->attr;
	uint16_t peer = best == NULL ? 0 : best->peer;
	bool is_same = attr == r->sent_attr && peer == r->sent_peer;

	if (!is_same || (r->flags & RECORD_FORCE))
		group_changed(rde, t, id);
	r->flags &= (uint8_t)~RECORD_FORCE;
	if (attr != r->sent_attr) {
		attrset_ref(&rde->attrsets, attr);
		attrset_unref(&rde->attrsets, r->sent_attr);
		r->sent_attr = attr;
	}
	r->sent_peer = peer;
	fib_changed(rde, t, id);
	if (r->n_paths == 0)
		rib_bury(rde, t, id);
}

/* Delete destinations that nobody needs any more; true when all are. */
static bool
bury_dead(struct rde *rde, struct budget *b)
{
	struct table *t;
	struct record *r;
	uint32_t id;
	unsigned i;

	/* A lagging stream may still have to withdraw them. */
	if (rde->rib->n_lagging != 0 || rde->refill.is_active)
		return true;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		t = rde->tables[i];
		while (t != NULL && (id = id_queue_pop(&rde->rib->dead[i])) !=
		    TABLE_ID_NONE) {
			r = table_at(t, id);
			if ((r->flags & RECORD_USED) && r->n_paths == 0 &&
			    (r->flags & RECORD_DIRTY) == 0 &&
			    r->sent_attr == ATTRSET_NONE)
				table_del(t, id);
			if (!budget_spend(b, 2))
				return false;
		}
	}
	return true;
}

/* Decide up to n dirty records; fewer when there are fewer. */
static void
decide_batch(struct rde *rde, size_t n)
{
	struct table *t;
	uint32_t id;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		t = rde->tables[i];
		while (t != NULL && n > 0) {
			id = id_queue_pop(&rde->rib->dirty[i]);
			if (id == TABLE_ID_NONE)
				break;
			n--;
			rde->rib->n_dirty--;
			table_at(t, id)->flags &= (uint8_t)~RECORD_DIRTY;
			decide_record(rde, t, id);
			decide_export(rde, t, id);
		}
	}
}

/*
 * Whether to wait for more input before deciding. After a pause, or when
 * little changes, the decision comes at once. Under a flood decisions keep a
 * distance, so that what several peers say of a destination within it is
 * told on once.
 */
static bool
decide_can_wait(struct rde *rde)
{
	struct rib *rib = rde->rib;
	struct mono next = mono_add_usec(rib->decided, DECIDE_USEC);

	if (rib->n_dirty >= DIRTY_WAIT_MAX || !mono_is_set(rib->decided) ||
	    mono_diff_usec(next, loop_now(rde->env->loop)) <= 0)
		return false;
	if (!rib->decide_timer.is_set)
		loop_timer_set(&rib->decide_timer, next);
	return true;
}

bool
rib_decide_run(struct rde *rde, struct budget *b)
{
	size_t n, batch;

	if (rde->rib->n_dirty == 0)
		return bury_dead(rde, b);
	if (decide_can_wait(rde))
		return true;
	/* The more streams there are, the less of each fits in a turn. */
	batch = RDE_DIRTY_MAX / (1 + rde->rib->n_streams / 8);
	if (batch < 64)
		batch = 64;
	while (rde->rib->n_dirty != 0) {
		if (outbox_is_full(&rde->outbox))
			return true;	/* on_drained goes on */
		n = rde->rib->n_dirty < batch ? rde->rib->n_dirty : batch;
		decide_batch(rde, n);
		rde->rib->n_decided += n;
		group_flush(rde);
		if (!budget_spend(b, (unsigned)n))
			break;
	}
	if (rde->rib->n_dirty == 0) {
		rde->rib->decided = (struct mono){ 0 };
		if (rde->rib->n_decided >= DECIDE_HEAVY)
			rde->rib->decided = loop_now(rde->env->loop);
		rde->rib->n_decided = 0;
	}
	return bury_dead(rde, b) && rde->rib->n_dirty == 0;
}

/* The record at which a walk stands, or TABLE_ID_NONE when it is over. */
static uint32_t
walk_next(struct rde *rde, struct rib_walk *w)
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

static void
walk_ask(struct rib_walk *w, uint32_t family_mask)
{
	if (w->family_mask != 0 && w->id != 0)
		w->again_mask |= family_mask & (1u << w->family);
	w->family_mask |= family_mask;
}

void
rib_sweep(struct rde *rde, uint32_t family_mask)
{
	walk_ask(&rde->rib->sweep, family_mask);
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
			path_remove(rde, t, id, i);
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

	while ((id = walk_next(rde, w)) != TABLE_ID_NONE) {
		if (table_is_used(rde->tables[w->family], id))
			sweep_record(rde, rde->tables[w->family], id);
		if (!budget_spend(b, 1))
			return false;
	}
	if (rde->rib->n_dirty == 0)
		sweep_retired(rde);
	return true;
}

/* Evaluate the in rules for all paths of a record anew. */
static void
refilter_record(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	bool is_changed = false;
	unsigned i;

	for (i = 0; i < r->n_paths; i++) {
		if (rib_path_is_alive(rde, t, table_path(t, r, i)))
			is_changed |= path_filter(rde, t, id,
			    table_path(t, r, i));
	}
	if (is_changed)
		rib_mark(rde, t, id);
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

	record_prefix(t, r, &route);
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
		is_changed |= path_filter(rde, t, id, p);
		if (rde->rib->validate.out_uses) {
			r->flags |= RECORD_FORCE;
			is_changed = true;
		}
	}
	if (is_changed)
		rib_mark(rde, t, id);
}

bool
rib_refilter_run(struct rde *rde, struct budget *b)
{
	struct rib_walk *w = &rde->rib->refilter;
	uint32_t id;

	while ((id = walk_next(rde, w)) != TABLE_ID_NONE) {
		if (table_is_used(rde->tables[w->family], id))
			refilter_record(rde, rde->tables[w->family], id);
		if (!budget_spend(b, 4))
			return false;
	}
	return true;
}

bool
rib_index_run(struct rde *rde, struct budget *b)
{
	unsigned i;

	if (rde->had_input || rde->rib->n_dirty != 0)
		return true;	/* a later turn will find it */
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		while (rde->tables[i] != NULL &&
		    !table_index(rde->tables[i], INDEX_SLICE)) {
			if (!budget_spend(b, INDEX_SLICE))
				return false;
		}
	}
	return true;
}

void
rib_configure(struct rde *rde, bool is_changed)
{
	struct rib *rib = rde->rib;
	const struct config *c = rde->conf;

	filter_sets_fini(&rib->sets);
	filter_sets_init(&rib->sets, c);
	validate_configure(rde);
	rib->options.med_always = c->med_always;
	rib->options.evaluates_age = c->route_age_evaluate;
	if (is_changed)
		walk_ask(&rib->refilter, RDE_ALL_FAMILIES);
}
