/* SPDX-License-Identifier: ISC */
/* Next hops: asked about, answered, forgotten. */
#include "rde/nexthop.h"

#include "common/env.h"
#include "rde/engine.h"
#include "rde/fib.h"
#include "rde/hash.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define NEXTHOP_NONE	UINT32_MAX
#define NEXTHOPS_MAX	65536		/* as the parent's */
#define SWEEP_SEC	60

static void	nexthop_on_timer(void *);

static struct nexthops *
nexthops_of(const struct rde *rde)
{
	return &rde->rib->nexthops;
}

void
nexthop_init(struct rde *rde)
{
	struct nexthops *h = nexthops_of(rde);

	map_init(&h->map);
	h->free = NEXTHOP_NONE;
	loop_timer_init(&h->timer, rde->env->loop, nexthop_on_timer, rde);
}

static void
nexthops_clear(struct nexthops *h)
{
	map_fini(&h->map);
	map_init(&h->map);
	h->n_all = h->n_used = 0;
	h->free = NEXTHOP_NONE;
	h->is_sweeping = false;
}

void
nexthop_fini(struct rde *rde)
{
	struct nexthops *h = nexthops_of(rde);

	loop_timer_fini(&h->timer);
	map_fini(&h->map);
	free(h->all);
}

static uint32_t
addr_hash(const struct rde *rde, const struct addr *a)
{
	return (uint32_t)hash_bytes(a->bytes, sizeof(a->bytes),
	    rde->seed ^ a->family);
}

static struct nexthop *
nexthop_at(struct rde *rde, const struct addr *a, struct map_pos *pos)
{
	struct nexthops *h = nexthops_of(rde);
	uint32_t i = map_first(&h->map, addr_hash(rde, a), pos);

	while (i != MAP_NONE && !addr_is_equal(&h->all[i].told.addr, a))
		i = map_next(&h->map, pos);
	return i == MAP_NONE ? NULL : &h->all[i];
}

static void
tell_parent(struct rde *rde, enum imsg_type type, const struct addr *a)
{
	uint8_t bytes[32];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	imsg_put_addr(&w, a);
	chan_send(rde->parent, type, 0, w.base, w.len);
}

static struct nexthop *
nexthop_add(struct rde *rde, const struct addr *a)
{
	struct nexthops *h = nexthops_of(rde);
	uint32_t i = h->free;

	if (h->n_used >= NEXTHOPS_MAX)
		return NULL;
	if (i != NEXTHOP_NONE) {
		h->free = h->all[i].next_free;
	} else {
		if (h->n_all == h->cap_all) {
			h->cap_all = h->cap_all == 0 ? 64 : h->cap_all * 2;
			h->all = reallocarray(h->all, h->cap_all,
			    sizeof(*h->all));
			if (h->all == NULL)
				err(1, "nexthop");
		}
		i = h->n_all++;
	}
	h->all[i] = (struct nexthop){ .told.addr = *a, .is_used = true,
	    .is_seen = true };
	h->n_used++;
	map_add(&h->map, addr_hash(rde, a), i);
	tell_parent(rde, IMSG_NEXTHOP_ADD, a);
	return &h->all[i];
}

/* Those that stand for themselves need no route. */
static bool
attr_nexthop(const struct attrset *a, struct addr *out)
{
	const uint16_t own = ATTRSET_NEXTHOP_SELF | ATTRSET_NEXTHOP_REJECT |
	    ATTRSET_NEXTHOP_BLACKHOLE;

	return (a->flags & own) == 0 && attrset_nexthop_addr(a, out) &&
	    !addr_is_unspecified(out);
}

const struct nexthop *
nexthop_find(struct rde *rde, const struct attrset *attr)
{
	struct map_pos pos;
	struct nexthop *n;
	struct addr a;

	if (!nexthops_of(rde)->is_on || !attr_nexthop(attr, &a))
		return NULL;
	n = nexthop_at(rde, &a, &pos);
	if (n == NULL)
		n = nexthop_add(rde, &a);
	return n != NULL && n->serial != 0 ? n : NULL;
}

bool
nexthop_is_usable(struct rde *rde, const struct attrset *attr)
{
	const struct nexthop *n;
	struct addr a;

	if (!nexthops_of(rde)->is_on || !attr_nexthop(attr, &a))
		return true;
	n = nexthop_find(rde, attr);
	return n != NULL && n->told.is_valid;
}

static void
pass_ask(struct rde *rde)
{
	struct nexthops *h = nexthops_of(rde);

	/* One at work has begun before this change: again, then. */
	if (!h->is_passing) {
		h->is_passing = true;
		h->to = h->serial;
		h->table = 0;
		h->id = 0;
	}
	rde_schedule(rde);
}

