/* SPDX-License-Identifier: ISC */
/*
 * What stands between a rule's peers and its sets, lists in braces not yet
 * multiplied. Between conf_bgpd_match.c and conf_bgpd_rule.c only.
 */
#ifndef PARENT_CONF_BGPD_MATCH_H
#define PARENT_CONF_BGPD_MATCH_H

#include "common/config.h"

#include <stddef.h>
#include <stdint.h>

/* One AS expression. */
struct bgpd_as {
	uint8_t		kind;		/* enum conf_as_kind */
	uint8_t		op;		/* enum conf_op */
	uint32_t	low, high;
	bool		is_neighbor;
	char		*set;
};

struct bgpd_matches {
	struct conf_rule	 rule;		/* all that is not a list */
	struct conf_prefix	*prefixes;	/* in the order to expand */
	size_t			 n_prefixes;
	struct bgpd_as		*ases;
	size_t			 n_ases;
};

#endif
