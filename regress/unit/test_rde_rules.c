/* SPDX-License-Identifier: ISC */
/*
 * Random rule lists against random routes: the engine and a plain evaluator
 * that is written here, from bgpd.conf(5), must say the same. The seed is
 * printed; BGPD_SEED, BGPD_LISTS and BGPD_ROUTES set the size.
 */
#include "common/addr.h"
#include "common/arena.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/attrset.h"
#include "rde/filter.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASNS_MAX	64
#define COMMUNITIES_MAX	24
#define RULES_MAX	16
#define PEERS		4
#define SETS		3	/* as-sets, and prefix-sets */
#define LOCAL_AS	65000u

static uint64_t state;

static uint32_t
rnd(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % n);
}

/* A route as people think of one. */
struct plain {
	struct prefix	prefix;
	uint32_t	path[ASNS_MAX];
	unsigned	n_path;
	uint32_t	communities[COMMUNITIES_MAX];
	unsigned	n_communities;
	uint32_t	origin, weight;
	int64_t		local_pref, med;	/* -1: none */
	uint8_t		nexthop[4];
	uint16_t	flags;		/* of ATTRSET_IDENTITY */
	uint8_t		ovs;
};

struct plain_peer {
	struct conf_peer	*conf;
	struct filter_peer	 filter;
	const char		*group;
};

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint32_t
plain_intern(struct attrsets *s, const struct plain *r)
{
	uint8_t bytes[2048], value[512];
	struct attrset_key key = {
		.nexthop = r->nexthop, .nexthop_len = 4, .flags = r->flags,
		.weight = r->weight,
	};
	struct wr w, v;
	unsigned i;

	buf_writer(&w, bytes, sizeof(bytes));
	value[0] = (uint8_t)r->origin;
	attr_put_known(&w, ATTR_ORIGIN, value, 1);
	buf_writer(&v, value, sizeof(value));
	if (r->n_path != 0) {
		buf_put_u8(&v, AS_SEQUENCE);
		buf_put_u8(&v, r->n_path);
		for (i = 0; i < r->n_path; i++)
			buf_put_u32(&v, r->path[i]);
	}
	attr_put_known(&w, ATTR_AS_PATH, v.base, v.len);
	if (r->med >= 0) {
		buf_writer(&v, value, sizeof(value));
		buf_put_u32(&v, (uint32_t)r->med);
		attr_put_known(&w, ATTR_MED, v.base, v.len);
	}
	if (r->local_pref >= 0) {
		buf_writer(&v, value, sizeof(value));
		buf_put_u32(&v, (uint32_t)r->local_pref);
		attr_put_known(&w, ATTR_LOCAL_PREF, v.base, v.len);
	}
	if (r->n_communities != 0) {
		buf_writer(&v, value, sizeof(value));
		for (i = 0; i < r->n_communities; i++)
			buf_put_u32(&v, r->communities[i]);
		attr_put_known(&w, ATTR_COMMUNITY, v.base, v.len);
	}
	cr_assert_eq(w.err, 0);
	key.block = buf_written(&w);
	return attrset_intern(s, &key);
}

/*
 * The plain evaluator.
 */
static bool
plain_number(uint8_t op, uint64_t n, uint64_t low, uint64_t high)
{
	return op == CONF_OP_EQ || op == CONF_OP_NONE ? n == low :
	    op == CONF_OP_NE ? n != low :
	    op == CONF_OP_RANGE ? low <= n && n <= high :
	    op == CONF_OP_XRANGE ? n < low || high < n : false;
}

static bool
plain_asn(const struct config *c, const struct conf_rule *r,
    const struct plain_peer *p, uint32_t asn)
{
	size_t i, k;

	if (r->as_set == NULL) {
		if (r->as_is_neighbor)
			return plain_number(r->as_op, asn,
			    p->filter.remote_as, p->filter.remote_as);
		return plain_number(r->as_op, asn, r->as_low, r->as_high);
	}
	for (i = 0; i < c->n_as_sets; i++) {
		for (k = 0; strcmp(c->as_sets[i].name, r->as_set) == 0 &&
		    k < c->as_sets[i].n_asns; k++) {
			if (c->as_sets[i].asns[k] == asn)
				return true;
		}
	}
	return false;
}

