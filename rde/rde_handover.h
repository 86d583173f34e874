/* SPDX-License-Identifier: ISC */
/*
 * Giving what programs and bgpctl originated to an RDE that takes our place,
 * and taking it. What peers sent is asked of them again; of those that are
 * down, what is stale goes over, too.
 */
#ifndef RDE_RDE_HANDOVER_H
#define RDE_RDE_HANDOVER_H

#include "common/loop.h"

#include <stdbool.h>

struct imsg;
struct rde;

struct rde_handover {
	bool		 is_wanted;	/* by the parent */
	bool		 is_done;
	bool		 is_session_quiet, is_api_quiet;
	struct mono	 since;
	struct loop_timer timer;
};

/* The parent wants it; the session engine or the broker came to rest. */
void	rde_handover_begin(struct rde *);
void	rde_handover_quiesce(struct rde *, const struct imsg *,
	    bool is_session);
/* After a turn of work: give all if nothing is left to do. */
void	rde_handover_check(struct rde *);
/* A record that our predecessor gave. */
void	rde_handover_restore(struct rde *, const struct imsg *);
void	rde_handover_fini(struct rde *);

#endif
