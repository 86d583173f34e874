/* SPDX-License-Identifier: ISC */
/*
 * Records of what the parent and the RDE tell each other of the kernel:
 * routes to install, next hops and what they resolve to, networks and
 * addresses that the kernel has.
 */
#ifndef COMMON_KROUTE_MSG_H
#define COMMON_KROUTE_MSG_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define KROUTE_IFNAME_MAX	16

enum kroute_kind { KROUTE_NONE, KROUTE_GATEWAY, KROUTE_BLACKHOLE,
	    KROUTE_REJECT };

/* IMSG_KROUTE_CHANGE. kind 1, prefix, gateway, ifindex 4 */
struct kroute_change {
	uint8_t		kind;		/* enum kroute_kind; NONE: delete */
	struct prefix	prefix;
	struct addr	gateway;
	uint32_t	ifindex;
};

/* IMSG_NEXTHOP_UPDATE: what the kernel says of a next hop. */
struct kroute_nexthop {
	struct addr	addr;
	bool		is_valid;
	bool		is_connected;	/* else behind gateway */
	bool		is_up;		/* its interface */
	struct addr	gateway;	/* family 0: the next hop itself */
	uint32_t	ifindex;
	uint32_t	metric;
	struct prefix	prefix;		/* of the route it is reached by */
	char		ifname[KROUTE_IFNAME_MAX];
};

enum kroute_source { KROUTE_CONNECTED, KROUTE_STATIC };

/* IMSG_KROUTE_NETWORK: present 1, number 4, prefix */
struct kroute_prefix {
	bool		is_present;
	uint32_t	number;		/* enum kroute_source; ifindex */
	struct prefix	prefix;
};

/* Each put appends a record; each get takes one off the front: 0, or an
 * error and *out is zero. */
void	kroute_put_change(struct wr *, const struct kroute_change *);
int	kroute_get_change(struct rd *, struct kroute_change *out);
void	kroute_put_nexthop(struct wr *, const struct kroute_nexthop *);
int	kroute_get_nexthop(struct rd *, struct kroute_nexthop *out);
void	kroute_put_prefix(struct wr *, const struct kroute_prefix *);
int	kroute_get_prefix(struct rd *, struct kroute_prefix *out);

#endif
