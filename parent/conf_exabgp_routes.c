/* SPDX-License-Identifier: ISC */
/*
 * Routes in ExaBGP's configuration: static, announce, flow, l2vpn, and
 * operational messages. The sentences are common/text's.
 */
#include "parent/conf_exabgp.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/route.h"

#define OPERATIONAL_MAX	4096

static struct conf_blob
blob_copy(struct exa *x, struct rd bytes)
{
	return (struct conf_blob){
		.bytes = arena_copy(x->config->arena, bytes.pos,
		    buf_left(&bytes)),
		.len = (uint32_t)buf_left(&bytes),
	};
}

/* Routes in a row often have the same attributes: keep them once. */
static struct conf_blob
blob_share(struct exa *x, const struct conf_blob *last, struct rd bytes)
{
	if (last != NULL && last->len == buf_left(&bytes) && last->len > 0 &&
	    memcmp(last->bytes, bytes.pos, last->len) == 0)
		return *last;
	return blob_copy(x, bytes);
}

static int
on_route(const struct text_route *t, void *arg)
{
	struct exa *x = arg;
	const struct conf_route *last = NULL;
	const struct route *r = &t->route;
	struct conf_peer *p = x->peer;
	struct conf_route *out;
	uint32_t bit = UINT32_C(1) << r->family->id;

	if (x->is_trial)
		return 0;
	if ((r->flags & ROUTE_NO_NLRI) == 0 &&
	    (x->neighbor->routes_mask & bit) == 0) {
		x->neighbor->routes_mask |= bit;
		x->neighbor->route_line[r->family->id] = x->line;
	}
	out = arena_append(x->config->arena, &p->routes, &p->n_routes,
	    sizeof(*out));
	if (p->n_routes > 1)
		last = &p->routes[p->n_routes - 2];
	out->afi = r->family->afi;
	out->safi = r->family->safi;
	out->flags = r->flags;
	out->path_id = r->path_id;
	out->nlri = blob_copy(x, r->nlri);
	out->attrs = blob_share(x, last == NULL ? NULL : &last->attrs,
	    r->attrs);
	out->nexthop = blob_share(x, last == NULL ? NULL : &last->nexthop,
	    buf_reader(r->nexthop.bytes, r->nexthop.len));
	if (t->watchdog.at != NULL)
		out->watchdog = exa_strdup(x, &t->watchdog);
	if (t->name.at != NULL)
		out->name = exa_strdup(x, &t->name);
	return 0;
}

/* What a sentence gave: its error, or where it ended. */
static int
routes_done(struct exa *x, int e)
{
	if (e != 0)
		return exa_fail_at(x, x->text.error_line, "%s",
		    x->text.error);
	x->is_block = x->text.is_block;
	return 0;
}

/* A sentence that begins with the statement's word. */
static int
routes_sentence(struct exa *x)
{
	x->w = x->statement;
	return routes_done(x, text_route_parse(&x->text, &x->w, false,
	    on_route, x));
}

int
exa_static(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "attribute", routes_sentence },
		{ "attributes", routes_sentence },
		{ "raw", routes_sentence },
		{ "route", routes_sentence },
		{ "sr-policy", routes_sentence },
	};

	return exa_section(x, "static", EXA_ROWS(rows));
}

/* A sentence that begins with the SAFI, inside ipv4, ipv6 or l2vpn. */
static int
announce_route(struct exa *x)
{
	x->w = x->statement;
	return routes_done(x, text_route_parse_afi(&x->text, &x->w,
	    x->announce_afi, on_route, x));
}

static int
announce_ip(struct exa *x, const char *name, uint16_t afi)
{
	static const struct exa_row rows[] = {
		{ "flow", announce_route },
		{ "flow-vpn", announce_route },
		{ "labeled-unicast", announce_route },
		{ "mcast-vpn", announce_route },
		{ "mpls-vpn", announce_route },
		{ "multicast", announce_route },
		{ "mup", announce_route },
		{ "nlri-mpls", announce_route },
		{ "rtc", announce_route },
		{ "sr-policy", announce_route },
		{ "unicast", announce_route },
	};

	x->announce_afi = afi;
	return exa_section(x, name, EXA_ROWS(rows));
}

static int
announce_ipv4(struct exa *x)
{
	return announce_ip(x, "ipv4", AFI_IPV4);
}

static int
announce_ipv6(struct exa *x)
{
	return announce_ip(x, "ipv6", AFI_IPV6);
}

int
exa_l2vpn(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "evpn", announce_route },
		{ "vpls", announce_route },
	};

	x->announce_afi = AFI_L2VPN;
	return exa_section(x, "l2vpn", EXA_ROWS(rows));
}

int
exa_announce(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "ipv4", announce_ipv4 },
		{ "ipv6", announce_ipv6 },
		{ "l2vpn", exa_l2vpn },
	};

	return exa_section(x, "announce", EXA_ROWS(rows));
}

/* route ... inside flow: the sentence without its first word */
static int
flow_route(struct exa *x)
{
	x->w = x->statement;
	return routes_done(x, text_route_parse_flow(&x->text, &x->w,
	    on_route, x));
}

int
exa_flow(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "route", flow_route },
	};

	return exa_section(x, "flow", EXA_ROWS(rows));
}

static int
operational_message(struct exa *x)
{
	uint8_t bytes[OPERATIONAL_MAX];
	struct conf_blob *blob;
	struct wr out;
	int e;

	x->w = x->statement;
	buf_writer(&out, bytes, sizeof(bytes));
	e = routes_done(x, text_operational_parse(&x->text, &x->w, &out));
	if (e != 0)
		return e;
	if (x->is_trial)
		return 0;
	blob = arena_append(x->config->arena,
	    &x->peer->operational_messages, &x->peer->n_operational_messages,
	    sizeof(*blob));
	*blob = blob_copy(x, buf_written(&out));
	return 0;
}

int
exa_operational(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "adm", operational_message },
		{ "apcp", operational_message },
		{ "apcq", operational_message },
		{ "asm", operational_message },
		{ "lpcp", operational_message },
		{ "lpcq", operational_message },
		{ "rpcp", operational_message },
		{ "rpcq", operational_message },
	};

	return exa_section(x, "operational", EXA_ROWS(rows));
}
