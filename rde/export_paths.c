/* SPDX-License-Identifier: ISC */
/*
 * More than the best path: which ones a group with add-path hears (RFC 7911,
 * `announce add-path send`), and the choice of one for each peer of a route
 * server that must not hide paths (`rde evaluate all`).
 */
#include "common/config.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>

/* How far a choice has come. */
struct choice {
	struct rde	*rde;
	struct group	*group;
	struct table	*table;
	const struct record *record;
	size_t		 n, n_extra;
	bool		 is_past_mode;	/* only `plus` paths from here */
};

static struct export_item *
items_room(struct rib *rib, size_t n)
{
	if (n >= rib->cap_items) {
		rib->cap_items = rib->cap_items == 0 ? 16 :
		    rib->cap_items * 2;
		rib->items = reallocarray(rib->items, rib->cap_items,
		    sizeof(*rib->items));
		if (rib->items == NULL)
			err(1, "rib");
	}
	return &rib->items[n];
}

/* Take path i if the group may hear it; false when it may not. */
static bool
choice_take(struct choice *c, unsigned i)
{
	const struct path *p = table_path(c->table, c->record, i);
	uint32_t attr = export_path(c->rde, c->group, c->table, c->record, p);

	if (attr == ATTRSET_NONE)
		return false;
	*items_room(c->rde->rib, c->n) = (struct export_item){
		.attr = attr, .path = (uint16_t)(i + 1),
		.source = p->flags & PATH_PRIVATE ? RDE_PEER_LOCAL : p->peer,
		.path_id = table_told_id(c->table, c->record, i),
	};
	c->n++;
	return true;
}

static void
choose_private(struct choice *c)
{
	int i = export_private(c->rde, c->group, c->table, c->record);

	if (i >= 0)
		choice_take(c, (unsigned)i);
}

/* Whether a path of this class is one of the mode, not one of `plus`. */
static bool
mode_has(uint8_t mode, uint8_t class)
{
	static const uint8_t worst[] = {
		[ADD_PATH_SEND_NO] = DECIDE_BEST,
		[ADD_PATH_SEND_ALL] = DECIDE_VALID,
		[ADD_PATH_SEND_BEST] = DECIDE_BEST,
		[ADD_PATH_SEND_ECMP] = DECIDE_ECMP,
		[ADD_PATH_SEND_AS_WIDE] = DECIDE_AS_WIDE,
	};

	return class >= worst[mode % (sizeof(worst) / sizeof(worst[0]))];
}

/* False: no more. */
static bool
choose_add_path(struct choice *c, const struct decide_rank *rank, unsigned i)
{
	const struct group_key *k = &c->group->key;

	if (k->add_path_max != 0 && c->n >= k->add_path_max)
		return false;
	if (!mode_has(k->add_path_mode, rank->class))
		c->is_past_mode = true;
	if (c->is_past_mode && c->n_extra >= k->add_path_plus)
		return false;
	/* Where it is alone in its group, its own paths do not count. */
	if (k->private_peer == table_path(c->table, c->record, i)->peer + 1u)
		return true;
	if (choice_take(c, i) && c->is_past_mode)
		c->n_extra++;
	return true;
}

/* One for all, another for its source. */
static bool
choose_one(struct choice *c, const struct stream *s, unsigned i)
{
	const struct rpeer *first;

	if (c->n == 0) {
		choice_take(c, i);
		return true;
	}
	first = c->rde->peers[c->rde->rib->items[0].source];
	if (first->index == RDE_PEER_LOCAL || first->stream != s)
		return false;
	if (table_path(c->table, c->record, i)->peer == first->index)
		return true;
	return !choice_take(c, i);
}

size_t
export_paths(struct rde *rde, const struct stream *s, struct table *t,
    uint32_t id)
{
	struct choice c = { .rde = rde, .group = s->group, .table = t,
	    .record = table_at(t, id) };
	bool has_ids = s->group->key.add_path_mask >> t->family->id & 1;
	const struct decide_rank *ranks;
	size_t i, n;
	unsigned at;

	choose_private(&c);
	if (s->group->key.export != EXPORT_NORMAL || (c.n != 0 && !has_ids))
		return c.n;
	ranks = rib_rank(rde, t, id, &n);
	for (i = 0; i < n; i++) {
		at = rde->rib->indexes[ranks[i].index];
		if (!(has_ids ? choose_add_path(&c, &ranks[i], at) :
		    choose_one(&c, s, at)))
			break;
	}
	return c.n;
}

void
export_drop(struct rde *rde, size_t n)
{
	while (n > 0)
		attrset_unref(&rde->attrsets, rde->rib->items[--n].attr);
}
