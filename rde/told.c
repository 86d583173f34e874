/* SPDX-License-Identifier: ISC */
/*
 * Lists in cells: the number of items, then the items. A block has the cells
 * of some neighboring ids, and the number of streams that have it; who writes
 * to one that others have, too, gets a copy first.
 */
#include "rde/told.h"

#include "rde/engine.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SHIFT	4
#define BLOCK_IDS	(1u << BLOCK_SHIFT)

struct told_block {
	uint32_t	refcnt;
	uint32_t	cells[BLOCK_IDS];	/* HEAP_NONE: empty list */
};

static struct told *
told_of(const struct rde *rde)
{
	return &rde->rib->told;
}

static struct told_block *
block_at(const struct rde *rde, uint32_t handle)
{
	return heap_at(&told_of(rde)->heap, handle);
}

/*
 * Cells.
 */
static size_t
cell_bytes(uint32_t n)
{
	return ((size_t)n + 1) * sizeof(struct stream_told);
}

static struct told_list
cell_list(const struct rde *rde, uint32_t handle)
{
	const struct stream_told *cell;

	if (handle == HEAP_NONE)
		return (struct told_list){ NULL, 0 };
	cell = heap_at(&told_of(rde)->heap, handle);
	return (struct told_list){ cell + 1, cell->id };
}

/* Items have a reference to their attributes each. */
static uint32_t
cell_new(struct rde *rde, const struct told_list *list)
{
	struct stream_told *cell;
	uint32_t handle, i;

	if (list->n == 0)
		return HEAP_NONE;
	handle = heap_alloc(&told_of(rde)->heap, cell_bytes(list->n));
	cell = heap_at(&told_of(rde)->heap, handle);
	cell->id = list->n;
	cell->attr = ATTRSET_NONE;
	memcpy(cell + 1, list->items, list->n * sizeof(*cell));
	for (i = 0; i < list->n; i++)
		attrset_ref(&rde->attrsets, list->items[i].attr);
	return handle;
}

static void
cell_free(struct rde *rde, uint32_t handle)
{
	struct told_list list = cell_list(rde, handle);
	uint32_t i;

	for (i = 0; i < list.n; i++)
		attrset_unref(&rde->attrsets, list.items[i].attr);
	if (handle != HEAP_NONE)
		heap_free(&told_of(rde)->heap, handle, cell_bytes(list.n));
}

/*
 * Blocks.
 */
static void
block_unref(struct rde *rde, uint32_t handle)
{
	struct told_block *b;
	unsigned i;

	if (handle == HEAP_NONE)
		return;
	b = block_at(rde, handle);
	if (--b->refcnt != 0)
		return;
	for (i = 0; i < BLOCK_IDS; i++)
		cell_free(rde, b->cells[i]);
	heap_free(&told_of(rde)->heap, handle, sizeof(*b));
}

static uint32_t
block_new(struct rde *rde)
{
	uint32_t handle = heap_alloc(&told_of(rde)->heap,
	    sizeof(struct told_block));
	struct told_block *b = block_at(rde, handle);

	memset(b, 0, sizeof(*b));
	b->refcnt = 1;
	return handle;
}

static uint32_t
block_copy(struct rde *rde, uint32_t from)
{
	uint32_t to = block_new(rde);
	struct told_list list;
	unsigned i;

	for (i = 0; i < BLOCK_IDS; i++) {
		list = cell_list(rde, block_at(rde, from)->cells[i]);
		block_at(rde, to)->cells[i] = cell_new(rde, &list);
	}
	return to;
}

static void
blocks_resize(struct stream_family *f, size_t n)
{
	if (n <= f->n_told)
		return;
	f->told = reallocarray(f->told, n, sizeof(*f->told));
	if (f->told == NULL)
		err(1, "stream");
	memset(f->told + f->n_told, 0, (n - f->n_told) * sizeof(*f->told));
	f->n_told = n;
}

/* The block of an id, for this stream alone. */
static struct told_block *
block_own(struct rde *rde, struct stream_family *f, uint32_t id)
{
	size_t i = id >> BLOCK_SHIFT;
	uint32_t shared;

	if (i >= f->n_told)
		blocks_resize(f, i + i / 4 + 64);
	if (f->told[i] == HEAP_NONE) {
		f->told[i] = block_new(rde);
	} else if (block_at(rde, f->told[i])->refcnt > 1) {
		shared = f->told[i];
		f->told[i] = block_copy(rde, shared);
		block_unref(rde, shared);
	}
	return block_at(rde, f->told[i]);
}

/*
 * Lists.
 */
bool
told_has_ids(const struct stream *s, unsigned family)
{
	return (s->group->key.add_path_mask >> family & 1) != 0;
}

struct told_list
told_get(const struct rde *rde, const struct stream *s, unsigned family,
    uint32_t id)
{
	const struct stream_family *f = &s->families[family];
	size_t i = id >> BLOCK_SHIFT;

	if (i >= f->n_told || f->told[i] == HEAP_NONE)
		return (struct told_list){ NULL, 0 };
	return cell_list(rde,
	    block_at(rde, f->told[i])->cells[id % BLOCK_IDS]);
}

bool
told_is_equal(const struct told_list *a, const struct told_list *b)
{
	return a->n == b->n && (a->n == 0 ||
	    memcmp(a->items, b->items, a->n * sizeof(*a->items)) == 0);
}

