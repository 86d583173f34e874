/* SPDX-License-Identifier: ISC */
/*
 * Linear probing over slots ordered by hash. The array ends in a spare part,
 * so that a run at the end needs no wrap-around.
 */
#include "rde/map.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define MAP_BITS_MIN	4
#define MAP_SPARE	64	/* grown earlier if a run outgrows it */

uint32_t
map_n_slots(const struct map *m)
{
	return m->slots == NULL ? 0 : (1u << m->bits) + MAP_SPARE;
}

void
map_init(struct map *m)
{
	memset(m, 0, sizeof(*m));
}

void
map_fini(struct map *m)
{
	free(m->slots);
	map_init(m);
}

static uint32_t
map_from(const struct map *m, struct map_pos *p)
{
	const struct map_slot *s = &m->slots[p->slot];

	for (; s->value != MAP_NONE; s++, p->slot++) {
		if (s->hash == p->hash)
			return s->value;
	}
	return MAP_NONE;
}

uint32_t
map_first(const struct map *m, uint32_t hash, struct map_pos *p)
{
	if (m->slots == NULL)
		return MAP_NONE;
	p->hash = hash;
	p->slot = hash >> (32 - m->bits);
	return map_from(m, p);
}

uint32_t
map_next(const struct map *m, struct map_pos *p)
{
	p->slot++;
	return map_from(m, p);
}

/*
 * Place an entry; 0 when the spare part would be used up. The last slot is
 * always empty, which ends every search.
 */
static int
map_place(struct map *m, uint32_t hash, uint32_t value)
{
	uint32_t i = hash >> (32 - m->bits), last = map_n_slots(m) - 1;

	while (m->slots[i].value != MAP_NONE)
		i++;
	if (i == last)
		return 0;
	m->slots[i] = (struct map_slot){ .hash = hash, .value = value };
	return 1;
}

static void
map_alloc(struct map *m, unsigned bits)
{
	m->bits = (uint8_t)bits;
	m->slots = malloc(((size_t)(1u << bits) + MAP_SPARE) *
	    sizeof(*m->slots));
	if (m->slots == NULL)
		err(1, "map");
	/* All ones is MAP_NONE. */
	memset(m->slots, 0xff, map_n_slots(m) * sizeof(*m->slots));
}

static void
map_grow(struct map *m)
{
	struct map old = *m;
	unsigned bits = old.slots == NULL ? MAP_BITS_MIN : old.bits + 1u;
	uint32_t i;

again:
	if (bits > 31)
		errx(1, "map: too many entries");
	map_alloc(m, bits);
	for (i = 0; i < map_n_slots(&old); i++) {
		if (old.slots[i].value == MAP_NONE)
			continue;
		if (!map_place(m, old.slots[i].hash, old.slots[i].value)) {
			free(m->slots);
			bits++;
			goto again;
		}
	}
	free(old.slots);
}

void
map_add(struct map *m, uint32_t hash, uint32_t value)
{
	if (m->slots == NULL || m->n_used >= (3u << m->bits) / 4)
		map_grow(m);
	while (!map_place(m, hash, value))
		map_grow(m);
	m->n_used++;
}

void
map_del(struct map *m, const struct map_pos *p)
{
	uint32_t hole = p->slot, i, home;

	for (i = hole + 1; m->slots[i].value != MAP_NONE; i++) {
		home = m->slots[i].hash >> (32 - m->bits);
		if (home > hole)
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole].value = MAP_NONE;
	m->n_used--;
}

size_t
map_bytes(const struct map *m)
{
	return map_n_slots(m) * sizeof(struct map_slot);
}

uint32_t
map_in_slot(const struct map *m, uint32_t slot)
{
	return m->slots == NULL ? MAP_NONE : m->slots[slot].value;
}
