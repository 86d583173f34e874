/* SPDX-License-Identifier: ISC */
/* bgpd.conf: sets of AS numbers, prefixes and origins; networks. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/nlri/nlri.h"

#include <stdlib.h>
#include <string.h>

#define SET_NAME_MAX	127

static bool
set_open(struct bgpd_parser *p)
{
	return bgpd_take_char(p, '{') || bgpd_expected(p, "\"{\"");
}

static int
set_compare_asn(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* Sorted and unique, as lookups need it. */
static size_t
set_sort_asns(uint32_t *asns, size_t n)
{
	size_t i, k = 0;

	if (n == 0)
		return 0;
	qsort(asns, n, sizeof(*asns), set_compare_asn);
	for (i = 1; i < n; i++)
		if (asns[i] != asns[k])
			asns[++k] = asns[i];
	return k + 1;
}

bool
bgpd_parse_as_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_as_set *s = NULL;
	uint32_t asn, *slot;
	char *name;
	size_t i;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name) ||
	    !set_open(p))
		return false;
	for (i = 0; i < c->n_as_sets; i++)
		if (strcmp(c->as_sets[i].name, name) == 0)
			s = &c->as_sets[i];
	if (s == NULL) {
		s = arena_append(c->arena, &c->as_sets, &c->n_as_sets,
		    sizeof(*s));
		s->name = name;
	}
	while (bgpd_list_goes_on(p)) {
		if (!bgpd_asn(p, true, &asn))
			return false;
		slot = arena_append(c->arena, &s->asns, &s->n_asns,
		    sizeof(*slot));
		*slot = asn;
	}
	/* A later append must find room of its own. */
	s->n_asns = set_sort_asns(s->asns, s->n_asns);
	s->asns = arena_copy(c->arena, s->asns, s->n_asns * sizeof(asn));
	return true;
}

const struct conf_prefix_set *
bgpd_find_prefix_set(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_prefix_sets; i++)
		if (strcmp(c->prefix_sets[i].name, name) == 0)
			return &c->prefix_sets[i];
	return NULL;
}

bool
bgpd_parse_prefix_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_prefix_set *s = NULL;
	struct conf_prefix one, *slot;
	char *name;
	bool has_op;
	size_t i;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name) ||
	    !set_open(p))
		return false;
	for (i = 0; i < c->n_prefix_sets; i++)
		if (strcmp(c->prefix_sets[i].name, name) == 0)
			s = &c->prefix_sets[i];
	if (s == NULL) {
		s = arena_append(c->arena, &c->prefix_sets,
		    &c->n_prefix_sets, sizeof(*s));
		s->name = name;
	}
	while (bgpd_list_goes_on(p)) {
		memset(&one, 0, sizeof(one));
		if (!bgpd_prefix(p, true, &one.prefix) ||
		    !bgpd_prefix_lengths(p, &one, &has_op))
			return false;
		slot = arena_append(c->arena, &s->prefixes, &s->n_prefixes,
		    sizeof(*slot));
		*slot = one;
	}
	return true;
}

/* prefix [maxlen n] source-as asn [expires t] */
static bool
set_parse_roa(struct bgpd_parser *p, bool may_expire, struct conf_roa *r)
{
	int64_t n = 0;

	memset(r, 0, sizeof(*r));
	if (!bgpd_prefix(p, true, &r->prefix))
		return false;
	r->max_len = r->prefix.len_bits;
	if (bgpd_take(p, "maxlen")) {
		if (!bgpd_number(p, r->prefix.len_bits,
		    addr_bits(r->prefix.addr.family), "a prefix length", &n))
			return false;
		r->max_len = (uint8_t)n;
	}
	if (!bgpd_take(p, "source-as"))
		return bgpd_expected(p, "source-as");
	if (!bgpd_asn(p, true, &r->asn))
		return false;
	if (!bgpd_is(p, "expires"))
		return true;
	if (!may_expire)
		return bgpd_fail(p, "expires is for roa-set only");
	bgpd_next(p);
	return bgpd_number(p, 0, INT64_MAX, "seconds since 1970",
	    &r->expires);
}

