/* SPDX-License-Identifier: ISC */
/*
 * Random worlds: daemons, links and policies drawn from a seed; what befalls
 * them; and what their tables must then be, worked out by brute force from
 * the same description without any of the daemons' code.
 */
#ifndef REGRESS_SIM_RANDOM_H
#define REGRESS_SIM_RANDOM_H

#include "regress/sim/sim.h"

#define WORLD_NODES_MAX		50
#define WORLD_OWN		2	/* prefixes of each node's own */
#define WORLD_SHARED		4	/* prefixes that several may have */
#define WORLD_PREFIXES_MAX	(WORLD_NODES_MAX * WORLD_OWN + WORLD_SHARED)
#define WORLD_PATH_MAX		250
#define WORLD_INTERNAL_MAX	12	/* nodes of one AS */

enum relation { REL_NONE, REL_CUSTOMER, REL_PEER, REL_PROVIDER };

/* What a node does with one neighbor. */
struct world_policy {
	uint8_t		relation;	/* what the neighbor is to us */
	uint8_t		prepend;	/* our AS, so often more, to it */
	int16_t		deny_in;	/* node whose own routes we refuse */
	int16_t		deny_out;	/* or do not tell; -1: none */
	bool		is_passive, has_enhanced_refresh, has_restart;
};

struct world_node {
	struct sim_host	*host;
	char		 name[16];
	struct addr	 addr;
	bool		 is_alive;
	unsigned	 hold_sec;
	/* What it announces, of its configuration and told by bgpctl. */
	bool		 configured[WORLD_PREFIXES_MAX];
	bool		 told[WORLD_PREFIXES_MAX];
	struct world_policy policy[WORLD_NODES_MAX];
};

struct world {
	uint64_t	 seed;
	struct sim	*sim;
	unsigned	 n_nodes, n_prefixes;
	bool		 is_hierarchy;	/* providers and customers */
	/*
	 * The first nodes are of one AS: reflectors, who know each other, and
	 * their clients; without clients a full mesh. 0: none are.
	 */
	unsigned	 n_internal, n_reflectors;
	struct world_node node[WORLD_NODES_MAX];
	struct sim_path	 path[WORLD_NODES_MAX][WORLD_NODES_MAX];
	uint64_t	 n_checks, n_events;
	char		 error[1024];	/* empty: none yet */
};

/* A route as the model and the daemons' answers are compared. */
struct world_route {
	bool		 is_there, is_ebgp;
	int16_t		 from;		/* node, or -1: its own */
	uint16_t	 len;
	uint32_t	 local_pref;
	uint8_t		 originator;	/* node that brought it into the AS */
	uint8_t		 n_clusters;
	uint32_t	 clusters;	/* reflectors, a bit each */
	uint8_t		 path[WORLD_PATH_MAX];	/* ASes, see world_as */
};

/* random_world.c: drawing it, and what a node is configured with. */
struct world	*world_new(uint64_t seed);
void		 world_free(struct world *);
uint32_t	 world_below(struct world *, uint32_t bound);
void		 world_prefix(const struct world *, unsigned prefix,
		    struct prefix *out);
/* Number of the prefix with this text, or -1. */
int		 world_prefix_number(const struct world *, const char *text);
/* Number of the node with this address, or -1. */
int		 world_node_number(const struct world *, const char *addr);
/* A node's AS, as the model has it, 0.., and its number. */
uint8_t		 world_as_index(const struct world *, unsigned node);
uint32_t	 world_as(const struct world *, unsigned node);
/* Both of the AS of several; and b is a's client besides. */
bool		 world_is_internal(const struct world *, unsigned a,
		    unsigned b);
bool		 world_is_client(const struct world *, unsigned a, unsigned b);
bool		 world_is_linked(const struct world *, unsigned a, unsigned b);
/* Both alive, and the way between them whole. */
bool		 world_is_up(const struct world *, unsigned a, unsigned b);
struct config	*world_config(struct world *, unsigned node);
/* A prefix said, or taken back, as bgpctl network would. */
void		 world_tell(struct world *, unsigned node, unsigned prefix,
		    bool is_withdraw);
void		 world_say(struct world *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 world_fail(struct world *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* random_model.c: the answer, route[node][prefix]; NULL if it has none. */
struct world_route (*world_solve(const struct world *))[WORLD_PREFIXES_MAX];

/* random_check.c: each sets world.error. */
/* What must hold at any moment. */
void		 world_check_now(struct world *);
/* Everything is as the model says; false, with *why, while it is not. */
bool		 world_has_converged(struct world *, const char **why);
/* Run until it has converged; an error if it does not. */
void		 world_settle(struct world *);
/* Nothing is announced any more: are the engines empty? */
void		 world_check_empty(struct world *);

/* random_event.c: what befalls it. */
void		 world_event(struct world *);
/* All alive, all ways whole. */
void		 world_heal(struct world *);
void		 world_withdraw_all(struct world *);

#endif
