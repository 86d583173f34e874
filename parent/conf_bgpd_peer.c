/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: neighbors and groups. A neighbor starts as a copy of what its
 * group has said so far. What `set` says in them becomes rules in front of
 * the file's.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "parent/conf_bgpd_peer.h"

#include <string.h>

#define NAME_MAX_LEN	63

/* A list of its own, with room to grow as arena_append expects it. */
static void
copy_list(struct arena *a, void *items, size_t n, size_t size)
{
	size_t cap = 1;
	void *shared, *own;

	while (cap < n)
		cap *= 2;
	/* items is the address of a pointer to the element type. */
	memcpy(&shared, items, sizeof(shared));
	own = arena_alloc(a, cap * size);
	if (n != 0)
		memcpy(own, shared, n * size);
	memcpy(items, &own, sizeof(own));
}

static void
copy_group(struct bgpd_parser *p, struct bgpd_peer *peer)
{
	const struct bgpd_peer *g = p->group;
	struct arena *a = p->config->arena;
	struct conf_peer *conf = peer->conf;

	*conf = *g->conf;
	peer->has_enforce_as = g->has_enforce_as;
	peer->has_enforce_flow = g->has_enforce_flow;
	memcpy(peer->is_off, g->is_off, sizeof(peer->is_off));
	copy_list(a, &conf->families, conf->n_families,
	    sizeof(*conf->families));
	copy_list(a, &conf->apis, conf->n_apis, sizeof(*conf->apis));
	copy_list(a, &conf->routes, conf->n_routes, sizeof(*conf->routes));
	copy_list(a, &conf->dumps, conf->n_dumps, sizeof(*conf->dumps));
	copy_list(a, &conf->ipsec, conf->n_ipsec, sizeof(*conf->ipsec));
}

/* A peer with the defaults of bgpd.conf(5), at the end of the model. */
static struct conf_peer *
new_peer(struct config *c)
{
	struct conf_peer *p = config_add_peer(c);

	p->policy = CONF_YES;
	return p;
}

static uint32_t
family_rank(const struct conf_family *f)
{
	static const struct { uint16_t afi; uint8_t safi; } order[] = {
		{ AFI_IPV4, SAFI_UNICAST }, { AFI_IPV6, SAFI_UNICAST },
		{ AFI_IPV4, SAFI_MPLS_VPN }, { AFI_IPV6, SAFI_MPLS_VPN },
		{ AFI_L2VPN, SAFI_EVPN }, { AFI_IPV4, SAFI_FLOW },
		{ AFI_IPV6, SAFI_FLOW },
	};
	uint32_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i].afi == f->afi && order[i].safi == f->safi)
			return i;
	return i + ((uint32_t)f->afi << 8 | f->safi);
}

/* ExaBGP's order, for a neighbor of its language. */
static uint32_t
family_number(const struct conf_family *f)
{
	return (uint32_t)f->afi << 8 | f->safi;
}

/* In OpenBGPD's order; few enough for the plain way. */
static void
sort_families(struct conf_peer *p)
{
	uint32_t (*rank)(const struct conf_family *) = p->is_isolated ?
	    family_number : family_rank;
	struct conf_family f;
	size_t i, k;

	for (i = 1; i < p->n_families; i++) {
		f = p->families[i];
		for (k = i; k > 0 && rank(&p->families[k - 1]) > rank(&f);
		    k--)
			p->families[k] = p->families[k - 1];
		p->families[k] = f;
	}
}

void
bgpd_peer_add_family(struct bgpd_parser *p, uint16_t afi, uint8_t safi,
    bool is_enforced)
{
	struct conf_peer *c = p->peer->conf;
	struct conf_family *f = NULL;
	size_t i;

	for (i = 0; i < c->n_families; i++)
		if (c->families[i].afi == afi && c->families[i].safi == safi)
			f = &c->families[i];
	if (f == NULL)
		f = arena_append(p->config->arena, &c->families,
		    &c->n_families, sizeof(*f));
	f->afi = afi;
	f->safi = safi;
	f->enforce = is_enforced ? CONF_ENFORCE : CONF_YES;
}

/* Nothing was announced: the session's own family. */
static void
finish_families(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	bool is_ipv6 = c->remote.addr.family == ADDR_IPV6;
	size_t i;

	if (c->n_families == 0 && !p->peer->is_off[is_ipv6])
		bgpd_peer_add_family(p, is_ipv6 ? AFI_IPV6 : AFI_IPV4,
		    SAFI_UNICAST, false);
	sort_families(c);
	for (i = 0; c->extended_nexthop != CONF_NO && i < c->n_families; i++)
		if (c->families[i].afi == AFI_IPV4 &&
		    (c->families[i].safi == SAFI_UNICAST ||
		    c->families[i].safi == SAFI_MPLS_VPN))
			c->families[i].extended_nexthop = true;
}

/* ExaBGP's neighbors may share an address, if their names differ. */
static bool
is_same_neighbor(const struct conf_peer *a, const struct conf_peer *b)
{
	return prefix_compare(&a->remote, &b->remote) == 0 &&
	    (a->name == NULL || b->name == NULL ||
	    strcmp(a->name, b->name) == 0);
}

