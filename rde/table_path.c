/* SPDX-License-Identifier: ISC */
/*
 * The paths of a record: an array in one cell whose size is known from the
 * count. A record's paths are narrow until one has a path identifier or an
 * NLRI of its own.
 */
#include "rde/table.h"

#include "common/nlri/nlri.h"
#include "rde/attrset.h"

#include <string.h>

#define NARROW	sizeof(struct path)
#define WIDE	sizeof(struct path_wide)
#define SLOT_MAX	0x7ffeu	/* more than TABLE_PATHS_MAX */

_Static_assert(sizeof(struct path) == 16, "a path is 16 bytes");
_Static_assert(sizeof(struct path_wide) == 32, "a wide path is 32 bytes");

/* Paths that the cell of a record with n paths has room for. */
static unsigned
path_room(unsigned n)
{
	unsigned room = 1;

	while (room < n)
		room += room < 2 ? 1 : room < 12 ? 2 : room / 3;
	return room;
}

static size_t
path_stride(const struct record *r)
{
	return r->flags & RECORD_WIDE ? WIDE : NARROW;
}

static struct path_wide *
path_wide(const struct table *t, const struct record *r, unsigned i)
{
	return (struct path_wide *)(void *)table_path(t, r, i);
}

uint32_t
table_path_id(const struct table *t, const struct record *r, unsigned i)
{
	return r->flags & RECORD_WIDE ? path_wide(t, r, i)->path_id : 0;
}

uint32_t
table_told_id(const struct table *t, const struct record *r, unsigned i)
{
	const struct path *p = table_path(t, r, i);
	uint32_t slot = r->flags & RECORD_WIDE ? path_wide(t, r, i)->slot : 0;

	return (slot << 16) + p->peer + 1u +
	    (p->flags & PATH_PRIVATE ? UINT32_C(0x80000000) : 0);
}

/* A number that no other path of its peer has: one above the highest. */
static uint16_t
path_slot(const struct table *t, const struct record *r, unsigned self)
{
	uint16_t peer = table_path(t, r, self)->peer;
	uint8_t is_used[(SLOT_MAX + 8) / 8] = { 0 };
	unsigned i, slot, next = 0;

	for (i = 0; i < r->n_paths; i++) {
		if (i == self || table_path(t, r, i)->peer != peer)
			continue;
		slot = path_wide(t, r, i)->slot;
		is_used[slot / 8] |= (uint8_t)(1u << slot % 8);
		if (slot >= next)
			next = slot + 1;
	}
	if (next <= SLOT_MAX)
		return (uint16_t)next;
	/* There are fewer paths than slots. */
	for (slot = 0; is_used[slot / 8] >> slot % 8 & 1; slot++)
		;
	return (uint16_t)slot;
}

int
table_find_path(const struct table *t, uint32_t id, uint16_t peer,
    uint32_t path_id, bool is_private)
{
	const struct record *r = table_at(t, id);
	const struct path *p;
	unsigned i;

	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		if (p->peer == peer && is_private ==
		    ((p->flags & PATH_PRIVATE) != 0) &&
		    table_path_id(t, r, i) == path_id)
			return (int)i;
	}
	return -1;
}

/* Make every path of a record wide. */
static void
path_widen(struct table *t, struct record *r)
{
	uint32_t cell;
	struct path_wide *w;
	unsigned i;

	if (r->n_paths != 0) {
		cell = heap_alloc(&t->heap, path_room(r->n_paths) * WIDE);
		w = heap_at(&t->heap, cell);
		memset(w, 0, r->n_paths * WIDE);
		for (i = 0; i < r->n_paths; i++)
			w[i].path = *table_path(t, r, i);
		heap_free(&t->heap, r->paths,
		    path_room(r->n_paths) * NARROW);
		r->paths = cell;
	}
	r->flags |= RECORD_WIDE;
}

