/* SPDX-License-Identifier: ISC */
/*
 * The table of one address family: a record for each destination, found by
 * hash or in order, with its paths. Records have 32-bit ids and keep their
 * place until deleted. IPv4 prefixes take 20 bytes, IPv6 ones 32, other
 * destinations 20 and their bytes.
 */
#ifndef RDE_TABLE_H
#define RDE_TABLE_H

#include "rde/heap.h"
#include "rde/index.h"
#include "rde/index_build.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attrsets;
struct nlri;
struct nlri_family;
struct wr;

#define TABLE_ID_NONE	UINT32_MAX
#define TABLE_PATHS_MAX	30000		/* of one destination */

enum record_flag {
	RECORD_USED = 1,
	RECORD_DIRTY = 2,		/* queued for the decision */
	RECORD_HAS_BEST = 4,		/* path 0 is the best */
	RECORD_WIDE = 8,		/* paths are struct path_wide */
	RECORD_HAS_PRIVATE = 16,	/* some path is for one peer only */
	RECORD_FORCE = 32,		/* export it though the best is the same */
};

struct record {
	uint32_t	paths;		/* cell in the table's heap */
	uint32_t	sent_attr;	/* best path's set when last exported */
	uint16_t	n_paths;
	uint16_t	sent_peer;	/* and its peer's index */
	uint8_t		flags;		/* enum record_flag */
	uint8_t		len_bits;	/* of a prefix */
	uint16_t	key_len;	/* of other destinations */
	uint8_t		key[];		/* 4 or 16 bytes; or a handle */
};

enum path_flag {
	PATH_GENERATION = 0xff,		/* of the peer when it was received */
	PATH_FILTERED = 0x100,		/* denied by the in rules */
	PATH_LOOP = 0x200,		/* our AS, router or cluster id in it */
	PATH_LEAK = 0x400,		/* RFC 9234 */
	PATH_PRIVATE = 0x800,		/* for its peer alone (API) */
	PATH_OVS_SHIFT = 12,		/* 2 bits: enum rov_state */
	PATH_AVS_SHIFT = 14,
	PATH_INFEASIBLE = 0x4000,	/* in tables of flows, see flow.h */
	PATH_BLOCKED = PATH_FILTERED | PATH_LOOP | PATH_LEAK | PATH_PRIVATE,
	PATH_STATES = 0xf000,
};

struct path {
	uint16_t	peer;		/* index */
	uint16_t	flags;		/* enum path_flag */
	uint32_t	attr_in;	/* as received */
	uint32_t	attr;		/* after the in rules; NONE: filtered */
	uint32_t	age;		/* second of the engine's life */
};

/* With path identifier, or bytes beside the key. */
struct path_wide {
	struct path	path;
	uint32_t	path_id;
	uint32_t	nlri;		/* cell with the whole NLRI, or none */
	uint16_t	nlri_len;
	uint16_t	slot;		/* among the paths of its peer */
	uint32_t	spare;
};

/* A destination, ready for looking up. */
struct table_key {
	const uint8_t	*bytes;		/* other families: borrowed */
	uint16_t	 len;
	uint8_t		 len_bits;
	uint8_t		 prefix[16];	/* host bits cleared */
	uint32_t	 hash;
};

/* Ids in the order in which they were put. */
struct id_queue {
	uint32_t	*ids;
	size_t		 head, n, cap;
};

struct table {
	const struct nlri_family *family;
	struct attrsets	*attrsets;	/* whose references paths hold */
	uint8_t		**chunks;
	uint32_t	 n_chunks;
	uint32_t	 n_ids;		/* ids ever given: 0..n_ids-1 */
	uint32_t	 free_id;	/* first of the list of free ids */
	uint32_t	 n_records;
	size_t		 n_paths;
	uint16_t	 stride;	/* of records */
	uint16_t	 blocked;	/* flags of paths that cannot be best */
	uint8_t		 addr_len;	/* 4, 16; 0: other families */
	uint64_t	 seed;
	uint8_t		 rib;		/* 0: Loc-RIB; else of rib_extra.c */
	struct id_queue	 dirty, dead;	/* to be decided; perhaps to delete */
	struct map	 map;
	struct heap	 heap;
	struct index	 index;
	uint32_t	 n_indexed;	/* ids below it are in the index */
	uint32_t	 n_build;	/* ids that come next, by build */
	struct index_build *build;	/* or NULL */
	uint32_t	 n_by_len[129];	/* records of each prefix length */
};

#define TABLE_CHUNK_SHIFT	12

