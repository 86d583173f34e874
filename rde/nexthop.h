/* SPDX-License-Identifier: ISC */
/*
 * Next hops as the kernel sees them. While the parent follows the kernel's
 * routes, a path counts only if its next hop can be reached: each next hop
 * that is met is told to the parent, which answers and keeps telling. When
 * the answer changes, the destinations with that next hop are decided again.
 */
#ifndef RDE_NEXTHOP_H
#define RDE_NEXTHOP_H

#include "common/kroute_msg.h"
#include "common/loop.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attrset;
struct budget;
struct imsg;
struct rde;

struct nexthop {
	struct kroute_nexthop	told;	/* by the parent; addr is the key */
	uint32_t		serial;	/* of the last change */
	uint32_t		next_free;
	bool			is_used, is_seen;
};

struct nexthops {
	bool		is_on;
	struct nexthop	*all;
	uint32_t	n_all, cap_all, free, n_used;
	struct map	map;
	uint32_t	serial;		/* of changes */
	/* a pass over all records for those after from */
	bool		is_passing;
	uint32_t	from, to;
	unsigned	table;		/* of rib_next_table */
	uint32_t	id;
	/* forgetting what no route names: a walk over the attribute sets */
	struct loop_timer timer;
	bool		is_sweeping;
	uint32_t	sweep_slot, sweep_slots;
};

void	nexthop_init(struct rde *);
void	nexthop_fini(struct rde *);
/* IMSG_KROUTE_STATE: follow the kernel, or call all next hops valid. */
void	nexthop_enable(struct rde *, bool is_on);
/* IMSG_NEXTHOP_UPDATE */
void	nexthop_message(struct rde *, const struct imsg *);
/*
 * What the parent said of an attribute set's next hop; NULL when it has not
 * yet, when nobody follows the kernel, or when the set needs none. Asks the
 * parent about new ones. Borrowed until the next message.
 */
const struct nexthop *nexthop_find(struct rde *, const struct attrset *);
/* Whether a path with these attributes may be used. */
bool	nexthop_is_usable(struct rde *, const struct attrset *);
/* Step of the work task. */
bool	nexthop_run(struct rde *, struct budget *);

#endif
