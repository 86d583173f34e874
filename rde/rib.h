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
#include "rde/told.h"
#include "rde/validate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct group;
struct rde;
struct rpeer;

/* A walk over all records of some tables, by id. */
struct rib_walk {
	uint32_t	family_mask;	/* still to be walked */
	uint32_t	again_mask;	/* asked for while being walked */
	uint8_t		family;		/* where it is */
	uint32_t	id;
};

/* A RIB beside Loc-RIB: the same paths by other in rules. rib_extra.c */
struct rib_extra {
	char		*name;
	bool		 no_evaluate;	/* nothing of it is best */
	struct fib	 fib;
	struct table	*tables[NLRI_N_FAMILIES];
};

struct rib {
	struct rde		*rde;
	struct rib_extra	**extras;	/* rde rib NAME */
	uint32_t		n_extras;	/* their index + 1: table.rib */
	size_t			n_dirty;
	size_t			n_decided;	/* since nothing was dirty */
	struct mono		decided;	/* when many had been; or 0 */
	struct loop_timer	decide_timer;
	struct loop_timer	index_timer;	/* a pause is over */
	struct mono		busy_at;	/* last seen with input */
	struct loop_timer	stale_timer;
	struct decide_options	options;
	struct decide_path	*paths;		/* candidates of a decision */
	uint16_t		*indexes;
	struct decide_rank	*ranks;
	uint8_t			*classes;	/* of paths, by rib_rank */
	struct export_item	*items;		/* export_paths */
	size_t			cap_items;
	bool			knows_llgr;	/* some peer is to speak it */
	uint32_t		n_rich;		/* groups that want all paths */
	size_t			cap_paths;
	struct policy		*policies;
	struct filter_sets	sets;
	struct validate		validate;
	struct nexthops		nexthops;
	struct fib		fib;		/* of Loc-RIB */
	bool			is_kernel_followed;	/* by the parent */
	uint32_t		n_fib_waiting;	/* told, not carried out */
	uint32_t		next_fib;	/* whose turn it is */
	struct knet		knet;
	struct rib_walk		sweep;		/* of paths that are over */
	struct rib_walk		refilter;	/* after a change of rules */
	struct rib_walk		flows;		/* that may be feasible now */
	bool			is_refiltering, refilters_all, redecides;
	uint64_t		n_refiltered;	/* paths */
	uint32_t		flow_mask;	/* families to be walked later */
	struct loop_timer	flow_timer;
	struct group		*groups;
	struct told		told;
	uint32_t		n_lagging;	/* streams */
	uint32_t		n_streams;
	uint32_t		group_serial;
};

/* The table of a family in a RIB (0: Loc-RIB), or NULL. */
struct table *rib_table(const struct rde *, unsigned rib, unsigned family);
/* One table after another, from *at = 0 on; NULL at the end. */
struct table *rib_next_table(const struct rde *, unsigned *at);

/* rib_extra.c */
/* Which RIBs there are; new ones are filled. */
void	rib_extra_configure(struct rde *);
void	rib_extra_fini(struct rde *);
/* The index of a RIB by its name; 0 for Loc-RIB and names of none. */
unsigned rib_extra_find(const struct rde *, const char *name);
/* Path i of Loc-RIB's table is new or changed, or it goes: all follow. */
void	rib_extra_sync(struct rde *, struct table *, uint32_t id, unsigned i);
void	rib_extra_drop(struct rde *, struct table *, uint32_t id, unsigned i);

/* How a received route enters. */
struct rib_route {
	struct rpeer	*peer;
	uint32_t	 attr;		/* borrowed reference */
	uint16_t	 flags;		/* PATH_LOOP, PATH_LEAK, PATH_PRIVATE */
};

void	rib_init(struct rde *);
void	rib_fini(struct rde *);
/* Rules, sets and options of the model in force. */
void	rib_configure(struct rde *);
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
void	rib_bury(struct table *, uint32_t id);
/* Whether a path counts at all: its peer still stands by it. */
bool	rib_path_is_alive(const struct rde *, const struct table *,
	    const struct path *);
/* Whether it may become best. */
bool	rib_path_is_eligible(const struct rde *, const struct table *,
	    const struct path *);
/*
 * All eligible paths of a record in order of preference. rib.indexes of a
 * rank's index is the place of the path in the record; rib.classes has the
 * class of each path by place, 0 where it is not eligible.
 */
const struct decide_rank *rib_rank(struct rde *, struct table *, uint32_t id,
	    size_t *n);
/* States of validation may be others now: evaluate the in rules where so. */
void	rib_revalidate(struct rde *, struct table *, uint32_t id);
/* Paths of these families that are no longer alive shall go. */
void	rib_sweep(struct rde *, uint32_t family_mask);

/*
 * Look again at what changed of these families: paths of peers whose in rules
 * did, those that are long-lived, or all of them if all; redecide also
 * decides on every destination anew.
 */
void	rib_refilter(struct rde *, uint32_t family_mask);
void	rib_refilter_all(struct rde *, bool redecide);

/*
 * Evaluate the in rules for a path: sets its Loc-RIB attributes. True when
 * these, or whether it may be best, changed.
 */
bool	rib_path_filter(struct rde *, struct table *, uint32_t id,
	    struct path *);
/* The prefix of a record for the rules; family 0 in other tables. */
void	rib_record_prefix(const struct table *, const struct record *,
	    struct filter_route *out);
/*
 * RFC 9494 4.2: a path that outlives its session by long bears LLGR_STALE,
 * unless it says that it may not. Takes a reference, gives one or NONE.
 */
uint32_t rib_path_long_lived(struct rde *, uint32_t attr);
/* Path i goes, and the record is marked. */
void	rib_path_remove(struct rde *, struct table *, uint32_t id, unsigned i);
/* The record at which a walk stands, or TABLE_ID_NONE when it is over. */
uint32_t rib_walk_next(struct rde *, struct rib_walk *);
void	rib_walk_ask(struct rib_walk *, uint32_t family_mask);

/* Steps of the work task. */
bool	rib_sweep_run(struct rde *, struct budget *);
bool	rib_refilter_run(struct rde *, struct budget *);
bool	rib_decide_run(struct rde *, struct budget *);
/* When there is nothing else to do: order new records for walks. */
bool	rib_index_run(struct rde *, struct budget *);

/* local.c: our own networks. */
void	local_configure(struct rde *);
/* Forget what networks or flows bgpctl added; bring back what it took away. */
void	local_flush(struct rde *, bool is_flows);
void	local_network(struct rde *, const struct nlri *, uint32_t attr,
	    bool is_withdraw);

#endif