static bool
plain_as(const struct config *c, const struct conf_rule *r,
    const struct plain_peer *p, const struct plain *route)
{
	unsigned from = 0, to = route->n_path, i;

	switch (r->as_kind) {
	case RULE_AS_NONE:
		return true;
	case RULE_AS_PEER:
		return plain_asn(c, r, p, to == 0 ? 0 : route->path[0]);
	case RULE_AS_SOURCE:
		return plain_asn(c, r, p, to == 0 ? 0 : route->path[to - 1]);
	case RULE_AS_TRANSIT:
		to = to == 0 ? 0 : to - 1;
		break;
	}
	for (i = from; i < to; i++) {
		if (plain_asn(c, r, p, route->path[i]))
			return true;
	}
	return false;
}

static bool
plain_has_run(const struct plain *route, unsigned more_than)
{
	unsigned i, k;

	for (i = 0; i < route->n_path; i++) {
		for (k = i; k < route->n_path &&
		    route->path[k] == route->path[i]; k++)
			;
		if (k - i > more_than)
			return true;
	}
	return false;
}

static uint32_t
plain_part(const struct conf_community *m, unsigned i,
    const struct plain_peer *p)
{
	return m->field[i] == COMMUNITY_NEIGHBOR_AS ? p->filter.remote_as :
	    m->field[i] == COMMUNITY_LOCAL_AS ? p->filter.local_as :
	    m->part[i];
}

static bool
plain_is_community(const struct conf_community *m, uint32_t v,
    const struct plain_peer *p)
{
	return (m->field[0] == COMMUNITY_ANY ||
	    plain_part(m, 0, p) == v >> 16) &&
	    (m->field[1] == COMMUNITY_ANY ||
	    plain_part(m, 1, p) == (v & 0xffff));
}

static bool
plain_communities(const struct conf_rule *r, const struct plain_peer *p,
    const struct plain *route)
{
	unsigned i, k;

	for (i = 0; i < r->n_communities; i++) {
		for (k = 0; k < route->n_communities; k++) {
			if (plain_is_community(&r->communities[i],
			    route->communities[k], p))
				break;
		}
		if (k == route->n_communities)
			return false;
	}
	return r->max_communities[0] < 0 ||
	    route->n_communities > (unsigned)r->max_communities[0];
}

static bool
plain_covers(const struct prefix *net, const struct prefix *p)
{
	uint32_t a = addr_to_ipv4(&net->addr), b = addr_to_ipv4(&p->addr);

	return p->len_bits >= net->len_bits && (net->len_bits == 0 ||
	    (a ^ b) >> (32 - net->len_bits) == 0);
}

static bool
plain_prefix(const struct conf_prefix *m, bool is_longer,
    const struct prefix *p)
{
	if (!plain_covers(&m->prefix, p))
		return false;
	if (is_longer)
		return true;
	if (m->op == CONF_OP_NONE)
		return p->len_bits == m->prefix.len_bits;
	return plain_number(m->op, p->len_bits, m->len_min, m->len_max);
}

static bool
plain_prefixes(const struct config *c, const struct conf_rule *r,
    const struct prefix *p)
{
	const struct conf_prefix_set *s;
	size_t i, k;

	if (r->family != 0 && r->family != ADDR_IPV4)
		return false;
	if (r->has_prefix && !plain_prefix(&r->prefix, false, p))
		return false;
	if (r->prefix_set == NULL)
		return true;
	for (i = 0; i < c->n_prefix_sets; i++) {
		s = &c->prefix_sets[i];
		for (k = 0; strcmp(s->name, r->prefix_set) == 0 &&
		    k < s->n_prefixes; k++) {
			if (plain_prefix(&s->prefixes[k],
			    r->prefix_set_or_longer, p))
				return true;
		}
	}
	return false;
}

static bool
plain_is_about(const struct conf_rule *r, const struct plain_peer *p)
{
	bool is_ibgp = p->filter.remote_as == LOCAL_AS;

	return r->peer_kind == RULE_PEER_ANY ||
	    (r->peer_kind == RULE_PEER_IBGP && is_ibgp) ||
	    (r->peer_kind == RULE_PEER_EBGP && !is_ibgp) ||
	    (r->peer_kind == RULE_PEER_AS &&
	    r->peer_as == p->filter.remote_as) ||
	    (r->peer_kind == RULE_PEER_ADDRESS &&
	    addr_is_equal(&r->peer_addr, p->filter.addr)) ||
	    (r->peer_kind == RULE_PEER_GROUP && p->group != NULL &&
	    strcmp(r->peer_group, p->group) == 0);
}

