/* SPDX-License-Identifier: ISC */
/*
 * Attributes of an originated route as a peer gets them: what ExaBGP adds
 * and leaves out (reference/exabgp-wire.md 4).
 */
#ifndef RDE_ORIG_ATTR_H
#define RDE_ORIG_ATTR_H

#include "common/buf.h"
#include "common/wire/update.h"

#include <stdbool.h>

struct attrset;
struct nlri_family;
struct rde;
struct rpeer;

struct orig_attr_out {
	struct rd		block;	/* in the engine's scratch */
	struct update_nexthop	nexthop;
};

/*
 * ORIGIN igp, AS_PATH (empty, or our AS to an external peer), LOCAL_PREF 100
 * to an internal peer (none to an external one) where the route has none;
 * AIGP only inside or where configured; next hop self resolved. False if the
 * route has no usable next hop on this session.
 */
bool	orig_attr_build(struct rde *, const struct rpeer *,
	    const struct attrset *, const struct nlri_family *,
	    struct orig_attr_out *out);
/* The block with NEXT_HOP in its place, if that is an IPv4 address. */
struct rd orig_attr_with_nexthop(struct rde *, struct rd block,
	    const struct update_nexthop *);

#endif
