/* SPDX-License-Identifier: ISC */
/* A hash by prefix, probed at each length that occurs. */
#include "rde/pset.h"

#include "rde/hash.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* The configuration chose these keys, no peer did: a constant seed serves. */
#define PSET_SEED	UINT64_C(0x51a7c0de)

void
pset_init(struct pset *s)
{
	memset(s, 0, sizeof(*s));
	map_init(&s->map);
}

void
pset_fini(struct pset *s)
{
	map_fini(&s->map);
	free(s->entries);
	memset(s, 0, sizeof(*s));
}

static uint32_t
pset_hash(const struct prefix *p)
{
	return (uint32_t)hash_bytes(p->addr.bytes, 16,
	    PSET_SEED ^ ((uint64_t)p->addr.family << 8 | p->len_bits));
}

static unsigned
pset_family(const struct prefix *p)
{
	return p->addr.family == ADDR_IPV6;
}

void
pset_add(struct pset *s, const struct prefix *p, uint32_t value)
{
	struct pset_entry *e;

	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->entries = reallocarray(s->entries, s->cap,
		    sizeof(*s->entries));
		if (s->entries == NULL)
			err(1, "pset");
	}
	e = &s->entries[s->n];
	*e = (struct pset_entry){ .prefix = *p, .value = value };
	prefix_mask(&e->prefix);
	e->prefix.addr.scope_id = 0;
	map_add(&s->map, pset_hash(&e->prefix), (uint32_t)s->n);
	s->n++;
	s->lens[pset_family(p)][p->len_bits / 64] |=
	    UINT64_C(1) << p->len_bits % 64;
}

void
pset_cover(const struct pset *s, const struct prefix *p, struct pset_walk *w)
{
	memset(w, 0, sizeof(*w));
	w->set = s;
	w->prefix = *p;
	w->prefix.addr.scope_id = 0;
	prefix_mask(&w->prefix);
}

static bool
pset_has_len(const struct pset_walk *w)
{
	unsigned len = w->prefix.len_bits;

	return (w->set->lens[pset_family(&w->prefix)][len / 64] >> len % 64 &
	    1) != 0;
}

static uint32_t
pset_step(struct pset_walk *w)
{
	if (w->is_in_chain)
		return map_next(&w->set->map, &w->pos);
	w->is_in_chain = true;
	if (!pset_has_len(w))
		return MAP_NONE;
	return map_first(&w->set->map, pset_hash(&w->prefix), &w->pos);
}

const struct pset_entry *
pset_next(struct pset_walk *w)
{
	const struct pset_entry *e;
	uint32_t i;

	if (w->set == NULL)
		return NULL;
	for (;;) {
		while ((i = pset_step(w)) != MAP_NONE) {
			e = &w->set->entries[i];
			if (prefix_compare(&e->prefix, &w->prefix) == 0)
				return e;
		}
		if (w->prefix.len_bits == 0) {
			w->set = NULL;
			return NULL;
		}
		w->prefix.len_bits--;
		prefix_mask(&w->prefix);
		w->is_in_chain = false;
	}
}
