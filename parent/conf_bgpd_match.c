/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: what a rule matches. Lists in braces are kept in the order in
 * which OpenBGPD multiplies them: a list's elements from the last to the
 * first, lists within a list one after another.
 */
#include "parent/conf_bgpd.h"
#include "parent/conf_bgpd_match.h"

#include "common/arena.h"

#include <string.h>

#define COUNT(a)		(sizeof(a) / sizeof((a)[0]))
#define NAME_MAX_LEN		127
#define COMMUNITIES_MAX		3	/* in one rule, of all kinds */
#define MAX_COMMUNITIES_MAX	32767

/* Turn the elements from first on around. */
static void
reverse(void *items, size_t first, size_t n, size_t size)
{
	uint8_t *base = items, tmp[sizeof(struct conf_prefix) > sizeof(
	    struct bgpd_as) ? sizeof(struct conf_prefix) :
	    sizeof(struct bgpd_as)];

	for (; first + 1 < n; first++, n--) {
		memcpy(tmp, base + first * size, size);
		memcpy(base + first * size, base + (n - 1) * size, size);
		memcpy(base + (n - 1) * size, tmp, size);
	}
}

static bool
match_prefix_one(struct bgpd_parser *p, struct bgpd_matches *m)
{
	struct conf_prefix one, *slot;
	bool has_op;

	memset(&one, 0, sizeof(one));
	if (!bgpd_prefix(p, true, &one.prefix) ||
	    !bgpd_prefix_lengths(p, &one, &has_op))
		return false;
	slot = arena_append(p->config->arena, &m->prefixes, &m->n_prefixes,
	    sizeof(*slot));
	*slot = one;
	return true;
}

/* Behind a "{": prefixes, and lists of them (macros hold such). */
static bool
match_prefix_list(struct bgpd_parser *p, struct bgpd_matches *m)
{
	size_t first = m->n_prefixes;

	while (bgpd_list_goes_on(p)) {
		if (!bgpd_take_char(p, '{')) {
			if (!match_prefix_one(p, m))
				return false;
			continue;
		}
		reverse(m->prefixes, first, m->n_prefixes,
		    sizeof(*m->prefixes));
		first = m->n_prefixes;
		while (bgpd_list_goes_on(p))
			if (!match_prefix_one(p, m))
				return false;
		reverse(m->prefixes, first, m->n_prefixes,
		    sizeof(*m->prefixes));
		first = m->n_prefixes;
	}
	reverse(m->prefixes, first, m->n_prefixes, sizeof(*m->prefixes));
	return m->n_prefixes != 0 ||
	    bgpd_fail(p, "the list of prefixes is empty");
}

static bool
match_has_prefix(struct bgpd_parser *p, const struct bgpd_matches *m)
{
	return (m->n_prefixes != 0 || m->rule.prefix_set != NULL) &&
	    !bgpd_fail(p, "the rule has a prefix already");
}

static bool
match_prefix(struct bgpd_parser *p, struct bgpd_matches *m)
{
	if (match_has_prefix(p, m))
		return false;
	if (bgpd_take_char(p, '{'))
		return match_prefix_list(p, m);
	return match_prefix_one(p, m);
}

/* inet, inet6: every prefix of the family, or those of the lengths said. */
static bool
match_family(struct bgpd_parser *p, struct bgpd_matches *m, uint8_t family)
{
	struct conf_prefix one, *slot;
	bool has_op;

	if (match_has_prefix(p, m))
		return false;
	memset(&one, 0, sizeof(one));
	one.prefix.addr.family = family;
	if (!bgpd_prefix_lengths(p, &one, &has_op))
		return false;
	if (!has_op) {
		one.op = CONF_OP_RANGE;
		one.len_max = (uint8_t)addr_bits(family);
	}
	slot = arena_append(p->config->arena, &m->prefixes, &m->n_prefixes,
	    sizeof(*slot));
	*slot = one;
	return true;
}