static void
path_resize(struct table *t, struct record *r, unsigned n)
{
	unsigned old_room = path_room(r->n_paths), room = path_room(n);
	size_t stride = path_stride(r);
	unsigned keep = n < r->n_paths ? n : r->n_paths;
	uint32_t cell = HEAP_NONE;

	if (r->n_paths != 0 && n != 0 && old_room == room)
		return;
	if (n != 0)
		cell = heap_alloc(&t->heap, room * stride);
	if (r->n_paths != 0) {
		if (keep != 0) {
			memcpy(heap_at(&t->heap, cell),
			    heap_at(&t->heap, r->paths), keep * stride);
		}
		heap_free(&t->heap, r->paths, old_room * stride);
	}
	r->paths = cell;
}

int
table_add_path(struct table *t, uint32_t id, uint16_t peer,
    const struct nlri *nlri)
{
	struct record *r = table_at(t, id);
	unsigned i = r->n_paths;
	struct path *p;

	if (i >= TABLE_PATHS_MAX)
		return -1;
	if (nlri->path_id != 0 && (r->flags & RECORD_WIDE) == 0)
		path_widen(t, r);
	path_resize(t, r, i + 1);
	r->n_paths++;
	t->n_paths++;
	p = table_path(t, r, i);
	memset(p, 0, path_stride(r));
	p->peer = peer;
	if (r->flags & RECORD_WIDE) {
		path_wide(t, r, i)->path_id = nlri->path_id;
		path_wide(t, r, i)->slot = path_slot(t, r, i);
	}
	table_set_nlri(t, id, i, nlri);
	return (int)i;
}

static void
path_drop_nlri(struct table *t, struct path_wide *w)
{
	if (w->nlri == HEAP_NONE)
		return;
	heap_free(&t->heap, w->nlri, w->nlri_len);
	w->nlri = HEAP_NONE;
	w->nlri_len = 0;
}

bool
table_set_nlri(struct table *t, uint32_t id, unsigned i,
    const struct nlri *nlri)
{
	struct record *r = table_at(t, id);
	uint8_t bytes[17];
	struct nlri old;
	struct path_wide *w;

	if (t->addr_len != 0)
		return false;
	table_nlri(t, id, (int)i, bytes, &old);
	if (nlri->len == old.len &&
	    memcmp(nlri->bytes, old.bytes, old.len) == 0)
		return false;
	if ((r->flags & RECORD_WIDE) == 0)
		path_widen(t, r);
	w = path_wide(t, r, i);
	path_drop_nlri(t, w);
	w->nlri = heap_alloc(&t->heap, nlri->len);
	w->nlri_len = (uint16_t)nlri->len;
	memcpy(heap_at(&t->heap, w->nlri), nlri->bytes, nlri->len);
	return true;
}

void
table_swap_paths(struct table *t, uint32_t id, unsigned i, unsigned j)
{
	struct record *r = table_at(t, id);
	size_t stride = path_stride(r);
	uint8_t tmp[WIDE];

	if (i == j)
		return;
	memcpy(tmp, table_path(t, r, i), stride);
	memcpy(table_path(t, r, i), table_path(t, r, j), stride);
	memcpy(table_path(t, r, j), tmp, stride);
}

void
table_del_path(struct table *t, uint32_t id, unsigned i)
{
	struct record *r = table_at(t, id);
	struct path *p = table_path(t, r, i);

	attrset_unref(t->attrsets, p->attr_in);
	attrset_unref(t->attrsets, p->attr);
	if (r->flags & RECORD_WIDE)
		path_drop_nlri(t, path_wide(t, r, i));
	if (i == 0)
		r->flags &= (uint8_t)~RECORD_HAS_BEST;
	table_swap_paths(t, id, i, r->n_paths - 1u);
	path_resize(t, r, r->n_paths - 1u);
	r->n_paths--;
	t->n_paths--;
	if (r->n_paths == 0)
		r->flags &= (uint8_t)~(RECORD_WIDE | RECORD_HAS_PRIVATE);
}
