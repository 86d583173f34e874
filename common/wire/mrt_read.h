/* SPDX-License-Identifier: ISC */
/*
 * What is in MRT records: tables, messages, states. RFC 6396, RFC 8050. Each
 * reader takes a whole body and checks all of its lengths before it gives
 * anything; what it gives borrows from the body.
 */
#ifndef COMMON_WIRE_MRT_READ_H
#define COMMON_WIRE_MRT_READ_H

#include "common/nlri/nlri.h"
#include "common/wire/mrt.h"
#include "common/wire/update.h"

#include <stdbool.h>
#include <stdint.h>

enum mrt_kind {
	MRT_KIND_OTHER,		/* of no use here: to be skipped */
	MRT_KIND_INDEX,		/* PEER_INDEX_TABLE */
	MRT_KIND_RIB,
	MRT_KIND_MESSAGE,
	MRT_KIND_STATE,
};

/* What a record is, by its type and subtype. */
enum mrt_kind mrt_kind(const struct mrt_record *);

struct mrt_index {
	struct addr	collector_id;
	struct rd	view;		/* its name, maybe empty */
	uint16_t	n_peers;
	struct rd	peers;
};

/* 0, or ERR_SHORT, ERR_TRAILING. RFC 6396 4.3.1. */
int	mrt_read_index(struct rd body, struct mrt_index *out);
/* The next of its peers; n_peers times. */
void	mrt_next_peer(struct rd *peers, struct mrt_peer *out);

/* A destination and its paths; not to be copied. */
struct mrt_rib {
	struct nlri	nlri;		/* its family is set */
	uint16_t	n_paths;
	bool		has_path_id;	/* paths have them */
	bool		has_as4;	/* AS numbers in attributes are 4 bytes */
	bool		has_peer;	/* TABLE_DUMP: peer is here, not in a table */
	struct mrt_peer	peer;
	struct rd	paths;
	uint8_t		bytes[17];	/* TABLE_DUMP: what nlri points to */
};

/*
 * TABLE_DUMP and the RIB records of TABLE_DUMP_V2, RFC 6396 4.2 and 4.3, RFC
 * 8050. 0; ERR_UNKNOWN for a family that has no row; ERR_SHORT, ERR_RANGE,
 * ERR_TRAILING for a record that is broken.
 */
int	mrt_read_rib(const struct mrt_record *, struct mrt_rib *out);
/* The next path; n_paths times. Its attrs are as in the file, nexthop empty. */
void	mrt_next_path(struct mrt_rib *, struct mrt_path *out);

/* A path's attributes: canonical, and the next hop beside. */
struct mrt_attrs {
	enum attr_verdict verdict;	/* ATTR_WITHDRAW: some are malformed */
	struct rd	block;
	struct update_nexthop nexthop;
};

/* Memory for reading attributes, reused. */
struct mrt_scratch {
	struct wr	body, block;
};

void	mrt_scratch_init(struct mrt_scratch *);
void	mrt_scratch_fini(struct mrt_scratch *);
/*
 * Read a path's attributes, with MP_REACH_NLRI short (RFC 6396 4.3.4) or, as
 * many write it, whole. What is in out lives in the scratch until its next
 * use. 0, or ERR_NOMEM.
 */
int	mrt_read_attrs(struct rd attrs, bool has_as4, struct mrt_scratch *,
	    struct mrt_attrs *out);

/* A message or a change of state. RFC 6396 4.4. */
struct mrt_message {
	struct mrt_peer	remote, local;
	bool		has_as4;
	bool		is_sent;	/* by the local side */
	bool		has_path_id;	/* RFC 8050 */
	uint8_t		type;		/* of the message */
	struct rd	body;		/* behind its header */
	uint16_t	old_state, new_state;	/* Idle is 1 */
};

/*
 * 0, or ERR_SHORT, ERR_TRAILING, ERR_RANGE (of addresses), ERR_PROTO (what is
 * in it is no BGP message).
 */
int	mrt_read_message(const struct mrt_record *, struct mrt_message *out);

/* The first address of a next hop, behind a route distinguisher; false: none. */
bool	mrt_nexthop_addr(const struct update_nexthop *, struct addr *out);

#endif
