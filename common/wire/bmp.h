/* SPDX-License-Identifier: ISC */
/*
 * Messages of the BGP Monitoring Protocol, router to station. RFC 7854, RFC
 * 8671 for Adj-RIB-Out, RFC 9069 for Loc-RIB.
 *
 *   version 1 | length 4, of all | type 1 | body
 *
 * All but Initiation and Termination begin with the per-peer header:
 *
 *   peer type 1 | flags 1 | distinguisher 8 | address 16 | AS 4 | BGP ID 4 |
 *   seconds 4 | microseconds 4
 */
#ifndef COMMON_WIRE_BMP_H
#define COMMON_WIRE_BMP_H

#include "common/addr.h"
#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

#define BMP_VERSION	3
#define BMP_HEADER_LEN	6
#define BMP_PEER_LEN	42

enum bmp_type {
	BMP_ROUTE_MONITORING = 0,
	BMP_STATISTICS = 1,
	BMP_PEER_DOWN = 2,
	BMP_PEER_UP = 3,
	BMP_INITIATION = 4,
	BMP_TERMINATION = 5,
};

enum bmp_peer_type {
	BMP_PEER_GLOBAL = 0,
	BMP_PEER_LOC_RIB = 3,		/* RFC 9069 4.1; has no address */
};

enum bmp_peer_flag {
	BMP_FLAG_IPV6 = 0x80,		/* V */
	BMP_FLAG_POST_POLICY = 0x40,	/* L */
	BMP_FLAG_AS2 = 0x20,		/* A: AS_PATH of 2-byte AS numbers */
	BMP_FLAG_OUT = 0x10,		/* O: Adj-RIB-Out, RFC 8671 4 */
};

enum bmp_information {			/* TLVs of Initiation, 4.4 */
	BMP_INFO_STRING = 0,
	BMP_INFO_DESCR = 1,
	BMP_INFO_NAME = 2,
	BMP_INFO_TABLE = 3,		/* of Loc-RIB's Peer Up, RFC 9069 5.3 */
};

enum bmp_termination {			/* TLVs of Termination, 4.5 */
	BMP_TERM_STRING = 0,
	BMP_TERM_REASON = 1,
};

enum bmp_reason {			/* of Termination */
	BMP_REASON_CLOSED = 0,		/* administratively */
};

enum bmp_down {				/* reasons of Peer Down, 4.9 */
	BMP_DOWN_LOCAL_NOTIFICATION = 1,
	BMP_DOWN_LOCAL = 2,		/* the FSM's event follows */
	BMP_DOWN_REMOTE_NOTIFICATION = 3,
	BMP_DOWN_REMOTE = 4,
	BMP_DOWN_UNMONITORED = 5,
};

enum bmp_stat {				/* of Statistics Report, 4.8 */
	BMP_STAT_REJECTED = 0,		/* counter of 4 bytes */
	BMP_STAT_ADJ_RIB_IN = 7,	/* gauge of 8 bytes */
};

/* The per-peer header. */
struct bmp_peer {
	uint8_t		type;		/* enum bmp_peer_type */
	uint8_t		flags;		/* enum bmp_peer_flag; V is put in */
	struct addr	addr;
	uint32_t	as;
	uint32_t	id;		/* BGP identifier, host order */
	uint64_t	time_usec;	/* since 1970; 0: not known */
};

/* The ends of a session, and the OPENs of both as whole messages. 4.10 */
struct bmp_up {
	struct addr	local;
	uint16_t	local_port, remote_port;
	struct rd	sent, received;
};

/*
 * Begin a message: its header, with the per-peer header unless peer is NULL.
 * Gives what bmp_end takes, which patches the length.
 */
size_t	bmp_begin(struct wr *out, enum bmp_type, const struct bmp_peer *);
void	bmp_end(struct wr *out, size_t start);

/* Body of a Peer Up. */
void	bmp_put_up(struct wr *out, const struct bmp_up *);
/* A TLV: type 2, length 2, value; it is cut at 65535 bytes. */
void	bmp_put_tlv(struct wr *out, unsigned type, const void *value,
	    size_t len);
/*
 * Statistics: begin the report (count 4), put each, and end it with what the
 * begin gave and their number.
 */
size_t	bmp_begin_statistics(struct wr *out);
void	bmp_put_counter(struct wr *out, enum bmp_stat, uint32_t);
void	bmp_put_gauge(struct wr *out, enum bmp_stat, uint64_t);
void	bmp_end_statistics(struct wr *out, size_t mark, uint32_t n);

#endif
