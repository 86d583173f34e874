/* SPDX-License-Identifier: ISC */
/*
 * Address families: one table row each. A family's NLRI is handled as its
 * wire bytes: a row says how to cut one off a run, what of it identifies the
 * destination, and how to describe it. Adding a family is one file and one
 * row. Nothing here allocates or keeps state.
 */
#ifndef COMMON_NLRI_NLRI_H
#define COMMON_NLRI_NLRI_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct emit;
struct prefix;

/* Dense numbers of the families that have a row; also a bit in masks. */
enum nlri_id {
	NLRI_IPV4_UNICAST,
	NLRI_IPV4_MULTICAST,
	NLRI_IPV4_MPLS,
	NLRI_IPV4_VPN,
	NLRI_IPV4_MCAST_VPN,
	NLRI_IPV4_FLOW,
	NLRI_IPV4_FLOW_VPN,
	NLRI_IPV4_MUP,
	NLRI_IPV4_SR_POLICY,
	NLRI_IPV4_RTC,
	NLRI_IPV6_UNICAST,
	NLRI_IPV6_MULTICAST,
	NLRI_IPV6_MPLS,
	NLRI_IPV6_VPN,
	NLRI_IPV6_MCAST_VPN,
	NLRI_IPV6_FLOW,
	NLRI_IPV6_FLOW_VPN,
	NLRI_IPV6_MUP,
	NLRI_IPV6_SR_POLICY,
	NLRI_L2VPN_VPLS,
	NLRI_L2VPN_EVPN,
	NLRI_BGP_LS,
	NLRI_BGP_LS_VPN,
	NLRI_N_FAMILIES
};

/* One destination, borrowed from the message or memory it was read from. */
struct nlri {
	const struct nlri_family *family;
	const uint8_t	*bytes;		/* wire form, without path id */
	size_t		 len;
	uint32_t	 path_id;	/* RFC 7911 */
	bool		 has_path_id;
	/* Next hop as text, for descriptions that show it; NULL otherwise. */
	const char	*nexthop;
};

enum nlri_json {		/* shapes of ExaBGP's JSON */
	NLRI_JSON_V4 = 0,
	NLRI_JSON_V6 = 1,
	/* with either: a prefix as a string, not an object */
	NLRI_JSON_COMPACT = 2,
};

struct nlri_family {
	uint16_t	 afi;
	uint8_t		 safi;
	uint8_t		 id;		/* enum nlri_id */
	const char	*name;		/* ExaBGP's: "ipv4 unicast" */
	const char	*bgpd_name;	/* OpenBGPD's: "IPv4 unicast" */
	bool		 is_prefix;	/* bytes are length and prefix only */
	/*
	 * Cut the next NLRI (after any path id) off the run: check it and set
	 * bytes and len. Errors leave the reader anywhere: the run is lost.
	 */
	int	(*cut)(struct rd *run, struct nlri *out);
	/*
	 * Write what identifies the destination (labels and other changing
	 * parts left out or 0, host bits cleared). NULL: the bytes are the
	 * key. Without withdraw, the key is an NLRI, too: withdrawals carry
	 * it when the route itself is gone.
	 */
	void	(*key)(const struct nlri *, struct wr *key);
	/* The NLRI's members, into an object that is already open. */
	void	(*emit)(const struct nlri *, enum nlri_json, struct emit *);
	/* Human text as ExaBGP's: "10.0.0.0/8 label 3 (49) rd 1:2". */
	void	(*text)(const struct nlri *, struct wr *out);
	/*
	 * The form a withdraw takes, when not the same (RFC 8277 label
	 * 0x800000). NULL: as announced.
	 */
	void	(*withdraw)(const struct nlri *, struct wr *out);
};

/* The row of a family, or NULL when there is none. */
const struct nlri_family *nlri_find(uint16_t afi, uint8_t safi);
/* The row by dense number; id < NLRI_N_FAMILIES. Never NULL. */
const struct nlri_family *nlri_by_id(unsigned id);
/* The row by ExaBGP's words ("ipv4", "mpls-vpn"), aliases included. */
const struct nlri_family *nlri_by_words(const char *afi, const char *safi);
/* Words of a number; "afi 7" forms for unknown ones are written into buf. */
const char *nlri_afi_name(uint16_t afi, char *buf, size_t buf_len);
const char *nlri_safi_name(uint8_t safi, char *buf, size_t buf_len);

/*
 * Next NLRI of a run: the 4-byte path id when has_path_id, then the family's
 * cut. Returns 0, or ERR_SHORT/ERR_RANGE for a malformed run (RFC 7606 5.3).
 * At least one byte is consumed. Call while buf_left(run) > 0.
 */
int	nlri_next(const struct nlri_family *, bool has_path_id,
	    struct rd *run, struct nlri *out);
/* Write the key (see struct nlri_family) without the path id. */
void	nlri_key(const struct nlri *, struct wr *key);
/* Write as on the wire: path id when with_path_id, then the bytes. */
void	nlri_put(const struct nlri *, bool with_path_id, bool is_withdraw,
	    struct wr *out);
void	nlri_text(const struct nlri *, struct wr *out);
void	nlri_emit(const struct nlri *, enum nlri_json, struct emit *);

/* Prefix families: conversions. ERR_RANGE if the NLRI is not a prefix. */
int	nlri_to_prefix(const struct nlri *, struct prefix *out);
/* Wire form of a prefix (length byte and the bytes it needs). */
void	nlri_put_prefix(const struct prefix *, struct wr *out);

#endif
