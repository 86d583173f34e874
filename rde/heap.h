/* SPDX-License-Identifier: ISC */
/*
 * Memory in units of 16 bytes, named by 32-bit handles: half of a pointer,
 * and no header. Cells of one size share pages, and a page that has become
 * empty serves any size: a million arrays that all grow leave no holes
 * behind. What a table holds in millions lives here.
 */
#ifndef RDE_HEAP_H
#define RDE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_UNIT		16u
#define HEAP_PAGE_SHIFT		8		/* units of a page: 4 KiB */
#define HEAP_PAGE_UNITS		(1u << HEAP_PAGE_SHIFT)
#define HEAP_CHUNK_SHIFT	16		/* units of a chunk: 1 MiB */
#define HEAP_CHUNK_UNITS	(1u << HEAP_CHUNK_SHIFT)
#define HEAP_CHUNK_PAGES	(HEAP_CHUNK_UNITS >> HEAP_PAGE_SHIFT)
#define HEAP_MAX_BYTES		(HEAP_CHUNK_UNITS * HEAP_UNIT / 2)
#define HEAP_EXACT_UNITS	64u		/* sizes kept exactly */
#define HEAP_PAGE_CLASSES	(HEAP_EXACT_UNITS + 4)
#define HEAP_SPAN_CLASSES	(4 * 8)		/* of several pages */
#define HEAP_NONE		0u		/* no handle */

/* What is known of a page; its number is its first handle's upper bits. */
struct heap_page {
	uint16_t	class;		/* 0: free, or part of a span */
	uint16_t	n_used;		/* cells */
	uint16_t	n_fresh;	/* cells that were ever given */
	uint16_t	free;		/* first free cell + 1, or 0 */
	uint32_t	prev, next;	/* in its class's list, or the free */
};

struct heap {
	uint8_t		**chunks;	/* NULL: given back */
	struct heap_page **pages;	/* of each chunk */
	uint16_t	*n_free;	/* free pages of each chunk */
	uint32_t	  n_chunks;	/* slots of those */
	uint32_t	  n_live;	/* chunks that are there */
	uint32_t	  n_free_pages;
	uint32_t	  free_pages;	/* first of a list, 0: none */
	uint32_t	  partial[HEAP_PAGE_CLASSES];	/* pages with room */
	uint32_t	  spans[HEAP_SPAN_CLASSES];	/* free ones, by handle */
	uint32_t	  span_chunk;	/* where the last one was cut */
	uint32_t	  span_page;	/* and its next page */
	size_t		  used_bytes;	/* in cells that are allocated */
};

void	 heap_init(struct heap *);
/* Free all cells at once. */
void	 heap_fini(struct heap *);
/*
 * A new cell of at least len_bytes (1..HEAP_MAX_BYTES), 16-byte aligned, not
 * zeroed. Out of memory ends the process.
 */
uint32_t heap_alloc(struct heap *, size_t len_bytes);
/* Give it back; len_bytes as at heap_alloc. */
void	 heap_free(struct heap *, uint32_t handle, size_t len_bytes);
/* Bytes taken from the system. */
size_t	 heap_bytes(const struct heap *);

/* The cell of a handle; stays where it is until heap_free. */
static inline void *
heap_at(const struct heap *h, uint32_t handle)
{
	return h->chunks[handle >> HEAP_CHUNK_SHIFT] +
	    (size_t)(handle & (HEAP_CHUNK_UNITS - 1)) * HEAP_UNIT;
}

#endif
