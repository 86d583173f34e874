/* SPDX-License-Identifier: ISC */
/* bgpd.conf: the capabilities of a neighbor, `announce ...`. */
#include "parent/conf_bgpd_peer.h"

#include "common/bgp.h"

#define EXTRA_PATHS_MAX	100

static struct conf_peer *
current(struct bgpd_parser *p)
{
	return p->peer->conf;
}

/* `none` takes back what was announced of the AFI so far. */
static void
drop_families(struct conf_peer *c, uint16_t afi)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_families; i++)
		if (c->families[i].afi != afi)
			c->families[n++] = c->families[i];
	c->n_families = n;
}

static bool
announce_inet(struct bgpd_parser *p, uint16_t afi)
{
	static const struct { const char *word; uint8_t safi; } words[] = {
		{ "unicast", SAFI_UNICAST }, { "vpn", SAFI_MPLS_VPN },
		{ "flowspec", SAFI_FLOW },
	};
	size_t i;

	if (bgpd_take(p, "none")) {
		drop_families(current(p), afi);
		p->peer->is_off[afi == AFI_IPV6] = true;
		return true;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!bgpd_take(p, words[i].word))
			continue;
		bgpd_peer_add_family(p, afi, words[i].safi,
		    bgpd_take(p, "enforce"));
		return true;
	}
	return bgpd_expected(p, "none, unicast, vpn or flowspec");
}

static bool
announce_ipv4(struct bgpd_parser *p)
{
	return announce_inet(p, AFI_IPV4);
}

static bool
announce_ipv6(struct bgpd_parser *p)
{
	return announce_inet(p, AFI_IPV6);
}

static bool
announce_evpn(struct bgpd_parser *p)
{
	bgpd_peer_add_family(p, AFI_L2VPN, SAFI_EVPN,
	    bgpd_take(p, "enforce"));
	return true;
}

/* send no | all | best|ecmp|as-wide-best [plus n] [max n] [enforce] */
static bool
announce_add_path_send(struct bgpd_parser *p)
{
	static const char *const words[] = {
		[ADD_PATH_SEND_NO] = "no", [ADD_PATH_SEND_ALL] = "all",
		[ADD_PATH_SEND_BEST] = "best", [ADD_PATH_SEND_ECMP] = "ecmp",
		[ADD_PATH_SEND_AS_WIDE] = "as-wide-best",
	};
	struct conf_peer *c = current(p);
	int64_t plus = 0, max = 0;
	unsigned mode;

	for (mode = 0; mode < 5; mode++)
		if (bgpd_take(p, words[mode]))
			break;
	if (mode == 5)
		return bgpd_expected(p,
		    "no, all, best, ecmp or as-wide-best");
	if (mode >= ADD_PATH_SEND_BEST && bgpd_take(p, "plus") &&
	    !bgpd_number(p, 1, EXTRA_PATHS_MAX, "extra paths", &plus))
		return false;
	if (mode >= ADD_PATH_SEND_ECMP && bgpd_take(p, "max") &&
	    !bgpd_number(p, 1, EXTRA_PATHS_MAX, "paths", &max))
		return false;
	c->add_path_send = (uint8_t)mode;
	c->add_path_plus = (uint8_t)plus;
	c->add_path_max = (uint8_t)max;
	c->add_path_send_enforce = mode != ADD_PATH_SEND_NO &&
	    bgpd_take(p, "enforce");
	return true;
}

static bool
announce_add_path(struct bgpd_parser *p)
{
	if (bgpd_take(p, "recv"))
		return bgpd_yesnoenf(p, &current(p)->add_path_receive);
	if (bgpd_take(p, "send"))
		return announce_add_path_send(p);
	return bgpd_expected(p, "recv or send");
}

static bool
announce_as_4byte(struct bgpd_parser *p)
{
	return bgpd_yesnoenf(p, &current(p)->as4);
}

static bool
announce_enhanced(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "refresh"))
		return bgpd_expected(p, "refresh");
	return bgpd_yesnoenf(p, &current(p)->enhanced_refresh);
}

static bool
announce_extended(struct bgpd_parser *p)
{
	if (bgpd_take(p, "message"))
		return bgpd_yesnoenf(p, &current(p)->extended_message);
	if (!bgpd_take(p, "nexthop"))
		return bgpd_expected(p, "message or nexthop");
	if (!bgpd_yesnoenf(p, &current(p)->extended_nexthop))
		return false;
	if (current(p)->extended_nexthop != CONF_NO && p->config->fib_update)
		return bgpd_fail(p,
		    "extended nexthop needs fib-update no before it");
	return true;
}

static bool
announce_graceful(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "notification"))
		return bgpd_expected(p, "notification");
	return bgpd_yesno(p, &current(p)->graceful_notification);
}

static bool
announce_policy(struct bgpd_parser *p)
{
	return bgpd_yesnoenf(p, &current(p)->policy);
}

static bool
announce_refresh(struct bgpd_parser *p)
{
	return bgpd_yesnoenf(p, &current(p)->refresh);
}

static bool
announce_restart(struct bgpd_parser *p)
{
	int64_t sec = 0;

	if (!bgpd_yesnoenf(p, &current(p)->graceful_restart))
		return false;
	/* Ours: RFC 9494, long-lived graceful restart. */
	if (bgpd_take(p, "llgr") &&
	    !bgpd_number(p, 1, 0xffffff, "llgr", &sec))
		return false;
	current(p)->llgr_sec = (uint32_t)sec;
	return true;
}

bool
bgpd_peer_announce(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "EVPN", announce_evpn },
		{ "IPv4", announce_ipv4 },
		{ "IPv6", announce_ipv6 },
		{ "add-path", announce_add_path },
		{ "as-4byte", announce_as_4byte },
		{ "enhanced", announce_enhanced },
		{ "extended", announce_extended },
		{ "graceful", announce_graceful },
		{ "inet", announce_ipv4 },
		{ "inet6", announce_ipv6 },
		{ "policy", announce_policy },
		{ "refresh", announce_refresh },
		{ "restart", announce_restart },
	};

	return bgpd_run(p, rows, sizeof(rows) / sizeof(rows[0]),
	    "a family or capability");
}