bool
bgpd_parse_origin_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_roa_set *s;
	struct conf_roa one, *slot;
	char *name;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name) ||
	    !set_open(p))
		return false;
	s = arena_append(c->arena, &c->origin_sets, &c->n_origin_sets,
	    sizeof(*s));
	s->name = name;
	while (bgpd_list_goes_on(p)) {
		if (!set_parse_roa(p, false, &one))
			return false;
		slot = arena_append(c->arena, &s->roas, &s->n_roas,
		    sizeof(*slot));
		*slot = one;
	}
	return true;
}

bool
bgpd_parse_roa_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_roa one, *slot;

	if (!set_open(p))
		return false;
	while (bgpd_list_goes_on(p)) {
		if (!set_parse_roa(p, true, &one))
			return false;
		slot = arena_append(c->arena, &c->roas, &c->n_roas,
		    sizeof(*slot));
		*slot = one;
	}
	return true;
}

bool
bgpd_parse_aspa_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_aspa *a;
	uint32_t asn, *slot;

	if (!set_open(p))
		return false;
	while (bgpd_list_goes_on(p)) {
		if (!bgpd_take(p, "customer-as"))
			return bgpd_expected(p, "customer-as");
		if (!bgpd_asn(p, true, &asn))
			return false;
		a = arena_append(c->arena, &c->aspas, &c->n_aspas,
		    sizeof(*a));
		a->customer = asn;
		if (bgpd_take(p, "expires") && !bgpd_number(p, 0, INT64_MAX,
		    "seconds since 1970", &a->expires))
			return false;
		if (!bgpd_take(p, "provider-as"))
			return bgpd_expected(p, "provider-as");
		if (!set_open(p))
			return false;
		while (bgpd_list_goes_on(p)) {
			if (!bgpd_asn(p, true, &asn))
				return false;
			slot = arena_append(c->arena, &a->providers,
			    &a->n_providers, sizeof(*slot));
			*slot = asn;
			/* The family is of older versions and means nothing. */
			if (!bgpd_take(p, "inet"))
				bgpd_take(p, "inet6");
		}
		a->n_providers = set_sort_asns(a->providers, a->n_providers);
		a->providers = arena_copy(c->arena, a->providers,
		    a->n_providers * sizeof(asn));
	}
	return true;
}

static void
set_route_of_prefix(struct bgpd_parser *p, const struct prefix *prefix,
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
set_parse_network_source(struct bgpd_parser *p, struct conf_route *r)
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
		return bgpd_string(p, 31, "a label", &r->name);
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
set_is_duplicate(const struct config *c, const struct conf_route *r)
{
	size_t i;

	for (i = 0; i < c->n_networks; i++)
		if (c->networks[i].afi == r->afi && r->nlri.len != 0 &&
		    c->networks[i].text == NULL &&
		    c->networks[i].nlri.len == r->nlri.len &&
		    memcmp(c->networks[i].nlri.bytes, r->nlri.bytes,
		    r->nlri.len) == 0)
			return true;
	return false;
}

bool
bgpd_parse_network(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_route r = { .flags = ROUTE_FROM_NETWORK }, *slot;
	struct prefix prefix;

	if (bgpd_take(p, "prefix-set")) {
		if (!bgpd_string(p, SET_NAME_MAX, "the name of a set",
		    &r.prefix_set))
			return false;
		if (bgpd_find_prefix_set(c, r.prefix_set) == NULL)
			return bgpd_fail(p, "prefix-set \"%s\" is not defined",
			    r.prefix_set);
	} else if (bgpd_is(p, "inet") || bgpd_is(p, "inet6") ||
	    bgpd_is(p, "IPv4") || bgpd_is(p, "IPv6")) {
		r.afi = bgpd_is(p, "inet") || bgpd_is(p, "IPv4") ?
		    AFI_IPV4 : AFI_IPV6;
		bgpd_next(p);
		if (!set_parse_network_source(p, &r))
			return false;
	} else {
		if (!bgpd_prefix(p, true, &prefix))
			return false;
		set_route_of_prefix(p, &prefix, &r);
		if (set_is_duplicate(c, &r))
			return bgpd_fail(p, "this network is there already");
	}
	if (bgpd_take(p, "set") && !bgpd_parse_sets(p, &r.sets, &r.n_sets))
		return false;
	slot = arena_append(c->arena, &c->networks, &c->n_networks,
	    sizeof(*slot));
	*slot = r;
	return true;
}
