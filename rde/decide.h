/* SPDX-License-Identifier: ISC */
/*
 * The decision process, RFC 4271 9.1.2, in OpenBGPD's order of steps. Pure:
 * all that it looks at is handed in.
 */
#ifndef RDE_DECIDE_H
#define RDE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct attrset;

/* An eligible path. */
struct decide_path {
	const struct attrset	*attr;
	const struct addr	*peer_addr;
	uint32_t		 router_id;	/* of the peer */
	uint32_t		 path_id;
	uint32_t		 age;		/* second of arrival */
	bool			 is_ebgp;
};

struct decide_options {
	bool	med_always;		/* compare MED across neighbor ASes */
	bool	evaluates_age;		/* RFC 5004: the older one stays */
};

/*
 * Index of the best of n > 0 paths. MED counts only between paths of one
 * neighbor AS that are equal so far, whatever their order (RFC 4271 9.1.2.2 c).
 */
size_t	decide_best(const struct decide_path *, size_t n,
	    const struct decide_options *);
/*
 * <0: a is better, >0: b is. Steps are: not LLGR_STALE, local-pref, AS path length, origin,
 * MED (if comparable), external, weight, age, router id (ORIGINATOR_ID),
 * cluster list length, peer address, path identifier.
 */
int	decide_compare(const struct decide_path *a,
	    const struct decide_path *b, const struct decide_options *);

/* How good a path is, beside the best. */
enum decide_class {
	DECIDE_VALID = 2,	/* OpenBGPD's numbers, shown as dmetric */
	DECIDE_AS_WIDE,		/* equal up to MED */
	DECIDE_ECMP,		/* and of the same kind and weight */
	DECIDE_BEST,
};

/* A place in the order of preference. */
struct decide_rank {
	const struct decide_path *path;
	const struct decide_options *options;
	uint32_t	index;		/* in what was ranked */
	uint32_t	layer;		/* MEDs of its neighbor AS below its own */
	uint8_t		class;		/* enum decide_class */
};

/*
 * All n paths in order of preference, with their classes; out has room for n.
 * Of one neighbor AS a path with a higher MED comes after all that nothing
 * beats. The first is what decide_best gives.
 */
void	decide_rank(const struct decide_path *, size_t n,
	    const struct decide_options *, struct decide_rank *out);

#endif
