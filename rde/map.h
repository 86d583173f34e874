/* SPDX-License-Identifier: ISC */
/*
 * Open-addressing index from hashes to 32-bit values. It knows no keys: the
 * owner compares. The high bits of the hash choose the slot, so that growing
 * reads and writes memory in order.
 */
#ifndef RDE_MAP_H
#define RDE_MAP_H

#include <stddef.h>
#include <stdint.h>

#define MAP_NONE	UINT32_MAX	/* no value */

struct map_slot {
	uint32_t	hash;
	uint32_t	value;		/* MAP_NONE: empty */
};

struct map {
	struct map_slot	*slots;
	uint32_t	 n_used;
	uint8_t		 bits;		/* log2 of the slots but the spare */
};

/* Where a search stands. */
struct map_pos {
	uint32_t	slot;
	uint32_t	hash;
};

void	 map_init(struct map *);
void	 map_fini(struct map *);
/* First value with this hash, or MAP_NONE. */
uint32_t map_first(const struct map *, uint32_t hash, struct map_pos *);
/* The next one. */
uint32_t map_next(const struct map *, struct map_pos *);
/* Add a value (not MAP_NONE) under hash; duplicates are not looked for. */
void	 map_add(struct map *, uint32_t hash, uint32_t value);
/* Remove the entry at which map_first or map_next stood. */
void	 map_del(struct map *, const struct map_pos *);
size_t	 map_bytes(const struct map *);
/* For a walk over all values: how many slots there are, and what is in one
 * (MAP_NONE if nothing). */
uint32_t map_n_slots(const struct map *);
uint32_t map_in_slot(const struct map *, uint32_t slot);

/* Bring the slot of hash near the processor. */
static inline void
map_prefetch(const struct map *m, uint32_t hash)
{
	if (m->slots != NULL)
		__builtin_prefetch(&m->slots[hash >> (32 - m->bits)]);
}

#endif
