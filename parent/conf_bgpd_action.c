/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: attribute sets. A list of actions is kept in OpenBGPD's order,
 * which is the order they are applied and printed in.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <string.h>

#define PREPEND_MAX	128
#define NAME_MAX_LEN	31

/* Actions that exclude each other have the same group. */
static const struct { uint8_t rank; const char *group; } set_order[] = {
	[SET_LOCALPREF] = { 0, "localpref" },
	[SET_LOCALPREF_RELATIVE] = { 1, "localpref" },
	[SET_MED] = { 2, "metric" },
	[SET_MED_RELATIVE] = { 3, "metric" },
	[SET_WEIGHT] = { 4, "weight" },
	[SET_WEIGHT_RELATIVE] = { 5, "weight" },
	[SET_PREPEND_SELF] = { 6, "prepend-self" },
	[SET_PREPEND_NEIGHBOR] = { 7, "prepend-neighbor" },
	[SET_AS_OVERRIDE] = { 8, "as-override" },
	[SET_NEXTHOP] = { 9, "nexthop" },
	[SET_NEXTHOP_REJECT] = { 10, "nexthop" },
	[SET_NEXTHOP_BLACKHOLE] = { 11, "nexthop" },
	[SET_NEXTHOP_NOMODIFY] = { 12, "nexthop" },
	[SET_NEXTHOP_SELF] = { 13, "nexthop" },
	[SET_COMMUNITY_DELETE] = { 14, "community" },
	[SET_COMMUNITY] = { 15, "community" },
	[SET_PFTABLE] = { 16, "pftable" },
	[SET_RTLABEL] = { 17, "rtlabel" },
	[SET_ORIGIN] = { 18, "origin" },
};

static int
number_order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Compat: OpenBGPD's number of a community's kind and fields together. */
static uint32_t
community_rank(const struct conf_community *c)
{
	static const uint8_t codes[] = {
		[COMMUNITY_STANDARD] = ATTR_COMMUNITY,
		[COMMUNITY_LARGE] = ATTR_LARGE_COMMUNITY,
		[COMMUNITY_EXTENDED] = ATTR_EXT_COMMUNITY,
	};
	unsigned any = c->ext_is_any ? COMMUNITY_ANY : 0;

	return codes[c->kind] | (uint32_t)(c->field[0] | any) << 8 |
	    (uint32_t)c->field[1] << 16 | (uint32_t)c->field[2] << 24;
}

static int
community_order(const struct conf_community *a, const struct conf_community *b)
{
	unsigned i;
	int r = number_order(community_rank(a), community_rank(b));

	for (i = 0; r == 0 && i < 3; i++)
		r = number_order(a->part[i], b->part[i]);
	if (r == 0)
		r = number_order(a->ext_type, b->ext_type);
	return r != 0 ? r : number_order(a->ext_value, b->ext_value);
}

/* Place of an action among others; 0: it takes the other's place. */
static int
set_compare(const struct conf_set *a, const struct conf_set *b)
{
	int r = number_order(set_order[a->kind].rank, set_order[b->kind].rank);

	if (r != 0)
		return r;
	if (a->kind == SET_COMMUNITY || a->kind == SET_COMMUNITY_DELETE)
		return community_order(&a->community, &b->community);
	if (a->kind == SET_NEXTHOP)
		return number_order(a->addr.family, b->addr.family);
	return 0;
}

static bool
set_is_relative(uint8_t kind)
{
	return kind == SET_LOCALPREF_RELATIVE || kind == SET_MED_RELATIVE ||
	    kind == SET_WEIGHT_RELATIVE;
}

bool
bgpd_sets_collide(const struct conf_set *later, const struct conf_set *there)
{
	if (strcmp(set_order[later->kind].group,
	    set_order[there->kind].group) != 0)
		return false;
	if (later->kind == there->kind)
		return set_compare(later, there) == 0;
	/* A number may be changed when it was set, not the other way. */
	return later->kind != SET_COMMUNITY &&
	    later->kind != SET_COMMUNITY_DELETE &&
	    !set_is_relative(later->kind);
}

static void
set_remove(struct conf_set *sets, size_t *n, size_t i)
{
	memmove(&sets[i], &sets[i + 1], (*n - i - 1) * sizeof(*sets));
	--*n;
}

static void
set_insert(struct arena *arena, struct conf_set **sets, size_t *n, size_t i,
    const struct conf_set *s)
{
	arena_append(arena, sets, n, sizeof(**sets));
	memmove(&(*sets)[i + 1], &(*sets)[i], (*n - 1 - i) * sizeof(**sets));
	(*sets)[i] = *s;
}

void
bgpd_merge_set(struct arena *arena, struct conf_set **sets, size_t *n,
    const struct conf_set *s)
{
	size_t i;
	int r;

	for (i = 0; i < *n; i++) {
		r = set_compare(s, &(*sets)[i]);
		if (r == 0 && set_is_relative(s->kind))
			(*sets)[i].number += s->number;
		else if (r == 0 && s->kind != SET_PREPEND_SELF &&
		    s->kind != SET_PREPEND_NEIGHBOR)
			(*sets)[i] = *s;
		if (r == 0)
			return;
	}
	for (i = *n; i-- > 0;)
		if (bgpd_sets_collide(s, &(*sets)[i]))
			set_remove(*sets, n, i);
	for (i = 0; i < *n && set_compare(s, &(*sets)[i]) > 0; i++)
		continue;
	set_insert(arena, sets, n, i, s);
}