void	 table_init(struct table *, const struct nlri_family *,
	    struct attrsets *, uint64_t seed);
void	 table_fini(struct table *);

static inline struct record *
table_at(const struct table *t, uint32_t id)
{
	return (struct record *)(void *)(t->chunks[id >> TABLE_CHUNK_SHIFT] +
	    (size_t)(id & ((1u << TABLE_CHUNK_SHIFT) - 1)) * t->stride);
}

/*
 * The key of an NLRI of the table's family. scratch (growing) takes the key
 * bytes of families other than prefixes. False if it has none.
 */
bool	 table_key(const struct table *, const struct nlri *,
	    struct wr *scratch, struct table_key *out);
/* The id of a destination, or TABLE_ID_NONE. */
uint32_t table_find(const struct table *, const struct table_key *);
/* The same, made if absent. */
uint32_t table_add(struct table *, const struct table_key *);
/* Delete a record that has no paths. */
void	 table_del(struct table *, uint32_t id);
bool	 table_is_used(const struct table *, uint32_t id);

/*
 * The NLRI of a record, for path i of it or -1 for none in particular.
 * bytes is room for 17 bytes that the result may borrow.
 */
void	 table_nlri(const struct table *, uint32_t id, int i,
	    uint8_t bytes[17], struct nlri *out);
/* <0, 0, >0 as a record's destination is before, at, after the key. */
int	 table_compare(const struct table *, uint32_t id,
	    const struct table_key *);
/* The key of a record; borrows from it. */
void	 table_key_of(const struct table *, uint32_t id, struct table_key *out);

/* Paths. A borrowed path is valid until paths of its record change. */
static inline struct path *
table_path(const struct table *t, const struct record *r, unsigned i)
{
	unsigned shift = r->flags & RECORD_WIDE ? 5 : 4;

	return (struct path *)(void *)((uint8_t *)heap_at(&t->heap, r->paths) +
	    ((size_t)i << shift));
}

uint32_t table_path_id(const struct table *, const struct record *, unsigned i);
/*
 * The identifier by which a path is told to others (RFC 7911): made of its
 * peer and place, the same as long as it lives, never 0, of no other path of
 * the record.
 */
uint32_t table_told_id(const struct table *, const struct record *, unsigned i);
/* Index of the path of peer, path id and privacy, or -1. */
int	 table_find_path(const struct table *, uint32_t id, uint16_t peer,
	    uint32_t path_id, bool is_private);
/*
 * Append a path without attributes; nlri may add path id and bytes. Returns
 * its index, or -1 when there are too many.
 */
int	 table_add_path(struct table *, uint32_t id, uint16_t peer,
	    const struct nlri *);
/* Keep the NLRI's bytes if they differ from the key (labels). True: changed. */
bool	 table_set_nlri(struct table *, uint32_t id, unsigned i,
	    const struct nlri *);
/* Remove a path and its references; the last one takes its place. */
void	 table_del_path(struct table *, uint32_t id, unsigned i);
/* Exchange two paths. */
void	 table_swap_paths(struct table *, uint32_t id, unsigned i, unsigned j);

/*
 * The order is kept from the first time that somebody asks for it: take up
 * to n more records into the index; true when all are in it.
 */
bool	 table_index(struct table *, uint32_t n);
/* Take a used record that is not in the index. */
void	 table_index_add(struct table *, uint32_t id);
/* The order's leading 64 bits; all of an IPv4 key. */
uint64_t table_head(const struct table *, const struct table_key *);
/*
 * Order, once table_index was true: ids from the first that is at or after key (NULL: the very first).
 * Returns TABLE_ID_NONE at the end. The position is lost by changes.
 */
uint32_t table_seek(const struct table *, const struct table_key *,
	    struct index_pos *);
uint32_t table_next(const struct table *, struct index_pos *);
/* The longest prefix that covers key and is shorter than len_max bits + 1. */
uint32_t table_covering(const struct table *, const struct table_key *,
	    unsigned len_max);
/* Whether the record lies in key's prefix or is it. */
bool	 table_is_inside(const struct table *, uint32_t id,
	    const struct table_key *);
size_t	 table_bytes(const struct table *);

void	 id_queue_push(struct id_queue *, uint32_t id);

/* TABLE_ID_NONE: empty. */
static inline uint32_t
id_queue_pop(struct id_queue *q)
{
	uint32_t id;

	if (q->head == q->n)
		return TABLE_ID_NONE;
	id = q->ids[q->head++];
	if (q->head == q->n)
		q->head = q->n = 0;
	return id;
}

#endif
