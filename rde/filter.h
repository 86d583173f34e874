/* SPDX-License-Identifier: ISC */
/*
 * Policy: the rules of bgpd.conf(5), made ready for each peer and direction
 * by leaving out what cannot apply to it. Top to bottom, the last match
 * decides, `quick` ends, sets of every matching rule are applied in order;
 * nothing matching means denied.
 */
#ifndef RDE_FILTER_H
#define RDE_FILTER_H

#include "common/addr.h"
#include "common/buf.h"
#include "rde/pset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attrsets;
struct conf_rule;
struct conf_set;
struct config;

#define FILTER_MEMO	1024	/* remembered results, a power of two */

/* One remembered result; serials say whether it still holds. */
struct filter_memo {
	uint32_t	in_serial;
	uint32_t	out_serial;	/* 0: denied */
	uint32_t	out;
};

/* The sets that rules name, ready to be asked. */
struct filter_sets {
	const struct config	*conf;
	struct pset		*prefix_sets;	/* as conf->prefix_sets */
	struct pset		*origin_sets;
};

/* A rule with the sets that it names found. */
struct filter_rule {
	const struct conf_rule	*rule;		/* of the model in force */
	const struct conf_as_set *as_set;	/* NULL: none, or not there */
	const struct conf_prefix_set *prefix_set;
	const struct pset	*prefixes;	/* of it */
	const struct conf_roa_set *origin_set;
	const struct pset	*origins;
};

/* Rules of one peer and direction; equal lists are shared. */
struct policy {
	struct policy		*next;
	struct filter_rule	*rules;
	size_t			 n_rules;
	unsigned		 refcnt;
	bool			 uses_prefix;	/* or validation: no memo */
	bool			 uses_neighbor;	/* depends on the peer itself */
	uint32_t		 memo_peer;	/* whom the memo is of */
	struct filter_memo	*memo;
};

/* About whom the rules are evaluated. */
struct filter_peer {
	const struct addr	*addr;		/* of the neighbor */
	const struct addr	*local_addr;
	uint32_t		 remote_as, local_as;
	uint32_t		 id;
};

/* What is evaluated. */
struct filter_route {
	uint32_t		 attr;		/* borrowed reference */
	struct prefix		 prefix;	/* family 0: no prefix */
	uint8_t			 afi;		/* enum addr_family of it */
	uint8_t			 ovs, avs;	/* enum rov_state */
};

void	filter_sets_init(struct filter_sets *, const struct config *);
void	filter_sets_fini(struct filter_sets *);

/*
 * The policy of a peer for a direction (enum conf_rule_direction), shared in
 * list. Drop it with filter_unref.
 */
struct conf_peer;
struct policy *filter_policy(struct policy **list,
	    const struct filter_sets *, const struct conf_peer *,
	    uint32_t remote_as, unsigned direction, const char *rib);
void	filter_unref(struct policy **list, struct policy *);
/* Whether both say the same, be they of different models. */
bool	filter_policy_is_equal(const struct policy *, const struct policy *);
/*
 * Evaluate. Returns whether the route is allowed; *out is then its set with
 * a reference for the caller. scratch is a growing writer.
 */
bool	filter_run(struct policy *, struct attrsets *,
	    const struct filter_peer *, const struct filter_route *,
	    struct wr *scratch, uint32_t *out);
/* Apply sets (of a network, too). Returns a set with a reference. */
uint32_t filter_apply(struct attrsets *, uint32_t attr,
	    const struct conf_set *, size_t n_sets,
	    const struct filter_peer *, struct wr *scratch);
/* Make a rule ready; sets are borrowed. */
void	filter_rule_init(struct filter_rule *, const struct conf_rule *,
	    const struct filter_sets *);
/* Whether one rule's matches hold (filter_match.c). */
bool	filter_matches(const struct filter_rule *, const struct attrsets *,
	    const struct filter_peer *, const struct filter_route *);
/* The part of it that looks at attributes alone. */
struct attrset;
bool	filter_matches_attr(const struct filter_rule *,
	    const struct attrset *, const struct filter_peer *);
/* Whether a block has a community (wildcards resolved for the peer). */
struct conf_community;
/* The low six bytes of an extended one, resolved for the peer. */
uint64_t filter_ext_value(const struct conf_community *,
	    const struct filter_peer *);
bool	filter_has_community(struct rd block, const struct conf_community *,
	    const struct filter_peer *);

#endif