static bool
plain_matches(const struct config *c, const struct conf_rule *r,
    const struct plain_peer *p, const struct plain *route)
{
	struct addr nexthop;

	addr_from_bytes(route->nexthop, 4, &nexthop);
	if (r->nexthop_kind != 0 && !addr_is_equal(&nexthop,
	    r->nexthop_kind == 1 ? &r->nexthop : p->filter.addr))
		return false;
	return (r->ovs == 0 || r->ovs - 1 == route->ovs) &&
	    (r->max_as_len == 0 || route->n_path > r->max_as_len) &&
	    (r->max_as_seq == 0 || plain_has_run(route, r->max_as_seq)) &&
	    plain_prefixes(c, r, &route->prefix) &&
	    plain_as(c, r, p, route) && plain_communities(r, p, route);
}

static int64_t
plain_clamp(int64_t n)
{
	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : n;
}

static void
plain_prepend(struct plain *route, uint32_t asn, int64_t n)
{
	for (; n > 0; n--) {
		memmove(route->path + 1, route->path,
		    route->n_path * sizeof(route->path[0]));
		route->path[0] = asn;
		cr_assert_lt(++route->n_path, (unsigned)ASNS_MAX);
	}
}

static void
plain_edit_communities(struct plain *route, const struct conf_set *s,
    const struct plain_peer *p)
{
	const struct conf_community *m = &s->community;
	uint32_t one = (plain_part(m, 0, p) & 0xffff) << 16 |
	    (plain_part(m, 1, p) & 0xffff);
	unsigned i = 0;

	while (i < route->n_communities) {
		if (plain_is_community(m, route->communities[i], p))
			route->communities[i] =
			    route->communities[--route->n_communities];
		else
			i++;
	}
	if (s->kind == SET_COMMUNITY) {
		cr_assert_lt(route->n_communities, (unsigned)COMMUNITIES_MAX);
		route->communities[route->n_communities++] = one;
	}
	qsort(route->communities, route->n_communities, sizeof(uint32_t),
	    compare_u32);
}

static void
plain_set(struct plain *route, const struct conf_set *s,
    const struct plain_peer *p)
{
	unsigned i;

	switch (s->kind) {
	case SET_LOCALPREF:
		route->local_pref = s->number;
		break;
	case SET_LOCALPREF_RELATIVE:
		route->local_pref = plain_clamp(s->number +
		    (route->local_pref < 0 ? 100 : route->local_pref));
		break;
	case SET_MED:
		route->med = s->number;
		route->flags |= ATTRSET_MED_SET;
		break;
	case SET_MED_RELATIVE:
		route->med = plain_clamp(s->number +
		    (route->med < 0 ? 0 : route->med));
		route->flags |= ATTRSET_MED_SET;
		break;
	case SET_WEIGHT:
		route->weight = (uint32_t)s->number;
		break;
	case SET_WEIGHT_RELATIVE:
		route->weight = (uint32_t)plain_clamp(s->number +
		    (int64_t)route->weight);
		break;
	case SET_NEXTHOP:
		memcpy(route->nexthop, s->addr.bytes, 4);
		route->flags &= ATTRSET_MED_SET;
		route->flags |= ATTRSET_NEXTHOP_KEEP;
		break;
	case SET_NEXTHOP_SELF:
		route->flags &= ATTRSET_MED_SET;
		route->flags |= ATTRSET_NEXTHOP_SELF;
		break;
	case SET_PREPEND_SELF:
		plain_prepend(route, p->filter.local_as, s->number);
		break;
	case SET_PREPEND_NEIGHBOR:
		plain_prepend(route, p->filter.remote_as, s->number);
		break;
	case SET_ORIGIN:
		route->origin = (uint32_t)s->number;
		break;
	case SET_AS_OVERRIDE:
		for (i = 0; i < route->n_path; i++) {
			if (route->path[i] == p->filter.remote_as)
				route->path[i] = p->filter.local_as;
		}
		break;
	default:
		plain_edit_communities(route, s, p);
	}
}

