/* SPDX-License-Identifier: ISC */
/*
 * The decision on destinations that were touched: in batches, coalesced under
 * a flood, then told to the streams. And what is no longer needed goes.
 */
#include "rde/rib.h"

#include "common/env.h"
#include "rde/engine.h"
#include "rde/flow.h"
#include "rde/group.h"
#include "rde/monitor.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define DIRTY_WAIT_MAX	65536	/* decide at once above this */
#define DECIDE_USEC	20000	/* between decisions under heavy input */
#define DECIDE_HEAVY	1024	/* records of one decision: that is heavy */

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
		rib->ranks = reallocarray(rib->ranks, rib->cap_paths,
		    sizeof(*rib->ranks));
		rib->classes = reallocarray(rib->classes, rib->cap_paths, 1);
		if (rib->paths == NULL || rib->indexes == NULL ||
		    rib->ranks == NULL || rib->classes == NULL)
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

const struct decide_rank *
rib_rank(struct rde *rde, struct table *t, uint32_t id, size_t *n)
{
	struct rib *rib = rde->rib;
	const struct record *r = table_at(t, id);
	size_t i;

	*n = decide_gather(rde, t, r);
	decide_rank(rib->paths, *n, &rib->options, rib->ranks);
	if (r->n_paths != 0)
		memset(rib->classes, 0, r->n_paths);
	for (i = 0; i < *n; i++)
		rib->classes[rib->indexes[rib->ranks[i].index]] =
		    rib->ranks[i].class;
	return rib->ranks;
}

/* Make the best path the first, or say that there is none. */
static void
decide_record(struct rde *rde, struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	size_t n = decide_gather(rde, t, r), best = 0;

	if (n == 0 || (t->rib != 0 &&
	    rde->rib->extras[t->rib - 1]->no_evaluate)) {
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

	if (r->flags & RECORD_FORCE)
		is_same = false;
	if (!is_same && (rde->tables[NLRI_IPV4_FLOW] != NULL ||
	    rde->tables[NLRI_IPV6_FLOW] != NULL))
		flow_unicast_changed(rde, t);
	if (!is_same || rde->rib->n_rich != 0)
		group_changed(rde, t, id, !is_same);
	if (!is_same)
		monitor_best(rde, t, id, attr);
	r->flags &= (uint8_t)~RECORD_FORCE;
	if (attr != r->sent_attr) {
		attrset_ref(&rde->attrsets, attr);
		attrset_unref(&rde->attrsets, r->sent_attr);
		r->sent_attr = attr;
	}
	r->sent_peer = peer;
	fib_changed(rde, t, id);
	if (r->n_paths == 0)
		rib_bury(t, id);
}

/* Delete destinations that nobody needs any more; true when all are. */
static bool
bury_dead(struct rde *rde, struct budget *b)
{
	struct table *t;
	struct record *r;
	unsigned at = 0;
	uint32_t id;

	/* A lagging stream may still have to withdraw them. */
	if (rde->rib->n_lagging != 0 || rde->refill.is_active)
		return true;
	while ((t = rib_next_table(rde, &at)) != NULL) {
		while ((id = id_queue_pop(&t->dead)) != TABLE_ID_NONE) {
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
	unsigned at = 0;
	uint32_t id;

	while ((t = rib_next_table(rde, &at)) != NULL) {
		while (n > 0) {
			id = id_queue_pop(&t->dirty);
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
		if (outbox_is_full(&rde->outbox) || monitor_is_full(rde))
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
