/* SPDX-License-Identifier: ISC */
/*
 * OPEN messages and capabilities. RFC 4271 4.2, RFC 5492, RFC 9072.
 *
 *   version 1 | my AS 2 | hold time 2 | router id 4 | parameters length 1 |
 *   parameters: type 1, length 1, value
 */
#ifndef COMMON_WIRE_OPEN_H
#define COMMON_WIRE_OPEN_H

#include "common/buf.h"
#include "common/nlri/nlri.h"

#include <stdbool.h>
#include <stdint.h>

struct emit;

#define OPEN_NAME_MAX		65	/* host, domain name, software version */

enum open_add_path {		/* RFC 7911 4 */
	ADD_PATH_NONE = 0,
	ADD_PATH_RECEIVE = 1,
	ADD_PATH_SEND = 2,
	ADD_PATH_BOTH = 3,
};

enum open_role {		/* RFC 9234 4.1 */
	ROLE_PROVIDER = 0,
	ROLE_RS = 1,
	ROLE_RS_CLIENT = 2,
	ROLE_CUSTOMER = 3,
	ROLE_PEER = 4,
	ROLE_NONE = 255,
};

/* Capabilities of one side. Families by enum nlri_id. */
struct open_capabilities {
	bool		has_multiprotocol;	/* any capability 1 was sent */
	uint32_t	family_mask;
	uint8_t		family_order[NLRI_N_FAMILIES];	/* as sent */
	uint8_t		n_families;
	bool		has_refresh;
	bool		has_enhanced_refresh;
	bool		has_extended_message;
	bool		has_as4;
	uint32_t	as4;
	bool		has_graceful_restart;
	bool		gr_restarting;		/* R bit */
	bool		gr_notification;	/* N bit, RFC 8538 */
	uint16_t	gr_time_sec;		/* 0..4095 */
	uint32_t	gr_family_mask;
	uint32_t	gr_forwarding_mask;	/* F bit */
	bool		has_llgr;		/* RFC 9494 */
	uint32_t	llgr_family_mask;
	uint32_t	llgr_forwarding_mask;	/* F bit */
	uint32_t	llgr_sec[NLRI_N_FAMILIES];	/* 24 bits */
	uint8_t		add_path[NLRI_N_FAMILIES];	/* enum open_add_path */
	uint32_t	extended_nexthop_mask;	/* IPv4 family over IPv6 next hop */
	bool		has_extended_nexthop;
	uint16_t	paths_limit[NLRI_N_FAMILIES];	/* 0: none */
	uint8_t		role;			/* enum open_role */
	bool		has_two_roles;		/* two different ones: 2/11 */
	bool		has_operational;
	bool		has_multisession;
	bool		has_link_local_nexthop;
	bool		has_hostname;
	char		hostname[OPEN_NAME_MAX];
	char		domain[OPEN_NAME_MAX];
	char		software[OPEN_NAME_MAX];	/* "" : none */
};

struct open {
	uint8_t		version;
	uint16_t	as;			/* the 2-octet field */
	uint16_t	hold_time_sec;
	uint32_t	router_id;		/* host order */
	struct open_capabilities capabilities;
	/* Faults: NOTIFICATION 2/subcode with data. */
	uint8_t		error_subcode;
	uint8_t		error_len;
	uint8_t		error_data[8];
};

/*
 * Decode the body of an OPEN (after the header): form only. Whether AS,
 * identifier and hold time are acceptable is the session's business. 0; or
 * ERR_PROTO with error_subcode and data set (robustness.md 3.1).
 */
int	open_decode(struct rd body, struct open *out);
/*
 * Append a whole OPEN message, header included. Capabilities go in
 * ExaBGP's order, one parameter each; over 255 bytes the RFC 9072 form is
 * used.
 */
void	open_encode(const struct open *, struct wr *out);

/* What both sides' capabilities make together. */
struct open_negotiated {
	uint32_t	family_mask;
	uint8_t		family_order[NLRI_N_FAMILIES];	/* peer's order */
	uint8_t		n_families;
	bool		has_as4;
	bool		has_refresh;
	bool		has_enhanced_refresh;
	bool		has_extended_message;
	bool		has_graceful_restart;
	bool		has_operational;
	bool		has_multisession;
	bool		has_link_local_nexthop;
	uint32_t	add_path_receive_mask;	/* peer sends path ids to us */
	uint32_t	add_path_send_mask;
	uint32_t	extended_nexthop_mask;
	uint16_t	hold_time_sec;		/* the smaller; 0: none */
	/* paths of a prefix that the peer takes, by family; 0: any number */
	uint16_t	paths_limit[NLRI_N_FAMILIES];
};

/* Pure. No capability 1 from the peer means IPv4 unicast (RFC 4760 8). */
void	open_negotiate(const struct open *local, const struct open *remote,
	    struct open_negotiated *out);

/*
 * ExaBGP's JSON of an OPEN ("open" member's content), and its text ("version
 * 4 asn ..."). body is the message's, for capabilities that we do not know.
 */
void	open_emit(const struct open *, struct rd body, struct emit *);
void	open_text(const struct open *, struct rd body, struct wr *out);

/* The optional parameters of an OPEN, in either of their forms. */
struct open_parameters {
	struct rd	left;
	bool		is_extended;	/* RFC 9072: 2-byte lengths */
};

/*
 * Begin with the parameters, body standing at their length byte. ERR_SHORT
 * or ERR_TRAILING when the length is not what is left.
 */
int	open_parameters(struct rd *body, struct open_parameters *out);
/* The next one, while buf_left(&p->left) > 0; ERR_SHORT when it is cut. */
int	open_next_parameter(struct open_parameters *p, uint8_t *type,
	    struct rd *value);

#endif