static bool
match_inet(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_family(p, m, ADDR_IPV4);
}

static bool
match_inet6(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_family(p, m, ADDR_IPV6);
}

static bool
match_prefix_set(struct bgpd_parser *p, struct bgpd_matches *m)
{
	const struct conf_prefix_set *s;
	size_t i;

	if (match_has_prefix(p, m))
		return false;
	s = p->token.kind == LEX_STRING ?
	    bgpd_find_prefix_set(p->config, p->token.text) : NULL;
	if (p->token.kind == LEX_STRING && s == NULL)
		return bgpd_fail(p, "prefix-set \"%s\" is not defined",
		    p->token.text);
	if (!bgpd_string(p, NAME_MAX_LEN, "the name of a set",
	    &m->rule.prefix_set))
		return false;
	if (!bgpd_is(p, "or-longer"))
		return true;
	for (i = 0; s != NULL && i < s->n_prefixes; i++)
		if (s->prefixes[i].op != CONF_OP_NONE)
			return bgpd_fail(p, "prefix-set \"%s\" has lengths of "
			    "its own", s->name);
	bgpd_next(p);
	m->rule.prefix_set_or_longer = true;
	return true;
}

static bool
match_origin_set(struct bgpd_parser *p, struct bgpd_matches *m)
{
	const struct config *c = p->config;
	size_t i;

	if (m->rule.origin_set != NULL)
		return bgpd_fail(p, "the rule has an origin-set already");
	for (i = 0; i < c->n_origin_sets; i++)
		if (strcmp(c->origin_sets[i].name, p->token.text) == 0)
			break;
	if (p->token.kind == LEX_STRING && i == c->n_origin_sets)
		return bgpd_fail(p, "origin-set \"%s\" is not defined",
		    p->token.text);
	return bgpd_string(p, NAME_MAX_LEN, "the name of a set",
	    &m->rule.origin_set);
}

/* asn, neighbor-as, = asn, != asn, asn - asn, asn >< asn */
static bool
match_as_expression(struct bgpd_parser *p, struct bgpd_as *a)
{
	a->op = CONF_OP_EQ;
	if (bgpd_take(p, "neighbor-as")) {
		a->is_neighbor = true;
		return true;
	}
	if (bgpd_is_char(p, '=') || p->token.kind == LEX_NE) {
		a->op = bgpd_unary(p);
		if (!bgpd_asn(p, true, &a->low))
			return false;
		a->high = a->low;
		return true;
	}
	if (!bgpd_asn(p, true, &a->low))
		return false;
	a->high = a->low;
	if (p->token.kind == LEX_XRANGE)
		a->op = CONF_OP_XRANGE;
	else if (bgpd_is_char(p, '-'))
		a->op = CONF_OP_RANGE;
	else
		return true;
	bgpd_next(p);
	if (!bgpd_asn(p, true, &a->high))
		return false;
	return a->low < a->high ||
	    bgpd_fail(p, "the range of AS numbers goes backwards");
}

static bool
match_as_one(struct bgpd_parser *p, struct bgpd_matches *m, uint8_t kind)
{
	struct bgpd_as one = { .kind = kind }, *slot;

	if (!match_as_expression(p, &one))
		return false;
	slot = arena_append(p->config->arena, &m->ases, &m->n_ases,
	    sizeof(*slot));
	*slot = one;
	return true;
}

static bool
match_as_list(struct bgpd_parser *p, struct bgpd_matches *m, uint8_t kind)
{
	size_t first = m->n_ases;

	while (bgpd_list_goes_on(p)) {
		if (!bgpd_take_char(p, '{')) {
			if (!match_as_one(p, m, kind))
				return false;
			continue;
		}
		reverse(m->ases, first, m->n_ases, sizeof(*m->ases));
		first = m->n_ases;
		while (bgpd_list_goes_on(p))
			if (!match_as_one(p, m, kind))
				return false;
		reverse(m->ases, first, m->n_ases, sizeof(*m->ases));
		first = m->n_ases;
	}
	reverse(m->ases, first, m->n_ases, sizeof(*m->ases));
	return m->n_ases != 0 ||
	    bgpd_fail(p, "the list of AS numbers is empty");
}

