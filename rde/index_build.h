/* SPDX-License-Identifier: ISC */
/*
 * Many records that are to come into an index at once: sorted before, so
 * that the nodes get full and each is written while it is in the cache. It
 * takes 24 bytes a record, and is done in slices; the table may change
 * meanwhile, so it is kept which records the index has already.
 */
#ifndef RDE_INDEX_BUILD_H
#define RDE_INDEX_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_BUILD_MIN	4096	/* records for which it is worth while */

struct index_build;
struct table;

/* For the ids first .. first + n - 1 of the table. */
struct index_build *index_build_new(uint32_t first, uint32_t n);
/* Harmless on NULL. */
void	 index_build_free(struct index_build *);
/* Whether the index has this id, if it is used at all; false for others. */
bool	 index_build_has(const struct index_build *, uint32_t id);
/*
 * Go on for up to *n steps, a few nanoseconds each; *n is what is left of
 * them. True when the index has all.
 */
bool	 index_build_run(struct index_build *, struct table *, uint32_t *n);

#endif