/* To those outside we are the confederation. RFC 5065 4. */
static void
finish_confederation(const struct config *c, struct conf_peer *peer)
{
	if (c->confed_as == 0 || peer->is_isolated)
		return;
	peer->is_confed = config_is_confed_member(c, peer->remote_as);
	if (peer->is_confed || peer->remote_as == c->as ||
	    peer->local_as != c->as)
		return;
	peer->local_as = c->confed_as;
	peer->local_as_short = c->confed_as > UINT16_MAX ? BGP_AS_TRANS :
	    (uint16_t)c->confed_as;
}

/* What follows from other options, and what does not go together. */
static bool
finish_neighbor(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	bool is_ebgp;
	size_t i;

	finish_confederation(p->config, c);
	is_ebgp = config_peer_is_ebgp(c);
	finish_families(p);
	if (p->config->as == 0)
		return bgpd_fail(p, "AS must be given before neighbors");
	if (c->remote_as == 0 && !config_peer_is_template(c) &&
	    !c->is_isolated)
		return bgpd_fail(p, "the neighbor has no remote-as");
	if (!p->peer->has_enforce_as)
		c->enforce_neighbor_as = is_ebgp;
	if (!p->peer->has_enforce_flow)
		c->enforce_flow = is_ebgp && !c->is_confed;
	if (!is_ebgp || c->is_confed)
		c->role = ROLE_NONE;
	if (c->role == ROLE_NONE)
		c->policy = CONF_NO;
	if (c->is_reflector_client && is_ebgp)
		return bgpd_fail(p, "route-reflector is for neighbors of the "
		    "same AS");
	for (i = 0; &p->config->peers[i] != c; i++)
		if (is_same_neighbor(&p->config->peers[i], c))
			return bgpd_fail(p, "this neighbor is there already");
	return true;
}

/* Rules of the block's `set`, in before out. */
static void
keep_implicit(struct bgpd_parser *p, struct bgpd_peer *peer,
    struct bgpd_rules *rules)
{
	struct conf_rule *r, *slot;
	unsigned out;

	for (out = 0; out < 2; out++) {
		r = &peer->implicit[out];
		if (r->n_sets == 0)
			continue;
		r->action = RULE_MATCH;
		r->direction = out ? RULE_TO : RULE_FROM;
		r->max_communities[0] = r->max_communities[1] =
		    r->max_communities[2] = -1;
		if (rules == &p->of_groups) {
			r->peer_kind = RULE_PEER_GROUP;
			r->peer_group = peer->conf->group;
		} else {
			r->peer_kind = RULE_PEER_ADDRESS;
			r->peer_addr = peer->conf->remote.addr;
		}
		slot = arena_append(p->config->arena, &rules->rules,
		    &rules->n, sizeof(*slot));
		*slot = *r;
	}
}

bool
bgpd_peer_set(struct bgpd_parser *p, const struct conf_set *s)
{
	bool is_out = s->kind == SET_PREPEND_SELF ||
	    s->kind == SET_NEXTHOP_SELF || s->kind == SET_NEXTHOP_NOMODIFY;
	struct conf_rule *r = &p->peer->implicit[is_out];
	size_t i;

	for (i = 0; i < r->n_sets; i++)
		if (bgpd_sets_collide(s, &r->sets[i]))
			return bgpd_fail(p, "this is set already");
	bgpd_merge_set(p->config->arena, &r->sets, &r->n_sets, s);
	return true;
}

bool
bgpd_parse_neighbor(struct bgpd_parser *p)
{
	struct bgpd_peer peer = { .conf = new_peer(p->config) };
	struct prefix remote;
	bool is_good;

	if (!bgpd_prefix(p, false, &remote))
		return false;
	if (p->group != NULL)
		copy_group(p, &peer);
	peer.conf->remote = remote;
	p->peer = &peer;
	is_good = !bgpd_take_char(p, '{') ||
	    bgpd_block(p, bgpd_peer_rows, bgpd_peer_n_rows,
	    "an option of a neighbor");
	is_good = is_good && finish_neighbor(p);
	keep_implicit(p, &peer, &p->of_peers);
	p->peer = p->group;
	return is_good;
}

bool
bgpd_parse_group(struct bgpd_parser *p)
{
	struct conf_peer conf;
	struct bgpd_peer group = { .conf = &conf };
	bool is_good;

	if (p->group != NULL)
		return bgpd_fail(p, "a group within a group");
	/* The defaults, without a place in the model. */
	conf = *new_peer(p->config);
	p->config->n_peers--;
	if (!bgpd_strings(p, NAME_MAX_LEN, "the name of a group",
	    &conf.group))
		return false;
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	p->group = p->peer = &group;
	is_good = bgpd_block(p, bgpd_group_rows, bgpd_group_n_rows,
	    "an option of a group, or neighbor");
	keep_implicit(p, &group, &p->of_groups);
	p->group = p->peer = NULL;
	return is_good;
}