static bool
match_as_set(struct bgpd_parser *p, struct bgpd_matches *m, uint8_t kind)
{
	const struct config *c = p->config;
	struct bgpd_as *slot;
	char *name;
	size_t i;

	for (i = 0; i < c->n_as_sets; i++)
		if (strcmp(c->as_sets[i].name, p->token.text) == 0)
			break;
	if (p->token.kind == LEX_STRING && i == c->n_as_sets)
		return bgpd_fail(p, "as-set \"%s\" is not defined",
		    p->token.text);
	if (!bgpd_string(p, NAME_MAX_LEN, "the name of a set", &name))
		return false;
	slot = arena_append(p->config->arena, &m->ases, &m->n_ases,
	    sizeof(*slot));
	slot->kind = kind;
	slot->set = name;
	return true;
}

static const struct { const char *word; uint8_t kind; } as_words[] = {
	{ "AS", RULE_AS_ANY }, { "peer-as", RULE_AS_PEER },
	{ "source-as", RULE_AS_SOURCE }, { "transit-as", RULE_AS_TRANSIT },
};

/* ASTYPE expression, ASTYPE { expressions }, ASTYPE as-set name */
static bool
match_as_typed(struct bgpd_parser *p, struct bgpd_matches *m)
{
	uint8_t kind;
	size_t i;

	for (i = 0; i < COUNT(as_words); i++)
		if (bgpd_is(p, as_words[i].word))
			break;
	if (i == COUNT(as_words))
		return bgpd_expected(p,
		    "AS, peer-as, source-as or transit-as");
	kind = as_words[i].kind;
	bgpd_next(p);
	if (bgpd_take(p, "as-set"))
		return match_as_set(p, m, kind);
	if (bgpd_take_char(p, '{'))
		return match_as_list(p, m, kind);
	return match_as_one(p, m, kind);
}

static bool
match_ases(struct bgpd_parser *p, struct bgpd_matches *m)
{
	if (m->n_ases != 0)
		return bgpd_fail(p, "the rule has an AS already");
	if (!bgpd_take_char(p, '{'))
		return match_as_typed(p, m);
	while (bgpd_list_goes_on(p))
		if (!match_as_typed(p, m))
			return false;
	return m->n_ases != 0 ||
	    bgpd_fail(p, "the list of AS numbers is empty");
}

