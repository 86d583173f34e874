/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: RPKI caches and VPNs. VPNs are kept in the model and printed but
 * not in effect yet, and a warning says so.
 */
#include "parent/conf_bgpd_peer.h"

#include "common/arena.h"
#include "common/text/scalars.h"
#include "common/wire/rtr.h"

#include <string.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define RTRS_MAX	32		/* the session engine's bits */
#define DESCR_MAX	31
#define INTERFACE_MAX	15

static bool
rtr_descr(struct bgpd_parser *p)
{
	return bgpd_strings(p, DESCR_MAX, "a description", &p->rtr->descr);
}

static bool
rtr_local_address(struct bgpd_parser *p)
{
	if (!bgpd_addr(p, &p->rtr->local_address))
		return false;
	return p->rtr->local_address.family == p->rtr->addr.family ||
	    bgpd_fail(p, "local-address is of another family than the cache");
}

static bool
rtr_min_version(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, RTR_VERSION_MAX, "a version", &n))
		return false;
	p->rtr->min_version = (uint8_t)n;
	return true;
}

static bool
rtr_port(struct bgpd_parser *p)
{
	return bgpd_port(p, &p->rtr->port);
}

/* Protection is read as a neighbor's. */
static bool
rtr_protection(struct bgpd_parser *p, bool (*parse)(struct bgpd_parser *))
{
	struct conf_peer scratch = {
		.md5_key = p->rtr->md5_key, .ipsec = p->rtr->ipsec,
		.n_ipsec = p->rtr->n_ipsec, .refused = p->rtr->refused,
	};
	struct bgpd_peer peer = { .conf = &scratch };
	bool is_good;

	p->peer = &peer;
	is_good = parse(p);
	p->peer = NULL;
	p->rtr->md5_key = scratch.md5_key;
	p->rtr->ipsec = scratch.ipsec;
	p->rtr->n_ipsec = scratch.n_ipsec;
	p->rtr->refused = scratch.refused;
	return is_good;
}

static bool
rtr_tcp(struct bgpd_parser *p)
{
	if (!bgpd_is(p, "md5sig"))
		return bgpd_expected(p, "md5sig");
	return rtr_protection(p, bgpd_peer_tcp);
}

static bool
rtr_ipsec(struct bgpd_parser *p)
{
	return rtr_protection(p, bgpd_peer_ipsec);
}

bool
bgpd_parse_rtr(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "descr", rtr_descr },
		{ "ipsec", rtr_ipsec },
		{ "local-address", rtr_local_address },
		{ "min-version", rtr_min_version },
		{ "port", rtr_port },
		{ "tcp", rtr_tcp },
	};
	struct config *c = p->config;
	struct conf_rtr rtr = { .port = RTR_PORT }, *slot;
	bool is_good;
	size_t i;

	if (!bgpd_addr(p, &rtr.addr))
		return false;
	p->rtr = &rtr;
	is_good = !bgpd_take_char(p, '{') ||
	    bgpd_block(p, rows, COUNT(rows), "an option of rtr");
	p->rtr = NULL;
	if (!is_good)
		return false;
	for (i = 0; i < c->n_rtrs; i++)
		if (addr_is_equal(&c->rtrs[i].addr, &rtr.addr) &&
		    c->rtrs[i].port == rtr.port)
			return bgpd_fail(p, "this rtr is there already");
	if (c->n_rtrs >= RTRS_MAX)
		return bgpd_fail(p, "too many rtr");
	slot = arena_append(c->arena, &c->rtrs, &c->n_rtrs, sizeof(*slot));
	*slot = rtr;
	return true;
}

/* rd asn:n or address:n, RFC 4364 4.2 */
static bool
vpn_rd(struct bgpd_parser *p)
{
	struct word w = {
		.at = p->token.text, .len = (uint32_t)strlen(p->token.text),
	};
	uint8_t bytes[SCALARS_RD_LEN];
	uint64_t rd = 0;
	size_t i;

	if (p->token.kind != LEX_STRING || !scalars_rd(&w, bytes))
		return bgpd_expected(p, "a route distinguisher");
	for (i = 0; i < sizeof(bytes); i++)
		rd = rd << 8 | bytes[i];
	p->vpn->rd = rd;
	bgpd_next(p);
	return true;
}

static bool
vpn_target(struct bgpd_parser *p, struct conf_community **list, size_t *n)
{
	struct conf_community one, *slot;

	if (!bgpd_community(p, COMMUNITY_EXTENDED, false, &one))
		return false;
	slot = arena_append(p->config->arena, list, n, sizeof(*slot));
	*slot = one;
	return true;
}

static bool
vpn_export(struct bgpd_parser *p)
{
	return vpn_target(p, &p->vpn->exports, &p->vpn->n_exports);
}

static bool
vpn_import(struct bgpd_parser *p)
{
	return vpn_target(p, &p->vpn->imports, &p->vpn->n_imports);
}

static bool
vpn_fib_update(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->vpn->fib_update);
}

static bool
vpn_network(struct bgpd_parser *p)
{
	return bgpd_network(p, &p->vpn->networks, &p->vpn->n_networks);
}

/* vpn "descr" on INTERFACE { } */
bool
bgpd_parse_vpn(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "export-target", vpn_export },
		{ "fib-update", vpn_fib_update },
		{ "import-target", vpn_import },
		{ "network", vpn_network },
		{ "rd", vpn_rd },
	};
	struct config *c = p->config;
	struct conf_vpn vpn = { .fib_update = true }, *slot;
	bool is_good;

	if (!bgpd_string(p, DESCR_MAX, "a description", &vpn.descr))
		return false;
	if (!bgpd_take(p, "on"))
		return bgpd_expected(p, "on");
	if (!bgpd_string(p, INTERFACE_MAX, "the name of an interface",
	    &vpn.interface))
		return false;
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	bgpd_warn(p, "vpn is not in effect yet");
	p->vpn = &vpn;
	is_good = bgpd_block(p, rows, COUNT(rows), "an option of a vpn");
	p->vpn = NULL;
	if (!is_good)
		return false;
	if (vpn.rd == 0)
		return bgpd_fail(p, "the vpn has no rd");
	slot = arena_append(c->arena, &c->vpns, &c->n_vpns, sizeof(*slot));
	*slot = vpn;
	return true;
}
