/* SPDX-License-Identifier: ISC */
/*
 * The routes of a benchmark: what feeders announce and receivers check. A
 * route is a prefix and the number of its set; a set is an AS path and the
 * other attributes that travel with it.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE	UINT32_MAX
#define TABLE_MADE_MAX	(1u << 22)	/* 24-bit prefixes in 16/4 to 64/4 */

struct table_route {
	uint8_t		addr[16];	/* the first 4 for IPv4, rest zero */
	uint8_t		len_bits;
	bool		is_v6;
	uint32_t	set;
};

struct table_set {
	uint32_t	path;		/* first of its numbers in paths */
	uint16_t	path_len;
	uint16_t	others_len;	/* bytes */
	uint32_t	others;		/* offset of attributes to copy */
	uint32_t	communities_sum;
};

/* Routes with the same set stand together. */
struct table {
	struct table_route	*routes;
	uint32_t		 n;
	struct table_set	*sets;
	uint32_t		 n_sets;
	uint32_t		*paths;		/* AS numbers */
	uint32_t		 paths_len;
	struct wr		 others;	/* attributes as on the wire */
	uint32_t		*slots;		/* hash: index of a route */
	uint32_t		 mask;
};

/*
 * n (up to TABLE_MADE_MAX) made-up IPv4 routes of 24 bits, per_set to each set of attributes. Ends
 * the program when there is no memory.
 */
void	table_make(struct table *, uint32_t n, uint32_t per_set);
/*
 * The UPDATEs in a file, one after the other, without framing. Of a prefix
 * that comes twice the last word counts; routes with AS_SET, AS 0 or a
 * well-known community are left out, since daemons refuse or keep them. -1 when it cannot be read.
 */
int	table_read(struct table *, const char *path);
void	table_free(struct table *);

/* Index of a prefix, or TABLE_NONE. addr as in struct table_route. */
uint32_t table_find(const struct table *, bool is_v6, const uint8_t *addr,
	    uint8_t len_bits);

/*
 * What a receiver must see of a path: a number for its AS numbers and
 * communities. table_mix folds one AS number into it, beginning with 0.
 */
static inline uint32_t
table_mix(uint32_t hash, uint32_t as)
{
	return (hash ^ as) * 2654435761u + (hash >> 15);
}

/* Sum over the 4-octet values of COMMUNITIES: their order does not count. */
uint32_t table_communities(struct rd value);

#endif