/* Last match decides, quick ends, sets add up; nothing is denied. */
static bool
plain_run(const struct config *c, unsigned direction,
    const struct plain_peer *p, struct plain *route)
{
	const struct conf_rule *r;
	bool is_allowed = false;
	size_t i, k;

	for (i = 0; i < c->n_rules; i++) {
		r = &c->rules[i];
		if (r->direction != direction || !plain_is_about(r, p) ||
		    !plain_matches(c, r, p, route))
			continue;
		for (k = 0; k < r->n_sets; k++)
			plain_set(route, &r->sets[k], p);
		if (r->action != RULE_MATCH)
			is_allowed = r->action == RULE_ALLOW;
		if (r->is_quick)
			break;
	}
	return is_allowed;
}

/*
 * What is random. Numbers are few, so that much matches.
 */
static uint32_t
random_asn(void)
{
	static const uint32_t asns[] = {
		1, 2, 3, 65000, 65001, 65002, 70000, 4200000000u,
	};

	return asns[rnd(8)];
}

static struct prefix
random_prefix(unsigned len_max)
{
	struct prefix p = { .len_bits = (uint8_t)rnd(len_max + 1) };

	p.addr = addr_from_ipv4(rnd(4) << 30 | rnd(4) << 22 | rnd(4) << 14 |
	    rnd(4) << 6);
	prefix_mask(&p);
	return p;
}

static void
random_lengths(struct conf_prefix *p)
{
	static const uint8_t ops[] = {
		CONF_OP_NONE, CONF_OP_RANGE, CONF_OP_XRANGE,
	};
	uint8_t a = (uint8_t)rnd(33), b = (uint8_t)rnd(33);

	p->op = ops[rnd(3)];
	p->len_min = a < b ? a : b;
	p->len_max = a < b ? b : a;
}

static void
random_community(struct conf_community *m, bool is_match)
{
	unsigned i;

	memset(m, 0, sizeof(*m));
	m->kind = COMMUNITY_STANDARD;
	for (i = 0; i < 2; i++) {
		m->part[i] = rnd(3);
		m->field[i] = (uint8_t)(rnd(4) == 0 ? COMMUNITY_NEIGHBOR_AS +
		    rnd(2) : is_match && rnd(4) == 0 ? COMMUNITY_ANY :
		    COMMUNITY_NUMBER);
	}
}

static void
random_set(struct conf_set *s)
{
	static const uint8_t kinds[] = {
		SET_LOCALPREF, SET_LOCALPREF_RELATIVE, SET_MED,
		SET_MED_RELATIVE, SET_WEIGHT, SET_WEIGHT_RELATIVE,
		SET_NEXTHOP, SET_NEXTHOP_SELF, SET_PREPEND_SELF,
		SET_PREPEND_NEIGHBOR, SET_ORIGIN, SET_AS_OVERRIDE,
		SET_COMMUNITY, SET_COMMUNITY_DELETE,
	};

	memset(s, 0, sizeof(*s));
	s->kind = kinds[rnd(sizeof(kinds))];
	s->number = rnd(3);
	if (s->kind == SET_LOCALPREF_RELATIVE ||
	    s->kind == SET_MED_RELATIVE || s->kind == SET_WEIGHT_RELATIVE)
		s->number = (int64_t)rnd(400) - 200;
	s->addr = addr_from_ipv4(0x0a000001 + rnd(3));
	random_community(&s->community, s->kind == SET_COMMUNITY_DELETE);
}

static void
random_matches(struct arena *arena, struct conf_rule *r)
{
	static char *const as_names[] = { "a0", "a1", "a2", "none" };
	static char *const prefix_names[] = { "p0", "p1", "p2", "none" };
	static const uint8_t ops[] = {
		CONF_OP_EQ, CONF_OP_NE, CONF_OP_RANGE, CONF_OP_XRANGE,
	};
	unsigned i;

	if (rnd(3) == 0) {
		r->has_prefix = true;
		r->prefix.prefix = random_prefix(24);
		random_lengths(&r->prefix);
	} else if (rnd(4) == 0) {
		r->prefix_set = prefix_names[rnd(4)];
		r->prefix_set_or_longer = rnd(2) == 0;
	}
	r->family = (uint8_t)(rnd(8) == 0 ? ADDR_IPV4 :
	    rnd(16) == 0 ? ADDR_IPV6 : 0);
	if (rnd(3) == 0) {
		r->as_kind = (uint8_t)(RULE_AS_ANY + rnd(4));
		r->as_op = ops[rnd(4)];
		r->as_low = rnd(3) + 1;
		r->as_high = r->as_low + (rnd(2) == 0 ? rnd(3) : rnd(70000));
		r->as_is_neighbor = r->as_op <= CONF_OP_NE && rnd(3) == 0;
		if (rnd(3) == 0)
			r->as_set = as_names[rnd(4)];
	}
	r->max_as_len = rnd(4) == 0 ? 1 + rnd(6) : 0;
	r->max_as_seq = rnd(6) == 0 ? 1 + rnd(2) : 0;
	r->n_communities = rnd(3) == 0 ? 1 + rnd(2) : 0;
	r->communities = arena_alloc(arena, 2 * sizeof(*r->communities));
	for (i = 0; i < r->n_communities; i++)
		random_community(&r->communities[i], true);
	if (rnd(6) == 0)
		r->max_communities[0] = (int32_t)rnd(3);
	r->nexthop_kind = (uint8_t)(rnd(8) == 0 ? 1 + rnd(2) : 0);
	r->nexthop = addr_from_ipv4(0x0a000001 + rnd(3));
	r->ovs = (uint8_t)(rnd(8) == 0 ? 1 + rnd(3) : 0);
}

