/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: allow, deny and match. A rule with lists becomes one rule for
 * each combination, in OpenBGPD's order; rules next to each other that match
 * alike are then folded into one.
 */
#include "parent/conf_bgpd.h"
#include "parent/conf_bgpd_match.h"
#include "parent/conf_zone.h"

#include "common/arena.h"

#include <string.h>

#define RULES_MAX	(1u << 20)	/* that one statement may give */
#define NAME_MAX_LEN	63

/* Whom a rule is about, as one element of its list. */
struct rule_peer {
	uint8_t		kind;		/* enum conf_rule_peer */
	struct addr	addr;
	uint32_t	as;
	char		*group;
};

struct rule_lists {
	char			**ribs;
	size_t			  n_ribs;
	struct rule_peer	 *peers;
	size_t			  n_peers;
};

bool
bgpd_has_rib(const struct config *c, const char *name)
{
	size_t i;

	if (strcmp(name, "Loc-RIB") == 0 || strcmp(name, "Adj-RIB-In") == 0)
		return true;
	for (i = 0; i < c->n_ribs; i++)
		if (strcmp(c->ribs[i].name, name) == 0)
			return true;
	return false;
}

static bool
rule_rib(struct bgpd_parser *p, struct rule_lists *l)
{
	char *name, **slot;

	if (p->token.kind == LEX_STRING &&
	    !bgpd_has_rib(p->config, p->token.text))
		return bgpd_fail(p, "rib \"%s\" is not defined",
		    p->token.text);
	if (!bgpd_string(p, NAME_MAX_LEN, "the name of a rib", &name))
		return false;
	slot = arena_append(p->config->arena, &l->ribs, &l->n_ribs,
	    sizeof(*slot));
	*slot = name;
	return true;
}

static bool
rule_ribs(struct bgpd_parser *p, struct rule_lists *l)
{
	if (!bgpd_take_char(p, '{'))
		return rule_rib(p, l);
	while (bgpd_list_goes_on(p))
		if (!rule_rib(p, l))
			return false;
	return l->n_ribs != 0 || bgpd_fail(p, "the list of ribs is empty");
}

static bool
rule_group(struct bgpd_parser *p, struct rule_peer *out)
{
	const struct config *c = p->config;
	size_t i;

	out->kind = RULE_PEER_GROUP;
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].group != NULL &&
		    strcmp(c->peers[i].group, p->token.text) == 0)
			break;
	if (p->token.kind == LEX_STRING && i == c->n_peers)
		return bgpd_fail(p, "group \"%s\" has no neighbor",
		    p->token.text);
	return bgpd_string(p, NAME_MAX_LEN, "the name of a group",
	    &out->group);
}

static bool
rule_address(struct bgpd_parser *p, struct rule_peer *out)
{
	const struct config *c = p->config;
	const struct lex_token first = p->token;
	size_t i;

	out->kind = RULE_PEER_ADDRESS;
	if (p->token.kind != LEX_STRING ||
	    conf_zone_parse(p->token.text, &out->addr) != 0)
		return bgpd_expected(p,
		    "any, ibgp, ebgp, AS, group or an address");
	bgpd_next(p);
	for (i = 0; i < c->n_peers; i++)
		if (addr_is_equal(&c->peers[i].remote.addr, &out->addr))
			return true;
	return bgpd_fail_at(p, &first, "neighbor %s is not defined",
	    first.text);
}

static bool
rule_peer(struct bgpd_parser *p, struct rule_lists *l)
{
	struct rule_peer one = { .kind = RULE_PEER_ANY }, *slot;
	bool is_good = true;

	if (bgpd_take(p, "any"))
		one.kind = RULE_PEER_ANY;
	else if (bgpd_take(p, "ibgp"))
		one.kind = RULE_PEER_IBGP;
	else if (bgpd_take(p, "ebgp"))
		one.kind = RULE_PEER_EBGP;
	else if (bgpd_take(p, "group"))
		is_good = rule_group(p, &one);
	else if (bgpd_take(p, "AS")) {
		one.kind = RULE_PEER_AS;
		is_good = bgpd_asn(p, false, &one.as);
	} else
		is_good = rule_address(p, &one);
	if (!is_good)
		return false;
	slot = arena_append(p->config->arena, &l->peers, &l->n_peers,
	    sizeof(*slot));
	*slot = one;
	return true;
}

