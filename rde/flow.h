/* SPDX-License-Identifier: ISC */
/*
 * Feasibility of flow specifications, RFC 8955 6 and RFC 9117 4: a flow is
 * used if it comes from whom the best route to its destination comes, and no
 * other AS announces a part of that. A path that is not feasible stays in the
 * table, with PATH_INFEASIBLE, and is looked at again when unicast routes
 * have changed: at most once a second, in slices.
 */
#ifndef RDE_FLOW_H
#define RDE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct path;
struct rde;
struct table;

void	flow_init(struct rde *);
void	flow_fini(struct rde *);
/* Judge a path of a table of flows; true when that changed. */
bool	flow_check(struct rde *, struct table *, uint32_t id, struct path *);
/* A best route changed: if it is unicast, flows may depend on it. */
void	flow_unicast_changed(struct rde *, const struct table *);
/* A step of the work task. */
bool	flow_run(struct rde *, struct budget *);

#endif
