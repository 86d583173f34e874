/* SPDX-License-Identifier: ISC */
/*
 * RIBs beside Loc-RIB (`rde rib NAME`): tables with the same paths as those
 * of Loc-RIB, by the in rules that are for them, decided for themselves. Each
 * path of Loc-RIB that comes, changes or goes is followed at once; a RIB that
 * a reload adds is filled by a walk. Neighbors with `rib NAME` are told what
 * is best there, and so is a table of the kernel's with `rtable N`.
 */
#include "rde/rib.h"

#include "common/config.h"
#include "rde/engine.h"
#include "rde/stale.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define EXTRAS_MAX	200	/* of all models together */

unsigned
rib_extra_find(const struct rde *rde, const char *name)
{
	uint32_t i;

	for (i = 0; name != NULL && i < rde->rib->n_extras; i++) {
		if (strcmp(rde->rib->extras[i]->name, name) == 0)
			return i + 1;
	}
	return 0;
}

static struct table *
extra_table(struct rde *rde, uint32_t index, const struct nlri_family *f)
{
	struct table **t = &rde->rib->extras[index]->tables[f->id];

	if (*t == NULL) {
		*t = malloc(sizeof(**t));
		if (*t == NULL)
			err(1, "rib");
		table_init(*t, f, &rde->attrsets, rde->seed);
		(*t)->rib = (uint8_t)(index + 1);
	}
	return *t;
}

/* The in rules of this RIB for a path; a reference, or NONE. */
static uint32_t
extra_filter(struct rde *rde, uint32_t index, const struct table *t,
    const struct record *r, const struct path *p)
{
	struct rpeer *peer = rde->peers[p->peer];
	struct filter_route route = { .attr = p->attr_in,
	    .ovs = p->flags >> PATH_OVS_SHIFT & 3,
	    .avs = p->flags >> PATH_AVS_SHIFT & 3 };
	struct filter_peer fp;
	uint32_t out = ATTRSET_NONE;

	if (p->peer == RDE_PEER_LOCAL || (p->flags & PATH_PRIVATE)) {
		attrset_ref(&rde->attrsets, p->attr_in);
		return p->attr_in;
	}
	if (index >= peer->n_in_extras)
		return ATTRSET_NONE;	/* isolated */
	rib_record_prefix(t, r, &route);
	fp = rpeer_filter(rde, peer);
	filter_run(peer->in_extras[index], &rde->attrsets, &fp, &route,
	    &rde->block, &out);
	if (out != ATTRSET_NONE &&
	    stale_is_long_lived(peer, t->family->id, p))
		out = rib_path_long_lived(rde, out);
	return out;
}

/* Bring a path of one RIB to what it is in Loc-RIB. */
static void
extra_sync(struct rde *rde, uint32_t index, struct table *main, uint32_t id,
    unsigned i)
{
	struct table *t = extra_table(rde, index, main->family);
	struct path from = *table_path(main, table_at(main, id), i), *p;
	bool is_private = (from.flags & PATH_PRIVATE) != 0;
	uint32_t here, attr;
	struct table_key key;
	uint8_t bytes[17];
	struct nlri nlri;
	int k;

	table_key_of(main, id, &key);
	table_nlri(main, id, (int)i, bytes, &nlri);
	here = table_add(t, &key);
	k = table_find_path(t, here, from.peer, nlri.path_id, is_private);
	if (k < 0)
		k = table_add_path(t, here, from.peer, &nlri);
	if (k < 0)
		return;
	table_set_nlri(t, here, (unsigned)k, &nlri);
	attr = extra_filter(rde, index, main, table_at(main, id), &from);
	p = table_path(t, table_at(t, here), (unsigned)k);
	attrset_ref(&rde->attrsets, from.attr_in);
	attrset_unref(&rde->attrsets, p->attr_in);
	attrset_unref(&rde->attrsets, p->attr);
	p->attr_in = from.attr_in;
	p->attr = attr;
	p->age = from.age;
	p->flags = (uint16_t)((from.flags & ~PATH_FILTERED) |
	    (attr == ATTRSET_NONE ? PATH_FILTERED : 0));
	if (is_private)
		table_at(t, here)->flags |= RECORD_HAS_PRIVATE | RECORD_FORCE;
	rib_mark(rde, t, here);
}

