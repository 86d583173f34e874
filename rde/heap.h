/* SPDX-License-Identifier: ISC */
/*
 * Memory in units of 16 bytes, named by 32-bit handles: half of a pointer,
 * no header, and freed cells are kept by size for the next of their kind.
 * What a table holds in millions lives here.
 */
#ifndef RDE_HEAP_H
#define RDE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_UNIT		16u
#define HEAP_CHUNK_SHIFT	16		/* units of a chunk: 1 MiB */
#define HEAP_CHUNK_UNITS	(1u << HEAP_CHUNK_SHIFT)
#define HEAP_MAX_BYTES		(HEAP_CHUNK_UNITS * HEAP_UNIT / 2)
#define HEAP_EXACT_UNITS	64u		/* sizes kept exactly */
#define HEAP_N_CLASSES		(HEAP_EXACT_UNITS + 1 + 4 * 10)
#define HEAP_NONE		0u		/* no handle */

struct heap {
	uint8_t		**chunks;
	uint32_t	  n_chunks;
	uint32_t	  next;		/* first unused unit of the last chunk */
	uint32_t	  free[HEAP_N_CLASSES];
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
