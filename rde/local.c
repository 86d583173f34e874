/* SPDX-License-Identifier: ISC */
/*
 * Our own networks: paths of peer 0 in the table. Those of the configuration
 * have path identifier 0 and are swept at a reload when they are not said
 * again; those of `bgpctl network` have identifier 1 and stay.
 */
#include "common/bgp.h"
#include "common/config.h"
#include "common/route.h"
#include "rde/engine.h"
#include "rde/rib.h"

#include <string.h>

#define LOCAL_CONF	0
#define LOCAL_API	1

static struct filter_peer
local_peer(const struct rde *rde)
{
	return (struct filter_peer){
		.addr = &rde->local.remote, .local_addr = &rde->local.remote,
		.remote_as = rde->conf->as, .local_as = rde->conf->as,
	};
}

static void
local_put(struct rde *rde, const struct nlri *nlri, uint32_t attr)
{
	struct rib_route route = { .peer = &rde->local, .attr = attr };
	struct table *t = rde_table(rde, nlri->family);
	struct table_key key;

	if (table_key(t, nlri, &rde->key, &key))
		rib_announce(rde, t, &key, nlri, &route);
}

/* The attributes of a network statement; a reference for the caller. */
static uint32_t
network_attr(struct rde *rde, const struct conf_route *r)
{
	static const uint8_t origin_igp[] = {
		ATTR_FLAG_TRANSITIVE, ATTR_ORIGIN, 1, ORIGIN_IGP,
		ATTR_FLAG_TRANSITIVE, ATTR_AS_PATH, 0,
	};
	struct attrset_key key = {
		.block = buf_reader(r->attrs.bytes, r->attrs.len),
		.nexthop = r->nexthop.bytes,
		.nexthop_len = (uint8_t)r->nexthop.len,
		.flags = r->flags & ROUTE_NEXTHOP_SELF ?
		    ATTRSET_NEXTHOP_SELF : 0,
	};
	struct filter_peer peer = local_peer(rde);
	uint32_t attr, changed;

	if (r->attrs.len == 0)
		key.block = buf_reader(origin_igp, sizeof(origin_igp));
	if (r->nexthop.len > UPDATE_NEXTHOP_MAX)
		return ATTRSET_NONE;
	attr = attrset_intern(&rde->attrsets, &key);
	if (attr == ATTRSET_NONE || r->n_sets == 0)
		return attr;
	changed = filter_apply(&rde->attrsets, attr, r->sets, r->n_sets,
	    &peer, &rde->block);
	attrset_unref(&rde->attrsets, attr);
	return changed;
}

static void
network_put_prefix(struct rde *rde, const struct prefix *p, uint32_t attr)
{
	struct nlri nlri = {
		.family = nlri_find(p->addr.family == ADDR_IPV6 ? AFI_IPV6 :
		    AFI_IPV4, SAFI_UNICAST),
	};
	uint8_t bytes[17];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	nlri_put_prefix(p, &w);
	nlri.bytes = bytes;
	nlri.len = w.len;
	local_put(rde, &nlri, attr);
}

static void
network_put_set(struct rde *rde, const char *name, uint32_t attr)
{
	const struct conf_prefix_set *s;
	size_t i, k;

	for (i = 0; i < rde->conf->n_prefix_sets; i++) {
		s = &rde->conf->prefix_sets[i];
		if (strcmp(s->name, name) != 0)
			continue;
		for (k = 0; k < s->n_prefixes; k++)
			network_put_prefix(rde, &s->prefixes[k].prefix, attr);
	}
}

/* What the kernel has of a kind and family. */
static void
network_put_kernel(struct rde *rde, const struct conf_route *r, uint32_t attr)
{
	const struct knet *k = &rde->rib->knet;
	uint32_t source = strcmp(r->source, "connected") == 0 ?
	    KROUTE_CONNECTED : KROUTE_STATIC;
	uint8_t family = r->afi == AFI_IPV6 ? ADDR_IPV6 : ADDR_IPV4;
	size_t i;

	if (source == KROUTE_STATIC && strcmp(r->source, "static") != 0)
		return;
	for (i = 0; i < k->n; i++)
		if (k->all[i].number == source &&
		    k->all[i].prefix.addr.family == family)
			network_put_prefix(rde, &k->all[i].prefix, attr);
}

