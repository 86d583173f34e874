/* SPDX-License-Identifier: ISC */
/*
 * What the rows of the attribute table point to: each file's checks and
 * descriptions. Only common/attr includes this; struct attr_row says what
 * each kind of function does.
 */
#ifndef COMMON_ATTR_ROWS_H
#define COMMON_ATTR_ROWS_H

#include "common/attr/attr.h"

/* attr_basic.c */
int	attr_basic_check_origin(struct rd, const struct attr_context *);
int	attr_basic_check_as_path(struct rd, const struct attr_context *);
int	attr_basic_check_as4_path(struct rd, const struct attr_context *);
int	attr_basic_check_u32(struct rd, const struct attr_context *);
int	attr_basic_check_empty(struct rd, const struct attr_context *);
int	attr_basic_check_aggregator(struct rd, const struct attr_context *);
int	attr_basic_check_as4_aggregator(struct rd,
	    const struct attr_context *);
int	attr_basic_check_aigp(struct rd, const struct attr_context *);
int	attr_basic_check_otc(struct rd, const struct attr_context *);
int	attr_basic_check_attr_set(struct rd, const struct attr_context *);
void	attr_basic_emit_origin(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_as_path(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_u32(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_ipv4(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_true(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_aggregator(struct rd, enum attr_json, struct emit *);
void	attr_basic_emit_cluster_list(struct rd, enum attr_json,
	    struct emit *);
void	attr_basic_emit_aigp(struct rd, enum attr_json, struct emit *);
void	attr_basic_text_origin(struct rd, struct wr *);
void	attr_basic_text_u32(struct rd, struct wr *);
void	attr_basic_text_ipv4(struct rd, struct wr *);
void	attr_basic_text_none(struct rd, struct wr *);
void	attr_basic_text_aggregator(struct rd, struct wr *);
void	attr_basic_text_cluster_list(struct rd, struct wr *);
void	attr_basic_text_aigp(struct rd, struct wr *);

/* community.c */
int	community_check(struct rd, const struct attr_context *);
int	community_check_cluster_list(struct rd, const struct attr_context *);
int	community_check_large(struct rd, const struct attr_context *);
void	community_emit(struct rd, enum attr_json, struct emit *);
void	community_emit_large(struct rd, enum attr_json, struct emit *);
void	community_text(struct rd, struct wr *);
void	community_text_large(struct rd, struct wr *);

/* extcomm.c */
int	extcomm_check(struct rd, const struct attr_context *);
int	extcomm_check_ipv6(struct rd, const struct attr_context *);
void	extcomm_emit(struct rd, enum attr_json, struct emit *);
void	extcomm_emit_ipv6(struct rd, enum attr_json, struct emit *);
void	extcomm_text(struct rd, struct wr *);
void	extcomm_text_ipv6(struct rd, struct wr *);

/* pmsi.c, tunnel.c, prefixsid.c, bgpls.c */
int	pmsi_check(struct rd, const struct attr_context *);
int	tunnel_check(struct rd, const struct attr_context *);
int	prefixsid_check(struct rd, const struct attr_context *);
int	bgpls_check(struct rd, const struct attr_context *);
void	pmsi_emit(struct rd, enum attr_json, struct emit *);
void	tunnel_emit(struct rd, enum attr_json, struct emit *);
void	prefixsid_emit(struct rd, enum attr_json, struct emit *);
void	bgpls_emit(struct rd, enum attr_json, struct emit *);
void	pmsi_text(struct rd, struct wr *);

#endif
