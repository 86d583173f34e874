/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-Out of streams to which more than the best path matters. A cell for
 * each destination lists what was told: the number of items, then the items.
 *
 *   add-path       an item a path: its identifier, its attributes
 *   evaluate all   [0] id: index of the route's source; told to all others
 *                  [1] id: OWN; what that source hears instead, if anything
 *
 * A new choice is compared with the list, and what differs is sent.
 */
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_OWN	UINT32_MAX

/* What was told of a destination, or is to be. */
struct told_list {
	const struct stream_told *items;
	uint32_t		  n;
};

static bool
has_ids(const struct stream *s, unsigned family)
{
	return (s->group->key.add_path_mask >> family & 1) != 0;
}

static void
told_grow(struct stream_family *f, size_t n_ids)
{
	size_t n = n_ids + n_ids / 4 + 1024;

	if (n_ids <= f->n_told)
		return;
	f->told = reallocarray(f->told, n, sizeof(*f->told));
	if (f->told == NULL)
		err(1, "stream");
	memset(f->told + f->n_told, 0, (n - f->n_told) * sizeof(*f->told));
	f->n_told = n;
}

static struct told_list
told_get(const struct stream *s, unsigned family, uint32_t id)
{
	const struct stream_family *f = &s->families[family];
	const struct stream_told *cell;

	if (id >= f->n_told || f->told[id] == HEAP_NONE)
		return (struct told_list){ NULL, 0 };
	cell = heap_at(&s->heap, f->told[id]);
	return (struct told_list){ cell + 1, cell->id };
}

static bool
told_is_equal(const struct told_list *a, const struct told_list *b)
{
	return a->n == b->n && (a->n == 0 ||
	    memcmp(a->items, b->items, a->n * sizeof(*a->items)) == 0);
}

static void
told_set(struct rde *rde, struct stream *s, unsigned family, uint32_t id,
    const struct told_list *list)
{
	struct stream_family *f = &s->families[family];
	struct stream_told *cell;
	struct told_list old;
	uint32_t handle = HEAP_NONE, i;

	told_grow(f, (size_t)id + 1);
	old = told_get(s, family, id);
	if (list->n != 0) {
		handle = heap_alloc(&s->heap,
		    (list->n + 1) * sizeof(*cell));
		cell = heap_at(&s->heap, handle);
		cell->id = list->n;
		cell->attr = ATTRSET_NONE;
		memcpy(cell + 1, list->items, list->n * sizeof(*cell));
	}
	for (i = 0; i < list->n; i++)
		attrset_ref(&rde->attrsets, list->items[i].attr);
	for (i = 0; i < old.n; i++)
		attrset_unref(&rde->attrsets, old.items[i].attr);
	if (old.n != 0)
		heap_free(&s->heap, f->told[id], (old.n + 1) * sizeof(*cell));
	f->told[id] = handle;
	stream_set_sent(s, family, id, list->n != 0);
}

static const struct stream_told *
told_find(const struct told_list *list, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		if (list->items[i].id == id)
			return &list->items[i];
	}
	return NULL;
}

/* An item on its way; NULL: a withdrawal. */
static void
send_item(struct rde *rde, struct stream *s, const struct stream_entry *like,
    const struct export_item *item)
{
	struct stream_entry e = *like;

	e.attr = ATTRSET_NONE;
	if (item != NULL) {
		e.attr = item->attr;
		e.path = item->path;
		attrset_ref(&rde->attrsets, e.attr);
	}
	stream_push(s, &e);
}

/* Lists with identifiers: each path stands for itself. */
static void
send_add_path(struct rde *rde, struct stream *s, struct stream_entry like,
    const struct told_list *old, const struct told_list *new)
{
	const struct export_item *items = rde->rib->items;
	const struct stream_told *was;
	uint32_t i;

	for (i = 0; i < old->n; i++) {
		like.path_id = old->items[i].id;
		if (told_find(new, like.path_id) == NULL)
			send_item(rde, s, &like, NULL);
	}
	for (i = 0; i < new->n; i++) {
		was = told_find(old, new->items[i].id);
		if (was != NULL && was->attr == new->items[i].attr)
			continue;
		like.path_id = new->items[i].id;
		like.peer = items[i].source;
		send_item(rde, s, &like, &items[i]);
	}
}

/* One route for all but its source, and another for that. */
static void
send_one(struct rde *rde, struct stream *s, struct stream_entry like,
    const struct told_list *old, const struct told_list *new)
{
	const struct export_item *items = rde->rib->items;
	const struct stream_told *was = old->items, *is = new->items;
	bool is_same_source, has_own;

	if (new->n == 0) {
		if (old->n != 0)
			send_item(rde, s, &like, NULL);
		return;
	}
	is_same_source = old->n != 0 && was[0].id == is[0].id;
	like.peer = (uint16_t)is[0].id;
	if (old->n == 0 || was[0].attr != is[0].attr) {
		send_item(rde, s, &like, &items[0]);
	} else if (!is_same_source) {
		like.peer = (uint16_t)was[0].id;
		like.is_for_one = true;
		send_item(rde, s, &like, &items[0]);
	}
	/* What the source has heard: its own, or as one of all. */
	like.peer = (uint16_t)is[0].id;
	like.is_for_one = true;
	has_own = is_same_source && old->n > 1;
	if (new->n == 1) {
		if (has_own || (old->n != 0 && !is_same_source))
			send_item(rde, s, &like, NULL);
	} else if (!has_own || was[1].attr != is[1].attr) {
		send_item(rde, s, &like, &items[1]);
	}
}

