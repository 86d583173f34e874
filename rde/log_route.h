/* SPDX-License-Identifier: ISC */
/* Routes in the log: `log updates`, and ExaBGP's topics. */
#ifndef RDE_LOG_ROUTE_H
#define RDE_LOG_ROUTE_H

#include "common/addr.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/nlri/nlri.h"

struct rde;
struct rpeer;
struct update;

/*
 * Log "peer 192.0.2.1 (AS65001): update 198.51.100.0/24 via 192.0.2.1" at level,
 * after "topic: " when topic is not NULL. nexthop may be NULL.
 */
void	log_route(const struct rde *, const struct rpeer *,
	    enum log_level level, const char *topic, const char *verb,
	    const struct nlri *, const struct addr *nexthop);

/* LOG_TOPIC_PARSER: each attribute and run of NLRI of a decoded UPDATE. */
void	log_parsed(const struct rde *, const struct rpeer *,
	    const struct update *);

#endif
