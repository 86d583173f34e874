/* SPDX-License-Identifier: ISC */
/*
 * bgpctl config impact: what another model's rules would do to the routes
 * that are here, without applying it. A walk like others, a slice at a time;
 * nothing of what it looks at changes. One at a time.
 */
#ifndef RDE_IMPACT_H
#define RDE_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct imsg;
struct rde;

/* IMSG_IMPACT_BEGIN, _DATA, _END. */
void	impact_message(struct rde *, const struct imsg *);
/* The client has gone. */
void	impact_cancel(struct rde *, uint32_t client);
/* What it compares with is no more; why is told, NULL: nobody is there. */
void	impact_drop(struct rde *, const char *why);
/* A step of the work task. */
bool	impact_run(struct rde *, struct budget *);

#endif
