/* SPDX-License-Identifier: ISC */
/*
 * Members of a route as OpenBGPD's `bgpctl -j show rib` has them, for those
 * who describe routes so: the RDE of its tables, bgpctl of MRT files. Each
 * writes a key and a value into an object that is open.
 */
#ifndef COMMON_WIRE_ROUTE_EMIT_H
#define COMMON_WIRE_ROUTE_EMIT_H

#include "common/buf.h"

#include <stdint.h>

struct addr;
struct emit;
struct nlri;

/* Seconds as 00:01:02, 1d02h03m, 01w2d03h. */
void	route_emit_age(struct emit *, const char *key, uint32_t sec);
void	route_emit_addr(struct emit *, const char *key, const struct addr *);
/* "prefix": the text of a prefix, or of an NLRI of another family. */
void	route_emit_prefix(struct emit *, const struct nlri *);
/* "aspath" of a canonical block, as a string. */
void	route_emit_aspath(struct emit *, struct rd block);
/* The word of ORIGIN's value; one out of range is taken modulo 3. */
const char *route_emit_origin_word(unsigned origin);
/*
 * The arrays of a canonical block that `detail` shows: communities,
 * large_communities, extended_communities if it has any, and attributes, all
 * others as bytes.
 */
void	route_emit_detail(struct emit *, struct rd block);

#endif
