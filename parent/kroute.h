/* SPDX-License-Identifier: ISC */
/*
 * The kernel's routes, for the parent: what the RDE decides is installed,
 * and what the kernel has (links, addresses, routes) is read to say which
 * next hops can be reached. What the kernel has is always read whole: a
 * change only says that it is to be read again, soon, which no lost or odd
 * notification can make wrong. Inside parent/ only.
 */
#ifndef PARENT_KROUTE_H
#define PARENT_KROUTE_H

#include "common/kroute_msg.h"
#include "common/loop.h"
#include "parent/netlink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct imsg;
struct kshow;
struct parent;
struct worker;

#define KROUTE_NEXTHOPS_MAX	65536

struct kiface {
	uint32_t	index;
	uint32_t	flags;		/* IFF_ */
	char		name[NETLINK_NAME_MAX];
};

/* The kernel as it was read last; arrays are sorted. */
struct ksnapshot {
	struct kiface	*ifaces;	/* by index */
	size_t		 n_ifaces;
	struct kroute_prefix *addrs;	/* number: interface */
	size_t		 n_addrs;
	struct netlink_event *routes;	/* of our table, not our own */
	size_t		 n_routes;
	struct kroute_prefix *networks;	/* number: enum kroute_source */
	size_t		 n_networks;
};

/* A next hop that the RDE asked about. */
struct knexthop {
	struct knexthop	*next;		/* of its bucket */
	struct kroute_nexthop now;	/* as the RDE was told */
	bool		 is_told;
};

/* A table of the kernel that a RIB may fill. */
struct ktable {
	char		*name;		/* of the RIB */
	uint32_t	table;
	uint32_t	serial;		/* of the model with which it began */
	bool		is_on;		/* fib-update */
	bool		is_coupled;
};

struct kroute {
	struct parent	*parent;
	int		 watch_fd;	/* tells of changes */
	int		 change_fd;	/* dumps and changes */
	struct loop_watch watch;
	struct loop_timer timer;	/* read all again */
	struct ksnapshot snapshot;
	struct knexthop	*nexthops[1024];
	size_t		 n_nexthops;
	uint32_t	 down_ifindex;	/* went down; MAX: several; 0: none */
	struct ktable	*tables;	/* the first is Loc-RIB's */
	size_t		 n_tables;
	/* ours, of before a handover: to go if they are not told again */
	struct netlink_route *stale;	/* sorted; is_delete: not told yet */
	size_t		 n_stale;
	struct loop_timer stale_timer;
	struct kshow	*shows;		/* for clients of the broker */
	bool		 is_failing;	/* it was said that the kernel refuses */
	uint32_t	 table;		/* Loc-RIB's, and that of next hops */
	uint32_t	 metric;	/* of our routes */
};

/* A model is in p->config: begin, change or end what it asks for. */
void	kroute_configure(struct parent *);
/* Whether a model needs the kernel's routes, and so CAP_NET_ADMIN. */
bool	kroute_is_wanted(const struct config *);
/* Take our routes out of the kernel and end. */
void	kroute_stop(struct parent *);
/* A worker's channel is new, or gone. */
void	kroute_worker_started(struct worker *);
void	kroute_worker_gone(struct worker *);
/* Messages of workers about routes; false: it is none of them. */
bool	kroute_message(struct worker *, const struct imsg *);

/* kroute_table.c: the tables that are filled. */
/* Tables and metric of a model: those that leave are emptied. */
void	kroute_tables_configure(struct kroute *, const struct config *);
void	kroute_tables_fini(struct kroute *);
/* Whether a model has any that is to be filled. */
bool	kroute_tables_fill(const struct config *);
/* IMSG_KROUTE_CHANGE; answered, whatever becomes of it. */
void	kroute_change(struct worker *, const struct imsg *);
/* IMSG_KROUTE_COUPLE */
void	kroute_couple(struct worker *, const struct imsg *);
/* Remove our routes (those with our protocol and metric) from one table, or
 * from all that are filled. */
void	kroute_flush(struct kroute *, const struct ktable *only);
/* Ours in the kernel, as they would be deleted; freed by the caller. */
struct netlink_route *kroute_list(struct kroute *, const struct ktable *only,
	    size_t *n);
/* Carry out changes, at most NETLINK_BATCH_MAX. */
void	kroute_apply(struct kroute *, const struct netlink_route *,
	    size_t n);
/* Let the RDE tell all routes of a table, or of all (0), again. */
void	kroute_resend(struct kroute *, uint32_t table);

/* kroute_stale.c: routes that outlive a change of the binary. */
void	kroute_stale_init(struct kroute *);
void	kroute_stale_fini(struct kroute *);
/* All of ours in the kernel are in doubt from now on, for a while. */
void	kroute_stale_begin(struct kroute *);
/* The RDE has its routes again: it will have told them soon. */
void	kroute_stale_settled(struct parent *);
/* This one is told again, or away. */
void	kroute_stale_told(struct kroute *, uint32_t table,
	    const struct prefix *);

/* kroute.c */
bool	kroute_iface_is_up(const struct kiface *);
const struct kiface *kroute_iface(const struct ksnapshot *, uint32_t index);

/* kroute_find.c: what an address is reached by; everything but addr is set. */
void	kroute_resolve(const struct kroute *, const struct config *,
	    struct kroute_nexthop *);
/* Read all that the kernel has. 0, or an error, errno kept and *out empty. */
int	ksnapshot_read(struct kroute *, struct ksnapshot *out);
void	ksnapshot_free(struct ksnapshot *);
/* Room for one more of n items of a size; out of memory ends the process. */
void	*kroute_grow(void *items, size_t n, size_t *cap, size_t size);

/* kroute_show.c: bgpctl's requests, IMSG_SHOW_REQUEST */
void	kroute_show(struct worker *, const struct imsg *);
/* IMSG_SHOW_MORE */
void	kroute_show_more(struct worker *, const struct imsg *);
/* Their broker has gone. */
void	kroute_show_drop(struct kroute *);

#endif