static void
list_items(const struct rde *rde, bool with_ids, struct stream_told *out,
    size_t n)
{
	const struct export_item *items = rde->rib->items;
	size_t i;

	for (i = 0; i < n; i++) {
		out[i].attr = items[i].attr;
		out[i].id = with_ids ? items[i].path_id :
		    i == 0 ? items[i].source : TOLD_OWN;
	}
}

void
stream_export_paths(struct rde *rde, struct stream *s, struct table *t,
    uint32_t id)
{
	unsigned family = t->family->id;
	struct stream_entry like = { .id = id, .family = (uint8_t)family };
	size_t n = export_paths(rde, s, t, id);
	struct stream_told few[16], *list = few;
	struct told_list old, new;

	told_grow(&s->families[family], t->n_ids);
	old = told_get(s, family, id);
	if (old.n == 0 && n != 0 && stream_is_over_limit(rde, s)) {
		export_drop(rde, n);
		return;
	}
	if (n > sizeof(few) / sizeof(few[0])) {
		list = calloc(n, sizeof(*list));
		if (list == NULL)
			err(1, "stream");
	}
	list_items(rde, has_ids(s, family), list, n);
	new = (struct told_list){ list, (uint32_t)n };
	/* Told by an RDE before us, and gone: see refill.c. */
	if (old.n + n == 0 && stream_has_sent(s, family, id)) {
		if (!has_ids(s, family))
			send_item(rde, s, &like, NULL);
		stream_set_sent(s, family, id, false);
	}
	if (!told_is_equal(&old, &new)) {
		if (has_ids(s, family))
			send_add_path(rde, s, like, &old, &new);
		else
			send_one(rde, s, like, &old, &new);
		told_set(rde, s, family, id, &new);
	}
	if (list != few)
		free(list);
	export_drop(rde, n);
}

void
stream_copy_told(struct rde *rde, struct stream *to,
    const struct stream *from)
{
	struct told_list list;
	uint32_t id;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		for (id = 0; id < from->families[i].n_told; id++) {
			list = told_get(from, i, id);
			if (list.n != 0)
				told_set(rde, to, i, id, &list);
		}
	}
}

/*
 * Both lists as one. What only one of them has, or has otherwise, is not
 * known any more: it is sent, or withdrawn, with the next change, which is
 * what made them differ.
 */
static void
told_merge(struct rde *rde, struct stream *to, unsigned family,
    uint32_t id, const struct told_list *more)
{
	struct told_list list = told_get(to, family, id), both;
	struct stream_told *items;
	uint32_t i, k, n = list.n;

	if (told_is_equal(&list, more))
		return;
	items = calloc((size_t)list.n + more->n, sizeof(*items));
	if (items == NULL)
		err(1, "stream");
	if (list.n != 0)
		memcpy(items, list.items, list.n * sizeof(*items));
	for (i = 0; i < more->n; i++) {
		k = i;
		if (has_ids(to, family)) {
			for (k = 0; k < list.n &&
			    items[k].id != more->items[i].id; k++)
				;
		}
		if (k >= list.n)
			items[n++] = more->items[i];
		else if (memcmp(&items[k], &more->items[i],
		    sizeof(*items)) != 0)
			items[k].attr = ATTRSET_NONE;
	}
	both = (struct told_list){ items, n };
	told_set(rde, to, family, id, &both);
	free(items);
}

void
stream_merge_told(struct rde *rde, struct stream *to,
    const struct stream *from)
{
	struct told_list list;
	uint32_t id;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		for (id = 0; id < from->families[i].n_told; id++) {
			list = told_get(from, i, id);
			if (list.n != 0)
				told_merge(rde, to, i, id, &list);
		}
	}
}

void
stream_forget_told(struct rde *rde, struct stream *s, unsigned family)
{
	const struct stream_family *f = &s->families[family];
	struct stream_told *cell;
	uint32_t id, i;

	for (id = 0; id < f->n_told; id++) {
		if (f->told[id] == HEAP_NONE)
			continue;
		cell = heap_at(&s->heap, f->told[id]);
		for (i = 1; i <= cell->id; i++) {
			attrset_unref(&rde->attrsets, cell[i].attr);
			cell[i].attr = ATTRSET_NONE;
		}
	}
}

void
stream_free_told(struct rde *rde, struct stream *s)
{
	struct told_list list;
	uint32_t id, k;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		for (id = 0; id < s->families[i].n_told; id++) {
			list = told_get(s, i, id);
			for (k = 0; k < list.n; k++)
				attrset_unref(&rde->attrsets,
				    list.items[k].attr);
		}
		free(s->families[i].told);
	}
	heap_fini(&s->heap);
}
