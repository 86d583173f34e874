/* SPDX-License-Identifier: ISC */
/*
 * An RPKI cache in the simulator: it answers queries of one router at a time
 * and notes when they came. RFC 8210, version 1.
 */
#ifndef REGRESS_SIM_CACHE_H
#define REGRESS_SIM_CACHE_H

#include "common/wire/rtr.h"
#include "regress/sim/sim.h"

#define SIM_VRPS_MAX	4
#define SIM_QUERIES_MAX	256

struct sim_vrp {
	const char	*prefix;
	uint8_t		 max_len;
	uint32_t	 asn;
};

struct sim_query_seen {
	struct mono	at;
	uint8_t		type;		/* RTR_SERIAL_QUERY, RTR_RESET_QUERY */
};

struct sim_cache {
	struct sim_host		 host;	/* only what TCP needs */
	int			 listener, conn; /* -1: none */
	struct loop_watch	 listen_watch, watch;
	uint8_t			 in[256];
	size_t			 in_len;
	/* to be set, and changed at any time */
	struct sim_vrp		 vrps[SIM_VRPS_MAX];
	unsigned		 n_vrps;
	uint32_t		 serial;	/* others are answered a reset */
	uint32_t		 refresh_sec, retry_sec, expire_sec;
	bool			 has_no_data;
	/* what was asked, and when its last End of Data left */
	struct sim_query_seen	 queries[SIM_QUERIES_MAX];
	unsigned		 n_queries, n_connections;
	struct mono		 told;
};

/* At an address, port 323; not there yet. */
void	sim_cache_init(struct sim_cache *, struct sim *, const char *addr);
/* Be there, or be gone: connections are closed and refused. */
void	sim_cache_up(struct sim_cache *);
void	sim_cache_down(struct sim_cache *);

#endif
