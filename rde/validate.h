/* SPDX-License-Identifier: ISC */
/*
 * Validation of routes: origins (rov.h) and paths (aspa.h), kept current.
 * When the tables change, only what can have another state is looked at
 * again: routes under a changed VRP's prefix, and paths whose attributes
 * verify otherwise; in slices.
 */
#ifndef RDE_VALIDATE_H
#define RDE_VALIDATE_H

#include "common/loop.h"
#include "rde/aspa.h"
#include "rde/rov.h"
#include "rde/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct imsg;
struct rde;
struct rpeer;

#define VALIDATE_QUEUE_MAX	16384	/* prefixes; more: look at all */

#define VALIDATE_MEMO		8192	/* judged paths, a power of two */

/* What was found of an attribute set's path, while the serials are right. */
struct validate_memo {
	uint32_t	attr_serial, aspa_serial;
	struct aspa_states states;
};

/* A pass over the records of all unicast and multicast tables. */
struct validate_pass {
	bool		is_on, is_again;
	unsigned	family;
	uint32_t	id;
};

struct validate {
	struct rov	rov;
	struct aspa	aspa;
	struct validate_memo *memo;	/* by the set's serial, or NULL */
	struct mono	rov_changed, aspa_changed;
	struct loop_timer timer;	/* something configured expires */
	struct prefix	*queue;		/* changed VRPs */
	size_t		n_queue, cap_queue;
	/* the prefix at work: where its walk goes on */
	struct prefix	at;
	bool		is_walking, has_key;
	unsigned	family;
	struct table_key key;
	struct validate_pass pass;
	bool		out_uses;	/* some out rule asks for a state */
};

void	validate_init(struct rde *);
void	validate_fini(struct rde *);
/* The model in force is a new one. */
void	validate_configure(struct rde *);
/* IMSG_VRP_DELTA, IMSG_ASPA_DELTA */
void	validate_message(struct rde *, const struct imsg *);
/* A new session engine will tell all again. */
void	validate_forget(struct rde *);
/*
 * The states of a path as PATH_OVS and PATH_AVS flags; prefix family 0: no
 * such states. attr is the set as received.
 */
uint16_t validate_path(struct rde *, const struct rpeer *,
	    const struct table *, const struct prefix *, uint32_t attr);
/* Step of the work task. */
bool	validate_run(struct rde *, struct budget *);

#endif
