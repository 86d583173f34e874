/* SPDX-License-Identifier: ISC */
/*
 * AS_PATH values in canonical (4-octet) form: measuring, searching and
 * changing them. RFC 4271 4.3 b and 9.1.2.2, RFC 5065, RFC 6793.
 */
#ifndef COMMON_ATTR_ASPATH_H
#define COMMON_ATTR_ASPATH_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Check form; asn_len is 2 or 4. AS 0 is ERR_RANGE (RFC 7607). */
int	 aspath_check(struct rd value, unsigned asn_len);
/* Hops for the decision: a set counts 1, confederation segments 0. */
unsigned aspath_length(struct rd value);
/* All AS numbers, however segmented. */
unsigned aspath_n_asns(struct rd value);
bool	 aspath_contains(struct rd value, uint32_t asn);
/* How often asn occurs. */
unsigned aspath_count(struct rd value, uint32_t asn);
/* First AS of a leading AS_SEQUENCE (skipping confederation), or 0. */
uint32_t aspath_neighbor(struct rd value);
/* Last AS of the path when it ends in an AS_SEQUENCE, or 0. */
uint32_t aspath_origin(struct rd value);
bool	 aspath_has_set(struct rd value);
/* Confederation segments present. */
bool	 aspath_has_confed(struct rd value);
/* Write value with asn prepended n times, splitting segments at 255. */
void	 aspath_prepend(struct rd value, uint8_t segment, uint32_t asn,
	    unsigned n, struct wr *out);
/* Write value without confederation segments (RFC 5065 4.1). */
void	 aspath_strip_confed(struct rd value, struct wr *out);
/* Write the 2-octet form; true when AS_TRANS stood in for an AS. */
bool	 aspath_to_as2(struct rd value, struct wr *out);
/* Write the 4-octet form of a 2-octet value. */
void	 aspath_from_as2(struct rd value, struct wr *out);
/* Merge AS_PATH (already widened) and AS4_PATH, RFC 6793 4.2.3. */
void	 aspath_merge_as4(struct rd path, struct rd as4_path, struct wr *out);
/* ExaBGP's text "( 1 2 ) [ 3 ]" and plain "1 2 { 3 4 }" as OpenBGPD's. */
void	 aspath_text(struct rd value, struct wr *out);
void	 aspath_text_plain(struct rd value, struct wr *out);

#endif