static void
random_rule(struct arena *arena, struct conf_rule *r)
{
	unsigned i;

	memset(r, 0, sizeof(*r));
	memset(r->max_communities, 0xff, sizeof(r->max_communities));
	r->action = (uint8_t)rnd(3);
	r->direction = (uint8_t)rnd(2);
	r->is_quick = rnd(8) == 0;
	r->peer_kind = (uint8_t)rnd(RULE_PEER_GROUP + 1);
	if (rnd(2) == 0)
		r->peer_kind = RULE_PEER_ANY;
	r->peer_addr = addr_from_ipv4(0x0a000001 + rnd(PEERS));
	r->peer_as = random_asn();
	r->peer_group = rnd(2) == 0 ? "g0" : "g1";
	random_matches(arena, r);
	r->n_sets = rnd(2) == 0 ? rnd(4) : 0;
	r->sets = arena_alloc(arena, 4 * sizeof(*r->sets));
	for (i = 0; i < r->n_sets; i++)
		random_set(&r->sets[i]);
}

static void
random_sets(struct config *c)
{
	static char *const as_names[] = { "a0", "a1", "a2" };
	static char *const prefix_names[] = { "p0", "p1", "p2" };
	struct conf_prefix_set *p;
	struct conf_as_set *a;
	unsigned i, k;

	c->as_sets = arena_alloc(c->arena, SETS * sizeof(*c->as_sets));
	c->prefix_sets = arena_alloc(c->arena,
	    SETS * sizeof(*c->prefix_sets));
	c->n_as_sets = c->n_prefix_sets = SETS;
	for (i = 0; i < SETS; i++) {
		a = &c->as_sets[i];
		p = &c->prefix_sets[i];
		*a = (struct conf_as_set){ .name = as_names[i],
		    .n_asns = rnd(4) };
		*p = (struct conf_prefix_set){ .name = prefix_names[i],
		    .n_prefixes = rnd(5) };
		a->asns = arena_alloc(c->arena, 4 * sizeof(uint32_t));
		p->prefixes = arena_alloc(c->arena, 5 * sizeof(*p->prefixes));
		for (k = 0; k < a->n_asns; k++)
			a->asns[k] = random_asn();
		qsort(a->asns, a->n_asns, sizeof(uint32_t), compare_u32);
		for (k = 0; k < p->n_prefixes; k++) {
			p->prefixes[k].prefix = random_prefix(20);
			random_lengths(&p->prefixes[k]);
		}
	}
}

static void
random_route(struct plain *r)
{
	unsigned i, k;

	memset(r, 0, sizeof(*r));
	r->prefix = random_prefix(32);
	r->n_path = rnd(7);
	for (i = 0; i < r->n_path; i++)
		r->path[i] = i > 0 && rnd(3) == 0 ? r->path[i - 1] :
		    random_asn();
	for (i = rnd(4); i > 0; i--) {
		uint32_t v = rnd(3) << 16 | rnd(3);

		for (k = 0; k < r->n_communities && r->communities[k] != v;
		    k++)
			;
		if (k == r->n_communities)
			r->communities[r->n_communities++] = v;
	}
	qsort(r->communities, r->n_communities, sizeof(uint32_t),
	    compare_u32);
	r->origin = rnd(3);
	r->local_pref = rnd(2) == 0 ? -1 : (int64_t)rnd(300);
	r->med = rnd(2) == 0 ? -1 : (int64_t)rnd(300);
	r->nexthop[0] = 10;
	r->nexthop[3] = (uint8_t)(1 + rnd(3));
	r->ovs = (uint8_t)rnd(3);
}