/* n | + n | - n: relative ones are the next kind. */
static bool
action_amount(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	bool is_plus = bgpd_take_char(p, '+');
	bool is_minus = !is_plus && bgpd_take_char(p, '-');
	int64_t n = 0;

	s->kind = kind;
	if (is_plus || is_minus) {
		if (!bgpd_number(p, 0, INT32_MAX, "an amount", &n))
			return false;
		s->kind = (uint8_t)(kind + 1);
		s->number = is_minus ? -n : n;
		return true;
	}
	if (!bgpd_number(p, -INT32_MAX, UINT32_MAX, "an amount", &n))
		return false;
	/* Compat: weight 0 is no weight but an addition of nothing. */
	if (n < 0 || (n == 0 && kind == SET_WEIGHT))
		s->kind = (uint8_t)(kind + 1);
	s->number = n;
	return true;
}

static bool
action_prepend(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	s->kind = kind;
	return bgpd_number(p, 0, PREPEND_MAX, "how often to prepend",
	    &s->number);
}

static bool
action_nexthop(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	static const struct { const char *word; uint8_t kind; } words[] = {
		{ "blackhole", SET_NEXTHOP_BLACKHOLE },
		{ "reject", SET_NEXTHOP_REJECT },
		{ "self", SET_NEXTHOP_SELF },
		{ "no-modify", SET_NEXTHOP_NOMODIFY },
	};
	size_t i;

	s->kind = kind;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bgpd_take(p, words[i].word)) {
			s->kind = words[i].kind;
			return true;
		}
	}
	return bgpd_addr(p, &s->addr);
}

static bool
action_community(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	bool is_delete = bgpd_take(p, "delete");

	s->kind = is_delete ? SET_COMMUNITY_DELETE : SET_COMMUNITY;
	return bgpd_community(p, kind, is_delete, &s->community);
}

static bool
action_origin(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	static const char *const words[] = {
		[ORIGIN_IGP] = "igp", [ORIGIN_EGP] = "egp",
		[ORIGIN_INCOMPLETE] = "incomplete",
	};
	unsigned i;

	s->kind = kind;
	for (i = 0; i < 3; i++) {
		if (bgpd_take(p, words[i])) {
			s->number = i;
			return true;
		}
	}
	return bgpd_expected(p, "igp, egp or incomplete");
}

static bool
action_name(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	s->kind = kind;
	bgpd_warn(p, "%s has no effect on this system",
	    set_order[kind].group);
	return bgpd_string(p, NAME_MAX_LEN, "a name", &s->name);
}

static bool
action_flag(struct bgpd_parser *p, uint8_t kind, struct conf_set *s)
{
	(void)p;
	s->kind = kind;
	return true;
}

static const struct {
	const char	*word;
	bool		(*parse)(struct bgpd_parser *, uint8_t,
			    struct conf_set *);
	uint8_t		 kind;
} action_rows[] = {
	{ "as-override", action_flag, SET_AS_OVERRIDE },
	{ "community", action_community, COMMUNITY_STANDARD },
	{ "ext-community", action_community, COMMUNITY_EXTENDED },
	{ "large-community", action_community, COMMUNITY_LARGE },
	{ "localpref", action_amount, SET_LOCALPREF },
	{ "med", action_amount, SET_MED },
	{ "metric", action_amount, SET_MED },
	{ "nexthop", action_nexthop, SET_NEXTHOP },
	{ "origin", action_origin, SET_ORIGIN },
	{ "pftable", action_name, SET_PFTABLE },
	{ "prepend-neighbor", action_prepend, SET_PREPEND_NEIGHBOR },
	{ "prepend-self", action_prepend, SET_PREPEND_SELF },
	{ "rtlabel", action_name, SET_RTLABEL },
	{ "weight", action_amount, SET_WEIGHT },
};

static bool
action_one(struct bgpd_parser *p, struct conf_set **sets, size_t *n)
{
	struct conf_set s;
	size_t i;

	memset(&s, 0, sizeof(s));
	for (i = 0; i < sizeof(action_rows) / sizeof(action_rows[0]); i++)
		if (bgpd_is(p, action_rows[i].word))
			break;
	if (i == sizeof(action_rows) / sizeof(action_rows[0]))
		return bgpd_expected(p, "what to set");
	bgpd_next(p);
	if (!action_rows[i].parse(p, action_rows[i].kind, &s))
		return false;
	for (i = 0; i < *n; i++)
		if (bgpd_sets_collide(&s, &(*sets)[i]))
			return bgpd_fail(p, "%s is set twice",
			    set_order[s.kind].group);
	bgpd_merge_set(p->config->arena, sets, n, &s);
	return true;
}

bool
bgpd_parse_sets(struct bgpd_parser *p, struct conf_set **sets, size_t *n)
{
	if (!bgpd_take_char(p, '{'))
		return action_one(p, sets, n);
	while (bgpd_list_goes_on(p))
		if (!action_one(p, sets, n))
			return false;
	return true;
}
