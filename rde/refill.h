/* SPDX-License-Identifier: ISC */
/*
 * Taking the place of another RDE while sessions go on: the tables are
 * filled first, from ROUTE-REFRESH, programs and what the old one gave, and
 * only then are the peers told, so that they see what changed and no more.
 */
#ifndef RDE_REFILL_H
#define RDE_REFILL_H

#include "common/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlri_family;
struct rde;
struct rpeer;
struct table;

struct refill {
	bool		 is_active;
	size_t		 n_paths;	/* at the timer's last tick */
	bool		 is_growing;	/* much since the one before */
	struct mono	 since;
	struct loop_timer timer;
};

/* A session that is older than we are: its peer is told at the end. */
void	refill_begin_peer(struct rde *, struct rpeer *);
/* It has sent a family again, as marked by RFC 7313. */
void	refill_end_family(struct rde *, struct rpeer *,
	    const struct nlri_family *);
/*
 * Its session ended. If it had not sent its routes again, nobody knows which
 * of them the RDE before us told: peers that no marks of RFC 7313 would rid
 * of these are reset.
 */
void	refill_lose_peer(struct rde *, struct rpeer *lost);
void	refill_fini(struct rde *);

#endif