static bool
match_as_length(struct bgpd_parser *p, struct bgpd_matches *m, uint32_t *out)
{
	int64_t n = 0;

	if (m->rule.max_as_len != 0 || m->rule.max_as_seq != 0)
		return bgpd_fail(p, "the rule has max-as-len or max-as-seq "
		    "already");
	if (!bgpd_number(p, 1, UINT16_MAX, "a length", &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool
match_max_as_len(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_as_length(p, m, &m->rule.max_as_len);
}

static bool
match_max_as_seq(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_as_length(p, m, &m->rule.max_as_seq);
}

static bool
match_community_of(struct bgpd_parser *p, struct bgpd_matches *m,
    uint8_t kind)
{
	struct conf_community c, *slot;

	if (m->rule.n_communities == COMMUNITIES_MAX)
		return bgpd_fail(p, "more than %d communities in a rule",
		    COMMUNITIES_MAX);
	if (!bgpd_community(p, kind, true, &c))
		return false;
	slot = arena_append(p->config->arena, &m->rule.communities,
	    &m->rule.n_communities, sizeof(*slot));
	*slot = c;
	return true;
}

static bool
match_community(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_community_of(p, m, COMMUNITY_STANDARD);
}

static bool
match_large_community(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_community_of(p, m, COMMUNITY_LARGE);
}

static bool
match_ext_community(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_community_of(p, m, COMMUNITY_EXTENDED);
}

static bool
match_max_of(struct bgpd_parser *p, struct bgpd_matches *m, uint8_t kind)
{
	int64_t n = 0;

	if (m->rule.max_communities[kind] >= 0)
		return bgpd_fail(p, "the rule has such a maximum already");
	if (!bgpd_number(p, 0, MAX_COMMUNITIES_MAX, "how many", &n))
		return false;
	m->rule.max_communities[kind] = (int32_t)n;
	return true;
}

static bool
match_max_communities(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_max_of(p, m, COMMUNITY_STANDARD);
}

static bool
match_max_large(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_max_of(p, m, COMMUNITY_LARGE);
}

static bool
match_max_ext(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_max_of(p, m, COMMUNITY_EXTENDED);
}

static bool
match_nexthop(struct bgpd_parser *p, struct bgpd_matches *m)
{
	if (m->rule.nexthop_kind != 0)
		return bgpd_fail(p, "the rule has a nexthop already");
	if (bgpd_take(p, "neighbor")) {
		m->rule.nexthop_kind = 2;
		return true;
	}
	m->rule.nexthop_kind = 1;
	return bgpd_addr(p, &m->rule.nexthop);
}

static bool
match_validity(struct bgpd_parser *p, const char *none, uint8_t *out)
{
	if (*out != 0)
		return bgpd_fail(p, "the rule has this validity already");
	if (bgpd_take(p, "valid"))
		*out = 1 + ROV_VALID;
	else if (bgpd_take(p, "invalid"))
		*out = 1 + ROV_INVALID;
	else if (bgpd_take(p, none))
		*out = 1 + ROV_NOT_FOUND;
	else
		return bgpd_expected(p, strcmp(none, "unknown") == 0 ?
		    "valid, invalid or unknown" :
		    "valid, invalid or not-found");
	return true;
}

static bool
match_ovs(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_validity(p, "not-found", &m->rule.ovs);
}

static bool
match_avs(struct bgpd_parser *p, struct bgpd_matches *m)
{
	return match_validity(p, "unknown", &m->rule.avs);
}

static const struct match_row {
	const char	*word;
	bool		(*parse)(struct bgpd_parser *, struct bgpd_matches *);
	bool		 keeps_word;	/* parse wants the word itself */
} match_rows[] = {
	{ "AS", match_ases, true },
	{ "IPv4", match_inet, false },
	{ "IPv6", match_inet6, false },
	{ "avs", match_avs, false },
	{ "community", match_community, false },
	{ "ext-community", match_ext_community, false },
	{ "inet", match_inet, false },
	{ "inet6", match_inet6, false },
	{ "large-community", match_large_community, false },
	{ "max-as-len", match_max_as_len, false },
	{ "max-as-seq", match_max_as_seq, false },
	{ "max-communities", match_max_communities, false },
	{ "max-ext-communities", match_max_ext, false },
	{ "max-large-communities", match_max_large, false },
	{ "nexthop", match_nexthop, false },
	{ "origin-set", match_origin_set, false },
	{ "ovs", match_ovs, false },
	{ "peer-as", match_ases, true },
	{ "prefix", match_prefix, false },
	{ "prefix-set", match_prefix_set, false },
	{ "source-as", match_ases, true },
	{ "transit-as", match_ases, true },
};

bool
bgpd_parse_matches(struct bgpd_parser *p, struct bgpd_matches *m)
{
	const struct match_row *row;
	size_t i;

	for (;;) {
		row = NULL;
		for (i = 0; i < COUNT(match_rows); i++)
			if (bgpd_is(p, match_rows[i].word))
				row = &match_rows[i];
		if (bgpd_is_char(p, '{')) {
			if (!match_ases(p, m))
				return false;
			continue;
		}
		if (row == NULL)
			return true;
		if (!row->keeps_word)
			bgpd_next(p);
		if (!row->parse(p, m))
			return false;
	}
}
