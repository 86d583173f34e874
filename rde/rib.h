/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-In and Loc-RIB, which are one table: paths come and go, what they
 * touch is marked, and the decision is made later, in batches, so that a
 * route that changes often or comes from many peers is exported once.
 */
#ifndef RDE_RIB_H
#define RDE_RIB_H

#include "common/loop.h"
#include "common/mono.h"
#include "common/nlri/nlri.h"
#include "rde/decide.h"
#include "rde/fib.h"
#include "rde/filter.h"
#include "rde/knet.h"
#include "rde/nexthop.h"
#include "rde/table.h"
#include "rde/validate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct group;
struct rde;
struct rpeer;

/* Ids in the order in which they were put. */
struct id_queue {
	uint32_t	*ids;
	size_t		 head, n, cap;
};

/* A walk over all records of some tables, by id. */
struct rib_walk {
	uint32_t	family_mask;	/* still to be walked */
	uint32_t	again_mask;	/* asked for while being walked */
	uint8_t		family;		/* where it is */
	uint32_t	id;
};

struct rib {
	struct rde		*rde;
	struct id_queue		dirty[NLRI_N_FAMILIES];
	struct id_queue		dead[NLRI_N_FAMILIES];	/* perhaps to delete */
	size_t			n_dirty;
	size_t			n_decided;	/* since nothing was dirty */
	struct mono		decided;	/* when many had been; or 0 */
	struct loop_timer	decide_timer;
	struct decide_options	options;
	struct decide_path	*paths;		/* candidates of a decision */
	uint16_t		*indexes;
	size_t			cap_paths;
	struct policy		*policies;
	struct filter_sets	sets;
	struct validate		validate;
	struct nexthops		nexthops;
	struct fib		fib;
	struct knet		knet;
	struct rib_walk		sweep;		/* of paths that are over */
	struct rib_walk		refilter;	/* after a change of rules */
	struct group		*groups;
	uint32_t		n_lagging;	/* streams */
	uint32_t		n_streams;
	uint32_t		group_serial;
};

/* How a received route enters. */
struct rib_route {
	struct rpeer	*peer;
	uint32_t	 attr;		/* borrowed reference */
	uint16_t	 flags;		/* PATH_LOOP, PATH_LEAK, PATH_PRIVATE */
};

void	rib_init(struct rde *);
void	rib_fini(struct rde *);
/* Rules, sets and options of the model in force; then every route is
 * evaluated anew if is_changed. */
void	rib_configure(struct rde *, bool is_changed);
/*
 * A path of a destination comes or is replaced. key is the NLRI's in its
 * table. False when it could not be kept.
 */
bool	rib_announce(struct rde *, struct table *, const struct table_key *,
	    const struct nlri *, const struct rib_route *);
bool	rib_withdraw(struct rde *, struct table *, const struct table_key *,
	    const struct nlri *, struct rpeer *, bool is_private);
void	rib_mark(struct rde *, struct table *, uint32_t id);
/* The destination may have no more use. */
void	rib_bury(struct rde *, struct table *, uint32_t id);
/* Whether a path counts at all: its peer still stands by it. */
bool	rib_path_is_alive(const struct rde *, const struct table *,
	    const struct path *);
/* Whether it may become best. */
bool	rib_path_is_eligible(const struct rde *, const struct table *,
	    const struct path *);
/* States of validation may be others now: evaluate the in rules where so. */
void	rib_revalidate(struct rde *, struct table *, uint32_t id);
/* Paths of these families that are no longer alive shall go. */
void	rib_sweep(struct rde *, uint32_t family_mask);

/* Steps of the work task. */
bool	rib_sweep_run(struct rde *, struct budget *);
bool	rib_refilter_run(struct rde *, struct budget *);
bool	rib_decide_run(struct rde *, struct budget *);
/* When there is nothing else to do: order new records for walks. */
bool	rib_index_run(struct rde *, struct budget *);

/* local.c: our own networks. */
void	local_configure(struct rde *);
/* Forget what bgpctl added; bring back what it took away. */
void	local_flush(struct rde *);
void	local_network(struct rde *, const struct nlri *, uint32_t attr,
	    bool is_withdraw);

void	 id_queue_push(struct id_queue *, uint32_t id);
uint32_t id_queue_pop(struct id_queue *);	/* TABLE_ID_NONE: empty */

#endif
