/* SPDX-License-Identifier: ISC */
/* Origin validation against ROAs, RFC 6811. */
#ifndef RDE_ROV_H
#define RDE_ROV_H

#include "rde/pset.h"

#include <stdint.h>

struct conf_roa;
struct config;

struct rov {
	struct pset		set;
	const struct conf_roa	*roas;	/* of the model in force */
};

/* now_sec: seconds since 1970, to leave out what expired. */
void	rov_init(struct rov *, const struct config *, int64_t now_sec);
void	rov_fini(struct rov *);
/* enum rov_state of a route; source_as 0: path ends in a set. */
uint8_t	rov_state(const struct rov *, const struct prefix *,
	    uint32_t source_as);

#endif