void
rib_extra_sync(struct rde *rde, struct table *main, uint32_t id, unsigned i)
{
	uint32_t index;

	for (index = 0; index < rde->rib->n_extras; index++)
		extra_sync(rde, index, main, id, i);
}

void
rib_extra_drop(struct rde *rde, struct table *main, uint32_t id, unsigned i)
{
	const struct path *p = table_path(main, table_at(main, id), i);
	uint32_t path_id = table_path_id(main, table_at(main, id), i);
	struct table_key key;
	uint32_t index, here;
	struct table *t;
	int k;

	table_key_of(main, id, &key);
	for (index = 0; index < rde->rib->n_extras; index++) {
		t = rde->rib->extras[index]->tables[main->family->id];
		here = t == NULL ? TABLE_ID_NONE : table_find(t, &key);
		if (here == TABLE_ID_NONE)
			continue;
		k = table_find_path(t, here, p->peer, path_id,
		    (p->flags & PATH_PRIVATE) != 0);
		if (k < 0)
			continue;
		if (p->flags & PATH_PRIVATE)
			table_at(t, here)->flags |= RECORD_FORCE;
		table_del_path(t, here, (unsigned)k);
		rib_mark(rde, t, here);
	}
}

/* All its paths, and what was last told of it, are given back. */
static void
extra_free_table(struct rde *rde, struct table *t)
{
	struct record *r;
	uint32_t id;

	for (id = 0; id < t->n_ids; id++) {
		if (!table_is_used(t, id))
			continue;
		r = table_at(t, id);
		if (r->flags & RECORD_DIRTY)
			rde->rib->n_dirty--;
		while (r->n_paths != 0)
			table_del_path(t, id, r->n_paths - 1u);
		attrset_unref(&rde->attrsets, r->sent_attr);
	}
	table_fini(t);
	free(t);
}

static void
extra_free(struct rde *rde, struct rib_extra *x)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (x->tables[i] != NULL)
			extra_free_table(rde, x->tables[i]);
	}
	fib_fini(&x->fib);
	free(x->name);
	free(x);
}

void
rib_extra_fini(struct rde *rde)
{
	struct rib *rib = rde->rib;
	uint32_t i;

	for (i = 0; i < rib->n_extras; i++)
		extra_free(rde, rib->extras[i]);
	free(rib->extras);
	rib->extras = NULL;
	rib->n_extras = 0;
}

static void
extra_add(struct rde *rde, const char *name)
{
	struct rib *rib = rde->rib;
	struct rib_extra *x = calloc(1, sizeof(*x));

	rib->extras = reallocarray(rib->extras, rib->n_extras + 1u,
	    sizeof(struct rib_extra *));
	if (rib->extras == NULL || x == NULL ||
	    (x->name = strdup(name)) == NULL)
		err(1, "rib");
	rib->extras[rib->n_extras++] = x;
	fib_init(&x->fib, rib->n_extras);
	/* The walk fills it. */
	rib_refilter_all(rde, false);
}

/* One that the model lacks stays, for streams that still name it. */
void
rib_extra_configure(struct rde *rde)
{
	const struct config *c = rde->conf;
	struct rib_extra *x;
	unsigned at;
	size_t i;

	for (i = 0; i < c->n_ribs; i++) {
		at = rib_extra_find(rde, c->ribs[i].name);
		if (at == 0 && rde->rib->n_extras < EXTRAS_MAX) {
			extra_add(rde, c->ribs[i].name);
			at = rde->rib->n_extras;
		}
		if (at == 0)
			continue;
		x = rde->rib->extras[at - 1];
		if (x->no_evaluate != c->ribs[i].no_evaluate)
			rib_refilter_all(rde, true);
		x->no_evaluate = c->ribs[i].no_evaluate;
	}
}
