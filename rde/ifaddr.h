/* SPDX-License-Identifier: ISC */
/* Addresses of this machine, for next hops in a session's other family. */
#ifndef RDE_IFADDR_H
#define RDE_IFADDR_H

#include "common/addr.h"
#include "common/mono.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct imsg;
struct rde;
struct rpeer;

struct ifaddr_row {
	uint32_t	interface;
	struct addr	addr;
};

struct ifaddrs_table {
	struct ifaddr_row *rows;
	size_t		 n;
	struct mono	 asked_at;
	bool		 is_asked;	/* the answer is on its way */
	bool		 is_outdated;	/* and may lack an address */
};

void	ifaddr_fini(struct ifaddrs_table *);
/* IMSG_LOCAL_ADDRS: peers to whom it makes a difference are told again. */
void	ifaddr_message(struct rde *, const struct imsg *);
/* Ask for them when the peer's families need them. */
void	ifaddr_session_up(struct rde *, const struct rpeer *);
/*
 * Our address of this family (enum addr_family) on the interface that has
 * local; global, family 0 if there is none.
 */
struct addr ifaddr_other(const struct ifaddrs_table *,
	    const struct addr *local, uint8_t family);

#endif
