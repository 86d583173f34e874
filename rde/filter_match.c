/* SPDX-License-Identifier: ISC */
/* Whether a route matches a rule: each condition that the rule has. */
#include "rde/filter.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/extname.h"
#include "rde/attrset.h"

#include <string.h>

static bool
number_matches(uint8_t op, uint32_t n, uint32_t low, uint32_t high)
{
	switch (op) {
	case CONF_OP_NE:
		return n != low;
	case CONF_OP_LT:
		return n < low;
	case CONF_OP_LE:
		return n <= low;
	case CONF_OP_GT:
		return n > low;
	case CONF_OP_GE:
		return n >= low;
	case CONF_OP_RANGE:
		return n >= low && n <= high;
	case CONF_OP_XRANGE:
		return n < low || n > high;
	default:
		return n == low;
	}
}

static bool
as_set_contains(const struct conf_as_set *s, uint32_t asn)
{
	size_t low = 0, high = s->n_asns, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (s->asns[mid] == asn)
			return true;
		if (s->asns[mid] < asn)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Whether one AS number is what the rule speaks of. */
static bool
asn_matches(const struct filter_rule *f, const struct filter_peer *peer,
    uint32_t asn)
{
	const struct conf_rule *r = f->rule;

	if (r->as_set != NULL)
		return f->as_set != NULL && as_set_contains(f->as_set, asn);
	if (r->as_is_neighbor)
		return number_matches(r->as_op, asn, peer->remote_as,
		    peer->remote_as);
	return number_matches(r->as_op, asn, r->as_low, r->as_high);
}

static struct rd
path_value(const struct attrset *a)
{
	struct attr attr;

	if (!attr_get(attrset_block(a), ATTR_AS_PATH, &attr))
		return buf_reader(NULL, 0);
	return attr.value;
}

/* Any AS of the path, or any but the last one. */
static bool
path_has_match(const struct filter_rule *f, const struct filter_peer *peer,
    struct rd path)
{
	unsigned left = aspath_n_asns(path), n;
	uint32_t asn;

	while (buf_left(&path) > 0) {
		buf_get_u8(&path);
		for (n = buf_get_u8(&path); n > 0; n--) {
			asn = buf_get_u32(&path);
			left--;
			if (f->rule->as_kind == RULE_AS_TRANSIT && left == 0)
				return false;
			if (asn_matches(f, peer, asn))
				return true;
		}
	}
	return false;
}

static bool
as_matches(const struct filter_rule *f, const struct filter_peer *peer,
    const struct attrset *a)
{
	switch (f->rule->as_kind) {
	case RULE_AS_NONE:
		return true;
	case RULE_AS_PEER:
		return asn_matches(f, peer, a->neighbor_as);
	case RULE_AS_SOURCE:
		return asn_matches(f, peer, a->source_as);
	default:
		return path_has_match(f, peer, path_value(a));
	}
}

/* The longest run of one AS number. */
static unsigned
path_longest_run(struct rd path)
{
	unsigned run = 0, longest = 0, n;
	uint32_t asn, last = 0;

	while (buf_left(&path) > 0) {
		buf_get_u8(&path);
		for (n = buf_get_u8(&path); n > 0; n--) {
			asn = buf_get_u32(&path);
			run = asn == last ? run + 1 : 1;
			last = asn;
			if (run > longest)
				longest = run;
		}
	}
	return longest;
}

static bool
lengths_match(const struct conf_rule *r, const struct attrset *a)
{
	if (r->max_as_len != 0 && a->path_len <= r->max_as_len)
		return false;
	return r->max_as_seq == 0 ||
	    path_longest_run(path_value(a)) > r->max_as_seq;
}

static uint32_t
community_part(const struct conf_community *c, unsigned i,
    const struct filter_peer *peer)
{
	if (c->field[i] == COMMUNITY_NEIGHBOR_AS)
		return peer->remote_as;
	if (c->field[i] == COMMUNITY_LOCAL_AS)
		return peer->local_as;
	return c->part[i];
}

static bool
part_matches(const struct conf_community *c, unsigned i, uint32_t v,
    const struct filter_peer *peer)
{
	return c->field[i] == COMMUNITY_ANY ||
	    community_part(c, i, peer) == v;
}

static bool
has_standard(struct rd value, const struct conf_community *c,
    const struct filter_peer *peer)
{
	uint32_t high, low;

	while (buf_left(&value) >= 4) {
		high = buf_get_u16(&value);
		low = buf_get_u16(&value);
		if (part_matches(c, 0, high, peer) &&
		    part_matches(c, 1, low, peer))
			return true;
	}
	return false;
}

static bool
has_large(struct rd value, const struct conf_community *c,
    const struct filter_peer *peer)
{
	uint32_t v[3];

	while (buf_left(&value) >= 12) {
		v[0] = buf_get_u32(&value);
		v[1] = buf_get_u32(&value);
		v[2] = buf_get_u32(&value);
		if (part_matches(c, 0, v[0], peer) &&
		    part_matches(c, 1, v[1], peer) &&
		    part_matches(c, 2, v[2], peer))
			return true;
	}
	return false;
}

uint64_t
filter_ext_value(const struct conf_community *c,
    const struct filter_peer *peer)
{
	uint8_t type = (c->ext_type >> 8) & 0x3f;

	if (c->field[0] == COMMUNITY_NUMBER && c->field[1] == COMMUNITY_NUMBER)
		return c->ext_value;
	/* RFC 4360 3.1, RFC 5668 2: where the two parts meet. */
	if (type == EXTNAME_TWO_AS)
		return (uint64_t)(community_part(c, 0, peer) & UINT16_MAX) <<
		    32 | community_part(c, 1, peer);
	return (uint64_t)community_part(c, 0, peer) << 16 |
	    (community_part(c, 1, peer) & UINT16_MAX);
}

/* The bits of a value that count: a part may be "*". */
static uint64_t
ext_mask(const struct conf_community *c)
{
	uint64_t low = ((c->ext_type >> 8) & 0x3f) == EXTNAME_TWO_AS ?
	    UINT32_MAX : UINT16_MAX;

	return c->field[1] == COMMUNITY_ANY ? ~low : UINT64_MAX;
}

static bool
has_extended(struct rd value, const struct conf_community *c,
    const struct filter_peer *peer)
{
	uint16_t type_mask = c->field[2] == COMMUNITY_ANY ? 0 :
	    c->ext_type >> 8 == EXTNAME_ANY ? UINT8_MAX : UINT16_MAX;
	uint64_t mask = c->ext_is_any ? 0 : ext_mask(c), v;
	uint64_t wanted = filter_ext_value(c, peer);
	uint16_t type;

	while (buf_left(&value) >= 8) {
		type = buf_get_u16(&value);
		v = (uint64_t)buf_get_u16(&value) << 32;
		v |= buf_get_u32(&value);
		if (((type ^ c->ext_type) & type_mask) == 0 &&
		    ((v ^ wanted) & mask) == 0)
			return true;
	}
	return false;
}

bool
filter_has_community(struct rd block, const struct conf_community *c,
    const struct filter_peer *peer)
{
	static const uint8_t codes[] = {
		[COMMUNITY_STANDARD] = ATTR_COMMUNITY,
		[COMMUNITY_LARGE] = ATTR_LARGE_COMMUNITY,
		[COMMUNITY_EXTENDED] = ATTR_EXT_COMMUNITY,
	};
	struct attr a;

	if (c->kind > COMMUNITY_EXTENDED ||
	    !attr_get(block, codes[c->kind], &a))
		return false;
	if (c->kind == COMMUNITY_STANDARD)
		return has_standard(a.value, c, peer);
	if (c->kind == COMMUNITY_LARGE)
		return has_large(a.value, c, peer);
	return has_extended(a.value, c, peer);
}

static size_t
community_count(struct rd block, uint8_t code, size_t size)
{
	struct attr a;

	return attr_get(block, code, &a) ? buf_left(&a.value) / size : 0;
}

static bool
communities_match(const struct conf_rule *r, const struct attrset *a,
    const struct filter_peer *peer)
{
	struct rd block = attrset_block(a);
	size_t i;

	for (i = 0; i < r->n_communities; i++) {
		if (!filter_has_community(block, &r->communities[i], peer))
			return false;
	}
	if (r->max_communities[COMMUNITY_STANDARD] >= 0 &&
	    community_count(block, ATTR_COMMUNITY, 4) <=
	    (size_t)r->max_communities[COMMUNITY_STANDARD])
		return false;
	if (r->max_communities[COMMUNITY_LARGE] >= 0 &&
	    community_count(block, ATTR_LARGE_COMMUNITY, 12) <=
	    (size_t)r->max_communities[COMMUNITY_LARGE])
		return false;
	return r->max_communities[COMMUNITY_EXTENDED] < 0 ||
	    community_count(block, ATTR_EXT_COMMUNITY, 8) >
	    (size_t)r->max_communities[COMMUNITY_EXTENDED];
}

static bool
prefix_len_matches(const struct conf_prefix *c, const struct prefix *p)
{
	if (c->op == CONF_OP_NONE)
		return p->len_bits == c->prefix.len_bits;
	return (p->len_bits >= c->len_min && p->len_bits <= c->len_max) !=
	    (c->op == CONF_OP_XRANGE);
}

static bool
prefix_set_matches(const struct filter_rule *f, const struct prefix *p)
{
	const struct pset_entry *e;
	struct pset_walk w;

	if (f->prefix_set == NULL)
		return false;
	pset_cover(f->prefixes, p, &w);
	while ((e = pset_next(&w)) != NULL) {
		if (f->rule->prefix_set_or_longer || prefix_len_matches(
		    &f->prefix_set->prefixes[e->value], p))
			return true;
	}
	return false;
}

static bool
origin_set_matches(const struct filter_rule *f, const struct prefix *p,
    uint32_t source_as)
{
	const struct conf_roa *roa;
	const struct pset_entry *e;
	struct pset_walk w;

	if (f->origin_set == NULL)
		return false;
	pset_cover(f->origins, p, &w);
	while ((e = pset_next(&w)) != NULL) {
		roa = &f->origin_set->roas[e->value];
		if (roa->asn == source_as && p->len_bits <= roa->max_len)
			return true;
	}
	return false;
}

static bool
prefix_matches(const struct filter_rule *f, const struct filter_route *route,
    const struct attrset *a)
{
	const struct conf_rule *r = f->rule;
	const struct prefix *p = &route->prefix;

	if (r->family != ADDR_NONE && r->family != route->afi)
		return false;
	if (!r->has_prefix && r->prefix_set == NULL && r->origin_set == NULL)
		return true;
	if (p->addr.family == ADDR_NONE)
		return false;
	if (r->has_prefix && (!prefix_covers(&r->prefix.prefix, p) ||
	    !prefix_len_matches(&r->prefix, p)))
		return false;
	if (r->prefix_set != NULL && !prefix_set_matches(f, p))
		return false;
	return r->origin_set == NULL ||
	    origin_set_matches(f, p, a->source_as);
}

static bool
nexthop_matches(const struct conf_rule *r, const struct attrset *a,
    const struct filter_peer *peer)
{
	struct addr nexthop;

	if (r->nexthop_kind == 0)
		return true;
	if (!attrset_nexthop_addr(a, &nexthop))
		return false;
	return addr_is_equal(&nexthop,
	    r->nexthop_kind == 1 ? &r->nexthop : peer->addr);
}

bool
filter_matches_attr(const struct filter_rule *f, const struct attrset *a,
    const struct filter_peer *peer)
{
	return as_matches(f, peer, a) && lengths_match(f->rule, a) &&
	    communities_match(f->rule, a, peer) &&
	    nexthop_matches(f->rule, a, peer);
}

bool
filter_matches(const struct filter_rule *f, const struct attrsets *as,
    const struct filter_peer *peer, const struct filter_route *route)
{
	const struct conf_rule *r = f->rule;
	const struct attrset *a = attrset_at(as, route->attr);

	if (r->ovs != 0 && r->ovs != 1 + route->ovs)
		return false;
	if (r->avs != 0 && r->avs != 1 + route->avs)
		return false;
	return prefix_matches(f, route, a) && filter_matches_attr(f, a, peer);
}