static struct config *
random_config(struct plain_peer peers[PEERS])
{
	static const uint32_t remote[PEERS] = { 65000, 65001, 65002, 70000 };
	struct config *c = config_new();
	unsigned i;

	c->as = LOCAL_AS;
	for (i = 0; i < PEERS; i++)
		config_add_peer(c);
	for (i = 0; i < PEERS; i++) {
		struct conf_peer *p = &c->peers[i];

		p->id = i + 1;
		p->remote.addr = addr_from_ipv4(0x0a000001 + i);
		p->remote.len_bits = 32;
		p->local_as = LOCAL_AS;
		p->remote_as = remote[i];
		p->group = i == 0 ? NULL : i == 1 ? "g0" : "g1";
		peers[i] = (struct plain_peer){
			.conf = p, .group = p->group, .filter = {
				.addr = &p->remote.addr,
				.local_addr = &p->remote.addr,
				.remote_as = p->remote_as,
				.local_as = LOCAL_AS, .id = p->id,
			},
		};
	}
	random_sets(c);
	c->n_rules = 1 + rnd(RULES_MAX);
	c->rules = arena_alloc(c->arena, c->n_rules * sizeof(*c->rules));
	for (i = 0; i < c->n_rules; i++)
		random_rule(c->arena, &c->rules[i]);
	return c;
}

/* One route before one policy. */
static void
compare(const struct config *c, struct policy *policy, unsigned direction,
    struct attrsets *s, const struct plain_peer *p,
    const struct plain *route)
{
	struct filter_route fr = { .prefix = route->prefix,
	    .afi = ADDR_IPV4, .ovs = route->ovs };
	struct plain changed = *route;
	uint32_t out = ATTRSET_NONE, want;
	bool is, expected;
	struct wr scratch;

	buf_writer_growing(&scratch, 65536);
	fr.attr = plain_intern(s, route);
	is = filter_run(policy, s, &p->filter, &fr, &scratch, &out);
	expected = plain_run(c, direction, p, &changed);
	cr_assert_eq(is, expected, "allowed: %d, not %d", is, expected);
	if (is) {
		want = plain_intern(s, &changed);
		cr_assert_eq(out, want, "other attributes");
		attrset_unref(s, want);
		attrset_unref(s, out);
	}
	attrset_unref(s, fr.attr);
	buf_free(&scratch);
}

static uint64_t
setting(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text == NULL ? fallback : strtoull(text, NULL, 10);
}

Test(rde_rules, random_lists_agree_with_a_plain_evaluator)
{
	uint64_t seed = setting("BGPD_SEED", 1);
	uint64_t lists = setting("BGPD_LISTS", 300), l, i;
	uint64_t n_routes = setting("BGPD_ROUTES", 1000);
	struct plain *routes = calloc(n_routes, sizeof(*routes));
	struct plain_peer peers[PEERS];
	struct policy *list = NULL, *p[PEERS][2];
	struct filter_sets sets;
	struct attrsets s;
	struct config *c;
	unsigned k, d;

	fprintf(stderr, "BGPD_SEED=%llu\n", (unsigned long long)seed);
	state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	attrset_init(&s, seed);
	for (i = 0; i < n_routes; i++)
		random_route(&routes[i]);
	for (l = 0; l < lists; l++) {
		c = random_config(peers);
		filter_sets_init(&sets, c);
		for (k = 0; k < PEERS * 2; k++)
			p[k / 2][k % 2] = filter_policy(&list, &sets,
			    peers[k / 2].conf, peers[k / 2].conf->remote_as,
			    k % 2, "Loc-RIB");
		for (i = 0; i < n_routes; i++) {
			k = rnd(PEERS);
			d = rnd(2);
			compare(c, p[k][d], d, &s, &peers[k], &routes[i]);
		}
		for (k = 0; k < PEERS * 2; k++)
			filter_unref(&list, p[k / 2][k % 2]);
		cr_assert_null(list);
		filter_sets_fini(&sets);
		config_free(c);
	}
	cr_assert_eq(s.n_sets, 0u);
	attrset_fini(&s);
	free(routes);
}
