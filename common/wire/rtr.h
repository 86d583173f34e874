/* SPDX-License-Identifier: ISC */
/*
 * PDUs of the RPKI-to-router protocol, version 0 (RFC 6810), 1 (RFC 8210)
 * and 2 (draft-ietf-sidrops-8210bis, with ASPA). Pure: bytes to a struct and
 * back.
 */
#ifndef COMMON_WIRE_RTR_H
#define COMMON_WIRE_RTR_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define RTR_PORT		323
#define RTR_VERSION_MAX		2
#define RTR_HEADER_LEN		8
#define RTR_PDU_MAX		65536	/* longer ones are refused */
#define RTR_PROVIDERS_MAX	10000	/* of one customer */

enum rtr_type {
	RTR_SERIAL_NOTIFY = 0,
	RTR_SERIAL_QUERY = 1,
	RTR_RESET_QUERY = 2,
	RTR_CACHE_RESPONSE = 3,
	RTR_IPV4_PREFIX = 4,
	RTR_IPV6_PREFIX = 6,
	RTR_END_OF_DATA = 7,
	RTR_CACHE_RESET = 8,
	RTR_ROUTER_KEY = 9,
	RTR_ERROR_REPORT = 10,
	RTR_ASPA = 11,
};

enum rtr_error {		/* RFC 8210 12 */
	RTR_CORRUPT_DATA = 0,
	RTR_INTERNAL_ERROR = 1,
	RTR_NO_DATA = 2,	/* the only one that ends nothing */
	RTR_INVALID_REQUEST = 3,
	RTR_UNSUPPORTED_VERSION = 4,
	RTR_UNSUPPORTED_TYPE = 5,
	RTR_UNKNOWN_WITHDRAWAL = 6,
	RTR_DUPLICATE = 7,
	RTR_UNEXPECTED_VERSION = 8,
	RTR_PROVIDER_LIST = 9,
	RTR_NO_ERROR = 0xffff,	/* not on the wire */
};

/* The head of every PDU. */
struct rtr_header {
	uint8_t		version, type;
	uint16_t	session_id;	/* or flags, or the error's code */
	uint32_t	len;		/* of the whole PDU */
};

/* One PDU; the members of other types are zero. */
struct rtr_pdu {
	uint8_t		version;	/* 0..RTR_VERSION_MAX */
	uint8_t		type;		/* enum rtr_type */
	uint16_t	session_id;	/* notify, query, response, end */
	uint32_t	serial;		/* notify, query, end */
	uint32_t	refresh_sec, retry_sec, expire_sec; /* end, from v1 on */
	bool		is_announce;	/* prefix, key, ASPA */
	struct prefix	prefix;
	uint8_t		max_len;
	uint32_t	asn;		/* origin, key's owner, customer */
	struct rd	providers;	/* ASPA: 4 bytes each, borrowed */
	struct rd	key;		/* router key: SKI 20, SPKI; borrowed */
	uint16_t	error;		/* enum rtr_error, of a report */
	struct rd	error_pdu;	/* what it is about, borrowed */
	struct rd	error_text;	/* borrowed */
};

/*
 * Read a header. ERR_SHORT when it is not whole yet, ERR_RANGE when the
 * length is below 8 or above RTR_PDU_MAX; *out is filled all the same.
 */
int	rtr_header(struct rd, struct rtr_header *out);
/*
 * Read one PDU, of exactly the bytes that its header says. 0, or ERR_PROTO
 * with *error (enum rtr_error) to be reported; *out is then of no use.
 */
int	rtr_decode(struct rd, struct rtr_pdu *out, uint16_t *error);
/* Append a PDU. Errors stay in the writer. */
void	rtr_encode(struct wr *, const struct rtr_pdu *);
/* A constant text: "Corrupt Data"; "unknown" for other numbers. */
const char *rtr_error_text(uint16_t error);
const char *rtr_type_text(uint8_t type);

#endif
