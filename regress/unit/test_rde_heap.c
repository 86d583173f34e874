/* SPDX-License-Identifier: ISC */
#include "rde/heap.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define N	20000

struct cell {
	uint32_t	handle;
	uint32_t	len;
	uint8_t		mark;
};

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void
cell_fill(struct heap *h, struct cell *c, uint32_t len, uint8_t mark)
{
	c->handle = heap_alloc(h, len);
	c->len = len;
	c->mark = mark;
	cr_assert_neq(c->handle, HEAP_NONE);
	memset(heap_at(h, c->handle), mark, len);
}

static void
cell_drop(struct heap *h, struct cell *c)
{
	const uint8_t *p = heap_at(h, c->handle);
	uint32_t i;

	for (i = 0; i < c->len; i++)
		cr_assert_eq(p[i], c->mark, "byte %u of %u", i, c->len);
	heap_free(h, c->handle, c->len);
	c->handle = HEAP_NONE;
}

Test(rde_heap, cells_do_not_overlap)
{
	static const uint32_t limits[] = { 64, 400, 1100, 5000, 300000 };
	struct cell *cells = calloc(N, sizeof(*cells));
	uint32_t state = 1, i, k, len;
	struct heap h;

	heap_init(&h);
	for (i = 0; i < 200000; i++) {
		k = next_random(&state) % N;
		len = limits[next_random(&state) % 64 == 0 ?
		    next_random(&state) % 5 : next_random(&state) % 3];
		if (cells[k].handle != HEAP_NONE)
			cell_drop(&h, &cells[k]);
		else
			cell_fill(&h, &cells[k], 1 + next_random(&state) %
			    len, (uint8_t)i);
	}
	for (k = 0; k < N; k++)
		if (cells[k].handle != HEAP_NONE)
			cell_drop(&h, &cells[k]);
	cr_assert_eq(h.used_bytes, 0);
	heap_fini(&h);
	free(cells);
}

Test(rde_heap, largest_cells)
{
	struct cell cells[5];
	struct heap h;
	int i;

	heap_init(&h);
	for (i = 0; i < 5; i++)
		cell_fill(&h, &cells[i], HEAP_MAX_BYTES - (uint32_t)i,
		    (uint8_t)i);
	for (i = 0; i < 5; i++)
		cell_drop(&h, &cells[i]);
	heap_fini(&h);
}

/* A hundred thousand arrays that grow step by step. */
Test(rde_heap, growing_arrays_leave_no_holes)
{
	uint32_t *handles = calloc(100000, sizeof(*handles)), i, handle;
	struct heap h;
	size_t len;

	heap_init(&h);
	for (i = 0; i < 100000; i++)
		handles[i] = heap_alloc(&h, 16);
	for (len = 32; len <= 192; len += 32) {
		for (i = 0; i < 100000; i++) {
			handle = heap_alloc(&h, len);
			heap_free(&h, handles[i], len == 32 ? 16 : len - 32);
			handles[i] = handle;
		}
	}
	cr_assert_lt(heap_bytes(&h), h.used_bytes + h.used_bytes / 8 +
	    (8 << 20), "%zu bytes for %zu", heap_bytes(&h), h.used_bytes);
	for (i = 0; i < 100000; i++)
		heap_free(&h, handles[i], 192);
	cr_assert_eq(h.used_bytes, 0);
	cr_assert_leq(heap_bytes(&h), 8 << 20, "%zu bytes", heap_bytes(&h));
	heap_fini(&h);
	free(handles);
}

/* What was given back to the system is taken again under the same handles. */
Test(rde_heap, shrinks_and_grows_again)
{
	uint32_t *handles = calloc(200000, sizeof(*handles)), i, round, most;
	struct heap h;

	heap_init(&h);
	for (round = 0; round < 3; round++) {
		for (most = 0, i = 0; i < 200000; i++) {
			handles[i] = heap_alloc(&h, 48);
			memset(heap_at(&h, handles[i]), 1, 48);
			most = handles[i] > most ? handles[i] : most;
		}
		cr_assert_lt(most, 16u << HEAP_CHUNK_SHIFT);
		for (i = 0; i < 200000; i++)
			heap_free(&h, handles[i], 48);
	}
	heap_fini(&h);
	free(handles);
}
