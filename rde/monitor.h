/* SPDX-License-Identifier: ISC */
/*
 * What changes in the tables, for BMP stations: routes behind the in rules
 * (RFC 7854 5), and best ones (RFC 9069), as IMSG_MONITOR to the broker. It
 * says all; where its channel is full, routes are not taken or decided until
 * it has room, as with the session engine's.
 */
#ifndef RDE_MONITOR_H
#define RDE_MONITOR_H

#include "rde/engine.h"

#include <stdbool.h>
#include <stdint.h>

/* A new model: what stations ask for. */
void	monitor_configure(struct rde *);
void	monitor_fini(struct rde *);
/* Send what was gathered. */
void	monitor_flush(struct rde *);
/* The broker does not keep up: produce no more. on_drained goes on. */
bool	monitor_is_full(const struct rde *);

/* Whether stations have this path as one behind the in rules. */
bool	monitor_has_path(const struct rde *, const struct path *);
/* Path i was evaluated; was_told: monitor_has_path before that. */
void	monitor_path(struct rde *, struct table *, uint32_t id, unsigned i,
	    bool was_told);
/* Path i is about to go. */
void	monitor_path_gone(struct rde *, struct table *, uint32_t id,
	    unsigned i);
/* The best of a record is to be this (ATTRSET_NONE: none). */
void	monitor_best(struct rde *, struct table *, uint32_t id,
	    uint32_t attr);
/*
 * The next hop of a set in a message to nobody: our own address where the
 * peer's session has one, else one of zeros.
 */
void	monitor_nexthop(const struct rde *, const struct attrset *,
	    const struct rpeer *, const struct nlri_family *,
	    struct update_nexthop *out);

#endif
