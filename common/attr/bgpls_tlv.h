/* SPDX-License-Identifier: ISC */
/*
 * How the TLVs of the BGP-LS attribute are shown: a function a form. Each
 * writes one value; its key is written. Only bgpls.c includes this.
 */
#ifndef COMMON_ATTR_BGPLS_TLV_H
#define COMMON_ATTR_BGPLS_TLV_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct emit;

struct bgpls_tlv {
	uint16_t	 type;
	uint16_t	 min_len;	/* shorter ones are shown as bytes */
	const char	*key;
	void		(*emit)(struct rd, const char *flags, struct emit *);
	const char	*flags;		/* names of bits, highest first */
	bool		 is_list;	/* comes several times */
};

void	bgpls_tlv_delay(struct rd, const char *, struct emit *);
void	bgpls_tlv_digits(struct rd, const char *, struct emit *);
void	bgpls_tlv_flags(struct rd, const char *, struct emit *);
void	bgpls_tlv_float(struct rd, const char *, struct emit *);
void	bgpls_tlv_floats(struct rd, const char *, struct emit *);
void	bgpls_tlv_hex(struct rd, const char *, struct emit *);
void	bgpls_tlv_igp_metric(struct rd, const char *, struct emit *);
void	bgpls_tlv_ip(struct rd, const char *, struct emit *);
void	bgpls_tlv_link_ids(struct rd, const char *, struct emit *);
void	bgpls_tlv_loss(struct rd, const char *, struct emit *);
void	bgpls_tlv_minmax(struct rd, const char *, struct emit *);
void	bgpls_tlv_number(struct rd, const char *, struct emit *);
void	bgpls_tlv_string(struct rd, const char *, struct emit *);
void	bgpls_tlv_u32s(struct rd, const char *, struct emit *);
void	bgpls_tlv_u64s(struct rd, const char *, struct emit *);
void	bgpls_tlv_u8s(struct rd, const char *, struct emit *);
void	bgpls_tlv_variation(struct rd, const char *, struct emit *);

/* Segment routing, bgpls_sr.c. */
void	bgpls_tlv_sr_adj(struct rd, const char *, struct emit *);
void	bgpls_tlv_sr_adj_lan(struct rd, const char *, struct emit *);
void	bgpls_tlv_sr_capability(struct rd, const char *, struct emit *);
void	bgpls_tlv_sr_prefix(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_behavior(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_capabilities(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_endx(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_endx_isis(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_endx_ospf(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_locator(struct rd, const char *, struct emit *);
void	bgpls_tlv_srv6_structure(struct rd, const char *, struct emit *);

#endif
