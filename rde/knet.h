/* SPDX-License-Identifier: ISC */
/*
 * The kernel's connected and static networks, as the parent tells them: what
 * `network inet connected` and its like announce.
 */
#ifndef RDE_KNET_H
#define RDE_KNET_H

#include "common/kroute_msg.h"

#include <stdbool.h>
#include <stddef.h>

struct budget;
struct imsg;
struct rde;

struct knet {
	struct kroute_prefix *all;
	size_t		 n;
	bool		 is_changed;	/* since our networks were said */
};

/* IMSG_KROUTE_NETWORK */
void	knet_message(struct rde *, const struct imsg *);
void	knet_fini(struct rde *);
/* Step of the work task. */
bool	knet_run(struct rde *, struct budget *);

#endif
