/* SPDX-License-Identifier: ISC */
/* bgpd.conf: statements that set one thing of the whole daemon. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <string.h>

static bool
bgpd_parse_as(struct bgpd_parser *p)
{
	uint32_t short_as;

	if (!bgpd_asn(p, false, &p->config->as))
		return false;
	p->config->as_short = p->config->as > UINT16_MAX ? BGP_AS_TRANS :
	    (uint16_t)p->config->as;
	if (bgpd_is_end_of_statement(p))
		return true;
	if (!bgpd_asn(p, true, &short_as))
		return false;
	if (short_as == 0 || short_as > UINT16_MAX)
		return bgpd_fail(p, "expected an AS number 1..65535");
	p->config->as_short = (uint16_t)short_as;
	return true;
}

/* Ours: confederation ASN members { ASN ... }; AS is our member's. */
static bool
bgpd_parse_confederation(struct bgpd_parser *p)
{
	struct config *c = p->config;
	uint32_t asn, *slot;

	if (c->n_peers != 0)
		return bgpd_fail(p, "confederation must stand before "
		    "neighbors");
	if (!bgpd_asn(p, false, &c->confed_as))
		return false;
	if (!bgpd_take(p, "members"))
		return bgpd_expected(p, "members");
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	while (bgpd_list_goes_on(p)) {
		if (!bgpd_asn(p, false, &asn))
			return false;
		slot = arena_append(c->arena, &c->confed_members,
		    &c->n_confed_members, sizeof(*slot));
		*slot = asn;
	}
	return true;
}

static bool
bgpd_parse_router_id(struct bgpd_parser *p)
{
	struct addr a;

	if (!bgpd_addr(p, &a))
		return false;
	if (a.family != ADDR_IPV4 || addr_to_ipv4(&a) == 0)
		return bgpd_fail(p, "router-id must be an IPv4 address");
	p->config->router_id = addr_to_ipv4(&a);
	return true;
}

static bool
bgpd_seconds(struct bgpd_parser *p, int64_t min, int64_t max, uint16_t *out)
{
	int64_t n = 0;

	if (!bgpd_number(p, min, max, "seconds", &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
bgpd_parse_holdtime(struct bgpd_parser *p)
{
	if (bgpd_take(p, "min"))
		return bgpd_seconds(p, 3, UINT16_MAX,
		    &p->config->hold_time_min_sec);
	return bgpd_seconds(p, 3, UINT16_MAX, &p->config->hold_time_sec);
}

static bool
bgpd_parse_connect_retry(struct bgpd_parser *p)
{
	uint16_t sec;

	if (!bgpd_seconds(p, 1, UINT16_MAX, &sec))
		return false;
	p->config->connect_retry_sec = sec;
	return true;
}

static bool
bgpd_parse_staletime(struct bgpd_parser *p)
{
	return bgpd_seconds(p, 3, 4095, &p->config->stale_time_sec);
}

static bool
bgpd_parse_listen(struct bgpd_parser *p)
{
	struct conf_listen *l;
	struct addr a;

	if (!bgpd_take(p, "on"))
		return bgpd_expected(p, "on");
	if (!bgpd_addr(p, &a))
		return false;
	l = arena_append(p->config->arena, &p->config->listens,
	    &p->config->n_listens, sizeof(*l));
	l->addr = a;
	l->port = BGP_PORT;
	return bgpd_take(p, "port") ? bgpd_port(p, &l->port) : true;
}

static bool
bgpd_parse_socket(struct bgpd_parser *p)
{
	struct conf_socket *s;
	char *path;

	if (!bgpd_string(p, 107, "the path of a socket", &path))
		return false;
	s = arena_append(p->config->arena, &p->config->sockets,
	    &p->config->n_sockets, sizeof(*s));
	s->path = path;
	s->is_restricted = bgpd_take(p, "restricted");
	return true;
}

static bool
bgpd_parse_fib_update(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->config->fib_update);
}

static bool
bgpd_parse_fib_priority(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 1, 255, "a priority", &n))
		return false;
	p->config->fib_priority = (uint8_t)n;
	return true;
}

static bool
bgpd_parse_rtable(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, UINT32_MAX, "a routing table", &n))
		return false;
	p->config->table = (uint32_t)n;
	return true;
}

static bool
bgpd_parse_nexthop(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "qualify") || !bgpd_take(p, "via"))
		return bgpd_expected(p, "qualify via bgp or default");
	if (bgpd_take(p, "bgp"))
		p->config->nexthop_via_bgp = true;
	else if (bgpd_take(p, "default"))
		p->config->nexthop_via_default = true;
	else
		return bgpd_expected(p, "bgp or default");
	return true;
}

