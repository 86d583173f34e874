/* SPDX-License-Identifier: ISC */
/*
 * What the rows of the family table point to: each family's file gives its
 * functions here. Only common/nlri includes this; the meaning of each
 * function is in struct nlri_family.
 */
#ifndef COMMON_NLRI_FAMILIES_H
#define COMMON_NLRI_FAMILIES_H

#include "common/nlri/nlri.h"

struct emit;

/* Unicast and multicast: length in bits, prefix. */
int	nlri_inet_cut(struct rd *, struct nlri *);
void	nlri_inet_key(const struct nlri *, struct wr *);
void	nlri_inet_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_inet_text(const struct nlri *, struct wr *);

/* Labelled unicast and VPN: length in bits, labels, (RD,) prefix. */
int	nlri_label_cut(struct rd *, struct nlri *);
void	nlri_label_key(const struct nlri *, struct wr *);
void	nlri_label_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_label_text(const struct nlri *, struct wr *);
void	nlri_label_withdraw(const struct nlri *, struct wr *);

/* Framing alone, by where the length is found. */
int	nlri_opaque_cut_bits(struct rd *, struct nlri *);
int	nlri_opaque_cut_type_len(struct rd *, struct nlri *);
int	nlri_opaque_cut_len16(struct rd *, struct nlri *);
int	nlri_opaque_cut_type16_len16(struct rd *, struct nlri *);
int	nlri_opaque_cut_mup(struct rd *, struct nlri *);
int	nlri_opaque_cut_flow(struct rd *, struct nlri *);
/* Bytes in hexadecimal. */
void	nlri_opaque_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_opaque_text(const struct nlri *, struct wr *);

/* What is inside, a file a family; what does not fit is shown as bytes. */
void	nlri_vpls_key(const struct nlri *, struct wr *);
void	nlri_vpls_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_vpls_text(const struct nlri *, struct wr *);
void	nlri_evpn_key(const struct nlri *, struct wr *);
void	nlri_evpn_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_evpn_text(const struct nlri *, struct wr *);
void	nlri_mvpn_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_mvpn_text(const struct nlri *, struct wr *);
void	nlri_mup_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_mup_text(const struct nlri *, struct wr *);
void	nlri_srpolicy_emit(const struct nlri *, enum nlri_json,
	    struct emit *);
void	nlri_srpolicy_text(const struct nlri *, struct wr *);
void	nlri_rtc_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_rtc_text(const struct nlri *, struct wr *);
void	nlri_flow_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_flow_text(const struct nlri *, struct wr *);
void	nlri_bgpls_emit(const struct nlri *, enum nlri_json, struct emit *);
void	nlri_bgpls_text(const struct nlri *, struct wr *);

/* Set bytes and len of out to what was read from start up to run's place. */
int	nlri_opaque_span(struct rd start, const struct rd *run,
	    struct nlri *out);
/* The member "path-information" and its text, if there is a path id. */
void	nlri_inet_emit_path(const struct nlri *, struct emit *);
void	nlri_inet_text_path(const struct nlri *, struct wr *);
/*
 * Read the bytes of a prefix of len_bits bits. ERR_RANGE when longer than
 * the family (AFI_IPV4 or AFI_IPV6) has, ERR_SHORT when cut.
 */
int	nlri_inet_get_prefix(struct rd *, uint16_t afi, unsigned len_bits,
	    struct prefix *out);

#endif
