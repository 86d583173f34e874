/* SPDX-License-Identifier: ISC */
/*
 * What streams to which more than the best path matters were told of each
 * destination, as lists. Streams of one descent share what has not changed
 * since they parted, in blocks of a few destinations: a reader that becomes
 * slow costs no walk over the table, and one that has caught up no more than
 * what has changed meanwhile.
 */
#ifndef RDE_TOLD_H
#define RDE_TOLD_H

#include "rde/group.h"
#include "rde/heap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct rde;

struct told_list {
	const struct stream_told *items;
	uint32_t		  n;
};

/* Blocks of a family of a stream that is no more. */
struct told_rest {
	struct told_rest	*next;
	uint32_t		*blocks;
	size_t			 n;
};

/* Of all streams. */
struct told {
	struct heap		 heap;		/* blocks and cells */
	struct told_rest	*rest;		/* to be freed */
};

void	told_init(struct told *);
/* Attributes must still be there. */
void	told_fini(struct rde *);
/* Whether items are told apart by identifiers; else they have a place. */
bool	told_has_ids(const struct stream *, unsigned family);
/* What a stream was told; borrowed until it is set anew. */
struct told_list told_get(const struct rde *, const struct stream *,
	    unsigned family, uint32_t id);
bool	told_is_equal(const struct told_list *, const struct told_list *);
void	told_set(struct rde *, struct stream *, unsigned family, uint32_t id,
	    const struct told_list *);
/* Step of the work task: free what nobody needs. */
bool	told_run(struct rde *, struct budget *);

#endif