void
told_set(struct rde *rde, struct stream *s, unsigned family, uint32_t id,
    const struct told_list *list)
{
	struct told_block *b = block_own(rde, &s->families[family], id);
	uint32_t old = b->cells[id % BLOCK_IDS];

	b->cells[id % BLOCK_IDS] = cell_new(rde, list);
	cell_free(rde, old);
	stream_set_sent(s, family, id, list->n != 0);
}

void
stream_copy_told(struct rde *rde, struct stream *to,
    const struct stream *from)
{
	const struct stream_family *f;
	struct stream_family *mine;
	unsigned i;
	size_t k;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = &from->families[i];
		mine = &to->families[i];
		blocks_resize(mine, f->n_told);
		for (k = 0; k < f->n_told; k++) {
			if (f->told[k] == HEAP_NONE)
				continue;
			block_at(rde, f->told[k])->refcnt++;
			block_unref(rde, mine->told[k]);
			mine->told[k] = f->told[k];
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
	struct told_list list = told_get(rde, to, family, id), both;
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
		if (told_has_ids(to, family)) {
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

static void
block_merge(struct rde *rde, struct stream *to, const struct stream *from,
    unsigned family, size_t block)
{
	uint32_t id = (uint32_t)(block << BLOCK_SHIFT), end = id + BLOCK_IDS;
	struct told_list list;

	for (; id != end; id++) {
		list = told_get(rde, from, family, id);
		if (list.n != 0)
			told_merge(rde, to, family, id, &list);
	}
}

/*
 * A block of one becomes that of the other, which has all of it: what its
 * members were not told is not known in it, and so told with the next change.
 */
static void
block_share(struct rde *rde, struct stream *s, const struct stream *with,
    unsigned family, size_t block)
{
	uint32_t id = (uint32_t)(block << BLOCK_SHIFT), end = id + BLOCK_IDS;
	uint32_t *mine = &s->families[family].told[block];
	uint32_t theirs = with->families[family].told[block];

	if (theirs == HEAP_NONE)
		return;
	block_at(rde, theirs)->refcnt++;
	block_unref(rde, *mine);
	*mine = theirs;
	for (; id != end; id++)
		if (told_get(rde, s, family, id).n != 0)
			stream_set_sent(s, family, id, true);
}

/* Blocks that differ, in whichever turn; the others are one already. */
bool
stream_merge_told(struct rde *rde, struct stream *to, struct stream *from,
    struct budget *b)
{
	const struct stream_family *f;
	unsigned i;
	size_t k;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = &from->families[i];
		blocks_resize(&to->families[i], f->n_told);
		for (k = 0; k < f->n_told; k++) {
			if (f->told[k] == to->families[i].told[k])
				continue;
			block_merge(rde, to, from, i, k);
			block_share(rde, from, to, i, k);
			if (!budget_spend(b, BLOCK_IDS / 4))
				return false;
		}
	}
	return true;
}

void
stream_forget_told(struct rde *rde, struct stream *s, unsigned family)
{
	struct stream_family *f = &s->families[family];
	struct stream_told *cell;
	struct told_block *b;
	uint32_t k, i;
	size_t at;

	for (at = 0; at < f->n_told; at++) {
		if (f->told[at] == HEAP_NONE)
			continue;
		b = block_own(rde, f, (uint32_t)(at << BLOCK_SHIFT));
		for (k = 0; k < BLOCK_IDS; k++) {
			if (b->cells[k] == HEAP_NONE)
				continue;
			cell = heap_at(&told_of(rde)->heap, b->cells[k]);
			for (i = 1; i <= cell->id; i++) {
				attrset_unref(&rde->attrsets, cell[i].attr);
				cell[i].attr = ATTRSET_NONE;
			}
		}
	}
}

/*
 * Freeing, later.
 */
void
stream_free_told(struct rde *rde, struct stream *s)
{
	struct told_rest *rest;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (s->families[i].told == NULL)
			continue;
		rest = calloc(1, sizeof(*rest));
		if (rest == NULL)
			err(1, "stream");
		rest->blocks = s->families[i].told;
		rest->n = s->families[i].n_told;
		rest->next = told_of(rde)->rest;
		told_of(rde)->rest = rest;
		s->families[i].told = NULL;
		s->families[i].n_told = 0;
	}
}

static void
rest_free(struct told *t)
{
	struct told_rest *rest = t->rest;

	t->rest = rest->next;
	free(rest->blocks);
	free(rest);
}

bool
told_run(struct rde *rde, struct budget *b)
{
	struct told *t = told_of(rde);

	while (t->rest != NULL) {
		while (t->rest->n > 0) {
			block_unref(rde, t->rest->blocks[--t->rest->n]);
			if (!budget_spend(b, BLOCK_IDS))
				return false;
		}
		rest_free(t);
	}
	return true;
}

void
told_init(struct told *t)
{
	heap_init(&t->heap);
}

void
told_fini(struct rde *rde)
{
	struct told *t = told_of(rde);

	while (t->rest != NULL) {
		while (t->rest->n > 0)
			block_unref(rde, t->rest->blocks[--t->rest->n]);
		rest_free(t);
	}
	heap_fini(&t->heap);
}
