/* SPDX-License-Identifier: ISC */
/*
 * Whether a peer's rules of two models say the same, so that a reload looks
 * again only at what changed: the rules themselves and the sets they name.
 */
#include "rde/filter.h"

#include "common/config.h"

#include <string.h>

static bool
as_sets_are_equal(const struct conf_as_set *a, const struct conf_as_set *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->n_asns == b->n_asns && (a->n_asns == 0 ||
	    memcmp(a->asns, b->asns, a->n_asns * sizeof(*a->asns)) == 0);
}

static bool
prefix_sets_are_equal(const struct conf_prefix_set *a,
    const struct conf_prefix_set *b)
{
	const struct conf_prefix *x, *y;
	size_t i;

	if (a == NULL || b == NULL || a->n_prefixes != b->n_prefixes)
		return a == b;
	for (i = 0; i < a->n_prefixes; i++) {
		x = &a->prefixes[i];
		y = &b->prefixes[i];
		if (prefix_compare(&x->prefix, &y->prefix) != 0 ||
		    x->op != y->op || x->len_min != y->len_min ||
		    x->len_max != y->len_max)
			return false;
	}
	return true;
}

static bool
origin_sets_are_equal(const struct conf_roa_set *a,
    const struct conf_roa_set *b)
{
	const struct conf_roa *x, *y;
	size_t i;

	if (a == NULL || b == NULL || a->n_roas != b->n_roas)
		return a == b;
	for (i = 0; i < a->n_roas; i++) {
		x = &a->roas[i];
		y = &b->roas[i];
		if (prefix_compare(&x->prefix, &y->prefix) != 0 ||
		    x->asn != y->asn || x->max_len != y->max_len)
			return false;
	}
	return true;
}

bool
filter_policy_is_equal(const struct policy *a, const struct policy *b)
{
	const struct filter_rule *x, *y;
	size_t i;

	if (a == b)
		return true;
	if (a == NULL || b == NULL || a->n_rules != b->n_rules)
		return false;
	for (i = 0; i < a->n_rules; i++) {
		x = &a->rules[i];
		y = &b->rules[i];
		if (!config_rule_is_equal(x->rule, y->rule) ||
		    !as_sets_are_equal(x->as_set, y->as_set) ||
		    !prefix_sets_are_equal(x->prefix_set, y->prefix_set) ||
		    !origin_sets_are_equal(x->origin_set, y->origin_set))
			return false;
	}
	return true;
}
