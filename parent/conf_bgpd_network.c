/* SPDX-License-Identifier: ISC */
/* bgpd.conf: networks that the daemon announces. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/nlri/nlri.h"

#include <string.h>

#define SET_NAME_MAX	127
#define LABEL_MAX	31

static void
network_route_of_prefix(struct bgpd_parser *p, const struct prefix *prefix,
    struct conf_route *r)
{
	uint8_t bytes[17];
	struct wr w;

	r->afi = prefix->addr.family == ADDR_IPV4 ? AFI_IPV4 : AFI_IPV6;
	r->safi = SAFI_UNICAST;
	buf_writer(&w, bytes, sizeof(bytes));
	nlri_put_prefix(prefix, &w);
	r->nlri.bytes = arena_copy(p->config->arena, w.base, w.len);
	r->nlri.len = (uint32_t)w.len;
}

/* network inet|inet6 connected|static|rtlabel NAME|priority N */
static bool
network_source(struct bgpd_parser *p, struct conf_route *r)
{
	static const char *const sources[] = { "connected", "static" };
	int64_t n = 0;
	size_t i;

	r->safi = SAFI_UNICAST;
	for (i = 0; i < 2; i++) {
		if (bgpd_take(p, sources[i])) {
			r->source = arena_strdup(p->config->arena, sources[i]);
			return true;
		}
	}
	if (bgpd_take(p, "rtlabel")) {
		r->source = arena_strdup(p->config->arena, "rtlabel");
		return bgpd_string(p, LABEL_MAX, "a label", &r->name);
	}
	if (bgpd_take(p, "priority")) {
		if (!bgpd_number(p, 1, 255, "a priority", &n))
			return false;
		r->source = arena_format(p->config->arena, "priority %d",
		    (int)n);
		return true;
	}
	return bgpd_expected(p, "connected, static, rtlabel or priority");
}

static bool
network_is_there(const struct conf_route *list, size_t n,
    const struct conf_route *r)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].afi == r->afi && r->nlri.len != 0 &&
		    (list[i].flags & ROUTE_FROM_NETWORK) &&
		    list[i].nlri.len == r->nlri.len &&
		    memcmp(list[i].nlri.bytes, r->nlri.bytes,
		    r->nlri.len) == 0)
			return true;
	return false;
}

/* network prefix-set NAME: only prefixes themselves can be announced. */
static bool
network_prefix_set(struct bgpd_parser *p, struct conf_route *r)
{
	const struct conf_prefix_set *s = p->token.kind == LEX_STRING ?
	    bgpd_find_prefix_set(p->config, p->token.text) : NULL;
	size_t i;

	if (p->token.kind == LEX_STRING && s == NULL)
		return bgpd_fail(p, "prefix-set \"%s\" is not defined",
		    p->token.text);
	for (i = 0; s != NULL && i < s->n_prefixes; i++)
		if (s->prefixes[i].op != CONF_OP_NONE)
			return bgpd_fail(p, "prefix-set \"%s\" has ranges of "
			    "lengths", s->name);
	return bgpd_string(p, SET_NAME_MAX, "the name of a set",
	    &r->prefix_set);
}

static bool
network_what(struct bgpd_parser *p, struct conf_route *r)
{
	struct prefix prefix;
	bool is_ipv4 = bgpd_is(p, "inet") || bgpd_is(p, "IPv4");

	if (bgpd_take(p, "prefix-set"))
		return network_prefix_set(p, r);
	if (is_ipv4 || bgpd_is(p, "inet6") || bgpd_is(p, "IPv6")) {
		r->afi = is_ipv4 ? AFI_IPV4 : AFI_IPV6;
		bgpd_next(p);
		return network_source(p, r);
	}
	if (!bgpd_prefix(p, true, &prefix))
		return false;
	network_route_of_prefix(p, &prefix, r);
	return true;
}

bool
bgpd_network(struct bgpd_parser *p, struct conf_route **list, size_t *n)
{
	struct conf_route r = { .flags = ROUTE_FROM_NETWORK }, *slot;

	if (!network_what(p, &r))
		return false;
	if (network_is_there(*list, *n, &r))
		return bgpd_fail(p, "this network is there already");
	if (bgpd_take(p, "set") && !bgpd_parse_sets(p, &r.sets, &r.n_sets))
		return false;
	if (r.source != NULL && strcmp(r.source, "connected") != 0 &&
	    strcmp(r.source, "static") != 0)
		bgpd_warn(p, "networks by route label or priority are not in "
		    "effect");
	slot = arena_append(p->config->arena, list, n, sizeof(*slot));
	*slot = r;
	return true;
}

bool
bgpd_parse_network(struct bgpd_parser *p)
{
	return bgpd_network(p, &p->config->networks, &p->config->n_networks);
}