static bool
rule_peers(struct bgpd_parser *p, struct rule_lists *l)
{
	if (!bgpd_take_char(p, '{'))
		return rule_peer(p, l);
	while (bgpd_list_goes_on(p))
		if (!rule_peer(p, l))
			return false;
	return l->n_peers != 0 || bgpd_fail(p, "the list of peers is empty");
}

/* One combination; i counts down through prefixes, ASes, peers and ribs. */
static void
rule_emit(struct bgpd_parser *p, const struct bgpd_matches *m,
    const struct rule_lists *l, size_t i)
{
	struct config *c = p->config;
	struct conf_rule *r = arena_append(c->arena, &c->rules, &c->n_rules,
	    sizeof(*r));
	const struct rule_peer *peer;
	const struct bgpd_as *as;

	*r = m->rule;
	if (m->n_prefixes != 0) {
		r->has_prefix = true;
		r->prefix = m->prefixes[i % m->n_prefixes];
		i /= m->n_prefixes;
	}
	if (m->n_ases != 0) {
		as = &m->ases[i % m->n_ases];
		i /= m->n_ases;
		r->as_kind = as->kind;
		r->as_op = as->op;
		r->as_low = as->low;
		r->as_high = as->high;
		r->as_is_neighbor = as->is_neighbor;
		r->as_set = as->set;
	}
	/* Compat: from the last of the list to the first. */
	peer = &l->peers[l->n_peers - 1 - i % l->n_peers];
	i /= l->n_peers;
	r->peer_kind = peer->kind;
	r->peer_addr = peer->addr;
	r->peer_as = peer->as;
	r->peer_group = peer->group;
	if (l->n_ribs != 0)
		r->rib = l->ribs[l->n_ribs - 1 - i];
	/* Folding changes a rule's sets: each has its own. */
	r->sets = NULL;
	r->n_sets = 0;
	for (i = 0; i < m->rule.n_sets; i++)
		bgpd_merge_set(c->arena, &r->sets, &r->n_sets,
		    &m->rule.sets[i]);
}

static bool
rule_expand(struct bgpd_parser *p, const struct bgpd_matches *m,
    const struct rule_lists *l)
{
	const size_t factors[] = {
		m->n_prefixes, m->n_ases, l->n_peers, l->n_ribs,
	};
	size_t i, n = 1;

	for (i = 0; i < 4; i++) {
		if (factors[i] > RULES_MAX / n)
			return bgpd_fail(p, "the lists make more than %u "
			    "rules", RULES_MAX);
		if (factors[i] != 0)
			n *= factors[i];
	}
	for (i = 0; i < n; i++)
		rule_emit(p, m, l, i);
	return true;
}

bool
bgpd_parse_rule(struct bgpd_parser *p)
{
	struct bgpd_matches m = {
		.rule = { .max_communities = { -1, -1, -1 } },
	};
	struct rule_lists l = { 0 };

	m.rule.action = bgpd_is(p, "allow") ? RULE_ALLOW :
	    bgpd_is(p, "deny") ? RULE_DENY : RULE_MATCH;
	bgpd_next(p);
	m.rule.is_quick = bgpd_take(p, "quick");
	if (bgpd_take(p, "rib") && !rule_ribs(p, &l))
		return false;
	if (bgpd_is(p, "to"))
		m.rule.direction = RULE_TO;
	else if (!bgpd_is(p, "from"))
		return bgpd_expected(p, m.rule.is_quick || l.n_ribs != 0 ?
		    "from or to" : "quick, rib, from or to");
	if (l.n_ribs != 0 && m.rule.direction == RULE_TO)
		return bgpd_fail(p, "rib goes with from only");
	bgpd_next(p);
	if (!rule_peers(p, &l) || !bgpd_parse_matches(p, &m))
		return false;
	if (bgpd_take(p, "set") &&
	    !bgpd_parse_sets(p, &m.rule.sets, &m.rule.n_sets))
		return false;
	if (!bgpd_is_end_of_statement(p))
		return bgpd_expected(p, "a match or set");
	return rule_expand(p, &m, &l);
}

