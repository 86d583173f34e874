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
 * <0: a is better, >0: b is. Steps are: local-pref, AS path length, origin,
 * MED (if comparable), external, weight, age, router id (ORIGINATOR_ID),
 * cluster list length, peer address, path identifier.
 */
int	decide_compare(const struct decide_path *a,
	    const struct decide_path *b, const struct decide_options *);

#endif
