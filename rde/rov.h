/* SPDX-License-Identifier: ISC */
/*
 * Origin validation, RFC 6811: VRPs (validated ROA payloads) of the
 * configuration and of RPKI caches, united, found by the prefixes that cover
 * a route's.
 */
#ifndef RDE_ROV_H
#define RDE_ROV_H

#include "common/addr.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

enum rov_source {		/* bits: who says a VRP */
	ROV_CONF = 1,
	ROV_RTR = 2,
	ROV_TRUE = 3,
	ROV_SEEN = 4,		/* while a configuration is applied */
};

struct rov_vrp {
	struct prefix	prefix;		/* masked, without scope */
	uint32_t	asn;
	uint32_t	next_free;
	uint8_t		max_len;
	uint8_t		sources;	/* enum rov_source; 0: free */
};

struct rov {
	uint64_t	seed;
	struct rov_vrp	*vrps;
	uint32_t	n_vrps, cap_vrps, free_vrp;
	struct map	map;		/* by prefix */
	uint32_t	n_by_len[2][129];	/* IPv4, IPv6 */
	uint32_t	n_true[2];
};

/* Routes under this prefix may have another state now. */
typedef void (*rov_changed)(void *arg, const struct prefix *);

void	rov_init(struct rov *, uint64_t seed);
void	rov_fini(struct rov *);
/* A VRP comes or goes from a source; true when the union changed. */
bool	rov_set(struct rov *, const struct prefix *, uint8_t max_len,
	    uint32_t asn, enum rov_source, bool is_present);
/*
 * The VRPs of the configuration are these now, but for those that expired at
 * now_sec (since 1970). changed is called for each that came or went. Returns
 * when the next one expires, 0 for never.
 */
int64_t	rov_configure(struct rov *, const struct config *, int64_t now_sec,
	    rov_changed changed, void *arg);
/* enum rov_state of a route; source_as 0: path ends in a set. */
uint8_t	rov_state(const struct rov *, const struct prefix *,
	    uint32_t source_as);

#endif
