/* SPDX-License-Identifier: ISC */
/*
 * UPDATE messages. Decoding judges a whole message once (RFC 4271 6.3, RFC
 * 7606) and gives its NLRI runs as readers plus one canonical attribute
 * block; encoding packs NLRI behind attributes until the message is full.
 *
 *   withdrawn length 2 | withdrawn | attributes length 2 | attributes | NLRI
 */
#ifndef COMMON_WIRE_UPDATE_H
#define COMMON_WIRE_UPDATE_H

#include "common/attr/attr.h"
#include "common/buf.h"
#include "common/nlri/nlri.h"

#include <stdbool.h>
#include <stdint.h>

#define UPDATE_NEXTHOP_MAX	48	/* two VPN-IPv6 next hops */
#define UPDATE_ERROR_MAX	64	/* data kept for a NOTIFICATION */

/* What was negotiated and bears on reading an UPDATE. */
struct update_context {
	struct attr_context	attr;
	uint32_t	add_path_mask;	/* bit per enum nlri_id: peer sends ids */
	uint32_t	family_mask;	/* bit per enum nlri_id: negotiated */
	uint32_t	extended_nexthop_mask;	/* RFC 8950 */
	uint16_t	max_asns;	/* longest AS_PATH taken; more: withdraw; 0: any */
	uint16_t	max_communities;	/* of all kinds; likewise */
	/* A bit a code: dropped unseen; or the routes are withdrawn. */
	uint64_t	discard_codes[4], withdraw_codes[4];
	bool		has_loopback_peer;	/* 127/8 next hops are usable */
};

/* A next hop as in MP_REACH_NLRI or NEXT_HOP: its bytes as sent. */
struct update_nexthop {
	uint8_t		bytes[UPDATE_NEXTHOP_MAX];
	uint8_t		len;
};

/* One run of NLRI of one family. */
struct update_run {
	const struct nlri_family *family;	/* NULL: absent or unknown */
	uint16_t	afi;
	uint8_t		safi;
	bool		is_present;
	struct rd	run;
};

struct update {
	enum attr_verdict verdict;	/* strongest met */
	uint8_t		error_code;	/* for ATTR_RESET; else the reason */
	uint8_t		error_subcode;
	uint8_t		error_attr;	/* code of the attribute at fault, 0 none */
	uint8_t		error_len;
	uint8_t		error_data[UPDATE_ERROR_MAX];
	/* IPv4 unicast fields, then MP_UNREACH and MP_REACH. */
	struct update_run withdrawn, nlri, mp_unreach, mp_reach;
	struct update_nexthop nexthop;		/* of nlri */
	struct update_nexthop mp_nexthop;	/* of mp_reach */
	struct rd	attrs;		/* canonical, in the caller's scratch */
	uint16_t	n_discarded;	/* attributes dropped */
	/* End-of-RIB of this family (RFC 4724 2), NULL if it is none. */
	const struct nlri_family *eor;
};

/*
 * Decode the body of an UPDATE (after the 19-byte header). Readers in out
 * borrow from body; out->attrs lives in scratch, which is reset first (a
 * growing writer; 64 KiB suffices). NLRI runs are checked to their end, so
 * nlri_next on them cannot fail unless the verdict is ATTR_RESET. With
 * ATTR_WITHDRAW the routes in nlri and mp_reach must be withdrawn. Returns 0
 * or ERR_NOMEM; faults of the peer are in out->verdict.
 */
int	update_decode(struct rd body, const struct update_context *,
	    struct wr *scratch, struct update *out);

/* How one receiver, or group of equal receivers, wants its messages. */
struct update_format {
	uint16_t	max_len;	/* 4096, or 65535 */
	bool		has_as4;
	uint32_t	add_path_mask;	/* bit per enum nlri_id: we send ids */
	bool		is_exabgp_packing;	/* exabgp-wire.md 4 */
};

/*
 * Builder of UPDATE messages: begin, add NLRI until it says ERR_FULL, end.
 * Whole messages, header included, are appended to out (borrowed).
 */
struct update_builder {
	struct wr		*out;
	const struct update_format *format;
	const struct nlri_family *family;
	size_t			 start;		/* of the message in out */
	size_t			 attr_mark;	/* attributes length */
	size_t			 mp_mark;	/* MP attribute length, or 0 */
	size_t			 n_nlri;
	struct rd		 attrs;		/* written at the end */
	size_t			 tail_len;	/* bytes that the end needs */
	bool			 is_withdraw;
	bool			 is_mp;
	bool			 is_open;
};

/*
 * Begin an announcement of routes that share attrs (canonical block as it
 * shall be sent: RFC 6793 down-conversion is done here; it must live until
 * the end) and nexthop. IPv4 unicast (in ExaBGP's packing multicast, too)
 * with a 4-byte next hop uses the classic fields. MP_REACH_NLRI comes first
 * (RFC 7606 5.1), in ExaBGP's packing last. ERR_FULL when the attributes
 * alone do not fit; the message is then gone from out.
 */
int	update_begin(struct update_builder *, struct wr *out,
	    const struct update_format *, const struct nlri_family *,
	    struct rd attrs, const struct update_nexthop *);
/*
 * Begin a withdrawal; attrs is empty, or sent along (ExaBGP's packing; it
 * may then hold NEXT_HOP, too).
 */
int	update_begin_withdraw(struct update_builder *, struct wr *out,
	    const struct update_format *, const struct nlri_family *,
	    struct rd attrs);
/* Add one NLRI. ERR_FULL when it does not fit: end, begin anew, add it. */
int	update_add(struct update_builder *, const struct nlri *);
/* Patch the lengths. A message without NLRI is removed from out again. */
void	update_end(struct update_builder *);
/*
 * Compat: whether ExaBGP sends NEXT_HOP beside MP_REACH_NLRI and
 * MP_UNREACH_NLRI of the family when the next hop is an IPv4 address.
 */
bool	update_has_exabgp_nexthop(const struct nlri_family *);
/* Append an End-of-RIB marker. */
void	update_put_eor(struct wr *out, const struct nlri_family *);

/* The addresses of a next hop, "no-nexthop" when it has none. */
char	*update_nexthop_text(const struct update_nexthop *, char *buf,
	    size_t buf_len);

/*
 * Describe a decoded UPDATE as ExaBGP's "message" member's content, into an
 * object that is open. Routes that a fault withdraws are shown withdrawn.
 */
struct emit;
void	update_emit(const struct update *, const struct update_context *,
	    enum nlri_json, struct emit *);
/*
 * ExaBGP's text lines between "start" and "end", each beginning with
 * line_prefix ("neighbor 1.2.3.4 receive update"), newline-terminated.
 */
void	update_text(const struct update *, const struct update_context *,
	    const char *line_prefix, struct wr *out);

#endif
