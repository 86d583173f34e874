/* SPDX-License-Identifier: ISC */
/*
 * Interned attribute sets: a canonical block together with its next hop and
 * local weight is kept once, however many routes carry it, and is named by a
 * 32-bit handle. What the decision needs is in one cache line before the
 * bytes. Sets are counted; an unreferenced one is freed at once.
 */
#ifndef RDE_ATTRSET_H
#define RDE_ATTRSET_H

#include "common/buf.h"
#include "rde/heap.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct update_nexthop;

#define ATTRSET_NONE	HEAP_NONE

enum attrset_flag {
	/* part of the identity, said by whoever interns */
	ATTRSET_NEXTHOP_SELF = 1,	/* our address on each session */
	ATTRSET_NEXTHOP_KEEP = 2,	/* never changed on output */
	ATTRSET_NEXTHOP_REJECT = 4,	/* kernel route of that kind */
	ATTRSET_NEXTHOP_BLACKHOLE = 8,
	ATTRSET_MED_SET = 16,		/* MED is ours: told to all */
	ATTRSET_IDENTITY = 31,
	/* derived from the block */
	ATTRSET_HAS_MED = 32,
	ATTRSET_HAS_LOCAL_PREF = 64,
	ATTRSET_HAS_AS_SET = 128,
	ATTRSET_NO_EXPORT = 256,
	ATTRSET_NO_ADVERTISE = 512,
	ATTRSET_NO_EXPORT_SUBCONFED = 1024,
	ATTRSET_HAS_OTC = 2048,
	ATTRSET_HAS_ORIGINATOR = 4096,
	ATTRSET_HAS_UNKNOWN = 8192,	/* attributes without a row */
	ATTRSET_LLGR_STALE = 16384,	/* RFC 9494 */
	ATTRSET_NO_LLGR = 32768,
};

/*
 * What the decision reads, 44 bytes, then the next hop's bytes, then the
 * block. There are more of these than of anything but paths.
 */
struct attrset {
	uint32_t	hash;
	uint32_t	refcnt;
	uint32_t	serial;		/* never reused, 0 when freed */
	uint32_t	local_pref;	/* 100 if absent */
	uint32_t	med;		/* 0 if absent */
	uint32_t	weight;
	uint32_t	neighbor_as;	/* first of the path, 0: none */
	uint32_t	source_as;	/* last of the path, 0: none */
	uint16_t	flags;		/* enum attrset_flag */
	uint16_t	path_len;	/* as the decision counts it */
	uint16_t	cluster_len;	/* clusters in CLUSTER_LIST */
	uint16_t	block_len;
	uint16_t	n_asns;
	uint8_t		origin;
	uint8_t		nexthop_len;
	uint8_t		bytes[];
};

_Static_assert(sizeof(struct attrset) == 44, "an attribute set is small");

/* What makes a set. */
struct attrset_key {
	struct rd	block;		/* canonical */
	const uint8_t	*nexthop;
	uint8_t		nexthop_len;
	uint16_t	flags;		/* of ATTRSET_IDENTITY */
	uint32_t	weight;
};

struct attrsets {
	struct heap	heap;
	struct map	map;
	uint64_t	seed;
	uint32_t	serial;
	uint32_t	n_sets;
	size_t		n_bytes;	/* of cells in use */
};

void	 attrset_init(struct attrsets *, uint64_t seed);
void	 attrset_fini(struct attrsets *);
/*
 * The set that equals key, new or old, with a reference for the caller.
 * ATTRSET_NONE if the block is malformed or over 64 KiB.
 */
uint32_t attrset_intern(struct attrsets *, const struct attrset_key *);
void	 attrset_ref(struct attrsets *, uint32_t handle);
/* Drop a reference; ATTRSET_NONE is accepted. */
void	 attrset_unref(struct attrsets *, uint32_t handle);

/* Borrow; valid while referenced. */
static inline const struct attrset *
attrset_at(const struct attrsets *s, uint32_t handle)
{
	return heap_at(&s->heap, handle);
}

/* The canonical block, borrowed. */
static inline struct rd
attrset_block(const struct attrset *a)
{
	return buf_reader(a->bytes + a->nexthop_len, a->block_len);
}

/* ORIGINATOR_ID, of a set with ATTRSET_HAS_ORIGINATOR; else 0. */
uint32_t attrset_originator(const struct attrset *);
/* The key that interns it again, to be changed by the caller. */
struct attrset_key attrset_key_of(const struct attrset *);
/* The next hop, as bytes and as an address (the global one; VPN: behind the
 * route distinguisher). False when there is none. */
void	 attrset_nexthop(const struct attrset *, struct update_nexthop *out);
bool	 attrset_nexthop_addr(const struct attrset *, struct addr *out);

#endif
