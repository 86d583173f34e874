/* SPDX-License-Identifier: ISC */
/* Cells by handle: chunks, and a free list for each size class. */
#include "rde/heap.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

void
heap_init(struct heap *h)
{
	memset(h, 0, sizeof(*h));
	h->next = HEAP_CHUNK_UNITS;
}

void
heap_fini(struct heap *h)
{
	uint32_t i;

	for (i = 0; i < h->n_chunks; i++)
		free(h->chunks[i]);
	free(h->chunks);
	heap_init(h);
}

/*
 * Size class of a number of units, rounded up to what the class holds: exact
 * up to 64 units, then four steps for each doubling.
 */
static unsigned
heap_class(uint32_t *units)
{
	uint32_t base = HEAP_EXACT_UNITS, step;
	unsigned class = HEAP_EXACT_UNITS;

	if (*units <= HEAP_EXACT_UNITS)
		return *units;
	for (;;) {
		step = base / 4;
		for (uint32_t i = 1; i <= 4; i++) {
			class++;
			if (*units <= base + i * step) {
				*units = base + i * step;
				return class;
			}
		}
		base *= 2;
	}
}

static void
heap_grow(struct heap *h)
{
	uint8_t **chunks, *chunk;

	/* Handle 0 means none, so the first unit of all is never given. */
	if ((h->n_chunks & (h->n_chunks - 1)) == 0) {
		chunks = reallocarray(h->chunks,
		    h->n_chunks == 0 ? 1 : (size_t)h->n_chunks * 2,
		    sizeof(*chunks));
		if (chunks == NULL)
			err(1, "heap");
		h->chunks = chunks;
	}
	if (h->n_chunks >= UINT32_MAX / HEAP_CHUNK_UNITS)
		errx(1, "heap: more than 64 GiB");
	chunk = aligned_alloc(64, (size_t)HEAP_CHUNK_UNITS * HEAP_UNIT);
	if (chunk == NULL)
		err(1, "heap");
	h->chunks[h->n_chunks++] = chunk;
	h->next = h->n_chunks == 1 ? 1 : 0;
}

uint32_t
heap_alloc(struct heap *h, size_t len_bytes)
{
	uint32_t units = (uint32_t)((len_bytes + HEAP_UNIT - 1) / HEAP_UNIT);
	uint32_t handle;
	unsigned class;

	assert(len_bytes != 0 && len_bytes <= HEAP_MAX_BYTES);
	class = heap_class(&units);
	h->used_bytes += (size_t)units * HEAP_UNIT;
	handle = h->free[class];
	if (handle != HEAP_NONE) {
		memcpy(&h->free[class], heap_at(h, handle), sizeof(uint32_t));
		return handle;
	}
	if (HEAP_CHUNK_UNITS - h->next < units)
		heap_grow(h);
	handle = (h->n_chunks - 1) << HEAP_CHUNK_SHIFT | h->next;
	h->next += units;
	return handle;
}

void
heap_free(struct heap *h, uint32_t handle, size_t len_bytes)
{
	uint32_t units = (uint32_t)((len_bytes + HEAP_UNIT - 1) / HEAP_UNIT);
	unsigned class = heap_class(&units);

	assert(handle != HEAP_NONE);
	h->used_bytes -= (size_t)units * HEAP_UNIT;
	memcpy(heap_at(h, handle), &h->free[class], sizeof(uint32_t));
	h->free[class] = handle;
}

size_t
heap_bytes(const struct heap *h)
{
	return (size_t)h->n_chunks * HEAP_CHUNK_UNITS * HEAP_UNIT;
}
