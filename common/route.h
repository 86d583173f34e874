/* SPDX-License-Identifier: ISC */
/*
 * A route as somebody said it, in a configuration, on an API line or to
 * bgpctl: destination, next hop and attributes. It crosses from broker to
 * RDE as a record, and lives in the configuration model.
 *
 * record: length 4 | flags 2 | afi 2 | safi 1 | path id 4 |
 *         next-hop length 1, bytes | NLRI length 2, bytes |
 *         attributes length 2, bytes
 */
#ifndef COMMON_ROUTE_H
#define COMMON_ROUTE_H

#include "common/buf.h"
#include "common/wire/update.h"

#include <stdbool.h>
#include <stdint.h>

struct nlri_family;

enum route_flag {
	ROUTE_WITHDRAW = 1,
	ROUTE_NEXTHOP_SELF = 2,		/* local address of the session */
	ROUTE_HAS_PATH_ID = 4,
	ROUTE_NO_NLRI = 8,		/* attributes alone (ExaBGP) */
	ROUTE_FROM_NETWORK = 16,	/* `network`: goes through Loc-RIB */
	ROUTE_WITHDRAWN_AT_START = 32,	/* with a watchdog */
};

struct route {
	const struct nlri_family *family;
	uint16_t		 flags;		/* enum route_flag */
	uint32_t		 path_id;
	struct update_nexthop	 nexthop;	/* len 0: none said */
	struct rd		 nlri;		/* wire form, no path id */
	struct rd		 attrs;		/* canonical block */
};

/* Append the record. */
void	route_put(struct wr *, const struct route *);
/*
 * Read the next record; readers borrow. The NLRI is cut and the block walked
 * once to check them. ERR_SHORT, ERR_RANGE, ERR_UNKNOWN (family); the
 * reader then stands behind the record if its length was sound.
 */
int	route_get(struct rd *, struct route *out);
/* The route's destination as struct nlri. */
void	route_nlri(const struct route *, struct nlri *out);

#endif
