/* SPDX-License-Identifier: ISC */
/*
 * Ordered index: a B+-tree of ids, each with the first 64 bits of its key so
 * that most comparisons stay in the node. Ties are broken by the owner's
 * compare. Used for dumps, ranges and their resuming.
 */
#ifndef RDE_INDEX_H
#define RDE_INDEX_H

#include "rde/heap.h"

#include <stddef.h>
#include <stdint.h>

#define INDEX_ID_NONE	UINT32_MAX
#define INDEX_LEAF	67		/* entries of a leaf: 5 leaves a page */
#define INDEX_FANOUT	67		/* children of an inner node */
#define INDEX_DEPTH_MAX	8

/* Order of record id against the searched key, heads being equal. */
typedef int (*index_compare)(const void *owner, uint32_t id, const void *key);

struct index {
	struct heap	heap;
	uint32_t	root;		/* node, or HEAP_NONE */
	unsigned	depth;		/* inner levels above the leaves */
	size_t		n_entries;
	index_compare	compare;
	const void	*owner;
};

/* A place in the order. */
struct index_pos {
	uint32_t	leaf;
	unsigned	i;
};

void	 index_init(struct index *, index_compare, const void *owner);
void	 index_fini(struct index *);
/* Insert id, whose key has this head; key is given to compare. */
void	 index_add(struct index *, uint64_t head, uint32_t id,
	    const void *key);
/* Remove the entry that equals key; ignored if absent. */
void	 index_del(struct index *, uint64_t head, const void *key);
/* First id at or after (head, key); then the next ones. */
uint32_t index_seek(const struct index *, uint64_t head, const void *key,
	    struct index_pos *);
uint32_t index_first(const struct index *, struct index_pos *);
uint32_t index_next(const struct index *, struct index_pos *);

#endif
