/* SPDX-License-Identifier: ISC */
/*
 * Prefixes with a number each, asked for all that cover a prefix: prefix
 * sets, origin sets and ROAs. Built once, then read.
 */
#ifndef RDE_PSET_H
#define RDE_PSET_H

#include "common/addr.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pset_entry {
	struct prefix	prefix;
	uint32_t	value;
};

struct pset {
	struct map	   map;
	struct pset_entry *entries;
	size_t		   n, cap;
	uint64_t	   lens[2][3];	/* lengths that occur, by family */
};

/* Where a walk over covering entries stands. */
struct pset_walk {
	const struct pset *set;
	struct prefix	   prefix;	/* at the length looked at */
	struct map_pos	   pos;
	bool		   is_in_chain;
};

void	pset_init(struct pset *);
void	pset_fini(struct pset *);
void	pset_add(struct pset *, const struct prefix *, uint32_t value);
/* Entries whose prefix covers p, the longest first. NULL at the end. */
void	pset_cover(const struct pset *, const struct prefix *p,
	    struct pset_walk *);
const struct pset_entry *pset_next(struct pset_walk *);

#endif
