/* SPDX-License-Identifier: ISC */
/*
 * MRT records, as files of collectors hold them. RFC 6396, and RFC 8050 for
 * path identifiers.
 *
 *   seconds 4 | type 2 | subtype 2 | length 4 | [microseconds 4] | body
 */
#ifndef COMMON_WIRE_MRT_H
#define COMMON_WIRE_MRT_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mrt_type {
	MRT_TABLE_DUMP = 12,		/* old: 2-octet AS numbers; subtype: AFI */
	MRT_TABLE_DUMP_V2 = 13,
	MRT_BGP4MP = 16,
	MRT_BGP4MP_ET = 17,
};

enum mrt_table_subtype {
	MRT_PEER_INDEX_TABLE = 1,
	MRT_RIB_IPV4_UNICAST = 2,
	MRT_RIB_IPV4_MULTICAST = 3,
	MRT_RIB_IPV6_UNICAST = 4,
	MRT_RIB_IPV6_MULTICAST = 5,
	MRT_RIB_GENERIC = 6,
	MRT_RIB_ADDPATH = 6,		/* RFC 8050: added to the above */
};

enum mrt_message_subtype {
	MRT_STATE_CHANGE = 0,
	MRT_MESSAGE = 1,
	MRT_MESSAGE_AS4 = 4,
	MRT_STATE_CHANGE_AS4 = 5,
	MRT_MESSAGE_LOCAL = 6,		/* sent by us */
	MRT_MESSAGE_AS4_LOCAL = 7,
	MRT_MESSAGE_ADDPATH = 8,
	MRT_MESSAGE_AS4_ADDPATH = 9,
	MRT_MESSAGE_LOCAL_ADDPATH = 10,
	MRT_MESSAGE_AS4_LOCAL_ADDPATH = 11,
};

/* One of a table's peers, or a session's ends. */
struct mrt_peer {
	struct addr	addr;
	uint32_t	as;
	uint32_t	id;		/* router id */
};

/* One path of a RIB record. attrs is canonical, without the next hop. */
struct mrt_path {
	uint16_t	peer;		/* in the index table */
	uint32_t	time_sec;	/* since 1970 */
	bool		has_path_id;
	uint32_t	path_id;
	struct rd	attrs;
	struct rd	nexthop;	/* address bytes */
};

/*
 * Begin a record: its header, with time in microseconds since 1970 (kept in
 * full for types that have it). Gives what mrt_end takes, which patches the
 * length.
 */
size_t	mrt_begin(struct wr *out, uint64_t time_usec, uint16_t type,
	    uint16_t subtype);
void	mrt_end(struct wr *out, size_t start);

/* Body of a PEER_INDEX_TABLE; its view has no name. RFC 6396 4.3.1. */
void	mrt_put_peers(struct wr *out, uint32_t collector_id,
	    const struct mrt_peer *peers, size_t n);
/*
 * Front of a RIB record: its number and NLRI, a prefix as on the wire; then
 * mrt_put_path for each, and mrt_end_paths with what this gave.
 */
size_t	mrt_begin_paths(struct wr *out, uint32_t sequence, struct rd nlri);
/* A path: NEXT_HOP, or the short MP_REACH of RFC 6396 4.3.4, is put in. */
void	mrt_put_path(struct wr *out, const struct mrt_path *);
void	mrt_end_paths(struct wr *out, size_t mark, uint16_t n);
/* What stands before the message in BGP4MP records. RFC 6396 4.4. */
void	mrt_put_session(struct wr *out, const struct mrt_peer *remote,
	    const struct mrt_peer *local, bool has_as4);

/* A record's header. */
struct mrt_record {
	uint64_t	time_usec;
	uint16_t	type, subtype;
	struct rd	body;		/* behind the microseconds */
};

/*
 * Cut the record at the front of r off it. 0; ERR_AGAIN when r ends before
 * the record does (r is unchanged), ERR_PROTO for one that cannot be.
 */
int	mrt_next(struct rd *r, struct mrt_record *out);

#endif
