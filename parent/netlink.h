/* SPDX-License-Identifier: ISC */
/*
 * rtnetlink: the kernel's links, addresses and routes, read and changed.
 * Inside parent/ only.
 */
#ifndef PARENT_NETLINK_H
#define PARENT_NETLINK_H

#include "common/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_NAME_MAX	16	/* IFNAMSIZ */
#define NETLINK_BATCH_MAX	512	/* routes of one netlink_change */

enum netlink_kind { NETLINK_LINK, NETLINK_ADDR, NETLINK_ROUTES };

/* What a message says; members of other kinds are zero. */
struct netlink_event {
	enum netlink_kind kind;
	bool		is_gone;
	uint32_t	ifindex;	/* of all kinds; 0: none */
	char		name[NETLINK_NAME_MAX];	/* link */
	uint32_t	flags;		/* link: IFF_ */
	struct prefix	prefix;		/* address as it is; route's target */
	/* routes */
	uint32_t	table, metric;
	uint8_t		type, protocol;	/* RTN_, RTPROT_ */
	bool		is_linkdown;	/* its interface has no carrier */
	struct addr	gateway;	/* family 0: directly connected */
};

typedef void (*netlink_handler)(const struct netlink_event *, void *arg);

/* A route to set or delete. */
struct netlink_route {
	bool		is_delete;
	uint8_t		type;		/* RTN_UNICAST, _BLACKHOLE, ... */
	uint8_t		protocol;
	uint32_t	table, metric;
	struct prefix	prefix;
	struct addr	gateway;
	uint32_t	ifindex;	/* 0: by the gateway */
};

/*
 * A non-blocking socket, listening to changes if is_listening. A
 * descriptor, or ERR_SYSTEM.
 */
int	netlink_open(bool is_listening);
/*
 * Ask for all of a kind and wait for it (some seconds at most); ERR_SYSTEM,
 * ERR_AGAIN when the kernel is slow.
 */
int	netlink_dump(int fd, enum netlink_kind, netlink_handler, void *arg);
/*
 * Read what has changed. ERR_AGAIN: all that there was; ERR_FULL: changes
 * were lost, ask for all again; ERR_SYSTEM.
 */
int	netlink_read(int fd, netlink_handler, void *arg);
/*
 * Ask for all routes, and read a datagram of the answer: 0 when there is
 * more, ERR_CLOSED at the end, ERR_SYSTEM, ERR_AGAIN.
 */
int	netlink_request_routes(int fd);
int	netlink_read_dump(int fd, netlink_handler, void *arg);
/*
 * Set (replacing) or delete n routes, at most NETLINK_BATCH_MAX. The number
 * of those that the kernel refused, *error the errno of the first; that a
 * deleted one was not there is no fault.
 */
size_t	netlink_change(int fd, const struct netlink_route *, size_t n,
	    int *error);

#endif