void
nexthop_enable(struct rde *rde, bool is_on)
{
	struct nexthops *h = nexthops_of(rde);

	if (h->is_on == is_on)
		return;
	h->is_on = is_on;
	nexthops_clear(h);
	loop_timer_clear(&h->timer);
	if (is_on)
		loop_timer_set_after_usec(&h->timer,
		    SWEEP_SEC * MONO_USEC_PER_SEC);
	h->serial++;
	h->from = 0;	/* everything is to be decided */
	h->is_passing = false;
	pass_ask(rde);
}

static void
take_update(struct rde *rde, struct rd r)
{
	struct nexthops *h = nexthops_of(rde);
	struct kroute_nexthop told;
	struct map_pos pos;
	struct nexthop *n;

	if (kroute_get_nexthop(&r, &told) != 0) {
		log_warn(&rde->env->log, "parent: malformed next hop");
		return;
	}
	n = nexthop_at(rde, &told.addr, &pos);
	if (n == NULL)
		return;
	n->told = told;
	n->serial = ++h->serial;
	pass_ask(rde);
}

void
nexthop_message(struct rde *rde, const struct imsg *m)
{
	take_update(rde, buf_reader(m->data, m->len));
}

/* Whether one of the record's paths has a next hop that changed. */
static bool
record_is_touched(struct rde *rde, struct table *t, uint32_t id)
{
	const struct nexthops *h = nexthops_of(rde);
	const struct record *r = table_at(t, id);
	const struct nexthop *n;
	const struct path *p;
	unsigned i;

	if (h->from == 0)
		return true;
	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		if (p->attr == ATTRSET_NONE)
			continue;
		n = nexthop_find(rde, attrset_at(&rde->attrsets, p->attr));
		if (n != NULL && (int32_t)(n->serial - h->from) > 0)
			return true;
	}
	return false;
}

static bool
pass_run(struct rde *rde, struct budget *b)
{
	struct nexthops *h = nexthops_of(rde);
	unsigned next = h->table;
	struct table *t;

	for (; (t = rib_next_table(rde, &next)) != NULL; h->table = next,
	    h->id = 0) {
		while (h->id < t->n_ids) {
			if (table_is_used(t, h->id) &&
			    record_is_touched(rde, t, h->id))
				rib_mark(rde, t, h->id);
			h->id++;
			if (!budget_spend(b, 2))
				return false;
		}
	}
	h->is_passing = false;
	h->from = h->to;
	if (h->from != h->serial)
		pass_ask(rde);
	return !h->is_passing;
}

/*
 * Forgetting.
 */
static void
nexthop_on_timer(void *arg)
{
	struct rde *rde = arg;
	struct nexthops *h = nexthops_of(rde);
	uint32_t i;

	loop_timer_set_after_usec(&h->timer, SWEEP_SEC * MONO_USEC_PER_SEC);
	if (h->is_sweeping || h->n_used == 0)
		return;
	for (i = 0; i < h->n_all; i++)
		h->all[i].is_seen = false;
	h->is_sweeping = true;
	h->sweep_slot = 0;
	h->sweep_slots = map_n_slots(&rde->attrsets.map);
	rde_schedule(rde);
}

static void
sweep_unseen(struct rde *rde)
{
	struct nexthops *h = nexthops_of(rde);
	struct map_pos pos;
	struct nexthop *n;
	uint32_t i;

	for (i = 0; i < h->n_all; i++) {
		n = &h->all[i];
		if (!n->is_used || n->is_seen ||
		    nexthop_at(rde, &n->told.addr, &pos) != n)
			continue;
		map_del(&h->map, &pos);
		tell_parent(rde, IMSG_NEXTHOP_DEL, &n->told.addr);
		n->is_used = false;
		n->next_free = h->free;
		h->free = i;
		h->n_used--;
	}
}

static bool
sweep_run(struct rde *rde, struct budget *b)
{
	struct nexthops *h = nexthops_of(rde);
	struct map_pos pos;
	struct nexthop *n;
	struct addr a;
	uint32_t value;

	if (h->sweep_slots != map_n_slots(&rde->attrsets.map)) {
		/* It has grown: what was seen may stand elsewhere. */
		h->sweep_slots = map_n_slots(&rde->attrsets.map);
		h->sweep_slot = 0;
	}
	for (; h->sweep_slot < h->sweep_slots; h->sweep_slot++) {
		value = map_in_slot(&rde->attrsets.map, h->sweep_slot);
		if (value != MAP_NONE && attr_nexthop(
		    attrset_at(&rde->attrsets, value), &a) &&
		    (n = nexthop_at(rde, &a, &pos)) != NULL)
			n->is_seen = true;
		if (!budget_spend(b, 1))
			return false;
	}
	h->is_sweeping = false;
	sweep_unseen(rde);
	return true;
}

bool
nexthop_run(struct rde *rde, struct budget *b)
{
	struct nexthops *h = nexthops_of(rde);

	if (h->is_passing && !pass_run(rde, b))
		return false;
	return !h->is_sweeping || sweep_run(rde, b);
}