static void
network_put(struct rde *rde, const struct conf_route *r)
{
	const struct nlri_family *family = nlri_find(r->afi, r->safi);
	struct rd run = buf_reader(r->nlri.bytes, r->nlri.len);
	uint32_t attr = network_attr(rde, r);
	struct nlri nlri;

	if (attr == ATTRSET_NONE)
		return;
	if (r->prefix_set != NULL)
		network_put_set(rde, r->prefix_set, attr);
	else if (r->source != NULL)
		network_put_kernel(rde, r, attr);
	else if (family != NULL &&
	    nlri_next(family, false, &run, &nlri) == 0)
		local_put(rde, &nlri, attr);
	attrset_unref(&rde->attrsets, attr);
}

/* Networks of bgpctl stand as long as the daemon: they are made current. */
static void
keep_api_networks(struct rde *rde, struct table *t)
{
	struct path *p;
	uint32_t id;
	int i;

	for (id = 0; id < t->n_ids; id++) {
		if (!table_is_used(t, id))
			continue;
		i = table_find_path(t, id, RDE_PEER_LOCAL, LOCAL_API, false);
		if (i < 0)
			continue;
		p = table_path(t, table_at(t, id), (unsigned)i);
		p->flags = (uint16_t)((p->flags & ~PATH_GENERATION) |
		    rde->local.generation[t->family->id]);
	}
}

static bool
wants_default_route(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_peers; i++) {
		if (c->peers[i].export == EXPORT_DEFAULT_ROUTE)
			return true;
	}
	return false;
}

/*
 * The default route that `export default-route` tells: a private path of
 * ours, which only groups of that kind see.
 */
static void
default_route(struct rde *rde, enum nlri_id family, bool is_wanted)
{
	const uint8_t bytes[1] = { 0 };
	struct nlri nlri = { .family = nlri_by_id(family), .bytes = bytes,
	    .len = 1 };
	const struct conf_route none = { 0 };
	struct rib_route route = { .peer = &rde->local,
	    .flags = PATH_PRIVATE };
	struct table *t = rde_table(rde, nlri.family);
	struct table_key key;

	if (!table_key(t, &nlri, &rde->key, &key))
		return;
	if (!is_wanted) {
		rib_withdraw(rde, t, &key, &nlri, &rde->local, true);
		return;
	}
	route.attr = network_attr(rde, &none);
	rib_announce(rde, t, &key, &nlri, &route);
	attrset_unref(&rde->attrsets, route.attr);
}

/* What of bgpctl's is to go. */
enum local_forgets { LOCAL_NOTHING, LOCAL_NETWORKS, LOCAL_FLOWS };

static enum local_forgets
local_kind(const struct nlri_family *f)
{
	return f->safi == SAFI_FLOW || f->safi == SAFI_FLOW_VPN ?
	    LOCAL_FLOWS : LOCAL_NETWORKS;
}

/* Say all networks again; those of bgpctl stay unless they are flushed. */
static void
local_say(struct rde *rde, enum local_forgets forgets)
{
	const struct config *c = rde->conf;
	size_t i;

	rde->local.local_as = rde->local.remote_as = c->as;
	rde->local.remote_id = c->router_id;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		rde->local.generation[i]++;
		if (rde->tables[i] != NULL &&
		    forgets != local_kind(nlri_by_id(i)))
			keep_api_networks(rde, rde->tables[i]);
	}
	for (i = 0; i < c->n_networks; i++)
		network_put(rde, &c->networks[i]);
	for (i = 0; i < c->n_flowspecs; i++)
		network_put(rde, &c->flowspecs[i]);
	default_route(rde, NLRI_IPV4_UNICAST, wants_default_route(c));
	default_route(rde, NLRI_IPV6_UNICAST, wants_default_route(c));
	rib_sweep(rde, RDE_ALL_FAMILIES);
}

void
local_configure(struct rde *rde)
{
	local_say(rde, LOCAL_NOTHING);
}

void
local_flush(struct rde *rde, bool is_flows)
{
	local_say(rde, is_flows ? LOCAL_FLOWS : LOCAL_NETWORKS);
}

void
local_network(struct rde *rde, const struct nlri *nlri, uint32_t attr,
    bool is_withdraw)
{
	struct nlri ours = *nlri;
	struct table *t = rde_table(rde, nlri->family);
	struct table_key key;

	ours.path_id = LOCAL_API;
	if (!is_withdraw) {
		local_put(rde, &ours, attr);
		return;
	}
	if (!table_key(t, &ours, &rde->key, &key))
		return;
	rib_withdraw(rde, t, &key, &ours, &rde->local, false);
	/* OpenBGPD's `network delete` takes configured ones away, too. */
	ours.path_id = LOCAL_CONF;
	rib_withdraw(rde, t, &key, &ours, &rde->local, false);
}