static bool
bgpd_parse_log(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "updates"))
		return bgpd_expected(p, "updates");
	p->config->log_updates = true;
	return true;
}

static bool
bgpd_parse_transparent_as(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->config->transparent_as);
}

static bool
bgpd_parse_reject(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "as-set"))
		return bgpd_expected(p, "as-set");
	return bgpd_yesno(p, &p->config->reject_as_set);
}

/* no evaluate | [rtable n] [fib-update yesno] */
static bool
bgpd_parse_rib_options(struct bgpd_parser *p, struct conf_rib *rib)
{
	int64_t table = 0;

	if (bgpd_take(p, "no")) {
		rib->no_evaluate = true;
		return bgpd_take(p, "evaluate") ||
		    bgpd_expected(p, "evaluate");
	}
	rib->no_evaluate = false;
	if (bgpd_take(p, "rtable")) {
		if (!bgpd_number(p, 0, UINT32_MAX, "a routing table", &table))
			return false;
		rib->has_table = rib->fib_update = true;
		rib->table = (uint32_t)table;
	}
	if (!bgpd_take(p, "fib-update"))
		return true;
	rib->has_table = true;
	return bgpd_yesno(p, &rib->fib_update);
}

/* The RIB of this name, made if there is none. */
static struct conf_rib *
bgpd_get_rib(struct bgpd_parser *p, char *name)
{
	struct config *c = p->config;
	struct conf_rib *rib;
	size_t i;

	for (i = 0; i < c->n_ribs; i++)
		if (strcmp(c->ribs[i].name, name) == 0)
			return &c->ribs[i];
	rib = arena_append(c->arena, &c->ribs, &c->n_ribs, sizeof(*rib));
	rib->name = name;
	return rib;
}

static bool
bgpd_parse_rib(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_rib fixed = { .fib_update = c->fib_update,
	    .table = c->table };
	char *name;

	if (!bgpd_string(p, 63, "the name of a RIB", &name))
		return false;
	if (strcmp(name, "Adj-RIB-In") == 0)
		return bgpd_parse_rib_options(p, &fixed);
	if (strcmp(name, "Loc-RIB") != 0)
		return bgpd_parse_rib_options(p, bgpd_get_rib(p, name));
	if (bgpd_take(p, "include")) {
		c->include_filtered = true;
		return bgpd_take(p, "filtered") ||
		    bgpd_expected(p, "filtered");
	}
	if (!bgpd_parse_rib_options(p, &fixed))
		return false;
	c->fib_update = fixed.fib_update;
	c->table = fixed.table;
	return true;
}

static bool
bgpd_parse_rde(struct bgpd_parser *p)
{
	struct config *c = p->config;

	if (bgpd_take(p, "rib"))
		return bgpd_parse_rib(p);
	if (bgpd_take(p, "med")) {
		if (!bgpd_take(p, "compare"))
			return bgpd_expected(p, "compare");
		c->med_always = bgpd_is(p, "always");
		return bgpd_take(p, "always") || bgpd_take(p, "strict") ||
		    bgpd_expected(p, "always or strict");
	}
	if (bgpd_take(p, "route-age")) {
		c->route_age_evaluate = bgpd_is(p, "evaluate");
		return bgpd_take(p, "evaluate") || bgpd_take(p, "ignore") ||
		    bgpd_expected(p, "ignore or evaluate");
	}
	if (bgpd_take(p, "evaluate")) {
		c->evaluate_all = bgpd_is(p, "all");
		return bgpd_take(p, "all") || bgpd_take(p, "default") ||
		    bgpd_expected(p, "default or all");
	}
	return bgpd_expected(p, "rib, med, route-age or evaluate");
}

const struct bgpd_row bgpd_global_rows[] = {
	{ "AS", bgpd_parse_as },
	{ "confederation", bgpd_parse_confederation },
	{ "connect-retry", bgpd_parse_connect_retry },
	{ "fib-priority", bgpd_parse_fib_priority },
	{ "fib-update", bgpd_parse_fib_update },
	{ "holdtime", bgpd_parse_holdtime },
	{ "listen", bgpd_parse_listen },
	{ "log", bgpd_parse_log },
	{ "nexthop", bgpd_parse_nexthop },
	{ "rde", bgpd_parse_rde },
	{ "reject", bgpd_parse_reject },
	{ "router-id", bgpd_parse_router_id },
	{ "rtable", bgpd_parse_rtable },
	{ "socket", bgpd_parse_socket },
	{ "staletime", bgpd_parse_staletime },
	{ "transparent-as", bgpd_parse_transparent_as },
};
const size_t bgpd_global_n_rows =
    sizeof(bgpd_global_rows) / sizeof(bgpd_global_rows[0]);