static bool
text_is_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
communities_are_equal(const struct conf_rule *a, const struct conf_rule *b)
{
	const struct conf_community *x, *y;
	size_t i;

	if (a->n_communities != b->n_communities)
		return false;
	for (i = 0; i < a->n_communities; i++) {
		x = &a->communities[i];
		y = &b->communities[i];
		if (x->kind != y->kind || x->ext_type != y->ext_type ||
		    x->ext_value != y->ext_value ||
		    x->ext_is_any != y->ext_is_any ||
		    memcmp(x->field, y->field, sizeof(x->field)) != 0 ||
		    memcmp(x->part, y->part, sizeof(x->part)) != 0)
			return false;
	}
	return true;
}

static bool
prefixes_are_equal(const struct conf_rule *a, const struct conf_rule *b)
{
	return a->has_prefix == b->has_prefix &&
	    prefix_compare(&a->prefix.prefix, &b->prefix.prefix) == 0 &&
	    a->prefix.op == b->prefix.op &&
	    a->prefix.len_min == b->prefix.len_min &&
	    a->prefix.len_max == b->prefix.len_max &&
	    text_is_equal(a->prefix_set, b->prefix_set) &&
	    a->prefix_set_or_longer == b->prefix_set_or_longer &&
	    text_is_equal(a->origin_set, b->origin_set);
}

static bool
ases_are_equal(const struct conf_rule *a, const struct conf_rule *b)
{
	return a->as_kind == b->as_kind && a->as_op == b->as_op &&
	    a->as_low == b->as_low && a->as_high == b->as_high &&
	    a->as_is_neighbor == b->as_is_neighbor &&
	    text_is_equal(a->as_set, b->as_set) &&
	    a->max_as_len == b->max_as_len && a->max_as_seq == b->max_as_seq;
}

static bool
peers_are_equal(const struct conf_rule *a, const struct conf_rule *b)
{
	return a->action == b->action && a->direction == b->direction &&
	    a->is_quick == b->is_quick && a->peer_kind == b->peer_kind &&
	    addr_is_equal(&a->peer_addr, &b->peer_addr) &&
	    a->peer_as == b->peer_as &&
	    text_is_equal(a->peer_group, b->peer_group) &&
	    text_is_equal(a->rib, b->rib);
}

/* Whether two rules do the same to the same routes, but for their sets. */
static bool
rules_match_alike(const struct conf_rule *a, const struct conf_rule *b)
{
	return peers_are_equal(a, b) && prefixes_are_equal(a, b) &&
	    ases_are_equal(a, b) && communities_are_equal(a, b) &&
	    memcmp(a->max_communities, b->max_communities,
	    sizeof(a->max_communities)) == 0 &&
	    a->nexthop_kind == b->nexthop_kind &&
	    addr_is_equal(&a->nexthop, &b->nexthop) &&
	    a->ovs == b->ovs && a->avs == b->avs;
}

void
bgpd_fold_rules(struct config *c)
{
	struct conf_rule *last;
	size_t i, k, n = 0;

	for (i = 0; i < c->n_rules; i++) {
		last = n == 0 ? NULL : &c->rules[n - 1];
		if (last == NULL || !rules_match_alike(last, &c->rules[i])) {
			c->rules[n++] = c->rules[i];
			continue;
		}
		for (k = 0; k < c->rules[i].n_sets; k++)
			bgpd_merge_set(c->arena, &last->sets, &last->n_sets,
			    &c->rules[i].sets[k]);
	}
	c->n_rules = n;
}
