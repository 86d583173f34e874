/* SPDX-License-Identifier: ISC */
/*
 * Queries: walks over tables for programs and bgpctl, a slice at a time, at
 * the pace of the reader. The request is a map:
 *
 *   request    "rib" (default), "networks", "memory", "sets", "nexthops"
 *   direction  "in", "out"; absent: Loc-RIB
 *   peers      ids; absent: all
 *   bare       with raw: nothing but these, "family" and "peer" as numbers,
 *              "path_id" and "last_update_sec"
 *   raw        also "nlri", "attrs", "nexthop" as bytes
 *   detail     also communities and other attributes
 *   family     "inet", "inet6", "ipv4 vpn" ... (ExaBGP's or OpenBGPD's name)
 *   prefix     "10.0.0.0/8": exactly this; "10.0.0.1": the longest match
 *   match      "or-longer", "or-shorter"
 *   as, peer-as, source-as, transit-as  numbers; empty-as
 *   community, large-community          "65000:*", "1:2:3"
 *   ext-community                       16 hexadecimal digits
 *   ovs, avs   "valid", "not-found" ("unknown"), "invalid"
 *   path-id, best, disqualified, error, filtered, leaked
 *   table      name of a RIB
 *   limit      number of entries at most
 *   count      true: how many they are, in their place
 *
 * Entries have the keys of OpenBGPD's `bgpctl -j show rib`.
 */
#ifndef RDE_QUERY_H
#define RDE_QUERY_H

#include "common/buf.h"
#include "common/config.h"
#include "rde/engine.h"

struct emit;

enum query_direction { QUERY_LOC, QUERY_IN, QUERY_OUT };
enum query_request { QUERY_RIB, QUERY_NETWORKS, QUERY_MEMORY, QUERY_SETS,
	    QUERY_NEXTHOPS };
enum query_match { QUERY_ALL, QUERY_EXACT, QUERY_LONGEST, QUERY_LONGER,
	    QUERY_SHORTER };

/* What an entry must be like. */
struct query_filter {
	uint8_t		 request;	/* enum query_request */
	uint8_t		 direction;	/* enum query_direction */
	uint8_t		 match;		/* enum query_match */
	bool		 is_raw, is_bare, is_detail;
	bool		 best, disqualified, error, filtered, leaked;
	bool		 has_path_id, is_empty_as;
	uint32_t	 path_id;
	char		 rib[64];	/* "": Loc-RIB */
	uint32_t	 family_mask;
	struct prefix	 prefix;
	struct conf_rule rule;		/* AS, communities, ovs, avs */
	struct conf_community communities[3];
	uint64_t	 limit;
	bool		 is_count;
	uint32_t	*peers;
	size_t		 n_peers;	/* 0: all */
};

struct query {
	struct query	*next;
	uint32_t	 client;
	struct query_filter f;
	bool		 is_xoff;
	unsigned	 rib;		/* 0: Loc-RIB */
	unsigned	 family;	/* being walked */
	bool		 has_key;	/* go on behind it */
	struct wr	 key_bytes;
	struct table_key key;
	uint32_t	 peer;		/* isolated peers: index being walked */
	bool		 is_walking;	/* holds that peer's orig.walk */
	uint64_t	 n_entries;
	struct wr	 out;		/* entries not sent yet */
	size_t		 turn_bytes;	/* sent in this turn */
};

/* A route to be shown. */
struct query_entry {
	const struct nlri *nlri;
	const struct attrset *attr;
	const struct rpeer *peer;	/* from, or (out) to */
	const struct path *path;	/* NULL: originated */
	uint32_t	 path_id;
	uint32_t	 age;		/* seconds */
	bool		 is_best, is_eligible, is_stale;
	uint8_t		 class;		/* enum decide_class; 0: not known */
};

/* IMSG_RIB_REQUEST, _CANCEL, _XOFF, _XON, IMSG_PEER_COUNTERS_REQUEST. */
void	query_begin(struct rde *, const struct imsg *);
void	query_cancel(struct rde *, const struct imsg *);
void	query_xoff(struct rde *, const struct imsg *);
void	query_xon(struct rde *, const struct imsg *);
void	query_counters(struct rde *, const struct imsg *);
/* A step of the work task. */
bool	query_run(struct rde *, struct budget *);
/* The broker has gone: so have its clients. */
void	query_drop_all(struct rde *);

/* query_filter.c: read the request; NULL, or what is wrong with it. */
const char *query_filter_read(struct query_filter *, const void *bytes,
	    size_t len);
/* Whether an entry passes (peer and prefix were looked at before). */
bool	query_filter_passes(struct rde *, const struct query_filter *,
	    const struct query_entry *);
bool	query_filter_has_peer(const struct query_filter *,
	    const struct rpeer *);

/* query_emit.c */
void	query_emit_entry(struct rde *, const struct query_filter *,
	    const struct query_entry *, struct wr *out);
/* In place of entries: how many they are. */
void	query_emit_count(uint64_t n, struct wr *out);
/* query_memory.c */
void	query_emit_memory(struct rde *, struct wr *out);
void	query_emit_sets(struct rde *, struct wr *out);
/* query_nexthop.c: the next hops of all routes, each once, in order. */
void	query_emit_nexthops(struct rde *, struct wr *out);
void	query_emit_counters(struct rde *, const struct rpeer *,
	    struct wr *out);

#endif
