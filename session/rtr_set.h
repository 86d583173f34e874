/* SPDX-License-Identifier: ISC */
/*
 * What the RPKI caches say, united: a record for each VRP with a bit for
 * each cache that has it, and one for each ASPA customer with the lists of
 * the caches. What a cache says in a transfer is staged and becomes true
 * when the transfer is whole, in slices; only what the union gains or loses
 * then goes to the RDE.
 */
#ifndef SESSION_RTR_SET_H
#define SESSION_RTR_SET_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTR_CACHES_MAX	32		/* bits of a record */
#define RTR_VRPS_MAX	(4u << 20)	/* records altogether */
#define RTR_ASPAS_MAX	(1u << 20)

struct chan;

struct rtr_vrp {
	uint8_t		bytes[16];	/* address */
	uint8_t		family;		/* enum addr_family; 0: free */
	uint8_t		len_bits, max_len;
	uint32_t	asn;
	uint32_t	have;		/* caches that have it */
	uint32_t	touched;	/* a transfer speaks of it */
	uint32_t	next;		/* and says so */
	uint32_t	chain;		/* of the hash, or of the free ones */
};

/* What one cache says of a customer. Lists are sorted and unique. */
struct rtr_part {
	struct rtr_part	*next;
	uint8_t		 cache;
	bool		 is_staged;
	uint32_t	*have, *staged;	/* NULL: no record */
	uint32_t	 n_have, n_staged;
};

struct rtr_aspa {
	uint32_t	 customer;
	uint32_t	 chain;
	struct rtr_part	*parts;
};

struct rtr_set {
	uint64_t	 seed;
	struct rtr_vrp	*vrps;
	uint32_t	 n_vrps, cap_vrps;	/* slots, some free */
	uint32_t	 free_vrp;
	uint32_t	*vrp_heads;
	uint32_t	 n_vrp_heads;		/* a power of two */
	struct rtr_aspa	*aspas;
	uint32_t	 n_aspas, cap_aspas;	/* customers ever met */
	uint32_t	*aspa_heads;
	uint32_t	 n_aspa_heads;
	struct wr	 batch;			/* scratch of deltas */
};

/* What a walk does with the staged records of a cache. */
enum rtr_work {
	RTR_IDLE,
	RTR_COMMIT,		/* they become true */
	RTR_COMMIT_FULL,	/* the same, and what was not said is gone */
	RTR_ABORT,		/* they are forgotten */
	RTR_FORGET,		/* and all that the cache ever said */
};

/* A walk for one cache, or over all for a new RDE. */
struct rtr_walk {
	enum rtr_work	work;
	uint8_t		cache;
	uint32_t	vrp, aspa;	/* next slot */
};

void	rtr_set_init(struct rtr_set *, uint64_t seed);
void	rtr_set_fini(struct rtr_set *);
/*
 * Stage what a cache says of a VRP (RFC 8210 5.6). is_full: the transfer
 * tells everything, so that what it had before does not count. ERR_EXISTS:
 * announced twice; ERR_ABSENT: withdrawn, but it has none; ERR_FULL.
 */
int	rtr_set_vrp(struct rtr_set *, unsigned cache, const struct prefix *,
	    uint8_t max_len, uint32_t asn, bool is_announce, bool is_full);
/*
 * The same of a customer's providers, of which the list is the new one.
 * ERR_ABSENT, ERR_FULL.
 */
int	rtr_set_aspa(struct rtr_set *, unsigned cache, uint32_t customer,
	    struct rd providers, bool is_announce, bool is_full);
/*
 * Go on with a walk for at most n records, and tell the RDE (NULL: nobody)
 * what the union gained and lost. True when it is over; false also when the
 * channel is full.
 */
bool	rtr_set_walk(struct rtr_set *, struct rtr_walk *, struct chan *rde,
	    unsigned n);
/* Tell all that the union has, for at most n records; true at the end. */
bool	rtr_set_tell(struct rtr_set *, struct rtr_walk *, struct chan *rde,
	    unsigned n);
/* Records that a cache has. */
void	rtr_set_count(const struct rtr_set *, unsigned cache,
	    uint32_t *n_vrps, uint32_t *n_aspas);

#endif
